"""What the store promises about letters to the user's own people: intended first, each sent at most once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from slawatch.store import Letter, LetterDraft, LetterState, Store
from slawatch.testing import FakeClock
from tests.contract.made import HOUR, LEASE, MINUTE, NOW
from tests.contract.test_store_races import THREADS, all_at_once


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock) -> Iterator[Store]:
    with Store(tmp_path / "slawatch.db", clock=clock) as ready:
        yield ready


def draft(name: str = "1", about: str = "weekly") -> LetterDraft:
    return LetterDraft(
        key=name,
        about=about,
        until=NOW,
        account="main",
        recipient=f"{name}@example.org",
        subject="3 of 12 companies",
        message_id=f"report.{name}@example.org",
        packed=b"what it says",
    )


def meant(store: Store, name: str = "1") -> Letter:
    (letter,) = store.add_letters([draft(name)])
    return letter


def taken(store: Store, name: str = "1") -> Letter:
    letter = store.start_letter(meant(store, name), worker="me", lease=LEASE)
    assert letter is not None
    return letter


def now(store: Store, name: str = "1") -> Letter:
    (letter,) = store.letters(keys=[name])
    return letter


def test_a_letter_is_intended_once_by_its_key(store: Store) -> None:
    first = store.add_letters([draft("1"), draft("2")])

    assert store.add_letters([draft("2"), draft("3")]) == store.letters(keys=["3"])
    assert [one.recipient for one in first] == ["1@example.org", "2@example.org"]
    assert {one.state for one in store.letters(about="weekly", until=NOW)} == {LetterState.INTENDED}
    assert store.letters(about="monthly") == store.letters(about="weekly", until=NOW + HOUR) == []


def test_of_many_who_want_to_send_it_one_does(store: Store) -> None:
    letter = meant(store)

    got = all_at_once(lambda number: store.start_letter(letter, worker=f"w{number}", lease=LEASE))

    assert len([one for one in got if one is not None]) == 1 < THREADS


@pytest.mark.parametrize("state", [LetterState.SENT, LetterState.REFUSED, LetterState.UNCERTAIN])
def test_what_was_tried_is_never_taken_again_unless_nothing_left(store: Store, state: LetterState) -> None:
    letter = taken(store)
    at = NOW if state is LetterState.SENT else None

    assert store.finish_letter(letter, state, worker="me", detail="said", sent_at=at)

    assert store.start_letter(letter, worker="you", lease=LEASE) is None
    assert (now(store).state, now(store).detail, now(store).packed) == (state, "said", None)


def test_what_did_not_leave_waits_for_its_next_try(store: Store, clock: FakeClock) -> None:
    letter = taken(store)
    store.finish_letter(letter, LetterState.INTENDED, worker="me", detail="later", retry_at=clock.now() + HOUR)

    clock.forward(59 * MINUTE)
    assert store.start_letter(letter, worker="me", lease=LEASE) is None
    clock.forward(MINUTE)
    again = store.start_letter(letter, worker="me", lease=LEASE)
    assert again is not None
    assert (again.attempts, again.packed) == (2, b"what it says")


def test_a_letter_whose_sender_vanished_is_uncertain_and_never_taken_again(store: Store, clock: FakeClock) -> None:
    letter = taken(store)
    assert store.expire_letters() == []

    clock.forward(LEASE)

    assert [one.id for one in store.expire_letters()] == [letter.id]
    assert now(store).state is LetterState.UNCERTAIN
    assert store.start_letter(letter, worker="me", lease=LEASE) is None
    assert not store.finish_letter(letter, LetterState.INTENDED, worker="me", detail="", retry_at=clock.now())


def test_its_own_late_report_settles_an_uncertain_one_and_nobody_elses(store: Store, clock: FakeClock) -> None:
    letter = taken(store)
    clock.forward(LEASE)
    store.expire_letters()

    assert not store.finish_letter(letter, LetterState.SENT, worker="you", detail="", sent_at=NOW)
    assert store.finish_letter(letter, LetterState.SENT, worker="me", detail="250", sent_at=NOW)
    assert now(store).sent_at == NOW


def test_evidence_settles_what_is_uncertain_and_giving_up_what_has_not_begun(store: Store, clock: FakeClock) -> None:
    lost, waiting = taken(store, "1"), meant(store, "2")
    assert not store.settle_letter(lost, LetterState.SENT, detail="", sent_at=NOW)
    clock.forward(LEASE + timedelta(seconds=1))
    store.expire_letters()

    assert not store.settle_letter(lost, LetterState.WITHDRAWN, detail="")
    assert store.settle_letter(lost, LetterState.SENT, detail="it lies in INBOX", sent_at=NOW)
    assert store.settle_letter(waiting, LetterState.WITHDRAWN, detail="given up")
    assert [one.state for one in store.letters()] == [LetterState.SENT, LetterState.WITHDRAWN]


@pytest.mark.parametrize(
    ("state", "given"),
    [
        (LetterState.SENT, {}),
        (LetterState.INTENDED, {}),
        (LetterState.SENDING, {}),
        (LetterState.REFUSED, {"sent_at": NOW}),
        (LetterState.WITHDRAWN, {}),
    ],
)
def test_a_try_cannot_end_as_what_is_no_end(store: Store, state: LetterState, given: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="cannot end as"):
        store.finish_letter(taken(store), state, worker="me", detail="", **given)  # type: ignore[arg-type]
