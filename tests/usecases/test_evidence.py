"""What proves that a request left, and when: in any order of arrival, and judged again by newer rules."""

from __future__ import annotations

from datetime import timedelta

import pytest

from slawatch.model import (
    DeliveryProof,
    Facts,
    Report,
)
from slawatch.usecases import collect as collecting
from slawatch.usecases.collect import collect
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

    monkeypatch.setattr(collecting, "RULES", "newer")
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
