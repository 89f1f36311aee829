"""One process at a time holds a lock; another that only looks whether it is held turns nobody away."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from slawatch.errors import BusyError
from slawatch.usecases import lock


def test_a_lock_that_is_held_turns_others_away_and_is_free_afterwards(tmp_path: Path) -> None:
    store = tmp_path / "slawatch.db"

    with lock.held(store, lock.AUDIT, "another one works"):
        assert lock.is_held(store, lock.AUDIT)
        with pytest.raises(BusyError, match="another one works"), lock.held(store, lock.AUDIT, "another one works"):
            raise AssertionError("two hold it")

    assert not lock.is_held(store, lock.AUDIT)


def test_whoever_only_looks_turns_nobody_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = tmp_path / "slawatch.db"
    looking = lock.held(store, lock.AUDIT, "")
    looking.__enter__()
    naps: list[float] = []

    def nap(seconds: float) -> None:
        naps.append(seconds)
        looking.__exit__(None, None, None)

    monkeypatch.setattr(time, "sleep", nap)

    with lock.held(store, lock.AUDIT, "another one works"):
        assert len(naps) == 1
