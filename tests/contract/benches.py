"""The far sides on which channels are tried: a class a channel, a verb for each thing a far side does. Tests nothing.

A new channel gets a Bench subclass, a place in registry.py, and so the whole of test_channel.py.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import timedelta
from types import TracebackType
from typing import ClassVar, Self

from slawatch.channels.base import Channel
from slawatch.clock import Clock
from slawatch.model import Attempt, Delivery, Facts, FollowUp, Form, Origin, Purpose, Request, Text
from slawatch.testing import INBOX, JUNK, FakeClock, MemoryChannel, MemoryWorld

BATCH = 3


class Bench(ABC):
    """A channel's far side, ready between enter and exit.

    Every verb returns only when its effect is there: after `answer` the letter lies in the folder. `clock` is the one
    that the channel was given and by which letters are stamped.
    """

    name: ClassVar[str]
    target: ClassVar[str]
    account: ClassVar[str] = "main"
    id_domain: ClassVar[str] = "own.example"
    copies: ClassVar[int] = 2  # how many names a thing has here that comes in twice
    lag: ClassVar[timedelta] = timedelta(0)  # by how much a look may speak for less than the time until it began
    clock: Clock

    def __init__(self) -> None:
        self._made = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def ask(self, *, target: str | None = None) -> tuple[Request, Attempt]:
        """Return a request that nobody sent yet, with its first attempt."""
        self._made += 1
        now = self.clock.now()
        request = Request(
            id=self._made,
            public_id=f"R{self._made:04}",
            origin=Origin.SENT,
            company="example-shop",
            channel=self.name,
            target=target or self.target,
            account=self.account,
            text=self.text(),
            token=self._token(),
            message_id=f"request-{self._made}-{self._token()}@{self.id_domain}",
            delivery=Delivery.SENDING,
            due_at=now,
            zone="Europe/Berlin",
            intended_at=now,
        )
        attempt = Attempt(
            id=self._made,
            request_id=request.id,
            number=1,
            envelope_id=f"envelope-{self._made}-{self._token()}",
            started_at=now,
        )
        return request, attempt

    def follow(self, request: Request) -> FollowUp:
        """Return a reply to a letter of the company that nobody sent yet."""
        self._made += 1
        now = self.clock.now()
        return FollowUp(
            id=self._made,
            request_id=request.id,
            message_id=1,
            purpose=Purpose.REPLY,
            subject=self.subject_of_reply(request),
            body=self.words_of_reply(),
            own_id=f"follow-up-{self._made}-{self._token()}@{self.id_domain}",
            envelope_id=f"envelope-{self._made}-{self._token()}",
            delivery=Delivery.SENDING,
            intended_at=now,
            started_at=now,
        )

    def text(self) -> Text:
        """Return what is asked, in the form in which this channel asks."""
        return Text(
            probe="delivery-time",
            lang="de",
            variant=0,
            subject=f"Frage zur Lieferzeit {self._token()}",
            body="Guten Tag,\n\nwie lange dauert die Lieferung nach Köln?\n\nViele Grüße\nAlex Beispiel\n",
        )

    def subject_of_reply(self, request: Request) -> str:
        """Return the subject of our reply, as the company's letter has it."""
        return f"Re: [Vorgang 4711] {request.text.subject}"

    def words_of_reply(self) -> str:
        """Return what our reply says."""
        return "Guten Tag,\n\nes geht mir allgemein um die Lieferzeit nach Köln.\n\nViele Grüße\nAlex Beispiel\n"

    def known_as(self, target: str) -> str:
        """Return what facts call whoever is asked at this address."""
        return target

    def reached_at(self, target: str) -> str:
        """Return the address that a reply to whoever is asked there goes to."""
        return self.known_as(target)

    def ties(self, request: Request, facts: Facts) -> bool:
        """Return whether facts hold what ties an answer to its request."""
        return request.message_id in facts.cited_ids or request.token in " ".join(facts.delivered_to + facts.recipients)

    def seen_of(self, request: Request, follow_up: FollowUp | None = None) -> bytes:
        """Return what the company has before it of the one copy that arrived: all of it that `read` can be given."""
        (raw,) = self.arrived(request) if follow_up is None else self.arrived_after(request, follow_up)
        return raw

    def let_time_pass(self) -> None:
        """Move a clock that stands still; one that runs needs nothing."""
        if isinstance(self.clock, FakeClock):
            self.clock.forward(timedelta(minutes=1))

    @abstractmethod
    def channel(self) -> Channel:
        """Return a new, closed channel to this far side that collects at most BATCH messages at a time."""

    @abstractmethod
    def arrived(self, request: Request) -> list[bytes]:
        """Return what reached the company for this request, each copy exactly as our side sent it."""

    @abstractmethod
    def arrived_after(self, request: Request, follow_up: FollowUp) -> list[bytes]:
        """Return what reached the company of this reply, each copy exactly as our side sent it."""

    @abstractmethod
    def reply_by_hand(self, letter: Facts, text: str) -> None:
        """Let the user reply to a letter by other means than ours, and file that as sent."""

    @abstractmethod
    def answer(self, request: Request, text: str, *, junk: bool = False) -> None:
        """Let the company answer; `junk` where our side would sort it out, if this channel has such a place."""

    @abstractmethod
    def duplicate(self) -> None:
        """Deliver the newest answer once more."""

    @abstractmethod
    def refuse(self, target: str) -> None:
        """Refuse everything to this target for good from now on."""

    @abstractmethod
    def fail_once(self) -> None:
        """Turn the next sending away for now, before anything has left."""

    @abstractmethod
    def lose_acknowledgement(self) -> None:
        """Take the next sending over, but let our side never hear of it."""

    @abstractmethod
    def swallow_once(self) -> None:
        """Let the next sending look the same to our side, and throw it away."""

    @abstractmethod
    def go_away(self) -> None:
        """Be unreachable, for sending and for collecting."""

    @abstractmethod
    def come_back(self) -> None:
        """Be reachable again, with everything that arrived meanwhile."""

    def _token(self) -> str:
        return f"t0ken{self._made:07}"


class MemoryBench(Bench):
    """The far side in memory: what every other bench must look like from the channel's side."""

    name = "memory"
    target = "service@shop.example"

    def __init__(self) -> None:
        super().__init__()
        self.clock: FakeClock = FakeClock()
        self.world = MemoryWorld(self.clock)

    def channel(self) -> Channel:
        return MemoryChannel(self.world, batch=BATCH)

    def arrived(self, request: Request) -> list[bytes]:
        return [one.raw for one in self.world.departures if one.own_id == request.message_id]

    def arrived_after(self, request: Request, follow_up: FollowUp) -> list[bytes]:
        return [one.raw for one in self.world.departures if (one.own_id, one.to) == (follow_up.own_id, request.target)]

    def reply_by_hand(self, letter: Facts, text: str) -> None:
        self.world.reply_by_hand(letter, text)

    def answer(self, request: Request, text: str, *, junk: bool = False) -> None:
        self.world.answer(request, text, folder=JUNK if junk else INBOX)

    def duplicate(self) -> None:
        self.world.deliver_again()

    def refuse(self, target: str) -> None:
        self.world.refuse(target)

    def fail_once(self) -> None:
        self.world.fail_once()

    def lose_acknowledgement(self) -> None:
        self.world.lose_acknowledgement()

    def swallow_once(self) -> None:
        self.world.swallow_once()

    def go_away(self) -> None:
        self.world.go_away()

    def come_back(self) -> None:
        self.world.come_back()


class PostBench(Bench):
    """A bench on which everybody can read along: what is asked there are posts, each in words of its own."""

    def text(self) -> Text:
        body = f"Wir wüssten gern: wie lange dauert die Lieferung nach Köln? Zum {self._made}. Mal\n"
        return Text(probe="delivery-time", lang="de", variant=0, subject="", body=body, form=Form.POST)

    def subject_of_reply(self, request: Request) -> str:
        return request.text.subject

    def words_of_reply(self) -> str:
        return f"Es geht mir allgemein um die Lieferzeit nach Köln, zum {self._made}. Mal\n"
