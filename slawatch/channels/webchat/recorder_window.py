"""Opens a browser window for a person to point in, and says what is missing where there can be none."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from slawatch.channels.webchat.browser import first_line, library
from slawatch.channels.webchat.recorder import Recorded, Recorder
from slawatch.errors import ChannelUnavailableError

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")  # those that have windows
DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY")
DOCS = "docs/how-to/write-a-recipe.md"


def record(url: str, *, browser: str = "", tell: Callable[[str], None] = lambda _: None) -> Recorded:
    """Return what a person points at in a window; `browser` names a program other than the usual ones.

    Raises:
        ChannelUnavailableError: no library, browser or display, the page does not load, or the window was closed.
    """
    if sys.platform.startswith("linux") and not any(os.environ.get(name) for name in DISPLAYS):
        raise ChannelUnavailableError(
            "there is no display here to open a window on; run this on your desktop, or over `ssh -X`, and copy the "
            f"recipe; or write it by hand: {DOCS}"
        )
    return asyncio.run(_record(url, _program(browser), tell))


async def _record(url: str, program: str, tell: Callable[[str], None]) -> Recorded:
    driver = library()
    async with driver.async_playwright() as playwright:
        try:
            # In its sandbox no browser starts for root.
            window = await playwright.chromium.launch(
                executable_path=program, headless=False, chromium_sandbox=os.geteuid() != 0
            )
        except driver.Error as error:
            raise ChannelUnavailableError(f"{program} does not start: {first_line(error)}") from None
        try:
            return await Recorder(await window.new_context(no_viewport=True), tell=tell).run(url)
        finally:
            await window.close()


def _program(given: str) -> str:
    if given:
        found = shutil.which(given) or (given if Path(given).is_file() else None)
        if found is None:
            raise ChannelUnavailableError(f'there is no program "{given}"; name another with --browser')
        return found
    for name in PROGRAMS:
        if found := shutil.which(name):
            return found
    raise ChannelUnavailableError(
        f"there is no browser with windows here ({', '.join(PROGRAMS)}); install chromium, or name one with --browser"
    )
