"""Puts the comparisons into groups: against the period before, by time of asking, and how questions are dealt with.

Only sorts the material; the figures are change.py's, when.py's and across.py's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from slawatch.model import Measure, Origin
from slawatch.report import across as across_room
from slawatch.report.across import Across
from slawatch.report.book import Group
from slawatch.report.change import Change, change
from slawatch.report.model import Case, Material
from slawatch.report.when import when

_Key = tuple[str, str, bool]
EVERYBODY = ""


def with_comparisons(groups: Iterable[Group], material: Material) -> tuple[Group, ...]:
    """Return the groups with what they compare with."""
    now, before = _by_group(material.cases), _by_group(material.before)
    zones = {key: company.zone for key, company in material.companies.items()}
    found = []
    for group in groups:
        key = (group.company.key if group.company else EVERYBODY, group.channel, group.observed)
        cases = now.get(key, [])
        limit = group.limit(Measure.FIRST_RESPONSE)
        found.append(
            replace(
                group,
                change=_change(group, cases, before.get(key, []), material),
                when=when(cases, zones, limit=limit, window=group.window),
                handling=across_room.handling(cases),
            )
        )
    return tuple(found)


def across(material: Material, channels: Iterable[Group]) -> Across:
    """Return the comparisons across ways, askers and languages."""
    limits: dict[str, tuple[timedelta | None, timedelta]] = {}
    for group in channels:
        if not group.observed:
            limits[group.channel] = (group.limit(Measure.FIRST_RESPONSE), group.window)
    names = {key: company.name for key, company in material.companies.items()}
    return across_room.across(material.cases, names, material.customers_only, limits)


def _change(group: Group, now: Sequence[Case], before: Sequence[Case], material: Material) -> Change | None:
    if group.company is None:
        # A company that came or went would look like a change of all.
        both = _companies(now) & _companies(before)
        now, before = ([case for case in cases if case.request.company in both] for cases in (now, before))
    return change(
        now, before, group.standard, group.window, (material.since - (material.until - material.since), material.since)
    )


def _companies(cases: Iterable[Case]) -> set[str]:
    return {case.request.company for case in cases if case.outcome.first_response is not None}


def _by_group(cases: Iterable[Case]) -> dict[_Key, list[Case]]:
    found: dict[_Key, list[Case]] = {}
    for case in cases:
        observed = case.request.origin is Origin.OBSERVED
        for company in (case.request.company, EVERYBODY):
            found.setdefault((company, case.request.way, observed), []).append(case)
    return found
