"""Runs things side by side and says what each cost, as ratios: absolute times say more about the machine than about us.

Asserts nothing; whoever reads the numbers judges.
"""

from __future__ import annotations

import gc
import time
import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one run took: seconds by the wall, and seconds of processor time."""

    wall: float
    cpu: float


def alternating(contenders: Mapping[str, Callable[[], Cost]], rounds: int) -> dict[str, list[Cost]]:
    """Run every contender once a round, in turn, so that a busy minute of the machine falls on all of them."""
    costs: dict[str, list[Cost]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, run in contenders.items():
            costs[name].append(run())
    return costs


def timed(work: Callable[[], object]) -> Cost:
    """Do the work once, in this process."""
    gc.collect()
    began = time.perf_counter(), time.process_time()
    work()
    return Cost(wall=time.perf_counter() - began[0], cpu=time.process_time() - began[1])


def peak_mib(work: Callable[[], object]) -> float:
    """Do the work once more, slowly, and return the most it held at a time beyond what was there before, in MiB.

    Counts what Python and numpy allocate (tracemalloc), not what a library in C keeps for itself.
    """
    gc.collect()
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1] / MIB
    finally:
        tracemalloc.stop()


def ratio(costs: Mapping[str, Sequence[Cost]], name: str, to: str, of: Callable[[Cost], float]) -> float:
    """Return the median over the rounds of one contender's cost, as a multiple of another's in the same round."""
    return median(of(one) / of(other) for one, other in zip(costs[name], costs[to], strict=True))


def wall(cost: Cost) -> float:
    """Return the seconds by the wall."""
    return cost.wall


def cpu(cost: Cost) -> float:
    """Return the seconds of processor time."""
    return cost.cpu


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows below a header: the first column to the left, numbers to the right."""
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    for row in (header, *rows):
        cells = [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        print("  ".join([row[0].ljust(widths[0]), *cells]).rstrip())
