"""The raw evidence of lines in a web chat: what the page showed and when, in JSON, and what that says of itself.

Everything that facts and stamps rest on stands in it; nothing is judged. Hostile evidence gives unreadable facts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any

from slawatch.clock import MICROSECOND, from_micros, to_micros
from slawatch.model import Author, Facts, Incoming, Stamps

PLATFORM = "webchat"
FORM = 1  # of the evidence; readers of a later one know by it what they read
_BROKEN = (ValueError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError, RecursionError)


def named(own_id: str) -> str:
    """Return what the channel calls something: by its own name, or by that of the line."""
    return f"{PLATFORM}:{own_id}"


def line_id(request: str, key: str) -> str:
    """Return the name of a line: unique in the account, and the same at every look at the page.

    A page's own keys often count from one in each chat, so the chat is part of it.
    """
    return named(f"{sha256(request.encode()).hexdigest()[:16]}:{key}")


def ours(*, own_id: str, target: str, request: str, text: str, cites: str = "") -> bytes:
    """Return the evidence of a line that we typed; `cites` is the line it replies to."""
    return _raw(
        {
            "id": named(own_id),
            "chat": target.lower(),
            "request": request,
            "author": Author.OURSELVES,
            "author_by": "typed by us",
            "text": text,
            "cites": [cites] if cites else [],
        }
    )


def theirs(
    *,
    own_id: str,
    target: str,
    request: str,
    text: str,
    author: Author,
    author_by: str,
    stamps: Stamps,
    seen: Mapping[str, Any],
) -> bytes:
    """Return the evidence of a line that somebody else wrote; `seen` is what the page gave, as it gave it."""
    return _raw(
        {
            "id": own_id,
            "chat": target.lower(),
            "request": request,
            "author": author,
            "author_by": author_by,
            "text": text,
            "cites": [],
            "seen": dict(seen),
            "stamps": {
                "at": to_micros(stamps.at),
                "earlier": stamps.earlier // MICROSECOND,
                "later": stamps.later // MICROSECOND,
                "source": stamps.source,
                "why": stamps.why,
            },
        }
    )


def facts(raw: bytes) -> Facts:
    """Return what raw evidence says of itself; what is none is not readable."""
    try:
        return _facts(json.loads(raw))
    except _BROKEN:
        return Facts(text=raw.decode("utf-8", "replace"), readable=False, platform=PLATFORM)


def incoming(raw: bytes) -> Incoming:
    """Return the message that evidence made by `theirs` is of."""
    kept = json.loads(raw)
    stamps = kept["stamps"]
    return Incoming(
        remote_id=kept["id"],
        folder=kept["chat"],
        raw=raw,
        stamps=Stamps(
            at=from_micros(stamps["at"]),
            source=stamps["source"],
            why=stamps["why"],
            earlier=timedelta(microseconds=stamps["earlier"]),
            later=timedelta(microseconds=stamps["later"]),
        ),
        facts=_facts(kept),
    )


def _facts(kept: Any) -> Facts:
    author = Author(kept["author"])
    chat = _word(kept["chat"])
    return Facts(
        platform=PLATFORM,
        chat=chat,
        sender=named("visitor" if author is Author.OURSELVES else chat),
        own_id=_word(kept["id"]),
        cited_ids=tuple(_word(one) for one in kept["cites"]),
        conversation=_word(kept["request"]),
        author=author,
        author_by=_word(kept["author_by"]),
        text=_word(kept["text"]),
    )


def _word(value: Any) -> str:
    """Return a text without halves of characters, which JSON can name and no store can keep. Raises TypeError."""
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value if value.isascii() else value.encode("utf-8", "replace").decode()


def _raw(kept: Mapping[str, Any]) -> bytes:
    made = json.dumps({"webchat": FORM, **kept}, ensure_ascii=False, sort_keys=True)
    return made.encode("utf-8", "replace")
