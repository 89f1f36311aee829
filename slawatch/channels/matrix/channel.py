"""The channel itself: asks in rooms on Matrix, hands over what comes back. Blocking outside, with a loop of its own.

Nothing is ever sent twice: a line bears a name of our own, by which the server knows it again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Future
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from types import TracebackType
from typing import Any, Self, TypeVar

from slawatch.channels.base import Batch, Capabilities, Finding, Sent, Thread, Unknown
from slawatch.channels.chat.loop import LoopThread
from slawatch.channels.matrix import library, reading
from slawatch.channels.matrix.account import Side
from slawatch.channels.matrix.collecting import KEY_WAIT, PAGE
from slawatch.channels.matrix.kept import login_of
from slawatch.channels.matrix.settings import Settings
from slawatch.clock import Clock
from slawatch.errors import ChannelError, ChannelRefusedError, ChannelUnavailableError
from slawatch.model import Attempt, Facts, FollowUp, Request

T = TypeVar("T")
PAUSE_SECONDS = 5.0  # before a server that is away is listened to again
TICK_SECONDS = 0.2  # how soon the doorbell notices that it is to stop
POLL_SECONDS = 30.0  # how long a server is asked to wait for something new


class MatrixChannel:
    """One account on a homeserver."""

    page: int = PAGE
    key_wait: timedelta = KEY_WAIT

    def __init__(self, settings: Settings, *, account: str, clock: Clock, store: Path | None = None) -> None:
        self._settings = settings
        self._account = account
        self._clock = clock
        self._store = store
        self._loop = LoopThread(f"slawatch-matrix-{account}")
        self._made: Side | None = None
        self._rung = False
        self.capabilities = Capabilities(resolution=reading.MILLISECOND)

    def open(self) -> None:
        """Do nothing yet: the server is asked on first use."""

    def close(self) -> None:
        """Give back every connection."""
        made, self._made = self._made, None
        if made is not None and self._loop.running:
            with suppress(ChannelError, TimeoutError):
                self._loop.run(made.close(), seconds=PAUSE_SECONDS)
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
        """Return the text as it will stand in the room."""
        return request.text.body.strip().encode()

    def send(self, request: Request, attempt: Attempt) -> Sent:
        """Say it once in the room that the target's address means; a direct room is made where there is none.

        Raises:
            ChannelRefusedError: for good: there is nobody of that name, or we may not speak there.
            ChannelUnavailableError: nothing left. ChannelUncertainError: nobody knows.
        """
        content = {"msgtype": "m.text", "body": self.prepare(request, attempt).decode()}
        return self._run(lambda side: side.say(request.target, content, key=request.message_id))

    def find(self, request: Request) -> Sent | Unknown:
        """Look for it among our own lines in that room. Only looks: to offer it again under its name would send it.

        That it is not there is no proof: what was on its way may still be taken over.
        """
        text = request.text.body.strip()
        return self._run(
            lambda side: side.find([request.target], text, key=request.message_id, since=request.intended_at)
        )

    # --- writing back ---

    @staticmethod
    def correspondent(letter: Facts) -> str:
        """Return the address of the chat: the reply is said where the question was."""
        return letter.chat

    def prepare_follow_up(self, request: Request, follow_up: FollowUp, letter: Facts) -> bytes:  # noqa: ARG002
        """Return the text of our reply as it will stand in the room."""
        return follow_up.body.strip().encode()

    def send_follow_up(self, request: Request, follow_up: FollowUp, letter: Facts) -> Sent:
        """Reply to that line once, in the same room.

        Raises:
            ChannelRefusedError, ChannelUnavailableError, ChannelUncertainError: as `send`.
        """
        to = reading.bare(letter.own_id)
        if not to:
            raise ChannelRefusedError(f'{self._account}: "{letter.own_id}" is no line of a room; nothing to reply to')
        content = {
            "msgtype": "m.text",
            "body": self.prepare_follow_up(request, follow_up, letter).decode(),
            "m.relates_to": {"m.in_reply_to": {"event_id": to}},
        }
        return self._run(lambda side: side.say(request.target, content, key=follow_up.own_id))

    def find_follow_up(self, follow_up: FollowUp) -> Sent | Unknown:
        """Look for our reply in every room that was asked. As `find`."""
        text = follow_up.body.strip()
        return self._run(
            lambda side: side.find(
                list(side.notebook.rooms), text, key=follow_up.own_id, since=follow_up.intended_at, reply=True
            )
        )

    def find_by_hand(self, letter: Facts) -> Sent | Unknown:
        """Look for a line of ours in that chat, said by other means, that replies to this one or to none by name."""
        to, said_at = reading.bare(letter.own_id), _date(letter)
        if letter.platform != reading.PLATFORM or not letter.chat or not to or said_at is None:
            return Unknown()
        return self._run(lambda side: side.by_hand(letter.chat, to, said_at))

    # --- reading ---

    def collect(
        self,
        cursor: str,
        *,
        senders: Callable[[], frozenset[str]] | None = None,
        threads: Callable[[], Sequence[Thread]] | None = None,
    ) -> Batch:
        """Return what was said since the cursor in rooms that were asked, or the next page of what was left out."""

        async def collected(side: Side) -> Batch:
            await side.known()
            return await side.collector.collect(cursor, senders, threads)

        batch = self._run(collected)
        self._rung = False
        return batch

    @staticmethod
    def read(raw: bytes) -> Facts:
        """Return what raw evidence says of itself; what is no line of a room is not readable."""
        return reading.read(raw)

    def watch(self, stop: Event, wait_seconds: float) -> bool:
        """Ring when the server has something that is not collected yet."""
        until = time.monotonic() + wait_seconds
        if self._rung:  # nobody has looked since; the server would say the same at once
            stop.wait(min(wait_seconds, PAUSE_SECONDS))
            return not stop.is_set()
        while not stop.is_set():
            left = until - time.monotonic()
            if left <= 0:
                return False
            try:
                listening = self._loop.start(self._listen(min(left, POLL_SECONDS)))
                self._rung = self._heard(listening, stop, until)
            except ChannelError:
                stop.wait(min(left, PAUSE_SECONDS))  # collect is who says so
            if self._rung:
                return not stop.is_set()
        return False

    async def _listen(self, seconds: float) -> bool:
        return await self._side().listen(seconds)

    @staticmethod
    def _heard(listening: Future[Any], stop: Event, until: float) -> bool:
        """Wait for the server, for the end of the time or for the word to stop."""
        while not listening.done() and time.monotonic() < until:
            if stop.wait(TICK_SECONDS):
                break
        if not listening.done():
            listening.cancel()
            return False
        return bool(listening.result())

    def check(self) -> list[Finding]:
        """Ask whether we can log in, whether our keys are whole, and whether we can write to ourselves."""
        from slawatch.channels.matrix.check import findings  # noqa: PLC0415 - on use, by `slawatch check` alone

        async def found() -> list[Finding]:
            return await findings(self._side, self._settings, self._account)

        return self._loop.run(found())

    def login(self, tell: Callable[[str], None], *, port: int) -> str:  # noqa: ARG002 - no browser comes back
        """Log in with the account's password, once; see Logins in base.py."""
        from slawatch.channels.matrix.login import login  # noqa: PLC0415 - on use, by `slawatch login` alone

        done = self._loop.run(login(self._settings, self._account, tell, store=self._store, clock=self._clock))
        self._drop()
        return done

    # --- behind these ---

    def _run(self, work: Callable[[Side], Coroutine[Any, Any, T]]) -> T:
        """Do something with the account, in the loop; every call in it has its own deadline."""

        async def done() -> T:
            return await work(self._side())

        return self._loop.run(done())

    def _side(self) -> Side:
        """Return our side of the account, made anew where somebody has logged in since. Called in the loop."""
        lacking = library.missing()
        if lacking:
            raise ChannelUnavailableError(f"{self._account}: {library.NEEDS} ({lacking}); {library.INSTALL}")
        login = login_of(self._settings, self._account, self._store)
        if self._made is not None and self._made.login != login:
            self._loop.start(self._made.close())
            self._made = None
        if self._made is None:
            self._made = Side(
                self._settings,
                account=self._account,
                clock=self._clock,
                store=self._store,
                login=login,
                page=self.page,
                key_wait=self.key_wait,
            )
        return self._made

    def _drop(self) -> None:
        made, self._made = self._made, None
        if made is not None:
            self._loop.run(made.close())


def _date(letter: Facts) -> datetime | None:
    """Return when the line was said, where it says so."""
    try:
        return datetime.fromisoformat(letter.headers["date"][0])
    except (KeyError, IndexError, ValueError):
        return None
