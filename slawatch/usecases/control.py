"""Pause, resume and abort. What has left is never touched: it goes on being measured."""

from __future__ import annotations

from dataclasses import dataclass

from slawatch.errors import UsageError
from slawatch.model import Delivery, SlotState
from slawatch.usecases.plan import LAID
from slawatch.usecases.world import World

EVERYTHING = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Aborted:
    """How much was called off."""

    slots: int
    requests: int


def scope_of(world: World, *, company: str = "", account: str = "") -> str:
    """Return the scope a pause is kept under.

    Raises:
        UsageError: the company or the account is unknown, or both are given.
    """
    if company and account:
        raise UsageError("--company and --account: give one of them")
    if company:
        return f"company:{world.company(company).key}"
    if account:
        if account not in world.config.accounts:
            known = ", ".join(sorted(world.config.accounts)) or "none"
            raise UsageError(f'--account: there is no "{account}" in {world.config.path.name}; known are: {known}')
        return f"account:{account}"
    return EVERYTHING


def pause(world: World, scope: str, why: str) -> None:
    """Stop sending in that scope. Pausing again without a reason keeps the one that was given."""
    reason = why or world.store.paused().get(scope, "")
    world.store.pause(scope, reason)
    world.store.event("paused", scope, reason)


def resume(world: World, scope: str) -> bool:
    """Lift that pause; False where there was none."""
    why = world.store.paused().get(scope)
    with world.store.together():
        world.store.resume(scope)
        if why is not None:
            world.store.event("resumed", scope, "")
            world.store.audit("resumed", scope, f"was paused: {why}" if why else "was paused")
    return why is not None


def abort(world: World, scope: str, why: str) -> Aborted:
    """Pause the scope first, then close its planned slots and withdraw its requests and our replies that have not left.

    What was planned is called off for good; after `resume` only slots later than those are laid out. A request in
    mid-sending cannot be called back; it ends as sent or uncertain.
    """
    pause(world, scope, why)
    company = scope.removeprefix("company:") if scope != EVERYTHING else None
    slots = world.store.slots(state=SlotState.PLANNED, company=company)
    for slot in slots:
        world.store.close_slot(slot.id, why)
    requests = world.store.requests(delivery=Delivery.INTENDED, company=company)
    withdrawn = world.store.withdraw([request.id for request in requests], why)
    for reply in world.store.follow_ups_in(Delivery.INTENDED):
        if company is None or world.store.requests(ids=[reply.request_id], company=company):
            world.store.settle_follow_up(reply, delivery=Delivery.WITHDRAWN, detail=why, left=False)
    world.store.set_meta(LAID, "")
    world.store.event("aborted", scope, f"{len(slots)} slots, {withdrawn} requests: {why}")
    return Aborted(slots=len(slots), requests=withdrawn)
