"""Survival statistics for waits that may not have ended: Kaplan-Meier, shares, quantiles and means with 95 % intervals.

Pure numbers in one unit of the caller's choice; knows no companies, no objectives and no wording.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Marks = NDArray[np.bool_]

Z = NormalDist().inv_cdf(0.975)  # two-sided 95 %

# S <= 1 - q with the float noise of a product: at 1e-12, 1 335 of 10 000 simulated groups moved their median.
TOLERANCE = 1e-9

# What a claim may err on one side: the interval's two sides together make 5 %.
ONE_SIDED = 0.025

# Below this no interval of a mean is given: two waits of 10 and 11 minutes would "prove" a mean under half an hour.
MEAN_NEEDS = 8


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """The Kaplan-Meier estimate of the share still waiting, as a step function.

    One entry for each distinct length at which a wait ended: `survival` holds from `times[i]` up to the next,
    `at_risk` counts who still waited just before, `events` who stopped waiting, `greenwood` is the running sum of d /
    (n (n - d)), infinite from where nobody was left. `lengths` and `ended` hold every wait, the shortest first. At
    equal length an open wait counts as the longer one, for it is still growing.
    """

    times: Floats
    survival: Floats
    at_risk: Ints
    events: Ints
    greenwood: Floats
    lengths: Floats
    ended: Marks

    @property
    def n(self) -> int:
        """How many waits there are, ended or not."""
        return len(self.lengths)

    @property
    def followed(self) -> float:
        """How long somebody was watched; the curve says nothing beyond, unless it has reached zero."""
        return float(self.lengths[-1]) if self.n else 0.0

    @property
    def complete(self) -> bool:
        """Whether the curve has reached zero, so that it is known for every length."""
        return len(self.survival) > 0 and self.survival[-1] == 0.0

    def knows(self, length: float) -> bool:
        """Whether the estimate reaches as far as `length`."""
        return self.complete or (self.n > 0 and self.followed >= length)

    def still_waiting(self, length: float) -> int:
        """Return how many are known to have waited longer than `length`; open waits of that very length have."""
        longer = self.n - int(np.searchsorted(self.lengths, length, side="right"))
        first, last = np.searchsorted(self.lengths, length, side="left"), self.n - longer
        return longer + int(np.count_nonzero(~self.ended[first:last]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A share with its 95 % interval. `value` is None where nobody was followed that far; `high` is 1 then."""

    value: float | None
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantile:
    """A length within which a given share stopped waiting, each None where the waits do not reach it."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mean:
    """A mean restricted to a horizon, between `least` and `most` where following stopped earlier.

    `low` and `high` hold the 95 % interval around both; None where there are too few waits for one (`MEAN_NEEDS`).
    """

    least: float
    most: float
    low: float | None
    high: float | None

    @property
    def bounded(self) -> bool:
        """Whether the mean is only known to lie between two bounds."""
        return self.least < self.most

    @property
    def value(self) -> float | None:
        """The mean, None where it is only bounded."""
        return None if self.bounded else self.least


def kaplan_meier(lengths: ArrayLike, ended: ArrayLike) -> Curve:
    """Return the product-limit estimate (Kaplan and Meier, JASA 53, 1958) with Greenwood's sum (1926).

    Raises:
        ValueError: a length is negative or no number, or the two differ in size.
    """
    length = np.asarray(lengths, dtype=np.float64).reshape(-1)
    end = np.asarray(ended, dtype=np.bool_).reshape(-1)
    if len(length) != len(end):
        raise ValueError(f'"{len(length)}" lengths but "{len(end)}" marks of an end; give one for each')
    if not np.all(np.isfinite(length) & (length >= 0)):
        raise ValueError("a length is negative or no number; clip or leave out before")
    order = np.argsort(length, kind="stable")
    length, end = length[order], end[order]

    times, events = np.unique(length[end], return_counts=True)
    at_risk = len(length) - np.searchsorted(length, times, side="left")
    left = at_risk - events
    with np.errstate(divide="ignore"):
        terms = events / (at_risk * left.astype(np.float64))
    return Curve(
        times=times,
        survival=np.cumprod(left / at_risk, dtype=np.float64),
        at_risk=at_risk.astype(np.int64),
        events=events.astype(np.int64),
        greenwood=np.cumsum(terms),
        lengths=length,
        ended=end,
    )


def wilson(share: float, n: float, *, z: float = Z) -> tuple[float, float]:
    """Return Wilson's interval (JASA 22, 1927) of a share among `n`, whole or not; 0 to 1 where n is 0."""
    if n <= 0:
        return 0.0, 1.0
    weight = z * z / n
    middle = (share + weight / 2) / (1 + weight)
    half = z * math.sqrt(share * (1 - share) / n + weight / (4 * n)) / (1 + weight)
    return max(0.0, middle - half), min(1.0, middle + half)


def share_within(curve: Curve, limit: float, *, z: float = Z) -> Share:
    """Return the share that stopped waiting within `limit` (at it included), with the KM-Wilson interval.

    Wilson's formula on 1 - S with the effective number (1 - S) / (S V), V being Greenwood's sum; where S is 0 or 1,
    the number still waiting plus the number that stopped. With nothing censored before the limit it is Wilson's own
    interval. Of the intervals compared over 36 cells of n, share and censoring it kept the 95 % best (.877 to .977,
    40 000 simulated groups each); log-log is undefined for up to two thirds of small groups. Where nobody was
    followed to the limit, the share is at least what was reached.
    """
    survival, greenwood = _at(curve, limit)
    stopped = int(np.sum(curve.events[curve.times <= limit]))
    effective = _effective(survival, greenwood, stopped + curve.still_waiting(limit))
    low, high = wilson(1 - survival, effective, z=z)
    if not curve.knows(limit):
        return Share(value=None, low=low, high=1.0)
    return Share(value=1 - survival, low=low, high=high)


def more_for_share(curve: Curve, limit: float, at_least: float, *, most: int = 10_000) -> int | None:
    """Return how many more waits, all ended within `limit`, lift the low end of the share to `at_least`.

    0 where it is there, None where more than `most` would be needed. Counts them as ended at once, which is the
    cautious choice: a later end would also speak for the waits that are censored before it.
    """
    survival, greenwood = _at(curve, limit)
    certain = int(np.sum(curve.events[curve.times <= limit])) + curve.still_waiting(limit)

    def enough(more: int) -> bool:
        n = curve.n + more
        if n == 0:
            return at_least <= 0
        then = survival * curve.n / n
        sum_then = greenwood + more / (curve.n * n) if curve.n else math.inf
        return wilson(1 - then, _effective(then, sum_then, certain + more))[0] >= at_least

    if not enough(most):
        return None
    too_few, many = -1, most
    while many - too_few > 1:
        middle = (too_few + many) // 2
        too_few, many = (too_few, middle) if enough(middle) else (middle, many)
    return many


def band(curve: Curve) -> tuple[Floats, Floats]:
    """Return the pointwise 95 % log-log band of the survival at `curve.times`: for drawing and for quantiles.

    NaN where the survival is 0: the transformation has no value there.
    """
    inside = (curve.survival > 0) & (curve.survival < 1)
    survival = np.where(inside, curve.survival, 0.5)
    spread = Z * np.sqrt(np.where(inside, curve.greenwood, 0.0)) / np.log(survival)
    low, high = survival ** np.exp(-spread), survival ** np.exp(spread)
    return np.where(inside, low, np.nan), np.where(inside, high, np.nan)


def quantile(curve: Curve, share: float) -> Quantile:
    """Return the first length within which `share` stopped waiting.

    The interval is Brookmeyer and Crowley's (Biometrics 38, 1982) on the log-log band. Where the survival equals 1 -
    share over a stretch, its beginning counts (R's survfit takes the middle).

    Raises:
        ValueError: the share is not between 0 and 1.
    """
    if not 0 < share < 1:
        raise ValueError(f'"{share}" is no share between 0 and 1')
    low, high = band(curve)
    return Quantile(
        value=_first_at_most(curve, curve.survival, 1 - share),
        low=_first_at_most(curve, low, 1 - share),
        high=_first_at_most(curve, high, 1 - share),
    )


def restricted_mean(curve: Curve, horizon: float, *, z: float = Z) -> Mean | None:
    """Return the mean of min(wait, horizon): the area under the curve; None without any wait.

    The interval is Student's on Greenwood's variance times n / (n - 1), so that with nothing censored its low end is
    that of the ordinary t interval. Waits are skewed, so the high end is taken on the log scale, which there lies
    further out: each end is the more cautious of the two. Where nobody was followed to the horizon, the curve beyond
    lies between nothing and flat: both areas are given instead of a guess.

    Simulated on 2026-11-22 (96 cells: n 5 to 100, log-normal waits, 0 to 30 % silent or censored; 1 500 groups each),
    the low end lay above the true mean in at most 2.7 % of groups. The high end answers only for waits like those
    seen; a rare silence is not in it unless one occurred: with 2 % silent and n = 40 it lay below the true mean in 44
    %. A report therefore shows beside every mean the share within the whole window with its interval.

    Raises:
        ValueError: the horizon is not positive.
    """
    if horizon <= 0:
        raise ValueError(f'"{horizon}" is no horizon; it must be more than 0')
    if not curve.n:
        return None
    reach = horizon if curve.knows(horizon) else curve.followed
    least, least_variance = _area(curve, reach)
    most, most_variance = _area(curve, horizon)
    if curve.n < MEAN_NEEDS:
        return Mean(least=least, most=most, low=None, high=None)
    factor = student(curve.n - 1, z=z) * math.sqrt(curve.n / (curve.n - 1))
    low = max(0.0, least - factor * math.sqrt(least_variance))
    high = min(horizon, most * math.exp(factor * math.sqrt(most_variance) / most)) if most else 0.0
    if not np.any(curve.times < reach):
        # Nothing ended, so nothing varies; yet the share that waits so long is known to Wilson's low end only.
        low = reach * wilson(1.0, curve.still_waiting(reach), z=z)[0]
    return Mean(least=least, most=most, low=low, high=high)


def chance_of_so_few(successes: int, n: int, share: float) -> float:
    """Return how likely no more than so many of n are when each is one with the chance `share`: the binomial's tail.

    Wilson's interval holds on average over both sides; close to a share of 1 and for a handful of waits its upper end
    is too low on its own: one late of one gives "at most 79 %", though who is late once in ten looks so once in ten.
    """
    if share >= 1:
        return 1.0 if successes >= n else 0.0
    if share <= 0:
        return 1.0
    k = np.arange(min(successes, n) + 1, dtype=np.float64)
    steps = np.log((n - k[:-1]) / (k[:-1] + 1)) + math.log(share) - math.log1p(-share)
    return float(min(1.0, np.sum(np.exp(n * math.log1p(-share) + np.concatenate(([0.0], np.cumsum(steps)))))))


def mean_of_ended(curve: Curve) -> float | None:
    """Return the plain mean of the waits that ended, None where none did. It flatters: the long ones have not ended."""
    return float(np.mean(curve.lengths[curve.ended])) if np.any(curve.ended) else None


def student(freedom: int, *, z: float = Z) -> float:
    """Return the quantile of Student's t that is `z` for a normal one; within 5e-5 for 97.5 % from 7 degrees on.

    Cornish and Fisher's expansion (Abramowitz and Stegun, 26.7.5), so that no library of 0.8 s start-up is needed. At
    7 degrees and z = 3.6 it is 0.2 % too small.
    """
    return (
        z
        + (z**3 + z) / (4 * freedom)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * freedom**3)
        + (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / (92160 * freedom**4)
    )


def _at(curve: Curve, length: float) -> tuple[float, float]:
    """Return survival and Greenwood's sum at `length`."""
    step = int(np.searchsorted(curve.times, length, side="right")) - 1
    if step < 0:
        return 1.0, 0.0
    return float(curve.survival[step]), float(curve.greenwood[step])


def _effective(survival: float, greenwood: float, certain: float) -> float:
    """Return the number of uncensored waits that would tell as much; `certain` where the formula has no value."""
    if 0 < survival < 1:
        return (1 - survival) / (survival * greenwood)
    return certain


def _first_at_most(curve: Curve, values: Floats, level: float) -> float | None:
    """Return the first time at which `values` is no more than `level`; NaN never is."""
    below = np.flatnonzero(values <= level + TOLERANCE)
    return float(curve.times[below[0]]) if len(below) else None


def _area(curve: Curve, to: float) -> tuple[float, float]:
    """Return the area under the curve up to `to`, held flat after its last step, and Greenwood's variance of it."""
    steps = int(np.searchsorted(curve.times, to, side="left"))
    edges = np.concatenate(([0.0], curve.times[:steps], [to]))
    pieces = np.concatenate(([1.0], curve.survival[:steps])) * np.diff(edges)
    beyond = np.cumsum(pieces[:0:-1])[::-1]
    n, d = curve.at_risk[:steps].astype(np.float64), curve.events[:steps]
    # Where everybody left stopped, nothing lies beyond and the term is 0 * inf.
    some_left = n > d
    variance = np.sum(beyond[some_left] ** 2 * d[some_left] / (n[some_left] * (n - d)[some_left]))
    return float(np.sum(pieces)), float(variance)
