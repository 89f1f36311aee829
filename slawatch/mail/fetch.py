"""Reads what FETCH brings, by the standard library's connection: IMAPClient takes eight times as long over it.

Knows the wire only: which letters are wanted, and what they are, others know. Whatever the server says besides (flags
that changed, letters nobody asked for, items in any order) is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from imaplib import IMAP4

SET_MAX = 4000  # octets of the uids in one command; RFC 7162, section 4, lets a whole line have 8192

_START = re.compile(rb"\d+ \(")
_QUOTED = re.compile(rb'BODY\[[^\]]*\](?:<\d+>)? "((?:[^"\\]|\\.)*)"', re.IGNORECASE | re.DOTALL)
_UID = re.compile(rb"\bUID (\d{1,10})", re.IGNORECASE)
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d{1,19})", re.IGNORECASE)
_ARRIVAL = re.compile(
    rb'\bINTERNALDATE "[ 0]?(\d{1,2})-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)"', re.IGNORECASE
)
_MONTHS = {name: number for number, name in enumerate(b"jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}


@dataclass(slots=True)
class Fetched:
    """What the server told of one letter; None where it did not."""

    size: int | None = None
    internal_at: datetime | None = None
    body: bytes | None = None


def fetch(connection: IMAP4, uids: Sequence[int], items: str) -> dict[int, Fetched]:
    """Return by uid what the server tells of these letters (uids ascending), at most one BODY item each.

    A letter that is gone is left out. Raises what imaplib raises.
    """
    found: dict[int, Fetched] = {}
    for some in sets(uids):
        answer, lines = connection.uid("FETCH", some, f"(UID {items})")
        if answer != "OK":
            raise connection.error(f"FETCH command error: {lines!r}")
        for words, body in _letters(lines):
            _note(found, words, body)
    wanted = set(uids)
    return {uid: letter for uid, letter in found.items() if uid in wanted}


def sets(uids: Sequence[int]) -> Iterator[str]:
    """Yield the uids (ascending) as sets of ranges, each short enough for one command."""
    said: list[str] = []
    length = 0
    for first, last in _runs(uids):
        words = str(first) if first == last else f"{first}:{last}"
        if said and length + len(words) + 1 > SET_MAX:
            yield ",".join(said)
            said, length = [], 0
        said.append(words)
        length += len(words) + 1
    if said:
        yield ",".join(said)


def _runs(uids: Sequence[int]) -> Iterator[tuple[int, int]]:
    first = last = 0
    for uid in uids:
        if uid == last + 1 and first:
            last = uid
            continue
        if first:
            yield first, last
        first = last = uid
    if first:
        yield first, last


def _letters(lines: Iterable[object]) -> Iterator[tuple[bytes, bytes | None]]:
    """Yield the words of each FETCH response without its literal, and the literal.

    imaplib gives a response as pairs of (what stands before a literal, the literal) and a last line without one.
    """
    words: list[bytes] = []
    body: bytes | None = None
    for line in lines:
        if isinstance(line, tuple):
            words.append(line[0])
            body = line[1]
        elif isinstance(line, bytes):
            words.append(line)
            if _START.match(words[0]):
                yield b" ".join(words), body
            words, body = [], None


def _note(found: dict[int, Fetched], words: bytes, body: bytes | None) -> None:
    quoted = _QUOTED.search(words)
    if quoted is not None:  # a short body need not be a literal; what is in it says nothing of the letter
        body = re.sub(rb"\\(.)", rb"\1", quoted[1], flags=re.DOTALL)
        words = words[: quoted.start()] + words[quoted.end() :]
    uid = _UID.search(words)
    if uid is None:
        return
    letter = found.setdefault(int(uid[1]), Fetched())
    if size := _SIZE.search(words):
        letter.size = int(size[1])
    if arrival := _ARRIVAL.search(words):
        letter.internal_at = _moment(*arrival.groups())
    if body is not None:
        letter.body = body


def _moment(day: bytes, month: bytes, year: bytes, *rest: bytes) -> datetime | None:
    """Return the instant of INTERNALDATE in UTC, None for one that no calendar has."""
    hour, minute, second, sign, zone_hours, zone_minutes = rest
    offset = timedelta(hours=int(zone_hours), minutes=int(zone_minutes))
    try:
        zone = timezone(-offset if sign == b"-" else offset)
        number = _MONTHS[month.lower()]
        return datetime(
            int(year), number, int(day), int(hour), int(minute), min(int(second), 59), tzinfo=zone
        ).astimezone(UTC)
    except (ValueError, KeyError, OverflowError):
        return None
