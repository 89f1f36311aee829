"""The same wait by two clocks: which stretches it consists of, and how much of them is service time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slawatch.hours import Calendar, ServiceHours
from slawatch.model import (
    ZERO,
    Delivery,
    FollowUp,
    MatchEvidence,
    MessageKind,
    Origin,
    Outcome,
    Purpose,
    Reply,
    Request,
    Stamps,
    Standard,
    Strength,
    Text,
    Wait,
)
from slawatch.stretches import Stretch, stretches, with_hours
from slawatch.waits import Turn, outcome

H = 3600
HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
WINDOW = timedelta(days=7)
OFFICE = Calendar(ServiceHours(weekly=(((9 * H, 17 * H),),) * 5 + ((), ())), "Europe/Berlin")
ALWAYS = Calendar(ServiceHours(always=True), "Europe/Berlin")
UNKNOWN = Calendar(ServiceHours(), "Europe/Berlin")
FRIDAY_FOUR = datetime(2026, 3, 27, 15, tzinfo=UTC)  # 16:00 in Berlin, before the night on which the clocks change
MONDAY_NINE = datetime(2026, 3, 30, 7, tzinfo=UTC)


def request(accepted_at: datetime = FRIDAY_FOUR, *, uncertainty: timedelta = ZERO) -> Request:
    return Request(
        id=4,
        public_id="r-4",
        origin=Origin.SENT,
        company="shop",
        channel="email",
        target="service@shop.example",
        account="main",
        text=Text(probe="delivery-time", lang="de", variant=0, subject="Frage", body="Wie lange?"),
        token="k7f3k7f3k7f3",
        message_id="a@example.org",
        delivery=Delivery.SENT,
        due_at=accepted_at,
        zone="Europe/Berlin",
        intended_at=accepted_at,
        accepted_at=accepted_at,
        accepted_uncertainty=uncertainty,
    )


def came(kind: MessageKind, at: datetime, *, id: int = 1, margin: timedelta = ZERO) -> Reply:  # noqa: A002 - its word
    return Reply(
        message_id=id,
        request_id=4,
        kind=kind,
        stamps=Stamps(at=at, source="own-mx", earlier=margin, later=margin),
        evidence=MatchEvidence.DELIVERED_TO,
        strength=Strength.CERTAIN,
    )


def we_wrote(at: datetime) -> FollowUp:
    return FollowUp(
        id=1,
        request_id=4,
        message_id=1,
        purpose=Purpose.REPLY,
        subject="Re: Frage",
        body="17",
        own_id="b@example.org",
        envelope_id="e",
        delivery=Delivery.SENT,
        intended_at=at,
        sent_at=at,
    )


def counted(
    asked: Request,
    replies: Sequence[Reply] = (),
    *,
    seen_until: datetime,
    follow_ups: Sequence[FollowUp] = (),
    calendar: Calendar = OFFICE,
    window: timedelta = WINDOW,
) -> Outcome:
    standard = Standard(objectives=(), window=window)
    by_clock = outcome(asked, replies, standard=standard, observed_until=seen_until, follow_ups=follow_ups)
    return with_hours(by_clock, asked, replies, follow_ups, calendar=calendar, window=window)


def test_a_wait_over_a_weekend_is_as_long_as_they_were_there() -> None:
    reply = came(MessageKind.ANSWER, MONDAY_NINE + 30 * MINUTE)

    found = counted(request(), [reply], seen_until=MONDAY_NINE + HOUR)

    assert found.first_response == Wait(length=timedelta(days=2, hours=16, minutes=30), ended=True)
    assert found.first_response_in_hours == found.answer_in_hours == Wait(length=90 * MINUTE, ended=True)
    assert found.outside_hours is False
    # Until 17:00 of the next Friday: seven days end an hour later by the wall's clock than they began.
    assert found.window_in_hours == 41 * HOUR


def test_an_open_wait_is_a_lower_bound_by_both_clocks() -> None:
    found = counted(request(), seen_until=MONDAY_NINE + 30 * MINUTE)

    assert found.first_response_in_hours == Wait(length=90 * MINUTE, ended=False)
    assert found.outside_hours is None


def test_a_wait_that_outlasts_its_window_is_cut_there_by_both_clocks() -> None:
    reply = came(MessageKind.ANSWER, FRIDAY_FOUR + 10 * timedelta(days=1))

    found = counted(request(), [reply], seen_until=FRIDAY_FOUR + 20 * timedelta(days=1))

    assert found.first_response == Wait(length=WINDOW, ended=False)
    assert found.first_response_in_hours == Wait(length=41 * HOUR, ended=False)


def test_a_reply_while_they_were_closed_is_said_to_be_outside_hours() -> None:
    saturday = FRIDAY_FOUR + timedelta(days=1)
    reply = came(MessageKind.ANSWER, saturday + HOUR)

    found = counted(request(saturday), [reply], seen_until=MONDAY_NINE)

    assert found.first_response_in_hours == Wait(length=ZERO, ended=True)
    assert found.outside_hours is True
    assert counted(request(saturday), [reply], seen_until=MONDAY_NINE, calendar=ALWAYS).outside_hours is False


def test_where_no_hours_are_known_nothing_is_said_of_them() -> None:
    reply = came(MessageKind.ANSWER, MONDAY_NINE)
    found = counted(request(), [reply], seen_until=MONDAY_NINE, calendar=UNKNOWN)

    assert found.first_response is not None
    assert (found.first_response_in_hours, found.answer_in_hours) == (None, None)
    assert (found.outside_hours, found.window_in_hours) == (None, None)


def test_a_void_request_has_no_waits_by_any_clock() -> None:
    found = counted(replace(request(), delivery=Delivery.UNCERTAIN), seen_until=MONDAY_NINE)

    assert (found.first_response_in_hours, found.window_in_hours) == (None, None)


def test_our_turn_is_taken_off_in_both_clocks() -> None:
    question = came(MessageKind.QUESTION, MONDAY_NINE + 3 * HOUR)
    ours = we_wrote(MONDAY_NINE + 23 * HOUR)  # before they open again
    answer = came(MessageKind.ANSWER, MONDAY_NINE + 25 * HOUR, id=2)

    found = counted(request(), [question, answer], seen_until=MONDAY_NINE + 26 * HOUR, follow_ups=[ours])

    assert found.paused == 20 * HOUR
    assert found.answer is not None
    assert found.answer.length == timedelta(days=2, hours=16) + 5 * HOUR
    assert found.answer_in_hours == Wait(length=5 * HOUR, ended=True)
    assert found.first_response_in_hours == Wait(length=4 * HOUR, ended=True)


def test_while_it_is_our_turn_neither_clock_runs() -> None:
    question = came(MessageKind.QUESTION, MONDAY_NINE + HOUR)

    found = counted(request(), [question], seen_until=MONDAY_NINE + 5 * HOUR)

    assert found.answer_in_hours == Wait(length=2 * HOUR, ended=False)


def test_margins_shrink_to_what_may_have_been_service_time() -> None:
    # Taken over around closing time, answered around opening time: each margin half inside the hours.
    closing = FRIDAY_FOUR + HOUR
    asked = request(closing, uncertainty=10 * SECOND)
    reply = came(MessageKind.ANSWER, MONDAY_NINE, margin=4 * SECOND)

    found = counted(asked, [reply], seen_until=MONDAY_NINE)

    assert found.first_response is not None
    assert (found.first_response.shorter, found.first_response.longer) == (14 * SECOND, 14 * SECOND)
    assert found.first_response_in_hours == Wait(length=ZERO, ended=True, shorter=ZERO, longer=14 * SECOND)
    later = counted(
        asked, [replace(reply, stamps=replace(reply.stamps, at=MONDAY_NINE + HOUR))], seen_until=MONDAY_NINE
    )
    assert later.first_response_in_hours == Wait(length=HOUR, ended=True, shorter=4 * SECOND, longer=14 * SECOND)


def test_where_it_was_our_turn_all_margins_count_in_full() -> None:
    question = came(MessageKind.QUESTION, MONDAY_NINE - HOUR, margin=SECOND)
    answer = came(MessageKind.ANSWER, MONDAY_NINE + HOUR, id=2, margin=SECOND)

    found = counted(request(), [question, answer], seen_until=MONDAY_NINE + HOUR, follow_ups=[we_wrote(MONDAY_NINE)])

    assert found.answer is not None
    assert found.answer_in_hours == Wait(
        length=2 * HOUR, ended=True, shorter=found.answer.shorter, longer=found.answer.longer
    )


@given(
    length=st.integers(0, 10**6),
    edges=st.lists(st.integers(-1000, 10**6), max_size=6).map(sorted),
    still_ours=st.booleans(),
)
def test_the_stretches_of_a_wait_add_up_to_it_and_hold_none_of_our_turns(
    length: int, edges: list[int], *, still_ours: bool
) -> None:
    pairs = list(zip(edges[0::2], edges[1::2], strict=False))
    turns = [Turn(FRIDAY_FOUR + max(a, 0) * SECOND, FRIDAY_FOUR + max(b, 0) * SECOND) for a, b in pairs]
    if still_ours and turns:
        turns[-1] = turns[-1]._replace(until=None)
        length = min(length, int((turns[-1].since - FRIDAY_FOUR) / SECOND))
        length -= min(length, sum(int(((one.until or one.since) - one.since) / SECOND) for one in turns[:-1]))

    found = stretches(request(), Wait(length=length * SECOND, ended=True), turns)

    assert sum((stretch.until - stretch.since for stretch in found), ZERO) == length * SECOND
    for stretch in found:
        assert stretch.since < stretch.until
        for turn in turns:
            assert stretch.until <= turn.since or (turn.until is not None and stretch.since >= turn.until)
    assert list(found) == sorted(found)


def test_no_wait_has_no_stretch() -> None:
    assert stretches(request(), Wait(length=ZERO, ended=True)) == ()
    assert stretches(request(), Wait(length=HOUR, ended=True)) == (Stretch(FRIDAY_FOUR, FRIDAY_FOUR + HOUR),)


def test_a_request_that_nobody_took_over_has_no_stretches() -> None:
    with pytest.raises(ValueError, match="has no accepted_at"):
        stretches(replace(request(), accepted_at=None), Wait(length=HOUR, ended=True))
