"""What a platform for public posts can be asked to do, and the values it answers with. No behaviour.

A platform speaks with one kind of server and knows its words; what is done with them is the channel's (channel.py). All
ids here are the platform's own, as text; whoever hands them on puts "platform:" before them (`named`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from threading import Event
from typing import Protocol

from slawatch.channels.base import Finding
from slawatch.model import ZERO


class Feed(StrEnum):
    """Where what others say to us comes in."""

    MENTIONS = "mentions"  # posts that name us or reply to us
    DIRECT = "direct"  # what only we can read


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Somebody on the platform. `id` stays for ever, `handle` (lower case, without "@") may change.

    `affiliations` are ids of accounts that the platform confirms this one to belong to, and `domains` those it has
    verified as theirs. `automated` says that the account itself declares to be a machine. `moved_to` is the id of the
    account that took its place.
    """

    id: str
    handle: str
    name: str = ""
    affiliations: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    automated: bool = False
    protected: bool = False
    moved_to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One post or direct message, in its first version.

    `id` is that of the first version, however often it was edited. The true instant lies within `uncertainty` of `at`;
    `source` says which stamp that is ("snowflake", "created_at", "indexed_at", "notification") and `why` what spoke
    against a better one. `conversation` is the id of the post that began it, of direct messages that of the
    conversation. `answers` is whose post it replies to, "" where the platform does not say. `raw` is the platform's own
    JSON of the post and its author, from which all this can be read again.
    """

    id: str
    author: Profile
    text: str
    at: datetime
    source: str
    uncertainty: timedelta = ZERO
    why: str = ""
    conversation: str = ""
    reply_to: str = ""
    answers: str = ""
    direct: bool = False
    mentions: tuple[str, ...] = ()
    lang: str = ""
    raw: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a feed, in any order.

    `next` leads to the page after it, "" at the end. `mark` says where the next pass has to begin; it overlaps what was
    seen, because what is new does not come in the order of its ids. `cut_off` is True where the platform shows no more
    although the last pass's mark was not reached: what lies between must be looked for in each conversation.
    """

    posts: tuple[Post, ...]
    next: str = ""
    mark: str = ""
    cut_off: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A post about to leave: the whole text as it will stand there, and who it is for.

    With `direct_to` it goes to that person alone, with `reply_to` under that post. `mentions` maps each handle in the
    text to its id, for platforms that want to be told. `key` is the same for every attempt at the same post, for
    platforms that recognise a repetition by it.
    """

    text: str
    key: str
    lang: str = ""
    reply_to: str = ""
    root: str = ""  # what the conversation of `reply_to` began with
    direct_to: str = ""
    mentions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What an authoritative look found. `seen` are the conversations that were looked through completely.

    `unseen` maps each of the others to why it could not be ("older than 7 days", "protected", "blocked").
    """

    posts: tuple[Post, ...]
    seen: frozenset[str]
    unseen: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Somebody else's question to a company, as it is observed; who asked is the channel's secret.

    `addressed` is the id of the account of the company it is put to.
    """

    post: Post
    addressed: str


class Platform(Protocol):
    """One account on one platform, blocking. Opened on first use; `close` may be called twice.

    Every method raises the errors of errors.py and no others: ChannelUnavailableError where a later attempt may
    succeed, ChannelRefusedError where none will, AccountHaltedError where a person must act. `publish` raises
    ChannelUncertainError where the post may have been taken, AlreadyThereError where the platform says so.
    """

    name: str  # "twitter": what its ids are named by
    length_max: int
    feeds: Mapping[Feed, timedelta]  # with how long to wait between two looks at it, at least
    resolution: timedelta

    def close(self) -> None:
        """Give back every connection."""
        ...

    def me(self) -> Profile:
        """Return the account itself; asked once."""
        ...

    def profiles(self, handles: Sequence[str]) -> Mapping[str, Profile]:
        """Return who these handles (lower case, without "@") belong to; those that nobody has are left out."""
        ...

    def publish(self, draft: Draft) -> Post:
        """Post once. Nothing is ever tried again in here after something may have left."""
        ...

    def own_posts(self, since: datetime) -> Sequence[Post]:
        """Return all the account itself posted since then, direct messages included, in any order."""
        ...

    def feed(self, feed: Feed, mark: str, page: str) -> Page:
        """Return one page of what came in after `mark` ("" at first); `page` is a former page's `next`."""
        ...

    def look(self, conversations: Mapping[str, datetime], *, authors: Sequence[str] = ()) -> Sighting:
        """Look through whole conversations, given by the ids they began with and when that was: the truth, at a price.

        With `authors` (ids) only what these wrote is wanted.
        """
        ...

    def gone(self, ids: Sequence[str]) -> frozenset[str]:
        """Return those of the posts that are deleted, by themselves or with their author; not those merely hidden."""
        ...

    def questions(self, companies: Sequence[str], mark: str, page: str) -> Page:
        """Return one page of what people publicly asked these accounts (ids) since `mark`: no replies, no retweets."""
        ...

    def length(self, text: str) -> int:
        """Return how long the platform finds a text."""
        ...

    def compose_url(self, text: str, *, reply_to: str = "") -> str:
        """Return the link that opens the platform's own page with this text ready to be posted, "" if it has none."""
        ...

    def post_url(self, post_id: str, handle: str) -> str:
        """Return the public page of a post."""
        ...

    def post_id(self, url: str) -> str:
        """Return the id of the post that a public link (or a bare id) names, "" where it names none."""
        ...

    def lookup(self, post_id: str) -> Post | None:
        """Return one post, None where it is not there."""
        ...

    def watch(self, stop: Event, wait_seconds: float) -> bool:
        """Wait until something may have come in, as Channel.watch."""
        ...

    def check(self) -> Sequence[Finding]:
        """Can we log in, read and post, and what do the platform's rules ask of us? One finding a question."""
        ...


Parse = Callable[[bytes], Post]
"""What reads a post again from its raw form; raises ValueError where that is none. Needs no account."""


def named(platform: str, one: str) -> str:
    """Return an id of a platform as the rest of slawatch knows it: "twitter:123"; "" stays ""."""
    return f"{platform}:{one}" if one else ""
