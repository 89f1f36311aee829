"""Who and what is on the practice X: people, posts in all their versions, direct messages. Values only."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(eq=False, slots=True, kw_only=True)
class Person:
    """An account. Tests may change everything but `id`; a new handle is given by X.rename.

    `affiliation` is whom X says it belongs to, `automated` the account that answers for this machine. `verified` is
    "none", "blue", "business" or "government"; whoever is verified may write long posts. `open_to_all` says whether
    strangers may write direct messages. `allowed` are the followers of a protected account.
    """

    id: str
    handle: str
    name: str
    created_at: datetime
    description: str = ""
    url: str = ""
    lang: str = "en"
    affiliation: Person | None = None
    automated: Person | None = None
    protected: bool = False
    suspended: bool = False
    verified: str = "none"
    open_to_all: bool = True
    allowed: set[str] = field(default_factory=set)
    blocks: set[str] = field(default_factory=set)

    def hides_from(self, viewer: Person | None) -> bool:
        """Return whether this viewer (None: an app without a person) is kept from what this account posts."""
        if viewer is self:
            return False
        name = viewer.id if viewer else ""
        return name in self.blocks or (self.protected and name not in self.allowed)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text, in characters, and what stands there: a handle, or the address behind a shortened link."""

    start: int
    end: int
    value: str
    id: str = ""


@dataclass(eq=False, slots=True, kw_only=True)
class Post:
    """One version of a post. `text` is as the API gives it, before escaping; `versions` are all, oldest first.

    `at` is the exact instant, of which the id keeps the milliseconds. `lag` overrides how long indexes take to show it.
    """

    number: int
    author: Person
    text: str
    at: datetime
    conversation: int
    reply_to: Post | None = None
    quotes: Post | None = None
    reposts: Post | None = None
    mentions: tuple[Span, ...] = ()
    links: tuple[Span, ...] = ()
    lang: str = "en"
    source: str = "Web App"
    lag: timedelta | None = None
    deleted_at: datetime | None = None
    versions: list[Post] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The id as the API writes it."""
        return str(self.number)

    def gone(self, now: datetime) -> bool:
        """Return whether it cannot be read at all: not written yet, deleted, or its author suspended."""
        return self.at > now or (self.deleted_at is not None and self.deleted_at <= now) or self.author.suspended

    def superseded(self, now: datetime) -> bool:
        """Return whether a later version has taken its place in lists."""
        newest = self.versions[-1]
        return newest is not self and newest.at <= now

    def mentioned(self, person: Person) -> bool:
        """Return whether the text names this account."""
        return any(one.id == person.id for one in self.mentions)


@dataclass(eq=False, slots=True, kw_only=True)
class Direct:
    """A direct message. An `encrypted` one went by the other stack and never shows among the events."""

    number: int
    sender: Person
    to: Person
    text: str
    at: datetime
    encrypted: bool = False
    deleted: bool = False

    @property
    def id(self) -> str:
        """The event's id as the API writes it."""
        return str(self.number)

    @property
    def conversation(self) -> str:
        """The id of the conversation of the two, the smaller id first."""
        return conversation(self.sender, self.to)


def conversation(one: Person, other: Person) -> str:
    """Return the id of the conversation of two people."""
    return "-".join(sorted((one.id, other.id), key=int))
