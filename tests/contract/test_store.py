"""What the store promises its use cases: slots, requests on their way, what came in, what was made of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slawatch.channels.base import Batch
from slawatch.errors import StoreError
from slawatch.match.known import Taught
from slawatch.model import (
    Asked,
    AttemptOutcome,
    Classification,
    Delivery,
    DeliveryProof,
    Match,
    MatchEvidence,
    MessageKind,
    Purpose,
    Request,
    SlotState,
    Strength,
    Tied,
    VoidReason,
    Writer,
    WrittenBy,
)
from slawatch.store import Store
from slawatch.store.deriving import Learned
from slawatch.testing import FakeClock
from tests.contract.made import (
    DAY,
    HOUR,
    LEASE,
    MINUTE,
    NOW,
    a_draft,
    a_slot,
    incoming,
    intended,
    judged,
    planned,
    received,
    sending,
    sent,
    start,
    the,
    uncertain,
)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock) -> Iterator[Store]:
    with Store(tmp_path / "slawatch.db", clock=clock) as ready:
        yield ready


class TestSlots:
    def test_laying_the_same_plan_out_twice_adds_nothing(self, store: Store) -> None:
        plan = [a_slot("monday"), a_slot("tuesday", due_at=NOW + DAY)]

        assert store.add_slots(plan) == 2
        assert store.add_slots([*plan, a_slot("wednesday")]) == 1
        assert len(store.slots()) == 3

    def test_a_slot_comes_back_as_it_was_planned(self, store: Store) -> None:
        campaign = store.add_campaign("spring", until=NOW + DAY)

        slot = planned(store, campaign=campaign.id)

        assert slot == a_slot(campaign=campaign.id, id=slot.id)

    def test_only_what_is_due_is_due_and_the_first_comes_first(self, store: Store) -> None:
        store.add_slots(
            [a_slot("late", due_at=NOW), a_slot("early", due_at=NOW - HOUR), a_slot("next", due_at=NOW + HOUR)]
        )

        assert [slot.key for slot in store.slots(state=SlotState.PLANNED, due_until=NOW)] == ["early", "late"]

    def test_a_slot_put_off_is_due_again_at_that_time_and_says_why(self, store: Store) -> None:
        slot = planned(store)

        assert store.put_off(slot.id, NOW + HOUR, "one open request is the limit")

        assert store.slots(due_until=NOW + HOUR - MINUTE) == []
        (again,) = store.slots(due_until=NOW + HOUR)
        assert (again.due_at, again.put_off_until, again.why) == (NOW, NOW + HOUR, "one open request is the limit")

    def test_a_closed_slot_cannot_be_claimed_or_put_off(self, store: Store) -> None:
        slot = planned(store)
        assert store.close_slot(slot.id, "the target is gone")

        assert store.claim(slot, a_draft(slot), worker="w1", guard=lambda history: None) is None
        assert not store.put_off(slot.id, NOW + HOUR, "late")
        assert store.requests() == []

    def test_a_claimed_slot_cannot_be_closed_under_its_worker(self, store: Store) -> None:
        request = intended(store)

        assert not store.close_slot(request.slot_id or 0, "abort")

        assert [slot.state for slot in store.slots()] == [SlotState.CLAIMED]

    @pytest.mark.parametrize("end", ["sent", "refused", "withdrawn", "void"])
    def test_a_slot_is_closed_when_its_request_has_come_to_an_end(self, store: Store, end: str) -> None:
        if end == "sent":
            sent(store)
        elif end == "refused":
            _, attempt = sending(store)
            store.finish_attempt(attempt, AttemptOutcome.REFUSED, detail="550 no such user")
        elif end == "withdrawn":
            store.withdraw([intended(store).id], "abort")
        else:
            request = uncertain(store)
            assert [slot.state for slot in store.slots()] == [SlotState.CLAIMED]
            store.settle(request.id, delivery=Delivery.UNCERTAIN, detail="", void_reason=VoidReason.UNCERTAIN)

        assert [slot.state for slot in store.slots()] == [SlotState.CLOSED]


class TestClaiming:
    def test_a_claim_makes_an_intended_request_with_everything_that_will_be_sent(self, store: Store) -> None:
        slot = planned(store)
        draft = a_draft(slot)

        request = store.claim(slot, draft, worker="w1", guard=lambda history: None)

        assert isinstance(request, Request)
        assert request.delivery is Delivery.INTENDED
        assert (request.text, request.token, request.message_id) == (draft.text, draft.token, draft.message_id)
        assert (request.intended_at, request.due_at, request.slot_id) == (NOW, slot.due_at, slot.id)
        assert store.request(draft.public_id) == request

    def test_the_second_claim_of_a_slot_gets_nothing(self, store: Store) -> None:
        slot = planned(store)
        store.claim(slot, a_draft(slot, "a"), worker="w1", guard=lambda history: None)

        assert store.claim(slot, a_draft(slot, "b"), worker="w2", guard=lambda history: None) is None
        assert [request.public_id for request in store.requests()] == ["R-a"]

    def test_a_guard_that_refuses_is_quoted_and_leaves_the_slot_planned(self, store: Store) -> None:
        slot = planned(store)

        refused = store.claim(slot, a_draft(slot), worker="w1", guard=lambda history: "one open request is the limit")

        assert refused == "one open request is the limit"
        assert store.requests() == []
        assert store.slots() == [slot]

    def test_a_guard_that_fails_leaves_the_slot_planned(self, store: Store) -> None:
        slot = planned(store)

        def broken(history: object) -> str | None:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            store.claim(slot, a_draft(slot), worker="w1", guard=broken)

        assert store.slots() == [slot]

    def test_a_guard_sees_what_another_process_claimed_a_moment_before(self, store: Store, tmp_path: Path) -> None:
        mine, other = planned(store, "mine"), planned(store, "other")
        seen: list[Asked] = []
        with Store(tmp_path / "slawatch.db", clock=FakeClock()) as second:
            second.claim(other, a_draft(other), worker="w2", guard=lambda history: None)

        def look(history: list[Asked]) -> None:
            seen.extend(history)

        store.claim(mine, a_draft(mine), worker="w1", guard=look)

        assert [(asked.probe, asked.open) for asked in seen] == [("delivery-time", True)]


class TestHistory:
    def test_what_was_asked_is_open_until_a_person_replies(self, store: Store) -> None:
        request = sent(store)
        (letter,) = received(store, incoming())
        assert [asked.open for asked in store.history("example-shop", NOW - DAY)] == [True]

        judged(store, letter, request, kind=MessageKind.ACKNOWLEDGEMENT)
        assert [asked.open for asked in store.history("example-shop", NOW - DAY)] == [True]

        judged(store, letter, request, kind=MessageKind.INTERIM)
        assert [asked.open for asked in store.history("example-shop", NOW - DAY)] == [False]

    def test_a_weak_match_and_our_own_copy_close_nothing(self, store: Store) -> None:
        request = sent(store)
        weak, own = received(store, incoming("1"), incoming("2"))

        judged(store, weak, request, strength=Strength.WEAK)
        judged(store, own, request, own=True)

        assert [asked.open for asked in store.history("example-shop", NOW - DAY)] == [True]

    def test_a_bounce_closes_a_request_but_the_company_was_asked(self, store: Store) -> None:
        request = sent(store)
        (bounce,) = received(store, incoming())

        judged(store, bounce, request, kind=MessageKind.BOUNCE)

        assert [asked.open for asked in store.history("example-shop", NOW - DAY)] == [False]

    def test_what_is_on_its_way_counts_as_open(self, store: Store) -> None:
        intended(store, "a")
        sending(store, "b")
        uncertain(store, "c")

        assert [asked.open for asked in store.history("example-shop", NOW - DAY)] == [True, True, True]

    def test_what_never_reached_the_company_did_not_burden_it(self, store: Store) -> None:
        store.withdraw([intended(store, "a").id], "abort")
        _, attempt = sending(store, "b")
        store.finish_attempt(attempt, AttemptOutcome.REFUSED, detail="550 no such user")
        made_up = sent(store, "c")
        store.add_made_up([_renamed(made_up, "d")])

        assert len(store.history("example-shop", NOW - DAY)) == 1

    def test_a_made_up_history_burdens_nobody(self, store: Store) -> None:
        asked = sent(store)
        assert len(store.history("example-shop", NOW - DAY)) == 1

        store.add_made_up([_renamed(asked, "history")])

        assert len(store.requests()) == 2
        assert len(store.history("example-shop", NOW - DAY)) == 1

    def test_other_companies_and_older_times_are_left_out(self, store: Store) -> None:
        sent(store, "a")
        sent(store, "b", company="other")

        assert [asked.company for asked in store.history("other", NOW - DAY)] == ["other"]
        assert store.history("other", NOW + MINUTE) == []


class TestSending:
    def test_a_request_is_started_once(self, store: Store) -> None:
        request = intended(store)

        assert start(store, request, "w1") is not None
        assert start(store, request, "w2") is None
        assert the(store, request).delivery is Delivery.SENDING

    def test_what_was_sent_keeps_when_how_surely_and_in_whose_words(self, store: Store, clock: FakeClock) -> None:
        request, attempt = sending(store)
        clock.forward(timedelta(seconds=3))

        assert store.finish_attempt(
            attempt,
            AttemptOutcome.SENT,
            detail="250 queued as 4711",
            accepted_at=NOW + timedelta(seconds=2),
            uncertainty=timedelta(seconds=1),
            proof=DeliveryProof.PROVEN,
        )

        after = the(store, request)
        assert after.delivery is Delivery.SENT
        assert (after.accepted_at, after.accepted_uncertainty) == (NOW + timedelta(seconds=2), timedelta(seconds=1))
        assert after.proof is DeliveryProof.PROVEN
        (tried,) = store.attempts(request.id)
        assert (tried.number, tried.outcome, tried.detail) == (1, AttemptOutcome.SENT, "250 queued as 4711")
        assert (tried.started_at, tried.ended_at) == (NOW, NOW + timedelta(seconds=3))

    def test_an_unavailable_far_side_is_tried_again_but_not_before_its_time(
        self, store: Store, clock: FakeClock
    ) -> None:
        request, attempt = sending(store)
        store.finish_attempt(attempt, AttemptOutcome.UNAVAILABLE, detail="450 later", retry_at=NOW + 5 * MINUTE)

        assert (the(store, request).delivery, the(store, request).next_attempt_at) == (
            Delivery.INTENDED,
            NOW + 5 * MINUTE,
        )
        clock.forward(4 * MINUTE)
        assert start(store, request) is None
        clock.forward(MINUTE)
        second = start(store, request)
        assert second is not None
        assert second.number == 2
        assert second.envelope_id != attempt.envelope_id

    def test_a_refused_request_is_void_and_never_tried_again(self, store: Store) -> None:
        request, attempt = sending(store)

        store.finish_attempt(attempt, AttemptOutcome.REFUSED, detail="550 no such user")

        after = the(store, request)
        assert (after.delivery, after.void_reason, after.void_detail) == (
            Delivery.REFUSED,
            VoidReason.REFUSED,
            "550 no such user",
        )
        assert start(store, request) is None

    def test_a_sender_that_vanished_leaves_an_uncertain_request_that_nobody_sends(
        self, store: Store, clock: FakeClock
    ) -> None:
        request, _ = sending(store)
        clock.forward(LEASE - MINUTE)
        assert store.expire_leases() == []
        busy, _ = sending(store, "second")
        clock.forward(MINUTE)

        assert [expired.id for expired in store.expire_leases()] == [request.id]

        assert the(store, request).delivery is Delivery.UNCERTAIN
        assert the(store, busy).delivery is Delivery.SENDING
        assert start(store, request) is None
        (tried,) = store.attempts(request.id)
        assert (tried.outcome, tried.ended_at) == (AttemptOutcome.UNCERTAIN, NOW + LEASE)
        assert store.expire_leases() == []

    def test_a_crash_before_the_sending_leaves_a_request_that_can_still_be_sent(
        self, store: Store, clock: FakeClock
    ) -> None:
        request = intended(store)
        clock.forward(DAY)

        assert store.expire_leases() == []
        assert start(store, request, "w2") is not None

    @pytest.mark.parametrize(
        ("outcome", "delivery"),
        [
            (AttemptOutcome.SENT, Delivery.SENT),
            (AttemptOutcome.UNAVAILABLE, Delivery.INTENDED),
            (AttemptOutcome.REFUSED, Delivery.REFUSED),
            (AttemptOutcome.UNCERTAIN, Delivery.UNCERTAIN),
        ],
    )
    def test_a_report_after_the_lease_is_better_than_none(
        self, store: Store, clock: FakeClock, outcome: AttemptOutcome, delivery: Delivery
    ) -> None:
        request, attempt = sending(store)
        clock.forward(LEASE)
        store.expire_leases()

        assert store.finish_attempt(attempt, outcome, detail="late", accepted_at=NOW)

        assert the(store, request).delivery is delivery
        assert store.attempts(request.id)[0].outcome is outcome

    def test_a_report_after_the_settlement_changes_no_request(self, store: Store, clock: FakeClock) -> None:
        request, attempt = sending(store)
        clock.forward(LEASE)
        store.expire_leases()
        store.settle(request.id, delivery=Delivery.WITHDRAWN, detail="proven", void_reason=VoidReason.NOT_SENT)

        assert not store.finish_attempt(attempt, AttemptOutcome.UNAVAILABLE, detail="late", retry_at=NOW)

        assert the(store, request).delivery is Delivery.WITHDRAWN

    def test_a_report_after_our_own_copy_proved_the_sending_does_not_have_it_sent_again(
        self, store: Store, clock: FakeClock
    ) -> None:
        request, attempt = sending(store)
        clock.forward(LEASE)
        store.expire_leases()
        store.settle(request.id, delivery=Delivery.SENT, detail="our own copy arrived", accepted_at=NOW)

        assert not store.finish_attempt(attempt, AttemptOutcome.UNAVAILABLE, detail="late", retry_at=NOW)

        assert the(store, request).delivery is Delivery.SENT
        assert start(store, request, "w2") is None

    def test_a_report_on_a_request_given_up_as_uncertain_counts_only_where_it_was_sent(
        self, store: Store, clock: FakeClock
    ) -> None:
        request, attempt = sending(store)
        clock.forward(LEASE)
        store.expire_leases()
        store.settle(request.id, delivery=Delivery.UNCERTAIN, detail="", void_reason=VoidReason.UNCERTAIN, replan=True)

        assert not store.finish_attempt(attempt, AttemptOutcome.UNAVAILABLE, detail="450", retry_at=NOW)
        assert the(store, request).void_reason is VoidReason.UNCERTAIN

        assert store.finish_attempt(attempt, AttemptOutcome.SENT, detail="250 ok", accepted_at=NOW)
        assert (the(store, request).delivery, the(store, request).void_reason) == (Delivery.SENT, None)

    def test_a_report_of_an_older_attempt_changes_no_request(self, store: Store) -> None:
        request, first = sending(store)
        store.finish_attempt(first, AttemptOutcome.UNAVAILABLE, detail="450")
        assert start(store, request) is not None

        assert not store.finish_attempt(first, AttemptOutcome.REFUSED, detail="550")

        assert the(store, request).delivery is Delivery.SENDING

    @pytest.mark.parametrize("outcome", [AttemptOutcome.STARTED, AttemptOutcome.SENT])
    def test_an_end_that_is_none_is_refused(self, store: Store, outcome: AttemptOutcome) -> None:
        _, attempt = sending(store)

        with pytest.raises(ValueError, match="cannot end"):
            store.finish_attempt(attempt, outcome, detail="")

    def test_the_send_rate_counts_what_left_or_may_have_left(self, store: Store, clock: FakeClock) -> None:
        sent(store, "a")
        clock.forward(MINUTE)
        uncertain(store, "b")
        clock.forward(MINUTE)
        sending(store, "c")
        _, attempt = sending(store, "d")
        store.finish_attempt(attempt, AttemptOutcome.UNAVAILABLE, detail="450")
        intended(store, "e")
        sent(store, "f", account="other")

        assert store.sent_instants("main", NOW) == [NOW, NOW + MINUTE, NOW + 2 * MINUTE]
        assert store.sent_instants("main", NOW + MINUTE) == [NOW + MINUTE, NOW + 2 * MINUTE]

    def test_only_what_has_not_begun_to_leave_is_withdrawn(self, store: Store) -> None:
        mine = intended(store, "a")
        others = [sending(store, "b")[0], sent(store, "c"), uncertain(store, "d")]

        assert store.withdraw([mine.id, *(other.id for other in others)], "abort") == 1

        assert (the(store, mine).delivery, the(store, mine).void_reason) == (Delivery.WITHDRAWN, VoidReason.WITHDRAWN)
        assert start(store, mine) is None
        assert [the(store, other).delivery for other in others] == [Delivery.SENDING, Delivery.SENT, Delivery.UNCERTAIN]


class TestSettling:
    def test_evidence_makes_an_uncertain_request_sent(self, store: Store) -> None:
        request = uncertain(store)

        assert store.settle(
            request.id, delivery=Delivery.SENT, detail="our copy came", accepted_at=NOW, uncertainty=MINUTE
        )

        after = the(store, request)
        assert (after.delivery, after.accepted_at, after.accepted_uncertainty) == (Delivery.SENT, NOW, MINUTE)
        assert after.void_reason is None

    def test_a_void_request_whose_reply_turns_up_counts_after_all(self, store: Store) -> None:
        request = uncertain(store)
        store.settle(request.id, delivery=Delivery.UNCERTAIN, detail="no trace", void_reason=VoidReason.UNCERTAIN)
        assert the(store, request).void_detail == "no trace"

        store.settle(request.id, delivery=Delivery.SENT, detail="a reply came", accepted_at=NOW)

        after = the(store, request)
        assert (after.delivery, after.void_reason, after.void_detail) == (Delivery.SENT, None, "")

    def test_a_slot_planned_anew_is_a_new_slot_each_time(self, store: Store) -> None:
        first = uncertain(store, "monday")
        store.settle(first.id, delivery=Delivery.UNCERTAIN, detail="", void_reason=VoidReason.UNCERTAIN, replan=True)
        (again,) = store.slots(state=SlotState.PLANNED)
        assert again == a_slot("monday#2", id=again.id)

        second = store.claim(again, a_draft(again), worker="w1", guard=lambda history: None)
        assert isinstance(second, Request)
        store.settle(
            second.id, delivery=Delivery.WITHDRAWN, detail="given up", void_reason=VoidReason.NOT_SENT, replan=True
        )

        assert [(slot.key, slot.state) for slot in store.slots()] == [
            ("monday", SlotState.CLOSED),
            ("monday#2", SlotState.CLOSED),
            ("monday#3", SlotState.PLANNED),
        ]

    def test_an_intended_request_can_only_be_given_up(self, store: Store) -> None:
        request = intended(store)

        assert not store.settle(request.id, delivery=Delivery.SENT, detail="", accepted_at=NOW)
        assert not store.settle(
            request.id, delivery=Delivery.UNCERTAIN, detail="", void_reason=VoidReason.UNCERTAIN, replan=True
        )

        assert the(store, request) == request
        assert store.slots(state=SlotState.PLANNED) == []
        assert store.settle(request.id, delivery=Delivery.WITHDRAWN, detail="", void_reason=VoidReason.NOT_SENT)

    def test_what_is_settled_stays_settled(self, store: Store) -> None:
        request = sent(store)

        assert not store.settle(
            request.id, delivery=Delivery.WITHDRAWN, detail="", void_reason=VoidReason.NOT_SENT, replan=True
        )

        assert the(store, request) == request
        assert store.slots(state=SlotState.PLANNED) == []

    @pytest.mark.parametrize(
        ("delivery", "accepted_at", "void_reason", "replan"),
        [
            (Delivery.INTENDED, None, None, False),
            (Delivery.INTENDED, None, VoidReason.NOT_SENT, True),
            (Delivery.SENDING, None, VoidReason.NOT_SENT, False),
            (Delivery.SENT, None, None, False),
            (Delivery.SENT, NOW, VoidReason.NOT_SENT, False),
            (Delivery.SENT, NOW, None, True),
            (Delivery.UNCERTAIN, None, None, False),
            (Delivery.WITHDRAWN, NOW, VoidReason.NOT_SENT, False),
            (Delivery.WITHDRAWN, None, None, True),
        ],
    )
    def test_a_request_is_settled_as_sent_or_as_void_and_never_as_intended_again(
        self,
        store: Store,
        delivery: Delivery,
        accepted_at: datetime | None,
        void_reason: VoidReason | None,
        replan: bool,
    ) -> None:
        request = uncertain(store)

        with pytest.raises(ValueError, match="cannot be settled"):
            store.settle(
                request.id,
                delivery=delivery,
                detail="",
                accepted_at=accepted_at,
                void_reason=void_reason,
                replan=replan,
            )

        assert the(store, request) == request

    def test_the_earliest_of_our_own_copies_counts(self, store: Store) -> None:
        request = sent(store)

        for at in (NOW + 2 * MINUTE, NOW + MINUTE, NOW + 3 * MINUTE):
            store.mark_copy(request.id, at)

        assert the(store, request).copy_received_at == NOW + MINUTE

    def test_what_is_proven_stays_proven(self, store: Store) -> None:
        request = sent(store)
        store.mark_accepted(request.id, None, timedelta(0), DeliveryProof.PROVEN)
        assert (the(store, request).accepted_at, the(store, request).proof) == (NOW, DeliveryProof.PROVEN)

        store.mark_accepted(request.id, NOW + MINUTE, timedelta(seconds=1), DeliveryProof.PRESUMED)

        after = the(store, request)
        assert (after.accepted_at, after.accepted_uncertainty) == (NOW + MINUTE, timedelta(seconds=1))
        assert after.proof is DeliveryProof.PROVEN


class TestRequests:
    def test_they_are_found_by_what_they_are(self, store: Store, clock: FakeClock) -> None:
        campaign = store.add_campaign("spring", until=None)
        first = sent(store, "a", campaign=campaign.id)
        clock.forward(HOUR)
        second = intended(store, "b", company="other")

        assert store.requests() == [first, second]
        assert store.requests(ids=[second.id, 4711]) == [second]
        assert store.requests(ids=[]) == []
        assert store.requests(ids=[0]) == []
        assert store.requests(delivery=Delivery.SENT) == [first]
        assert store.requests(delivery=[Delivery.SENT, Delivery.INTENDED]) == [first, second]
        assert store.requests(company="other") == [second]
        assert store.requests(campaign=campaign.id) == [first]
        assert store.requests(since=NOW, until=NOW + HOUR) == [first]
        assert store.requests(since=NOW + HOUR) == [second]
        assert store.request("R-nobody") is None

    def test_very_many_can_be_asked_for_at_once(self, store: Store) -> None:
        request = sent(store)
        (letter,) = received(store, incoming())
        judged(store, letter, request)
        many = list(range(70_000))

        assert store.requests(ids=many) == [request]
        assert list(store.replies(many)) == [request.id]

    def test_a_made_up_history_is_kept_as_given_and_marked(self, store: Store) -> None:
        given_ = _renamed(sent(store), "history")

        (kept,) = store.add_made_up([given_])

        assert kept.made_up
        assert kept.id != given_.id
        assert (kept.accepted_at, kept.text, kept.token) == (given_.accepted_at, given_.text, given_.token)
        assert store.request(kept.public_id) == kept


class TestLooking:
    def test_evidence_comes_back_byte_for_byte(self, store: Store) -> None:
        (message,) = received(store, incoming(raw=bytes(range(256)) * 100))

        assert store.raw(message.sha256) == bytes(range(256)) * 100
        assert store.message(message.id) == message

    def test_evidence_that_is_not_kept_is_an_error_in_one_line(self, store: Store) -> None:
        with pytest.raises(StoreError, match='keeps no evidence "abc"'):
            store.raw("abc")

    def test_the_same_batch_twice_is_kept_once(self, store: Store) -> None:
        letters = [incoming("1"), incoming("2")]

        assert len(received(store, *letters)) == 2
        assert received(store, *letters) == []
        assert len(store.messages()) == 2

    def test_the_same_bytes_elsewhere_are_a_duplicate(self, store: Store) -> None:
        (first,) = received(store, incoming("1", raw=b"same"))

        assert received(store, incoming("2", raw=b"same")) == []

        (copy,) = store.messages(ids=[first.id + 1])
        assert copy.duplicate_of == first.id
        assert store.messages() == [first]

    def test_the_same_letter_by_another_way_is_a_duplicate(self, store: Store) -> None:
        first, *others = received(store, incoming("1", own_id="x@y"), incoming("2", own_id="x@y"))

        assert others == []
        assert store.messages() == [first]

    def test_another_letter_under_a_message_id_used_before_is_not_lost(self, store: Store) -> None:
        receipt, answer = incoming("1", own_id="fixed@desk"), incoming("2", own_id="fixed@desk", date=HOUR)

        assert len(received(store, receipt, answer)) == 2

    def test_letters_without_a_message_id_are_not_duplicates_of_each_other(self, store: Store) -> None:
        assert len(received(store, incoming("1"), incoming("2"))) == 2

    def test_another_account_has_its_own_copy(self, store: Store) -> None:
        batch = Batch(messages=(incoming("1"),), cursor="c")

        assert len(store.add_batch("main", "memory", batch)) == 1
        assert len(store.add_batch("other", "memory", batch)) == 1

    def test_the_cursor_moves_with_its_batch(self, store: Store) -> None:
        assert store.cursor("main") == ""

        store.add_batch("main", "memory", Batch(messages=(incoming("1"),), cursor="after one", more=True))

        assert store.cursor("main") == "after one"
        assert store.cursor("other") == ""
        assert store.observed_until("main") is None

    def test_a_batch_with_one_broken_message_is_not_kept_at_all(self, store: Store) -> None:
        naive = incoming("2")
        object.__setattr__(naive.stamps, "at", datetime(2026, 3, 29, 12))  # noqa: DTZ001 - the fault that is tried

        with pytest.raises(ValueError, match="no time zone"):
            received(store, incoming("1"), naive)

        assert store.messages() == []
        assert store.cursor("main") == ""

    def test_observed_until_never_goes_back(self, store: Store) -> None:
        for until in (NOW, NOW + HOUR, NOW + MINUTE):
            store.add_batch("main", "memory", Batch(messages=(), cursor="c", looked_until=until))

        assert store.observed_until("main") == NOW + HOUR

    def test_looking_all_the_time_is_one_stretch_and_a_gap_begins_another(self, store: Store, clock: FakeClock) -> None:
        def look() -> None:
            store.add_batch("main", "memory", Batch(messages=(), cursor="c", looked_until=clock.now()))

        look()
        clock.forward(HOUR)
        look()
        clock.forward(MINUTE)
        store.note_failure("main", "cannot log in")
        clock.forward(MINUTE)
        store.note_failure("main", "cannot log in")
        clock.forward(DAY)
        look()
        clock.forward(HOUR + MINUTE)
        look()

        assert store.looks("main", NOW) == [
            (NOW, NOW + HOUR, True, ""),
            (NOW + HOUR + MINUTE, NOW + HOUR + 2 * MINUTE, False, "cannot log in"),
            (clock.now() - HOUR - MINUTE, clock.now() - HOUR - MINUTE, True, ""),
            (clock.now(), clock.now(), True, ""),
        ]
        assert store.looks("main", clock.now()) == [(clock.now(), clock.now(), True, "")]
        assert store.looks("other", NOW) == []

    def test_a_failed_look_moves_neither_cursor_nor_observed_until(self, store: Store, clock: FakeClock) -> None:
        store.add_batch("main", "memory", Batch(messages=(), cursor="c", looked_until=NOW))
        clock.forward(HOUR)

        store.note_failure("main", "cannot log in")

        assert (store.cursor("main"), store.observed_until("main")) == ("c", NOW)

    def test_an_inbox_has_one_owner_until_given_back_or_its_lease_is_over(self, store: Store, clock: FakeClock) -> None:
        assert store.take_inbox("main", "w1", LEASE)
        assert store.take_inbox("main", "w1", LEASE)
        assert not store.take_inbox("main", "w2", LEASE)
        assert store.take_inbox("other", "w2", LEASE)

        store.release_inbox("main", "w2")
        assert not store.take_inbox("main", "w2", LEASE)
        store.release_inbox("main", "w1")
        assert store.take_inbox("main", "w2", LEASE)
        clock.forward(LEASE)
        assert store.take_inbox("main", "w1", LEASE)

    def test_what_cannot_be_encoded_is_kept_as_far_as_it_can(self, store: Store) -> None:
        letter = incoming(own_id="a\ud800b")
        object.__setattr__(letter.facts, "sender", "c\0d")

        (message,) = received(store, letter)

        assert (message.own_id, message.sender) == ("a?b", "c\ufffdd")

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
    @given(words=st.text(st.characters(), max_size=30), raw=st.binary(max_size=60))
    def test_whatever_others_write_can_be_kept(self, store: Store, words: str, raw: bytes) -> None:
        letter = incoming(f"{raw.hex()}-{len(store.messages())}", raw=raw, own_id=words)
        object.__setattr__(letter.facts, "sender", words)
        object.__setattr__(letter.facts, "subjects", (words,))

        received(store, letter)

        for message in store.messages():
            store.raw(message.sha256)
            message.subject.encode()


class TestDeriving:
    def test_a_reply_brings_all_that_was_derived_from_its_message(self, store: Store) -> None:
        request = sent(store)
        (letter,) = received(store, incoming())

        judged(store, letter, request, kind=MessageKind.INTERIM)

        ((reply,),) = store.replies([request.id]).values()
        assert (reply.message_id, reply.request_id, reply.kind) == (letter.id, request.id, MessageKind.INTERIM)
        assert reply.stamps == letter.stamps
        assert [(reason.rule, reason.saw) for reason in reply.because] == [("made", "so")]
        assert (reply.sender, reply.subject) == (letter.sender, letter.subject)

    def test_a_second_judgement_replaces_the_first(self, store: Store) -> None:
        first, second = sent(store, "a"), sent(store, "b")
        (letter,) = received(store, incoming())

        judged(store, letter, first, rules="rules-1")
        judged(store, letter, second, kind=MessageKind.HANDOFF, rules="rules-2")

        assert {key: [reply.kind for reply in found] for key, found in store.replies().items()} == {
            second.id: [MessageKind.HANDOFF]
        }

    def test_one_letter_may_answer_several_requests(self, store: Store) -> None:
        first, second = sent(store, "a"), sent(store, "b")
        (letter,) = received(store, incoming())

        judged(store, letter, first, second)

        assert sorted(store.replies()) == [first.id, second.id]
        assert sorted(store.replies([first.id])) == [first.id]

    def test_replies_come_in_the_order_of_their_arrival(self, store: Store) -> None:
        request = sent(store)
        late, early = incoming("1"), incoming("2")
        object.__setattr__(early.stamps, "at", NOW)
        for letter in received(store, late, early):
            judged(store, letter, request)

        assert [reply.stamps.at for reply in store.replies()[request.id]] == [NOW, NOW + HOUR]

    def test_our_own_copies_are_no_replies_and_belong_to_nobody_s_review(self, store: Store) -> None:
        request = sent(store)
        (letter,) = received(store, incoming())

        judged(store, letter, request, own=True, kind=MessageKind.UNKNOWN)

        assert store.replies() == {}
        assert store.waiting_for_review() == []
        assert store.messages(unmatched=True) == []

    def test_what_today_s_rules_have_not_seen_is_found(self, store: Store) -> None:
        new, judged_before, judged_now = received(store, incoming("1"), incoming("2"), incoming("3"))
        received(store, incoming("4", raw=b"letter 1"))
        judged(store, judged_before, rules="rules-1")
        judged(store, judged_now, rules="rules-2")

        assert store.messages(rules_before="rules-2") == [new, judged_before]
        assert store.messages(rules_before="rules-2", account="other") == []

    def test_what_belongs_to_nothing_is_unmatched_once_it_was_judged(self, store: Store) -> None:
        request = sent(store)
        stray, reply, _ = received(store, incoming("1"), incoming("2"), incoming("3"))
        judged(store, stray)
        judged(store, reply, request)

        assert store.messages(unmatched=True) == [stray]

    def test_weak_and_unknown_replies_wait_for_a_person(self, store: Store) -> None:
        request = sent(store)
        weak, unknown, _stray, sure = received(store, *(incoming(str(number)) for number in range(4)))
        judged(store, weak, request, strength=Strength.WEAK)
        judged(store, unknown, request, kind=MessageKind.UNKNOWN)
        judged(store, sure, request)

        assert store.waiting_for_review() == [weak, unknown]

    def test_of_the_keys_asked_for_only_ours_are_known(self, store: Store) -> None:
        first, attempt = sending(store, "a")
        intended(store, "b")

        known = store.known_for(
            tokens=["TOKEN-A", "stranger"], message_ids=["a@own.example", ""], envelope_ids=[attempt.envelope_id, ""]
        )

        assert known.by_token == {"token-a": first.id}
        assert known.by_message_id == {"a@own.example": first.id}
        assert known.by_envelope_id == {attempt.envelope_id.lower(): first.id}
        assert len(store.ids_known().by_token) == 2

    def test_what_we_wrote_later_leads_to_its_request_and_is_told_apart(self, store: Store) -> None:
        request = sent(store)
        (question,) = received(store, incoming())
        store.add_follow_up(
            request_id=request.id,
            message_id=question.id,
            purpose=Purpose.REPLY,
            subject="Re: Frage",
            body="Der rote.",
            own_id="Later@own.example",
            envelope_id="slw-later",
        )

        known = store.known_for(tokens=[], message_ids=["later@OWN.example"], envelope_ids=["slw-later"])

        assert known.by_message_id == {"later@own.example": request.id}
        assert known.by_envelope_id == {"slw-later": request.id}
        assert known.follow_ups == store.ids_known().follow_ups == {"later@own.example", "slw-later"}

    def test_each_request_keeps_what_tied_the_letter_to_it(self, store: Store) -> None:
        first, second = sent(store, "a"), sent(store, "b")
        (letter,) = received(store, incoming())
        found = Match(
            request_ids=(first.id, second.id),
            evidence=MatchEvidence.CITED_ID,
            strength=Strength.CERTAIN,
            ties={second.id: Tied(evidence=MatchEvidence.BODY, strength=Strength.MEDIUM, saw="toke…")},
            writers={second.id: WrittenBy(writer=Writer.STRANGER, saw="else.example")},
        )

        store.save_derived(letter.id, match=found, own=False, classification=None, rules="rules-1")

        one, two = (store.replies()[request.id][0] for request in (first, second))
        assert (one.evidence, one.strength, one.written_by) == (MatchEvidence.CITED_ID, Strength.CERTAIN, WrittenBy())
        assert (two.evidence, two.strength, two.saw) == (MatchEvidence.BODY, Strength.MEDIUM, "toke…")
        assert two.written_by == WrittenBy(writer=Writer.STRANGER, saw="else.example")

    def test_what_a_letter_taught_is_forgotten_with_what_was_made_of_it(self, store: Store) -> None:
        request = sent(store)
        (letter,) = received(store, incoming())
        judged(store, letter, request)
        store.save_derived(
            letter.id,
            match=None,
            own=False,
            classification=None,
            rules="rules-1",
            learned=[Learned("example-shop", "ticket:4711", request.id)],
        )

        assert store.taught(["example-shop"], ["ticket:4711", "ticket:1"]) == [
            Taught(key="ticket:4711", message_id=letter.id, request_id=request.id)
        ]
        assert store.taught(["other"], ["ticket:4711"]) == []
        judged(store, letter, request)
        assert store.taught(["example-shop"], ["ticket:4711"]) == []

    def test_candidates_are_what_left_for_these_companies_in_that_time(self, store: Store) -> None:
        open_, answered = sent(store, "a"), sent(store, "b")
        sent(store, "c", company="other")
        sent(store, "d", account="else")
        intended(store, "e")
        doubtful = uncertain(store, "f")
        weak, sure, _ = received(store, incoming("1"), incoming("2"), incoming("3"))
        judged(store, weak, open_, strength=Strength.WEAK)
        judged(store, sure, answered)

        def candidates(since: timedelta) -> dict[int, datetime | None]:
            found = store.candidates(["example-shop"], account="main", since=NOW - since, until=NOW + DAY)
            return {one.request_id: one.answered_at for one in found}

        assert candidates(DAY) == {open_.id: None, answered.id: NOW + HOUR, doubtful.id: None}
        assert candidates(-MINUTE) == {}

    def test_the_same_text_to_another_request_is_found_and_its_first_copy_judged_again_once(self, store: Store) -> None:
        first, second = sent(store, "a"), sent(store, "b")
        one, two = received(store, incoming("1"), incoming("2"))
        told = Classification(kind=MessageKind.ANSWER, because=(), fingerprint="same")
        of_the_first = Match(request_ids=(first.id,), evidence=MatchEvidence.CITED_ID, strength=Strength.CERTAIN)
        store.save_derived(one.id, match=of_the_first, own=False, classification=told, rules="rules-1")

        assert store.same_text("same", company="example-shop", besides=two.id) == {first.id}
        assert store.same_text("same", company="other", besides=two.id) == frozenset()
        assert store.same_text("", company="example-shop", besides=two.id) == frozenset()
        assert store.judge_same_text_again("same", company="example-shop", besides=two.id, rules="rules-1") == 1
        assert store.messages(rules_before="rules-1") == [one, two]

        judged(store, two, second)
        store.save_derived(one.id, match=of_the_first, own=False, classification=told, rules="rules-1")
        assert store.judge_same_text_again("same", company="example-shop", besides=two.id, rules="rules-1") == 0


class TestControl:
    def test_a_value_is_kept_until_another_takes_its_place(self, store: Store) -> None:
        assert store.meta("laid_out") is None
        store.set_meta("laid_out", "a")
        store.set_meta("laid_out", "b")

        assert store.meta("laid_out") == "b"

    def test_a_pause_lasts_until_it_is_resumed(self, store: Store) -> None:
        store.pause("company:example-shop", "holidays")
        store.pause("*", "moving")
        assert store.paused() == {"*": "moving", "company:example-shop": "holidays"}

        assert store.resume("*")
        assert not store.resume("*")
        assert store.paused() == {"company:example-shop": "holidays"}

    def test_a_campaign_survives_and_the_latest_is_found(self, store: Store, clock: FakeClock) -> None:
        assert store.campaign() is None
        first = store.add_campaign("spring", until=NOW + DAY)
        second = store.add_campaign("summer", until=None)
        clock.forward(HOUR)
        store.end_campaign(first.id)
        clock.forward(HOUR)
        store.end_campaign(first.id)

        assert store.campaign() == second
        ended = store.campaign(first.id)
        assert ended is not None
        assert (ended.started_at, ended.until, ended.ended_at) == (NOW, NOW + DAY, NOW + HOUR)

    def test_events_are_kept_in_their_order(self, store: Store, clock: FakeClock) -> None:
        store.event("paused", "*", "moving")
        clock.forward(HOUR)
        store.event("resumed", "*", "")

        assert store.events(NOW) == [(NOW, "paused", "*", "moving"), (NOW + HOUR, "resumed", "*", "")]
        assert [event.kind for event in store.events(NOW + MINUTE)] == ["resumed"]


def _renamed(request: Request, name: str) -> Request:
    return Request(
        id=0,
        public_id=f"R-{name}",
        origin=request.origin,
        company=request.company,
        channel=request.channel,
        target=request.target,
        account=request.account,
        text=request.text,
        token=f"token-{name}",
        message_id=f"{name}@own.example",
        delivery=Delivery.SENT,
        due_at=NOW - DAY,
        zone=request.zone,
        intended_at=NOW - DAY,
        accepted_at=NOW - DAY,
    )
