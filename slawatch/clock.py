"""Where "now" comes from, and how instants are kept: aware, UTC, whole microseconds.

Knows nothing of what slawatch is for.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Clock(Protocol):
    """The only source of the present; passed in, so that tests can set it."""

    def now(self) -> datetime:
        """Return the present instant, aware and in UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass."""
        ...

    def when(self, machine: datetime) -> datetime:
        """Return what this clock showed when the machine's showed that: for stamps that other programs here made."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the present instant, aware and in UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Let `seconds` of real time pass."""
        time.sleep(seconds)

    def when(self, machine: datetime) -> datetime:
        """Return the instant itself, in UTC."""
        return require_aware(machine)


def require_aware(moment: datetime) -> datetime:
    """Return the moment in UTC. Raise ValueError for one without zone: comparing it would fail hours later."""
    if moment.tzinfo is None:
        msg = f'"{moment.isoformat()}" has no time zone'
        raise ValueError(msg)
    return moment.astimezone(UTC)


def to_micros(moment: datetime) -> int:
    """Return whole microseconds since 1970-01-01 UTC, the form in which the store keeps every instant."""
    return (require_aware(moment) - EPOCH) // MICROSECOND


def from_micros(micros: int) -> datetime:
    """Return the aware UTC instant of `to_micros`; exact in both directions."""
    return EPOCH + timedelta(microseconds=micros)
