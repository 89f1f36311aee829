"""The stage of these tests: a world in memory, opened for the companies a test names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from slawatch import app
from slawatch.store import Store
from slawatch.testing import FakeClock, MemoryChannel, MemoryWorld
from slawatch.usecases.world import News, World
from tests.stages import ACCOUNT, Opening, Stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Opening]:
    """Open a stage for these companies. Called again it reopens the same folder, as a later process would."""
    clock = FakeClock()
    far = MemoryWorld(clock=clock)
    stores: list[Store] = []

    def open_stage(*companies: str) -> Stage:
        path = tmp_path / "config.toml"
        if companies:
            path.write_text(ACCOUNT + "".join(companies), encoding="utf-8")
        config, probes = app.load_config(path)
        store = Store(config.store, clock=clock)
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

    yield open_stage
    for store in stores:
        store.close()
