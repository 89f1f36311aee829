"""The channel to X as slawatch uses it: what X alone makes different from any other platform for posts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from slawatch.channels.base import Channel, Identity, Logins, Public, Thread
from slawatch.channels.twitter import TwitterChannel
from slawatch.channels.twitter.channel import ENCRYPTED
from slawatch.errors import ChannelUnavailableError
from tests.integration.at_twitter import Scene, scene


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Scene]:
    with scene(tmp_path) as here:
        yield here


def channel(at: Scene, **more: Any) -> TwitterChannel:
    its = replace(at.platform.settings, **more)
    return TwitterChannel(its, account="main", clock=at.clock, store=at.folder / "slawatch.db", memory=at.memory)


def test_it_is_a_channel_in_public_to_which_a_person_can_log_in(at: Scene) -> None:
    account: Channel = channel(at)

    assert isinstance(account, Public)
    assert isinstance(account, Logins)
    assert at.x.calls == {}


@pytest.mark.parametrize(("chat", "seen"), [(True, frozenset()), (False, frozenset({"twitter:dm-17"}))])
def test_silence_on_a_direct_message_is_vouched_for_only_where_no_encrypted_answer_can_have_come(
    at: Scene, chat: bool, seen: frozenset[str]
) -> None:
    question = at.x.post(at.ann, "@AcmeHelp How long?")
    at.clock.forward(timedelta(days=2))
    threads = [
        Thread(remote_id="twitter:dm-17", target="@acmehelp", asked_at=question.at, direct=True),
        Thread(remote_id=f"twitter:{question.id}", target="@acmehelp", asked_at=question.at),
    ]

    with channel(at, chat=chat) as account:
        found = account.verify(threads)

    assert found.seen == {f"twitter:{question.id}"} | seen
    assert found.unseen == ({"twitter:dm-17": ENCRYPTED} if chat else {})


def test_an_account_that_cannot_be_asked_vouches_for_nothing(at: Scene) -> None:
    question = at.x.post(at.ann, "@AcmeHelp How long?")
    at.x.faults.add("503-html", "GET /2/tweets/search/recent")

    with channel(at) as account, pytest.raises(ChannelUnavailableError):
        account.verify([Thread(remote_id=f"twitter:{question.id}", target="@acmehelp", asked_at=question.at)])


def test_raw_evidence_can_be_read_without_the_account(at: Scene) -> None:
    asked = at.x.post(at.ann, "@AcmeHelp How long?")
    at.x.post(at.acme, "Three days.", reply_to=asked)
    at.clock.forward(timedelta(minutes=1))
    at.memory.watched = [Identity(address="@acmehelp", id=f"twitter:{at.acme.id}", handle="acmehelp")]
    with channel(at) as account:
        batch = account.collect("", threads=list)

    (message,) = batch.messages
    facts = TwitterChannel.read(message.raw)
    assert facts == message.facts
    assert (facts.text, facts.sender, facts.conversation) == (
        "Three days.",
        f"twitter:{at.acme.id}",
        f"twitter:{asked.id}",
    )
    assert message.stamps.source == "snowflake"
