"""A mailbox on loopback in this process (pymap, in memory): quick, and it can be taken away and brought back."""

from __future__ import annotations

import asyncio
import ssl
import threading
from argparse import Namespace
from collections.abc import Coroutine, Iterator
from contextlib import AsyncExitStack, contextmanager
from datetime import datetime
from typing import Any, TypeVar

from imapclient import IMAPClient, SocketTimeout  # type: ignore[import-untyped]  # it ships no types

from tests.servers.authority import Authority
from tests.servers.local import LOOPBACK

USER = "anna"
PASSWORD = "secret"
SECONDS = 30
T = TypeVar("T")


class Mailbox:
    """One account. `append` files a letter as of any instant; everything else a test does through a client."""

    def __init__(self, authority: Authority | None = None, *, implicit_tls: bool = False) -> None:
        self._authority = authority
        self._implicit_tls = implicit_tls
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._boxes: Any = None
        self._answer: Any = None
        self._server: asyncio.Server | None = None
        self._clients: list[asyncio.StreamWriter] = []
        self.logins = 0
        self.port = 0

    def start(self) -> None:
        """Listen on a free port, with the folders INBOX, Junk and Sent."""
        self._thread.start()
        assert self._ready.wait(SECONDS), "the IMAP server did not come up"

    def stop(self) -> None:
        """Close for good; safe to call twice."""
        if self._thread.is_alive():
            self._do(self._end())
            self._thread.join(SECONDS)

    def append(self, raw: bytes, at: datetime, *, folder: str = "INBOX") -> None:
        """File a letter with that INTERNALDATE."""
        self._do(self._append(raw, at, folder))

    def login(self) -> IMAPClient:
        """Return a client of the test's own, where there is no TLS."""
        client = IMAPClient(LOOPBACK, self.port, ssl=False, timeout=SocketTimeout(SECONDS, SECONDS))
        client.login(USER, PASSWORD)
        return client

    def renew(self, folder: str) -> None:
        """Delete the folder and make it again, empty: its uids count anew."""
        self._do(self._renew(folder))

    def remove(self, folder: str) -> None:
        """Delete the folder."""
        self._do(self._boxes.delete_mailbox(folder))

    def add(self, folder: str) -> None:
        """Make a folder."""
        self._do(self._boxes.add_mailbox(folder))

    def hang_up(self) -> None:
        """Break every connection; new ones are taken."""
        self._do(self._hang_up())

    def go_away(self) -> None:
        """Be unreachable. The letters stay, and more may come in."""
        self._do(self._go_away())

    def come_back(self) -> None:
        """Listen on the same port again."""
        self._do(self._listen(self.port))

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(SECONDS)

    async def _serve(self) -> None:
        from proxyprotocol.reader import ProxyProtocolReader  # noqa: PLC0415 - half a second, with pymap
        from pymap.backend.dict import DictBackend  # noqa: PLC0415 - same
        from pymap.imap import IMAPServer  # noqa: PLC0415 - same
        from pysasl.hashing import Cleartext  # noqa: PLC0415 - same

        self._loop = asyncio.get_running_loop()
        self._over = asyncio.Event()
        tls = self._authority
        settings = Namespace(
            host=LOOPBACK,
            port=0,
            debug=False,
            cert=str(tls.certificate) if tls else None,
            key=str(tls.key) if tls else None,
            tls=tls is not None and not self._implicit_tls,
            passlib_cfg=None,
            proxy_protocol=None,
            demo_data=False,
            demo_user=USER,
            demo_password=PASSWORD,
        )
        # Unhashed: the usual hash costs every login a third of a second.
        backend, config = await DictBackend.init(settings, hash_context=Cleartext())
        config.apply_context()
        await backend.start(AsyncExitStack())
        async with backend.login.demo_user_identity.new_session() as session:
            self._boxes = session.mailbox_set
            for folder in ("Junk", "Sent"):
                await self._boxes.add_mailbox(folder)
        self._answer = ProxyProtocolReader(config.proxy_protocol).get_callback(IMAPServer(backend.login, config))
        await self._listen(0)
        self._ready.set()
        await self._over.wait()

    async def _listen(self, port: int) -> None:
        context = None
        if self._implicit_tls and self._authority:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(self._authority.certificate, self._authority.key)
        self._server = await asyncio.start_server(self._client, host=LOOPBACK, port=port, ssl=context)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.logins += 1
        self._clients.append(writer)
        await self._answer(reader, writer)  # which only starts the dialogue and returns

    async def _hang_up(self) -> None:
        for writer in self._clients:
            writer.transport.abort()
        self._clients.clear()

    async def _go_away(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        await self._hang_up()

    async def _end(self) -> None:
        await self._go_away()
        self._over.set()

    async def _append(self, raw: bytes, at: datetime, folder: str) -> None:
        from pymap.parsing.message import AppendMessage  # noqa: PLC0415 - half a second, with pymap

        box = await self._boxes.get_mailbox(folder)
        await box.append(AppendMessage(raw, at))

    async def _renew(self, folder: str) -> None:
        await self._boxes.delete_mailbox(folder)
        await self._boxes.add_mailbox(folder)


@contextmanager
def running(authority: Authority | None = None, *, implicit_tls: bool = False) -> Iterator[Mailbox]:
    """Start a mailbox and end it."""
    mailbox = Mailbox(authority, implicit_tls=implicit_tls)
    mailbox.start()
    try:
        yield mailbox
    finally:
        mailbox.stop()
