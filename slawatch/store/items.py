"""What the chain of evidence says of a row: the item whose digest is a link. Judges nothing.

Only what stays when a text is thrown away, and no secret: tokens stand in texts, of which there are digests alone.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from slawatch import chain

Item = dict[str, Any]


def request_item(row: sqlite3.Row) -> Item:
    """Return what is said of a request that is past sending; a later state of it is another item."""
    return {
        "kind": "request",
        "request": row["public_id"],
        "origin": row["origin"],
        "company": row["company"],
        "channel": row["channel"],
        "network": row["network"],
        "target": row["target"],
        "probe": row["probe"],
        "lang": row["lang"],
        "variant": row["variant"],
        "form": row["form"],
        "text_sha256": _text_digest(row),
        "message_id": row["message_id"],
        "remote_id": row["remote_id"],
        "made_up": bool(row["made_up"]),
        "continues": row["continues_public"],
        "intended_at": row["intended_at"],
        "delivery": row["delivery"],
        "submitted_at": row["submitted_at"],
        "submitted_uncertainty": row["submitted_uncertainty"],
        "accepted_at": row["accepted_at"],
        "accepted_uncertainty": row["accepted_uncertainty"],
        "copy_received_at": row["copy_received_at"],
        "proof": row["proof"],
        "verified_at": row["verified_at"],
        "void_reason": row["void_reason"],
        "told_again": None if row["told_again"] is None else bool(row["told_again"]),
    }


def message_item(row: sqlite3.Row) -> Item:
    """Return what is said of a message: its raw form's digest and its chosen stamp; who wrote it stands in the raw."""
    return {
        "kind": "message",
        "message": row["id"],
        "channel": row["channel"],
        "raw_sha256": row["sha256"],
        "stamp_at": row["stamp_at"],
        "stamp_source": row["stamp_source"],
        "stamp_earlier": row["stamp_earlier"],
        "stamp_later": row["stamp_later"],
        "seen_at": row["seen_at"],
        "duplicate_of": row["duplicate_of"],
    }


def seal_item(row: sqlite3.Row) -> Item:
    """Return that a message's raw form was thrown away, and when."""
    return {"kind": "seal", "message": row["id"], "raw_sha256": row["sha256"], "purged_at": row["purged_at"]}


def trail_item(public_id: str, moments: Iterable[sqlite3.Row], exhibits: Iterable[sqlite3.Row]) -> Item:
    """Return what happened in a chat beside its messages, and what was kept of its page."""
    return {
        "kind": "trail",
        "request": public_id,
        "moments": [
            {
                "kind": one["kind"],
                "at": one["at"],
                "earlier": one["earlier"],
                "later": one["later"],
                "clock": one["clock"],
                "saw_sha256": _saw_digest(one),
            }
            for one in moments
        ],
        "exhibits": [
            {"moment": one["moment"], "at": one["at"], "media": one["media"], "raw_sha256": one["sha256"]}
            for one in exhibits
        ],
    }


def follow_up_item(row: sqlite3.Row) -> Item:
    """Return what we wrote once more, and when it left."""
    return {
        "kind": "follow-up",
        "follow_up": row["id"],
        "request": row["public_id"],
        "message": row["message_id"],
        "purpose": row["purpose"],
        "text_sha256": _text_digest(row),
        "message_id": row["own_id"],
        "remote_id": row["remote_id"],
        "by_hand": bool(row["by_hand"]),
        "delivery": row["delivery"],
        "sent_at": row["sent_at"],
        "uncertainty": row["uncertainty"],
    }


def review_item(row: sqlite3.Row) -> Item:
    """Return what a person decided about a message; with a digest where their reason was thrown away."""
    sealed = {"reason_sha256": row["reason_sha256"]} if row["reason_sha256"] else {}
    return {
        "kind": "review",
        "review": row["id"],
        "message": row["message_id"],
        "at": row["at"],
        "who": row["who"],
        "reason": row["reason"],
        "decided_kind": row["kind"],
        "decided_requests": None if row["requests"] is None else json.loads(row["requests"]),
        "was": row["was"],
        "undone": bool(row["undone"]),
        **sealed,
    }


def import_item(row: sqlite3.Row, rows: int, rows_sha256: str) -> Item:
    """Return what is said of a whole import: its file, and a digest over all the rows it left here."""
    return {
        "kind": "import",
        "import": row["id"],
        "at": row["at"],
        "file_sha256": row["sha256"],
        "format": row["format"],
        "rows": rows,
        "rows_sha256": rows_sha256,
    }


def given_item(row: sqlite3.Row) -> Item:
    """Return one imported request with the times that came with it."""
    times = ("acknowledged_at", "first_response_at", "answered_at", "promised_at", "observed_until")
    return {
        "request": row["public_id"],
        "line": row["line"],
        "company": row["company"],
        "channel": row["channel"],
        "network": row["network"],
        "target": row["target"],
        "text_sha256": _text_digest(row),
        "accepted_at": row["accepted_at"],
        **{name: row[name] for name in times},
    }


def revised(item: Item, revision: int) -> Item:
    """Return the item as a later state of the same thing; the first one says nothing of that."""
    return item if revision == 1 else {**item, "revision": revision}


def name_of(base: str, revision: int) -> str:
    """Return what a link calls an item: "s-4f2a", later "s-4f2a/2"."""
    return base if revision == 1 else f"{base}/{revision}"


def base_of(name: str) -> tuple[str, int]:
    """Return what `name_of` was given."""
    base, stroke, number = name.rpartition("/")
    return (base, int(number)) if stroke else (name, 1)


def grouped(rows: Sequence[sqlite3.Row], key: str) -> dict[int, list[sqlite3.Row]]:
    """Return the rows by that column, each list in their order."""
    found: dict[int, list[sqlite3.Row]] = {}
    for row in rows:
        found.setdefault(row[key], []).append(row)
    return found


def _text_digest(row: sqlite3.Row) -> str:
    """Return the digest of a text; where the text was thrown away the one that was kept instead.

    A text that stands there speaks for itself: a digest beside it says nothing.
    """
    if row["text_sha256"] and not row["subject"] and not row["body"]:
        return str(row["text_sha256"])
    return chain.text_digest(row["subject"], row["body"])


def _saw_digest(row: sqlite3.Row) -> str:
    if row["saw_sha256"] and row["saw"].rpartition(":")[2] == row["saw_sha256"]:
        return str(row["saw_sha256"])
    return chain.text_digest("", row["saw"])
