"""The chain of evidence: all becomes a link once, changes become links of their own, and nothing is forgotten."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from slawatch import chain
from slawatch.model import DeliveryProof, MessageKind
from slawatch.store import Store
from slawatch.store.chaining import AT_ONCE, Link
from slawatch.testing import FakeClock
from tests.contract.made import DAY, HOUR, NOW, incoming, intended, judged, received, sent


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "slawatch.db"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(path: Path, clock: FakeClock) -> Iterator[Store]:
    with Store(path, clock=clock) as ready:
        yield ready


def linked(store: Store) -> list[Link]:
    return [link for some in store.links() for link in some]


def named(store: Store) -> list[tuple[str, str]]:
    return [(link.kind, link.item) for link in linked(store)]


def test_what_was_sent_and_what_came_in_becomes_a_link_each_once(store: Store) -> None:
    assert store.chain_head() == ""
    request = sent(store)
    received(store, incoming("1"), incoming("2"))

    assert store.extend_chain() == 3
    assert store.extend_chain() == 0
    assert named(store) == [("request", request.public_id), ("message", "1"), ("message", "2")]


def test_a_request_that_has_not_left_is_no_link(store: Store) -> None:
    intended(store)

    assert store.extend_chain() == 0


def test_each_head_follows_from_the_one_before_and_the_digest_from_the_item(store: Store) -> None:
    request = sent(store)
    received(store, incoming("1"))
    store.extend_chain()

    head = chain.START
    for link in linked(store):
        head = chain.head(head, number=link.number, at=link.at, digest=link.digest)
        assert link.head == head
    assert store.chain_head() == head
    assert linked(store)[0].digest == chain.digest(store.items("request", [request.public_id])[request.public_id])
    assert store.link_of_head(head) == linked(store)[-1]


def test_a_later_state_is_a_link_of_its_own_and_the_earlier_one_stays(store: Store) -> None:
    request = sent(store)
    store.extend_chain()
    (before,) = linked(store)

    _prove(store, request.id)
    store.extend_chain()

    assert linked(store)[0] == before
    assert named(store)[1:] == [("request", f"{request.public_id}/2")]


def test_a_change_that_is_taken_back_before_the_next_link_is_none(store: Store) -> None:
    request = sent(store)
    store.extend_chain()
    _prove(store, request.id)
    _set(store, request.id, DeliveryProof.PRESUMED)

    assert store.extend_chain() == 0


def test_a_decision_is_a_link(store: Store) -> None:
    request = sent(store)
    (message,) = received(store, incoming("1"))
    judged(store, message, request)
    store.extend_chain()

    store.add_review(message.id, who="anna", reason="read it", kind=MessageKind.INTERIM, request_ids=[request.id])
    store.extend_chain()

    assert named(store)[-1] == ("review", "1")
    assert store.items("review", ["1"])["1"]["decided_kind"] == "interim"


def test_the_purge_of_a_text_leaves_its_digest_and_is_a_link(store: Store) -> None:
    (message,) = received(store, incoming("1"))
    store.extend_chain()
    (before,) = linked(store)
    store.mark_gone([message.id])

    store.purge_gone()
    store.extend_chain()

    assert named(store) == [("message", "1"), ("seal", "1")]
    assert chain.digest(store.items("message", ["1"])["1"]) == before.digest
    ((held,),) = store.evidence()
    assert (held.purged, held.intact) == (True, False)


def test_what_other_tools_change_is_no_link_and_no_longer_fits_the_one_there_is(store: Store, path: Path) -> None:
    received(store, incoming("1"))
    store.extend_chain()
    with closing(sqlite3.connect(path)) as other:
        other.execute("UPDATE message SET stamp_at = stamp_at - 1")
        other.commit()

    assert store.extend_chain() == 0
    (link,) = linked(store)
    assert chain.digest(store.items("message", ["1"])["1"]) != link.digest


def test_what_other_tools_add_is_named(store: Store, path: Path) -> None:
    received(store, incoming("1"))
    store.extend_chain()
    with closing(sqlite3.connect(path)) as other:
        columns = "account, channel, folder, sha256, own_id, sender, subject, stamp_at, stamp_source, stamp_earlier"
        columns += ", stamp_later, seen_at"
        other.execute(f"INSERT INTO message (remote_id, {columns}) SELECT 'x', {columns} FROM message")  # noqa: S608
        other.commit()

    assert store.extend_chain() == 0
    assert store.not_linked() == [("message", "2")]


def test_many_are_linked_in_several_transactions_without_a_gap(store: Store) -> None:
    received(store, *(incoming(str(number)) for number in range(AT_ONCE + 7)))

    assert store.extend_chain() == AT_ONCE + 7
    assert [link.number for link in linked(store)] == list(range(1, AT_ONCE + 8))


def test_two_at_once_link_everything_once(store: Store, path: Path, clock: FakeClock) -> None:
    received(store, *(incoming(str(number)) for number in range(2 * AT_ONCE)))

    def extend(_number: int) -> int:
        with Store(path, clock=clock) as mine:
            return mine.extend_chain()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(extend, range(4))) == 2 * AT_ONCE
    links = linked(store)
    assert len({link.item for link in links}) == len(links) == links[-1].number == 2 * AT_ONCE


def test_an_import_is_one_link_and_taking_rows_over_is_another(store: Store, path: Path) -> None:
    request = sent(store)
    with store._writing():
        _imported(store, 1, request.id)
    store.extend_chain()
    before = store.items("import", ["1"])["1"]
    with store._writing():
        _imported(store, 2, request.id)
    store.extend_chain()

    assert named(store)[1:] == [("import", "1"), ("import", "2"), ("import", "1/2")]
    assert (before["rows"], store.items("import", ["1"])["1"]["rows"]) == (1, 0)
    with closing(sqlite3.connect(path)) as other:
        other.execute("UPDATE given SET answered_at = 1")
        other.commit()
    assert chain.digest(store.items("import", ["2"])["2"]) != linked(store)[-2].digest


def test_a_copy_can_be_taken_back_to_what_was_known_then(store: Store, clock: FakeClock, tmp_path: Path) -> None:
    request = sent(store)
    received(store, incoming("1"))
    store.extend_chain()
    then, link = clock.now(), linked(store)[-1].number
    clock.forward(HOUR)
    _prove(store, request.id)
    later = sent(store, "second", due_at=NOW + HOUR)
    received(store, incoming("2"))
    store.extend_chain()
    store.copy_to(tmp_path / "copy.db")

    with Store(tmp_path / "copy.db", clock=clock) as copy:
        copy.rewind(then, link=link, looked_until={"main": then - DAY})

        assert [one.public_id for one in copy.requests()] == [request.public_id]
        assert copy.requests()[0].proof is DeliveryProof.PRESUMED
        assert [message.id for message in copy.messages()] == [1]
        assert copy.observed_until("main") == then - DAY
    assert len(store.requests()) == 2
    assert later.public_id in {one.public_id for one in store.requests()}


def _prove(store: Store, request_id: int) -> None:
    _set(store, request_id, DeliveryProof.PROVEN)


def _set(store: Store, request_id: int, proof: DeliveryProof) -> None:
    with store._writing():
        store._connection().execute("UPDATE request SET proof = ? WHERE id = ?", (str(proof), request_id))


def _imported(store: Store, number: int, request_id: int) -> None:
    run = store._connection().execute
    run("INSERT INTO import (id, at, source, sha256, format, rows) VALUES (?, 1, 'a.csv', 'x', 'tidy', 1)", (number,))
    run(
        "INSERT INTO given (request_id, import_id, line) VALUES (?, ?, 1) "
        "ON CONFLICT (request_id) DO UPDATE SET import_id = excluded.import_id",
        (request_id, number),
    )
