"""The store's part for what is thrown away when its time is over: texts and raw forms go, digests take their place.

Decides nothing: what is over when is the caller's matter. Stamps, kinds and hashes stay.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from slawatch import chain
from slawatch.clock import from_micros
from slawatch.store.publicity import PURGED, Publicity

LOGS = ("seal_events", "seal_looks", "seal_alerts", "seal_alert_deliveries", "seal_letters")


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """Something that still holds what people wrote: a message, a request's text, a picture of a chat.

    `ties` are the companies it belongs to, each with when it was asked. `raw` says whether its raw form is kept.
    """

    id: int
    came_at: datetime
    sha256: str = ""
    raw: bool = False
    ties: tuple[tuple[str, datetime], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """That a report was made: of which period and, by their keys, which companies (none: all)."""

    made_at: datetime
    since: datetime
    until: datetime
    companies: frozenset[str]


class Retaining(Publicity):
    """What is held, and how it is let go."""

    def messages_held(self, after: int, most: int) -> list[Holding]:
        """Return the next messages, in order of arrival, that still hold a raw form or a text."""
        rows = self._rows("retain_messages", after=after, most=most)
        ties: dict[int, list[tuple[str, datetime]]] = {}
        for row in self._rows_among("retain_ties", "message_ids", sorted({row["first"] for row in rows})):
            ties.setdefault(row["message_id"], []).append((row["company"], from_micros(row["asked_at"])))
        return [
            Holding(
                id=row["id"],
                came_at=from_micros(row["seen_at"]),
                sha256=row["sha256"],
                raw=row["purged_at"] is None,
                ties=tuple(ties.get(row["first"], ())),
            )
            for row in rows
        ]

    def requests_held(self, after: int, most: int) -> list[Holding]:
        """Return the next requests past sending that still hold their text."""
        return [
            Holding(
                id=row["id"],
                came_at=from_micros(row["came_at"]),
                ties=((row["company"], from_micros(row["asked_at"])),),
            )
            for row in self._rows("retain_requests", after=after, most=most)
        ]

    def exhibits_held(self, after: int, most: int) -> list[Holding]:
        """Return the next pictures and pages of chats that are still kept."""
        return [
            Holding(
                id=row["id"],
                came_at=from_micros(row["came_at"]),
                sha256=row["sha256"],
                raw=True,
                ties=((row["company"], from_micros(row["asked_at"])),),
            )
            for row in self._rows("retain_exhibits", after=after, most=most)
        ]

    def publications(self) -> list[Publication]:
        """Return every report that was made, the oldest first."""
        return [
            Publication(
                made_at=from_micros(row["made_at"]),
                since=from_micros(row["since"]),
                until=from_micros(row["until"]),
                companies=frozenset(json.loads(row["scope"]).get("companies", ())),
            )
            for row in self._rows("publications")
        ]

    def seal_raw(self, held: Sequence[Holding]) -> None:
        """Throw the raw forms of these messages away."""
        with self._writing():
            for one in held:
                self._change("seal_raw", id=one.id, now=self._now())
                self._change("purge_blob", sha256=one.sha256)

    def seal_exhibits(self, held: Sequence[Holding]) -> None:
        """Throw these pictures and pages away."""
        with self._writing():
            for one in held:
                self._change("seal_exhibit", id=one.id, now=self._now())
                self._change("purge_blob", sha256=one.sha256)

    def seal_message_texts(self, message_ids: Sequence[int]) -> None:
        """Throw away what is kept of these messages' words and of who wrote them, wherever that stands."""
        with self._writing():
            for number in message_ids:
                self._change("seal_message_text", id=number, now=self._now())
                self._change("seal_reply_text", id=number)
                self._change("purge_promises", id=number)
                self._change("forget_learned", message_id=number)
                for row in self._rows("judgements", message_ids=[number]):
                    because = [[rule, PURGED if saw else ""] for rule, saw in json.loads(row["because"])]
                    self._change("purge_saw", id=number, because=json.dumps(because))
                for row in self._rows("reviews_to_seal", message_id=number):
                    self._change("seal_review", id=row["id"], digest=chain.text_digest("", row["reason"]))

    def seal_requests(self, request_ids: Sequence[int]) -> None:
        """Throw away what these requests asked, what was written once more, and what was seen in their chats."""
        with self._writing():
            for number in request_ids:
                for row in self._rows("request_to_seal", id=number):
                    digest = row["text_sha256"] or chain.text_digest(row["subject"], row["body"])
                    self._change("seal_request", id=number, now=self._now(), digest=digest)
                self._change("seal_former", id=number)  # a trigger has just kept what was void there
                self._change("seal_attempts", id=number)
                for row in self._rows("follow_ups_to_seal", request_id=number):
                    digest = chain.text_digest(row["subject"], row["body"])
                    self._change("seal_follow_up", id=row["id"], digest=digest)
                self._seal_moments(number)

    def seal_logs(self, before: datetime, most: int) -> int:
        """Throw away what events, failed looks, alerts and letters of ours said up to then; returns of how many."""
        with self._writing():
            return sum(self._change(name, before=before, most=most) for name in LOGS)

    def write_over(self) -> bool:
        """Empty the write-ahead log, which holds old pages of the file; False where somebody still reads from it."""
        row = self._connection().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return row is None or row[0] == 0

    def _seal_moments(self, request_id: int) -> None:
        rows = self._rows("moments_to_seal", request_id=request_id)
        for number, row in enumerate(rows):
            if row["saw"] and not row["saw_sha256"]:
                digest = chain.text_digest("", row["saw"])
                self._change(
                    "seal_moment",
                    request_id=request_id,
                    at=row["at"],
                    kind=row["kind"],
                    saw=row["saw"],
                    # The number keeps the order, which is part of what is linked: several may be of one instant.
                    sign=f"{number:06}:{digest}",
                    digest=digest,
                )
