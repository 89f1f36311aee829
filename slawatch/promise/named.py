"""What a time is that a sentence names, and how patterns are kept until a letter needs them. No words, no decisions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

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
    """Whether the pattern fits anywhere in the text."""
    return compiled(source).search(text) is not None


def either(*alternatives: str) -> str:
    """Return a pattern for one of the alternatives."""
    return "(?:" + "|".join(alternatives) + ")"


def one_of(words: str) -> str:
    """Return a pattern for one of the words, which stand between spaces."""
    return either(*words.split())
