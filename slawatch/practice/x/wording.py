"""What X does to a text: finds handles, shortens links, adds the handles of a reply, weighs, cuts and escapes."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable

from slawatch.practice.x.people import Person, Span

HANDLE = re.compile(r"(?<![\w@/])@(\w{1,15})(?!\w)", re.ASCII)
LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)]")
SHORT = "https://t.example/"  # X has a host of its own for this
SHORT_LENGTH = 23  # what any link weighs
LENGTH_MAX = 280
LONG_MAX = 25_000  # of who pays
LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))  # code points that weigh one; all others weigh two


def handles(text: str, find: Callable[[str], Person | None]) -> tuple[Span, ...]:
    """Return the handles in a text that somebody has."""
    found = ((one, find(one[1])) for one in HANDLE.finditer(text))
    return tuple(Span(one.start(), one.end(), person.handle, person.id) for one, person in found if person is not None)


def shortened(text: str) -> tuple[str, tuple[Span, ...]]:
    """Return the text with every link shortened, and which address stands behind each."""
    parts, spans, length, end = [], [], 0, 0
    for one in LINK.finditer(text):
        parts.append(text[end : one.start()])
        length += len(parts[-1])
        short = SHORT + hashlib.sha256(one[0].encode()).hexdigest()[: SHORT_LENGTH - len(SHORT)]
        spans.append(Span(length, length + len(short), one[0]))
        parts.append(short)
        length += len(short)
        end = one.end()
    return "".join([*parts, text[end:]]), tuple(spans)


def addressed(text: str, people: Iterable[Person]) -> str:
    """Return the text of a reply with the handles before it that X adds, where it does not name them itself."""
    there = {one.lower() for one in HANDLE.findall(text)}
    missing = dict.fromkeys(one.handle for one in people if one.handle.lower() not in there)
    return "".join(f"@{handle} " for handle in missing) + text


def weight(text: str) -> int:
    """Return how long X finds a text: links weigh 23, Latin letters one, others two. The handles of a reply count."""
    rest, links = LINK.subn("", unicodedata.normalize("NFC", text))
    heavy = sum(not any(first <= ord(letter) <= last for first, last in LIGHT) for letter in rest)
    return len(rest) + heavy + links * SHORT_LENGTH


def cut(text: str) -> str:
    """Return what the `text` of a long post shows; the whole stands in its `note_tweet`."""
    return text if weight(text) <= LENGTH_MAX else text[: LENGTH_MAX - 1].rstrip() + "…"


def escaped(text: str) -> str:
    """Return the text as the API gives it: three signs are written as in HTML."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
