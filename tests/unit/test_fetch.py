"""What FETCH brings is read in whatever order and company it comes; what nobody asked for changes nothing."""

from __future__ import annotations

import imaplib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slawatch.mail.fetch import SET_MAX, Fetched, fetch, sets

AT = datetime(2026, 3, 29, 1, 0, 10, tzinfo=UTC)


class Said(imaplib.IMAP4):
    """A connection on which the server has said this, in imaplib's form, whatever is asked."""

    def __init__(self, *said: object, answer: str = "OK") -> None:
        self.said = list(said)
        self.answer = answer
        self.asked: list[tuple[str, ...]] = []

    def uid(self, command: str, *args: str) -> tuple[str, list[Any]]:
        self.asked.append((command, *args))
        return self.answer, self.said


def brought(*said: object, uids: Sequence[int] = (5,)) -> dict[int, Fetched]:
    return fetch(Said(*said), uids, "RFC822.SIZE")


def test_a_letter_is_told_by_its_size_its_arrival_and_its_octets() -> None:
    found = brought(
        (b'1 (UID 5 RFC822.SIZE 7 INTERNALDATE "29-Mar-2026 03:00:10 +0200" BODY[] {7}', b"To: a\r\n"), b")"
    )

    assert found == {5: Fetched(size=7, internal_at=AT, body=b"To: a\r\n")}


@pytest.mark.parametrize(
    "said",
    [
        [(b"1 (BODY[]<0> {3}", b"abc"), b' RFC822.SIZE 3 INTERNALDATE "29-Mar-2026 01:00:10 +0000" UID 5)'],
        [b'1 (UID 5 INTERNALDATE "29-Mar-2026 01:00:10 +0000" BODY[] "abc" RFC822.SIZE 3)'],
        [
            b"9 (FLAGS (\\Seen))",
            b"9 (UID 77 RFC822.SIZE 12)",
            (b'1 (UID 5 RFC822.SIZE 3 INTERNALDATE "29-mar-2026 01:00:10 +0000" BODY[] {3}', b"abc"),
            b")",
            b"1 (UID 5 FLAGS (\\Seen))",
            None,
        ],
        [
            b'1 (UID 5 RFC822.SIZE 3 INTERNALDATE "29-Mar-2026 01:00:10 +0000")',
            (b"1 (UID 5 BODY[HEADER.FIELDS (TO)] {3}", b"abc"),
            b")",
        ],
    ],
)
def test_order_form_and_company_do_not_matter(said: list[object]) -> None:
    assert brought(*said) == {5: Fetched(size=3, internal_at=AT, body=b"abc")}


def test_what_a_letter_says_of_itself_is_not_taken_for_the_servers_word() -> None:
    lie = b'UID 6 RFC822.SIZE 9 INTERNALDATE \\"01-Jan-2001 00:00:00 +0000\\" \\\\'

    assert brought(b'1 (BODY[] "' + lie + b'" UID 5 RFC822.SIZE 3)', uids=(5, 6)) == {
        5: Fetched(size=3, body=b'UID 6 RFC822.SIZE 9 INTERNALDATE "01-Jan-2001 00:00:00 +0000" \\')
    }


@pytest.mark.parametrize("date", [b"31-Feb-2026 01:00:10 +0000", b"01-Foo-2026 01:00:10 +0000", b"yesterday"])
def test_an_arrival_no_calendar_has_is_none(date: bytes) -> None:
    assert brought(b'1 (UID 5 INTERNALDATE "' + date + b'")') == {5: Fetched()}


@pytest.mark.parametrize(
    ("date", "day"),
    [(b" 1-Mar-2026 00:30:00 +0100", 28), (b"01-Mar-2026 00:30:00 -0000", 1), (b"1-Mar-2026 23:59:60 +0000", 1)],
)
def test_arrivals_are_read_as_servers_write_them(date: bytes, day: int) -> None:
    at = brought(b'1 (UID 5 INTERNALDATE "' + date + b'")')[5].internal_at

    assert at is not None
    assert at.day == day


def test_a_letter_that_is_gone_is_left_out() -> None:
    assert brought(None) == {}
    assert brought(b"1 (UID 6 RFC822.SIZE 3)", uids=(5, 6)).keys() == {6}


def test_a_command_that_failed_is_an_error() -> None:
    with pytest.raises(imaplib.IMAP4.error, match="Too long"):
        fetch(Said(b"Too long argument", answer="BAD"), [5], "RFC822.SIZE")


def test_nothing_is_asked_where_nothing_is_wanted() -> None:
    connection = Said()

    assert fetch(connection, [], "RFC822.SIZE") == {}
    assert connection.asked == []


def test_neighbours_are_asked_for_as_a_range() -> None:
    assert list(sets([1, 2, 3, 5, 7, 8, 4_294_967_295])) == ["1:3,5,7:8,4294967295"]


@given(st.sets(st.integers(1, 4_294_967_295), max_size=2000))
def test_sets_name_each_uid_once_on_lines_that_servers_take(uids: set[int]) -> None:
    said = list(sets(sorted(uids)))

    named: list[int] = []
    for words in ",".join(said).split(",") if said else []:
        first, _, last = words.partition(":")
        named += range(int(first), int(last or first) + 1)
    assert named == sorted(uids)
    assert all(len(one) <= SET_MAX for one in said)
