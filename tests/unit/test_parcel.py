"""Letters to the user with an HTML part and files: what the standard library's parser makes of them."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from slawatch.channels.base import Enclosure
from slawatch.mail.compose import compose
from slawatch.mail.parcel import parcel

LOGO = Enclosure(name="logo.png", media="image/png", raw=b"\x89PNG" + bytes(range(256)), content_id="logo")
PAGE = Enclosure(name="report-2026-11-22.html", media="text/html", raw="<p>Größe\n.\n".encode() * 99)


def packed(*files: Enclosure, text: str = "Grüße\n", html: str = "<p>Grüße</p>\n", unsubscribe: str = "") -> bytes:
    return compose(
        sender="anna@example.org",
        name="Anna",
        recipient="lead@example.org",
        subject="3 of 12 – proven",
        body="",
        message_id="report.1@example.org",
        written_at=datetime(2026, 11, 22, tzinfo=UTC),
        automatic=True,
        content=parcel(text, html, files, seed="report.1"),
        unsubscribe=unsubscribe,
    )


def parsed(raw: bytes) -> EmailMessage:
    found = message_from_bytes(raw, policy=policy.default)
    assert isinstance(found, EmailMessage)
    assert [part.defects for part in found.walk()] == [[]] * len(list(found.walk()))
    return found


def test_text_html_picture_and_file_come_out_as_they_went_in() -> None:
    letter = parsed(packed(LOGO, PAGE))

    assert [part.get_content_type() for part in letter.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "text/html",
    ]
    text, html = letter.get_body(("plain",)), letter.get_body(("html", "related"))
    assert text is not None
    assert html is not None
    assert text.get_content().splitlines() == ["Grüße"]
    (page,) = letter.iter_attachments()
    assert (page.get_filename(), page.get_payload(decode=True)) == (PAGE.name, PAGE.raw)
    (picture,) = [part for part in letter.walk() if part["Content-ID"]]
    assert (str(picture["Content-ID"]), picture.get_payload(decode=True)) == ("<logo>", LOGO.raw)


def test_without_files_there_are_text_and_html_alone() -> None:
    assert [part.get_content_type() for part in parsed(packed()).walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]


def test_the_same_letter_is_the_same_to_the_last_octet_and_every_server_passes_it_on() -> None:
    raw = packed(LOGO, PAGE, html="<p>" + "ä" * 5000)

    assert raw == packed(LOGO, PAGE, html="<p>" + "ä" * 5000)
    assert raw.isascii()
    assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")
    assert max(map(len, raw.split(b"\r\n"))) <= 998


def test_who_wants_no_more_is_offered_to_write_so_and_no_absence_notice_comes_back() -> None:
    letter = parsed(packed(unsubscribe="no more of “weekly”"))

    assert letter["List-Unsubscribe"] == "<mailto:anna@example.org?subject=no%20more%20of%20%E2%80%9Cweekly%E2%80%9D>"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert parsed(packed())["List-Unsubscribe"] is None


@pytest.mark.parametrize(
    "file",
    [
        Enclosure(name='a"b.html', media="text/html", raw=b""),
        Enclosure(name="a.html", media="text/html\r\nBcc: x", raw=b""),
        Enclosure(name="a.png", media="image/png", raw=b"", content_id="a>b"),
    ],
)
def test_a_file_whose_name_could_become_a_header_is_refused(file: Enclosure) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        packed(file)
