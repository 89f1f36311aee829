"""What is remembered of a mailed report that could not be made: why, since when, and when it is tried again.

Kept in the store, so that the next process knows. Makes nothing and tells nobody.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from slawatch.usecases.send import FIRST_RETRY, LONGEST_RETRY
from slawatch.usecases.world import World

KEY = "report failed:"  # meta, with the report's name; "" where it could be made after all


@dataclass(frozen=True, slots=True, kw_only=True)
class NotMade:
    """Why a report that is due up to `until` could not be made. Moments are in ISO 8601, as they are kept."""

    until: str
    since: str
    retry_at: str
    why: str

    def rests(self, until: datetime, now: datetime) -> bool:
        """Whether it is not tried now. The next report of that name is tried at once, whatever became of this one."""
        return self.until == until.isoformat() and now < datetime.fromisoformat(self.retry_at)


def of(world: World, name: str) -> NotMade | None:
    """Return what is remembered of the report of that name; None where it could be made, or never was due."""
    kept = world.store.meta(f"{KEY}{name}")
    return NotMade(**json.loads(kept)) if kept and kept.startswith("{") else None


def remember(world: World, name: str, until: datetime, why: str) -> bool:
    """Remember that it could not be made just now; returns whether a person does not know that yet.

    It rests as long again as it has been tried for, as a letter does: the pauses double without counting the tries.
    """
    now = world.clock.now()
    before = of(world, name)
    going_on = before is not None and before.until == until.isoformat()
    since = datetime.fromisoformat(before.since) if before and going_on else now
    pause: timedelta = min(max(now - since, FIRST_RETRY), LONGEST_RETRY)
    failure = NotMade(until=until.isoformat(), since=since.isoformat(), retry_at=(now + pause).isoformat(), why=why)
    world.store.set_meta(f"{KEY}{name}", json.dumps(asdict(failure), ensure_ascii=False))
    return before is None or not going_on or before.why != why


def forget(world: World, name: str) -> None:
    """Remember that it could be made. Writes only where something else was remembered."""
    if world.store.meta(f"{KEY}{name}"):
        world.store.set_meta(f"{KEY}{name}", "")


def sentence(world: World, name: str) -> str:
    """Return what a person should know of a report that could not be made; "" where it could."""
    found = of(world, name)
    if found is None:
        return ""
    since, retry_at = (
        f"{datetime.fromisoformat(one).astimezone(ZoneInfo(world.config.zone)):%Y-%m-%d %H:%M}"
        for one in (found.since, found.retry_at)
    )
    return f"report {name}: {found.why}; tried since {since}, again from {retry_at} on"
