"""When a company asks back: one true reply, promptly, once, to the company and no machine; and thanks where wished."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from slawatch.errors import UsageError
from slawatch.model import Delivery, Facts, FollowUp, MessageKind, Purpose, Reply, Request, Wait
from slawatch.testing import OWN_ADDRESS, MemoryChannel, read
from slawatch.usecases import control, follow
from slawatch.usecases.collect import collect
from slawatch.usecases.draft import draft
from slawatch.usecases.followed import settle_follow_ups
from slawatch.usecases.send import LEASE, Sending
from slawatch.usecases.tick import tick
from slawatch.usecases.world import STOP_FILE
from tests.stages import Opening, Stage, company

ASKED_EVERY_MONTH = 'every = "30 d"'
QUESTION = "Guten Tag,\n\num welches Modell geht es Ihnen denn, und in welches Land sollen wir liefern?\n\nMaeve Doyle"
ANSWER = "Guten Tag,\n\ndas dauert in der Regel zwei bis drei Werktage, samstags ist offen.\n\nMaeve Doyle"
NUMBER = "Guten Tag,\n\nwie lautet bitte Ihre Kundennummer?\n\nMaeve Doyle"


def asked(stage: Opening, *companies: str) -> tuple[Stage, Request]:
    """A stage on which one question has just left."""
    here = stage(*(companies or (company(schedule=ASKED_EVERY_MONTH),)))
    for _ in range(30):
        tick(here.world)
        if here.far.departures:
            return here, here.the_request()
        here.forward(hours=1)
    raise AssertionError("nothing was asked")


def asked_back(
    stage: Opening, *companies: str, text: str = QUESTION, headers: dict[str, tuple[str, ...]] | None = None
) -> tuple[Stage, Request]:
    """The company has asked back two hours later, and nobody has looked yet."""
    here, request = asked(stage, *companies)
    here.forward(hours=2)
    here.far.answer(request, text, headers=headers)
    here.forward(minutes=30)
    return here, request


def follow_ups(here: Stage) -> list[FollowUp]:
    return [one for some in here.world.store.follow_ups().values() for one in some]


def the_follow_up(here: Stage) -> FollowUp:
    (one,) = follow_ups(here)
    return one


def question_of(here: Stage, request: Request) -> Reply:
    (question,) = (
        one for one in here.world.store.replies([request.id])[request.id] if one.kind is MessageKind.QUESTION
    )
    return question


def replies_that_left(here: Stage) -> list[str]:
    return [read(one.raw).text for one in here.far.departures[1:]]


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


class TestTheReply:
    def test_what_the_probe_says_leaves_with_the_next_pass_in_their_thread(self, stage: Opening) -> None:
        here, request = asked_back(stage)
        probe = here.world.probes[request.text.probe]

        tick(here.world)

        reply = read(here.far.departures[1].raw)
        said = probe.wordings["de"].follow_up.replace("{name}", "Anna Beispiel").strip()
        assert reply.text.startswith(said)
        assert "> um welches Modell geht es Ihnen denn" in reply.text
        assert here.far.departures[1].to == request.target
        assert reply.sender == read(here.far.departures[0].raw).sender
        assert reply.subject == f"Re: {request.text.subject}"
        assert reply.cited_ids == ("answer-1@far.example",)
        assert (the_follow_up(here).delivery, the_follow_up(here).by_hand) == (Delivery.SENT, False)
        assert the_follow_up(here).sent_at == here.clock.now()

    def test_the_clock_stands_still_until_then_and_goes_on_afterwards(self, stage: Opening) -> None:
        here, request = asked_back(stage)
        tick(here.world)
        here.forward(hours=3)

        assert here.outcome(request).answer == Wait(length=hours(5), ended=False)

        here.far.answer(request, ANSWER, cites=the_follow_up(here).own_id)
        here.forward(hours=1)
        outcome = here.outcome(request)
        assert outcome.answer is not None
        assert (outcome.answer.length, outcome.answer.ended) == (hours(5), True)
        assert outcome.paused == timedelta(minutes=30)
        assert outcome.first_response is not None
        assert outcome.first_response.length == hours(2)

    def test_it_leaves_once_however_often_somebody_looks(self, stage: Opening) -> None:
        here, _ = asked_back(stage)

        for _ in range(5):
            tick(here.world)
            here.forward(hours=5)

        assert len(replies_that_left(here)) == 1

    def test_the_same_words_never_go_twice_a_second_question_is_a_persons(self, stage: Opening) -> None:
        here, request = asked_back(stage)
        tick(here.world)
        here.forward(hours=1)
        here.far.answer(request, QUESTION, cites=the_follow_up(here).own_id)
        here.forward(hours=1)

        tick(here.world)

        assert len(replies_that_left(here)) == 1
        (turn,) = follow.waiting(here.world, [request])
        assert "has been said" in turn.why

    def test_a_customer_is_asked_for_the_number_and_gives_it_then_what_the_probe_says(self, stage: Opening) -> None:
        here, request = asked_back(
            stage, company(schedule=ASKED_EVERY_MONTH, extra='customer = { number = "K-4711" }'), text=NUMBER
        )
        tick(here.world)
        here.forward(hours=1)
        here.far.answer(request, QUESTION, cites=the_follow_up(here).own_id)

        tick(here.world)
        here.forward(hours=1)
        here.far.answer(request, NUMBER)
        tick(here.world)

        number, general = replies_that_left(here)
        assert "K-4711" in number
        assert "K-4711" not in general
        (turn,) = follow.waiting(here.world, [request])
        assert "2 replies have gone out" in turn.why

    def test_nobody_else_gives_one(self, stage: Opening) -> None:
        here, _ = asked_back(stage, text=NUMBER)

        tick(here.world)

        (said,) = replies_that_left(here)
        assert "Kundennummer ist" not in said

    def test_an_answer_needs_no_reply(self, stage: Opening) -> None:
        here, request = asked_back(stage)
        here.far.answer(request, ANSWER)

        tick(here.world)

        assert replies_that_left(here) == []
        assert follow.waiting(here.world, [request]) == []


class TestWhatHoldsItUp:
    def test_follow_up_false_leaves_it_to_a_person(self, stage: Opening) -> None:
        here, request = asked_back(stage, company(schedule=ASKED_EVERY_MONTH, extra="follow_up = false"))

        tick(here.world)

        assert replies_that_left(here) == []
        (turn,) = follow.waiting(here.world, [request])
        assert turn.why == "follow_up = false in the config"
        assert turn.question.message_id == question_of(here, request).message_id

    @pytest.mark.parametrize(
        "headers",
        [{"precedence": ("bulk",)}, {"list-id": ("<news>",)}, {"return-path": ("<>",)}, {"x-autoreply": ("yes",)}],
    )
    def test_nothing_goes_to_what_a_machine_or_a_list_may_have_sent(
        self, stage: Opening, headers: dict[str, tuple[str, ...]]
    ) -> None:
        here, _ = asked_back(stage, headers=headers)

        tick(here.world)

        assert replies_that_left(here) == []

    @pytest.mark.parametrize("wanted_at", ["noreply@shop.example", "someone@elsewhere.example"])
    def test_nothing_goes_to_an_address_that_nobody_reads_or_that_is_not_theirs(
        self, stage: Opening, wanted_at: str
    ) -> None:
        here, request = asked_back(stage, headers={"reply-to": (wanted_at,)})

        tick(here.world)

        assert replies_that_left(here) == []
        (turn,) = follow.waiting(here.world, [request])
        assert wanted_at in turn.why

    def test_another_address_of_theirs_gets_it(self, stage: Opening) -> None:
        here, _ = asked_back(stage, headers={"reply-to": ("desk@help.shop.example",)})

        tick(here.world)

        assert here.far.departures[1].to == "desk@help.shop.example"

    def test_a_pause_and_the_stop_file_hold_it_back(self, stage: Opening) -> None:
        here, _ = asked_back(stage)
        control.pause(here.world, "company:shop", "asked for a rest")
        tick(here.world)
        control.resume(here.world, "company:shop")
        stop = here.world.config.folder / STOP_FILE
        stop.touch()
        tick(here.world)
        assert replies_that_left(here) == []
        stop.unlink()

        tick(here.world)

        assert len(replies_that_left(here)) == 1

    def test_the_limits_that_spare_a_company_do_not_for_it_has_asked(self, stage: Opening) -> None:
        here, _ = asked_back(stage, company(schedule='every = "1 d"'))

        tick(here.world)

        assert len(replies_that_left(here)) == 1

    def test_an_old_question_is_for_a_person_to_decide(self, stage: Opening) -> None:
        here, request = asked_back(stage)
        here.forward(days=8)

        tick(here.world)

        assert replies_that_left(here) == []
        (turn,) = follow.waiting(here.world, [request])
        assert "ago" in turn.why

    def test_what_a_person_has_to_review_first_gets_no_reply(self, stage: Opening) -> None:
        here, request = asked(stage)
        here.forward(hours=2)
        here.far.answer(replace(request, target="x@stranger.example"), QUESTION)

        tick(here.world)

        assert replies_that_left(here) == []
        assert follow.waiting(here.world, [request]) == []


class TestOnceAtMost:
    def test_a_lost_acknowledgement_is_settled_by_our_own_copy_and_nothing_leaves_again(self, stage: Opening) -> None:
        here, request = asked_back(stage)
        collect(here.world)
        here.far.lose_acknowledgement()

        for _ in range(3):
            tick(here.world)
            here.forward(minutes=5)

        assert len(replies_that_left(here)) == 1
        assert the_follow_up(here).delivery is Delivery.SENT
        assert here.outcome(request).paused <= timedelta(minutes=46)

    def test_our_own_copy_of_it_is_none_of_the_request(self, stage: Opening) -> None:
        here, request = asked_back(stage)
        collect(here.world)
        before = here.world.store.requests(ids=[request.id])[0].copy_received_at
        tick(here.world)
        here.forward(minutes=1)
        tick(here.world)

        assert here.world.store.requests(ids=[request.id])[0].copy_received_at == before
        assert len(here.world.store.replies([request.id])[request.id]) == 1

    def test_what_was_swallowed_is_given_up_and_left_to_a_person(self, stage: Opening) -> None:
        here, request = asked_back(stage)
        collect(here.world)
        here.far.copies = False
        here.far.swallow_once()
        for _ in range(4):
            tick(here.world)
            here.forward(hours=1)

        assert replies_that_left(here) == []
        assert the_follow_up(here).delivery is Delivery.WITHDRAWN
        (turn,) = follow.waiting(here.world, [request])
        assert "nobody knows whether it left" in turn.why
        assert here.outcome(request).answer == Wait(length=hours(2), ended=False)

    def test_a_reply_that_cites_it_shows_that_it_left_after_all(self, stage: Opening) -> None:
        here, request = asked_back(stage)
        collect(here.world)
        here.far.copies = False
        here.far.lose_acknowledgement()
        follow.follow_due(here.world, Sending())
        uncertain = the_follow_up(here)
        assert uncertain.started_at is not None
        here.world.store.settle_follow_up(uncertain, delivery=Delivery.WITHDRAWN, detail="no trace")
        here.forward(hours=3)

        here.far.answer(request, ANSWER, cites=uncertain.own_id)
        collect(here.world)

        after = the_follow_up(here)
        assert after.delivery is Delivery.SENT
        assert after.sent_at is not None
        assert after.sent_at - after.uncertainty == uncertain.started_at
        assert after.sent_at + after.uncertainty == uncertain.started_at + LEASE
        assert here.outcome(request).paused > timedelta(0)

    def test_a_sender_that_vanished_is_noticed_when_its_lease_runs_out(self, stage: Opening) -> None:
        here, request = asked_back(stage)
        collect(here.world)
        made = draft(here.world, request, question_of(here, request))
        intent = here.world.store.add_follow_up(
            request_id=request.id,
            message_id=made.reply.message_id,
            purpose=Purpose.REPLY,
            subject=made.subject,
            body=made.body,
            own_id="dead@own.example",
            envelope_id="dead",
        )
        assert intent is not None
        here.world.store.start_follow_up(intent, account="main", worker="dead", lease=LEASE)
        here.forward(minutes=11)

        tick(here.world)

        assert replies_that_left(here) == []
        assert the_follow_up(here).delivery is Delivery.UNCERTAIN

    def test_a_far_side_that_is_busy_gets_it_later(self, stage: Opening) -> None:
        here, _ = asked_back(stage)
        collect(here.world)
        here.far.fail_once()

        tick(here.world)
        assert the_follow_up(here).delivery is Delivery.INTENDED
        tick(here.world)
        assert replies_that_left(here) == []
        here.forward(minutes=6)
        tick(here.world)

        assert len(replies_that_left(here)) == 1

    def test_what_waits_to_leave_is_called_off_when_an_answer_comes_first(self, stage: Opening) -> None:
        here, request = asked_back(stage)
        collect(here.world)
        here.far.fail_once()
        tick(here.world)
        here.far.answer(request, ANSWER)
        here.forward(minutes=6)

        tick(here.world)

        assert replies_that_left(here) == []
        assert the_follow_up(here).delivery is Delivery.WITHDRAWN

    def test_one_that_comes_back_leaves_it_our_turn_and_takes_nothing_from_the_request(self, stage: Opening) -> None:
        here, request = asked_back(stage)
        tick(here.world)
        before = here.world.store.requests(ids=[request.id])[0]
        departure = here.far.departures[1]
        here.forward(minutes=5)

        here.far.report(request, departure.attempt, "failed", own_id=the_follow_up(here).own_id)
        collect(here.world)

        assert the_follow_up(here).delivery is Delivery.REFUSED
        (turn,) = follow.waiting(here.world, [request])
        assert "came back" in turn.why
        assert here.world.store.requests(ids=[request.id])[0] == before
        assert here.outcome(request).first_reply_id is not None
        assert here.outcome(request).in_review == 0

    def test_a_delivery_report_on_it_moves_no_time_of_the_request(self, stage: Opening) -> None:
        here, request = asked_back(stage)
        tick(here.world)
        before = here.world.store.requests(ids=[request.id])[0]
        here.forward(minutes=5)

        here.far.report(request, here.far.departures[1].attempt, "relayed", own_id=the_follow_up(here).own_id)
        collect(here.world)

        assert here.world.store.requests(ids=[request.id])[0] == before

    def test_abort_withdraws_what_has_not_left(self, stage: Opening) -> None:
        here, _ = asked_back(stage)
        collect(here.world)
        here.far.fail_once()
        tick(here.world)

        control.abort(here.world, "*", "enough")
        control.resume(here.world, "*")
        here.forward(hours=1)
        tick(here.world)

        assert replies_that_left(here) == []


class TestByHand:
    def test_what_a_person_sent_from_their_mail_program_is_found_and_nothing_is_sent_beside_it(
        self, stage: Opening
    ) -> None:
        here, request = asked_back(stage, company(schedule=ASKED_EVERY_MONTH, extra="follow_up = false"))
        collect(here.world)
        letter = MemoryChannel.read(here.far.letters[-1].raw)
        here.far.reply_by_hand(letter, "Es geht mir um das kleine.")
        sent_at = here.clock.now()
        here.forward(hours=4)

        tick(here.world)

        assert replies_that_left(here) == []
        one = the_follow_up(here)
        assert (one.delivery, one.by_hand, one.sent_at) == (Delivery.SENT, True, sent_at)
        assert here.outcome(request).answer == Wait(length=hours(6), ended=False)

    def test_what_a_person_sent_from_their_mail_program_keeps_ours_back(self, stage: Opening) -> None:
        here, _ = asked_back(stage)
        letter = MemoryChannel.read(here.far.letters[-1].raw)
        here.far.reply_by_hand(letter, "Es geht mir um das kleine.")

        tick(here.world)

        assert replies_that_left(here) == []
        assert the_follow_up(here).by_hand

    def test_a_copy_of_it_in_our_inbox_says_so_as_well(self, stage: Opening) -> None:
        here, request = asked_back(stage, company(schedule=ASKED_EVERY_MONTH, extra="follow_up = false"))
        collect(here.world)
        letter = MemoryChannel.read(here.far.letters[-1].raw)
        here.far.reply_by_hand(letter, "Es geht mir um das kleine.", copied=True)
        here.far.sent_by_hand.clear()

        collect(here.world)

        assert (the_follow_up(here).by_hand, the_follow_up(here).body) == (True, "Es geht mir um das kleine.")
        assert follow.waiting(here.world, [request]) == []

    def test_a_letter_in_our_name_from_outside_is_no_reply_of_ours(self, stage: Opening) -> None:
        here, request = asked_back(stage, company(schedule=ASKED_EVERY_MONTH, extra="follow_up = false"))
        collect(here.world)
        letter = MemoryChannel.read(here.far.letters[-1].raw)
        forged = Facts(
            sender=OWN_ADDRESS,
            subjects=(f"Re: {letter.subject}",),
            own_id="by-hand-0@own.example",
            cited_ids=(letter.own_id,),
            trace=(("received", "from mail.shop.example ([198.51.100.7]) by mx.own.example with ESMTP id 1; now"),),
            text="Es geht mir um das kleine.",
        )
        here.far.deliver(forged)

        collect(here.world)

        assert here.world.store.follow_ups([request.id]).get(request.id, []) == []

    def test_an_answering_machine_of_ours_replies_to_nothing(self, stage: Opening) -> None:
        here, _ = asked_back(stage, company(schedule=ASKED_EVERY_MONTH, extra="follow_up = false"))
        collect(here.world)
        letter = MemoryChannel.read(here.far.letters[-1].raw)
        note = Facts(
            sender=OWN_ADDRESS,
            subjects=("Abwesenheit",),
            own_id="away@own.example",
            cited_ids=(letter.own_id,),
            headers={"auto-submitted": ("auto-replied",)},
        )
        here.far.deliver(note)
        collect(here.world)
        assert follow_ups(here) == []

        here.far.deliver(replace(note, own_id="hand@own.example", headers={}))
        collect(here.world)
        assert len(follow_ups(here)) == 1

    def test_while_the_folder_of_sent_mail_cannot_be_read_nothing_is_sent(self, stage: Opening) -> None:
        here, _ = asked_back(stage)
        collect(here.world)
        here.far.go_away()

        tick(here.world)

        assert follow_ups(here) == []

    def test_a_person_has_it_sent_whatever_keeps_us_from_it(self, stage: Opening) -> None:
        here, request = asked_back(stage, company(schedule=ASKED_EVERY_MONTH, extra="follow_up = false"))
        collect(here.world)

        sent = follow.send_by_hand(
            here.world, draft(here.world, request, question_of(here, request), words="Das kleine.")
        )

        assert (sent.delivery, sent.by_hand) == (Delivery.SENT, True)
        (said,) = replies_that_left(here)
        assert said.startswith("Das kleine.\n\nAm ")
        with pytest.raises(UsageError, match="we have written to that letter"):
            follow.send_by_hand(here.world, draft(here.world, request, question_of(here, request)))

    def test_a_pause_holds_a_person_back_too(self, stage: Opening) -> None:
        here, request = asked_back(stage)
        collect(here.world)
        control.pause(here.world, "*", "holiday")

        with pytest.raises(UsageError, match="not sent: everything is paused"):
            follow.send_by_hand(here.world, draft(here.world, request, question_of(here, request)))


class TestThanks:
    THANKFUL = company(schedule=ASKED_EVERY_MONTH, extra="thanks = true")

    def test_an_answer_is_thanked_for_once_and_no_figure_changes(self, stage: Opening) -> None:
        here, request = asked_back(stage, self.THANKFUL, text=ANSWER)
        before = here.outcome(request)

        for _ in range(3):
            tick(here.world)
            here.forward(hours=1)

        (said,) = replies_that_left(here)
        assert "Anna Beispiel" in said
        assert "?" not in said
        assert "welches Modell" not in said
        assert the_follow_up(here).purpose is Purpose.THANKS
        assert here.outcome(request) == before
        here.far.answer(request, "Gern geschehen! Welches Modell haben Sie denn genommen?")
        tick(here.world)
        after = here.outcome(request)
        assert (after.first_response, after.answer, after.paused) == (
            before.first_response,
            before.answer,
            before.paused,
        )
        assert len(replies_that_left(here)) == 1

    def test_without_the_wish_nothing_is_said(self, stage: Opening) -> None:
        here, _ = asked_back(stage, text=ANSWER)

        tick(here.world)

        assert replies_that_left(here) == []

    def test_an_old_answer_is_left_alone(self, stage: Opening) -> None:
        here, _ = asked_back(stage, self.THANKFUL, text=ANSWER)
        here.forward(days=3)

        tick(here.world)

        assert replies_that_left(here) == []

    def test_a_question_that_came_after_the_answer_is_no_reason_to_thank(self, stage: Opening) -> None:
        here, request = asked_back(stage, self.THANKFUL, text=ANSWER)
        here.far.answer(request, QUESTION)

        tick(here.world)

        assert replies_that_left(here) == []


def test_a_made_up_history_gets_no_letters(stage: Opening) -> None:
    here, request = asked_back(stage)
    collect(here.world)

    assert (
        draft(here.world, replace(request, made_up=True), question_of(here, request)).objection == "we did not ask this"
    )


def test_settling_asks_nobody_where_nothing_is_uncertain(stage: Opening) -> None:
    here, _ = asked_back(stage)
    here.far.go_away()

    settle_follow_ups(here.world)

    assert here.news[-1].what != "not-observed"
