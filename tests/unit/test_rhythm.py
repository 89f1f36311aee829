"""When a mailed report is due and what it speaks of: the calendar of its readers, over changes of the clocks."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slawatch import rhythm
from slawatch.periods import Kind, Unit
from slawatch.plan import Cron
from slawatch.rhythm import DAY, Calendar, Rhythm

BERLIN = "Europe/Berlin"
MONDAY = Calendar(Unit.WEEK, 0, 7 * 60 + 30)


def here(text: str, zone: str = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("every", "at", "now", "due"),
    [
        ("day", "07:30", "2026-11-22T07:29", "2026-11-21T07:30"),
        ("day", "07:30", "2026-11-22T07:30", "2026-11-22T07:30"),
        ("week", "Mon 07:30", "2026-11-22T20:00", "2026-11-16T07:30"),
        ("week", "Mon 07:30", "2026-11-23T07:30", "2026-11-23T07:30"),
        ("week", "Sun 23:59", "2026-11-22T23:58", "2026-11-15T23:59"),
        ("week", "6:05", "2026-11-23T07:00", "2026-11-23T06:05"),
        ("month", "07:30", "2026-11-22T07:30", "2026-11-01T07:30"),
        ("month", "15 07:30", "2026-11-14T07:30", "2026-10-15T07:30"),
        ("quarter", "1 00:00", "2026-01-01T00:00", "2026-01-01T00:00"),
        ("quarter", "2 08:00", "2026-04-01T12:00", "2026-01-02T08:00"),
    ],
)
def test_the_newest_due_moment_is_the_last_one_that_has_come(every: str, at: str, now: str, due: str) -> None:
    unit = rhythm.read(every)
    assert not isinstance(unit, Cron)

    assert rhythm.newest_due(rhythm.at(at, unit), here(now), BERLIN) == here(due)


@pytest.mark.parametrize(
    ("expression", "now", "due"),
    [
        ("30 7 * * Mon", "2026-11-22T20:00", "2026-11-16T07:30"),
        ("30 7 * * Mon-Fri", "2026-11-22T20:00", "2026-11-20T07:30"),
        ("0 8 1 */3 *", "2026-11-22T20:00", "2026-10-01T08:00"),
        ("0 8 29 2 *", "2026-11-22T20:00", "2024-02-29T08:00"),
    ],
)
def test_a_cron_expression_is_due_by_the_readers_clock(expression: str, now: str, due: str) -> None:
    every = rhythm.read(expression)
    assert isinstance(every, Cron)

    assert rhythm.newest_due(every, here(now), BERLIN) == here(due)


@pytest.mark.parametrize(
    ("zone", "day", "at", "due_utc"),
    [
        (BERLIN, "2026-03-29", "02:30", "2026-03-29T01:30"),  # skipped: moved on by the hour, to 03:30
        (BERLIN, "2026-10-25", "02:30", "2026-10-25T00:30"),  # twice: the first of the two
        (BERLIN, "2026-03-29", "07:30", "2026-03-29T05:30"),  # 23 hours after the one before
        (BERLIN, "2026-10-25", "07:30", "2026-10-25T06:30"),  # 25 hours after
        ("Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-03T15:45"),  # half an hour is skipped
    ],
)
def test_days_of_23_and_25_hours_are_due_once_at_the_hour_that_was_asked_for(
    zone: str, day: str, at: str, due_utc: str
) -> None:
    due = datetime.fromisoformat(due_utc).replace(tzinfo=UTC)
    every = rhythm.at(at, DAY)

    assert rhythm.newest_due(every, here(f"{day}T20:00", zone), zone) == due
    assert rhythm.newest_due(every, due, zone) == due
    before = rhythm.newest_due(every, due - timedelta(microseconds=1), zone)
    assert before is not None
    assert before.astimezone(ZoneInfo(zone)).date() == due.astimezone(ZoneInfo(zone)).date() - DAY
    assert rhythm.next_due(every, before, zone) == due


@pytest.mark.parametrize(
    ("kind", "due", "since", "until"),
    [
        ("day", "2026-03-30T07:30", "2026-03-29T00:00", "2026-03-30T00:00"),  # of 23 hours
        ("day", "2026-10-26T07:30", "2026-10-25T00:00", "2026-10-26T00:00"),  # of 25 hours
        ("week", "2026-11-23T07:30", "2026-11-16T00:00", "2026-11-23T00:00"),
        ("week", "2026-11-23T00:00", "2026-11-16T00:00", "2026-11-23T00:00"),
        ("week", "2026-11-20T07:30", "2026-11-09T00:00", "2026-11-16T00:00"),  # this week has not ended
        ("month", "2026-03-15T07:30", "2026-02-01T00:00", "2026-03-01T00:00"),
        ("month", "2026-01-01T07:30", "2025-12-01T00:00", "2026-01-01T00:00"),
        ("quarter", "2026-04-01T07:30", "2026-01-01T00:00", "2026-04-01T00:00"),
        ("28 d", "2026-11-23T07:30", "2026-10-26T00:00", "2026-11-23T00:00"),
    ],
)
def test_the_period_is_a_whole_one_of_the_readers_calendar(kind: str, due: str, since: str, until: str) -> None:
    found = rhythm.period(rhythm.reach(kind), here(due), BERLIN)

    assert (found.since, found.until) == (here(since), here(until))


@given(
    now=st.datetimes(datetime(1990, 1, 1), datetime(2080, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - as told
    zone=st.sampled_from(
        [BERLIN, "UTC", "America/Sao_Paulo", "Africa/Casablanca", "Australia/Lord_Howe", "Asia/Beirut"]
    ),
    every=st.one_of(
        st.builds(Calendar, st.just(DAY), st.just(0), st.integers(0, 1439)),
        st.builds(Calendar, st.just(Unit.WEEK), st.integers(0, 6), st.integers(0, 1439)),
        st.builds(Calendar, st.sampled_from([Unit.MONTH, Unit.QUARTER]), st.integers(0, 27), st.integers(0, 1439)),
        st.sampled_from([Cron("15 2 * * *"), Cron("30 7 * * Mon"), Cron("0 0 1 * *")]),
    ),
)
def test_it_is_due_at_one_moment_after_the_other_and_its_period_has_ended_by_then(
    now: datetime, zone: str, every: Rhythm
) -> None:
    due = rhythm.newest_due(every, now, zone)
    following = rhythm.next_due(every, now, zone)

    assert due is not None
    assert following is not None
    assert due <= now < following
    assert rhythm.newest_due(every, following, zone) == following
    assert rhythm.next_due(every, due, zone) == following
    kinds: list[Kind] = [Unit.WEEK, Unit.MONTH, Unit.QUARTER, DAY, 28 * DAY]
    for kind in kinds:
        found = rhythm.period(kind, due, zone)
        assert found.since < found.until <= due


@pytest.mark.parametrize(
    ("read", "text", "message"),
    [
        (rhythm.read, "fortnight", '"fortnight" is no rhythm; write "day", "week", "month"'),
        (rhythm.read, "7 d", '"7 d" is no rhythm'),
        (rhythm.read, "* * *", '"* * *" has 3 fields; write five'),
        (rhythm.read, "30 25 * * Mon", '"30 25 * * Mon": bad hour'),
        (rhythm.reach, "36 h", '"36 h" is no period of whole days; write "day", "week"'),
        (rhythm.reach, "year", '"year" is no period of whole days'),
        (rhythm.reach, "0 d", '"0 d" is no period of whole days'),
        (rhythm.reach, "2000 d", '"2000 d" is no period of whole days'),
    ],
)
def test_what_is_no_rhythm_or_period_is_told_with_what_to_write(read: object, text: str, message: str) -> None:
    with pytest.raises(ValueError, match="^" + re.escape(message)):
        read(text)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("text", "unit", "message"),
    [
        ("24:00", DAY, '"24:00" is no time of that; write "07:30"'),
        ("07:60", DAY, '"07:60" is no time of that'),
        ("noon", DAY, '"noon" is no time of that'),
        ("Mon 07:30", DAY, '"Mon 07:30" is no time of that; write "07:30"'),
        ("Mon 07:30", Unit.MONTH, '"Mon 07:30" is no time of that; write "1 07:30" for the first of the month'),
        ("3 07:30", Unit.WEEK, '"3 07:30" is no time of that; write "Mon 07:30"'),
        ("29 07:30", Unit.MONTH, '"29 07:30" is a day that not every month has; write 1 to 28'),
        ("0 07:30", Unit.QUARTER, '"0 07:30" is a day that not every month has'),
    ],
)
def test_what_is_no_time_of_the_rhythm_is_told_with_what_to_write(text: str, unit: Kind, message: str) -> None:
    with pytest.raises(ValueError, match="^" + re.escape(message)):
        rhythm.at(text, unit)
