"""A chat in memory whose lines and steps a test says: what use cases know of chats, without any far side's ways."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event
from types import TracebackType
from typing import Self

from slawatch.channels.base import Batch, Capabilities, Finding, Sent, Thread, Unknown
from slawatch.channels.chat.settings import STANDARD
from slawatch.errors import ChannelUnreachableError
from slawatch.model import (
    Attempt,
    Author,
    DeliveryProof,
    Exhibit,
    Facts,
    FollowUp,
    Form,
    Incoming,
    Moment,
    MomentKind,
    Request,
    Stamps,
    VoidReason,
)
from slawatch.testing import FakeClock

__all__ = ["FORM", "SESSION", "STANDARD", "MemoryChat", "Settings"]

FORM = Form.CHAT
SESSION = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    name: str = "Anna Beispiel"


@dataclass
class Far:
    """The other end. `shut` says why nobody is reached; `blind` keeps looks from being complete."""

    clock: FakeClock
    asked: list[Request] = field(default_factory=list)
    replied: list[FollowUp] = field(default_factory=list)
    lines: list[Incoming] = field(default_factory=list)
    moments: list[Moment] = field(default_factory=list)
    exhibits: list[Exhibit] = field(default_factory=list)
    watched: list[Sequence[Thread]] = field(default_factory=list)
    shut: VoidReason | None = None
    alone: bool = True  # each chat is one request's alone, as on a page

    def say(
        self, request: Request, text: str, *, author: Author = Author.AGENT, by: str = "vendor-field: agent"
    ) -> None:
        number = len(self.lines) + 1
        raw = json.dumps(
            {
                "number": number,
                "chat": request.target,
                "conversation": request.message_id if self.alone else "",
                "author": author,
                "by": by,
                "text": text,
            }
        ).encode()
        self.lines.append(
            Incoming(
                remote_id=f"memory:{number}",
                folder="",
                raw=raw,
                stamps=Stamps(at=self.clock.now(), source="page"),
                facts=read(raw),
            )
        )

    def step(self, request: Request, kind: MomentKind, saw: str = "") -> None:
        self.moments.append(Moment(request=request.message_id, kind=kind, at=self.clock.now(), clock="page", saw=saw))

    def show(self, request: Request, kind: MomentKind, raw: bytes) -> None:
        self.exhibits.append(
            Exhibit(request=request.message_id, moment=kind, at=self.clock.now(), media="image/jpeg", raw=raw)
        )


def read(raw: bytes) -> Facts:
    kept = json.loads(raw)
    return Facts(
        platform="memory",
        chat=kept["chat"],
        conversation=kept["conversation"],
        author=Author(kept["author"]),
        author_by=kept["by"],
        own_id=f"memory:{kept['number']}",
        sender=f"memory:{kept['chat']}",
        text=kept["text"],
    )


class MemoryChat:
    def __init__(self, far: Far) -> None:
        self.capabilities = Capabilities(durable_history=False, session=True)
        self._far = far

    def open(self) -> None: ...

    def close(self) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def prepare(self, request: Request, attempt: Attempt) -> bytes:
        return request.text.body.encode()

    def send(self, request: Request, attempt: Attempt) -> Sent:
        self._far.step(request, MomentKind.OPENED)
        if self._far.shut is not None:
            self._far.show(request, MomentKind.OPENED, b"the door")
            raise ChannelUnreachableError("nobody is there", reason=self._far.shut)
        self._far.asked.append(request)
        self._far.step(request, MomentKind.SUBMITTED)
        return self._sent(f"memory:ours-{len(self._far.asked)}")

    def find(self, request: Request) -> Unknown:
        return Unknown()

    @staticmethod
    def correspondent(letter: Facts) -> str:
        return letter.chat

    def prepare_follow_up(self, request: Request, follow_up: FollowUp, letter: Facts) -> bytes:
        return follow_up.body.encode()

    def send_follow_up(self, request: Request, follow_up: FollowUp, letter: Facts) -> Sent:
        self._far.replied.append(follow_up)
        return self._sent(f"memory:more-{len(self._far.replied)}")

    def find_follow_up(self, follow_up: FollowUp) -> Unknown:
        return Unknown()

    def find_by_hand(self, letter: Facts) -> Unknown:
        return Unknown()

    def collect(
        self,
        cursor: str,
        *,
        senders: Callable[[], frozenset[str]] | None = None,
        threads: Callable[[], Sequence[Thread]] | None = None,
    ) -> Batch:
        self._far.watched.append(threads() if threads else ())
        moments, self._far.moments = self._far.moments, []
        exhibits, self._far.exhibits = self._far.exhibits, []
        return Batch(
            messages=tuple(self._far.lines[int(cursor or 0) :]),
            cursor=str(len(self._far.lines)),
            looked_until=self._far.clock.now(),
            moments=tuple(moments),
            exhibits=tuple(exhibits),
        )

    @staticmethod
    def read(raw: bytes) -> Facts:
        return read(raw)

    def watch(self, stop: Event, wait_seconds: float) -> bool:
        self._far.clock.forward(timedelta(seconds=wait_seconds))
        return False

    def check(self) -> list[Finding]:
        return [Finding(ok=True, what="a chat in memory")]

    def _sent(self, name: str) -> Sent:
        return Sent(remote_id=name, accepted_at=self._far.clock.now(), proof=DeliveryProof.PRESUMED)
