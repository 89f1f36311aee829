"""The messenger of the practice range: an XMPP server in this process, on loopback, that speaks for the companies.

It knows what one account needs that asks and is answered (RFC 6120 and 6121; TLS, one way to log in, an archive, the
time), and refuses all else by its name. It is no server for anybody else: nothing it holds outlives it.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import secrets
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self
from xml.etree import ElementTree as ET

from slawatch.channels.chat.loop import LoopThread
from slawatch.channels.xmpp import names, stanza
from slawatch.practice import certificate
from slawatch.practice.chat_archive import Filed, RefusedError, page, written

CERTIFICATE = "chat.crt"
DOMAIN = "chat.practice.example"  # can never be anybody's (RFC 2606)
STREAM = "http://etherx.jabber.org/streams"
SASL = "urn:ietf:params:xml:ns:xmpp-sasl"
STARTTLS = "urn:ietf:params:xml:ns:xmpp-tls"
BIND = "{urn:ietf:params:xml:ns:xmpp-bind}"
SESSION = "{urn:ietf:params:xml:ns:xmpp-session}"
ROSTER = "{jabber:iq:roster}"
STANZA_MAX = 262_144  # octets that are taken in without a stanza's end; Prosody's limit for clients

Heard = Callable[[str, str, str], None]


@dataclass(slots=True)
class _Account:
    """Somebody with a password, their devices that are there, and their archive."""

    password: str = field(repr=False)
    devices: list[_Device] = field(default_factory=list)
    archive: list[Filed] = field(default_factory=list)


class ChatServer:
    """Accounts for `users`, by their names. Use as a context manager.

    `heard(who, visitor, words)` is called, in the server's thread, for each line that is written to one of them who has
    no device there: that is a company, for which `say` then speaks. Any of them may be logged in to instead.
    """

    host: ClassVar[str] = "127.0.0.1"

    def __init__(self, users: Iterable[str], heard: Heard, folder: Path) -> None:
        self._folder = folder
        self._accounts = {user: _Account(password=secrets.token_urlsafe(12)) for user in users}
        self._heard = heard
        self._loop = LoopThread("practice-chat")
        self._stack = ExitStack()
        self._speaking = threading.Lock()
        self._open = False
        self._listener: asyncio.Server | None = None
        self._connected: set[_Device] = set()
        self.context: ssl.SSLContext | None = None
        self.ca_file = ""
        self.port = 0

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self.context = self._certified()
            stack.callback(self._loop.end)
            self._loop.run(self._listen())
            stack.callback(lambda: self._loop.run(self._leave()))
            self._stack = stack.pop_all()
        self._open = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._speaking:
            self._open = False
        self._stack.close()

    def address(self, user: str) -> str:
        """Return somebody's address."""
        return f"{user}@{DOMAIN}"

    def password(self, user: str) -> str:
        """Return what somebody logs in with."""
        return self._accounts[user].password

    def say(self, who: str, to: str, words: str) -> None:
        """Let a company write a line to somebody, from any thread but `heard`'s; it is under way when this returns.

        Once the server has closed nothing happens: whoever speaks for the companies may end after it.
        """
        with self._speaking:
            if self._open:
                self._loop.run(self._say(who, to, words))

    def _certified(self) -> ssl.SSLContext:
        """Return what the server shows who it is with. The certificate stays in the folder, its key in memory only."""
        public, private = certificate.make(DOMAIN)
        path = self._folder / CERTIFICATE
        path.write_text(public, encoding="ascii")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.TemporaryDirectory(prefix="slawatch-chat-") as passing:  # Python reads a key from a file alone
            key = Path(passing) / "server.key"
            key.touch(mode=0o600)
            key.write_text(private, encoding="ascii")
            context.load_cert_chain(path, key)
        self.ca_file = str(path)
        return context

    # --- in the loop ---

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(lambda: _Device(self), self.host, 0)
        self.port = self._listener.sockets[0].getsockname()[1]

    async def _leave(self) -> None:
        if self._listener is not None:
            self._listener.close()
        for device in list(self._connected):
            device.close()
        await asyncio.sleep(0)

    async def _say(self, who: str, to: str, words: str) -> None:
        name = secrets.token_hex(16)
        message = ET.Element(f"{names.CLIENT}message", {"to": to, "type": "chat", "id": name})
        ET.SubElement(message, f"{names.CLIENT}body").text = words
        ET.SubElement(message, f"{names.STABLE}origin-id", {"id": name})
        self.route(message, f"{self.address(who)}/desk")

    def connected(self, device: _Device) -> None:
        """Note a connection, to be able to end it."""
        self._connected.add(device)

    def gone(self, device: _Device) -> None:
        """Forget a connection."""
        self._connected.discard(device)
        if device.user in self._accounts and device in self._accounts[device.user].devices:
            self._accounts[device.user].devices.remove(device)

    def lets_in(self, user: str, password: str) -> bool:
        """Return whether that is somebody's password."""
        account = self._accounts.get(user)
        return account is not None and hmac.compare_digest(account.password.encode(), password.encode())

    def present(self, device: _Device) -> None:
        """Let a device have what is written to its account from now on."""
        devices = self._accounts[device.user].devices
        if device not in devices:
            devices.append(device)

    def archive(self, user: str) -> list[Filed]:
        """Return somebody's archive, oldest first."""
        return self._accounts[user].archive

    def route(self, message: ET.Element, sender: str) -> None:
        """Pass a message on: into both archives, to the devices that are there, or to who speaks for the company."""
        message.set("from", sender)
        user, _, domain = names.bare(message.get("to", "")).rpartition("@")
        writer = names.bare(sender).partition("@")[0]
        if domain != DOMAIN or user not in self._accounts:
            self._send_back(message, writer, "remote-server-not-found" if domain != DOMAIN else "service-unavailable")
            return
        self._file(writer, names.bare(message.get("to", "")), message)
        filed = self._file(user, names.bare(sender), message)
        if filed is not None:
            own = ET.SubElement(message, f"{names.STABLE}stanza-id")
            own.attrib.update({"by": self.address(user), "id": filed.name})
        account = self._accounts[user]
        for device in account.devices:
            device.send(message)
        body = message.findtext(f"{names.CLIENT}body")
        if body is not None and not account.devices and message.get("type") != "error":
            self._receipt(message, user)
            self._heard(user, names.bare(sender), body)

    def _receipt(self, message: ET.Element, user: str) -> None:
        """Confirm what a company has before it (XEP-0184)."""
        if message.find(f"{names.RECEIPTS}request") is not None:
            told = ET.Element(f"{names.CLIENT}message", {"to": message.get("from", ""), "type": "chat"})
            ET.SubElement(told, f"{names.RECEIPTS}received", {"id": message.get("id", "")})
            self.route(told, f"{self.address(user)}/desk")

    def _send_back(self, message: ET.Element, writer: str, condition: str) -> None:
        """Say that nobody can be reached there; what came back itself is not sent back once more."""
        if message.get("type") == "error":
            return
        back = ET.Element(f"{names.CLIENT}message", {"type": "error", "id": message.get("id", "")})
        back.attrib.update({"from": message.get("to", ""), "to": message.get("from", "")})
        error = ET.SubElement(back, f"{names.CLIENT}error", {"type": "cancel"})
        ET.SubElement(error, f"{names.STANZA_ERRORS}{condition}")
        for device in self._accounts[writer].devices:
            device.send(back)

    def _file(self, user: str, partner: str, message: ET.Element) -> Filed | None:
        worth = (f"{names.CLIENT}body", f"{names.RECEIPTS}received", f"{names.MARKERS}displayed")
        if message.find(f"{names.HINTS}no-store") is not None or all(message.find(one) is None for one in worth):
            return None
        archive = self._accounts[user].archive
        copied = stanza.parsed(stanza.written(message))
        archive.append(Filed(name=f"{len(archive):08x}", at=datetime.now(UTC), partner=partner, message=copied))
        return archive[-1]


class _Device(asyncio.Protocol):
    """One connection: first in the clear, where nothing but TLS can be begun, then logged in, then with a name."""

    def __init__(self, server: ChatServer) -> None:
        self._server = server
        self._transport: asyncio.Transport | None = None
        self._parser: ET.XMLPullParser[ET.Element] = ET.XMLPullParser(("start", "end"))
        self._depth = self._taken = 0
        self._root: ET.Element | None = None
        self._safe = False
        self._upgrade: asyncio.Task[None] | None = None
        self._early: bytes | None = None
        self.user = ""
        self.full = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self._transport = transport
        self._server.connected(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - whyever
        self._transport = None
        self._server.gone(self)

    def close(self) -> None:
        """End the connection."""
        if self._transport is not None:
            self._transport.write(b"</stream:stream>")
            self._transport.close()

    def send(self, one: ET.Element) -> None:
        """Send a stanza."""
        self._write(stanza.written(one, within=names.CLIENT.strip("{}")))

    def data_received(self, data: bytes) -> None:
        if self._early is not None:
            # The client may speak over TLS before we know that TLS stands; answered now, it would be in the clear.
            self._early += data
            return
        self._taken += len(data)
        parser = self._parser
        try:
            parser.feed(data)
            for happened in parser.read_events():
                self._take(*happened)
                if self._parser is not parser:
                    return  # a new stream begins with what comes next
        except ET.ParseError:
            self.close()
        if self._taken > STANZA_MAX:
            self.close()

    def _take(self, event: str, one: object = None) -> None:
        if not isinstance(one, ET.Element):
            return
        if event == "start":
            if not self._depth:
                self._root = one
                self._begin_stream()
            self._depth += 1
            return
        self._depth -= 1
        if not self._depth:
            self.close()
        elif self._depth == 1:
            self._taken = 0
            self._stanza(one)
            if self._root is not None:
                self._root.clear()

    def _begin_stream(self) -> None:
        self._write(
            f"<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='{STREAM}' from='{DOMAIN}'"
            f" id='{secrets.token_hex(8)}' version='1.0'>"
        )
        if not self._safe:
            offer = f"<starttls xmlns='{STARTTLS}'><required/></starttls>"
        elif not self.user:
            offer = f"<mechanisms xmlns='{SASL}'><mechanism>PLAIN</mechanism></mechanisms>"
        else:
            offer = f"<bind xmlns='{BIND.strip('{}')}'/>"
        self._write(f"<stream:features>{offer}</stream:features>")

    def _stanza(self, one: ET.Element) -> None:
        """Take a stanza as far as the connection has come; what is too early ends it."""
        if not self._safe and one.tag == f"{{{STARTTLS}}}starttls" and self._transport is not None:
            self._transport.pause_reading()  # what comes next is for TLS alone
            self._write(f"<proceed xmlns='{STARTTLS}'/>")
            self._new_stream()
            self._early = b""
            self._upgrade = asyncio.get_running_loop().create_task(self._begin_tls())
        elif self._safe and not self.user and one.tag == f"{{{SASL}}}auth":
            self._log_in(one)
        elif self.user and one.tag == f"{names.CLIENT}iq":
            self._answer(one)
        elif self.full and one.tag == f"{names.CLIENT}presence":
            if not one.get("to") and one.get("type") is None:
                self._server.present(self)
        elif self.full and one.tag == f"{names.CLIENT}message":
            self._server.route(one, self.full)
        else:
            self.close()

    async def _begin_tls(self) -> None:
        context, transport = self._server.context, self._transport
        if context is None or transport is None:
            return
        try:
            upgraded = await asyncio.get_running_loop().start_tls(transport, self, context, server_side=True)
        except (OSError, ssl.SSLError):
            transport.abort()  # a client that does not trust us; it says why on its own side
            return
        self._safe, self._transport = True, upgraded
        early, self._early = self._early, None
        if early:
            self.data_received(early)

    def _log_in(self, one: ET.Element) -> None:
        """Take name and password (RFC 4616), which come over TLS alone."""
        try:
            _, user, password = base64.b64decode(one.text or "", validate=True).decode().split("\0")
        except ValueError:
            user = password = ""
        if one.get("mechanism") != "PLAIN" or not self._server.lets_in(user, password):
            self._write(f"<failure xmlns='{SASL}'><not-authorized/></failure>")
            return
        self.user = user
        self._new_stream()
        self._write(f"<success xmlns='{SASL}'/>")

    def _new_stream(self) -> None:
        self._parser = ET.XMLPullParser(("start", "end"))
        self._depth = self._taken = 0

    def _write(self, text: str) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(text.encode())

    # --- questions ---

    def _answer(self, one: ET.Element) -> None:
        asked = next(iter(one), None)
        if one.get("type") not in {"get", "set"} or asked is None:
            return
        answers: dict[str, Callable[[ET.Element], ET.Element | None]] = {
            f"{BIND}bind": self._bind,
            f"{SESSION}session": lambda _: None,
            f"{names.PING}ping": lambda _: None,
            f"{names.TIME}time": _time,
            f"{names.DISCO}query": self._features,
            f"{names.MAM}prefs": _keeps_all,
            f"{names.MAM}query": self._page,
            f"{ROSTER}query": lambda _: ET.Element(f"{ROSTER}query"),
        }
        reply = ET.Element(f"{names.CLIENT}iq", {"type": "result", "id": one.get("id", "")})
        reply.attrib.update({"from": one.get("to", "") or self._server.address(self.user), "to": self.full})
        ready = self.full or asked.tag == f"{BIND}bind"
        try:
            inside = answers.get(asked.tag if ready else "", _refuse)(asked)
        except RefusedError as refused:
            reply.set("type", "error")
            error = ET.SubElement(reply, f"{names.CLIENT}error", {"type": "cancel"})
            ET.SubElement(error, f"{names.STANZA_ERRORS}{refused}")
        else:
            reply.extend([] if inside is None else [inside])
        self.send(reply)

    def _bind(self, _: ET.Element) -> ET.Element:
        self.full = f"{self._server.address(self.user)}/{secrets.token_hex(6)}"
        bound = ET.Element(f"{BIND}bind")
        ET.SubElement(bound, f"{BIND}jid").text = self.full
        return bound

    def _features(self, _: ET.Element) -> ET.Element:
        found = ET.Element(f"{names.DISCO}query")
        ET.SubElement(found, f"{names.DISCO}identity", {"category": "account", "type": "registered"})
        for one in (names.DISCO, names.MAM, names.PING, names.STABLE, names.TIME):
            ET.SubElement(found, f"{names.DISCO}feature", {"var": one.strip("{}")})
        return found

    def _page(self, asked: ET.Element) -> ET.Element:
        messages, fin = page(
            self._server.archive(self.user), asked, me=self._server.address(self.user), device=self.full
        )
        for one in messages:
            self.send(one)
        return fin


def _refuse(_: ET.Element) -> None:
    raise RefusedError("service-unavailable")


def _time(_: ET.Element) -> ET.Element:
    found = ET.Element(f"{names.TIME}time")
    ET.SubElement(found, f"{names.TIME}tzo").text = "+00:00"
    ET.SubElement(found, f"{names.TIME}utc").text = written(datetime.now(UTC))
    return found


def _keeps_all(_: ET.Element) -> ET.Element:
    return ET.Element(f"{names.MAM}prefs", {"default": "always"})
