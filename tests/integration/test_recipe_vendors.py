"""Vendors' recipes that are called proven, against the vendor's software, with nothing added but the page."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from slawatch.channels.webchat.browser import Browser
from slawatch.channels.webchat.recipe import Persona, Recipe, Sender
from slawatch.channels.webchat.recipe_reading import load
from slawatch.channels.webchat.seen import Seen
from slawatch.channels.webchat.settings import Settings
from tests.servers import converse
from tests.servers.converse import Shop

pytestmark = pytest.mark.server

SECONDS = 20.0


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with converse.open_shop() as ready:
        yield ready


def recipe(folder: Path, text: str) -> Recipe:
    path = folder / "shop.toml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def test_the_recipe_for_converse_tells_our_lines_from_theirs_and_theirs_from_nobodys(
    shop: Shop, tmp_path: Path
) -> None:
    made = recipe(tmp_path, f'vendor = "converse"\nurl = "{shop.url}"\n[open]\nsteps = [{{ click = "#chat-open" }}]\n')
    assert made.base is not None
    assert made.base.proven

    async def chat() -> list[Seen]:
        browser = Browser(Settings(name="Anna Example"), account="web")
        try:
            visit = await browser.visit(made, Persona(name="Anna Example"))
            await visit.open()
            stamp = await visit.say("Do you engrave?")
            heard = await asyncio.to_thread(shop.agent.wait_for, "Do you engrave?")
            await asyncio.to_thread(shop.agent.say, heard.visitor, "Yes, we do.")
            seen: list[Seen] = []
            async with asyncio.timeout(SECONDS):
                while not any("Yes, we do." in one.text for one in seen):
                    seen += await visit.drain()
                    await asyncio.sleep(0.05)
            assert stamp.key
            return seen
        finally:
            await browser.close()

    lines = [one for one in asyncio.run(chat()) if one.kind == "item"]

    assert [(one.text, one.author) for one in lines] == [
        ("Do you engrave?", Sender.VISITOR),
        ("Yes, we do.", Sender.UNKNOWN),  # XMPP has no mark by which a machine could be told
    ]
    assert [bool(one.key) for one in lines] == [True, True]
    assert all(one.server_stamp is not None for one in lines)
