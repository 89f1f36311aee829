"""Reads the times that a widget writes beside its lines. A second source only: it says how coarse each of them is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

ISO = "iso"
MILLISECOND = timedelta(milliseconds=1)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamping:
    """How an item says when it was written.

    `select` finds the element inside the item (CSS; "" is the item), `attr` the attribute that holds the time ("" is
    its text). `format` is strptime's, or "iso" for ISO 8601. `zone` is where a time without an offset is meant.
    """

    format: str
    attr: str = ""
    select: str = ""
    zone: str = "UTC"

    def read(self, text: str, *, near: datetime) -> tuple[datetime, timedelta] | None:
        """Return the instant in UTC and how coarse it is (the true one lies less than that later), None for no time.

        A time without a date is that of the day which brings it nearest to `near`.
        """
        try:
            found, coarse = self._parsed(text.strip())
        except (ValueError, OverflowError):
            return None
        if found.tzinfo is not None:
            return found.astimezone(UTC), coarse
        zone = ZoneInfo(self.zone)
        if self.dated:
            return found.replace(tzinfo=zone).astimezone(UTC), coarse
        today = near.astimezone(zone).date()
        days = (datetime.combine(today + step * DAY, found.time(), zone) for step in (-1, 0, 1))
        return min((day.astimezone(UTC) for day in days), key=lambda day: abs(day - near)), coarse

    @property
    def dated(self) -> bool:
        """Whether the time comes with its day."""
        return self.format == ISO or any(sign in self.format for sign in ("%d", "%j", "%x", "%c"))

    def _parsed(self, text: str) -> tuple[datetime, timedelta]:
        if self.format != ISO:
            return datetime.strptime(text, self.format), self._coarse()  # noqa: DTZ007 - a zone is put on it afterwards
        found = datetime.fromisoformat(text)
        clock = _CLOCK.search(text, len("2026-01-31"))
        if clock is None:
            return found, DAY
        return found, MILLISECOND if clock[2] else SECOND if clock[1] else MINUTE

    def _coarse(self) -> timedelta:
        if "%f" in self.format:
            return MILLISECOND
        if any(sign in self.format for sign in ("%S", "%T", "%X", "%c")):
            return SECOND
        return MINUTE if any(sign in self.format for sign in ("%M", "%R")) else DAY


_CLOCK = re.compile(r"\d\d:?\d\d(:?\d\d(\.\d+)?)?")


def midnight(format_: str) -> str:
    """Return how a midnight is written in a format; raises ValueError where the format cannot be read back."""
    written = datetime.combine(datetime(2026, 1, 31, tzinfo=UTC), time(), UTC).strftime(format_)
    datetime.strptime(written, format_)  # noqa: DTZ007 - only whether it can be read
    return written
