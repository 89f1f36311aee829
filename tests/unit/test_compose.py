"""A letter says what was asked, to the last byte, and nothing a customer's own mail program would not say."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slawatch.mail.compose import CITED_MAX, LOCAL_PART_MAX, ascii_domain, compose, reply_address, thread

TOKEN = "k7f3abcdefgh"
WRITTEN_AT = datetime(2026, 3, 29, 0, 30, tzinfo=UTC).astimezone(ZoneInfo("Europe/Berlin"))

# Whatever can be printed on one line; header_safe has single blanks only: the others are tried apart.
printable = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=30)
header_safe = st.lists(printable, min_size=1, max_size=12).map(" ".join)
bodies = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=400)


def letter(**changes: Any) -> bytes:
    given_: dict[str, Any] = {
        "sender": f"anna+{TOKEN}@example.org",
        "name": "Anna Beispiel",
        "recipient": "service@shop.example",
        "subject": f"Lieferzeit ({TOKEN})",
        "body": "Guten Tag,\n\nwie lange dauert es?\n",
        "message_id": "1f2e@example.org",
        "written_at": WRITTEN_AT,
        "lang": "de",
    }
    return compose(**given_ | changes)


def read(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_a_letter_within_ascii_is_this_to_the_last_byte() -> None:
    assert letter() == (
        b"Date: Sun, 29 Mar 2026 01:30:00 +0100\r\n"
        b'From: "Anna Beispiel" <anna+k7f3abcdefgh@example.org>\r\n'
        b"Reply-To: anna+k7f3abcdefgh@example.org\r\n"
        b"To: service@shop.example\r\n"
        b"Subject: Lieferzeit (k7f3abcdefgh)\r\n"
        b"Message-ID: <1f2e@example.org>\r\n"
        b"MIME-Version: 1.0\r\n"
        b"Content-Language: de\r\n"
        b"Content-Type: text/plain; charset=us-ascii\r\n"
        b"Content-Transfer-Encoding: 7bit\r\n"
        b"\r\n"
        b"Guten Tag,\r\n\r\nwie lange dauert es?\r\n"
    )


def test_nothing_in_it_names_the_software_or_our_copy() -> None:
    names = {name.lower() for name in read(letter()).keys()}  # noqa: SIM118 - a message's own iteration is not its names

    assert not names & {"user-agent", "x-mailer", "bcc", "cc", "auto-submitted", "x-auto-response-suppress", "list-id"}


def test_our_zone_is_the_one_it_was_written_in() -> None:
    assert read(letter())["Date"].datetime.isoformat() == "2026-03-29T01:30:00+01:00"


@given(header_safe)
def test_any_subject_comes_back_as_it_was(subject: str) -> None:
    assert str(read(letter(subject=subject))["Subject"]) == subject


@pytest.mark.parametrize("subject", ["5\u00a0km", "=?utf-8?q?x?= (ja)", "Ä" * 200, ""])
def test_odd_subjects_come_back_as_they_were(subject: str) -> None:
    assert str(make_header(decode_header(str(message_from_bytes(letter(subject=subject))["Subject"])))) == subject


def test_blanks_in_a_row_become_one() -> None:
    assert str(read(letter(subject="  Frage  zu Möbeln "))["Subject"]) == "Frage zu Möbeln"


@given(header_safe, header_safe)
def test_a_token_within_any_subject_can_be_seen_without_decoding(before: str, after: str) -> None:
    if "=?" in before + after:
        return  # such a subject is encoded as a whole, lest its words are taken for encoded ones
    raw = letter(subject=f"{before} ({TOKEN}) {after}")

    assert TOKEN.encode() in raw.partition(b"Subject:")[2].partition(b"Message-ID:")[0]


@given(header_safe)
def test_any_name_comes_back_as_it_was(name: str) -> None:
    # With the old policy: the new one keeps the blank between two encoded words of a name (RFC 2047 says to drop it).
    shown, address = parseaddr(str(message_from_bytes(letter(name=name))["From"]))

    assert (str(make_header(decode_header(shown))), address) == (name, f"anna+{TOKEN}@example.org")


@given(bodies)
def test_any_body_comes_back_as_it_was(body: str) -> None:
    content = read(letter(body=body)).get_content()

    assert content.replace("\r\n", "\n") == body.rstrip("\n") + "\n"


@given(header_safe, bodies)
def test_no_line_is_longer_than_servers_must_take_and_none_ends_bare(subject: str, body: str) -> None:
    raw = letter(subject=subject, body=body)

    assert raw.endswith(b"\r\n")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")
    assert raw.isascii()


@pytest.mark.parametrize("field", ["subject", "name", "message_id", "recipient", "sender", "lang"])
@pytest.mark.parametrize("line_break", ["\r\n", "\n", "\r", "\x00", "\u2028"])
def test_no_text_can_smuggle_in_a_header(field: str, line_break: str) -> None:
    with pytest.raises(ValueError, match=r"holds a line break or control character|is not an e-mail address"):
        letter(**{field: f"a@b.example{line_break}Bcc: x@evil.example"})


@pytest.mark.parametrize(
    ("address", "wire"),
    [
        ("Service@Shop.Example", "Service@shop.example"),
        ("service@münchen.example", "service@xn--mnchen-3ya.example"),
        ("service@MÜNCHEN.example", "service@xn--mnchen-3ya.example"),
        ("service@straße.example", "service@xn--strae-oqa.example"),
        ("jörg@shop.example", "jörg@shop.example"),
    ],
)
def test_a_domain_goes_over_the_wire_in_ascii(address: str, wire: str) -> None:
    assert ascii_domain(address) == wire


@pytest.mark.parametrize(
    "text", ["", "shop.example", "@shop.example", "a@", "a b@c.example", "a@b.example, c@d.example"]
)
def test_what_is_no_address_is_said_to_be_none(text: str) -> None:
    with pytest.raises(ValueError, match=r'is not an e-mail address; write it like "service@shop.example"'):
        ascii_domain(text)


def test_replies_come_back_to_an_address_that_holds_the_token() -> None:
    assert reply_address("shop@example.org", TOKEN) == f"shop+{TOKEN}@example.org"
    assert reply_address("shop@example.org", TOKEN, catch_all_domain="in.example.org") == f"{TOKEN}@in.example.org"


def test_an_address_without_room_for_the_token_is_refused() -> None:
    longest = "a" * (LOCAL_PART_MAX - len(TOKEN) - 1)

    assert reply_address(f"{longest}@example.org", TOKEN).index("@") == LOCAL_PART_MAX
    with pytest.raises(ValueError, match=r'no room for .*: at most 51 letters may stand before the "@"'):
        reply_address(f"{longest}a@example.org", TOKEN)


def test_the_room_is_counted_in_octets() -> None:
    with pytest.raises(ValueError, match="no room for"):
        reply_address(f"{'ä' * 26}@example.org", TOKEN)


def test_a_reply_cites_the_letter_and_the_whole_thread_before_it() -> None:
    headers = {
        "message-id": ("<Frage.2@Shop.example>",),
        "references": ("<1f2e@example.org>\r\n <Eingang.1@Shop.example>",),
        "in-reply-to": ("<other@example.org>",),
    }

    read = message_from_bytes(letter(cites=thread(headers)), policy=policy.default)

    assert read["In-Reply-To"] == "<Frage.2@Shop.example>"
    assert read["References"].split() == ["<1f2e@example.org>", "<Eingang.1@Shop.example>", "<Frage.2@Shop.example>"]


def test_a_letter_without_references_is_cited_with_what_it_replied_to() -> None:
    assert thread({"message-id": ("<b@shop.example>",), "in-reply-to": ("<a@example.org> <z@example.org>",)}) == (
        "a@example.org",
        "b@shop.example",
    )


def test_what_has_no_id_of_its_own_cannot_be_cited() -> None:
    assert thread({"references": ("<a@example.org>",)}) == ()
    assert b"In-Reply-To" not in letter(cites=())


@pytest.mark.parametrize(
    "id_",
    [
        "<a@b\r\nBcc: x@y.example>",
        "<a b@shop.example>",
        "<ü@shop.example>",
        f"<{'a' * 500}@shop.example>",
        "a@b",
        "<<a>",
    ],
)
def test_no_strange_id_gets_into_our_header(id_: str) -> None:
    assert thread({"message-id": (id_,)}) == ()
    assert thread({"message-id": ("<b@shop.example>",), "references": (id_,)}) == ("b@shop.example",)


def test_of_a_long_thread_the_first_and_the_newest_are_cited_on_lines_of_their_own() -> None:
    many = [f"{number:03}.{'x' * 60}@shop.example" for number in range(500)]

    raw = letter(cites=many)

    read = message_from_bytes(raw, policy=policy.default)
    cited = read["References"].split()
    assert (len(cited), cited[0], cited[-1]) == (CITED_MAX, f"<{many[0]}>", f"<{many[-1]}>")
    assert max(map(len, raw.split(b"\r\n"))) < 100
