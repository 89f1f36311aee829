"""What a time is that a sentence names, and how patterns are kept until a letter needs them. No words, no decisions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

_MARKS = re.compile(r"\\.|\[(?:\\.|[^\]])*\]|[()|]")

DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Time:
    """One time named in a sentence, at [start, end) of it; exactly one of the four amounts and dates is set.

    `by` is about when that is, only for comparing. `opens` is True where it is no end but a beginning ("from Monday").
    `until` is True where the sentence says "until" of it.
    """

    start: int
    end: int
    by: datetime
    within: timedelta | None = None
    business_days: int | None = None
    business_time: timedelta | None = None
    due: datetime | None = None
    opens: bool = False
    until: bool = False


@cache
def compiled(source: str) -> re.Pattern[str]:
    """Compile on first use: all patterns of this room together take longer than an idle pass may."""
    return re.compile(source)


def has(source: str, text: str) -> bool:
    """Whether the pattern fits anywhere in the text.

    Plain stems are looked for as such, and what stands at the beginning of a word only there: five times as fast for
    patterns of many alternatives.
    """
    stems, patterns = _sorted(source)
    return any(stem in text for stem in stems) or any(compiled(pattern).search(text) for pattern in patterns)


@cache
def _sorted(source: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the alternatives that are plain text, and one pattern for those at word beginnings, one for the others."""
    inside = source[3:-1] if source.startswith("(?:") and _closes(source) == len(source) - 1 else source
    alternatives = _alternatives(inside)
    stems = tuple(one for one in alternatives if one.replace(" ", "").isalpha())
    words = [one.removeprefix(r"\b") for one in alternatives if one.startswith(r"\b")]
    others = [one for one in alternatives if one not in stems and not one.startswith(r"\b")]
    return stems, tuple([rf"\b{either(*words)}"] * bool(words) + [either(*others)] * bool(others))


def _alternatives(source: str) -> list[str]:
    """Return what stands between the bars of a pattern that are in no brackets."""
    found, start, depth = [], 0, 0
    for at, mark in _marks(source):
        depth += {"(": 1, ")": -1}.get(mark, 0)
        if mark == "|" and depth == 0:
            found.append(source[start:at])
            start = at + 1
    return [*found, source[start:]]


def _closes(source: str) -> int:
    """Return where the bracket closes with which the pattern begins."""
    depth = 0
    for at, mark in _marks(source):
        depth += {"(": 1, ")": -1}.get(mark, 0)
        if depth == 0:
            return at
    return -1


def _marks(source: str) -> Iterator[tuple[int, str]]:
    """Yield the brackets and bars of a pattern that mean something, with their places."""
    for found in _MARKS.finditer(source):
        if found[0] in "()|":
            yield found.start(), found[0]


def either(*alternatives: str) -> str:
    """Return a pattern for one of the alternatives."""
    return "(?:" + "|".join(alternatives) + ")"


def one_of(words: str) -> str:
    """Return a pattern for one of the words, which stand between spaces."""
    return either(*words.split())
