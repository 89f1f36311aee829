"""Six parts of the week by when a question was asked, on the clock of whoever was asked.

Pure: knows no companies, no public holidays and no service hours of anybody's own (hours.py does).
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

# Ten hours in which nearly every desk that is open at all is open, whether from 8 to 17 or from 10 to 18; four in which
# customers are at home and still write; ten in which hardly anybody is at either end. The same hours on all days, so
# that a weekend's part is compared with a weekday's part of the same length.
OFFICE_FROM, OFFICE_UNTIL, NIGHT_FROM = 8, 18, 22
SATURDAY = 5  # as datetime.weekday() counts


class DayPart(StrEnum):
    """A part of the week; a night belongs to the day on which the question was asked."""

    WEEKDAY_OFFICE = "weekday_office"
    WEEKDAY_EVENING = "weekday_evening"
    WEEKDAY_NIGHT = "weekday_night"
    WEEKEND_OFFICE = "weekend_office"
    WEEKEND_EVENING = "weekend_evening"
    WEEKEND_NIGHT = "weekend_night"

    @property
    def in_office_hours(self) -> bool:
        """Whether it is what the always-on index compares with."""
        return self is DayPart.WEEKDAY_OFFICE

    @property
    def night_or_weekend(self) -> bool:
        """Whether the always-on index compares it with office hours: all but weekdays from 8 to 22."""
        return self not in {DayPart.WEEKDAY_OFFICE, DayPart.WEEKDAY_EVENING}


def hour_of_week(moment: datetime, zone: str) -> tuple[int, int]:
    """Return weekday (0 is Monday) and hour (0 to 23) that the wall clock there shows."""
    local = moment.astimezone(ZoneInfo(zone))
    return local.weekday(), local.hour


def day_part(moment: datetime, zone: str) -> DayPart:
    """Return the part of the week that an instant falls into there; public holidays are what weekday they are."""
    day, hour = hour_of_week(moment, zone)
    weekend = day >= SATURDAY
    if OFFICE_FROM <= hour < OFFICE_UNTIL:
        return DayPart.WEEKEND_OFFICE if weekend else DayPart.WEEKDAY_OFFICE
    if OFFICE_UNTIL <= hour < NIGHT_FROM:
        return DayPart.WEEKEND_EVENING if weekend else DayPart.WEEKDAY_EVENING
    return DayPart.WEEKEND_NIGHT if weekend else DayPart.WEEKDAY_NIGHT
