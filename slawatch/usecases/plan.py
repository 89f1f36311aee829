"""Lay out the coming slots and say what they would ask. Sends nothing and decides no time itself (plan.py does)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b

from slawatch import burden, plan, register, token
from slawatch.config import Target
from slawatch.model import Asked, Attempt, Delivery, Mode, Origin, Relationship, Request, Slot, SlotState, Text
from slawatch.probe import require_manners
from slawatch.usecases import overrides
from slawatch.usecases.matched import Put, narrowed
from slawatch.usecases.world import World

HORIZON = timedelta(days=14)
LAID = "laid_out"  # meta: the config's digest and the instant up to which slots were laid out
STARTED = "plan_started"  # meta: the first laying out; every target's first slot lies within a day after it
SEED = "plan_seed"  # meta: what times are drawn from where the config does not say
HISTORY = timedelta(days=200)  # longer than the 180 days in which no text goes to a company twice


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A coming slot with what would be asked, or with why nothing would be."""

    slot: Slot
    target: Target
    text: Text | None
    refused: str = ""


def lay_out(world: World, until: datetime | None = None) -> int:
    """Add every slot that the schedules give from now to `until` (default two weeks ahead). Returns how many are new.

    A slot's key makes this safe to repeat. What was due while nobody ran is not made up for: a plan starts now. Slots
    that an earlier config gave and this one does not are closed, or a company would be asked by both for two weeks. For
    whom the opt-out register covers none are laid out.
    """
    now = world.clock.now()
    until = until or now + HORIZON
    started = world.store.meta(STARTED)
    if started is None:
        started = now.isoformat()
        world.store.set_meta(SEED, _made_seed(world, started))
        world.store.set_meta(STARTED, started)
    seed = seed_of(world)
    left_alone = {one.scope for one in world.store.opt_outs()}
    slots = [
        slot
        for company in world.config.companies.values()
        for target in company.targets
        if target.schedule is not None and target.mode is not Mode.OBSERVE
        if not left_alone.intersection(register.covering(target.company, target.address))
        for slot in plan.slots_between(
            target.schedule,
            company=target.company,
            channel=target.channel,
            target=target.address,
            account=target.account,
            zone=target.zone,
            since=now,
            start=datetime.fromisoformat(started),
            until=until,
            seed=seed,
            jitter=target.jitter,
            turn=target.turn,
        )
    ]
    new = world.store.add_slots(slots)
    given = {slot.key for slot in slots}
    for slot in world.store.slots(state=SlotState.PLANNED):
        if slot.campaign is None and slot.key not in given and _is_dropped(world, slot, now, until):
            world.store.close_slot(slot.id, "the schedule in the config no longer has it")
    return new


def seed_of(world: World) -> str:
    """Return what the times are drawn from: the config's word, else what was made when the plan began.

    A plan that began before there were seeds has none, and keeps its times.
    """
    return world.config.seed or world.store.meta(SEED) or ""


def _made_seed(world: World, started: str) -> str:
    """Return a seed that no other installation has: from the accounts that ask, and the instant the plan began."""
    senders = sorted(str(getattr(one.settings, "address", name)) for name, one in world.config.accounts.items())
    return blake2b("|".join((started, *senders)).encode(), digest_size=4).hexdigest()


def _is_dropped(world: World, slot: Slot, now: datetime, until: datetime) -> bool:
    """Whether a slot that the schedules do not give from now to `until` is none of theirs any more.

    One that is overdue (put off, or planned anew) may be: what they gave in the past is not asked for.
    """
    target = world.target(slot.company, slot.channel, slot.target)
    if target is None:
        return False  # closed when it falls due: the target may come back until then
    return target.schedule is None or now <= slot.due_at < until


def keep_laid_out(world: World) -> int:
    """Lay slots out again where the config has changed or half the horizon is used up; otherwise cost one look."""
    now = world.clock.now()
    digest, _, until = (world.store.meta(LAID) or "").partition(" ")
    if digest == world.config.digest and until and datetime.fromisoformat(until) - now > HORIZON / 2:
        return 0
    overrides.note_raised_limits(world)
    new = lay_out(world, now + HORIZON)
    world.store.set_meta(LAID, f"{world.config.digest} {(now + HORIZON).isoformat()}")
    return new


def choose_text(
    world: World, target: Target, history: list[Asked], *, reference: str, now: datetime, salt: str
) -> Text | None:
    """Return the worded probe to send next, None where every text went to this company within 180 days."""
    company = world.company(target.company)
    chosen = plan.choose(
        plan.suitable(
            world.probes,
            lang=target.lang,
            names=target.probes,
            customer=bool(company.customer),
            form=target.form,
        ),
        target.lang,
        history,
        now,
        own=company.relationship is Relationship.OWN,
        salt=salt,
        form=target.form,
    )
    if chosen is None:
        return None
    probe, lang, variant = chosen
    require_manners(probe)
    persona = getattr(world.config.accounts[target.account].settings, "name", "")
    return plan.word(probe, lang, variant, company=company.name, name=persona, reference=reference, form=target.form)


def preview(world: World, until: datetime) -> list[Preview]:
    """Return every slot due before `until`, oldest first, with its text and the burden rule that would hold it back.

    Later slots count the earlier ones as sent, so that the list reads as it would happen if nobody answered late.
    """
    now = world.clock.now()
    assumed: dict[str, list[Asked]] = {}
    sets: dict[str, list[Put]] = {}
    previews = []
    for planned in sorted(world.store.slots(state=SlotState.PLANNED, due_until=until), key=lambda s: s.due_at):
        target = world.target(planned.company, planned.channel, planned.target)
        if target is None:
            continue
        slot = replace(planned, account=target.account)  # the config may name another since this was laid out
        history = assumed.setdefault(slot.company, world.store.history(slot.company, now - HISTORY))
        at = max(slot.due_at, now)
        refusal = burden.check(target.limits, history, slot.channel, at, lapses_after=target.standard.window)
        text = None
        if refusal is None:
            fitting = narrowed(world, target, slot, sets.get(slot.company, ()))
            text = choose_text(
                world, fitting, history, reference=token.new(secrets.token_bytes(8)), now=at, salt=slot.key
            )
        if text is not None:
            if target.turn is not None:
                put = Put(slot.channel, slot.target, slot.due_at, text.probe)
                sets.setdefault(slot.company, []).append(put)
            history.append(
                Asked(
                    company=slot.company,
                    channel=slot.channel,
                    probe=text.probe,
                    lang=text.lang,
                    variant=text.variant,
                    at=at,
                    form=text.form,
                )
            )
        why = refusal.detail if refusal else "" if text else "every text went to this company within 180 days"
        previews.append(Preview(slot=slot, target=target, text=text, refused=why))
    return previews


def specimen(world: World, one: Preview) -> bytes:
    """Return the bytes that would leave for this slot, with a token made for the specimen alone."""
    if one.text is None:
        raise ValueError("a slot without a text has no specimen")
    now = world.clock.now()
    secret = token.new(secrets.token_bytes(8))
    request = Request(
        id=0,
        public_id="specimen",
        origin=Origin.SENT,
        company=one.slot.company,
        channel=one.slot.channel,
        target=one.slot.target,
        account=one.slot.account,
        text=one.text,
        token=secret,
        message_id=new_message_id(world, one.slot.account),
        delivery=Delivery.INTENDED,
        due_at=one.slot.due_at,
        zone=one.slot.zone,
        intended_at=now,
    )
    attempt = Attempt(id=0, request_id=0, number=1, envelope_id="specimen", started_at=max(one.slot.due_at, now))
    return world.channel(one.slot.account).prepare(request, attempt)


def new_message_id(world: World, account: str) -> str:
    """Return a Message-ID of our own domain that says nothing about the token (96 random bits)."""
    address = str(getattr(world.config.accounts[account].settings, "address", "")) or "localhost"
    return f"{secrets.token_hex(12)}@{address.rpartition('@')[2]}".lower()
