"""What became of promises: kept and broken only where that is sure, running as long as it may still come."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from slawatch import pledges
from slawatch.hours import Calendar, ServiceHours
from slawatch.model import (
    ZERO,
    Delivery,
    FollowUp,
    MatchEvidence,
    MessageKind,
    Origin,
    Pledge,
    PledgeState,
    Promise,
    PromiseAbout,
    Purpose,
    Reply,
    Request,
    Stamps,
    Strength,
    Text,
    Writer,
    WrittenBy,
)

ACCEPTED = datetime(2026, 11, 20, 14, tzinfo=UTC)  # a Friday, 15:00 in Berlin
REQUEST = Request(
    id=4,
    public_id="r-4",
    origin=Origin.SENT,
    company="example-shop",
    channel="email",
    target="service@shop.example",
    account="main",
    text=Text(probe="delivery-time", lang="de", variant=0, subject="Frage", body="Wie lange dauert es?"),
    token="k7f3k7f3k7f3",
    message_id="a@example.org",
    delivery=Delivery.SENT,
    due_at=ACCEPTED,
    zone="Europe/Berlin",
    intended_at=ACCEPTED,
    accepted_at=ACCEPTED,
)
NINE_TO_FIVE = ((9 * 3600, 17 * 3600),)
ALWAYS = Calendar(ServiceHours(), "Europe/Berlin")
OFFICE = Calendar(ServiceHours(weekly=(NINE_TO_FIVE,) * 5 + ((), ())), "Europe/Berlin")
SUNDAYS = Calendar(ServiceHours(weekly=((),) * 6 + (NINE_TO_FIVE,)), "Europe/Berlin")

A_DAY = Promise(quote="We reply within 24 hours.", about=PromiseAbout.REPLY, within=timedelta(hours=24))
SOLVED = replace(A_DAY, quote="Solved within 24 hours.", about=PromiseAbout.MATTER)


def after(hours: float) -> datetime:
    return ACCEPTED + timedelta(hours=hours)


def reply(number: int, hours: float, kind: MessageKind, *promises: Promise, margin: timedelta = ZERO) -> Reply:
    return Reply(
        message_id=number,
        request_id=REQUEST.id,
        kind=kind,
        stamps=Stamps(at=after(hours), source="own-mx", earlier=margin, later=margin),
        evidence=MatchEvidence.DELIVERED_TO,
        strength=Strength.CERTAIN,
        promises=promises,
    )


def receipt(*promises: Promise, margin: timedelta = ZERO) -> Reply:
    return reply(1, 0, MessageKind.ACKNOWLEDGEMENT, *promises, margin=margin)


def follow_up(to: int, hours: float) -> FollowUp:
    return FollowUp(
        id=1,
        request_id=REQUEST.id,
        message_id=to,
        purpose=Purpose.REPLY,
        subject="Re: Frage",
        body="4711",
        own_id="b@example.org",
        envelope_id="slw-1",
        delivery=Delivery.SENT,
        intended_at=after(hours),
        sent_at=after(hours),
    )


def judged(
    *replies: Reply, seen: float | None = 1000, calendar: Calendar = ALWAYS, ours: FollowUp | None = None
) -> list[Pledge]:
    found = pledges.judge(
        REQUEST,
        replies,
        [ours] if ours else [],
        calendar=calendar,
        observed_until=None if seen is None else after(seen),
    )
    return list(found)


def state(
    *replies: Reply, seen: float | None = 1000, calendar: Calendar = ALWAYS, ours: FollowUp | None = None
) -> PledgeState:
    (pledge,) = judged(*replies, seen=seen, calendar=calendar, ours=ours)
    return pledge.state


def test_a_person_who_replies_in_time_keeps_what_a_receipt_promised() -> None:
    (pledge,) = judged(receipt(A_DAY), reply(2, 20, MessageKind.INTERIM))

    assert (pledge.state, pledge.due_at, pledge.decided_at) == (PledgeState.KEPT, after(24), after(20))


def test_a_person_who_replies_late_breaks_it() -> None:
    (pledge,) = judged(receipt(A_DAY), reply(2, 25, MessageKind.ANSWER))

    assert (pledge.state, pledge.decided_at) == (PledgeState.BROKEN, after(25))


@pytest.mark.parametrize(
    "kind", [MessageKind.ACKNOWLEDGEMENT, MessageKind.OUT_OF_OFFICE, MessageKind.BOT, MessageKind.BULK]
)
def test_no_machine_keeps_a_promise(kind: MessageKind) -> None:
    assert state(receipt(A_DAY), reply(2, 1, kind)) is PledgeState.BROKEN


def test_it_runs_until_we_have_looked_past_its_end() -> None:
    assert state(receipt(A_DAY), seen=24) is PledgeState.RUNNING
    assert state(receipt(A_DAY), seen=None) is PledgeState.RUNNING
    assert state(receipt(A_DAY), seen=24.1) is PledgeState.BROKEN


def test_an_interim_reply_keeps_no_promise_about_the_matter() -> None:
    assert state(receipt(SOLVED), reply(2, 1, MessageKind.INTERIM)) is PledgeState.BROKEN
    assert state(receipt(SOLVED), reply(2, 1, MessageKind.ANSWER)) is PledgeState.KEPT


def test_a_letter_does_not_keep_its_own_promise() -> None:
    assert state(reply(1, 0, MessageKind.INTERIM, A_DAY)) is PledgeState.BROKEN


def test_a_receipt_may_come_after_the_person_it_announces() -> None:
    late_receipt = reply(2, 2, MessageKind.ACKNOWLEDGEMENT, A_DAY)

    assert state(reply(1, 1, MessageKind.ANSWER), late_receipt) is PledgeState.KEPT


def test_what_is_promised_in_an_answer_or_after_it_is_not_judged() -> None:
    assert state(reply(1, 1, MessageKind.ANSWER, SOLVED)) is PledgeState.NOT_JUDGED
    assert state(reply(1, 1, MessageKind.ANSWER), reply(2, 2, MessageKind.INTERIM, A_DAY)) is PledgeState.NOT_JUDGED


def test_a_persons_return_is_not_judged() -> None:
    away = Promise(quote="Back on 30 November.", about=PromiseAbout.RETURN, due_at=after(300))

    assert state(reply(1, 0, MessageKind.OUT_OF_OFFICE, away)) is PledgeState.NOT_JUDGED


def test_margins_of_the_stamps_leave_open_whether_it_is_broken() -> None:
    minute = timedelta(minutes=1)

    assert state(receipt(A_DAY), reply(2, 24.01, MessageKind.ANSWER, margin=minute)) is PledgeState.NOT_JUDGED
    assert state(receipt(A_DAY, margin=minute), reply(2, 24.01, MessageKind.ANSWER)) is PledgeState.NOT_JUDGED
    assert state(receipt(A_DAY, margin=minute), reply(2, 24.02, MessageKind.ANSWER)) is PledgeState.BROKEN
    assert state(receipt(A_DAY, margin=minute), seen=24.01) is PledgeState.RUNNING


@pytest.mark.parametrize("kind", [MessageKind.UNKNOWN, MessageKind.ANSWER])
def test_a_letter_that_waits_for_review_leaves_it_open(kind: MessageKind) -> None:
    weak = replace(reply(2, 20, kind), strength=Strength.WEAK)

    assert state(receipt(A_DAY), weak) is PledgeState.NOT_JUDGED
    assert state(receipt(A_DAY), replace(weak, stamps=Stamps(at=after(25), source="own-mx"))) is PledgeState.BROKEN
    assert state(receipt(A_DAY), replace(weak, settled=True)) is PledgeState.BROKEN


@pytest.mark.parametrize(
    "reply_",
    [
        replace(receipt(A_DAY), strength=Strength.WEAK),
        replace(receipt(A_DAY), written_by=WrittenBy(writer=Writer.STRANGER)),
        replace(receipt(A_DAY), written_by=WrittenBy(writer=Writer.FORGED)),
        replace(receipt(A_DAY), written_by=WrittenBy(writer=Writer.SYSTEM)),
        replace(receipt(A_DAY), kind=MessageKind.UNKNOWN),
    ],
)
def test_only_a_letter_that_counts_holds_the_companys_word(reply_: Reply) -> None:
    assert judged(reply_) == []


def test_business_days_and_opening_time_go_by_the_companys_calendar() -> None:
    tomorrow = Promise(quote="", about=PromiseAbout.REPLY, business_days=1)
    soon = Promise(quote="", about=PromiseAbout.REPLY, business_time=timedelta(hours=3))

    by_day, by_hour = judged(receipt(tomorrow, soon), calendar=OFFICE)

    assert by_day.due_at == datetime(2026, 11, 23, 23, tzinfo=UTC)  # Monday is over
    assert by_hour.due_at == datetime(2026, 11, 23, 9, tzinfo=UTC)  # two hours on Friday, one on Monday


def test_a_calendar_without_business_days_judges_nothing() -> None:
    tomorrow = Promise(quote="", about=PromiseAbout.REPLY, business_days=1)

    assert state(receipt(tomorrow), calendar=SUNDAYS) is PledgeState.NOT_JUDGED


def test_what_is_due_after_a_question_counts_from_our_letter() -> None:
    question = reply(1, 1, MessageKind.QUESTION, A_DAY)

    (pledge,) = judged(question, reply(2, 30, MessageKind.ANSWER), ours=follow_up(1, 10))

    assert (pledge.due_at, pledge.state) == (after(34), PledgeState.KEPT)


def test_nothing_is_broken_while_it_is_our_turn() -> None:
    assert state(reply(1, 1, MessageKind.QUESTION, A_DAY)) is PledgeState.RUNNING
    assert state(receipt(SOLVED), reply(2, 1, MessageKind.QUESTION)) is PledgeState.RUNNING
    assert state(receipt(SOLVED), reply(2, 25, MessageKind.QUESTION)) is PledgeState.BROKEN


def test_the_matter_may_come_as_much_later_as_it_was_our_turn() -> None:
    question = reply(2, 1, MessageKind.QUESTION)

    (kept,) = judged(receipt(SOLVED), question, reply(3, 33, MessageKind.ANSWER), ours=follow_up(2, 11))
    (broken,) = judged(receipt(SOLVED), question, reply(3, 35, MessageKind.ANSWER), ours=follow_up(2, 11))

    assert kept.due_at == after(34)
    assert [kept.state, broken.state] == [PledgeState.KEPT, PledgeState.BROKEN]


def test_an_answer_that_did_not_wait_for_our_letter_gets_no_time_for_it() -> None:
    question = reply(2, 1, MessageKind.QUESTION)

    (pledge,) = judged(receipt(SOLVED), question, reply(3, 30, MessageKind.ANSWER), ours=follow_up(2, 40))

    assert (pledge.due_at, pledge.state) == (after(24), PledgeState.BROKEN)


def test_a_date_that_passed_before_we_wrote_is_not_judged() -> None:
    dated = Promise(quote="", about=PromiseAbout.REPLY, due_at=after(5))
    question = reply(1, 1, MessageKind.QUESTION, dated)

    assert state(question, ours=follow_up(1, 10)) is PledgeState.NOT_JUDGED
    assert state(question, ours=follow_up(1, 2)) is PledgeState.BROKEN


def test_an_answer_in_time_keeps_it_although_we_had_been_asked() -> None:
    question = reply(2, 1, MessageKind.QUESTION)

    assert state(receipt(SOLVED), question, reply(3, 20, MessageKind.ANSWER)) is PledgeState.KEPT
