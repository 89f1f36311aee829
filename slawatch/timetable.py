"""Reads service hours, holidays and published promises as people write them into the config file.

Says what is wrong with them, line by line; what they come to is counted in hours.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any, TypeAlias

from slawatch import public_holidays, values
from slawatch.hours import DAY, WEEKDAYS, Holidays, Occasion, Openings, ServiceHours
from slawatch.model import PublishedPromise
from slawatch.public_holidays import PUBLIC
from slawatch.tomlfile import KeyPath, Reader, quoted, unknown
from slawatch.values import NONE, MistakeError

ALWAYS = "always"
CLOSED = "closed"
HOLIDAYS = ("country", "region", "categories", "add", "remove")
PROMISE = ("within", "source", "seen")
HOURS_EXAMPLE = '{ Mon-Fri = "09:00-17:00", Sat = "10:00-12:00" }'
LEAP_YEAR = 2024  # in which every day of a year exists

Days: TypeAlias = Occasion | range
"""What a line of `hours` is about: one day, or weekdays by number."""

_WEEKDAYS = re.compile(rf"({'|'.join(WEEKDAYS)})(?: ?[-–] ?({'|'.join(WEEKDAYS)}))?")
_OPENING = re.compile(r"([0-9]{1,2}):([0-5][0-9]) ?[-–] ?([0-9]{1,2}):([0-5][0-9])")
_OCCASION = re.compile(r"(?:([0-9]{4})-)?([0-9]{2})-([0-9]{2})(?:\s+(\S.*))?")
_DATE_LIKE = re.compile(r"[0-9][0-9-]*(?=\s|$)")
_BUSINESS_DAYS = re.compile(r"([1-9][0-9]{0,2}) ?business days?")


def hours(reader: Reader, path: KeyPath, table: Mapping[str, Any]) -> ServiceHours | None:
    """Return what `hours` in the table at `path` says, without holidays; None where it is missing or mistaken."""
    if "hours" not in table:
        return None
    here, value = (*path, "hours"), table["hours"]
    if value in (ALWAYS, NONE):
        return ServiceHours(always=value == ALWAYS)
    if not isinstance(value, dict):
        reader.mistakes.add(
            here, f'{quoted(value)} are no hours; write {HOURS_EXAMPLE}, or "{ALWAYS}", or "{NONE}" for none known'
        )
        return None
    lines: dict[str, tuple[Days, Openings]] = {}
    for key, written in value.items():
        days = reader.check((*here, key), key, _days_named, None)
        openings = reader.check((*here, key), written, _openings, None)
        if days is not None and openings is not None:
            lines[key] = days, openings
    # What is missing for a mistake is no second one.
    return _made(reader, here, lines) if len(lines) == len(value) else None


def holidays(reader: Reader, path: KeyPath, table: Mapping[str, Any]) -> Holidays | None:
    """Return what `holidays` in the table at `path` says; None where it is missing or mistaken."""
    if "holidays" not in table:
        return None
    here, value = (*path, "holidays"), table["holidays"]
    if value == NONE:
        return Holidays()
    if not isinstance(value, dict):
        cure = f'write {{ country = "DE", region = "BW" }}, or "{NONE}"'
        reader.mistakes.add(here, f"{quoted(value)} are no holidays; {cure}")
        return None
    reader.mistakes.add_unknown_keys(here, value, HOLIDAYS)
    country = reader.take(here, value, "country", _country, "")
    for key in ("region", "categories"):
        if key in value and "country" not in value:
            reader.mistakes.add((*here, key), '"country" is missing beside it; write country = "DE"')
    region: str | None = ""
    sorts: tuple[str, ...] = (PUBLIC,)
    if country:
        region = reader.take(
            here, value, "region", lambda one: _region(country, one), None if "region" in value else ""
        )
        known = values.choice(public_holidays.categories(country), "category of holidays")
        sorts = reader.each(here, value, "categories", known) or sorts
    # Which holidays there are cannot be said where the country or region is mistaken: that is one mistake, not two.
    unknown_place = region is None or (not country and "country" in value)
    calendar = None if unknown_place else (country, region or "", sorts)
    removed = reader.each(here, value, "remove", lambda one: _removed(one, calendar)) or ()
    region = region or ""
    return Holidays(
        country=country,
        region=region,
        categories=sorts,
        add=reader.each(here, value, "add", _occasion) or (),
        remove=tuple(one for one in removed if isinstance(one, Occasion)),
        remove_named=tuple(one for one in removed if isinstance(one, str)),
    )


def promise(reader: Reader, path: KeyPath, table: Mapping[str, Any]) -> PublishedPromise | None:
    """Return the published promise in the table at `path`; None where it is missing or mistaken.

    One without any time takes an inherited promise away.
    """
    if "promise" not in table:
        return None
    here, value = (*path, "promise"), table["promise"]
    if value == NONE:
        return PublishedPromise()
    if not isinstance(value, dict):
        cure = f'write {{ within = "24 h", source = "https://shop.example/contact" }}, or "{NONE}"'
        reader.mistakes.add(here, f"{quoted(value)} is no promise; {cure}")
        return None
    reader.mistakes.add_unknown_keys(here, value, PROMISE)
    within = reader.need(here, value, "within", _within, '"24 h" or "2 business days"')
    source = reader.take(here, value, "source", values.text, "")
    seen = reader.take(here, value, "seen", day, None)
    if within is None:
        return None
    return PublishedPromise(
        within=within if isinstance(within, timedelta) else None,
        business_days=within if isinstance(within, int) else None,
        source=source,
        seen=seen,
    )


def _made(reader: Reader, here: KeyPath, lines: Mapping[str, tuple[Days, Openings]]) -> ServiceHours | None:
    """Return the hours of all lines, each of which is right by itself."""
    week: dict[int, str] = {}
    for key, (days, _) in lines.items():
        for day in days if isinstance(days, range) else ():
            if week.setdefault(day % 7, key) != key:
                twice = f'{WEEKDAYS[day % 7]} is given by "{week[day % 7]}" as well; write each day once'
                reader.mistakes.add((*here, key), twice)
    weekly = tuple(lines[week[day]][1] if day in week else () for day in range(len(WEEKDAYS)))
    if not any(weekly):
        reader.mistakes.add(here, f"no weekday has any hours; write {HOURS_EXAMPLE}")
        return None
    special = [(days, openings) for days, openings in lines.values() if isinstance(days, Occasion)]
    return ServiceHours(weekly=weekly, special=tuple(special))


def _days_named(key: Any) -> Days:
    """Return the weekdays that a key names, from Monday = 0 on and beyond 6 where they go over Sunday, or its date."""
    found = _WEEKDAYS.fullmatch(key)
    if found:
        first = WEEKDAYS.index(found[1])
        last = WEEKDAYS.index(found[2] or found[1])
        return range(first, last + 1 + (7 if last < first else 0))
    if _DATE_LIKE.fullmatch(key):
        return _occasion(key)
    raise MistakeError(f'{quoted(key)} is no day; write it as "Mon", "Mon-Fri", "2026-12-24" or, of each year, "12-24"')


def _openings(value: Any) -> Openings:
    """Return the hours of one day, none where it is closed."""
    if value in (CLOSED, []):
        return ()
    written = value if isinstance(value, list) else [value]
    openings = sorted(_opening(one) for one in written)
    for (_, end), (start, _) in pairwise(openings):
        if start < end:
            raise MistakeError(f"{quoted(value)} overlap; write each time once")
    return tuple(openings)


def _opening(value: Any) -> tuple[int, int]:
    found = _OPENING.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise MistakeError(f'{quoted(value)} are no hours; write "09:00-17:00", or "{CLOSED}"')
    first, until = (_time(*found.group(n, n + 1)) for n in (1, 3))
    if first is None or until is None or first == DAY:
        raise MistakeError(f'{quoted(value)} has a time that no day has; write "00:00" to "24:00"')
    if first == until:
        raise MistakeError(f'{quoted(value)} is no time at all; write "00:00-24:00" for the whole day, or "{CLOSED}"')
    return first, until if until > first else until + DAY


def _time(hour: str, minute: str) -> int | None:
    """Return seconds after midnight; None beyond 24:00."""
    seconds = int(hour) * 3600 + int(minute) * 60
    return seconds if seconds <= DAY else None


def _occasion(value: Any) -> Occasion:
    """Return a day of one year or of each, with the name behind it."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return Occasion(value.month, value.day, value.year)
    found = _OCCASION.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise MistakeError(
            f'{quoted(value)} is no day; write it as "2026-12-24 Staff outing" or, of each year, "12-24"'
        )
    year, month, day = int(found[1]) if found[1] else None, int(found[2]), int(found[3])
    try:
        date(year or LEAP_YEAR, month, day)
    except ValueError:
        raise MistakeError(f"{quoted(value)} is a day that does not exist; write another") from None
    return Occasion(month, day, year, found[4] or "")


def _removed(value: Any, calendar: tuple[str, str, tuple[str, ...]] | None) -> Occasion | str:
    """Return a day on which they are there all the same, or the name of a holiday that they never keep.

    `calendar` is country ("" for none), region and categories, None where they are not known for a mistake.
    """
    if not isinstance(value, str) or _DATE_LIKE.match(value):
        return _occasion(value)
    if calendar is None:
        return value
    country = calendar[0]
    if not country:
        raise MistakeError(
            f'{quoted(value)} is no day; write it as "2026-10-31", or name the country whose holiday it is'
        )
    known = public_holidays.names(*calendar)
    if value not in known:
        raise MistakeError(unknown(f"holiday of {country}", value, known))
    return value


def _country(value: Any) -> str:
    known = public_holidays.countries()
    if values.text(value) not in known:
        raise MistakeError(f'{quoted(value)} is no country; write its two letters, such as "DE"')
    return str(value)


def _region(country: str, value: Any) -> str:
    known = public_holidays.regions(country)
    if values.text(value) not in known:
        raise MistakeError(unknown(f"region of {country}", value, sorted(known)))
    return known[value]


def _within(value: Any) -> timedelta | int:
    """Return a length of time, or a number of business days."""
    found = _BUSINESS_DAYS.fullmatch(value.strip()) if isinstance(value, str) else None
    if found:
        return int(found[1])
    try:
        return values.duration(value)
    except ValueError as error:
        raise MistakeError(f'{error}, or "2 business days"') from None


def day(value: Any) -> date:
    """Return a day of one year."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise MistakeError(f"{quoted(value)} is no date; write it as 2026-11-02") from None
