"""The far side of the XMPP channel: a real server, a company's agent on it, and a door before it for its bad days."""

from __future__ import annotations

import atexit
import copy
import uuid
from contextlib import ExitStack
from functools import cache
from types import TracebackType
from typing import ClassVar, Self
from xml.etree import ElementTree as ET

from slawatch.channels.xmpp import Settings, XmppChannel, evidence, names, stanza
from slawatch.channels.xmpp.client import Session
from slawatch.clock import Clock, SystemClock
from slawatch.model import Facts, FollowUp, Form, Request, Text
from slawatch.secret import Secret
from tests.contract.benches import BATCH, PostBench
from tests.servers.gate import Gate
from tests.servers.local import LOOPBACK
from tests.servers.prosody import DOMAIN, PASSWORD, Prosody, running
from tests.servers.xmpp import Person

OURS = "asks"


@cache
def server() -> Prosody:
    """Return the one server of this run; each test has users of its own on it."""
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(running())


class Door(Gate):
    """A gate that can also turn away a few who come."""

    def __init__(self, upstream: int) -> None:
        self.turn_away = 0
        self._real = upstream
        super().__init__(upstream)

    @property
    def _upstream(self) -> int:
        if self.turn_away:
            self.turn_away -= 1
            return 1  # nobody listens there
        return self._real

    @_upstream.setter
    def _upstream(self, _: int) -> None:
        pass

    def speak_again(self) -> None:
        self._swallowing = False


class OnBench(XmppChannel):
    """Does what is asked of it, with the faults of the bench where a message is about to leave."""

    page_size: ClassVar[int] = BATCH
    ack_seconds: ClassVar[float] = 1.0
    settle_seconds: ClassVar[float] = 0.3
    bench: XmppBench

    async def _say(self, session: Session, message: ET.Element) -> str:
        fault, self.bench.fault = self.bench.fault, ""
        door = self.bench.door
        if fault == "lose":
            door.turn_away = 1  # nor can it be looked up at once
            door.lose_next_reply(after=lambda: None)
        if fault == "swallow":
            door.swallow()
        try:
            return await super()._say(session, message)
        finally:
            door.speak_again()


class XmppBench(PostBench):
    """The company answers from one device. There is no place for junk: what is written to us comes in."""

    name = "xmpp"
    target: ClassVar[str] = f"service@{DOMAIN}"
    clock: Clock = SystemClock()  # the server stamps by the real time

    def __init__(self) -> None:
        super().__init__()
        self.fault = ""

    def __enter__(self) -> Self:
        self._server = server()
        tag = uuid.uuid4().hex[:8]
        self.target = f"service-{tag}@{DOMAIN}"  # type: ignore[misc]  # each test has its own
        self._stack = ExitStack()
        self.me = self._server.user(f"{OURS}-{tag}")
        self._server.user(f"service-{tag}")
        self.door = Door(self._server.c2s)
        self.company = self._stack.enter_context(Person(self._server, self.target))
        self._hand: Person | None = None
        self._newest: ET.Element | None = None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()
        self.door.shut()

    def text(self) -> Text:
        body = f"Guten Tag, wie lange dauert die Lieferung nach Köln? Das {self._made}. Mal"
        return Text(probe="delivery-time", lang="de", variant=0, subject="", body=body, form=Form.CHAT)

    def reached_at(self, target: str) -> str:
        return target

    def known_as(self, target: str) -> str:
        return f"xmpp:{target}"

    def ties(self, request: Request, facts: Facts) -> bool:
        return names.named(names.stanza_id(request.message_id)) in facts.cited_ids

    def seen_of(self, request: Request, follow_up: FollowUp | None = None) -> bytes:
        (message,) = self._messages(follow_up.own_id if follow_up else request.message_id)
        return evidence.keep(message, me=self.me).raw()

    def channel(self) -> OnBench:
        settings = Settings(
            jid=self.me, password=Secret(PASSWORD), host=LOOPBACK, port=self.door.port, ca_file=str(self._server.ca)
        )
        made = OnBench(settings, account=self.account, clock=self.clock)
        made.bench = self
        return made

    def arrived(self, request: Request) -> list[bytes]:
        return [_as_sent(one) for one in self._messages(request.message_id)]

    def arrived_after(self, request: Request, follow_up: FollowUp) -> list[bytes]:
        return [_as_sent(one) for one in self._messages(follow_up.own_id)]

    def reply_by_hand(self, letter: Facts, text: str) -> None:
        if self._hand is None:
            self._hand = self._stack.enter_context(Person(self._server, self.me))
        to = letter.chat or self.target
        self._hand.say(to, text, reply_to=evidence.name_to_cite(letter))

    def answer(self, request: Request, text: str, *, junk: bool = False) -> None:
        name = names.stanza_id(request.message_id)
        self._newest = self.company.say(self.me, text, reply_to=name)

    def duplicate(self) -> None:
        assert self._newest is not None
        self.company.send(self._newest)

    def refuse(self, target: str) -> None:
        """Do nothing for who does not exist; else let the company be somebody whom the server turns us away from."""
        if target == self.target:
            self.company.block(self.me)

    def fail_once(self) -> None:
        self.door.shut()
        self.door.turn_away = 1
        self.door.open()

    def lose_acknowledgement(self) -> None:
        self.fault = "lose"

    def swallow_once(self) -> None:
        self.fault = "swallow"

    def go_away(self) -> None:
        self.door.shut()

    def come_back(self) -> None:
        self.door.open()

    def _messages(self, key: str) -> list[ET.Element]:
        name = names.stanza_id(key)
        self.company.settle()
        return [one for one in self.company.heard() if one.get("id") == name and one.get("type") != "error"]


def _as_sent(one: ET.Element) -> bytes:
    """Return a message without what servers wrote on top of it on the way."""
    bare = copy.deepcopy(one)
    bare.attrib.pop("from", None)
    for added in (f"{names.STABLE}stanza-id", f"{names.DELAY}delay"):
        for child in bare.findall(added):
            bare.remove(child)
    return stanza.written(bare).encode()
