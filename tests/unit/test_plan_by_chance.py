"""Slots drawn by chance, delayed by chance and in matched sets: unique, reproducible, and right on any wall's clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slawatch.model import Slot
from slawatch.plan import Cron, Every, Schedule, same_hour, set_time, slots_between
from slawatch.strata import Random

MINUTE, HOUR, DAY, WEEK = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1), timedelta(days=7)
BERLIN, LORD_HOWE, ST_JOHNS = "Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns"
OFTEN = Random(24, WEEK)
SPRING = datetime(2026, 3, 1, tzinfo=UTC)


def slots(schedule: Schedule, since: datetime, until: datetime, zone: str = BERLIN, **more: Any) -> list[Slot]:
    fields: dict[str, Any] = {"company": "shop", "channel": "email", "target": "a@shop.example", "account": "main"}
    return slots_between(schedule, **(fields | {"zone": zone, "since": since, "until": until} | more))


def walls(planned: Sequence[Slot]) -> list[datetime]:
    return [slot.due_at.astimezone(ZoneInfo(slot.zone)).replace(tzinfo=None) for slot in planned]


zones = st.sampled_from([BERLIN, LORD_HOWE, ST_JOHNS, "UTC", "Asia/Kathmandu", "America/Santiago"])
moments = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001 - see timezones
spans = st.timedeltas(timedelta(0), 12 * DAY)
randoms = st.builds(Random, st.integers(1, 24), st.integers(1, 5).map(lambda weeks: weeks * WEEK))
crons = st.sampled_from(["0 9 * * Mon-Fri", "30 2 * * *", "*/20 1-3 * * Sun", "0 0 1 * *", "*/40 * * * *"]).map(Cron)
everys = st.integers(min_value=30, max_value=60 * 24 * 20).map(lambda minutes: Every(minutes * MINUTE))
schedules = st.one_of(randoms, crons, everys, st.sampled_from([Every(DAY), Every(14 * DAY)]))
jitters = st.sampled_from([timedelta(0), MINUTE, 20 * MINUTE, 3 * HOUR, DAY])
turns = st.sampled_from([None, 0, 1, 3])
starts = st.one_of(st.none(), moments)


@settings(deadline=None, max_examples=30)
@given(schedules, zones, moments, spans, spans, jitters, turns, starts)
def test_however_windows_are_cut_the_slots_are_the_same_unique_and_in_order(
    schedule: Schedule,
    zone: str,
    since: datetime,
    one: timedelta,
    other: timedelta,
    jitter: timedelta,
    turn: int | None,
    start: datetime | None,
) -> None:
    more: dict[str, Any] = {"jitter": jitter, "turn": turn, "start": start, "seed": "x"}
    middle, until = since + one, since + one + other

    whole = slots(schedule, since, until, zone, **more)

    assert slots(schedule, since, middle, zone, **more) + slots(schedule, middle, until, zone, **more) == whole
    assert slots(schedule, since - 15 * DAY, until, zone, **more)[-len(whole) :] == whole or not whole
    assert len({slot.key for slot in whole}) == len(whole)
    assert all(earlier.due_at < later.due_at for earlier, later in pairwise(whole))
    assert all(since <= slot.due_at < until for slot in whole)


@settings(deadline=None, max_examples=40)
@given(st.one_of(crons, everys), zones, moments, jitters.filter(bool), starts)
def test_a_jitter_delays_and_neither_hastens_nor_reorders_nor_renames(
    schedule: Schedule, zone: str, since: datetime, jitter: timedelta, start: datetime | None
) -> None:
    until = since + 20 * DAY
    plain = {slot.key: slot.due_at for slot in slots(schedule, since - jitter, until, zone, start=start)}

    delayed = slots(schedule, since, until, zone, start=start, jitter=jitter)

    following = dict(pairwise(plain.values()))
    for slot in delayed:
        assert timedelta(0) <= slot.due_at - plain[slot.key] <= jitter
        # Never past the next one: two would fall together, or change places.
        assert slot.due_at < following.get(plain[slot.key], until)


def test_a_jitter_is_another_for_each_slot_target_and_seed() -> None:
    def delays(**more: Any) -> list[timedelta]:
        planned = slots(Cron("0 9 * * *"), SPRING, SPRING + 60 * DAY, jitter=40 * MINUTE, **more)
        return [slot.due_at - datetime.fromisoformat(slot.key.rpartition("|")[2]) for slot in planned]

    assert len(set(delays())) > 20
    assert max(delays()) > 35 * MINUTE
    assert delays(seed="x") != delays() != delays(target="b@shop.example")
    assert delays() == delays()


@pytest.mark.parametrize(
    ("zone", "change", "gap"),
    [
        (BERLIN, datetime(2026, 3, 29, 2), HOUR),  # noqa: DTZ001 - the wall's clock, in all of these
        (LORD_HOWE, datetime(2026, 10, 4, 2), HOUR / 2),  # noqa: DTZ001
        (ST_JOHNS, datetime(2026, 3, 8, 2), HOUR),  # noqa: DTZ001
    ],
)
def test_a_drawn_time_that_the_clocks_skip_moves_on_by_the_gap_and_no_other_moves(
    zone: str, change: datetime, gap: timedelta
) -> None:
    moved = 0
    for number in range(24):
        since = change.replace(tzinfo=UTC) - 5 * DAY
        planned, plain = (slots(OFTEN, since, since + 10 * DAY, one, seed=str(number)) for one in (zone, "UTC"))
        there = {time for time in walls(planned) if abs(time - change) < 4 * DAY}
        drawn = {time for time in walls(plain) if abs(time - change) < 4 * DAY}
        assert len({slot.key for slot in planned}) == len(planned)
        for time in there ^ drawn:
            assert change <= time < change + 2 * gap
        moved += len(there - drawn)
    assert moved  # else nothing was shown


@pytest.mark.parametrize(
    ("zone", "change"),
    [
        (BERLIN, datetime(2026, 10, 25, 2)),  # noqa: DTZ001 - same
        (LORD_HOWE, datetime(2026, 4, 5, 1, 30)),  # noqa: DTZ001
        (ST_JOHNS, datetime(2026, 11, 1, 1)),  # noqa: DTZ001
    ],
)
def test_a_drawn_time_in_an_hour_that_comes_twice_happens_once(zone: str, change: datetime) -> None:
    repeated = 0
    for number in range(24):
        since = change.replace(tzinfo=UTC) - 5 * DAY
        planned, plain = (slots(OFTEN, since, since + 10 * DAY, one, seed=str(number)) for one in (zone, "UTC"))
        there = [time for time in walls(planned) if abs(time - change) < 4 * DAY]
        assert there == [time for time in walls(plain) if abs(time - change) < 4 * DAY]
        repeated += sum(change <= time < change + HOUR for time in there)
    assert repeated


@settings(deadline=None, max_examples=40)
@given(zones, moments, st.timedeltas(timedelta(0), 100 * DAY))
def test_the_same_hour_of_the_week_is_the_first_that_comes(zone: str, due_at: datetime, later: timedelta) -> None:
    due_at = due_at.replace(second=0, microsecond=0)
    found = same_hour(due_at, zone, due_at + later)

    assert due_at + later <= found < due_at + later + WEEK + 2 * HOUR
    there = [at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for at in (due_at, found)]
    assert (there[1] - there[0]) % WEEK in (timedelta(0), HOUR / 2, HOUR)  # a gap moves it on


@settings(deadline=None, max_examples=40)
@given(st.one_of(randoms, crons), zones, moments, st.integers(1, 5))
def test_the_targets_of_a_matched_set_are_asked_whole_weeks_apart(
    schedule: Schedule, zone: str, since: datetime, turn: int
) -> None:
    first = slots(schedule, since, since + 30 * DAY, zone, turn=0)
    later = slots(
        schedule, since + turn * WEEK - DAY, since + turn * WEEK + 31 * DAY, zone, turn=turn, target="b@shop.example"
    )

    begun = {set_time(slot.due_at, zone, turn) for slot in later}
    for slot in first:
        # A gap that the clocks skip in one of the weeks moves it there.
        time = set_time(slot.due_at, zone, 0)
        assert {time + moved for moved in (-HOUR, -HOUR / 2, timedelta(0), HOUR / 2, HOUR)} & begun


@pytest.mark.parametrize(
    ("one", "other"), [("0", "7"), ("0", "Sun"), ("1", "Mon"), ("5", "fri"), ("1-5", "Mon-Fri"), ("6,7", "Sat,Sun")]
)
def test_weekdays_are_names_or_iso_numbers_and_zero_is_sunday_as_in_every_crontab(one: str, other: str) -> None:
    assert slots(Cron(f"0 9 * * {one}"), SPRING, SPRING + 60 * DAY) == slots(
        Cron(f"0 9 * * {other}"), SPRING, SPRING + 60 * DAY
    )


def test_the_first_weekday_is_monday() -> None:
    assert {time.isoweekday() for time in walls(slots(Cron("0 9 * * 1"), SPRING, SPRING + 60 * DAY))} == {1}


def test_a_weekday_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="bad day-of-week"):
        Cron("0 9 * * 8")
