"""Ids as X makes them: 41 bits of milliseconds, then 22 bits that keep apart what happened in one of them."""

from __future__ import annotations

import random
from datetime import datetime

from slawatch.clock import from_micros, to_micros

EPOCH_MS = 1_288_834_974_657  # the instant of id 0, in Unix milliseconds
LOW_BITS = 22
FIRST_MAX = 1 << 20  # leaves room for three million more of the same millisecond
STEP_MAX = 9


class Flakes:
    """Gives out ids, each once. Those of one millisecond rise, as they would if a network lay between two posts."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._last: dict[int, int] = {}

    def take(self, at: datetime) -> int:
        """Return an id of this instant that was never given before. Raises ValueError before X's own beginning."""
        ms = to_micros(at) // 1000 - EPOCH_MS
        if ms < 0:
            raise ValueError(f'there was no X at "{at.isoformat()}"')
        last = self._last.get(ms)
        low = self._dice.randrange(FIRST_MAX) if last is None else last + self._dice.randrange(1, STEP_MAX)
        self._last[ms] = low
        return ms << LOW_BITS | low


def instant(flake: int) -> datetime:
    """Return the millisecond in which an id was made."""
    return from_micros(((flake >> LOW_BITS) + EPOCH_MS) * 1000)


def flake_at(moment: datetime) -> int:
    """Return the smallest id that this millisecond can have."""
    return max(to_micros(moment) // 1000 - EPOCH_MS, 0) << LOW_BITS
