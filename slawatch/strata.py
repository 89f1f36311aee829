"""Which hours of the week somebody is asked in: stratified random over all 168, with guaranteed shares.

Pure: knows no zone and no clock but the wall's, draws from hashes of what it is told, and never from a generator.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise
from math import ceil, gcd

from slawatch.dayparts import NIGHT_FROM, OFFICE_FROM, OFFICE_UNTIL, SATURDAY

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
WEEK = timedelta(days=7)
CELLS = 168  # hours of a week
A_WEEK_MAX = 24  # requests; more are no sample of somebody's service but a part of its load

_MONDAY = datetime(1970, 1, 5)  # noqa: DTZ001 - the wall's clock; any Monday would do, if only it stays the same
_FEW_WEEKS = 4  # what is wanted by the week is drawn for four of them together, so that there is an order to choose
_TRIES = 24  # orders that are compared; more gain hardly anything
_FINEST = 40  # the largest denominator of a share: none asked for is passed by more than a fortieth
_EPSILON = 1e-9
_EVENING = (2, 7)  # of the hours that are no night: 4 of 14


@dataclass(frozen=True, slots=True)
class Random:
    """Ask `times` in each stretch of `per`, in hours of the week drawn at random, at least these shares of them apart.

    `weekend` (Saturday, Sunday) and `night` (22 to 8, as in the report's parts of the week) are what is guaranteed; the
    hours' own shares, 2/7 and 5/12, are kept where that is more. Every hour of a part of the week is drawn once before
    any of them is drawn again.

    Raises:
        ValueError: `per` is not whole weeks, `times` too many or too few, or a share is none.
    """

    times: int
    per: timedelta
    weekend: float = 0.25
    night: float = 0.25

    def __post_init__(self) -> None:
        """Refuse what cannot be drawn: only whole weeks hold every hour of the week equally often."""
        if self.per < WEEK or self.per % WEEK:
            raise ValueError(f'"{self.per}" is no whole number of weeks; write "28 d" or "7 d"')
        if not 1 <= self.times <= A_WEEK_MAX * self.weeks:
            raise ValueError(f'"{self.times}" is not from 1 to {A_WEEK_MAX * self.weeks}, {A_WEEK_MAX} a week')
        for share in (self.weekend, self.night):
            if not 0 <= share <= 1:
                raise ValueError(f'"{share}" is not a share from 0 to 1; write 0.25 for 25 %')

    @property
    def weeks(self) -> int:
        """Return how long `per` is."""
        return self.per // WEEK


def times_between(schedule: Random, who: Sequence[str], first: datetime, last: datetime) -> Iterator[datetime]:
    """Yield the wall-clock times with first <= time < last, in order; `who` (seed, company, …) is what they hang on.

    Windows that overlap agree: the stretches are counted from one Monday long ago, for each `who` from another week.
    """
    _, weeks = stretch(schedule)
    key = "|".join(who)
    length = weeks * WEEK
    begin = beginning(schedule, who)
    number = (first - begin) // length
    while begin + number * length < last:
        for minutes in _minutes(schedule, key, number):
            time = begin + number * length + minutes * MINUTE
            if first <= time < last:
                yield time
        number += 1


def beginning(schedule: Random, who: Sequence[str]) -> datetime:
    """Return a Monday's midnight on which a stretch begins; of all targets together not all begin in one week."""
    _, weeks = stretch(schedule)
    return _MONDAY + _number("|".join(who), "begin") % weeks * WEEK


def stretch(schedule: Random) -> tuple[int, int]:
    """Return how many are drawn together for how many weeks: within one week alone, no two could be kept apart."""
    together = ceil(_FEW_WEEKS / schedule.weeks)
    return schedule.times * together, schedule.weeks * together


@lru_cache(maxsize=4096)
def _minutes(schedule: Random, key: str, number: int) -> tuple[int, ...]:
    """Return the minutes after the stretch began at which is asked in it."""
    # Which of them got which minute does not matter: each has its own, uniform in the hour.
    minutes = [_number(key, "minute", str(index)) % 60 for index in _drawn(schedule, key, number)]
    taken: set[int] = set()
    for hour, minute in zip(_hours(schedule, key, number), minutes, strict=True):
        # One hour can be drawn twice in one week where its part of the week has just been used up.
        taken.add(next(at for at in (hour * 60 + (minute + more) % 60 for more in range(60)) if at not in taken))
    return tuple(sorted(taken))


@lru_cache(maxsize=4096)
def _hours(schedule: Random, key: str, number: int) -> list[int]:
    """Return the hours after the stretch began; those of an odd number keep their distance from both neighbours.

    So nothing hangs on more than three stretches, wherever a window begins.
    """
    _, weeks = stretch(schedule)
    length = weeks * CELLS
    rates = _rates(schedule.weekend, schedule.night)
    cells = [_cell(rates, key, index) for index in _drawn(schedule, key, number)]
    ends = None
    if number % 2:
        ends = _hours(schedule, key, number - 1)[-1] - length, _hours(schedule, key, number + 1)[0] + length
    return _placed(cells, weeks, key, number, ends)


def _drawn(schedule: Random, key: str, number: int) -> range:
    """Return which draws belong to a stretch."""
    times, _ = stretch(schedule)
    _, of_weekend, _, of_night = _rates(schedule.weekend, schedule.night)
    first = number * times + _number(key, "phase") % (of_weekend * of_night)
    return range(first, first + times)


# --- which hours of the week ---


def _cell(rates: tuple[int, int, int, int], key: str, index: int) -> int:
    """Return the hour of the week (0 is Monday's first) of the draw with that index.

    Both shares are kept by sequences in which any run of n draws holds n times the share, rounded down or up
    (Christoffel words). As their lengths have no common divisor, each place of one meets each of the other once in
    their product: what is drawn at weekends holds nights in the same share as all the week does.
    """
    weekend, of_weekend, night, of_night = rates
    at_weekend, at_night = _hits(index, weekend, of_weekend), _hits(index, night, of_night)
    whole, rest = divmod(index, of_weekend * of_night)
    drawn_before = whole * _joint(rates, at_weekend, at_night) + _joint_before(rates, rest, at_weekend, at_night)
    if at_night:
        part, within = "night", drawn_before
    else:
        before = _before(drawn_before, *_EVENING)
        part, within = ("evening", before) if _hits(drawn_before, *_EVENING) else ("office", drawn_before - before)
    cells = _cells(part, weekend=at_weekend)
    deck, place = divmod(within, len(cells))
    return _shuffled(cells, key, f"{part}{'-weekend' if at_weekend else ''}|{deck}")[place]


def _before(index: int, hits: int, of: int) -> int:
    """Return how many of the first `index` draws are hits, where `hits` of every `of` are."""
    return (index - 1) * hits // of + 1


def _hits(index: int, hits: int, of: int) -> bool:
    return index * hits % of < hits


def _joint(rates: tuple[int, int, int, int], at_weekend: bool, at_night: bool) -> int:  # noqa: FBT001 - two of a kind
    """Return how many of a whole round of draws are both, by the Chinese remainder theorem."""
    weekend, of_weekend, night, of_night = rates
    return (weekend if at_weekend else of_weekend - weekend) * (night if at_night else of_night - night)


def _joint_before(rates: tuple[int, int, int, int], rest: int, at_weekend: bool, at_night: bool) -> int:  # noqa: FBT001
    return _table(rates)[rest][2 * at_weekend + at_night]


@lru_cache(maxsize=64)
def _table(rates: tuple[int, int, int, int]) -> tuple[tuple[int, ...], ...]:
    """Return, for every place of a round, how many draws of each of the four combinations came before it."""
    weekend, of_weekend, night, of_night = rates
    counts = [0, 0, 0, 0]
    table = []
    for index in range(of_weekend * of_night):
        table.append(tuple(counts))
        counts[2 * _hits(index, weekend, of_weekend) + _hits(index, night, of_night)] += 1
    return tuple(table)


@lru_cache(maxsize=64)
def _rates(weekend: float, night: float) -> tuple[int, int, int, int]:
    """Return both shares as fractions, at least what is guaranteed and what the hours have, without common divisor.

    Stratified with shares in proportion, an estimate is never less precise than one of simple random times (Cochran,
    Sampling Techniques, 3rd ed. 1977, section 5.6); that every hour of the week is asked in is what "always on" means.
    """
    at_weekend = _fractions(weekend, 2, 7)
    at_night = _fractions(night, 24 - NIGHT_FROM + OFFICE_FROM, 24)
    return min(
        ((a, p, b, q) for a, p in at_weekend for b, q in at_night if gcd(p, q) == 1),
        key=lambda rates: (round(rates[0] / rates[1] + rates[2] / rates[3], 9), rates[1] * rates[3]),
    )


def _fractions(share: float, own: int, of: int) -> list[tuple[int, int]]:
    """Return the fractions from which to choose: the hours' own where that is enough, else those just above."""
    if share <= own / of + _EPSILON:
        return [(own // gcd(own, of), of // gcd(own, of))]
    found = ((ceil(share * of - _EPSILON), of) for of in range(1, _FINEST + 1))
    return [(hits, of) for hits, of in found if gcd(hits, of) == 1]


@lru_cache(maxsize=8)
def _cells(part: str, *, weekend: bool) -> tuple[int, ...]:
    hours = {
        "office": range(OFFICE_FROM, OFFICE_UNTIL),
        "evening": range(OFFICE_UNTIL, NIGHT_FROM),
        "night": [*range(OFFICE_FROM), *range(NIGHT_FROM, 24)],
    }[part]
    return tuple(day * 24 + hour for day in range(7) if (day >= SATURDAY) is weekend for hour in hours)


# --- in which weeks of the stretch ---


def _placed(cells: Sequence[int], weeks: int, key: str, number: int, ends: tuple[int, int] | None) -> list[int]:
    """Return the hours after the stretch began: each cell in one of its weeks, kept as far apart as is sensible.

    Of some orders the first that keeps a week between any two is taken, else the one that keeps them furthest apart.
    `ends` are the last hour of the stretch before and the first of the one after; None: they will look at this one.
    """
    length = weeks * CELLS
    best: list[int] = []
    best_score = -1
    for attempt in range(_TRIES):
        chance = _Chance(_number(key, "order", str(number), str(attempt), size=64))
        hours = _sparse(cells, weeks, chance) if len(cells) <= weeks else _dense(cells, weeks, chance)
        # Neighbours not known yet are taken to keep away from the border as far as this one does.
        before, after = ends or (-hours[0], 2 * length - hours[-1])
        apart = (hours[0] - before, after - hours[-1])
        score = min(CELLS, *apart, *(later - earlier for earlier, later in pairwise(hours)))
        if score > best_score:
            best, best_score = hours, score
        if score == CELLS:
            break
    return best


def _sparse(cells: Sequence[int], weeks: int, chance: _Chance) -> list[int]:
    """Give each cell, in any order, its own part of the stretch: a week long at least, and so with every hour in it."""
    hours = []
    for place, cell in enumerate(chance.shuffled(cells)):
        begin, end = (-(-at * weeks * CELLS // len(cells)) for at in (place, place + 1))
        first = cell + max(0, -(-(begin - cell) // CELLS)) * CELLS
        hours.append(first + chance.below(max(1, -(-(end - first) // CELLS))) * CELLS)
    return sorted(hours)


def _dense(cells: Sequence[int], weeks: int, chance: _Chance) -> list[int]:
    """Deal the cells in the week's order to the weeks in turn, so that neighbours in it come to lie in different ones.

    Dealt from the end, where the weekend lies: each week then has its share of it, rounded down or up.
    """
    order = chance.shuffled(range(weeks))
    return sorted(cell + order[place % weeks] * CELLS for place, cell in enumerate(sorted(cells, reverse=True)))


class _Chance:
    """A number that is used up bit by bit; starts again from itself, which only ever long lists come to."""

    def __init__(self, number: int) -> None:
        self._number = self._left = number

    def below(self, most: int) -> int:
        if self._left < most << 16:
            self._left += self._number * 3
        self._left, found = divmod(self._left, most)
        return found

    def shuffled(self, values: Sequence[int]) -> list[int]:
        left = list(values)
        return [left.pop(self.below(len(left))) for _ in range(len(left))]


@lru_cache(maxsize=4096)
def _shuffled(cells: tuple[int, ...], key: str, deck: str) -> tuple[int, ...]:
    """Return the cells in the order of one deck: 512 bits are enough for all orders of 70."""
    return tuple(_Chance(_number(key, "deck", deck, size=64)).shuffled(cells))


def _number(*parts: str, size: int = 8) -> int:
    """Return the same number for the same parts in every process."""
    return int.from_bytes(blake2b("|".join(parts).encode(), digest_size=size).digest(), "big")
