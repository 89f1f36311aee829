"""The store's part for letters to ourselves: when each left and when it was back. None of them is a request.

Judges nothing; what has not come back may still.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta

from slawatch.clock import from_micros
from slawatch.store.database import Database
from slawatch.store.rows import moment

MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """A letter to ourselves. `sent_at` is None where it did not leave (`failed` says why) or nobody knows.

    `back_at` is when it was back, give `later` and take `earlier`; `heard_at` when we saw that. `delay` is how long
    whoever sends it back keeps it.
    """

    account: str
    own_id: str
    delay: timedelta
    intended_at: datetime
    sent_at: datetime | None
    failed: str
    back_at: datetime | None
    earlier: timedelta
    later: timedelta
    heard_at: datetime | None


class Canaries(Database):
    """Letters to ourselves."""

    def add_canary(self, account: str, *, own_id: str, delay: timedelta) -> None:
        """Keep the intent to send one, before anything of it leaves."""
        with self._writing():
            self._change("add_canary", account=account, own_id=own_id, delay=delay, now=self._now())

    def canary_left(self, own_id: str, *, sent_at: datetime | None, failed: str = "") -> None:
        """Keep that it left then, or why it surely did not."""
        with self._writing():
            self._change("canary_left", own_id=own_id, sent_at=sent_at, failed=failed)

    def canary_back(self, own_id: str, *, at: datetime, earlier: timedelta, later: timedelta) -> bool:
        """Keep that it is back; the first time counts. False where there is none of that id, or it was back."""
        with self._writing():
            return (
                self._change(
                    "canary_back",
                    own_id=own_id,
                    back_at=at,
                    earlier=earlier,
                    later=later,
                    now=self._now(),
                )
                == 1
            )

    def canary(self, own_id: str) -> Canary | None:
        """Return the one of that Message-ID, None where there is none."""
        row = self._one("canary", own_id=own_id)
        return None if row is None else _canary_of(row)

    def canaries(self, account: str, *, since: datetime | None = None, until: datetime | None = None) -> list[Canary]:
        """Return those that were to leave then (half open), the oldest first."""
        return [_canary_of(row) for row in self._rows("canaries", account=account, since=since, until=until)]

    def newest_canary(self, account: str, *, back: bool = False) -> Canary | None:
        """Return the newest one, or the newest that is `back`."""
        row = self._one("newest_canary_back" if back else "newest_canary", account=account)
        return None if row is None else _canary_of(row)


def _canary_of(row: sqlite3.Row) -> Canary:
    return Canary(
        account=row["account"],
        own_id=row["own_id"],
        delay=row["delay"] * MICROSECOND,
        intended_at=from_micros(row["intended_at"]),
        sent_at=moment(row["sent_at"]),
        failed=row["failed"],
        back_at=moment(row["back_at"]),
        earlier=(row["earlier"] or 0) * MICROSECOND,
        later=(row["later"] or 0) * MICROSECOND,
        heard_at=moment(row["heard_at"]),
    )
