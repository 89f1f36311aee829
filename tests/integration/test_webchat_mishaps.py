"""Mishaps in web chats: whatever breaks after the key was pressed, nobody is asked twice, and no silence is made up."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import CancelledError
from pathlib import Path

import pytest

from slawatch.channels.base import Sent
from slawatch.channels.webchat.channel import WebChannel
from slawatch.channels.webchat.chats import Chats, Live
from slawatch.channels.webchat.page import PageStamp, Visit
from slawatch.errors import ChannelUnavailableError, ChannelUncertainError
from slawatch.model import MomentKind
from tests.servers import plain_shop
from tests.servers.plain_shop import PlainShop, wait_for_chat
from tests.web_stage import Watcher, a_channel, a_request

pytestmark = pytest.mark.server


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[PlainShop]:
    with plain_shop.running() as ready:
        ready.write_recipe(tmp_path / "recipes")
        yield ready


@pytest.fixture
def channel(tmp_path: Path, shop: PlainShop) -> Iterator[WebChannel]:
    with a_channel(tmp_path) as ready:
        yield ready


class TestAfterTheKeyWasPressed:
    def test_a_browser_that_is_gone_right_afterwards_takes_nothing_back(
        self, channel: WebChannel, shop: PlainShop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked, attempt = a_request()
        say = Visit.say

        async def say_and_die(visit: Visit, text: str) -> PageStamp:
            stamp = await say(visit, text)
            await visit.close()
            return stamp

        monkeypatch.setattr(Visit, "say", say_and_die)

        sent = channel.send(asked, attempt)

        assert sent.remote_id
        with pytest.raises(ChannelUncertainError):
            channel.send(asked, attempt)
        assert len(shop.heard(asked.text.body)) == 1

    def test_a_disk_that_is_full_right_afterwards_does_not_make_it_unsaid(
        self, channel: WebChannel, shop: PlainShop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked, attempt = a_request()

        picture = Chats._picture

        async def fail(chats: Chats, live: Live, request: str, moment: MomentKind) -> None:
            if moment is MomentKind.SUBMITTED:
                raise ChannelUnavailableError("the disk is full")
            await picture(chats, live, request, moment)

        monkeypatch.setattr(Chats, "_picture", fail)

        with pytest.raises(ChannelUncertainError):
            channel.send(asked, attempt)
        with pytest.raises(ChannelUncertainError):
            channel.send(asked, attempt)

        assert isinstance(channel.find(asked), Sent)
        assert len(shop.heard(asked.text.body)) == 1

    def test_whoever_is_interrupted_while_it_is_said_loses_no_answer(
        self, channel: WebChannel, shop: PlainShop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked, attempt = a_request()
        say = Visit.say

        async def say_and_stop(visit: Visit, text: str) -> PageStamp:
            await say(visit, text)
            raise asyncio.CancelledError

        monkeypatch.setattr(Visit, "say", say_and_stop)
        with pytest.raises(CancelledError):
            channel.send(asked, attempt)
        monkeypatch.setattr(Visit, "say", say)
        shop.say(wait_for_chat(shop, asked.text.body), "Zwei Tage.")

        with pytest.raises(ChannelUncertainError):
            channel.send(asked, attempt)
        assert isinstance(channel.find(asked), Sent)
        watcher = Watcher(channel, asked)
        watcher.wait_for("Zwei Tage.")
        assert MomentKind.GREETING not in watcher.kinds()
        assert len(shop.heard(asked.text.body)) == 1
