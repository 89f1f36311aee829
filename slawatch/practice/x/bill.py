"""What each call would have cost at X, in millionths of a dollar: the truth that slawatch's own ledger is held against.

Prices: X's list of August 2026.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

PRICES = {
    "post": 15_000,
    "post-url": 200_000,
    "reply": 10_000,  # to somebody who called the account
    "delete": 10_000,
    "dm": 15_000,
    "read": 5_000,
    "owned-read": 1_000,
    "dm-read": 10_000,
    "user-read": 10_000,
}


@dataclass(frozen=True, slots=True)
class Charge:
    """What one call cost: `count` resources of one kind."""

    at: datetime
    app: str
    route: str
    kind: str
    count: int
    micros: int


class Bill:
    """All charges. Something read again within the same UTC day is free, and so is what failed or found nothing.

    Whether people and posts that only came along by an expansion are charged is not said by X; `expanded` decides.
    """

    def __init__(self) -> None:
        self.expanded = False
        self.charges: list[Charge] = []
        self.count: Counter[str] = Counter()
        self.micros: Counter[str] = Counter()
        self._seen: set[tuple[str, str, str]] = set()
        self._day = date.min

    @property
    def total(self) -> int:
        """The sum, in millionths of a dollar."""
        return self.micros.total()

    def wrote(self, kind: str, *, app: str, route: str, at: datetime) -> int:
        """Charge one thing that was done; return its price."""
        return self._charge(kind, 1, app, route, at)

    def read(self, kind: str, ids: Iterable[str], *, app: str, route: str, at: datetime) -> int:
        """Charge what was read, each thing once a day whatever its price was then; return the sum."""
        if at.date() != self._day:
            self._day = at.date()
            self._seen.clear()
        noun = {"user-read": "user", "dm-read": "dm"}.get(kind, "post")
        fresh = {(app, noun, one) for one in ids} - self._seen
        self._seen |= fresh
        return self._charge(kind, len(fresh), app, route, at) if fresh else 0

    def _charge(self, kind: str, count: int, app: str, route: str, at: datetime) -> int:
        micros = PRICES[kind] * count
        self.charges.append(Charge(at, app, route, kind, count, micros))
        self.count[kind] += count
        self.micros[kind] += micros
        return micros
