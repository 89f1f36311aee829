"""What the figures of very many groups of waits are made of: sorted keys, shares, figures, and the formulas they share.

Pure numbers; it goes through no waits (many.py and many_large.py do).
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from slawatch.statistics import Z

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Marks = NDArray[np.bool_]

MICROS = 1e6


@dataclass(frozen=True, slots=True, eq=False)
class Keys:
    """Waits in the order of group, length, and ended before open: `group` << `shift` | microseconds << 1 | open.

    The waits of a group g are those from `bounds[g]` up to `bounds[g + 1]`.
    """

    keys: Ints
    shift: int
    bounds: Ints

    @property
    def groups(self) -> int:
        """How many groups there are, empty ones included."""
        return len(self.bounds) - 1


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """The shares within one limit for each group, as statistics.share_within gives them; `value` is NaN for None.

    `in_time`, `too_late` and `undecided` are the plain counts. `survival`, `greenwood` and `certain` are what the
    share was made of.
    """

    value: Floats
    low: Floats
    high: Floats
    in_time: Ints
    too_late: Ints
    undecided: Ints
    survival: Floats
    greenwood: Floats
    certain: Ints

    def of(self, groups: Ints) -> Shares:
        """Return those of some groups."""
        return Shares(*(getattr(self, one.name)[groups] for one in fields(self)))


@dataclass(frozen=True, slots=True, eq=False)
class Figures:
    """What objectives.summary says of each group, in seconds; NaN for None. `shares` holds one for each limit given.

    The mean is known where `least` and `most` are equal, else it lies between them.
    """

    n: Ints
    ended: Ints
    followed: Floats
    shares: tuple[Shares, ...]
    median: Floats
    median_low: Floats
    median_high: Floats
    p90: Floats
    least: Floats
    most: Floats
    mean_low: Floats
    mean_high: Floats
    mean_of_ended: Floats
    bounded: Marks

    def of(self, groups: Ints) -> Figures:
        """Return those of some groups, without their shares."""
        taken = {one.name: getattr(self, one.name)[groups] for one in fields(self) if one.name != "shares"}
        return Figures(shares=(), **taken)


def wilson(share: Floats, n: Floats, *, z: float = Z) -> tuple[Floats, Floats]:
    """Return statistics.wilson of each share among each n."""
    some = n > 0
    among = np.where(some, n, 1.0)
    weight = z * z / among
    middle = (share + weight / 2) / (1 + weight)
    half = z * np.sqrt(share * (1 - share) / among + weight / (4 * among)) / (1 + weight)
    return (
        np.where(some, np.maximum(0.0, middle - half), 0.0),
        np.where(some, np.minimum(1.0, middle + half), 1.0),
    )


def student(freedom: Floats) -> Floats:
    """Return statistics.student of each number of degrees of freedom."""
    z = Z
    found: Floats = (
        z
        + (z**3 + z) / (4 * freedom)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * freedom**3)
        + (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / (92160 * freedom**4)
    )
    return found


def effective(survival: Floats, greenwood: Floats, certain: NDArray[np.integer]) -> Floats:
    """Return of how many waits without any open one the share would be as sure."""
    inside = (survival > 0) & (survival < 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(inside, (1 - survival) / (survival * greenwood), certain)
