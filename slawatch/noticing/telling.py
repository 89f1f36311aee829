"""When somebody is told of what was noticed: quiet hours, a digest, reminders; and the words of it.

Pure. Quiet hours put off the telling only: when a trouble began and ended stays as it was noticed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
LEAST_REMINDER = timedelta(minutes=30)
_TIME = r"([01][0-9]|2[0-3]):([0-5][0-9])"
_QUIET = re.compile(rf"{_TIME}-{_TIME}")


class What(StrEnum):
    """What of a trouble is told."""

    RAISED = "raised"
    WORSE = "worse"
    REMINDED = "reminded"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Quiet:
    """From one time of day to another, over midnight where the second is the smaller one."""

    since: time
    until: time


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One thing to tell. `again` is True where an earlier try may have told it already."""

    what: What
    words: str
    since: datetime
    until: datetime | None
    error: bool
    ours: bool
    again: bool


def quiet(text: str) -> Quiet:
    """Return the hours that "22:00-06:00" says. Raises ValueError with a message for the line of a config."""
    found = _QUIET.fullmatch(text.replace(" ", "").replace("–", "-"))
    if found is None or found.groups()[:2] == found.groups()[2:]:
        raise ValueError(f'"{text}" is no time from one hour to another; write "22:00-06:00"')
    hours = [int(one) for one in found.groups()]
    return Quiet(time(hours[0], hours[1]), time(hours[2], hours[3]))


def time_of_day(text: str) -> time:
    """Return the time that "07:30" says. Raises ValueError as `quiet` does."""
    found = re.fullmatch(_TIME, text.strip())
    if found is None:
        raise ValueError(f'"{text}" is no time of day; write "07:30"')
    return time(int(found[1]), int(found[2]))


def tell_at(now: datetime, hours: Quiet | None, digest: time | None, zone: str) -> datetime:
    """Return when what is noticed now may be told: at the next digest where there is one, and never in quiet hours."""
    moment = now if digest is None else _next(now, digest, zone)
    if hours is None or not _within(moment.astimezone(ZoneInfo(zone)).time(), hours):
        return moment
    return _next(moment, hours.until, zone)


def _within(at: time, hours: Quiet) -> bool:
    if hours.since < hours.until:
        return hours.since <= at < hours.until
    return at >= hours.since or at < hours.until


def _next(now: datetime, at: time, zone: str) -> datetime:
    """Return the next instant at which a clock there shows that time: in the hour summer time skips, the one after."""
    day: date = now.astimezone(ZoneInfo(zone)).date()
    for one in (day, day + DAY, day + 2 * DAY):
        moment = datetime.combine(one, at, ZoneInfo(zone)).astimezone(UTC)
        if moment >= now:
            return moment
    raise AssertionError("one of three days lies ahead")


def title(said: Sequence[Said]) -> str:
    """Return the message's title."""
    open_ones = sum(one.what is not What.RESOLVED for one in said)
    ended = len(said) - open_ones
    if len(said) == 1:
        one = said[0]
        return f"slawatch: {'resolved: ' if one.what is What.RESOLVED else ''}{_what_and_why(one.words)[0]}"
    parts = [f"{open_ones} wrong" if open_ones else "", f"{ended} resolved" if ended else ""]
    return f"slawatch: {', '.join(part for part in parts if part)}"


def body(said: Sequence[Said], zone: str) -> str:
    """Return the message: a paragraph for each thing."""
    return "\n\n".join(_paragraph(one, zone) for one in said) + "\n"


def _what_and_why(words: str) -> tuple[str, str]:
    """Return what is wrong, and what to do about it, "" for nothing: the rules put the first "; " in between."""
    what, _, why = words.partition("; ")
    return what, why


def _paragraph(one: Said, zone: str) -> str:
    def local(moment: datetime) -> str:
        return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M %Z}"

    head = {
        What.RAISED: "ERROR" if one.error else "WARNING",
        What.WORSE: "WORSE",
        What.REMINDED: "STILL",
        What.RESOLVED: "RESOLVED",
    }[one.what]
    what, why = _what_and_why(one.words)
    when = f"noticed {local(one.since)}"
    if one.until is not None:
        when, why = f"{when}, over since {local(one.until)}", ""
    lines = [f"{head}: {what}", f"{when}; on our side" if one.ours else when, why[:1].upper() + why[1:]]
    if one.again:
        lines.append("(It may have been told before: the process that told it did not report back.)")
    return "\n".join(filter(None, lines))
