"""Error budgets of the groups of a report: which requests each is counted over. Counts nothing itself (budget.py does).

A budget is kept over its own period, up to the report's end; that may reach beyond the report's period, or not so far.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from slawatch import periods
from slawatch.budget import Budget, budget, waits
from slawatch.model import Origin
from slawatch.report.book import Group
from slawatch.report.model import Case, Material


def with_budgets(groups: Sequence[Group], material: Material) -> tuple[Group, ...]:
    """Return the groups of companies with the error budgets of their objectives."""
    by_group: dict[tuple[str, str, bool], list[Case]] = {}
    for case in (*material.ledger, *material.cases):
        request = case.request
        by_group.setdefault((request.company, request.way, request.origin is Origin.OBSERVED), []).append(case)
    return tuple(
        replace(group, budgets=_budgets(group, by_group[group.company.key, group.channel, group.observed], material))
        if group.company is not None
        else group
        for group in groups
    )


def _budgets(group: Group, cases: Sequence[Case], material: Material) -> tuple[Budget, ...]:
    terms = material.terms.get((group.company.key, group.channel)) if group.company else None
    if terms is None or group.standard is None:
        return ()
    period = periods.up_to(terms.kind, material.until, material.zone)
    inside = [case.outcome for case in cases if period.since <= _asked_at(case) < period.until]
    found = (budget(one, waits(one, inside), period=period, warn_at=terms.warn_at) for one in group.standard.objectives)
    return tuple(one for one in found if one is not None)


def _asked_at(case: Case) -> datetime:
    return case.request.accepted_at or case.request.intended_at
