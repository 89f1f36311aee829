"""How often the 95 % intervals of a report hold the truth, in simulated worlds where the truth is known.

    python -m benchmarks.coverage [GROUPS]

Waits are log-normal; some requests are never answered, and some were asked too lately to be watched for the whole
window. 0.950 is what an interval promises. For a mean the two sides are given apart: "low above" would prove a company
slower than it is, "high below" faster than it is. Where silences are so rare that many groups hold none, the latter
cannot be kept small by any interval made of the waits that were seen; the last column says how many those were.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from benchmarks.measure import table
from slawatch import statistics

GROUPS = 3000
HOUR = 3600.0
LIMIT, WINDOW = HOUR, 7 * 24 * HOUR
TYPICAL, SPREAD = np.log(0.75 * HOUR), 1.0  # half of the answers come within 45 minutes; 61 % within the hour
NORMAL = NormalDist()


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One cell: requests in a group, share of them never answered, share not watched for the whole window."""

    n: int
    silent: float
    open: float = 0.0

    def share(self) -> float:
        """Return the true share answered within the limit."""
        return (1 - self.silent) * NORMAL.cdf((np.log(LIMIT) - TYPICAL) / SPREAD)

    def mean(self) -> float:
        """Return the true mean of min(wait, window)."""
        far = (np.log(WINDOW) - TYPICAL) / SPREAD
        answered = np.exp(TYPICAL + SPREAD**2 / 2) * NORMAL.cdf(far - SPREAD) + WINDOW * (1 - NORMAL.cdf(far))
        return float((1 - self.silent) * answered + self.silent * WINDOW)

    def group(self, dice: np.random.Generator) -> statistics.Curve:
        """Return the curve of one group of this world."""
        length = dice.lognormal(TYPICAL, SPREAD, self.n)
        length[dice.random(self.n) < self.silent] = np.inf
        looked = np.where(dice.random(self.n) < self.open, dice.uniform(0, WINDOW, self.n), WINDOW)
        return statistics.kaplan_meier(np.minimum(length, looked), length <= looked)


WORLDS = (
    *(World(n=n, silent=silent) for n in (8, 13, 40, 100) for silent in (0.0, 0.1, 0.3)),
    *(World(n=n, silent=0.1, open=0.3) for n in (13, 40, 100)),
    World(n=40, silent=0.02),  # the weak case named in slawatch/statistics.py
    World(n=200, silent=0.02),
)


def held(world: World, groups: int, dice: np.random.Generator) -> tuple[str, ...]:
    """Return one line: how often share and mean lay inside, and on which side the mean lay outside."""
    share, mean = world.share(), world.mean()
    inside = said = above = below = without = 0
    for _ in range(groups):
        curve = world.group(dice)
        found = statistics.share_within(curve, LIMIT)
        inside += found.low <= share <= found.high
        without += bool(np.all(curve.ended))
        area = statistics.restricted_mean(curve, WINDOW)
        if area is not None and area.low is not None and area.high is not None:
            said += 1
            above += area.low > mean
            below += area.high < mean
    return (
        f"{world.n} requests, {world.silent:.0%} silent" + (f", {world.open:.0%} open" if world.open else ""),
        f"{inside / groups:.3f}",
        f"{1 - (above + below) / said:.3f}",
        f"{above / said:.3f}",
        f"{below / said:.3f}",
        f"{without / groups:.3f}",
    )


def main(groups: int) -> None:
    """Simulate and print."""
    dice = np.random.default_rng(20261122)
    print(f"{groups} groups a line; share within 1 h by KM-Wilson, mean restricted to a window of 7 d")
    header = ("", "share inside", "mean inside", "low above", "high below", "no silence seen")
    table(header, [held(world, groups, dice) for world in WORLDS])


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else GROUPS)
