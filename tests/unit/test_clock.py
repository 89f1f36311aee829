"""Instants: aware, UTC, exact to the microsecond; and the clock that tests set."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slawatch.clock import EPOCH, SystemClock, from_micros, require_aware, to_micros
from slawatch.testing import BEFORE_SUMMER_TIME, FakeClock

BERLIN = ZoneInfo("Europe/Berlin")
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
INSTANTS = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=OFFSETS)  # noqa: DTZ001 - the zone is added


@given(moment=INSTANTS)
def test_an_instant_comes_back_from_the_store_exactly(moment: datetime) -> None:
    back = from_micros(to_micros(moment))

    assert back == moment
    assert back.tzinfo is UTC


@given(first=INSTANTS, second=INSTANTS)
def test_the_order_and_the_distance_of_instants_are_kept(first: datetime, second: datetime) -> None:
    assert timedelta(microseconds=to_micros(second) - to_micros(first)) == second - first


def test_the_epoch_is_nought_and_what_is_before_it_negative() -> None:
    assert to_micros(EPOCH) == 0
    assert to_micros(EPOCH - timedelta(microseconds=1)) == -1


def test_both_hours_of_an_autumn_night_stay_apart() -> None:
    first = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=0)
    second = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=1)

    assert to_micros(second) - to_micros(first) == 3_600_000_000


@pytest.mark.parametrize("function", [require_aware, to_micros])
def test_a_time_without_a_zone_is_refused_by_its_value(function: object) -> None:
    assert callable(function)

    with pytest.raises(ValueError, match='"2026-03-29T02:30:00" has no time zone'):
        function(datetime(2026, 3, 29, 2, 30))  # noqa: DTZ001 - the fault that is tried


def test_an_aware_time_becomes_utc() -> None:
    assert require_aware(datetime(2026, 3, 29, 3, 30, tzinfo=BERLIN)) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert require_aware(datetime(2026, 3, 29, 3, 30, tzinfo=BERLIN)).tzinfo is UTC


def test_the_system_s_clock_is_aware_and_lets_time_pass() -> None:
    clock = SystemClock()
    before = clock.now()

    clock.sleep(0)

    assert before.tzinfo is UTC
    assert clock.now() >= before


def test_the_set_clock_starts_half_an_hour_before_summer_time() -> None:
    clock = FakeClock()
    assert clock.now().astimezone(BERLIN).utcoffset() == timedelta(hours=1)

    clock.forward(timedelta(minutes=30))

    assert clock.now().astimezone(BERLIN).utcoffset() == timedelta(hours=2)


def test_the_set_clock_stands_still_until_somebody_sleeps() -> None:
    clock = FakeClock()
    assert clock.now() == clock.now() == BEFORE_SUMMER_TIME

    clock.sleep(90)

    assert clock.now() - BEFORE_SUMMER_TIME == timedelta(seconds=90)


def test_the_set_clock_does_not_go_back() -> None:
    with pytest.raises(ValueError, match="back"):
        FakeClock().forward(-timedelta(seconds=1))
