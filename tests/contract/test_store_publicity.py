"""What the store promises channels on which everybody reads along: who is who, costs, posts by people, deletions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from slawatch.channels.base import Batch
from slawatch.model import (
    Delivery,
    DeliveryProof,
    Facts,
    Form,
    Incoming,
    MessageKind,
    Origin,
    Promise,
    PromiseAbout,
    Request,
    SlotState,
    Stamps,
    Strength,
    Text,
    VoidReason,
    Writer,
)
from slawatch.store import Charge, Store
from slawatch.store.publicity import PURGED
from slawatch.testing import FakeClock
from tests.contract.made import DAY, HOUR, LEASE, MINUTE, NOW, a_draft, judged, planned, uncertain

POSTED = "memory:Post-1"
PROVEN = DeliveryProof.PROVEN
AGES = (DAY, 7 * DAY, 30 * DAY)
TEXT = "QUEENSWAY deliveries leave on the third of the month"  # words that stand nowhere else


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock) -> Iterator[Store]:
    with Store(tmp_path / "slawatch.db", clock=clock) as ready:
        yield ready


def prepared(store: Store, key: str = "first") -> Request:
    """Return a request that waits for a person to post it."""
    slot = planned(store, key)
    text = Text(probe="delivery-time", lang="de", variant=2, subject="", body="Wie lange?", form=Form.POST)
    draft = replace(a_draft(slot), origin=Origin.ADOPTED, text=text)
    request = store.claim(slot, draft, worker="w1", guard=lambda history: None)
    assert isinstance(request, Request)
    return request


def posted(store: Store, key: str = "first", *, remote_id: str = POSTED, at: timedelta = timedelta(0)) -> Request:
    request = prepared(store, key)
    assert store.settle(
        request.id, delivery=Delivery.SENT, detail="", accepted_at=NOW + at, remote_id=remote_id, proof=PROVEN
    )
    return the(store, request)


def the(store: Store, request: Request) -> Request:
    found = store.request(request.public_id)
    assert found is not None
    return found


def a_post(
    name: str = "1",
    *,
    text: str = TEXT,
    at: timedelta = HOUR,
    raw: bytes | None = None,
    own_id: str = "",
    sender: str = "memory:42",
) -> Incoming:
    return Incoming(
        remote_id=f"memory:{name}",
        folder="mentions",
        raw=f"{name}: {text}".encode() if raw is None else raw,
        stamps=Stamps(at=NOW + at, source="platform"),
        facts=Facts(sender=sender, subjects=(text,), own_id=own_id),
    )


def observed(name: str = "theirs", *, at: timedelta = timedelta(0), remote_id: str = "memory:Theirs-1") -> Request:
    return Request(
        id=0,
        public_id=f"R-{name}",
        origin=Origin.OBSERVED,
        company="example-shop",
        channel="memory",
        target="@shop",
        account="main",
        text=Text(probe="observed", lang="de", variant=0, subject="", body="", form=Form.POST),
        token=f"token-{name}",
        message_id=f"{name}@observed.invalid",
        delivery=Delivery.SENT,
        due_at=NOW + at,
        zone="Europe/Berlin",
        intended_at=NOW + at,
        accepted_at=NOW + at,
        proof=PROVEN,
        remote_id=remote_id,
        asked_by="0123abcd",
    )


def came(store: Store, *posts: Incoming, account: str = "main") -> list[int]:
    """Keep the posts, and return the ids of their messages."""
    store.add_batch(account, "memory", Batch(messages=posts, cursor="c"))
    wanted = [one.remote_id for one in posts]
    rows = store._connection().execute("SELECT id, remote_id FROM message WHERE account = ?", (account,)).fetchall()
    ids = {row["remote_id"]: row["id"] for row in rows}
    return [ids[one] for one in wanted]


def replied(
    store: Store, request: Request, *posts: Incoming, writer: Writer = Writer.COMPANY, **how: object
) -> list[int]:
    ids = came(store, *posts)
    for message_id in ids:
        message = store.message(message_id)
        assert message is not None
        if message.duplicate_of is None:
            judged(store, message, request, **how)  # type: ignore[arg-type]  # a test names only what it is about
            store._connection().execute("UPDATE reply SET writer = ? WHERE message_id = ?", (writer, message_id))
    return ids


def judge(store: Store, message_id: int, **how: object) -> None:
    message = store.message(message_id)
    assert message is not None
    judged(store, message, **how)  # type: ignore[arg-type]  # a test names only what it is about


class TestIdentities:
    def test_an_address_is_known_as_it_was_found_last(self, store: Store, clock: FakeClock) -> None:
        store.keep_identity("memory", "@Shop", remote_id="memory:1", handle="Shop", name="Shop")
        clock.forward(DAY)
        store.keep_identity("memory", "@Shop", remote_id="memory:2", handle="shop", name="Shop & Sons")

        (found,) = store.identities("memory").values()

        assert found == ("@Shop", "memory:2", "shop", "Shop & Sons", NOW + DAY)

    def test_the_same_handle_elsewhere_is_somebody_else(self, store: Store) -> None:
        store.keep_identity("memory", "@shop", remote_id="memory:1", handle="shop", name="")
        store.keep_identity("other", "@shop", remote_id="other:9", handle="shop", name="")

        assert store.identities("memory")["@shop"].id == "memory:1"
        assert store.identities("other")["@shop"].id == "other:9"
        assert store.identities("third") == {}


class TestCharges:
    def test_what_is_read_twice_on_a_day_costs_once_and_both_calls_are_counted(self, store: Store) -> None:
        store.charge("main", "read", calls=1, resources=["p1", "p2"], each=5000)
        store.charge("main", "read", calls=1, resources=["p2", "p3", "p3"], each=5000)

        assert store.charges("main", NOW) == [Charge("2026-03-29", "read", 2, 3, 15000)]
        assert store.spent("main", NOW) == 15000

    def test_the_next_day_in_utc_it_costs_again(self, store: Store, clock: FakeClock) -> None:
        clock.forward(23 * HOUR)  # 23:30 UTC, in Berlin the next day already
        store.charge("main", "read", calls=1, resources=["p1"], each=5000)
        store.charge("main", "read", calls=1, resources=["p1"], each=5000)
        assert store.spent("main", NOW) == 5000

        clock.forward(HOUR)
        store.charge("main", "read", calls=1, resources=["p1"], each=5000)

        assert store.spent("main", NOW) == 10000
        assert store.spent("main", clock.now()) == 5000
        assert [one.day for one in store.charges("main", NOW)] == ["2026-03-29", "2026-03-30"]

    def test_each_account_pays_for_itself(self, store: Store) -> None:
        store.charge("main", "read", calls=1, resources=["p1"], each=5000)
        store.charge("other", "read", calls=1, resources=["p1"], each=5000)

        assert (store.spent("main", NOW), store.spent("other", NOW), store.spent("third", NOW)) == (5000, 5000, 0)

    def test_a_call_that_brings_nothing_is_counted_and_costs_nothing(self, store: Store) -> None:
        store.charge("main", "read", calls=3, resources=[], each=5000)

        assert store.charges("main", NOW) == [Charge("2026-03-29", "read", 3, 0, 0)]

    def test_what_was_charged_on_earlier_days_is_forgotten_but_for_its_sum(
        self, store: Store, clock: FakeClock
    ) -> None:
        store.charge("main", "read", calls=1, resources=["p1"], each=5000)
        clock.forward(DAY)
        store.charge("main", "post", calls=1, resources=["p2"], each=1)

        rows = store._connection().execute("SELECT resource FROM charged").fetchall()

        assert [row["resource"] for row in rows] == ["p2"]
        assert store.spent("main", NOW) == 5001


class TestTelling:
    def test_what_waits_for_a_person_is_told_once(self, store: Store) -> None:
        request = prepared(store)
        assert [one.id for one in store.untold()] == [request.id]

        assert store.take_telling(request.id, "w1", LEASE)
        store.told(request.id)

        assert store.untold() == []
        assert not store.take_telling(request.id, "w2", LEASE)

    def test_only_one_of_two_workers_tells(self, store: Store) -> None:
        request = prepared(store)

        assert [store.take_telling(request.id, worker, LEASE) for worker in ("w1", "w2")] == [True, False]
        assert store.untold() == []  # while it is being told

    def test_what_its_teller_did_not_report_is_told_again(self, store: Store, clock: FakeClock) -> None:
        request = prepared(store)
        store.take_telling(request.id, "gone", LEASE)

        clock.forward(LEASE)

        assert [one.id for one in store.untold()] == [request.id]
        assert store.take_telling(request.id, "w2", LEASE)
        assert store.expire_leases() == []  # it is no sending that broke off
        assert the(store, request).delivery is Delivery.INTENDED

    def test_what_could_not_be_told_is_put_off(self, store: Store, clock: FakeClock) -> None:
        request = prepared(store)
        store.take_telling(request.id, "w1", LEASE)
        store.put_off_telling(request.id, "w2", NOW + HOUR)  # not its business
        store.put_off_telling(request.id, "w1", NOW + MINUTE)

        assert store.untold() == []
        clock.forward(MINUTE)
        assert [one.id for one in store.untold()] == [request.id]

    def test_what_slawatch_sends_by_itself_and_what_is_over_is_told_to_nobody(self, store: Store) -> None:
        slot = planned(store, "own")
        store.claim(slot, a_draft(slot), worker="w1", guard=lambda history: None)
        over = prepared(store, "over")
        store.settle(over.id, delivery=Delivery.SKIPPED, detail="nobody posted it")

        assert store.untold() == []
        assert not store.take_telling(over.id, "w1", LEASE)


class TestPostedByAPerson:
    def test_it_is_sent_when_it_was_posted_and_closes_its_slot(self, store: Store) -> None:
        request = posted(store, at=5 * MINUTE)

        assert (request.delivery, request.accepted_at, request.remote_id) == (Delivery.SENT, NOW + 5 * MINUTE, POSTED)
        assert (request.origin, request.proof, request.void_reason) == (Origin.ADOPTED, PROVEN, None)
        assert [slot.state for slot in store.slots()] == [SlotState.CLOSED]

    def test_what_nobody_posted_is_skipped_without_being_void_and_closes_its_slot(self, store: Store) -> None:
        request = prepared(store)

        assert store.settle(request.id, delivery=Delivery.SKIPPED, detail="skipped: nobody posted it in time")

        request = the(store, request)
        assert (request.delivery, request.void_reason) == (Delivery.SKIPPED, None)
        assert request.void_detail == "skipped: nobody posted it in time"
        assert [(slot.state, slot.why) for slot in store.slots()] == [
            (SlotState.CLOSED, "skipped: nobody posted it in time")
        ]
        assert store.history("example-shop", NOW - DAY) == []  # nobody was asked

    def test_what_was_skipped_may_turn_out_to_have_been_posted(self, store: Store) -> None:
        request = prepared(store)
        store.settle(request.id, delivery=Delivery.SKIPPED, detail="nobody posted it")

        assert store.settle(request.id, delivery=Delivery.SENT, detail="", accepted_at=NOW, remote_id=POSTED)

        request = the(store, request)
        assert (request.delivery, request.void_detail) == (Delivery.SENT, "")
        assert len(store.history("example-shop", NOW - DAY)) == 1

    @pytest.mark.parametrize("delivery", [Delivery.UNCERTAIN, Delivery.REFUSED, Delivery.WITHDRAWN])
    def test_what_was_skipped_becomes_nothing_else(self, store: Store, delivery: Delivery) -> None:
        request = prepared(store)
        store.settle(request.id, delivery=Delivery.SKIPPED, detail="nobody posted it")

        assert not store.settle(request.id, delivery=delivery, detail="x", void_reason=VoidReason.NOT_SENT)
        assert store.withdraw([request.id], "x") == 0
        assert the(store, request).delivery is Delivery.SKIPPED

    def test_what_is_withdrawn_is_skipped_for_it_may_have_been_posted(self, store: Store) -> None:
        request = prepared(store)

        assert store.withdraw([request.id], "the audit ended") == 1

        request = the(store, request)
        assert (request.delivery, request.void_reason, request.void_detail) == (
            Delivery.SKIPPED,
            None,
            "the audit ended",
        )
        assert [slot.state for slot in store.slots()] == [SlotState.CLOSED]

    def test_it_is_never_uncertain_for_nobody_but_its_person_posts_it(self, store: Store) -> None:
        request = prepared(store)

        assert not store.settle(request.id, delivery=Delivery.UNCERTAIN, detail="x", void_reason=VoidReason.UNCERTAIN)

        assert the(store, request).delivery is Delivery.INTENDED

    def test_only_what_is_prepared_for_a_person_is_skipped_or_sent_out_of_the_blue(self, store: Store) -> None:
        slot = planned(store, "own")
        own = store.claim(slot, a_draft(slot), worker="w1", guard=lambda history: None)
        assert isinstance(own, Request)
        unknown = uncertain(store, "unknown")

        assert not store.settle(own.id, delivery=Delivery.SKIPPED, detail="x")
        assert not store.settle(own.id, delivery=Delivery.SENT, detail="x", accepted_at=NOW)
        assert not store.settle(unknown.id, delivery=Delivery.SKIPPED, detail="x")  # it may have been asked

        assert the(store, own).delivery is Delivery.INTENDED
        assert the(store, unknown).delivery is Delivery.UNCERTAIN

    @pytest.mark.parametrize(
        "wrong",
        [
            {"void_reason": VoidReason.NOT_SENT},
            {"accepted_at": NOW},
            {"replan": True},
        ],
    )
    def test_skipping_gives_no_reason_no_instant_and_plans_nothing_anew(
        self, store: Store, wrong: dict[str, object]
    ) -> None:
        request = prepared(store)

        with pytest.raises(ValueError, match="cannot be settled"):
            store.settle(request.id, delivery=Delivery.SKIPPED, detail="x", **wrong)  # type: ignore[arg-type]

    def test_a_platform_s_id_is_found_in_any_case_and_kept_in_its_own(self, store: Store) -> None:
        request = posted(store)

        found = store.request_posted_as(POSTED.upper())

        assert found is not None
        assert (found.id, found.remote_id) == (request.id, POSTED)
        assert store.request_posted_as("") is None
        assert store.request_posted_as("memory:post-2") is None

    def test_one_post_is_one_request_only(self, store: Store) -> None:
        posted(store)
        second = prepared(store, "second")

        assert not store.settle(second.id, delivery=Delivery.SENT, detail="", accepted_at=NOW, remote_id=POSTED.lower())

        assert the(store, second).delivery is Delivery.INTENDED

    def test_letters_have_no_platform_s_id_and_do_not_clash(self, store: Store) -> None:
        one, two = posted(store, "one", remote_id=""), posted(store, "two", remote_id="")

        assert (one.remote_id, two.remote_id) == ("", "")


class TestJudgedAgain:
    def test_what_came_since_a_post_and_belongs_to_nothing_is_judged_again(self, store: Store) -> None:
        request = posted(store)
        before, unmatched = came(store, a_post("before", at=-MINUTE), a_post("unmatched"))
        (elsewhere,) = came(store, a_post("elsewhere"), account="other")
        (own,) = came(store, a_post("own"))
        for one in (before, unmatched, elsewhere):
            judge(store, one)
        judge(store, own, own=True)
        replied(store, request, a_post("matched"))
        assert store.messages(rules_before="rules-1") == []

        assert store.judge_unmatched_again("main", NOW) == 1

        assert [message.id for message in store.messages(rules_before="rules-1")] == [unmatched]

    def test_what_is_tied_to_a_request_by_a_guess_alone_is_judged_again(self, store: Store) -> None:
        request = posted(store)
        (guessed,) = replied(store, request, a_post("1"), strength=Strength.WEAK)
        replied(store, request, a_post("2"), strength=Strength.MEDIUM)

        assert store.judge_unmatched_again("main", NOW) == 1

        assert [message.id for message in store.messages(rules_before="rules-1")] == [guessed]


class TestStanding:
    def test_posts_stand_newest_first_with_what_their_company_said(self, store: Store) -> None:
        silent = posted(store, "silent", remote_id="memory:s")
        handed_on = posted(store, "handed-on", remote_id="memory:h", at=MINUTE)
        done = posted(store, "done", remote_id="memory:d", at=2 * MINUTE)
        replied(store, handed_on, a_post("1"), kind=MessageKind.HANDOFF)
        replied(store, done, a_post("2"), kind=MessageKind.ANSWER)

        found = [(one.request.id, one.responded, one.answered) for one in store.standing_posts("main", NOW)]

        assert found == [(done.id, True, True), (handed_on.id, True, False), (silent.id, False, False)]

    @pytest.mark.parametrize(
        ("writer", "how"),
        [
            (Writer.BYSTANDER, {}),
            (Writer.STRANGER, {}),
            (Writer.COMPANY, {"kind": MessageKind.BOT}),
            (Writer.COMPANY, {"kind": MessageKind.UNKNOWN}),
            (Writer.COMPANY, {"strength": Strength.WEAK}),
            (Writer.COMPANY, {"own": True}),
        ],
    )
    def test_what_does_not_count_is_no_response(self, store: Store, writer: Writer, how: dict[str, object]) -> None:
        request = posted(store)
        replied(store, request, a_post(), writer=writer, **how)

        (standing,) = store.standing_posts("main", NOW)

        assert (standing.responded, standing.answered) == (False, False)

    def test_what_is_older_void_elsewhere_or_not_posted_does_not_stand(self, store: Store) -> None:
        posted(store, "older", remote_id="memory:o", at=-MINUTE)
        void = posted(store, "void", remote_id="memory:v")
        store.not_observable(void.id, "not observable: deleted")
        prepared(store, "waiting")
        stands = posted(store, "stands", remote_id="memory:s")

        assert [one.request.id for one in store.standing_posts("main", NOW)] == [stands.id]
        assert store.standing_posts("other", NOW) == []
        assert the(store, void).void_reason is VoidReason.NOT_OBSERVED
        assert the(store, void).delivery is Delivery.SENT

    def test_what_nobody_has_answered_is_open(self, store: Store) -> None:
        silent = posted(store, "silent", remote_id="memory:s")
        handed_on = posted(store, "handed-on", remote_id="memory:h", at=MINUTE)
        done = posted(store, "done", remote_id="memory:d", at=2 * MINUTE)
        replied(store, handed_on, a_post("1"), kind=MessageKind.HANDOFF)
        replied(store, done, a_post("2"), kind=MessageKind.ANSWER)

        found = store.open_posts("main", NOW)

        assert [one.remote_id for one in found] == ["memory:h", "memory:s"]
        assert [one.asked_at for one in found] == [handed_on.accepted_at, silent.accepted_at]
        assert found[1][1:4] == (silent.company, silent.channel, silent.target)
        assert not found[0].observed
        assert store.open_posts("main", NOW + MINUTE) == found[:1]
        assert store.open_posts("other", NOW) == []

    def test_only_silence_that_nobody_has_proven_is_told_where_that_is_wanted(self, store: Store) -> None:
        silent = posted(store, "silent", remote_id="memory:s")
        handed_on = posted(store, "handed-on", remote_id="memory:h", at=MINUTE)
        proven = posted(store, "proven", remote_id="memory:p", at=2 * MINUTE)
        posted(store, "young", remote_id="memory:y", at=DAY)
        answered = posted(store, "answered", remote_id="memory:a", at=MINUTE)
        replied(store, handed_on, a_post("1"), kind=MessageKind.HANDOFF)
        replied(store, answered, a_post("2"), kind=MessageKind.ANSWER)
        store.verified(proven.id, NOW + DAY)

        found = store.standing_posts("main", NOW, until=NOW + 2 * MINUTE, unproven=True)

        assert [one.request.id for one in found] == [handed_on.id, silent.id]

    def test_what_has_not_been_asked_cannot_be_void_for_not_being_observed(self, store: Store) -> None:
        request = prepared(store)

        store.not_observable(request.id, "not observable")

        assert the(store, request).void_reason is None

    def test_when_silence_was_proven_is_kept(self, store: Store) -> None:
        request = posted(store)
        assert request.verified_at is None

        store.verified(request.id, NOW + DAY)

        assert the(store, request).verified_at == NOW + DAY

    def test_other_people_s_questions_are_kept_with_the_batch_once_and_count_for_themselves(self, store: Store) -> None:
        batch = Batch(messages=(), cursor="c1", looked_until=NOW)

        store.add_batch("main", "memory", batch, observed=[observed()])
        store.add_batch("main", "memory", batch, observed=[observed("again", remote_id="MEMORY:theirs-1")])

        (request,) = store.requests()
        assert (request.origin, request.delivery, request.accepted_at) == (Origin.OBSERVED, Delivery.SENT, NOW)
        assert (request.remote_id, request.asked_by) == ("memory:Theirs-1", "0123abcd")
        assert [one.request.id for one in store.standing_posts("main", NOW)] == [request.id]
        assert [one.observed for one in store.open_posts("main", NOW)] == [True]
        assert store.history("example-shop", NOW - DAY) == []  # we have not asked them

    def test_a_question_that_cannot_be_kept_takes_the_whole_batch_with_it(self, store: Store) -> None:
        clashing = [observed(), observed(remote_id="memory:Theirs-2")]  # two of one token

        with pytest.raises(Exception, match="UNIQUE"):
            store.add_batch("main", "memory", Batch(messages=(a_post(),), cursor="c1"), observed=clashing)

        assert (store.messages(), store.requests(), store.cursor("main")) == ([], [], "")


class TestDeletedByTheirAuthors:
    def unsure(self, store: Store) -> list[str]:
        return [message.remote_id for message in store.unsure_messages("main", AGES)]

    def test_a_reply_is_looked_for_once_at_every_age(self, store: Store, clock: FakeClock) -> None:
        (one,) = replied(store, posted(store), a_post("1", at=timedelta(0)))
        looks = []

        for day in range(65):
            if self.unsure(store):
                looks.append(day)
                store.mark_present([one])
            clock.forward(DAY)

        assert looks == [1, 7, 30]

    def test_after_a_long_absence_it_is_looked_for_once(self, store: Store, clock: FakeClock) -> None:
        (one,) = replied(store, posted(store), a_post("1", at=timedelta(0)))
        clock.forward(8 * DAY)

        assert self.unsure(store) == ["memory:1"]
        store.mark_present([one])
        assert self.unsure(store) == []

    def test_bystanders_posts_and_what_belongs_to_no_request_are_not_looked_for(
        self, store: Store, clock: FakeClock
    ) -> None:
        request = posted(store)
        replied(store, request, a_post("b"), writer=Writer.BYSTANDER)
        came(store, a_post("n"))
        replied(store, request, a_post("c"), writer=Writer.STRANGER)
        clock.forward(2 * DAY)

        assert self.unsure(store) == ["memory:c"]
        assert store.unsure_messages("other", AGES) == []

    def test_what_is_gone_is_news_once_and_not_looked_for_again(self, store: Store, clock: FakeClock) -> None:
        (one,) = replied(store, posted(store), a_post("1"))
        clock.forward(2 * DAY)

        assert store.mark_gone([one]) == 1
        assert store.mark_gone([one]) == 0

        assert self.unsure(store) == []
        message = store.message(one)
        assert message is not None
        assert message.gone_at == NOW + 2 * DAY

    def test_its_words_are_nowhere_in_the_file_any_more_and_its_stamps_stay(
        self, store: Store, clock: FakeClock, tmp_path: Path
    ) -> None:
        store._connection().execute("PRAGMA secure_delete = OFF")  # as many systems build it
        request = posted(store)
        raw = bytes(range(160, 256))  # which cannot be packed, and so stands in the file as it is
        (one,) = replied(store, request, a_post("1", raw=raw), kind=MessageKind.INTERIM)
        store._connection().execute(
            "UPDATE derived SET because = ? WHERE message_id = ?", (f'[["how-long", "{TEXT}"]]', one)
        )
        store._connection().execute(
            "INSERT INTO promise (message_id, number, quote, about, within) VALUES (?, 0, ?, 'reply', 60000000)",
            (one, TEXT),
        )
        assert TEXT in everything(tmp_path)
        assert raw.decode("latin-1") in everything(tmp_path)
        before = store.message(one)
        clock.forward(DAY)

        store.mark_gone([one])
        (purged,) = store.purge_gone()

        assert TEXT not in everything(tmp_path)
        assert raw.decode("latin-1") not in everything(tmp_path)
        assert before is not None
        assert purged == replace(before, gone_at=NOW + DAY)
        after = store.message(one)
        assert after == replace(before, subject="", gone_at=NOW + DAY, purged_at=NOW + DAY)
        ((reply,),) = store.replies().values()
        assert (reply.kind, reply.counts, reply.stamps) == (MessageKind.INTERIM, True, before.stamps)
        assert [(reason.rule, reason.saw) for reason in reply.because] == [("how-long", PURGED)]
        assert reply.promises == (Promise(quote="", about=PromiseAbout.REPLY, within=MINUTE),)
        assert store.sealed() == 1
        assert store.purge_gone() == []

    def test_a_rule_that_saw_no_words_shows_none(self, store: Store) -> None:
        (one,) = replied(store, posted(store), a_post("1"))
        store._connection().execute('UPDATE derived SET because = \'[["by-id", ""]]\'')

        store.mark_gone([one])
        store.purge_gone()

        ((reply,),) = store.replies().values()
        assert [(reason.rule, reason.saw) for reason in reply.because] == [("by-id", "")]

    def test_evidence_that_another_message_needs_stays_until_both_are_gone(self, store: Store) -> None:
        request = posted(store)
        (one,) = replied(store, request, a_post("1", raw=b"same"))
        (other,) = came(store, a_post("1", raw=b"same"), account="other")
        kept = store.message(one)
        assert kept is not None

        store.mark_gone([one])
        store.purge_gone()
        assert store.raw(kept.sha256) == b"same"
        store.judge_again()
        assert [message.id for message in store.messages(rules_before="rules-2")] == [other]  # not from its own words

        store.mark_gone([other])
        store.purge_gone()
        assert store.sealed() == 2

    def test_copies_of_it_in_the_same_inbox_go_with_it(self, store: Store, tmp_path: Path) -> None:
        request = posted(store)
        replied(store, request, a_post("1", own_id="memory:1"))
        (copy,) = came(store, a_post("2", own_id="memory:1", text=f"{TEXT}, edited"))
        (one,) = came(store, a_post("1"))
        found = store.message(copy)
        assert found is not None
        assert found.duplicate_of == one

        store.mark_gone([one])

        assert [message.id for message in store.purge_gone()] == [one]
        assert TEXT not in everything(tmp_path)
        assert store._connection().execute("SELECT COUNT(*) FROM blob").fetchone()[0] == 0


def everything(folder: Path) -> str:
    """Return every byte of the store's files."""
    return "".join(path.read_bytes().decode("latin-1") for path in sorted(folder.iterdir()))
