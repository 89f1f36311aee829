"""A small town in which everybody posts: a platform in memory with the faults that real ones have. Tests nothing.

What it knows is the truth; what it shows lags behind, ends somewhere, comes twice or not at all, as it is told to.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event, RLock
from typing import Any, Literal

from slawatch.channels.base import Finding, Identity
from slawatch.channels.social.channel import SocialChannel
from slawatch.channels.social.platform import Draft, Feed, Page, Post, Profile, Sighting, named
from slawatch.channels.social.settings import SocialSettings
from slawatch.clock import MICROSECOND, from_micros, to_micros
from slawatch.errors import (
    AccountHaltedError,
    AlreadyThereError,
    ChannelRefusedError,
    ChannelUnavailableError,
    ChannelUncertainError,
)
from slawatch.model import ZERO
from slawatch.testing import FakeClock

TOWN = "town"
OVERLAP = timedelta(seconds=120)
Order = Literal["newest", "oldest", "offset"]

_MENTION = re.compile(r"(?<!\w)@([\w.-]*\w)")


@dataclass(slots=True, kw_only=True)
class Entry:
    """A post as the town knows it. `shown_from` is when feeds and searches begin to show it."""

    post: Post
    shown_from: datetime
    to: str = ""
    gone: bool = False


@dataclass(slots=True)
class Town:
    """Everybody, and all they have said.

    `faults` are met by the next publishing calls: "busy", "refuse", "halt" (nothing is taken), "lose" (it is taken and
    our side never hears of it), "swallow" (the same to our side, and nothing is taken). `failing` are calls that raise.
    `depth` is how many mentions are shown, `unseen` why a conversation cannot be looked through, `broken` how many
    calls for a further page fail. Who `takes_twice` lets the same be said again.
    """

    clock: FakeClock = field(default_factory=FakeClock)
    lag: timedelta = ZERO
    people: dict[str, Profile] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    faults: deque[str] = field(default_factory=deque)
    unseen: dict[str, str] = field(default_factory=dict)
    failing: dict[str, Exception] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    away: bool = False
    takes_twice: bool = False
    depth: int | None = None
    depth_direct: int | None = None
    broken: int = 0
    calls: list[str] = field(default_factory=list)
    lock: RLock = field(default_factory=RLock)

    def person(self, handle: str, **more: Any) -> Profile:
        """Let somebody move in."""
        one = Profile(id=str(1000 + len(self.people)), handle=handle, **{"name": handle.title(), **more})
        self.people[one.id] = one
        return one

    def rename(self, one: Profile, handle: str) -> Profile:
        """Give somebody another handle."""
        self.people[one.id] = replace(one, handle=handle)
        return self.people[one.id]

    def say(
        self,
        author: Profile,
        text: str,
        *,
        under: Post | None = None,
        direct_to: Profile | None = None,
        lag: timedelta | None = None,
    ) -> Post:
        """Let somebody post, under another post or to one person alone; return it."""
        with self.lock:
            now = self.clock.now()
            own_id = str(to_micros(now) * 1000 + len(self.entries) % 1000)
            by_handle = {one.handle: one.id for one in self.people.values()}
            mentions = [by_handle[handle] for handle in _MENTION.findall(text.lower()) if handle in by_handle]
            direct = direct_to is not None
            conversation = under.conversation if under is not None else own_id
            if direct_to is not None:
                conversation, mentions = "-".join(sorted((author.id, direct_to.id))), [direct_to.id]
            elif under is not None:
                mentions.append(under.author.id)
            post = Post(
                id=own_id,
                author=author,
                text=text,
                at=now,
                source="snowflake",
                conversation=conversation,
                reply_to=under.id if under is not None else "",
                direct=direct,
                mentions=tuple(dict.fromkeys(mentions)),
                lang="de",
            )
            post = replace(post, raw=write(post))
            shown_from = now + (self.lag if lag is None else lag)
            self.entries.append(Entry(post=post, shown_from=shown_from, to=direct_to.id if direct_to else ""))
            return post

    def delete(self, post: Post) -> None:
        """Let its author delete a post."""
        self.entry(post.id).gone = True

    def edit(self, post: Post, text: str) -> None:
        """Let its author change a post; its id and instant stay those of the first version."""
        entry = self.entry(post.id)
        edited = replace(entry.post, text=text)
        entry.post = replace(edited, raw=write(edited))

    def entry(self, post_id: str) -> Entry:
        """Return what the town knows of a post."""
        return next(one for one in self.entries if one.post.id == post_id)

    def shown(self) -> list[Entry]:
        """Return what is there to see now, in the order in which it was posted."""
        now = self.clock.now()
        return [one for one in self.entries if one.shown_from <= now and not one.gone]

    def posts_by(self, author: Profile) -> list[Post]:
        """Return all that somebody ever posted, seen or not."""
        return [one.post for one in self.entries if one.post.author.id == author.id]

    def reach(self, call: str) -> None:
        """Be called. Raises what every call raises while the town is away, and what this one was told to."""
        self.calls.append(call)
        if self.away:
            raise ChannelUnavailableError("town: nobody answers: try again later")
        if call in self.failing:
            raise self.failing[call]


class MemoryPlatform:
    """One account in the town. `order` is how its feeds are paged: by ids from either end, or by counting."""

    name = TOWN
    length_max = 280
    resolution = timedelta(milliseconds=1)

    def __init__(
        self,
        town: Town,
        me: Profile,
        *,
        page_size: int = 100,
        order: Order = "newest",
        feeds: Mapping[Feed, timedelta] | None = None,
    ) -> None:
        self.town = town
        self._me = me
        self._page_size = page_size
        self._order = order
        self._heard = 0
        self.feeds = feeds if feeds is not None else {Feed.MENTIONS: ZERO, Feed.DIRECT: ZERO}
        self.watched: Callable[[Event, float], bool] | None = None

    def close(self) -> None:
        """Give nothing back."""

    def me(self) -> Profile:
        self.town.reach("me")
        return self.town.people[self._me.id]

    def profiles(self, handles: Sequence[str]) -> Mapping[str, Profile]:
        self.town.reach("profiles")
        return {
            one.handle: one
            for one in self.town.people.values()
            if one.handle in handles and one.handle not in self.town.refused
        }

    def publish(self, draft: Draft) -> Post:
        town = self.town
        with town.lock:
            town.reach("publish")
            fault = town.faults.popleft() if town.faults else ""
            if fault == "busy":
                raise ChannelUnavailableError("town: too many posts: try again later")
            if fault == "halt":
                raise AccountHaltedError("town: out of credits: buy some")
            if fault == "refuse" or town.refused & {*draft.mentions, *self._handles(draft.direct_to)}:
                raise ChannelRefusedError("town: nobody by that name wants to be written to")
            if fault == "swallow":
                raise ChannelUncertainError("town: the connection broke after all was handed over: look for it")
            to = draft.direct_to
            public = [one.text for one in town.posts_by(self._me) if not one.direct]
            if not town.takes_twice and not to and draft.text in public:
                raise AlreadyThereError("town: you have said that already")
            post = town.say(
                self._me,
                draft.text,
                under=town.entry(draft.reply_to).post if draft.reply_to else None,
                direct_to=town.people[to] if to else None,
            )
            if fault == "lose":
                raise ChannelUncertainError("town: the connection broke after all was handed over: look for it")
            return post

    def own_posts(self, since: datetime) -> Sequence[Post]:
        self.town.reach("own_posts")
        return [one.post for one in self.town.shown() if one.post.author.id == self._me.id and one.post.at >= since]

    def feed(self, feed: Feed, mark: str, page: str) -> Page:
        self.town.reach(feed)
        mine = [one for one in self.town.shown() if self._is_for_me(one, feed)]
        self._heard = max(self._heard, len(self.town.shown()))
        return self._page(
            [one.post for one in mine],
            mark,
            page,
            depth=self.town.depth_direct if feed is Feed.DIRECT else self.town.depth,
        )

    def look(self, conversations: Mapping[str, datetime], *, authors: Sequence[str] = ()) -> Sighting:
        self.town.reach("look")
        unseen = {one: why for one, why in self.town.unseen.items() if one in conversations}
        seen = frozenset(conversations) - unseen.keys()
        posts = [
            one.post
            for one in self.town.shown()
            if one.post.conversation in seen and one.post.id not in seen and not one.post.direct
            if not authors or one.post.author.id in authors
        ]
        return Sighting(posts=tuple(posts), seen=seen, unseen=unseen)

    def gone(self, ids: Sequence[str]) -> frozenset[str]:
        self.town.reach("gone")
        return frozenset(one.post.id for one in self.town.entries if one.gone and one.post.id in ids)

    def questions(self, companies: Sequence[str], mark: str, page: str) -> Page:
        self.town.reach("questions")
        asked = [one.post for one in self.town.shown() if set(one.post.mentions) & set(companies)]
        return self._page([one for one in asked if not one.direct], mark, page)

    def length(self, text: str) -> int:
        return len(text)

    def compose_url(self, text: str, *, reply_to: str = "") -> str:
        return f"https://town.example/compose?text={text}&under={reply_to}"

    def post_url(self, post_id: str, handle: str) -> str:
        return f"https://town.example/{handle}/{post_id}"

    def post_id(self, url: str) -> str:
        found = re.fullmatch(r"(?:https://town\.example/\w+/)?(\d+)", url)
        return found[1] if found else ""

    def lookup(self, post_id: str) -> Post | None:
        self.town.reach("lookup")
        return next((one.post for one in self.town.shown() if one.post.id == post_id), None)

    def watch(self, stop: Event, wait_seconds: float) -> bool:
        """Ring where something is shown that was not before the last look; it may ring for nothing."""
        if self.watched is not None:
            return self.watched(stop, wait_seconds)
        if not self.town.away and len(self.town.shown()) > self._heard:
            return True
        stop.wait(wait_seconds)
        return False

    def check(self) -> Sequence[Finding]:
        if self.town.away:
            return [Finding(ok=False, what="town: nobody answers", cure="wait until somebody does")]
        return [Finding(ok=True, what="town: it answers")]

    def _handles(self, person_id: str) -> list[str]:
        return [self.town.people[person_id].handle] if person_id else []

    def _is_for_me(self, entry: Entry, feed: Feed) -> bool:
        """Direct messages are shown from both sides, as platforms do."""
        post = entry.post
        if feed is Feed.DIRECT:
            return post.direct and self._me.id in (post.author.id, entry.to)
        return not post.direct and self._me.id in post.mentions

    def _page(self, posts: Sequence[Post], mark: str, page: str, *, depth: int | None = None) -> Page:
        """Return one page of these. A page behind the first can be gone by the time it is asked for."""
        if page and self.town.broken:
            self.town.broken -= 1
            raise ChannelUnavailableError("town: that page is not there any more: begin again")
        newest_first = sorted(posts, key=lambda one: int(one.id), reverse=True)
        shown = newest_first[:depth]
        cut_off = bool(mark) and any(to_micros(one.at) >= int(mark) for one in newest_first[len(shown) :])
        wanted = [one for one in shown if not mark or to_micros(one.at) >= int(mark)]
        newest_at = wanted[0].at if wanted else self.town.clock.now()  # an empty feed has an end, too
        next_mark = str(to_micros(newest_at) - OVERLAP // MICROSECOND) if wanted or not mark else ""
        if self._order == "oldest":
            wanted.reverse()
        skipped = int(page or 0) if self._order == "offset" else 0
        if page and self._order == "newest":
            wanted = [one for one in wanted if int(one.id) < int(page)]
        elif page and self._order == "oldest":
            wanted = [one for one in wanted if int(one.id) > int(page)]
        some, rest = wanted[skipped : skipped + self._page_size], wanted[skipped + self._page_size :]
        after = ""
        if rest:
            after = str(skipped + len(some)) if self._order == "offset" else some[-1].id
        if self._order == "oldest" and rest:
            next_mark = ""
        return Page(posts=tuple(some), next=after, mark=next_mark, cut_off=cut_off and not rest)


class Notebook:
    """What slawatch remembers, for a channel in a test."""

    def __init__(self) -> None:
        self.identities: dict[str, Identity] = {}
        self.watched: list[str] = []
        self.directs: set[str] = set()
        self.known: set[str] = set()
        self.charged: list[str] = []

    def know(self, one: Profile, *, observed: bool = False, direct: bool = False) -> str:
        """Remember who an account belongs to; return the address it is known by."""
        address = f"@{one.handle}"
        self.identities[address] = Identity(address=address, id=named(TOWN, one.id), handle=one.handle, name=one.name)
        if observed:
            self.watched.append(address)
        if direct:
            self.directs.add(address)
        return address

    def charge(self, what: str, *, calls: int = 1, resources: Sequence[str] = (), each: int = 0) -> None:
        self.charged.append(what)

    def spent(self, since: datetime) -> int:
        return 0

    def identity(self, address: str) -> Identity | None:
        return self.identities.get(address)

    def secret(self) -> bytes:
        return b"a key of this store alone"

    def observed(self) -> Sequence[Identity]:
        return [self.identities[one] for one in self.watched]

    def accounts(self) -> Sequence[Identity]:
        return list(self.identities.values())

    def direct(self, address: str) -> bool:
        return address in self.directs

    def taken(self, remote_ids: Sequence[str]) -> frozenset[str]:
        return frozenset(remote_ids) & self.known


class TownChannel(SocialChannel):
    """An account in the town, as slawatch sees it."""

    platform_name = TOWN

    def __init__(
        self,
        platform: MemoryPlatform,
        *,
        settings: SocialSettings | None = None,
        memory: Notebook | None = None,
        store: Path | None = None,
    ) -> None:
        super().__init__(
            settings or SocialSettings(handle=f"@{platform.me().handle}" if not platform.town.away else "@anna"),
            account="main",
            clock=platform.town.clock,
            store=store,
            memory=memory or Notebook(),
        )
        self.platform = platform

    def _make_platform(self) -> MemoryPlatform:
        return self.platform

    @staticmethod
    def parse(raw: bytes) -> Post:
        return parse(raw)


def write(post: Post) -> bytes:
    """Return a post as the town's own JSON."""
    native = {key: value for key, value in asdict(replace(post, raw=b"")).items() if key not in {"author", "raw"}}
    native |= {"at": to_micros(post.at), "uncertainty": post.uncertainty.total_seconds()}
    return json.dumps({"platform": TOWN, "post": native, "author": asdict(post.author)}, ensure_ascii=False).encode()


def parse(raw: bytes) -> Post:
    """Return the post that `write` was given. Raises ValueError and its like for anything else."""
    found = json.loads(raw)
    native, author = dict(found["post"]), dict(found["author"])
    at: datetime = from_micros(native.pop("at"))
    for key in ("affiliations", "domains"):
        author[key] = tuple(author[key])
    native["mentions"] = tuple(native["mentions"])
    uncertainty = timedelta(seconds=native.pop("uncertainty"))
    return Post(**native, at=at, uncertainty=uncertainty, author=Profile(**author), raw=raw)
