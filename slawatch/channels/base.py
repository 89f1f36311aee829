"""The promise every channel keeps. A channel is one file, one line in the registry, one run through tests/contract/.

It moves bytes and reads what they say; it never decides what they mean, when to send or what counts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event
from types import TracebackType
from typing import Literal, Protocol, Self, runtime_checkable

from slawatch.model import ZERO, Attempt, DeliveryProof, Facts, FollowUp, Incoming, Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What can be relied on.

    `unattended`: may send without a person. `silence_observable`: no answer can be told from not having looked.
    `durable_history`: an outage blinds nothing once we caught up. `resolution`: of its time stamps. `parallel`: how
    many threads may call `send` at once. `session`: lives with the process, so only `run` and `audit` send.
    """

    unattended: bool = True
    silence_observable: bool = True
    durable_history: bool = True
    resolution: timedelta = timedelta(seconds=1)
    parallel: int = 1
    session: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The far side took it over at `accepted_at`, give or take `uncertainty`; `evidence` is its own words."""

    remote_id: str
    accepted_at: datetime
    uncertainty: timedelta = ZERO
    proof: DeliveryProof = DeliveryProof.PRESUMED
    evidence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSent:
    """It is proven that nothing left; `proof` says by what."""

    proof: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """No evidence either way. Absence of evidence is this, never `NotSent`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One step of collecting. Messages and `cursor` are committed together.

    While `more` is True the caller goes on with the new cursor. `looked_until` is set on the last step only: our
    clock at the *start* of the pass that has now seen every folder completely. `warning` says what may soon keep
    answers from coming in, "" where nothing does, None where it was not looked after.
    """

    messages: tuple[Incoming, ...]
    cursor: str
    more: bool = False
    looked_until: datetime | None = None
    notes: tuple[str, ...] = ()
    warning: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of `slawatch check`. `cure` says what to do where `ok` is False.

    One that is ok and has a cure all the same is a warning: requests can leave and answers be read, but something about
    them may go wrong elsewhere.
    """

    ok: bool
    what: str
    cure: str = ""

    @property
    def result(self) -> Literal["ok", "warning", "fault"]:
        """What it comes to, in a word."""
        if not self.ok:
            return "fault"
        return "warning" if self.cure else "ok"


@runtime_checkable
class Logins(Protocol):
    """What a channel has beside the promise where a person must log in once with the provider."""

    def login(self, tell: Callable[[str], None], *, port: int) -> str:
        """Let a person log in, told by `tell` what to do, and keep what that brings; return what was done.

        `port` is where on this machine a browser is sent back to, 0 for any.

        Raises:
            ConfigError: this account needs no login. ChannelUnavailableError: it came to nothing.
        """
        ...


class Channel(Protocol):
    """One account on one channel. Blocking to the outside; a context manager.

    All but `read`, `correspondent` and what prepares need it open. Errors are those of errors.py and no others.
    """

    capabilities: Capabilities

    def open(self) -> None:
        """Get ready to work; connects no earlier than needed."""
        ...

    def close(self) -> None:
        """Give back every connection; safe to call twice."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def prepare(self, request: Request, attempt: Attempt) -> bytes:
        """Return the exact bytes `send` will send; pure, for previews and evidence."""
        ...

    def send(self, request: Request, attempt: Attempt) -> Sent:
        """Send once.

        Raises:
            ChannelRefusedError: for good. ChannelUnavailableError: nothing left, try again later.
            ChannelUncertainError: it may have left; look with `find`, never send again blindly.
        """
        ...

    def find(self, request: Request) -> Sent | NotSent | Unknown:
        """Did it leave? Looks at the far side's own evidence (a Sent folder, our copy, the account's timeline)."""
        ...

    @staticmethod
    def correspondent(letter: Facts) -> str:
        """Return the address that a reply to this letter goes to, in lower case, "" where it names none."""
        ...

    def prepare_follow_up(self, request: Request, follow_up: FollowUp, letter: Facts) -> bytes:
        """Return the exact bytes `send_follow_up` will send; pure. Fixed by what was kept before, as with `prepare`."""
        ...

    def send_follow_up(self, request: Request, follow_up: FollowUp, letter: Facts) -> Sent:
        """Reply to this letter of the company, once, under the request's own reply address and in the same thread.

        Raises:
            ChannelRefusedError, ChannelUnavailableError, ChannelUncertainError: as `send`.
        """
        ...

    def find_follow_up(self, follow_up: FollowUp) -> Sent | NotSent | Unknown:
        """Did it leave? As `find`."""
        ...

    def find_by_hand(self, letter: Facts) -> Sent | Unknown:
        """Has a person replied to this letter by other means than ours? `remote_id` is that reply's own id.

        Looks where sent letters are filed, and for replies to this one only: the rest is nobody's business.
        """
        ...

    def collect(self, cursor: str, *, senders: Callable[[], frozenset[str]] | None = None) -> Batch:
        """Return the next batch after `cursor` ("" at first). Safe to repeat from any earlier cursor.

        `senders` tells the domains and addresses the companies write from, and is asked only where that matters. Who
        knows them may pass over, of what was there before us or piled up, whatever neither they wrote nor anything of
        ours is tied to; notes say how many. Without them everything is handed over.
        """
        ...

    @staticmethod
    def read(raw: bytes) -> Facts:
        """Return what raw evidence says of itself; never raises on hostile input.

        Static, so that old evidence can be read again when its account is long gone.
        """
        ...

    def watch(self, stop: Event, wait_seconds: float) -> bool:
        """Wait until something may have arrived (True), the time is over or `stop` is set (False).

        Only a doorbell: it may ring for nothing, and no time is ever taken from it.
        """
        ...

    def check(self) -> list[Finding]:
        """Can we log in, send, read? Returns one finding a question asked, in the order tried."""
        ...
