"""When the practice range's questions of the past were asked."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from itertools import pairwise

WEEKS = 4
EACH = 40  # questions to a company in its history: 35 of 35 in time would prove a share of 90 %
HOUR = timedelta(hours=1)


def instants(until: datetime, dice: random.Random, each: int = EACH) -> list[datetime]:
    """Return one instant in `each` of as many equal parts of the four weeks, never two within an hour.

    They are whole milliseconds, as platforms stamp.
    """
    begin = until - timedelta(weeks=WEEKS)
    part = (until - begin - HOUR) / each
    found = [begin + part * number + part * dice.random() for number in range(each)]
    for earlier, later in pairwise(range(each)):
        found[later] = max(found[later], found[earlier] + HOUR)
    return [to_the_millisecond(at) for at in found]


def to_the_millisecond(at: datetime) -> datetime:
    """Return the instant without what is less than a millisecond."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)
