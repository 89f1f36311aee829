"""A second process at a store: it races for work, or kills itself in the midst of it. Run by the store's tests only."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path

from slawatch.channels.base import Batch
from slawatch.model import AttemptOutcome, Delivery, Request, SlotState
from slawatch.store import Store
from slawatch.testing import FakeClock
from tests.contract.made import LEASE, NOW, a_draft, a_slot, incoming


def main(task: str, path: str, worker: str) -> None:
    if task == "die-everywhere":
        die_everywhere(Path(path))
        return
    if task == "make":
        go()
    with Store(Path(path), clock=FakeClock()) as store:
        {"claim": claim, "start": start, "make": make}[task](store, worker)


def go() -> None:
    """Wait until the test lets all of them run at once."""
    print("ready", flush=True)
    sys.stdin.readline()


def make(store: Store, worker: str) -> None:
    store.event("made", worker, "")


def claim(store: Store, worker: str) -> None:
    slots = store.slots(state=SlotState.PLANNED)
    go()
    for slot in slots:
        won = store.claim(slot, a_draft(slot, f"{slot.key}-{worker}"), worker=worker, guard=lambda history: None)
        if isinstance(won, Request):
            print(slot.key)


def start(store: Store, worker: str) -> None:
    requests = store.requests(delivery=Delivery.INTENDED)
    go()
    for request in requests:
        if store.start_attempt(request.id, worker=worker, lease=LEASE, envelope_id=f"{request.public_id}-{worker}"):
            print(request.public_id)


def die_everywhere(fresh: Path) -> None:
    """Let one child die at the first statement of its life, another at the second, each on a copy, until one lives."""
    count = 0
    while True:
        count += 1
        path = fresh.with_name(f"killed-{count}.db")
        shutil.copy(fresh, path)
        child = os.fork()
        if child == 0:
            with Store(path, clock=FakeClock()) as store:
                live(store, die_at=count)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if status == 0:
            return
        assert os.WTERMSIG(status) == signal.SIGKILL


def live(store: Store, *, die_at: int) -> None:
    """Live through a slot, a request, an attempt and a batch; die by SIGKILL as the statement of that number begins."""
    left = die_at

    def trace(statement: str) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            print(statement.split(maxsplit=1)[0], flush=True)
            os.kill(os.getpid(), signal.SIGKILL)

    store._connection().set_trace_callback(trace)
    store.add_slots([a_slot("one"), a_slot("two")])
    slot = store.slots()[0]
    request = store.claim(slot, a_draft(slot), worker="w1", guard=lambda history: None)
    assert isinstance(request, Request)
    attempt = store.start_attempt(request.id, worker="w1", lease=LEASE, envelope_id="e1")
    assert attempt is not None
    store.finish_attempt(attempt, AttemptOutcome.SENT, detail="250 ok", accepted_at=NOW)
    store.add_batch(
        "main",
        "memory",
        Batch(messages=(incoming("1"), incoming("2"), incoming("3")), cursor="after three", looked_until=NOW),
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
