"""The connection that a channel keeps: made on first use, made anew where it was lost, and what is known meanwhile.

All of it runs in the channel's event loop; nothing here blocks or is called from elsewhere.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from slawatch.channels.xmpp import names
from slawatch.channels.xmpp.clocks import DELAY_MIN, Seen, ServerClock, now
from slawatch.channels.xmpp.inbox import Inbox
from slawatch.channels.xmpp.settings import Settings
from slawatch.errors import AccountHaltedError, ChannelError, ChannelUnavailableError, ConfigError

if TYPE_CHECKING:
    from slawatch.channels.xmpp.client import Session

SHARP = timedelta(milliseconds=100)  # closer than that two clocks need not be known
SHARPENINGS = 8
KEEP_UP_SECONDS = 60.0  # between two questions whether the connection lives


@dataclass(slots=True)
class Link:
    """Our end of the connection. `archived`: the server keeps an archive. `keeps`: of whose chats, "" where unknown."""

    settings: Settings
    account: str
    ring: Callable[[], None]
    inbox: Inbox = field(init=False)
    clock: ServerClock = field(default_factory=ServerClock)
    archived: bool = False
    keeps: str = ""
    _session: Session | None = None
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _upkeep: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        """Make the inbox."""
        self.inbox = Inbox(me=self.settings.address, ring=self.ring)

    async def session(self) -> Session:
        """Return a session that is alive, as far as anybody knows; a new one where there is none.

        Raises:
            ChannelUnavailableError, AccountHaltedError: as Session.begin.
        """
        async with self._lock:
            if self._session is None or not self._session.alive:
                await self._leave()
                self._session = await self._begun()
                self._upkeep = asyncio.create_task(self._keep_up(self._session))
            return self._session

    async def sure_session(self) -> Session:
        """Return a session that has just answered: a line that had died unnoticed would put in doubt what left."""
        session = await self.session()
        try:
            await session.ping()
        except ChannelUnavailableError:
            session = await self.session()
            await session.ping()
        return session

    async def end(self) -> None:
        """Say goodbye; safe to call twice."""
        async with self._lock:
            await self._leave()

    @property
    def alive(self) -> bool:
        """Whether it is connected, as far as anybody knows."""
        return self._session is not None and self._session.alive

    @property
    def delay(self) -> timedelta:
        """How long a message takes to us over this connection at most, unless it hangs."""
        return DELAY_MIN + (self._session.roundtrip if self._session else timedelta(seconds=1))

    async def _leave(self) -> None:
        upkeep, self._upkeep = self._upkeep, None
        if upkeep is not None:
            upkeep.cancel()
        session, self._session = self._session, None
        if session is not None:
            await session.end()

    async def _begun(self) -> Session:
        session = self._new_session()
        await session.begin()
        try:
            await self._look_around(session)
            session.announce()
            await session.ping()  # the answer comes behind whatever was kept for us while we were away
        except ChannelError:
            await session.end()
            raise
        return session

    def _new_session(self) -> Session:
        # What it logs holds people's words. What matters comes back as an error; the rest is for its own developers.
        logging.getLogger("slixmpp").setLevel(logging.CRITICAL + 1)
        try:
            from slawatch.channels.xmpp.client import Session  # noqa: PLC0415 - on use: it loads the library
        except ImportError as error:
            what = f'{self.account}: channel "xmpp" needs slixmpp ({error})'
            raise AccountHaltedError(f'{what}; run: pip install "slawatch[xmpp]"') from error
        try:
            password = self.settings.password.resolve()
        except ConfigError as error:
            raise AccountHaltedError(f"{self.account}: {error}") from error
        return Session(settings=self.settings, account=self.account, password=password, heard=self.inbox.take)

    async def _look_around(self, session: Session) -> None:
        """Find out what the server can: an archive, copies of what other devices say, the time."""
        from slawatch.channels.xmpp import client  # noqa: PLC0415 - it is loaded by now

        about = await session.ask(ET.Element(f"{names.DISCO}query"), to=self.settings.address)
        self.archived = names.MAM.strip("{}") in client.feature_names(about)
        if self.archived:
            with suppress(client.RefusedQuestionError):
                prefs = await session.ask(ET.Element(f"{names.MAM}prefs"))
                found = prefs.find(f"{names.MAM}prefs")
                self.keeps = "" if found is None else found.get("default", "")
        with suppress(client.RefusedQuestionError):
            await session.ask(ET.Element(f"{names.CARBONS}enable"), kind="set")
        await self._see_clock(session)

    async def _see_clock(self, session: Session) -> None:
        from slawatch.channels.xmpp import client  # noqa: PLC0415 - it is loaded by now

        before = now()
        with suppress(client.RefusedQuestionError):
            showed, grain = client.shown_time(
                await session.ask(ET.Element(f"{names.TIME}time"), to=self.settings.domain)
            )
            if showed is not None:
                self.clock.see(Seen(before=before, after=now(), showed=showed, grain=grain))

    async def _keep_up(self, session: Session) -> None:
        """Narrow down how the server's clock stands to ours, then ask now and then whether it still does.

        A clock that shows whole seconds is best looked at around the moment at which it should go over to the next one:
        each such look halves what is not known.
        """
        with suppress(ChannelError):
            for _ in range(SHARPENINGS):
                wait = self.clock.wait_for_tick(now(), SHARP)
                if wait is None:
                    break
                await asyncio.sleep(wait)
                await self._see_clock(session)
            while session.alive:
                await asyncio.sleep(KEEP_UP_SECONDS)
                await self._see_clock(session)
                await session.ping()
