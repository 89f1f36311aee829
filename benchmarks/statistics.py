"""What honest figures of very many waits cost: our survival statistics beside a bare sort and pandas' plain averages.

    python -m benchmarks.statistics [WAITS] [GROUPS]

The sort is the floor: nothing that orders waits can be quicker. The averages are what one line of pandas gives, of
answered waits only; the last table says by how much they flatter.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from statistics import median

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.measure import Cost, alternating, peak_mib, ratio, table, timed, wall
from slawatch import statistics

WAITS, GROUPS, ROUNDS = 1_000_000, 10_000, 3
HOUR, DAY = 3600.0, 86400.0
LIMIT, WINDOW = HOUR, 5 * DAY
SILENT = (1.0, 4.5)  # the share of a company's silences is beta-distributed so: 18 % on average
LOOKED_EARLY = 0.1  # of all waits; the window of the others is over
FLOOR, OURS, AVERAGES = (
    "np.sort, one 64-bit key a wait",
    "slawatch.statistics, group by group",
    "pandas, mean and median",
)

Floats = NDArray[np.float64]


class Waits:
    """Waits of companies that differ: log-normal, some silent, some still open, whole seconds, in order of group."""

    def __init__(self, number: int, groups: int) -> None:
        dice = np.random.default_rng(20261122)
        group = np.sort(dice.integers(0, groups, number))
        typical = dice.lognormal(np.log(2 * HOUR), 1.0, groups)
        length = typical[group] * dice.lognormal(0.0, 1.3, number)
        length[dice.random(number) < dice.beta(*SILENT, groups)[group]] = np.inf
        looked = np.where(dice.random(number) < LOOKED_EARLY, dice.uniform(0, WINDOW, number), WINDOW)
        self.group = group
        self.ended = length <= looked
        self.length: Floats = np.ceil(np.minimum(length, looked))
        self.edges = np.searchsorted(group, np.arange(groups + 1))


def sort(waits: Waits) -> NDArray[np.uint64]:
    """Sort group, length and mark of all waits as one key each."""
    key = (waits.group.astype(np.uint64) << np.uint64(41)) | (waits.length.astype(np.uint64) << np.uint64(1))
    key |= (~waits.ended).astype(np.uint64)
    key.sort()
    return key


def ours(waits: Waits) -> Floats:
    """Return what a report says of each group: a row of share, its interval, median, its interval, p90 and the mean."""
    found = np.full((len(waits.edges) - 1, 10), np.nan)
    for group, (first, last) in enumerate(zip(waits.edges, waits.edges[1:], strict=False)):
        curve = statistics.kaplan_meier(waits.length[first:last], waits.ended[first:last])
        share = statistics.share_within(curve, LIMIT)
        half, most = statistics.quantile(curve, 0.5), statistics.quantile(curve, 0.9)
        mean = statistics.restricted_mean(curve, WINDOW)
        if mean is not None:
            row = (share.value, share.low, share.high, half.value, half.low, half.high, most.value)
            found[group] = [np.nan if one is None else one for one in (*row, mean.value, mean.low, mean.high)]
    return found


def averages(waits: Waits) -> pd.DataFrame:
    """Return mean, median and p90 of the answered, as a script would."""
    answered = pd.DataFrame({"group": waits.group[waits.ended], "length": waits.length[waits.ended]})
    by_group = answered.groupby("group")["length"]
    return pd.DataFrame({"mean": by_group.mean(), "median": by_group.median(), "p90": by_group.quantile(0.9)})


def flattery(waits: Waits, groups: int) -> list[tuple[str, str]]:
    """Return by how much averages of the answered fall short of what customers waited."""
    true, plain = ours(waits), averages(waits).reindex(range(groups))
    mean, half, most = true[:, 7], true[:, 3], true[:, 6]
    never_reached = int(np.sum(np.isnan(most) & plain["p90"].notna().to_numpy()))
    return [
        ("mean of the answered / restricted mean", f"{np.nanmedian(plain['mean'] / mean):.2f}"),
        ("median of the answered / median", f"{np.nanmedian(plain['median'] / half):.2f}"),
        ("p90 of the answered / p90", f"{np.nanmedian(plain['p90'] / most):.2f}"),
        ("groups given a p90 that was never reached", f"{never_reached} of {groups}"),
    ]


def main(number: int, groups: int) -> None:
    """Measure and print."""
    waits = Waits(number, groups)
    tasks = {FLOOR: sort, AVERAGES: averages, OURS: ours}
    runs: dict[str, Callable[[], Cost]] = {name: partial(timed, partial(task, waits)) for name, task in tasks.items()}
    costs = alternating(runs, ROUNDS)
    print(f"{number:,} waits in {groups:,} groups, {ROUNDS} alternating runs, medians; numpy {np.__version__}")
    table(
        ("", "seconds", "/ sort", "/ pandas", "MiB at its peak"),
        [
            (
                name,
                f"{median(map(wall, found)):.3f}",
                f"{ratio(costs, name, FLOOR, wall):.1f}",
                f"{ratio(costs, name, AVERAGES, wall):.1f}",
                f"{peak_mib(partial(tasks[name], waits)):.1f}",
            )
            for name, found in costs.items()
        ],
    )
    print()
    table(("what the plain averages say", ""), flattery(waits, groups))


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]) if len(sys.argv) > 2 else (WAITS, GROUPS))  # noqa: PLR2004  both or none
