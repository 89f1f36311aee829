"""Compares across: one question over several ways, prospects with customers, the language asked in with the answer's.

Counts what cases hold, each count with its interval; judges nothing and knows no words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from slawatch import statistics
from slawatch.compare import Direction, Estimate, direction
from slawatch.model import MessageKind, Origin, Verdict, Wait
from slawatch.report.change import apart
from slawatch.report.model import Case
from slawatch.report.when import Figure, curve_of
from slawatch.statistics import wilson

SEVERAL = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """So many `of` some, with the 95 % interval of the share (Wilson), None where there are none."""

    n: int
    of: int
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """How a company deals with what it is asked.

    `complete` are answers with every expected fact, of those of which facts are expected. Of the requests answered in
    the window, `handed_off` were only sent elsewhere and `refused` were turned away. Of the missed ones
    `missed_proven` are known to have reached the company.
    """

    complete: Counted
    handed_off: Counted
    refused: Counted
    missed_proven: Counted


@dataclass(frozen=True, slots=True, kw_only=True)
class OnWay:
    """One question to one company on one way: how many were answered, and half of them within `median` seconds.

    `median` is None where it was not reached within `followed`.
    """

    way: str
    answered: Counted
    pending: int
    median: float | None
    median_low: float | None
    median_high: float | None
    followed: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """The same question to the same company on several ways."""

    company: str
    probe: str
    ways: tuple[OnWay, ...]

    @property
    def answered_on(self) -> int:
        """Return on how many of the ways it was ever answered."""
        return sum(way.answered.n > 0 for way in self.ways)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consistency:
    """Of the questions put to a company on several ways: answered on all of them, on some, or on none."""

    company: str
    on_all: Counted
    on_some: int
    on_none: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Askers:
    """First responses to questions of customers and of anybody, on one way; `difference` is customers' minus others'.

    Shares within `limit`, restricted means in seconds without one.
    """

    channel: str
    limit: timedelta | None
    customers: Figure
    prospects: Figure
    difference: Estimate | None
    direction: Direction | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Languages:
    """In which languages one company answers what it is asked in `asked`.

    `same` counts answers in that language of those whose language is clear, `others` the other languages, `unclear`
    the answers whose language is not.
    """

    company: str
    asked: str
    same: Counted
    others: Mapping[str, int]
    unclear: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Across:
    """All comparisons across; each empty where there is nothing to compare."""

    questions: tuple[Question, ...] = ()
    consistency: tuple[Consistency, ...] = ()
    askers: tuple[Askers, ...] = ()
    languages: tuple[Languages, ...] = ()


def across(
    cases: Sequence[Case],
    names: Mapping[str, str],
    customers: Mapping[str, bool],
    limits: Mapping[str, tuple[timedelta | None, timedelta]],
) -> Across:
    """Return the comparisons; observed questions are not ours to compare.

    `names` orders companies, `customers` says of a probe whether only a customer can ask it; probes that are not in it
    stand on neither side. `limits` holds by way the objective's time, if any, and the window.
    """
    asked = [case for case in cases if case.request.origin is not Origin.OBSERVED and _counts(case)]
    questions = sorted(_questions(asked), key=lambda one: (names[one.company].casefold(), one.company, one.probe))
    return Across(
        questions=tuple(questions),
        consistency=tuple(_consistency(questions)),
        askers=tuple(_askers(asked, customers, limits)),
        languages=tuple(sorted(_languages(asked), key=lambda one: (names[one.company].casefold(), one.asked))),
    )


def counted(n: int, of: int) -> Counted:
    """Return a count with the interval of its share."""
    low, high = wilson(n / of, of) if of else (None, None)
    return Counted(n=n, of=of, low=low, high=high)


def handling(cases: Sequence[Case]) -> Handling:
    """Return how what was asked was dealt with."""
    outcomes = [case.outcome for case in cases]
    complete = sum(outcome.complete is True for outcome in outcomes)
    answered = [case for case in cases if case.outcome.verdict is Verdict.ANSWERED]
    missed = [outcome for outcome in outcomes if outcome.verdict is Verdict.MISSED]
    return Handling(
        complete=counted(complete, complete + sum(outcome.complete is False for outcome in outcomes)),
        handed_off=counted(sum(_only(case, MessageKind.HANDOFF) for case in answered), len(answered)),
        refused=counted(sum(_only(case, MessageKind.REFUSAL) for case in answered), len(answered)),
        missed_proven=counted(sum(outcome.proof == "proven" for outcome in missed), len(missed)),
    )


def _only(case: Case, kind: MessageKind) -> bool:
    """Whether a person wrote a message of that kind, and nobody answered."""
    if case.outcome.answer_reply_id is not None:
        return False
    return any(reply.kind is kind and reply.counts for reply in case.replies)


def _counts(case: Case) -> bool:
    return case.outcome.first_response is not None


def _wait(case: Case) -> Wait:
    wait = case.outcome.first_response
    if wait is None:
        raise ValueError(f'request "{case.request.public_id}" is void; leave it out')
    return wait


def _questions(cases: Iterable[Case]) -> Iterable[Question]:
    found: dict[tuple[str, str], dict[str, list[Case]]] = {}
    for case in cases:
        if case.request.text.probe:
            ways = found.setdefault((case.request.company, case.request.text.probe), {})
            ways.setdefault(case.request.way, []).append(case)
    for (company, probe), ways in found.items():
        if len(ways) >= SEVERAL:
            yield Question(
                company=company, probe=probe, ways=tuple(_on_way(way, inside) for way, inside in sorted(ways.items()))
            )


def _on_way(way: str, cases: Sequence[Case]) -> OnWay:
    pending = sum(case.outcome.verdict is Verdict.PENDING for case in cases)
    curve = curve_of([_wait(case) for case in cases])
    median = statistics.quantile(curve, 0.5)
    return OnWay(
        way=way,
        answered=counted(sum(case.outcome.verdict is Verdict.ANSWERED for case in cases), len(cases) - pending),
        pending=pending,
        median=median.value,
        median_low=median.low,
        median_high=median.high,
        followed=curve.followed,
    )


def _consistency(questions: Iterable[Question]) -> Iterable[Consistency]:
    """Count by company the questions whose fate is decided on every way."""
    by_company: dict[str, list[Question]] = {}
    for one in questions:
        if all(way.answered.of for way in one.ways):
            by_company.setdefault(one.company, []).append(one)
    for company, asked in by_company.items():
        on_all = sum(one.answered_on == len(one.ways) for one in asked)
        on_none = sum(one.answered_on == 0 for one in asked)
        yield Consistency(
            company=company,
            on_all=counted(on_all, len(asked)),
            on_some=len(asked) - on_all - on_none,
            on_none=on_none,
        )


def _askers(
    cases: Sequence[Case], customers: Mapping[str, bool], limits: Mapping[str, tuple[timedelta | None, timedelta]]
) -> Iterable[Askers]:
    for way in sorted({case.request.way for case in cases}):
        sides: dict[bool, list[Wait]] = {True: [], False: []}
        for case in cases:
            if case.request.way == way and case.request.text.probe in customers:
                sides[customers[case.request.text.probe]].append(_wait(case))
        if not sides[True] or not sides[False]:
            continue
        limit, window = limits[way]
        difference, (mine, others) = apart(
            sides[True], sides[False], limit=limit or window, window=window, is_time=limit is None
        )
        yield Askers(
            channel=way,
            limit=limit,
            customers=mine,
            prospects=others,
            difference=difference,
            direction=direction(difference, lower_is_better=limit is None) if difference else None,
        )


def _languages(cases: Iterable[Case]) -> Iterable[Languages]:
    found: dict[tuple[str, str], Counter[str]] = {}
    for case in cases:
        ended_by = case.outcome.answer_reply_id or case.outcome.first_reply_id
        if ended_by is not None and case.request.text.lang:
            key = (case.request.company, case.request.text.lang)
            found.setdefault(key, Counter())[case.langs.get(ended_by, "")] += 1
    for (company, asked), langs in found.items():
        unclear = langs.pop("", 0)
        same = langs.pop(asked, 0)
        yield Languages(
            company=company,
            asked=asked,
            same=counted(same, same + langs.total()),
            others=dict(langs.most_common()),
            unclear=unclear,
        )
