"""The chats of the practice range: a messenger's server and a website on this machine, with companies that answer.

Plays the far side only. What slawatch measures of it comes over XMPP and out of a browser, as anywhere else.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self
from xml.etree import ElementTree as ET

from slawatch import token
from slawatch.channels.base import Batch
from slawatch.channels.webchat import evidence as of_pages
from slawatch.channels.xmpp import evidence as of_stanzas
from slawatch.channels.xmpp import names
from slawatch.clock import Clock
from slawatch.config import Config, Target
from slawatch.model import (
    Asked,
    Author,
    Delivery,
    DeliveryProof,
    Form,
    Incoming,
    Moment,
    MomentKind,
    Origin,
    Probe,
    Request,
    Stamps,
    VoidReason,
)
from slawatch.practice import shorts
from slawatch.practice.chat_server import ChatServer
from slawatch.practice.instants import instants
from slawatch.practice.letters import Letters
from slawatch.practice.talk import CHATS, ChatCompany, Line, Talk
from slawatch.practice.window import Shop, Window
from slawatch.store import Store

MESSENGER, VISITOR = "messenger", "visitor"  # the accounts that ask
WHO, NAME = "robin", "Robin Marten"
SECOND = timedelta(seconds=1)
NOBODY = "the page says that nobody is at the chat"


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What was asked in chats before the demo, and what came of it, by account."""

    requests: Sequence[Request]
    batches: Mapping[str, tuple[str, Batch]]


class Lounge:
    """Everybody who can be asked in a chat, on ports of this machine. Use as a context manager.

    Without a `browser` the website is left out: nobody could look at it.
    """

    def __init__(self, clock: Clock, letters: Letters, seed: str, folder: Path, *, browser: bool) -> None:
        self._companies = [one for one in CHATS if browser or one.way != "window"]
        self.browser = browser
        self._dice = {one.key: random.Random(f"{seed}|lounge|{one.key}") for one in self._companies}
        self._talk = Talk(clock, letters, seed, self._say)
        self._past_talk = Talk(clock, letters, f"{seed}|past", self._say)  # never begun: it words the history
        self._by_key = {one.key: one for one in self._companies}
        self._shops = {
            one.key: Shop(key=one.key, name=one.company.name, lang=one.company.lang, open=one.open)
            for one in self._companies
            if one.way == "window"
        }
        self._window = Window(self._shops.values(), self._asked_on_page)
        chatting = [one.key for one in self._companies if one.way == "xmpp"]
        self._server = ChatServer([WHO, *chatting], self._asked_in_messenger, folder)
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.enter_context(self._talk)
            stack.enter_context(self._server)
            if self.browser:
                stack.enter_context(self._window)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    @property
    def accounts(self) -> Sequence[str]:
        """The accounts that ask in chats."""
        return (MESSENGER, VISITOR) if self.browser else (MESSENGER,)

    def config(self) -> str:
        """Return the accounts' part of a config."""
        rates = "per_minute = 600\nper_day = 10000\n"
        text = (
            f'\n[account.{MESSENGER}]\nchannel = "xmpp"\njid = "{self._server.address(WHO)}"\nname = "{NAME}"\n'
            f'password = "{self._server.password(WHO)}"\nhost = "{self._server.host}"\nport = {self._server.port}\n'
            f'ca_file = "{self._server.ca_file}"\npeople = true\n{rates}'
        )
        if self.browser:
            text += f'\n[account.{VISITOR}]\nchannel = "webchat"\nname = "{NAME}"\n{rates}'
        return text

    def targets(self) -> Mapping[str, str]:
        """Return by company what its part of the config says of its chat."""
        return {
            one.key: f'\n[[company.{one.key}.target]]\nchannel = "{_channel(one)}"\naddress = "{self._address(one)}"\n'
            for one in self._companies
        }

    def lay_recipes(self, folder: Path) -> None:
        """Write down how each chat on the website is opened."""
        if self._shops:
            folder.mkdir(exist_ok=True)
        for shop in self._shops.values():
            (folder / f"{shop.key}.toml").write_text(self._window.recipe(shop), encoding="utf-8")

    def make(self, config: Config, probes: Mapping[str, Probe], *, until: datetime) -> Past:
        """Return four weeks of chats up to `until`, each answered by its company's manner."""
        requests: list[Request] = []
        messages: dict[str, list[Incoming]] = {account: [] for account in self.accounts}
        moments: dict[str, list[Moment]] = {account: [] for account in self.accounts}
        for one in self._companies:
            target = next(each for each in config.companies[one.key].targets if each.channel == _channel(one))
            before: list[Asked] = []
            for number, at in enumerate(instants(until, self._dice[one.key])):
                request = self._request(config, probes, target, one, before, at)
                requests.append(request)
                if request.delivery is Delivery.SENT:
                    lines = self._past_talk.lines(one, request.message_id, request.text.body, at)
                    heard = [line for line in lines if line.at <= until]
                    messages[target.account] += [
                        self._incoming(request, line, number * 10 + index)
                        for index, line in enumerate(heard)
                        if line.by != "system"
                    ]
                    moments[target.account] += _moments(request, one, heard)
        return Past(
            requests=sorted(requests, key=lambda one: one.intended_at),
            batches={
                account: (
                    config.accounts[account].channel,
                    Batch(messages=tuple(messages[account]), cursor="", moments=tuple(moments[account])),
                )
                for account in self.accounts
            },
        )

    def lay_out(self, store: Store, past: Past) -> None:
        """Keep these chats as asked in the past."""
        store.add_made_up(past.requests)
        for account, (channel, batch) in past.batches.items():
            store.add_batch(account, channel, batch)

    # --- the far side at work ---

    def _asked_on_page(self, shop: Shop, visit: str, words: str) -> None:
        self._talk.heard(self._by_key[shop.key], visit, words)

    def _asked_in_messenger(self, who: str, visitor: str, words: str) -> None:
        if who in self._by_key:
            self._talk.heard(self._by_key[who], visitor, words)

    def _say(self, line: Line) -> None:
        if line.company.way == "window":
            joined = line.sort == "joined"
            who = "" if joined else "Inka" if line.by == "bot" else line.company.company.agent
            self._window.say(line.visit, line.words, by=line.by, who=who, joined=joined)
        else:
            self._server.say(line.company.key, line.visit, line.words)

    # --- the past ---

    def _address(self, one: ChatCompany) -> str:
        return one.key if one.way == "window" else self._server.address(one.key)

    def _request(
        self,
        config: Config,
        probes: Mapping[str, Probe],
        target: Target,
        one: ChatCompany,
        before: list[Asked],
        at: datetime,
    ) -> Request:
        dice = self._dice[one.key]
        text = shorts.choose(config, probes, target, before, at, form=Form.CHAT)
        message_id = f"{dice.getrandbits(96):024x}@practice.example"
        return Request(
            id=0,
            public_id=f"P{dice.getrandbits(32):08x}",
            origin=Origin.SENT,
            company=one.key,
            channel=target.channel,
            target=target.address,
            account=target.account,
            text=text,
            token=token.new(dice.randbytes(8)),
            message_id=message_id,
            delivery=Delivery.SENT if one.open else Delivery.REFUSED,
            due_at=at,
            zone=target.zone,
            intended_at=at,
            accepted_at=at if one.open else None,
            proof=DeliveryProof.PROVEN if one.open else DeliveryProof.PRESUMED,
            void_reason=None if one.open else VoidReason.OFFLINE,
            void_detail="" if one.open else NOBODY,
            remote_id=_remote_id(one, message_id) if one.open else "",
            made_up=True,
        )

    def _incoming(self, request: Request, line: Line, number: int) -> Incoming:
        if line.company.way == "window":
            raw = of_pages.theirs(
                own_id=of_pages.line_id(request.message_id, f"m{number}"),
                target=request.target,
                request=request.message_id,
                text=line.words,
                author=Author.BOT if line.by == "bot" else Author.AGENT,
                author_by=f"vendor-field: [data-from={line.by}]",
                stamps=Stamps(at=line.at, source="page"),
                seen={"text": line.words},
            )
            return of_pages.incoming(raw)
        me, them = self._server.address(WHO), request.target
        own_id = names.stanza_id(f"{request.message_id} {number}").replace("-", "")
        asked = request.remote_id.partition(":")[2]
        stanza = ET.Element(f"{names.CLIENT}message", {"from": f"{them}/desk", "to": me, "id": own_id, "type": "chat"})
        ET.SubElement(stanza, f"{names.CLIENT}body").text = line.words
        ET.SubElement(stanza, f"{names.REPLY}reply", {"id": asked, "to": me})
        raw = of_stanzas.keep(stanza, me=me, people=True).raw()
        stamps = Stamps(at=line.at, source="seen", why="heard live", later=SECOND / 20)
        facts = of_stanzas.read(raw)
        return Incoming(remote_id=facts.own_id, folder=them, raw=raw, stamps=stamps, facts=facts)


def _remote_id(one: ChatCompany, message_id: str) -> str:
    return names.named(names.stanza_id(message_id)) if one.way == "xmpp" else of_pages.named(message_id)


def _channel(one: ChatCompany) -> str:
    return "webchat" if one.way == "window" else "xmpp"


def _moments(request: Request, one: ChatCompany, heard: Sequence[Line]) -> list[Moment]:
    """Return the steps of a chat on the page beside its lines; in a messenger there are none."""
    if one.way != "window":
        return []
    steps = [
        (MomentKind.OPENED, request.intended_at - 2 * SECOND, ""),
        (MomentKind.READY, request.intended_at - SECOND, ""),
        (MomentKind.SUBMITTED, request.intended_at, ""),
        (MomentKind.ACCEPTED, request.intended_at + SECOND / 10, ""),
        *((MomentKind.AGENT_JOINED, line.at, line.words) for line in heard if line.sort == "joined"),
    ]
    return [Moment(request=request.message_id, kind=kind, at=at, clock="page", saw=saw) for kind, at, saw in steps]
