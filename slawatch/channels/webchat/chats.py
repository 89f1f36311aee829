"""The life of web chats' pages: opened, spoken into, looked at, parked, opened again, ended. Runs in one event loop.

What it sees goes into the journal at once, so that neither a crash nor a second look loses or doubles anything.
"""

from __future__ import annotations

import asyncio
import functools
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from slawatch.channels.base import NotSent, Sent, Thread, Unknown
from slawatch.channels.webchat import evidence
from slawatch.channels.webchat.browser import library
from slawatch.channels.webchat.recipe import OfflinePolicy, Persona
from slawatch.channels.webchat.recipe_reading import load
from slawatch.channels.webchat.state import WATCHED, Chat, Journal, Said, Standing
from slawatch.channels.webchat.telling import Teller, keep_step, one_line
from slawatch.errors import (
    ChannelError,
    ChannelRefusedError,
    ChannelUnavailableError,
    ChannelUncertainError,
    ChannelUnreachableError,
    ConfigError,
)
from slawatch.model import DeliveryProof, Exhibit, FollowUp, MomentKind, Request, VoidReason

if TYPE_CHECKING:
    from slawatch.channels.webchat.browser import Browser
    from slawatch.channels.webchat.page import Visit
    from slawatch.channels.webchat.recipe import Recipe, Step
    from slawatch.channels.webchat.seen import PageStamp, Seen
    from slawatch.channels.webchat.settings import Settings
    from slawatch.clock import Clock

HISTORY_SECONDS = 6.0  # how long a page that was opened again may take to show what was said before
QUIET_SECONDS = 0.4  # after that long without a line, beyond what a line takes to settle, it has shown all
# A line is told once its text is still (a second), one without its key after three: a look speaks for what was before.
UNTOLD = timedelta(seconds=4)
UNLISTED = timedelta(
    minutes=10
)  # how long a fresh chat may be missing among those that stand: its sending is noted last
STRANGE_MAX = 3  # how often a page may show nothing of its chat: a visitor is made up at the company each time
CRASHED = "the browser or its page ended unexpectedly"
KILLED = "the process that had it open ended unexpectedly"

_TAKEN = {True: "taken", False: "refused", None: "sent, and nothing was said to it"}


@dataclass(slots=True)
class Live:
    """A page that is open now; `since` is when somebody last did something in its chat."""

    visit: Visit
    teller: Teller
    recipe: Recipe
    since: datetime


class Chats:
    """All chats of one account. Coroutines may run side by side; those about one chat take turns."""

    def __init__(
        self,
        settings: Settings,
        *,
        account: str,
        clock: Clock,
        journal: Journal,
        browser: Browser,
        told: Callable[[], None],
        again: timedelta,
    ) -> None:
        self._settings = settings
        self._account = account
        self._clock = clock
        self._journal = journal
        self._browser = browser
        self._told = told
        self._again = again
        self._live: dict[str, Live] = {}
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._room = asyncio.Lock()
        self._opening = asyncio.Semaphore(settings.opening_max)
        self._coming = 0  # pages that are being opened

    # --- asking ---

    async def ask(self, request: Request) -> Sent:
        """Open a chat and say the request's text in it. Raises what `Channel.send` raises."""
        name = request.message_id
        async with self._turns[name]:
            before = self._journal.chat(name)
            if before is not None and before.standing is not Standing.OPENING:
                raise ChannelUncertainError(
                    f'{self._account}: "{request.target}" may have been asked at an earlier try'
                )
            now = self._clock.now()
            text = one_line(request.text.body)
            chat = self._journal.keep(Chat(request=name, target=request.target, text=text, began_at=now))
            live = await self._opened(chat, None)
            try:
                await self._picture(live, name, MomentKind.OPENED)
                chat = self._journal.change(name, storage=await self._storage(live), looked_at=now)
                live.teller.tell(await live.visit.drain())
                return await self._say(live, chat, Said(own_id=name, request=name, text=text, began_at=now))
            except BaseException:
                # What was typed stays in the journal until it is known that nothing of it left: not even being called
                # off in the middle (Ctrl-C) makes it unsaid.
                if not self._journal.said(own_id=name):
                    await self._close(name)
                    self._journal.change(name, standing=Standing.OPENING, said_at=None)
                raise

    async def reply(self, request: Request, follow_up: FollowUp) -> Sent:
        """Say our reply in the request's chat. Raises what `Channel.send_follow_up` raises."""
        name = request.message_id
        async with self._turns[name]:
            chat = self._journal.chat(name)
            if chat is None or (chat.standing in {Standing.LEFT, Standing.ENDED} and not self._can_reopen(chat)):
                raise ChannelRefusedError(f'{self._account}: the chat with "{request.target}" is over')
            known = [one for one in self._journal.said(own_id=follow_up.own_id) if one.own_id == follow_up.own_id]
            if known:
                raise ChannelUncertainError(f'{self._account}: "{request.target}" may have been told at an earlier try')
            live = self._live.get(name)
            if live is None or not await self._answers(live):
                await self._close(name)
                live = await self._reopened(chat)
            live.teller.tell(await live.visit.drain())
            if live.teller.closed:
                raise ChannelRefusedError(f'{self._account}: "{request.target}" has closed the chat')
            text = one_line(follow_up.body)
            said = Said(own_id=follow_up.own_id, request=name, text=text, began_at=self._clock.now())
            try:
                return await self._say(live, chat, said)
            except ChannelUnreachableError as error:  # it was reached before: not the way is broken, only this moment
                raise ChannelUnavailableError(str(error)) from error

    async def find(self, own_id: str) -> Sent | NotSent | Unknown:
        """Look for what we said in the chat itself, on a page opened anew: what an old one shows may be all it has."""
        found = [one for one in self._journal.said(own_id=own_id) if one.own_id == own_id]
        if not found:
            chat = self._journal.chat(own_id)
            never = chat is not None and chat.standing is Standing.OPENING
            return NotSent(proof="nothing was typed: the page was still being opened") if never else Unknown()
        said = found[0]
        if said.at is not None:
            return self._sent(said, DeliveryProof.PRESUMED)
        async with self._turns[said.request]:
            chat = self._journal.chat(said.request)
            live = self._live.get(said.request)
            if chat is None or not (live or self._can_reopen(chat)):
                return Unknown()
            again = self._can_reopen(chat)
            if again or live is None:
                await self._close(said.request)
                live = await self._reopened(chat)
            else:
                live.teller.tell(await live.visit.drain())
            # On the page in which it was typed a line may stand that the far side never got, until it has a name.
            if said.own_id not in live.teller.ours or not (again or live.teller.ours[said.own_id]):
                return Unknown()
            said = next(one for one in self._journal.said(own_id=own_id) if one.own_id == own_id)
            half = (self._clock.now() - said.began_at) / 2
            done = self._journal.say(replace(said, at=said.began_at + half, uncertainty=half))
            if done.own_id == done.request:
                self._journal.change(done.request, standing=Standing.LIVE)
            return self._sent(done, DeliveryProof.PROVEN)

    async def catch_up(self, name: str) -> None:
        """Keep what a chat's page shows now, where there is one."""
        async with self._turns[name]:
            live = self._live.get(name)
            if live is not None:
                live.teller.tell(await live.visit.drain())

    # --- looking ---

    async def look(self, threads: Mapping[str, Thread] | None) -> datetime:
        """Look at every chat that is to be watched, and return until when all of them have now been seen.

        Raises:
            ChannelUnavailableError: pages were to be opened again, and not one could be.
        """
        begun = self._clock.now()
        watched = self._journal.chats()
        looks = await asyncio.gather(*(self._look(chat.request, threads, begun) for chat in watched))
        failed = [one for one in looks if isinstance(one, ChannelError)]
        if failed and len(failed) == len(looks):
            raise ChannelUnavailableError(str(failed[0]))
        still = [chat.looked_at or chat.began_at for chat in self._journal.chats()]
        return min([begun, *still])

    async def _look(self, name: str, threads: Mapping[str, Thread] | None, begun: datetime) -> ChannelError | None:
        async with self._turns[name]:
            chat = self._journal.chat(name)
            if chat is None or chat.standing not in WATCHED:
                return None
            over = threads is not None and name not in threads and (chat.listed or chat.began_at < begun - UNLISTED)
            if threads is not None and name in threads and not chat.listed:
                chat = self._journal.change(name, listed=True)
            live = self._live.get(name)
            if live is None or not await self._answers(live):
                chat = await self._lost(chat, live)
                if chat.standing is not Standing.PARKED:
                    return None
                if not over and chat.due_at is not None and chat.due_at > begun:
                    return None
                try:
                    live = await self._reopened(chat)
                except ChannelError as error:
                    self._put_off(chat, over=over)
                    return error
            else:
                live.teller.tell(await live.visit.drain())
            return await self._after_look(chat, live, begun, over=over)

    async def _after_look(self, chat: Chat, live: Live, begun: datetime, *, over: bool) -> ChannelError | None:
        """Note what the look was worth, and end or park the page where it is time to."""
        if live.teller.news:
            live.since, live.teller.news = begun, False
            self._journal.change(chat.request, active_at=begun)
        if live.teller.answered and not chat.answered:
            await self._picture(live, chat.request, MomentKind.FIRST_ANSWER)
            self._journal.change(chat.request, answered=True)
        blind = ", ".join(sorted(live.teller.blinding))
        if not blind:
            self._looked(chat.request, begun)
        after = live.recipe.limits.park_after
        if over:
            await self._end(chat.request, live)
        elif after is not None and begun - live.since >= after:
            await self._park(chat.request, live, due_at=self._clock.now() + live.recipe.limits.park_every)
        if blind:
            return ChannelUnavailableError(
                f'{self._account}: the chat with "{chat.target}" shows that it is cut off ({blind})'
            )
        return None

    async def _lost(self, chat: Chat, live: Live | None) -> Chat:
        """Return the chat as it stands where no page shows it: parked, or left where nothing leads back to it."""
        if chat.standing is Standing.PARKED:
            return chat
        if live is not None:
            with suppress(ChannelError):
                live.teller.tell(await live.visit.drain())
            await self._close(chat.request)
        why = KILLED if live is None else CRASHED
        seen_at = chat.looked_at or chat.began_at
        if not self._can_reopen(chat):
            return self._left(chat, why)
        keep_step(self._journal, chat.request, MomentKind.PARKED, seen_at, saw=why)
        return self._journal.change(chat.request, standing=Standing.PARKED, due_at=self._clock.now())

    def _left(self, chat: Chat, why: str) -> Chat:
        """Note that nothing more can be seen of a chat, from the last look on."""
        keep_step(self._journal, chat.request, MomentKind.LEFT, chat.looked_at or chat.began_at, saw=why)
        return self._journal.change(chat.request, standing=Standing.LEFT)

    def _put_off(self, chat: Chat, *, over: bool) -> None:
        """Try again soon to open a page; where its time is over, there is no other time."""
        now = self._journal.chat(chat.request)
        if now is not None and now.standing is Standing.LEFT:
            return
        if over:
            self._left(chat, "the page could not be opened again")
        else:
            self._journal.change(chat.request, due_at=self._clock.now() + self._again)

    # --- pages ---

    async def park_all(self) -> None:
        """Close every page so that another process can go on; what cannot be opened again is left for good."""
        await asyncio.gather(*(self._put_away(name) for name in list(self._live)))

    async def _put_away(self, name: str) -> None:
        async with self._turns[name]:
            live, chat = self._live.get(name), self._journal.chat(name)
            if live is None or chat is None:
                return
            if self._can_reopen(chat) and await self._answers(live):
                await self._park(name, live, due_at=self._clock.now())
                return
            with suppress(ChannelError):
                live.teller.tell(await live.visit.drain())
            if not self._can_reopen(chat):
                self._left(
                    self._journal.change(name, looked_at=self._clock.now()), "the process that had it open ended"
                )
            await self._close(name)

    async def _park(self, name: str, live: Live, *, due_at: datetime) -> None:
        parked_at = self._clock.now()
        storage = await self._storage(live)
        live.teller.tell(await live.visit.drain())
        await self._close(name)
        keep_step(self._journal, name, MomentKind.PARKED, parked_at)
        self._looked(name, parked_at)
        self._journal.change(name, standing=Standing.PARKED, storage=storage, due_at=due_at)

    def _looked(self, name: str, begun: datetime) -> Chat:
        """Note a look that began then: all that was in the page a while before it is known now."""
        chat = self._journal.chat(name)
        before = None if chat is None else chat.looked_at
        told_until = begun - UNTOLD
        return self._journal.change(name, looked_at=told_until if before is None else max(before, told_until))

    async def _end(self, name: str, live: Live) -> None:
        """Leave a chat as its recipe says: nobody looks at it any longer."""
        await self._picture(live, name, MomentKind.LEFT)
        at = self._clock.now()
        with suppress(ChannelError):
            await live.visit.end()
        live.teller.tell(await live.visit.drain())
        await self._close(name)
        keep_step(self._journal, name, MomentKind.LEFT, at, saw="it was watched for as long as it was to be")
        self._journal.change(name, standing=Standing.ENDED)

    async def _reopened(self, chat: Chat) -> Live:
        """Open a chat's page again, and keep what stands there. Raises ChannelError."""
        live = await self._opened(chat, chat.storage)
        told = await self._history(live)
        if chat.standing is Standing.PARKED:
            await self._require_same(chat, live, told)
        live.teller.tell(told, history=True)
        keep_step(self._journal, chat.request, MomentKind.REOPENED, self._clock.now())
        standing = chat.standing if chat.standing in {Standing.SAYING, Standing.ENDED} else Standing.LIVE
        self._journal.change(chat.request, standing=standing, due_at=None, strange=0)
        return live

    async def _require_same(self, chat: Chat, live: Live, told: list[Seen]) -> None:
        """Let go of a page that shows nothing of the chat: in another one's silence, and words, there is no answer.

        Raises:
            ChannelUnavailableError: it shows nothing of it.
        """
        if live.teller.recognises(told):
            return
        await self._picture(live, chat.request, MomentKind.REOPENED)
        await self._close(chat.request)
        why = "the page that was opened again shows nothing of what was said"
        chat = self._journal.change(chat.request, strange=chat.strange + 1)
        if chat.strange >= STRANGE_MAX:
            self._left(chat, why)
        raise ChannelUnavailableError(f'{self._account}: the chat with "{chat.target}": {why}')

    async def _history(self, live: Live) -> list[Seen]:
        """Return what a page that was opened again tells: until it has shown our own line, and falls quiet."""
        now = asyncio.get_running_loop().time
        quiet = QUIET_SECONDS + live.recipe.transcript.settle.total_seconds()
        begun = last = now()
        told: list[Seen] = []
        while now() - begun < HISTORY_SECONDS:
            more = await live.visit.drain()
            told += more
            last = now() if more else last
            if live.teller.shows_ours(told) and now() - last > quiet:
                break
            await asyncio.sleep(0.1)
        return told

    async def _opened(self, chat: Chat, storage: dict[str, Any] | None) -> Live:
        """Open a page and get through to its input. Raises ChannelError; a picture of what was there is kept."""
        recipe = self.recipe(chat.target)
        async with self._place(), self._opening:
            try:
                return await self._once_opened(chat, recipe, storage)
            except ChannelUnreachableError as error:
                if error.reason != VoidReason.PROBE_ERROR or self._browser.connected:
                    raise
            return await self._once_opened(chat, recipe, storage)  # the browser was lost; nothing was typed in it yet

    async def _once_opened(self, chat: Chat, recipe: Recipe, storage: dict[str, Any] | None) -> Live:
        again = storage is not None
        absent_since = chat.looked_at if again else None
        teller = Teller(self._journal, self._clock, recipe, chat.request, absent_since=absent_since)
        visit = await self._browser.visit(recipe, self._persona(), storage=storage)
        visit.told = self._told
        if not again:
            visit.passed = functools.partial(self._passed, chat.request)
        live = Live(visit, teller, recipe, (again and chat.active_at) or self._clock.now())
        try:
            await visit.open(again=again)
        except BaseException as error:
            await self._picture(live, chat.request, MomentKind.REOPENED if again else MomentKind.OPENED)
            teller.tell(await visit.drain(), history=again)
            if isinstance(error, ChannelUnreachableError) and error.reason == VoidReason.OFFLINE and not again:
                await self._nobody_there(live, chat)
            await visit.close()
            raise
        self._live[chat.request] = live
        return live

    def _passed(self, name: str, step: Step | str, seconds: float, skipped: bool) -> None:  # noqa: ARG002, FBT001 - a hook
        """Keep those steps of opening that say how far a visitor got."""
        kind = {"page": MomentKind.OPENED, "input": MomentKind.READY}.get(str(step))
        if kind is not None:
            keep_step(self._journal, name, kind, self._clock.now())

    async def _nobody_there(self, live: Live, chat: Chat) -> None:
        """Note the form that stands in the chat's place; where the recipe says so, leave our question in it."""
        saw = ""
        if live.recipe.offline.policy is OfflinePolicy.SUBMIT_FORM:
            try:
                done = await live.visit.leave_word(chat.text)
                saw = f"{_TAKEN[done.taken]}: {done.saw}".rstrip(": ")
            except ChannelError as error:
                saw = f"filled in, and not sent: {error}"
        keep_step(self._journal, chat.request, MomentKind.OFFLINE_FORM, self._clock.now(), saw=saw)
        await self._picture(live, chat.request, MomentKind.OFFLINE_FORM)

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        """Give room for one more page. Raises ChannelUnavailableError where every page is needed."""
        async with self._room:
            while len(self._live) + self._coming >= self._settings.chats_max:
                waiting = [
                    (live.since, name)
                    for name, live in self._live.items()
                    if live.recipe.limits.park_after is not None and not self._turns[name].locked()
                ]
                if not waiting:
                    most = self._settings.chats_max
                    raise ChannelUnavailableError(f"{self._account}: {most} chats are open, which is as many as may be")
                _, name = min(waiting)
                async with self._turns[name]:
                    live = self._live.get(name)
                    if live is not None:
                        due_at = self._clock.now() + live.recipe.limits.park_every
                        await self._park(name, live, due_at=due_at)
            self._coming += 1
        try:
            yield
        finally:
            self._coming -= 1

    async def _close(self, name: str) -> None:
        live = self._live.pop(name, None)
        if live is not None:
            await live.visit.close()

    # --- saying ---

    async def _say(self, live: Live, chat: Chat, said: Said) -> Sent:
        """Type a line and send it. What may have left is in the journal before the first key is pressed."""
        self._journal.say(said)
        first = said.own_id == said.request
        if first:
            # From here on a line may be an answer, even where it never becomes known whether we were heard.
            self._journal.change(chat.request, standing=Standing.SAYING, said_at=said.began_at)
        try:
            stamp = await live.visit.say(said.text)
        except ChannelUncertainError:
            raise
        except ChannelError:
            self._journal.unsay(said.own_id)
            raise
        try:
            return await self._was_said(live, said, stamp, first=first)
        except ChannelError as error:  # it has left, whatever failed since: whoever asks once more asks twice
            raise ChannelUncertainError(f'{self._account}: "{chat.target}" has it, but: {error}') from error

    async def _was_said(self, live: Live, said: Said, stamp: PageStamp, *, first: bool) -> Sent:
        submitted = live.teller.when(stamp.submitted)
        accepted = submitted if stamp.accepted is None else live.teller.when(stamp.accepted)
        line = evidence.line_id(said.request, stamp.key) if stamp.key else ""
        done = self._journal.say(replace(said, at=accepted, uncertainty=accepted - submitted, line=line))
        live.since = submitted
        keep_step(self._journal, said.request, MomentKind.SUBMITTED, submitted, clock="page")
        if stamp.accepted is not None:
            keep_step(self._journal, said.request, MomentKind.ACCEPTED, accepted, clock="page")
        if first:
            self._journal.change(
                said.request, standing=Standing.LIVE, said_at=submitted, looked_at=submitted, active_at=submitted
            )
            await self._picture(live, said.request, MomentKind.SUBMITTED)
        with suppress(ChannelUnavailableError):  # a browser that is gone: what it kept before may do
            self._journal.change(said.request, storage=await self._storage(live))
        return self._sent(done, DeliveryProof.PRESUMED if stamp.accepted is None else DeliveryProof.PROVEN)

    def _sent(self, said: Said, proof: DeliveryProof) -> Sent:
        shown = f"shown by the page as {said.line}" if said.line else "shown by the page"
        return Sent(
            remote_id=evidence.named(said.own_id),
            accepted_at=said.at or said.began_at,
            uncertainty=said.uncertainty,
            proof=proof,
            evidence=shown,
        )

    # --- small things ---

    def recipe(self, target: str) -> Recipe:
        """Return the recipe of a target. Raises ChannelUnreachableError where it cannot be read."""
        folder = self._settings.recipes
        path = folder / f"{target.lower()}.toml"
        try:
            return load(path, folders=(folder,))
        except ConfigError as error:
            message = f"{self._account}: {error.problems[0]}"
            raise ChannelUnreachableError(message, reason=VoidReason.RECIPE_BROKEN) from error

    def _persona(self) -> Persona:
        return Persona(name=self._settings.name, email=self._settings.email)

    def _can_reopen(self, chat: Chat) -> bool:
        if chat.storage is None:
            return False
        try:
            return self.recipe(chat.target).limits.park_after is not None
        except ChannelError:
            return False

    async def _answers(self, live: Live) -> bool:
        """Whether the page still answers: a browser that was killed may seem to live for a moment."""
        if not live.visit.alive:
            return False
        begun = time.time()
        try:
            shown = await asyncio.wait_for(live.visit.now(), self._settings.timeout.total_seconds())
        except (TimeoutError, library().Error):
            return False
        live.teller.compare(shown, begun, time.time())
        return True

    async def _storage(self, live: Live) -> dict[str, Any] | None:
        return await live.visit.storage() if live.recipe.limits.park_after is not None else None

    async def _picture(self, live: Live, request: str, moment: MomentKind) -> None:
        """Keep how the page looks; that it cannot be had stops nothing."""
        try:
            picture, words = await live.visit.picture()
        except ChannelError:
            return
        at = self._clock.now()
        for media, raw, name in (
            ("image/jpeg", picture, f"{moment}.jpg"),
            ("text/yaml", words.encode(), f"{moment}.yaml"),
        ):
            self._journal.see(request, Exhibit(request=request, moment=moment, at=at, media=media, raw=raw, name=name))
