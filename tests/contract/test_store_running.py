"""What the store keeps for whoever runs it: jumps of the clock, and nothing in the hands of the dead."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from slawatch.jumps import Jump
from slawatch.model import Delivery
from slawatch.store import Store
from slawatch.testing import FakeClock
from tests.contract.made import NOW, a_draft, a_slot

LEASE = timedelta(minutes=10)


def test_jumps_come_back_as_they_were_kept(tmp_path: Path) -> None:
    jumps = [
        Jump(since=NOW, until=NOW + timedelta(hours=1), size=timedelta(hours=1)),
        Jump(since=NOW, until=NOW, size=timedelta(microseconds=-1)),
    ]
    with Store(tmp_path / "slawatch.db", clock=FakeClock()) as store:
        for one in jumps:
            store.add_jump(one)

        assert store.jumps() == jumps


def test_what_a_dead_process_held_is_free_and_what_it_was_sending_uncertain_at_once(tmp_path: Path) -> None:
    with Store(tmp_path / "slawatch.db", clock=FakeClock()) as store:
        store.add_slots([a_slot()])
        (slot,) = store.slots()
        request = store.claim(slot, a_draft(slot), worker="dead", guard=lambda _asked: None)
        assert request is not None
        assert not isinstance(request, str)
        store.start_attempt(request.id, worker="dead", lease=LEASE, envelope_id="e1")
        assert store.take_inbox("main", "dead", LEASE)
        assert not store.take_inbox("main", "other", LEASE)
        assert store.take_inbox("second", "alive", LEASE)
        assert store.expire_leases() == []

        store.end_leases("dead")

        assert store.take_inbox("main", "other", LEASE)
        assert not store.take_inbox("second", "other", LEASE)
        assert [one.delivery for one in store.expire_leases()] == [Delivery.UNCERTAIN]


def test_a_second_store_of_the_same_process_leaves_the_first_its_locks(tmp_path: Path) -> None:
    """The daemon opens one more each time somebody asks for its metrics, while `tick` and `status` come and go."""
    path = tmp_path / "slawatch.db"
    look = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT 1 FROM meta').fetchall(); c.close()"
    )
    with Store(path, clock=FakeClock()) as first:
        first.set_meta("one", "1")
        with Store(path, clock=FakeClock()) as second:
            assert second.meta("one") == "1"

        subprocess.run([sys.executable, "-c", look, str(path)], check=True)  # the last one would remove the log

        assert path.with_name("slawatch.db-wal").exists()
        first.set_meta("two", "2")
        with Store(path, clock=FakeClock()) as third:
            assert third.meta("two") == "2"
