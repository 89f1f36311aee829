"""What names of days mean, seen from a day: "Friday", "Ende kommender Woche", "vor Weihnachten". Pure; sums only.

Of two possible readings the later one is taken. "Early" in a week is up to Tuesday and "mid" up to Wednesday; in a
month they are its first and second ten days.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import NamedTuple

from slawatch.promise.named import DAY, WEEK

NEAR = timedelta(days=183)  # a date without a year is the nearer one, be it behind us

_SATURDAY, _SUNDAY = 5, 6
_TUESDAY, _WEDNESDAY = 1, 2
_TEN = 10
_NOVEMBER = 11
_CENTURY = 2000


class Days(NamedTuple):
    """From `first` to `last`: what is due then is due by the end of `last`, what is due before it, before `first`."""

    first: date
    last: date


def only(day: date) -> Days:
    """Return a single day."""
    return Days(day, day)


def end_of(day: date) -> Days:
    """Return "the end of …": whatever is due before it may still come on that day."""
    return Days(day + DAY, day)


def weekday(number: int, today: date, *, weeks: int | None, this: bool) -> Days:
    """Return the next such day (Monday is 0), or that of so many weeks ahead.

    Today is not the next, but it may be `this`: on a Friday "by Friday" means the coming one, or it would say "today".
    """
    if weeks is not None:
        return only(today - today.weekday() * DAY + weeks * WEEK + number * DAY)
    ahead = (number - today.weekday()) % 7
    return only(today + (ahead if this else ahead or 7) * DAY)


def week(today: date, *, weeks: int, edge: str) -> Days:
    """Return a part ("early", "mid", "late") or, for "", all of the week so many weeks ahead, Sunday included."""
    monday = today - today.weekday() * DAY + weeks * WEEK
    if edge == "early":
        return Days(monday, monday + _TUESDAY * DAY)
    if edge == "mid":
        return Days(monday + _TUESDAY * DAY, monday + _WEDNESDAY * DAY)
    sunday = monday + _SUNDAY * DAY
    return end_of(sunday) if edge == "late" else Days(monday, sunday)


def weekend(today: date, *, following: bool, up_to: bool) -> Days:
    """Return the coming Saturday and Sunday, or the Friday before them for what is due `up_to` the weekend."""
    saturday = today + (_SATURDAY - today.weekday()) * DAY
    if following:
        saturday += WEEK
    return Days(saturday, saturday - DAY if up_to else saturday + DAY)


def calendar_week(number: int, today: date) -> Days | None:
    """Return the week of that number (ISO 8601) that is near, None where none is."""
    for year in (today.year, today.year + 1):
        try:
            monday = date.fromisocalendar(year, number, 1)
        except ValueError:
            continue
        if today - WEEK < monday <= today + NEAR:
            return Days(monday, monday + _SUNDAY * DAY)
    return None


def month(first: date, edge: str) -> Days:
    """Return a part or, for "", all of the month that begins on `first`."""
    last = first.replace(day=monthrange(first.year, first.month)[1])
    if edge == "early":
        return Days(first, first.replace(day=_TEN))
    if edge == "mid":
        return Days(first.replace(day=_TEN), first.replace(day=2 * _TEN))
    return end_of(last) if edge == "late" else Days(first, last)


def named_month(number: int, year: int | None, today: date) -> date:
    """Return the first day of a month; without a year of the one that is not over."""
    return date(year or today.year + (number < today.month), number, 1)


def add_months(day: date, months: int) -> date:
    """Return the first day of the month so many months ahead."""
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def quarter(number: int | None, year: int | None, today: date) -> Days:
    """Return the end of a quarter; without a number of this one, without a year of the one that is not over."""
    current = (today.month - 1) // 3 + 1
    number = number or current
    return end_of(add_months(date(year or today.year + (number < current), 1, 1), 3 * number) - DAY)


def of_month(day: int, today: date) -> Days | None:
    """Return "the 14th" that is not over, within this month and the next two."""
    for ahead in range(3):
        first = add_months(today, ahead)
        if 0 < day <= monthrange(first.year, first.month)[1] and first.replace(day=day) >= today:
            return only(first.replace(day=day))
    return None


def dated(day: int, number: int, year: int | None, today: date) -> Days | None:
    """Return a date; without a year the nearer one. None where that is over, and where there is no such day."""
    if year is not None:
        return _day(year + (_CENTURY if year < _CENTURY else 0), number, day)
    coming = [found for found in (_day(y, number, day) for y in (today.year, today.year + 1)) if found]
    return next((found for found in coming if today <= found.last <= today + NEAR), None)


def slashed(numbers: tuple[int, int], year: int | None, today: date, *, month_first: bool) -> Days | None:
    """Return "8/14" and "14/8" as they must be read, "3/4" as the writer's country reads it."""
    first, second = numbers
    months = 12
    if second > months or (first <= months and month_first):
        first, second = second, first
    return dated(first, second, year, today)


def feast(name: str, today: date) -> Days | None:
    """Return the day before a feast, which is meant by "by Easter" and "before Easter" alike; eves are days as others.

    "Christmas" is 25 December, so what is due before it is due by the end of Christmas Eve. "The holidays" are those in
    November and December only.
    """
    if name == "holidays" and today.month < _NOVEMBER:
        return None
    day = next(day for day in (_feast_in(name, today.year), _feast_in(name, today.year + 1)) if day >= today)
    if name in {"christmas_eve", "new_years_eve"}:
        return only(day)
    return Days(day, day - DAY) if day > today else None


def _feast_in(name: str, year: int) -> date:
    if name in {"easter", "whitsun"}:
        return _easter(year) + (7 * WEEK if name == "whitsun" else timedelta(0))
    number, day = {
        "christmas_eve": (12, 24),
        "christmas": (12, 25),
        "holidays": (12, 25),
        "new_years_eve": (12, 31),
    }.get(name, (1, 1))
    return date(year, number, day)


def _easter(year: int) -> date:
    """Return Easter Sunday of the Gregorian calendar (the algorithm published anonymously in Nature, 20 April 1876)."""
    golden, century, rest = year % 19, year // 100, year % 100
    shift = (century - (century + 8) // 25 + 1) // 3
    moon = (19 * golden + century - century // 4 - shift + 15) % 30
    sunday = (32 + 2 * (century % 4) + 2 * (rest // 4) - moon - rest % 4) % 7
    late = (golden + 11 * moon + 22 * sunday) // 451
    number, day = divmod(moon + sunday - 7 * late + 114, 31)
    return date(year, number, day + 1)


def _day(year: int, number: int, day: int) -> Days | None:
    try:
        return only(date(year, number, day))
    except ValueError:
        return None
