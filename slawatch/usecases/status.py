"""How things stand: last looks, open requests, the next slot, what waits for a person. Changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from slawatch.model import Delivery, Outcome, Request, SlotState, Verdict
from slawatch.usecases import ledger, mailing, opting
from slawatch.usecases.audit import is_running
from slawatch.usecases.follow import OurTurn, waiting
from slawatch.usecases.ledger import Kept
from slawatch.usecases.outcomes import by_hand, standing
from slawatch.usecases.world import World

if TYPE_CHECKING:
    from slawatch.config import Target
    from slawatch.noticing.floor import Floor
    from slawatch.store import Alert, OptOut
    from slawatch.usecases.assisted import Invitation

BACK = timedelta(days=40)  # longer than any window; older requests are settled


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """`open` holds requests not yet sent (without outcome) and those whose first response is pending.

    `troubles` says of accounts why they cannot be read now, or may soon not take in what is sent to them. `our_turn`
    holds those requests whose company asked back and waits for us, `to_post` what a person is to post, `to_ask` what
    one is to ask by hand, `left_alone` the targets that the opt-out register covers. `not_mailed` says of
    reports why they did not leave, or may not have. A request by hand that was given up is not open any more. `budgets`
    are the error budgets that are used up or near it. `alerts` are what was noticed to be wrong and has not ended; none
    where the config has nobody notice. `canaries` say how letters to ourselves fared in thirty days.
    """

    looks: Mapping[str, datetime | None]
    troubles: Mapping[str, str]
    halted: str
    paused: Mapping[str, str]
    open: tuple[tuple[Request, Outcome | None], ...]
    our_turn: tuple[OurTurn, ...]
    to_post: tuple[Invitation, ...]
    next_slot: datetime | None
    review: int
    audit: int | None
    audit_running: bool
    to_ask: tuple[Invitation, ...] = ()
    budgets: tuple[Kept, ...] = ()
    not_mailed: tuple[str, ...] = ()
    left_alone: tuple[tuple[Target, OptOut], ...] = ()
    alerts: tuple[Alert, ...] = ()
    canaries: tuple[Floor, ...] = ()


def status(world: World) -> Status:
    """Return how things stand now."""
    back = world.clock.now() - BACK
    requests = world.store.requests(since=min(back, ledger.begins(world, world.clock.now()) or back))
    outcomes = standing(world, requests)
    still_open = [
        (request, None if _undecided(request) else outcomes.get(request.id))
        for request in requests
        if request.delivery is not Delivery.SKIPPED
        if request.id not in outcomes or outcomes[request.id].verdict is Verdict.PENDING or _undecided(request)
        if not _given_up(request, outcomes.get(request.id))
    ]
    slots = world.store.slots(state=SlotState.PLANNED)
    campaign = world.store.campaign(still_open=True)
    return Status(
        looks={account: world.store.observed_until(account) for account in world.config.accounts},
        troubles={account: why for account in world.config.accounts if (why := _trouble(world, account))},
        halted=world.halted(),
        paused=world.store.paused(),
        open=tuple(still_open),
        our_turn=tuple(waiting(world, [request for request in requests if not request.made_up])),
        to_post=_to_post(world, requests),
        next_slot=min((slot.put_off_until or slot.due_at for slot in slots), default=None),
        review=len(world.store.waiting_for_review(opt_outs=True)),
        audit=campaign.id if campaign else None,
        audit_running=is_running(world),
        to_ask=_to_ask(world, requests),
        budgets=tuple(ledger.in_want(world, requests, outcomes)),
        not_mailed=tuple(mailing.troubles(world)),
        left_alone=tuple(opting.left_alone(world)),
        alerts=_alerts(world),
        canaries=_canaries(world),
    )


def _alerts(world: World) -> tuple[Alert, ...]:
    """Return what is wrong as of the last pass. Without anybody to tell nothing is noticed, so nothing ends either."""
    if not world.config.alarms.notices:
        return ()
    return tuple(world.store.alerts(still_open=True))


def _canaries(world: World) -> tuple[Floor, ...]:
    if not world.canaries:
        return ()
    from slawatch.usecases import canary  # noqa: PLC0415  only where an account writes to itself

    now = world.clock.now()
    return tuple(canary.floors(world, now - canary.BACK, now))


def _to_post(world: World, requests: Sequence[Request]) -> tuple[Invitation, ...]:
    if not world.in_public:
        return ()
    from slawatch.usecases import assisted  # noqa: PLC0415  who only writes letters has no use for it

    return tuple(assisted.invitations(world, requests))


def _to_ask(world: World, requests: Sequence[Request]) -> tuple[Invitation, ...]:
    if not world.by_hand:
        return ()
    from slawatch.usecases import assisted  # noqa: PLC0415  who only writes letters has no use for it

    return tuple(assisted.invitations(world, requests, by_hand=True))


def _given_up(request: Request, outcome: Outcome | None) -> bool:
    """Whether the person who asked it by hand waits no more."""
    return by_hand(request) and outcome is not None and outcome.seen_until is not None


def _trouble(world: World, account: str) -> str:
    last = next(reversed(world.store.looks(account, world.clock.now() - BACK)), None)
    return last.note if last is not None and not last.ok else world.store.warning(account)


def _undecided(request: Request) -> bool:
    """Whether it may have left or not, and that is still being looked for."""
    return request.delivery is Delivery.UNCERTAIN and request.void_reason is None
