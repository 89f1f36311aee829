"""The channel itself: an account that writes to a company's address and hears what comes back. Decides nothing.

Everything that talks to the server runs in one event loop in a thread of its own; this is its blocking outside.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar
from xml.etree import ElementTree as ET

from slawatch.channels.base import Batch, Capabilities, Finding, NotSent, Sent, Thread, Unknown
from slawatch.channels.chat.loop import LoopThread
from slawatch.channels.xmpp import evidence, stanza
from slawatch.channels.xmpp.clocks import middle, now
from slawatch.channels.xmpp.collecting import NOT_FOUND, Collector
from slawatch.channels.xmpp.link import Link
from slawatch.channels.xmpp.names import PLATFORM, is_ours, named, stanza_id
from slawatch.channels.xmpp.settings import Settings
from slawatch.channels.xmpp.stanza import Said
from slawatch.clock import Clock
from slawatch.errors import (
    AccountHaltedError,
    ChannelError,
    ChannelRefusedError,
    ChannelUnavailableError,
    ChannelUncertainError,
)
from slawatch.model import Attempt, DeliveryProof, Facts, FollowUp, Request

if TYPE_CHECKING:
    from slawatch.channels.xmpp.client import Session

T = TypeVar("T")

OVERLAP = timedelta(minutes=2)  # our clock and the server's are not quite one
ASKED_MAX = 2_000
GLANCE_SECONDS = 0.2  # how soon it is noticed that watching is to stop
PAUSE_SECONDS = (5.0, 60.0)  # before a lost connection is made anew while watching: first, at most


class XmppChannel:
    """One account on an XMPP server."""

    page_size: ClassVar[int] = 50  # what Prosody gives at most
    ack_seconds: ClassVar[float] = 20.0  # for the server to say that it has a message
    settle_seconds: ClassVar[float] = 1.0  # after that, for a refusal to come back, or that it was delivered

    def __init__(self, settings: Settings, *, account: str, clock: Clock, store: Path | None = None) -> None:
        self._settings = settings
        self._account = account
        self._clock = clock
        self._store = store
        self._loop = LoopThread(f"xmpp {account}")
        self._made: Link | None = None
        self._bell = Event()
        self._asked: OrderedDict[str, tuple[str, str]] = OrderedDict()
        self._returned: dict[str, str] = {}
        self._connect_at = 0.0
        self._pause = PAUSE_SECONDS[0]
        self.capabilities = Capabilities(parallel=4)

    def open(self) -> None:
        """Do nothing yet: the server is connected to on first use."""

    def close(self) -> None:
        """Say goodbye to the server."""
        made, self._made = self._made, None
        if made is not None and self._loop.running:
            self._loop.run(made.end())
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
        """Return the message as XML; its id is always the same, whatever becomes of an attempt."""
        return stanza.written(self._question(request)).encode()

    def send(self, request: Request, attempt: Attempt) -> Sent:
        """Write it once. What may have left at an earlier attempt is looked for first.

        Raises:
            ChannelRefusedError: it came back at once: nobody has that address, or lets us write to it.
            ChannelUnavailableError: nothing left, or it came back for now. ChannelUncertainError: nobody knows.
        """
        message = self._question(request)
        return self._run(self._sent(message, request.message_id, request.intended_at, again=attempt.number > 1))

    def find(self, request: Request) -> Sent | NotSent | Unknown:
        """Look into our own archive for the message, and for word that it came back.

        Only the latter proves that nothing is there: the server itself has returned it, under its own id. That it is
        not in the archive proves nothing, however complete that looks: an account may keep some chats and not others,
        archives lag on servers that are several machines, and a message may still be on its way there.
        """
        return self._run(self._found(stanza_id(request.message_id), request.intended_at, request.target))

    # --- writing back ---

    @staticmethod
    def correspondent(letter: Facts) -> str:
        """Return the address of the chat: the reply is said where the question was."""
        return letter.chat

    def prepare_follow_up(self, request: Request, follow_up: FollowUp, letter: Facts) -> bytes:
        """Return our reply as XML; it says which line it replies to."""
        return stanza.written(self._reply(request, follow_up, letter)).encode()

    def send_follow_up(self, request: Request, follow_up: FollowUp, letter: Facts) -> Sent:
        """Write our reply once, to whoever wrote that line.

        Raises:
            ChannelRefusedError, ChannelUnavailableError, ChannelUncertainError: as `send`.
        """
        message = self._reply(request, follow_up, letter)
        again = follow_up.next_attempt_at is not None
        return self._run(self._sent(message, "", follow_up.intended_at, again=again))

    def find_follow_up(self, follow_up: FollowUp) -> Sent | NotSent | Unknown:
        """Look for our reply, as `find`."""
        return self._run(self._found(stanza_id(follow_up.own_id), follow_up.intended_at, ""))

    def find_by_hand(self, letter: Facts) -> Sent | Unknown:
        """Look in the archive for a line to this one that no slawatch wrote.

        One that replies to it by name, or else the first one behind it, unless they had said more before: then nobody
        knows which of the two was meant.
        """
        if letter.platform != PLATFORM or not letter.readable or not letter.own_id or not letter.chat:
            return Unknown()
        return self._run(self._found_by_hand(letter))

    # --- reading ---

    def collect(
        self,
        cursor: str,
        *,
        senders: Callable[[], frozenset[str]] | None = None,
        threads: Callable[[], Sequence[Thread]] | None = None,
    ) -> Batch:
        """Return the next page of what came in; of a chat with nobody we ask, only how many lines it were."""
        return self._run(self._collected(cursor, senders, threads))

    @staticmethod
    def read(raw: bytes) -> Facts:
        """Return what raw evidence says of itself; what is no line of a chat is not readable."""
        return evidence.read(raw)

    def watch(self, stop: Event, wait_seconds: float) -> bool:
        """Ring when a message comes in, or when a lost connection is there again."""
        until = time.monotonic() + wait_seconds
        while not stop.is_set():
            if self._bell.is_set():
                self._bell.clear()
                return True
            left = until - time.monotonic()
            if left <= 0:
                return False
            self._keep_listening()
            self._bell.wait(min(left, GLANCE_SECONDS))
        return False

    def check(self) -> list[Finding]:
        """Try to log in, to hear ourselves, and whether what we miss is kept for us."""
        from slawatch.channels.xmpp.check import findings  # noqa: PLC0415 - on use

        return self._run(findings(self._link(), self._settings, self._account))

    # --- behind these: what is said ---

    def _question(self, request: Request) -> ET.Element:
        name = stanza_id(request.message_id)
        body = request.text.body.strip()
        return stanza.message(to=request.target, body=body, lang=request.text.lang, name=name, thread=name)

    def _reply(self, request: Request, follow_up: FollowUp, letter: Facts) -> ET.Element:
        return stanza.message(
            to=self.correspondent(letter).removeprefix(f"{PLATFORM}:") or request.target,
            body=follow_up.body.strip(),
            lang=request.text.lang,
            name=stanza_id(follow_up.own_id),
            thread=stanza_id(request.message_id),
            reply_to=evidence.name_to_cite(letter),
        )

    # --- behind these: in the loop ---

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for work in the loop; every step of it has a limit of its own."""
        return self._loop.run(work)

    def _link(self) -> Link:
        if self._made is None:
            self._made = Link(self._settings, self._account, self._bell.set)
        return self._made

    async def _sent(self, message: ET.Element, key: str, since: datetime, *, again: bool) -> Sent:
        name, partner = message.get("id", ""), message.get("to", "").lower()
        session = await self._link().sure_session()
        if again:
            before = await self._found(name, since, partner)
            if isinstance(before, Sent):
                return before
        answer: asyncio.Future[Said] = asyncio.get_running_loop().create_future()
        inbox = self._link().inbox
        inbox.wait_for(name, answer)
        if key:
            self._remember(name, key, partner)
        try:
            began = now()
            try:
                how = await self._say(session, message)
            except ChannelUncertainError:
                proven = await self._proof(name, since, partner)
                if proven is None:
                    raise
                return proven
            interval = (began, now())
            with suppress(TimeoutError):
                await asyncio.wait_for(answer, self.settle_seconds)
        finally:
            inbox.forget(name)
        delivered = answer.done() and not answer.cancelled()
        if delivered and answer.result().error:
            raise self._came_back(name, partner, answer.result())
        at, uncertainty = middle(interval, self._clock.when)
        return Sent(
            remote_id=named(name),
            accepted_at=at,
            uncertainty=uncertainty,
            proof=DeliveryProof.PROVEN if delivered else DeliveryProof.PRESUMED,
            evidence=f"{session.settings.domain}: {how}" + (f"; delivered to {partner}" if delivered else ""),
        )

    async def _say(self, session: Session, message: ET.Element) -> str:
        return await session.say(message, seconds=self.ack_seconds)

    async def _proof(self, name: str, since: datetime, partner: str) -> Sent | None:
        """Look once, at once, whether it has left all the same: mostly nobody then has to wonder any more."""
        with suppress(ChannelError):
            found = await self._found(name, since, partner)
            if isinstance(found, Sent):
                return found
        return None

    def _came_back(self, name: str, partner: str, says: Said) -> ChannelError:
        """Return what a refusal means. One that may pass is tried again under the same id.

        But only where the archive remembers it: else another process would find the message there and take it for sent.
        """
        self._asked.pop(name, None)
        said = f'{says.error}: "{says.error_text}"' if says.error_text else says.error
        what = f'{self._account}: "{partner}" cannot be written to ({said})'
        if not says.archive_id:
            self._returned[name] = said
        elif says.passing:
            return ChannelUnavailableError(f"{what}; it will be tried again")
        return ChannelRefusedError(f"{what}; correct the address, or ask there by hand")

    def _remember(self, name: str, key: str, partner: str) -> None:
        self._asked[name] = (key, partner)
        while len(self._asked) > ASKED_MAX:
            self._asked.popitem(last=False)

    async def _found(self, name: str, since: datetime, partner: str) -> Sent | NotSent | Unknown:
        """Look for a message of ours; what happened to it last counts."""
        session = await self._link().session()
        back = self._returned.get(name, "")
        found: Sent | NotSent | Unknown = NotSent(proof=f"the server returned it: {back}") if back else Unknown()
        async for archive_id, stamp, message in self._archive(session, start=since - OVERLAP, partner=partner):
            says = stanza.said(message, self._settings.address)
            if says is None or says.name != name:
                continue
            if says.error:
                found = NotSent(proof=f"the server returned it: {says.error}")
            elif says.mine and not back:
                found = self._as_archived(name, archive_id, stamp)
        return found

    async def _found_by_hand(self, letter: Facts) -> Sent | Unknown:
        session = await self._link().session()
        after = next(iter(letter.headers.get("archive-id", ())), "")
        start, _ = stanza.stamp(next(iter(letter.headers.get("date", ())), ""))
        if not after and start is None:
            return Unknown()
        cited, more_was_said = evidence.name_to_cite(letter), False
        async for archive_id, stamp, message in self._archive(session, after=after, start=start, partner=letter.chat):
            says = stanza.said(message, self._settings.address)
            if says is None or not says.is_line:
                continue
            if not says.mine:
                more_was_said = True
            elif not is_ours(says.name) and (says.reply_to == cited if says.reply_to else not more_was_said):
                return self._as_archived(evidence.own_name(says) or archive_id, archive_id, stamp)
        return Unknown()

    def _as_archived(self, name: str, archive_id: str, stamp: str) -> Sent:
        at, grain = stanza.stamp(stamp)
        instant = now()
        span = (instant, instant) if at is None else self._link().clock.when(at, grain, instant)
        accepted_at, uncertainty = middle(span, self._clock.when)
        return Sent(
            remote_id=named(name),
            accepted_at=accepted_at,
            uncertainty=uncertainty,
            evidence=f"{self._settings.domain}: it lies in our archive as {archive_id}, stamped {stamp}",
        )

    async def _archive(
        self, session: Session, *, after: str = "", start: datetime | None = None, partner: str = ""
    ) -> AsyncIterator[tuple[str, str, ET.Element]]:
        """Go through the archive from a message or an instant on; through nothing where there is none."""
        from slawatch.channels.xmpp.client import RefusedQuestionError  # noqa: PLC0415 - it is loaded by now

        while self._link().archived:
            try:
                page = await session.archive(after=after, start=start, partner=partner, size=self.page_size)
            except RefusedQuestionError as error:
                if error.condition == NOT_FOUND:  # it was thrown away meanwhile
                    return
                raise
            for one in page.items:
                yield one
            if page.complete or not page.last:
                return
            after = page.last

    async def _collected(
        self,
        cursor: str,
        senders: Callable[[], frozenset[str]] | None,
        threads: Callable[[], Sequence[Thread]] | None,
    ) -> Batch:
        link = self._link()
        collector = Collector(
            link=link, clock=self._clock, asked=self._asked, size=self.page_size, history=self._settings.history
        )
        batch = await collector.collect(cursor, senders, threads)
        self.capabilities = replace(self.capabilities, durable_history=link.archived)
        return batch

    def _keep_listening(self) -> None:
        """Connect where the connection is lost, at most now and then, and never against a closed door."""
        if self._link().alive or time.monotonic() < self._connect_at:
            return
        try:
            self._run(self._link().session())
        except AccountHaltedError:
            self._connect_at = float("inf")  # a wrong password tried for ever gets an account locked
        except ChannelError:
            self._connect_at = time.monotonic() + self._pause
            self._pause = min(2 * self._pause, PAUSE_SECONDS[1])
        else:
            self._connect_at, self._pause = 0.0, PAUSE_SECONDS[0]
            self._bell.set()  # something may have come meanwhile
