"""Finds an address in raw evidence however it is spelt there: base64, quoted-printable, encoded headers, escapes.

By the bytes alone and without a parser's goodwill: what is malformed is looked through as well. Changes nothing.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import unquote

DEEP = 3  # encodings inside each other: a base64 part that holds a letter with a base64 part
CHARSETS = ("utf-8", "latin-1", "utf-16-le", "utf-16-be")
SHORTEST = 12  # characters of base64: nine bytes, and no address of interest is shorter with its surroundings

_BASE64 = re.compile(rb"(?:[A-Za-z0-9+/_-]{4,}[ \t]*(?:\r?\n[ \t]*)?)+={0,2}")
_WORD = re.compile(rb"=\?[^?\s]{1,40}\?([bBqQ])\?([^?\s]*)\?=")
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_FOLD = re.compile(rb"(?<=[@.])\r?\n[ \t]+")  # in the midst of an address
_SOFT = re.compile(rb"=[ \t]*\r?\n")
_QUOTED = re.compile(rb"=([0-9A-Fa-f]{2})")


def pattern(address: str) -> re.Pattern[str]:
    """Return what finds the address in any case, and not as the end or the beginning of a longer one."""
    return re.compile(rf"(?<![\w.+%-]){re.escape(address)}(?![\w-]|\.\w)", re.IGNORECASE)


def stands_in(raw: bytes, sought: re.Pattern[str]) -> bool:
    """Whether any spelling of the raw form holds it."""
    return any(sought.search(text) for text in readings(raw))


def readings(raw: bytes, deep: int = DEEP) -> Iterator[str]:
    """Yield the raw form as text, in every way it may be meant."""
    for charset in CHARSETS:
        yield raw.decode(charset, "ignore")
    yield from _unescaped(raw.decode("utf-8", "ignore"))
    if _FOLD.search(raw):
        yield _FOLD.sub(b"", raw).decode("utf-8", "ignore")
    if deep:
        for inner in _inside(raw):
            if inner:
                yield from readings(inner, deep - 1)


def _unescaped(text: str) -> Iterator[str]:
    if "\\u" in text:
        yield _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    if "&" in text:
        yield unescape(text)
    if "%" in text:
        yield unquote(text)


def _inside(raw: bytes) -> Iterator[bytes]:
    """Yield what is encoded in it; encoded words of a header as one, as a long address stands in several."""
    if b"=" in raw:
        yield _plain(raw)
        yield b"".join(_decoded(found[1], found[2]) for found in _WORD.finditer(raw))
    for found in _BASE64.finditer(raw):
        if len(found[0]) >= SHORTEST:
            yield _unpacked(found[0])


def _plain(raw: bytes) -> bytes:
    """Return quoted-printable as it is meant; in what is none, hardly anything changes."""
    return _QUOTED.sub(lambda found: bytes((int(found[1], 16),)), _SOFT.sub(b"", raw))


def _decoded(kind: bytes, text: bytes) -> bytes:
    return _unpacked(text) if kind in b"bB" else _plain(text.replace(b"_", b" "))


def _unpacked(text: bytes) -> bytes:
    packed = b"".join(text.split()).rstrip(b"=").replace(b"-", b"+").replace(b"_", b"/")
    packed = packed[: len(packed) - (len(packed) % 4 == 1)]
    try:
        return binascii.a2b_base64(packed + b"=" * (-len(packed) % 4))
    except binascii.Error:
        return b""
