"""Brings the schema up to this program's version: forward only, after a backup, all or nothing. Refuses newer ones."""

from __future__ import annotations

import os
import sqlite3
import time
from datetime import datetime
from pathlib import Path

from slawatch.errors import StoreError

FOLDER = Path(__file__).parent / "sql" / "migrations"
SWITCHES = 200  # ten seconds in all, for a change that takes milliseconds
SWITCH_PAUSE_SECONDS = 0.05
OURS = 0x534C4157  # "SLAW": tells our files from everybody else's, https://www.sqlite.org/pragma.html#pragma_application_id


def bring_up_to_date(connection: sqlite3.Connection, path: Path, *, now: datetime, folder: Path = FOLDER) -> None:
    """Apply every numbered migration in `folder` that the store has not seen; cheap where there is none.

    Before an existing store is changed, a copy of it is laid beside it: slawatch.db.v1-20260329T003000Z.

    Raises:
        StoreError: the file belongs to another program, or a newer slawatch wrote it.
    """
    migrations = {int(script.name[:4]): script for script in folder.glob("[0-9][0-9][0-9][0-9]_*.sql")}
    newest = max(migrations)
    version = _version(connection, path, newest)
    if version == newest:
        return
    if version == 0:
        _write_ahead(connection)
    else:
        _back_up(connection, path, version, now)
    # A table whose rules change is made anew and takes the old one's name; what refers to it is looked at in the end.
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Asked again under the lock: another process may have migrated while this one waited.
        reached = _version(connection, path, newest)
        for number in sorted(one for one in migrations if one > reached):
            for statement in _split(migrations[number].read_text(encoding="utf-8")):
                connection.execute(statement)
        _require_whole(connection)
        connection.execute(f"PRAGMA application_id = {OURS}")
        connection.execute(f"PRAGMA user_version = {newest}")
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise
    finally:
        connection.execute("PRAGMA foreign_keys = ON")


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch to write-ahead logging, as often as it takes while another process makes the same new file.

    SQLite's busy time-out does not hold here: where two switch at once it gives up at the first lock (seen with four).
    """
    for _ in range(SWITCHES):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            time.sleep(SWITCH_PAUSE_SECONDS)
        else:
            return
    connection.execute("PRAGMA journal_mode = WAL")


def _require_whole(connection: sqlite3.Connection) -> None:
    """Raise RuntimeError where a row refers to one that is not there any more: a migration has lost it."""
    lost = connection.execute("PRAGMA foreign_key_check").fetchall()
    if lost:
        raise RuntimeError(f"a migration lost what {len(lost)} rows refer to, the first in {tuple(lost[0])}")


def _version(connection: sqlite3.Connection, path: Path, newest: int) -> int:
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    owner = int(connection.execute("PRAGMA application_id").fetchone()[0])
    if owner != OURS and (version or connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone()):
        raise StoreError(f'store: "{path}" belongs to another program: name another file in config.toml under store')
    if version > newest:
        raise StoreError(
            f'store: "{path}" was written by a newer slawatch (schema {version}, we know {newest}): update slawatch'
        )
    return version


def _back_up(connection: sqlite3.Connection, path: Path, version: int, now: datetime) -> None:
    copy = path.with_name(f"{path.name}.v{version}-{now:%Y%m%dT%H%M%SZ}-{os.getpid()}")
    os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))  # VACUUM INTO takes an empty file
    connection.execute("VACUUM INTO ?", (str(copy),))


def _split(script: str) -> list[str]:
    """Return the script's statements. sqlite3's own executescript would commit the transaction around it."""
    statements, part = [], ""
    for line in script.splitlines(keepends=True):
        part += line
        if sqlite3.complete_statement(part):
            statements.append(part)
            part = ""
    return statements
