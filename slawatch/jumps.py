"""Clocks that are set while they are read by: found by a clock that nobody sets, and what they do to waits. Pure.

A wait that was timed across such a jump is wrong by up to its size, and nobody knows on which side of it the clock was
right. So it is widened, and never corrected.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from slawatch.model import ZERO, Reply, Request

LIMIT = timedelta(seconds=2)
"""What counts as a jump. Stamps of mail are whole seconds, so that waits admit that much in any case; a leap second is
below it. Clocks that are only made to run faster or slower (NTP's usual way) change both clocks alike and are none."""

RATE = 0.0005
"""How much faster than the other a clock may run on systems where that is not so: 500 ppm, adjtimex(2)'s most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The two clocks at one instant: the one on the wall, and how long the machine has been up, sleep included.

    `boot` tells one start of the machine from the next; readings of two cannot be compared.
    """

    boot: str
    wall: datetime
    up: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Jump:
    """The clock on the wall was set by `size`, negative for back.

    `since` and `until` are the earliest and the latest instant that it can have shown around that.
    """

    since: datetime
    until: datetime
    size: timedelta


def between(before: Reading, after: Reading) -> Jump | None:
    """Return the jump between two readings; None where there was none, or where nothing can be said."""
    if before.boot != after.boot or not before.boot or after.up < before.up:
        return None
    size = (after.wall - before.wall) - (after.up - before.up)
    if abs(size) <= LIMIT + (after.up - before.up) * RATE:
        return None
    return Jump(since=min(before.wall, after.wall), until=max(after.wall, after.wall - size), size=size)


def widened(request: Request, replies: Sequence[Reply], jumps: Sequence[Jump]) -> Sequence[Reply]:
    """Return the replies with the stamp of each widened by the jumps between the request's leaving and its coming.

    Set forward, the true wait may be shorter by the jump's size; set back, longer. Whichever of the two clocks was
    right, and whoever's clock made the stamp, it lies within.
    """
    if not jumps or request.accepted_at is None:
        return replies
    asked_at = request.accepted_at
    found = []
    for reply in replies:
        over = _over(jumps, min(asked_at, reply.stamps.at), max(asked_at, reply.stamps.at))
        if over:
            ahead = sum((one.size for one in over if one.size > ZERO), ZERO)
            back = -sum((one.size for one in over if one.size < ZERO), ZERO)
            stamps = replace(reply.stamps, earlier=reply.stamps.earlier + ahead, later=reply.stamps.later + back)
            found.append(replace(reply, stamps=stamps))
        else:
            found.append(reply)
    return found


def surely_until(request: Request, looked_until: datetime | None, jumps: Sequence[Jump]) -> datetime | None:
    """Return until when we have surely looked, counted from the request's leaving.

    Both ends are by our own clock, so what it was set by in all is known: a clock that was set forward a week has not
    closed a window of a week. One that was set back takes nothing away.
    """
    if looked_until is None or request.accepted_at is None or not jumps:
        return looked_until
    over = _over(jumps, request.accepted_at, looked_until)
    return looked_until - max(ZERO, sum((one.size for one in over), ZERO))


def _over(jumps: Sequence[Jump], since: datetime, until: datetime) -> list[Jump]:
    return [one for one in jumps if one.since <= until and one.until >= since]
