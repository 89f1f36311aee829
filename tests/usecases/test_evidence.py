"""What proves that a request left, and when: in any order of arrival, and judged again by newer rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from slawatch import rules
from slawatch.channels.base import Batch, Unknown
from slawatch.channels.base import Sent as SentByChannel
from slawatch.errors import ChannelUncertainError
from slawatch.model import (
    Attempt,
    Campaign,
    Delivery,
    DeliveryProof,
    Facts,
    Report,
    Request,
    SlotState,
    Verdict,
    VoidReason,
)
from slawatch.testing import MemoryChannel
from slawatch.usecases import audit
from slawatch.usecases.collect import collect
from slawatch.usecases.send import send_due
from slawatch.usecases.settle import GRACE, settle
from slawatch.usecases.tick import tick
from slawatch.waits import wait_for
from tests.stages import Opening, Stage, company

WEEKLY = 'cron = "0 9 * * Mon"'
ANSWER = "Guten Tag, wir liefern in zwei Tagen, jedes Paket lässt sich verfolgen. Ihr J. Ott"


def ready(stage: Opening, *, relationship: str = "public_interest") -> Stage:
    """Return a stage whose first slot has just fallen due."""
    here = stage(company(schedule=WEEKLY, relationship=relationship))
    tick(here.world)
    here.forward(days=1, hours=7)
    return here


def asked(stage: Opening) -> Stage:
    here = ready(stage)
    tick(here.world)
    return here


def receipt(here: Stage, number: int = 1) -> None:
    (attempt,) = here.world.store.attempts(here.the_request().id)
    relayed = Report(type="delivery-status", action="relayed", status="2.0.0", envelope_id=attempt.envelope_id)
    here.far.deliver(Facts(sender="mailer-daemon@own.example", own_id=f"dsn{number}@own.example", reports=(relayed,)))


def test_newer_rules_leave_the_start_of_a_wait_where_the_same_evidence_puts_it(
    stage: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = asked(stage)
    here.forward(seconds=8)
    receipt(here)
    collect(here.world)
    before = here.the_request()

    monkeypatch.setattr(rules, "ALL", "newer")
    collect(here.world)

    after = here.the_request()
    assert (after.accepted_at, after.accepted_uncertainty) == (before.accepted_at, before.accepted_uncertainty)


def test_a_delivery_receipt_cannot_start_a_wait_before_we_sent(stage: Opening) -> None:
    here = asked(stage)
    before = here.the_request().accepted_at
    assert before is not None
    (attempt,) = here.world.store.attempts(here.the_request().id)
    slow = Report(
        type="delivery-status",
        action="relayed",
        status="2.0.0",
        envelope_id=attempt.envelope_id,
        at=before - timedelta(hours=2),  # a clock in the wrong zone
    )
    here.forward(seconds=30)
    here.far.deliver(Facts(sender="mailer-daemon@own.example", own_id="dsn@own.example", reports=(slow,)))
    collect(here.world)

    assert here.the_request().proof is DeliveryProof.PROVEN
    assert here.the_request().accepted_at == before


def test_the_time_our_server_held_a_request_is_no_offset_of_clocks(stage: Opening) -> None:
    here = asked(stage)
    collect(here.world)  # our own copy came at once
    here.forward(minutes=15)
    receipt(here)
    here.forward(minutes=20)
    here.far.answer(here.the_request(), ANSWER)
    collect(here.world)

    request = here.the_request()
    reply = here.world.store.replies([request.id])[request.id][-1]
    wait = wait_for(request, reply)
    assert wait.length == timedelta(minutes=20)
    assert wait.shorter < timedelta(minutes=1)
    assert wait.longer < timedelta(minutes=1)


class DyingChannel(MemoryChannel):
    """A channel whose process dies between the hand-over and the news of it; nothing can be found afterwards."""

    def send(self, request: Request, attempt: Attempt) -> SentByChannel:
        super().send(request, attempt)
        raise KeyboardInterrupt

    def find(self, request: Request) -> Unknown:
        return Unknown()


def test_a_reply_that_came_before_the_sender_was_given_up_proves_as_much_as_a_later_one(stage: Opening) -> None:
    here = ready(stage, relationship="own")
    here.far.copies = False
    channel = DyingChannel(here.far)
    world = replace(here.world, channel=lambda _account: channel)
    with pytest.raises(KeyboardInterrupt):
        send_due(world)
    here.forward(minutes=3)
    here.far.answer(here.the_request(), ANSWER)
    collect(world)
    assert here.the_request().delivery is Delivery.SENDING

    for _ in range(4):
        here.forward(hours=1)
        collect(world)
        send_due(here.world)
        settle(world)

    assert here.the_request().delivery is Delivery.SENT
    assert len(here.far.departures) == 1


class SlowChannel(MemoryChannel):
    """A channel that hears nothing for five minutes after the final dot."""

    def send(self, request: Request, attempt: Attempt) -> SentByChannel:
        super().send(request, attempt)
        self._world.clock.forward(timedelta(minutes=5))
        raise ChannelUncertainError("no reply to the final dot")


def test_our_own_copy_says_when_an_uncertain_request_had_left_by(stage: Opening) -> None:
    here = ready(stage)
    channel = SlowChannel(here.far)
    world = replace(here.world, channel=lambda _account: channel)
    send_due(world)

    collect(world)

    request = here.the_request()
    assert request.accepted_at is not None
    assert request.delivery is Delivery.SENT
    assert abs(request.accepted_at - here.far.departures[0].at) <= timedelta(seconds=2)
    assert request.accepted_uncertainty <= timedelta(seconds=2)


def test_a_void_request_that_had_left_after_all_calls_its_second_asking_off(stage: Opening) -> None:
    here = ready(stage)
    here.far.swallow_once()
    send_due(here.world)
    lost = here.the_request()
    here.forward(seconds=GRACE.total_seconds() + 60)
    collect(here.world)
    settle(here.world)
    assert here.the_request().void_reason is VoidReason.UNCERTAIN
    assert [slot.key for slot in here.world.store.slots(state=SlotState.PLANNED) if slot.key.endswith("#2")]

    here.far.answer(lost, ANSWER)
    collect(here.world)

    assert here.the_request().delivery is Delivery.SENT
    assert not [slot.key for slot in here.world.store.slots(state=SlotState.PLANNED) if slot.key.endswith("#2")]


def begin(here: Stage, **until: float) -> Campaign:
    return audit.start(
        here.world,
        here.world.config.companies["shop"].targets,
        over=timedelta(0),
        until=here.clock.now() + timedelta(**until) if until else None,
        name="test",
    )


def test_an_audit_does_not_end_while_it_is_open_whether_a_request_left(stage: Opening) -> None:
    here = stage(company())
    here.far.copies = False
    channel = DyingChannel(here.far)
    here.far.lose_acknowledgement()
    world = replace(here.world, channel=lambda _account: channel)
    campaign = begin(here, hours=1)

    last = audit.run(world, campaign, show=lambda _progress: None)

    assert not last.settled
    assert here.clock.now() == campaign.started_at + timedelta(hours=1)


def test_what_an_ended_audit_could_not_send_is_never_asked(stage: Opening) -> None:
    here = stage(company())
    here.far.go_away()
    audit.run(here.world, begin(here, hours=2), show=lambda _progress: None)
    here.far.come_back()

    for _ in range(10):
        here.forward(hours=12)
        tick(here.world)

    assert here.far.departures == []
    assert here.the_request().delivery is Delivery.WITHDRAWN


def test_a_request_that_turns_out_void_after_its_audit_is_not_asked_anew(stage: Opening) -> None:
    here = stage(company())
    here.far.swallow_once()
    audit.run(here.world, begin(here, minutes=10), show=lambda _progress: None)

    for _ in range(20):
        here.forward(hours=12)
        tick(here.world)

    assert here.the_request().void_reason is VoidReason.UNCERTAIN
    assert here.far.departures == []


class HalfBlindChannel(MemoryChannel):
    """A channel one of whose folders is not there."""

    def collect(self, cursor: str, **given: Any) -> Batch:
        return replace(super().collect(cursor, **given), looked_until=None, notes=('there is no folder "Spam"',))


def test_a_pass_that_could_not_see_every_folder_counts_as_not_observed(stage: Opening) -> None:
    here = asked(stage)
    channel = HalfBlindChannel(here.far)
    world = replace(here.world, channel=lambda _account: channel)

    done = tick(world)

    assert done.part_unmeasured
    assert "Spam" in done.collecting.failed["main"]
    assert not here.world.store.looks("main", here.clock.now())[-1].ok


def test_a_delivery_receipt_that_settles_an_uncertain_request_also_says_when_it_arrived(stage: Opening) -> None:
    here = ready(stage)
    here.far.copies = False
    here.far.lose_acknowledgement()
    send_due(here.world)
    here.forward(minutes=10)
    (attempt,) = here.world.store.attempts(here.the_request().id)
    here.far.report(here.the_request(), attempt, "relayed")

    collect(here.world)

    request = here.the_request()
    assert (request.delivery, request.proof) == (Delivery.SENT, DeliveryProof.PROVEN)
    assert request.accepted_at == here.clock.now()


class FullChannel(MemoryChannel):
    """A channel with so much in it that reading takes a minute a batch; `meanwhile` is asked after each."""

    def __init__(self, here: Stage, meanwhile: Callable[[], None]) -> None:
        super().__init__(here.far, batch=2)
        self._meanwhile = meanwhile

    def collect(self, cursor: str, **given: Any) -> Batch:
        batch = super().collect(cursor, **given)
        self._world.clock.forward(timedelta(minutes=4))
        self._meanwhile()
        return batch


def test_a_mailbox_that_takes_longer_than_its_lease_is_not_read_by_two_at_once(stage: Opening) -> None:
    here = asked(stage)
    for number in range(12):
        here.far.deliver(Facts(sender="news@elsewhere.example", own_id=f"n{number}@elsewhere.example", text="!"))
    taken: list[bool] = []
    full = FullChannel(
        here, lambda: taken.append(here.world.store.take_inbox("main", "another", timedelta(minutes=10)))
    )

    collect(replace(here.world, channel=lambda _account: full))

    assert len(taken) == 7
    assert not any(taken)


def test_what_we_write_by_hand_from_a_requests_own_address_is_no_reply(stage: Opening) -> None:
    here = asked(stage)
    here.forward(minutes=5)
    request = here.the_request()
    here.far.deliver(
        Facts(
            sender=f"{request.token}@in.own.example",  # addressing = "catch-all"
            recipients=(request.target,),
            subjects=("Re: Ihre Anfrage",),
            own_id="by-hand@in.own.example",
            cited_ids=("answer-1@far.example", request.message_id),
            text=ANSWER,
        )
    )

    assert here.outcome().verdict is Verdict.PENDING


def test_a_company_cannot_take_what_it_has_missed_out_of_the_count_by_a_late_bounce(stage: Opening) -> None:
    here = asked(stage)
    request = here.the_request()
    here.forward(days=8)
    assert here.outcome().verdict is Verdict.MISSED
    refused = Report(type="delivery-status", action="failed", status="5.1.1", recipient=request.target)
    late = Facts(
        sender="mailer-daemon@shop.example",
        own_id="late@shop.example",
        embedded_ids=(request.message_id,),
        reports=(refused,),
    )

    here.far.deliver(late)

    found = here.outcome()
    assert (found.verdict, found.in_review) == (Verdict.MISSED, 1)
