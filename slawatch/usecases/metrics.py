"""What Prometheus is told: a handful of figures that cost nothing to gather, and none that grows with the requests.

Written whole or not at all, so that a reader never sees half of it.
"""

from __future__ import annotations

import os
from collections import Counter
from datetime import datetime, timedelta

from slawatch import __version__
from slawatch.errors import OutputError
from slawatch.exposition import Metric, Sample, exposition, single
from slawatch.model import Delivery, SlotState
from slawatch.noticing import Kind, Severity
from slawatch.usecases.noticing import disk
from slawatch.usecases.world import World

LAST_PASS = "metrics last pass"  # meta  # noqa: S105  no password
BACK = timedelta(days=40)  # of an account that was never read
READABLE = 0o644  # the collector of node_exporter is another user


def text(world: World) -> str:
    """Return all metrics as Prometheus reads them."""
    return exposition(_metrics(world))


def passed(world: World) -> None:
    """Note that a pass is complete, and write the textfile where the config names one.

    Raises:
        OutputError: it cannot be written.
    """
    path = world.config.alarms.metrics
    if path is None:
        return
    world.store.set_meta(LAST_PASS, world.clock.now().isoformat())
    # Beside it, with a name that the collector does not read, so that the rename is one step.
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        part.write_text(text(world), encoding="utf-8")
        part.chmod(READABLE)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise OutputError(f'metrics: "{path}" cannot be written ({error.strerror}); name another file') from None


def _metrics(world: World) -> list[Metric]:
    now, store = world.clock.now(), world.store
    accounts = [name for name, one in world.config.accounts.items() if not one.by_hand]
    looked = {name: at for name in accounts if (at := store.observed_until(name)) is not None}
    last = {name: next(reversed(store.looks(name, looked.get(name, now - BACK))), None) for name in accounts}
    alerts = Counter((one.kind, one.severity) for one in store.alerts(still_open=True))
    waiting = Counter(one.recipient for one in store.tellings("intended", "sending"))
    planned = [slot.put_off_until or slot.due_at for slot in store.slots(state=SlotState.PLANNED)]
    unsure = store.requests(delivery=[Delivery.INTENDED, Delivery.SENDING, Delivery.UNCERTAIN])
    states = Counter(str(one.delivery) for one in unsure if one.void_reason is None)
    left = disk(world)
    passed_at = store.meta(LAST_PASS)
    return [
        Metric("build_info", "Always 1; the label says which version runs.", [Sample(1, {"version": __version__})]),
        single("last_pass_timestamp_seconds", "When the last complete pass ended.", _seconds(passed_at)),
        Metric(
            "account_observed_timestamp_seconds",
            "Up to when an account was looked into to the end.",
            [Sample(at.timestamp(), {"account": name}) for name, at in looked.items()],
        ),
        Metric(
            "account_up",
            "1 where the last look into an account went well, else 0.",
            [Sample(float(look.ok), {"account": name}) for name, look in last.items() if look is not None],
        ),
        Metric(
            "alerts",
            "What is wrong now, by kind and severity.",
            [
                Sample(alerts[str(kind), str(severity)], {"kind": str(kind), "severity": str(severity)})
                for kind in Kind
                for severity in Severity
            ],
        ),
        Metric(
            "alert_deliveries_waiting",
            "What recipients have not been told yet.",
            [Sample(waiting[one.name], {"recipient": one.name}) for one in world.config.alarms.recipients],
        ),
        Metric(
            "canary_back_timestamp_seconds",
            "When the newest letter to ourselves that came back had left.",
            [Sample(at.timestamp(), {"account": name}) for name, at in _canaries(world).items()],
        ),
        single("review_messages", "Messages that wait for a person.", len(store.waiting_for_review())),
        Metric(
            "requests_unsettled",
            "Requests that have not left, or may not have.",
            [Sample(count, {"state": state}) for state, count in sorted(states.items())],
        ),
        single("slots_planned", "Slots that lie ahead.", len(planned)),
        single(
            "next_slot_timestamp_seconds", "When the next slot is due.", min(planned).timestamp() if planned else None
        ),
        single("paused", "1 where nothing may be sent at all, else 0.", float(bool(world.halted()))),
        single("disk_free_bytes", "What is left where the store lies.", None if left is None else left.free),
        single("store_bytes", "Size of the store.", _size(world)),
    ]


def _canaries(world: World) -> dict[str, datetime]:
    """Return by account when the newest letter to ourselves left that is back."""
    accounts = world.config.accounts if world.canaries else ()
    newest = {name: world.store.newest_canary(name, back=True) for name in accounts}
    return {name: one.intended_at for name, one in newest.items() if one is not None}


def _seconds(kept: str | None) -> float | None:
    return None if kept is None else datetime.fromisoformat(kept).timestamp()


def _size(world: World) -> float | None:
    try:
        return world.config.store.stat().st_size
    except OSError:
        return None
