"""The channel over websites' chats: blocking to the outside, one browser and one event loop inside.

Moves lines and says what was seen of them; pages are chats.py's business, and what lines mean is nobody's here.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from slawatch.channels.base import Batch, Capabilities, Finding, NotSent, Sent, Thread, Unknown
from slawatch.channels.chat.loop import LoopThread
from slawatch.channels.webchat import evidence
from slawatch.channels.webchat.settings import Settings
from slawatch.channels.webchat.state import KEPT, Journal
from slawatch.channels.webchat.telling import BY_HAND, one_line
from slawatch.clock import Clock, from_micros, to_micros
from slawatch.errors import ChannelUnavailableError
from slawatch.model import Attempt, Exhibit, Facts, FollowUp, Incoming, Moment, Request

if TYPE_CHECKING:
    from slawatch.channels.webchat.browser import Browser
    from slawatch.channels.webchat.chats import Chats

T = TypeVar("T")
SLICE_SECONDS = 0.25  # how late the doorbell may notice that it is to stop


class WebChannel:
    """A visitor of websites. Chats that are still open when it is closed are parked for whoever opens it next."""

    page_size: ClassVar[int] = 100  # messages in a batch
    again: ClassVar[timedelta] = timedelta(
        seconds=30
    )  # before a page that could not be opened again is tried once more

    def __init__(self, settings: Settings, *, account: str, clock: Clock, store: Path) -> None:
        self._settings = settings
        self._account = account
        self._clock = clock
        self._journal = Journal(store.with_name(f"{store.name}.{account}-webchat"))
        self._loop = LoopThread(f"webchat {account}")
        self._browser: Browser | None = None
        self._made: Chats | None = None
        self._making = threading.Lock()
        self._forgot = False
        self._bell = Event()
        self.capabilities = Capabilities(
            durable_history=False,
            resolution=timedelta(milliseconds=1),
            parallel=settings.opening_max,
            session=True,
        )

    def open(self) -> None:
        """Do nothing yet: the browser is started on first use."""

    def close(self) -> None:
        """Park every chat, end the browser and let go of the account; safe to call twice."""
        made, self._made = self._made, None
        browser, self._browser = self._browser, None
        try:
            if made is not None:
                self._loop.run(made.park_all())
        finally:
            if browser is not None:
                self._loop.run(browser.close())
            self._loop.end()
            self._journal.close()

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
        """Return the text as it is typed: in one line, for a line break would send the first half."""
        return one_line(request.text.body).encode()

    def send(self, request: Request, attempt: Attempt) -> Sent:  # noqa: ARG002 - the journal knows of earlier ones
        """Open the chat and say it once.

        Raises:
            ChannelUnreachableError: the way led to nobody, or our recipe does not lead there.
            ChannelUnavailableError: nothing was typed. ChannelUncertainError: it may have left.
        """
        return self._do(lambda chats: chats.ask(request))

    def find(self, request: Request) -> Sent | NotSent | Unknown:
        """Look for it in the chat, opened anew; that nothing was typed yet, the journal knows."""
        return self._do(lambda chats: chats.find(request.message_id))

    @staticmethod
    def correspondent(letter: Facts) -> str:
        """Return the chat itself: whatever we say there reaches whoever sits at the other end."""
        return letter.chat

    def prepare_follow_up(self, request: Request, follow_up: FollowUp, letter: Facts) -> bytes:  # noqa: ARG002 - a chat is one thread
        """Return our reply as it is typed."""
        return one_line(follow_up.body).encode()

    def send_follow_up(self, request: Request, follow_up: FollowUp, letter: Facts) -> Sent:  # noqa: ARG002 - as above
        """Say it once in the same chat.

        Raises:
            ChannelRefusedError: the chat is over. ChannelUnavailableError, ChannelUncertainError: as `send`.
        """
        return self._do(lambda chats: chats.reply(request, follow_up))

    def find_follow_up(self, follow_up: FollowUp) -> Sent | NotSent | Unknown:
        """Look for it as `find` does."""
        return self._do(lambda chats: chats.find(follow_up.own_id))

    def find_by_hand(self, letter: Facts) -> Sent | Unknown:
        """Return a line that the user typed in the same chat after this letter and before the next one."""
        if self._made is not None:
            self._do(lambda chats: chats.catch_up(letter.conversation))
        answered = False
        for kind, name, value, at in self._journal.lines(letter.conversation):
            if kind == "message":
                answered = name == letter.own_id
            elif answered and value.startswith(BY_HAND):
                return Sent(remote_id=name, accepted_at=at, evidence="typed by somebody else in the same chat")
        return Unknown()

    # --- looking ---

    def collect(
        self,
        cursor: str,
        *,
        senders: Callable[[], frozenset[str]] | None = None,  # noqa: ARG002 - nobody else writes into our chats
        threads: Callable[[], Sequence[Thread]] | None = None,
    ) -> Batch:
        """Return what the pages have told since. A chat is watched for as long as `threads` lists it.

        Raises:
            ChannelUnavailableError: there are chats to look at, and not one of them could be.
        """
        self._bell.clear()
        after, until, looked_until = self._place(cursor)
        if until is None:
            listed = None if threads is None else {one.message_id: one for one in threads()}
            looked_until = self._look(listed)
            until = self._journal.last()
        page = self._journal.page(after, until, messages_max=self.page_size)
        reached = page[-1][0] if page else after
        more = bool(self._journal.page(reached, until, messages_max=1))
        seen = [one for _, one in page]
        place = f"{self._journal.name}:{reached if more else until}"
        return Batch(
            messages=tuple(one for one in seen if isinstance(one, Incoming)),
            moments=tuple(one for one in seen if isinstance(one, Moment)),
            exhibits=tuple(one for one in seen if isinstance(one, Exhibit)),
            cursor=f"{place}:{until}:{to_micros(looked_until)}" if more else place,
            more=more,
            looked_until=None if more else looked_until,
        )

    def _look(self, listed: dict[str, Thread] | None) -> datetime:
        """Look at all chats, or learn how far another process has looked at those it holds."""
        begun = self._clock.now()
        if not self._forgot:  # once is enough: there are always chats to watch where one is asked every day
            self._journal.forget(begun - KEPT)
            self._forgot = True
        watched = self._journal.chats()
        if not watched:
            return begun
        if not self._journal.hold():
            return min([begun, *(chat.looked_at or chat.began_at for chat in watched)])
        return self._do(lambda chats: chats.look(listed))

    def _place(self, cursor: str) -> tuple[int, int | None, datetime]:
        """Return after which number to go on, and of a pass that has begun: until which, and when it began."""
        name, *numbers = cursor.split(":")
        if name != self._journal.name or not numbers:
            return 0, None, self._clock.now()
        if len(numbers) == 1:
            return int(numbers[0]), None, self._clock.now()
        return int(numbers[0]), int(numbers[1]), from_micros(int(numbers[2]))

    @staticmethod
    def read(raw: bytes) -> Facts:
        """Return what raw evidence says of itself."""
        return evidence.facts(raw)

    def watch(self, stop: Event, wait_seconds: float) -> bool:
        """Wait until a page tells something, or one is to be parked or opened again."""
        until = time.monotonic() + wait_seconds
        while not stop.is_set():
            if self._bell.is_set() or self._due():
                self._bell.clear()
                return True
            left = until - time.monotonic()
            if left <= 0:
                return False
            self._bell.wait(min(left, SLICE_SECONDS))
        return False

    def _due(self) -> bool:
        now = self._clock.now()
        due = any(chat.due_at is not None and chat.due_at <= now for chat in self._journal.chats())
        return due and self._journal.hold()  # where another process holds them, it is that one's turn

    def check(self) -> list[Finding]:
        """Try the library, the browser, and each recipe up to its input; nothing is said to anybody."""
        from slawatch.channels.webchat.check import findings  # noqa: PLC0415 - only who checks needs it

        return self._loop.run(findings(self._settings, account=self._account))

    # --- the other side of the loop ---

    def _do(self, work: Callable[[Chats], Coroutine[Any, Any, T]]) -> T:
        """Return what the pages make of it. Raises ChannelUnavailableError where another process holds the account."""
        return self._loop.run(work(self._chats()))

    def _chats(self) -> Chats:
        with self._making:
            if self._made is None:
                from slawatch.channels.webchat.browser import Browser  # noqa: PLC0415 - the library takes a while
                from slawatch.channels.webchat.chats import Chats  # noqa: PLC0415 - as above

                if not self._journal.hold():
                    raise ChannelUnavailableError(
                        f"{self._account}: another process has this account's chats open: wait for it, or end it"
                    )
                self._browser = Browser(self._settings, account=self._account)
                self._made = Chats(
                    self._settings,
                    account=self._account,
                    clock=self._clock,
                    journal=self._journal,
                    browser=self._browser,
                    told=self._bell.set,
                    again=self.again,
                )
            return self._made
