"""Mishaps in web chats: whatever breaks after the key was pressed, nobody is asked twice, and no silence is made up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from slawatch.channels.base import Sent
from slawatch.channels.webchat import Settings, chats
from slawatch.channels.webchat.channel import WebChannel
from slawatch.channels.webchat.chats import Chats, Live
from slawatch.channels.webchat.page import PageStamp, Visit
from slawatch.clock import SystemClock
from slawatch.errors import ChannelUnavailableError, ChannelUncertainError
from slawatch.model import MomentKind
from tests.servers import plain_shop
from tests.servers.local import eventually
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

        async def fail(all_: Chats, live: Live, request: str, moment: MomentKind) -> None:
            if moment is MomentKind.SUBMITTED:
                raise ChannelUnavailableError("the disk is full")
            await picture(all_, live, request, moment)

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


class TestWhatCannotBeSeen:
    def test_a_page_that_knows_nothing_of_the_chat_any_more_is_no_silence(
        self, channel: WebChannel, shop: PlainShop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(chats, "HISTORY_SECONDS", 1.0)
        monkeypatch.setattr(WebChannel, "again", timedelta(0))
        shop.write_recipe(tmp_path / "recipes", limits='park_after = "1 s"\npark_every = "1 s"')
        asked, attempt = a_request()
        channel.send(asked, attempt)
        watcher = Watcher(channel, asked)
        watcher.wait_until(lambda: MomentKind.PARKED in watcher.kinds(), what="a chat that is parked")
        parked_at = next(one.at for one in watcher.moments if one.kind is MomentKind.PARKED)
        shop.greeting = "Willkommen! Wie kann ich helfen?"
        with shop.changed:
            shop.visitors.clear()  # the cookie is nobody's any more: a new chat begins
        watcher.wait_until(lambda: MomentKind.LEFT in watcher.kinds(), what="a chat that is left")

        (left,) = [one for one in watcher.moments if one.kind is MomentKind.LEFT]
        assert left.at <= parked_at
        assert all(batch.looked_until is None or batch.looked_until <= parked_at for batch in watcher.batches[:-1])
        assert watcher.messages == []
        assert MomentKind.REOPENED not in watcher.kinds()

    def test_what_came_while_the_page_was_cut_off_came_at_any_time_since_the_last_look(
        self, channel: WebChannel, shop: PlainShop
    ) -> None:
        asked, attempt = a_request()
        channel.send(asked, attempt)
        watcher = Watcher(channel, asked)
        watcher.look()
        chat = wait_for_chat(shop, asked.text.body)
        shop.shut()
        eventually(lambda: _cut_off(watcher), what="a page that says so")
        said_at = shop.say(chat, "Zwei Tage.")
        time.sleep(2)
        shop.open()

        answer = watcher.wait_for("Zwei Tage.")

        assert answer.stamps.source == "seen"
        assert answer.stamps.at - answer.stamps.earlier <= said_at <= answer.stamps.at

    def test_a_page_whose_clock_stood_still_while_the_machine_slept_makes_no_answer_quick(
        self, shop: PlainShop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked, attempt = a_request()
        clock = Slept()
        settings = Settings(name="Alex Beispiel", recipes=tmp_path / "recipes", timeout=timedelta(seconds=10))
        with WebChannel(settings, account="main", clock=clock, store=tmp_path / "store.db") as channel:
            sent = channel.send(asked, attempt)
            watcher = Watcher(channel, asked)
            watcher.look()
            clock.slept = timedelta(hours=3)
            monkeypatch.setattr(chats, "time", clock)
            shop.say(wait_for_chat(shop, asked.text.body), "Zwei Tage.")
            time.sleep(2)

            answer = watcher.wait_for("Zwei Tage.")

        assert answer.stamps.at - sent.accepted_at >= timedelta(hours=3)
        assert answer.stamps.earlier >= timedelta(hours=2, minutes=59)
        assert answer.stamps.at <= clock.now()


class Slept(SystemClock):
    """The machine's clock after a sleep that the page knows nothing of."""

    slept = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.slept

    def time(self) -> float:
        return self.now().timestamp()


def _cut_off(watcher: Watcher) -> bool:
    try:
        watcher.look()
    except ChannelUnavailableError as error:
        return "cut off" in str(error)
    return False
