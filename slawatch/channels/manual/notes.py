"""What a person noted of a reply, as evidence: written once, and read again whenever rules change. Judges nothing."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from slawatch.channels.manual.settings import network_of
from slawatch.model import Author, Facts, MessageKind

PLATFORM = "manual"
NOTE_MAX = 1_000_000  # characters; nobody types as much

REACTION = timedelta(milliseconds=500)
"""How far a key may be pressed from what it stands for, to either side.

Simple reactions take a quarter of a second; choosing the key doubles that (own estimate), and who hears somebody pick
up may be early as well."""

_AUTHORS = {True: Author.BOT, False: Author.AGENT}


def write(
    *,
    number: str,
    target: str,
    request: str,
    kind: MessageKind,
    text: str,
    who: str,
    noted: str,
    stamp: dict[str, str],
) -> bytes:
    """Return the note as bytes: UTF-8 JSON, its keys sorted.

    `number` is the note's own id, `request` its request's message_id, `who` wrote it down, `noted` is how they took the
    time, and `stamp` holds "at", "earliest" and "latest", ISO 8601 in UTC.
    """
    kept = {
        "number": number,
        "target": target,
        "request": request,
        "kind": kind.value,
        "text": text,
        "who": who,
        "noted": noted,
        "stamp": stamp,
    }
    return json.dumps(kept, ensure_ascii=False, sort_keys=True, indent=1).encode("utf-8", "replace")


def read(raw: bytes) -> Facts:
    """Return the facts of a note; what is none is not readable. Never raises."""
    try:
        kept: Any = json.loads(raw[:NOTE_MAX])
        target, number = kept["target"], kept["number"]
        kind, text, request = MessageKind(kept["kind"]), kept["text"], kept["request"]
        if not all(isinstance(one, str) for one in (target, number, text, request)):
            return Facts(platform=PLATFORM, readable=False)
    except (ValueError, TypeError, KeyError, IndexError, RecursionError):
        return Facts(platform=PLATFORM, readable=False)
    author = Author.UNKNOWN if kind.automatic is None else _AUTHORS[kind.automatic]
    return Facts(
        platform=PLATFORM,
        chat=target.lower(),
        conversation=request.lower(),
        author=author,
        author_by=f"by-hand: {kind.value}",
        own_id=f"{PLATFORM}:{number}",
        sender=target,
        text=text,
        network=network_of(target),
    )
