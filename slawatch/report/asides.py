"""The sentences of what stands beside a report's figures: promises, service hours, letters that wait for review.

Holds no wording itself, judges nothing, and knows nothing of the page's layout.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR
from zoneinfo import ZoneInfo

from slawatch.clock import MICROSECOND
from slawatch.model import Objective, Pledge, PublishedPromise, Wait
from slawatch.objectives import Summary
from slawatch.report.book import Book, Entry, Published
from slawatch.report.words import Words

DAY_ENDS, MIDNIGHT = time(23, 59, 59), time(0)  # how letters and calendars end a day


class Asides(Words):
    """The words of one language, put together for what stands beside the figures."""

    def objective(self, found: Objective) -> str:
        """Return an objective in short: "90 % within 24 h"."""
        limit = self.limit(found.limit)
        if found.in_hours:
            limit = self.say("objective.in_hours", limit=limit)
        if found.at_least is None:
            return self.say("objective.mean", limit=limit)
        return self.say("objective.share", share=self.percent(found.at_least), limit=limit)

    def published_limit(self, said: PublishedPromise) -> str:
        """Return the time a company publicly names for its reply."""
        if said.within is not None:
            return self.limit(said.within)
        return self.say("promises.business_days", n=said.business_days or 0)

    def published(self, found: Published) -> str:
        """Return how many first responses kept what is said publicly, and what that allows to claim."""
        if found.low is None or found.high is None:
            return self.say("published.undecided", n=found.undecided)
        sentence = self.say(
            "published.measured_value",
            in_time=found.in_time,
            decided=found.decided,
            low=self.percent(found.low, rounding=ROUND_FLOOR),
            high=self.percent(found.high, rounding=ROUND_CEILING),
        )
        if not found.undecided:
            return sentence
        return self.say("say.with_more", sentence=sentence, more=self.say("published.more_open", n=found.undecided))

    def gap(self, found: Published, first: Summary) -> str:
        """Return what is said beside what was measured: the time named, the median and the mean."""
        if not first.n:
            return self.say("format.none")
        median = self.wait(first.followed, still=True) if first.median is None else self.about(first.median)
        mean = self.say("format.none") if first.restricted_mean is None else self.about(first.restricted_mean)
        if first.restricted_mean is not None and first.never:
            mean = self.say("format.at_least", value=mean)
        return self.say("published.gap_value", said=self.published_limit(found.promise), median=median, mean=mean)

    def source(self, said: PublishedPromise) -> str:
        """Return on which page it stood, and when somebody saw it there; "" where neither is known."""
        seen = "" if said.seen is None else self.say("published.seen", date=self.day(said.seen))
        return str(self.entry("format.list")).join(part for part in (said.source, seen) if part)

    def due(self, at: datetime, zone: str) -> str:
        """Return when something is due: the day alone where it is due by its end."""
        local = at.astimezone(ZoneInfo(zone))
        if local.time() in {DAY_ENDS, MIDNIGHT}:
            return self.date(at - MICROSECOND, zone)
        return self.minute(at, zone)

    def pledge(self, pledge: Pledge, zone: str) -> str:
        """Return what a promise is about, until when it held and what became of it."""
        return self.say(
            "promises.value",
            about=self.say(f"promises.about.{pledge.promise.about}"),
            due=self.due(pledge.due_at, zone),
            state=self.state(pledge),
        )

    def state(self, pledge: Pledge) -> str:
        """Return what became of a promise; of a broken one how much too late it came."""
        if pledge.decided_at is not None and pledge.decided_at > pledge.due_at:
            return self.say("promises.late", late=self.about(pledge.decided_at - pledge.due_at))
        return self.say(f"promises.state.{pledge.state}")

    def half(self, found: Summary) -> str:
        """Return the median of waits in service hours; in words where half of them passed while nobody was there."""
        if not found.n:
            return self.say("format.none")
        if found.median is None:
            return self.wait(found.followed, still=True) if found.followed else self.say("format.none")
        return self.about(found.median) if found.median else self.say("hours.while_closed")

    def in_hours(self, entry: Entry) -> str:
        """Return both waits of a request in service hours; "" where none are stated."""
        first, answer = entry.outcome.first_response_in_hours, entry.outcome.answer_in_hours
        if first is None or answer is None:
            return ""
        return self.say("hours.entry", first=self._in_hours(first), answer=self._in_hours(answer))

    def _in_hours(self, wait: Wait) -> str:
        if wait.ended and not wait.length:
            return self.say("hours.while_closed")
        return self.wait(wait.length, still=not wait.ended)

    def waiting(self, book: Book) -> str:
        """Return how many letters of the report wait for review, and why."""
        found = book.waiting
        why = (
            self.say(f"review.{key}", n=n)
            for key, n in (
                ("unknown", found.unknown),
                ("weak", found.weak),
                ("strangers", found.strangers),
                ("forged", found.forged),
            )
            if n
        )
        key = "review.counts" if book.material.past is None else "review.counts_past"  # where nobody can review them
        return self.say(key, n=found.total, why=str(self.entry("format.list")).join(why))

    def in_all(self, length: timedelta) -> str:
        """Return a time summed up, a dash for none."""
        return self.about(length) if length else self.say("format.none")
