"""Runs things side by side and says what each cost, as ratios: absolute times say more about the machine than about us.

Asserts nothing; whoever reads the numbers judges.
"""

from __future__ import annotations

import gc
import os
import struct
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

SECONDS = struct.Struct("d")
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one run took: seconds by the wall, seconds of processor time, and its peak of memory in octets."""

    wall: float
    cpu: float
    peak: int


def alternating(contenders: Mapping[str, Callable[[], Cost]], rounds: int) -> dict[str, list[Cost]]:
    """Run every contender once a round, in turn, so that a busy minute of the machine falls on all of them."""
    costs: dict[str, list[Cost]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, run in contenders.items():
            costs[name].append(run())
    return costs


def in_child(work: Callable[[], object]) -> Cost:
    """Do the work in a fork of this process; its peak includes what this process holds already."""
    gc.collect()
    sys.stdout.flush()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            began = time.perf_counter(), time.process_time()
            work()
            spent = time.perf_counter() - began[0], time.process_time() - began[1]
            os.write(writer, SECONDS.pack(spent[0]) + SECONDS.pack(spent[1]))
            code = 0
        finally:
            os._exit(code)
    os.close(writer)
    told = os.read(reader, 2 * SECONDS.size)
    os.close(reader)
    _, status, usage = os.wait4(child, 0)
    if status:
        raise RuntimeError(f"the work failed with status {status}; its error stands above")
    return Cost(
        wall=SECONDS.unpack(told[: SECONDS.size])[0],
        cpu=SECONDS.unpack(told[SECONDS.size :])[0],
        peak=usage.ru_maxrss * 1024,
    )


def ratio(costs: Mapping[str, Sequence[Cost]], name: str, to: str, of: Callable[[Cost], float]) -> float:
    """Return the median over the rounds of one contender's cost, as a multiple of another's in the same round."""
    return median(of(one) / of(other) for one, other in zip(costs[name], costs[to], strict=True))


def wall(cost: Cost) -> float:
    """Return the seconds by the wall."""
    return cost.wall


def cpu(cost: Cost) -> float:
    """Return the seconds of processor time."""
    return cost.cpu


def peak(cost: Cost) -> float:
    """Return the peak of memory in MiB."""
    return cost.peak / MIB


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows below a header: the first column to the left, numbers to the right."""
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    for row in (header, *rows):
        cells = [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        print("  ".join([row[0].ljust(widths[0]), *cells]).rstrip())
