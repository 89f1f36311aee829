"""When a mailed report is due, and which period it speaks of: calendar arithmetic in the zone of those who read it.

Pure: is told the time, and knows neither what a report holds nor whether it was sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from cronsim import CronSim

from slawatch import durations, periods
from slawatch.clock import MICROSECOND
from slawatch.periods import Kind, Period, Unit
from slawatch.plan import Cron

DAY = timedelta(days=1)
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
SEVEN = 7 * 60  # minutes after midnight: before people begin to work
DAY_MAX = 28  # the last day of the month that every month has
FEW_WORDS = 3  # from which on cron is meant, and its own complaint is the better one
PERIODS_MAX = timedelta(days=1100)  # three years: what nobody reads in one mail would only be a slip of the pen

_DAILY = "day"
_CALENDAR: dict[str, Kind] = {_DAILY: DAY, "week": Unit.WEEK, "month": Unit.MONTH, "quarter": Unit.QUARTER}
_AT = re.compile(
    rf"(?:(?:(?P<weekday>{'|'.join(WEEKDAYS)})|(?P<day>[0-9]{{1,2}}))\s+)?(?P<hour>[0-9]{{1,2}}):(?P<minute>[0-9]{{2}})"
)
_AT_EXAMPLES: dict[Kind, str] = {
    DAY: '"07:30"',
    Unit.WEEK: '"Mon 07:30"',
    Unit.MONTH: '"1 07:30" for the first of the month',
    Unit.QUARTER: '"1 07:30" for the first of the quarter',
}


@dataclass(frozen=True, slots=True)
class Calendar:
    """Once in each day, week, month or quarter: `day` days after its beginning, `minutes` after midnight."""

    unit: Kind
    day: int = 0
    minutes: int = SEVEN


Rhythm = Calendar | Cron


def read(text: str) -> Kind | Cron:
    """Return what an `every` says: a unit of the calendar, or the five fields of cron.

    Raises:
        ValueError: it says neither, with a message made for the line of a config file.
    """
    if text in _CALENDAR:
        return _CALENDAR[text]
    if len(text.split()) >= FEW_WORDS:
        return Cron(text)
    raise ValueError(f'"{text}" is no rhythm; write "day", "week", "month", "quarter" or cron\'s "30 7 * * Mon"')


def at(text: str, unit: Kind) -> Calendar:
    """Return the moment of the unit that an `at` says: "07:30", in a week "Mon 07:30", in a month "15 07:30".

    Raises:
        ValueError: it says none, as with `read`.
    """
    found = _AT.fullmatch(text.strip())
    hour, minute = (int(found["hour"]), int(found["minute"])) if found else (24, 0)
    elsewhere = found and ((found["weekday"] and unit is not Unit.WEEK) or (found["day"] and unit in {DAY, Unit.WEEK}))
    if found is None or elsewhere or hour > 23 or minute > 59:  # noqa: PLR2004  the last of a day
        raise ValueError(f'"{text}" is no time of that; write {_AT_EXAMPLES[unit]}')
    day = int(found["day"]) if found["day"] else 1
    if not 1 <= day <= DAY_MAX:
        raise ValueError(f'"{text}" is a day that not every month has; write 1 to {DAY_MAX}')
    return Calendar(unit, WEEKDAYS.index(found["weekday"]) if found["weekday"] else day - 1, hour * 60 + minute)


def reach(text: str) -> Kind:
    """Return the period that a `period` says: a unit of the calendar, or a length in whole days, "28 d".

    Raises:
        ValueError: it says none, as with `read`.
    """
    if text in _CALENDAR:
        return _CALENDAR[text]
    try:
        length = durations.parse(text)
    except ValueError:
        length = timedelta(0)
    if not length or length % DAY or length > PERIODS_MAX:
        raise ValueError(f'"{text}" is no period of whole days; write "day", "week", "month", "quarter" or "28 d"')
    return length


def newest_due(rhythm: Rhythm, now: datetime, zone: str) -> datetime | None:
    """Return the last moment up to now at which it was due; None where a cron expression never was.

    On the day the clocks change it is due once: a time that is skipped moves on by the gap, of a repeated one the first
    counts (PEP 495, as with what is planned).
    """
    return next((moment for moment in _moments(rhythm, now, zone, back=True) if moment <= now), None)


def next_due(rhythm: Rhythm, now: datetime, zone: str) -> datetime | None:
    """Return the first moment after now at which it is due; None where a cron expression never is again."""
    return next((moment for moment in _moments(rhythm, now, zone, back=False) if moment > now), None)


def period(kind: Kind, due: datetime, zone: str) -> Period:
    """Return what a report that is due then speaks of: the whole period of the calendar, or the days, before its day.

    A day has as many hours as its clock shows, be it 23 or 25.
    """
    if isinstance(kind, Unit):
        return periods.previous(periods.up_to(kind, due + MICROSECOND, zone), zone)
    today = due.astimezone(ZoneInfo(zone)).date()
    return Period(since=_instant(today - kind, 0, zone), until=_instant(today, 0, zone), kind=kind)


def _moments(rhythm: Rhythm, now: datetime, zone: str, *, back: bool) -> Iterator[datetime]:
    """Return moments from about now on, backwards or forwards, the nearest ones first; the first may lie beyond."""
    wall = now.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    if isinstance(rhythm, Cron):
        # A day beyond now, for the clocks may have changed in between; cronsim itself is told of no zone.
        found = CronSim(rhythm.expression, wall + DAY if back else wall - DAY, reverse=back)
        return (one.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC) for one in found)
    beginnings = (_beginning(rhythm.unit, wall.date(), -step + 1 if back else step - 1) for step in count())
    return (_instant(first + rhythm.day * DAY, rhythm.minutes, zone) for first in beginnings)


def _beginning(unit: Kind, day: date, steps: int) -> date:
    """Return the first day of the unit that holds the day, or of the one so many steps from it."""
    if unit is Unit.WEEK:
        return day + (7 * steps - day.weekday()) * DAY
    if not isinstance(unit, Unit):
        return day + steps * unit
    months = 3 if unit is Unit.QUARTER else 1
    years, month = divmod(day.year * 12 + (day.month - 1) // months * months + steps * months, 12)
    return date(years, month + 1, 1)


def _instant(day: date, minutes: int, zone: str) -> datetime:
    moment = datetime.combine(day, time(minutes // 60, minutes % 60), ZoneInfo(zone))
    return moment.astimezone(UTC)
