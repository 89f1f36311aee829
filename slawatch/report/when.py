"""Figures by when a question was asked: six parts of the week, a heat map of its hours, and the always-on index.

Only sorts waits and leaves the figures to compare.py; shows none where too few carry it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from slawatch import compare
from slawatch.compare import NEEDS, Estimate, Ratio
from slawatch.dayparts import DayPart, day_part, hour_of_week
from slawatch.model import Wait
from slawatch.report.model import Case
from slawatch.statistics import Curve, kaplan_meier

GRAINS = (1, 2, 3, 4, 6)  # hours to a cell of the heat map, the finest first
CARRIED = 0.9  # of a map's cells must hold enough requests: a torn map is read as a pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What is said of some first responses of which `n` count: nothing (None) where they are too few."""

    n: int
    estimate: Estimate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Some hours of the week: `day` is 0 on Monday, `hour` the first of them."""

    day: int
    hour: int
    figure: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Heat:
    """The week in cells of `hours` each, by day and hour."""

    hours: int
    cells: tuple[Cell, ...]

    def days(self) -> tuple[tuple[Cell, ...], ...]:
        """Return the cells of each day, Monday first."""
        return tuple(tuple(cell for cell in self.cells if cell.day == day) for day in range(7))


@dataclass(frozen=True, slots=True, kw_only=True)
class AlwaysOn:
    """How nights and weekends compare with office hours: 1 is as fast, less is slower; None where it cannot be said."""

    ratio: Ratio | None
    office: Figure
    outside: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """First responses by when it was asked, on the companies' clocks.

    Figures are shares within `limit`; where no objective names one (None), restricted means up to the window, in
    seconds. `heat` is None where too few requests carry a map.
    """

    limit: timedelta | None
    parts: Mapping[DayPart, Figure]
    always_on: AlwaysOn
    heat: Heat | None


def when(cases: Iterable[Case], zones: Mapping[str, str], *, limit: timedelta | None, window: timedelta) -> When | None:
    """Return the figures by time of asking; `zones` by the key of a company. None where no request counts."""
    asked = [
        (case.request.accepted_at, zones[case.request.company], case.outcome.first_response)
        for case in cases
        if case.outcome.first_response is not None and case.request.accepted_at is not None
    ]
    if not asked:
        return None
    by_part: dict[DayPart, list[Wait]] = {part: [] for part in DayPart}
    by_hour: dict[tuple[int, int], list[Wait]] = {}
    for at, zone, wait in asked:
        by_part[day_part(at, zone)].append(wait)
        by_hour.setdefault(hour_of_week(at, zone), []).append(wait)
    office = [wait for part, waits in by_part.items() if part.in_office_hours for wait in waits]
    outside = [wait for part, waits in by_part.items() if part.night_or_weekend for wait in waits]
    return When(
        limit=limit,
        parts={part: figure(waits, limit, window) for part, waits in by_part.items()},
        always_on=_always_on(office, outside, limit, window),
        heat=_heat(by_hour, limit, window) if limit is not None else None,
    )


def figure(waits: Sequence[Wait], limit: timedelta | None, window: timedelta) -> Figure:
    """Return the share within the limit or, without one, the restricted mean in seconds."""
    curve = curve_of(waits)
    if limit is None:
        return Figure(n=len(waits), estimate=compare.mean_of(curve, window.total_seconds()))
    return Figure(n=len(waits), estimate=compare.share_of(curve, limit.total_seconds()))


def curve_of(waits: Sequence[Wait]) -> Curve:
    """Return the Kaplan-Meier curve in seconds."""
    return kaplan_meier([wait.length.total_seconds() for wait in waits], [wait.ended for wait in waits])


def _always_on(office: Sequence[Wait], outside: Sequence[Wait], limit: timedelta | None, window: timedelta) -> AlwaysOn:
    """Return the index. Of means it is the office's over the others', so that less is slower there too."""
    figures = figure(office, limit, window), figure(outside, limit, window)
    over, under = figures[1].estimate, figures[0].estimate
    if limit is None:
        pair = compare.fair_means(curve_of(office), curve_of(outside), window.total_seconds())
        over, under = (compare.estimate_of(mean) for mean in pair) if pair else (None, None)
    found = compare.ratio(over, under) if over and under else None
    return AlwaysOn(ratio=found, office=figures[0], outside=figures[1])


def _heat(by_hour: Mapping[tuple[int, int], list[Wait]], limit: timedelta, window: timedelta) -> Heat | None:
    """Return the map in the finest cells of which nine in ten hold enough requests; None where none are."""
    for hours in GRAINS:
        cells = [(day, first) for day in range(7) for first in range(0, 24, hours)]
        held = {
            (day, first): [wait for hour in range(first, first + hours) for wait in by_hour.get((day, hour), ())]
            for day, first in cells
        }
        if sum(len(waits) >= NEEDS for waits in held.values()) >= CARRIED * len(cells):
            return Heat(
                hours=hours,
                cells=tuple(
                    Cell(day=day, hour=first, figure=figure(waits, limit, window))
                    for (day, first), waits in held.items()
                ),
            )
    return None
