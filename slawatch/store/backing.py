"""The store's part for backups: a copy while others write, and what a restored one may not do again. Judges nothing."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from slawatch.clock import to_micros
from slawatch.errors import OutputError
from slawatch.store.database import PRIVATE, Database, cure_of

MADE_AT = "backup made"  # meta of a backup, and of what was restored from it: microseconds since 1970


class Backing(Database):
    """Backups, and the store that one of them becomes."""

    def back_up(self, path: Path) -> None:
        """Write a copy of the whole store, as it is at one instant, into a new file, and onto the disk.

        SQLite's online backup: in one step, so that it is whole whatever others write meanwhile; they go on writing.

        Raises:
            OutputError: the file is there already or cannot be written. StoreError: the store cannot be read.
        """
        source = self._ready()
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE))
        except OSError as error:
            raise OutputError(f'backup: "{path}" cannot be written ({error.strerror}); name another file') from error
        try:
            with closing(sqlite3.connect(path, isolation_level=None)) as target:
                source.backup(target)
                target.execute("PRAGMA journal_mode = DELETE")  # one file, readable where nothing may be written
                made_at = str(to_micros(self._now()))
                target.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (MADE_AT, made_at))
            with path.open("rb") as file:
                os.fsync(file.fileno())
        except (sqlite3.DatabaseError, OSError) as error:
            path.unlink(missing_ok=True)
            cure = cure_of(error) if isinstance(error, sqlite3.DatabaseError) else error.strerror
            raise OutputError(f'backup: "{path}" cannot be written: {cure or error}') from error

    def close_overdue(self, why: str) -> int:
        """Close every planned slot that is due by now, and return how many."""
        with self._writing():
            return self._change("close_overdue", now=self._now(), why=why)

    def doubt_unsent(self, worker: str, since: datetime) -> int:
        """Let whatever was about to leave be of unknown fate, as if a process had begun to send it then and died.

        Returns how many requests, replies and letters that are. Each is settled by the far side's own evidence.
        """
        with self._writing():
            now = self._now()
            self._change("begin_unsent", worker=worker, since=since, now=now)
            return (
                self._change("doubt_requests", worker=worker, now=now)
                + self._change("doubt_follow_ups", worker=worker, since=since, now=now)
                + self._change("doubt_letters", worker=worker, since=since, now=now)
            )

    def _ready(self) -> sqlite3.Connection:
        with self._explained():
            return self._connection()
