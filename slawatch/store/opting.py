"""The store's part for the opt-out register: who is not to be asked. Every claim and every sending asks it.

What was lifted stays as a row, so that the letter that asked for it, judged again, does not bring it back.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from slawatch import register
from slawatch.clock import from_micros
from slawatch.store.database import Database
from slawatch.store.rows import moment


@dataclass(frozen=True, slots=True, kw_only=True)
class OptOut:
    """An entry. `scope` is "company:KEY", "domain:DOMAIN" or "address:ADDRESS", `message_id` the reply that asked."""

    id: int
    scope: str
    since: datetime
    why: str
    message_id: int | None
    lifted_at: datetime | None
    lifted_why: str

    @property
    def words(self) -> str:
        """What keeps us from asking, for whoever wants to know."""
        return f"on the opt-out register since {self.since:%Y-%m-%d}" + (f": {self.why}" if self.why else "")


class OptingOut(Database):
    """The opt-out register."""

    def opt_out(self, scope: str, why: str, *, message_id: int | None = None, asked_at: datetime | None = None) -> bool:
        """Add an entry that holds from now. False where one holds already, or was lifted after they asked for it."""
        with self._writing():
            return (
                self._change("opt_out", scope=scope, now=self._now(), why=why, message_id=message_id, asked_at=asked_at)
                == 1
            )

    def lift_opt_out(self, scope: str, why: str) -> bool:
        """End the entry of that scope. False where none holds."""
        with self._writing():
            return self._change("lift_opt_out", scope=scope, now=self._now(), why=why) == 1

    def opt_outs(self, *, lifted: bool = False, scopes: Sequence[str] | None = None) -> list[OptOut]:
        """Return the entries that hold, the oldest first; with `lifted` those that do not any more as well."""
        return [_opt_out_of(row) for row in self._rows_among("opt_outs", "scopes", scopes, in_force=not lifted)]

    def opted_out(self, company: str, address: str) -> OptOut | None:
        """Return the oldest entry that keeps this address of this company from being asked, None where it may be."""
        found = self.opt_outs(scopes=register.covering(company, address))
        return found[0] if found else None


def _opt_out_of(row: sqlite3.Row) -> OptOut:
    return OptOut(
        id=row["id"],
        scope=row["scope"],
        since=from_micros(row["since"]),
        why=row["why"],
        message_id=row["message_id"],
        lifted_at=moment(row["lifted_at"]),
        lifted_why=row["lifted_why"],
    )
