"""Tries an account in the order in which it would fail: library, browser, and each chat up to its input. Says nothing.

What opens a chat and does not write in it is no question: nobody waits for one, and nobody is asked to answer.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from slawatch.channels.base import Finding
from slawatch.channels.webchat.browser import Browser, library, program
from slawatch.channels.webchat.recipe import Persona
from slawatch.channels.webchat.recipe_reading import load
from slawatch.errors import ChannelError, ChannelUnreachableError, ConfigError
from slawatch.model import VoidReason

if TYPE_CHECKING:
    from slawatch.channels.webchat.settings import Settings

_CURES = {
    VoidReason.OFFLINE: "look when somebody is there, and write the service hours in the config",
    VoidReason.WIDGET_ABSENT: "look whether the company still has this chat; if so, correct the recipe",
    VoidReason.BLOCKED: "the site lets no program in: ask there by hand",
    VoidReason.CAPTCHA: "the site lets no program in: ask there by hand",
    VoidReason.RECIPE_BROKEN: "correct the recipe: slawatch recipe check shows the page it got to",
}


async def findings(settings: Settings, *, account: str) -> list[Finding]:
    """Return what stands in the way of asking on websites."""
    what = f"{account}: the library that drives a browser"
    try:
        library()
    except ChannelError as error:
        return [Finding(ok=False, what=f"{what} is not installed", cure=str(error))]
    found = [Finding(ok=True, what=what)]
    browser = Browser(settings, account=account)
    try:
        path = program(settings.browser)
        await browser.start()
        found.append(Finding(ok=True, what=f'{account}: browser "{path}" starts ({browser.version})'))
    except ChannelError as error:
        return [*found, Finding(ok=False, what=f"{account}: no browser", cure=str(error))]
    try:
        return [*found, *await _recipes(browser, settings, account)]
    finally:
        await browser.close()


async def _recipes(browser: Browser, settings: Settings, account: str) -> list[Finding]:
    paths = sorted(settings.recipes.glob("*.toml"))
    if not paths:
        cure = "write one: slawatch recipe record, or docs/how-to/write-a-recipe.md"
        return [Finding(ok=False, what=f'{account}: no recipe in "{settings.recipes}"', cure=cure)]
    at_once = asyncio.Semaphore(settings.opening_max)

    async def one(path: Path) -> Finding:
        async with at_once:
            return await _recipe(browser, settings, account, path)

    return await asyncio.gather(*(one(path) for path in paths))


async def _recipe(browser: Browser, settings: Settings, account: str, path: Path) -> Finding:
    """Open one chat up to its input."""
    what = f"{account}: {path.name}"
    try:
        recipe = load(path, folders=(settings.recipes,))
    except ConfigError as error:
        more = f" (and {len(error.problems) - 1} more)" if len(error.problems) > 1 else ""
        return Finding(ok=False, what=f"{what} cannot be read", cure=f"{error.problems[0]}{more}")
    persona = Persona(name=settings.name, email=settings.email)
    if recipe.wants_email and not persona.email:
        cure = "give the account an address: email ="
        return Finding(ok=False, what=f"{what}: the form before the chat wants an e-mail address", cure=cure)
    try:
        visit = await browser.visit(recipe, persona)
    except ChannelError as error:
        return Finding(ok=False, what=f"{what}: no page", cure=str(error))
    try:
        await visit.open()
    except ChannelUnreachableError as error:
        reason = VoidReason(error.reason)
        return Finding(ok=False, what=f"{what}: {reason}", cure=f"{error}: {_CURES.get(reason, 'try again')}")
    except ChannelError as error:
        return Finding(ok=False, what=f"{what}: the page does not come", cure=str(error))
    finally:
        with suppress(ChannelError):
            await visit.close()
    warning = "this vendor's recipe was never run against the vendor's software" if recipe.unverified else ""
    return Finding(ok=True, what=f"{what} opens up to its input", cure=warning)
