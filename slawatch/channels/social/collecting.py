"""Reads what comes in on a platform, one page a step, and says until when nothing can be missing.

Keeps nothing but its cursor; hands over what the platform shows and judges none of it.
"""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from slawatch.channels.base import Batch, Memory, Observed, Thread, Verified
from slawatch.channels.social import raw
from slawatch.channels.social.cursor import Cursor, Place
from slawatch.channels.social.platform import Feed, Page, Platform, Post, Sighting, named
from slawatch.channels.social.settings import SocialSettings
from slawatch.clock import Clock, from_micros
from slawatch.errors import AccountHaltedError, ChannelError, ChannelUnavailableError
from slawatch.model import ZERO, Incoming

QUESTIONS = "questions"  # other people's, to companies that are observed
ANSWERS = "answers"  # the companies', in the conversations that these began
LOOK_AT_ONCE = 100  # conversations looked through in one step, which must end within a lease
EARLY = 0.9  # of the time between two looks: whoever is called every five minutes is now and then called early
HASH_LENGTH = 32
PAGES_MAX = 200  # of direct messages; a month of them, which is what platforms show, is far fewer

Threads = Callable[[], Sequence[Thread]]


@dataclass(slots=True, kw_only=True)
class Step:
    """What one step brought; `done` where the feed has been read to its end."""

    messages: list[Incoming] = field(default_factory=list)
    observed: list[Observed] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    done: bool = False


class Collector:
    """One account's reading."""

    def __init__(
        self, platform: Platform, settings: SocialSettings, memory: Memory, *, account: str, clock: Clock
    ) -> None:
        self._platform = platform
        self._settings = settings
        self._memory = memory
        self._account = account
        self._clock = clock
        self.pace = settings.poll_idle

    def collect(self, text: str, threads: Threads | None) -> Batch:
        """Return the next step after a cursor. A feed that cannot be read holds up neither the others nor the pass.

        It does hold `looked_until` where it was. Where no feed at all can be read, the first one's error is raised.
        """
        cursor = Cursor.load(text)
        if not cursor.due:
            self._begin(cursor, threads)
        first: ChannelError | None = None
        step = Step()
        while cursor.due:
            feed = cursor.due[0]
            place = cursor.place(feed)
            place.begin(self._clock.now())
            before = deepcopy(place)
            try:
                step = self._step(feed, place, threads)
            except ChannelError as error:
                first = first or error
                cursor.failed[feed] = str(error)
                cursor.places[feed] = before  # what this step has seen is not handed over
                before.give_up()
                del cursor.due[0]
                continue
            cursor.read = True
            if step.done:
                place.finish()
                del cursor.due[0]
            break
        if first is not None and not cursor.read:
            raise first
        more = bool(cursor.due)
        failed = list(cursor.failed.values())
        return Batch(
            messages=tuple(step.messages),
            observed=tuple(step.observed),
            cursor=cursor.dump(),
            more=more,
            looked_until=None if more or failed else cursor.looked_until(),
            notes=tuple(f"{self._account}: {note}" for note in [*step.notes, *([] if more else failed)]),
            warning=None if more else "",
        )

    def interval(self, feed: str, *, young: bool) -> timedelta:
        """Return how long after the start of one look at a feed the next one is due."""
        pace = self._settings.poll if young else self._settings.poll_idle
        least = self._platform.feeds.get(Feed(feed), ZERO) if feed not in (QUESTIONS, ANSWERS) else ZERO
        return max(least, EARLY * pace)

    def _begin(self, cursor: Cursor, threads: Threads | None) -> None:
        """Begin a pass over the feeds that are due."""
        now = self._clock.now()
        cursor.failed, cursor.read = {}, False
        wanted: list[str] = [Feed.MENTIONS, *([Feed.DIRECT] if self._reads_direct else [])]
        if self._memory.observed():
            wanted += [QUESTIONS, ANSWERS]

        def is_due(feed: str, *, young: bool) -> bool:
            return _is_due(cursor.place(feed), self.interval(feed, young=young), now)

        if not any(is_due(feed, young=True) for feed in {*wanted, *cursor.wanted}):
            return  # whatever stands: to ask what does may cost a walk through thousands of requests
        standing = threads() if threads else ()
        if any(one.observed for one in standing):
            wanted = [*dict.fromkeys([*wanted, QUESTIONS, ANSWERS])]
        young = {one.observed for one in standing if one.young}
        self.pace = self._settings.poll if young else self._settings.poll_idle
        cursor.wanted = wanted
        cursor.due = [feed for feed in wanted if is_due(feed, young=(feed in (QUESTIONS, ANSWERS)) in young)]

    def _step(self, feed: str, place: Place, threads: Threads | None) -> Step:
        if feed == ANSWERS:
            return self._answers(place, threads() if threads else ())
        if place.gap:
            return self._gap(place, threads)
        page = self._page(feed, place)
        place.pending = place.pending or page.mark
        place.cut = place.cut or page.cut_off
        place.page = page.next
        fresh = place.fresh(page.posts)
        step = Step(done=not page.next)
        if feed == QUESTIONS:
            step.observed = self._questions(fresh)
        else:
            step.messages = self._incoming(fresh, feed)
        if step.done and place.cut and feed == Feed.MENTIONS:
            place.gap, step.done = True, False
        elif step.done and place.cut:
            what = "direct messages" if feed == Feed.DIRECT else feed
            step.notes.append(
                f"{self._platform.name} no longer shows all {what} since the last look; some may be missing"
            )
        return step

    def _page(self, feed: str, place: Place) -> Page:
        """Return the next page; where that is gone by now the feed is begun again, once."""
        try:
            page = self._asked(feed, place)
        except AccountHaltedError:
            raise
        except ChannelUnavailableError:
            if not place.page or place.again:
                raise
            place.begin_again()
            place.again = True
            page = self._asked(feed, place)
        if page.next and page.next == place.page:
            raise ChannelUnavailableError(f'{self._platform.name}: the page after "{page.next}" is that page again')
        return page

    def _asked(self, feed: str, place: Place) -> Page:
        if feed == QUESTIONS:
            ids = [self._bare(one.id) for one in self._memory.observed()]
            return self._platform.questions(ids, place.mark, place.page) if ids else Page(posts=())
        return self._platform.feed(Feed(feed), place.mark, place.page)

    def _gap(self, place: Place, threads: Threads | None) -> Step:
        """Look through the conversations that stand, for what the feed no longer shows."""
        if threads is None:
            raise ChannelUnavailableError(f"{self._platform.name}: more was said than is shown, and nobody says where")
        began_at: datetime = from_micros(place.began_at)
        some = _next(threads(), place, lambda one: not one.direct and not one.observed and one.asked_at <= began_at)
        if not some:
            return Step(done=True)
        sighting = self._platform.look({self._bare(one.remote_id): one.asked_at for one in some})
        place.after = some[-1].remote_id
        return Step(
            messages=self._incoming(place.fresh(sighting.posts), Feed.MENTIONS),
            notes=[
                f"of {count} conversations not everything can be seen: {why}"
                for why, count in Counter(sighting.unseen.values()).items()
            ],
        )

    def _answers(self, place: Place, standing: Sequence[Thread]) -> Step:
        some = _next(standing, place, lambda one: one.observed and not one.direct)
        if not some:
            return Step(done=True)
        posts, _ = self._look_observed(some)
        place.after = some[-1].remote_id
        return Step(messages=self._scrubbed(place.fresh(posts)))

    def verify(self, threads: Sequence[Thread]) -> Verified:
        """Look through these conversations once more; for requests by direct message, through all of those.

        What a company may have said about a public request by direct message is not asked for again: that feed tells
        all there is, and no request is verified before `looked_until`, which speaks for it too, has passed its window.

        Raises:
            ChannelError: it cannot be asked now, so nothing is said about any of them.
        """
        name = self._platform.name
        asked = [one for one in threads if not one.direct and not one.observed]
        observed = [one for one in threads if one.observed]
        messages: dict[str, Incoming] = {}
        seen: set[str] = set()
        unseen: dict[str, str] = {}
        if asked:
            sighting = self._platform.look({self._bare(one.remote_id): one.asked_at for one in asked})
            messages |= {one.remote_id: one for one in self._incoming(sighting.posts, Feed.MENTIONS)}
            seen |= {named(name, one) for one in sighting.seen}
            unseen |= {named(name, one): why for one, why in sighting.unseen.items()}
        if observed:
            posts, sighting = self._look_observed(observed)
            messages |= {one.remote_id: one for one in self._scrubbed(posts)}
            seen |= {named(name, one) for one in sighting.seen}
            unseen |= {named(name, one): why for one, why in sighting.unseen.items()}
        private = {one.remote_id for one in threads if one.direct}
        if private:
            posts, why = self._all_direct()
            messages |= {one.remote_id: one for one in self._incoming(posts, Feed.DIRECT)}
            seen |= private
            unseen |= dict.fromkeys(private, why) if why else {}
        wanted = {one.remote_id for one in threads}
        unseen |= dict.fromkeys(wanted - seen - unseen.keys(), "the platform says nothing about it")
        return Verified(
            messages=tuple(messages.values()),
            seen=frozenset((seen & wanted) - unseen.keys()),
            unseen={one: why for one, why in unseen.items() if one in wanted},
        )

    @property
    def _reads_direct(self) -> bool:
        return self._settings.direct and Feed.DIRECT in self._platform.feeds

    def _all_direct(self) -> tuple[list[Post], str]:
        """Return every direct message there is to see, and why that is not all ("": it is)."""
        if not self._reads_direct:
            return [], "direct messages are not read (key direct)"
        posts: list[Post] = []
        at = ""
        for _ in range(PAGES_MAX):
            page = self._platform.feed(Feed.DIRECT, "", at)
            posts += page.posts
            if page.cut_off:
                break
            if not page.next or page.next == at:
                return posts, ""
            at = page.next
        return posts, "the platform does not show all direct messages any more"

    def _look_observed(self, threads: Sequence[Thread]) -> tuple[list[Post], Sighting]:
        """Return what companies wrote in conversations that others began. Nobody else's words are even held."""
        ours = [self._bare(one.id) for one in self._memory.accounts()]
        sighting = self._platform.look({self._bare(one.remote_id): one.asked_at for one in threads}, authors=ours)
        return [one for one in sighting.posts if one.author.id in ours], sighting

    def _scrubbed(self, posts: Sequence[Post]) -> list[Incoming]:
        """Return companies' posts as messages in which nobody else can be recognised."""
        companies = [account.handle for account in self._memory.accounts()] if posts else []
        return [raw.incoming(one, self._platform.name, ANSWERS, known=companies) for one in posts]

    def _incoming(self, posts: Iterable[Post], feed: str) -> list[Incoming]:
        """Return posts as messages, but for our own: what we sent is known from sending it."""
        me = self._platform.me().id
        return [raw.incoming(one, self._platform.name, feed) for one in posts if one.author.id != me]

    def _questions(self, posts: Iterable[Post]) -> list[Observed]:
        """Return what people asked in public: neither we, nor the companies among themselves, nor replies."""
        companies = {self._bare(one.id) for one in self._memory.accounts()} | {self._platform.me().id}
        targets = {self._bare(one.id): one.address for one in self._memory.observed()}
        found = []
        for one in posts:
            addressed = next((targets[other] for other in one.mentions if other in targets), "")  # the first it names
            if addressed and one.author.id not in companies and not one.reply_to and not one.direct:
                found.append(
                    Observed(
                        remote_id=named(self._platform.name, one.id),
                        target=addressed,
                        at=one.at,
                        uncertainty=one.uncertainty,
                        lang=one.lang,
                        asked_by=self._hashed(one.author.id),
                    )
                )
        return found

    def _hashed(self, author: str) -> str:
        """Return what stands for a person: the same within this store, and of no use outside it."""
        whole = hmac.new(self._memory.secret(), named(self._platform.name, author).encode(), "sha256").hexdigest()
        return whole[:HASH_LENGTH]

    def _bare(self, one: str) -> str:
        return one.removeprefix(f"{self._platform.name}:")


def _is_due(place: Place, interval: timedelta, now: datetime) -> bool:
    """Whether to look again: never done, begun and not ended, long enough ago, or done in what is now the future."""
    if not place.last_at or place.began_at:
        return True
    since = now - from_micros(place.last_at)
    return not ZERO <= since < interval


def _next(standing: Iterable[Thread], place: Place, fitting: Callable[[Thread], bool]) -> list[Thread]:
    """Return the conversations to look through next, in the order of their names."""
    left = sorted(
        (one for one in standing if one.remote_id > place.after and fitting(one)), key=lambda one: one.remote_id
    )
    return left[:LOOK_AT_ONCE]
