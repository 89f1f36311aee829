"""Recipes of website chats, before anybody is asked by them: which vendors there are, whether one works, making one.

Sends no message to any company; what a recipe's steps do before its input takes text is done.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from slawatch import values
from slawatch.channels.webchat import recorder_window
from slawatch.channels.webchat.browser import Browser
from slawatch.channels.webchat.recipe import Base, Persona, Recipe
from slawatch.channels.webchat.recipe_reading import bases, load
from slawatch.channels.webchat.recorder_writing import written
from slawatch.channels.webchat.seen import Seen
from slawatch.channels.webchat.settings import Settings
from slawatch.errors import ChannelError, ChannelUnavailableError, ChannelUnreachableError, OutputError, UsageError

if TYPE_CHECKING:
    from slawatch.channels.webchat.steps import Passed

_OFFERED = re.compile(r"""\s*- '?(button|link|textbox|searchbox|combobox|iframe)((?: "[^"]+")?)""")
GREETING_SECONDS = 2.0  # how long after the input takes text what stands there is still looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What came of trying a recipe: `fault` says which step failed and what was in its way, "" where none did.

    `reason` is why a request would be void then (model.VoidReason), "" where it would be tried again. `instead` is what
    the page then offered to click and to type in. `seen` is what it showed by itself, with nobody asked: greetings, and
    flags.
    """

    recipe: Recipe
    fault: str
    reason: str
    instead: tuple[str, ...]
    seconds: float
    seen: tuple[Seen, ...]
    pictures: tuple[Path, ...]


def check(path: Path, settings: Settings, *, out: Path, tell: Callable[[Passed], None] = lambda _: None) -> Checked:
    """Open the chat of a recipe as far as its input, as who is named in `settings`, and send nothing.

    A picture of the page at the end, be it good or bad, and the page in words go to the folder `out`.

    Raises:
        ConfigError: the recipe has mistakes. UsageError: its form asks for an address, and none is given.
        ChannelUnavailableError: there is no browser to try it with. OutputError: the pictures cannot be written.
    """
    recipe = load(path, folders=(path.parent,))
    if recipe.wants_email and not settings.email:
        raise UsageError('the form before this chat asks for an address; give one with --email "anna@example.org"')
    return asyncio.run(_check(recipe, settings, out, tell))


async def _check(recipe: Recipe, settings: Settings, out: Path, tell: Callable[[Passed], None]) -> Checked:
    browser = Browser(settings, account="recipe check")
    try:
        chromium = await browser.start()
        from slawatch.channels.webchat.page import Visit  # noqa: PLC0415 - it needs the library, which start() looks for

        persona = Persona(name=settings.name, email=settings.email)
        visit = Visit(chromium, recipe, persona, timeout=settings.timeout, tell=tell)
        loop = asyncio.get_running_loop()
        began = loop.time()
        fault = words = reason = ""
        pictures: tuple[Path, ...] = ()
        try:
            await visit.open()
        except ChannelError as error:
            fault = str(error)
            reason = str(error.reason) if isinstance(error, ChannelUnreachableError) else ""
        took = loop.time() - began
        if not fault:
            await asyncio.sleep(GREETING_SECONDS)
        with suppress(ChannelUnavailableError):  # where the page never came, there is nothing to be seen
            picture, words = await visit.picture()
            pictures = _written(out, recipe.path.stem, picture, words)
        seen = tuple(await visit.drain())
        await visit.close()
    finally:
        await browser.close()
    instead = elements(words) if fault else ()
    return Checked(
        recipe=recipe, fault=fault, reason=reason, instead=instead, seconds=took, seen=seen, pictures=pictures
    )


def elements(words: str) -> tuple[str, ...]:
    """Return what a page in words (an ARIA snapshot) offers to click and to type in: `button "Chat with us"`."""
    found = map(_OFFERED.match, words.splitlines())
    return tuple(dict.fromkeys(one[1] + one[2] for one in found if one))


def _written(folder: Path, name: str, picture: bytes, words: str) -> tuple[Path, ...]:
    found: list[tuple[Path, bytes]] = [
        (folder / f"{name}.jpg", picture),
        (folder / f"{name}.yaml", words.encode()),
    ]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, raw in found:
            path.write_bytes(raw)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written: {error.strerror or error}") from None
    return tuple(path for path, _ in found)


def vendors(folder: Path) -> tuple[Base, ...]:
    """Return the vendors' recipes that one can build on, by name; `folder` holds one's own in a folder vendors/.

    Raises:
        ConfigError: one of them has mistakes.
    """
    return bases((folder,))


def place_for(url: str) -> Path:
    """Return where a recipe for this page goes unless told otherwise: recipes/shop-example.toml.

    Raises:
        UsageError: it is no web address.
    """
    try:
        host = urlsplit(values.url(url)).hostname or ""
    except ValueError as error:
        raise UsageError(f"URL: {error}") from None
    name = re.sub(r"[^a-z0-9]+", "-", host.lower().removeprefix("www.")).strip("-")
    return Path("recipes") / f"{name or 'site'}.toml"


def record(url: str, path: Path, *, browser: str = "", tell: Callable[[str], None] = lambda _: None) -> Recipe:
    """Let a person point at the parts of a chat, write the recipe that comes of it to `path`, and return it.

    Raises:
        UsageError: there is such a file already. OutputError: it cannot be written.
        ChannelUnavailableError: as recorder_window.record.
    """
    if path.exists():
        raise UsageError(f'"{path}" is there already; remove it, or name another file with --out')
    text = written(recorder_window.record(url, browser=browser, tell=tell), name=path.stem)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from None
    return load(path, folders=(path.parent,))
