from __future__ import annotations

import re
from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slawatch.dayparts import NIGHT_FROM, OFFICE_FROM
from slawatch.strata import CELLS, WEEK, Random, beginning, stretch, times_between

HOUR = timedelta(hours=1)
YEAR = timedelta(days=364)
MONDAY = datetime(2026, 1, 5)  # noqa: DTZ001 - the wall's clock, as the module counts


def drawn(schedule: Random, who: str = "shop", first: datetime = MONDAY, length: timedelta = YEAR) -> list[datetime]:
    return list(times_between(schedule, ("seed", who), first, first + length))


def stretches(schedule: Random, who: str, number: int) -> list[list[datetime]]:
    """The times of so many stretches in a row."""
    _, weeks = stretch(schedule)
    begin = beginning(schedule, ("seed", who)) + 100 * weeks * WEEK
    return [drawn(schedule, who, begin + one * weeks * WEEK, weeks * WEEK) for one in range(number)]


def cell(time: datetime) -> int:
    return time.weekday() * 24 + time.hour


def at_weekend(time: datetime) -> bool:
    return time.weekday() >= 5


def at_night(time: datetime) -> bool:
    return not OFFICE_FROM <= time.hour < NIGHT_FROM


TIMES = [
    "2026-01-14 22:49",
    "2026-01-22 08:37",
    "2026-01-31 19:13",
    "2026-02-10 22:34",
    "2026-02-17 23:11",
    "2026-02-27 10:46",
]

names = st.text("abcdefgh", min_size=1, max_size=6)
shares = st.sampled_from([0.0, 0.1, 0.25, 0.3, 0.5, 0.75, 1.0])
randoms = st.integers(1, 6).flatmap(
    lambda weeks: st.builds(Random, st.integers(1, 24 * weeks), st.just(weeks * WEEK), shares, shares)
)
sparse = st.integers(4, 9).flatmap(lambda weeks: st.builds(Random, st.integers(1, weeks - 1), st.just(weeks * WEEK)))
moments = st.datetimes(datetime(1999, 1, 1), datetime(2060, 1, 1))  # noqa: DTZ001 - same
lengths = st.timedeltas(timedelta(0), timedelta(days=40))


# --- how often ---


@settings(deadline=None, max_examples=40)
@given(randoms, names)
def test_each_stretch_holds_exactly_as_many_as_were_wanted(schedule: Random, who: str) -> None:
    times, weeks = stretch(schedule)

    assert times * schedule.per == schedule.times * weeks * WEEK
    assert all(len(one) == times for one in stretches(schedule, who, 6))


@settings(deadline=None, max_examples=40)
@given(randoms, names, moments, lengths, lengths)
def test_two_windows_side_by_side_hold_what_one_over_both_holds(
    schedule: Random, who: str, first: datetime, one: timedelta, other: timedelta
) -> None:
    together = drawn(schedule, who, first, one + other)

    assert drawn(schedule, who, first, one) + drawn(schedule, who, first + one, other) == together
    assert together == sorted(set(together))


def test_times_hang_on_the_seed_and_on_who_is_asked() -> None:
    schedule = Random(3, 4 * WEEK)

    assert drawn(schedule, "shop") == drawn(schedule, "shop")
    assert not set(drawn(schedule, "shop")) & set(drawn(schedule, "bank"))
    assert drawn(schedule) != list(times_between(schedule, ("another", "shop"), MONDAY, MONDAY + YEAR))


def test_the_times_stay_what_they_are_from_version_to_version() -> None:
    times = drawn(Random(3, 4 * WEEK), "shop", length=8 * WEEK)

    assert [f"{time:%Y-%m-%d %H:%M}" for time in times] == TIMES


# --- at which hours ---


@settings(deadline=None, max_examples=40)
@given(randoms, names)
def test_any_stretches_in_a_row_hold_the_guaranteed_shares(schedule: Random, who: str) -> None:
    found = stretches(schedule, who, 8)

    for begin in range(8):
        for end in range(begin + 1, 9):
            times = [time for one in found[begin:end] for time in one]
            # Rounded down, but over all of them together: a share of a quarter is not lost where one alone is less.
            assert sum(map(at_weekend, times)) >= int(len(times) * schedule.weekend)
            assert sum(map(at_night, times)) >= int(len(times) * schedule.night)


@pytest.mark.parametrize(("times", "weeks"), [(1, 1), (1, 4), (3, 4), (4, 4), (7, 1), (56, 4), (104, 104)])
def test_every_hour_of_the_week_is_asked_in_before_one_is_asked_in_twice(times: int, weeks: int) -> None:
    schedule = Random(times, weeks * WEEK)

    found = drawn(schedule, "shop", length=13 * YEAR)

    # Exactly as often but for the decks that the window cuts at its ends.
    visits = Counter(map(cell, found))
    assert all(abs(visits[hour] - len(found) / CELLS) < 3 for hour in range(CELLS))


def test_where_more_is_guaranteed_than_the_hours_have_those_of_one_part_are_even_among_themselves() -> None:
    visits = Counter(map(cell, drawn(Random(7, WEEK, weekend=0.5, night=0.5), length=12 * YEAR)))

    for weekend in (False, True):
        for hours in ((*range(OFFICE_FROM), *range(NIGHT_FROM, 24)), range(OFFICE_FROM, NIGHT_FROM)):
            part = [visits[day * 24 + hour] for day in range(7) for hour in hours if (day >= 5) is weekend]
            assert all(abs(one - sum(part) / len(part)) < 3 for one in part)


def test_weekends_hold_as_many_nights_as_all_the_week_does() -> None:
    """Two shares that go in step would ask at weekends by night only, or never."""
    times = drawn(Random(4, 4 * WEEK, weekend=0.5, night=0.5), length=20 * YEAR)

    nights = [at_night(time) for time in times if at_weekend(time)]
    assert sum(nights) / len(nights) == pytest.approx(sum(map(at_night, times)) / len(times), abs=0.02)


def test_minutes_are_even_in_the_hour() -> None:
    minutes = Counter(time.minute // 10 for who in range(40) for time in drawn(Random(4, 4 * WEEK), str(who)))

    expected = sum(minutes.values()) / 6
    # Chi-squared with five degrees of freedom passes 25 once in ten thousand; the draws are the same each time.
    assert sum((count - expected) ** 2 / expected for count in minutes.values()) < 25


# --- how far apart ---


@settings(deadline=None, max_examples=40)
@given(
    st.integers(4, 9).flatmap(lambda weeks: st.builds(Random, st.integers(1, weeks - 1), st.just(weeks * WEEK))), names
)
def test_what_is_asked_less_than_weekly_is_at_least_a_third_of_the_mean_apart(schedule: Random, who: str) -> None:
    times = drawn(schedule, who, length=3 * YEAR)

    least = min(later - earlier for earlier, later in pairwise(times))
    assert least >= min(4 * 24 * HOUR, schedule.per / schedule.times / 3)


@settings(deadline=None, max_examples=30)
@given(st.sampled_from([(1, 1), (2, 1), (7, 1), (12, 4), (24, 4)]), names)
def test_what_is_asked_often_is_hardly_ever_asked_twice_in_a_row(often: tuple[int, int], who: str) -> None:
    schedule = Random(often[0], often[1] * WEEK)

    gaps = [later - earlier for earlier, later in pairwise(drawn(schedule, who))]

    assert min(gaps) >= HOUR / 60
    assert sum(gap < schedule.per / schedule.times / 3 for gap in gaps) <= len(gaps) * 0.15


# --- what cannot be drawn ---


@pytest.mark.parametrize(
    ("times", "per", "weekend", "why"),
    [
        (4, timedelta(days=30), 0.25, 'no whole number of weeks; write "28 d" or "7 d"'),
        (4, timedelta(0), 0.25, 'no whole number of weeks; write "28 d" or "7 d"'),
        (0, WEEK, 0.25, '"0" is not from 1 to 24, 24 a week'),
        (49, 2 * WEEK, 0.25, '"49" is not from 1 to 48, 24 a week'),
        (4, WEEK, 1.01, '"1.01" is not a share from 0 to 1; write 0.25 for 25 %'),
        (4, WEEK, -0.1, '"-0.1" is not a share'),
    ],
)
def test_what_cannot_be_drawn_is_refused(times: int, per: timedelta, weekend: float, why: str) -> None:
    with pytest.raises(ValueError, match=re.escape(why)):
        Random(times, per, weekend=weekend)
