"""The channel itself: an account that writes to a company's username and reads what comes back. Decides nothing.

Everything that talks to Telegram runs in one event loop in a thread of its own; this is its blocking outside.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from types import TracebackType
from typing import Any, Self, TypeVar

from slawatch.channels.base import Batch, Capabilities, Finding, Sent, Thread, Unknown
from slawatch.channels.chat.loop import LoopThread
from slawatch.channels.telegram import library, reading
from slawatch.channels.telegram.collecting import OVERLAP, PAGE, Collector
from slawatch.channels.telegram.kept import Notebook, session_of
from slawatch.channels.telegram.link import Link
from slawatch.channels.telegram.settings import Settings
from slawatch.clock import Clock
from slawatch.errors import ChannelError, ChannelRefusedError, ChannelUncertainError
from slawatch.model import Attempt, DeliveryProof, Facts, FollowUp, Request

T = TypeVar("T")
GLANCE_SECONDS = 0.2  # how soon it is noticed that watching is to stop
PAUSE_SECONDS = 30.0  # before a connection that failed is tried again while watching
LOOK_BACK = 100  # lines of a chat among which ours is looked for where its number is not known


class TelegramChannel:
    """One account on Telegram, a person's and not a bot's: bots cannot write to anybody first."""

    page: int = PAGE

    def __init__(self, settings: Settings, *, account: str, clock: Clock, store: Path | None = None) -> None:
        self._settings = settings
        self._account = account
        self._clock = clock
        self._store = store
        self._loop = LoopThread(f"slawatch-telegram-{account}")
        self._made: Link | None = None
        self._notes: Notebook | None = None
        self._connect_at = 0.0
        self.capabilities = Capabilities(resolution=timedelta(seconds=1))

    def make_client(self, session: str) -> Any:
        """Return the library's client, not yet connected."""
        return library.make_client(self._settings, session)

    def open(self) -> None:
        """Do nothing yet: Telegram is connected to on first use."""

    def close(self) -> None:
        """Give back the connection."""
        made, self._made = self._made, None
        if made is not None and self._loop.running:
            with suppress(TimeoutError):
                self._loop.run(made.end(), seconds=PAUSE_SECONDS)
        self._loop.end()

    def __enter__(self) -> Self:
        """Open."""
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close, whatever happened."""
        self.close()

    # --- asking ---

    def prepare(self, request: Request, attempt: Attempt) -> bytes:  # noqa: ARG002 - the same at every attempt
        """Return the text as it will stand in the chat."""
        return request.text.body.strip().encode()

    def send(self, request: Request, attempt: Attempt) -> Sent:
        """Say it once. What may have left at an earlier attempt is looked for first.

        Raises:
            ChannelRefusedError: for good: nobody has that name, or they take nothing from us.
            ChannelUnavailableError: nothing left. ChannelUncertainError: nobody knows.
        """
        text = self.prepare(request, attempt).decode()

        async def said(link: Link) -> Sent:
            before = await self._ours(link, request.target, text, request.intended_at) if attempt.number > 1 else None
            if before is None:
                before = await link.say(request.target.lower(), text, key=request.message_id)
            if before is None:
                before = await self._after(link, request.target, text, request.intended_at)
            return self._sent(before, request.target)

        return self._run(said)

    def find(self, request: Request) -> Sent | Unknown:
        """Look for it among our own lines in that chat. That it is not there is no proof: it may be on its way."""
        text = request.text.body.strip()

        async def found(link: Link) -> Sent | Unknown:
            one = await self._ours(link, request.target, text, request.intended_at)
            return Unknown() if one is None else self._sent(one, request.target)

        return self._run(found)

    # --- writing back ---

    @staticmethod
    def correspondent(letter: Facts) -> str:
        """Return the address of the chat: the reply is said where the question was."""
        return letter.chat

    def prepare_follow_up(self, request: Request, follow_up: FollowUp, letter: Facts) -> bytes:  # noqa: ARG002
        """Return the text of our reply as it will stand in the chat."""
        return follow_up.body.strip().encode()

    def send_follow_up(self, request: Request, follow_up: FollowUp, letter: Facts) -> Sent:
        """Reply to that line once, in the same chat.

        Raises:
            ChannelRefusedError, ChannelUnavailableError, ChannelUncertainError: as `send`.
        """
        to, address = reading.number_of(letter.own_id), letter.chat
        if not to or not address:
            raise ChannelRefusedError(f'{self._account}: "{letter.own_id}" is no line of a chat; nothing to reply to')
        text = self.prepare_follow_up(request, follow_up, letter).decode()
        since = follow_up.intended_at

        async def said(link: Link) -> Sent:
            before = await self._ours(link, address, text, since, reply=to) if follow_up.next_attempt_at else None
            if before is None:
                before = await link.say(address, text, key=follow_up.own_id, reply_to=to)
            if before is None:
                before = await self._after(link, address, text, since, reply=to)
            return self._sent(before, address)

        return self._run(said)

    def find_follow_up(self, follow_up: FollowUp) -> Sent | Unknown:
        """Look for our reply in every chat that was asked. Two of the same words prove nothing of either."""
        text = follow_up.body.strip()

        async def found(link: Link) -> Sent | Unknown:
            fitting = []
            for address in list(self._notebook.chats):
                one = await self._ours(link, address, text, follow_up.intended_at, reply=-1)
                fitting += [(one, address)] if one is not None else []
            return self._sent(*fitting[0]) if len(fitting) == 1 else Unknown()

        return self._run(found)

    def find_by_hand(self, letter: Facts) -> Sent | Unknown:
        """Look for a line of ours below that one, said by other means, that replies to it or to none by name."""
        to = reading.number_of(letter.own_id)
        if letter.platform != reading.PLATFORM or not to or not letter.chat:
            return Unknown()

        async def found(link: Link) -> Sent | Unknown:
            for one in await link.lines(letter.chat, after=to):
                name = reading.named(str(one["peer"]), int(one["number"]))
                if one["out"] and one["reply_to"] in (0, to) and name not in self._notebook.sent:
                    return self._sent(one, letter.chat, note=False)
            return Unknown()

        return self._run(found)

    # --- reading ---

    def collect(
        self,
        cursor: str,
        *,
        senders: Callable[[], frozenset[str]] | None = None,  # noqa: ARG002 - only chats that were asked in are read
        threads: Callable[[], Sequence[Thread]] | None = None,
    ) -> Batch:
        """Return what was said since the cursor in the chats that were asked in."""
        return self._run(lambda link: Collector(link, self._notebook, self._clock, self.page).collect(cursor, threads))

    @staticmethod
    def read(raw: bytes) -> Facts:
        """Return what raw evidence says of itself; what is no line of a chat is not readable."""
        return reading.read(raw)

    def watch(self, stop: Event, wait_seconds: float) -> bool:
        """Ring when Telegram tells that something came; connected all the while."""
        until = time.monotonic() + wait_seconds
        while not stop.is_set() and (left := until - time.monotonic()) > 0:
            link = self._link()
            if link.bell.wait(min(left, GLANCE_SECONDS)):
                link.bell.clear()
                return not stop.is_set()
            if time.monotonic() >= self._connect_at:
                self._connect_at = time.monotonic() + PAUSE_SECONDS
                with suppress(ChannelError):  # collect is who says so
                    self._run(lambda one: one.client())
        return False

    def check(self) -> list[Finding]:
        """Ask whether we can log in, and as whom. Says nothing to anybody."""
        from slawatch.channels.telegram.check import findings  # noqa: PLC0415 - on use, by `slawatch check` alone

        return findings(self._settings, self._account, lambda: self._run(self._whoami))

    def login(self, tell: Callable[[str], None], *, port: int) -> str:  # noqa: ARG002 - no browser comes back
        """Log in once with a code that Telegram sends to the account's other devices; see Logins in base.py."""
        from slawatch.channels.telegram.login import login  # noqa: PLC0415 - on use, by `slawatch login` alone

        library.require(self._account)
        if self._store is None:
            raise ValueError(f"{self._account}: logins are kept beside a store, and there is none")
        try:
            return self._loop.run(
                login(self._settings, self._account, tell, make=self.make_client, store=self._store, clock=self._clock)
            )
        finally:
            self._loop.end()

    # --- behind these ---

    @property
    def _notebook(self) -> Notebook:
        if self._notes is None:
            self._notes = Notebook(self._store, self._account)
        return self._notes

    def _link(self) -> Link:
        if self._made is None:
            self._made = Link(
                self.make_client,
                lambda: session_of(self._settings, self._account, self._store),
                account=self._account,
                clock=self._clock,
                timeout=self._settings.timeout,
            )
        return self._made

    def _run(self, work: Callable[[Link], Coroutine[Any, Any, T]]) -> T:
        link = self._link()
        return self._loop.run(work(link))

    async def _whoami(self, link: Link) -> str:
        client = await link.client()
        with library.told(self._account, self._clock):
            me = await asyncio.wait_for(client.get_me(), self._settings.timeout.total_seconds())
        return f"@{me.username}" if getattr(me, "username", None) else f"the account {me.id}"

    async def _ours(
        self, link: Link, address: str, text: str, since: datetime, *, reply: int = 0
    ) -> dict[str, Any] | None:
        """Return our first line of exactly this text since then; `reply` to that line, -1 to any, 0 to any or none."""
        lines = await link.lines(address.lower(), after=0, since=since - OVERLAP, limit=LOOK_BACK)
        fitting = (one for one in lines if one["out"] and _same(one["text"], text))
        if reply:
            fitting = (one for one in fitting if one["reply_to"] and reply in (-1, one["reply_to"]))
        return next(fitting, None)

    async def _after(self, link: Link, address: str, text: str, since: datetime, *, reply: int = 0) -> dict[str, Any]:
        """Return the line that the server has just taken, as it stands there.

        Raises:
            ChannelUncertainError: it does not.
        """
        try:
            one = await self._ours(link, address, text, since, reply=reply)
        except ChannelError as error:
            raise ChannelUncertainError(
                f"{self._account}: it was taken over, and could not be seen: {error}"
            ) from error
        if one is None:
            raise ChannelUncertainError(f"{self._account}: it was taken over, and is not in the chat")
        return one

    def _sent(self, one: dict[str, Any], address: str, *, note: bool = True) -> Sent:
        """Return a line of ours as it stands there, which proves that it arrived at Telegram, not at the company.

        The stamp is in whole seconds, cut off: it was taken over within the second that follows.
        """
        name = reading.named(str(one["peer"]), int(one["number"]))
        at = reading.said_at(one)
        if note:
            day = (at or self._clock.now()).astimezone(UTC).isoformat()
            self._notebook.note(address.lower(), str(one["peer"]), int(one["number"]), name, day)
        return Sent(
            remote_id=name,
            accepted_at=at or self._clock.now(),
            uncertainty=reading.SECOND,
            proof=DeliveryProof.PRESUMED,
            evidence=f"Telegram has it as {name.partition(':')[2]}",
        )


def _same(one: str, other: str) -> bool:
    return " ".join(one.split()) == " ".join(other.split())
