"""Locks that a process holds while it works; the system frees them at its death, however it dies."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from slawatch.errors import BusyError

TICK = ".lock"
AUDIT = ".audit.lock"
RUN = ".run.lock"
LOOKS = 5
LOOK_SECONDS = 0.02  # `is_held` has the lock for far less than that; whoever works has it for longer than all of them


@contextmanager
def held(store: Path, name: str, busy: str) -> Iterator[None]:
    """Hold the lock of that name beside the store.

    Raises:
        BusyError: with the words `busy`, where another process has it, and is not only looking.
    """
    path = store.with_name(store.name + name)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as handle:
        for left in reversed(range(LOOKS)):
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if not left:
                    raise BusyError(busy) from None
                time.sleep(LOOK_SECONDS)
            else:
                break
        yield


def is_held(store: Path, name: str) -> bool:
    """Whether a process has the lock now. Makes no file: looking leaves the folder as it is."""
    if not store.with_name(store.name + name).exists():
        return False
    try:
        with held(store, name, ""):
            return False
    except BusyError:
        return True
