"""Letters to ourselves, the way requests and replies go: they prove that we hear, and say how short a wait can be seen.

None of them is a request, none is ever counted, and no company gets one. The intent is kept before anything leaves.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from slawatch import token
from slawatch.errors import ChannelError, ChannelUncertainError
from slawatch.model import ZERO, Facts, Message
from slawatch.noticing import CanaryFacts
from slawatch.noticing.floor import Floor, Trip, floor, overdue
from slawatch.store import Canary
from slawatch.usecases.world import News, World

PREFIX = "slawatch-canary-"  # begins the Message-IDs of these letters
RETRY = timedelta(minutes=15)  # where it could not leave, or nobody knows whether it did
LOST = timedelta(hours=1)  # between two of them while none comes back
BACK = timedelta(days=30)  # as far as `status` speaks of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How often an account writes to itself, and how long whoever sends that back keeps it."""

    every: timedelta
    delay: timedelta


def plan_of(world: World, account: str) -> Plan | None:
    """Return what the config says of it; None where no such letters are wanted."""
    settings = world.config.accounts[account].settings
    every = getattr(settings, "canary", None)
    return None if every is None else Plan(every=every, delay=getattr(settings, "canary_delay", ZERO))


def send_due(world: World) -> None:
    """Send to each account that wants it the letter that is due. What cannot leave stops nothing else."""
    for account in world.config.accounts:
        plan = plan_of(world, account)
        if plan is not None and not world.halted(account=account) and _is_due(world, account, plan):
            _send(world, account, plan)


def _is_due(world: World, account: str, plan: Plan) -> bool:
    last = world.store.newest_canary(account)
    if last is None:
        return True
    pause = plan.every
    if last.sent_at is None:
        pause = RETRY
    elif last.heard_at is None and lost_since(world, account) is not None:
        pause = min(LOST, plan.every)
    return world.clock.now() - last.intended_at >= pause


def _send(world: World, account: str, plan: Plan) -> None:
    from slawatch.channels.base import Echoes  # noqa: PLC0415  most passes have none to send

    channel = world.channel(account)
    if not isinstance(channel, Echoes):
        return
    reference = token.new(secrets.token_bytes(token.RANDOM_BYTES))
    own_id = channel.canary_id(reference)
    world.store.add_canary(account, own_id=own_id, delay=plan.delay)
    try:
        sent = channel.send_canary(reference)
    except ChannelUncertainError as error:
        world.tell(
            News(what="canary", words=f"whether the letter to ourselves left is not known: {error}", ref=account)
        )
    except ChannelError as error:
        why = str(error).removeprefix(f"{account}: ")
        world.store.canary_left(own_id, sent_at=None, failed=why)
        world.tell(News(what="canary", words=f"the letter to ourselves did not leave: {why}", ref=account))
    else:
        world.store.canary_left(own_id, sent_at=sent.accepted_at)


def heard(world: World, facts: Facts, message: Message) -> bool:
    """Whether a message is such a letter, or what an echo made of it; keeps that it is back.

    What bounced is not back. Whoever does not know the reference in its id cannot feign one.
    """
    if facts.reports:
        return False
    for own_id in (facts.own_id, *facts.cited_ids):
        if own_id.startswith(PREFIX) and world.store.canary(own_id) is not None:
            its = message.stamps
            world.store.canary_back(own_id, at=its.at, earlier=its.earlier, later=its.later)
            return True
    return False


def lost_since(world: World, account: str) -> datetime | None:
    """Return when the first one left that should be back, after the newest that is; None where all is well."""
    looked = _looked(world, account)
    if looked is None:
        return None
    back = world.store.newest_canary(account, back=True)
    for one in world.store.canaries(account, since=back.intended_at if back else None):
        if one.heard_at is None and one.sent_at is not None and overdue(_trip(one, looked), looked):
            return one.sent_at
    return None


def _looked(world: World, account: str) -> datetime | None:
    """Return up to when it is known what came in: what we could not see is not lost. None for an account never read."""
    observed = world.store.observed_until(account)
    return None if observed is None else min(observed, world.clock.now())


def held(world: World, account: str) -> str:
    """Return why nobody is asked from this account: what they answer would probably not come in; "" where they may be.

    Asking costs a company work, and this would be for nothing. What was asked before stands.
    """
    if account not in world.config.accounts or plan_of(world, account) is None:
        return ""
    since = lost_since(world, account)
    if since is None:
        return ""
    return f"account {account} waits for its letter to itself, lost since {since:%Y-%m-%d %H:%M} UTC"


def facts_of(world: World) -> list[CanaryFacts]:
    """Return how they fare now, for the rules of noticing."""
    return [_facts(world, account) for account in world.config.accounts if plan_of(world, account) is not None]


def _facts(world: World, account: str) -> CanaryFacts:
    last = world.store.newest_canary(account)
    if last is None or not last.failed:
        return CanaryFacts(account=account, lost_since=lost_since(world, account))
    failing_since = last.intended_at
    for one in reversed(world.store.canaries(account, since=world.clock.now() - BACK)):
        if not one.failed:
            break
        failing_since = one.intended_at
    return CanaryFacts(
        account=account, lost_since=lost_since(world, account), failing_since=failing_since, why=last.failed
    )


def lost_around(world: World, account: str, at: datetime) -> tuple[datetime, datetime | None] | None:
    """Return the stretch around that instant in which no letter to ourselves came back; None where there was none."""
    for one in floors(world, at - BACK, at + BACK, [account]):
        for since, until in one.lost:
            if since <= at < (until or at + BACK):
                return since, until
    return None


def floors(world: World, since: datetime, until: datetime, accounts: Sequence[str] = ()) -> list[Floor]:
    """Return what those say that left then (half open), for each account that has any; all accounts without any."""
    now = world.clock.now()
    found = []
    for account in accounts or sorted(world.config.accounts):
        left = [one for one in world.store.canaries(account, since=since, until=until) if one.sent_at is not None]
        if left:
            found.append(floor(account, [_trip(one, now) for one in left], _looked(world, account) or since))
    return [one for one in found if one.sent]


def _trip(one: Canary, now: datetime) -> Trip:
    """Return it as it was known at `now`: a report that is made once more says what it said."""
    known = one.back_at is not None and one.heard_at is not None and one.heard_at <= now
    return Trip(
        sent_at=one.sent_at or one.intended_at,
        delay=one.delay,
        back=one.back_at + one.later if known and one.back_at is not None else None,
    )
