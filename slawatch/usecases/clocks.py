"""Notices that the machine's clock was set: in the daemon every few seconds, for cron from one pass to the next.

It corrects nothing that was timed; what waits make of a jump is the matter of jumps.py.
"""

from __future__ import annotations

import json
from datetime import timedelta

from slawatch import uptime
from slawatch.clock import MICROSECOND, SystemClock, from_micros, to_micros
from slawatch.durations import show
from slawatch.jumps import Jump, Reading, between
from slawatch.model import ZERO
from slawatch.usecases.world import News, World

READ = "clock"  # meta: the last reading
EVENT = "clock"


def reading(world: World) -> Reading | None:
    """Return both clocks now; None where the world's clock is not the machine's (in tests)."""
    if not isinstance(world.clock, SystemClock):
        return None
    wall, up = uptime.together(world.clock.now)
    return Reading(boot=uptime.boot(), wall=wall, up=up)


def look(world: World) -> Jump | None:
    """Compare the clocks with what they were at the last look of any process; keep and tell a jump, and the reading."""
    now = reading(world)
    if now is None:
        return None
    with world.store.together():  # of two processes that look at once only one finds it
        before = _read(world.store.meta(READ))
        jump = None if before is None else between(before, now)
        world.store.set_meta(READ, _written(now))
        if jump is not None:
            world.store.add_jump(jump)
            world.store.event(EVENT, "set", words(jump))
    if jump is not None:
        world.tell(News(what="clock-set", words=words(jump), ref="clock"))
    return jump


def words(jump: Jump) -> str:
    """Return what happened, in words."""
    way = "forward" if jump.size > ZERO else "back"
    size = show(timedelta(seconds=round(abs(jump.size).total_seconds())))
    return (
        f"the machine's clock was set {way} by {size}, between {jump.since:%Y-%m-%d %H:%M:%S} and "
        f"{jump.until:%Y-%m-%d %H:%M:%S} UTC; waits across that are widened by it"
    )


def _written(one: Reading) -> str:
    return json.dumps([one.boot, to_micros(one.wall), one.up // MICROSECOND])


def _read(kept: str | None) -> Reading | None:
    if kept is None:
        return None
    boot, wall, up = json.loads(kept)
    return Reading(boot=boot, wall=from_micros(wall), up=timedelta(microseconds=up))
