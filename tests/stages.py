"""A world in memory for use cases: real store, real config, real probes; only the far side is MemoryWorld."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from slawatch import app
from slawatch.model import Outcome, Request
from slawatch.store import Store
from slawatch.testing import FakeClock, MemoryChannel, MemoryWorld
from slawatch.usecases.collect import collect
from slawatch.usecases.outcomes import standing
from slawatch.usecases.world import News, World

ACCOUNT = """
timezone = "Europe/Berlin"

[account.main]
channel = "email"
address = "asks@own.example"
name = "Anna Beispiel"
smtp_host = "localhost"
smtp_security = "none"
smtp_password_env = "UNSET_IN_TESTS"
imap_host = "localhost"
imap_security = "none"
per_minute = 1000
per_day = 100000
"""

COMPANY = """
[company.{key}]
name = "{key}"
relationship = "{relationship}"
language = "{lang}"
{extra}
[[company.{key}.target]]
channel = "email"
address = "service@{key}.example"
{schedule}
"""


def company(
    key: str = "shop", *, relationship: str = "public_interest", schedule: str = "", lang: str = "de", extra: str = ""
) -> str:
    """Return a company's part of a config."""
    return COMPANY.format(key=key, relationship=relationship, schedule=schedule, lang=lang, extra=extra)


@dataclass
class Stage:
    """A world, its far side and its clock, with what tests do all the time."""

    world: World
    far: MemoryWorld
    clock: FakeClock
    news: list[News] = field(default_factory=list)

    def forward(self, **span: float) -> None:
        self.clock.forward(timedelta(**span))

    def requests(self) -> list[Request]:
        return self.world.store.requests()

    def the_request(self) -> Request:
        """The only request there is."""
        (request,) = self.requests()
        return request

    def outcome(self, request: Request | None = None) -> Outcome:
        """What became of the request, after one more look."""
        collect(self.world)
        asked = request or self.the_request()
        return standing(self.world, self.world.store.requests(ids=[asked.id]))[asked.id]


Opening = Callable[..., Stage]


@contextmanager
def stages(folder: Path) -> Iterator[Opening]:
    """Open stages in this folder. Called again it reopens the same one, as a later process would."""
    clock = FakeClock()
    far = MemoryWorld(clock=clock)
    stores: list[Store] = []

    def open_stage(*companies: str) -> Stage:
        path = folder / "config.toml"
        if companies:
            path.write_text(ACCOUNT + "".join(companies), encoding="utf-8")
        config, probes = app.load_config(path)
        store = Store(config.store, clock=clock, key_file=config.privacy.key_file)
        store.open()
        stores.append(store)
        news: list[News] = []
        channel = MemoryChannel(far)
        world = World(
            config=config,
            store=store,
            clock=clock,
            probes=probes,
            channel=lambda _account: channel,
            reader=lambda _channel: MemoryChannel.read,
            tell=news.append,
        )
        return Stage(world=world, far=far, clock=clock, news=news)

    try:
        yield open_stage
    finally:
        for store in stores:
            store.close()
