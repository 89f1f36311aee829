"""Matrix as the far side of the channel: people of one test alone, on the homeserver of all. Tests nothing."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import timedelta
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

from slawatch.channels.base import Batch, Thread
from slawatch.channels.matrix import Settings, reading
from slawatch.channels.matrix.channel import MatrixChannel
from slawatch.channels.matrix.kept import Notebook
from slawatch.channels.matrix.reading import Line
from slawatch.clock import Clock, SystemClock
from slawatch.model import Attempt, Delivery, Facts, FollowUp, Form, Origin, Request, Text
from slawatch.secret import Secret
from tests.contract.benches import BATCH, PostBench
from tests.servers.door import Door
from tests.servers.synapse import NAME, Homeserver, Person

ACCOUNT = "main"
_number = count(1)


def settings(person: Person, url: str, **keys: Any) -> Settings:
    """Return the config of somebody's account, known by the token of the device they are logged in on."""
    given = {"access_token": Secret(person.token), "timeout": timedelta(seconds=20), **keys}
    return Settings(user=person.id, homeserver=url, **given)


class Channel(MatrixChannel):
    """The channel, which brings BATCH lines at a time."""

    page = BATCH


def channel(person: Person, store: Path, url: str = "", **keys: Any) -> Channel:
    """Return the channel of somebody's account."""
    made = settings(person, url or person.server.url, **keys)
    return Channel(made, account=ACCOUNT, clock=SystemClock(), store=store)


def ask(target: str, text: str = "Wie lange dauert die Lieferung nach Köln?") -> tuple[Request, Attempt]:
    """Return a request that nobody sent yet, with its first attempt."""
    number, now = next(_number), SystemClock().now()
    request = Request(
        id=number,
        public_id=f"R{number:04}",
        origin=Origin.SENT,
        company="acme",
        channel=reading.PLATFORM,
        target=target,
        account=ACCOUNT,
        text=Text(probe="delivery-time", lang="de", variant=0, subject="", body=text, form=Form.CHAT),
        token=f"t0ken{number:07}",
        message_id=f"{number:024x}@localhost",
        delivery=Delivery.SENDING,
        due_at=now,
        zone="Europe/Berlin",
        intended_at=now,
    )
    return request, Attempt(id=number, request_id=number, number=1, envelope_id=f"envelope-{number}", started_at=now)


def standing(request: Request, remote_id: str) -> Thread:
    """Return a request as the channel is told of it while it looks."""
    return Thread(
        remote_id=remote_id, target=request.target, asked_at=request.intended_at, message_id=request.message_id
    )


def whole_pass(made: MatrixChannel, cursor: str, threads: Sequence[Thread] = ()) -> list[Batch]:
    """Collect until nothing is left."""
    batches = [made.collect(cursor, senders=frozenset, threads=lambda: threads)]
    while batches[-1].more:
        batches.append(made.collect(batches[-1].cursor, senders=frozenset, threads=lambda: threads))
    return batches


class MatrixBench(PostBench):
    """A company asks to be written to in a room of its own, by its alias; `refuse` has us thrown out of it."""

    name = reading.PLATFORM
    copies: ClassVar[int] = 1  # a line has one name
    clock: Clock = SystemClock()

    def __init__(self, server: Homeserver) -> None:
        super().__init__()
        self.server = server
        self.me, self.company = server.person("asks"), server.person("shop")
        alias = f"Service{next(_number)}"
        self.target = f"#{alias}:{NAME}".replace("Service", "service")  # type: ignore[misc]  # of this bench alone
        self.room = self.company.room(self.me.id, alias=alias.lower(), preset="public_chat")
        self.me.join(self.room)
        self._stack = ExitStack()
        self.door = Door(server.url, guarded="")
        self._stack.callback(self.door.shut)
        self._store = Path(self._stack.enter_context(tempfile.TemporaryDirectory())) / "slawatch.db"
        Notebook(self._store, self.account).note_room(self.target, self.room)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def text(self) -> Text:
        body = f"Guten Tag, wie lange dauert die Lieferung nach Köln? Das {self._made}. Mal"
        return Text(probe="delivery-time", lang="de", variant=0, subject="", body=body, form=Form.CHAT)

    def known_as(self, target: str) -> str:
        return f"{self.name}:{self.company.id}"

    def reached_at(self, target: str) -> str:
        return target

    def ties(self, request: Request, facts: Facts) -> bool:
        return facts.chat == request.target and not facts.conversation

    def seen_of(self, request: Request, follow_up: FollowUp | None = None) -> bytes:
        (event,) = self._saying((follow_up or request.text).body)
        return reading.evidence(Line(event=event, room=self.room, chat=self.target, us=self.me.id))

    def channel(self) -> Channel:
        return channel(self.me, self._store, self.door.url)

    def arrived(self, request: Request) -> list[bytes]:
        return [one["content"]["body"].encode() for one in self._saying(request.text.body)]

    def arrived_after(self, request: Request, follow_up: FollowUp) -> list[bytes]:
        return [one["content"]["body"].encode() for one in self._saying(follow_up.body)]

    def reply_by_hand(self, letter: Facts, text: str) -> None:
        login = {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": self.me.id}}
        told = self.server.ask("POST", "/_matrix/client/v3/login", body={**login, "password": "pass-word-1234"})
        by_hand = Person(server=self.server, id=self.me.id, token=told["access_token"])
        by_hand.say(self.room, text, reply_to=letter.own_id.removeprefix(f"{self.name}:"))

    def answer(self, request: Request, text: str, *, junk: bool = False) -> None:
        self.company.say(self.room, text)

    def duplicate(self) -> None:
        """Do nothing: a line has one name, however often it is shown."""

    def refuse(self, target: str) -> None:
        if target == self.target:
            self.company.call("POST", "rooms", self.room, "ban", body={"user_id": self.me.id})

    def fail_once(self) -> None:
        limited = {"errcode": "M_LIMIT_EXCEEDED", "error": "Too Many Requests", "retry_after_ms": 1500}
        self._fault((429, {"Content-Type": "application/json"}, json.dumps(limited).encode()))

    def lose_acknowledgement(self) -> None:
        self._fault("lose")

    def swallow_once(self) -> None:
        self._fault("swallow")

    def go_away(self) -> None:
        self.door.shut()

    def come_back(self) -> None:
        self.door.open()

    def _fault(self, fault: Any) -> None:
        """Let it befall the next line that is said; what is looked up before that passes."""
        self.door.guarded = "%40own.example"
        self.door.faults.append(fault)

    def _saying(self, body: str) -> list[dict[str, Any]]:
        return [one for one in self.company.lines(self.room, by=self.me.id) if one["content"]["body"] == body.strip()]
