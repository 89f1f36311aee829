"""The sentences of a report: which words of reports/*.toml fit a finding, with its figures filled in.

Holds no wording itself, judges nothing, and knows nothing of the page's layout.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR

from slawatch import rules
from slawatch.model import Measure, MessageKind, Origin, Proof, Reason, Result, Standard, Wait
from slawatch.objectives import Summary
from slawatch.report.book import Book, Entry, Event, Group, Statement
from slawatch.report.draw import CurvePicture
from slawatch.report.model import CompanyView, Material, Said
from slawatch.report.standing import Standing
from slawatch.report.words import clean
from slawatch.statistics import MEAN_NEEDS


class Sentences(Standing):
    """The words of one language, put together for what a book holds."""

    def result(self, found: Statement) -> str:
        """Return the sentence of the period's plain result."""
        judged, objective = found.judgement, found.objective
        if not judged.n:
            return self.say("say.result.nothing")
        limit = self.limit(objective.limit)
        if objective.at_least is None:
            sentence = self._mean_result(found)
            return self._with_more(sentence, self.unended(found) if judged.value is None else "")
        if judged.in_time + judged.too_late == 0:
            return self.unended(found)
        sentence = self.say(
            f"say.result.{objective.measure}_share",
            in_time=judged.in_time,
            decided=judged.in_time + judged.too_late,
            limit=limit,
        )
        return self._with_more(sentence, self.unended(found, more=True))

    def _mean_result(self, found: Statement) -> str:
        """Return the mean or its bounds; marked as the least it can be where waits over the window went into it."""
        judged, limit = found.judgement, self.limit(found.objective.limit)
        key = f"say.result.{found.objective.measure}_mean"
        if judged.value is not None:
            value = self.about(judged.value, limit=found.objective.limit)
            if found.cut and found.whole_window is not None:
                window = self.limit(found.whole_window.limit)
                if judged.result is not Result.MET:
                    value = self.say("say.result.at_least", value=value)
                which = "some_cut" if found.whole_window.answered else "all_cut"
                value = self.say(f"say.result.{which}", value=value, n=found.cut, window=window)
            return self.say(key, value=value, limit=limit)
        if judged.low is not None and judged.high is not None:
            bounds = self.say("say.result.bounded", low=self.about(judged.low), high=self.about(judged.high, up=True))
            return self.say(key, value=bounds, limit=limit)
        return self.say("say.result.no_value", limit=limit)

    def unended(self, found: Statement, *, more: bool = False) -> str:
        """Return how many waits have not ended, and why; `more` where others were spoken of before. "" for none."""
        end = self.say(f"say.end.{found.objective.kind}")
        said: list[str] = []
        for why, n in (
            ("open", found.unended.open),
            ("asked_back", found.unended.asked_back),
            ("unwatched", found.unended.unwatched),
        ):
            if n:
                said.append(self.say(f"say.{'more' if more or said else 'only'}.{why}", n=n, end=end))
        return str(self.entry("say.also")).join(said)

    def _with_more(self, sentence: str, more: str) -> str:
        return self.say("say.with_more", sentence=sentence, more=more) if more else sentence

    def proof(self, found: Statement) -> str:
        """Return the sentence that says what the interval allows to claim, and how much more would settle it."""
        judged, objective = found.judgement, found.objective
        low, high = self.bounds(found)
        if not low and not high:
            return self.say("say.proof.not_proven_nothing")
        if objective.at_least is not None and judged.in_time + judged.too_late == 0:
            return self.say("say.proof.not_proven_undecided")
        if judged.by_chance is not None and objective.at_least is not None:
            chance, at_least = self.percent(judged.by_chance), self.percent(objective.at_least)
            return self.say("say.proof.by_chance", chance=chance, at_least=at_least)
        sentence = self.say(
            f"say.proof.{judged.proof}_{objective.kind}{'_cut' if self._ends_beyond(found) else ''}",
            low=low,
            high=high,
            limit=self.limit(objective.limit),
            at_least=self.percent(objective.at_least) if objective.at_least is not None else "",
        )
        more = ""
        if judged.proof is Proof.NOT_PROVEN and judged.more_needed:
            more = self.say("say.proof.more_needed", n=judged.more_needed)
        elif judged.bounded:
            more = self.say("say.proof.bounded", why=self.unended(found, more=objective.at_least is not None))
        elif judged.proof is Proof.MET and objective.at_least is None and found.whole_window is not None:
            more = self.say(
                "say.proof.whole_window",
                low=self.percent(found.whole_window.low, rounding=ROUND_FLOOR),
                window=self.limit(found.whole_window.limit),
            )
        return self._with_more(sentence, more)

    def bounds(self, found: Statement) -> tuple[str, str]:
        """Return the ends of the interval, rounded outwards, so that it never claims more than was found."""
        judged, at_least = found.judgement, found.objective.at_least
        if at_least is None:
            return (
                "" if judged.low is None else self.about(judged.low, limit=found.objective.limit),
                "" if judged.high is None else self.about(judged.high, up=True, limit=found.objective.limit),
            )
        return (
            "" if judged.low is None else self.percent(judged.low, rounding=ROUND_FLOOR, limit=at_least),
            "" if judged.high is None else self.percent(judged.high, rounding=ROUND_CEILING, limit=at_least),
        )

    def range(self, found: Statement) -> str:
        """Return the interval, a dash where it cannot be said."""
        low, high = self.bounds(found)
        if not low or not high:
            return self.say("format.none")
        if self._ends_beyond(found):
            return self.say("format.or_more", low=low)
        return self.say("format.range", low=low, high=high)

    @staticmethod
    def _ends_beyond(found: Statement) -> bool:
        """Whether a mean's interval ends only where the window does, while waits went into it that were longer."""
        if found.objective.at_least is not None or not found.cut or found.whole_window is None:
            return False
        high = found.judgement.high
        return high is not None and high >= found.whole_window.limit.total_seconds()

    def value(self, found: Statement) -> str:
        """Return the estimate of an objective's indicator; a mean is a lower bound where longer waits were cut."""
        judged = found.judgement
        if judged.value is None:
            return self.say("format.none")
        if found.objective.at_least is None:
            value = self.about(judged.value, limit=found.objective.limit)
            return self.say("format.at_least", value=value) if found.cut else value
        return self.percent(judged.value, limit=found.objective.at_least)

    def channel(self, channel: str, *, observed: bool) -> str:
        """Return a channel's name, marked where its questions were only observed."""
        name = self.named(channel)
        return self.say("board.observed_channel", channel=name) if observed else name

    def group(self, group: Group) -> str:
        """Return a group's way, with what only led there; marked where its questions were only observed."""
        name = self.way(group.channel, group.over)
        return self.say("board.observed_channel", channel=name) if group.observed else name

    def channels(self, book: Book) -> str:
        """Return the names of all channels of a book."""
        names = list(dict.fromkeys(self.channel(group.channel, observed=group.observed) for group in book.channels))
        return self.together(names)

    def whose(self, entry: Entry, book: Book) -> str:
        """Return a request's company, with its channel where the report has several."""
        if len(book.channels) < 2:  # noqa: PLR2004  several
            return entry.company.name
        observed = entry.request.origin is Origin.OBSERVED
        names = (entry.company.name, self.channel(entry.request.way, observed=observed))
        return str(self.entry("format.list")).join(names)

    def made_up(self, book: Book) -> str:
        """Return that all companies are made up, and how much of what they were asked comes from the seed."""
        seed = book.material.made_up_seed
        made_up = sum(entry.request.made_up for entry in book.entries)
        live = len(book.entries) - made_up
        if not live:
            return self.say("made_up.text", seed=seed)
        asked_live = self.say("made_up.live", n=live)
        if not made_up:
            return self.say("made_up.text_live", live=asked_live)
        return self.say("made_up.text_some", made_up=self.say("made_up.history", n=made_up, seed=seed), live=asked_live)

    def past(self, book: Book) -> str:
        """Return what a look back rests on: whose letters, how many of them, and that each counts as a question."""
        past = book.material.past
        if past is None:
            return ""
        return self.say(
            f"past.{'we_asked' if past.we_asked else 'they_asked'}",
            letters=self.say("count.letter", n=past.letters),
            sources=str(self.entry("format.list")).join(past.sources),
            requests=self.say("count.question", n=len(book.entries)),
        )

    def left_out(self, book: Book) -> list[str]:
        """Return a line for each reason why letters are no request of a look back, and for what was noted of others."""
        past = book.material.past
        if past is None:
            return []
        lots = (("left_out", past.left_out), ("noted", past.noted))
        return [self.say(f"past.{lot}.{key}", n=n) for lot, counts in lots for key, n in counts.items() if n]

    def relationship(self, company: CompanyView, book: Book) -> str:
        """Return what the company is to the one who asks; one of the practice range is nothing but made up."""
        if book.material.made_up_seed is not None:
            return self.say("relationship.made_up")
        if book.material.past is not None:
            return self.say("relationship.asked" if book.material.past.we_asked else "relationship.own_address")
        return self.say(f"relationship.{company.relationship}")

    def asked(self, book: Book) -> str:
        """Return from which day to which the requests were really asked, in the report's zone."""
        since, until = (self.date(moment, book.material.zone) for moment in book.asked)
        if since == until:
            return self.say("page.asked_on", since=since)
        return self.say("page.asked_between", since=since, until=until)

    def drawn(self, found: Statement) -> str:
        """Return in words what a row's drawing shows."""
        if not all(self.bounds(found)):
            return self.say("figures.drawn_nothing")
        return self.say(
            "figures.drawn",
            value=self.value(found),
            range=self.range(found),
            objective=self.objective(found.objective),
        )

    def whole_window(self, found: Statement) -> str:
        """Return how many were answered within the window at all, with the interval."""
        within = found.whole_window
        if within is None or within.share is None:
            return self.say("format.none")
        return self.say(
            "figures.with_range",
            value=self.percent(within.share),
            low=self.percent(within.low, rounding=ROUND_FLOOR),
            high=self.percent(within.high, rounding=ROUND_CEILING),
        )

    def reached(self, found: Summary, quantile: timedelta | None) -> str:
        """Return the time by which a share was reached, or how long it was looked for in vain."""
        if not found.n:
            return self.say("format.none")
        return self.wait(found.followed, still=True) if quantile is None else self.about(quantile)

    def mean(self, found: Summary) -> str:
        """Return the restricted mean, marked where longer waits were cut, or its bounds where it is not known."""
        least, most = found.restricted_mean_least, found.restricted_mean_most
        if found.restricted_mean is not None:
            value = self.about(found.restricted_mean)
            return self.say("format.at_least", value=value) if found.never else value
        if least is None or most is None:
            return self.say("format.none")
        return self.say("format.range", low=self.about(least), high=self.about(most, up=True))

    def not_within(self, groups: Iterable[Group]) -> str:
        """Return the head of the column of those who waited to the end of the window in vain."""
        windows = {group.window for group in groups}
        if len(windows) > 1:
            return self.say("within.not_in_window")
        return self.say("within.not_within", window=self.limit(windows.pop()))

    def never(self, group: Group, measure: Measure) -> str:
        """Return the share that waited to the end of the window in vain; a dash where nobody was watched so long."""
        last = group.within(measure, group.window)
        if not group.n or last is None or last.share is None:
            return self.say("format.none")
        return self.percent(max(0.0, 1 - last.share))

    def curve(self, group: Group, picture: CurvePicture) -> str:
        """Return in words what a picture of curves shows."""
        name = group.company.name if group.company else self.say("figures.together")
        left = self.left(picture, group)
        if picture.waiting_at_objective is None:
            return self.say("curves.drawn_plain", company=name, left=left)
        limit = group.limit(Measure.FIRST_RESPONSE) or group.window
        return self.say(
            "curves.drawn",
            company=name,
            waiting=self.percent(picture.waiting_at_objective),
            limit=self.limit(limit),
            left=left,
        )

    def left(self, picture: CurvePicture, group: Group) -> str:
        """Return how many had no first response within the window, or when last looked."""
        if not picture.left_waiting:
            end = self.about(group.first_response.curve[-1].at, up=True)
            if group.pending:
                return self.say("curves.everybody_so_far", end=end, n=group.pending)
            return self.say("curves.everybody", end=end)
        share = self.percent(picture.left_waiting)
        if not picture.closed:
            return self.say("curves.so_far", share=share, end=self.about(group.first_response.followed))
        sentence = self.say("curves.not_within", share=share, window=self.limit(group.window))
        return self._with_more(sentence, self.say("curves.open", n=group.pending) if group.pending else "")

    def void_share(self, book: Book) -> str:
        """Return how many requests stand outside the count."""
        void, all_of_them = len(book.void), len(book.entries)
        return self.say(
            "void.share",
            requests=self.say("count.request", n=all_of_them),
            void=void,
            share=self.percent(void / all_of_them),
        )

    def verdict(self, entry: Entry) -> str:
        """Return what became of a request."""
        return self.say("verdict.late" if entry.outcome.late else f"verdict.{entry.outcome.verdict}")

    def first_wait(self, entry: Entry) -> str:
        """Return the wait for the first response, a lower bound where it did not end; for a void request its reason."""
        outcome = entry.outcome
        if outcome.void_reason is not None:
            return self.say(f"void.{outcome.void_reason}")
        if outcome.late and entry.reached_after is not None:
            return self.wait(entry.reached_after)
        return self.length(outcome.first_response)

    def answer_wait(self, entry: Entry) -> str:
        """Return the wait for the answer; where the company asked back, up to its question."""
        wait = entry.outcome.answer
        if wait is not None and entry.asked_back:
            return self.say("requests.asked_back", wait=self.wait(wait.length))
        return self.length(wait)

    def length(self, wait: Wait | None) -> str:
        """Return a wait, marked where it had not ended."""
        return self.say("format.none") if wait is None else self.wait(wait.length, still=not wait.ended)

    def event(self, event: Event) -> str:
        """Return what happened."""
        if event.what in set(MessageKind):
            return self.say(f"kind.{event.what}")
        return self.say(f"event.{event.what}")

    def detail(self, event: Event) -> str:
        """Return what is known beside of what happened: whether delivery was proven, a subject, a server's words."""
        if event.what in {"accepted", "began"}:
            return self.say("event.accepted_detail", proof=self.say(f"delivered.{event.detail}"))
        return event.detail

    def because(self, reasons: Iterable[Reason]) -> str:
        """Return the rules that fired, with what they saw."""
        return self.say(
            "event.because", reasons=str(self.entry("format.list")).join(self.rule(reason) for reason in reasons)
        )

    def count(self, together: Group) -> str:
        """Return how many requests of a channel count and how many do not."""
        all_of_them = together.n + together.void_total
        return self.say(
            "method.count_value",
            channel=self.channel(together.channel, observed=together.observed),
            requests=self.say("count.request", n=all_of_them),
            n=together.n,
            void=together.void_total,
            share=self.percent(together.void_total / all_of_them),
        )

    def origins(self, channel: str, counts: Mapping[Origin, int]) -> str:
        """Return who asked the questions of a channel on which everybody can read along."""
        parts = (
            self.say(f"method.origin.{origin}", n=counts[origin])
            for origin in Origin
            if counts.get(origin) and self.has(f"method.origin.{origin}")
        )
        return self.say(
            "method.origins_value",
            channel=self.channel(channel, observed=False),
            parts=str(self.entry("format.list")).join(parts),
        )

    def redaction(self, material: Material) -> tuple[str, ...]:
        """Return by which rules texts were cut that the report shows, and what the publisher wanted besides."""
        own = material.redaction
        more = (("also", len(own.also)), ("kept", len(own.keep)))
        return (
            self.say("method.redaction_value", rules=rules.REDACT),
            *(self.say(f"method.redaction_{name}", n=number) for name, number in more if number),
        )

    def stated(self, one: Said, material: Material) -> str:
        """Return what a company states of its figures, or what was corrected for it."""
        known = material.companies.get(one.company)
        return self.say(
            f"method.said_{one.kind}",
            at=self.minute(one.at, material.zone),
            company=known.name if known else one.company,
            words=clean(one.words),
        )

    def asked_again(self, book: Book) -> str:
        """Return of how many silences on platforms it is known that they are not ours."""
        verified, unseen = book.asked_again
        return self.say("method.asked_again_value", n=verified, unseen=unseen)

    def canaries(self, material: Material) -> Iterator[str]:
        """Yield how letters to ourselves fared, and how many requests fell into a time in which none came back."""
        for one in material.canaries:
            letters = self.say("count.letter", n=one.sent)
            if one.floor is None or one.median is None or one.longest is None:
                yield self.say("method.canary_none", account=one.account, letters=letters)
            else:
                yield self.say(
                    "method.canary_value",
                    account=one.account,
                    back=one.back,
                    letters=letters,
                    floor=self.wait(one.floor),
                    median=self.wait(one.median),
                    longest=self.wait(one.longest),
                )
            for since, until in one.lost:
                asked = [case.request for case in material.cases if case.request.account == one.account]
                n = sum(since <= (each.accepted_at or each.intended_at) < (until or material.made_at) for each in asked)
                yield self.say(
                    "method.canary_lost" if material.cases else "method.canary_lost_wide",
                    account=one.account,
                    since=self.minute(since, material.zone),
                    until=self.minute(until, material.zone) if until else self.say("method.blind_open"),
                    requests=self.say("count.request", n=n),
                )

    def standard(self, channel: str, standard: Standard) -> str:
        """Return what companies are held to on a channel."""
        objectives = (
            self.say(
                "method.objective_value",
                measure=self.say(f"measure.{objective.measure}"),
                objective=self.objective(objective),
            )
            for objective in standard.objectives
        )
        return self.say(
            "method.window_value",
            channel=self.channel(channel, observed=False),
            objectives=str(self.entry("format.list")).join(objectives),
            window=self.limit(standard.window),
            late=self.limit(standard.late),
        )

    def definitions(self, book: Book) -> list[tuple[str, str]]:
        """Return what each word of the report means, with the numbers the figures really rest on.

        A word that is `of` chats, or of error budgets, is told only where there are any.
        """
        budgets = any(group.budgets for group in book.groups)
        told = {"", "chats" if book.chatted else "", "budgets" if budgets else ""}
        return [
            (str(one["term"]), str(one["text"]).format(mean_needs=self.number(MEAN_NEEDS)))
            for one in self.entry("method.definition")
            if one.get("of", "") in told
        ]
