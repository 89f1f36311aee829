"""Periods as people name them ("28 d", "month", "last week", "2026-W47") and the instants they mean in a time zone.

Pure: takes the present as an argument, and knows neither requests nor reports.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TypeAlias
from zoneinfo import ZoneInfo

from slawatch import durations
from slawatch.clock import MICROSECOND

DAY = timedelta(days=1)
EXAMPLES = '"28 d", "this month", "last week", "2026-11", "2026-W47", "2026-Q4", "2026" or "2026-11-01..2026-11-30"'


class Unit(StrEnum):
    """A period of the calendar. Weeks begin on Monday, and the first of a year holds its 4 January (ISO 8601)."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


Kind: TypeAlias = timedelta | Unit
"""What makes one period follow the other: a fixed length that rolls along, or the calendar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A stretch of time, half open, in UTC. `kind` is None where somebody named its two ends."""

    since: datetime
    until: datetime
    kind: Kind | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Over which period a target's objectives are kept, and at which shares of its error budget to warn."""

    kind: Kind = 28 * DAY
    warn_at: tuple[float, ...] = (0.8,)


_MONTHS = {Unit.MONTH: 1, Unit.QUARTER: 3, Unit.YEAR: 12}
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_RELATIVE = re.compile(rf"(this|last) ({'|'.join(Unit)})")
_NAMED = re.compile(r"(?P<year>[0-9]{4})(?:-(?:W(?P<week>[0-9]{2})|Q(?P<quarter>[1-4])|(?P<month>[0-9]{2})))?")


def read(text: str) -> Kind:
    """Return the kind of period that "28 d" or "month" says.

    Raises:
        ValueError: it says none, with a message made for the line of a config file.
    """
    if text in set(Unit):
        return Unit(text)
    try:
        length = durations.parse(text)
    except ValueError:
        length = timedelta(0)
    if not length:
        raise ValueError(f'"{text}" is no period; write "28 d", "week", "month", "quarter" or "year"')
    return length


def show(kind: Kind | None) -> str:
    """Return the kind as `read` takes it; "" for None."""
    if kind is None:
        return ""
    return str(kind) if isinstance(kind, Unit) else durations.show(kind)


def up_to(kind: Kind, end: datetime, zone: str) -> Period:
    """Return the period of this kind as far as it has come by `end`: the last 28 days, or the month so far.

    A month that ends at `end` is that whole month.

    Raises:
        OverflowError: it would begin before there were years.
    """
    if isinstance(kind, timedelta):
        return Period(since=end - kind, until=end, kind=kind)
    day = (end - MICROSECOND).astimezone(ZoneInfo(zone)).date()
    return Period(since=_midnight(_first(kind, day), zone), until=end, kind=kind)


def previous(period: Period, zone: str) -> Period:
    """Return the period before: of the calendar the whole one before, else as much time just before.

    Raises:
        OverflowError: it would begin before there were years.
    """
    if isinstance(period.kind, Unit):
        return _whole(period.kind, period.since.astimezone(ZoneInfo(zone)).date() - DAY, zone)
    return Period(since=period.since - (period.until - period.since), until=period.since, kind=period.kind)


def named(text: str, now: datetime, zone: str) -> Period:
    """Return the period a person means, in their zone: one of `EXAMPLES`. Of the calendar, what has not ended ends now.

    Two ends are days, of which the last is part of the period, or times; a single day is a period, too.

    Raises:
        ValueError: it is none, has not begun yet, or ends before it begins; one line that says what to write.
    """
    asked = " ".join(text.split())
    try:
        found = _found(asked, now, zone)
    except OverflowError:
        raise ValueError(f'"{text}" reaches beyond the years 1 to 9999; write {EXAMPLES}') from None
    if found is None:
        raise ValueError(f'"{text}" is no period; write {EXAMPLES}')
    if found.since >= found.until:
        raise ValueError(f'"{text}" ends before it begins')
    if found.since >= now:
        raise ValueError(f'"{text}" has not begun yet; write one that has')
    return replace(found, until=min(found.until, now)) if isinstance(found.kind, Unit) else found


def _found(asked: str, now: datetime, zone: str) -> Period | None:
    if relative := _RELATIVE.fullmatch(asked):
        unit = Unit(relative[2])
        so_far = up_to(unit, now + MICROSECOND, zone)  # at the first instant of a month it is already this one
        return so_far if relative[1] == "this" else previous(so_far, zone)
    if named := _NAMED.fullmatch(asked):
        return _of_calendar(named, zone)
    try:
        return up_to(durations.parse(asked), now, zone)
    except ValueError:
        return _of_days(asked, zone)


def _of_calendar(found: re.Match[str], zone: str) -> Period | None:
    year = int(found["year"])
    try:
        if found["week"]:
            return _whole(Unit.WEEK, date.fromisocalendar(year, int(found["week"]), 1), zone)
        if found["quarter"]:
            return _whole(Unit.QUARTER, date(year, 3 * int(found["quarter"]) - 2, 1), zone)
        if found["month"]:
            return _whole(Unit.MONTH, date(year, int(found["month"]), 1), zone)
        return _whole(Unit.YEAR, date(year, 1, 1), zone)
    except ValueError:
        return None  # a week 53 of a year that has none, a month 13, the year 0


def _of_days(asked: str, zone: str) -> Period | None:
    first, dots, last = asked.partition("..")
    try:
        return Period(since=_end(first, zone), until=_end(last if dots else first, zone, over=True))
    except ValueError:
        return None


def _end(text: str, zone: str, *, over: bool = False) -> datetime:
    """Return the instant of a day's beginning, with `over` that of its end, or of a time of that zone."""
    if _DAY.fullmatch(text):
        return _midnight(date.fromisoformat(text) + (DAY if over else timedelta(0)), zone)
    found = datetime.fromisoformat(text)
    return (found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


def _first(unit: Unit, day: date) -> date:
    """Return the first day of the period of the calendar that holds the day."""
    if unit is Unit.WEEK:
        return day - day.weekday() * DAY
    months = _MONTHS[unit]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def _whole(unit: Unit, day: date, zone: str) -> Period:
    first = _first(unit, day)
    if unit is Unit.WEEK:
        after = first + 7 * DAY
    else:
        years, month = divmod(first.month - 1 + _MONTHS[unit], 12)
        if first.year + years > date.max.year:
            raise OverflowError
        after = date(first.year + years, month + 1, 1)
    return Period(since=_midnight(first, zone), until=_midnight(after, zone), kind=unit)


def _midnight(day: date, zone: str) -> datetime:
    """Return the first instant of the day there; where summer time skips midnight or has two, that is right, too.

    zoneinfo takes a time that is skipped by the offset before, which makes it the instant of the change (PEP 495).
    """
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
