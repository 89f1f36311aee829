"""What a person is to ask by hand, of whom, in which words, and what becomes of it where nobody did. Asks nothing."""

from __future__ import annotations

import secrets
from dataclasses import replace

from slawatch import burden, token
from slawatch.channels.manual.settings import network_of, place_of
from slawatch.config import Target
from slawatch.errors import UsageError
from slawatch.model import Delivery, Origin, Request, Text
from slawatch.usecases import again, assisted
from slawatch.usecases.plan import HISTORY, choose_text, new_message_id
from slawatch.usecases.send import Sending
from slawatch.usecases.world import World

CHANNEL = "manual"
RECORDED = "recorded"  # stands in the place of a probe's name where nobody says what was asked


def look_after(world: World, sending: Sending) -> None:
    """Tell people what is due by hand, and skip what nobody asked in time: it counts nowhere."""
    for request in world.store.requests(delivery=Delivery.INTENDED):
        if is_due(world, request) and world.clock.now() > assisted.until(request):
            assisted.skip_unasked(world, request)
    sending.to_post += [request.public_id for request in assisted.invite(world)]


def is_due(world: World, request: Request) -> bool:
    """Whether the request waits for a person to ask it by hand."""
    account = world.config.accounts.get(request.account)
    return account is not None and account.by_hand and assisted.waits(request)


def way_of(address: str) -> str:
    """Return the way and the place of an address as people say it: "phone, +49 30 1234567"."""
    return f"{network_of(address)}, {place_of(address)}"


def target_of(world: World, words: str) -> Target:
    """Return the target by hand that is meant: its address, its company, or "company/way" where that has several.

    Raises:
        UsageError: there is none, or several may be meant.
    """
    by_hand = [one for company in world.config.companies.values() for one in company.targets if one.channel == CHANNEL]
    wanted = " ".join(words.split()).lower()
    found = [one for one in by_hand if " ".join(one.address.split()).lower() == wanted]
    if not found:
        company, _, way = words.partition("/")
        found = [one for one in by_hand if one.company == company and way.lower() in ("", network_of(one.address))]
    if len(found) == 1:
        return found[0]
    if found:
        ways = ", ".join(f'"{one.address}"' for one in found)
        raise UsageError(f'record: "{words}" has several ways: {ways}; name one')
    known = world.config.companies.get(words.partition("/")[0])
    if known is not None:
        example = f'[[company.{known.key}.target]] channel = "{CHANNEL}" address = "phone:+49 30 1234567"'
        raise UsageError(f'record: {known.name} is asked nowhere by hand as "{words}"; add to the config: {example}')
    names = ", ".join(f'"{one.address}"' for one in by_hand[:6]) or "none"
    raise UsageError(f'record: there is no "{words}" by hand in {world.config.path.name}; there are: {names}')


def waiting_for(world: World, target: Target) -> Request | None:
    """Return what waits to be asked there, the most urgent of several; None where nothing does."""
    waiting = [
        one
        for one in world.store.requests(delivery=Delivery.INTENDED, company=target.company)
        if is_due(world, one) and one.target == target.address
    ]
    return min(waiting, key=assisted.until, default=None)


def request_of(world: World, public_id: str) -> Request:
    """Return a request that was recorded, or that waits for somebody to ask it by hand.

    Raises:
        UsageError: there is none of that id, or it is none of these.
    """
    request = world.store.request(public_id)
    if request is None:
        raise UsageError(f'request: there is no "{public_id}"; `slawatch status` and the report list them')
    if request.channel != CHANNEL or request.made_up:
        raise UsageError(f"record: {public_id} was asked by {request.channel}; what comes back there is read by itself")
    if request.account not in world.config.accounts:
        raise UsageError(f'record: the account "{request.account}" is no longer in the config; put it back')
    return request


def prepare(
    world: World, target: Target, *, probe: str = "", asked: str = "", continues: str = "", hand_out: bool = False
) -> Request:
    """Return a request to that target that nobody asked yet and that is kept nowhere yet.

    With `hand_out` it has words to say; else those of `probe`, those in `asked`, or none, as they may be forgotten.

    Raises:
        UsageError: there is nothing to say, or what it `continues` is none of this company's.
    """
    reference = token.new(secrets.token_bytes(token.RANDOM_BYTES))
    before = _continued(world, target, continues) if continues else None
    now = world.clock.now()
    return Request(
        id=0,
        public_id=f"R{secrets.token_hex(4)}",
        origin=Origin.RECORDED,
        company=target.company,
        channel=target.channel,
        target=target.address,
        account=target.account,
        text=_text(world, target, probe, asked, before, reference, hand_out=hand_out),
        token=reference,
        message_id=new_message_id(world, target.account),
        delivery=Delivery.INTENDED,
        due_at=now,
        zone=target.zone,
        intended_at=now,
        network=network_of(target.address),
        continues=before.id if before else None,
    )


def _continued(world: World, target: Target, public_id: str) -> Request:
    before = world.store.request(public_id)
    if before is None:
        raise UsageError(f'--continues: there is no "{public_id}"; `slawatch status` and the report list them')
    if before.company != target.company:
        raise UsageError(f"--continues: {public_id} was put to {before.company}, not to {target.company}")
    return before


def _text(
    world: World, target: Target, probe: str, asked: str, before: Request | None, reference: str, *, hand_out: bool
) -> Text:
    plain = Text(
        probe=again.PROBE if before else probe or RECORDED,
        lang=target.lang,
        variant=0,
        subject="",
        body=asked,
        form=target.form,
    )
    if probe and probe not in world.probes:
        raise UsageError(f'--probe: there is no "{probe}"; there are: {", ".join(sorted(world.probes))}')
    if asked:
        return plain
    if before is not None:
        said = again.word(world, target, before.id, reference=reference)
        return plain if isinstance(said, str) else said
    if not probe and not hand_out:
        return plain
    now = world.clock.now()
    narrowed = replace(target, probes=(probe,)) if probe else target
    history = world.store.history(target.company, now - HISTORY)
    found = choose_text(world, narrowed, history, reference=reference, now=now, salt=reference)
    if found is None and hand_out:
        raise UsageError(
            f"record: every text for {target.company} went there within 180 days, or none fits; "
            'say what you ask with --asked "..."'
        )
    return found or plain


def ticket_of(world: World, request: Request) -> str:
    """Return the company's own number for the matter that a request takes up; "" where it gave none."""
    if request.continues is None:
        return ""
    (before,) = world.store.requests(ids=[request.continues])
    return again.ticket(world, before)


def burden_of(world: World, request: Request) -> str:
    """Return which limit asking now would go over; "" where none. A person may know better than a program."""
    target = world.target(request.company, request.channel, request.target)
    if target is None or request.slot_id is not None:  # what a schedule prepared was held against them before
        return ""
    now = world.clock.now()
    history = world.store.history(request.company, now - HISTORY)
    refusal = burden.check(target.limits, history, request.channel, now, lapses_after=target.standard.window)
    return refusal.detail if refusal else ""
