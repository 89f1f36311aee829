"""Looking through whole conversations on the practice X: what was seen whole, and why the rest was not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from slawatch.channels.base import Identity
from slawatch.channels.social.platform import Post
from slawatch.channels.twitter.looking import NO_AUTHOR, TOO_OLD, UNREADABLE
from slawatch.channels.twitter.posts import flake_at
from slawatch.errors import ChannelUnavailableError
from tests.integration.at_twitter import Odd, Scene, said, scene

SEARCH = "GET /2/tweets/search/recent"


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Scene]:
    with scene(tmp_path) as here:
        yield here


def test_forty_conversations_are_looked_through_in_four_searches(at: Scene) -> None:
    asked = {}
    for number in range(40):
        question = at.x.post(at.ann, f"@AcmeHelp Question {number}")
        at.x.post(at.acme, f"Answer {number}", reply_to=question, bare=True)
        asked[question.id] = question.at
        at.clock.forward(timedelta(seconds=1))
    at.clock.forward(timedelta(minutes=1))

    found = at.platform.look(asked)

    assert found.seen == asked.keys()
    assert not found.unseen
    assert {one.text for one in found.posts if one.author.id == at.acme.id} == {f"Answer {n}" for n in range(40)}
    assert at.x.calls[SEARCH] == 4


def test_a_long_conversation_is_looked_through_to_its_end(at: Scene) -> None:
    question = at.x.post(at.ann, "@AcmeHelp How long?")
    for number in range(230):
        at.x.post(at.acme, f"Answer {number}", reply_to=question)
    at.clock.forward(timedelta(minutes=1))

    found = at.platform.look({question.id: question.at})

    assert len([one for one in found.posts if one.author.id == at.acme.id]) == 230


def test_what_began_longer_ago_than_the_search_reaches_is_not_vouched_for(at: Scene) -> None:
    old, young = (at.x.post(at.ann, f"@AcmeHelp {days}", at=at.clock.now() - timedelta(days=days)) for days in (7, 6))
    at.x.post(at.acme, "Sorry for the delay", reply_to=old)
    at.clock.forward(timedelta(minutes=1))

    found = at.platform.look({old.id: old.at, young.id: young.at})

    assert found.seen == {young.id}
    assert found.unseen == {old.id: TOO_OLD}
    assert "@ann Sorry for the delay" in {one.text for one in found.posts}


def test_only_what_the_companies_wrote_is_paid_for_where_only_that_is_wanted(at: Scene) -> None:
    bob = at.x.person("bob")
    question = at.x.post(bob, "@AcmeHelp Where is my parcel?")
    for number in range(20):
        at.x.post(at.x.person(f"troll{number}"), "Me too", reply_to=question)
    at.x.post(at.acme, "On its way", reply_to=question)
    at.clock.forward(timedelta(minutes=1))

    found = at.platform.look({question.id: question.at}, authors=[at.acme.id])

    assert [one.author.id for one in found.posts] == [at.acme.id]
    assert found.seen == {question.id}
    assert at.memory.bought["read"] == 2  # the question, to see that it is there, and the answer


def test_other_peoples_questions_that_cannot_be_seen_any_more_are_not_judged(at: Scene) -> None:
    bob, shy = at.x.person("bob"), at.x.person("shy")
    kept, deleted, hidden = (
        at.x.post(who, "@AcmeHelp Where is it?", spare=()) for who in (at.x.person("eve"), bob, shy)
    )
    at.x.delete(deleted)
    shy.protected = True
    at.clock.forward(timedelta(minutes=1))

    found = at.platform.look({one.id: one.at for one in (kept, deleted, hidden)}, authors=[at.acme.id])

    assert found.seen == {kept.id}
    assert found.unseen == {deleted.id: "deleted", hidden.id: "protected, or its author blocks this account"}


def test_direct_messages_are_no_conversations_that_can_be_searched(at: Scene) -> None:
    found = at.platform.look({"dm-17": at.clock.now()})

    assert found.unseen == {"dm-17": "it is no public post"}
    assert at.x.calls[SEARCH] == 0


def test_a_search_that_fails_proves_nothing(at: Scene) -> None:
    question = at.x.post(at.ann, "@AcmeHelp How long?")
    for fault in ("200-empty", "200-html", "503-html", "404-empty", "reset"):
        at.x.faults.add(fault, SEARCH)
        with pytest.raises(ChannelUnavailableError):
            at.platform.look({question.id: question.at})


@pytest.mark.parametrize(
    ("odd_one", "why"),
    [({"id": "5", "text": "?"}, UNREADABLE), ({"text": "Three days.", "conversation_id": "17"}, NO_AUTHOR)],
)
def test_what_cannot_be_made_sense_of_may_be_the_answer(at: Scene, odd_one: dict[str, str], why: str) -> None:
    now = at.clock.now()
    with Odd() as odd:
        odd.answers = [said(200, {"data": [{"id": str(flake_at(now)), **odd_one}], "meta": {"result_count": 1}})]
        found = at.other(api_base=odd.base_url).look({"17": now})

    assert (found.seen, found.unseen) == (frozenset(), {"17": why})


def test_a_search_that_leads_in_a_circle_is_left(at: Scene) -> None:
    with Odd() as odd:
        odd.answers = [said(200, {"data": [], "meta": {"result_count": 0, "next_token": "again"}})]
        with pytest.raises(ChannelUnavailableError) as error:
            at.other(api_base=odd.base_url).look({"17": at.clock.now()})
        assert len(odd.asked) == 2
    assert "from a page to that page again" in str(error.value)


def test_questions_that_are_older_than_the_search_reaches_are_not_asked_for_and_that_is_told(at: Scene) -> None:
    at.memory.watched = [Identity(address="@acmehelp", id=f"twitter:{at.acme.id}", handle="acmehelp")]
    at.x.post(at.x.person("bob"), "@AcmeHelp Where is my parcel?")
    at.clock.forward(timedelta(minutes=1))

    long_ago, lately = (
        at.platform.questions([at.acme.id], str(flake_at(at.clock.now() - timedelta(days=days))), "")
        for days in (20, 2)
    )

    assert [one.text for one in long_ago.posts] == ["@AcmeHelp Where is my parcel?"]
    assert (long_ago.cut_off, lately.cut_off) == (True, False)


def test_many_who_are_observed_are_asked_about_one_query_after_the_other(at: Scene) -> None:
    bob = at.x.person("bob")
    shops = [at.x.person(f"a_long_handle{number}") for number in range(30)]
    at.memory.watched = [Identity(address=f"@{one.handle}", id=f"twitter:{one.id}", handle=one.handle) for one in shops]
    for one in shops:
        at.x.post(bob, f"@{one.handle} Where is my parcel?")
    at.clock.forward(timedelta(minutes=1))

    found: list[Post] = []
    page = ""
    while not found or page:
        one_page = at.platform.questions([one.id for one in shops], "", page)
        found += one_page.posts
        page = one_page.next

    assert {one.mentions for one in found} == {(one.id,) for one in shops}
    assert at.x.calls[SEARCH] > 2
