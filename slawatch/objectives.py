"""Whether a company met an objective: the period's plain result, and what 95 % certainty allows to claim.

Pure, over waits of one group; which requests form a group and which are void is decided before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from slawatch import statistics
from slawatch.model import Objective, ObjectiveKind, Proof, Result, Wait
from slawatch.statistics import Curve

_PROOF = {Result.MET: Proof.MET, Result.NOT_MET: Proof.NOT_MET, Result.NO_DATA: Proof.NOT_PROVEN}

# What the answered-within table always shows, as far as the window reaches (docs/explanation.md).
STEPS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(days=1),
    timedelta(days=2),
    timedelta(days=3),
    timedelta(days=5),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many waits ended within a limit, how many are known to exceed it, and how many may still do either."""

    in_time: int
    too_late: int
    undecided: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What is said of one objective.

    `value`, `low` and `high` are a share (0..1) or, for a mean, seconds; None where not sayable. `bounded` is True
    where nobody was followed far enough: `value` is None then and the truth lies somewhere from `low` to `high`.
    `more_needed` is how many further answers in time, without a miss between, would prove the objective met (0: it
    is); None for a mean, where 10 000 would not do, and where `bounded`: the open ones may settle it by themselves.
    `by_chance` is set where the interval lies below the objective and still proves nothing, for there are too few: how
    likely as few in time are for whoever just keeps it.
    """

    result: Result
    proof: Proof
    value: float | None
    low: float | None
    high: float | None
    n: int
    in_time: int
    too_late: int
    undecided: int
    more_needed: int | None
    bounded: bool
    by_chance: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """One line of the answered-within table: plain counts and the estimated share with its interval."""

    limit: timedelta
    answered: int
    undecided: int
    share: float | None
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One step of the curve for drawing: from `at` on this share still waits.

    `at_risk` still waited just before. The band is None where it has no value, at the start and at zero.
    """

    at: timedelta
    waiting: float
    low: float | None
    high: float | None
    at_risk: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What is shown of the waits of one group; shares 0..1, None where not reached or not sayable.

    A missing `median` or `p90` is more than `followed`, the longest that anybody was watched. `restricted_mean` is None
    where it is only known to lie between `restricted_mean_least` and `restricted_mean_most`. `straddling` counts waits
    whose margins leave open on which side of the limit they fall. `never` waited the whole window, `open` less so far.
    """

    n: int
    limit: timedelta
    window: timedelta
    share_within: float | None
    share_low: float | None
    share_high: float | None
    straddling: int
    median: timedelta | None
    median_low: timedelta | None
    median_high: timedelta | None
    p90: timedelta | None
    restricted_mean: timedelta | None
    restricted_mean_least: timedelta | None
    restricted_mean_most: timedelta | None
    restricted_mean_low: timedelta | None
    restricted_mean_high: timedelta | None
    mean_of_answered: timedelta | None
    followed: timedelta
    within: tuple[Within, ...]
    never: int
    open: int
    curve: tuple[Point, ...]


def in_time(wait: Wait, limit: timedelta) -> bool | None:
    """Whether a wait kept to the limit, None while it may still do either: Wait.within."""
    return wait.within(limit)


def straddles(wait: Wait, limit: timedelta) -> bool:
    """Whether the margins of a wait that counts on one side of the limit reach to the other."""
    if in_time(wait, limit) is None:
        return False
    may_be_in_time = wait.length - wait.shorter <= limit
    may_be_late = wait.length + wait.longer > limit or not wait.ended
    return may_be_in_time and may_be_late and bool(wait.shorter or wait.longer)


def count(waits: Sequence[Wait], limit: timedelta) -> Counts:
    """Return the plain counts at a limit."""
    sides = [in_time(wait, limit) for wait in waits]
    return Counts(in_time=sides.count(True), too_late=sides.count(False), undecided=sides.count(None))


def judge(objective: Objective, waits: Sequence[Wait], *, window: timedelta) -> Judgement:
    """Return result and proof of one objective over the waits of a group (void requests left out).

    The result of a share counts decided waits only. A mean is restricted to the window; it has a result where both
    its bounds lie on one side of the limit. A proof holds at 95 % (two-sided): it takes 35 answers of 35 in time to
    prove 90 %. That a share is not kept is proven only where, by the exact binomial tail too, at most 2.5 % of those
    who keep it look as bad (statistics.chance_of_so_few): two late of two for 90 %, not one of one.

    Raises:
        ValueError: an objective for a share without `at_least`, or a limit or window that is not positive.
    """
    if objective.limit <= timedelta(0) or window <= timedelta(0):
        raise ValueError(f'limit "{objective.limit}" and window "{window}" must both be more than nothing')
    if objective.kind is ObjectiveKind.MEAN:
        return _judge_mean(objective.limit.total_seconds(), waits, count(waits, objective.limit), window)
    if objective.at_least is None:
        raise ValueError("an objective for a share needs at_least, the share to reach")
    return _judge_share(objective.limit.total_seconds(), objective.at_least, waits, count(waits, objective.limit))


def summary(waits: Sequence[Wait], *, limit: timedelta, window: timedelta) -> Summary:
    """Return everything a report says of the waits of one group (void requests left out)."""
    curve = _curve(waits)
    share = statistics.share_within(curve, limit.total_seconds())
    median = statistics.quantile(curve, 0.5)
    mean = statistics.restricted_mean(curve, window.total_seconds())
    at_window = count(waits, window)
    return Summary(
        n=len(waits),
        limit=limit,
        window=window,
        share_within=share.value,
        share_low=share.low if waits else None,
        share_high=share.high if waits else None,
        straddling=sum(straddles(wait, limit) for wait in waits),
        median=_duration(median.value),
        median_low=_duration(median.low),
        median_high=_duration(median.high),
        p90=_duration(statistics.quantile(curve, 0.9).value),
        restricted_mean=_duration(mean.value if mean else None),
        restricted_mean_least=_duration(mean.least if mean else None),
        restricted_mean_most=_duration(mean.most if mean else None),
        restricted_mean_low=_duration(mean.low if mean else None),
        restricted_mean_high=_duration(mean.high if mean else None),
        mean_of_answered=_duration(statistics.mean_of_ended(curve)),
        followed=timedelta(seconds=curve.followed),
        within=_within(waits, curve, limit=limit, window=window) if waits else (),
        never=at_window.too_late,
        open=at_window.undecided,
        curve=_points(curve),
    )


def _judge_share(limit: float, at_least: float, waits: Sequence[Wait], counts: Counts) -> Judgement:
    """Judge "at least this share within the limit"."""
    curve = _curve(waits)
    share = statistics.share_within(curve, limit)
    decided = counts.in_time + counts.too_late
    nobody_followed = bool(waits) and share.value is None
    if not decided:
        result = Result.NO_DATA
    else:
        # 7 of 100 keeps 7 %, though 0.07 * 100 is a little more than 7.
        enough = counts.in_time >= at_least * decided - statistics.TOLERANCE
        result = Result.MET if enough else Result.NOT_MET
    proof, by_chance = Proof.NOT_PROVEN, None
    if waits and share.low >= at_least:
        proof = Proof.MET
    elif waits and share.high < at_least:
        # Of those still open within the limit only the quick have ended, so the decided ones flatter, if anything.
        chance = statistics.chance_of_so_few(counts.in_time, decided, at_least)
        if chance <= statistics.ONE_SIDED:
            proof = Proof.NOT_MET
        else:
            by_chance = chance
    return Judgement(
        result=result,
        proof=proof,
        value=share.value,
        low=share.low if waits else None,
        high=share.high if waits else None,
        n=len(waits),
        in_time=counts.in_time,
        too_late=counts.too_late,
        undecided=counts.undecided,
        more_needed=None if nobody_followed else statistics.more_for_share(curve, limit, at_least),
        bounded=nobody_followed,
        by_chance=by_chance,
    )


def _judge_mean(limit: float, waits: Sequence[Wait], counts: Counts, window: timedelta) -> Judgement:
    """Judge "the restricted mean is no more than the limit"."""
    mean = statistics.restricted_mean(_curve(waits), window.total_seconds())
    # A sum of areas carries float noise: waits of exactly the limit must keep it.
    limit *= 1 + statistics.TOLERANCE
    result = _side(mean.least, mean.most, limit) if mean else Result.NO_DATA
    claim = _side(mean.low, mean.high, limit) if mean else Result.NO_DATA
    return Judgement(
        result=result,
        proof=_PROOF[claim],
        value=mean.value if mean else None,
        low=mean.low if mean else None,
        high=mean.high if mean else None,
        n=len(waits),
        in_time=counts.in_time,
        too_late=counts.too_late,
        undecided=counts.undecided,
        more_needed=None,
        bounded=mean.bounded if mean else False,
    )


def _side(low: float | None, high: float | None, limit: float) -> Result:
    """Return on which side of the limit all from `low` to `high` lies; no data where on both, or where not sayable."""
    if low is None or high is None or low <= limit < high:
        return Result.NO_DATA
    return Result.MET if high <= limit else Result.NOT_MET


def _within(waits: Sequence[Wait], curve: Curve, *, limit: timedelta, window: timedelta) -> tuple[Within, ...]:
    """Return the answered-within table up to the window, the objective's limit among its lines."""
    lines = []
    for step in sorted({*(step for step in (*STEPS, limit) if step < window), window}):
        counts = count(waits, step)
        share = statistics.share_within(curve, step.total_seconds())
        lines.append(
            Within(
                limit=step,
                answered=counts.in_time,
                undecided=counts.undecided,
                share=share.value,
                low=share.low,
                high=share.high,
            )
        )
    return tuple(lines)


def _points(curve: Curve) -> tuple[Point, ...]:
    """Return the steps for drawing: the start, every length at which a wait ended, and the end of following."""
    if not curve.n:
        return ()
    low, high = statistics.band(curve)
    steps = [
        Point(
            at=timedelta(seconds=float(at)),
            waiting=float(waiting),
            low=None if np.isnan(below) else float(below),
            high=None if np.isnan(above) else float(above),
            at_risk=int(at_risk),
        )
        for at, waiting, below, above, at_risk in zip(
            curve.times, curve.survival, low, high, curve.at_risk, strict=True
        )
    ]
    start = Point(at=timedelta(0), waiting=1.0, low=None, high=None, at_risk=curve.n)
    last = steps[-1] if steps else start
    end = timedelta(seconds=curve.followed)
    if end > last.at:
        at_risk = int(np.count_nonzero(curve.lengths >= curve.followed))
        steps.append(Point(at=end, waiting=last.waiting, low=last.low, high=last.high, at_risk=at_risk))
    return (start, *steps)


def _curve(waits: Sequence[Wait]) -> Curve:
    """Return the Kaplan-Meier curve in seconds."""
    return statistics.kaplan_meier([wait.length.total_seconds() for wait in waits], [wait.ended for wait in waits])


def _duration(seconds: float | None) -> timedelta | None:
    """Return seconds as a duration; None stays None."""
    return None if seconds is None else timedelta(seconds=seconds)
