"""Reads times as people type them: "now", "5 min ago", "10:04", "yesterday 17:30", "2026-11-22 10:04", or a day alone.

Each comes with how far it may be off: who types minutes means any second of them. Knows no clock of its own.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from slawatch.durations import parse
from slawatch.errors import UsageError
from slawatch.model import ZERO
from slawatch.usecases.recording import Instant

AN_INSTANT = timedelta(microseconds=1)
MINUTE, SECOND, DAY = timedelta(minutes=1), timedelta(seconds=1), timedelta(days=1)
JUST_NOW = timedelta(seconds=10)  # how long somebody takes to type the command after it happened (own estimate)

_AGO = re.compile(r"(.+?)\s+ago", re.IGNORECASE)
_TIME = re.compile(
    r"(?:(?P<day>\d{4}-\d{2}-\d{2}|today|yesterday)(?:[ T]+|$))?(?:(?P<time>\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?))?"
    r"(?P<offset>Z|[+-]\d{2}:\d{2})?",
    re.IGNORECASE,
)


def read(text: str, *, zone: str, now: datetime, where: str) -> Instant:
    """Return the instant that these words mean on the clocks of that zone; `where` names the option in messages.

    Raises:
        UsageError: they mean none, or an hour that the clocks skipped on that day.
    """
    words = " ".join(text.split())
    if words.lower() == "now":
        return Instant(at=now, earlier=JUST_NOW, noted="typed as it happened")
    ago = _AGO.fullmatch(words)
    if ago:
        return _ago(ago[1], words, now, where)
    found = _TIME.fullmatch(words)
    if found is None or not (found["day"] or found["time"]) or (found["offset"] and not found["time"]):
        raise UsageError(_none(where, text))
    try:
        day = _day(found["day"], now.astimezone(ZoneInfo(zone)).date())
        if found["time"] is None:
            begin = datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
            end = datetime.combine(day + DAY, time(), ZoneInfo(zone)).astimezone(UTC)
            return _until_now(begin, end - begin - AN_INSTANT, now, "typed as a day")
        hour, _, rest = found["time"].partition(":")
        clock = time.fromisoformat(f"{int(hour):02}:{rest}")
        at, doubt = _on_the_clock(day, clock, found["offset"], zone, where, text)
    except (ValueError, OverflowError):
        raise UsageError(_none(where, text)) from None
    to_the_second = rest.count(":") == 1
    step = ZERO if "." in rest else SECOND if to_the_second else MINUTE
    noted = "typed to the second" if to_the_second else "typed to the minute"
    return _until_now(at, max(step - AN_INSTANT, ZERO) + doubt, now, noted)


def _ago(amount: str, words: str, now: datetime, where: str) -> Instant:
    """Return an instant some time ago; people count that in the unit they name, so it may be off by half of one."""
    try:
        span = parse(amount)
    except ValueError:
        raise UsageError(_none(where, words)) from None
    units = {"s": SECOND, "n": MINUTE, "h": timedelta(hours=1), "d": DAY, "w": 7 * DAY}
    margin = units[amount.rstrip()[-1].lower()] / 2
    return Instant(at=now - span, earlier=margin, later=min(margin, span), noted=f'typed as "{words}"')


def _day(word: str | None, today: date) -> date:
    named = (word or "today").lower()
    if named == "today":
        return today
    return today - DAY if named == "yesterday" else date.fromisoformat(named)


def _on_the_clock(
    day: date, clock: time, offset: str | None, zone: str, where: str, text: str
) -> tuple[datetime, timedelta]:
    """Return the instant, and how much later it may be as the clocks showed that time twice."""
    if offset:
        return datetime.fromisoformat(f"{day}T{clock.isoformat()}{offset.upper()}").astimezone(UTC), ZERO
    wall = datetime.combine(day, clock, ZoneInfo(zone))
    first, second = wall.astimezone(UTC), wall.replace(fold=1).astimezone(UTC)
    if first.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != wall.replace(tzinfo=None):
        raise UsageError(f'{where}: "{text}" never was: the clocks of {zone} were put on then; write another time')
    return first, second - first


def _until_now(at: datetime, later: timedelta, now: datetime, noted: str) -> Instant:
    """Return the instant; what has happened happened by now."""
    return Instant(at=at, later=min(later, max(now - at, ZERO)), noted=noted)


def _none(where: str, text: str) -> str:
    return f'{where}: "{text}" is no time; write "now", "5 min ago", "10:04", "yesterday 17:30" or "2026-11-22 10:04"'
