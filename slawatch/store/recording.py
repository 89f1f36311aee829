"""The store's part for what a person did by hand: requests as they say it was, and until when they listened.

It rewrites nothing that left by itself. What a row said before is the caller's to keep (events).
"""

from __future__ import annotations

from slawatch.model import Request
from slawatch.store.database import Database
from slawatch.store.rows import columns_of, request_of


class Recording(Database):
    """Requests recorded by hand."""

    def add_recorded(self, request: Request) -> Request:
        """Add a request that a person made; returns it with its id."""
        with self._writing():
            (row,) = self._rows("add_request", worker="", **columns_of(request))
        return request_of(row)

    def keep_recorded(self, request: Request, why: str) -> bool:
        """Keep how a person's request stands now, in place of how it stood, and close the slot it was prepared for.

        False where it was neither recorded nor prepared for a person who has not asked it yet.
        """
        columns = columns_of(request)
        names = (
            *("origin", "delivery", "accepted_at", "accepted_uncertainty", "void_reason", "void_detail", "network"),
            *("continues", "told_again"),
        )
        with self._writing():
            kept = self._change("keep_recorded", id=request.id, **{name: columns[name] for name in names})
            if kept:
                self._change("close_claimed", request_id=request.id, why=why)
        return kept == 1

    def forget_listening(self, request_id: int) -> None:
        """Forget until when a person had listened: another moment takes its place."""
        with self._writing():
            self._change("forget_listening", id=request_id)
