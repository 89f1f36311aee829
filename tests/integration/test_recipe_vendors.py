"""Vendors' recipes that are called proven, against the vendor's software, with nothing added but the page."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from slawatch.channels.webchat.browser import Browser
from slawatch.channels.webchat.recipe import FlagName, Persona, Recipe, Sender
from slawatch.channels.webchat.recipe_reading import load
from slawatch.channels.webchat.seen import PageStamp, Seen
from slawatch.channels.webchat.settings import Settings
from tests.servers import converse, supchat_shop
from tests.servers.converse import Shop
from tests.servers.supchat_shop import SupchatShop

pytestmark = pytest.mark.server

SECONDS = 20.0
QUESTION, ANSWER = "Do you engrave?", "Yes, we do."


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with converse.open_shop() as ready:
        yield ready


@pytest.fixture(scope="module")
def supchat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SupchatShop]:
    with supchat_shop.open_shop(tmp_path_factory.mktemp("supchat")) as ready:
        yield ready


def recipe(folder: Path, text: str) -> Recipe:
    path = folder / "shop.toml"
    path.write_text(text, encoding="utf-8")
    made = load(path)
    assert made.base is not None
    assert made.base.proven
    return made


def chat(made: Recipe, answer: Callable[[], None]) -> tuple[PageStamp, list[Seen]]:
    """Ask the question, let the other side answer, and return what was seen up to that answer."""

    async def main() -> tuple[PageStamp, list[Seen]]:
        browser = Browser(Settings(name="Anna Example"), account="web")
        try:
            visit = await browser.visit(made, Persona(name="Anna Example"))
            await visit.open()
            stamp = await visit.say(QUESTION)
            answering = asyncio.create_task(asyncio.to_thread(answer))
            seen: list[Seen] = []
            async with asyncio.timeout(SECONDS):
                while not any(ANSWER in one.text for one in seen):
                    seen += await visit.drain()
                    await asyncio.sleep(0.05)
            await answering
            return stamp, seen
        finally:
            await browser.close()

    return asyncio.run(main())


def test_the_recipe_for_converse_tells_our_lines_from_theirs_and_theirs_from_nobodys(
    shop: Shop, tmp_path: Path
) -> None:
    made = recipe(tmp_path, f'vendor = "converse"\nurl = "{shop.url}"\n[open]\nsteps = [{{ click = "#chat-open" }}]\n')

    stamp, seen = chat(made, lambda: void(shop.agent.say(shop.agent.wait_for(QUESTION).visitor, ANSWER)))

    lines = [one for one in seen if one.kind == "item"]
    assert [(one.text, one.author) for one in lines] == [
        (QUESTION, Sender.VISITOR),
        (ANSWER, Sender.UNKNOWN),  # XMPP has no mark by which a machine could be told
    ]
    assert stamp.key
    assert all(one.key and one.server_stamp is not None for one in lines)


def test_the_recipe_for_supchat_tells_who_wrote_and_that_somebody_types(supchat: SupchatShop, tmp_path: Path) -> None:
    made = recipe(tmp_path, f'vendor = "supchat"\nurl = "{supchat.url}"\n')

    def answer() -> None:
        conversation = supchat.wait_for_chat()
        supchat.type(conversation)
        supchat.say(conversation, ANSWER)

    stamp, seen = chat(made, answer)

    lines = [one for one in seen if one.kind == "item"]
    assert [(one.text, one.author, one.rule) for one in lines] == [
        (QUESTION, Sender.VISITOR, "vendor-field: .supchat-message"),
        (ANSWER, Sender.AGENT, "vendor-field: .supchat-message-operator"),
    ]
    assert stamp.key
    assert stamp.accepted is not None
    assert [one.value for one in seen if one.kind == "flag" and one.name == FlagName.TYPING][:1] == [True]


def void(_: object) -> None:
    """Leave what somebody returned."""
