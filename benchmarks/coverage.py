"""How often the 95 % intervals of a report hold the truth, in simulated worlds where the truth is known.

    python -m benchmarks.coverage [GROUPS]

Waits are log-normal; some requests are never answered, and some were asked too lately to be watched for the whole
window. 0.950 is what an interval promises. For a mean the two sides are given apart: "low above" would prove a company
slower than it is, "high below" faster than it is. Where silences are so rare that many groups hold none, the latter
cannot be kept small by any interval made of the waits that were seen; the last column says how many those were.

Then what compare.py makes of two groups or of many: differences of shares and means, the always-on index as a ratio of
shares, all with how often the truth lay inside and how often a difference is "proven" where there is none; and how
often a league of companies that are all alike sets anybody before anybody, by intervals that hold together and by those
that hold each by itself.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from benchmarks.measure import table
from slawatch import compare, statistics

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
    slower: float = 1.0

    @property
    def typical(self) -> float:
        """Return the logarithm of the wait within which half of the answers come."""
        return float(TYPICAL + np.log(self.slower))

    def share(self) -> float:
        """Return the true share answered within the limit."""
        return (1 - self.silent) * NORMAL.cdf((np.log(LIMIT) - self.typical) / SPREAD)

    def mean(self) -> float:
        """Return the true mean of min(wait, window)."""
        far = (np.log(WINDOW) - self.typical) / SPREAD
        answered = np.exp(self.typical + SPREAD**2 / 2) * NORMAL.cdf(far - SPREAD) + WINDOW * (1 - NORMAL.cdf(far))
        return float((1 - self.silent) * answered + self.silent * WINDOW)

    def group(self, dice: np.random.Generator) -> statistics.Curve:
        """Return the curve of one group of this world."""
        length = dice.lognormal(self.typical, SPREAD, self.n)
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


PAIRS = (
    *(
        (World(n=n, silent=silent), World(n=m, silent=silent))
        for n, m in ((8, 8), (12, 40), (40, 40))
        for silent in (0.0, 0.1)
    ),
    (World(n=20, silent=0.1, open=0.3), World(n=20, silent=0.1)),
    (World(n=40, silent=0.1, open=0.3), World(n=40, silent=0.1, open=0.3)),
    (World(n=12, silent=0.1), World(n=40, silent=0.1, slower=2.0)),
    (World(n=40, silent=0.1), World(n=40, silent=0.1, slower=2.0)),
    (World(n=40, silent=0.05), World(n=40, silent=0.2)),
)
LEAGUES = ((10, 8), (10, 40), (40, 40))  # companies, requests to each


def apart(one: World, other: World, groups: int, dice: np.random.Generator) -> tuple[str, ...]:
    """Return one line: how often differences and ratio hold the truth, and are proven where there is none."""
    shares, means = one.share() - other.share(), one.mean() - other.mean()
    alike = one.share() == other.share()
    inside = {"share": 0, "mean": 0, "ratio": 0}
    said = dict(inside)
    proven = {"share": 0, "mean": 0}
    for _ in range(groups):
        mine, theirs = one.group(dice), other.group(dice)
        for name, found, truth in (
            ("share", compare.shares_apart(mine, theirs, LIMIT), shares),
            ("mean", compare.means_apart(mine, theirs, WINDOW), means),
        ):
            if found is not None:
                said[name] += 1
                inside[name] += found.low <= truth <= found.high
                proven[name] += compare.direction(found) is not compare.Direction.NOT_PROVEN
        upper, lower = compare.share_of(mine, LIMIT), compare.share_of(theirs, LIMIT)
        index = compare.ratio(upper, lower) if upper and lower else None
        if index is not None:
            said["ratio"] += 1
            inside["ratio"] += index.low <= one.share() / other.share() and (
                index.high is None or one.share() / other.share() <= index.high
            )
    return (
        f"{_named(one)} / {_named(other)}",
        *(f"{inside[name] / said[name]:.3f}" if said[name] else "-" for name in inside),
        *(f"{proven[name] / said[name]:.3f}" if said[name] and alike else "-" for name in proven),
    )


def _named(world: World) -> str:
    parts = [f"{world.n}", f"{world.silent:.0%} silent"]
    parts += [f"{world.open:.0%} open"] if world.open else []
    return ", ".join([*parts, f"{world.slower:g}x slower"] if world.slower > 1 else parts)


def torn(companies: int, requests: int, leagues: int, dice: np.random.Generator) -> tuple[str, ...]:
    """Return one line: how often a league of equals sets anybody before anybody, by shares of 61 % and 90 %."""
    shares = []
    for share in (World(n=requests, silent=0).share(), 0.9):
        for z in (compare.joint_z(companies), statistics.Z):
            wrong = 0
            for _ in range(leagues):
                answered = dice.binomial(requests, share, companies).tolist()
                found = compare.places([statistics.wilson(k / requests, requests, z=z) for k in answered])
                wrong += any(place is not None and (place.best > 1 or place.worst < companies) for place in found)
            shares.append(f"{wrong / leagues:.3f}")
    return (f"{companies} companies, {requests} requests each", *shares)


def main(groups: int) -> None:
    """Simulate and print."""
    dice = np.random.default_rng(20261122)
    print(f"{groups} groups a line; share within 1 h by KM-Wilson, mean restricted to a window of 7 d")
    header = ("", "share inside", "mean inside", "low above", "high below", "no silence seen")
    table(header, [held(world, groups, dice) for world in WORLDS])
    print("\ndifference of two groups, and the share of one over that of the other")
    columns = ("", "shares inside", "means inside", "ratio inside", "shares falsely proven", "means falsely proven")
    table(columns, [apart(one, other, groups, dice) for one, other in PAIRS])
    print("\nleagues of companies that are all alike, torn apart")
    heads = ("", "together, 61 %", "each by itself", "together, 90 %", "each by itself")
    table(heads, [torn(companies, requests, groups, dice) for companies, requests in LEAGUES])


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else GROUPS)
