"""What the store promises about our letters after a request: intended first, each sent at most once, settled once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from slawatch.model import AttemptOutcome, Delivery, FollowUp, MessageKind, Purpose, Request
from slawatch.store import Store
from slawatch.testing import FakeClock
from tests.contract.made import DAY, HOUR, LEASE, MINUTE, NOW, incoming, judged, received, sending, sent
from tests.contract.test_store_races import MANY, THREADS, all_at_once


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock) -> Iterator[Store]:
    with Store(tmp_path / "slawatch.db", clock=clock) as ready:
        yield ready


def asked_back(store: Store, name: str = "1", request: Request | None = None) -> tuple[Request, int]:
    """A request whose company asks back; returns it with the question's message id."""
    request = request or sent(store, f"slot {name}")
    (message,) = received(store, incoming(name, own_id=f"question-{name}@shop.example"))
    judged(store, message, request, kind=MessageKind.QUESTION)
    return request, message.id


def meant(
    store: Store,
    request: Request,
    message_id: int,
    *,
    name: str = "1",
    purpose: Purpose = Purpose.REPLY,
    by_hand: bool = False,
    most: int | None = None,
) -> FollowUp | None:
    return store.add_follow_up(
        request_id=request.id,
        message_id=message_id,
        purpose=purpose,
        subject="Re: Frage",
        body=f"Es geht mir allgemein darum ({name}).",
        own_id=f"Follow-{name}-{purpose}@own.example",
        envelope_id=f"SLW-follow-{name}-{purpose}",
        by_hand=by_hand,
        most=most,
    )


def intended(store: Store, name: str = "1") -> FollowUp:
    made = meant(store, *asked_back(store, name), name=name)
    assert made is not None
    return made


def start(store: Store, follow_up: FollowUp, worker: str = "w1") -> FollowUp | None:
    return store.start_follow_up(follow_up, account="main", worker=worker, lease=LEASE)


def started(store: Store, name: str = "1") -> FollowUp:
    taken = start(store, intended(store, name))
    assert taken is not None
    return taken


def the(store: Store, follow_up: FollowUp) -> FollowUp:
    (found,) = (one for one in store.follow_ups([follow_up.request_id])[follow_up.request_id] if one.id == follow_up.id)
    return found


class TestTheIntent:
    def test_it_is_kept_as_it_will_be_sent(self, store: Store) -> None:
        request, question = asked_back(store)

        made = meant(store, request, question)

        assert made is not None
        assert store.follow_ups([request.id]) == {request.id: [made]}
        assert (made.message_id, made.purpose, made.delivery) == (question, Purpose.REPLY, Delivery.INTENDED)
        assert (made.own_id, made.envelope_id) == ("follow-1-reply@own.example", "slw-follow-1-reply")
        assert (made.intended_at, made.started_at, made.sent_at, made.by_hand) == (NOW, None, None, False)

    def test_a_question_gets_one_reply_and_one_only(self, store: Store) -> None:
        request, question = asked_back(store)
        first = meant(store, request, question)

        assert meant(store, request, question, name="2") is None
        assert store.follow_ups() == {request.id: [first]}

    def test_thanks_are_another_matter(self, store: Store) -> None:
        request, question = asked_back(store)
        meant(store, request, question)

        assert meant(store, request, question, purpose=Purpose.THANKS) is not None

    def test_no_request_gets_more_of_them_than_it_may(self, store: Store) -> None:
        request, first = asked_back(store, "1")
        _, second = asked_back(store, "2", request)
        _, third = asked_back(store, "3", request)

        made = [meant(store, request, one, name=str(one), most=2) for one in (first, second, third)]

        assert [one is not None for one in made] == [True, True, False]
        assert meant(store, request, third, name="by hand", by_hand=True) is not None

    def test_by_hand_it_is_worded_anew_while_it_has_surely_not_left(self, store: Store) -> None:
        first = intended(store)

        again = store.add_follow_up(
            request_id=first.request_id,
            message_id=first.message_id,
            purpose=Purpose.REPLY,
            subject="Re: Frage",
            body="Anders gesagt.",
            own_id="other@own.example",
            envelope_id="slw-other",
            by_hand=True,
        )

        assert again is not None
        assert (again.id, again.body, again.own_id, again.by_hand) == (
            first.id,
            "Anders gesagt.",
            "other@own.example",
            True,
        )

    @pytest.mark.parametrize("outcome", [AttemptOutcome.SENT, AttemptOutcome.UNCERTAIN, None])
    def test_what_may_have_left_is_not_worded_anew_by_anybody(
        self, store: Store, outcome: AttemptOutcome | None
    ) -> None:
        one = started(store)
        if outcome is not None:
            store.finish_follow_up(one, outcome, detail="", sent_at=NOW if outcome is AttemptOutcome.SENT else None)
        request = store.requests(ids=[one.request_id])[0]

        assert meant(store, request, one.message_id, name="again", by_hand=True) is None
        assert the(store, one).own_id == one.own_id

    def test_what_was_given_up_without_knowing_is_not_either(self, store: Store) -> None:
        one = started(store)
        store.finish_follow_up(one, AttemptOutcome.UNCERTAIN, detail="the line broke")
        assert store.settle_follow_up(one, delivery=Delivery.WITHDRAWN, detail="no trace")
        request = store.requests(ids=[one.request_id])[0]

        assert meant(store, request, one.message_id, name="again", by_hand=True) is None

    @pytest.mark.parametrize("proven", [True, False])
    def test_what_was_refused_or_proven_not_to_have_left_may_be(self, store: Store, proven: bool) -> None:
        one = started(store)
        if proven:
            store.finish_follow_up(one, AttemptOutcome.UNCERTAIN, detail="the line broke")
            store.settle_follow_up(one, delivery=Delivery.WITHDRAWN, detail="proven", left=False)
        else:
            store.finish_follow_up(one, AttemptOutcome.REFUSED, detail="550")
        request = store.requests(ids=[one.request_id])[0]

        again = meant(store, request, one.message_id, name="again", by_hand=True)

        assert again is not None
        assert start(store, again) is not None


class TestSending:
    def test_it_is_started_once(self, store: Store) -> None:
        one = intended(store)

        assert start(store, one, "w1") is not None
        assert start(store, one, "w2") is None
        assert the(store, one).delivery is Delivery.SENDING

    def test_what_was_sent_keeps_when_and_in_whose_words(self, store: Store) -> None:
        one = started(store)

        assert store.finish_follow_up(
            one, AttemptOutcome.SENT, detail="250 ok", sent_at=NOW + MINUTE, uncertainty=timedelta(seconds=2)
        )

        after = the(store, one)
        assert (after.delivery, after.sent_at, after.uncertainty) == (Delivery.SENT, NOW + MINUTE, timedelta(seconds=2))
        assert (after.detail, after.started_at) == ("250 ok", NOW)

    def test_an_unavailable_far_side_is_tried_again_but_not_before_its_time(
        self, store: Store, clock: FakeClock
    ) -> None:
        one = started(store)
        store.finish_follow_up(one, AttemptOutcome.UNAVAILABLE, detail="450", retry_at=NOW + 5 * MINUTE)

        assert (the(store, one).delivery, the(store, one).started_at) == (Delivery.INTENDED, None)
        clock.forward(4 * MINUTE)
        assert start(store, one) is None
        clock.forward(MINUTE)
        assert start(store, one) is not None

    def test_a_sender_that_vanished_leaves_it_uncertain_and_nobody_sends_it(
        self, store: Store, clock: FakeClock
    ) -> None:
        one = started(store)
        clock.forward(LEASE - MINUTE)
        assert store.expire_follow_ups() == []
        clock.forward(MINUTE)

        assert [expired.id for expired in store.expire_follow_ups()] == [one.id]

        assert the(store, one).delivery is Delivery.UNCERTAIN
        assert start(store, one) is None
        assert store.follow_ups_in(Delivery.UNCERTAIN) == [the(store, one)]

    def test_a_report_after_the_lease_is_better_than_none(self, store: Store, clock: FakeClock) -> None:
        one = started(store)
        clock.forward(LEASE)
        store.expire_follow_ups()

        assert store.finish_follow_up(one, AttemptOutcome.SENT, detail="250", sent_at=NOW)

        assert the(store, one).delivery is Delivery.SENT

    def test_a_report_after_evidence_showed_that_it_left_does_not_have_it_sent_again(
        self, store: Store, clock: FakeClock
    ) -> None:
        one = started(store)
        clock.forward(LEASE)
        store.expire_follow_ups()
        store.settle_follow_up(one, delivery=Delivery.SENT, detail="our own copy", sent_at=NOW)

        assert not store.finish_follow_up(one, AttemptOutcome.UNAVAILABLE, detail="450", retry_at=NOW)

        assert the(store, one).delivery is Delivery.SENT
        assert start(store, one) is None

    @pytest.mark.parametrize(
        ("outcome", "sent_at"),
        [(AttemptOutcome.STARTED, None), (AttemptOutcome.SENT, None), (AttemptOutcome.REFUSED, NOW)],
    )
    def test_an_end_that_is_none_is_refused(
        self, store: Store, outcome: AttemptOutcome, sent_at: datetime | None
    ) -> None:
        one = started(store)

        with pytest.raises(ValueError, match="cannot end"):
            store.finish_follow_up(one, outcome, detail="", sent_at=sent_at)

    def test_the_accounts_send_rate_counts_it_as_it_counts_requests(self, store: Store, clock: FakeClock) -> None:
        seen: list[list[datetime]] = []

        def rate(instants: list[datetime]) -> bool:
            seen.append(instants)
            return False

        sent(store, "a request")
        clock.forward(MINUTE)
        one = intended(store)
        assert store.start_follow_up(one, account="main", worker="w1", lease=LEASE, guard=rate) is None
        assert start(store, one) is not None

        assert seen == [[NOW, NOW + MINUTE]]
        assert store.sent_instants("main", NOW) == [NOW, NOW + MINUTE, NOW + MINUTE]
        store.finish_follow_up(one, AttemptOutcome.UNAVAILABLE, detail="450")
        assert store.sent_instants("main", NOW) == [NOW, NOW + MINUTE]
        assert store.sent_instants("other", NOW) == []


class TestSettling:
    def test_evidence_makes_an_uncertain_one_sent_even_after_it_was_given_up(self, store: Store) -> None:
        one = started(store)
        store.finish_follow_up(one, AttemptOutcome.UNCERTAIN, detail="the line broke")
        assert store.settle_follow_up(one, delivery=Delivery.WITHDRAWN, detail="no trace")
        assert the(store, one).sent_at is None

        assert store.settle_follow_up(
            one, delivery=Delivery.SENT, detail="they cite it", sent_at=NOW, uncertainty=MINUTE
        )

        after = the(store, one)
        assert (after.delivery, after.sent_at, after.uncertainty) == (Delivery.SENT, NOW, MINUTE)

    def test_one_that_came_back_was_not_sent(self, store: Store) -> None:
        one = started(store)
        store.finish_follow_up(one, AttemptOutcome.SENT, detail="250", sent_at=NOW)

        assert store.settle_follow_up(one, delivery=Delivery.REFUSED, detail="5.1.1")

        after = the(store, one)
        assert (after.delivery, after.sent_at) == (Delivery.REFUSED, None)

    def test_what_was_never_begun_cannot_turn_out_to_have_left(self, store: Store) -> None:
        one = intended(store)

        assert not store.settle_follow_up(one, delivery=Delivery.SENT, detail="", sent_at=NOW)
        assert store.settle_follow_up(one, delivery=Delivery.WITHDRAWN, detail="abort", left=False)
        assert not store.settle_follow_up(one, delivery=Delivery.SENT, detail="", sent_at=NOW)
        assert start(store, one) is None

    @pytest.mark.parametrize(
        ("delivery", "sent_at"),
        [(Delivery.INTENDED, None), (Delivery.SENDING, None), (Delivery.SENT, None), (Delivery.WITHDRAWN, NOW)],
    )
    def test_nothing_is_ever_intended_again(self, store: Store, delivery: Delivery, sent_at: datetime | None) -> None:
        one = started(store)

        with pytest.raises(ValueError, match="cannot be settled"):
            store.settle_follow_up(one, delivery=delivery, detail="", sent_at=sent_at)


class TestByHand:
    def record(self, store: Store, request: Request, message_id: int) -> FollowUp | None:
        return store.record_follow_up(
            request_id=request.id,
            message_id=message_id,
            purpose=Purpose.REPLY,
            sent_at=NOW + HOUR,
            uncertainty=MINUTE,
            own_id="Mine@own.example",
        )

    def test_what_a_person_sent_is_kept_as_sent(self, store: Store) -> None:
        request, question = asked_back(store)

        made = self.record(store, request, question)

        assert made is not None
        assert (made.delivery, made.sent_at, made.uncertainty) == (Delivery.SENT, NOW + HOUR, MINUTE)
        assert (made.own_id, made.by_hand, made.started_at) == ("mine@own.example", True, None)
        assert store.sent_instants("main", NOW) == [NOW]

    def test_it_takes_the_place_of_ours_that_has_not_left(self, store: Store) -> None:
        one = intended(store)

        made = self.record(store, store.requests(ids=[one.request_id])[0], one.message_id)

        assert made is not None
        assert made.id == one.id
        assert start(store, one) is None

    @pytest.mark.parametrize("finished", [True, False])
    def test_ours_that_left_or_is_just_leaving_stays(self, store: Store, finished: bool) -> None:
        one = started(store)
        if finished:
            store.finish_follow_up(one, AttemptOutcome.SENT, detail="250", sent_at=NOW)

        assert self.record(store, store.requests(ids=[one.request_id])[0], one.message_id) is None

        assert the(store, one).own_id == one.own_id


class TestLookingUp:
    def test_questions_are_open_until_we_mean_to_write(self, store: Store) -> None:
        request, question = asked_back(store)
        answered, _ = sending(store, "answered")
        (message,) = received(store, incoming("answer"))
        judged(store, message, answered, kind=MessageKind.ANSWER)

        assert store.questions_open(NOW) == [request.id]
        assert store.questions_open(NOW + DAY) == []
        assert store.answers_unthanked(NOW) == [answered.id]
        meant(store, request, question)
        meant(store, answered, message.id, purpose=Purpose.THANKS)
        assert store.questions_open(NOW) == []
        assert store.answers_unthanked(NOW) == []

    def test_they_are_found_by_the_ids_they_left_under(self, store: Store) -> None:
        one, other = intended(store, "1"), intended(store, "2")

        assert store.follow_ups_named(own_ids=[one.own_id.upper(), "nobody@own.example", ""]) == {one.id: one}
        assert store.follow_ups_named(envelope_ids=[other.envelope_id.upper()]) == {other.id: other}
        assert store.follow_ups_named() == {}

    def test_a_letter_that_cites_a_reply_leads_to_it_and_its_request(self, store: Store) -> None:
        request, question = asked_back(store)
        (own,) = received(store, incoming("own", own_id="own@own.example"))
        judged(store, own, request, own=True)

        assert store.cited_replies("main", ["Question-1@shop.example", ""]) == [(question, request.id)]
        assert store.cited_replies("other", ["question-1@shop.example"]) == []
        assert store.cited_replies("main", ["own@own.example"]) == []

    def test_a_reply_to_what_we_wrote_leads_to_the_request(self, store: Store) -> None:
        one = intended(store)

        known = store.known_for(tokens=[], message_ids=[one.own_id], envelope_ids=[one.envelope_id])

        assert known.by_message_id == {one.own_id: one.request_id}
        assert known.by_envelope_id == {one.envelope_id: one.request_id}
        assert store.ids_known().by_message_id[one.own_id] == one.request_id


def test_of_threads_that_start_one_exactly_one_sends_it(tmp_path: Path) -> None:
    with Store(tmp_path / "slawatch.db", clock=FakeClock()) as store:
        for round_ in range(MANY):
            one = intended(store, str(round_))

            got = all_at_once(lambda number, one=one: start(store, one, f"w{number}"))  # type: ignore[misc]  # a default binds this round's

            assert Counter(type(each) for each in got) == {FollowUp: 1, type(None): THREADS - 1}


class Machine(RuleBasedStateMachine):
    """Workers that vanish, report late or never, and evidence that turns up at any time: it leaves once at most."""

    folder: Path
    numbers = count()

    @initialize()
    def begin(self) -> None:
        self.clock = FakeClock()
        self.store = Store(self.folder / f"{next(self.numbers)}.db", clock=self.clock)
        self.store.open()
        self.one = intended(self.store)
        self.left = 0
        self.running: list[tuple[FollowUp, bool]] = []

    @rule(leaves=st.booleans())
    def take(self, leaves: bool) -> None:
        taken = start(self.store, self.one)
        if taken is not None:
            self.running.append((taken, leaves))
            self.left += leaves

    @precondition(lambda self: self.running)
    @rule(knows=st.booleans(), for_good=st.booleans())
    def report(self, knows: bool, for_good: bool) -> None:
        taken, left = self.running.pop()
        nothing = AttemptOutcome.REFUSED if for_good else AttemptOutcome.UNAVAILABLE
        outcome = (AttemptOutcome.SENT if left else nothing) if knows else AttemptOutcome.UNCERTAIN
        at = self.clock.now() if outcome is AttemptOutcome.SENT else None
        self.store.finish_follow_up(taken, outcome, detail="", sent_at=at)

    @rule()
    def vanish(self) -> None:
        self.clock.forward(LEASE)
        self.store.expire_follow_ups()

    @rule()
    def give_up(self) -> None:
        if the(self.store, self.one).delivery is Delivery.UNCERTAIN:
            self.store.settle_follow_up(self.one, delivery=Delivery.WITHDRAWN, detail="no trace")

    @rule()
    def evidence(self) -> None:
        if self.left:
            self.store.settle_follow_up(self.one, delivery=Delivery.SENT, detail="copy", sent_at=self.clock.now())

    @invariant()
    def it_left_once_at_most(self) -> None:
        assert self.left <= 1
        if the(self.store, self.one).delivery is Delivery.SENT:
            assert self.left == 1

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()


def test_whatever_happens_in_whatever_order_it_leaves_once_at_most(tmp_path: Path) -> None:
    class Here(Machine):
        folder = tmp_path

    run_state_machine_as_test(Here, settings=settings(max_examples=25, stateful_step_count=15, deadline=None))
