"""What people decide is kept for ever, the newest decision holds, and the messages it touches are judged again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from slawatch.model import Message, MessageKind, Strength
from slawatch.store import Store
from slawatch.testing import FakeClock
from tests.contract.made import HOUR, incoming, judged, received, sent

RULES = "judged"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock) -> Iterator[Store]:
    with Store(tmp_path / "slawatch.db", clock=clock) as ready:
        yield ready


def weak_one(store: Store, name: str = "m1") -> Message:
    request = next(iter(store.requests()), None) or sent(store)
    (message,) = received(store, incoming(name))
    judged(store, message, request, strength=Strength.WEAK, rules=RULES)
    return message


def to_judge(store: Store) -> list[int]:
    return [message.id for message in store.messages(rules_before=RULES)]


def test_a_decision_takes_the_message_out_of_review_and_has_it_judged_again(store: Store) -> None:
    message = weak_one(store)
    assert (to_judge(store), store.waiting_for_review()) == ([], [message])

    review = store.add_review(message.id, who="anna", reason="read it", kind=MessageKind.ANSWER, request_ids=[1])

    assert store.latest_review(message.id) == review
    assert (review.kind, review.request_ids, review.who) == (MessageKind.ANSWER, (1,), "anna")
    assert to_judge(store) == [message.id]
    assert store.waiting_for_review() == []
    (reply,) = store.replies()[1]
    assert reply.settled
    assert not reply.in_review


def test_the_newest_decision_holds_and_the_older_ones_stay(store: Store, clock: FakeClock) -> None:
    message = weak_one(store)
    store.add_review(message.id, who="anna", reason="first", request_ids=[])
    clock.forward(HOUR)
    store.add_review(message.id, who="bert", reason="second", request_ids=[1])

    first, second = store.reviews(message.id)

    assert (first.reason, second.reason, second.at - first.at) == ("first", "second", HOUR)
    assert store.latest_reviews() == {message.id: second}


def test_an_undone_decision_puts_the_message_back_into_review(store: Store) -> None:
    message = weak_one(store)
    store.add_review(message.id, who="anna", reason="first", request_ids=[1])
    store.add_review(message.id, who="anna", reason="no", undone=True)

    assert store.waiting_for_review() == [message]
    assert len(store.reviews(message.id)) == 2


def test_a_trusted_domain_has_all_the_companys_messages_judged_again(store: Store) -> None:
    one, other = weak_one(store, "m1"), weak_one(store, "m2")

    store.add_review(
        one.id, who="anna", reason="their help desk", request_ids=[1], trusted={"example-shop": "desk.example"}
    )

    assert store.trusted_domains() == {"example-shop": frozenset({"desk.example"})}
    assert to_judge(store) == [one.id, other.id]


def test_trust_goes_with_the_decision_it_came_with(store: Store) -> None:
    one, other = weak_one(store, "m1"), weak_one(store, "m2")
    store.add_review(one.id, who="anna", reason="theirs", request_ids=[1], trusted={"example-shop": "desk.example"})
    for message in (one, other):
        judged(store, message, *store.requests(), strength=Strength.WEAK, rules=RULES)

    store.add_review(one.id, who="anna", reason="not theirs", undone=True)

    assert store.trusted_domains() == {}
    assert to_judge(store) == [one.id, other.id]


def test_what_has_lost_its_evidence_is_never_judged_again(store: Store, tmp_path: Path) -> None:
    kept, purged = weak_one(store, "m1"), weak_one(store, "m2")
    with sqlite3.connect(tmp_path / "slawatch.db") as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("DELETE FROM blob WHERE sha256 = ?", (purged.sha256,))

    assert store.judge_again() == 1
    assert to_judge(store) == [kept.id]
    assert [message.id for message in store.messages(rules_before="newer")] == [kept.id]
    assert store.sealed() == 1
