"""Lengths as X counts them, what it takes for an address, its links, and how many questions fit into one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slawatch.channels.twitter import queries, wording


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("Hello", 5),
        ("Größe, ça", 9),
        ("Gro\u0308\u00dfe", 5),  # the same letters in two ways to write them
        ("“quoted” – dash", 15),
        ("日本語", 6),
        ("한국", 4),
        ("кириллица", 9),
        ("🙂", 2),
        ("👨‍👩‍👧‍👦", 2),
        ("👍🏽", 2),
        ("🇩🇪", 2),
        ("☎️", 2),
        ("1️⃣", 2),
        ("see https://shop.example/a/very/long/path/that/goes/on/and/on?and=on", 27),
        ("http://a.example", 23),
        ("shop.example", 23),
        ("a.b", 3),
        ("…", 2),
        ("@acme_help ok", 13),
    ],
)
def test_a_text_is_as_long_as_x_counts_it(text: str, length: int) -> None:
    assert wording.length(text) == length


def test_what_just_fits_fits() -> None:
    assert wording.length("x" * 280) == wording.LENGTH_MAX
    assert wording.length("x" * 278 + "日") == wording.LENGTH_MAX


@given(st.text())
def test_no_text_has_no_length_and_none_is_more_than_twice_its_letters_and_an_address(text: str) -> None:
    assert 0 <= wording.length(text) <= max(2, 12 * len(text))


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("Look: https://shop.example", True),
        ("look at shop.example/returns", True),
        ("HTTP://SHOP.EXAMPLE", True),
        ("How long does it take? Three days.", False),
        ("z. B. morgen", False),
        ("12.5 kg for 3.99", False),
        ("@acme.help", False),
        ("mail anna@shop.example", False),
    ],
)
def test_an_address_is_noticed_because_it_is_dear(text: str, is_one: bool) -> None:
    assert wording.has_url(text) == is_one


@pytest.mark.parametrize(
    "url",
    [
        "https://x.com/ann/status/1455",
        "https://twitter.com/ann/status/1455?s=20",
        "http://www.x.com/ann/status/1455/photo/1",
        "https://mobile.twitter.com/ann/statuses/1455",
        "x.com/i/web/status/1455",
        "https://x.com/i/status/1455",
        " 1455 ",
    ],
)
def test_the_link_of_a_post_names_it(url: str) -> None:
    assert wording.post_id(url) == "1455"


@pytest.mark.parametrize(
    "url",
    [
        "https://x.com/ann",
        "https://x.com.shop.example/ann/status/1455",
        "https://shop.example/ann/status/1455",
        "https://x.com/ann/status/abc",
        "http://[x.com/ann/status/1455",
        "",
        "ann",
    ],
)
def test_another_link_names_none(url: str) -> None:
    assert wording.post_id(url) == ""


def test_links_lead_to_x_with_the_text_and_back() -> None:
    assert (
        wording.compose_url("@acme a&b?", reply_to="7")
        == "https://x.com/intent/post?text=%40acme+a%26b%3F&in_reply_to=7"
    )
    assert wording.post_id(wording.post_url("1455", "ann")) == "1455"
    assert wording.post_id(wording.post_url("1455", "")) == "1455"
    assert wording.post_url("dm-17", "ann") == ""


IDS = st.lists(st.integers(1, 10**19 - 1).map(str), unique=True, max_size=60)


@given(IDS, st.lists(st.integers(1, 10**19 - 1).map(str), max_size=30))
def test_every_conversation_is_in_one_query_that_x_takes(ids: list[str], authors: list[str]) -> None:
    asked = list(queries.of_conversations(ids, authors))

    assert [one for _, some in asked for one in some] == ids
    for query, some in asked:
        assert len(query) <= queries.QUERY_MAX
        assert len(some) <= queries.TERMS_MAX
        assert all(f"conversation_id:{one}" in query for one in some)


def test_where_so_many_may_answer_that_no_conversation_has_room_everybody_is_asked_about() -> None:
    authors = [str(10**18 + number) for number in range(30)]

    assert list(queries.of_conversations(["1"], authors)) == [("conversation_id:1", ("1",))]


def test_thirteen_conversations_fill_a_query() -> None:
    ids = [str(10**18 + number) for number in range(14)]

    assert [len(some) for _, some in queries.of_conversations(ids)] == [13, 1]


def test_only_what_some_wrote_is_asked_for_without_changing_what_or_means() -> None:
    assert [query for query, _ in queries.of_conversations(["1", "2"], ["7", "8"])] == [
        "(conversation_id:1 OR conversation_id:2) (from:7 OR from:8)"
    ]
    assert [query for query, _ in queries.of_conversations(["1"], ["7"])] == ["conversation_id:1 (from:7)"]


def test_questions_are_those_of_their_own_accord() -> None:
    assert queries.of_questions(["acme", "shop"]) == ["(@acme OR to:acme OR @shop OR to:shop) -is:reply -is:retweet"]
    assert queries.of_questions([]) == []
    many = queries.of_questions([f"a_long_handle{number}" for number in range(40)])
    assert len(many) > 1
    assert all(len(query) <= queries.QUERY_MAX for query in many)
