"""A recipe by pointing, in a real browser with real clicks: what comes of it is one, and finds what was meant."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

from slawatch.channels.webchat.recipe import Recipe, Sender
from slawatch.channels.webchat.recipe_reading import load
from slawatch.channels.webchat.recorder import QUESTIONS, Part, Recorded, Recorder
from slawatch.channels.webchat.recorder_writing import written
from slawatch.channels.webchat.settings import Settings
from slawatch.errors import ChannelUnavailableError
from slawatch.usecases.recipes import check
from tests.integration import recipe_page

pytest.importorskip("playwright")

from playwright.async_api import Frame, Page, async_playwright

pytestmark = pytest.mark.server

BROWSER = next((found for name in ("chromium-headless-shell", "chromium") if (found := shutil.which(name))), None)
SECONDS = 60.0

Person = Callable[["Hand"], Coroutine[Any, Any, None]]


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with recipe_page.serving() as where:
        yield where


class Hand:
    """What a person does with the mouse: waits for what the bar asks, and clicks."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def asked(self, part: Part) -> None:
        """Wait until the bar asks for this part."""
        words = self.page.locator("slawatch-recorder [data-part=words]")
        await words.filter(has_text=QUESTIONS[part].words.replace("\n", " ")).wait_for(timeout=20_000)

    async def press(self, label: str) -> None:
        await self.page.locator("slawatch-recorder button", has_text=label).click()

    async def skip(self, part: Part) -> None:
        await self.asked(part)
        await self.press("Skip")

    async def point(self, part: Part, selector: str, frame: Frame | None = None) -> None:
        """Click with the real mouse in the middle of what is there, as the bar asks."""
        await self.asked(part)
        target = (frame or self.page.main_frame).locator(selector).first
        await target.scroll_into_view_if_needed()
        box = await target.bounding_box()
        assert box is not None, selector
        await self.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        await self.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def record(url: str, person: Person) -> Recorded:
    async def main() -> Recorded:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=BROWSER, args=["--no-sandbox"] if os.getuid() == 0 else []
            )
            context = await browser.new_context()
            work = asyncio.create_task(Recorder(context).run(url))
            page = await context.wait_for_event("page")
            hand: asyncio.Task[None] = asyncio.create_task(person(Hand(page)))
            try:
                await asyncio.wait({work, hand}, timeout=SECONDS, return_when=asyncio.FIRST_EXCEPTION)
                if hand.done():
                    hand.result()
                return await asyncio.wait_for(work, SECONDS)
            finally:
                hand.cancel()
                await browser.close()

    return asyncio.run(main())


def recipe(recorded: Recorded, folder: Path) -> Recipe:
    path = folder / "shop.toml"
    path.write_text(written(recorded, name="shop"), encoding="utf-8")
    return load(path)


async def shows_everything(hand: Hand, frame: Frame | None = None) -> None:
    inside = frame or hand.page.main_frame
    await hand.point(Part.LAUNCHER, "#launcher-48213 svg", frame)
    await hand.point(Part.NAME, "input[name=visitor]", frame)
    await hand.point(Part.EMAIL, "input[type=email]", frame)
    await hand.asked(Part.START)
    await inside.locator("input[name=visitor]").fill("Anna")
    await hand.press("Point again")
    await hand.point(Part.START, "#who button", frame)
    await hand.point(Part.INPUT, "textarea", frame)
    await hand.point(Part.SEND, ".send i", frame)
    await hand.asked(Part.OURS)
    await inside.locator("textarea").fill("Do you engrave?")
    await inside.locator(".send").click()
    await inside.locator(".row-staff").wait_for()
    await hand.press("Point again")
    await hand.point(Part.OURS, ".row-visitor .bubble", frame)
    await hand.point(Part.BOT, ".row-auto .bubble", frame)
    await hand.point(Part.AGENT, ".row-staff .bubble", frame)


def test_pointing_at_everything_makes_a_whole_recipe(site: str, tmp_path: Path) -> None:
    async def person(hand: Hand) -> None:
        await hand.point(Part.CONSENT, "#banner button:nth-of-type(2)")
        await shows_everything(hand)

    made = recipe(record(f"{site}/", person), tmp_path)

    assert (made.url, made.locale) == (f"{site}/", "en-GB")
    assert [(str(step), step.optional) for step in made.consent] == [
        ('click "role=button[name="Only what is needed"]"', True)
    ]
    assert [step.selector for step in made.opening.steps] == ['role=button[name="Chat with us"]']
    assert made.opening.frame == ()
    assert [(step.selector, step.value) for step in made.prechat] == [
        ('role=textbox[name="Your name"]', "{persona.name}"),
        ('role=textbox[name="E-mail"]', "{persona.email}"),
        ('role=button[name="Start"]', ""),
    ]
    assert (made.compose.input, made.compose.send) == ('role=textbox[name="Your message"]', 'role=button[name=">"]')
    lines = made.transcript
    assert (lines.item, lines.key, lines.text) == (".row", "data-message-id", ".bubble")
    assert lines.time is not None
    assert (lines.time.select, lines.time.attr) == ("time", "datetime")
    assert {rule.sender: rule.match for rule in lines.classify} == {
        Sender.VISITOR: ".row-visitor",
        Sender.BOT: ".row-auto",
        Sender.AGENT: ".row-staff",
    }


def test_a_chat_in_a_frame_is_recorded_with_its_frame(site: str, tmp_path: Path) -> None:
    async def person(hand: Hand) -> None:
        await hand.skip(Part.CONSENT)
        frame = hand.page.frames[1]
        await shows_everything(hand, frame)

    made = recipe(record(f"{site}/framed", person), tmp_path)

    assert made.opening.frame == ('iframe[title="Chat"]',)
    assert [step.frame for step in made.opening.steps] == [('iframe[title="Chat"]',)]
    assert [step.frame for step in made.prechat] == [None] * 3
    assert made.transcript.item == ".row"


def goes_through(made: Recipe, folder: Path) -> list[tuple[Sender, str]]:
    """Return what is seen by a recipe that was recorded, once it has led to the input."""
    settings = Settings(name="Anna Example", email="anna@example.org")
    done = check(made.path, settings, out=folder / "seen")
    assert done.fault == ""
    return [(one.author, one.text) for one in done.seen if one.kind == "item"]


@pytest.mark.parametrize("page", ["/", "/framed"])
def test_what_was_recorded_leads_to_the_input_and_knows_a_machine(site: str, tmp_path: Path, page: str) -> None:
    async def person(hand: Hand) -> None:
        await hand.point(Part.CONSENT, "#banner button:nth-of-type(2)")
        await shows_everything(hand, hand.page.frames[1] if page == "/framed" else None)

    made = recipe(record(f"{site}{page}", person), tmp_path)

    assert goes_through(made, tmp_path) == [(Sender.BOT, "Hello! I am a virtual assistant.")]


def test_a_closed_shadow_root_is_no_wall(site: str, tmp_path: Path) -> None:
    async def person(hand: Hand) -> None:
        await hand.skip(Part.CONSENT)
        await hand.point(Part.LAUNCHER, "shop-chat button")
        for part in (Part.NAME, Part.EMAIL, Part.START):
            await hand.skip(part)
        await hand.point(Part.INPUT, "shop-chat [role=textbox]")
        await hand.skip(Part.SEND)
        await hand.asked(Part.OURS)
        await hand.page.locator("[role=textbox]").fill("Do you engrave?")
        await hand.page.keyboard.press("Enter")
        await hand.press("Point again")
        await hand.point(Part.OURS, "[data-from=guest] span")
        await hand.point(Part.BOT, "[data-from=robot] span")
        await hand.skip(Part.AGENT)

    made = recipe(record(f"{site}/closed", person), tmp_path)

    assert [step.selector for step in made.opening.steps] == ['role=button[name="Talk to us"]']
    assert (made.compose.input, made.compose.by_key) == ('role=textbox[name="Write here"]', True)
    assert (made.transcript.item, made.transcript.key) == (".line", "data-id")
    assert {rule.sender: rule.match for rule in made.transcript.classify} == {
        Sender.VISITOR: '[data-from="guest"]',
        Sender.BOT: '[data-from="robot"]',
    }
    assert goes_through(made, tmp_path) == [(Sender.BOT, "Hello, I am a robot.")]


def test_what_is_skipped_is_a_guess_that_says_so(site: str, tmp_path: Path) -> None:
    async def person(hand: Hand) -> None:
        await hand.skip(Part.CONSENT)
        await hand.point(Part.LAUNCHER, "#launcher-48213")
        await hand.asked(Part.NAME)
        await hand.press("Done")

    recorded = record(f"{site}/", person)
    made = recipe(recorded, tmp_path)

    assert [step.selector for step in made.opening.steps] == ['role=button[name="Chat with us"]']
    assert made.compose.input == "role=textbox"
    assert (tmp_path / "shop.toml").read_text(encoding="utf-8").count("This is a guess; correct it.") == 2


def test_while_pointing_the_page_sees_no_click(site: str) -> None:
    async def person(hand: Hand) -> None:
        await hand.skip(Part.CONSENT)
        await hand.skip(Part.LAUNCHER)
        await hand.asked(Part.NAME)
        await hand.page.locator("slawatch-recorder [title='Move this bar']").click()  # it lies over the heading
        await hand.point(Part.NAME, "h1")
        await hand.page.locator("slawatch-recorder [data-part=hint]", has_text="nothing one can type in").wait_for()
        await hand.point(Part.NAME, "#launcher-48213")
        assert await hand.page.locator("#window").is_hidden()
        await hand.press("Use the page")
        await hand.page.locator("#launcher-48213").click()
        assert await hand.page.locator("#window").is_visible()
        await hand.press("Done")

    assert record(f"{site}/", person).parts == {}


def test_two_clicks_on_one_line_are_told(site: str) -> None:
    async def person(hand: Hand) -> None:
        await hand.skip(Part.CONSENT)
        for part in (Part.LAUNCHER, Part.NAME, Part.EMAIL, Part.START, Part.INPUT, Part.SEND):
            await hand.skip(part)
        await hand.asked(Part.OURS)
        await hand.press("Point again")
        await hand.page.locator("slawatch-recorder [title='Move this bar']").click()
        await hand.point(Part.OURS, "h1")
        await hand.point(Part.BOT, "h1")
        await hand.skip(Part.AGENT)

    recorded = record(f"{site}/empty", person)

    assert recorded.lines is None
    assert recorded.problem == "they are not two lines of one chat"


def test_a_window_that_is_closed_ends_it(site: str) -> None:
    async def person(hand: Hand) -> None:
        await hand.asked(Part.CONSENT)
        await hand.page.close()

    with pytest.raises(ChannelUnavailableError, match="the window was closed before the end; nothing was written"):
        record(f"{site}/", person)


def test_a_page_that_does_not_load_is_told(site: str) -> None:
    async def person(hand: Hand) -> None:
        pass

    with pytest.raises(ChannelUnavailableError, match=r"http://127\.0\.0\.1:1/: .*ERR_"):
        record("http://127.0.0.1:1/", person)
