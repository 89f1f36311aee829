"""Does the steps of a recipe in a page, and finds out what was there instead where one cannot be done.

It judges nothing: whether that is the company's doing or the recipe's, page.py says.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from playwright.async_api import Error, FrameLocator, Page
from playwright.async_api import TimeoutError as SlowError

from slawatch.channels.webchat.recipe import Action, Persona, Step

SLICE_SECONDS = 1.0  # after that long without success it is looked what is in the way
Where: TypeAlias = Page | FrameLocator

_COVER = re.compile(r"(<[^\n]*?)\s+(?:from (<[^\n]*?) subtree )?intercepts pointer events")
_BAD_SELECTOR = ("Unexpected token", "is not a valid selector", "Unknown engine", "while parsing", "Malformed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """A step that is over, for whoever wants to watch; a word ("page", "input") for what is no step of the recipe."""

    step: Step | str
    seconds: float
    skipped: bool = False


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What stood in the way of a step. `cover` is the element that would have received the click, "" for none."""

    saw: str
    absent: bool = False
    hidden: bool = False
    cover: str = ""


class StepError(Exception):
    """A step could not be done; `obstacle` is what was seen last."""

    def __init__(self, step: Step, obstacle: Obstacle) -> None:
        self.step = step
        self.obstacle = obstacle
        super().__init__(f"{step.place}: {step}: {obstacle.saw}" if step.place else f"{step}: {obstacle.saw}")


class Stage:
    """A page that steps are done in. `stuck` is asked after each slice without success, and may raise to end it."""

    def __init__(
        self,
        page: Page,
        persona: Persona,
        *,
        stuck: Callable[[Step, Obstacle], Awaitable[None]],
        tell: Callable[[Passed], None] | None = None,
    ) -> None:
        self._page = page
        self._persona = persona
        self._stuck = stuck
        self._tell = tell

    def at(self, frames: Sequence[str]) -> Where:
        """Return where a chain of frames leads; it is looked for anew at each use, for frames are replaced."""
        where: Where = self._page
        for selector in frames:
            where = where.frame_locator(selector).first
        return where

    async def do(self, step: Step, *, frames: Sequence[str], seconds: float, text: str = "") -> bool:
        """Do a step within `seconds` (or its own timeout); False where it was optional and passed over.

        Raises:
            StepError: it could not be done.
        """
        begun = time.monotonic()
        limit = seconds if step.timeout is None else min(seconds, step.timeout.total_seconds())
        where = self.at(frames if step.frame is None else step.frame)
        while True:
            left = limit - (time.monotonic() - begun)
            try:
                await self._try(step, where, max(0.05, min(SLICE_SECONDS, left)), text)
            except Error as error:
                if _was_clicked(error):
                    self._passed(step, begun)
                    return True
                obstacle = await self._obstacle(step, where, error)
                over = time.monotonic() - begun >= limit
                if step.optional and over:
                    self._passed(step, begun, skipped=True)
                    return False
                if not step.optional:
                    await self._stuck(step, obstacle)
                if over or _is_bad(error):
                    raise StepError(step, obstacle) from error
                if not isinstance(error, SlowError):
                    await asyncio.sleep(0.1)  # the frame is being replaced; it is there again in a moment
            else:
                self._passed(step, begun)
                return True

    def passed(self, what: str, begun: float) -> None:
        """Tell that something is over that is no step of the recipe."""
        if self._tell is not None:
            self._tell(Passed(step=what, seconds=time.monotonic() - begun))

    def _passed(self, step: Step, begun: float, *, skipped: bool = False) -> None:
        if self._tell is not None:
            self._tell(Passed(step=step, seconds=time.monotonic() - begun, skipped=skipped))

    async def _try(self, step: Step, where: Where, seconds: float, text: str) -> None:
        timeout = seconds * 1000
        value = step.filled(self._persona, text)
        if step.action is Action.PRESS and not step.selector:
            await self._page.keyboard.press(value)
            return
        # The same launcher often stands there twice, one of them hidden for other widths of the window.
        there = where.locator(step.selector)
        one = there.filter(visible=True).first
        match step.action:
            case Action.WAIT:
                await one.wait_for(state="visible", timeout=timeout)
            case Action.CLICK:
                await one.click(timeout=timeout)
            case Action.DISPATCH:
                await there.first.dispatch_event("click", timeout=timeout)
            case Action.FILL:
                await one.fill(value, timeout=timeout)
            case Action.SELECT:
                await one.select_option(value, timeout=timeout)
            case Action.CHECK:
                await one.check(timeout=timeout)
            case Action.PRESS:
                await one.press(value, timeout=timeout)

    async def _obstacle(self, step: Step, where: Where, error: Error) -> Obstacle:
        """Return what was there instead. Raises the error itself where the page is gone."""
        if is_closed(error):
            raise error
        if _is_bad(error):
            return Obstacle(f"the browser knows no such selector: {line(error)}")
        cover = _COVER.search(str(error))
        if cover:
            what = (cover[2] or cover[1]).strip()
            return Obstacle(f"it is there, but {what} lies over it and takes the click", cover=what)
        return await self._missing(step, where, error) if step.selector else Obstacle(line(error))

    async def _missing(self, step: Step, where: Where, error: Error) -> Obstacle:
        there = where.locator(step.selector)
        try:
            found = await asyncio.wait_for(there.count(), SLICE_SECONDS)
            shown = await asyncio.wait_for(there.filter(visible=True).count(), SLICE_SECONDS)
        except (Error, TimeoutError) as problem:
            if isinstance(problem, Error) and is_closed(problem):
                raise
            return Obstacle("its frame is not there", absent=True)
        if not found:
            return Obstacle("there is no such element", absent=True)
        if not shown:
            return Obstacle("it is in the page, but not shown", hidden=True)
        if step.action is Action.SELECT:
            return Obstacle(f'it is there, but has no entry "{step.value}"')
        return Obstacle(f"it is there, but cannot be used: {_last(error)}")


def _was_clicked(error: Error) -> bool:
    """Whether the time was over only after the click itself: on a busy machine one takes longer than a try may.

    Once more would be one too many: launchers close what they have opened.
    """
    return isinstance(error, SlowError) and "performing click action" in str(error)


def is_closed(error: Error) -> bool:
    """Whether the page or its browser is gone."""
    return type(error).__name__ == "TargetClosedError" or "Target crashed" in str(error)


def line(error: BaseException) -> str:
    """Return the first line of what the library says; the others are its log."""
    text = str(error).strip()
    return text.splitlines()[0] if text else type(error).__name__


def _last(error: Error) -> str:
    """Return what the library tried last."""
    lines = [one.strip(" -") for one in str(error).splitlines() if "element is" in one or "not " in one]
    return lines[-1] if lines else line(error)


def _is_bad(error: Error) -> bool:
    return not isinstance(error, SlowError) and any(words in str(error) for words in _BAD_SELECTOR)
