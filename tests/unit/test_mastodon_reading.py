"""Posts as Mastodon servers tell of them, and as they are read again from what was kept."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slawatch.channels.mastodon.reading import evidence, full_handle, parse, profile, short_handle
from slawatch.channels.mastodon.settings import address_problem

HOME = "social.example"
WRITTEN = "2026-10-25T00:31:02.118Z"
NOTIFIED = "2026-10-25T00:31:04.500+00:00"

AUTHOR: dict[str, Any] = {"id": "7", "username": "help", "acct": "Help@Shop.example", "display_name": "Shop Help"}
STATUS: dict[str, Any] = {
    "id": "112",
    "created_at": WRITTEN,
    "in_reply_to_id": "100",
    "visibility": "public",
    "language": "de",
    "content": '<p><a href="https://social.example/@robin" class="mention">@<span>robin</span></a> Drei Tage.</p>',
    "mentions": [{"id": "3", "acct": "robin", "url": "https://social.example/@robin"}],
    "account": AUTHOR,
    "replies_count": 4,
}


def kept(root: str = "", notified_at: str = "", **other: Any) -> bytes:
    return evidence({**STATUS, **other}, home=HOME, root=root, notified_at=notified_at)


def test_a_post_is_read_again_from_what_was_kept_of_it() -> None:
    post = parse(kept(root="90", notified_at=NOTIFIED))

    assert (post.id, post.reply_to, post.conversation, post.lang) == ("112", "100", "90", "de")
    assert (post.author.id, post.author.handle, post.author.name) == ("7", "help@shop.example", "Shop Help")
    assert post.text == "@robin@social.example Drei Tage."
    assert post.mentions == ("3",)
    assert not post.direct
    assert parse(post.raw) == post


def test_what_came_from_elsewhere_came_when_our_server_told_of_it() -> None:
    post = parse(kept(notified_at=NOTIFIED))

    assert (post.at, post.source) == (datetime(2026, 10, 25, 0, 31, 4, 500_000, tzinfo=UTC), "notification")
    assert "2.382 s after it was written" in post.why


def test_without_a_notification_it_came_when_the_other_server_says() -> None:
    post = parse(kept())

    assert (post.at, post.source) == (datetime(2026, 10, 25, 0, 31, 2, 118_000, tzinfo=UTC), "created_at")
    assert post.uncertainty == timedelta(seconds=1)
    assert "what the author's server says" in post.why


def test_what_was_written_on_our_own_server_is_there_at_once() -> None:
    # The notification is made by a job that may have had to wait; both stamps are of one clock.
    post = parse(kept(notified_at=NOTIFIED, account={**AUTHOR, "acct": "acme"}))

    assert (post.at, post.source) == (datetime(2026, 10, 25, 0, 31, 2, 118_000, tzinfo=UTC), "created_at")
    assert post.uncertainty == timedelta(0)
    assert post.author.handle == "acme@social.example"


def test_a_post_that_began_a_conversation_is_its_own_beginning() -> None:
    post = parse(kept(in_reply_to_id=None))

    assert (post.conversation, post.reply_to) == ("112", "")


def test_what_only_we_can_read_is_direct() -> None:
    assert parse(kept(visibility="direct")).direct


def test_the_warning_before_a_post_is_said_too() -> None:
    assert parse(kept(spoiler_text="Lieferzeit")).text == "Lieferzeit\n\n@robin@social.example Drei Tage."


def test_plain_text_for_a_mention_is_the_whole_handle_too() -> None:
    assert parse(kept(content="<p>@Robin, x@robin.example, @robin.</p>")).text == (
        "@robin@social.example, x@robin.example, @robin@social.example."
    )


def test_what_others_do_to_a_post_makes_no_other_evidence() -> None:
    assert kept(replies_count=9, account={**AUTHOR, "followers_count": 8}) == kept()


def test_a_ulid_is_an_id_like_any_other() -> None:
    assert parse(kept(id="01JD9Z5QZK3V0X6W7Y8ABCDEFG")).id == "01JD9Z5QZK3V0X6W7Y8ABCDEFG"


def test_a_number_is_an_id_as_text() -> None:
    assert parse(kept(id=112)).id == "112"


def test_an_account_tells_who_it_is() -> None:
    found = profile(
        {
            **AUTHOR,
            "bot": True,
            "moved": {"id": "8"},
            "fields": [
                {"name": "Web", "value": '<a href="https://www.shop.example/" rel="me">x</a>', "verified_at": WRITTEN},
                {"name": "Fan", "value": '<a href="https://acme.example/">x</a>', "verified_at": None},
                {"name": "Bad", "value": "https://[", "verified_at": WRITTEN},
            ],
        },
        home=HOME,
    )

    assert found.domains == ("shop.example",)  # what nobody has verified proves nothing
    assert found.automated
    assert found.moved_to == "8"


@pytest.mark.parametrize(
    "broken",
    [
        {"id": None},
        {"id": "a/b"},
        {"id": True},
        {"id": "1" * 65},
        {"created_at": None},
        {"created_at": "yesterday"},
        {"created_at": "2026-10-25T00:31:02"},
        {"created_at": "0001-01-01T00:00:00+23:59"},
        {"account": None},
        {"account": {"id": "7"}},
        {"account": {"acct": "x"}},
        {"in_reply_to_id": ["1"]},
    ],
)
def test_what_makes_no_sense_is_no_post(broken: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse(kept(**broken))


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b'{"platform":"twitter"}', b"\xff", b"[" * 100_000])
def test_what_is_no_evidence_of_ours_is_no_post(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse(raw)


def test_half_a_character_can_still_be_kept() -> None:
    assert parse(kept(content="<p>\ud83d Ja</p>")).text.encode() == b"? Ja"


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from([*STATUS, "spoiler_text"]), ANYTHING, max_size=4), ANYTHING, ANYTHING)
def test_hostile_answers_raise_nothing_but_value_errors(status: dict[str, Any], author: Any, home: Any) -> None:
    told = {"platform": "mastodon", "post": {**STATUS, **status}, "author": author or AUTHOR, "home": home}
    try:
        post = parse(json.dumps(told).encode())
    except ValueError:
        return
    assert parse(post.raw) == post


@pytest.mark.parametrize(
    ("handle", "full", "short"),
    [
        ("@Robin", "robin@social.example", "robin"),
        ("robin@social.example", "robin@social.example", "robin"),
        ("@acme@shop.example", "acme@shop.example", "acme@shop.example"),
        ("", "", ""),
    ],
)
def test_a_handle_without_a_server_is_of_our_own(handle: str, full: str, short: str) -> None:
    assert full_handle(handle, HOME) == full
    assert short_handle(handle, HOME) == short


@pytest.mark.parametrize("address", ["@acme", "@acme@shop.example", "@a.b-c@münchen.example", "@acme@localhost"])
def test_an_address_may_name_its_server_or_not(address: str) -> None:
    assert address_problem(address) is None


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("acme", 'does not begin with "@"'),
        ("service@shop.example", 'does not begin with "@"'),
        ("https://shop.example/@acme", "is a page"),
        ("@acme@", "is not a handle"),
        ("@ac me", "is not a handle"),
        ("@acme@shop", "is not a handle"),
        ("@", "is not a handle"),
    ],
)
def test_other_addresses_are_told_what_is_wrong(address: str, problem: str) -> None:
    found = address_problem(address) or ""

    assert found.startswith(f'"{address}" {problem}')
    assert '"@service@social.example"' in found
