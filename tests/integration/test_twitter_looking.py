"""Looking through whole conversations on the practice X: what was seen whole, and why the rest was not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from slawatch.channels.twitter.looking import TOO_OLD
from slawatch.errors import ChannelUnavailableError
from tests.integration.at_twitter import Scene, scene

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
