"""Gathers what the rules of noticing look at, and keeps what they find: raised, worse, resolved. Tells nobody.

Requests are looked at more rarely the more there are: for each one the next look waits a tenth of a second longer.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from slawatch.alarms import Recipient
from slawatch.budget import waits
from slawatch.model import ZERO, Origin, Outcome, PledgeState, Request, Standard, Verdict
from slawatch.noticing import (
    DEEP,
    AccountFacts,
    BudgetFacts,
    CanaryFacts,
    DiskFacts,
    Facts,
    Kind,
    PromiseFacts,
    RequestFacts,
    Trouble,
    unjudged,
    wrong,
)
from slawatch.noticing.telling import What, tell_at
from slawatch.store import Alert, Telling
from slawatch.usecases.world import World

BACK = timedelta(days=40)  # longer than any usual window
LOOKED_BACK = timedelta(days=9)  # a little longer than blind windows are told of
KEPT_FOR = timedelta(days=400)  # what ended and was told: a year and a bit
LEAST_PATIENCE = timedelta(hours=4)
PAUSE = timedelta(milliseconds=100)  # for each request: deriving one takes a quarter of a millisecond
DUE = "noticing due"  # meta: when requests are looked at again
NOT_BY_US = frozenset({Origin.OBSERVED, Origin.RECORDED})


def notice(world: World) -> None:
    """Find out what is wrong now, and keep it together with the intent to tell of it."""
    now = world.clock.now()
    due = world.store.meta(DUE)
    deep = due is None or now >= datetime.fromisoformat(due)
    found = facts(world, deep=deep)
    before = {alert.key for alert in world.store.alerts(still_open=True)}
    troubles = {one.key: one for one in wrong(found, before)}
    kept = unjudged(found, before)
    if troubles or before or deep:
        with world.store.together():
            _keep(world, troubles, kept, deep=deep)
            if deep:
                world.store.set_meta(DUE, (now + PAUSE * len(found.requests)).isoformat())
                world.store.forget_alerts(now - KEPT_FOR)


def _keep(world: World, troubles: Mapping[str, Trouble], kept: Collection[str], *, deep: bool) -> None:
    standing = {alert.key: alert for alert in world.store.alerts(still_open=True)}
    for key, trouble in troubles.items():
        _wrong(world, trouble, standing.get(key))
    for key, alert in standing.items():
        judged = deep or Kind(alert.kind) not in DEEP
        if key not in troubles and key not in kept and judged:
            _over(world, alert)
    _tell_the_rest(world)


def _wrong(world: World, trouble: Trouble, alert: Alert | None) -> None:
    if alert is None:
        world.store.raise_alert(
            key=trouble.key,
            kind=trouble.kind,
            severity=trouble.severity,
            ours=trouble.ours,
            passing=trouble.passing,
            words=trouble.words,
        )  # whom that is told, _tell_the_rest says
        return
    if (alert.words, alert.severity) == (trouble.words, trouble.severity):
        return
    world.store.reword_alert(alert, words=trouble.words, severity=trouble.severity)
    if trouble.severity < alert.severity:  # "error" comes before "warning"
        for recipient in _wanting(world, alert):
            _intend(world, recipient, alert.id, What.WORSE, trouble.words)


def _over(world: World, alert: Alert) -> None:
    """Keep its end with the intent to tell whoever was told, or is to be told, that it began."""
    if not world.store.resolve_alert(alert) or alert.passing:
        return
    told = {one.recipient for one in world.store.tellings(alerts=[alert.id])}
    for recipient in world.config.alarms.recipients:
        if recipient.name in told:
            _intend(world, recipient, alert.id, What.RESOLVED, alert.words)


def _tell_the_rest(world: World) -> None:
    """Intend what has begun for who was not told of it, and a reminder for who was told long ago."""
    now = world.clock.now()
    standing = world.store.alerts(still_open=True)
    by_alert: dict[tuple[int, str], list[Telling]] = {}
    for one in world.store.tellings(alerts=[alert.id for alert in standing]):
        by_alert.setdefault((one.alert_id, one.recipient), []).append(one)
    for alert in standing:
        for recipient in _wanting(world, alert):
            earlier = by_alert.get((alert.id, recipient.name), [])
            if not earlier:
                _intend(world, recipient, alert.id, What.RAISED, alert.words)
            elif not alert.passing and _long_ago(earlier, recipient, now):
                _intend(world, recipient, alert.id, What.REMINDED, alert.words)


def _long_ago(earlier: Sequence[Telling], recipient: Recipient, now: datetime) -> bool:
    told = [one.told_at for one in earlier if one.told_at is not None]
    waits = any(one.state in {"intended", "sending"} for one in earlier)
    return recipient.remind is not None and not waits and bool(told) and now - max(told) >= recipient.remind


def _wanting(world: World, alert: Alert) -> Iterator[Recipient]:
    return (one for one in world.config.alarms.recipients if alert.kind in one.on)


def _intend(world: World, recipient: Recipient, alert_id: int, what: What, words: str) -> None:
    at = tell_at(world.clock.now(), recipient.quiet, recipient.digest, world.config.zone)
    world.store.intend_telling(alert_id, recipient=recipient.name, what=what, words=words, tell_at=at)


# --- facts ---


def facts(world: World, *, deep: bool) -> Facts:
    """Return what is known now; without `deep` nothing of requests."""
    now = world.clock.now()
    requests: Sequence[RequestFacts] = ()
    promises: Sequence[PromiseFacts] = ()
    budgets: Sequence[BudgetFacts] = ()
    if deep:
        requests, promises, budgets = _of_requests(world, now)
    return Facts(
        now=now,
        zone=world.config.zone,
        names={key: company.name for key, company in world.config.companies.items()},
        accounts=[_account(world, name, now) for name, one in world.config.accounts.items() if not one.by_hand],
        requests=requests,
        promises=promises,
        budgets=budgets,
        canaries=_canaries(world),
        review=len(world.store.waiting_for_review()),
        disk=disk(world),
    )


def disk(world: World) -> DiskFacts | None:
    """Return what is left where the store lies; None where the system does not say."""
    try:
        usage = shutil.disk_usage(world.config.store.parent)
    except OSError:
        return None
    return DiskFacts(free=usage.free, size=usage.total)


def _canaries(world: World) -> Sequence[CanaryFacts]:
    if not world.canaries:
        return ()
    from slawatch.usecases import canary  # noqa: PLC0415  only where an account writes to itself

    return canary.facts_of(world)


def _account(world: World, name: str, now: datetime) -> AccountFacts:
    looks = world.store.looks(name, now - LOOKED_BACK)
    failing = None
    for look in reversed(looks):
        if look.ok:
            break
        failing = look.started_at
    good = [look for look in looks if look.ok]
    return AccountFacts(
        name=name,
        failing_since=failing,
        why=looks[-1].note if failing is not None else "",
        gaps=[(one.ended_at, two.started_at) for one, two in pairwise(good)],
        warning=world.store.warning(name),
    )


def _of_requests(world: World, now: datetime) -> tuple[list[RequestFacts], list[PromiseFacts], list[BudgetFacts]]:
    from slawatch.usecases import ledger  # noqa: PLC0415  only where somebody wants to know what is wrong
    from slawatch.usecases.outcomes import standard_of, standing  # noqa: PLC0415  same

    asked = [
        one
        for one in world.store.requests(since=min(now - BACK, ledger.begins(world, now) or now))
        if one.origin not in NOT_BY_US and one.account in world.config.accounts
    ]
    outcomes = standing(world, asked)
    found, promises = [], []
    for request in asked:
        outcome = outcomes.get(request.id)
        if outcome is None or outcome.verdict is Verdict.VOID:
            continue
        if (request.accepted_at or request.intended_at) >= now - BACK:
            found.append(_request(request, outcome, standard_of(world, request)))
        promises += [
            PromiseFacts(
                key=f"{request.public_id}:{one.message_id}:{one.due_at:%Y%m%dT%H%MZ}",
                company=request.company,
                way=request.way,
                account=request.account,
                due_at=one.due_at,
                request=request.public_id,
            )
            for one in outcome.pledges
            if one.state is PledgeState.BROKEN
        ]
    accounts = {(one.company, one.way): one.account for one in asked}
    budgets = [
        BudgetFacts(
            company=one.company,
            way=one.way,
            account=accounts[one.company, one.way],
            objective=one.budget.objective,
            used=one.budget.used,
            allowed=one.budget.allowed,
            used_up=str(one.budget.state) == "used_up",
            period=f"{one.budget.period.since:%Y-%m-%d}",
        )
        for one in ledger.in_want(world, asked, outcomes)
    ]
    return found, promises, budgets


def _request(request: Request, outcome: Outcome, standard: Standard) -> RequestFacts:
    waited = outcome.first_response_in_hours or outcome.first_response
    limits = [one.limit for one in standard.objectives]
    return RequestFacts(
        name=request.public_id,
        company=request.company,
        way=request.way,
        account=request.account,
        asked_at=request.accepted_at or request.intended_at,
        waited=waited.length if waited is not None else ZERO,
        heard=outcome.acknowledged is not None or outcome.first_reply_id is not None,
        receipt=outcome.acknowledged,
        patience=max([LEAST_PATIENCE, *limits]),
        kept=[
            (objective, wait.within(objective.limit))
            for objective in standard.objectives
            if objective.at_least is not None
            for wait in waits(objective, [outcome])
        ],
    )
