"""An address is found however it is spelt in raw evidence, and no other is taken for it."""

from __future__ import annotations

import base64
import json
import quopri
from email.header import Header
from email.message import EmailMessage

import pytest

from slawatch import spellings

ADDRESS = "anna.beispiel@far.example"
IN_A_LINE = f"Bitte schreiben Sie an {ADDRESS}, danke. Mit freundlichen Grüßen aus dem Laden am Markt".encode()


def a_letter(cte: str, charset: str) -> bytes:
    letter = EmailMessage()
    letter["Subject"] = "Re: table"
    letter.set_content(IN_A_LINE.decode(), charset=charset, cte=cte)
    return bytes(letter)


@pytest.mark.parametrize(
    "raw",
    [
        IN_A_LINE,
        IN_A_LINE.upper(),
        IN_A_LINE.decode().encode("utf-16"),
        base64.b64encode(IN_A_LINE),
        base64.encodebytes(IN_A_LINE * 3),
        base64.encodebytes(base64.encodebytes(IN_A_LINE)),
        base64.urlsafe_b64encode(IN_A_LINE),
        quopri.encodestring(IN_A_LINE * 2),
        b"anna.beispiel=40far.example",
        b"anna.beis=\r\npiel@far.example",
        b"Subject: a\r\n anna.beispiel@\r\n far.example",
        Header(f"Änderung für {ADDRESS} und andere mehr", "utf-8").encode().encode(),
        b"=?utf-8?q?anna=2Ebeispiel=40far.example?=",
        json.dumps({"who": "anna.beispiel\N{FULLWIDTH COMMERCIAL AT}"}).encode() + b" anna.beispiel\\u0040far.example",
        b'<a href="mailto:anna.beispiel%40far.example">',
        b"anna.beispiel&#64;far.example",
        a_letter("base64", "utf-8"),
        a_letter("base64", "utf-16"),
        a_letter("quoted-printable", "iso-8859-1"),
        b"\xff\xfe broken =?utf-8?b?@@@?= \x00 " + IN_A_LINE,
    ],
)
def test_it_is_found_in_every_spelling(raw: bytes) -> None:
    assert spellings.stands_in(raw, spellings.pattern(ADDRESS))


@pytest.mark.parametrize(
    "raw",
    [
        b"susanna.beispiel@far.example",
        b"x.anna.beispiel@far.example",
        b"anna.beispiel@far.example.org",
        b"anna.beispiel@far.examples",
        base64.b64encode(b"we know no susanna.beispiel@far.example here, nor any other of her family"),
        b"annaxbeispiel@far.example",
        b"",
    ],
)
def test_no_other_address_is_taken_for_it(raw: bytes) -> None:
    assert not spellings.stands_in(raw, spellings.pattern(ADDRESS))


def test_a_full_stop_behind_it_is_no_part_of_it() -> None:
    assert spellings.stands_in(b"Write to <anna.beispiel@far.example>.", spellings.pattern(ADDRESS))
    assert spellings.stands_in(b"Write to anna.beispiel@far.example.", spellings.pattern(ADDRESS))
