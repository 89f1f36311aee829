"""What letters to ourselves say of our own way: the shortest wait it can measure, and when it brought nothing. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from slawatch.model import ZERO

PATIENCE = timedelta(hours=1)  # letters to ourselves take seconds, greylisted ones some minutes
DELAYS = 10  # so many times what the echo takes is patience enough, too


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """One letter to ourselves. `back` is when it was back at the latest, None where it is not."""

    sent_at: datetime
    delay: timedelta
    back: datetime | None

    @property
    def length(self) -> timedelta | None:
        """How long our own way took at most, without what the echo took."""
        return None if self.back is None else max(self.back - self.sent_at - self.delay, ZERO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """`floor` is the shortest wait that our way can measure: what the quickest letter to ourselves took.

    None where none is back. `lost` are the stretches in which letters left that never came back, up to when the next
    one left that did, None while that lasts.
    """

    account: str
    sent: int
    back: int
    floor: timedelta | None
    median: timedelta | None
    longest: timedelta | None
    lost: tuple[tuple[datetime, datetime | None], ...] = ()


def patience(delay: timedelta) -> timedelta:
    """Return after which time a letter to ourselves counts as lost."""
    return max(PATIENCE, DELAYS * delay)


def overdue(trip: Trip, looked: datetime) -> bool:
    """Whether it should be back and is not; `looked` is up to when it is known what came in."""
    return trip.back is None and looked - trip.sent_at >= patience(trip.delay)


def floor(account: str, trips: Sequence[Trip], looked: datetime) -> Floor:
    """Return what these say, in the order they left. One that is not yet overdue says nothing."""
    lengths = sorted(one.length for one in trips if one.length is not None)
    told = [one for one in trips if one.back is not None or overdue(one, looked)]
    return Floor(
        account=account,
        sent=len(told),
        back=len(lengths),
        floor=lengths[0] if lengths else None,
        median=_middle(lengths) if lengths else None,
        longest=lengths[-1] if lengths else None,
        lost=tuple(_lost(told)),
    )


def _middle(lengths: Sequence[timedelta]) -> timedelta:
    """Return the middle one, of two the longer one: none is made up."""
    return lengths[len(lengths) // 2]


def _lost(told: Sequence[Trip]) -> list[tuple[datetime, datetime | None]]:
    spans: list[tuple[datetime, datetime | None]] = []
    since: datetime | None = None
    for one in told:
        if one.back is None:
            since = since or one.sent_at
        elif since is not None:
            spans.append((since, one.sent_at))
            since = None
    return spans if since is None else [*spans, (since, None)]
