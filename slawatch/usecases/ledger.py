"""Gathers what error budgets are counted over: by which terms, and the requests of their periods. Counts nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from slawatch import periods
from slawatch.model import Request
from slawatch.periods import Terms
from slawatch.report.model import Case
from slawatch.usecases.outcomes import UNSENT, standing
from slawatch.usecases.world import World

if TYPE_CHECKING:
    from slawatch.usecases.report import Choice


def terms(world: World, requests: Iterable[Request] = ()) -> dict[tuple[str, str], Terms]:
    """Return the terms by company and way, those of the requests first; the default where a target is gone."""
    found: dict[tuple[str, str], Terms] = {}
    for request in requests:
        if (request.company, request.way) not in found:
            target = world.target(request.company, request.channel, request.target)
            found[request.company, request.way] = target.terms if target else Terms()
    for company in world.config.companies.values():
        for one in company.targets:
            found.setdefault((company.key, one.channel), one.terms)
    return found


def ledger(world: World, choice: Choice, requests: Sequence[Request]) -> tuple[Case, ...]:
    """Return the requests of the budgets' periods up to the choice's end that are not among those of the report."""
    kinds = {one.kind for (key, _), one in terms(world).items() if not choice.companies or key in choice.companies}
    begins = min((periods.up_to(kind, choice.until, world.config.zone).since for kind in kinds), default=None)
    if begins is None or (begins >= choice.since and choice.campaign is None):
        return ()
    known = {request.id for request in requests}
    asked = [
        request
        for request in world.store.requests(since=begins, until=choice.until)
        if request.id not in known
        and request.delivery not in UNSENT
        and (not choice.companies or request.company in choice.companies)
    ]
    outcomes = standing(world, asked)
    return tuple(
        Case(request=one, outcome=outcomes[one.id], outcome_counting_unknown=outcomes[one.id]) for one in asked
    )
