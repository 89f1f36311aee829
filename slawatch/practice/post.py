"""The post office of the practice range: one SMTP and one IMAP server in this process, on loopback, speaking for all.

It stamps what it delivers with the practice clock, as any mail server stamps with its own.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from argparse import Namespace
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from datetime import datetime
from email.utils import format_datetime
from types import TracebackType
from typing import Any, Self, TypeVar

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from slawatch.clock import Clock

T = TypeVar("T")

HOST = "127.0.0.1"
MX = "mx.practice.example"
ADDRESS = "robin@practice.example"
USER = "robin"
PASSWORD = "practice"  # noqa: S105  a server of this process on loopback, gone with it
START_TIMEOUT = 30.0


class Mailbox:
    """An IMAP server (pymap, in memory) with one account, in a thread of its own."""

    def __init__(self) -> None:
        self._thread = threading.Thread(target=self._serve, name="practice-imap", daemon=True)
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._boxes: Any = None
        self.port = 0

    def start(self) -> None:
        """Listen on a free port of loopback."""
        self._thread.start()
        if not self._ready.wait(START_TIMEOUT):
            raise RuntimeError("the practice range's IMAP server did not start")

    def stop(self) -> None:
        """End the server and its thread."""
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(START_TIMEOUT)

    def put(self, letters: Iterable[tuple[bytes, datetime]]) -> None:
        """Lay mails into the INBOX, each with its INTERNALDATE."""
        self._call(lambda: self._append(list(letters)))

    def _call(self, work: Callable[[], Awaitable[T]]) -> T:
        if self._loop is None:
            raise RuntimeError("the practice range's IMAP server is not running")

        async def run() -> T:
            return await work()

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(START_TIMEOUT)

    async def _append(self, letters: list[tuple[bytes, datetime]]) -> None:
        from pymap.parsing.message import AppendMessage  # noqa: PLC0415  0.5 s that only the demo pays

        inbox = await self._boxes.get_mailbox("INBOX")
        for raw, at in letters:
            await inbox.append(AppendMessage(raw, at))

    def _serve(self) -> None:
        asyncio.run(self._main())

    async def _main(self) -> None:
        from proxyprotocol.reader import ProxyProtocolReader  # noqa: PLC0415  only the demo pays for it
        from pymap.backend.dict import DictBackend  # noqa: PLC0415  same
        from pymap.imap import IMAPServer  # noqa: PLC0415  same

        self._stop = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        settings = Namespace(
            host=HOST,
            port=0,
            debug=False,
            cert=None,
            key=None,
            tls=False,
            passlib_cfg=None,
            proxy_protocol=None,
            demo_data=False,
            demo_user=USER,
            demo_password=PASSWORD,
        )
        backend, config = await DictBackend.init(settings)
        config.apply_context()
        await backend.start(AsyncExitStack())
        async with backend.login.demo_user_identity.new_session() as session:
            self._boxes = session.mailbox_set
            for folder in ("Junk", "Sent"):
                await self._boxes.add_mailbox(folder)
        reader = ProxyProtocolReader(config.proxy_protocol)
        server = await asyncio.start_server(reader.get_callback(IMAPServer(backend.login, config)), host=HOST, port=0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        async with server:
            await self._stop.wait()


class PostOffice:
    """SMTP for both directions: our letters to the companies, theirs to our mailbox.

    `arrived(company address, envelope sender, ENVID, raw)` is called for each letter to a company.
    """

    def __init__(self, clock: Clock, addresses: Iterable[str], arrived: Callable[[str, str, bytes], None]) -> None:
        self._clock = clock
        self._addresses = frozenset(addresses)
        self._arrived = arrived
        self.mailbox = Mailbox()
        self._controller: Controller | None = None

    @property
    def smtp_port(self) -> int:
        """The port where letters are handed in."""
        if self._controller is None:
            raise RuntimeError("the practice range's SMTP server is not running")
        port: int = self._controller.port
        return port

    def __enter__(self) -> Self:
        self.mailbox.start()
        self._controller = Controller(self, hostname=HOST, port=_free_port(), server_hostname=MX, ident="practice")
        self._controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._controller is not None:
            self._controller.stop()
        self.mailbox.stop()

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name for it
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take letters to our own mailbox, whatever stands behind its "+", and to the companies."""
        if address.lower() not in self._addresses and own(address) != ADDRESS:
            return "550 5.1.1 there is nobody of that name here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  same
        """Deliver at once: into the mailbox with Delivered-To and Received on top, or to the company."""
        raw = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        now = self._clock.now()
        for address in envelope.rcpt_tos:
            if own(address) == ADDRESS:
                stamped = stamp(raw, address, session.host_name or "localhost", envelope.mail_from or "", now)
                await asyncio.to_thread(self.mailbox.put, [(stamped, now)])
            else:
                self._arrived(address.lower(), envelope.mail_from or "", raw)
        return "250 2.0.0 taken over"


def own(address: str) -> str:
    """Return the address without what stands behind its "+", in lower case."""
    local, _, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def stamp(raw: bytes, address: str, peer: str, sender: str, at: datetime) -> bytes:
    """Return the mail with the lines on top that a receiving server adds (RFC 5321, section 4.4)."""
    top = (
        f"Return-Path: <{sender}>\r\nDelivered-To: {address}\r\n"
        f"Received: from {peer} by {MX} with ESMTP for <{address}>;\r\n\t{format_datetime(at)}\r\n"
    )
    return top.encode() + raw


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
