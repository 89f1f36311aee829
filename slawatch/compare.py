"""Compares groups: places in a league with ties, differences and ratios with 95 % intervals, whether curves differ.

Pure numbers, like statistics.py; must not claim an order, a change or a ratio that its interval does not carry.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from statistics import NormalDist

import numpy as np

from slawatch.statistics import MEAN_NEEDS, Curve, Mean, Share, Z, restricted_mean, share_within

# Below this, on either side, nothing is compared. With two waits each, two in time against none would "prove" a
# difference that chance makes in one of eight cases (exact binomial, share .5). From 8 on chance does so in at most 8 %
# at the worst of all shares (8 and 8: 7.7 %, 13 and 13: 7.6 %, 40 and 40: 5.7 %) and in under 5 % on average.
NEEDS = MEAN_NEEDS


class Direction(StrEnum):
    """What a difference allows to claim."""

    BETTER = "better"
    WORSE = "worse"
    NOT_PROVEN = "not_proven"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The best and the worst place in a league of `of` that the intervals leave open."""

    best: int
    worst: int
    of: int

    @property
    def certain(self) -> bool:
        """Whether there is only one place it can have."""
        return self.best == self.worst


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A figure with its 95 % interval; `value` is None where only the bounds can be said."""

    value: float | None
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """A ratio with its 95 % interval; `high` is None where nothing bounds it from above."""

    value: float
    low: float
    high: float | None


def joint_z(groups: int) -> float:
    """Return how many standard errors an interval takes so that all of `groups` hold together with 95 %.

    Sidak's level for independent groups (JASA 62, 1967). Places drawn from such intervals hold for the whole league at
    once (Klein, Wright and Wieczorek, JRSS C 69, 2020); with each interval at 95 % by itself, the table as a whole is
    wrong far more often: simulated for 10 and 40 companies that are all alike, in benchmarks/coverage.py.
    """
    return NormalDist().inv_cdf((1 + 0.95 ** (1 / max(1, groups))) / 2)


def places(intervals: Sequence[tuple[float, float] | None], *, lower_is_better: bool = False) -> list[Place | None]:
    """Return the place of each row, given its interval; None for rows without one, which take no place from others.

    A row is certainly better than another only where their intervals do not touch. Its best place comes after all that
    are certainly better, its worst before all that are certainly worse; rows whose places overlap are tied.
    """
    rows = [(-one[1], -one[0]) if lower_is_better else one for one in intervals if one is not None]
    lows = np.sort(np.asarray([low for low, _ in rows], dtype=np.float64))
    highs = np.sort(np.asarray([high for _, high in rows], dtype=np.float64))
    found: list[Place | None] = []
    for one in intervals:
        if one is None:
            found.append(None)
            continue
        low, high = (-one[1], -one[0]) if lower_is_better else one
        better = len(rows) - int(np.searchsorted(lows, high, side="right"))
        worse = int(np.searchsorted(highs, low, side="left"))
        found.append(Place(best=1 + better, worst=len(rows) - worse, of=len(rows)))
    return found


def share_places(curves: Sequence[Curve], limit: float) -> list[Place | None]:
    """Return the place of each group by its share within a limit; None where fewer than `NEEDS` are decided.

    The intervals hold for the whole league at once. One quick answer of one would stand before forty silences: for a
    handful, Wilson's low end is too high.
    """
    said = [decided(curve, limit) >= NEEDS for curve in curves]
    z = joint_z(sum(said))
    shares = [share_within(curve, limit, z=z) if there else None for curve, there in zip(curves, said, strict=True)]
    return places([(share.low, share.high) if share else None for share in shares])


def mean_places(curves: Sequence[Curve], horizon: float) -> list[Place | None]:
    """Return the place of each group by its restricted mean, the shorter the better; None where an interval fails it.

    The intervals hold for the whole league at once, and allow for silences as `fair_means` does: without that, of
    leagues of five groups of 12 and five of 100 that are all alike, three in four were torn apart. Who is certainly
    better than one who is certainly better than a third is so too.
    """
    said = [index for index, curve in enumerate(curves) if curve.n >= NEEDS]
    z = joint_z(len(said))
    means = {index: restricted_mean(curves[index], horizon, z=z) for index in said}
    better = np.zeros((len(said), len(said)), dtype=np.bool_)
    for row, one in enumerate(said):
        for column, other in enumerate(said):
            mine, theirs = means[one], means[other]
            if row != column and mine is not None and theirs is not None:
                high, low = _fair(mine, curves[one], curves[other], horizon, z=z).high, theirs.low
                better[row, column] = high is not None and low is not None and high < low
    for via in range(len(said)):
        better |= np.outer(better[:, via], better[via])
    found: list[Place | None] = [None] * len(curves)
    for row, one in enumerate(said):
        ahead, behind = int(np.sum(better[:, row])), int(np.sum(better[row]))
        found[one] = Place(best=1 + ahead, worst=len(said) - behind, of=len(said))
    return found


def in_order(places: Sequence[Place | None], names: Sequence[str]) -> list[int]:
    """Return the rows' indexes by best place, worst place and name; those without a place come last."""

    def key(index: int) -> tuple[bool, int, int, str, int]:
        place = places[index]
        name = names[index].casefold()
        return (True, 0, 0, name, index) if place is None else (False, place.best, place.worst, name, index)

    return sorted(range(len(places)), key=key)


def share_of(curve: Curve, limit: float) -> Estimate | None:
    """Return the share within a limit; None where the fate at the limit of fewer than `NEEDS` is known."""
    if curve.n == 0 or decided(curve, limit) < NEEDS:
        return None
    share = share_within(curve, limit)
    return Estimate(value=share.value, low=share.low, high=share.high)


def mean_of(curve: Curve, horizon: float) -> Estimate | None:
    """Return the restricted mean; None where there are too few waits for an interval."""
    mean = restricted_mean(curve, horizon)
    return None if mean is None else estimate_of(mean)


def estimate_of(mean: Mean) -> Estimate | None:
    """Return a restricted mean as a figure, None where it has no interval."""
    if mean.low is None or mean.high is None:
        return None
    return Estimate(value=mean.value, low=mean.low, high=mean.high)


def share_difference(one: Share, other: Share) -> Estimate | None:
    """Return `one` - `other`, None where either has no value.

    Newcombe's hybrid score interval (Statistics in Medicine 17, 1998, 873-890, method 10) on KM-Wilson intervals; that
    intervals of any kind may be joined so is shown by Zou and Donner (Statistics in Medicine 27, 2008, 1693-1702).
    """
    if one.value is None or other.value is None:
        return None
    value = one.value - other.value
    low = value - math.hypot(one.value - one.low, other.high - other.value)
    high = value + math.hypot(one.high - one.value, other.value - other.low)
    return Estimate(value=value, low=max(-1.0, low), high=min(1.0, high))


def mean_difference(one: Mean, other: Mean) -> Estimate | None:
    """Return `one` - `other` for restricted means to the same horizon, None where either has no interval.

    Both intervals (statistics.restricted_mean, on Greenwood's variances) are joined as those of shares are, so the
    longer high end of skewed waits is kept. Where a mean is only bounded, both bounds are gone through.
    """
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return None
    low = one.least - other.most - math.hypot(one.least - one.low, other.high - other.most)
    high = one.most - other.least + math.hypot(one.high - one.most, other.least - other.low)
    value = None if one.bounded or other.bounded else one.least - other.least
    return Estimate(value=value, low=low, high=high)


def shares_apart(one: Curve, other: Curve, limit: float) -> Estimate | None:
    """Return by how much the shares within a limit differ; None where either side has too few (`NEEDS`)."""
    if min(decided(one, limit), decided(other, limit)) < NEEDS:
        return None
    return share_difference(share_within(one, limit), share_within(other, limit))


def means_apart(one: Curve, other: Curve, horizon: float) -> Estimate | None:
    """Return by how much the restricted means differ; None where either side has too few waits."""
    pair = fair_means(one, other, horizon)
    return None if pair is None else mean_difference(*pair)


def fair_means(one: Curve, other: Curve, horizon: float) -> tuple[Mean, Mean] | None:
    """Return both restricted means with intervals fit to be compared; None where either side has too few waits.

    The interval of a mean knows nothing of a rare silence that has not occurred. Twelve waits of which none was silent
    looked "proven" quicker than forty like them of which four were in 15 % of simulated pairs. So each high end allows
    for the silence of the other side, as far as its own waits do not speak against so much of it (Wilson's high end).
    """
    mine, theirs = restricted_mean(one, horizon), restricted_mean(other, horizon)
    if mine is None or theirs is None:
        return None
    return _fair(mine, one, other, horizon), _fair(theirs, other, one, horizon)


def _fair(mean: Mean, own: Curve, other: Curve, horizon: float, *, z: float = Z) -> Mean:
    if mean.high is None:
        return mean
    ended, others = share_within(own, horizon, z=z), share_within(other, horizon, z=z)
    silent = min(1 - ended.low, 1 - (others.low if others.value is None else others.value))
    return replace(mean, high=max(mean.high, mean.most * (1 - silent) + horizon * silent))


def direction(difference: Estimate, *, lower_is_better: bool = False) -> Direction:
    """Return what a difference proves of the first of the two."""
    low, high = (-difference.high, -difference.low) if lower_is_better else (difference.low, difference.high)
    if low > 0:
        return Direction.BETTER
    return Direction.WORSE if high < 0 else Direction.NOT_PROVEN


def ratio(one: Estimate, other: Estimate) -> Ratio | None:
    """Return `one` / `other` for figures that are not negative; None where either has no value or `other` is 0.

    The interval holds every ratio r for which one - r other, with the two intervals joined as in a difference, may be
    0 (Donner and Zou, Statistical Methods in Medical Research 21, 2012, 347-359). It has no high end where `other` may
    be 0.
    """
    if one.value is None or not other.value:
        return None
    product = one.value * other.value
    # theta^2 - (theta - bound)^2, the parts of the quadratic equation in r.
    one_low, one_high = one.low * (2 * one.value - one.low), one.high * (2 * one.value - one.high)
    other_low, other_high = other.low * (2 * other.value - other.low), other.high * (2 * other.value - other.high)
    below = product + math.sqrt(max(0.0, product**2 - one_low * other_high))
    high = None
    if other.low > 0:
        high = (product + math.sqrt(max(0.0, product**2 - one_high * other_low))) / other_low
    return Ratio(value=one.value / other.value, low=one_low / below if below else 0.0, high=high)


def log_rank(one: Curve, other: Curve) -> float | None:
    """Return how likely curves at least so different are where both wait alike: the log-rank test's two-sided p.

    Mantel's (Cancer Chemotherapy Reports 50, 1966). None where nothing ended while both were watched.
    """
    times = np.union1d(one.times, other.times)
    at_risk = [len(curve.lengths) - np.searchsorted(curve.lengths, times, side="left") for curve in (one, other)]
    events = [_events_at(curve, times) for curve in (one, other)]
    n, d = (np.asarray(sum(both), dtype=np.float64) for both in (at_risk, events))
    both_watched = (at_risk[0] > 0) & (at_risk[1] > 0) & (n > 1)
    part = at_risk[0][both_watched] / n[both_watched]
    n, d = n[both_watched], d[both_watched]
    variance = float(np.sum(d * part * (1 - part) * (n - d) / (n - 1)))
    if variance <= 0:
        return None
    surplus = float(np.sum(events[0][both_watched] - d * part))
    return math.erfc(abs(surplus) / math.sqrt(2 * variance))


def _events_at(
    curve: Curve, times: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return how many stopped waiting at each of the times."""
    found = np.zeros(len(times), dtype=np.int64)
    found[np.searchsorted(times, curve.times)] = curve.events
    return found


def decided(curve: Curve, limit: float) -> int:
    """Return of how many waits it is known whether they ended within the limit."""
    return int(np.sum(curve.events[curve.times <= limit])) + curve.still_waiting(limit)
