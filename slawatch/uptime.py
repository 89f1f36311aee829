"""A clock that nobody sets: how long this machine has been up, its sleep included. Knows nothing of what it is for."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

# Runs on while a laptop sleeps, and is never set: clock_gettime(2). Elsewhere the monotonic clock does (macOS).
_UP = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
_READINGS = 3  # another process may come in between two calls; hardly three times in a row


def together(now: Callable[[], datetime]) -> tuple[datetime, timedelta]:
    """Return what that clock shows and how long the machine has been up, at one instant as nearly as can be."""
    tries = []
    for _ in range(_READINGS):
        before = time.clock_gettime_ns(_UP)
        wall = now()
        after = time.clock_gettime_ns(_UP)
        tries.append((after - before, wall, (before + after) // 2))
    _, wall, up = min(tries)
    return wall, timedelta(microseconds=up // 1000)


@cache
def boot() -> str:
    """Return which start of the machine this is, and which clock of its own a container was given; "" where unknown."""
    try:
        started = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{started} {Path('/proc/self/ns/time').readlink()}"
    except OSError:
        return ""
