"""One campaign: ask the chosen targets, look until every request is settled, report. Survives its process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from slawatch.config import Target
from slawatch.errors import UsageError
from slawatch.model import Campaign, Delivery, Outcome, Request, Slot, SlotState, Verdict
from slawatch.usecases import lock, opting
from slawatch.usecases.away import Away
from slawatch.usecases.collect import collect
from slawatch.usecases.follow import follow_due
from slawatch.usecases.followed import settle_follow_ups
from slawatch.usecases.outcomes import standing
from slawatch.usecases.send import Sending, send_due
from slawatch.usecases.settle import settle
from slawatch.usecases.world import World

LOOK_EVERY = timedelta(seconds=30)
SOONEST_LOOK = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where a campaign stands: slots still to be asked, and each request with what became of it so far.

    `note` says what holds it up now: a pause, the send rate, a mailbox that cannot be read; "" where nothing does.
    """

    campaign: Campaign
    waiting: tuple[Slot, ...]
    requests: tuple[tuple[Request, Outcome | None], ...]
    note: str = ""

    @property
    def waiting_slots(self) -> int:
        """How many targets have not been asked."""
        return len(self.waiting)

    @property
    def unmeasured(self) -> bool:
        """Whether part could not be measured: somebody was not asked, by our fault, or what came in was not read."""
        unsent = any(outcome is None or _failed_ourselves(outcome) for _, outcome in self.requests)
        return bool(self.note or self.waiting) or unsent

    @property
    def settled(self) -> bool:
        """Whether nothing is left that could still change the figures."""
        return self.waiting_slots == 0 and all(finished(*one) for one in self.requests)


def _failed_ourselves(outcome: Outcome) -> bool:
    return outcome.void_reason is not None and outcome.void_reason.ours


def finished(request: Request, outcome: Outcome | None) -> bool:
    """Whether looking longer could change nothing: skipped, void for good, missed, or answered in full."""
    if request.delivery is Delivery.SKIPPED:
        return True
    undecided = request.delivery is Delivery.UNCERTAIN and request.void_reason is None
    if outcome is None or undecided:
        return False
    if outcome.verdict in (Verdict.VOID, Verdict.MISSED):
        return True
    if outcome.seen_until is not None:  # whatever may still come, nobody sees it
        return True
    return outcome.verdict is Verdict.ANSWERED and outcome.answer is not None and outcome.answer.ended


def start(
    world: World,
    targets: Sequence[Target],
    *,
    over: timedelta,
    until: datetime | None,
    name: str,
    continues: int | None = None,
) -> Campaign:
    """Open a campaign with one slot a target, spread evenly `over` that time. Raises UsageError without targets.

    With `continues` it takes up that request's matter again instead of asking something new.
    """
    if not targets:
        raise UsageError("audit: no target is chosen; see `slawatch audit --help`")
    targets = opting.spared(world, targets)
    now = world.clock.now()
    campaign = world.store.add_campaign(name, until)
    step = over / len(targets)
    world.store.add_slots(
        [
            Slot(
                key=f"audit {campaign.id}|{target.company}|{target.channel}|{target.address}",
                company=target.company,
                channel=target.channel,
                target=target.address,
                account=target.account,
                due_at=now + step * number,
                zone=target.zone,
                campaign=campaign.id,
                continues=continues,
            )
            for number, target in enumerate(targets)
        ]
    )
    return campaign


def progress(world: World, campaign: Campaign, note: str = "") -> Progress:
    """Return where the campaign stands now."""
    requests = world.store.requests(campaign=campaign.id)
    found = standing(world, requests)
    return Progress(
        campaign=campaign,
        waiting=tuple(world.store.slots(state=SlotState.PLANNED, campaign=campaign.id)),
        requests=tuple((request, found.get(request.id)) for request in requests),
        note=note,
    )


def run(
    world: World,
    campaign: Campaign,
    *,
    show: Callable[[Progress], None],
    look_every: timedelta = LOOK_EVERY,
    grace: timedelta | None = None,
    wait: Callable[[float], object] | None = None,
) -> Progress:
    """Send, look and settle until everything is settled or the campaign's `until` has come; then end the campaign.

    An interruption (KeyboardInterrupt) leaves the campaign open; calling this again goes on. Nothing is asked twice.
    Call it inside `alone`. `wait` lets seconds pass, and fewer where it returns True, since something may have come
    (listen.py); without it the clock sleeps. A mailbox that cannot be read is tried again after longer and longer
    pauses, unless its bell rings.
    """
    world = replace(world, stays=True)
    away = Away(look_every)
    while True:
        sending = Sending()
        follow_due(world, sending, campaign=campaign.id)
        send_due(world, campaign=campaign.id, done=sending)
        held_up = [*sending.halted, *_rate(world, campaign, sending)]
        show(progress(world, campaign, _note([*held_up, *away.why.values()])))
        tried = away.worth_a_try(accounts(world, campaign), world.clock.now())
        collecting = collect(world, tried)
        away.note(tried, collecting, world.clock.now())
        if world.in_public:
            from slawatch.usecases import in_public  # noqa: PLC0415  who only writes letters has no use for it

            in_public.look_after(world, collecting, sending, accounts=tried)
        if world.by_hand:
            from slawatch.usecases import by_hand  # noqa: PLC0415  same

            by_hand.look_after(world, sending)
        settle(world, **({} if grace is None else {"grace": grace}))
        settle_follow_ups(world, **({} if grace is None else {"grace": grace}))
        now = progress(world, campaign, _note([*held_up, *away.why.values()]))
        show(now)
        moment = world.clock.now()
        if now.settled or (campaign.until is not None and moment >= campaign.until):
            end(world, campaign)
            return _with_skipped(world, now)
        pause = look_every
        if sending.next_at is not None:
            pause = min(pause, sending.next_at - moment)
        for slot in world.store.slots(state=SlotState.PLANNED, campaign=campaign.id):
            due_at = slot.put_off_until or slot.due_at
            if due_at > moment:  # one that is due already waits for its account, as `next_at` says, or for a person
                pause = min(pause, due_at - moment)
        if campaign.until is not None:
            pause = min(pause, campaign.until - moment)
        if (wait or world.clock.sleep)(max(pause, SOONEST_LOOK).total_seconds()):
            away.forget()


def _with_skipped(world: World, last: Progress) -> Progress:
    """Return the progress with those as skipped that waited for a person when the audit ended."""
    skipped = {one.id: one for one in world.store.requests(delivery=Delivery.SKIPPED, campaign=last.campaign.id)}
    return replace(last, requests=tuple((skipped.get(request.id, request), found) for request, found in last.requests))


def _rate(world: World, campaign: Campaign, sending: Sending) -> list[str]:
    """Return why a slot that is due waits although nothing is halted: its account's send rate."""
    moment = world.clock.now()
    due = world.store.slots(state=SlotState.PLANNED, campaign=campaign.id, due_until=moment)
    if not due or sending.halted or sending.next_at is None or sending.next_at <= moment:
        return []
    rates = {account: world.config.accounts[account] for account in {slot.account for slot in due}}
    return [
        f"{name} sends {one.per_minute} a minute, {one.per_day} a day: "
        f"the next may leave at {sending.next_at.astimezone(ZoneInfo(world.config.zone)):%H:%M:%S}"
        for name, one in sorted(rates.items())
    ]


@contextmanager
def alone(world: World) -> Iterator[None]:
    """Be the only audit at work on this store: which one `--resume` means would be a guess otherwise.

    Raises:
        BusyError: another process runs one.
    """
    store = world.config.store
    with lock.held(store, lock.AUDIT, f'another audit is at work on "{store.name}"; watch it with: slawatch status'):
        yield


def is_running(world: World) -> bool:
    """Whether a process runs an audit on this store now."""
    return lock.is_held(world.config.store, lock.AUDIT)


def let_go(world: World) -> None:
    """Give back every mailbox this process holds, after an interruption.

    `collect` gives its own back, but Ctrl-C may come while it does so (9 times of 60 in a trial): whoever took the
    audit up again would then have to wait for the lease to run out.
    """
    for account in world.config.accounts:
        world.store.release_inbox(account, world.worker)


def end(world: World, campaign: Campaign) -> None:
    """End the campaign; what it has not asked by now is called off, or a `tick` would ask it days or weeks later."""
    why = f"audit {campaign.id} ended"
    world.store.end_campaign(campaign.id)  # first: from now on nothing of it is planned anew
    for slot in world.store.slots(state=SlotState.PLANNED, campaign=campaign.id):
        world.store.close_slot(slot.id, why)
    waiting = world.store.requests(delivery=Delivery.INTENDED, campaign=campaign.id)
    world.store.withdraw([request.id for request in waiting], why)
    world.store.extend_chain()


def _note(notes: Sequence[str]) -> str:
    return "; ".join(dict.fromkeys(notes))


def accounts(world: World, campaign: Campaign) -> set[str]:
    """Return the accounts that the campaign sends from and looks into."""
    found = {request.account for request in world.store.requests(campaign=campaign.id)}
    found |= {slot.account for slot in world.store.slots(campaign=campaign.id)}
    return found & set(world.config.accounts)
