"""Posts as Bluesky tells of them, and as they are read again from what was kept."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slawatch.channels.bluesky import native
from slawatch.channels.bluesky.threads import BLOCKED, Walk

DID, SHOP, VERIFIER = "did:plc:asks", "did:plc:shop", "did:plc:group"
ROOT = f"at://{DID}/app.bsky.feed.post/3k2a2222222aa"
URI = f"at://{SHOP}/app.bsky.feed.post/3k2a2222222ab"
INDEXED = datetime(2026, 10, 25, 0, 31, 4, 500_000, tzinfo=UTC)

RECORD: dict[str, Any] = {
    "$type": "app.bsky.feed.post",
    "text": "Drei Tage 😀",
    "createdAt": "2026-10-25T00:31:03.000Z",
    "langs": ["de", "en"],
    "reply": {"root": {"uri": ROOT, "cid": "c"}, "parent": {"uri": ROOT, "cid": "c"}},
    "facets": [
        {
            "index": {"byteStart": 0, "byteEnd": 4},
            "features": [{"$type": "app.bsky.richtext.facet#mention", "did": DID}],
        }
    ],
}
AUTHOR: dict[str, Any] = {"did": SHOP, "handle": "Help.Shop.example", "displayName": "Shop Help"}
VIEW: dict[str, Any] = {
    "uri": URI,
    "cid": "bafy",
    "author": AUTHOR,
    "record": RECORD,
    "indexedAt": "2026-10-25T00:31:04.500Z",
    "viewer": {"threadMuted": False},
}


def told(**other: Any) -> dict[str, Any]:
    return {**VIEW, **other}


def recorded(**other: Any) -> dict[str, Any]:
    return told(record={**RECORD, **other})


def authored(**other: Any) -> dict[str, Any]:
    return told(author={**AUTHOR, **other})


class TestPosts:
    def test_a_post_is_read_again_from_what_was_kept_of_it(self) -> None:
        post = native.post(VIEW)

        assert (post.id, post.reply_to, post.conversation) == (URI, ROOT, ROOT)
        assert (post.text, post.lang, post.mentions, post.direct) == ("Drei Tage 😀", "de", (DID,), False)
        assert (post.author.id, post.author.handle, post.author.name) == (SHOP, "help.shop.example", "Shop Help")
        assert native.parse(post.raw) == post

    def test_what_is_ours_alone_to_know_of_a_post_is_not_kept(self) -> None:
        assert b"viewer" not in native.post(VIEW).raw

    def test_one_that_replies_to_nothing_begins_a_conversation(self) -> None:
        post = native.post(recorded(reply=None))

        assert (post.reply_to, post.conversation) == ("", URI)

    def test_it_was_there_when_it_was_indexed_and_written_at_most_so_long_before(self) -> None:
        post = native.post(VIEW)

        assert (post.at, post.source) == (INDEXED, "indexed_at")
        assert (post.uncertainty, post.why) == (timedelta(seconds=1.5), "")

    @pytest.mark.parametrize(
        "claimed", ["2020-01-01T00:00:00Z", "2031-01-01T00:00:00Z", "2026-10-25T00:31:05Z", "yesterday", None]
    )
    def test_what_its_writer_claims_moves_it_by_nothing(self, claimed: str | None) -> None:
        post = native.post(recorded(createdAt=claimed))

        assert (post.at, post.source, post.uncertainty) == (INDEXED, "indexed_at", timedelta(0))
        assert "own clock" in post.why

    def test_one_not_indexed_yet_has_its_writers_time_and_says_so(self) -> None:
        post = native.post(told(indexedAt=None))

        assert (post.at, post.source) == (datetime(2026, 10, 25, 0, 31, 3, tzinfo=UTC), "created_at")
        assert post.uncertainty == native.UNINDEXED
        assert "not indexed" in post.why

    def test_one_known_by_its_notification_alone_has_that_ones_time(self) -> None:
        post = native.post(told(indexedAt=None, noticedAt="2026-10-25T00:31:07Z"))

        assert (post.at, post.source) == (datetime(2026, 10, 25, 0, 31, 7, tzinfo=UTC), "notification")

    @pytest.mark.parametrize(
        "broken",
        [
            told(uri="at://somewhere"),
            told(uri=URI.replace(SHOP, DID)),  # under somebody else's name
            told(record="text"),
            told(author=None),
            authored(did="shop.example"),
            {**recorded(createdAt=None), "indexedAt": None},
        ],
    )
    def test_what_a_post_cannot_do_without_makes_it_unreadable(self, broken: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match=r"."):
            native.post(broken)

    @pytest.mark.parametrize(
        "odd",
        [
            recorded(text=7),
            recorded(langs="de"),
            recorded(langs=[7]),
            recorded(facets={"features": 1}),
            recorded(facets=[{"features": [None, {"did": DID}]}]),
            recorded(reply="nothing"),
            recorded(reply={"root": {"uri": "https://shop.example"}}),
            authored(labels=[None, "bot"], verification=[], handle=None, displayName=3),
        ],
    )
    def test_whatever_else_is_odd_about_it_is_passed_over(self, odd: dict[str, Any]) -> None:
        assert native.post(odd).id == URI

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(),
            lambda some: st.lists(some) | st.dictionaries(st.sampled_from([*VIEW, *RECORD, *AUTHOR, "uri"]), some),
        )
    )
    def test_hostile_json_gives_a_post_or_one_error(self, hostile: Any) -> None:
        evidences = [
            {"platform": "bluesky", "post": hostile, "author": AUTHOR},
            {"platform": "bluesky", "post": {**VIEW, "record": hostile}, "author": AUTHOR},
            {"platform": "bluesky", "post": VIEW, "author": hostile},
            hostile,
        ]
        for one in evidences:
            try:
                native.parse(json.dumps(one).encode())
            except ValueError:
                continue

    @pytest.mark.parametrize("bomb", [b"", b"[" * 100_000, b"\xff", b"[]", b'{"platform":"bluesky"}', b" " * 2_000_000])
    def test_what_is_no_evidence_is_said_to_be_none(self, bomb: bytes) -> None:
        with pytest.raises(ValueError, match=r"."):
            native.parse(bomb)

    def test_another_platforms_post_is_none_of_ours(self) -> None:
        with pytest.raises(ValueError, match="platform"):
            native.parse(native.raw(VIEW).replace(b'"bluesky"', b'"twitter"'))


class TestPeople:
    def test_a_handle_proves_its_domain(self) -> None:
        assert native.profile(AUTHOR).domains == ("help.shop.example",)
        assert native.profile({**AUTHOR, "handle": "shop.bsky.social"}).domains == ()
        assert native.profile({**AUTHOR, "handle": "handle.invalid"}).domains == ()

    @pytest.mark.parametrize(
        ("label", "automated"),
        [
            ({"src": SHOP, "val": "bot"}, True),
            ({"src": SHOP, "val": "bot", "neg": True}, False),
            ({"src": VERIFIER, "val": "bot"}, False),  # somebody else's opinion
            ({"src": SHOP, "val": "art"}, False),
        ],
    )
    def test_only_an_account_itself_declares_to_be_a_machine(self, label: dict[str, Any], automated: bool) -> None:
        assert native.profile({**AUTHOR, "labels": [label]}).automated is automated

    @pytest.mark.parametrize(("valid", "belongs"), [(True, (VERIFIER,)), (False, ()), ("yes", ())])
    def test_who_has_confirmed_an_account_is_whom_it_belongs_to_while_that_holds(
        self, valid: object, belongs: tuple[str, ...]
    ) -> None:
        shown = {"verifications": [{"issuer": VERIFIER, "isValid": valid, "uri": "at://x"}]}

        assert native.profile({**AUTHOR, "verification": shown}).affiliations == belongs


class TestInstants:
    @pytest.mark.parametrize(
        ("text", "instant"),
        [
            ("2026-10-25T02:31:04.500+02:00", INDEXED),
            ("2026-10-25T00:31:04.500", INDEXED),
            ("0001-01-01T00:00:00+14:00", None),
            ("now", None),
            ("", None),
            (7, None),
        ],
    )
    def test_a_stamp_is_a_moment_or_nothing(self, text: Any, instant: datetime | None) -> None:
        assert native.instant(text) == instant


def node(number: int, *replies: dict[str, Any], count: int | None = None) -> dict[str, Any]:
    view = {"uri": f"at://{number}", "replyCount": len(replies) if count is None else count}
    return {"$type": "app.bsky.feed.defs#threadViewPost", "post": view, "replies": list(replies)}


class TestConversations:
    def test_all_levels_are_walked_through_however_many_there_are(self) -> None:
        told = node(0)
        for number in range(1, 5000):
            told = node(number, told)
        walk = Walk()

        walk.add(told)

        assert (len(walk.views), walk.unseen) == (5000, "")

    def test_where_the_server_stops_it_is_asked_further(self) -> None:
        walk = Walk()
        walk.add(node(1, node(2, count=1)))
        assert (walk.deeper, walk.unseen) == (["at://2"], "too long")

        walk.deeper.clear()
        walk.add(node(2, node(3)))

        assert (sorted(walk.views), walk.deeper, walk.unseen) == (["at://1", "at://2", "at://3"], [], "")

    def test_replies_that_are_counted_and_not_shown_were_not_seen(self) -> None:
        walk = Walk()
        walk.add(node(1, node(2), count=3))

        assert walk.unseen == "2 of the replies are not shown to us"

    def test_those_that_are_not_shown_when_asked_for_neither(self) -> None:
        walk = Walk()
        walk.add(node(1, count=1))
        walk.deeper.clear()

        walk.add(node(1, count=1))

        assert (walk.deeper, walk.unseen) == ([], "1 of the replies is not shown to us")

    def test_a_place_where_somebody_blocks_us_was_not_seen(self) -> None:
        walk = Walk()
        walk.add(node(1, {"$type": BLOCKED, "uri": "at://2", "blocked": True}))

        assert walk.unseen == "blocked"

    def test_a_deleted_reply_hides_nothing(self) -> None:
        walk = Walk()
        walk.add(node(1, {"$type": "app.bsky.feed.defs#notFoundPost", "uri": "at://2", "notFound": True}, count=0))

        assert walk.unseen == ""

    @pytest.mark.parametrize("odd", [None, [], {"post": 1}, {"post": {"uri": 7}}, {"post": {"uri": "x"}, "replies": 3}])
    def test_whatever_is_odd_about_an_answer_is_passed_over(self, odd: Any) -> None:
        walk = Walk()
        walk.add(odd)

        assert walk.unseen == ""
