"""The store's part for what people decided about messages. Rows are only ever added: the newest one holds."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence

from slawatch.clock import from_micros
from slawatch.model import MessageKind, Review
from slawatch.store.database import Database
from slawatch.store.rows import Judgement, reasons_of


class Reviewing(Database):
    """Reviews, the domains trusted through them, and the way back to the rules."""

    def add_review(
        self,
        message_id: int,
        *,
        who: str,
        reason: str,
        kind: MessageKind | None = None,
        request_ids: Sequence[int] | None = None,
        was: str = "",
        undone: bool = False,
        trusted: Mapping[str, str] | None = None,
    ) -> Review:
        """Keep a decision made now, and have the message judged again.

        `trusted` names by company a domain it is now known to write from: whatever was tied to a request of that
        company is judged again as well. A decision that is `undone` takes the trust that came with earlier ones back.
        """
        with self._writing():
            (row,) = self._rows(
                "add_review",
                message_id=message_id,
                now=self._now(),
                who=who,
                reason=reason,
                kind=kind,
                requests=None if request_ids is None else json.dumps(list(request_ids)),
                was=was,
                undone=undone,
            )
            if undone and self._change("distrust", message_id=message_id):
                self._change("judge_again")
            for company, domain in (trusted or {}).items():
                self._change("trust_domain", company=company, domain=domain, review_id=row["id"])
                self._change("judge_again", company=company)
            self._change("judge_again", message_ids=[message_id])
        return _review_of(row)

    def reviews(self, message_id: int) -> list[Review]:
        """Return every decision about the message, oldest first."""
        return [_review_of(row) for row in self._rows("reviews", message_id=message_id)]

    def latest_reviews(self, message_ids: Sequence[int] | None = None) -> dict[int, Review]:
        """Return by message id the decision that holds, of these messages or of all that have one."""
        return {
            row["message_id"]: _review_of(row) for row in self._rows_among("latest_reviews", "message_ids", message_ids)
        }

    def latest_review(self, message_id: int) -> Review | None:
        """Return the decision that holds for the message, None where there is none."""
        return self.latest_reviews([message_id]).get(message_id)

    def trusted_domains(self) -> dict[str, frozenset[str]]:
        """Return by company the domains that people said it writes from, beside those of the config."""
        found: dict[str, set[str]] = {}
        for row in self._rows("trusted_domains"):
            found.setdefault(row["company"], set()).add(row["domain"])
        return {company: frozenset(domains) for company, domains in found.items()}

    def judgements(self, message_ids: Sequence[int] | None = None) -> dict[int, Judgement]:
        """Return by message id what was made of these messages, or of all; our own are left out."""
        return {
            row["message_id"]: Judgement(kind=MessageKind(row["kind"]), because=reasons_of(row["because"]))
            for row in self._rows_among("judgements", "message_ids", message_ids)
        }

    def judge_again(self) -> int:
        """Have all messages judged again whose evidence is still kept; returns how many."""
        with self._writing():
            return self._change("judge_again")

    def sealed(self) -> int:
        """Return how many messages have no evidence any more: what was derived from them stays as it is."""
        row = self._one("count_sealed")
        return int(row["n"]) if row else 0


def _review_of(row: sqlite3.Row) -> Review:
    return Review(
        id=row["id"],
        message_id=row["message_id"],
        at=from_micros(row["at"]),
        who=row["who"],
        reason=row["reason"],
        kind=None if row["kind"] is None else MessageKind(row["kind"]),
        request_ids=None if row["requests"] is None else tuple(json.loads(row["requests"])),
        was=row["was"],
        undone=bool(row["undone"]),
    )
