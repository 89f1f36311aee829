"""What is kept of a line on Telegram can be read again, whatever it holds; and what an account needs is asked for."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slawatch.channels.telegram import address_problem, reading
from slawatch.channels.telegram.settings import Settings
from slawatch.model import Author
from slawatch.secret import Secret

LINE: dict[str, Any] = {
    "bot": False,
    "chat": "@shop_example",
    "clock": "server",
    "date": "2026-11-22T10:00:00+00:00",
    "from": "77",
    "known": True,
    "media": "",
    "name": "Anna Shop",
    "number": 102,
    "offline": False,
    "out": False,
    "peer": "77",
    "platform": "telegram",
    "reply_to": 101,
    "resolution_ms": 1000,
    "text": "3 days",
    "us": 1000,
    "username": "shop_example",
    "via_bot_id": 0,
    "via_business_bot_id": 0,
}
SEEN = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def test_a_line_says_who_wrote_what_to_whom() -> None:
    found = reading.read(reading.evidence(LINE))

    assert (found.platform, found.chat, found.sender) == ("telegram", "@shop_example", "telegram:77")
    assert (found.own_id, found.cited_ids) == ("telegram:77/102", ("telegram:77/101",))
    assert (found.text, found.sender_name, found.recipients) == ("3 days", "Anna Shop", ("telegram:1000",))
    assert found.conversation == ""  # the chat is not one request's alone
    assert found.author is Author.AGENT


def test_our_own_lines_are_ours() -> None:
    assert reading.author_of({**LINE, "out": True})[0] is Author.OURSELVES
    assert reading.author_of({**LINE, "from": "1000"})[0] is Author.OURSELVES


def test_a_stamp_of_whole_seconds_says_so() -> None:
    found = reading.stamps(LINE, seen_at=SEEN, looked_at=None)

    assert (found.at, found.earlier) == (datetime(2026, 11, 22, 10, tzinfo=UTC), timedelta(0))
    assert found.later == timedelta(seconds=1) - timedelta(microseconds=1)


@pytest.mark.parametrize("date", ["", "yesterday", "2026-11-22T10:00:00"])
def test_without_a_stamp_it_came_since_we_had_looked(date: str) -> None:
    found = reading.stamps({**LINE, "date": date}, seen_at=SEEN, looked_at=SEEN - timedelta(minutes=3))

    assert (found.at, found.source, found.earlier) == (SEEN, "seen", timedelta(minutes=3))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b'{"platform": "matrix"}',
        *(
            json.dumps({**LINE, key: value}).encode()
            for key, value in (("number", "x"), ("number", 0), ("reply_to", []))
        ),
        *(json.dumps({one: LINE[one] for one in LINE if one != key}).encode() for key in ("text", "chat", "peer")),
    ],
)
def test_what_is_no_line_is_not_readable(raw: bytes) -> None:
    assert not reading.read(raw).readable


CHANGED = st.dictionaries(st.sampled_from(sorted(LINE)), st.text() | st.integers() | st.none())


@given(raw=st.binary(max_size=200) | CHANGED.map(lambda one: json.dumps({**LINE, **one}).encode()))
def test_reading_never_raises(raw: bytes) -> None:
    assert reading.read(raw).platform == "telegram"


@given(key=st.text(max_size=60))
def test_our_own_number_is_the_same_at_every_try_and_fits(key: str) -> None:
    number = reading.random_id(key)

    assert number == reading.random_id(key.upper().lower() if key.upper().lower() == key.lower() else key)
    assert number != 0
    assert -(2**63) <= number < 2**63


@pytest.mark.parametrize("address", ["@shop_example", "@Shop1", "@acme_bot"])
def test_usernames_are_addresses(address: str) -> None:
    assert address_problem(address) is None


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("https://t.me/shop_example", 'write the name that it leads to: "@shop_example"'),
        ("t.me/shop_example/", "@shop_example"),
        ("+491701234567", "is a number"),
        ("shop_example", 'does not begin with "@"'),
        ("@1shop", "is no username"),
        ("@shop_", "is no username"),
        ("@shöp_example", "is no username"),
        ("@a", "is no username"),
    ],
)
def test_what_is_no_username_is_told_how_to_write_it(address: str, says: str) -> None:
    assert says in (address_problem(address) or "")


def test_what_is_wrong_with_an_account_is_said_by_key() -> None:
    good = Settings(api_id=1, api_hash=Secret("x"), phone="+491701234567")
    bad = Settings(
        api_id=1,
        api_hash=Secret("x"),
        phone="0170 1234567",
        name="a\nb",
        public_key=Path("key.pem"),
        timeout=timedelta(0),
    )

    assert good.problems() == []
    assert {key for key, _ in bad.problems()} == {"phone", "name", "public_key", "timeout"}
    assert "4567" not in good.shown
