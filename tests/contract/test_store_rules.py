"""What the store keeps of the rules: the audit log, and who is not to be asked any more."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from slawatch.store import Store
from slawatch.testing import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock) -> Iterator[Store]:
    with Store(tmp_path / "slawatch.db", clock=clock) as ready:
        yield ready


class TestTheAuditLog:
    def test_an_entry_says_who_did_what_about_what_and_when(self, store: Store, clock: FakeClock) -> None:
        store.audit("resumed", "*", "was: on holiday", actor="anna")

        (entry,) = store.audit_log()
        assert (entry.at, entry.actor, entry.action, entry.scope, entry.detail) == (
            clock.now(),
            "anna",
            "resumed",
            "*",
            "was: on holiday",
        )

    def test_whoever_runs_it_is_the_actor_unless_somebody_else_is_named(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("LOGNAME", "berta")
        store.audit("resumed", "*", "")

        assert [one.actor for one in store.audit_log()] == ["berta"]

    def test_it_ends_with_the_transaction_it_was_part_of(self, store: Store) -> None:
        def erase_half() -> None:
            with store.together():
                store.audit("erased", "address:anna@example.org", "")
                raise RuntimeError

        with pytest.raises(RuntimeError):
            erase_half()

        assert store.audit_log() == []

    def test_no_entry_is_changed_or_taken_away(self, store: Store) -> None:
        store.audit("resumed", "*", "")

        for statement in ("DELETE FROM audit_log", "UPDATE audit_log SET detail = 'nothing'"):
            with pytest.raises(sqlite3.IntegrityError, match="only added to"):
                store._connection().execute(statement)

    def test_it_is_looked_through_by_time_and_by_what_it_is_about(self, store: Store, clock: FakeClock) -> None:
        store.audit("resumed", "company:a", "1")
        clock.forward(timedelta(hours=1))
        since = clock.now()
        store.audit("resumed", "company:b", "2")
        store.audit("resumed", "company:a", "3")

        assert [one.detail for one in store.audit_log(since=since)] == ["2", "3"]
        assert [one.detail for one in store.audit_log(scope="company:a")] == ["1", "3"]
