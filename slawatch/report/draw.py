"""Turns figures into places on paper: axes, ticks and paths for the SVG macros of reports/draw.j2.

Knows no colours and no words, and decides nothing about the figures it places.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from slawatch.model import Measure, ObjectiveKind
from slawatch.objectives import Judgement, Point
from slawatch.report.book import BoardRow, Group

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0

# Round times a reader knows, the most telling first: ticks are taken in this order as long as there is space.
_ROUND_TIMES = (HOUR, DAY, MINUTE, 7 * DAY, 1.0, 10.0, 10 * MINUTE, 4 * HOUR, 30 * DAY, 3 * DAY, 5 * MINUTE, 0.1)
_STARTS = (0.1, 1.0, 10.0, MINUTE, 10 * MINUTE, HOUR, 6 * HOUR, DAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """A scale from `low` to `high` over the places `left` to `right`; values beyond the ends are put at the ends."""

    low: float
    high: float
    left: float
    right: float
    logarithmic: bool = False

    def at(self, value: float) -> float:
        """Return the place of a value, to a tenth of a unit."""
        held = min(max(value, self.low), self.high)
        if self.logarithmic:
            part = math.log(held / self.low) / math.log(self.high / self.low)
        else:
            part = (held - self.low) / (self.high - self.low)
        return round(self.left + part * (self.right - self.left), 1)

    def times(self, *, apart: float, keep: Sequence[float] = ()) -> tuple[float, ...]:
        """Return round times in seconds, `apart` from each other and from those in `keep`, which are drawn anyway."""
        chosen: list[float] = []
        for time in _ROUND_TIMES:
            clear = all(abs(self.at(time) - self.at(other)) >= apart for other in (*chosen, *keep))
            if self.low <= time <= self.high and clear:
                chosen.append(time)
        return tuple(sorted(chosen))


def time_axis(times: Iterable[float], *, high: float, left: float, right: float) -> Axis:
    """Return a logarithmic axis of seconds that begins at a round time below all `times` but zero and ends at `high`.

    Waits span seconds to weeks; on an even scale an objective of an hour would vanish in a window of a week.
    """
    smallest = min((time for time in times if time > 0), default=MINUTE)
    low = max((start for start in _STARTS if start <= smallest), default=_STARTS[0])
    return Axis(low=min(low, high / 10), high=high, left=left, right=right, logarithmic=True)


def steps(points: Sequence[Point], *, x: Axis, y: Axis) -> str:
    """Return the SVG path of the share still waiting, a step down at each point; "" where there is no point."""
    if not points:
        return ""
    start, *rest = points
    drops = (f"H{x.at(point.at.total_seconds()):g}V{y.at(point.waiting):g}" for point in rest)
    return f"M{x.at(start.at.total_seconds()):g} {y.at(start.waiting):g}{''.join(drops)}"


def band(points: Sequence[Point], *, x: Axis, y: Axis) -> str:
    """Return the SVG path of the area between the band's edges, as far as it is known; "" where it nowhere is."""
    known = [
        (x.at(point.at.total_seconds()), y.at(point.low), y.at(point.high))
        for point in points
        if point.low is not None and point.high is not None
    ]
    if not known:
        return ""
    over = "".join(f"H{place:g}V{high:g}" for place, _, high in known)
    under = "".join(f"V{low:g}H{place:g}" for place, low, _ in reversed(known))
    return f"M{known[0][0]:g} {known[0][2]:g}{over}{under}Z"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Where an estimate, its interval and the objective's line stand on one axis; None where not sayable.

    `before` and `beyond` say that the interval goes on outside of the drawing.
    """

    value: float | None
    low: float | None
    high: float | None
    before: bool
    beyond: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalScale:
    """The common axis of all rows of one objective: its ticks (place, share or seconds) and the objective's line."""

    width: float
    axis: Axis
    line: float
    ticks: tuple[tuple[float, float], ...]
    is_time: bool

    def interval(self, judgement: Judgement) -> Interval:
        """Return where one judgement is drawn."""
        low, high = judgement.low, judgement.high
        return Interval(
            value=None if judgement.value is None else self.axis.at(judgement.value),
            low=None if low is None else self.axis.at(low),
            high=None if high is None else self.axis.at(high),
            before=self.is_time and low is not None and low < self.axis.low,
            beyond=self.is_time and high is not None and high > self.axis.high,
        )


def interval_scale(row: BoardRow, *, width: float = 420, margin: float = 26) -> IntervalScale:
    """Return one axis for all companies held to an objective: 0 to 100 %, or times up to the longest window."""
    judgements = [found.judgement for group in row.groups if (found := group.statement(row.objective))]
    limit = row.objective.limit.total_seconds()
    if row.objective.kind is ObjectiveKind.SHARE:
        axis = Axis(low=0, high=1, left=margin, right=width - margin)
        shares = (0.0, 0.25, 0.5, 0.75, 1.0)
        line = axis.at(row.objective.at_least or 0)
        return IntervalScale(
            width=width, axis=axis, line=line, ticks=tuple((axis.at(share), share) for share in shares), is_time=False
        )
    lows = [max(judged.low or 0, (judged.value or limit) / 10) for judged in judgements if judged.low is not None]
    window = max((group.window for group in row.groups), default=timedelta(days=7)).total_seconds()
    axis = time_axis((limit / 10, *lows), high=window, left=margin, right=width - margin)
    return IntervalScale(
        width=width,
        axis=axis,
        line=axis.at(limit),
        ticks=tuple((axis.at(time), time) for time in axis.times(apart=44)),
        is_time=True,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePicture:
    """The paths and places of one company's curves. `end` is where the first responses were last watched.

    `left_waiting` is the share that had no first response at the end; `closed` tells whether the end is the window's,
    `window` how long that is, in seconds.
    """

    width: float
    height: float
    x: Axis
    y: Axis
    band: str
    first_response: str
    answer: str
    objective: float | None
    waiting_at_objective: float | None
    ticks: tuple[tuple[float, float], ...]
    left_waiting: float
    end: float
    closed: bool
    window: float


def curve_picture(
    group: Group, *, width: float = 360, height: float = 206, left: float = 38, right: float = 66
) -> CurvePicture | None:
    """Return the picture of a group's waits, None where no request counts."""
    first, answer = group.first_response.curve, group.answer.curve
    if not first:
        return None
    window = group.window.total_seconds()
    limit = group.limit(Measure.FIRST_RESPONSE)
    seconds = None if limit is None else limit.total_seconds()
    ended = [point.at.total_seconds() for point in (*first, *answer) if point.at.total_seconds() > 0]
    x = time_axis([*ended, *([seconds / 10] if seconds else [])], high=window, left=left, right=width - right)
    y = Axis(low=0, high=1, left=height - 30, right=12)
    last = first[-1]
    return CurvePicture(
        width=width,
        height=height,
        x=x,
        y=y,
        band=band(first, x=x, y=y),
        first_response=steps(first, x=x, y=y),
        answer=steps(answer, x=x, y=y),
        objective=None if seconds is None else x.at(seconds),
        waiting_at_objective=None if limit is None else waiting_at(first, limit),
        ticks=tuple((x.at(time), time) for time in x.times(apart=40)),
        left_waiting=last.waiting,
        end=x.at(last.at.total_seconds()),
        closed=last.at >= group.window,
        window=window,
    )


def waiting_at(points: Sequence[Point], moment: timedelta) -> float:
    """Return the share that still waited just after a moment, the last known one where nobody was watched so long."""
    return next((point.waiting for point in reversed(points) if point.at <= moment), 1.0)
