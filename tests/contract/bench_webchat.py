"""The far side of the channel over websites' chats: a shop with a chat of its own, seen through a real browser."""

from __future__ import annotations

import functools
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self
from unittest import mock

from slawatch.channels.base import Channel
from slawatch.channels.webchat import Settings, evidence, page
from slawatch.channels.webchat.channel import WebChannel
from slawatch.channels.webchat.chats import Chats, Live
from slawatch.clock import Clock, SystemClock
from slawatch.model import Attempt, Facts, FollowUp, Form, Request, Text
from tests import one_browser
from tests.contract.benches import BATCH, Bench
from tests.servers.local import eventually
from tests.servers.plain_shop import PlainShop, Visitor, wait_for_chat
from tests.web_stage import SHORT_UNTOLD, short_waits


async def _caught_up(name: str, pages: Chats) -> None:
    await pages.catch_up(name)


class SmallPages(WebChannel):
    """Hands over a few messages at a time, and opens a page again whenever it is asked to."""

    page_size: ClassVar[int] = BATCH
    again: ClassVar[timedelta] = timedelta(0)
    ready = False

    def open(self) -> None:
        super().open()
        self.ready = True

    def close(self) -> None:
        self.ready = False
        super().close()

    def pages(self) -> dict[str, Live]:
        """Return the pages that are open now, by request, with all that they told kept."""
        if self._made is None:
            return {}
        live = dict(self._made._live)
        for name in live:
            self._do(functools.partial(_caught_up, name))
        return live

    def park(self) -> None:
        """Close every page; each is opened again at the next look."""
        if self._made is not None:
            self._do(lambda pages: pages.park_all())

    def knows(self, request: str, text: str) -> bool:
        """Whether a line with this text was seen in a chat."""
        return any(text in value for _, _, value, _ in self._journal.lines(request))


class WebChatBench(Bench):
    """The shop keeps every transcript for the visitor's cookie, so an outage loses nothing here."""

    name = "webchat"
    target = "service"
    lag: ClassVar[timedelta] = SHORT_UNTOLD
    copies: ClassVar[int] = 1  # a line painted twice is one line

    def __init__(self) -> None:
        super().__init__()
        self.clock: Clock = SystemClock()
        self._shop = PlainShop()
        self._asked: dict[str, tuple[Request, Attempt]] = {}
        self._channel: SmallPages | None = None
        self._newest: Visitor | None = None

    def __enter__(self) -> Self:
        self._around = ExitStack()
        # The real waits are for busy sites; the shop's line is there at once, or never.
        for name, short in (("BUBBLE_SECONDS", 3.0), ("CONFIRM_SECONDS", 2.0)):
            self._around.enter_context(mock.patch.object(page, name, short))
        self._around.enter_context(short_waits())
        self._around.enter_context(one_browser.lent())
        self._folder = tempfile.TemporaryDirectory(prefix="slawatch-bench-")
        self._shop.open()
        for name in ("service", "nobody"):
            self._shop.write_recipe(self._recipes, name)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._shop.shut()
        self._around.close()
        self._folder.cleanup()

    def ask(self, *, target: str | None = None) -> tuple[Request, Attempt]:
        request, attempt = super().ask(target=target)
        self._asked[request.message_id] = request, attempt
        return request, attempt

    def text(self) -> Text:
        body = f"Guten Tag, wie lange dauert die Lieferung nach Köln? Das ist Frage {self._made}.\n"
        return Text(probe="delivery-time", lang="de", variant=0, subject="", body=body, form=Form.CHAT)

    def subject_of_reply(self, request: Request) -> str:
        return request.text.subject

    def words_of_reply(self) -> str:
        return f"Es geht mir allgemein um die Lieferzeit nach Köln, wie in Frage {self._made}.\n"

    def known_as(self, target: str) -> str:
        return evidence.named(target)

    def reached_at(self, target: str) -> str:
        return target

    def ties(self, request: Request, facts: Facts) -> bool:
        return facts.conversation == request.message_id

    def seen_of(self, request: Request, follow_up: FollowUp | None = None) -> bytes:
        own_id, body, cites = request.message_id, request.text.body, ""
        chat = wait_for_chat(self._shop, body)
        if follow_up is not None:
            own_id, body = follow_up.own_id, follow_up.body
            newest = [line["id"] for line in chat.lines if line["who"] == "agent"][-1]
            cites = evidence.line_id(request.message_id, newest)
        (text,) = self._shop.heard(body)
        return evidence.ours(own_id=own_id, target=request.target, request=request.message_id, text=text, cites=cites)

    def channel(self) -> Channel:
        settings = Settings(name="Alex Beispiel", recipes=self._recipes, timeout=timedelta(seconds=5))
        made = SmallPages(settings, account=self.account, clock=self.clock, store=Path(self._folder.name) / "store.db")
        made.capabilities = replace(made.capabilities, durable_history=True)
        self._channel = made
        return made

    def arrived(self, request: Request) -> list[bytes]:
        return [text.encode() for text in self._shop.heard(request.text.body)]

    def arrived_after(self, request: Request, follow_up: FollowUp) -> list[bytes]:
        return [text.encode() for text in self._shop.heard(follow_up.body)]

    def reply_by_hand(self, letter: Facts, text: str) -> None:
        self._said(self._asked[letter.conversation][0], text, "visitor")

    def answer(self, request: Request, text: str, *, junk: bool = False) -> None:
        self._newest = self._chat_of(request)
        self._said(request, text, "bot" if junk else "agent")

    def duplicate(self) -> None:
        assert self._newest is not None
        self._shop.repaint(self._newest)

    def refuse(self, target: str) -> None:
        self._shop.blocked.add(target)
        self._shop.notify()
        seen = self._channel
        if seen is not None and target == self.target:
            eventually(
                lambda: all(live.teller.closed for live in seen.pages().values()),
                what="a page that is closed",
                seconds=10,
            )

    def fail_once(self) -> None:
        self._park()
        self._shop.faults.append("busy")

    def lose_acknowledgement(self) -> None:
        self._shop.faults.append("lose")

    def swallow_once(self) -> None:
        self._shop.faults.append("swallow")

    def go_away(self) -> None:
        if not self._shop.visitors:  # whoever has no chat anywhere does not notice that one is away
            self._chat_of(self.ask()[0])
        self._park()
        self._shop.shut()

    def come_back(self) -> None:
        self._shop.open()

    @property
    def _recipes(self) -> Path:
        return Path(self._folder.name) / "recipes"

    def _chat_of(self, request: Request) -> Visitor:
        """Return the chat of a request; one that nobody put yet is put first, for only then there is a chat."""
        if self._shop.chat_about(request.text.body) is None:
            attempt = self._asked[request.message_id][1]
            if self._channel is not None and self._channel.ready:
                self._channel.send(request, attempt)
            else:
                last = self._channel
                with self.channel() as another:
                    another.send(request, attempt)
                self._channel = last
        return wait_for_chat(self._shop, request.text.body)

    def _said(self, request: Request, text: str, who: str) -> None:
        """Say it in the request's chat; where its page is open, return when the page has told of it."""
        self._shop.say(self._chat_of(request), text, who=who)
        seen = self._channel
        if seen is not None and request.message_id in seen.pages():
            eventually(
                lambda: seen.pages() and seen.knows(request.message_id, text), what="a page that shows it", seconds=10
            )

    def _park(self) -> None:
        if self._channel is not None:
            self._channel.park()
