"""The chain of evidence: what stands for an item, and how each link's head follows from the one before.

Pure; docs/reference/evidence.md says the same so that a stranger can do it again in any language.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

START = "0" * 64
"""The head before the first link."""
ITEM = "slawatch-item-1"
LINK = "slawatch-link-1"


def canonical(item: Mapping[str, Any]) -> str:
    """Return the item in the one form that is hashed: JSON by RFC 8785, of text, whole numbers, booleans and null.

    Raises:
        TypeError: it holds a fraction; programs do not agree on how these are written.
    """
    _require_exact(item)
    return json.dumps(item, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(item: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the item: of ITEM, a line break and its canonical form in UTF-8."""
    return _sha256(f"{ITEM}\n{canonical(item)}")


def head(before: str, *, number: int, at: int, digest: str) -> str:
    """Return a link's head: the SHA-256 of LINK, its number, instant, the head before it and its digest, each a line.

    `at` is in microseconds since 1970 UTC. Because the words differ, no item's digest can be passed off as a head.
    """
    return _sha256(f"{LINK}\n{number}\n{at}\n{before}\n{digest}\n")


def text_digest(subject: str, body: str) -> str:
    """Return what stands for a text of ours: it holds the request's secret, so the text itself is in no item."""
    return _sha256(canonical({"body": body, "subject": subject}))


def _sha256(text: str) -> str:
    # A lone surrogate has no UTF-8; the store never keeps one (queries.bind), so that a mistake shows here.
    return hashlib.sha256(text.encode()).hexdigest()


def _require_exact(value: object) -> None:
    if isinstance(value, float):
        raise TypeError(f'an item of the chain holds the fraction "{value}"')
    if isinstance(value, Mapping):
        for one in value.values():
            _require_exact(one)
    elif isinstance(value, list | tuple):
        for one in value:
            _require_exact(one)
