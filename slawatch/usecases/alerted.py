"""The door to alerting for every pass: where nobody wants to know, nothing of it is loaded. Decides nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

from slawatch.usecases.world import World


@dataclass(slots=True)
class Alerting:
    """What one pass told, by recipient. `failures` are sentences about what did not reach somebody."""

    told: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def alert(world: World) -> Alerting:
    """Notice what is wrong, and tell whoever wants to know."""
    done = Alerting()
    if world.config.alarms.notices:
        from slawatch.usecases import alerting, noticing  # noqa: PLC0415  a third of what an idle pass loads

        noticing.notice(world)
        alerting.tell(world, done)
    return done


def complete(world: World, done: Alerting) -> None:
    """Say that a whole pass is done: in the metrics, and to whoever waits for the dead man's ping."""
    if world.config.alarms.metrics is not None or world.config.alarms.ping is not None:
        from slawatch.usecases import alerting  # noqa: PLC0415  same

        alerting.complete(world, done)
