"""Fetch what came in, keep the raw evidence first, then derive match, kind and proof from it.

Never throws a message away.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from slawatch import classify, match, review, token
from slawatch.durations import show
from slawatch.errors import ChannelError
from slawatch.model import (
    Delivery,
    DeliveryProof,
    Facts,
    Match,
    Message,
    MessageKind,
    Request,
)
from slawatch.usecases.settle import it_left
from slawatch.usecases.world import News, World

if TYPE_CHECKING:
    from slawatch.channels.base import Channel

LEASE = timedelta(minutes=10)
RULES = f"{match.RULES}/{classify.RULES}"
CLOCK_OFF_MAX = timedelta(minutes=1)  # a report from before the sending or after its own arrival has a wrong clock
STATED_TO_THE_SECOND = timedelta(seconds=1)
TRIED_ONCE_MAX = timedelta(seconds=10)  # mail servers wait longer than that before they try again
HANDED_OVER = frozenset({"delivered", "relayed", "expanded"})  # RFC 3464, section 2.3.3


@dataclass(slots=True)
class Collecting:
    """What one pass brought. `failed` maps an account to the reason why its mailbox could not be read."""

    messages: int = 0
    replies: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    busy: list[str] = field(default_factory=list)


def collect(world: World, accounts: list[str] | None = None) -> Collecting:
    """Read every account (or those named) to the end and derive what its messages mean.

    An account that another process is reading is left to it. One that cannot be read is noted as not observed; the
    others go on.
    """
    done = Collecting()
    for account in accounts if accounts is not None else list(world.config.accounts):
        if not world.store.take_inbox(account, world.worker, LEASE):
            done.busy.append(account)
            continue
        try:
            _read_through(world, account, done)
        except ChannelError as error:
            _not_observed(world, account, str(error), done)
            world.tell(News(what="not-observed", words=f"cannot look: {error}", ref=account))
        finally:
            world.store.release_inbox(account, world.worker)
    return done


def _read_through(world: World, account: str, done: Collecting) -> None:
    channel = world.channel(account)
    derive(world, account, channel, done)  # what a crash left between keeping and deriving
    while True:
        batch = channel.collect(world.store.cursor(account))
        new = world.store.add_batch(account, world.config.accounts[account].channel, batch)
        done.messages += len(new)
        derive(world, account, channel, done)
        for note in batch.notes:
            world.tell(News(what="note", words=note, ref=account))
        if batch.more:
            world.store.take_inbox(account, world.worker, LEASE)
            continue
        if batch.looked_until is None:  # a folder is missing, as the notes say
            _not_observed(world, account, "; ".join(batch.notes), done)
        return


def _not_observed(world: World, account: str, why: str, done: Collecting) -> None:
    world.store.note_failure(account, why)
    done.failed[account] = why


def derive(world: World, account: str, channel: Channel, done: Collecting) -> None:
    """Match and classify every message of the account that today's rules have not yet seen.

    A first look at a full mailbox, or new rules, may take longer than the lease, which is renewed on the way.
    """
    renewed_at = world.clock.now()
    for message in world.store.messages(account=account, rules_before=RULES):
        if world.clock.now() - renewed_at >= LEASE / 2:
            renewed_at = world.clock.now()
            world.store.take_inbox(account, world.worker, LEASE)
        _derive_one(world, account, channel, message, done)


def _derive_one(world: World, account: str, channel: Channel, message: Message, done: Collecting) -> None:
    facts = channel.read(world.store.raw(message.sha256))
    known = world.store.known_for(
        tokens=_tokens(facts),
        message_ids=[*facts.cited_ids, *facts.embedded_ids, facts.own_id],
        envelope_ids=[report.envelope_id for report in facts.reports],
    )
    if match.is_own(facts, _own_addresses(world, account), known):
        world.store.save_derived(message.id, match=None, own=True, classification=None, rules=RULES)
        for request in world.store.requests(ids=[known.by_message_id.get(facts.own_id, 0)]):
            _own_copy(world, request, message)
        return
    found = match.find(facts, known)
    requests = world.store.requests(ids=list(found.request_ids)) if found else []
    first = requests[0] if requests else None
    kind = classify.classify(
        facts,
        asked=first.text if first else None,
        seconds_after=_seconds_after(first, message),
        expected=_expected(world, first),
        target=first.target if first else "",
    )
    found, kind = review.settled(world.store.latest_review(message.id), found, kind)
    world.store.save_derived(message.id, match=found, own=False, classification=kind, rules=RULES)
    if found is None:
        return
    requests = world.store.requests(ids=list(found.request_ids))
    done.replies += 1
    for request in requests:
        _learn(world, request, facts, message, kind.kind, found)
        world.tell(
            News(
                what="reply",
                words=f"{kind.kind.value.replace('-', ' ')} from {request.company}{_after(request, message)}",
                ref=request.public_id,
            )
        )


def _tokens(facts: Facts) -> list[str]:
    fields = (facts.sender, *facts.delivered_to, *facts.recipients, *facts.subjects)
    return [candidate for field_ in fields for candidate in token.find_all(field_)]


def _own_addresses(world: World, account: str) -> frozenset[str]:
    """Return the addresses whose mail is ours.

    One that is itself a target (an audit of one's own mailbox) is the company's.
    """
    address = str(getattr(world.config.accounts[account].settings, "address", "")).lower()
    targets = {target.address for company in world.config.companies.values() for target in company.targets}
    return frozenset({address} - targets - {""})


def _seconds_after(request: Request | None, message: Message) -> float | None:
    if request is None or request.accepted_at is None:
        return None
    return (message.stamps.at - request.accepted_at).total_seconds()


def _after(request: Request, message: Message) -> str:
    seconds = _seconds_after(request, message)
    return "" if seconds is None else f" after {show(timedelta(seconds=max(seconds, 0)))}"


def _expected(world: World, request: Request | None) -> tuple[str, ...]:
    company = world.config.companies.get(request.company) if request else None
    return tuple(company.expected.get(request.text.probe, ())) if company and request else ()


def _own_copy(world: World, request: Request, message: Message) -> None:
    world.store.mark_copy(request.id, message.stamps.at)
    if request.delivery is Delivery.UNCERTAIN:
        it_left(world, request, "our own copy arrived", by=_latest(message))


def _latest(message: Message) -> datetime:
    return message.stamps.at + message.stamps.later


def _learn(world: World, request: Request, facts: Facts, message: Message, kind: MessageKind, found: Match) -> None:
    """Draw from a matched message what it proves about the sending."""
    if request.delivery is Delivery.UNCERTAIN:
        it_left(world, request, f"{kind.value} matched by {found.evidence.value}", by=_latest(message))
        (request,) = world.store.requests(ids=[request.id])
    if kind is not MessageKind.DELIVERY_RECEIPT:
        return
    handed_over = next((report for report in facts.reports if report.action in HANDED_OVER), None)
    if handed_over is None:
        return
    at, uncertainty = _hand_over(request, message, handed_over.at)
    world.store.mark_accepted(request.id, at, uncertainty, DeliveryProof.PROVEN)


def _hand_over(request: Request, message: Message, stated: datetime | None) -> tuple[datetime | None, timedelta]:
    """Return when the company's server took the request over, and give or take how much.

    Most reports do not state it (Postfix 3.7 gives only Arrival-Date, when it got the letter from us). It lies between
    our own server's 250 and the report's arrival, which follows the hand-over at once. Where these are close, it is the
    middle; where they are not, our server had to try again, and only the report is near the truth. Nothing here rests
    on what an earlier report made of it, so that judging the same ones again changes nothing.
    """
    taken = request.submitted_at or request.accepted_at
    if taken is None:
        return None, timedelta(0)
    if stated is not None and taken - CLOCK_OFF_MAX <= stated <= message.stamps.at + CLOCK_OFF_MAX:
        return max(stated, taken), STATED_TO_THE_SECOND
    if stated is not None or message.stamps.at <= taken:
        return None, timedelta(0)  # the report's clock is off; it proves the delivery, not its time
    gap = message.stamps.at - taken
    if gap <= TRIED_ONCE_MAX:
        return taken + gap / 2, gap / 2 + request.submitted_uncertainty
    return message.stamps.at, max(message.stamps.earlier, message.stamps.later)
