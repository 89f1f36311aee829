"""Verdict and waits: what counts, what only bounds, and what says nothing about the company."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slawatch.model import (
    ZERO,
    Delivery,
    DeliveryProof,
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
    Verdict,
    VoidReason,
    Wait,
    Writer,
    WrittenBy,
)
from slawatch.waits import Turn, our_turn, outcome, pauses, unanswered, wait_for

# Half an hour before Berlin changes to summer time: arithmetic on local times would be an hour off.
ACCEPTED = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
WINDOW = timedelta(days=7)
LATE = timedelta(days=30)
STANDARD = Standard(objectives=(), window=WINDOW, late=LATE)

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

PERSONS = [kind for kind in MessageKind if kind.by_person]
MACHINES = [kind for kind in MessageKind if kind.automatic]


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def after(duration: timedelta) -> datetime:
    return ACCEPTED + duration


def reply(
    kind: MessageKind,
    waited: timedelta,
    *,
    id: int = 1,  # noqa: A002 - the model's word
    strength: Strength = Strength.CERTAIN,
    earlier: timedelta = ZERO,
    later: timedelta = ZERO,
    writer: Writer = Writer.COMPANY,
    settled: bool = False,
) -> Reply:
    return Reply(
        message_id=id,
        request_id=REQUEST.id,
        kind=kind,
        stamps=Stamps(at=after(waited), source="own-mx", earlier=earlier, later=later),
        evidence=MatchEvidence.DELIVERED_TO,
        written_by=WrittenBy(writer=writer),
        settled=settled,
        strength=strength,
    )


def we_wrote(
    waited: timedelta,
    *,
    to: int = 1,
    id: int = 1,  # noqa: A002 - the model's word
    purpose: Purpose = Purpose.REPLY,
    delivery: Delivery = Delivery.SENT,
    uncertainty: timedelta = ZERO,
) -> FollowUp:
    return FollowUp(
        id=id,
        request_id=REQUEST.id,
        message_id=to,
        purpose=purpose,
        subject="Re: Frage",
        body="Es geht mir allgemein darum.",
        own_id=f"follow-{id}@example.org",
        envelope_id=f"follow-{id}",
        delivery=delivery,
        intended_at=after(waited),
        sent_at=after(waited),
        uncertainty=uncertainty,
    )


def seen_for(
    duration: timedelta,
    *replies: Reply,
    request: Request = REQUEST,
    count_unknown: bool = False,
    follow_ups: Sequence[FollowUp] = (),
) -> Outcome:
    return outcome(
        request,
        replies,
        standard=STANDARD,
        observed_until=after(duration),
        count_unknown=count_unknown,
        follow_ups=follow_ups,
    )


def open_for(duration: timedelta) -> Wait:
    return Wait(length=duration, ended=False)


def ended_after(duration: timedelta) -> Wait:
    return Wait(length=duration, ended=True)


class TestTheFirstResponse:
    @pytest.mark.parametrize("kind", PERSONS)
    def test_whatever_a_person_writes_ends_it(self, kind: MessageKind) -> None:
        became = seen_for(hours(5), reply(kind, hours(2), id=9))

        assert became.verdict is Verdict.ANSWERED
        assert became.first_response == ended_after(hours(2))
        assert became.first_reply_id == 9
        assert not became.late

    @pytest.mark.parametrize("kind", [kind for kind in MACHINES if kind is not MessageKind.BOUNCE])
    def test_whatever_a_machine_writes_does_not(self, kind: MessageKind) -> None:
        became = seen_for(hours(5), reply(kind, hours(2)))

        assert became.verdict is Verdict.PENDING
        assert became.first_response == open_for(hours(5))
        assert became.first_reply_id is None

    def test_the_earliest_counts_whatever_order_they_come_in(self) -> None:
        later, earlier = reply(MessageKind.ANSWER, hours(3), id=1), reply(MessageKind.INTERIM, hours(1), id=2)

        became = seen_for(hours(5), later, earlier)

        assert became.first_response == ended_after(hours(1))
        assert (became.first_reply_id, became.answer_reply_id) == (2, 1)

    def test_a_weak_match_counts_nowhere(self) -> None:
        weak = [
            reply(kind, hours(1), strength=Strength.WEAK)
            for kind in (MessageKind.ANSWER, MessageKind.BOUNCE, MessageKind.UNKNOWN, MessageKind.ACKNOWLEDGEMENT)
        ]

        assert seen_for(hours(5), *weak) == replace(seen_for(hours(5)), in_review=4)

    def test_what_a_stranger_or_a_forger_writes_counts_nowhere_but_where_all_in_review_is_counted(self) -> None:
        for writer in (Writer.STRANGER, Writer.FORGED):
            one = reply(MessageKind.ANSWER, hours(1), writer=writer)

            assert seen_for(hours(5), one) == replace(seen_for(hours(5)), in_review=1)
            assert seen_for(hours(5), one, count_unknown=True).first_response == ended_after(hours(1))

    def test_what_a_person_has_settled_waits_for_no_review(self) -> None:
        weak = reply(MessageKind.ANSWER, hours(1), strength=Strength.WEAK, settled=True)

        assert seen_for(hours(5), weak).in_review == 0

    def test_at_the_windows_very_end_it_is_still_in_time(self) -> None:
        assert seen_for(hours(500), reply(MessageKind.ANSWER, WINDOW)).verdict is Verdict.ANSWERED


class TestSilence:
    def test_while_the_window_is_open_the_wait_is_a_lower_bound(self) -> None:
        became = seen_for(hours(5))

        assert became.verdict is Verdict.PENDING
        assert (became.first_response, became.answer) == (open_for(hours(5)), open_for(hours(5)))

    def test_seen_through_the_window_it_is_missed(self) -> None:
        became = seen_for(WINDOW)

        assert became.verdict is Verdict.MISSED
        assert (became.first_response, became.answer) == (open_for(WINDOW), open_for(WINDOW))

    def test_a_moment_less_is_no_miss(self) -> None:
        assert seen_for(WINDOW - timedelta(microseconds=1)).verdict is Verdict.PENDING

    def test_the_wait_ends_growing_at_the_window(self) -> None:
        assert seen_for(timedelta(days=300)).first_response == open_for(WINDOW)

    def test_never_having_looked_blames_nobody(self) -> None:
        became = outcome(REQUEST, [], standard=STANDARD, observed_until=None)

        assert became.verdict is Verdict.PENDING
        assert became.first_response == open_for(ZERO)

    def test_having_looked_only_before_it_was_sent_is_not_having_looked(self) -> None:
        assert seen_for(-hours(1)).first_response == open_for(ZERO)


class TestLateness:
    def test_an_answer_after_the_window_leaves_it_missed_and_says_late(self) -> None:
        became = seen_for(timedelta(days=9), reply(MessageKind.ANSWER, timedelta(days=8), id=3))

        assert became.verdict is Verdict.MISSED
        assert became.late
        assert (became.first_response, became.answer) == (open_for(WINDOW), open_for(WINDOW))
        assert (became.first_reply_id, became.answer_reply_id) == (3, 3)

    def test_a_moment_after_the_window_is_late(self) -> None:
        assert seen_for(timedelta(days=9), reply(MessageKind.ANSWER, WINDOW + timedelta(microseconds=1))).late

    def test_after_thirty_days_nothing_counts_any_more(self) -> None:
        in_time = seen_for(timedelta(days=40), reply(MessageKind.ANSWER, LATE))
        too_late = seen_for(timedelta(days=40), reply(MessageKind.ANSWER, LATE + timedelta(seconds=1)))

        assert in_time.late
        assert not too_late.late
        assert too_late.first_reply_id is None

    def test_where_a_folder_was_not_read_a_late_answer_proves_no_miss(self) -> None:
        # The whole mailbox was last seen after six days: an answer in time may lie in the folder that failed since.
        became = seen_for(timedelta(days=6), reply(MessageKind.ANSWER, timedelta(days=8)))

        assert became.verdict is Verdict.PENDING
        assert not became.late
        assert became.first_response == open_for(timedelta(days=6))

    def test_an_answer_may_be_late_where_the_first_response_was_not(self) -> None:
        became = seen_for(
            timedelta(days=9), reply(MessageKind.INTERIM, hours(1)), reply(MessageKind.ANSWER, timedelta(days=8), id=2)
        )

        assert became.verdict is Verdict.ANSWERED
        assert not became.late
        assert became.answer == open_for(WINDOW)
        assert became.answer_reply_id == 2


class TestTheAnswer:
    @pytest.mark.parametrize("kind", [MessageKind.INTERIM, MessageKind.HANDOFF, MessageKind.REFUSAL])
    def test_other_replies_of_a_person_do_not_end_it(self, kind: MessageKind) -> None:
        became = seen_for(hours(5), reply(kind, hours(1)))

        assert became.first_response == ended_after(hours(1))
        assert became.answer == open_for(hours(5))
        assert became.answer_reply_id is None

    def test_after_a_question_it_is_our_turn(self) -> None:
        became = seen_for(hours(50), reply(MessageKind.QUESTION, hours(2)), reply(MessageKind.QUESTION, hours(9), id=2))

        assert became.answer == open_for(hours(2))

    def test_an_answer_that_follows_the_question_ends_it_all_the_same(self) -> None:
        became = seen_for(hours(50), reply(MessageKind.QUESTION, hours(2)), reply(MessageKind.ANSWER, hours(6), id=2))

        assert became.answer == ended_after(hours(6))

    def test_a_question_after_the_window_does_not_lengthen_it(self) -> None:
        became = seen_for(timedelta(days=20), reply(MessageKind.QUESTION, timedelta(days=9)))

        assert became.answer == open_for(WINDOW)

    def test_a_question_beyond_what_was_seen_does_not_either(self) -> None:
        became = seen_for(timedelta(days=6), reply(MessageKind.QUESTION, timedelta(days=9)))

        assert became.answer == open_for(timedelta(days=6))


class TestOurTurn:
    QUESTION = reply(MessageKind.QUESTION, hours(2), id=1)
    ANSWER = reply(MessageKind.ANSWER, hours(10), id=2)

    def test_what_passes_until_our_letter_left_is_no_wait_for_the_company(self) -> None:
        became = seen_for(hours(50), self.QUESTION, self.ANSWER, follow_ups=[we_wrote(hours(5))])

        assert became.answer == ended_after(hours(7))
        assert became.paused == hours(3)

    def test_the_first_response_is_paused_by_nothing(self) -> None:
        became = seen_for(hours(50), self.QUESTION, self.ANSWER, follow_ups=[we_wrote(hours(5))])

        assert became.first_response == ended_after(hours(2))

    def test_after_our_letter_the_wait_grows_again(self) -> None:
        became = seen_for(hours(9), self.QUESTION, follow_ups=[we_wrote(hours(5))])

        assert became.answer == open_for(hours(6))
        assert became.paused == hours(3)

    def test_until_then_it_stands_still(self) -> None:
        became = seen_for(hours(9), self.QUESTION)

        assert became.answer == open_for(hours(2))
        assert became.paused == hours(7)

    def test_each_of_several_questions_pauses_it(self) -> None:
        second = reply(MessageKind.QUESTION, hours(6), id=3)

        became = seen_for(
            hours(50),
            self.QUESTION,
            second,
            self.ANSWER,
            follow_ups=[we_wrote(hours(3)), we_wrote(hours(8), to=3, id=2)],
        )

        assert became.answer == ended_after(hours(7))
        assert became.paused == hours(3)

    def test_two_questions_at_once_are_one_turn_and_one_letter_ends_it(self) -> None:
        second = reply(MessageKind.QUESTION, hours(3), id=3)

        became = seen_for(hours(50), self.QUESTION, second, self.ANSWER, follow_ups=[we_wrote(hours(5))])

        assert became.answer == ended_after(hours(7))

    def test_an_answer_before_our_letter_did_not_need_it(self) -> None:
        became = seen_for(hours(50), self.QUESTION, self.ANSWER, follow_ups=[we_wrote(hours(12))])

        assert became.answer == ended_after(hours(10))
        assert became.paused == ZERO

    def test_a_question_after_the_answer_pauses_nothing(self) -> None:
        late_question = reply(MessageKind.QUESTION, hours(20), id=3)

        became = seen_for(hours(50), self.ANSWER, late_question, follow_ups=[we_wrote(hours(30), to=3)])

        assert became.answer == ended_after(hours(10))

    @pytest.mark.parametrize(
        "other",
        [
            we_wrote(hours(5), purpose=Purpose.THANKS),
            we_wrote(hours(5), delivery=Delivery.UNCERTAIN),
            we_wrote(hours(5), delivery=Delivery.INTENDED),
            we_wrote(hours(5), delivery=Delivery.REFUSED),
            we_wrote(hours(1), to=9),
        ],
    )
    def test_only_a_reply_that_left_after_the_question_ends_our_turn(self, other: FollowUp) -> None:
        assert seen_for(hours(50), self.QUESTION, follow_ups=[other]).answer == open_for(hours(2))

    def test_a_reply_to_the_question_ends_our_turn_whatever_two_clocks_say(self) -> None:
        became = seen_for(hours(9), self.QUESTION, follow_ups=[we_wrote(hours(1.9), to=1)])

        assert became.answer == open_for(hours(9))

    def test_a_question_that_waits_for_review_is_none_yet(self) -> None:
        weak = replace(self.QUESTION, strength=Strength.WEAK)

        became = seen_for(hours(50), weak, self.ANSWER, follow_ups=[we_wrote(hours(5))])

        assert became.answer == ended_after(hours(10))
        assert seen_for(
            hours(50), weak, self.ANSWER, follow_ups=[we_wrote(hours(5))], count_unknown=True
        ).answer == ended_after(hours(7))

    def test_the_window_goes_by_what_the_company_had_of_it(self) -> None:
        slow_us = [we_wrote(timedelta(days=5))]
        answer = reply(MessageKind.ANSWER, timedelta(days=8), id=2)

        became = seen_for(timedelta(days=9), self.QUESTION, answer, follow_ups=slow_us)

        assert became.answer == ended_after(timedelta(days=3, hours=2))
        assert seen_for(timedelta(days=9), self.QUESTION, follow_ups=slow_us).answer == open_for(
            timedelta(days=4, hours=2)
        )
        assert seen_for(timedelta(days=20), self.QUESTION, follow_ups=slow_us).answer == open_for(WINDOW)

    def test_an_answer_is_matched_for_thirty_days_of_the_companys_time(self) -> None:
        slow_us = [we_wrote(timedelta(days=10))]
        answer = reply(MessageKind.ANSWER, timedelta(days=35), id=2)

        counted = seen_for(timedelta(days=40), self.QUESTION, answer, follow_ups=slow_us)
        without = seen_for(timedelta(days=40), self.QUESTION, answer)

        assert counted.answer_reply_id == 2
        assert without.answer_reply_id is None

    def test_every_turn_adds_the_margins_of_both_its_ends(self) -> None:
        request = replace(REQUEST, accepted_uncertainty=timedelta(seconds=2))
        question = reply(MessageKind.QUESTION, hours(2), earlier=timedelta(seconds=10), later=timedelta(seconds=20))

        became = seen_for(
            hours(50),
            question,
            self.ANSWER,
            request=request,
            follow_ups=[we_wrote(hours(5), uncertainty=timedelta(seconds=3))],
        )

        assert became.answer == Wait(
            length=hours(7), ended=True, shorter=timedelta(seconds=2 + 10 + 3), longer=timedelta(seconds=2 + 20 + 3)
        )

    def test_two_clocks_that_differ_do_so_once_more_with_every_turn(self) -> None:
        request = replace(REQUEST, copy_received_at=ACCEPTED + timedelta(seconds=4))

        second = reply(MessageKind.QUESTION, hours(6), id=3)

        became = seen_for(
            hours(50),
            self.QUESTION,
            second,
            self.ANSWER,
            request=request,
            follow_ups=[we_wrote(hours(5)), we_wrote(hours(7), id=2)],
        )

        assert became.answer is not None
        assert (became.answer.shorter, became.answer.longer) == (timedelta(seconds=12), timedelta(seconds=12))

    def test_the_newest_question_waits_for_us_until_we_write_or_they_answer_all_the_same(self) -> None:
        newer = reply(MessageKind.QUESTION, hours(3), id=3)

        assert unanswered(REQUEST, [newer, self.QUESTION], []) == newer
        assert unanswered(REQUEST, [newer, self.QUESTION], [we_wrote(hours(2.5))]) == newer
        assert unanswered(REQUEST, [newer, self.QUESTION], [we_wrote(hours(4))]) is None
        assert unanswered(REQUEST, [newer, self.QUESTION, self.ANSWER], []) is None
        assert unanswered(REQUEST, [self.ANSWER], []) is None
        assert unanswered(REQUEST, [self.ANSWER, reply(MessageKind.QUESTION, hours(12), id=4)], []) is None

    def test_the_turns_are_told_with_their_ends(self) -> None:
        second = reply(MessageKind.QUESTION, hours(8), id=3)
        replies, ours = [self.ANSWER, self.QUESTION, second], [we_wrote(hours(5))]

        turns = our_turn(REQUEST, replies, ours)

        assert turns == (Turn(after(hours(2)), after(hours(5))), Turn(after(hours(8)), None))
        assert pauses(REQUEST, replies, ours, answered_at=after(hours(10))) == turns[:1]
        assert pauses(REQUEST, replies, ours, answered_at=None) == turns


class TestVoid:
    @pytest.mark.parametrize(
        ("delivery", "reason"),
        [
            (Delivery.REFUSED, VoidReason.REFUSED),
            (Delivery.UNCERTAIN, VoidReason.UNCERTAIN),
            (Delivery.WITHDRAWN, VoidReason.WITHDRAWN),
        ],
    )
    def test_what_did_not_surely_leave_says_nothing_of_the_company(
        self, delivery: Delivery, reason: VoidReason
    ) -> None:
        became = seen_for(WINDOW, request=replace(REQUEST, delivery=delivery, accepted_at=None))

        assert (became.verdict, became.void_reason) == (Verdict.VOID, reason)
        assert (became.first_response, became.answer) == (None, None)

    def test_a_recorded_reason_stands(self) -> None:
        withdrawn = replace(REQUEST, delivery=Delivery.WITHDRAWN, void_reason=VoidReason.NOT_SENT)

        assert seen_for(WINDOW, request=withdrawn).void_reason is VoidReason.NOT_SENT

    @pytest.mark.parametrize("delivery", [Delivery.INTENDED, Delivery.SENDING])
    def test_what_was_not_tried_yet_has_no_outcome(self, delivery: Delivery) -> None:
        with pytest.raises(ValueError, match=f'request "r-4" is "{delivery}"; only one that was tried'):
            seen_for(WINDOW, request=replace(REQUEST, delivery=delivery))

    def test_a_sent_request_without_its_instant_is_a_fault(self) -> None:
        with pytest.raises(ValueError, match='request "r-4" is "sent" but has no accepted_at'):
            seen_for(WINDOW, request=replace(REQUEST, accepted_at=None))

    def test_a_bounce_is_no_missed_objective(self) -> None:
        became = seen_for(timedelta(days=9), reply(MessageKind.BOUNCE, hours(1)), reply(MessageKind.BOT, hours(2)))

        assert (became.verdict, became.void_reason) == (Verdict.VOID, VoidReason.BOUNCED)
        assert became.first_response is None

    def test_a_persons_reply_outweighs_a_bounce(self) -> None:
        # One of two recipients behind the address may be gone while the other answers.
        became = seen_for(hours(9), reply(MessageKind.BOUNCE, hours(1)), reply(MessageKind.ANSWER, hours(2), id=2))

        assert became.verdict is Verdict.ANSWERED

    def test_a_delay_notice_only_warns(self) -> None:
        became = seen_for(hours(9), reply(MessageKind.DELAY_NOTICE, hours(4)))

        assert (became.verdict, became.proof) == (Verdict.PENDING, DeliveryProof.PRESUMED)


class TestBlindness:
    def look(self, *replies: Reply, blind_after: timedelta, seen: timedelta = WINDOW) -> Outcome:
        return outcome(REQUEST, replies, standard=STANDARD, observed_until=after(seen), blind_from=after(blind_after))

    @pytest.mark.parametrize("blind_after", [-hours(1), ZERO])
    def test_where_nothing_could_be_seen_the_request_is_void(self, blind_after: timedelta) -> None:
        became = self.look(blind_after=blind_after)

        assert (became.verdict, became.void_reason) == (Verdict.VOID, VoidReason.NOT_OBSERVED)

    def test_where_seeing_ended_the_wait_is_a_lower_bound(self) -> None:
        became = self.look(blind_after=hours(3))

        assert became.verdict is Verdict.PENDING
        assert became.first_response == open_for(hours(3))

    def test_what_came_before_counts(self) -> None:
        became = self.look(reply(MessageKind.ANSWER, hours(2)), blind_after=hours(3))

        assert became.first_response == ended_after(hours(2))

    def test_what_came_after_may_not_have_been_the_first(self) -> None:
        became = self.look(reply(MessageKind.ANSWER, hours(4)), blind_after=hours(3))

        assert became.verdict is Verdict.PENDING
        assert became.first_response == open_for(hours(3))

    def test_blindness_after_the_window_costs_nothing(self) -> None:
        became = self.look(blind_after=WINDOW, seen=timedelta(days=9))

        assert became.verdict is Verdict.MISSED

    def test_not_having_looked_at_all_is_less_than_being_blind_later(self) -> None:
        became = outcome(REQUEST, [], standard=STANDARD, observed_until=None, blind_from=after(hours(3)))

        assert became.first_response == open_for(ZERO)


class TestProofOfDelivery:
    def test_by_itself_it_is_what_sending_showed(self) -> None:
        proven = replace(REQUEST, proof=DeliveryProof.PROVEN)

        assert seen_for(WINDOW).proof is DeliveryProof.PRESUMED
        assert seen_for(WINDOW, request=proven).proof is DeliveryProof.PROVEN

    @pytest.mark.parametrize(
        "kind",
        [
            *PERSONS,
            MessageKind.DELIVERY_RECEIPT,
            MessageKind.READ_RECEIPT,
            MessageKind.ABUSE_REPORT,
            MessageKind.ACKNOWLEDGEMENT,
            MessageKind.OUT_OF_OFFICE,
            MessageKind.BOT,
        ],
    )
    def test_what_can_only_come_from_there_proves_it(self, kind: MessageKind) -> None:
        assert seen_for(WINDOW, reply(kind, hours(1))).proof is DeliveryProof.PROVEN

    @pytest.mark.parametrize("kind", [MessageKind.DELAY_NOTICE, MessageKind.BULK, MessageKind.UNKNOWN])
    def test_what_may_come_from_elsewhere_does_not(self, kind: MessageKind) -> None:
        assert seen_for(WINDOW, reply(kind, hours(1))).proof is DeliveryProof.PRESUMED


class TestReceiptsAndReview:
    def test_the_first_receipt_is_timed(self) -> None:
        became = seen_for(
            hours(5),
            reply(MessageKind.ACKNOWLEDGEMENT, hours(2)),
            reply(MessageKind.ACKNOWLEDGEMENT, hours(1), id=2),
            reply(MessageKind.OUT_OF_OFFICE, hours(0.5), id=3),
        )

        assert became.acknowledged == hours(1)

    def test_without_one_there_is_no_time(self) -> None:
        assert seen_for(hours(5), reply(MessageKind.ANSWER, hours(1))).acknowledged is None

    def test_an_unknown_message_waits_for_a_person(self) -> None:
        became = seen_for(hours(5), reply(MessageKind.UNKNOWN, hours(1)))

        assert (became.verdict, became.in_review) == (Verdict.PENDING, 1)

    def test_counted_the_other_way_it_is_an_answer(self) -> None:
        became = seen_for(hours(5), reply(MessageKind.UNKNOWN, hours(1)), count_unknown=True)

        assert (became.verdict, became.in_review) == (Verdict.ANSWERED, 1)
        assert became.answer == ended_after(hours(1))

    def test_counted_the_other_way_it_outweighs_a_bounce(self) -> None:
        both = [reply(MessageKind.UNKNOWN, hours(1)), reply(MessageKind.BOUNCE, hours(2), id=2)]

        assert seen_for(hours(5), *both).verdict is Verdict.VOID
        assert seen_for(hours(5), *both).in_review == 1
        assert seen_for(hours(5), *both, count_unknown=True).verdict is Verdict.ANSWERED


class TestMargins:
    def test_they_add_up_what_both_stamps_admit(self) -> None:
        request = replace(REQUEST, accepted_uncertainty=timedelta(seconds=2))
        answer = reply(MessageKind.ANSWER, hours(1), earlier=timedelta(seconds=1), later=timedelta(seconds=5))

        assert wait_for(request, answer) == Wait(
            length=hours(1), ended=True, shorter=timedelta(seconds=3), longer=timedelta(seconds=7)
        )

    @pytest.mark.parametrize("offset", [timedelta(seconds=30), timedelta(seconds=-30)])
    def test_our_own_copy_shows_how_far_the_clocks_may_differ(self, offset: timedelta) -> None:
        request = replace(REQUEST, copy_received_at=ACCEPTED + offset)

        wait = wait_for(request, reply(MessageKind.ANSWER, hours(1)))

        assert (wait.length, wait.shorter, wait.longer) == (hours(1), abs(offset), abs(offset))

    def test_a_reply_before_the_request_is_no_negative_wait(self) -> None:
        wait = wait_for(REQUEST, reply(MessageKind.ANSWER, timedelta(seconds=-40)))

        assert wait == Wait(length=ZERO, ended=True, shorter=ZERO, longer=timedelta(seconds=40))

    def test_a_wait_is_not_shorter_than_nothing(self) -> None:
        wait = wait_for(REQUEST, reply(MessageKind.ANSWER, timedelta(seconds=3), earlier=timedelta(seconds=10)))

        assert wait.shorter == timedelta(seconds=3)

    def test_what_lies_beyond_the_window_is_cut_from_the_margin_too(self) -> None:
        request = replace(REQUEST, accepted_uncertainty=timedelta(seconds=10))

        barely_late = seen_for(
            timedelta(days=9), reply(MessageKind.ANSWER, WINDOW + timedelta(seconds=4)), request=request
        )
        surely_late = seen_for(timedelta(days=9), reply(MessageKind.ANSWER, WINDOW + hours(1)), request=request)

        assert barely_late.first_response == Wait(length=WINDOW, ended=False, shorter=timedelta(seconds=6))
        assert surely_late.first_response == open_for(WINDOW)

    def test_an_open_wait_is_as_uncertain_as_its_beginning(self) -> None:
        request = replace(REQUEST, accepted_uncertainty=timedelta(seconds=10))

        assert seen_for(hours(1), request=request).first_response == Wait(
            length=hours(1), ended=False, shorter=timedelta(seconds=10)
        )
        assert seen_for(ZERO, request=request).first_response == open_for(ZERO)


REPLIES = st.lists(
    st.builds(
        reply,
        st.sampled_from(sorted(MessageKind)),
        st.timedeltas(min_value=-hours(1), max_value=timedelta(days=35)),
        id=st.integers(1, 10**6),
        strength=st.sampled_from(sorted(Strength)),
    ),
    max_size=6,
    unique_by=lambda made: made.message_id,
)
LOOKS = st.timedeltas(min_value=-hours(1), max_value=timedelta(days=40))


OURS = st.lists(
    st.builds(
        we_wrote,
        st.timedeltas(min_value=-hours(1), max_value=timedelta(days=35)),
        to=st.integers(1, 10**6),
        id=st.integers(1, 10**6),
        purpose=st.sampled_from(sorted(Purpose)),
        delivery=st.sampled_from(sorted(Delivery)),
    ),
    max_size=5,
    unique_by=lambda made: made.id,
)
MINUTE = timedelta(minutes=1)
MINUTES = st.integers(-10, 200).map(lambda number: number * MINUTE)


def counted_by_the_minute(replies: Sequence[Reply], ours: Sequence[FollowUp], until: datetime) -> timedelta:
    """The slow way: go through every minute and ask whether the newest question still waited for a letter of ours."""
    asked = [max(one.stamps.at, ACCEPTED) for one in replies if one.kind is MessageKind.QUESTION]
    letters = [one.sent_at for one in ours if one.sent_at is not None]
    length, at = ZERO, ACCEPTED
    while at < until:
        newest = max((question for question in asked if question <= at), default=None)
        if newest is None or any(newest <= letter <= at for letter in letters):
            length += MINUTE
        at += MINUTE
    return length


class TestAlways:
    @given(
        st.lists(MINUTES, max_size=4, unique=True),
        st.lists(MINUTES, max_size=4, unique=True),
        st.integers(0, 220).map(lambda number: number * MINUTE),
    )
    def test_an_open_answer_wait_is_what_counting_minutes_gives(
        self, questions: list[timedelta], letters: list[timedelta], seen: timedelta
    ) -> None:
        replies = [reply(MessageKind.QUESTION, at, id=number) for number, at in enumerate(questions)]
        ours = [we_wrote(at, to=-1, id=number) for number, at in enumerate(letters)]

        became = seen_for(seen, *replies, follow_ups=ours)

        assert became.answer == open_for(counted_by_the_minute(replies, ours, after(seen)))
        assert became.answer.length + became.paused == seen

    @given(REPLIES, OURS, LOOKS)
    def test_what_was_waited_and_our_turns_together_are_the_time_that_passed(
        self, replies: list[Reply], ours: list[FollowUp], seen: timedelta
    ) -> None:
        became = seen_for(seen, *replies, follow_ups=ours)

        if became.verdict is Verdict.VOID or became.answer is None:
            return
        assert became.paused >= ZERO
        if became.answer.ended:
            (answer,) = (one for one in replies if one.message_id == became.answer_reply_id)
            assert became.answer.length + became.paused == max(ZERO, answer.stamps.at - ACCEPTED)
        elif became.answer_reply_id is None and became.answer.length < WINDOW:
            assert became.answer.length + became.paused == max(ZERO, seen)

    @given(REPLIES, OURS, LOOKS)
    def test_our_letters_never_change_the_first_response_nor_lengthen_a_wait_that_ended(
        self, replies: list[Reply], ours: list[FollowUp], seen: timedelta
    ) -> None:
        became, without = seen_for(seen, *replies, follow_ups=ours), seen_for(seen, *replies)

        assert (became.verdict, became.first_response) == (without.verdict, without.first_response)
        if became.answer and without.answer and without.answer.ended:
            assert became.answer.ended
            assert became.answer.length <= without.answer.length

    @given(REPLIES, LOOKS, st.randoms(use_true_random=False))
    def test_the_order_of_the_replies_does_not_matter(
        self, replies: list[Reply], seen: timedelta, random: object
    ) -> None:
        shuffled = list(replies)
        random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random

        assert seen_for(seen, *shuffled) == seen_for(seen, *replies)

    @given(REPLIES, OURS, LOOKS, st.booleans())
    def test_verdict_and_waits_agree(
        self, replies: list[Reply], ours: list[FollowUp], seen: timedelta, count_unknown: bool
    ) -> None:
        became = seen_for(seen, *replies, count_unknown=count_unknown, follow_ups=ours)

        if became.verdict is Verdict.VOID:
            assert (became.first_response, became.answer) == (None, None)
            assert became.void_reason is VoidReason.BOUNCED
            return
        first, answer = became.first_response, became.answer
        assert first is not None
        assert answer is not None
        assert ZERO <= first.length <= WINDOW
        assert ZERO <= answer.length <= WINDOW
        assert (became.verdict is Verdict.ANSWERED) == first.ended
        assert (became.verdict is Verdict.MISSED) == (not first.ended and seen >= WINDOW)
        assert not became.late or became.verdict is Verdict.MISSED
        assert became.late == (became.verdict is Verdict.MISSED and became.first_reply_id is not None)
        if answer.ended:
            assert first.ended
            assert first.length <= answer.length

    @given(REPLIES, OURS, LOOKS, st.timedeltas(min_value=ZERO, max_value=timedelta(days=10)))
    def test_looking_longer_never_shortens_a_wait(
        self, replies: list[Reply], ours: list[FollowUp], seen: timedelta, more: timedelta
    ) -> None:
        before, now = seen_for(seen, *replies, follow_ups=ours), seen_for(seen + more, *replies, follow_ups=ours)

        for old, new in ((before.first_response, now.first_response), (before.answer, now.answer)):
            if old is not None:
                assert new is not None
                assert new.length >= old.length
                assert new.ended == old.ended

    @given(REPLIES, LOOKS)
    def test_machines_change_no_wait(self, replies: list[Reply], seen: timedelta) -> None:
        without = [r for r in replies if not r.kind.automatic]
        with_machines, alone = seen_for(seen, *replies), seen_for(seen, *without)

        if with_machines.verdict is not Verdict.VOID:
            assert with_machines.first_response == alone.first_response
            assert with_machines.answer == alone.answer
