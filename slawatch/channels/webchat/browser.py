"""Finds a Chromium, starts it when a chat first needs it, and again after it was lost. Never downloads one.

The browser says openly what it is: its user agent stays as it comes, and nothing hides that a program drives it.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slawatch.errors import ChannelUnavailableError, ChannelUnreachableError
from slawatch.model import VoidReason

if TYPE_CHECKING:
    from playwright.async_api import Browser as Chromium

    from slawatch.channels.webchat.page import Visit
    from slawatch.channels.webchat.recipe import Persona, Recipe
    from slawatch.channels.webchat.settings import Settings
    from slawatch.channels.webchat.steps import Passed

# The lean one first: it has no windows, and takes half the memory of the others.
PROGRAMS = ("chromium-headless-shell", "chromium", "google-chrome")
NO_LIBRARY = 'webchat needs a library that is not installed: run pip install "slawatch[webchat]"'
NO_PROGRAM = (
    f"webchat needs a browser, and none of {', '.join(PROGRAMS)} is on the PATH: install one "
    "(on Debian: apt install chromium-headless-shell), or name its program with the account's key `browser`"
)
QUIET = (
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-first-run",
    "--no-pings",
    "--mute-audio",
)
START_SECONDS = 30.0


def program(given: str) -> str:
    """Return the path of the browser's program; `given` is the one the config names, "" for the first there is.

    Raises:
        ChannelUnavailableError: there is none.
    """
    if given:
        found = shutil.which(given) or (given if Path(given).is_file() and os.access(given, os.X_OK) else None)
        if found is None:
            raise ChannelUnavailableError(
                f'webchat: browser: there is no program "{given}": correct the path, or leave it out to take the first '
                f"of {', '.join(PROGRAMS)}"
            )
        return found
    for name in PROGRAMS:
        if found := shutil.which(name):
            return found
    raise ChannelUnavailableError(NO_PROGRAM)


def library() -> Any:
    """Return the module that drives browsers.

    Raises:
        ChannelUnavailableError: it is not installed.
    """
    try:
        from playwright import async_api  # noqa: PLC0415 - takes 0.2 s and 30 MB, so on use only
    except ImportError:
        raise ChannelUnavailableError(NO_LIBRARY) from None
    return async_api


class Browser:
    """One account's browser; every chat has a context of its own in it. All of it runs in one event loop."""

    def __init__(self, settings: Settings, *, account: str) -> None:
        self._settings = settings
        self._account = account
        self._starting = asyncio.Lock()
        self._driver: Any = None
        self._chromium: Chromium | None = None

    @property
    def connected(self) -> bool:
        """Whether it runs now."""
        return self._chromium is not None and self._chromium.is_connected()

    @property
    def version(self) -> str:
        """What runs, as it calls itself; "" where nothing does."""
        return f"{self._chromium.browser_type.name} {self._chromium.version}" if self._chromium else ""

    async def start(self) -> Chromium:
        """Return the running browser; one that was lost is started anew.

        Raises:
            ChannelUnavailableError: the library or the program is missing, or it does not start.
        """
        async with self._starting:
            if self._chromium is not None and self._chromium.is_connected():
                return self._chromium
            await self._stop()
            library()
            path = program(self._settings.browser)
            try:
                self._chromium = await self._launched(path)
            except BaseException:
                await self._stop()
                raise
            return self._chromium

    async def visit(
        self,
        recipe: Recipe,
        persona: Persona,
        *,
        storage: dict[str, Any] | None = None,
        tell: Callable[[Passed], None] | None = None,
    ) -> Visit:
        """Return a visit that can be opened; `tell` hears of each step on the way.

        Raises:
            ChannelUnavailableError: as `start`. ChannelUnreachableError: the browser ended meanwhile.
        """
        from slawatch.channels.webchat.page import Visit  # noqa: PLC0415 - it needs the library

        chromium = await self.start()
        visit = Visit(chromium, recipe, persona, storage=storage, timeout=self._settings.timeout, tell=tell)
        try:
            await visit.begin()
        except library().Error as error:
            message = f"{self._account}: the browser gives no page: {first_line(error)}"
            raise ChannelUnreachableError(message, reason=VoidReason.PROBE_ERROR) from error
        return visit

    async def close(self) -> None:
        """End the browser; safe to call twice."""
        async with self._starting:
            await self._stop()

    async def _launched(self, path: str) -> Chromium:
        playwright = library()
        # Started only once a program was found: the driver is a process of 120 MB.
        self._driver = await playwright.async_playwright().start()
        sandbox = self._settings.sandbox if self._settings.sandbox is not None else os.geteuid() != 0
        try:
            return await self._driver.chromium.launch(  # type: ignore[no-any-return]
                executable_path=path,
                headless=True,
                args=list(QUIET),
                chromium_sandbox=sandbox,
                timeout=START_SECONDS * 1000,
                # Chats are parked when slawatch is told to end; a browser that ends by itself would lose them.
                handle_sigint=False,
                handle_sigterm=False,
                handle_sighup=False,
            )
        except playwright.Error as error:
            cure = "see whether it starts by hand"
            if sandbox and "sandbox" in str(error).lower():
                cure = "it cannot make its sandbox here: allow user namespaces, or write sandbox = false"
            message = f'{self._account}: the browser "{path}" does not start: {first_line(error)}: {cure}'
            raise ChannelUnavailableError(message) from error

    async def _stop(self) -> None:
        chromium, self._chromium = self._chromium, None
        driver, self._driver = self._driver, None
        if chromium is not None:
            with suppress(library().Error):
                await chromium.close()
        if driver is not None:
            with suppress(library().Error):
                await driver.stop()


def first_line(error: BaseException) -> str:
    """Return the first line of what a browser's library has to say; the others are its log."""
    text = str(error).strip()
    return text.splitlines()[0].rstrip(":") if text else type(error).__name__
