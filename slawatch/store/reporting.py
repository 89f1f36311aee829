"""The store's part for reports that were made: what each said, for the next one to tell the change. No decision."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from slawatch.clock import from_micros
from slawatch.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeReport:
    """One HTML report that was written.

    `scope` says what it is about: reports that can be held against each other have the same. `sha256` is of the file,
    `figures` are what `report --json` prints, `chain_head` the chain of evidence's when it was made, "" without one.
    """

    scope: str
    made_at: datetime
    since: datetime
    until: datetime
    lang: str
    version: str
    config_digest: str
    chain_head: str
    sha256: str
    figures: Mapping[str, Any]


class Reporting(Database):
    """Reports that were made."""

    def add_report(self, made: MadeReport) -> int:
        """Keep what a report said; returns its id."""
        with self._writing():
            (row,) = self._rows(
                "add_report",
                scope=made.scope,
                made_at=made.made_at,
                since=made.since,
                until=made.until,
                lang=made.lang,
                version=made.version,
                config_digest=made.config_digest,
                chain_head=made.chain_head,
                sha256=made.sha256,
                figures=json.dumps(made.figures, ensure_ascii=False, separators=(",", ":")),
            )
        return int(row["id"])

    def last_report(self, scope: str, *, made_at: datetime, until: datetime) -> MadeReport | None:
        """Return the newest of that scope that was made earlier and reaches less far; None where there is none."""
        row = self._one("last_report", scope=scope, made_at=made_at, until=until)
        if row is None:
            return None
        return MadeReport(
            scope=row["scope"],
            made_at=from_micros(row["made_at"]),
            since=from_micros(row["since"]),
            until=from_micros(row["until"]),
            lang=row["lang"],
            version=row["version"],
            config_digest=row["config_digest"],
            chain_head=row["chain_head"],
            sha256=row["sha256"],
            figures=json.loads(row["figures"]),
        )
