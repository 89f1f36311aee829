"""One login at an XMPP server through slixmpp, and what goes wrong with it in the project's own words. Knows no chats.

The only module that loads the library, and all of it runs in one event loop. Messages are taken as the XML they are:
the library's own handlers never see what strangers put into them.
"""

from __future__ import annotations

import asyncio
import ssl
from asyncio import Future
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, TypeVar
from xml.etree import ElementTree as ET

from slixmpp import ClientXMPP
from slixmpp.exceptions import IqError, IqTimeout
from slixmpp.stanza import Message
from slixmpp.xmlstream.xmlstream import NotConnectedError

from slawatch.channels.xmpp import names, stanza
from slawatch.channels.xmpp.clocks import now
from slawatch.channels.xmpp.login import Login
from slawatch.channels.xmpp.names import bare
from slawatch.channels.xmpp.settings import Settings
from slawatch.errors import AccountHaltedError, ChannelUnavailableError, ChannelUncertainError
from slawatch.mail.wire import one_line

T = TypeVar("T")

GOODBYE_SECONDS = 0.5  # how long the server is waited for when we leave
NEVER = 2**31  # stanzas: the library asks for an acknowledgement before what it asks about; we do it behind


class RefusedQuestionError(ChannelUnavailableError):
    """The server says no to a question of ours; `condition` is its reason (RFC 6120, section 8.3.3)."""

    def __init__(self, message: str, *, condition: str) -> None:
        self.condition = condition
        super().__init__(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of the archive: (id, stamp, message) each, the oldest first; `last` is where the next one goes on."""

    items: tuple[tuple[str, str, ET.Element], ...]
    last: str
    complete: bool


Heard = Callable[[ET.Element, datetime], None]


class _Stream(ClientXMPP):
    """The library's client, with everything taken away that it would do by itself."""

    def __init__(self, settings: Settings, password: str, heard: Heard) -> None:
        super().__init__(settings.address, password)
        self._heard = heard
        self.enable_plaintext = False
        # A host that was written down speaks one of the two; the domain's own records say themselves which.
        self.enable_starttls = settings.where is None or settings.security == "starttls"
        self.enable_direct_tls = settings.where is None or settings.security == "tls"
        if settings.ca_file:
            self.ssl_context = ssl.create_default_context(cafile=settings.ca_file)
        # Whoever wants to see when we are online is neither let nor asked to: that is the user's business.
        self.roster.auto_authorize = None  # type: ignore[assignment]  # its own word for: leave it to us
        self.roster.auto_subscribe = False
        self.register_plugin("xep_0198", {"allow_resume": False, "window": NEVER})

    def incoming_filter(self, xml: ET.Element) -> ET.Element:
        """Take every message as it comes; of the rest the library sees an empty one, which it counts."""
        if xml.tag != f"{names.CLIENT}message":
            return xml
        self._heard(xml, now())
        return ET.Element(xml.tag)

    def exception(self, exception: BaseException) -> None:
        """Let go of what went wrong inside the library: whoever waits for it runs into the time limit."""


@dataclass(slots=True)
class Session:
    """One connection, from login to end; a lost one is thrown away, as what it still held would be sent late.

    `heard` is called with every message and the machine's instant at which it came.
    """

    settings: Settings
    account: str
    password: str = field(repr=False)
    heard: Heard
    roundtrip: timedelta = timedelta(seconds=1)
    _stream: _Stream | None = None
    _lost: Future[str] | None = None
    _pages: dict[str, list[tuple[str, str, ET.Element]]] = field(default_factory=dict)
    _acked: dict[str, Future[None]] = field(default_factory=dict)
    _numbers: Any = field(default_factory=lambda: count(1))

    @property
    def alive(self) -> bool:
        """Whether it is connected, as far as anybody knows."""
        return self._stream is not None and self._lost is not None and not self._lost.done()

    @property
    def me(self) -> str:
        """Our own full address, with the device that the server gave us."""
        return str(self._stream.boundjid) if self._stream else ""

    async def begin(self) -> None:
        """Connect and log in, over verified TLS alone.

        Raises:
            ChannelUnavailableError: the server cannot be reached. AccountHaltedError: it does not let us in.
        """
        loop = asyncio.get_running_loop()
        self._lost = loop.create_future()
        ready: Future[None] = loop.create_future()
        try:
            stream = self._stream = _Stream(self.settings, self.password, self._hear)
        except (OSError, ssl.SSLError) as error:
            cure = f'write a file of certificates as ca_file, not "{self.settings.ca_file}"'
            raise AccountHaltedError(f"{self.account}: {one_line(error)}; {cure}") from error
        Login(self.where, self.settings, ready, self._lost).listen(stream)
        stream.add_event_handler("stanza_acked", lambda one: self._ack(one["id"]))
        stream.connect(*(self.settings.where or (None, None)))
        try:
            await asyncio.wait_for(ready, self.settings.timeout.total_seconds())
            self._must_be_safe(stream)
        except TimeoutError:
            what = f"{self.where} did not answer within {self.settings.timeout.total_seconds():g} s"
            self._drop()
            raise ChannelUnavailableError(f"{what}; check host, port and security") from None
        except BaseException:
            self._drop()
            raise

    async def end(self) -> None:
        """Say goodbye and give everything back; safe to call twice."""
        stream = self._stream
        if stream is not None and self.alive:
            with suppress(TimeoutError, NotConnectedError):
                await asyncio.wait_for(stream.disconnect(wait=GOODBYE_SECONDS), 2 * GOODBYE_SECONDS)
        self._drop()

    async def ask(self, child: ET.Element, *, to: str = "", kind: str = "get") -> ET.Element:
        """Return the server's answer to a question (an IQ with this child).

        Raises:
            RefusedQuestionError: it says no. ChannelUnavailableError: it cannot be asked.
        """
        stream = self._connected()
        iq = stream.Iq(stype=kind, sto=to or None)
        iq.xml.append(child)
        try:
            answer = await self._unless_lost(iq.send(timeout=self.settings.timeout.total_seconds()))  # type: ignore[no-untyped-call]
        except IqError as error:
            condition = str(error.iq["error"]["condition"])
            raise RefusedQuestionError(f"{self.where} refused ({condition})", condition=condition) from error
        except (IqTimeout, TimeoutError):
            self._drop()
            raise ChannelUnavailableError(f"{self.where} no longer answers; it will be tried again") from None
        found: ET.Element = answer.xml
        return found

    def announce(self) -> None:
        """Say that we are there, to nobody in particular: from now on the server passes on what is written to us."""
        self._connected().send_presence()

    async def ping(self) -> None:
        """Return once the server has answered: the connection lives. Raises ChannelUnavailableError else."""
        before = now()
        with suppress(RefusedQuestionError):  # it knows no pings, and has said so
            await self.ask(ET.Element(f"{names.PING}ping"), to=self.settings.domain)
        self.roundtrip = now() - before

    async def say(self, message: ET.Element, *, seconds: float) -> str:
        """Hand a message over; return by what the server showed that it has it.

        It acknowledges each (XEP-0198), or answers a question that was put behind it: it must take them in order
        (RFC 6120, section 10.1).

        Raises:
            ChannelUnavailableError: nothing left. ChannelUncertainError: it may have.
        """
        stream = self._connected()
        name = message.get("id", "")
        acked = self._acked[name] = asyncio.get_running_loop().create_future()
        try:
            stream.send(Message(stream, xml=message))  # type: ignore[no-untyped-call]
            if "stream_management" in stream.features:
                stream.send(names.ACK_PLEASE)
                await asyncio.wait_for(self._unless_lost(acked), seconds)
                return "it has acknowledged it (stream management)"
            await asyncio.wait_for(self.ping(), seconds)
        except (TimeoutError, ChannelUnavailableError) as error:
            self._drop()
            why = "did not acknowledge it in time" if isinstance(error, TimeoutError) else "broke off"
            raise ChannelUncertainError(f"{self.where} {why}; it may have taken the message") from None
        else:
            return "it has answered what was asked behind it"
        finally:
            self._acked.pop(name, None)

    async def archive(
        self, *, after: str = "", start: datetime | None = None, partner: str = "", size: int = 50
    ) -> Page:
        """Return a page of our own archive (XEP-0313): what came after an id, or since an instant of the server's.

        Raises:
            RefusedQuestionError: there is no archive, or no such id in it (item-not-found).
        """
        number = f"page-{next(self._numbers)}"
        query = ET.Element(f"{names.MAM}query", {"queryid": number})
        form = ET.SubElement(query, f"{names.FORM}x", {"type": "submit"})
        wanted = {
            "FORM_TYPE": names.MAM.strip("{}"),
            "with": partner,
            "start": "" if start is None else f"{start.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        }
        for key, value in wanted.items():
            if value:
                attributes = {"var": key} | ({"type": "hidden"} if key == "FORM_TYPE" else {})
                one = ET.SubElement(form, f"{names.FORM}field", attributes)
                ET.SubElement(one, f"{names.FORM}value").text = value
        pages = ET.SubElement(query, f"{names.RSM}set")
        ET.SubElement(pages, f"{names.RSM}max").text = str(size)
        if after:
            ET.SubElement(pages, f"{names.RSM}after").text = after
        self._pages[number] = []
        try:
            answer = await self.ask(query, kind="set")
            items = tuple(self._pages[number])
        finally:
            del self._pages[number]
        fin = answer.find(f"{names.MAM}fin")
        last = "" if fin is None else (fin.findtext(f"{names.RSM}set/{names.RSM}last") or "")
        complete = fin is None or not items or fin.get("complete") in {"true", "1"}
        return Page(items=items, last=last or (items[-1][0] if items else ""), complete=complete)

    @property
    def where(self) -> str:
        """The account and the server, as messages begin."""
        at = self.settings.where
        return f"{self.account}: {f'{at[0]}:{at[1]}' if at else self.settings.domain}"

    # --- behind these ---

    def _connected(self) -> _Stream:
        if self._stream is None or not self.alive or self._stream.transport is None:
            raise ChannelUnavailableError(f"{self.where} is not connected; it will be tried again")
        return self._stream

    def _must_be_safe(self, stream: _Stream) -> None:
        transport = stream.transport
        if transport is None or transport.get_extra_info("ssl_object") is None:
            raise ChannelUnavailableError(f"{self.where} speaks no TLS; nothing was said to it in the clear")

    def _hear(self, xml: ET.Element, at: datetime) -> None:
        """Sort out pages of the archive; all else is for whoever listens."""
        result = xml.find(f"{names.MAM}result")
        if result is None:
            self.heard(xml, at)
            return
        page = self._pages.get(result.get("queryid", ""))
        if page is None or bare(xml.get("from", "") or self.settings.address) != self.settings.address:
            return  # nobody but our own server may say what lies in our archive
        inner = result.find(f"{names.FORWARD}forwarded/{names.CLIENT}message")
        delay = result.find(f"{names.FORWARD}forwarded/{names.DELAY}delay")
        if inner is not None:
            page.append((result.get("id", ""), "" if delay is None else delay.get("stamp", ""), inner))

    def _ack(self, name: str) -> None:
        waiting = self._acked.get(name)
        if waiting is not None and not waiting.done():
            waiting.set_result(None)

    async def _unless_lost(self, wanted: Future[T]) -> T:
        """Return what is awaited. Raises ChannelUnavailableError as soon as the connection is lost."""
        if self._lost is None:
            raise ChannelUnavailableError(f"{self.where} is not connected; it will be tried again")
        either: set[Future[Any]] = {wanted, self._lost}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if wanted.done():
            return wanted.result()
        wanted.cancel()
        raise ChannelUnavailableError(f"{self.where} is gone ({self._lost.result()}); it will be tried again")

    def _drop(self) -> None:
        """Throw the connection away, with what it may still hold."""
        stream, self._stream = self._stream, None
        if self._lost is not None and not self._lost.done():
            self._lost.set_result("we left")
        if stream is None:
            return
        stream.cancel_connection_attempt()
        stream.abort()
        sending = stream._run_out_filters  # noqa: SLF001 - the library has no other way to end the task that sends
        if sending is not None:
            sending.cancel()
        for name in list(stream.scheduled_events):
            stream.cancel_schedule(name)


def feature_names(answer: ET.Element) -> frozenset[str]:
    """Return what an answer about somebody's features (XEP-0030) lists."""
    return frozenset(one.get("var", "") for one in answer.iterfind(f"{names.DISCO}query/{names.DISCO}feature"))


def shown_time(answer: ET.Element) -> tuple[datetime | None, timedelta]:
    """Return the instant that an answer with the time (XEP-0202) names, None where it names none, and its grain."""
    return stanza.stamp(answer.findtext(f"{names.TIME}time/{names.TIME}utc") or "")
