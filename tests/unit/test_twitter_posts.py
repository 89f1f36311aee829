"""X's JSON, whole and in pieces: when a post really was, who wrote it, and that nothing hostile gets through."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slawatch.channels.social import raw
from slawatch.channels.social.platform import Post
from slawatch.channels.twitter import posts
from slawatch.channels.twitter.posts import flake_at, instant_of
from slawatch.testing import BEFORE_SUMMER_TIME

AT = BEFORE_SUMMER_TIME + timedelta(milliseconds=437)
ID = str(flake_at(AT) + 4711)
SECOND = "2026-03-29T00:30:00.000Z"
ACME = {"id": "42", "username": "AcmeHelp", "name": "Acme Help"}


def native(**more: Any) -> dict[str, Any]:
    return {"id": ID, "text": "@ann Three days.", "author_id": "42", "created_at": SECOND, **more}


def read(post: dict[str, Any], author: dict[str, Any] | None = None, **extra: Any) -> Post:
    return posts.parse(posts.evidence(post, ACME if author is None else author, **extra))


# --- ids and instants ---


@given(st.integers(0, 2**41 - 1))
def test_an_id_tells_the_millisecond_it_was_made(milliseconds: int) -> None:
    moment = posts.EARLIEST + timedelta(milliseconds=milliseconds)

    assert instant_of(flake_at(moment)) == moment
    assert instant_of(flake_at(moment) + 2**22 - 1) == moment


def test_a_published_id_tells_its_published_instant() -> None:
    """X's documentation shows this post with "created_at": "2019-12-31T19:26:16.000Z"."""
    assert instant_of("1212092628029698048").replace(microsecond=0) == datetime(2019, 12, 31, 19, 26, 16, tzinfo=UTC)


def test_before_there_were_such_ids_there_is_none() -> None:
    assert flake_at(datetime(2006, 3, 21, tzinfo=UTC)) == 0


@pytest.mark.parametrize("created_at", [SECOND, "2026-03-29T00:30:00Z", "2026-03-29T02:30:00+02:00"])
def test_the_ids_millisecond_is_believed_where_the_second_agrees(created_at: str) -> None:
    post = read(native(created_at=created_at))

    assert (post.at, post.source, post.uncertainty, post.why) == (AT, "snowflake", timedelta(milliseconds=1), "")


@pytest.mark.parametrize("seconds", [-1, 1, -3600, 86_400])
def test_a_second_that_disagrees_is_what_counts_with_its_uncertainty(seconds: int) -> None:
    floor = BEFORE_SUMMER_TIME + timedelta(seconds=seconds)

    post = read(native(created_at=floor.isoformat()))

    assert (post.at, post.source) == (floor + timedelta(seconds=0.5), "created_at")
    assert post.uncertainty == timedelta(seconds=0.5)
    assert "not within the second of created_at" in post.why


@pytest.mark.parametrize(("milliseconds", "agrees"), [(-1, False), (0, True), (999, True), (1000, False)])
def test_the_second_ends_where_the_next_one_begins(milliseconds: int, agrees: bool) -> None:
    flake = str(flake_at(BEFORE_SUMMER_TIME + timedelta(milliseconds=milliseconds)))

    assert (read(native(id=flake)).source == "snowflake") == agrees


def test_an_id_alone_is_believed_where_nothing_else_is_said() -> None:
    post = read(native(created_at="yesterday"))

    assert (post.at, post.source) == (AT, "snowflake")
    assert post.why


def test_a_number_without_a_time_in_it_is_no_instant() -> None:
    with pytest.raises(ValueError, match="no id that holds a time"):
        read(native(id="20", created_at=None))
    assert read(native(id="20", created_at="2006-03-21T20:50:14Z")).source == "created_at"


def test_our_own_posts_id_is_held_against_the_answer_that_named_it() -> None:
    def own(after: timedelta) -> Post:
        return read({"id": ID, "text": "x"}, answered_at=(BEFORE_SUMMER_TIME + after).isoformat())

    assert own(timedelta(seconds=1)).source == "snowflake"
    wrong = own(timedelta(hours=1))
    assert (wrong.source, wrong.at) == ("date", BEFORE_SUMMER_TIME + timedelta(hours=1))
    assert wrong.uncertainty == timedelta(seconds=5)


def test_an_edited_post_counts_from_its_first_version() -> None:
    later = BEFORE_SUMMER_TIME + timedelta(minutes=20)
    edited = str(flake_at(later + timedelta(milliseconds=5)))

    post = read(native(id=edited, created_at=later.isoformat(), edit_history_tweet_ids=[ID, edited]))

    assert (post.id, post.at, post.uncertainty) == (ID, AT, timedelta(milliseconds=1))


def test_an_edited_post_whose_stamps_disagree_may_be_an_hour_older() -> None:
    later = BEFORE_SUMMER_TIME + timedelta(minutes=50)

    post = read(native(id="2000000000000000000", created_at=later.isoformat(), edit_history_tweet_ids=[ID, "7"]))

    assert post.id == ID
    assert post.at - post.uncertainty <= later - timedelta(hours=1)
    assert post.at + post.uncertainty >= later + timedelta(seconds=1)


# --- what it says ---


def test_a_post_is_read_with_all_it_says() -> None:
    post = read(
        native(
            conversation_id="17",
            referenced_tweets=[{"type": "quoted", "id": "5"}, {"type": "replied_to", "id": "18"}],
            entities={"mentions": [{"id": "7", "username": "ann"}, {"id": "7"}, {"id": "8"}]},
            lang="de",
        )
    )

    assert (post.id, post.author.id, post.author.handle, post.author.name) == (ID, "42", "acmehelp", "Acme Help")
    assert (post.conversation, post.reply_to, post.lang, post.mentions) == ("17", "18", "de", ("7", "8"))
    assert not post.direct


def test_renamed_fields_say_the_same() -> None:
    old = read(native(referenced_tweets=[{"type": "replied_to", "id": "18"}], edit_history_tweet_ids=[ID]))
    new = read(native(referenced_posts=[{"type": "replied_to", "id": "18"}], edit_history_post_ids=[ID]))

    assert (old.reply_to, old.id) == (new.reply_to, new.id) == ("18", ID)


@pytest.mark.parametrize(
    "author",
    [{"author_id": "42"}, {"author_id": 42}, {"author": {"id": "42"}}, {"user_id": "42"}],
)
def test_the_author_is_found_wherever_it_stands(author: dict[str, Any]) -> None:
    found = read({"id": ID, "text": "x", "created_at": SECOND, **author}, {})

    assert found.author.id == "42"


def test_a_direct_message_can_be_told_from_a_post_by_its_id() -> None:
    event = {"id": ID, "text": "Hello", "sender_id": "42", "created_at": SECOND, "dm_conversation_id": "7-42"}

    post = read(event)

    assert (post.id, post.conversation, post.direct, post.author.id) == (f"dm-{ID}", "dm-7-42", True, "42")
    assert read(event | {"dm_conversation_id": "../../2/users"}).conversation == ""


def test_text_is_as_its_author_wrote_it() -> None:
    post = read(
        native(
            text="Tom &amp; Jerry &lt;3 &amp;lt; https://t.example/abc",
            entities={"urls": [{"url": "https://t.example/abc", "expanded_url": "https://acme.example/form"}]},
        )
    )

    assert post.text == "Tom & Jerry <3 &lt; https://acme.example/form"


def test_addresses_that_hold_one_another_do_not_grow_without_end() -> None:
    urls = [{"url": "a" * number, "expanded_url": "a" * number * 2} for number in range(1, 60)]

    assert read(native(text="a", entities={"urls": urls})).text == "aa"


def test_a_long_post_is_read_whole() -> None:
    post = read(native(text="A long st…", note_tweet={"text": "A long story", "entities": {"mentions": [{"id": "9"}]}}))

    assert (post.text, post.mentions) == ("A long story", ("9",))


@pytest.mark.parametrize("lang", ["und", "zxx", "qme", 7, None])
def test_a_language_that_is_none_is_left_out(lang: Any) -> None:
    assert read(native(lang=lang)).lang == ""


def test_half_a_character_is_no_character() -> None:
    post = posts.parse(posts.evidence(native(text="Hi \ud83d"), ACME))

    assert post.text.encode("utf-8") == b"Hi ?"


def test_what_was_read_once_is_read_again_just_so() -> None:
    post = read(native(lang="de", conversation_id="17"))

    assert posts.parse(post.raw) == post
    facts = raw.facts(post.raw, posts.NAME, posts.parse)
    assert (facts.own_id, facts.sender, facts.conversation) == (f"twitter:{ID}", "twitter:42", "twitter:17")


# --- lists ---


def test_authors_stand_beside_the_posts() -> None:
    found = posts.listed(
        {
            "data": [native(), native(id=str(int(ID) + 1), author_id="43")],
            "includes": {"users": [ACME, {"id": "43", "username": "other"}]},
            "meta": {"next_token": "next"},
        }
    )

    assert [one.author.handle for one in found.posts] == ["acmehelp", "other"]
    assert (found.token, found.newest, found.oldest, found.unread) == ("next", int(ID) + 1, int(ID), 0)


def test_the_only_one_described_wrote_what_names_nobody() -> None:
    silent = {"id": ID, "text": "x", "created_at": SECOND}

    assert posts.listed({"data": silent, "includes": {"users": [ACME]}}).posts[0].author.id == "42"
    two = {"users": [ACME, {"id": "43", "username": "other"}]}
    assert posts.listed({"data": silent, "includes": two}).posts[0].author.id == ""


def test_what_is_only_shown_around_is_nobodys_answer() -> None:
    found = posts.listed({"data": [native(referenced_tweets=[{"type": "retweeted", "id": "5"}])]})

    assert (found.posts, found.ids) == ((), (ID,))


def test_one_post_that_cannot_be_read_costs_no_other() -> None:
    found = posts.listed({"data": [{"id": "x"}, native(), {"id": "5"}, "post"]})

    assert ([one.id for one in found.posts], found.unread) == ([ID], 2)


@pytest.mark.parametrize(
    ("error", "why"),
    [
        ({"type": "https://api.twitter.com/2/problems/resource-not-found", "title": "Not Found Error"}, "not-found"),
        ({"detail": "Could not find tweet with ids: [5]."}, "not-found"),
        ({"type": "https://api.twitter.com/2/problems/not-authorized-for-resource"}, "protected"),
        ({"title": "Forbidden", "detail": "User has been suspended: [5]."}, "suspended"),
        ({"title": "Something new"}, "hidden"),
    ],
)
def test_why_something_is_not_handed_over_decides_whether_it_is_deleted(error: dict[str, str], why: str) -> None:
    assert posts.missing({"errors": [{"resource_id": "5", **error}, {"message": "x"}, 7]}) == {"5": why}


# --- hostile ---

NAMES = (
    "platform twitter post author id text created_at edit_history_tweet_ids entities mentions urls url expanded_url "
    "note_tweet referenced_tweets type replied_to dm_conversation_id direct draft root reply_to answered_at username "
    "affiliation user_id description lang conversation_id author_id"
)
WORDS = st.sampled_from(NAMES.split())
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | WORDS
    | st.sampled_from([ID, SECOND, "9" * 19, "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", "\ud800"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.text(), inner, max_size=6),
    max_leaves=20,
)


@given(st.dictionaries(WORDS, VALUES, max_size=8), st.dictionaries(WORDS, VALUES, max_size=4), VALUES)
def test_whatever_is_in_it_a_post_is_read_or_refused(post: Any, author: Any, more: Any) -> None:
    document = {"platform": "twitter", "post": {"id": ID, **post}, "author": author, "draft": more, "answered_at": more}
    bytes_ = json.dumps(document).encode()
    try:
        found = posts.parse(bytes_)
    except ValueError:
        return
    assert found.id.removeprefix("dm-").isdigit()
    assert found.at.tzinfo is UTC
    found.text.encode("utf-8")
    assert posts.parse(found.raw) == found


@given(st.binary() | VALUES.map(lambda value: json.dumps(value).encode()))
def test_what_is_no_post_is_refused(some: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever it says, it is of this kind
        posts.parse(some)


def test_an_instant_before_all_time_is_refused() -> None:
    with pytest.raises(ValueError, match="a value that no post has"):
        read(native(created_at="0001-01-01T00:00:00Z", edit_history_tweet_ids=["17", ID]))


def test_depth_and_size_are_refused_and_no_more() -> None:
    for some in (b"[" * 100_000, b'{"platform":"twitter","post":' * 50_000, b'{"a":' + b"9" * 5000 + b"}"):
        with pytest.raises(ValueError):  # noqa: PT011 - same
            posts.parse(some)


@given(VALUES)
def test_no_answer_breaks_what_reads_lists(document: Any) -> None:
    posts.listed(document if isinstance(document, dict) else {"data": document, "includes": document, "meta": document})
