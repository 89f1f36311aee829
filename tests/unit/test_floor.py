"""What letters to ourselves say: the shortest wait that can be measured, and when our own way brought nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from slawatch.model import ZERO
from slawatch.noticing.floor import Trip, floor, overdue, patience
from slawatch.testing import BEFORE_SUMMER_TIME as NOW

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LATER = NOW + 100 * HOUR


def trip(hours: int, took: timedelta | None, *, delay: timedelta = ZERO) -> Trip:
    sent = NOW + hours * HOUR
    return Trip(sent_at=sent, delay=delay, back=None if took is None else sent + took)


def test_the_floor_is_what_the_quickest_letter_took_without_the_echos_own_delay() -> None:
    found = floor("main", [trip(0, 9 * MINUTE, delay=5 * MINUTE), trip(6, 7 * MINUTE), trip(12, 8 * MINUTE)], LATER)

    assert (found.sent, found.back) == (3, 3)
    assert (found.floor, found.median, found.longest) == (4 * MINUTE, 7 * MINUTE, 8 * MINUTE)
    assert found.lost == ()


def test_a_letter_that_is_back_before_its_echo_could_send_it_took_no_time() -> None:
    assert floor("main", [trip(0, MINUTE, delay=5 * MINUTE)], LATER).floor == ZERO


def test_where_none_is_back_there_is_no_floor() -> None:
    found = floor("main", [trip(0, None)], LATER)

    assert (found.sent, found.back, found.floor, found.median, found.longest) == (1, 0, None, None, None)


@pytest.mark.parametrize(
    ("took", "lost"),
    [
        ([MINUTE, None, None, MINUTE, MINUTE], [(1, 3)]),
        ([None, MINUTE, None], [(0, 1), (2, None)]),
        ([None, None], [(0, None)]),
    ],
)
def test_a_stretch_that_brought_nothing_ends_when_the_next_letter_left_that_came_back(
    took: list[timedelta | None], lost: list[tuple[int, int | None]]
) -> None:
    found = floor("main", [trip(hours, one) for hours, one in enumerate(took)], LATER)

    def at(hours: int | None) -> datetime | None:
        return None if hours is None else NOW + hours * HOUR

    assert found.lost == tuple((at(since), at(until)) for since, until in lost)


def test_a_letter_on_its_way_says_nothing_yet() -> None:
    found = floor("main", [trip(0, MINUTE), trip(1, None)], NOW + HOUR + 59 * MINUTE)

    assert (found.sent, found.back, found.lost) == (1, 1, ())


@pytest.mark.parametrize(("delay", "waits"), [(ZERO, HOUR), (MINUTE, HOUR), (timedelta(minutes=30), 5 * HOUR)])
def test_patience_is_an_hour_or_ten_times_what_the_echo_takes(delay: timedelta, waits: timedelta) -> None:
    one = trip(0, None, delay=delay)

    assert patience(delay) == waits
    assert not overdue(one, NOW + waits - MINUTE)
    assert overdue(one, NOW + waits)
    assert not overdue(trip(0, MINUTE, delay=delay), LATER)
