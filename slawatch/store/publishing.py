"""The store's part for fairness in publishing: what companies state of their figures, and until when they may.

Decides nothing. Statements and corrections are only ever added.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from slawatch.clock import from_micros
from slawatch.store.database import Database
from slawatch.store.rows import moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A company's statement, or a correction; `request` is a public id, "" for none in particular."""

    id: int
    at: datetime
    company: str
    kind: str
    words: str
    request: str = ""
    changed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Embargo:
    """That a company was shown its figures of a period, and that others are not to see them before `ends_at`."""

    id: int
    company: str
    since: datetime
    until: datetime
    made_at: datetime
    ends_at: datetime
    packet_sha256: str
    lifted_at: datetime | None = None
    lifted_why: str = ""


class Publishing(Database):
    """Embargoes, statements and corrections."""

    def add_correction(
        self, company: str, kind: str, words: str, *, request: str = "", changed: str = ""
    ) -> Correction:
        """Add a company's "statement", or a "correction"."""
        with self._writing():
            (row,) = self._rows(
                "add_correction",
                now=self._now(),
                company=company,
                kind=kind,
                words=words,
                request=request,
                changed=changed,
            )
        return _correction_of(row)

    def corrections(self, *, company: str | None = None, until: datetime | None = None) -> list[Correction]:
        """Return them, the oldest first; `until` leaves out what was added later."""
        return [_correction_of(row) for row in self._rows("corrections", company=company, until=until)]

    def add_embargo(self, company: str, *, since: datetime, until: datetime, ends_at: datetime, sha256: str) -> Embargo:
        """Note that the company's packet of that period was made now."""
        with self._writing():
            (row,) = self._rows(
                "add_embargo",
                company=company,
                since=since,
                until=until,
                now=self._now(),
                ends_at=ends_at,
                sha256=sha256,
            )
        return _embargo_of(row)

    def embargoes(self, since: datetime, until: datetime) -> list[Embargo]:
        """Return those that hold now over a period that overlaps this one."""
        return [_embargo_of(row) for row in self._rows("embargoes", since=since, until=until, now=self._now())]

    def every_embargo(self) -> list[Embargo]:
        """Return all there ever were, the oldest first."""
        return [_embargo_of(row) for row in self._rows("every_embargo")]

    def lift_embargo(self, embargo_id: int, why: str) -> bool:
        """End it before its time. False where it was lifted already."""
        with self._writing():
            return self._change("lift_embargo", id=embargo_id, now=self._now(), why=why) == 1


def _correction_of(row: sqlite3.Row) -> Correction:
    return Correction(
        id=row["id"],
        at=from_micros(row["at"]),
        company=row["company"],
        kind=row["kind"],
        words=row["words"],
        request=row["request"],
        changed=row["changed"],
    )


def _embargo_of(row: sqlite3.Row) -> Embargo:
    return Embargo(
        id=row["id"],
        company=row["company"],
        since=from_micros(row["since"]),
        until=from_micros(row["until"]),
        made_at=from_micros(row["made_at"]),
        ends_at=from_micros(row["ends_at"]),
        packet_sha256=row["packet_sha256"],
        lifted_at=moment(row["lifted_at"]),
        lifted_why=row["lifted_why"],
    )
