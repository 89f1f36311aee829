"""Somebody with a messenger on an XMPP server: says what they are told to, and keeps what is said to them."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self
from xml.etree import ElementTree as ET

from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXPath

from slawatch.channels.chat.loop import LoopThread
from slawatch.channels.xmpp import Settings, names, stanza
from slawatch.channels.xmpp.client import Session
from slawatch.secret import Secret
from tests.servers.local import LOOPBACK, eventually
from tests.servers.prosody import PASSWORD, Prosody

BLOCKING = "{urn:xmpp:blocking}"


class Person:
    """One device of one account, over TLS. What they say is done when the server has it."""

    def __init__(
        self, server: Prosody, address: str, *, on_message: Callable[[ET.Element], None] | None = None
    ) -> None:
        settings = Settings(
            jid=address,
            password=Secret(PASSWORD),
            host=LOOPBACK,
            port=server.c2s,
            ca_file=str(server.ca),
            timeout=timedelta(seconds=10),
        )
        self.address = address
        self._heard: list[tuple[ET.Element, datetime]] = []
        self.on_message = on_message
        self._presences: list[str] = []
        self._loop = LoopThread(address)
        self._session = Session(settings=settings, account=address, password=PASSWORD, heard=self._hear)

    def __enter__(self) -> Self:
        self._loop.run(self._begin())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.run(self._session.end())
        self._loop.end()

    def say(
        self, to: str, text: str, *, reply_to: str = "", name: str = "", store: bool = True, more: str = ""
    ) -> ET.Element:
        """Write a line as messengers do; `more` is what else stands in the message, as XML. Return the message."""
        name = name or str(uuid.uuid4())
        message = ET.Element(f"{names.CLIENT}message", {"to": to, "type": "chat", "id": name})
        ET.SubElement(message, f"{names.CLIENT}body").text = text
        ET.SubElement(message, f"{names.STABLE}origin-id", {"id": name})
        if reply_to:
            ET.SubElement(message, f"{names.REPLY}reply", {"to": to, "id": reply_to})
        if not store:
            ET.SubElement(message, f"{names.HINTS}no-store")
        if more:
            message.extend(stanza.parsed(f"<x>{more}</x>"))
        self.send(message)
        return message

    def tell(self, to: str, what: str) -> None:
        """Send a message without words, like a receipt; `what` is XML."""
        message = ET.Element(f"{names.CLIENT}message", {"to": to, "type": "chat", "id": str(uuid.uuid4())})
        message.extend(stanza.parsed(f"<x>{what}</x>"))
        self.send(message)

    def soon(self, to: str, what: str) -> None:
        """Do as `tell`, from within `on_message`, which cannot wait."""
        message = ET.Element(f"{names.CLIENT}message", {"to": to, "type": "chat", "id": str(uuid.uuid4())})
        message.extend(stanza.parsed(f"<x>{what}</x>"))
        self._loop.start(self._session.say(message, seconds=10))

    def subscribe(self, other: str) -> None:
        """Ask to see when somebody is online."""
        self._loop.run(self._subscribe(other))

    def presences(self) -> list[str]:
        """Return what came of that: the kinds of presence that others sent."""
        self.settle()
        return list(self._presences)

    @property
    def full(self) -> str:
        """The address of this very device."""
        return self._session.me

    def send(self, message: ET.Element) -> None:
        """Send a message as it is."""
        self._loop.run(self._session.say(copy.deepcopy(message), seconds=10))

    def ask(self, child: ET.Element, *, kind: str = "get") -> ET.Element:
        """Ask the server something."""
        return self._loop.run(self._session.ask(child, kind=kind))

    def block(self, other: str) -> None:
        """Let nothing through from somebody any more (XEP-0191)."""
        block = ET.Element(f"{BLOCKING}block")
        ET.SubElement(block, f"{BLOCKING}item", {"jid": other})
        self.ask(block, kind="set")

    def settle(self) -> None:
        """Return when all is here that the server had for us."""
        self._loop.run(self._session.ping())

    def heard(self) -> list[ET.Element]:
        """Return the messages that came, in order."""
        return [one for one, _ in self._heard]

    def heard_at(self, name: str) -> datetime:
        """Return when the message of that id came, by this person's own clock; wait for it where it has not yet."""
        found = eventually(
            lambda: [at for one, at in self._heard if one.get("id") == name], what=f"message {name} to {self.address}"
        )
        return found[0]

    async def _begin(self) -> None:
        await self._session.begin()
        self._session.announce()

    async def _subscribe(self, other: str) -> None:
        stream = self._session._connected()
        stream.register_handler(
            Callback(
                "others", MatchXPath("{jabber:client}presence"), lambda one: self._note(str(one["from"].bare), one)
            )
        )
        stream.send_presence(pto=other, ptype="subscribe")
        await self._session.ping()

    def _note(self, sender: str, one: object) -> None:
        if sender != self.address:
            self._presences.append(str(one))

    def _hear(self, one: ET.Element, at: datetime) -> None:
        self._heard.append((one, at))
        if one.tag == f"{names.CLIENT}message" and self.on_message is not None:
            self.on_message(one)
