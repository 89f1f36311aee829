"""The store's part for alerts and letters to ourselves: once each, nothing lost, and there in every older store."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from slawatch.store import Alert, Store, migrate
from slawatch.testing import BEFORE_SUMMER_TIME as NOW
from slawatch.testing import FakeClock

LEASE = timedelta(minutes=10)
SCRIPTS = sorted(migrate.FOLDER.glob("[0-9]*.sql"))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(clock: FakeClock, tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "slawatch.db", clock=clock) as one:
        yield one


def raised(store: Store) -> Alert | None:
    return store.raise_alert(key="disk", kind="disk", severity="error", ours=True, passing=False, words="1 MB is left")


def test_what_is_wrong_already_is_not_raised_again_and_may_come_back(store: Store) -> None:
    first = raised(store)
    assert first is not None
    assert raised(store) is None
    assert store.resolve_alert(first)
    assert not store.resolve_alert(first)

    assert raised(store) is not None
    assert [one.resolved_at is None for one in store.alerts()] == [False, True]


def test_beginning_and_end_are_intended_once_for_each_and_reminders_as_often_as_wanted(store: Store) -> None:
    alert = raised(store)
    assert alert is not None
    for what in ("raised", "raised", "reminded", "reminded", "resolved", "resolved"):
        store.intend_telling(alert.id, recipient="team", what=what, words="", tell_at=NOW)

    assert [one.what for one in store.tellings()] == ["raised", "reminded", "reminded", "resolved"]


def test_two_workers_never_tell_the_same_and_one_that_died_is_told_again_as_such(
    store: Store, clock: FakeClock
) -> None:
    alert = raised(store)
    assert alert is not None
    store.intend_telling(alert.id, recipient="team", what="raised", words="", tell_at=NOW)
    waiting = store.tellings("intended")

    assert len(store.take_tellings(waiting, worker="one", lease=LEASE)) == 1
    assert store.take_tellings(waiting, worker="two", lease=LEASE) == []
    assert store.expire_tellings() == 0
    clock.forward(LEASE)
    assert store.expire_tellings() == 1
    store.finish_tellings(waiting, worker="one")  # it is not its own any more

    assert [(one.state, one.again) for one in store.tellings()] == [("intended", True)]


def test_what_was_not_told_is_never_forgotten(store: Store, clock: FakeClock) -> None:
    alert = raised(store)
    assert alert is not None
    store.intend_telling(alert.id, recipient="team", what="resolved", words="", tell_at=NOW)
    store.resolve_alert(alert)
    clock.forward(timedelta(days=500))
    store.forget_alerts(clock.now())
    assert len(store.alerts()) == len(store.tellings()) == 1
    store.finish_tellings(store.take_tellings(store.tellings(), worker="w", lease=LEASE), worker="w")

    store.forget_alerts(clock.now())

    assert (store.alerts(), store.tellings()) == ([], [])


def test_the_first_return_of_a_letter_to_ourselves_counts(store: Store) -> None:
    store.add_canary("main", own_id="c1", delay=timedelta(0))
    store.canary_left("c1", sent_at=NOW)
    margins = {"earlier": timedelta(0), "later": timedelta(seconds=1)}

    assert store.canary_back("c1", at=NOW + timedelta(seconds=3), **margins)
    assert not store.canary_back("c1", at=NOW + timedelta(hours=3), **margins)
    assert not store.canary_back("other", at=NOW, **margins)

    (found,) = store.canaries("main")
    assert found.back_at == NOW + timedelta(seconds=3)
    assert found.later == timedelta(seconds=1)
    assert store.canary("c1") == store.newest_canary("main") == store.newest_canary("main", back=True) == found


@pytest.mark.parametrize("version", range(1, len(SCRIPTS)))
def test_a_store_of_every_earlier_version_keeps_alerts(version: int, clock: FakeClock, tmp_path: Path) -> None:
    path, folder = tmp_path / "old.db", tmp_path / "old"
    folder.mkdir()
    for script in SCRIPTS[:version]:
        shutil.copy(script, folder)
    connection = sqlite3.connect(path, isolation_level=None)
    migrate.bring_up_to_date(connection, path, now=NOW, folder=folder)
    connection.close()

    with Store(path, clock=clock) as store:
        assert raised(store) is not None
        store.add_canary("main", own_id="c1", delay=timedelta(0))
        assert len(store.alerts(still_open=True)) == len(store.canaries("main")) == 1
