"""What Bluesky counts and marks in a text, what records are named by, and how posts are addressed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slawatch.channels.bluesky import wording

DID = "did:plc:fgt3ofpvtoqe7dad5rmyy7if"
SHOP = "did:web:shop.example"
URI = f"at://{DID}/app.bsky.feed.post/3k2a2222222aa"


class TestLength:
    @pytest.mark.parametrize(
        ("text", "length"),
        [
            ("", 0),
            ("Grüße", 5),
            ("Gru\u0308\u00dfe", 5),  # the same, its dots written apart
            ("\u0308", 1),  # nothing to join
            ("a\n\u0308", 3),
            ("\u2600\ufe0f", 1),
        ],
    )
    def test_marks_that_join_a_letter_are_no_letters(self, text: str, length: int) -> None:
        assert wording.length(text) == length

    @pytest.mark.parametrize("seen", ["\U0001f1e9\U0001f1ea", "\U0001f468\u200d\U0001f469\u200d\U0001f467"])
    def test_what_is_seen_as_one_may_be_counted_as_more_and_never_as_less(self, seen: str) -> None:
        assert wording.length(seen) >= 1

    def test_a_text_is_too_long_by_its_octets_too(self) -> None:
        family = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"  # 25 octets

        assert wording.length(family * 119) <= len(family.encode()) * 119
        assert wording.length("a" + "\u0308" * 1_499) == 300
        assert wording.length("a" + "\u0308" * 1_500) == 301


class TestFacets:
    def test_places_are_octets_and_not_letters(self) -> None:
        text = "Grüße 😀 @Shop.example, und @other.example?"

        first, second = wording.facets(text, {"shop.example": SHOP, "other.example": DID})

        told = [text.encode()[one["index"]["byteStart"] : one["index"]["byteEnd"]] for one in (first, second)]
        assert told == [b"@Shop.example", b"@other.example"]
        assert first["index"]["byteStart"] == len("Grüße 😀 ".encode()) == 13
        assert first["features"] == [{"$type": wording.MENTION, "did": SHOP}]

    @pytest.mark.parametrize("text", ["mail@shop.example", "shop.example", "@@shop.example", "@unshop.example"])
    def test_what_is_no_mention_of_theirs_is_not_marked(self, text: str) -> None:
        assert wording.facets(text, {"shop.example": SHOP}) == []

    def test_one_nobody_named_is_not_marked(self) -> None:
        assert wording.facets("@shop.example", {}) == []

    @given(before=st.text(max_size=30), after=st.text(max_size=30))
    def test_whatever_stands_around_it_the_place_is_that_of_the_handle(self, before: str, after: str) -> None:
        text = f"{before} @shop.example {after}"

        found = wording.facets(text, {"shop.example": SHOP})

        octets = text.encode("utf-8", "replace")
        assert b"@shop.example" in {octets[one["index"]["byteStart"] : one["index"]["byteEnd"]] for one in found}


class TestNames:
    @given(key=st.text())
    def test_a_name_is_the_same_each_time_valid_and_of_the_past(self, key: str) -> None:
        name = wording.record_key(key)

        assert name == wording.record_key(key)
        assert wording.is_key(name)
        assert wording.ours_begin() <= name < wording.ours_end() < wording.key_at(datetime(2023, 8, 1, tzinfo=UTC))

    def test_other_requests_have_other_names(self) -> None:
        assert len({wording.record_key(f"request-{number}") for number in range(10_000)}) == 10_000

    def test_this_name_was_given_already_and_stays(self) -> None:
        # Posts stand under it: whoever changes how it is made posts again what is there.
        assert wording.record_key("request-1") == REQUEST_1

    def test_names_of_moments_have_their_order(self) -> None:
        moment = datetime(2026, 11, 22, 12, 52, 1, tzinfo=UTC)

        assert wording.key_at(moment) < wording.key_at(moment + timedelta(microseconds=1))
        assert wording.key_at(moment)[:5] == "3n2vn"  # as a server named a post in that minute
        assert wording.is_key(wording.key_at(datetime(1969, 1, 1, tzinfo=UTC)))

    @pytest.mark.parametrize("name", ["", "3k2a2222222a", "3k2a2222222aaa", "zk2a2222222aa", "3K2A2222222AA", "1" * 13])
    def test_what_is_no_name_is_none(self, name: str) -> None:
        assert not wording.is_key(name)


REQUEST_1 = "36vtmrw7ywx7u"


class TestAddresses:
    def test_an_address_is_made_of_its_parts_and_taken_apart(self) -> None:
        assert wording.parts(URI) == (DID, "3k2a2222222aa")
        assert wording.uri(*wording.parts(URI) or ("", "")) == URI

    @pytest.mark.parametrize(
        "other",
        [
            "",
            "3k2a2222222aa",
            URI.replace("at://", "http://"),
            URI.replace("post", "like"),
            f"{URI}/more",
            f"{URI}\n",
            URI.replace(DID, "shop.example"),
        ],
    )
    def test_what_addresses_no_post_has_no_parts(self, other: str) -> None:
        assert wording.parts(other) is None

    @pytest.mark.parametrize("who", ["shop.example", DID, SHOP])
    @pytest.mark.parametrize("end", ["", "/", "?ref=1", "#top"])
    def test_a_page_names_who_and_which(self, who: str, end: str) -> None:
        assert wording.page_parts(f"https://bsky.app/profile/{who}/post/3k2a2222222aa{end}") == (who, "3k2a2222222aa")

    @pytest.mark.parametrize(
        "other",
        [
            "https://bsky.app/profile/shop.example",
            "https://bsky.app.evil.example/profile/shop.example/post/3k2a2222222aa",
            "https://evil.example/https://bsky.app/profile/shop.example/post/3k2a2222222aa",
            "ftp://bsky.app/profile/shop.example/post/3k2a2222222aa",
        ],
    )
    def test_another_page_names_nothing(self, other: str) -> None:
        assert wording.page_parts(other) is None

    @pytest.mark.parametrize(
        ("handle", "domain"),
        [
            ("help.shop.example", "help.shop.example"),
            ("Shop.Example", "shop.example"),
            ("shop.bsky.social", ""),
            ("handle.invalid", ""),
            ("shop", ""),
            ("", ""),
        ],
    )
    def test_a_handle_proves_its_domain_but_for_one_that_is_given_away_or_failed(
        self, handle: str, domain: str
    ) -> None:
        assert wording.own_domain(handle) == domain
