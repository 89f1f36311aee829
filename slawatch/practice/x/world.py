"""The practice X itself: people, posts and direct messages in memory, and who may see which. Knows nothing of HTTP.

Tests and the demo act on it directly, as people do in their browsers; clients come by server.py.
"""

from __future__ import annotations

import random
import threading
from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from slawatch.clock import Clock, require_aware
from slawatch.model import ZERO
from slawatch.practice.x import wording
from slawatch.practice.x.bill import Bill
from slawatch.practice.x.faults import Faults
from slawatch.practice.x.ids import Flakes, flake_at
from slawatch.practice.x.keys import App, Keys, OAuth1, OAuth2
from slawatch.practice.x.limits import Limits
from slawatch.practice.x.people import Direct, Person, Post

MENTIONS_DEPTH = 800
OWN_DEPTH = 3200
MILLISECOND = timedelta(milliseconds=1)
SEARCH_DAYS = timedelta(days=7)
DIRECT_DAYS = timedelta(days=30)


class X:
    """All there is. Thread-safe; every instant is on X's own clock, which runs `skew` ahead of the given one.

    `lag` is how long the indexes "mentions", "search" and "own" take to show a post; a post may have one of its own.
    `drift` renames fields as X's newer documents have them, `self_serve` allows replies to those only who called the
    account. `browser` is who is logged in where an app asks for consent, None: nobody agrees. What is in `listeners`
    is called with every post and direct message after it was written, in the writer's thread.
    """

    def __init__(self, clock: Clock, seed: str = "x") -> None:
        self.lock = threading.RLock()
        self.skew = ZERO
        self.lag = {"mentions": ZERO, "search": ZERO, "own": ZERO}
        self.drift = False
        self.self_serve = False
        self.browser: Person | None = None
        self.listeners: list[Callable[[Post | Direct], None]] = []
        self.people: dict[str, Person] = {}
        self.posts: dict[int, Post] = {}
        self.bill = Bill()
        self.calls: Counter[str] = Counter()
        self.statuses: Counter[tuple[str, int]] = Counter()
        self.limits = Limits()
        self._clock = clock
        self._dice = random.Random(seed)
        self.keys = Keys(random.Random(f"{seed}|keys"))
        self.faults = Faults(random.Random(f"{seed}|faults"))
        self._flakes = Flakes(self._dice)
        self._news = threading.local()
        self._by_handle: dict[str, Person] = {}
        self._all: list[int] = []
        self._by_author: defaultdict[str, list[int]] = defaultdict(list)
        self._by_mentioned: defaultdict[str, list[int]] = defaultdict(list)
        self._by_named: defaultdict[str, list[int]] = defaultdict(list)
        self._by_replied: defaultdict[str, list[int]] = defaultdict(list)
        self._by_conversation: defaultdict[int, list[int]] = defaultdict(list)
        self._directs: defaultdict[str, list[Direct]] = defaultdict(list)  # by either side's id, in order of ids

    def now(self) -> datetime:
        """Return the instant by X's own clock."""
        return self._clock.now() + self.skew

    # People

    def person(
        self,
        handle: str,
        name: str = "",
        *,
        affiliation: Person | None = None,
        automated: Person | None = None,
        protected: bool = False,
        verified: str = "none",
        lang: str = "en",
        description: str = "",
        url: str = "",
        open_to_all: bool = True,
    ) -> Person:
        """Add an account. Raises ValueError for a handle that somebody has."""
        with self.lock:
            if handle.lower() in self._by_handle:
                raise ValueError(f'"@{handle}" is taken')
            made = Person(
                id=str(self._dice.randrange(10**9, 10**10) if len(self.people) % 2 else self._flakes.take(self.now())),
                handle=handle,
                name=name or handle,
                created_at=self.now() - timedelta(days=self._dice.randrange(30, 4000)),
                affiliation=affiliation,
                automated=automated,
                protected=protected,
                verified=verified,
                lang=lang,
                description=description,
                url=url,
                open_to_all=open_to_all,
            )
            self.people[made.id] = made
            self._by_handle[handle.lower()] = made
            return made

    def rename(self, person: Person, handle: str) -> None:
        """Give an account another handle; the old one is free from then on. Raises ValueError where it is taken."""
        with self.lock:
            if handle.lower() in self._by_handle:
                raise ValueError(f'"@{handle}" is taken')
            del self._by_handle[person.handle.lower()]
            person.handle = handle
            self._by_handle[handle.lower()] = person

    def who(self, handle: str) -> Person | None:
        """Return who has this handle."""
        return self._by_handle.get(handle.lower())

    def block(self, by: Person, whom: Person) -> None:
        """Let one account block another."""
        by.blocks.add(whom.id)

    def unblock(self, by: Person, whom: Person) -> None:
        """Let one account block another no more."""
        by.blocks.discard(whom.id)

    # Keys

    def app(
        self,
        name: str = "slawatch",
        owner: Person | None = None,
        *,
        public: bool = False,
        redirects: Sequence[str] = (),
    ) -> App:
        """Register a client; a `public` one has no client secret. Without `redirects` it may be sent back anywhere."""
        with self.lock:
            return self.keys.app(name, owner, public=public, redirects=redirects)

    def oauth1(self, person: Person, app: App | None = None) -> OAuth1:
        """Return OAuth 1.0a keys for this person, of an app that it owns where none is given."""
        with self.lock:
            return self.keys.oauth1(app or self.app(owner=person), person)

    def oauth2(self, person: Person, app: App, scopes: Sequence[str] | None = None) -> OAuth2:
        """Return OAuth 2 tokens for this person, as if it had agreed just now."""
        with self.lock:
            return (
                self.keys.oauth2(app, person, self.now())
                if scopes is None
                else self.keys.oauth2(app, person, self.now(), scopes)
            )

    # Posts

    def post(
        self,
        author: Person,
        text: str,
        *,
        reply_to: Post | None = None,
        at: datetime | None = None,
        quotes: Post | None = None,
        reposts: Post | None = None,
        lang: str = "",
        lag: timedelta | None = None,
        bare: bool = False,
        source: str = "Web App",
        spare: Sequence[str] = (),
    ) -> Post:
        """Write a post, now or as of `at`, which may lie ahead: nobody sees it before then.

        A reply names those it is meant for, as X writes their handles before it; a `bare` one does not, and then they
        are not told of it. `spare` are ids that are left out. Raises ValueError for a reply to what is not there.
        """
        with self.lock:
            at = require_aware(at) if at else self.now()
            first = reply_to.versions[0] if reply_to else None
            if first is not None and first.at > at:
                raise ValueError(f'"{text}" would reply to a post that is not there yet')
            if reposts is not None:
                text = f"RT @{reposts.author.handle}: {reposts.text}"
            elif reply_to is not None and not bare:
                text = wording.addressed(text, [one for one in self._meant(author, reply_to) if one.id not in spare])
            made = self._made(author, text, at, reply_to, quotes, reposts, lang or author.lang, lag, source)
            made.conversation = reply_to.conversation if reply_to else made.number
            made.versions.append(made)
            self._keep(made)
        self._tell(made)
        return made

    def edit(self, post: Post, text: str, *, at: datetime | None = None) -> Post:
        """Write another version of a post; it has an id of its own and takes the place of those before it."""
        with self.lock:
            at = require_aware(at) if at else self.now()
            old = post.versions[-1]
            made = self._made(
                old.author, text, at, old.reply_to, old.quotes, old.reposts, old.lang, old.lag, old.source
            )
            made.conversation, made.versions = old.conversation, old.versions
            made.versions.append(made)
            self._keep(made)
        self._tell(made)
        return made

    def delete(self, post: Post, *, at: datetime | None = None) -> None:
        """Delete a post in all its versions, now or as of `at`."""
        with self.lock:
            for version in post.versions:
                version.deleted_at = require_aware(at) if at else self.now()

    def direct(
        self, sender: Person, to: Person, text: str, *, at: datetime | None = None, encrypted: bool = False
    ) -> Direct:
        """Write a direct message, now or as of `at`."""
        with self.lock:
            at = require_aware(at) if at else self.now()
            made = Direct(number=self._flakes.take(at), sender=sender, to=to, text=text, at=at, encrypted=encrypted)
            for side in {sender.id, to.id}:
                insort(self._directs[side], made, key=lambda one: one.number)
        self._tell(made)
        return made

    # Looking, newest first

    def mentions(self, person: Person, viewer: Person | None) -> Iterator[Post]:
        """Yield who named this person, as far back as X goes."""
        return self._listed(self._by_mentioned[person.id], "mentions", viewer, MENTIONS_DEPTH)

    def by(self, person: Person, viewer: Person | None) -> Iterator[Post]:
        """Yield what this person posted, as far back as X goes."""
        return self._listed(self._by_author[person.id], "own", viewer, OWN_DEPTH, reposts=True)

    def recent(self, among: set[int] | None, viewer: Person | None, until: int | None = None) -> Iterator[Post]:
        """Yield what the search index holds among these posts (None: all), of the last seven days."""
        numbers = self._all if among is None else sorted(among)
        return self._listed(numbers, "search", viewer, None, reposts=True, until=until)

    def directs(self, person: Person, other: Person | None = None) -> Iterator[Direct]:
        """Yield this person's direct messages of the last thirty days, newest first."""
        now = self.now()
        known = self._directs[person.id]
        end = bisect_left(known, flake_at(now + MILLISECOND), key=lambda one: one.number)
        for at in range(end - 1, -1, -1):
            one = known[at]
            if one.at < now - DIRECT_DAYS:
                return
            if (
                one.at <= now
                and not (one.encrypted or one.deleted)
                and (other is None or other in {one.sender, one.to})
            ):
                yield one

    def repeats(self, author: Person, text: str) -> bool:
        """Return whether this account posted the very same within a day."""
        now = self.now()
        short, _ = wording.shortened(text)
        for number in reversed(self._by_author[author.id]):
            post = self.posts[number]
            if post.at < now - timedelta(days=1):
                return False
            if post.text == short and not post.gone(now):
                return True
        return False

    def addressed(self, author: Person, text: str, reply_to: Post, spare: Sequence[str] = ()) -> str:
        """Return the text of a reply as X would write it."""
        return wording.addressed(text, [one for one in self._meant(author, reply_to) if one.id not in spare])

    # The indexes of query.Index

    def of_conversation(self, text: str) -> Sequence[int]:
        """Return the posts of a conversation."""
        return self._by_conversation.get(int(text), ()) if text.isdecimal() else ()

    def of_author(self, handle: str) -> Sequence[int]:
        """Return the posts of a handle, or of an id."""
        person = self.who(handle) or self.people.get(handle)
        return self._by_author.get(person.id, ()) if person else ()

    def naming(self, handle: str) -> Sequence[int]:
        """Return the posts that name a handle."""
        return self._by_named.get(handle.lower(), ())

    def answering(self, handle: str) -> Sequence[int]:
        """Return the posts that reply to one of a handle."""
        person = self.who(handle) or self.people.get(handle)
        return self._by_replied.get(person.id, ()) if person else ()

    def _listed(
        self,
        numbers: Sequence[int],
        index: str,
        viewer: Person | None,
        depth: int | None,
        *,
        reposts: bool = False,
        until: int | None = None,
    ) -> Iterator[Post]:
        now = self.now()
        shown = 0
        # What is yet to be posted is passed over at once: the demo lays out weeks of it.
        ahead = flake_at(now + MILLISECOND)
        end = bisect_left(numbers, ahead if until is None else min(until, ahead))
        for at in range(end - 1, -1, -1):
            post = self.posts[numbers[at]]
            if index == "search" and post.at < now - SEARCH_DAYS:
                return
            lag = self.lag[index] if post.lag is None else post.lag
            if post.at + lag > now or post.gone(now) or post.superseded(now) or post.author.hides_from(viewer):
                continue
            if post.reposts is not None and not reposts:
                continue
            yield post
            shown += 1
            if shown == depth:
                return

    def _made(
        self,
        author: Person,
        text: str,
        at: datetime,
        reply_to: Post | None,
        quotes: Post | None,
        reposts: Post | None,
        lang: str,
        lag: timedelta | None,
        source: str,
    ) -> Post:
        text, links = wording.shortened(text)
        return Post(
            number=self._flakes.take(at),
            author=author,
            text=text,
            at=at,
            conversation=0,
            reply_to=reply_to,
            quotes=quotes,
            reposts=reposts,
            mentions=wording.handles(text, self.who),
            links=links,
            lang=lang,
            lag=lag,
            source=source,
        )

    def _meant(self, author: Person, reply_to: Post) -> list[Person]:
        """Return whom a reply names: the author of what it replies to and everybody named there, but not oneself."""
        named = [self.people[one.id] for one in reply_to.versions[-1].mentions]
        return [one for one in (reply_to.author, *named) if one is not author]

    def _keep(self, post: Post) -> None:
        self.posts[post.number] = post
        insort(self._all, post.number)
        insort(self._by_author[post.author.id], post.number)
        insort(self._by_conversation[post.conversation], post.number)
        for person in {one.id for one in post.mentions} - {post.author.id}:
            insort(self._by_mentioned[person], post.number)
        for handle in {one.value.lower() for one in post.mentions}:
            insort(self._by_named[handle], post.number)
        if post.reply_to is not None:
            insort(self._by_replied[post.reply_to.author.id], post.number)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold everything still for one call. Listeners hear of what it wrote afterwards, when nothing is held."""
        self._news.waiting = []
        try:
            with self.lock:
                yield
        finally:
            waiting, self._news.waiting = self._news.waiting, None
            for one in waiting:
                self._tell(one)

    def _tell(self, one: Post | Direct) -> None:
        waiting = getattr(self._news, "waiting", None)
        if waiting is not None:
            waiting.append(one)
            return
        for listener in list(self.listeners):
            listener(one)
