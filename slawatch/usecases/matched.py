"""Keep a matched set together: every way of a company is asked about the same thing, each in its turn.

Decides which probes a target may be asked; chooses no words (plan.py does) and sends nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from slawatch import plan
from slawatch.config import Target
from slawatch.model import Slot
from slawatch.usecases.world import World

SAME = timedelta(hours=1)
"""How far apart the times of one set may lie on the wall's clock: where it changes, some move by up to an hour."""


@dataclass(frozen=True, slots=True)
class Put:
    """A probe that was put to a target, or will have been: `due_at` is its slot's."""

    channel: str
    target: str
    due_at: datetime
    probe: str


def narrowed(world: World, target: Target, slot: Slot, also: Iterable[Put] = ()) -> Target:
    """Return the target with those probes only that fit the set of this slot: the one chosen first, else any for all.

    `also` are put beside those in the store. Without a set, as in an audit, the target stays as it is.
    """
    if target.turn is None or slot.campaign is not None or slot.continues is not None:
        return target
    mates = {(one.channel, one.address): one for one in world.company(target.company).targets if one.turn is not None}
    begun = plan.set_time(slot.due_at, target.zone, target.turn)
    chosen: list[tuple[timedelta, str]] = []
    for put in (*_put(world, target, slot, len(mates)), *also):
        mate = mates.get((put.channel, put.target))
        if mate is None or mate.turn is None:
            continue
        apart = abs(plan.set_time(put.due_at, mate.zone, mate.turn) - begun)
        if apart <= SAME:
            chosen.append((apart, put.probe))
    if chosen:
        return replace(target, probes=(min(chosen)[1],))
    shared = plan.for_all(
        world.probes,
        [(one.lang, one.form, one.probes) for one in mates.values()],
        customer=bool(world.company(target.company).customer),
    )
    return replace(target, probes=shared)


def _put(world: World, target: Target, slot: Slot, ways: int) -> list[Put]:
    """Return what was put to the company since the first of this set could be; a limit may have held that back."""
    since = slot.due_at - ways * plan.WEEK - plan.DAY
    return [
        Put(one.channel, one.target, one.due_at, one.text.probe)
        for one in world.store.requests(company=target.company, since=since)
        if one.text.probe in world.probes and one.campaign is None
    ]
