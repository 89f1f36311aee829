"""Pictures of a chat for a page that may load nothing: checked, measured, and turned into text it can hold itself.

Decides which of them a report can hold; opens no file and knows no words.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

KIND = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n\x1a\n"}  # no SVG: it may hold a script
ONE_MAX = 400_000  # bytes of one picture: a page of 1280 x 800 at quality 60 has 10,000 to 100,000
ALL_MAX = 6_000_000  # of all of them: half as much again as text, a mail still takes the report
WORDS_MAX = 4_000  # characters of a page in words
_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # ITU-T T.81, table B.1: the frames, which say how large


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture as it stands in the page: its whole content as a link, and its size in pixels."""

    link: str
    width: int
    height: int


def picture(raw: bytes, media: str) -> Picture | None:
    """Return it fit for a page; None where it is not what it says it is, or none that is shown."""
    if not raw.startswith(KIND.get(media, b"\0")):
        return None
    size = _png_size(raw) if media == "image/png" else _jpeg_size(raw)
    if size is None or not all(size):
        return None
    link = f"data:{media};base64,{base64.b64encode(raw).decode('ascii')}"
    return Picture(link=link, width=size[0], height=size[1])


def within(wanted: Iterable[str], load: Callable[[str], bytes | None]) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of those that a report can hold, in the order they are wanted in.

    One that is too large is passed over; once they are too many together, so is everything that does not fit any more.
    """
    room = ALL_MAX
    for name in wanted:
        raw = load(name)
        if raw is not None and len(raw) <= min(ONE_MAX, room):
            room -= len(raw)
            yield name, raw


def _png_size(raw: bytes) -> tuple[int, int] | None:
    if len(raw) < 24 or raw[12:16] != b"IHDR":  # noqa: PLR2004  signature, length, type and the two numbers
        return None
    width, height = struct.unpack(">II", raw[16:24])
    return width, height


def _jpeg_size(raw: bytes) -> tuple[int, int] | None:
    """Return width and height from the first frame header; None where there is none."""
    at = 2
    while at + 9 <= len(raw) and raw[at] == 0xFF:  # noqa: PLR2004  every segment begins so
        marker, length = raw[at + 1], int.from_bytes(raw[at + 2 : at + 4], "big")
        if marker in _SIZES:
            height, width = struct.unpack(">HH", raw[at + 5 : at + 9])
            return width, height
        at += 2 + length
    return None
