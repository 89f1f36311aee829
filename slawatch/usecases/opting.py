"""The opt-out register in use: add and remove, call off what it covers, say what it keeps from being asked.

What has left stays and is measured; nothing planned for whoever is covered leaves any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from slawatch import register
from slawatch.config import Target
from slawatch.errors import UsageError
from slawatch.model import Delivery, Message, SlotState
from slawatch.store import OptOut
from slawatch.store.auditing import ITSELF
from slawatch.usecases.plan import LAID
from slawatch.usecases.world import News, World

ADDED, REMOVED = "opted-out", "opt-out removed"  # actions of the audit log


@dataclass(frozen=True, slots=True, kw_only=True)
class CalledOff:
    """What was called off because somebody opted out."""

    slots: int = 0
    requests: int = 0


def scope_of(world: World, text: str) -> str:
    """Return the scope meant by a company's key, a domain or an address. Raises UsageError where it is none."""
    known = {*world.config.companies}
    if text not in known and world.store.was_asked(text.removeprefix("company:")):
        known.add(text.removeprefix("company:"))  # a company of an earlier config may still want to be left alone
    try:
        return register.scope_of(text, known)
    except ValueError as error:
        raise UsageError(f"opt-out: {error}") from None


def add(world: World, scope: str, why: str, *, by: Message | None = None, actor: str = "") -> tuple[bool, CalledOff]:
    """Put it on the register and call off what it covers, in one transaction; False where it was there already."""
    with world.store.together():
        new = world.store.opt_out(scope, why, message_id=by.id if by else None, asked_at=by.stamps.at if by else None)
        if not new:
            return False, CalledOff()
        world.store.audit(ADDED, scope, why, actor=actor)
        return True, call_off(world, scope)


def remove(world: World, scope: str, why: str, *, actor: str = "") -> bool:
    """Take it off the register again, which the audit log keeps; False where it was not there.

    Slots that were called off stay so; those that lie later than they did are laid out.
    """
    with world.store.together():
        lifted = world.store.lift_opt_out(scope, why)
        if lifted:
            world.store.audit(REMOVED, scope, why, actor=actor)
            world.store.set_meta(LAID, "")
    return lifted


def call_off(world: World, scope: str) -> CalledOff:
    """Close the planned slots that the scope covers and withdraw what has not left, replies of ours included."""
    covered = world.store.opt_outs(scopes=[scope])
    if not covered:
        return CalledOff()
    why = covered[0].words
    kind, _, key = scope.partition(":")
    company = key if kind == register.COMPANY else None
    slots = [
        slot
        for slot in world.store.slots(state=SlotState.PLANNED, company=company)
        if scope in register.covering(slot.company, slot.target)
    ]
    closed = sum(world.store.close_slot(slot.id, why) for slot in slots)
    asked = [
        request.id
        for request in world.store.requests(delivery=Delivery.INTENDED, company=company)
        if scope in register.covering(request.company, request.target)
    ]
    withdrawn = world.store.withdraw(asked, why)
    for reply in world.store.follow_ups_in(Delivery.INTENDED):
        for request in world.store.requests(ids=[reply.request_id], company=company):
            if scope in register.covering(request.company, request.target):
                world.store.settle_follow_up(reply, delivery=Delivery.WITHDRAWN, detail=why, left=False)
    return CalledOff(slots=closed, requests=withdrawn)


def asked_to_stop(world: World, company: str, message: Message, saw: str) -> bool:
    """Put a company on the register because it says so in a message; False where that was heeded, or lifted, before."""
    new, _ = add(world, register.company(company), f'message {message.id} says "{saw}"', by=message, actor=ITSELF)
    return new


def left_alone(world: World) -> list[tuple[Target, OptOut]]:
    """Return the targets of the config that the register keeps from being asked."""
    entries: dict[str, OptOut] = {}
    for one in world.store.opt_outs():
        entries.setdefault(one.scope, one)
    if not entries:
        return []
    return [
        (target, entries[scope])
        for company in world.config.companies.values()
        for target in company.targets
        for scope in [next((one for one in register.covering(target.company, target.address) if one in entries), "")]
        if scope
    ]


def spared(world: World, targets: Sequence[Target]) -> list[Target]:
    """Return those of the targets that may be asked, and tell of the others. Raises UsageError where none may."""
    found = []
    for target in targets:
        entry = world.store.opted_out(target.company, target.address)
        if entry is None:
            found.append(target)
        else:
            words = f"{target.address} is not asked: {entry.words}"
            world.tell(News(what="opted-out", words=words, ref=target.company))
    if not found:
        raise UsageError("audit: all who were chosen have opted out; see `slawatch opt-out list`")
    return found
