"""The sentences of how things stand: error budgets, and who can be reached on which way.

Holds no wording itself, judges nothing, and knows nothing of the page's layout.
"""

from __future__ import annotations

from slawatch.budget import Budget, State
from slawatch.clock import MICROSECOND
from slawatch.report.offers import Cell
from slawatch.report.talk import Talk


class Standing(Talk):
    """The words of one language, put together for budgets and offers."""

    def budget(self, found: Budget) -> str:
        """Return in counts what is left of an error budget: "2 of 3 allowed misses used"."""
        if found.state is State.NONE:
            return self._no_budget(found)
        if found.over:
            sentence = self.say("budget.over", n=found.allowed, used=found.used)
        elif found.state is State.USED_UP:
            sentence = self.say("budget.used_up", n=found.allowed)
        else:
            sentence = self.say("budget.used", n=found.allowed, used=found.used)
        if found.state is State.WARNED and found.warned_at is not None:
            warned = self.say("budget.warned", share=self.percent(found.warned_at))
            sentence = self.say("say.with_more", sentence=sentence, more=warned)
        return sentence

    def offer(self, found: Cell, zone: str) -> str:
        """Return by whose word a way is offered or not, and what our own tries found; "" where nobody knows."""
        said = found.said
        if found.state is None:
            return ""
        last = "" if found.last is None else self.date(found.last, zone)
        if said is None or not (said.source or said.seen):
            parts = [] if found.found_dead else [self.say("offers.ours")]
        elif said.seen is None:
            parts = [said.source]
        elif said.source:
            parts = [self.say("offers.source", source=said.source, date=self.day(said.seen))]
        else:
            parts = [self.say("offers.seen", date=self.day(said.seen))]
        if found.found_dead:
            parts.append(self.say("offers.found_dead", n=found.tried, date=last))
        elif said is not None and found.found_open:
            was = self.say(f"offers.{said.state}")
            parts.append(self.say("offers.found_open", n=found.tried, reached=found.reached, said=was, date=last))
        return str(self.entry("say.also")).join(parts)

    def _no_budget(self, found: Budget) -> str:
        """Return why no miss is allowed, and how many there were all the same."""
        if not found.n:
            return self.say("budget.nothing")
        if found.first_miss_from is None:
            sentence = self.say("budget.never")
        else:
            sentence = self.say("budget.too_few", n=found.n, least=self.number(found.first_miss_from))
        if found.used:
            missed = self.say("budget.missed", n=found.used)
            sentence = self.say("say.with_more", sentence=sentence, more=missed)
        return sentence

    def budget_about(self, found: Budget, zone: str) -> str:
        """Return what a budget is counted over: how many requests, asked from when to when."""
        return self.say(
            "budget.about",
            requests=self.say("count.request", n=found.n),
            since=self.date(found.period.since, zone),
            until=self.date(found.period.until - MICROSECOND, zone),
        )
