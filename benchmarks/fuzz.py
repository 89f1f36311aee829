"""What the worst letter costs: bombs and mutants of real mail, each sifted, read, stamped, matched and judged.

    python -m benchmarks.fuzz [--mutants 1000] [--corpus FOLDER] [--first 1]

Prints what raised, and the dearest in processor time and memory, by name or number. The budget of each is a second and
200 MiB. A fixed part of it runs in the suite (tests/unit/test_hostile.py), without clock.
"""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import resource
import signal
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from heapq import nlargest
from pathlib import Path

from benchmarks.measure import table
from tests import hostile
from tests.unit.test_parse import BOMBS as PARSERS_BOMBS

MUTANTS, AT_ONCE, SHOWN = 1000, 250, 8
CORPUS = Path(__file__).resolve().parents[2] / "shared" / "data" / "mail"
HANG_SECONDS = 60
BUDGET_SECONDS, BUDGET_MIB = 1.0, 200.0


@dataclass(frozen=True, slots=True, order=True)
class Cost:
    """What one letter took; `raised` is the traceback, "" for none."""

    seconds: float
    mib: float
    name: str
    raised: str = ""


def cost(name: str, make: Callable[[], bytes]) -> Cost:
    """Return what one letter takes once it is made: seconds, and MiB by which the process grew at its height."""
    raw = make()
    gc.collect()
    before, began, raised = _peak_mib(), time.process_time(), ""
    signal.alarm(HANG_SECONDS)
    try:
        hostile.judge(raw)
    except Exception:  # noqa: BLE001 - whatever it is, it is what is looked for
        raised = traceback.format_exc()
    signal.alarm(0)
    return Cost(time.process_time() - began, _peak_mib() - before, name, raised)


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def mutants(seeds: Sequence[bytes], first: int) -> list[Cost]:
    """Return the costs of a stretch of mutants. Only new heights of the process show in their memory."""
    return [
        cost(f"mutant {number}", partial(hostile.mutant, seeds, number)) for number in range(first, first + AT_ONCE)
    ]


def bomb(name: str) -> list[Cost]:
    """Return the cost of one bomb, in a process of its own."""
    made = hostile.BOMBS.get(name)
    return [cost(name, made if made is not None else lambda: PARSERS_BOMBS[name])]


def _in_processes(tasks: Sequence[partial[list[Cost]]]) -> Iterator[Cost]:
    with multiprocessing.get_context("fork").Pool(1, maxtasksperchild=1) as pool:
        for found in pool.imap(_do, tasks):
            yield from found


def _do(task: partial[list[Cost]]) -> list[Cost]:
    hostile.judge(b"From: a@b.example\r\n\r\nx")  # what is loaded on use is loaded now
    return task()


def main(number: int, folder: Path, first: int) -> None:
    """Measure and print."""
    seeds = hostile.corpus(folder) if folder.is_dir() else []
    seeds += [make() for name, make in sorted(hostile.BOMBS.items()) if len(make()) < hostile.KIB * 64]
    names = sorted({*hostile.BOMBS, *PARSERS_BOMBS})
    bombs = list(_in_processes([partial(bomb, name) for name in names]))
    stretches = [partial(mutants, seeds, start) for start in range(first, first + number, AT_ONCE)]
    judged = [*bombs, *_in_processes(stretches)]
    for one in judged:
        if one.raised:
            print(f"RAISED: {one.name}\n{one.raised}")
    print(
        f"{len(bombs)} bombs and {len(judged) - len(bombs):,} mutants of {len(seeds):,} letters: "
        f"{sum(bool(one.raised) for one in judged)} raised, {sum(one.seconds > BUDGET_SECONDS for one in judged)} took "
        f"more than {BUDGET_SECONDS:g} s of processor time, {sum(one.mib > BUDGET_MIB for one in judged)} more than "
        f"{BUDGET_MIB:g} MiB"
    )
    by_memory = nlargest(SHOWN, judged, key=lambda one: one.mib)
    for title, found in (("the slowest", nlargest(SHOWN, judged)), ("the largest", by_memory)):
        print()
        table((title, "ms cpu", "MiB"), [(one.name, f"{one.seconds * 1000:.0f}", f"{one.mib:.0f}") for one in found])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mutants", type=int, default=MUTANTS, metavar="N", help=f"how many (default: {MUTANTS})")
    parser.add_argument("--first", type=int, default=1, metavar="N", help="the number of the first; others give others")
    parser.add_argument("--corpus", type=Path, default=CORPUS, help="letters to start from")
    chosen = parser.parse_args()
    main(chosen.mutants, chosen.corpus, chosen.first)
