"""Opens the SQLite file, gives each thread its connection, turns the database's complaints into one line with a cure.

It knows no table; what is kept and how is the matter of the rooms above it and of sql/.
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from slawatch.clock import Clock
from slawatch.errors import StoreError
from slawatch.store import migrate
from slawatch.store.queries import Given, Value, fit

ROOM = 1 << 20  # octets: what a few letters and their requests take, and many times what SQLite lays beside a store
PRIVATE = 0o600  # tokens and other people's letters stand in it
BUSY_SECONDS = 30.0  # longer than any transaction of ours takes, shorter than a person waits for a sign of life
OLDEST = (3, 37, 0)  # STRICT tables: https://www.sqlite.org/stricttables.html
# In one IN (...). SQLite finds a named parameter by going through all: 30 000 took 9 s in one, 0.15 s in parts.
VALUES_MAX = 500

_CURES = {
    "SQLITE_FULL": "the disk is full: make room and run it again",
    "SQLITE_BUSY": "another process has kept it locked: see which one runs, then run it again",
    "SQLITE_LOCKED": "another process has kept it locked: see which one runs, then run it again",
    "SQLITE_READONLY": "it may not be written: give this user the right to write the file and its folder",
    "SQLITE_CANTOPEN": "it may not be opened: give this user the right to read and write the file and its folder",
    "SQLITE_PERM": "it may not be opened: give this user the right to read and write the file and its folder",
    "SQLITE_AUTH": "it may not be opened: give this user the right to read and write the file and its folder",
    "SQLITE_IOERR": "the disk failed while reading or writing: look at the system's log",
    "SQLITE_NOTADB": "it is not a slawatch store: move it away or name another file in config.toml under store",
    "SQLITE_CORRUPT": "the file is damaged: restore a backup",
}


class Database:
    """A SQLite file, opened on first use; made with its folders, readable by its owner alone."""

    def __init__(self, path: Path, *, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._local = threading.local()
        self._lock = threading.Lock()
        self._connections: list[sqlite3.Connection] = []
        self.began = False
        """Whether `open` has made it: it was not there, and knows of nothing that may have been before."""

    def open(self) -> None:
        """Open now, so that a fault shows here. Raises StoreError."""
        with self._explained():
            self.began = not self._path.exists()
            self._connection()

    def close(self) -> None:
        """Close the connections of all threads; safe to call twice. No thread may be at work."""
        with self._lock:
            for connection in self._connections:
                connection.close()
            self._connections.clear()
            self._local = threading.local()

    def copy_to(self, path: Path) -> None:
        """Write a copy of the whole store, as it is at this instant, into a file that does not exist yet."""
        with self._explained():
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE))  # VACUUM INTO takes an empty file
            self._connection().execute("VACUUM INTO ?", (str(path),))

    def __enter__(self) -> Self:
        """Open now; raises StoreError."""
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close, whatever happened inside."""
        self.close()

    def _now(self) -> datetime:
        return self._clock.now()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Make one transaction of all that this thread changes inside: every commit waits for the disk.

        Others wait with their writing until it ends, so nothing slow belongs inside. Raises StoreError.
        """
        if getattr(self._local, "within", False):
            yield  # part of a larger one
            return
        with self._writing():
            self._local.within = True
            try:
                yield
            finally:
                self._local.within = False

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One transaction: all that is run inside is kept, or nothing. Raises StoreError."""
        if getattr(self._local, "within", False):
            yield
            return
        with self._explained():
            connection = self._connection()
            if connection.in_transaction and self._local.nothing_ran:
                connection.rollback()  # Ctrl-C came between BEGIN and the work: nobody else would end that one
            try:
                # IMMEDIATE takes the write lock before anything is read: what it decides on cannot change under it.
                connection.execute("BEGIN IMMEDIATE")
                self._local.nothing_ran = True
                yield
                connection.execute("COMMIT")
            except BaseException:
                connection.rollback()
                raise

    def _rows(self, name: str, /, **given: Value | Sequence[Value]) -> list[sqlite3.Row]:
        """Run the named statement and return all its rows. Raises StoreError."""
        return self._run(name, given).fetchall()

    def _rows_among(
        self, name: str, key: str, values: Sequence[Value] | None, /, **given: Value | Sequence[Value]
    ) -> list[sqlite3.Row]:
        """Like `_rows`, with as many statements as it takes to filter by these values; None filters nothing."""
        if values is None:
            return self._rows(name, **given)
        parts = [list(values[start : start + VALUES_MAX]) for start in range(0, len(values), VALUES_MAX)]
        return [row for part in parts for row in self._run(name, {**given, key: part}).fetchall()]

    def _one(self, name: str, /, **given: Value | Sequence[Value]) -> sqlite3.Row | None:
        """Return the first row, or None."""
        rows = self._rows(name, **given)
        return rows[0] if rows else None

    def _change(self, name: str, /, **given: Value | Sequence[Value]) -> int:
        """Run the named statement and return how many rows it changed."""
        return self._run(name, given).rowcount

    def _run(self, name: str, given: Given) -> sqlite3.Cursor:
        statement, bound = fit(name, given)
        self._local.nothing_ran = False
        with self._explained():
            return self._connection().execute(statement, bound)

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            # The lock keeps threads of one process from making the file at the same time.
            with self._lock:
                connection = self._connect()
                self._connections.append(connection)
            self._local.connection = connection
        return connection

    def _connect(self) -> sqlite3.Connection:
        if sqlite3.sqlite_version_info < OLDEST:
            wanted = ".".join(map(str, OLDEST))
            raise StoreError(f'sqlite: "{sqlite3.sqlite_version}" is too old: slawatch needs {wanted} or newer')
        try:
            self._make()
        except OSError as error:
            raise StoreError(
                f'store: "{self._path}" cannot be opened ({error.strerror}): choose a place that can be written'
            ) from error
        connection = sqlite3.connect(
            self._path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=256
        )
        try:
            connection.row_factory = sqlite3.Row
            # A power cut must not lose the intent of a request that left: NORMAL would, in WAL mode.
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            # What is thrown away must be gone from the file: a row that moves would leave a copy of its text behind.
            connection.execute("PRAGMA secure_delete = ON")
            migrate.bring_up_to_date(connection, self._path, now=self._clock.now())
            self._opened(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _make(self) -> None:
        """Make the file where there is none. Raises OSError where it cannot be made, or not be written.

        One that is there is never opened but by SQLite: closing it would end every lock that this process has on it,
        those of other threads and stores too, and another process, taking itself for the last one, would throw away the
        log beside it (https://www.sqlite.org/howtocorrupt.html).
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, PRIVATE))
        except FileExistsError:
            why = errno.EISDIR if self._path.is_dir() else errno.EACCES
            if os.statvfs(self._path).f_flag & os.ST_RDONLY:
                why = errno.EROFS
            if self._path.is_dir() or not os.access(self._path, os.R_OK | os.W_OK):
                raise OSError(why, os.strerror(why)) from None

    def _opened(self, connection: sqlite3.Connection) -> None:
        """Prepare a connection whose store is up to date; a part of the store overrides this where it needs to."""

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn what a person can cure into a StoreError; a broken rule of the schema or a wrong statement is a bug."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            cure = cure_of(error)
            if cure is None:
                raise
            # Beside a write-ahead log SQLite cannot grow, a full disk is an I/O error without further words.
            if cure == _CURES["SQLITE_IOERR"] and is_full(self._path.parent):
                cure = _CURES["SQLITE_FULL"]
            raise StoreError(f'store: "{self._path}": {cure} ({error})') from error


def is_full(folder: Path) -> bool:
    """Whether the disk under that folder has no room for what a request brings."""
    try:
        return shutil.disk_usage(folder).free < ROOM
    except OSError:
        return False


def cure_of(error: sqlite3.DatabaseError) -> str | None:
    """Return what to do about it; None where only a change of the program helps."""
    name = getattr(error, "sqlite_errorname", "")
    # Extended names such as SQLITE_IOERR_WRITE start with the plain one.
    return next((cure for known, cure in _CURES.items() if name == known or name.startswith(f"{known}_")), None)
