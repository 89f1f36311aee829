"""The store's part for whoever runs us: what a dead process held, and when the clock was set. It judges nothing."""

from __future__ import annotations

from datetime import timedelta

from slawatch.clock import MICROSECOND, from_micros
from slawatch.jumps import Jump
from slawatch.store.database import Database


class Running(Database):
    """Processes that died, and clocks that were set."""

    def end_leases(self, worker: str) -> None:
        """End now whatever this worker, who is known to be dead, has leased, as if its time had run out.

        What it was sending becomes uncertain with the next pass.
        """
        with self._writing():
            now = self._now()
            self._change("free_inboxes", worker=worker)
            for name in ("request", "follow_up", "letter", "telling"):
                self._change(f"end_{name}_leases", worker=worker, now=now)

    def add_jump(self, jump: Jump) -> None:
        """Keep that the clock was set."""
        with self._writing():
            self._change("add_jump", now=self._now(), since=jump.since, until=jump.until, size=jump.size // MICROSECOND)

    def jumps(self) -> list[Jump]:
        """Return when the clock was set, in the order in which that was found."""
        return [
            Jump(
                since=from_micros(row["since"]),
                until=from_micros(row["until"]),
                size=timedelta(microseconds=row["size"]),
            )
            for row in self._rows("jumps")
        ]
