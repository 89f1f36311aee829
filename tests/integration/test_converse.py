"""A real chat for websites, from the page over a real XMPP server to an agent and back, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from slawatch.channels.webchat.channel import WebChannel
from slawatch.model import Author, DeliveryProof, MomentKind
from tests import one_browser
from tests.servers import converse
from tests.servers.converse import Shop
from tests.web_stage import Watcher, a_channel, a_follow_up, a_request

pytestmark = pytest.mark.server

SECOND = timedelta(seconds=1)


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with converse.open_shop() as ready:
        yield ready


@pytest.fixture
def channel(tmp_path: Path, shop: Shop) -> Iterator[WebChannel]:
    shop.write_recipe(tmp_path / "recipes")
    with one_browser.lent(), a_channel(tmp_path) as ready:
        yield ready


def test_a_question_reaches_the_agent_and_the_answer_us(channel: WebChannel, shop: Shop) -> None:
    asked, attempt = a_request(target="shop", text="How long does delivery take?")
    sent = channel.send(asked, attempt)
    heard = shop.agent.wait_for(asked.text.body)
    watcher = Watcher(channel, asked)
    shop.agent.type(heard.visitor)
    watcher.wait_until(lambda: MomentKind.TYPING in watcher.kinds(), what="somebody who types")
    shop.agent.say(heard.visitor, "Hello, I am an assistant. We got your message.")
    watcher.wait_for("We got your message")
    said_at = shop.agent.say(heard.visitor, "Two days.")

    answer = watcher.wait_for("Two days.")

    assert [(one.facts.text, one.facts.author) for one in watcher.messages] == [
        ("Hello, I am an assistant. We got your message.", Author.BOT),
        ("Two days.", Author.AGENT),
    ]
    assert sent.proof in set(DeliveryProof)
    # One machine, one clock: what a customer sees is what the agent did, give or take what the page needs.
    assert abs((answer.stamps.at - sent.accepted_at) - (said_at - heard.at)) < SECOND


def test_a_question_back_is_replied_to_in_the_same_chat(channel: WebChannel, shop: Shop) -> None:
    asked, attempt = a_request(2, target="shop", text="How long does delivery take to Cologne?")
    channel.send(asked, attempt)
    heard = shop.agent.wait_for(asked.text.body)
    watcher = Watcher(channel, asked)
    shop.agent.say(heard.visitor, "Which article do you mean?")
    question = watcher.wait_for("Which article")

    channel.send_follow_up(asked, a_follow_up(asked, "I ask in general."), question.facts)

    assert shop.agent.wait_for("I ask in general.").visitor == heard.visitor


def test_an_anonymous_visitor_cannot_be_parked_and_is_left_at_the_end(
    channel: WebChannel, shop: Shop, tmp_path: Path
) -> None:
    asked, attempt = a_request(3, target="shop", text="How long does delivery take to Bonn?")
    channel.send(asked, attempt)
    shop.agent.wait_for(asked.text.body)
    channel.close()

    with a_channel(tmp_path) as another:
        watcher = Watcher(another, asked)
        watcher.look()

    assert watcher.kinds()[-1] is MomentKind.LEFT
