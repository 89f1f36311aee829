"""The figures of very many groups of waits in one pass over sorted keys: of all what statistics.py says of one.

Pure numbers, one 64-bit key a wait; it judges nothing, and knows no companies and no wording.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from slawatch import many_large
from slawatch.many_values import MICROS, Figures, Floats, Ints, Keys, Marks, Shares, effective, student, wilson
from slawatch.statistics import MEAN_NEEDS, TOLERANCE, Z

BLOCK = 1 << 15  # rows at a time: what is made of them stays in the processor's cache, and in a few megabytes
LARGE = 4  # blocks: a single group beyond that is gone through piece by piece, so that memory stays bounded
BITS = 63  # of a key that stays positive
MORE_MOST = 10_000  # statistics.more_for_share


def pack(group: NDArray[np.integer], length: Ints, still_open: Marks, *, groups: int, longest: int) -> Keys:
    """Return the waits as sorted keys. `length` is in microseconds; none of them, and no limit, exceeds `longest`.

    Raises:
        ValueError: group and length do not fit into one key, or a length is negative.
    """
    shift = int(longest).bit_length() + 1
    if shift + max(groups - 1, 0).bit_length() > BITS:
        raise ValueError(f'"{groups}" groups of waits up to "{longest}" microseconds do not fit into one key')
    if len(length) and (int(length.min()) < 0 or int(length.max()) > longest):
        raise ValueError(f'a length lies outside of 0 to "{longest}" microseconds')
    keys = group.astype(np.int64)
    keys <<= shift
    keys |= length << 1
    keys |= still_open
    return in_order(keys, shift, groups=groups)


def in_order(keys: Ints, shift: int, *, groups: int) -> Keys:
    """Return keys as `pack` makes them, sorted in place."""
    keys.sort()
    return Keys(keys, shift, np.searchsorted(keys, np.arange(groups + 1, dtype=np.int64) << shift))


def regrouped(waits: Keys, into: Ints, *, groups: int) -> Keys:
    """Return the same waits in other groups: `into` says for each group which it joins, `groups` for none.

    Works in place: the waits that are handed over hold nothing any more.
    """
    keys = waits.keys
    for group, (first, last) in enumerate(zip(waits.bounds.tolist(), waits.bounds[1:].tolist(), strict=False)):
        keys[first:last] += (int(into[group]) - group) << waits.shift
    return in_order(keys, waits.shift, groups=groups)


def figures(waits: Keys, *, window: Ints, limits: tuple[Ints, ...]) -> Figures:
    """Return the figures of every group; `window` and each of `limits` hold a group's own, in microseconds."""
    groups = waits.groups
    made = _empty(groups, len(limits))
    for first, last in _blocks(waits.bounds):
        if waits.bounds[last] - waits.bounds[first] > LARGE * BLOCK:
            many_large.fill(waits, first, window, limits, made, rows=BLOCK)
        else:
            _one_block(waits, first, last, window, limits, made)
    return made


def interval(shares: Shares, z: float) -> tuple[Floats, Floats]:
    """Return the shares' intervals at another level, as statistics.share_within gives them."""
    low, high = wilson(1 - shares.survival, effective(shares.survival, shares.greenwood, shares.certain), z=z)
    return low, np.where(np.isnan(shares.value), 1.0, high)


def more_for_share(shares: Shares, n: Ints, at_least: Floats) -> Ints:
    """Return statistics.more_for_share for each group, -1 for None."""
    number = n.astype(np.float64)

    def enough(more: Ints) -> Marks:
        together = number + more
        with np.errstate(divide="ignore", invalid="ignore"):
            then = np.where(n > 0, shares.survival * number / together, 0.0)
            summed = np.where(n > 0, shares.greenwood + more / (number * together), np.inf)
        low, _ = wilson(1 - then, effective(then, summed, shares.certain + more))
        return np.where(together > 0, low >= at_least, at_least <= 0)

    reachable = enough(np.full_like(n, MORE_MOST))
    too_few, many = np.full_like(n, -1), np.full_like(n, MORE_MOST)
    while np.any(many - too_few > 1):
        middle = (too_few + many) // 2
        yes = enough(middle)
        # Where the two have met already, the middle is `too_few` itself, and may be -1: nothing is to be moved there.
        unmet = many - too_few > 1
        many = np.where(unmet & yes, middle, many)
        too_few = np.where(unmet & ~yes, middle, too_few)
    return np.where(reachable, many, -1)


def _empty(groups: int, limits: int) -> Figures:
    """Return what is said of groups without any wait."""

    def unknown() -> Floats:
        return np.full(groups, np.nan)

    def none() -> Ints:
        return np.zeros(groups, np.int64)

    return Figures(
        n=none(),
        ended=none(),
        followed=np.zeros(groups),
        shares=tuple(
            Shares(
                value=unknown(),
                low=np.zeros(groups),
                high=np.ones(groups),
                in_time=none(),
                too_late=none(),
                undecided=none(),
                survival=np.ones(groups),
                greenwood=np.zeros(groups),
                certain=none(),
            )
            for _ in range(limits)
        ),
        median=unknown(),
        median_low=unknown(),
        median_high=unknown(),
        p90=unknown(),
        least=unknown(),
        most=unknown(),
        mean_low=unknown(),
        mean_high=unknown(),
        mean_of_ended=unknown(),
        bounded=np.zeros(groups, np.bool_),
    )


def _blocks(bounds: Ints) -> Iterator[tuple[int, int]]:
    """Yield spans of whole groups that hold a block of rows each, or one group that is larger by itself."""
    first, groups = 0, len(bounds) - 1
    while first < groups:
        last = int(np.searchsorted(bounds, bounds[first] + BLOCK, side="right")) - 1
        last = min(max(last, first + 1), groups)
        yield first, last
        first = last


def _one_block(waits: Keys, first: int, last: int, window: Ints, limits: tuple[Ints, ...], made: Figures) -> None:
    """Fill in the figures of the groups from `first` up to `last`."""
    here = np.flatnonzero(np.diff(waits.bounds[first : last + 1])) + first  # those that hold any wait
    if not len(here):
        return
    begin = int(waits.bounds[first])
    keys = waits.keys[begin : int(waits.bounds[last])]
    start, end = waits.bounds[here] - begin, waits.bounds[here + 1] - begin
    n = end - start
    length = (keys >> 1) & ((1 << (waits.shift - 1)) - 1)
    ended = (keys & 1) == 0
    seconds = length / MICROS
    at_risk = np.repeat(end, n) - np.arange(len(keys), dtype=np.float64)

    # Of those that end together each takes its turn: the product over them is that of the whole tie.
    falls = ended & (at_risk > 1)
    left = np.where(falls, at_risk - 1, 1.0)
    logs = np.where(falls, np.log(left / at_risk), 0.0)
    terms = np.where(falls, 1.0 / (left * at_risk), 0.0)
    log_survival, greenwood = _within_groups(logs, start, n), _within_groups(terms, start, n)
    survival = np.exp(log_survival)
    survival[ended & (at_risk == 1)] = 0.0
    so_far = np.concatenate(([0], np.cumsum(ended)))

    made.n[here] = n
    made.ended[here] = so_far[end] - so_far[start]
    followed = seconds[end - 1]
    made.followed[here] = followed
    block = _Block(
        keys=keys, at=here << waits.shift, start=start, end=end, survival=survival, greenwood=greenwood, so_far=so_far
    )
    complete = survival[end - 1] == 0.0
    for limit, shares in zip(limits, made.shares, strict=True):
        _fill_shares(block, limit[here], shares, here, knows=complete | (followed >= limit[here] / MICROS))
    _fill_quantiles(block, seconds, log_survival, ended, made, here)
    _fill_means(block, seconds, ended, terms, window[here], made, here, complete=complete)


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    """The rows of some groups: each group's from `start` up to `end`, its keys from `at` on."""

    keys: Ints
    at: Ints
    start: Ints
    end: Ints
    survival: Floats
    greenwood: Floats
    so_far: Ints  # how many ended before each row

    def up_to(self, limit: Ints) -> tuple[Ints, Ints]:
        """Return for each group the end of its rows that are no longer than its limit, and of those surely shorter.

        What ended at the limit is shorter in this sense, what is open at it is not.
        """
        key = self.at + (limit << 1) + 1
        return np.searchsorted(self.keys, key, side="right"), np.searchsorted(self.keys, key, side="left")

    def before(self, row: Ints, values: Floats, otherwise: float) -> Floats:
        """Return the value in force just before each group's row; `otherwise` where the group begins there."""
        return np.where(row > self.start, values[np.maximum(row - 1, 0)], otherwise)


def _within_groups(values: Floats, start: Ints, n: Ints) -> Floats:
    """Return the running sums, begun anew with each group."""
    sums = np.cumsum(values)
    sums -= np.repeat(sums[start] - values[start], n)
    # The first row of a group is its value itself, so that nothing but ones and zeros stays exactly that.
    return sums


def _fill_shares(block: _Block, limit: Ints, shares: Shares, here: Ints, *, knows: Marks) -> None:
    past, shorter = block.up_to(limit)
    survival = block.before(past, block.survival, 1.0)
    greenwood = block.before(past, block.greenwood, 0.0)
    in_time = block.so_far[past] - block.so_far[block.start]
    too_late = block.end - shorter
    certain = in_time + too_late
    low, high = wilson(1 - survival, effective(survival, greenwood, certain))
    shares.value[here] = np.where(knows, 1 - survival, np.nan)
    shares.low[here] = low
    shares.high[here] = np.where(knows, high, 1.0)
    shares.in_time[here] = in_time
    shares.too_late[here] = too_late
    shares.undecided[here] = block.end - block.start - certain
    shares.survival[here] = survival
    shares.greenwood[here] = greenwood
    shares.certain[here] = certain


def _fill_quantiles(
    block: _Block, seconds: Floats, log_survival: Floats, ended: Marks, made: Figures, here: Ints
) -> None:
    """Fill in median, its Brookmeyer-Crowley interval and p90. The band has its value at the end of a tie only."""
    made.median[here] = _first(block, seconds, block.survival <= 0.5 + TOLERANCE)
    made.p90[here] = _first(block, seconds, block.survival <= (1 - 0.9) + TOLERANCE)
    ties_end = ended.copy()
    ties_end[:-1] &= block.keys[:-1] != block.keys[1:]
    rows = np.flatnonzero(ties_end & (block.survival > 0) & (log_survival < 0))
    spread = Z * np.sqrt(block.greenwood[rows]) / log_survival[rows]
    half = np.log(0.5 + TOLERANCE)
    made.median_low[here] = _first(block, seconds, rows[log_survival[rows] * np.exp(-spread) <= half])
    made.median_high[here] = _first(block, seconds, rows[log_survival[rows] * np.exp(spread) <= half])


def _first(block: _Block, seconds: Floats, where: NDArray[np.integer] | Marks) -> Floats:
    """Return for each group the length of its first row among these, NaN where there is none."""
    rows = np.flatnonzero(where) if where.dtype == np.bool_ else where
    if not len(rows):
        return np.full(len(block.start), np.nan)
    place = np.searchsorted(rows, block.start)
    row = rows[np.minimum(place, len(rows) - 1)]
    return np.where((place < len(rows)) & (row < block.end), seconds[row], np.nan)


def _fill_means(
    block: _Block,
    seconds: Floats,
    ended: Marks,
    terms: Floats,
    window: Ints,
    made: Figures,
    here: Ints,
    *,
    complete: Marks,
) -> None:
    """Fill in the restricted mean with its interval (statistics.restricted_mean), and the plain mean of the ended."""
    start, n = block.start, block.end - block.start
    horizon = window / MICROS
    to = np.repeat(horizon, n)
    clipped = np.minimum(seconds, to)
    before = np.concatenate(([0.0], clipped[:-1]))
    waiting = np.concatenate(([1.0], block.survival[:-1]))
    before[start], waiting[start] = 0.0, 1.0
    pieces = waiting * (clipped - before)
    area = _within_groups(pieces, start, n)
    followed = seconds[block.end - 1]
    least = np.add.reduceat(pieces, start)
    most = least + block.survival[block.end - 1] * np.maximum(0.0, horizon - followed)
    weights = np.where(seconds < to, terms, 0.0)
    least_variance = np.add.reduceat((np.repeat(least, n) - area) ** 2 * weights, start)
    most_variance = np.add.reduceat((np.repeat(most, n) - area) ** 2 * weights, start)

    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        factor = student((n - 1).astype(np.float64)) * np.sqrt(n / (n - 1.0))
        low = np.maximum(0.0, least - factor * np.sqrt(least_variance))
        high = np.where(most > 0, np.minimum(horizon, most * np.exp(factor * np.sqrt(most_variance) / most)), 0.0)
    knows = complete | (followed >= horizon)
    reach = np.where(knows, horizon, followed)
    none_ended = np.add.reduceat(ended & (seconds < np.repeat(reach, n)), start, dtype=np.int64) == 0
    if np.any(none_ended):
        _, shorter = block.up_to(np.where(knows, window, _followed(block)))
        silent, _ = wilson(np.ones(len(here)), (block.end - shorter).astype(np.float64))
        low = np.where(none_ended, reach * silent, low)
    enough = n >= MEAN_NEEDS
    made.least[here], made.most[here] = least, most
    made.mean_low[here], made.mean_high[here] = np.where(enough, low, np.nan), np.where(enough, high, np.nan)
    made.bounded[here] = ~knows & (least != most)
    stopped = made.ended[here]
    total = np.add.reduceat(np.where(ended, seconds, 0.0), start)
    made.mean_of_ended[here] = np.where(stopped > 0, total / np.maximum(stopped, 1), np.nan)


def _followed(block: _Block) -> Ints:
    """Return how long the longest of each group was followed, in microseconds."""
    longest: Ints = (block.keys[block.end - 1] - block.at) >> 1
    return longest
