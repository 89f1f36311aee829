"""An account that asks on websites, as tests set it up: recipes, requests, and passes until all is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

from slawatch.channels.base import Batch, Thread
from slawatch.channels.webchat import Settings, chats, page, seen
from slawatch.channels.webchat.channel import WebChannel
from slawatch.clock import SystemClock
from slawatch.errors import ChannelUnavailableError
from slawatch.model import (
    Attempt,
    Delivery,
    FollowUp,
    Form,
    Incoming,
    Moment,
    MomentKind,
    Origin,
    Purpose,
    Request,
    Text,
)
from tests.servers.local import eventually


def a_request(number: int = 1, *, target: str = "service", text: str = "") -> tuple[Request, Attempt]:
    now = datetime.now(UTC)
    body = text or f"Guten Tag, wie lange dauert die Lieferung nach Köln? Das ist Frage {number}."
    request = Request(
        id=number,
        public_id=f"R{number:04}",
        origin=Origin.SENT,
        company="example-shop",
        channel="webchat",
        target=target,
        account="main",
        text=Text(probe="delivery-time", lang="de", variant=0, subject="", body=body, form=Form.CHAT),
        token=f"t0ken{number}",
        message_id=f"request-{number}@own.example",
        delivery=Delivery.SENDING,
        due_at=now,
        zone="Europe/Berlin",
        intended_at=now,
    )
    return request, Attempt(id=number, request_id=number, number=1, envelope_id=f"e{number}", started_at=now)


def a_follow_up(request: Request, body: str) -> FollowUp:
    now = datetime.now(UTC)
    return FollowUp(
        id=1,
        request_id=request.id,
        message_id=1,
        purpose=Purpose.REPLY,
        subject="",
        body=body,
        own_id=f"follow-up-{request.id}@own.example",
        envelope_id="e",
        delivery=Delivery.SENDING,
        intended_at=now,
    )


def a_channel(folder: Path, **settings: Any) -> WebChannel:
    made = Settings(
        **{"name": "Alex Beispiel", "recipes": folder / "recipes", "timeout": timedelta(seconds=10), **settings}
    )
    return WebChannel(made, account="main", clock=SystemClock(), store=folder / "store.db")


# How long a company's own lines stand before they are told: here they are there at once, and whole.
SHORT_UNTOLD = timedelta(seconds=1)
_SHORT: tuple[tuple[ModuleType, str, object], ...] = (
    (page, "STILL_MS", 150),
    (page, "GLANCE_MS", 150),
    (seen, "HOLD_SECONDS", 0.6),
    (chats, "UNTOLD", SHORT_UNTOLD),
    (chats, "QUIET_SECONDS", 0.2),
)


@contextmanager
def short_waits() -> Iterator[None]:
    """Let pages that are opened meanwhile tell lines soon: the shops of tests write none word by word."""
    with ExitStack() as stack:
        for module, name, short in _SHORT:
            stack.enter_context(mock.patch.object(module, name, short))
        yield


class Watcher:
    """Collects again and again from where it was, as a process that stays does; keeps all it was given."""

    def __init__(self, channel: WebChannel, *requests: Request) -> None:
        self.channel = channel
        self.standing = list(requests)
        self.cursor = ""
        self.batches: list[Batch] = []

    def look(self) -> None:
        """Collect until nothing is left."""
        more = True
        while more:
            batch = self.channel.collect(self.cursor, threads=self.threads)
            self.batches.append(batch)
            self.cursor, more = batch.cursor, batch.more

    def threads(self) -> Sequence[Thread]:
        return [
            Thread(remote_id="", target=one.target, asked_at=one.intended_at, message_id=one.message_id)
            for one in self.standing
        ]

    @property
    def messages(self) -> list[Incoming]:
        return [one for batch in self.batches for one in batch.messages]

    @property
    def moments(self) -> list[Moment]:
        return [one for batch in self.batches for one in batch.moments]

    def kinds(self) -> list[MomentKind]:
        return [one.kind for one in sorted(self.moments, key=lambda one: one.at)]

    def wait_for(self, text: str) -> Incoming:
        """Return the message that holds this text, once it has been collected."""

        def found() -> Incoming | None:
            self._try()
            return next((one for one in self.messages if text in one.facts.text), None)

        return eventually(found, what=f'a message that says "{text}"') or self.messages[-1]

    def wait_until(self, look: Callable[[], object], *, what: str) -> None:
        """Collect until it is so."""

        def true() -> bool:
            self._try()
            return bool(look())

        eventually(true, what=what)

    def _try(self) -> None:
        try:
            self.look()
        except ChannelUnavailableError:
            return
