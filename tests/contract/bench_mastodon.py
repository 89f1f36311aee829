"""The far side of the Mastodon channel: a real server in its own process, and a door before it for its bad days."""

from __future__ import annotations

import atexit
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from functools import cache
from types import TracebackType
from typing import Any, ClassVar, Self

from slawatch.channels.base import Channel, Identity
from slawatch.channels.mastodon import MastodonChannel
from slawatch.channels.mastodon.platform import MastodonPlatform
from slawatch.channels.mastodon.reading import PLATFORM, evidence
from slawatch.channels.social.cursor import LAG
from slawatch.channels.social.platform import named
from slawatch.clock import Clock, SystemClock
from slawatch.model import ZERO, Facts, FollowUp, Request
from tests.contract.benches import BATCH, PostBench
from tests.servers.gate import Gate
from tests.servers.local import LOOPBACK
from tests.servers.mastodon import HOME, OURS, MastodonServer, running
from tests.social_town import Notebook

STATUSES = "/api/v1/statuses"


@cache
def server() -> MastodonServer:
    """Return the one server of this run; starting it takes longer than most tests."""
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(running())


class SmallPages(MastodonChannel):
    """Looks at the server whenever it is asked to, a few notifications at a time."""

    def _make_platform(self) -> MastodonPlatform:
        platform = super()._make_platform()
        platform.page_size = BATCH
        platform.feeds = dict.fromkeys(platform.feeds, ZERO)
        return platform


class MastodonBench(PostBench):
    """The company is on another server, as most are; what stands in the way of a letter comes to us alone."""

    name = PLATFORM
    target = "@service@shop.example"
    copies: ClassVar[int] = 1  # whatever a post comes in by, it is that post
    lag: ClassVar[timedelta] = LAG
    clock: Clock = SystemClock()  # the server stamps by the real time

    def __enter__(self) -> Self:
        self._server = server()
        self._server.reset()
        self._gate = Gate(self._server.port)
        self._open = True
        self.memory = Notebook()
        company = self._server.do("GET", "/api/v1/accounts/lookup?acct=service@shop.example")
        self._company = named(PLATFORM, company["id"])
        self.memory.identities[self.target] = Identity(
            address=self.target, id=self._company, handle="service@shop.example", name="Service"
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._gate.shut()

    def known_as(self, target: str) -> str:
        return self._company

    def ties(self, request: Request, facts: Facts) -> bool:
        return {named(PLATFORM, one["id"]) for one in self._saying(request.text.body)} == {
            facts.conversation,
            *facts.cited_ids,
        }

    def seen_of(self, request: Request, follow_up: FollowUp | None = None) -> bytes:
        (status,) = self._saying((follow_up or request.text).body)
        return evidence(status, home=HOME)

    def channel(self) -> Channel:
        at_once = timedelta(0)  # every look at the feeds is due
        settings = self._server.settings(server=f"http://{LOOPBACK}:{self._gate.port}", poll=at_once, poll_idle=at_once)
        return SmallPages(settings, account=self.account, clock=self.clock, memory=self.memory)

    def arrived(self, request: Request) -> list[bytes]:
        return [self._source(one) for one in self._saying(request.text.body)]

    def arrived_after(self, request: Request, follow_up: FollowUp) -> list[bytes]:
        return [self._source(one) for one in self._saying(follow_up.body)]

    def reply_by_hand(self, letter: Facts, text: str) -> None:
        self._server.post(OURS, text, reply_to=letter.own_id.removeprefix(f"{PLATFORM}:"))

    def answer(self, request: Request, text: str, *, junk: bool = False) -> None:
        asked = next(self._saying_each(request.text.body), None)
        self._server.post(
            "service",
            f"@{OURS} {text}",
            reply_to=asked["id"] if asked and not junk else "",
            visibility="direct" if junk else "public",
        )

    def duplicate(self) -> None:
        """Do nothing: a server tells of a post once, and each look shows again what is young."""

    def refuse(self, target: str) -> None:
        if target == self.target:  # of nobody else has the server ever heard
            self._server.fault({"type": "status", "status": 403}, path=STATUSES, methods=("POST",), times=1000)

    def fail_once(self) -> None:
        self._server.fault({"type": "ratelimit"}, path=STATUSES, methods=("POST",))

    def lose_acknowledgement(self) -> None:
        self._gate.lose_next_reply(after=lambda: None, to=b"POST ")

    def swallow_once(self) -> None:
        self._server.fault({"type": "status", "status": 502}, path=STATUSES, methods=("POST",))

    def go_away(self) -> None:
        self._gate.shut()

    def come_back(self) -> None:
        self._gate.open()

    def _saying(self, body: str) -> list[dict[str, Any]]:
        return list(self._saying_each(body))

    def _saying_each(self, body: str) -> Iterator[dict[str, Any]]:
        return (one for one in self._server.posts(OURS) if self._source(one).decode().endswith(body.strip()))

    def _source(self, status: dict[str, Any]) -> bytes:
        source: str = self._server.do("GET", f"{STATUSES}/{status['id']}/source", who=OURS)["text"]
        return source.encode()
