"""A store, or a backup, of every version there ever was becomes today's: the same tables, and nothing lost."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from slawatch.store import Store, migrate
from slawatch.testing import FakeClock
from tests.contract.made import NOW, intended

SCRIPTS = {int(script.name[:4]): script for script in sorted(migrate.FOLDER.glob("*.sql"))}
EARLIER = sorted(SCRIPTS)[:-1]
Making = Callable[[int], Path]


@pytest.fixture
def of_version(tmp_path: Path) -> Making:
    """Make a store as the slawatch of that schema did, with a note and a request that is about to leave."""

    def make(version: int) -> Path:
        folder = tmp_path / f"scripts{version}"
        folder.mkdir()
        for number, script in SCRIPTS.items():
            if number <= version:
                shutil.copy(script, folder)
        path = tmp_path / f"v{version}.db"
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            migrate.bring_up_to_date(connection, path, now=NOW, folder=folder)
            connection.execute("INSERT INTO meta (key, value) VALUES ('note', 'kept')")
            connection.execute(
                """INSERT INTO request (public_id, origin, company, channel, target, account, probe, lang, variant,
                       subject, body, token, message_id, delivery, due_at, zone, intended_at)
                   VALUES ('R1', 'sent', 'shop', 'email', 'a@shop.example', 'main', 'hours', 'de', 0,
                       'Frage', 'Wann?', 'k7f3k7f3k7f3', 'a@own.example', 'intended', 1, 'UTC', 1)"""
            )
        return path

    return make


def schema(path: Path) -> dict[str, str]:
    """Return how every table, index and trigger is defined, without comments and line breaks."""
    with closing(sqlite3.connect(path)) as connection:
        found = {}
        for name, kind, sql in connection.execute("SELECT name, type, sql FROM sqlite_schema WHERE sql IS NOT NULL"):
            columns = [tuple(row[1:]) for row in connection.execute(f'PRAGMA table_info("{name}")')]
            # A column that was added later stands where it was added, in the text only.
            found[name] = str(columns) if kind == "table" else " ".join(sql.split())
        return found


@pytest.mark.parametrize("version", EARLIER)
def test_it_becomes_what_a_new_one_is_and_keeps_what_was_in_it(
    of_version: Making, tmp_path: Path, version: int
) -> None:
    path = of_version(version)
    with Store(tmp_path / "fresh.db", clock=FakeClock()):
        pass

    with Store(path, clock=FakeClock()) as store:
        assert store.meta("note") == "kept"
        assert [one.public_id for one in store.requests()] == ["R1"]
        assert store.jumps() == []
        # As where it was a backup: what was about to leave is of unknown fate.
        assert store.doubt_unsent("restore", NOW) == 1
        assert [one.public_id for one in store.expire_leases()] == ["R1"]
        intended(store, "next")

    assert schema(path) == schema(tmp_path / "fresh.db")
    assert len(list(tmp_path.glob(f"v{version}.db.v{version}-*"))) == 1
