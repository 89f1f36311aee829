"""One Chromium for all tests of a process that do not end it: it takes two seconds to start. Tests nothing.

Every test has contexts of its own in it, as every chat of an account has; whoever kills or closes one starts its own.
"""

from __future__ import annotations

import atexit
import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unittest import mock

from slawatch.channels.chat.loop import LoopThread
from slawatch.channels.webchat import browser, channel, check
from slawatch.channels.webchat.browser import Browser
from slawatch.channels.webchat.settings import Settings

if TYPE_CHECKING:
    from playwright.async_api import Browser as Chromium

    from slawatch.channels.webchat.page import Visit


class SharedLoop(LoopThread):
    """The loop that the shared browser lives in; it goes on when a channel or a stage is done with it."""

    def end(self) -> None:
        """Do nothing: others' pages live here, too."""


class LentBrowser(Browser):
    """A browser to a channel; closing it closes the pages that were had from it, and nothing else."""

    def __init__(self, settings: Settings, *, account: str) -> None:
        super().__init__(settings, account=account)
        self._visits: list[Visit] = []

    async def visit(self, *args: Any, **more: Any) -> Visit:
        made = await super().visit(*args, **more)
        self._visits.append(made)
        return made

    async def _launched(self, path: str) -> Chromium:
        return await _owned().start()

    async def _stop(self) -> None:
        self._chromium = None
        visits, self._visits = self._visits, []
        for one in visits:
            await one.close()


@functools.cache
def shared_loop() -> LoopThread:
    """Return the loop in which everything about the shared browser has to run."""
    return SharedLoop("tests' browser")


@contextmanager
def lent() -> Iterator[None]:
    """Let channels that are made meanwhile have their pages from the shared browser."""
    with (
        mock.patch.object(browser, "Browser", LentBrowser),
        mock.patch.object(check, "Browser", LentBrowser),
        mock.patch.object(channel, "LoopThread", return_value=shared_loop()),
    ):
        yield


@functools.cache
def _owned() -> Browser:
    made = Browser(Settings(name="Alex Beispiel"), account="tests")
    atexit.register(_ended, made)
    return made


def _ended(made: Browser) -> None:
    loop = shared_loop()
    loop.run(made.close(), seconds=20)
    LoopThread.end(loop)
