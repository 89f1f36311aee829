"""What Bluesky counts and marks in a text, and the names that records are given: pure, and without the library."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from slawatch.clock import EPOCH, MICROSECOND

GRAPHEMES_MAX = 300
"""What a reader sees as letters in a post, at most; app.bsky.feed.post, field "text"."""

BYTES_PER_GRAPHEME = 10
"""Beside the graphemes a post may have 3,000 octets of UTF-8; same place. A text long in octets is long."""

POST = "app.bsky.feed.post"
MENTION = "app.bsky.richtext.facet#mention"
PUBLIC_PAGE = "https://bsky.app"
GIVEN_AWAY = ".bsky.social"
FAILED = "handle.invalid"

_JOINERS = frozenset("\u200c\u200d")
_ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"  # of record keys; atproto.com, specification "TID"
_KEY_LETTERS = 13
_CLOCK_BITS = 10
_OURS_FROM = 1 << 50  # microseconds: September 2005
_OURS_BITS = 49  # up to July 2023
_KEY = re.compile(rf"[{_ALPHABET[:16]}][{_ALPHABET}]{{{_KEY_LETTERS - 1}}}")
_DID = r"did:[a-z]+:[A-Za-z0-9._:%-]*[A-Za-z0-9._-]"
_HANDLE = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_URI = re.compile(rf"at://(?P<did>{_DID})/app\.bsky\.feed\.post/(?P<key>[A-Za-z0-9._:~-]{{1,512}})")
_URL = re.compile(
    rf"https?://(?:www\.)?bsky\.app/profile/(?P<who>{_DID}|{_HANDLE})/post/(?P<key>[A-Za-z0-9._:~-]{{1,512}})"
    r"/?(?:[?#].*)?"
)
_HANDLE_ONLY = re.compile(_HANDLE)
_HANDLE_MAX = 253


def length(text: str) -> int:
    """Return how long Bluesky finds a text, or somewhat more: never less.

    It counts graphemes. We count code points without the marks and joiners that never begin a grapheme, so that only
    flags, emoji of several parts and some Indic and Korean spellings come out longer than they are.
    """
    count = sum(not (_combines(letter) and _can_join(text, at)) for at, letter in enumerate(text))
    return max(count, -(-len(text.encode("utf-8", "replace")) // BYTES_PER_GRAPHEME))


def _combines(letter: str) -> bool:
    return letter in _JOINERS or unicodedata.category(letter) in ("Mn", "Me")


def _can_join(text: str, at: int) -> bool:
    """Return whether there is something before it to join: not at the start, nor behind a control (UAX #29, GB4)."""
    return at > 0 and unicodedata.category(text[at - 1]) not in ("Cc", "Zl", "Zp")


def facets(text: str, mentions: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return what makes each "@handle" of the text a mention of its DID; places are octets of its UTF-8."""
    found = []
    dids = {handle.lower(): did for handle, did in mentions.items()}
    for handle in re.finditer(rf"(?<![\w@.])@({_HANDLE})", text):
        did = dids.get(handle[1].lower())
        if did:
            start = len(text[: handle.start()].encode())
            found.append(
                {
                    "index": {"byteStart": start, "byteEnd": start + len(handle[0].encode())},
                    "features": [{"$type": MENTION, "did": did}],
                }
            )
    return found


def record_key(key: str) -> str:
    """Return the record key of the post with this key: the same for every attempt, so that it cannot stand twice.

    It has the form of a TID, as the lexicon demands, and names a time that was over before slawatch was written: no
    clock gives it, and nobody takes it for one of the future.
    """
    hashed = int.from_bytes(hashlib.sha256(key.encode()).digest())
    micros = _OURS_FROM + (hashed >> _CLOCK_BITS) % (1 << _OURS_BITS)
    return _tid(micros << _CLOCK_BITS | hashed % (1 << _CLOCK_BITS))


def ours_begin() -> str:
    """Return the record key below all that `record_key` gives."""
    return _tid(_OURS_FROM << _CLOCK_BITS)


def ours_end() -> str:
    """Return the record key above all that `record_key` gives."""
    return _tid((_OURS_FROM + (1 << _OURS_BITS)) << _CLOCK_BITS)


def key_at(moment: datetime) -> str:
    """Return the smallest record key that a program names a post by which it makes at this moment."""
    return _tid(max(0, (moment - EPOCH) // MICROSECOND) << _CLOCK_BITS)


def _tid(number: int) -> str:
    letters = []
    for _ in range(_KEY_LETTERS):
        number, place = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[place])
    return "".join(reversed(letters))


def is_key(key: str) -> bool:
    """Return whether a record key is a TID, and so can be compared with another one."""
    return _KEY.fullmatch(key) is not None


def is_handle(text: str) -> bool:
    """Return whether a text can be a handle: a domain name."""
    return len(text) <= _HANDLE_MAX and _HANDLE_ONLY.fullmatch(text) is not None


def parts(uri: str) -> tuple[str, str] | None:
    """Return the DID and the record key of a post's "at://" address; None where it is none."""
    found = _URI.fullmatch(uri)
    return (found["did"], found["key"]) if found else None


def uri(did: str, key: str) -> str:
    """Return the "at://" address of a post."""
    return f"at://{did}/{POST}/{key}"


def page_parts(url: str) -> tuple[str, str] | None:
    """Return whose post (a DID or a handle) and which record key the address of a public page names."""
    found = _URL.fullmatch(url)
    return (found["who"], found["key"]) if found else None


def own_domain(handle: str) -> str:
    """Return the domain that a handle proves, "" where it proves none: it is one, and its owner has said so there.

    A name that Bluesky gives away proves nothing about who bears it, and "handle.invalid" is shown where the proof
    has failed.
    """
    handle = handle.lower()
    return "" if not is_handle(handle) or handle.endswith(GIVEN_AWAY) or handle == FAILED else handle
