"""What a report says of chats beside their waits, as frozen values. Counts nothing itself and holds no words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from slawatch.model import MomentKind, VoidReason
from slawatch.report.pictures import Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Whether an advertised way led to somebody, or something, that takes a question.

    Of `tried` tries `reached` did; `low` and `high` bound that share at 95 % (Wilson), None where nothing was tried.
    `why_not` counts the others by what stood in the way. `ours` counts tries that failed by our own means: they are
    in none of the figures.
    """

    tried: int
    reached: int
    low: float | None
    high: float | None
    why_not: Mapping[VoidReason, int]
    ours: Mapping[VoidReason, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepting:
    """How a chat is taken up. `chats` were begun; in `joined` of them it could be seen that somebody joined.

    `median` is the time from what we wrote to that, over those; where nobody can write before somebody joins, it is the
    time from the opening. `queued` were put in a queue, at most at place `place` (None where no place was shown).
    """

    chats: int
    joined: int
    median: timedelta | None
    queued: int
    place: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Machines:
    """Whether a machine says that it is one. In `spoke` of `chats` one wrote before any person did.

    In `said` of these it said so, in words that are recognised, before the first person's line. `median` is the wait
    for its first line.
    """

    chats: int
    spoke: int
    said: int
    median: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Retold:
    """Matters taken up again on this way after another: of `again`, `told` had to be told all over, `known` in all."""

    again: int
    known: int
    told: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chats:
    """What is said of a group's chats; each part None where there is nothing to say."""

    reach: Reach | None = None
    accepting: Accepting | None = None
    machines: Machines | None = None
    retold: Retold | None = None

    @property
    def anything(self) -> bool:
        """Whether there is anything to say."""
        return self.reach is not None or self.more

    @property
    def more(self) -> bool:
        """Whether there is more to say than who could be reached."""
        return any((self.accepting, self.machines, self.retold))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What a chat looked like at one moment: a picture, the page in words, or both.

    `left_out` tells that there is a picture which the report does not hold.
    """

    moment: MomentKind
    at: datetime
    picture: Picture | None = None
    words: str = ""
    left_out: bool = False
