"""Whether each of very many groups met an objective: what objectives.judge says of one, for all at once.

Pure, over the figures of many.py; which requests form a group is decided before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from slawatch import many, statistics
from slawatch.many_values import Figures, Floats, Ints, Marks, Shares
from slawatch.model import Proof, Result

RESULTS = (Result.MET, Result.NOT_MET, Result.NO_DATA)
PROOFS = (Proof.MET, Proof.NOT_PROVEN, Proof.NOT_MET)
MET, NOT_MET, NO_DATA = range(3)
PROVEN_MET, NOT_PROVEN, PROVEN_NOT_MET = range(3)

Codes = NDArray[np.int8]


@dataclass(frozen=True, slots=True, eq=False)
class Judgements:
    """What is said of one objective, group by group: as objectives.Judgement, with NaN or -1 for None.

    `result` and `proof` are places in RESULTS and PROOFS.
    """

    result: Codes
    proof: Codes
    value: Floats
    low: Floats
    high: Floats
    n: Ints
    in_time: Ints
    too_late: Ints
    undecided: Ints
    more_needed: Ints
    by_chance: Floats


def judge_share(shares: Shares, n: Ints, at_least: float) -> Judgements:
    """Judge "at least this share within the limit" for each group; the shares are those within that limit."""
    some, decided = n > 0, shares.in_time + shares.too_late
    enough = shares.in_time >= at_least * decided - statistics.TOLERANCE
    result = np.where(decided == 0, NO_DATA, np.where(enough, MET, NOT_MET)).astype(np.int8)
    proof = np.full(len(n), NOT_PROVEN, np.int8)
    proof[some & (shares.low >= at_least)] = PROVEN_MET
    below = np.flatnonzero(some & (shares.high < at_least))
    chance = _chances(shares.in_time[below], decided[below], at_least)
    surely = chance <= statistics.ONE_SIDED
    proof[below[surely]] = PROVEN_NOT_MET
    by_chance = np.full(len(n), np.nan)
    by_chance[below[~surely]] = chance[~surely]
    more = many.more_for_share(shares, n, np.full(len(n), at_least))
    return Judgements(
        result=result,
        proof=proof,
        value=shares.value,
        low=np.where(some, shares.low, np.nan),
        high=np.where(some, shares.high, np.nan),
        n=n,
        in_time=shares.in_time,
        too_late=shares.too_late,
        undecided=shares.undecided,
        more_needed=np.where(some & np.isnan(shares.value), -1, more),
        by_chance=by_chance,
    )


def judge_mean(figures: Figures, shares: Shares, limit: float) -> Judgements:
    """Judge "the restricted mean is no more than the limit" (seconds); the shares are those within that limit."""
    held = limit * (1 + statistics.TOLERANCE)
    result = _side(figures.least, figures.most, held)
    claim = _side(figures.mean_low, figures.mean_high, held)
    proof = np.array([PROVEN_MET, PROVEN_NOT_MET, NOT_PROVEN], np.int8)[claim]
    return Judgements(
        result=result,
        proof=proof,
        value=np.where(figures.bounded, np.nan, figures.least),
        low=figures.mean_low,
        high=figures.mean_high,
        n=figures.n,
        in_time=shares.in_time,
        too_late=shares.too_late,
        undecided=shares.undecided,
        more_needed=np.full(len(figures.n), -1),
        by_chance=np.full(len(figures.n), np.nan),
    )


def _side(low: Floats, high: Floats, limit: float) -> Codes:
    """Return on which side of the limit all from `low` to `high` lies; no data where on both, or where not sayable."""
    sayable: Marks = ~(np.isnan(low) | np.isnan(high)) & ~((low <= limit) & (limit < high))
    return np.where(sayable, np.where(high <= limit, MET, NOT_MET), NO_DATA).astype(np.int8)


def _chances(in_time: Ints, decided: Ints, at_least: float) -> Floats:
    """Return statistics.chance_of_so_few of each, or no more than is small enough, worked out once for those alike."""
    # Hoeffding's bound (JASA 58, 1963) settles most: where it is small enough the chance is, too, and is not shown.
    gap = np.maximum(0.0, at_least - in_time / np.maximum(decided, 1))
    chances: Floats = np.exp(-2 * decided * gap**2)
    unsure = np.flatnonzero(chances > statistics.ONE_SIDED)
    known: dict[tuple[int, int], float] = {}
    for place, few, n in zip(unsure.tolist(), in_time[unsure].tolist(), decided[unsure].tolist(), strict=True):
        if (few, n) not in known:
            known[few, n] = statistics.chance_of_so_few(few, n, at_least)
        chances[place] = known[few, n]
    return chances
