"""Asking over a bridge: which network it leads to, whose times count, and what became of a line on the way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from slawatch.channels.base import Batch, Sent
from slawatch.channels.matrix.reading import bare
from slawatch.model import Author, Incoming, Moment, MomentKind, Request
from tests.peers.at_matrix import Channel, ask, channel, standing, whole_pass
from tests.servers.fake_bridge import Portal, portal
from tests.servers.synapse import Homeserver, Person

_number = count(49_000_000)


@pytest.fixture
def me(homeserver: Homeserver) -> Person:
    return homeserver.person("robin")


@pytest.fixture
def there(homeserver: Homeserver, me: Person) -> Portal:
    return portal(homeserver, me, str(next(_number)))


@pytest.fixture
def here(me: Person, tmp_path: Path) -> Iterator[Channel]:
    with channel(me, tmp_path / "slawatch.db") as ready:
        yield ready


@pytest.fixture
def begun(here: Channel, there: Portal) -> tuple[Request, Sent, str]:
    cursor = whole_pass(here, "")[-1].cursor
    asked, attempt = ask(there.room)
    return asked, here.send(asked, attempt), cursor


def looked(here: Channel, begun: tuple[Request, Sent, str]) -> list[Batch]:
    asked, sent, cursor = begun
    return whole_pass(here, cursor, [standing(asked, sent.remote_id)])


def lines(batches: list[Batch]) -> list[Incoming]:
    return [one for batch in batches for one in batch.messages]


def steps(batches: list[Batch]) -> list[Moment]:
    return [one for batch in batches for one in batch.moments]


def test_the_network_is_named_for_the_question_and_for_its_answer(
    here: Channel, there: Portal, begun: tuple[Request, Sent, str]
) -> None:
    there.ghost.say(there.room, "Zwei Tage.")

    (answer,) = lines(looked(here, begun))

    assert begun[1].network == answer.facts.network == "whatsapp"
    assert answer.facts.sender == f"matrix:{there.ghost.id}"
    assert answer.facts.sender_name == "Acme (WhatsApp)"


def test_over_a_bridge_plain_text_says_nothing_of_who_wrote_it(
    here: Channel, there: Portal, begun: tuple[Request, Sent, str]
) -> None:
    there.ghost.say(there.room, "Zwei Tage.")
    there.ghost.say(there.room, "Ich bin ein Programm.", kind="m.notice")

    plain, notice = (one.facts for one in lines(looked(here, begun)))

    assert (plain.author, plain.author_by) == (Author.UNKNOWN, "")
    assert (notice.author, notice.author_by) == (Author.BOT, "platform-flag: m.notice")


def test_the_networks_time_counts_however_late_the_bridge_brings_it(
    here: Channel, there: Portal, begun: tuple[Request, Sent, str]
) -> None:
    _, sent, _ = begun
    truth = sent.accepted_at - timedelta(seconds=30)  # brought half a minute late
    there.ghost.say(there.room, "Zwei Tage.", ts=round(truth.timestamp() * 1000))

    (answer,) = lines(looked(here, begun))

    assert answer.stamps.at == truth
    assert answer.stamps.source == "platform"
    assert "bridge to whatsapp" in answer.stamps.why


def test_a_network_that_counts_in_seconds_is_not_taken_for_finer(
    here: Channel, there: Portal, begun: tuple[Request, Sent, str]
) -> None:
    whole = round(begun[1].accepted_at.timestamp()) * 1000
    there.ghost.say(there.room, "Zwei Tage.", ts=whole)

    (answer,) = lines(looked(here, begun))

    assert answer.stamps.later >= timedelta(seconds=2) - timedelta(microseconds=1)
    assert "whole seconds" in answer.stamps.why


@pytest.mark.parametrize(
    ("status", "kind"),
    [("SUCCESS", MomentKind.DELIVERED), ("FAIL_PERMANENT", MomentKind.UNDELIVERED)],
)
def test_what_became_of_our_line_is_a_step_of_its_request(
    here: Channel, there: Portal, begun: tuple[Request, Sent, str], status: str, kind: MomentKind
) -> None:
    asked, sent, _ = begun
    there.status(bare(sent.remote_id), status, message="no such number")

    (step,) = steps(looked(here, begun))

    assert (step.kind, step.request, step.clock) == (kind, asked.message_id, "server")
    assert status in step.saw


@pytest.mark.parametrize("status", ["PENDING", "FAIL_RETRIABLE"])
def test_what_the_bridge_has_not_brought_yet_is_told_and_proves_nothing(
    here: Channel, there: Portal, begun: tuple[Request, Sent, str], status: str
) -> None:
    there.status(bare(begun[1].remote_id), status)

    found = looked(here, begun)

    assert [one.kind for one in steps(found)] == [MomentKind.NOTICE]
    assert any(status in note and "whatsapp" in note for batch in found for note in batch.notes)


def test_what_the_bridge_itself_says_is_no_word_of_the_company(
    here: Channel, there: Portal, begun: tuple[Request, Sent, str]
) -> None:
    there.bot.say(there.room, "Your message was not bridged: no connection", kind="m.notice")

    found = looked(here, begun)

    assert lines(found) == []
    (step,) = steps(found)
    assert step.kind is MomentKind.NOTICE
    assert "not bridged" in step.saw


def test_the_contacts_receipt_is_a_step_and_the_bridges_own_is_none(
    here: Channel, there: Portal, begun: tuple[Request, Sent, str]
) -> None:
    asked, sent, _ = begun
    there.bot.read(there.room, bare(sent.remote_id))
    there.ghost.read(there.room, bare(sent.remote_id))

    (step,) = steps(looked(here, begun))

    assert (step.kind, step.request, step.saw) == (MomentKind.READ, asked.message_id, there.ghost.id)
    assert step.at >= sent.accepted_at


def test_a_ghost_that_comes_in_is_the_company_and_the_bot_that_does_is_not(
    here: Channel, there: Portal, begun: tuple[Request, Sent, str], homeserver: Homeserver, me: Person
) -> None:
    there.ghost.call("POST", "rooms", there.room, "leave", body={})
    there.bot.call("POST", "rooms", there.room, "invite", body={"user_id": there.ghost.id})
    there.ghost.join(there.room)

    kinds = [one.kind for one in steps(looked(here, begun))]

    assert kinds == [MomentKind.AGENT_LEFT, MomentKind.AGENT_JOINED]
