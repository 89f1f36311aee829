"""A visitor of the odd shop, for tests: a visit that is closed again, and a look that waits for what is to be seen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slawatch.channels.chat.loop import LoopThread
from slawatch.channels.webchat.browser import Browser
from slawatch.channels.webchat.page import Visit
from slawatch.channels.webchat.recipe import Persona
from slawatch.channels.webchat.recipe_reading import load
from slawatch.channels.webchat.seen import Seen
from slawatch.channels.webchat.settings import Settings
from slawatch.channels.webchat.steps import Passed
from tests.servers.needs import program
from tests.servers.odd_shop import OddShop, Room, open_odd_shop

ANNA = Persona(name="Anna Berg", email="anna@example.org")


@asynccontextmanager
async def at_the_door(
    browser: Browser,
    room: Room,
    folder: Path,
    *,
    storage: dict[str, Any] | None = None,
    tell: Callable[[Passed], None] | None = None,
    **recipe: Any,
) -> AsyncIterator[Visit]:
    """Give a visit that is not opened yet."""
    visit = await browser.visit(load(room.write_recipe(folder, **recipe)), ANNA, storage=storage, tell=tell)
    try:
        yield visit
    finally:
        await visit.close()


@asynccontextmanager
async def inside(browser: Browser, room: Room, folder: Path, **more: Any) -> AsyncIterator[Visit]:
    """Give a visit whose chat takes text."""
    async with at_the_door(browser, room, folder, **more) as visit:
        await visit.open()
        yield visit


async def until(visit: Visit, enough: Callable[[list[Seen]], object], *, seconds: float = 15) -> list[Seen]:
    """Return all that is seen until it is enough."""
    deadline = time.monotonic() + seconds
    told = await visit.drain()
    while not enough(told):
        assert time.monotonic() < deadline, f"not seen within {seconds:g} s; seen: {told}"
        await asyncio.sleep(0.05)
        told += await visit.drain()
    return told


def lines(told: list[Seen], *authors: str) -> list[str]:
    """Return the texts that were seen, those of some authors only where any are named."""
    return [one.text for one in told if one.kind == "item" and (not authors or one.author in authors)]


def flags(told: list[Seen], name: str) -> list[bool | int | str]:
    """Return what a flag was, one after the other."""
    return [one.value for one in told if one.kind == "flag" and one.name == name]


@dataclass
class Stage:
    """A shop, a browser, and the loop that it runs in."""

    shop: OddShop
    loop: LoopThread
    browser: Browser

    def room(self, **odd: Any) -> Room:
        return self.shop.room(**odd)

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        self.loop.run(work, seconds=60)

    def at_the_door(self, room: Room, folder: Path, **more: Any) -> AbstractAsyncContextManager[Visit]:
        return at_the_door(self.browser, room, folder, **more)

    def inside(self, room: Room, folder: Path, **more: Any) -> AbstractAsyncContextManager[Visit]:
        return inside(self.browser, room, folder, **more)


@contextmanager
def on_stage() -> Iterator[Stage]:
    """Give all of it, or skip the test where there is no browser."""
    program("chromium-headless-shell")
    with open_odd_shop() as shop:
        loop = LoopThread("test")
        browser = Browser(Settings(name=ANNA.name), account="web")
        try:
            yield Stage(shop, loop, browser)
        finally:
            loop.run(browser.close())
            loop.end()
