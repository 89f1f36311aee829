"""Hostile mail for tests and for benchmarks/fuzz.py: bombs that stopped parsers, and mutants of real letters.

Everything is made from a number, so that what once did harm can be made again.
"""

from __future__ import annotations

import base64
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from slawatch import classify, match, promise
from slawatch.channels.email import EmailChannel
from slawatch.mail import stamps
from slawatch.mail.mailbox import SIZE_MAX
from slawatch.mail.sieve import Sieve
from slawatch.match import Known
from slawatch.model import Classification, Facts, Match, Promise, Stamps

KIB = 1024
SEEN_AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SIEVE = Sieve(
    address="anna@example.org",
    domain="example.org",
    catch_all="in.example.org",
    senders=frozenset({"shop.example", "office@gmail.com"}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """All that is made of a letter."""

    facts: Facts
    stamps: Stamps
    match: Match | None
    kind: Classification
    promises: tuple[Promise, ...]


def judge(raw: bytes) -> Judged:
    """Do with a letter all that is done with one that comes in: cut, sift, read, stamp, match, classify, search."""
    raw = raw[:SIZE_MAX]
    SIEVE.may_belong(raw.partition(b"\r\n\r\n")[0])
    facts = EmailChannel.read(raw)
    return Judged(
        facts=facts,
        stamps=stamps.choose(facts, internal_at=SEEN_AT, own_mx="mx.example.org", seen_at=SEEN_AT),
        match=match.find(facts, Known(by_token={"k7f3abcdefgh": 1}, by_message_id={"1@example.org": 1})),
        kind=classify.classify(facts, target="service@shop.example", seconds_after=30, expected=("two days",)),
        promises=promise.find(f"{facts.text}\n{facts.signature}", at=SEEN_AT, zone="Europe/Berlin"),
    )


_HEAD = b"From: a@shop.example\r\nTo: anna@example.org\r\nSubject: Re: x\r\nMIME-Version: 1.0\r\n"
_SENTENCE = b"Wir melden uns innerhalb von 3 bis 5 Werktagen, spaetestens am 24.12.2026 um 14:30 Uhr bei Ihnen. "


def _plain(body: bytes, head: bytes = b"") -> bytes:
    return _HEAD + head + b"\r\n" + body


def _nested(levels: int) -> bytes:
    opened = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(levels))
    return _HEAD + opened + b"\r\ntext"


def _html(body: bytes) -> bytes:
    return _plain(body, b"Content-Type: text/html; charset=utf-8\r\n")


BOMBS: Mapping[str, Callable[[], bytes]] = {
    "brackets in To": lambda: b"To: " + b"(" * 4 * KIB + b"\r\n\r\nx",
    "quotes in From": lambda: b"From: " + b'"' * 64 * KIB + b"\r\n\r\nx",
    "long References": lambda: b"References: " + b"<a@b.example> " * 400_000 + b"\r\n\r\nx",
    "20000 addresses": lambda: b"To: " + b", ".join(b"a%d@b.example" % n for n in range(20_000)) + b"\r\n\r\nx",
    "100000 parts": lambda: (
        _HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 100_000
    ),
    "100000 headers": lambda: b"X-A: b\r\n" * 100_000 + b"\r\nx",
    "20000 encoded words": lambda: b"Subject: " + b"=?utf-8?q?=C3=BC?= " * 20_000 + b"\r\n\r\nx",
    "an encoded word without end": lambda: b"Subject: =?utf-8?b?" + b"QUFB" * 50_000 + b"\r\n\r\nx",
    "3000 nested parts": lambda: _nested(3000),
    "250 nested parts": lambda: _nested(250) + b"\r\nx" * 20_000,
    "2000 nested letters": lambda: b"Content-Type: message/rfc822\r\n\r\n" * 2000 + b"x",
    "unknown charset": lambda: _plain(b"x", b"Content-Type: text/plain; charset=klingon\r\n"),
    "a charset that unpacks": lambda: _plain(b"eJwDAAAAAAE=" * KIB, b"Content-Type: text/plain; charset=zlib\r\n"),
    "punycode": lambda: _plain(b"a" * 200 * KIB + b"-kva", b"Content-Type: text/plain; charset=punycode\r\n"),
    "many parameters": lambda: _plain(b"x", b"Content-Type: text/plain; " + b'a="b;";' * 50_000 + b"\r\n"),
    "continued parameters": lambda: _plain(
        b"x", b"Content-Disposition: a; " + b"; ".join(b"f*%d*=a" % n for n in range(20_000)) + b"\r\n"
    ),
    "base64 of base64": lambda: _plain(
        base64.b64encode(base64.b64encode(b"a" * 300 * KIB)), b"Content-Transfer-Encoding: base64\r\n"
    ),
    "quoted-printable of nothing": lambda: _plain(
        b"=\r\n" * 200_000, b"Content-Transfer-Encoding: quoted-printable\r\n"
    ),
    "uuencode": lambda: _plain(b"begin 644 x\n" + b"M" * 400 * KIB, b"Content-Transfer-Encoding: x-uuencode\r\n"),
    "a date that is none": lambda: b"Date: " + b"1 " * 100_000 + b"\r\n\r\nx",
    "a year of digits": lambda: b"Date: Mon, 1 Jan " + b"9" * 10_000 + b" 00:00:00 +0000\r\n\r\nx",
    "Received without end": lambda: b"Received: from a by b; " + b"(" * 100_000 + b"\r\n\r\nx",
    "20000 Received": lambda: b"Received: by mx.example; Mon, 2 Mar 2026 10:00:00 +0000\r\n" * 20_000 + b"\r\nx",
    "no line end": lambda: b"a" * 500 * KIB,
    "line ends alone": lambda: b"\r" * 250 * KIB + b"\n" * 250 * KIB,
    "NULs": lambda: b"\0" * 500 * KIB,
    "every octet": lambda: bytes(range(256)) * 2 * KIB,
    "lone surrogates": lambda: _plain(b"\xed\xa0\x80" * 50_000, b"Content-Type: text/plain; charset=utf-8\r\n"),
    "utf-7": lambda: _plain(b"+AGEAYQ-" * 20_000, b"Content-Type: text/plain; charset=utf-7\r\n"),
    "quoted 10000 deep": lambda: _plain(b">" * 10_000 + b" x\r\n" + b"> " * 20_000),
    "quotes of one line": lambda: _plain(b"> x\r\n" * 50_000),
    "attributions": lambda: _plain(b"On Mon, 2 Mar 2026 at 10:00, A. <a@b.example> wrote:\r\n" * 5000),
    "half an attribution": lambda: _plain(b"Am " * 20_000 + b"schrieb"),
    "separators": lambda: _plain(b"-----Original Message-----\r\n" * 10_000),
    "dashes": lambda: _plain(b"-" * 60_000 + b"\r\n" + b"_" * 60_000),
    "spaces": lambda: _plain(b" " * 60_000 + b"x\r\n" + b"\t" * 60_000),
    "blank lines": lambda: _plain(b"\r\n" * 100_000),
    "deep HTML": lambda: _html(b"<div>" * 50_000 + b"x"),
    "tags without end": lambda: _html(b"<a href='" * 40_000),
    "comments without end": lambda: _html(b"<!--" * 60_000),
    "entities": lambda: _html(b"&amp" * 60_000 + b"&#" * 60_000 + b"&#x110000;" * 1000),
    "deep blockquotes": lambda: _html(b"<blockquote>" * 20_000 + b"x"),
    "a table": lambda: _html(b"<table>" + b"<tr><td>x" * 40_000),
    "digits": lambda: _plain(b"1" * 100_000),
    "numbers": lambda: _plain(b"1 2 3 4 5 6 7 8 9 10 11 12. " * 3000),
    "dates": lambda: _plain(b"24.12.2026 24/12/26 2026-12-24 12:30 " * 2500),
    "promises": lambda: _plain(_SENTENCE * 700),
    "promises without end": lambda: _plain(b"innerhalb von " * 5000 + b"within " * 5000),
    "number words": lambda: _plain(b"zwei bis drei bis vier bis " * 3000 + b"two to three to " * 3000),
    "phrases cut short": lambda: _plain(b"Vielen Dank fuer Ihre " * 2000 + b"thank you for your " * 2000),
    "one word": lambda: _plain(b"a" * 65_000),
    "exclamation marks": lambda: _plain(b"!" * 70_000),
    "at signs": lambda: _plain(b"a@" * 30_000, b"Cc: " + b"a@" * 100_000 + b"\r\n"),
    "ids": lambda: _plain(b"Message-ID: <a" * 5000 + b"\r\n" + b"Message-ID:\r\n" * 5000),
    "ticket numbers": lambda: _plain(b"[#123] " * 8000, b"Subject: " + b"[#1" * 2000 + b"\r\n"),
    "a report of many": lambda: (
        _HEAD
        + b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n"
        + b"Content-Type: message/delivery-status\r\n\r\n"
        + b"Final-Recipient: rfc822; a@b.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n" * 5000
    ),
    "authentication results": lambda: b"Authentication-Results: mx;" + b" dkim=pass (a" * 20_000 + b"\r\n\r\nx",
}

_TOKENS = (
    b"\r\n", b"\n", b"\r", b"\0", b'"', b"(", b")", b"<", b">", b";", b"=?utf-8?q?", b"?=", b"=?x?b?", b"--", b"\xff",
    b"Content-Type: multipart/mixed; boundary=x\r\n", b"Content-Type: message/rfc822\r\n\r\n", b"charset=",
    b"Content-Transfer-Encoding: base64\r\n", b"Date: -0000\r\n", b"Received: by ;", b"&#", b"<!--", b"> ", b"1.",
    b"innerhalb von ", b"within ", b"9" * 40, b" " * 400, b"-- \n",
)  # fmt: skip


def mutant(seeds: Sequence[bytes], number: int) -> bytes:
    """Return the mutant of that number: one to eight changes to one of the seeds, or to two of them mixed."""
    dice = random.Random(number)  # noqa: S311 - the same again from the same number
    raw = bytearray(dice.choice(seeds))
    for _ in range(dice.randint(1, 8)):
        _CHANGES[dice.randrange(len(_CHANGES))](raw, dice, seeds)
    return bytes(raw)


def corpus(folder: Path) -> list[bytes]:
    """Return every file below the folder that looks like a letter, in the order of the names."""
    return [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix != ".csv"]


def _place(raw: bytearray, dice: random.Random) -> int:
    return dice.randrange(len(raw) + 1)


def _flip(raw: bytearray, dice: random.Random, _seeds: Sequence[bytes]) -> None:
    for _ in range(dice.randint(1, 20)):
        if raw:
            raw[dice.randrange(len(raw))] = dice.randrange(256)


def _insert(raw: bytearray, dice: random.Random, _seeds: Sequence[bytes]) -> None:
    at = _place(raw, dice)
    raw[at:at] = dice.choice(_TOKENS)


def _repeat(raw: bytearray, dice: random.Random, _seeds: Sequence[bytes]) -> None:
    at = _place(raw, dice)
    piece = bytes(raw[at : at + dice.choice((1, 4, 20, 100, 1000))])
    raw[at:at] = piece * min(dice.choice((2, 10, 1000, 20_000)), 200_000 // max(len(piece), 1))


def _cut(raw: bytearray, dice: random.Random, _seeds: Sequence[bytes]) -> None:
    at = _place(raw, dice)
    del raw[at : at + dice.choice((1, 10, 200, 5000, len(raw)))]


def _swap(raw: bytearray, dice: random.Random, _seeds: Sequence[bytes]) -> None:
    lines = bytes(raw).splitlines(keepends=True)
    dice.shuffle(lines)
    raw[:] = b"".join(lines)


def _mix(raw: bytearray, dice: random.Random, seeds: Sequence[bytes]) -> None:
    other = dice.choice(seeds)
    at, start = _place(raw, dice), dice.randrange(len(other) + 1)
    raw[at:at] = other[start : start + 20_000]


def _wrap(raw: bytearray, dice: random.Random, _seeds: Sequence[bytes]) -> None:
    raw[:0] = b"Content-Type: message/rfc822\r\n\r\n" * dice.choice((1, 5, 100))


_CHANGES = (_flip, _insert, _insert, _repeat, _repeat, _cut, _swap, _mix, _wrap)
