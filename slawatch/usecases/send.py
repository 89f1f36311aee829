"""Send what is due, each request at most once.

The intent is committed before the first byte leaves; nothing is ever re-sent blindly.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from slawatch import burden, token
from slawatch.config import Target
from slawatch.errors import (
    AccountHaltedError,
    ChannelError,
    ChannelRefusedError,
    ChannelUnavailableError,
    ChannelUncertainError,
    ChannelUnreachableError,
    ConfigError,
)
from slawatch.model import Asked, AttemptOutcome, Delivery, Mode, Origin, Request, Slot, SlotState, Text, VoidReason
from slawatch.plan import same_hour
from slawatch.store import Draft
from slawatch.strata import Random
from slawatch.usecases import matched
from slawatch.usecases.plan import HISTORY, choose_text, new_message_id
from slawatch.usecases.world import News, World

LEASE = timedelta(minutes=10)  # longer than any submission may take: every step of it has a time-out of its own
FIRST_RETRY = timedelta(minutes=5)
LONGEST_RETRY = timedelta(hours=4)
GIVE_UP_AFTER = timedelta(days=2)  # then the question would no longer be about the time it was planned for
LATE_MAX = GIVE_UP_AFTER  # same; and whatever waited would be asked in one go when the machine is on again
TOKEN_BYTES = 8
HALTED = "halted:"  # meta, with the account's name: until when the platform or its price halts it, and why
GONE = "the target is no longer in the config"
ONLY_OBSERVED = "the config has this target only observed now"
_MEANWHILE = {Mode.OBSERVE: ONLY_OBSERVED, Mode.ASSISTED: "the config has a person post it now"}


@dataclass(slots=True)
class Sending:
    """What one pass did. `next_at` is the earliest instant at which another pass has something to do.

    `to_post` are those that wait for a person to post them. `unreachable` led to nobody. `sessions` counts by account
    what is due and needs a process that stays. `resting` holds the accounts with which nothing more is tried in this
    pass.
    """

    sent: list[str] = field(default_factory=list)
    followed: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    uncertain: list[str] = field(default_factory=list)
    unavailable: list[str] = field(default_factory=list)
    to_post: list[str] = field(default_factory=list)
    unreachable: list[str] = field(default_factory=list)
    sessions: dict[str, int] = field(default_factory=dict)
    put_off: int = 0
    halted: list[str] = field(default_factory=list)
    next_at: datetime | None = None
    resting: set[str] = field(default_factory=set)

    def wait_until(self, moment: datetime) -> None:
        """Remember the moment if it is the earliest so far."""
        self.next_at = moment if self.next_at is None else min(self.next_at, moment)


def send_due(world: World, *, campaign: int | None = None, done: Sending | None = None) -> Sending:
    """Claim every slot that is due and send it, after whatever an earlier pass left unsent.

    With `campaign` only that campaign's slots; `done` is what this pass has sent already. Limits, pauses and send rates
    are looked at for each request anew, limits and rates once more inside the transactions that claim and start it: two
    processes together cannot pass them.
    """
    done = done or Sending()
    _go_on(world)
    for request in world.store.expire_leases():
        done.uncertain.append(request.public_id)
        world.tell(News(what="uncertain", words="its sender vanished while sending", ref=request.public_id))
    now = world.clock.now()
    for request in world.store.requests(delivery=Delivery.INTENDED, campaign=campaign):
        _left_over(world, request, done)
    for slot in world.store.slots(state=SlotState.PLANNED, due_until=now, campaign=campaign):
        _slot(world, slot, done)
    return done


def _left_over(world: World, request: Request, done: Sending) -> None:
    """Send what an earlier pass did not, unless its sense is lost meanwhile."""
    target = world.target(request.company, request.channel, request.target)
    if target is None:
        world.store.withdraw([request.id], GONE)
    elif opted_out := _opted_out(world, request.company, request.target):
        world.store.withdraw([request.id], opted_out)
    elif request.origin is Origin.ADOPTED:
        pass  # it is prepared for a person, who posts it (in_public.py)
    elif target.mode is not Mode.AUTO:  # it could not leave, and meanwhile no program may post it any more
        _call_off(world, request, _MEANWHILE[target.mode])
    elif request.account not in world.config.accounts:
        _call_off(world, request, f'the account "{request.account}" is no longer in the config')
    elif request.next_attempt_at is not None and request.next_attempt_at > world.clock.now():
        done.wait_until(request.next_attempt_at)
    elif may_send(world, request.company, request.account, done):
        _attempt(world, request, done)


def may_send(world: World, company: str, account: str, done: Sending) -> bool:
    """Whether the account may send to the company now: nothing is halted, it is not resting and within its rate.

    Nor does it where its chats would end with this process, before anybody could answer.
    """
    halted = world.halted(company=company, account=account)
    if halted:
        if halted not in done.halted:
            done.halted.append(halted)
        return False
    if world.canaries and (deaf := _deaf(world, account)):
        if deaf not in done.halted:
            done.halted.append(deaf)
        return False
    if account not in world.config.accounts or account in done.resting:
        return False
    if world.config.accounts[account].session and not world.stays:
        done.sessions[account] = done.sessions.get(account, 0) + 1
        return False
    sent_instants = world.store.sent_instants(account, world.clock.now() - timedelta(days=1))
    wait = rate_wait(world, account, sent_instants)
    if wait is None:
        return True
    done.wait_until(wait)
    return False


def _deaf(world: World, account: str) -> str:
    """Return that what is asked from here would probably not be heard of, "" where it would."""
    from slawatch.usecases import canary  # noqa: PLC0415  only where an account writes to itself

    return canary.held(world, account)


def rate_wait(world: World, account: str, sent_instants: list[datetime]) -> datetime | None:
    """Return until when the account's rate makes it wait that began to send at these instants; None: it need not."""
    settings = world.config.accounts[account]
    return burden.account_wait(
        sent_instants, per_minute=settings.per_minute, per_day=settings.per_day, now=world.clock.now()
    )


def _slot(world: World, slot: Slot, done: Sending) -> None:
    target = world.target(slot.company, slot.channel, slot.target)
    never = _never(world, slot, target)
    if target is None or never:
        world.store.close_slot(slot.id, never)
        return
    slot = replace(slot, account=target.account)  # the config may name another since this was laid out
    if _is_past(world, slot, done):
        return
    if not may_send(world, slot.company, slot.account, done):
        return
    now = world.clock.now()
    history = world.store.history(slot.company, now - HISTORY)
    refusal = burden.check(target.limits, history, slot.channel, now, lapses_after=target.standard.window)
    if refusal is not None:
        _put_off(world, slot, refusal.retry_at, refusal.detail, done)
        return
    draft = _draft(world, slot, target, history, now)
    if isinstance(draft, str):
        _put_off(world, slot, now + timedelta(days=1), draft, done)
        return

    def still_within_limits(asked: list[Asked]) -> str | None:
        again = burden.check(target.limits, asked, slot.channel, now, lapses_after=target.standard.window)
        if again:
            return again.detail
        # Whoever asked meanwhile chose from the same history, and so perhaps the same text.
        return "another process has just asked" if len(asked) > len(history) else None

    claimed = world.store.claim(slot, draft, worker=world.worker, guard=still_within_limits)
    if isinstance(claimed, str):
        _put_off(world, slot, now + timedelta(hours=1), claimed, done)
    elif claimed is not None and claimed.origin is Origin.SENT:
        _attempt(world, claimed, done)


def _never(world: World, slot: Slot, target: Target | None) -> str:
    """Return why nobody is asked in this slot, now or later; "" where somebody is."""
    if target is None:
        return GONE
    return ONLY_OBSERVED if target.mode is Mode.OBSERVE else _opted_out(world, slot.company, slot.target)


def _opted_out(world: World, company: str, address: str) -> str:
    """Return that they are on the opt-out register, "" where they are not; claim and start look at it once more."""
    entry = world.store.opted_out(company, address)
    return "" if entry is None else entry.words


def _is_past(world: World, slot: Slot, done: Sending) -> bool:
    """Close or move a slot that the next one has overtaken, or whose moment is long gone; return whether it was one.

    So after days off nobody is asked twice in a row, and not everybody at once.
    """
    now = world.clock.now()
    if _gives_way(world, slot, now, "nobody asked in time"):
        return True
    if not _too_late(slot, now):
        return False
    days = (now - (slot.put_off_until or slot.due_at)).days
    _put_off(world, slot, now, f"nobody asked for {days} days; it waits for its hour of the week", done)
    return True


def _put_off(world: World, slot: Slot, until: datetime, why: str, done: Sending) -> None:
    """Move the slot, or let the next one take its place where that would come first.

    What was drawn by chance, and what is long overdue, is moved to its own hour of the week: else the times asked at
    would be those at which a limit or a failure ended, and all that waited would be asked at once.
    """
    target = world.target(slot.company, slot.channel, slot.target)
    if _too_late(slot, world.clock.now()) or (target is not None and isinstance(target.schedule, Random)):
        until = same_hour(slot.due_at, slot.zone, until) if slot.campaign is None else until
    if _gives_way(world, slot, until, why):
        return
    world.store.put_off(slot.id, until, why)
    done.put_off += 1
    done.wait_until(until)
    world.tell(News(what="put-off", words=f"not before {until:%Y-%m-%d %H:%M} UTC: {why}", ref=slot.company))


def _gives_way(world: World, slot: Slot, until: datetime, why: str) -> bool:
    """Close the slot where the target's next one is due by then anyway.

    Otherwise they would pile up, and be asked in a row once nothing holds them back or the machine is on again.
    """
    waiting = world.store.slots(state=SlotState.PLANNED, company=slot.company)
    if any(
        (other.channel, other.target, other.campaign) == (slot.channel, slot.target, slot.campaign)
        and slot.due_at < other.due_at <= until
        for other in waiting
    ):
        world.store.close_slot(slot.id, f"{why}; the next slot takes its place")
        return True
    return False


def _too_late(slot: Slot, now: datetime) -> bool:
    """Whether the moment that a slot was planned for is long gone, because nothing ran or something was paused.

    An audit takes up where it was, and what stands for a request that came to nothing is asked as soon as it may be.
    """
    ready_at = slot.put_off_until or slot.due_at
    return slot.campaign is None and "#" not in slot.key.rpartition("|")[2] and now - ready_at > LATE_MAX


def _draft(world: World, slot: Slot, target: Target, history: list[Asked], now: datetime) -> Draft | str:
    """Return what is to be asked, or why nothing can be. A probe without manners holds up its own company alone."""
    secret = token.new(secrets.token_bytes(TOKEN_BYTES))
    text = _text(world, slot, target, history, now, secret)
    if isinstance(text, str):
        return text
    return Draft(
        origin=Origin.ADOPTED if target.mode is Mode.ASSISTED else Origin.SENT,
        company=slot.company,
        channel=slot.channel,
        target=slot.target,
        account=slot.account,
        text=text,
        token=secret,
        message_id=new_message_id(world, slot.account),
        public_id=f"R{secrets.token_hex(4)}",
        due_at=slot.due_at,
        zone=slot.zone,
        campaign=slot.campaign,
        continues=slot.continues,
    )


def _text(world: World, slot: Slot, target: Target, history: list[Asked], now: datetime, reference: str) -> Text | str:
    if slot.continues is not None:
        from slawatch.usecases import again  # noqa: PLC0415  hardly any pass asks again

        return again.word(world, target, slot.continues, reference=reference)
    try:
        fitting = matched.narrowed(world, target, slot)
        text = choose_text(world, fitting, history, reference=reference, now=now, salt=slot.key)
    except ConfigError as error:
        return str(error)
    return "every text went to this company within 180 days" if text is None else text


def _attempt(world: World, request: Request, done: Sending) -> None:
    """Try once. Whatever ends this process in between leaves the attempt open, and its lease makes it uncertain."""
    attempt = world.store.start_attempt(
        request.id,
        worker=world.worker,
        lease=LEASE,
        envelope_id=f"slw-{secrets.token_hex(10)}",
        guard=lambda sent_instants: rate_wait(world, request.account, sent_instants) is None,
    )
    if attempt is None:
        return
    who = f"{request.company} ({request.channel})"
    try:
        sent = world.channel(request.account).send(request, attempt)
    except ChannelUnreachableError as error:
        reason = VoidReason(error.reason)
        world.store.finish_attempt(attempt, AttemptOutcome.REFUSED, detail=str(error), void_reason=reason)
        done.unreachable.append(request.public_id)
        world.tell(News(what="unreachable", words=f"{who} was not reached: {error}", ref=request.public_id))
    except ChannelRefusedError as error:
        world.store.finish_attempt(attempt, AttemptOutcome.REFUSED, detail=str(error))
        done.refused.append(request.public_id)
        world.tell(News(what="refused", words=f"{who} refused it: {error}", ref=request.public_id))
    except ChannelUnavailableError as error:
        retry_at = _retry_at(world.clock.now(), attempt.number, error)
        _unavailable(world, request, retry_at, str(error), done)
        world.store.finish_attempt(attempt, AttemptOutcome.UNAVAILABLE, detail=str(error), retry_at=retry_at)
        halt(world, request.account, error)
        _give_up(world, request, str(error))
    except ChannelUncertainError as error:
        world.store.finish_attempt(attempt, AttemptOutcome.UNCERTAIN, detail=str(error))
        done.uncertain.append(request.public_id)
        world.tell(News(what="uncertain", words=f"{who}: {error}", ref=request.public_id))
    else:
        world.store.finish_attempt(
            attempt,
            AttemptOutcome.SENT,
            detail=sent.evidence,
            accepted_at=sent.accepted_at,
            uncertainty=sent.uncertainty,
            proof=sent.proof,
            remote_id=request.remote_id_of(sent.remote_id),
            network=sent.network,
        )
        done.sent.append(request.public_id)
        world.tell(News(what="sent", words=f"asked {who}: {request.text.probe}", ref=request.public_id))


def halt(world: World, account: str, error: ChannelError) -> None:
    """Pause an account with which nothing can be done before a person has acted; `slawatch resume` lets it go on."""
    if isinstance(error, AccountHaltedError) and f"account:{account}" not in world.store.paused():
        world.store.pause(f"account:{account}", str(error))
        world.store.set_meta(f"{HALTED}{account}", f"{error.retry_at.isoformat() if error.retry_at else ''} {error}")
        world.tell(News(what="paused", words=f"paused: {error}", ref=account))


def _go_on(world: World) -> None:
    """Take up again what was halted until now and nobody has paused for another reason since: a month's money."""
    for scope, why in world.store.paused().items():
        account = scope.removeprefix("account:")
        until, _, because = (world.store.meta(f"{HALTED}{account}") or "").partition(" ")
        if until and because == why and datetime.fromisoformat(until) <= world.clock.now():
            world.store.resume(scope)
            world.tell(News(what="resumed", words="it may ask again", ref=account))


def _retry_at(now: datetime, number: int, error: ChannelUnavailableError) -> datetime:
    """Return when to try again: when the far side said, or ever later."""
    return max(now + min(FIRST_RETRY * (1 << (number - 1)), LONGEST_RETRY), error.retry_at or now)


def _unavailable(world: World, request: Request, retry_at: datetime, why: str, done: Sending) -> None:
    done.unavailable.append(request.public_id)
    done.resting.add(request.account)  # a wrong password tried for every company gets an account locked
    done.wait_until(retry_at)
    world.tell(News(what="unavailable", words=f"not sent, will be tried again: {why}", ref=request.public_id))


def _give_up(world: World, request: Request, why: str) -> None:
    if world.clock.now() - request.intended_at >= GIVE_UP_AFTER:
        _call_off(world, request, f"given up after {GIVE_UP_AFTER.days} days: {why}")


def _call_off(world: World, request: Request, why: str) -> None:
    """Void a request of which nothing has left; its slot is planned anew."""
    world.store.settle(
        request.id, delivery=Delivery.WITHDRAWN, void_reason=VoidReason.NOT_SENT, detail=why, replan=True
    )
