"""The language of X's recent search: terms beside each other, OR, parentheses, a minus; made into a tree to be asked.

Each part can say which posts might fit (from the indexes): a question about one conversation reads that one only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from slawatch.practice.x.people import Post

LENGTH_MAX = 512
TOKEN = re.compile(r'\s*(?:(?P<open>-?\()|(?P<close>\))|(?P<term>-?(?:[a-z_]+:)?(?:"[^"]*"|[^\s()"]+)))')
WORD = re.compile(r"\w+")
LEANING = frozenset({"is", "lang", "has"})  # only beside something that stands by itself


class Index(Protocol):
    """Which posts might fit, by their numbers."""

    def of_conversation(self, text: str) -> Sequence[int]:
        """Return the posts of a conversation."""
        ...

    def of_author(self, handle: str) -> Sequence[int]:
        """Return the posts of a handle."""
        ...

    def naming(self, handle: str) -> Sequence[int]:
        """Return the posts that name a handle."""
        ...

    def answering(self, handle: str) -> Sequence[int]:
        """Return the posts that reply to one of a handle."""
        ...


class QueryError(Exception):
    """The query cannot be read; says why."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a query. `stands` says that it may stand alone; `among` which posts might fit (None: any)."""

    fits: Callable[[Post], bool]
    among: Callable[[Index], set[int] | None]
    stands: bool


def parsed(text: str) -> Part:
    """Return a query ready to be asked. Raises QueryError."""
    if len(text) > LENGTH_MAX:
        raise QueryError(f"Rule length must be at most {LENGTH_MAX} characters; this one has {len(text)}.")
    reader = _Reader(_tokens(text))
    part = reader.either()
    if reader.rest():
        raise QueryError(f"no viable alternative at input '{reader.rest()[0]}'")
    if not part.stands:
        raise QueryError("Rule must contain at least one positive, non-stopword clause.")
    return part


def _tokens(text: str) -> list[str]:
    found, at = [], 0
    end = len(text.rstrip())
    while at < end:
        one = TOKEN.match(text, at)
        if one is None:
            raise QueryError(f"no viable alternative at character '{text[at:].strip()[:1]}'")
        found.append(one[0].strip())
        at = one.end()
    return found


class _Reader:
    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._at = 0

    def rest(self) -> list[str]:
        return self._tokens[self._at :]

    def either(self) -> Part:
        parts = [self.all()]
        while self.rest()[:1] == ["OR"]:
            self._at += 1
            parts.append(self.all())
        return parts[0] if len(parts) == 1 else _either(parts)

    def all(self) -> Part:
        parts = []
        while self.rest() and self.rest()[0] not in {"OR", ")"}:
            parts.append(self.one())
        if not parts:
            raise QueryError("missing a clause beside OR or between parentheses")
        return parts[0] if len(parts) == 1 else _all(parts)

    def one(self) -> Part:
        token = self.rest()[0]
        self._at += 1
        if token.removeprefix("-") != "(":
            return _term(token)
        part = self.either()
        if self.rest()[:1] != [")"]:
            raise QueryError("missing ')'")
        self._at += 1
        return _not(part) if token.startswith("-") else part


def _either(parts: Sequence[Part]) -> Part:
    def among(index: Index) -> set[int] | None:
        found = [part.among(index) for part in parts]
        known = [one for one in found if one is not None]
        return set().union(*known) if len(known) == len(found) else None

    return Part(lambda post: any(part.fits(post) for part in parts), among, all(part.stands for part in parts))


def _all(parts: Sequence[Part]) -> Part:
    def among(index: Index) -> set[int] | None:
        known = [one for one in (part.among(index) for part in parts) if one is not None]
        return min(known, key=len) if known else None

    return Part(lambda post: all(part.fits(post) for part in parts), among, any(part.stands for part in parts))


def _not(part: Part) -> Part:
    return Part(lambda post: not part.fits(post), lambda _: None, stands=False)


def _term(token: str) -> Part:
    if token.startswith("-"):
        return _not(_term(token[1:]))
    name, colon, value = token.partition(":")
    if token.startswith('"') or not colon:
        return _plain(token)
    value = value.strip('"')
    fits = _operator(name, value)
    if fits is None:
        raise QueryError(f"Reference to invalid operator '{name}'. Operator is not available in current product.")
    return Part(fits, _known(name, value), name not in LEANING)


def _plain(token: str) -> Part:
    if token.startswith("@"):
        handle = token[1:].lower()
        return Part(
            lambda post: post.reposts is None and _names(post, handle),
            lambda index: set(index.naming(handle)),
            stands=True,
        )
    wanted = [word.lower() for word in WORD.findall(token)]
    if not wanted:
        raise QueryError(f"there is no word in '{token}'")

    def fits(post: Post) -> bool:
        words = [word.lower() for word in WORD.findall(post.text)]
        return post.reposts is None and any(
            words[at : at + len(wanted)] == wanted for at in range(len(words) - len(wanted) + 1)
        )

    return Part(fits, lambda _: None, stands=True)


def _operator(name: str, value: str) -> Callable[[Post], bool] | None:
    handle = value.removeprefix("@").lower()
    kinds: dict[str, Callable[[Post], bool]] = {
        "reply": lambda post: post.reply_to is not None,
        "retweet": lambda post: post.reposts is not None,
        "quote": lambda post: post.quotes is not None,
        "verified": lambda post: post.author.verified != "none",
        "mentions": lambda post: bool(post.mentions),
        "links": lambda post: bool(post.links),
    }
    operators: dict[str, Callable[[Post], bool]] = {
        "conversation_id": lambda post: str(post.conversation) == value,
        "from": lambda post: handle in {post.author.handle.lower(), post.author.id},
        "to": lambda post: post.reply_to is not None and handle in _who(post.reply_to),
        "in_reply_to_tweet_id": lambda post: post.reply_to is not None and post.reply_to.id == value,
        "quotes_of_tweet_id": lambda post: post.quotes is not None and post.quotes.id == value,
        "lang": lambda post: post.lang == value,
    }
    if name in {"is", "has"}:
        return kinds.get(value)
    return operators.get(name)


def _known(name: str, value: str) -> Callable[[Index], set[int] | None]:
    handle = value.removeprefix("@").lower()
    known: dict[str, Callable[[Index], Iterable[int]]] = {
        "conversation_id": lambda index: index.of_conversation(value),
        "from": lambda index: index.of_author(handle),
        "to": lambda index: index.answering(handle),
    }
    find = known.get(name)
    return (lambda index: set(find(index))) if find else (lambda _: None)


def _who(post: Post) -> set[str]:
    return {post.author.handle.lower(), post.author.id}


def _names(post: Post, handle: str) -> bool:
    return any(one.value.lower() == handle for one in post.mentions)
