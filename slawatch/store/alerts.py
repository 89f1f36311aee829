"""The store's part for alerts: what is wrong from when to when, and the outbox of telling people. It judges nothing.

intended -> sending -> told | withdrawn. Other than letters to companies these are told at least once: one whose sender
died is told again and says that it may be the second time. That an alert ended is intended together with its end.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from slawatch.clock import from_micros
from slawatch.store.database import Database
from slawatch.store.rows import moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Something that is wrong, or was: `resolved_at` is None while it is."""

    id: int
    key: str
    kind: str
    severity: str
    ours: bool
    passing: bool
    words: str
    raised_at: datetime
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One thing to tell one recipient; `again` where an earlier try may have told it."""

    id: int
    alert_id: int
    recipient: str
    what: str
    words: str
    state: str
    intended_at: datetime
    next_attempt_at: datetime
    attempts: int
    again: bool
    told_at: datetime | None
    detail: str
    raised_at: datetime
    resolved_at: datetime | None
    severity: str
    ours: bool


class Alerts(Database):
    """What is wrong, and who is told."""

    def alerts(self, *, still_open: bool = False, since: datetime | None = None) -> list[Alert]:
        """Return alerts, the oldest first; `since` is when they were raised."""
        return [_alert_of(row) for row in self._rows("alerts", still_open=still_open, since=since)]

    def raise_alert(self, *, key: str, kind: str, severity: str, ours: bool, passing: bool, words: str) -> Alert | None:
        """Keep that this is wrong from now on; None where it was before."""
        with self._writing():
            row = self._one(
                "raise_alert",
                key=key,
                kind=kind,
                severity=severity,
                ours=ours,
                passing=passing,
                words=words,
                now=self._now(),
            )
        return None if row is None else _alert_of(row)

    def reword_alert(self, alert: Alert, *, words: str, severity: str) -> None:
        """Keep what is to be said of it now."""
        with self._writing():
            self._change("reword_alert", id=alert.id, words=words, severity=severity)

    def resolve_alert(self, alert: Alert) -> bool:
        """Keep that it has ended now. False where it had."""
        with self._writing():
            return self._change("resolve_alert", id=alert.id, now=self._now()) == 1

    def intend_telling(self, alert_id: int, *, recipient: str, what: str, words: str, tell_at: datetime) -> None:
        """Keep the intent to tell it, not before `tell_at`; beginning and end are intended once each."""
        with self._writing():
            self._change(
                "intend_alert_telling",
                alert_id=alert_id,
                recipient=recipient,
                what=what,
                words=words,
                now=self._now(),
                tell_at=tell_at,
            )

    def tellings(self, *states: str, due: datetime | None = None, alerts: Sequence[int] | None = None) -> list[Telling]:
        """Return what is in these states (in any, without), in the order it was intended."""
        return [
            _telling_of(row)
            for row in self._rows_among("alert_tellings", "alerts", alerts, states=states or None, due=due)
        ]

    def take_tellings(self, tellings: Sequence[Telling], *, worker: str, lease: timedelta) -> list[Telling]:
        """Take these for one try; returns those that no other worker got first."""
        now = self._now()
        with self._writing():
            return [
                one
                for one in tellings
                if self._change("take_alert_telling", id=one.id, worker=worker, now=now, lease_until=now + lease) == 1
            ]

    def finish_tellings(
        self,
        tellings: Sequence[Telling],
        *,
        worker: str,
        detail: str = "",
        again: bool = False,
        retry_at: datetime | None = None,
    ) -> None:
        """Keep that they were told now, or with `retry_at` that they are to be tried again; all or none."""
        state = "told" if retry_at is None else "intended"
        with self._writing():
            for one in tellings:
                self._change(
                    "finish_alert_telling",
                    id=one.id,
                    worker=worker,
                    state=state,
                    detail=detail,
                    again=again,
                    told_at=self._now() if retry_at is None else None,
                    retry_at=retry_at,
                )

    def expire_tellings(self) -> int:
        """Have told again whatever was being told by a process that did not report back in time; returns how many."""
        now = self._now()
        if not self._rows("alert_tellings_expired", now=now):  # an idle pass takes no write lock
            return 0
        with self._writing():
            return self._change("expire_alert_tellings", now=now)

    def withdraw_telling(self, telling: Telling, detail: str) -> None:
        """Give up telling it; nothing happens where it is on its way."""
        with self._writing():
            self._change("withdraw_alert_telling", id=telling.id, detail=detail)

    def forget_alerts(self, before: datetime) -> None:
        """Forget what ended before that and has been told."""
        with self._writing():
            self._change("forget_alert_tellings", before=before)
            self._change("forget_alerts", before=before)


def _alert_of(row: sqlite3.Row) -> Alert:
    return Alert(
        id=row["id"],
        key=row["key"],
        kind=row["kind"],
        severity=row["severity"],
        ours=bool(row["ours"]),
        passing=bool(row["passing"]),
        words=row["words"],
        raised_at=from_micros(row["raised_at"]),
        resolved_at=moment(row["resolved_at"]),
    )


def _telling_of(row: sqlite3.Row) -> Telling:
    return Telling(
        id=row["id"],
        alert_id=row["alert_id"],
        recipient=row["recipient"],
        what=row["what"],
        words=row["words"],
        state=row["state"],
        intended_at=from_micros(row["intended_at"]),
        next_attempt_at=from_micros(row["next_attempt_at"]),
        attempts=row["attempts"],
        again=bool(row["again"]),
        told_at=moment(row["told_at"]),
        detail=row["detail"],
        raised_at=from_micros(row["raised_at"]),
        resolved_at=moment(row["resolved_at"]),
        severity=row["severity"],
        ours=bool(row["ours"]),
    )
