"""The parts of the week are told by the clock of whoever was asked."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from slawatch.dayparts import DayPart, day_part, hour_of_week


@pytest.mark.parametrize(
    ("asked", "zone", "part"),
    [
        ("2026-03-06 06:59", "Europe/Berlin", DayPart.WEEKDAY_NIGHT),
        ("2026-03-06 07:00", "Europe/Berlin", DayPart.WEEKDAY_OFFICE),
        ("2026-03-06 16:59", "Europe/Berlin", DayPart.WEEKDAY_OFFICE),
        ("2026-03-06 17:00", "Europe/Berlin", DayPart.WEEKDAY_EVENING),
        ("2026-03-06 20:59", "Europe/Berlin", DayPart.WEEKDAY_EVENING),
        ("2026-03-06 21:00", "Europe/Berlin", DayPart.WEEKDAY_NIGHT),
        ("2026-03-06 23:00", "Europe/Berlin", DayPart.WEEKEND_NIGHT),  # Saturday there
        ("2026-03-07 12:00", "Europe/Berlin", DayPart.WEEKEND_OFFICE),
        ("2026-03-08 19:00", "Europe/Berlin", DayPart.WEEKEND_EVENING),
        ("2026-03-06 16:59", "America/New_York", DayPart.WEEKDAY_OFFICE),
        ("2026-03-29 16:30", "Europe/Berlin", DayPart.WEEKEND_EVENING),  # summer time has begun that morning
    ],
)
def test_a_question_falls_into_a_part_of_the_week(asked: str, zone: str, part: DayPart) -> None:
    assert day_part(datetime.fromisoformat(asked).replace(tzinfo=UTC), zone) is part


def test_the_hour_of_the_week_is_the_wall_clocks() -> None:
    assert hour_of_week(datetime(2026, 3, 8, 23, 30, tzinfo=UTC), "Europe/Berlin") == (0, 0)


def test_night_and_weekend_leave_out_weekdays_from_eight_to_ten_in_the_evening() -> None:
    outside = {part for part in DayPart if part.night_or_weekend}

    assert set(DayPart) - outside == {DayPart.WEEKDAY_OFFICE, DayPart.WEEKDAY_EVENING}
    assert [part for part in DayPart if part.in_office_hours] == [DayPart.WEEKDAY_OFFICE]
