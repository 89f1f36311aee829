"""One visit to a company's chat in one browser context: opens it, says something, and tells what the page shows.

Where it does not get through, it says how far it got and by whose doing. It hides nothing and solves no riddles.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from importlib import resources
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote, quote_plus, urlsplit

from playwright.async_api import Error
from playwright.async_api import TimeoutError as SlowError

from slawatch.channels.webchat.recipe import FlagName, Mark, Persona, Recipe, Step
from slawatch.channels.webchat.seen import PageStamp, Saying, Seeing, Seen, seconds
from slawatch.channels.webchat.steps import Obstacle, Passed, Stage, StepError, is_closed, line
from slawatch.errors import ChannelUnavailableError, ChannelUncertainError, ChannelUnreachableError
from slawatch.model import VoidReason

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Frame, Locator, Page, Request, Response

log = logging.getLogger(__name__)
BINDING = "slawatchTold"  # taken away by the observer before the page's scripts can see it
GLANCE_MS = 1000  # how often the page is looked at without a change in it
STILL_MS = 1000  # how long a text must be still before it is told, for those that are written word by word
POLL_SECONDS = 0.1
BUBBLE_SECONDS = 15.0  # how long our own line may take to appear
CONFIRM_SECONDS = 5.0  # and how long it may take to be confirmed
ALTERED_SECONDS = 1.0  # after that, a line of ours with other words is taken for the one we typed
FORM_SECONDS = 10.0
END_SECONDS = 3.0
REFUSALS = frozenset({401, 403, 407, 429, 451, 503})  # what sites answer who they do not want, or not now
GONE = frozenset({404, 410})
_EVERYWHERE = frozenset({FlagName.OFFLINE, FlagName.CAPTCHA, FlagName.BLOCKED})
_BARRING = (
    (FlagName.CAPTCHA, VoidReason.CAPTCHA, "we are to prove that we are a person"),
    (FlagName.BLOCKED, VoidReason.BLOCKED, "we are turned away"),
    (FlagName.OFFLINE, VoidReason.OFFLINE, "nobody is there"),
)


class _ReadyError(Exception):
    """The input is there already: the steps that lead to it need not be done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormOutcome:
    """What became of an offline form: taken (True), refused (False), or nothing was shown (None); `at` as in Seen."""

    taken: bool | None
    saw: str
    at: float


class Visit:
    """One chat. Opened once; a failed `open` leaves the page as it is, so that it can be looked at until `close`."""

    def __init__(
        self,
        browser: Browser,
        recipe: Recipe,
        persona: Persona,
        *,
        storage: dict[str, Any] | None = None,
        timeout: timedelta = timedelta(seconds=30),
        tell: Callable[[Passed], None] | None = None,
    ) -> None:
        self.told: Callable[[], None] | None = None  # rung in the loop whenever there is something to drain
        self.passed: Callable[[Step | str, float, bool], None] | None = None  # as `tell`: step, seconds, passed over
        self._browser = browser
        self._recipe = recipe
        self._persona = persona
        self._storage = storage
        self._timeout = timeout.total_seconds()
        self._tell = tell
        self._seeing = Seeing(recipe, clock=time.monotonic, rung=self._ring)
        self._news = asyncio.Event()
        self._incoming: asyncio.Queue[tuple[Frame, dict[str, Any]]] = asyncio.Queue()
        self._unplaced: list[tuple[Frame, dict[str, Any]]] = []
        self._chat_frames: set[Frame] = set()
        self._context: BrowserContext | None = None
        self._worker: asyncio.Task[None] | None = None
        self._crashed = False
        self._until = 0.0
        self._consented_again = False
        self._entered = False
        self._again = False
        self.status: int | None = None  # of the page, as the server answered

    # --- life ---

    @property
    def alive(self) -> bool:
        """Whether the page still shows what happens."""
        return (
            self._context is not None
            and not self._crashed
            and not self._page.is_closed()
            and self._browser.is_connected()
        )

    async def begin(self) -> None:
        """Get a page with the observer in it, where there is none yet. Raises what the library raises."""
        if self._context is not None:
            return
        recipe = self._recipe
        width, height = recipe.viewport
        self._context = await self._browser.new_context(
            locale=recipe.locale,
            timezone_id=recipe.timezone,
            viewport={"width": width, "height": height},
            storage_state=cast("Any", self._storage),  # as `storage` gave it
            accept_downloads=False,
        )
        self._context.set_default_timeout(self._timeout * 1000)
        await self._context.expose_binding(BINDING, self._receive)
        await self._context.add_init_script(script=f"({_observer()})({json.dumps(_settings(recipe))})")
        self._page = await self._context.new_page()
        self._stage = Stage(self._page, self._persona, stuck=self._stuck, tell=self._heard)
        self._page.on("crash", self._crash)
        self._page.on("framedetached", lambda frame: self._seeing.gone(_name(frame), time.time()))
        self._worker = asyncio.get_running_loop().create_task(self._take())

    async def close(self) -> None:
        """Close the page; safe to call twice, and at any time. What was seen can still be drained."""
        if self._context is not None:
            with suppress(Error):
                await self._context.close()
        if self._worker is not None:
            self._worker.cancel()
            await asyncio.gather(self._worker, return_exceptions=True)
            self._worker = None
            while not self._incoming.empty():
                self._place(*self._incoming.get_nowait())

    # --- opening ---

    async def open(self, *, again: bool = False) -> None:
        """Get through to an input that takes text. `again`: the chat may be known there, and stand open at once.

        Raises:
            ChannelUnreachableError: the way led to nobody; its reason says how far it led.
            ChannelUnavailableError: the page could not be had at all.
        """
        self._again = again
        self._until = time.monotonic() + self._recipe.limits.open.total_seconds()
        try:
            await self.begin()
            await self._goto()
            with suppress(_ReadyError):
                await self._through()
            await self._input()
            await self._steady()
        except StepError as error:
            raise ChannelUnreachableError(str(error), reason=await self._why(error)) from error
        except Error as error:
            raise ChannelUnreachableError(
                f"{self._recipe.url}: our browser failed: {line(error)}", reason=VoidReason.PROBE_ERROR
            ) from error

    async def _goto(self) -> None:
        begun = time.monotonic()
        url = self._recipe.url
        try:
            response = await self._page.goto(url, wait_until="domcontentloaded", timeout=self._left() * 1000)
        except SlowError as error:
            message = (
                f"{url}: the page did not come within {self._recipe.limits.open.total_seconds():g} s: try again later"
            )
            raise ChannelUnavailableError(message) from error
        except Error as error:
            if is_closed(error):
                raise
            raise ChannelUnavailableError(
                f"{url}: the page cannot be loaded: {line(error)}: try again later"
            ) from error
        self.status = response.status if response else None
        if self.status in REFUSALS:
            await self._settled(ALTERED_SECONDS)
            self._bar()
            message = f"{url}: the site turned us away: HTTP {self.status}"
            raise ChannelUnreachableError(message, reason=VoidReason.BLOCKED)
        if self.status in GONE:
            message = f"{url}: there is no such page: HTTP {self.status}: correct the recipe's url"
            raise ChannelUnreachableError(message, reason=VoidReason.RECIPE_BROKEN)
        if self.status is not None and self.status >= 400:  # noqa: PLR2004 - where errors begin
            raise ChannelUnavailableError(f"{url}: the site failed: HTTP {self.status}: try again later")
        self._stage.passed("page", begun)

    async def _through(self) -> None:
        """Do all steps up to the input."""
        recipe = self._recipe
        for step in recipe.consent:
            await self._step(step, ())
        for step in recipe.opening.steps:
            self._entered |= await self._step(step, ()) and not step.optional
        for depth in range(len(recipe.opening.frame)):
            await self._frame(depth)
        for step in recipe.prechat:
            await self._step(step, recipe.opening.frame)

    async def _step(self, step: Step, frames: tuple[str, ...]) -> bool:
        if self._again and await self._takes_text():
            raise _ReadyError
        return await self._stage.do(step, frames=frames, seconds=min(self._left(), self._timeout))

    async def _frame(self, depth: int) -> None:
        """Wait for one of the chain's frames."""
        begun = time.monotonic()
        selector = self._recipe.opening.frame[depth]
        where = self._stage.at(self._recipe.opening.frame[:depth])
        while not await where.locator(selector).count():
            if self._again and await self._takes_text():
                raise _ReadyError
            if time.monotonic() - begun > POLL_SECONDS:
                self._bar_when_stuck()
            if not self._left():
                reason = VoidReason.RECIPE_BROKEN if self._entered or depth else VoidReason.WIDGET_ABSENT
                message = f'{self._recipe.path}: open.frame: "{selector}": there is no such frame'
                raise ChannelUnreachableError(message, reason=reason)
            await asyncio.sleep(POLL_SECONDS)
        self._stage.passed(f"frame {selector}", begun)

    async def _input(self) -> None:
        """Wait until text can be typed, and not for the moment only in which a chat finds that it has a queue."""
        begun = time.monotonic()
        while not (await self._takes_text() and await self._still_takes_text()):
            if time.monotonic() - begun > 1:
                self._bar_when_stuck()
            if not self._left():
                await self._no_input()
            await asyncio.sleep(POLL_SECONDS)
        self._stage.passed("input", begun)

    async def _no_input(self) -> None:
        recipe = self._recipe
        place = f'{recipe.path}: compose.input: "{recipe.compose.input}"'
        if FlagName.QUEUE in self._seeing.flags:
            value = self._seeing.flags[FlagName.QUEUE][0]
            saw = f"after {recipe.limits.open.total_seconds():g} s we still wait in the queue ({value})"
            raise ChannelUnreachableError(f"{place}: {saw}", reason=VoidReason.OFFLINE)
        wanted = await self._wanted()
        if wanted:
            saw = f"the form before it still wants {wanted}: let a step of [prechat] fill it in"
            raise ChannelUnreachableError(f"{place}: {saw}", reason=VoidReason.RECIPE_BROKEN)
        there = await self._chat().locator(recipe.compose.input).count()
        saw = "it is in the page, but takes no text" if there else "there is no such element"
        nothing = not there and not self._entered and not recipe.opening.frame
        raise ChannelUnreachableError(
            f"{place}: {saw}", reason=VoidReason.WIDGET_ABSENT if nothing else VoidReason.RECIPE_BROKEN
        )

    async def _wanted(self) -> str:
        """Name the fields that a form in the chat's frame still wants, "" for none."""
        with suppress(Error):
            found = await self._chat().locator("html").first.evaluate(_INVALID, timeout=POLL_SECONDS * 10_000)
            return ", ".join(str(one) for one in found)
        return ""

    async def _steady(self) -> None:
        """See whether the chat, now that it takes text, says that nobody is there."""
        if FlagName.OFFLINE in self._seeing.flags:
            # Widgets look closed for a moment while they ask whether anybody is there.
            await asyncio.sleep(1)
            self._bar()

    async def _takes_text(self) -> bool:
        box = self._box()
        try:
            return bool(await box.count()) and await box.is_editable(timeout=POLL_SECONDS * 5000)
        except Error as error:
            if is_closed(error):
                raise
            return False

    async def _still_takes_text(self) -> bool:
        await self._settled(0.3)
        return await self._takes_text()

    async def _stuck(self, step: Step, obstacle: Obstacle) -> None:
        """Say why it does not go on, where the page says so itself; clear away a banner that came late."""
        if self._again and await self._takes_text():
            raise _ReadyError
        self._bar_when_stuck()
        if obstacle.cover and self._recipe.consent and not self._consented_again and step not in self._recipe.consent:
            self._consented_again = True
            for one in self._recipe.consent:
                with suppress(StepError):
                    await self._stage.do(one, frames=(), seconds=min(self._left(), 2))

    def _bar_when_stuck(self) -> None:
        # What is shown for less than that may belong to the page's loading.
        if any(name in _EVERYWHERE and time.monotonic() - since > 1 for name, (_, since) in self._seeing.flags.items()):
            self._bar()

    def _bar(self) -> None:
        for name, reason, saw in _BARRING:
            if name in self._seeing.flags:
                raise ChannelUnreachableError(
                    f"{self._recipe.url}: {saw} ({self._recipe.flags[name].select})", reason=reason
                )

    async def _why(self, error: StepError) -> VoidReason:
        """Return whose doing it is that a step could not be done."""
        recipe = self._recipe
        for name, reason, _ in _BARRING:
            if name in self._seeing.flags:
                return reason
        opening = error.step in recipe.opening.steps and not self._entered
        if not opening or not (error.obstacle.absent or error.obstacle.hidden) or error.step.frame:
            return VoidReason.RECIPE_BROKEN
        # A button that is called otherwise now is the recipe's mistake; nothing at all of the widget is the company's.
        others = {step.selector for step in recipe.opening.steps if step.selector and step.frame is None}
        others |= {recipe.opening.frame[0] if recipe.opening.frame else recipe.compose.input}
        with suppress(Error):
            for selector in others - {error.step.selector}:
                if await self._page.locator(selector).filter(visible=True).count():
                    return VoidReason.RECIPE_BROKEN
        return VoidReason.WIDGET_ABSENT

    def _left(self) -> float:
        return max(0.0, self._until - time.monotonic())

    # --- speaking ---

    async def say(self, text: str) -> PageStamp:
        """Type a text, send it and wait until it is there as our own line.

        Raises:
            ChannelUnavailableError: nothing was sent. ChannelUnreachableError: the chat did not take it.
            ChannelUncertainError: it may have left.
        """
        try:
            if not await self._takes_text():
                raise ChannelUnavailableError(f"{self._recipe.url}: the chat takes no text now: try again later")
            since = await self._typed(text)
        except Error as error:
            raise ChannelUnavailableError(f"{self._recipe.url}: nothing could be typed: {line(error)}") from error
        saying = self._seeing.began(text, since)
        carried: list[Request] = []
        answered: list[Response] = []
        carries = _carrier(text)

        def sent(request: Request) -> None:
            if carries(request):
                carried.append(request)

        def back(response: Response) -> None:
            if response.ok and response.request in carried:
                answered.append(response)
                self._ring()

        self._page.on("request", sent)
        self._page.on("response", back)
        try:
            await self._pressed(saying, text)
            stamp = await self._own(saying, text, sent=bool(carried))
            await self._confirmed(stamp, carried, answered)
        except Error as error:
            message = f"{self._recipe.url}: the page was lost while it was said: {line(error)}"
            raise ChannelUncertainError(message) from error
        finally:
            with suppress(Error, KeyError, ValueError):
                self._page.remove_listener("request", sent)
                self._page.remove_listener("response", back)
        return stamp

    async def _typed(self, text: str) -> float:
        """Fill in the text; return when, by the page's clock."""
        box = self._box()
        await box.fill(text)
        send = self._recipe.compose
        if not send.by_key and not await self._button().is_enabled(timeout=self._timeout * 1000):
            # Some look at keys only, and not at what is in the input.
            await box.fill("")
            await box.press_sequentially(text)
        return float(await box.evaluate(_NOW)) / 1000

    async def _pressed(self, saying: Saying, text: str) -> None:
        try:
            if self._recipe.compose.by_key:
                await self._box().press("Enter")
            else:
                await self._button().click()
        except SlowError as error:
            if "performing click action" in str(error) or not await self._still_typed(text):
                raise
            self._seeing.unsaid(saying)
            cover = f'{self._recipe.path}: compose.send: "{self._recipe.compose.send}": it cannot be clicked'
            raise ChannelUnreachableError(cover, reason=VoidReason.RECIPE_BROKEN) from error

    async def _own(self, saying: Saying, text: str, *, sent: bool) -> PageStamp:
        """Wait for our own line."""
        begun = time.monotonic()
        while saying.stamp is None and time.monotonic() - begun < BUBBLE_SECONDS:
            if saying.altered is not None and time.monotonic() - begun > ALTERED_SECONDS:
                saying.stamp = saying.altered
            if not self.alive:
                raise ChannelUncertainError(f"{self._recipe.url}: the page was lost while it was said")
            await self._settled(POLL_SECONDS)
        if saying.stamp is not None:
            return saying.stamp
        if not sent and await self._still_typed(text):
            self._seeing.unsaid(saying)
            message = (
                f'{self._recipe.path}: compose.send: "{self._recipe.compose.send}": the text still stands in the input'
            )
            raise ChannelUnreachableError(message, reason=VoidReason.RECIPE_BROKEN)
        raise ChannelUncertainError(
            f"{self._recipe.url}: it was typed and sent, but is not seen among the chat's lines: see whether the "
            "recipe's [transcript] finds them"
        )

    async def _confirmed(self, stamp: PageStamp, carried: list[Request], answered: list[Response]) -> None:
        """Wait a moment for what proves that the company's side has it."""
        keyed = bool(self._recipe.transcript.key)
        begun = time.monotonic()
        while stamp.accepted is None and time.monotonic() - begun < CONFIRM_SECONDS:
            if (answered or not carried) and (stamp.key or not keyed):
                break  # nothing more will tell
            await self._settled(POLL_SECONDS)
        # Where lines get their key once they have arrived, one without a key has not, whatever else the page sent off.
        if stamp.accepted is None and answered and (stamp.key or not keyed):
            timing = answered[0].request.timing
            stamp.accepted = max(stamp.submitted, (timing["startTime"] + max(0.0, timing["responseStart"])) / 1000)
            stamp.by = "response"

    async def _still_typed(self, text: str) -> bool:
        box = self._box()
        with suppress(Error):
            typed = await box.evaluate("box => box.value ?? box.textContent ?? ''", timeout=1000)
            return " ".join(str(typed).split()) == " ".join(text.split())
        return False

    async def leave_word(self, text: str) -> FormOutcome:
        """Fill in and send the form that stands where nobody is there, as the recipe's [offline] says.

        Raises:
            ChannelUnreachableError: a step of it could not be done. ChannelUncertainError: the page was lost.
        """
        offline = self._recipe.offline
        try:
            for step in offline.steps:
                await self._do_free(step, text, self._timeout)
            begun = time.monotonic()
            while time.monotonic() - begun < FORM_SECONDS:
                for mark, taken in ((offline.failed, False), (offline.done, True)):
                    saw = await self._shows(mark) if mark else None
                    if saw is not None:
                        return FormOutcome(taken=taken, saw=saw, at=await self.now())
                await asyncio.sleep(POLL_SECONDS)
            return FormOutcome(taken=None, saw="", at=await self.now())
        except StepError as error:
            raise ChannelUnreachableError(str(error), reason=VoidReason.RECIPE_BROKEN) from error
        except Error as error:
            raise ChannelUncertainError(
                f"{self._recipe.url}: the page was lost with its form: {line(error)}"
            ) from error

    async def _do_free(self, step: Step, text: str, seconds_: float) -> None:
        """Do a step outside the opening: that nobody is there is known then, and ends nothing."""
        stage = Stage(self._page, self._persona, stuck=_go_on, tell=self._heard)
        await stage.do(step, frames=self._recipe.opening.frame, seconds=seconds_, text=text)

    async def _shows(self, mark: Mark) -> str | None:
        """Return the text of what is shown of a mark, None for nothing."""
        for text in await self._chat().locator(mark.select).filter(visible=True).all_inner_texts():
            if mark.fits(text):
                return " ".join(text.split())
        return None

    async def end(self) -> None:
        """End the chat politely, as far as that is possible; what it showed last can be drained afterwards."""
        for frame in [frame for frame in self._chat_frames if not frame.is_detached()]:
            with suppress(Error, TimeoutError):
                await asyncio.wait_for(frame.evaluate(_LAST_WORDS), END_SECONDS)
        for step in self._recipe.end:
            with suppress(StepError, Error):
                await self._do_free(step, "", END_SECONDS)

    # --- seeing ---

    async def drain(self) -> list[Seen]:
        """Return what was seen since the last time; works on a page that is gone, too."""
        await asyncio.sleep(0)
        if not self._incoming.empty():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._incoming.join(), 2)
        if not self.alive:
            self._seeing.gone("", time.time())  # nothing will be added to what is there
        return self._seeing.drain()

    async def now(self) -> float:
        """Return the page's own clock, in seconds since 1970. Raises what the library raises."""
        return float(await self._page.evaluate(_NOW)) / 1000

    async def picture(self) -> tuple[bytes, str]:
        """Return how the page looks: as JPEG, and in words (the ARIA tree, of the chat's frame as well).

        Raises:
            ChannelUnavailableError: there is no picture to be had.
        """
        try:
            jpeg = await self._page.screenshot(type="jpeg", quality=60, caret="initial", timeout=10_000)
            words = f"# {self._page.url}\n{await self._page.locator('body').aria_snapshot(timeout=10_000)}"
            for frame in [
                frame for frame in self._chat_frames if frame is not self._page.main_frame and not frame.is_detached()
            ]:
                words += f"\n# {frame.url}\n{await frame.locator('body').aria_snapshot(timeout=10_000)}"
        except Error as error:
            raise ChannelUnavailableError(f"{self._recipe.url}: no picture of the page: {line(error)}") from error
        others = [frame.url for frame in self._page.frames[1:] if frame not in self._chat_frames]
        return jpeg, "\n".join([words, *(f"# another frame: {url}" for url in others), ""])

    async def storage(self) -> dict[str, Any]:
        """Return what the browser keeps of this visitor: enough to be the same one in another browser.

        Raises:
            ChannelUnavailableError: the browser is gone.
        """
        try:
            if self._context is None:
                raise ChannelUnavailableError(f"{self._recipe.url}: nothing was opened")
            return dict(await self._context.storage_state(indexed_db=True))
        except Error as error:
            raise ChannelUnavailableError(
                f"{self._recipe.url}: what the browser keeps is lost: {line(error)}"
            ) from error

    # --- what the observers tell ---

    async def _receive(self, source: dict[str, Any], told: dict[str, Any]) -> None:
        """Take what a frame tells; with our return it knows that nothing of it can be lost any more."""
        told = {**told, "at": told["at"] / 1000, "events": [seconds(event) for event in told["events"]]}
        self._incoming.put_nowait((source["frame"], told))

    async def _take(self) -> None:
        while True:
            frame, told = await self._incoming.get()
            try:
                if frame not in self._chat_frames:
                    await self._find_frames()
                self._place(frame, told)
            except Exception:  # whatever it is, from here on we would see less than there is, and nobody would know
                log.exception("page can no longer be read: url=%s", self._recipe.url)
                self._crash(self._page)
            finally:
                self._incoming.task_done()

    def _place(self, frame: Frame, told: dict[str, Any]) -> None:
        chat = frame in self._chat_frames
        if not chat and any(event["kind"] == "item" for event in told["events"]):
            self._unplaced = [*self._unplaced[-200:], (frame, told)]
            return
        on_the_way = frame is self._page.main_frame or self._leads_there(frame)
        flags = frozenset(FlagName) if chat else _EVERYWHERE if on_the_way else frozenset[FlagName]()
        self._seeing.take(_name(frame), frame.url, told, flags=flags, items=chat)

    def _leads_there(self, frame: Frame) -> bool:
        for chat in self._chat_frames:
            one: Frame | None = chat
            while one is not None:
                if one is frame:
                    return True
                one = one.parent_frame
        return False

    async def _find_frames(self) -> None:
        """Look where the chain of frames leads now."""
        found = [self._page.main_frame]
        for selector in self._recipe.opening.frame:
            inner = []
            for frame in found:
                with suppress(Error):
                    for handle in await frame.query_selector_all(selector):
                        content = await handle.content_frame()
                        if content is not None:
                            inner.append(content)
            found = inner
        new = set(found) - self._chat_frames
        self._chat_frames |= new
        if new:
            kept, self._unplaced = self._unplaced, []
            for frame, told in kept:
                self._place(frame, told)

    def _heard(self, passed: Passed) -> None:
        if self._tell is not None:
            self._tell(passed)
        if self.passed is not None:
            self.passed(passed.step, passed.seconds, passed.skipped)

    def _ring(self) -> None:
        self._news.set()
        if self.told is not None:
            self.told()

    async def _settled(self, seconds_: float) -> None:
        """Wait until something is told, but no longer than that."""
        self._news.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), seconds_)

    def _crash(self, _: Page) -> None:
        self._crashed = True
        self._ring()

    # --- places ---

    def _chat(self) -> Any:
        return self._stage.at(self._recipe.opening.frame)

    def _box(self) -> Locator:
        found: Locator = self._chat().locator(self._recipe.compose.input).filter(visible=True).first
        return found

    def _button(self) -> Locator:
        found: Locator = self._chat().locator(self._recipe.compose.send).filter(visible=True).first
        return found


async def _go_on(step: Step, obstacle: Obstacle) -> None:
    """Let a step be tried on."""


def _carrier(text: str) -> Callable[[Request], bool]:
    """Return what tells whether a request carries the text to the chat's own side, in one of the forms pages use."""
    forms = {text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1], quote(text), quote_plus(text)}

    def carries(request: Request) -> bool:
        # What counts visitors may carry their words, too; it goes elsewhere, or as a beacon that nobody answers.
        if request.method not in {"POST", "PUT", "PATCH"} or request.resource_type not in {"fetch", "xhr"}:
            return False
        try:
            body = request.post_data or ""
            home = urlsplit(request.frame.url).hostname or ""
        except (Error, UnicodeDecodeError):
            return False
        away = urlsplit(request.url).hostname or ""
        return _site(home) == _site(away) and any(form in body for form in forms)

    return carries


def _site(host: str) -> str:
    """Return what hosts of one company's have in common, roughly: the last two words of their names."""
    return host if host.replace(".", "").isdecimal() else ".".join(host.split(".")[-2:])


def _observer() -> str:
    return (
        resources.files("slawatch.channels.webchat")
        .joinpath("observer.js")
        .read_text(encoding="utf-8")
        .rstrip()
        .rstrip(";")
    )


def _settings(recipe: Recipe) -> dict[str, Any]:
    transcript = recipe.transcript
    return {
        "binding": BINDING,
        "item": transcript.item,
        "root": transcript.root,
        "key": transcript.key,
        "text": transcript.text,
        "time": {"attr": transcript.time.attr, "select": transcript.time.select} if transcript.time else None,
        "rules": [rule.match for rule in transcript.classify],
        "flags": {str(name): mark.select for name, mark in recipe.flags.items()},
        "settle": transcript.settle / timedelta(milliseconds=1),
        "still": STILL_MS,
        "glance": GLANCE_MS,
    }


def _name(frame: Frame) -> str:
    return str(id(frame))


# What a form still wants: the browser's own judgement, for fields that are shown.
_INVALID = """html => [...html.querySelectorAll("input:invalid, select:invalid, textarea:invalid")]
    .filter(one => one.getClientRects().length)
    .slice(0, 5)
    .map(one => `"${one.labels?.[0]?.textContent.trim() || one.name || one.placeholder || one.id || one.tagName}"`)"""

# By the clock as it was before the page's scripts could bend it.
_NOW = "() => globalThis[Symbol.for('slawatch.observer')].now()"
# What has not been still for long enough is told as it is.
_LAST_WORDS = "() => globalThis[Symbol.for('slawatch.observer')]?.last()"

__all__ = ["FormOutcome", "PageStamp", "Passed", "Seen", "Visit"]
