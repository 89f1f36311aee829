"""X as a platform for posts: who we are, posting, our own posts, the feeds, and what is deleted."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Event
from typing import TYPE_CHECKING, Any

from slawatch.channels.base import Finding, Memory
from slawatch.channels.social.platform import Draft, Feed, Page, Post, Profile, Sighting
from slawatch.channels.social.settings import handle_of
from slawatch.channels.twitter import check, looking, posts, wording
from slawatch.channels.twitter.api import (
    DIRECT_BUSY,
    DIRECT_DEPTH,
    DIRECT_FIRST,
    DIRECT_QUIET,
    HANDLES_AT_ONCE,
    MENTIONS_PAGES,
    PAGE,
    Api,
)
from slawatch.channels.twitter.errors import Answer
from slawatch.channels.twitter.posts import DIRECT, MILLISECOND, NAME, Listed, flake_at, instant_of
from slawatch.channels.twitter.purse import Purse
from slawatch.channels.twitter.settings import HANDLE, Settings
from slawatch.clock import Clock
from slawatch.errors import ChannelRefusedError, ChannelUnavailableError, ChannelUncertainError

if TYPE_CHECKING:
    from slawatch.channels.twitter.client import Keys

OVERLAP = timedelta(seconds=120)  # ids are made by many machines, and X's index lags: what is new may be older
FIRST_LOOK = timedelta(days=1)  # before the first look at mentions nothing was asked that could have been answered
DIRECT_LAG = timedelta(days=1)  # messages are few, so looking back so far costs nothing
DIRECT_AT_MOST = timedelta(seconds=90)  # X allows 15 questions for direct messages in 15 minutes
MENTIONS_AT_MOST = timedelta(seconds=5)  # and 300 for mentions; this is 60 % of them
DIRECT_KEPT = timedelta(minutes=10)  # for how long the account's own need not be asked for again; with the feed: 13
OWN_PAGES_MAX = 33  # of 100; X shows the newest 3,200
DIRECT_PAGES_MAX = 100


class TwitterPlatform:
    """One account on X."""

    name = NAME
    length_max = wording.LENGTH_MAX
    resolution = MILLISECOND
    feeds: Mapping[Feed, timedelta]

    def __init__(
        self, settings: Settings, *, account: str, clock: Clock, memory: Memory, keys: Callable[[], Keys]
    ) -> None:
        self.settings = settings
        self.account = account
        self.clock = clock
        self.memory = memory
        self.feeds = {Feed.MENTIONS: MENTIONS_AT_MOST}
        if settings.direct:
            self.feeds[Feed.DIRECT] = DIRECT_AT_MOST
        self._keys = keys
        self._api: Api | None = None
        self._me: dict[str, Any] | None = None
        self._directs: tuple[datetime, datetime, list[Post]] | None = None

    @property
    def api(self) -> Api:
        """X's endpoints, made when first needed: that may ask a password manager, or fail."""
        if self._api is None:
            from slawatch.channels.twitter.client import Client  # noqa: PLC0415 - on use: it loads X's libraries

            its = self.settings
            client = Client(
                account=self.account, api_base=its.api_base, timeout=its.timeout, keys=self._keys(), clock=self.clock
            )
            purse = Purse(self.memory, account=self.account, month_max=its.month_max, clock=self.clock)
            self._api = Api(client, purse, its, clock=self.clock)
        return self._api

    def close(self) -> None:
        """Give back every connection."""
        if self._api is not None:
            self._api.client.close()
            self._api = None

    # --- who ---

    def me(self) -> Profile:
        """Return the account itself; asked once."""
        return posts.profile(self._native())

    def _native(self) -> dict[str, Any]:
        if self._me is None:
            found = posts.natives(self.api.me())
            if not found or not posts.profile(found[0]).id:
                raise ChannelUnavailableError(
                    f"{self.account}: X does not say who this account is; run: slawatch check"
                )
            self._me = found[0]
        return self._me

    def profiles(self, handles: Sequence[str]) -> Mapping[str, Profile]:
        """Return who these handles belong to; what cannot be a handle nobody has."""
        wanted = [one for one in dict.fromkeys(handle_of(handle) for handle in handles) if HANDLE.fullmatch(one)]
        found: dict[str, Profile] = {}
        for start in range(0, len(wanted), HANDLES_AT_ONCE):
            document = self.api.people(handles=wanted[start : start + HANDLES_AT_ONCE])
            people = (posts.profile(native) for native in posts.natives(document))
            found |= {one.handle: one for one in people if one.id and one.handle}
        return found

    # --- posting ---

    def publish(self, draft: Draft) -> Post:
        """Post once, with `direct_to` to one person alone, who must have written to us first: X's rules want that."""
        if draft.direct_to:
            return self._publish_direct(draft)
        its = self.settings
        if wording.has_url(draft.text):
            what, price = "post-url", its.price_post_url
        elif draft.reply_to:
            what, price = "reply", its.price_reply
        else:
            what, price = "post", its.price_post
        me = self._native()  # before anything leaves
        came = self.api.post(draft.text, reply_to=draft.reply_to, key=draft.key, price=price, what=what)
        return self._made(came, draft, me)

    def _publish_direct(self, draft: Draft) -> Post:
        me = self._native()
        if not self._wrote_first(draft.direct_to):
            raise ChannelRefusedError(
                f"{self.account}: nobody of account {draft.direct_to} has written to us, and X lets no program write "
                'first; write by = "mention", or have them write'
            )
        self._directs = None  # what is kept is old by now
        came = self.api.message(draft.text, to=draft.direct_to, key=draft.key)
        return self._made(came, draft, me, dm=True)

    def _wrote_first(self, person: str) -> bool:
        token, at_once = "", DIRECT_FIRST
        for _ in range(DIRECT_PAGES_MAX):
            listed = self.api.direct(token, at_once=at_once, with_=person)
            if any(one.author.id == person for one in listed.posts):
                return True
            token, at_once = listed.token, PAGE
            if not token:
                break
        return False

    def _made(self, came: Answer, draft: Draft, me: Mapping[str, Any], *, dm: bool = False) -> Post:
        """Return the post that an answer names. It was taken, so what cannot be read here is uncertain, not failed."""
        data = (came.document or {}).get("data", {})
        extra: dict[str, Any] = {"draft": {"text": draft.text, "reply_to": draft.reply_to, "root": draft.root}}
        if came.date is not None:
            extra["answered_at"] = came.date.isoformat()
        native = {**data, "author_id": me.get("id")}
        if dm:
            extra["direct"] = True
        try:
            return posts.parse(posts.evidence(native, me, **extra))
        except ValueError as error:
            raise ChannelUncertainError(
                f"{self.account}: X took the post and says nothing usable of it: {error}"
            ) from None

    # --- our own ---

    def own_posts(self, since: datetime) -> Sequence[Post]:
        """Return all the account posted since then, direct messages included, without what it merely shows around."""
        me, floor = self.me(), flake_at(self.api.theirs(since))
        found: list[Post] = []
        token = ""
        for _ in range(OWN_PAGES_MAX):
            listed = self.api.own(me.id, max(0, floor - 1), token)
            found += [one for one in listed.posts if one.author.id in {me.id, ""}]
            token = listed.token
            if not token:
                break
        if self.settings.direct:
            found += [one for one in self._own_directs(self.api.theirs(since)) if one.author.id == me.id]
        return found

    def _own_directs(self, since: datetime) -> list[Post]:
        """Return all messages since then; X allows so few questions that what was heard just now must do."""
        now = self.clock.now()
        if self._directs is not None:
            asked_at, back_to, kept = self._directs
            if now - asked_at < DIRECT_KEPT and back_to <= since:
                return [one for one in kept if one.at >= since]
        found: list[Post] = []
        token, at_once = "", DIRECT_FIRST
        for _ in range(DIRECT_PAGES_MAX):
            listed = self.api.direct(token, at_once=at_once)
            found += listed.posts
            token, at_once = listed.token, PAGE
            if not token or (listed.ids and instant_of(listed.oldest) < since):
                break
        self._directs = (now, since, found)
        return [one for one in found if one.at >= since]

    # --- the feeds ---

    def feed(self, feed: Feed, mark: str, page: str) -> Page:
        """Return one page of a feed; one that X no longer knows is unavailable, and the pass has to begin anew."""
        place = _Place.read(page) if page else _Place(floor=int(mark or 0))
        return self._mentions(mark, place) if feed is Feed.MENTIONS else self._messages(mark, place)

    def _mentions(self, mark: str, place: _Place) -> Page:
        floor = place.floor = place.floor or flake_at(self.api.now() - FIRST_LOOK)
        listed = self.api.mentions(self.me().id, floor, place.token)
        place = place.after(listed)
        # X shows 800 in 8 pages; it takes deleted ones out, so there may be fewer.
        ended = not listed.token
        return Page(
            posts=self._others(listed, floor),
            next="" if ended else place.written(),
            mark=place.mark(),
            cut_off=ended and bool(mark) and place.pages >= MENTIONS_PAGES,
        )

    def _messages(self, mark: str, place: _Place) -> Page:
        """Return one page of direct messages. X knows no mark there, so older ones are passed over here.

        The mark says when was looked, not what the newest is: where nobody writes, nothing is lost.
        """
        floor = place.floor
        place.newest = max(place.newest, flake_at(self.api.now() - DIRECT_LAG))
        quiet = instant_of(floor) < self.api.now() - DIRECT_LAG  # since the mark is never older than that at a look
        first = DIRECT_QUIET if quiet else DIRECT_BUSY
        listed = self.api.direct(place.token, at_once=PAGE if place.pages or not mark else first)
        place = place.after(listed)
        reached = bool(listed.ids) and listed.oldest <= floor
        ended = not listed.token or reached or place.pages >= DIRECT_PAGES_MAX
        too_old = bool(mark) and instant_of(mark) < self.api.now() - DIRECT_DEPTH
        return Page(
            posts=self._others(listed, floor),
            next="" if ended else place.written(),
            mark=place.mark(),
            cut_off=ended and not reached and (too_old or bool(listed.token)),
        )

    def _others(self, listed: Listed, floor: int) -> tuple[Post, ...]:
        me = self.me().id
        return tuple(one for one in listed.posts if one.author.id != me and int(one.id.removeprefix(DIRECT)) > floor)

    # --- looking closely ---

    def look(self, conversations: Mapping[str, datetime], *, authors: Sequence[str] = ()) -> Sighting:
        """Look through whole conversations; see looking.py."""
        return looking.look(self.api, conversations, authors)

    def gone(self, ids: Sequence[str]) -> frozenset[str]:
        """Return those that are deleted. Of direct messages nobody can tell: each has its own copy."""
        wanted = [one for one in dict.fromkeys(ids) if one.isdigit()]
        found: set[str] = set()
        for start in range(0, len(wanted), PAGE):
            some = wanted[start : start + PAGE]
            missing = self.api.posts(some).missing
            found |= {one for one in some if missing.get(one) == "not-found"}
        return frozenset(found)

    def questions(self, companies: Sequence[str], mark: str, page: str) -> Page:
        """Return one page of what people asked these accounts; see looking.py."""
        return looking.questions(self.api, self._handles(companies), mark, page)

    def _handles(self, ids: Sequence[str]) -> list[str]:
        known = {one.id.partition(":")[2]: one.handle for one in self.memory.observed()}
        if unknown := [one for one in ids if not known.get(one)]:
            for start in range(0, len(unknown), HANDLES_AT_ONCE):
                document = self.api.people(ids=unknown[start : start + HANDLES_AT_ONCE])
                people = (posts.profile(native) for native in posts.natives(document))
                known |= {one.id: one.handle for one in people}
        return [known[one] for one in ids if known.get(one)]

    def lookup(self, post_id: str) -> Post | None:
        """Return one post in its first version, None where it is not there (or is a direct message)."""
        if not post_id.isdigit():
            return None
        return next(iter(self.api.posts([post_id]).posts), None)

    # --- words and links ---

    def length(self, text: str) -> int:
        """Return how long X finds a text."""
        return wording.length(text)

    def compose_url(self, text: str, *, reply_to: str = "") -> str:
        """Return the link that opens X with this text."""
        return wording.compose_url(text, reply_to=reply_to)

    def post_url(self, post_id: str, handle: str) -> str:
        """Return a post's page."""
        return wording.post_url(post_id, handle)

    def post_id(self, url: str) -> str:
        """Return the id a link names."""
        return wording.post_id(url)

    # --- waiting and checking ---

    def watch(self, stop: Event, wait_seconds: float) -> bool:
        """Wait until the time is over: X tells nobody that something came; when to look again is the channel's."""
        stop.wait(wait_seconds)
        return False

    def check(self) -> Sequence[Finding]:
        """Say what works, and what X's rules ask; see check.py."""
        return check.findings(self)


@dataclass(slots=True)
class _Place:
    """Where a pass over a feed stands between two pages. `floor` is the id after which it began."""

    token: str = ""
    newest: int = 0
    pages: int = 0
    floor: int = 0

    @classmethod
    def read(cls, page: str) -> _Place:
        token, newest, pages, floor = json.loads(page)
        return cls(token, int(newest), int(pages), int(floor))

    def written(self) -> str:
        return json.dumps([self.token, str(self.newest), self.pages, str(self.floor)])

    def after(self, listed: Listed) -> _Place:
        return replace(self, token=listed.token, newest=max(self.newest, listed.newest), pages=self.pages + 1)

    def mark(self) -> str:
        """Return where the next pass begins: well before the newest, but never before where this one did."""
        return str(max(self.floor, flake_at(instant_of(self.newest) - OVERLAP) if self.newest else 0))
