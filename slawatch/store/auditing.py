"""The store's part for the audit log: who overrode a rule, opted out, erased, restored. Rows are only ever added.

It judges nothing, and holds no letter's contents and no secrets.
"""

from __future__ import annotations

import getpass
import os
from dataclasses import dataclass
from datetime import datetime

from slawatch.clock import from_micros
from slawatch.store.database import Database

ITSELF = "slawatch"  # the actor of what a rule did with nobody there


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """One entry. `action` is a stable word, `scope` what it is about: "company:shop", "message:12", "*"."""

    at: datetime
    actor: str
    action: str
    scope: str
    detail: str


class Auditing(Database):
    """The audit log."""

    def audit(self, action: str, scope: str, detail: str, actor: str = "") -> None:
        """Add an entry, in the caller's transaction where there is one; `actor` is the machine's user unless given."""
        with self._writing():
            self._change(
                "add_audit", now=self._now(), actor=actor or machine_user(), action=action, scope=scope, detail=detail
            )

    def audit_log(self, *, since: datetime | None = None, scope: str | None = None) -> list[Audited]:
        """Return the entries, the oldest first."""
        return [
            Audited(
                at=from_micros(row["at"]),
                actor=row["actor"],
                action=row["action"],
                scope=row["scope"],
                detail=row["detail"],
            )
            for row in self._rows("audit_log", since=since, scope=scope)
        ]


def machine_user() -> str:
    """Return who runs this: the name of the user, or its number where the system has no name for it (containers)."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"
