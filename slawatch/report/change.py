"""What has changed against the period of the same length before: differences with their intervals, or nothing.

Compares only what was measured alike in both periods; says nothing where either holds too few requests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from slawatch import compare
from slawatch.compare import Direction, Estimate
from slawatch.model import ZERO, Measure, Objective, ObjectiveKind, Standard, Wait
from slawatch.report.model import Case
from slawatch.report.when import Figure, curve_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLine:
    """One indicator now and before; shares, or restricted means in seconds (`is_time`).

    Without an objective it is the share within the window, `limit`. `difference` is now minus before, None where it
    cannot be said; its interval reaches to both sides of 0 where nothing is proven.
    """

    measure: Measure
    objective: Objective | None
    limit: timedelta
    is_time: bool
    now: Figure
    before: Figure
    difference: Estimate | None
    direction: Direction | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A group's indicators against the period from `since` to `until`.

    `log_rank` is how likely two curves of first responses at least so different are where nothing has changed.
    """

    since: datetime
    until: datetime
    lines: tuple[ChangeLine, ...]
    log_rank: float | None

    @property
    def comparable(self) -> bool:
        """Whether a difference can be said of any indicator."""
        return any(line.difference is not None for line in self.lines)


def change(
    now: Sequence[Case],
    before: Sequence[Case],
    standard: Standard | None,
    window: timedelta,
    period: tuple[datetime, datetime],
) -> Change | None:
    """Return what has changed; None where nothing was asked in the period before."""
    if not _waits(before, Measure.FIRST_RESPONSE):
        return None
    objectives = standard.objectives if standard else ()
    lines = [_objective_line(now, before, one, window) for one in objectives] or [
        _line(now, before, measure, None, window, window, is_time=False) for measure in Measure
    ]
    curves = [curve_of(_waits(cases, Measure.FIRST_RESPONSE)) for cases in (now, before)]
    enough = min(curve.n for curve in curves) >= compare.NEEDS
    return Change(
        since=period[0], until=period[1], lines=tuple(lines), log_rank=compare.log_rank(*curves) if enough else None
    )


def _objective_line(now: Sequence[Case], before: Sequence[Case], held: Objective, window: timedelta) -> ChangeLine:
    if held.in_hours:
        windows = (case.outcome.window_in_hours or ZERO for case in (*now, *before))
        window = max(windows, default=ZERO) or window
    return _line(now, before, held.measure, held, held.limit, window, is_time=held.kind is ObjectiveKind.MEAN)


def _line(
    now: Sequence[Case],
    before: Sequence[Case],
    measure: Measure,
    held: Objective | None,
    limit: timedelta,
    window: timedelta,
    *,
    is_time: bool,
) -> ChangeLine:
    in_hours = held is not None and held.in_hours
    mine, theirs = (_waits(cases, measure, in_hours=in_hours) for cases in (now, before))
    difference, figures = apart(mine, theirs, limit=limit, window=window, is_time=is_time)
    return ChangeLine(
        measure=measure,
        objective=held,
        limit=limit,
        is_time=is_time,
        now=figures[0],
        before=figures[1],
        difference=difference,
        direction=compare.direction(difference, lower_is_better=is_time) if difference else None,
    )


def apart(
    one: Sequence[Wait], other: Sequence[Wait], *, limit: timedelta, window: timedelta, is_time: bool
) -> tuple[Estimate | None, tuple[Figure, Figure]]:
    """Return the difference of two groups of waits, None where it cannot be said, and the figures of both."""
    curves = curve_of(one), curve_of(other)
    if is_time:
        horizon = window.total_seconds()
        difference = compare.means_apart(*curves, horizon)
        estimates = [compare.mean_of(curve, horizon) for curve in curves]
    else:
        difference = compare.shares_apart(*curves, limit.total_seconds())
        estimates = [compare.share_of(curve, limit.total_seconds()) for curve in curves]
    mine, theirs = (Figure(n=curve.n, estimate=found) for curve, found in zip(curves, estimates, strict=True))
    return difference, (mine, theirs)


def _waits(cases: Sequence[Case], measure: Measure, *, in_hours: bool = False) -> list[Wait]:
    """Return the waits of requests that count."""
    if measure is Measure.FIRST_RESPONSE:
        found = [case.outcome.first_response_in_hours if in_hours else case.outcome.first_response for case in cases]
    else:
        found = [case.outcome.answer_in_hours if in_hours else case.outcome.answer for case in cases]
    return [wait for wait in found if wait is not None]
