"""A clock to set and a far side in memory, for tests and for writing a channel. Real in all but the network; no mock.

It promises what channels/base.py promises and is held to it by the same suite (tests/contract/test_channel.py).
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event
from types import TracebackType
from typing import Any, Self

from slawatch.channels.base import Batch, Capabilities, Finding, Sent, Thread, Unknown
from slawatch.clock import from_micros, require_aware, to_micros
from slawatch.errors import ChannelRefusedError, ChannelUnavailableError, ChannelUncertainError
from slawatch.model import Attempt, DeliveryProof, Facts, FollowUp, Incoming, Report, Request, Stamps

BEFORE_SUMMER_TIME = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
"""Half an hour before Europe/Berlin changes to summer time, so that a mistake with hours shows early."""

INBOX = "INBOX"
JUNK = "Junk"
SENT = "Sent"
OWN_ADDRESS = "asks@own.example"


class FakeClock:
    """A clock that stands still until it is set forward; sleeping sets it forward and takes no time."""

    def __init__(self, start: datetime = BEFORE_SUMMER_TIME) -> None:
        self._now = require_aware(start)
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """Return the instant it is set to."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Set it forward by so many seconds."""
        self.forward(timedelta(seconds=seconds))

    def when(self, machine: datetime) -> datetime:  # noqa: ARG002 - it has nothing to do with the machine's
        """Return the instant it is set to."""
        return self._now

    def forward(self, by: timedelta) -> None:
        """Set it forward. Raises ValueError for going back, which no clock that slawatch trusts does."""
        if by < timedelta(0):
            raise ValueError(f'"{by}" would set the clock back')
        with self._lock:
            self._now += by


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """Something that lies in a folder of ours since `at`."""

    folder: str
    raw: bytes
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """Something that left us: exactly what was sent under which id, for which request, at which try and when."""

    request: Request
    attempt: Attempt
    raw: bytes
    at: datetime
    to: str
    own_id: str


@dataclass(slots=True)
class MemoryWorld:
    """The far side of MemoryChannel: our folders, the companies' addresses, and every fault that real ones have.

    `departures` is the ground truth of what left; a test compares it with what slawatch believes. With `copies` each
    departure also comes back to our own INBOX, as a Bcc does. `proof` is what an acknowledged sending proves. While
    it is `deaf` nothing that is delivered arrives, and nobody is told.
    """

    clock: FakeClock
    copies: bool = True
    proof: DeliveryProof = DeliveryProof.PRESUMED
    letters: list[Letter] = field(default_factory=list)
    sent_by_hand: list[Letter] = field(default_factory=list)
    departures: list[Departure] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    away: bool = False
    deaf: bool = False
    faults: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def deliver(self, facts: Facts, *, folder: str = INBOX, at: datetime | None = None) -> None:
        """Lay a letter that says this into a folder, now or as of `at`."""
        if self.deaf:
            return
        with self.lock:
            self.letters.append(Letter(folder=folder, raw=write(facts), at=at or self.clock.now()))

    def answer(
        self,
        request: Request,
        text: str,
        *,
        folder: str = INBOX,
        headers: Mapping[str, tuple[str, ...]] | None = None,
        cites: str = "",
    ) -> None:
        """Let the company write back as a mail program does: to the token's address, citing our Message-ID.

        `cites` is the Message-ID of another letter of ours.
        """
        self.deliver(
            Facts(
                sender=request.target,
                sender_name="Service",
                recipients=(_address(request),),
                delivered_to=(_address(request),),
                subjects=(f"Re: {request.text.subject}",),
                own_id=f"answer-{len(self.letters)}@far.example",
                cited_ids=(cites or request.message_id,),
                headers=headers or {},
                text=text,
            ),
            folder=folder,
        )

    def report(self, request: Request, attempt: Attempt, action: str, *, status: str = "", own_id: str = "") -> None:
        """Let a mail server report on the delivery of an attempt: "failed", "delayed", "delivered" or "relayed".

        Our own server says that it relayed or is still trying, the company's the rest. `own_id` is the Message-ID of
        another letter of ours than the request.
        """
        ours = action in {"relayed", "delayed"}
        self.deliver(
            Facts(
                sender=f"mailer-daemon@{OWN_ADDRESS.partition('@')[2] if ours else 'far.example'}",
                recipients=(_address(request),),
                subjects=("Delivery Status Notification",),
                own_id=f"report-{len(self.letters)}@far.example",
                embedded_ids=(own_id or request.message_id,),
                reports=(
                    Report(
                        type="delivery-status",
                        action=action,
                        status=status or ("5.1.1" if action == "failed" else "2.0.0"),
                        recipient=request.target,
                        envelope_id=attempt.envelope_id,
                        at=self.clock.now(),
                    ),
                ),
            )
        )

    def deliver_again(self) -> None:
        """Deliver the newest letter once more, as two ways to the same mailbox do."""
        with self.lock:
            newest = self.letters[-1]
            self.letters.append(Letter(folder=newest.folder, raw=newest.raw, at=self.clock.now()))

    def reply_by_hand(self, letter: Facts, text: str, *, copied: bool = False) -> None:
        """Let the user reply to a letter from their own mail program; `copied` to their own INBOX as well."""
        reply = Facts(
            sender=OWN_ADDRESS,
            recipients=(letter.sender,),
            subjects=(f"Re: {letter.subject}",),
            own_id=f"by-hand-{len(self.sent_by_hand)}@own.example",
            cited_ids=(letter.own_id,),
            headers={"date": (self.clock.now().isoformat(),)},
            text=text,
        )
        with self.lock:
            self.sent_by_hand.append(Letter(folder=SENT, raw=write(reply), at=self.clock.now()))
        if copied:
            self.deliver(reply)

    def refuse(self, address: str) -> None:
        """Refuse everything to this address for good from now on."""
        self.refused.add(address)

    def fail_once(self) -> None:
        """Turn the next sending away before anything has left."""
        self.faults.append("fail")

    def lose_acknowledgement(self) -> None:
        """Take the next sending over, but let our side never hear of it."""
        self.faults.append("lose")

    def swallow_once(self) -> None:
        """Cut the next sending off after all was handed over, and throw it away: to us it looks like a lost reply."""
        self.faults.append("swallow")

    def go_away(self) -> None:
        """Be unreachable until `come_back`."""
        self.away = True

    def come_back(self) -> None:
        """Be reachable again, with everything that arrived meanwhile."""
        self.away = False

    def take(self, request: Request, attempt: Attempt, raw: bytes, *, to: str, own_id: str) -> Departure:
        """Do what the far side does with a sending. Raises what a channel raises."""
        with self.lock:
            if self.away:
                raise ChannelUnavailableError("memory: the far side is away: try again later")
            fault = self.faults.pop(0) if self.faults else ""
            if fault == "fail":
                raise ChannelUnavailableError("memory: the far side is busy: try again later")
            if to in self.refused:
                raise ChannelRefusedError(f'memory: there is no "{to}": correct the address')
            if fault == "swallow":
                raise ChannelUncertainError("memory: no reply after the text was handed over: look for it")
            departure = Departure(request=request, attempt=attempt, raw=raw, at=self.clock.now(), to=to, own_id=own_id)
            self.departures.append(departure)
            if self.copies:
                self.letters.append(Letter(folder=INBOX, raw=raw, at=departure.at))
            if fault == "lose":
                raise ChannelUncertainError("memory: no reply after the text was handed over: look for it")
            return departure


class MemoryChannel:
    """An account of MemoryWorld, sending and collecting in batches of at most `batch` letters over two folders."""

    capabilities = Capabilities(parallel=4, resolution=timedelta(microseconds=1))

    def __init__(self, world: MemoryWorld, *, batch: int = 100) -> None:
        self._world = world
        self._batch = batch
        self._heard = 0

    def open(self) -> None:
        """Get ready; there is nothing to connect."""

    def close(self) -> None:
        """Give nothing back; safe to call twice."""

    def __enter__(self) -> Self:
        """Open."""
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close, whatever happened inside."""
        self.close()

    def prepare(self, request: Request, attempt: Attempt) -> bytes:
        """Return the letter as it would leave: from the token's address, with its own Message-ID."""
        return write(
            Facts(
                sender=_address(request),
                recipients=(request.target,),
                subjects=(request.text.subject,),
                own_id=request.message_id,
                headers={"date": (attempt.started_at.isoformat(),)},
                text=request.text.body,
            )
        )

    def send(self, request: Request, attempt: Attempt) -> Sent:
        """Hand the letter to the far side, once."""
        raw = self.prepare(request, attempt)
        return self._sent(self._world.take(request, attempt, raw, to=request.target, own_id=request.message_id))

    def find(self, request: Request) -> Sent | Unknown:
        """Look among what left. Raises ChannelUnavailableError while the far side is away."""
        return self._found(request.message_id)

    @staticmethod
    def correspondent(letter: Facts) -> str:
        """Return what the letter names to reply to, else who wrote it."""
        return next(iter(letter.headers.get("reply-to", ())), letter.sender).lower()

    def prepare_follow_up(self, request: Request, follow_up: FollowUp, letter: Facts) -> bytes:
        """Return the reply as it would leave: from the token's address, with its own Message-ID, citing the letter."""
        return write(
            Facts(
                sender=_address(request),
                recipients=(self.correspondent(letter),),
                subjects=(follow_up.subject,),
                own_id=follow_up.own_id,
                cited_ids=(letter.own_id or request.message_id,),
                headers={"date": ((follow_up.started_at or follow_up.intended_at).isoformat(),)},
                text=follow_up.body,
            )
        )

    def send_follow_up(self, request: Request, follow_up: FollowUp, letter: Facts) -> Sent:
        """Hand the reply to the far side, once."""
        raw = self.prepare_follow_up(request, follow_up, letter)
        attempt = Attempt(
            id=0,
            request_id=request.id,
            number=1,
            envelope_id=follow_up.envelope_id,
            started_at=follow_up.started_at or follow_up.intended_at,
        )
        return self._sent(
            self._world.take(request, attempt, raw, to=self.correspondent(letter), own_id=follow_up.own_id)
        )

    def find_follow_up(self, follow_up: FollowUp) -> Sent | Unknown:
        """Look among what left, as `find`."""
        return self._found(follow_up.own_id)

    def find_by_hand(self, letter: Facts) -> Sent | Unknown:
        """Look among what the user sent by other means. Raises ChannelUnavailableError while the far side is away."""
        self._reach()
        for sent in self._world.sent_by_hand:
            facts = read(sent.raw)
            if letter.own_id in facts.cited_ids:
                return Sent(remote_id=facts.own_id, accepted_at=sent.at, evidence="memory: sent by hand")
        return Unknown()

    def collect(
        self,
        cursor: str,
        *,
        senders: Callable[[], frozenset[str]] | None = None,  # noqa: ARG002 - passes over none
        threads: Callable[[], Sequence[Thread]] | None = None,  # noqa: ARG002 - has no gaps
    ) -> Batch:
        """Return the next letters: the rest of INBOX first, then of Junk.

        The cursor holds the number of letters seen in each folder and, in the midst of a pass, when the pass began.
        """
        self._reach()
        state = json.loads(cursor) if cursor else {}
        started_at = from_micros(state.pop("started_at", to_micros(self._world.clock.now())))
        with self._world.lock:
            waiting = [
                (folder, number, letter)
                for folder in (INBOX, JUNK)
                for number, letter in enumerate(one for one in self._world.letters if one.folder == folder)
                if number >= state.get(folder, 0)
            ]
            self._heard = len(self._world.letters)
        messages = []
        for folder, number, letter in waiting[: self._batch]:
            messages.append(self._incoming(folder, number, letter))
            state[folder] = number + 1
        more = len(waiting) > self._batch
        if more:
            state["started_at"] = to_micros(started_at)
        return Batch(
            messages=tuple(messages),
            cursor=json.dumps(state),
            more=more,
            looked_until=None if more else started_at,
        )

    @staticmethod
    def read(raw: bytes) -> Facts:
        """Return what a letter says of itself; one that no MemoryWorld wrote is not readable."""
        return read(raw)

    def watch(self, stop: Event, wait_seconds: float) -> bool:
        """Ring where letters came since the last look, else let the time pass."""
        if stop.is_set():
            return False
        if len(self._world.letters) > self._heard:
            return True
        self._world.clock.sleep(wait_seconds)
        return False

    def canary_id(self, reference: str) -> str:
        """Return its Message-ID."""
        return f"slawatch-canary-{reference}@own.example"

    def send_canary(self, reference: str) -> Sent:
        """Deliver a letter to ourselves."""
        self._reach()
        local, _, domain = OWN_ADDRESS.partition("@")
        address = f"{local}+{reference}@{domain}"
        own_id = self.canary_id(reference)
        self._world.deliver(Facts(sender=address, recipients=(address,), subjects=("Canary",), own_id=own_id))
        return Sent(remote_id=own_id, accepted_at=self._world.clock.now(), evidence="memory: taken over")

    def check(self) -> list[Finding]:
        """Say whether the far side can be reached."""
        if self._world.away:
            return [Finding(ok=False, what="memory: the far side is away", cure="wait until it comes back")]
        return [Finding(ok=True, what="memory: the far side is there")]

    def _reach(self) -> None:
        if self._world.away:
            raise ChannelUnavailableError("memory: the far side is away: try again later")

    def _found(self, own_id: str) -> Sent | Unknown:
        self._reach()
        for departure in self._world.departures:
            if departure.own_id == own_id:
                return self._sent(departure)
        return Unknown()

    def _sent(self, departure: Departure) -> Sent:
        return Sent(
            remote_id=departure.own_id,
            accepted_at=departure.at,
            proof=self._world.proof,
            evidence="memory: taken over",
        )

    def _incoming(self, folder: str, number: int, letter: Letter) -> Incoming:
        facts = read(letter.raw)
        return Incoming(
            remote_id=f"{folder}/1/{number}",
            folder=folder,
            raw=letter.raw,
            stamps=Stamps(
                at=letter.at,
                source="platform",
                internal_at=letter.at,
                date_header_at=_date(facts),
            ),
            facts=facts,
        )


def write(facts: Facts) -> bytes:
    """Return the facts as a letter of MemoryWorld: JSON, one key a field."""
    return json.dumps(asdict(facts), default=_instant, ensure_ascii=True).encode()


def read(raw: bytes) -> Facts:
    """Return what `write` was given. Anything else gives facts that are not readable; nothing is raised."""
    try:
        found = json.loads(raw)
        return Facts(
            sender=str(found["sender"]),
            sender_name=str(found["sender_name"]),
            recipients=_texts(found["recipients"]),
            delivered_to=_texts(found["delivered_to"]),
            subjects=_texts(found["subjects"]),
            own_id=str(found["own_id"]),
            cited_ids=_texts(found["cited_ids"]),
            embedded_ids=_texts(found["embedded_ids"]),
            reports=tuple(_report(one) for one in found["reports"]),
            headers={str(name): _texts(values) for name, values in found["headers"].items()},
            trace=tuple((str(name), str(value)) for name, value in found["trace"]),
            text=str(found["text"]),
            quoted=str(found["quoted"]),
            readable=bool(found["readable"]),
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return Facts(text=raw.decode("utf-8", "replace"), readable=False)


def _report(found: Mapping[str, Any]) -> Report:
    at = found["at"]
    return Report(**{**found, "at": None if at is None else datetime.fromisoformat(at)})


def _date(facts: Facts) -> datetime | None:
    """Return what the letter claims as its time, where that can be read and has a zone."""
    try:
        return require_aware(datetime.fromisoformat(facts.headers["date"][0]))
    except (KeyError, IndexError, ValueError, OverflowError):
        return None


def _texts(values: Sequence[Any]) -> tuple[str, ...]:
    return tuple(str(value) for value in values)


def _instant(value: datetime) -> str:
    return value.isoformat()


def _address(request: Request) -> str:
    """Return the address a reply to this request comes back to."""
    name, _, domain = OWN_ADDRESS.partition("@")
    return f"{name}+{request.token}@{domain}"
