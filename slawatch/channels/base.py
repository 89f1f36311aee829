"""The promise every channel keeps. A channel is one file, one line in the registry, one run through tests/contract/.

It moves bytes and reads what they say; it never decides what they mean, when to send or what counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event
from types import TracebackType
from typing import Literal, Protocol, Self, runtime_checkable

from slawatch.model import ZERO, Attempt, DeliveryProof, Exhibit, Facts, FollowUp, Incoming, Moment, Request


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
    """The far side took it over at `accepted_at`, give or take `uncertainty`; `evidence` is its own words.

    `network` is what it went over where the channel only leads there (model.Request.network).
    """

    remote_id: str
    accepted_at: datetime
    uncertainty: timedelta = ZERO
    proof: DeliveryProof = DeliveryProof.PRESUMED
    evidence: str = ""
    network: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSent:
    """It is proven that nothing left; `proof` says by what."""

    proof: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """No evidence either way. Absence of evidence is this, never `NotSent`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """Somebody else's public question to a company: which target it was put to, and when.

    `asked_by` is a keyed hash of who asked; neither they nor their words are kept.
    """

    remote_id: str
    target: str
    at: datetime
    uncertainty: timedelta = ZERO
    lang: str = ""
    asked_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One step of collecting. Messages and `cursor` are committed together.

    While `more` is True the caller goes on with the new cursor. `looked_until` is set on the last step only: our
    clock at the *start* of the pass that has now seen every folder completely. `warning` says what may soon keep
    answers from coming in, "" where nothing does, None where it was not looked after. `observed` are other people's
    questions, committed with the rest, and so are the `moments` and `exhibits` of chats, those of failed tries too.
    """

    messages: tuple[Incoming, ...]
    cursor: str
    more: bool = False
    looked_until: datetime | None = None
    notes: tuple[str, ...] = ()
    warning: str | None = None
    observed: tuple[Observed, ...] = ()
    moments: tuple[Moment, ...] = ()
    exhibits: tuple[Exhibit, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """A request that stands, as a channel may need to know of it while it looks.

    `young` ones are so fresh that an answer may come any moment. `until` is when the window closes.
    """

    remote_id: str
    target: str
    asked_at: datetime
    direct: bool = False
    observed: bool = False
    young: bool = False
    message_id: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who a target's address belongs to on a platform: the account's id ("platform:id"), its handle and its name."""

    address: str
    id: str
    handle: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What asking the far side once more brought: messages, and of which requests nothing can be missing now.

    `unseen` maps the `remote_id` of each of the others to why its silence cannot be told from our not seeing.
    """

    messages: tuple[Incoming, ...]
    seen: frozenset[str]
    unseen: Mapping[str, str]


class Ledger(Protocol):
    """What calls to the far side cost, in millionths of the currency that the config's prices are in."""

    def charge(self, what: str, *, calls: int = 1, resources: Sequence[str] = (), each: int = 0) -> None:
        """Note calls of one kind and what they brought; a resource costs `each` once in a UTC day, as it is billed."""
        ...

    def spent(self, since: datetime) -> int:
        """Return what was charged on that UTC day and since."""
        ...


class Memory(Ledger, Protocol):
    """What a channel that others can read along on may ask of, and add to, what slawatch remembers."""

    def identity(self, address: str) -> Identity | None:
        """Return who a target's address was found to belong to; None where that was not looked up yet."""
        ...

    def secret(self) -> bytes:
        """Return this store's own key for hashing people who must not be recognised; always the same."""
        ...

    def observed(self) -> Sequence[Identity]:
        """Return the accounts whose public questions are observed, as far as they were looked up."""
        ...

    def accounts(self) -> Sequence[Identity]:
        """Return every account that is known to be a company's, asked, observed or only answering."""
        ...

    def direct(self, address: str) -> bool:
        """Return whether the target of this address is asked by direct message (key `by`)."""
        ...

    def taken(self, remote_ids: Sequence[str]) -> frozenset[str]:
        """Return those of our posts that a request or a reply of ours is already known to be."""
        ...


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """A file that goes with a note. One with a `content_id` is a picture that the note's HTML shows as "cid:…"."""

    name: str
    media: str
    raw: bytes
    content_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something slawatch has to tell its user; no company ever sees it. `key` is the same at every try to send it.

    `html` says the same as `body`, "" for none. With `unsubscribe`, a subject, mail programs offer to write to the
    account so. Of one with `evidence` a copy may come back, by which `find_note` finds it.
    """

    to: str
    subject: str
    body: str
    key: str
    lang: str = "en"
    html: str = ""
    enclosures: tuple[Enclosure, ...] = ()
    unsubscribe: str = ""
    evidence: bool = False


@runtime_checkable
class Writes(Protocol):
    """What a channel has beside the promise where slawatch can write to its user by it."""

    def write(self, note: Note) -> object:
        """Send the note once; nothing of it is kept, and no copy comes back unless `evidence` asks for one.

        Returns what the far side said (Sent), as far as the channel knows that.

        Raises:
            ChannelRefusedError, ChannelUnavailableError, ChannelUncertainError: as `send`.
        """
        ...


@runtime_checkable
class Echoes(Protocol):
    """What a channel has beside the promise where a letter to ourselves can go the way of requests and replies."""

    def canary_id(self, reference: str) -> str:
        """Return the id of the letter of this reference (a token of its own), as the far side will know it."""
        ...

    def send_canary(self, reference: str) -> Sent:
        """Send it once, to the reply address of this reference or to whoever sends it back there.

        Raises:
            ChannelRefusedError, ChannelUnavailableError, ChannelUncertainError: as `send`.
        """
        ...


@runtime_checkable
class FindsNotes(Protocol):
    """What a channel that writes has beside that where it can see what left."""

    def note_id(self, key: str) -> str:
        """Return the id that a note of this key has, as the far side knows it (a Message-ID, without brackets)."""
        ...

    def find_note(self, key: str) -> Sent | Unknown:
        """Did the note of this key leave? As `find`."""
        ...


@runtime_checkable
class Public(Protocol):
    """What a channel has beside the promise where everybody can read along."""

    def identify(self, addresses: Sequence[str]) -> Mapping[str, Identity]:
        """Look up who these addresses belong to; those that nobody has are left out."""
        ...

    def find_posted(self, request: Request) -> Sent | Unknown:
        """Return the post a person has made of a request that was prepared for them, from the account's own posts."""
        ...

    def adopt(self, request: Request, url: str) -> Sent:
        """Return the post at a public link as this request's.

        Raises:
            UsageError: there is no post of the account's own, or it is not addressed to the request's target.
        """
        ...

    def post_link(self, request: Request) -> str:
        """Return the link that opens the platform with the request's text ready to be posted."""
        ...

    def verify(self, threads: Sequence[Thread]) -> Verified:
        """Ask the far side once more for everything that was said about these requests."""
        ...

    def gone(self, remote_ids: Sequence[str]) -> frozenset[str]:
        """Return those messages that their authors have deleted."""
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
            ChannelRefusedError: for good. ChannelUnreachableError: the way led to nobody.
            ChannelUnavailableError: nothing left, try again later.
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

    def collect(
        self,
        cursor: str,
        *,
        senders: Callable[[], frozenset[str]] | None = None,
        threads: Callable[[], Sequence[Thread]] | None = None,
    ) -> Batch:
        """Return the next batch after `cursor` ("" at first). Safe to repeat from any earlier cursor.

        `senders` tells the domains and addresses the companies write from, and is asked only where that matters. Who
        knows them may pass over, of what was there before us or piled up, whatever neither they wrote nor anything of
        ours is tied to; notes say how many. Without them everything is handed over. `threads` tells what stands, for
        channels that look after each where the feed has a gap.
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
