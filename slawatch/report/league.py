"""Leagues: the companies held to one objective, each with the places that its interval leaves open.

Sets nobody before anybody unless their intervals separate, wide enough for the whole league to hold at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from slawatch import compare
from slawatch.model import ZERO, Measure, Objective, ObjectiveKind, Wait
from slawatch.report.book import BoardRow, Group, LeagueRow, Placed
from slawatch.report.when import curve_of


def leagues(board: Iterable[BoardRow]) -> tuple[LeagueRow, ...]:
    """Return a league for each objective of the board, in its order; those with too few requests stand at the end."""
    return tuple(_league(row) for row in board)


def _league(row: BoardRow) -> LeagueRow:
    groups = sorted(row.groups, key=lambda group: group.company.name.casefold() if group.company else "")
    curves = [curve_of(_waits(group, row.objective)) for group in groups]
    if row.objective.kind is ObjectiveKind.MEAN:
        # Means up to different ends of watching would not be of one kind.
        horizon = min((_window(group, row.objective) for group in groups), default=ZERO)
        places = compare.mean_places(curves, horizon.total_seconds())
    else:
        places = compare.share_places(curves, row.objective.limit.total_seconds())
    order = compare.in_order(places, [group.company.name if group.company else "" for group in groups])
    return LeagueRow(
        channel=row.channel,
        observed=row.observed,
        objective=row.objective,
        rows=tuple(Placed(group=groups[index], place=places[index]) for index in order),
    )


def _window(group: Group, objective: Objective) -> timedelta:
    """Return how long waits are watched, in service time where the objective is in it."""
    if not objective.in_hours:
        return group.window
    return max((entry.outcome.window_in_hours or ZERO for entry in group.entries), default=ZERO) or group.window


def _waits(group: Group, objective: Objective) -> list[Wait]:
    outcomes = [entry.outcome for entry in group.entries]
    if objective.measure is Measure.FIRST_RESPONSE:
        found = [one.first_response_in_hours if objective.in_hours else one.first_response for one in outcomes]
    else:
        found = [one.answer_in_hours if objective.in_hours else one.answer for one in outcomes]
    return [wait for wait in found if wait is not None]
