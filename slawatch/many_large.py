"""The figures of one very large group of waits, gone through piece by piece, so that memory stays bounded.

Pure numbers: the same as many.py says of small groups, by running sums that are carried from piece to piece.
"""

from __future__ import annotations

import numpy as np

from slawatch.many_values import MICROS, Figures, Floats, Ints, Keys, Marks, Shares, effective, student, wilson
from slawatch.statistics import TOLERANCE, Z

QUANTILES = ("median", "p90", "median_low", "median_high")


def fill(waits: Keys, group: int, window: Ints, limits: tuple[Ints, ...], made: Figures, *, rows: int) -> None:
    """Fill in the figures of one very large group, so many of its rows at a time."""
    keys = waits.keys[int(waits.bounds[group]) : int(waits.bounds[group + 1])]
    sums = _Sums(keys, group << waits.shift, int(window[group]) / MICROS, [int(limit[group]) for limit in limits])
    for begin in range(0, len(keys), rows):
        sums.take(begin, rows)
    sums.put(group, made)


class _Sums:
    """What is carried from piece to piece of a group whose keys begin at `at`; `horizon` is its window in seconds."""

    def __init__(self, keys: Ints, at: int, horizon: float, limits: list[int]) -> None:
        self._keys, self._at, self._horizon, self._limits = keys, at, horizon, limits
        asked = [at + (limit << 1) + 1 for limit in limits]
        self._past = [int(np.searchsorted(keys, key, side="right")) for key in asked]
        self._shorter = [int(np.searchsorted(keys, key, side="left")) for key in asked]
        # Log survival, Greenwood's sum and how many ended, just before `past`.
        self._found = [(0.0, 0.0, 0)] * len(limits)
        self._first: dict[str, float] = {}
        self._log, self._greenwood, self._ended, self._total = 0.0, 0.0, 0, 0.0
        self._area, self._last, self._survival, self._silent = 0.0, 0.0, 1.0, True
        self._moments = np.zeros(3)  # of the area so far, weighted with Greenwood's terms: their sum, first and second

    def take(self, begin: int, rows: int) -> None:
        """Go through the piece of so many rows that begins here."""
        n = len(self._keys)
        some = self._keys[begin : begin + rows]
        seconds = ((some - self._at) >> 1) / MICROS
        ended = (some & 1) == 0
        at_risk = n - np.arange(begin, begin + len(some), dtype=np.float64)
        falls = ended & (at_risk > 1)
        left = np.where(falls, at_risk - 1, 1.0)
        log_survival = self._log + np.cumsum(np.where(falls, np.log(left / at_risk), 0.0))
        terms = np.where(falls, 1.0 / (left * at_risk), 0.0)
        greenwood = self._greenwood + np.cumsum(terms)
        so_far = self._ended + np.cumsum(ended)
        survival = np.exp(log_survival)
        survival[ended & (at_risk == 1)] = 0.0
        for number, row in enumerate(self._past):
            if begin < row <= begin + len(some):
                one = row - begin - 1
                log = -np.inf if survival[one] == 0 else float(log_survival[one])
                self._found[number] = (log, float(greenwood[one]), int(so_far[one]))
        ties_end = ended.copy()
        ties_end[:-1] &= some[:-1] != some[1:]
        if begin + len(some) < n:
            ties_end[-1] &= bool(self._keys[begin + len(some)] != some[-1])
        if len(self._first) < len(QUANTILES):
            _note_firsts(self._first, seconds, survival, log_survival, greenwood, ties_end)
        self._add_area(seconds, ended, survival, terms)
        self._log, self._greenwood, self._ended = float(log_survival[-1]), float(greenwood[-1]), int(so_far[-1])
        self._total += float(seconds[ended].sum())
        self._last, self._survival = float(seconds[-1]), float(survival[-1])

    def _add_area(self, seconds: Floats, ended: Marks, survival: Floats, terms: Floats) -> None:
        """Add these rows to the area under the curve of those still waiting."""
        horizon = self._horizon
        waiting = np.concatenate(([np.exp(self._log)], survival[:-1]))
        pieces = np.diff(np.minimum(seconds, horizon), prepend=min(self._last, horizon))
        area = self._area + np.cumsum(waiting * pieces)
        weights = np.where(seconds < horizon, terms, 0.0)
        self._moments += [weights.sum(), (weights * area).sum(), (weights * area * area).sum()]
        self._silent = self._silent and not np.any(ended & (seconds < horizon))
        self._area = float(area[-1])

    def put(self, group: int, made: Figures) -> None:
        """Put what all pieces came to in its place."""
        n, known = len(self._keys), self._survival == 0.0
        made.n[group], made.ended[group], made.followed[group] = n, self._ended, self._last
        made.mean_of_ended[group] = self._total / self._ended if self._ended else np.nan
        places = zip(made.shares, self._limits, self._past, self._shorter, self._found, strict=True)
        for shares, limit, end, begin, (log, summed, in_time) in places:
            knows = known or self._last >= limit / MICROS
            _put_share(shares, group, np.exp(log) if end else 1.0, summed, in_time, n - begin, n, known=knows)
        for name in QUANTILES:
            getattr(made, name)[group] = self._first.get(name, np.nan)
        self._put_mean(group, made, knows=known or self._last >= self._horizon)

    def _put_mean(self, group: int, made: Figures, *, knows: bool) -> None:
        n, horizon = len(self._keys), self._horizon
        least, most = self._area, self._area + self._survival * max(0.0, horizon - self._last)
        factor = float(student(np.array([n - 1.0]))[0]) * np.sqrt(n / (n - 1))
        low = max(0.0, least - factor * self._spread(least))
        if self._silent:
            reach = horizon if knows else self._last
            key = self._at + (round(reach * MICROS) << 1) + 1
            waiting_on = n - int(np.searchsorted(self._keys, key, side="left"))
            low = reach * float(wilson(np.ones(1), np.array([float(waiting_on)]))[0][0])
        made.least[group], made.most[group], made.mean_low[group] = least, most, low
        made.mean_high[group] = min(horizon, most * np.exp(factor * self._spread(most) / most)) if most else 0.0
        made.bounded[group] = not knows and least != most

    def _spread(self, whole: float) -> float:
        """Return the square root of Greenwood's variance of a mean that is the area `whole`."""
        none, first, second = self._moments
        return float(np.sqrt(max(0.0, whole * whole * none - 2 * whole * first + second)))


def _note_firsts(
    first: dict[str, float],
    seconds: Floats,
    survival: Floats,
    log_survival: Floats,
    greenwood: Floats,
    ties_end: Marks,
) -> None:
    """Note at which length each quantile is reached first, unless it was before these rows."""
    band = ties_end & (survival > 0) & (log_survival < 0)
    log = np.where(band, log_survival, -1.0)
    spread = Z * np.sqrt(greenwood) / log
    half = np.log(0.5 + TOLERANCE)
    for name, reached in (
        ("median", survival <= 0.5 + TOLERANCE),
        ("p90", survival <= (1 - 0.9) + TOLERANCE),
        ("median_low", band & (log * np.exp(-spread) <= half)),
        ("median_high", band & (log * np.exp(spread) <= half)),
    ):
        if name not in first and reached.any():
            first[name] = float(seconds[int(np.argmax(reached))])


def _put_share(
    shares: Shares, group: int, survival: float, greenwood: float, in_time: int, too_late: int, n: int, *, known: bool
) -> None:
    certain = np.array([in_time + too_late])
    low, high = wilson(np.array([1 - survival]), effective(np.array([survival]), np.array([greenwood]), certain))
    shares.value[group] = 1 - survival if known else np.nan
    shares.low[group], shares.high[group] = low[0], high[0] if known else 1.0
    shares.in_time[group], shares.too_late[group] = in_time, too_late
    shares.undecided[group] = n - in_time - too_late
    shares.survival[group], shares.greenwood[group], shares.certain[group] = survival, greenwood, certain[0]
