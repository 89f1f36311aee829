"""The store as a file: made, opened, migrated, refused, full; and what it costs where nothing is to do."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from slawatch import rules
from slawatch.channels.base import Batch
from slawatch.clock import SystemClock, to_micros
from slawatch.errors import StoreError
from slawatch.model import Delivery, MatchEvidence, MessageKind, SlotState, Strength, Writer
from slawatch.store import Store, migrate
from slawatch.store.queries import fit, statements
from slawatch.testing import FakeClock
from tests.contract.made import NOW, a_draft, a_slot, incoming, intended, received, sent

NEWEST = max(int(script.name[:4]) for script in migrate.FOLDER.glob("*.sql"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "slawatch.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store(path, clock=FakeClock()) as ready:
        yield ready


def refused(path: Path) -> str:
    """Return the one line with which a store at this path is refused."""
    with pytest.raises(StoreError) as caught, Store(path, clock=FakeClock()):
        pass
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(f'store: "{path}"')
    return str(caught.value)


def by_hand(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    return sqlite3.connect(path, isolation_level=None)


class TestFile:
    def test_it_is_made_with_its_folders_and_for_its_owner_alone(self, store: Store, path: Path) -> None:
        sent(store)

        for file in path.parent.iterdir():
            assert stat.S_IMODE(file.stat().st_mode) == 0o600, file.name

    def test_it_is_opened_on_first_use_and_can_be_opened_again(self, path: Path) -> None:
        store = Store(path, clock=FakeClock())
        assert not path.exists()
        store.set_meta("key", "value")
        store.close()
        store.close()

        assert store.meta("key") == "value"
        store.close()

    def test_it_outlives_power_cuts_and_keeps_references_whole(self, store: Store) -> None:
        connection = store._connection()

        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        assert connection.execute("PRAGMA synchronous").fetchone()[0] == 2  # FULL
        assert connection.execute("PRAGMA foreign_keys").fetchone()[0] == 1
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"

    def test_each_thread_has_a_connection_and_close_closes_them_all(self, store: Store) -> None:
        used = [store._connection()]
        thread = threading.Thread(target=lambda: used.append(store._connection()))
        thread.start()
        thread.join()

        store.close()

        assert used[0] is not used[1]
        for connection in used:
            with pytest.raises(sqlite3.ProgrammingError, match="closed"):
                connection.execute("SELECT 1")

    def test_tables_are_strict_and_hold_instants_as_whole_numbers(self, store: Store) -> None:
        tables = store._connection().execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table'").fetchall()

        assert tables
        for name, sql in tables:
            assert sql.rstrip().endswith("STRICT"), name
            for column, kind in re.findall(r"\b(\w+(?:_at|_until)|until|since|at)\s+(INTEGER|TEXT|REAL)\b", sql):
                assert kind == "INTEGER", f"{name}.{column}"


class TestRefused:
    def test_a_store_of_a_newer_slawatch(self, path: Path) -> None:
        with Store(path, clock=FakeClock()):
            pass
        with by_hand(path) as connection:
            connection.execute(f"PRAGMA user_version = {NEWEST + 1}")
        connection.close()

        line = refused(path)

        assert line == (
            f'store: "{path}" was written by a newer slawatch (schema {NEWEST + 1}, we know {NEWEST}): update slawatch'
        )

    def test_another_program_s_database(self, path: Path) -> None:
        connection = by_hand(path)
        connection.execute("CREATE TABLE theirs (x)")
        connection.close()

        assert "belongs to another program" in refused(path)
        connection = by_hand(path)
        assert [row[0] for row in connection.execute("SELECT name FROM sqlite_schema")] == ["theirs"]
        connection.close()

    def test_a_file_that_is_no_database(self, path: Path) -> None:
        path.parent.mkdir()
        path.write_text("Dear diary, " * 1000, encoding="utf-8")

        assert "it is not a slawatch store" in refused(path)
        assert path.read_text(encoding="utf-8").startswith("Dear diary")

    def test_a_damaged_file(self, path: Path) -> None:
        with Store(path, clock=FakeClock()) as store:
            received(store, *(incoming(str(number), raw=os.urandom(3000)) for number in range(50)))
        with path.open("r+b") as file:
            for page in range(3, path.stat().st_size // 4096):
                file.seek(page * 4096)
                file.write(b"\xff" * 2000)

        assert "the file is damaged: restore a backup" in refused(path)

    def test_a_folder_in_its_place(self, path: Path) -> None:
        path.mkdir(parents=True)

        assert "cannot be opened (Is a directory): choose a place that can be written" in refused(path)

    def test_a_place_below_a_file(self, path: Path) -> None:
        path.parent.write_text("", encoding="utf-8")

        assert "cannot be opened" in refused(path)

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
    def test_a_folder_without_the_right_to_write(self, path: Path) -> None:
        path.parent.mkdir(mode=0o500)

        assert "cannot be opened (Permission denied): choose a place that can be written" in refused(path)


class TestFaults:
    @pytest.mark.parametrize(
        ("fault", "cure"),
        [
            ("PRAGMA max_page_count = 1", "the disk is full: make room and run it again"),
            (
                "PRAGMA query_only = 1",
                "it may not be written: give this user the right to write the file and its folder",
            ),
        ],
    )
    def test_a_fault_in_the_midst_is_one_line_with_its_cure_and_keeps_nothing(
        self, store: Store, path: Path, fault: str, cure: str
    ) -> None:
        store._connection().execute(fault)
        letters = [incoming(str(number), raw=os.urandom(50_000)) for number in range(3)]

        with pytest.raises(StoreError) as caught:
            received(store, *letters)

        assert str(caught.value).startswith(f'store: "{path}": {cure}')
        assert "\n" not in str(caught.value)
        store.close()
        assert store.messages() == []
        assert store.cursor("main") == ""
        assert len(received(store, *letters)) == 3

    def test_a_store_that_another_process_has_locked(self, store: Store, path: Path) -> None:
        other = by_hand(path)
        other.execute("BEGIN IMMEDIATE")
        store._connection().execute("PRAGMA busy_timeout = 1")

        with pytest.raises(StoreError, match="another process has kept it locked"):
            store.set_meta("key", "value")

        other.execute("ROLLBACK")
        other.close()
        store.set_meta("key", "value")
        assert store.meta("key") == "value"

    def test_a_broken_rule_of_the_schema_is_a_bug_and_shows_itself(self, store: Store) -> None:
        request = intended(store)

        with pytest.raises(sqlite3.IntegrityError):
            store.add_made_up([request])

        assert store.requests() == [request]

    def test_a_write_that_was_interrupted_before_it_began_to_work_hinders_no_other(self, store: Store) -> None:
        interrupted = store._writing()
        interrupted.__enter__()  # and Ctrl-C comes here

        store.set_meta("key", "value")

        assert store.meta("key") == "value"

    def test_what_is_done_together_is_kept_together_or_not_at_all(self, store: Store) -> None:
        run: list[str] = []
        store._connection().set_trace_callback(run.append)
        with store.together():
            store.set_meta("one", "1")
            store.set_meta("two", "2")
            assert store.meta("one") == "1"
        store._connection().set_trace_callback(None)

        with suppress(KeyError), store.together():
            store.set_meta("one", "changed")
            raise KeyError

        assert run.count("COMMIT") == 1
        assert (store.meta("one"), store.meta("two")) == ("1", "2")
        store.set_meta("one", "alone")
        assert store.meta("one") == "alone"

    def test_a_write_within_a_write_is_a_bug_and_keeps_nothing(self, store: Store) -> None:
        store.add_slots([a_slot()])
        (slot,) = store.slots()

        def writes(history: object) -> None:
            store.set_meta("key", "value")

        with pytest.raises(sqlite3.OperationalError, match="within a transaction"):
            store.claim(slot, a_draft(slot), worker="w1", guard=writes)

        assert store.slots() == [slot]
        assert store.meta("key") is None


def of_the_first_schema(path: Path, tmp_path: Path) -> None:
    """Lay a store there as the first slawatch wrote it, with one request and the answer to it."""
    folder = tmp_path / "first"
    folder.mkdir()
    shutil.copy(migrate.FOLDER / "0001_first.sql", folder)
    at = to_micros(NOW)
    with by_hand(path) as connection:
        migrate.bring_up_to_date(connection, path, now=NOW, folder=folder)
        connection.execute(
            "INSERT INTO request (id, public_id, origin, company, channel, target, account, probe, lang, variant,"
            " subject, body, token, message_id, delivery, due_at, zone, intended_at, accepted_at)"
            " VALUES (1, 'R1', 'sent', 'shop', 'email', 'service@shop.example', 'main', 'delivery-time', 'de', 0,"
            " 'Frage', 'Wie lange?', 'k7f3m2q9x4ab', 'one@own.example', 'sent', ?, 'Europe/Berlin', ?, ?)",
            (at, at, at),
        )
        connection.execute(
            "INSERT INTO attempt (request_id, number, envelope_id, account, worker, started_at, ended_at, outcome)"
            " VALUES (1, 1, 'slw-1', 'main', 'w', ?, ?, 'sent')",
            (at, at),
        )
        connection.execute("INSERT INTO blob VALUES ('00', 'zlib', 0, ?)", (zlib.compress(b"letter"),))
        connection.execute(
            "INSERT INTO message (id, account, channel, remote_id, folder, sha256, own_id, sender, subject, stamp_at,"
            " stamp_source, stamp_earlier, stamp_later, seen_at)"
            " VALUES (1, 'main', 'email', 'INBOX/1/1', 'INBOX', '00',"
            " 'a@shop.example', 'service@shop.example', 'Re: Frage', ?, 'internaldate', 0, 0, ?)",
            (at, at),
        )
        connection.execute(
            "INSERT INTO derived (message_id, rules, kind, because)"
            " VALUES (1, 'match-1/classify-1', 'answer', '[[\"answer-words\", \"in zwei Tagen\"]]')"
        )
        connection.execute(
            "INSERT INTO reply (message_id, request_id, evidence, strength, saw)"
            " VALUES (1, 1, 'delivered-to', 'certain', 'k7f3…')"
        )
    connection.close()


def of_the_second_schema(path: Path, tmp_path: Path) -> None:
    """Lay a store there as slawatch wrote it before it could ask in public, with a row in every table and more."""
    folder = tmp_path / "second"
    folder.mkdir()
    for script in sorted(migrate.FOLDER.glob("*.sql"))[:2]:
        shutil.copy(script, folder)
    at = to_micros(NOW)
    with by_hand(path) as connection:
        migrate.bring_up_to_date(connection, path, now=NOW, folder=folder)
        connection.execute("INSERT INTO blob VALUES ('00', 'zlib', 6, ?)", (zlib.compress(b"letter"),))
        for statement in SECOND_SCHEMA.format(at=at).strip().split(";\n"):
            connection.execute(statement)
    connection.close()


SECOND_SCHEMA = """
INSERT INTO meta VALUES ('key', 'value');
INSERT INTO campaign VALUES (3, 'spring', {at}, NULL, NULL);
INSERT INTO slot VALUES (7, 'k#2', 'shop', 'email', 's@shop.example', 'main', {at}, 'UTC', 'closed', {at}, 'sent', 3);
INSERT INTO request VALUES (5, 'R5', 'sent', 'shop', 'email', 's@shop.example', 'main', 'delivery-time', 'de', 4,
    'Frage', 'Wie lange?', 'k7f3m2q9x4ab', 'five@own.example', 'sent', {at}, 'Europe/Berlin', {at} + 1, {at} + 2, 3,
    {at} + 4, 5, 'proven', {at} + 6, NULL, '', NULL, 7, 3, 0, 'w', NULL);
INSERT INTO request VALUES (6, 'R6', 'recorded', 'shop', 'email', 's@shop.example', 'main', 'returns', 'de', 0,
    '', '', 'k7f3m2q9x4ac', 'six@own.example', 'uncertain', {at}, 'UTC', {at}, NULL, 0, NULL, 0, 'presumed', NULL,
    'uncertain', 'no trace', {at}, NULL, NULL, 1, '', NULL);
INSERT INTO request VALUES (9, 'R9', 'sent', 'shop', 'email', 's@shop.example', 'main', 'returns', 'de', 0,
    '', '', 'k7f3m2q9x4ad', 'nine@own.example', 'sending', {at}, 'UTC', {at}, NULL, 0, NULL, 0, 'presumed', NULL,
    NULL, '', NULL, NULL, NULL, 0, 'w', {at} + 600);
INSERT INTO attempt VALUES (2, 5, 1, 'slw-1', 'main', 'w', {at}, {at} + 2, 'sent', '250 ok');
INSERT INTO inbox VALUES ('main', 'cursor', {at}, 'w', {at}, 'nearly full');
INSERT INTO look VALUES (1, 'main', {at}, {at}, 1, 'note');
INSERT INTO message VALUES (4, 'main', 'email', 'INBOX/1/1', 'INBOX', '00', 'a@shop.example', 's@shop.example',
    'Re: Frage', {at} + 9, 'internaldate', 1, 2, {at} + 8, {at} + 7, {at} + 10, NULL, 'why');
INSERT INTO message VALUES (8, 'main', 'email', 'INBOX/1/2', 'INBOX', '00', 'a@shop.example', 's@shop.example',
    'Re: Frage', {at} + 9, 'internaldate', 1, 2, NULL, NULL, {at} + 11, 4, '');
INSERT INTO derived VALUES (4, 'r', 0, 'question', '[["rule", "saw"]]', 1, 0, 'print', 1);
INSERT INTO reply VALUES (4, 5, 'delivered-to', 'certain', 'k7f3', 'stranger', 'shop.example');
INSERT INTO reply VALUES (4, 6, 'subject', 'weak', '', 'forged', '');
INSERT INTO promise VALUES (4, 0, 'soon', 'reply', 60, NULL, NULL, NULL);
INSERT INTO learned VALUES ('shop', 'ticket:1', 5, 4);
INSERT INTO review VALUES (1, 4, {at}, 'anna', 'because', 'question', '[5]', '{{}}', 0);
INSERT INTO trusted_domain VALUES ('shop', 'helper.example', 1);
INSERT INTO follow_up VALUES (1, 5, 4, 'reply', 1, 'Re', 'Ja.', 'f1@own.example', 'slw-f1', 'sent', {at}, {at}, {at}, 2,
    NULL, '250 ok', 'w', NULL);
INSERT INTO pause VALUES ('*', 'why', {at});
INSERT INTO event VALUES (1, {at}, 'kind', 'R5', 'detail')
"""


def contents(path: Path) -> dict[str, list[dict[str, object]]]:
    """Return every row of every table, by column."""
    with by_hand(path) as connection:
        connection.row_factory = sqlite3.Row
        tables = [row["name"] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        found = {}
        for table in tables:
            rows = connection.execute(f"SELECT * FROM {table} ORDER BY 1")  # noqa: S608  our own tables
            found[table] = [dict(row) for row in rows]
    connection.close()
    return found


def indexes(path: Path) -> dict[str, str]:
    """Return how every index was made, by name."""
    with by_hand(path) as connection:
        rows = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL")
        found = dict(rows.fetchall())
    connection.close()
    return found


class TestMigration:
    def test_an_older_store_is_copied_then_changed(self, path: Path, tmp_path: Path) -> None:
        folder = scripts(tmp_path, "ALTER TABLE meta ADD COLUMN note TEXT NOT NULL DEFAULT 'new';")
        with Store(path, clock=FakeClock()) as store:
            store.set_meta("key", "value")
        connection = by_hand(path)

        migrate.bring_up_to_date(connection, path, now=NOW, folder=folder)

        assert connection.execute("SELECT * FROM meta").fetchall() == [("key", "value", "new")]
        assert connection.execute("PRAGMA user_version").fetchone()[0] == NEWEST + 1
        (copy,) = path.parent.glob("slawatch.db.v*")
        assert copy.name.startswith(f"slawatch.db.v{NEWEST}-20260329T003000Z")
        assert stat.S_IMODE(copy.stat().st_mode) == 0o600
        connection.close()
        copy.rename(path)
        with Store(path, clock=FakeClock()) as store:
            assert store.meta("key") == "value"

    def test_a_store_of_the_first_schema_keeps_what_its_replies_meant(self, path: Path, tmp_path: Path) -> None:
        of_the_first_schema(path, tmp_path)

        with Store(path, clock=FakeClock()) as store:
            ((reply,),) = store.replies().values()
            (request,) = store.requests()
            unjudged = store.messages(rules_before=rules.ALL)
            known = store.known_for(tokens=[request.token], message_ids=[request.message_id], envelope_ids=["slw-1"])

        assert (reply.kind, reply.evidence, reply.strength) == (
            MessageKind.ANSWER,
            MatchEvidence.DELIVERED_TO,
            Strength.CERTAIN,
        )
        assert [(reason.rule, reason.saw) for reason in reply.because] == [("answer-words", "in zwei Tagen")]
        assert (reply.written_by.writer, reply.counts, reply.in_review) == (Writer.COMPANY, True, False)
        assert (reply.complete, reply.promises, reply.settled) == (None, (), False)
        assert (request.delivery, request.accepted_at) == (Delivery.SENT, NOW)
        assert known.by_token[request.token] == known.by_envelope_id["slw-1"] == request.id
        assert [message.id for message in unjudged] == [reply.message_id]  # newer rules look at it again

    def test_a_store_of_the_first_schema_lies_beside_its_successor_as_it_was(self, path: Path, tmp_path: Path) -> None:
        of_the_first_schema(path, tmp_path)

        with Store(path, clock=FakeClock()):
            pass

        (copy,) = path.parent.glob("slawatch.db.v*")
        assert copy.name.startswith("slawatch.db.v1-20260329T003000Z")
        with by_hand(copy) as old, by_hand(path) as new:
            assert old.execute("PRAGMA user_version").fetchone()[0] == 1
            assert new.execute("PRAGMA user_version").fetchone()[0] == NEWEST
            assert old.execute("SELECT evidence, strength, saw FROM reply").fetchall() == [
                ("delivered-to", "certain", "k7f3…")
            ]
            assert new.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            assert new.execute("PRAGMA foreign_key_check").fetchall() == []
        old.close()
        new.close()

    def test_a_store_of_the_second_schema_loses_not_one_value(self, path: Path, tmp_path: Path) -> None:
        of_the_second_schema(path, tmp_path)
        before = contents(path)
        assert all(before.values())  # no table is empty

        with Store(path, clock=FakeClock()):
            pass

        after = contents(path)
        for table, rows in before.items():
            assert [{name: row[name] for name in old} for row, old in zip(after[table], rows, strict=True)] == rows
        new = {"form", "remote_id", "told_at", "verified_at", "asked_by"}
        assert [{name: row[name] for name in new} for row in after["request"]] == 3 * [
            {"form": "letter", "remote_id": "", "told_at": None, "verified_at": None, "asked_by": ""}
        ]
        assert {after["message"][0][name] for name in ("gone_at", "purged_at", "present_at")} == {None}

    def test_a_store_of_the_second_schema_goes_on_where_it_stood(self, path: Path, tmp_path: Path) -> None:
        of_the_second_schema(path, tmp_path)

        with Store(path, clock=FakeClock()) as store:
            connection = store._connection()
            assert connection.execute("PRAGMA foreign_keys").fetchone()[0] == 1
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
            assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            for statement in (
                "DELETE FROM request WHERE id = 5",
                "DELETE FROM derived",
                "DELETE FROM message WHERE id = 4",
                "UPDATE reply SET request_id = 99 WHERE request_id = 5",
                "UPDATE reply SET message_id = 99 WHERE request_id = 5",
                "UPDATE request SET slot_id = 99 WHERE id = 5",
            ):
                with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
                    connection.execute(statement)
            request = intended(store, "next")  # ids go on
            assert request.id == 10
            ((reply, _),) = (store.replies_of([4])[4],)

        assert (reply.request_id, reply.strength, reply.written_by.writer) == (5, Strength.CERTAIN, Writer.STRANGER)

    def test_an_older_store_ends_with_the_indexes_of_a_new_one(self, path: Path, tmp_path: Path) -> None:
        of_the_second_schema(path, tmp_path)
        fresh = tmp_path / "fresh.db"
        for one in (path, fresh):
            with Store(one, clock=FakeClock()):
                pass

        assert indexes(path) == indexes(fresh)
        assert {"request_work", "request_remote", "reply_request", "message_sha256"} <= set(indexes(path))

    def test_a_migration_that_fails_changes_nothing(self, path: Path, tmp_path: Path) -> None:
        folder = scripts(
            tmp_path,
            "ALTER TABLE meta ADD COLUMN note TEXT;\nCREATE TABLE more (x INTEGER) STRICT;\nDROP TABLE nobody;\n",
        )
        with Store(path, clock=FakeClock()) as store:
            store.set_meta("key", "value")
        connection = by_hand(path)

        with pytest.raises(sqlite3.OperationalError, match="nobody"):
            migrate.bring_up_to_date(connection, path, now=NOW, folder=folder)

        assert connection.execute("SELECT * FROM meta").fetchall() == [("key", "value")]
        assert connection.execute("PRAGMA user_version").fetchone()[0] == NEWEST
        connection.close()

    def test_a_store_at_its_newest_is_neither_copied_nor_written(self, path: Path) -> None:
        with Store(path, clock=FakeClock()) as store:
            sent(store)
        before = path.read_bytes()

        with Store(path, clock=FakeClock()) as store:
            store.slots(state=SlotState.PLANNED, due_until=NOW)

        assert path.read_bytes() == before
        assert [file.name for file in path.parent.iterdir()] == ["slawatch.db"]

    def test_the_numbers_of_the_migrations_have_no_gap(self) -> None:
        numbers = sorted(int(script.name[:4]) for script in migrate.FOLDER.glob("*.sql"))

        assert numbers == list(range(1, NEWEST + 1))


class TestCost:
    @pytest.mark.parametrize(
        ("name", "given", "index"),
        [
            ("slots", {"state": "planned", "due_until": 0}, "slot_due"),
            ("requests", {"delivery": ["intended"]}, "request_work"),
            ("expired", {"now": 0}, "request_work"),
            ("messages", {"rules_before": "rules-1", "account": "main", "no_duplicates": True}, "derived_rules"),
            ("replies", {"request_ids": [1]}, "reply_request"),
            ("history", {"company": "x", "since": 0, "closing_kinds": ["answer"]}, "request_company"),
            ("sent_instants", {"account": "main", "since": 0}, "attempt_rate"),
            ("known_tokens", {"keys": ["a"]}, "sqlite_autoindex_request"),
            ("known_message_ids", {"keys": ["a"]}, "sqlite_autoindex_request"),
            ("known_envelope_ids", {"keys": ["a"]}, "sqlite_autoindex_attempt"),
            ("same_bytes", {"account": "main", "sha256": "x"}, "message_sha256"),
            ("same_letter", {"account": "main", "own_id": "x", "date_header_at": 0}, "message_own_id"),
            ("is_known", {"account": "main", "remote_id": "x"}, "sqlite_autoindex_message"),
        ],
    )
    def test_what_every_pass_asks_is_answered_from_an_index(
        self, store: Store, name: str, given: dict[str, str | int | list[str]], index: str
    ) -> None:
        statement, bound = fit(name, given)

        plan = [row["detail"] for row in store._connection().execute(f"EXPLAIN QUERY PLAN {statement}", bound)]

        assert any(index in step for step in plan), plan
        assert not [step for step in plan if re.match(r"SCAN (?!CONSTANT)", step)], plan

    def test_what_is_not_yet_judged_is_found_without_going_through_all_an_account_ever_got(self, store: Store) -> None:
        statement, bound = fit("messages", {"rules_before": "rules-1", "account": "main", "no_duplicates": True})

        plan = [row["detail"] for row in store._connection().execute(f"EXPLAIN QUERY PLAN {statement}", bound)]

        assert "SEARCH message USING INTEGER PRIMARY KEY (rowid=?)" in plan, plan

    def test_a_filter_that_is_given_as_nought_or_nothing_still_filters(self) -> None:
        assert "id = :id" in fit("slots", {"id": 0})[0]
        assert "IN (NULL)" in fit("requests", {"ids": []})[0]
        assert "id = :id" not in fit("slots", {"id": None})[0]
        assert "NOT EXISTS" not in fit("messages", {"unmatched": False})[0]

    def test_every_statement_can_be_run(self, store: Store) -> None:
        staging = statements()["make_staged"]
        store._connection().execute(f"EXPLAIN {staging}")
        store._connection().execute(staging)  # of an import's own connection alone
        for name in statements().keys() - {"make_staged"}:
            _, *words = re.split(r"[(\s]:(?=\w)", statements()[name])
            given = dict.fromkeys(re.match(r"\w+", word)[0] for word in words)  # type: ignore[index]  # \w stands there
            statement, bound = fit(name, {**given, "ids": [1], "closing_kinds": ["answer"], "keys": ["a"]})

            store._connection().execute(f"EXPLAIN {statement}", {**dict.fromkeys(given), **bound})

    def test_an_idle_look_loads_nothing_but_the_standard_library_and_takes_little_time(self, path: Path) -> None:
        with Store(path, clock=SystemClock()) as store:
            store.add_slots([a_slot(f"slot-{number}") for number in range(1000)])
            store.add_batch("main", "memory", Batch(messages=(), cursor="c", looked_until=NOW))
        script = """
import sys
before = {name.partition(".")[0] for name in sys.modules}
from pathlib import Path
from time import process_time
from slawatch.clock import EPOCH, SystemClock
from slawatch.model import Delivery, MatchEvidence, MessageKind, SlotState, Strength, Writer
from slawatch.store import Store
def idle():
    began = process_time()
    with Store(Path(sys.argv[1]), clock=SystemClock()) as store:
        assert store.slots(state=SlotState.PLANNED, due_until=EPOCH) == []
        assert store.expire_leases() == []
    return process_time() - began
print(min(idle() for _ in range(20)))
print(*({name.partition(".")[0] for name in sys.modules} - before - sys.stdlib_module_names))
"""
        done = subprocess.run(
            [sys.executable, "-c", script, str(path)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        )
        seconds, loaded = done.stdout.splitlines()

        assert loaded.split() == ["slawatch"]
        assert float(seconds) < 0.02


def scripts(tmp_path: Path, next_one: str) -> Path:
    """Return a folder with today's migrations and one more."""
    folder = tmp_path / "migrations"
    folder.mkdir()
    for script in migrate.FOLDER.glob("*.sql"):
        (folder / script.name).write_text(script.read_text(encoding="utf-8"), encoding="utf-8")
    (folder / f"{NEWEST + 1:04}_next.sql").write_text(next_one, encoding="utf-8")
    return folder
