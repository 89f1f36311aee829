"""A world in which Anna posts what slawatch prepares for her: the town, her mail, two companies. Tests nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from slawatch import config, probe, resources
from slawatch.channels import BUILT_IN
from slawatch.channels.base import Channel, Note
from slawatch.channels.social.platform import Post, Profile
from slawatch.model import Delivery, Outcome, Request
from slawatch.store import Store
from slawatch.testing import FakeClock, MemoryChannel, MemoryWorld
from slawatch.usecases.memory import AccountMemory
from slawatch.usecases.outcomes import standing
from slawatch.usecases.tick import Tick, tick
from slawatch.usecases.world import News, World
from tests.social_town import MemoryPlatform, Town, TownChannel
from tests.stages import ACCOUNT

REGISTRY = {"email": BUILT_IN["email"], "town": "tests.town_channel:TownChannel"}

ANNA = """
[account.anna]
channel = "town"
handle = "@anna"
poll = "5 s"
poll_idle = "5 s"
"""
NOTIFY = 'notify = "anna@example.org"\n'
TARGET = """
[company.{key}]
name = "{name}"
relationship = "competitor"
language = "de"

[[company.{key}.target]]
channel = "town"
address = "@{key}"
account = "anna"
every = "1 h"
"""
ACME = TARGET.format(key="acme", name="Acme & Sons")
BETA = TARGET.format(key="beta", name="Beta")


class Postman(MemoryChannel):
    """An e-mail account that can write to its user; `faults` are raised one after the other."""

    def __init__(self, far: MemoryWorld) -> None:
        super().__init__(far)
        self.notes: list[Note] = []
        self.faults: list[Exception] = []

    def write(self, note: Note) -> None:
        if self.faults:
            raise self.faults.pop(0)
        self.notes.append(note)


@dataclass
class PublicStage:
    """One process at work in that world."""

    world: World
    town: Town
    clock: FakeClock
    anna: Profile
    companies: dict[str, Profile]
    postman: Postman
    news: list[News] = field(default_factory=list)

    def forward(self, **span: float) -> None:
        self.clock.forward(timedelta(**span))

    def tick(self) -> Tick:
        return tick(self.world)

    def told(self, what: str) -> list[News]:
        return [one for one in self.news if one.what == what]

    def requests(self) -> list[Request]:
        return self.world.store.requests()

    def the_request(self) -> Request:
        (request,) = self.requests()
        return request

    def until_due(self) -> Request:
        """Let passes go by until something waits for a person."""
        for _ in range(2000):
            self.tick()
            waiting = self.world.store.requests(delivery=Delivery.INTENDED)
            if waiting:
                return waiting[0]
            self.forward(minutes=30)
        raise AssertionError("nothing ever came due")

    def post(self, request: Request, text: str = "", **how: Any) -> Post:
        """Let Anna post what was prepared, or something else."""
        return self.town.say(self.anna, text or f"{request.target} {request.text.body}", **how)

    def outcome(self, request: Request) -> Outcome:
        (found,) = standing(self.world, self.world.store.requests(ids=[request.id])).values()
        return found


@dataclass
class Street:
    """Where processes are started: one folder, one town, one clock."""

    folder: Path
    town: Town
    anna: Profile
    companies: dict[str, Profile]
    postman: Postman
    stores: list[Store] = field(default_factory=list)

    def open(self, *parts: str) -> PublicStage:
        """Open the folder with this config; without any as a later process would."""
        path = self.folder / "config.toml"
        if parts:
            path.write_text(ACCOUNT + "".join(parts), encoding="utf-8")
        probes = probe.load_all(resources.folders("probes", self.folder), judge=False)
        found = config.load(path, registry=REGISTRY, probes=probes)
        clock = self.town.clock
        store = Store(found.store, clock=clock)
        store.open()
        self.stores.append(store)
        memory: Any = AccountMemory(store, found, "anna")
        settings = found.accounts["anna"].settings
        channels: dict[str, Channel] = {
            "anna": TownChannel(MemoryPlatform(self.town, self.anna), settings=settings, memory=memory),
            "main": self.postman,
        }
        readers = {"town": TownChannel.read, "email": MemoryChannel.read}
        news: list[News] = []
        world = World(
            config=found,
            store=store,
            clock=clock,
            probes=probes,
            channel=channels.__getitem__,
            reader=readers.__getitem__,
            tell=news.append,
        )
        return PublicStage(
            world=world,
            town=self.town,
            clock=clock,
            anna=self.anna,
            companies=self.companies,
            postman=self.postman,
            news=news,
        )


@contextmanager
def street(folder: Path) -> Iterator[Street]:
    town = Town()
    made = Street(
        folder=folder,
        town=town,
        anna=town.person("anna"),
        companies={key: town.person(key) for key in ("acme", "beta")},
        postman=Postman(MemoryWorld(clock=town.clock)),
    )
    try:
        yield made
    finally:
        for store in made.stores:
            store.close()
