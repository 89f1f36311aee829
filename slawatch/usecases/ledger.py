"""Gathers what error budgets are counted over: by which terms, and the requests of their periods. Decides nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from slawatch import periods
from slawatch.budget import Budget, State, budget, waits
from slawatch.model import Origin, Outcome, Request
from slawatch.periods import Terms
from slawatch.report.model import Case
from slawatch.usecases.outcomes import UNSENT, standard_of, standing, without_answers
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


class Kept(NamedTuple):
    """The error budget of one company on one way."""

    company: str
    way: str
    budget: Budget


def begins(world: World, until: datetime, companies: Collection[str] = ()) -> datetime | None:
    """Return when the longest of the budgets' periods began that ends then, None where nobody is asked."""
    kinds = {one.kind for (key, _), one in terms(world).items() if not companies or key in companies}
    return min((periods.up_to(kind, until, world.config.zone).since for kind in kinds), default=None)


def in_want(world: World, requests: Sequence[Request], outcomes: Mapping[int, Outcome]) -> list[Kept]:
    """Return the error budgets that are used up now, or near it. The requests must reach back as far as `begins` says.

    Questions that others asked are left out: who asks them decides how many.
    """
    now, found = world.clock.now(), []
    held = terms(world, requests)
    silent = set(world.store.ways_without_answers())
    by_way: dict[tuple[str, str], list[Request]] = {}
    for request in requests:
        if request.origin is not Origin.OBSERVED and request.id in outcomes:
            by_way.setdefault((request.company, request.way), []).append(request)
    for (company, way), asked in sorted(by_way.items()):
        period = periods.up_to(held[company, way].kind, now, world.config.zone)
        inside = [outcomes[one.id] for one in asked if (one.accepted_at or one.intended_at) >= period.since]
        standard = standard_of(world, asked[0])
        told = (company, asked[0].channel) not in silent
        for objective in (standard if told else without_answers(standard)).objectives:
            one = budget(objective, waits(objective, inside), period=period, warn_at=held[company, way].warn_at)
            if one is not None and one.state in {State.WARNED, State.USED_UP}:
                found.append(Kept(company, way, one))
    return found


def ledger(world: World, choice: Choice, requests: Sequence[Request]) -> tuple[Case, ...]:
    """Return the requests of the budgets' periods up to the choice's end that are not among those of the report."""
    since = begins(world, choice.until, choice.companies)
    if since is None or (since >= choice.since and choice.campaign is None):
        return ()
    known = {request.id for request in requests}
    asked = [
        request
        for request in world.store.requests(since=since, until=choice.until)
        if request.id not in known
        and request.delivery not in UNSENT
        and (not choice.companies or request.company in choice.companies)
    ]
    outcomes = standing(world, asked)
    return tuple(
        Case(request=one, outcome=outcomes[one.id], outcome_counting_unknown=outcomes[one.id]) for one in asked
    )
