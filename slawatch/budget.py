"""The error budget of an objective for a share: how many misses its period allows, and how many have happened.

Pure, over the waits of one group; which requests belong to the period and which are void is decided before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import floor

from slawatch.model import Measure, Objective, Outcome, Wait
from slawatch.periods import Period

TOLERANCE = 1e-9  # 10 % of 30 allows 3 misses, though (1 - 0.9) * 30 is a little less than 3


class State(StrEnum):
    """How a budget stands."""

    OK = "ok"
    WARNED = "warned"
    USED_UP = "used_up"
    NONE = "none"  # so few requests, or an objective so strict, that no miss is allowed


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """An objective's error budget in its period, in requests.

    `n` counts the requests asked in the period, of which `undecided` may still be in time. `warned_at` is the highest
    share to warn at that is reached, None where none is. `first_miss_from` is with how many requests one miss is
    allowed, None where none ever is.
    """

    objective: Objective
    period: Period
    n: int
    undecided: int
    used: int
    allowed: int
    state: State
    warned_at: float | None
    first_miss_from: int | None

    @property
    def left(self) -> int:
        """Return how many more misses are allowed."""
        return max(0, self.allowed - self.used)

    @property
    def over(self) -> int:
        """Return how many misses more than allowed have happened."""
        return max(0, self.used - self.allowed)


def budget(
    objective: Objective, held: Sequence[Wait], *, period: Period, warn_at: Sequence[float] = ()
) -> Budget | None:
    """Return the error budget of an objective over the waits of its period; None for a mean, which allows no count.

    Misses are counted by occurrences, not by time, and of what was asked so far: the allowed ones are the most that
    leave the objective met over these requests, floor((1 - at_least) * n). Nothing is extrapolated to the period's end,
    so the budget of a month grows while the month is being asked; an estimate of what will be asked would move with
    every change of the plan. A request that is still open counts in `n` and not as a miss.
    """
    if objective.at_least is None:
        return None
    kept = [wait.within(objective.limit) for wait in held]
    n, used = len(kept), kept.count(False)
    spare = 1 - objective.at_least
    allowed = floor(n * spare + TOLERANCE)
    reached = [share for share in warn_at if allowed and used >= share * allowed - TOLERANCE]
    return Budget(
        objective=objective,
        period=period,
        n=n,
        undecided=kept.count(None),
        used=used,
        allowed=allowed,
        state=_state(used, allowed, warned=bool(reached)),
        warned_at=max(reached, default=None),
        first_miss_from=_least(spare),
    )


def waits(objective: Objective, outcomes: Iterable[Outcome]) -> list[Wait]:
    """Return the waits that an objective is about; void requests have none, nor has one whose hours are not known."""
    first = objective.measure is Measure.FIRST_RESPONSE
    if objective.in_hours:
        found = (one.first_response_in_hours if first else one.answer_in_hours for one in outcomes)
    else:
        found = (one.first_response if first else one.answer for one in outcomes)
    return [wait for wait in found if wait is not None]


def _state(used: int, allowed: int, *, warned: bool) -> State:
    if not allowed:
        return State.NONE
    if used >= allowed:
        return State.USED_UP
    return State.WARNED if warned else State.OK


def _least(spare: float) -> int | None:
    """Return with how many requests one miss is allowed."""
    if spare <= TOLERANCE:
        return None
    least = max(1, floor(1 / spare))
    return least if floor(least * spare + TOLERANCE) else least + 1
