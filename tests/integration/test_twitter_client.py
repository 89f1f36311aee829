"""What the client does with a question before and after it is asked: names that X changes, connections, counting."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from slawatch.channels.twitter.api import POST
from slawatch.channels.twitter.errors import BadRequestError
from slawatch.errors import ChannelUnavailableError
from slawatch.testing import FakeClock
from tests.integration.at_twitter import Odd, said, scene

NOTHING = {"meta": {"result_count": 0}}


@pytest.fixture
def odd() -> Iterator[Odd]:
    with Odd() as server:
        yield server


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def params(head: bytes) -> dict[str, list[str]]:
    return parse_qs(urlsplit(head.split()[1].decode()).query)


def unknown(parameter: str, value: str, words: str) -> bytes:
    error = {"parameters": {parameter: [value]}, "message": words}
    return said(400, {"errors": [error], "title": "Invalid Request", "detail": "One or more parameters was invalid."})


def knowing(names: Callable[[dict[str, list[str]]], bytes | None]) -> Callable[[bytes], bytes]:
    """Return an X that answers with what `names` says of the parameters, else with nothing found."""
    return lambda head: names(params(head)) or said(200, NOTHING)


def mentions(odd: Odd, clock: FakeClock) -> Any:
    client = odd.client(clock)
    client.get_users_mentions("42", user_auth=True, **POST)
    return client


def test_where_x_has_renamed_the_parameter_the_new_name_is_used_from_then_on(odd: Odd, clock: FakeClock) -> None:
    def names(given: dict[str, list[str]]) -> bytes | None:
        if "tweet.fields" not in given:
            return None
        words = "The query parameter [tweet.fields] is not one of [id,max_results,post.fields]"
        return unknown("tweet.fields", given["tweet.fields"][0], words)

    odd.answers = [knowing(names)]
    client = mentions(odd, clock)
    client.get_users_mentions("42", user_auth=True, **POST)

    asked = [params(head) for head in odd.asked]
    assert ["tweet.fields" in one for one in asked] == [True, False, False]
    assert asked[2]["post.fields"] == asked[0]["tweet.fields"]


def test_a_field_that_x_knows_no_more_is_left_out_and_all_others_are_asked_for(odd: Odd, clock: FakeClock) -> None:
    def names(given: dict[str, list[str]]) -> bytes | None:
        fields = given["tweet.fields"][0].split(",")
        gone = next((one for one in ("author_id", "note_tweet") if one in fields), None)
        if gone is None:
            return None
        return unknown(
            "tweet.fields",
            ",".join(fields),
            f"The `tweet.fields` query parameter value [{gone}] is not one of [id,text]",
        )

    odd.answers = [knowing(names)]
    mentions(odd, clock)

    assert len(odd.asked) == 3
    asked = params(odd.asked[2])
    assert asked["tweet.fields"][0].split(",") == [
        one for one in POST["tweet_fields"].split(",") if one not in {"author_id", "note_tweet"}
    ]
    assert asked["expansions"] == ["author_id"]  # where the author is found then


def test_a_field_with_a_new_name_is_asked_for_by_that(odd: Odd, clock: FakeClock) -> None:
    def names(given: dict[str, list[str]]) -> bytes | None:
        fields = given["tweet.fields"][0].split(",")
        if "referenced_tweets" not in fields:
            return None
        words = "The `tweet.fields` query parameter value [referenced_tweets] is not one of [id,referenced_posts]"
        return unknown("tweet.fields", "referenced_tweets", words)

    odd.answers = [knowing(names)]
    mentions(odd, clock)

    assert "referenced_posts" in params(odd.asked[1])["tweet.fields"][0].split(",")


def test_x_is_not_asked_for_ever_in_other_words(odd: Odd, clock: FakeClock) -> None:
    odd.answers = [unknown("pagination_token", "abc", "The token [abc] is not known")]
    with pytest.raises(BadRequestError):
        mentions(odd, clock)
    assert len(odd.asked) == 1

    odd.answers = [
        lambda head: unknown(
            "tweet.fields",
            one := params(head)["tweet.fields"][0].split(",")[0],
            f"The `tweet.fields` query parameter value [{one}] is not one of [id]",
        )
    ]
    with pytest.raises(BadRequestError):
        mentions(odd, clock)
    assert len(odd.asked) == 1 + 4


def test_what_the_keys_may_do_is_noted_where_x_says_so(odd: Odd, clock: FakeClock) -> None:
    odd.answers = [said(200, NOTHING, x_access_level="read-write"), said(200, NOTHING)]
    client = mentions(odd, clock)
    client.get_users_mentions("42", user_auth=True)

    assert (client.access_level, client.answers) == ("read-write", 2)


@pytest.mark.parametrize(
    ("level", "what", "result"),
    [
        ("read", "main: post: these keys may only read", "fault"),
        ("read-write", "main: post: not by direct message", "warning"),
        ("read-write-directmessages", "main: post: these keys may (read-write-directmessages)", "ok"),
        ("", "main: post: X does not say whether these keys may; the first post will tell", "ok"),
    ],
)
def test_a_check_says_what_the_keys_may_do(level: str, what: str, result: str) -> None:
    with scene() as at:
        at.platform.me()
        at.platform.api.client.access_level = level

        assert (what, result) in {(one.what, one.result) for one in at.platform.check()}


def test_a_post_goes_out_on_a_connection_of_its_own(clock: FakeClock) -> None:
    """X hangs up idle connections; on one of these nobody could tell whether the post was still heard."""
    with scene() as at:
        at.platform.me()
        idle = at.platform.api.client.session.get_adapter(at.server.base_url).poolmanager.pools
        before = [idle[key].num_requests for key in idle.keys()]  # noqa: SIM118 - it cannot be gone through otherwise

        at.platform.api.client.create_tweet(text="@AcmeHelp How long?", user_auth=True)

        assert before == [idle[key].num_requests for key in idle.keys()] == [1]  # noqa: SIM118 - same


def test_what_it_says_it_is(odd: Odd, clock: FakeClock) -> None:
    odd.answers = [said(200, NOTHING)]
    mentions(odd, clock)

    assert b"User-Agent: slawatch/" in odd.asked[0]


def test_a_closed_client_may_be_closed_again(odd: Odd, clock: FakeClock) -> None:
    client = odd.client(clock)
    client.close()
    client.close()


def test_no_error_repeats_what_was_asked(odd: Odd, clock: FakeClock) -> None:
    """A question may hold an id that should not be in a log, and the signature does not belong there."""
    odd.answers = [None]
    with pytest.raises(ChannelUnavailableError) as error:
        mentions(odd, clock)

    assert "oauth" not in str(error.value)
    assert "/2/users" not in str(error.value)
