"""Comparisons as `report --json` prints them: the shape is a promise to scripts (docs/reference/json.md).

Only renames and rounds nothing; decides nothing.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from slawatch.compare import Estimate, Ratio
from slawatch.model import ObjectiveKind
from slawatch.report.across import Across, Counted, Handling, OnWay
from slawatch.report.book import LeagueRow
from slawatch.report.change import Change, ChangeLine
from slawatch.report.when import Figure, When


def change(found: Change | None) -> dict[str, Any] | None:
    """Return what has changed against the period before, None where nothing was asked then."""
    if found is None:
        return None
    return {
        "since": found.since.isoformat(),
        "until": found.until.isoformat(),
        "lines": [_line(line) for line in found.lines],
        "log_rank_p": found.log_rank,
    }


def _line(line: ChangeLine) -> dict[str, Any]:
    return {
        "measure": str(line.measure),
        "kind": str(ObjectiveKind.MEAN if line.is_time else ObjectiveKind.SHARE),
        "limit_seconds": line.limit.total_seconds(),
        "in_hours": line.objective is not None and line.objective.in_hours,
        "now": _figure(line.now),
        "before": _figure(line.before),
        "difference": _estimate(line.difference),
        "direction": str(line.direction) if line.direction else None,
    }


def when(found: When | None) -> dict[str, Any] | None:
    """Return the figures by time of asking, None where no request counts."""
    if found is None:
        return None
    return {
        "limit_seconds": _seconds(found.limit),
        "parts": {str(part): _figure(figure) for part, figure in found.parts.items()},
        "always_on": {
            **_ratio(found.always_on.ratio),
            "office": _figure(found.always_on.office),
            "night_and_weekend": _figure(found.always_on.outside),
        },
        "heat": None
        if found.heat is None
        else {
            "hours": found.heat.hours,
            "cells": [{"day": cell.day, "hour": cell.hour, **_figure(cell.figure)} for cell in found.heat.cells],
        },
    }


def handling(found: Handling | None) -> dict[str, Any] | None:
    """Return how what was asked was dealt with."""
    if found is None:
        return None
    return {
        "complete": _counted(found.complete),
        "handed_off": _counted(found.handed_off),
        "refused": _counted(found.refused),
        "missed_proven": _counted(found.missed_proven),
    }


def league(found: LeagueRow) -> dict[str, Any]:
    """Return the places of one league."""
    return {
        "channel": found.channel,
        "observed": found.observed,
        "measure": str(found.objective.measure),
        "kind": str(found.objective.kind),
        "limit_seconds": found.objective.limit.total_seconds(),
        "at_least": found.objective.at_least,
        "in_hours": found.objective.in_hours,
        "places": [
            {
                "company": row.group.company.key if row.group.company else None,
                "best": row.place.best if row.place else None,
                "worst": row.place.worst if row.place else None,
            }
            for row in found.rows
        ],
    }


def across(found: Across) -> dict[str, Any]:
    """Return the comparisons across ways, askers and languages."""
    return {
        "questions": [
            {
                "company": one.company,
                "probe": one.probe,
                "answered_on": one.answered_on,
                "ways": [_on_way(way) for way in one.ways],
            }
            for one in found.questions
        ],
        "consistency": [
            {
                "company": one.company,
                "on_all": _counted(one.on_all),
                "on_some": one.on_some,
                "on_none": one.on_none,
            }
            for one in found.consistency
        ],
        "askers": [
            {
                "channel": one.channel,
                "limit_seconds": _seconds(one.limit),
                "customers": _figure(one.customers),
                "prospects": _figure(one.prospects),
                "difference": _estimate(one.difference),
                "direction": str(one.direction) if one.direction else None,
            }
            for one in found.askers
        ],
        "languages": [
            {
                "company": one.company,
                "asked": one.asked,
                "same": _counted(one.same),
                "others": dict(one.others),
                "unclear": one.unclear,
            }
            for one in found.languages
        ],
    }


def _on_way(way: OnWay) -> dict[str, Any]:
    return {
        "channel": way.way,
        "answered": _counted(way.answered),
        "pending": way.pending,
        "median": way.median,
        "median_low": way.median_low,
        "median_high": way.median_high,
    }


def _figure(found: Figure) -> dict[str, Any]:
    return {"n": found.n, **(_estimate(found.estimate) or {"value": None, "low": None, "high": None})}


def _estimate(found: Estimate | None) -> dict[str, Any] | None:
    return None if found is None else {"value": found.value, "low": found.low, "high": found.high}


def _ratio(found: Ratio | None) -> dict[str, Any]:
    return {
        "value": found.value if found else None,
        "low": found.low if found else None,
        "high": found.high if found else None,
    }


def _counted(found: Counted) -> dict[str, Any]:
    return {"n": found.n, "of": found.of, "low": found.low, "high": found.high}


def _seconds(duration: timedelta | None) -> float | None:
    return None if duration is None else duration.total_seconds()
