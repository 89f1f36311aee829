"""A world that asks on an X of its own (slawatch.practice.x): real store, config, client and HTTP, and a set clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from slawatch import app
from slawatch.model import Outcome, Request
from slawatch.practice.x import X, XServer
from slawatch.practice.x.people import Person, Post
from slawatch.testing import FakeClock
from slawatch.usecases.outcomes import standing
from slawatch.usecases.tick import Tick, tick
from slawatch.usecases.world import News, World

HANDLE = "robin_asks"

ACCOUNT = """
timezone = "Europe/Berlin"

[account.robin]
channel = "twitter"
handle = "@{handle}"
api_base = "{base}"
auth_base = "{base}"
consumer_key = "{keys.consumer_key}"
consumer_secret = "{keys.consumer_secret}"
access_token = "{keys.access_token}"
access_secret = "{keys.access_secret}"
per_minute = {per_minute}
per_day = {per_day}
{more}
"""

COMPANY = """
[company.{key}]
name = "{key}"
relationship = "{relationship}"
language = "{lang}"
{extra}
[[company.{key}.target]]
channel = "twitter"
address = "@{key}"
{target}
"""


def company(
    key: str = "acme",
    *,
    relationship: str = "own",
    lang: str = "en",
    extra: str = "",
    target: str = "",
) -> str:
    """Return a company's part of a config; its handle on X is its key."""
    return COMPANY.format(key=key, relationship=relationship, lang=lang, extra=extra, target=target)


@dataclass
class XStage:
    """A world, the X it asks on, and their clock."""

    world: World
    x: X
    clock: FakeClock
    us: Person
    news: list[News] = field(default_factory=list)

    def forward(self, **span: float) -> None:
        """Let time pass."""
        self.clock.forward(timedelta(**span))

    def tick(self) -> Tick:
        """Do one pass, as cron does."""
        return tick(self.world)

    def tick_until(self, until: datetime, *, every: timedelta) -> None:
        """Do one pass every so often until then."""
        while self.clock.now() < until:
            self.clock.forward(every)
            self.tick()

    def requests(self) -> list[Request]:
        """Return every request of the store."""
        return self.world.store.requests()

    def the_request(self) -> Request:
        """Return the only request there is."""
        (request,) = self.requests()
        return request

    def outcome(self, request: Request | None = None) -> Outcome:
        """Return what became of the request so far."""
        asked = request or self.the_request()
        return standing(self.world, self.world.store.requests(ids=[asked.id]))[asked.id]

    def ours(self) -> list[Post]:
        """Return what stands on X from our account, the oldest first: the truth about what was posted."""
        return sorted((post for post in self.x.posts.values() if post.author is self.us), key=lambda post: post.number)


Opening = Callable[..., XStage]


@contextmanager
def x_stages(folder: Path) -> Iterator[Opening]:
    """Open stages in this folder, on one X. Called without companies it opens the same again, as a later pass."""
    clock = FakeClock()
    x = X(clock, seed="tests")
    us = x.person(HANDLE, "Robin")
    keys = x.oauth1(us)
    with ExitStack() as stack:
        server = stack.enter_context(XServer(x))

        def open_stage(*companies: str, more: str = "", per_minute: int = 1000, per_day: int = 100000) -> XStage:
            path = folder / "config.toml"
            if companies:
                account = ACCOUNT.format(
                    handle=HANDLE,
                    base=server.base_url,
                    keys=keys,
                    per_minute=per_minute,
                    per_day=per_day,
                    more=more,
                )
                path.write_text(account + "".join(companies), encoding="utf-8")
                path.chmod(0o600)
            news: list[News] = []
            world = stack.enter_context(app.world(path, clock=clock, tell=news.append))
            return XStage(world=world, x=x, clock=clock, us=us, news=news)

        yield open_stage
