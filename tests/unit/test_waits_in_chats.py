"""Verdict and waits of chats: what their steps prove, where seeing ends, and what came back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from slawatch.model import (
    Delivery,
    DeliveryProof,
    Form,
    MatchEvidence,
    MessageKind,
    Moment,
    MomentKind,
    Origin,
    Outcome,
    Reply,
    Request,
    Stamps,
    Standard,
    Strength,
    Text,
    Verdict,
    VoidReason,
    Wait,
)
from slawatch.testing import BEFORE_SUMMER_TIME as ASKED
from slawatch.waits import outcome

MINUTE = timedelta(minutes=1)
WINDOW = 30 * MINUTE
REQUEST = Request(
    id=4,
    public_id="r-4",
    origin=Origin.SENT,
    company="shop",
    channel="webchat",
    target="shop",
    account="visitor",
    text=Text(probe="delivery-time", lang="en", variant=0, subject="", body="How long?", form=Form.CHAT),
    token="k7f3k7f3k7f3",
    message_id="a@example.org",
    delivery=Delivery.SENT,
    due_at=ASKED,
    zone="Europe/Berlin",
    intended_at=ASKED,
    accepted_at=ASKED,
)


def step(kind: MomentKind, minutes: float) -> Moment:
    return Moment(request=REQUEST.message_id, kind=kind, at=ASKED + minutes * MINUTE)


def said(kind: MessageKind, minutes: float) -> Reply:
    return Reply(
        message_id=1,
        request_id=REQUEST.id,
        kind=kind,
        stamps=Stamps(at=ASKED + minutes * MINUTE, source="page"),
        evidence=MatchEvidence.CONVERSATION,
        strength=Strength.CERTAIN,
    )


def became(*steps: Moment, replies: Sequence[Reply] = (), looked: datetime | None = ASKED + 60 * MINUTE) -> Outcome:
    standard = Standard(objectives=(), window=WINDOW)
    return outcome(REQUEST, replies, standard=standard, observed_until=looked, moments=steps)


def test_a_chat_seen_to_the_end_of_its_window_is_missed() -> None:
    found = became()

    assert (found.verdict, found.seen_until) == (Verdict.MISSED, None)


def test_a_chat_that_we_had_to_leave_is_a_lower_bound_and_no_miss() -> None:
    found = became(step(MomentKind.LEFT, 10))

    assert found.verdict is Verdict.PENDING
    assert found.first_response == Wait(length=10 * MINUTE, ended=False)
    assert found.seen_until == ASKED + 10 * MINUTE


def test_leaving_after_the_window_changes_nothing() -> None:
    assert became(step(MomentKind.LEFT, 31)).verdict is Verdict.MISSED


def test_where_we_left_at_once_nothing_was_observed() -> None:
    assert became(step(MomentKind.LEFT, 0)).void_reason is VoidReason.NOT_OBSERVED


def test_an_answer_before_we_left_counts_and_one_after_it_cannot() -> None:
    before, after = said(MessageKind.ANSWER, 2), said(MessageKind.ANSWER, 20)

    assert became(step(MomentKind.LEFT, 10), replies=[before]).verdict is Verdict.ANSWERED
    assert became(step(MomentKind.LEFT, 10), replies=[after]).verdict is Verdict.PENDING


def test_a_chat_that_the_company_closes_is_missed_all_the_same() -> None:
    assert became(step(MomentKind.CLOSED, 5)).verdict is Verdict.MISSED


def test_what_came_back_is_void_and_no_silence() -> None:
    assert became(step(MomentKind.UNDELIVERED, 1)).void_reason is VoidReason.BOUNCED


def test_what_came_back_at_first_and_arrived_all_the_same_is_waited_for() -> None:
    came_back, arrived = step(MomentKind.UNDELIVERED, 1), step(MomentKind.DELIVERED, 2)

    assert became(came_back, arrived).verdict is Verdict.MISSED
    assert became(step(MomentKind.DELIVERED, 0.5), came_back).void_reason is VoidReason.BOUNCED


def test_what_came_back_and_was_answered_all_the_same_is_answered() -> None:
    found = became(step(MomentKind.UNDELIVERED, 1), replies=[said(MessageKind.ANSWER, 2)])

    assert found.verdict is Verdict.ANSWERED


@pytest.mark.parametrize(
    ("kind", "proof"),
    [
        (MomentKind.ACCEPTED, DeliveryProof.PROVEN),
        (MomentKind.READ, DeliveryProof.PROVEN),
        (MomentKind.TYPING, DeliveryProof.PROVEN),
        (MomentKind.AGENT_JOINED, DeliveryProof.PROVEN),
        (MomentKind.SUBMITTED, DeliveryProof.PRESUMED),
        (MomentKind.GREETING, DeliveryProof.PRESUMED),
    ],
)
def test_only_what_happens_at_the_other_end_proves_the_delivery(kind: MomentKind, proof: DeliveryProof) -> None:
    assert became(step(kind, 1)).proof is proof


def test_a_robots_words_end_nobodys_wait() -> None:
    assert became(replies=[said(MessageKind.BOT, 0.1)]).verdict is Verdict.MISSED
