"""The post office of the practice range: one SMTP and one IMAP server in this process, on loopback, speaking for all.

It stamps what it delivers with the practice clock, as any mail server stamps with its own.
"""

from __future__ import annotations

import asyncio
import threading
from argparse import Namespace
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from concurrent.futures import Future, wait
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import datetime
from email.utils import format_datetime
from itertools import islice
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from slawatch.clock import Clock

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP, Envelope, Session

HOST = "127.0.0.1"
MX = "mx.practice.example"
ADDRESS = "robin@practice.example"
NAME = "Robin Marten"
USER = "robin"
PASSWORD = "practice"  # noqa: S105  a server of this process on loopback, gone with it
AT_A_TIME = 50  # mails laid into the mailbox before others get a turn
PULSE = 0.5  # seconds between two looks at whether the servers' thread still lives

Letter = tuple[bytes, datetime]


class PostOffice:
    """SMTP for both directions, our letters to the companies and theirs to our mailbox, and IMAP to read the latter.

    `arrived(company address, raw)` is called for each letter to a company, in the servers' thread. Use as a context
    manager. Nothing here gives up after a time: on a busy machine it is slow, and that is all.
    """

    def __init__(self, clock: Clock, addresses: Iterable[str], arrived: Callable[[str, bytes], None]) -> None:
        self._clock = clock
        self._addresses = frozenset(addresses)
        self._arrived = arrived
        self._thread = threading.Thread(target=self._serve, name="practice-post", daemon=True)
        self._opened: Future[asyncio.AbstractEventLoop] = Future()
        self._closing: asyncio.Event | None = None
        self._inbox: Any = None
        self.smtp_port = 0
        self.imap_port = 0

    def __enter__(self) -> Self:
        self._thread.start()
        self._result(self._opened)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._opened.done() and self._closing is not None:
            with suppress(RuntimeError):  # the loop has ended by itself
                self._opened.result().call_soon_threadsafe(self._closing.set)
        self._thread.join()

    def put(self, letters: Iterable[Letter]) -> None:
        """Lay mails into the INBOX, each with its INTERNALDATE."""
        loop = self._opened.result()
        waiting = iter(letters)
        while some := tuple(islice(waiting, AT_A_TIME)):
            self._require_alive()
            self._result(asyncio.run_coroutine_threadsafe(self._append(some), loop))

    def _result(self, future: Future[Any]) -> Any:
        """Wait for what the servers' thread is doing, however long it takes, unless the thread has died."""
        while not wait((future,), timeout=PULSE).done:
            self._require_alive()
        return future.result()

    def _require_alive(self) -> None:
        if not self._thread.is_alive():
            raise RuntimeError("the practice range's mail servers have stopped")

    def _serve(self) -> None:
        try:
            asyncio.run(self._main())
        except BaseException as error:
            if self._opened.done():
                raise
            self._opened.set_exception(error)  # raised where the office was to be entered

    async def _main(self) -> None:
        self._closing = asyncio.Event()
        async with self._listening():
            self._opened.set_result(asyncio.get_running_loop())
            await self._closing.wait()

    @asynccontextmanager
    async def _listening(self) -> AsyncIterator[None]:
        from aiosmtpd.smtp import SMTP  # noqa: PLC0415  0.1 s that only the demo pays
        from proxyprotocol.reader import ProxyProtocolReader  # noqa: PLC0415  same
        from pymap.imap import IMAPServer  # noqa: PLC0415  0.5 s that only the demo pays

        loop = asyncio.get_running_loop()
        async with AsyncExitStack() as stack:
            login, config = await self._mailbox(stack)
            speak_imap = ProxyProtocolReader(config.proxy_protocol).get_callback(IMAPServer(login, config))
            imap = await asyncio.start_server(speak_imap, host=HOST, port=0)
            smtp = await loop.create_server(
                lambda: SMTP(self, hostname=MX, ident="practice", loop=loop), host=HOST, port=0
            )
            self.imap_port = imap.sockets[0].getsockname()[1]
            self.smtp_port = smtp.sockets[0].getsockname()[1]
            try:
                yield
            finally:
                imap.close()
                smtp.close()  # connections that are left end with the loop

    async def _mailbox(self, stack: AsyncExitStack) -> tuple[Any, Any]:
        """Open the one account (pymap, in memory), with the folders any mailbox has."""
        from pymap.backend.dict import DictBackend  # noqa: PLC0415  only the demo pays for it
        from pymap.concurrent import Subsystem  # noqa: PLC0415  same
        from pysasl.hashing import Cleartext  # noqa: PLC0415  same

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
        # Logins would cost 0.3 s of hashing, in a thread that nobody ends; there is nothing to keep from anybody here.
        backend, config = await DictBackend.init(
            settings, hash_context=Cleartext(), cpu_subsystem=Subsystem.for_asyncio(), reject_dnsbl=False
        )
        config.apply_context()
        await backend.start(stack)
        async with backend.login.demo_user_identity.new_session() as session:
            boxes = session.mailbox_set
            for folder in ("Junk", "Sent"):
                await boxes.add_mailbox(folder)
            self._inbox = await boxes.get_mailbox("INBOX")
        return backend.login, config

    async def _append(self, letters: Sequence[Letter]) -> None:
        from pymap.parsing.message import AppendMessage  # noqa: PLC0415  only the demo pays for it

        for raw, at in letters:
            await self._inbox.append(AppendMessage(raw, at))

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
                await self._append(
                    [(stamp(raw, address, session.host_name or "localhost", envelope.mail_from, now), now)]
                )
            else:
                self._arrived(address.lower(), raw)
        return "250 2.0.0 taken over"


def own(address: str) -> str:
    """Return the address without what stands behind its "+", in lower case."""
    local, _, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def stamp(raw: bytes, address: str, peer: str, sender: str | None, at: datetime) -> bytes:
    """Return the mail with the lines on top that a receiving server adds (RFC 5321, section 4.4)."""
    top = (
        f"Return-Path: <{sender or ''}>\r\nDelivered-To: {address}\r\n"
        f"Received: from {peer} by {MX} with ESMTP for <{address}>;\r\n\t{format_datetime(at)}\r\n"
    )
    return top.encode() + raw
