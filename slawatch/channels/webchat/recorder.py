"""Asks a person to point at the parts of a chat in a page, one after the other, and keeps by what each can be found.

It opens the page and follows where the person leads; it types nothing, sends nothing, and writes no file.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slawatch.channels.webchat.browser import first_line, library
from slawatch.errors import ChannelUnavailableError

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Frame, Page

SCRIPT = Path(__file__).with_name("recorder.js")
LOADED_SECONDS = 60.0


class Part(StrEnum):
    """What a person points at, in the order they are asked."""

    CONSENT = "consent"
    LAUNCHER = "launcher"
    NAME = "name"
    EMAIL = "email"
    START = "start"
    INPUT = "input"
    SEND = "send"
    OURS = "ours"
    BOT = "bot"
    AGENT = "agent"


LINES = (Part.OURS, Part.BOT, Part.AGENT)


@dataclass(frozen=True, slots=True)
class Question:
    """What the bar says; `kind` is what a click on something inside it means, `on` whether the page sees it, too.

    Where one first has to do something in the page, pointing begins with the button ("waiting").
    """

    words: str
    kind: str = "click"
    on: bool = False
    waiting: bool = False


QUESTIONS = {
    Part.CONSENT: Question("Is there a banner about cookies? Click what declines it. If there is none: Skip.", on=True),
    Part.LAUNCHER: Question("Click what opens the chat. If it is open already: Skip.", on=True),
    Part.NAME: Question("Does a form come before the chat? Click its field for a name, or Skip.", "field"),
    Part.EMAIL: Question("Click its field for an e-mail address, or Skip.", "field"),
    Part.START: Question(
        'Fill in the form, then press "Point again" and click what starts the chat. No form: Skip.',
        on=True,
        waiting=True,
    ),
    Part.INPUT: Question("Click the field that a message is typed in.", "field"),
    Part.SEND: Question("Click the button that sends it. If only the Enter key does: Skip."),
    Part.OURS: Question(
        'If you do not mind being answered, type a line and send it. Then press "Point again" and click your own line, '
        "so that the lines can be told apart. Else: Skip.",
        "line",
        waiting=True,
    ),
    Part.BOT: Question("Click a line that a machine wrote: a greeting, a receipt. If there is none: Skip.", "line"),
    Part.AGENT: Question("Click a line that a person wrote, once there is one. If nobody answers: Skip.", "line"),
}


@dataclass(frozen=True, slots=True)
class Picked:
    """An element by the best selector that finds it, and the frames it lies in; `weak` where no selector is good."""

    selector: str
    frame: tuple[str, ...] = ()
    weak: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """What the lines that were pointed at have in common, and by which mark each sender's differ ("" for none)."""

    item: str
    root: str = ""
    key: str = ""
    text: str = ""
    time: tuple[str, str] | None = None  # select and attr of an ISO time
    rules: dict[Part, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Recorded:
    """What a person has shown of one page's chat."""

    url: str
    locale: str = ""
    parts: dict[Part, Picked] = field(default_factory=dict)
    lines: Lines | None = None
    problem: str = ""  # why there are no lines, though some were shown

    @property
    def frame(self) -> tuple[str, ...]:
        """The frames that the chat lies in: those of its input."""
        found = self.parts.get(Part.INPUT) or self.parts.get(Part.SEND)
        return found.frame if found else ()


class Recorder:
    """Leads a person through the questions in one page. `run` returns once they are through, or have pressed "Done"."""

    def __init__(self, context: BrowserContext, *, tell: Callable[[str], None] = lambda _: None) -> None:
        self._context = context
        self._tell = tell
        self._events: asyncio.Queue[tuple[str, Any, Any]] = asyncio.Queue()
        self._state: dict[str, Any] = {}
        self._line_frames: dict[Part, Frame] = {}

    async def run(self, url: str) -> Recorded:
        """Open the page and return what was shown.

        Raises:
            ChannelUnavailableError: the page does not load, or its window was closed before the end.
        """
        error_class = library().Error
        await self._context.expose_binding("__slawatchPicked", self._was_picked)
        await self._context.expose_binding("__slawatchPressed", self._was_pressed)
        await self._context.expose_binding("__slawatchHello", self._hello)
        await self._context.add_init_script(path=SCRIPT)
        page = await self._context.new_page()
        page.on("close", lambda _: self._events.put_nowait(("closed", None, None)))
        recorded = Recorded(url=url)
        try:
            self._tell("a window is open; the bar in it says what to click")
            await page.goto(url, wait_until="domcontentloaded", timeout=LOADED_SECONDS * 1000)
            for part in Part:
                if not await self._ask(page, part, recorded):
                    break
            recorded.locale = await page.evaluate("document.documentElement.lang || ''")
            await self._compare(recorded)
        except error_class as error:
            if page.is_closed():
                raise _closed() from None
            raise ChannelUnavailableError(f"{url}: {first_line(error)}") from None
        return recorded

    async def _ask(self, page: Page, part: Part, recorded: Recorded) -> bool:
        """Put one question until it is answered or skipped; False where the person is done with all."""
        question = QUESTIONS[part]
        picking = not question.waiting
        hint = ""
        while True:
            self._state = {
                "asked": part,
                "kind": question.kind,
                "words": question.words,
                "hint": hint,
                "picking": picking,
            }
            await self._show(page)
            what, frame, told = await self._events.get()
            if what == "closed":
                raise _closed()
            if what == "done":
                return False
            if what == "skip":
                return True
            if what == "mode":
                picking, hint = not picking, ""
            elif what == "picked" and told["asked"] == part:
                hint = await self._keep(part, frame, told, recorded)
                if not hint:
                    if question.on:
                        await self._go_on(page, frame)
                    return True

    async def _keep(self, part: Part, frame: Frame, told: dict[str, Any], recorded: Recorded) -> str:
        """Keep what was pointed at; return what is wrong with it, "" for nothing."""
        if QUESTIONS[part].kind == "field" and not told["field"]:
            return "That is nothing one can type in; click the field itself."
        if part in LINES:
            self._line_frames[part] = frame
            self._tell(f'{part}: "{told["text"]}"')
            return ""
        picked = await best(frame, told["candidates"])
        recorded.parts[part] = picked
        self._tell(f"{part}: {picked.selector}")
        return ""

    async def _compare(self, recorded: Recorded) -> None:
        """Find what the lines have in common and what tells them apart."""
        if not self._line_frames:
            return
        frame = next(iter(self._line_frames.values()))
        if any(other is not frame for other in self._line_frames.values()):
            recorded.problem = "the lines lie in different frames"
            return
        told = await frame.evaluate(
            "kinds => window.__slawatch.lines(kinds)", [str(part) for part in self._line_frames]
        )
        if "problem" in told:
            recorded.problem = told["problem"]
            return
        root = await first_alone(frame, told["root"])
        time = told["time"]
        several = len(self._line_frames) > 1
        recorded.lines = Lines(
            item=told["item"],
            root=root or "",
            key=told["key"],
            text=told["text"],
            time=(time["select"], time["attr"]) if time else None,
            rules={part: told["rules"].get(part, "") if several else "" for part in self._line_frames},
        )

    async def _go_on(self, page: Page, frame: Frame) -> None:
        """Let the page see the click that was kept from it while pointing."""
        self._state["picking"] = False
        await self._show(page)
        if not frame.is_detached():
            await frame.evaluate("window.__slawatch.click()")

    async def _show(self, page: Page) -> None:
        for frame in page.frames:
            try:
                await frame.evaluate("state => window.__slawatch && window.__slawatch.show(state)", self._state)
            except library().Error:
                if page.is_closed():
                    raise
                # A frame that is being replaced asks for the state itself, once its successor has loaded.

    async def _was_picked(self, source: Any, told: dict[str, Any]) -> None:
        self._events.put_nowait(("picked", source["frame"], told))

    async def _was_pressed(self, source: Any, name: str) -> None:
        self._events.put_nowait((name, source["frame"], None))

    async def _hello(self, source: Any) -> dict[str, Any]:
        del source
        return self._state


async def best(frame: Frame, candidates: list[str]) -> Picked:
    """Return the first selector that finds the element just pointed at, and no other; with the frames it lies in."""
    chain = await frames_of(frame)
    found = await first_alone(frame, candidates[:-1], same=True)
    return Picked(found or candidates[-1], chain, weak=found is None)


async def first_alone(frame: Frame, candidates: list[str], *, same: bool = False) -> str | None:
    """Return the first selector that finds one element in the frame, with `same` only the one just pointed at."""
    for selector in candidates:
        found = frame.locator(selector)
        if await found.count() != 1:
            continue
        if not same or await found.evaluate("element => window.__slawatch.is(element)"):
            return selector
    return None


async def frames_of(frame: Frame) -> tuple[str, ...]:
    """Return the selectors of the iframes that lead to a frame, the outermost first; none for the page itself."""
    chain: list[str] = []
    while frame.parent_frame is not None:
        element = await frame.frame_element()
        candidates = await element.evaluate("element => window.__slawatch.candidates(element)")
        parent = frame.parent_frame
        for selector in candidates:
            if await parent.locator(selector).count() == 1:
                chain.insert(0, selector)
                break
        else:
            chain.insert(0, candidates[-1])
        frame = parent
    return tuple(chain)


def _closed() -> ChannelUnavailableError:
    return ChannelUnavailableError("the window was closed before the end; nothing was written")
