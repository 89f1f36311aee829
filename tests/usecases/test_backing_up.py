"""Backups are whole while others write; what is restored sends nothing again that may have left since."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from slawatch.errors import BusyError, EvidenceError, OutputError, SlawatchError, StoreError, UsageError
from slawatch.model import Delivery
from slawatch.store import Store
from slawatch.usecases import backing_up, lock
from slawatch.usecases.backing_up import Restored, back_up, check, restore, thin_out
from slawatch.usecases.tick import tick
from slawatch.usecases.world import STOP_FILE, World
from tests.stages import Opening, Stage, company

ANSWER = "Guten Tag, die Lieferung dauert drei Werktage, ich habe es im Lager erfragt. Ihr J. Ott"


@pytest.fixture
def here(stage: Opening) -> Stage:
    """A request that left and was answered, and slots ahead."""
    here = stage(company(schedule='cron = "0 9 * * *"', relationship="own"))
    tick(here.world)
    here.forward(days=1, hours=7)
    tick(here.world)
    here.far.answer(here.requests()[0], ANSWER)
    here.forward(hours=1)
    tick(here.world)
    return here


def opening(here: Stage) -> Callable[[Path], AbstractContextManager[World]]:
    @contextmanager
    def opened(store: Path) -> Iterator[World]:
        with Store(store, clock=here.clock) as ready:
            yield replace(here.world, store=ready, config=replace(here.world.config, store=store))

    return opened


def restored(here: Stage, path: Path) -> Restored:
    here.world.store.close()
    with backing_up.alone(here.world.config.store):
        return restore(path, here.world.config.store, here.world.config.folder, opening(here), here.clock.now())


def test_a_backup_holds_all_and_is_one_file_for_its_owner_alone(here: Stage, tmp_path: Path) -> None:
    (tmp_path / "copies").mkdir()
    path = back_up(here.world, tmp_path / "copies" / "one.db")

    found = check(path, opening(here))

    assert (found.requests, found.checksum) == (len(here.requests()), True)
    assert found.links > 0
    assert found.made_at == here.clock.now()
    assert sorted(one.name for one in path.parent.iterdir()) == ["one.db", "one.db.sha256"]
    assert path.stat().st_mode & 0o777 == 0o600
    assert back_up(here.world, backing_up.default_path(here.world)).parent.name == "backups"


def test_a_disk_that_is_not_mounted_gets_no_folder_of_its_name(here: Stage, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="mount what belongs there"):
        back_up(here.world, tmp_path / "disk" / "slawatch.db")

    assert not (tmp_path / "disk").exists()


def test_it_is_whole_while_another_thread_writes_all_the_time(here: Stage, tmp_path: Path) -> None:
    stop = threading.Event()
    written = []

    def write() -> None:
        while not stop.is_set():
            here.world.store.event("busy", "", os.urandom(2000).hex())
            written.append(1)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while len(written) < 20:
            pass
        before = len(written)
        path = back_up(here.world, tmp_path / "one.db")
        assert len(written) > before
    finally:
        stop.set()
        writer.join()

    assert check(path, opening(here)).requests == 1


def test_no_backup_is_ever_written_over(here: Stage, tmp_path: Path) -> None:
    path = back_up(here.world, tmp_path / "one.db")

    with pytest.raises(OutputError, match="is there already"):
        back_up(here.world, path)


def test_only_the_newest_are_kept_where_so_many_are_wanted(here: Stage, tmp_path: Path) -> None:
    made = []
    for _ in range(3):
        made.append(back_up(here.world, backing_up.default_path(here.world)))
        here.forward(hours=1)
    own = back_up(here.world, made[0].with_name("mine.db"))

    assert thin_out(made[0].parent, 2) == [made[0]]
    assert [one.exists() for one in (*made, own)] == [False, True, True, True]
    assert not made[0].with_name(made[0].name + ".sha256").exists()


def flip(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(b"\xff" * 64)


def unlink_sum(path: Path) -> None:
    path.with_name(path.name + ".sha256").unlink()


def falsify(path: Path) -> None:
    """Change evidence as somebody would who knows SQLite, and leave no checksum."""
    unlink_sum(path)
    connection = sqlite3.connect(path)
    connection.execute("UPDATE message SET stamp_at = stamp_at - 3600000000")
    connection.commit()
    connection.close()


def cut(path: Path) -> None:
    unlink_sum(path)
    os.truncate(path, path.stat().st_size // 2)


def foreign(path: Path) -> None:
    unlink_sum(path)
    path.write_text("Dear diary, " * 1000, encoding="utf-8")


@pytest.mark.parametrize(
    ("harm", "error", "words"),
    [
        (flip, StoreError, "is not what its checksum"),
        (falsify, EvidenceError, "evidence is not what was linked"),
        (cut, StoreError, "is damaged"),
        (foreign, StoreError, "is damaged"),
        (Path.unlink, UsageError, "there is no"),
    ],
)
def test_a_bad_backup_is_refused_and_the_store_stays_as_it_was(
    here: Stage, tmp_path: Path, harm: Callable[[Path], None], error: type[SlawatchError], words: str
) -> None:
    path = back_up(here.world, tmp_path / "one.db")
    harm(path)

    with pytest.raises(error, match=words) as caught:
        restored(here, path)

    assert "\n" not in str(caught.value)
    assert len(here.requests()) == 1
    assert list(tmp_path.glob("*before*")) == []
    assert list(tmp_path.glob(".*restoring*")) == []


@pytest.mark.parametrize("name", [lock.RUN, lock.AUDIT, lock.TICK])
def test_it_refuses_while_anybody_is_at_work(here: Stage, tmp_path: Path, name: str) -> None:
    path = back_up(here.world, tmp_path / "one.db")

    with lock.held(here.world.config.store, name, ""), pytest.raises(BusyError, match="end it first"):
        restored(here, path)


def test_nothing_that_was_due_since_is_asked_after_an_old_backup_is_restored(here: Stage, tmp_path: Path) -> None:
    path = back_up(here.world, tmp_path / "one.db")
    here.forward(days=2)
    tick(here.world)
    here.forward(hours=26)
    tick(here.world)
    left = [one.due_at for one in here.requests()]
    known = len(here.requests())
    assert known > 1

    done = restored(here, path)

    assert done.lost is not None
    assert len(done.lost) == known - 1
    assert done.kept is not None
    assert done.kept.exists()
    assert list(here.world.store.paused()) == ["*"]
    tick(here.world)
    assert len(here.requests()) == 1
    here.world.store.resume("*")
    tick(here.world)
    here.forward(days=3)
    for _ in range(3):
        tick(here.world)
        here.forward(hours=12)
    again = [one.due_at for one in here.requests() if one.due_at in left]
    assert len(again) == 1  # that of the backup itself
    assert len(here.requests()) > 1
    assert [one.action for one in here.world.store.audit_log()][:1] == ["restored"]


def test_what_was_about_to_leave_is_found_where_it_left_and_not_sent_again(here: Stage, tmp_path: Path) -> None:
    here.forward(hours=24)
    here.far.fail_once()
    tick(here.world)
    (waiting,) = [one for one in here.requests() if one.delivery is Delivery.INTENDED]
    path = back_up(here.world, tmp_path / "one.db")
    here.forward(hours=1)
    tick(here.world)  # now it leaves, and the backup does not know
    departed = len(here.far.departures)

    done = restored(here, path)
    here.world.store.resume("*")
    here.forward(hours=2)
    tick(here.world)
    tick(here.world)

    assert done.unknown == 1
    assert here.world.store.requests(ids=[waiting.id])[0].delivery is Delivery.SENT
    assert len([one for one in here.far.departures if one.request.id == waiting.id]) == 1
    assert len(here.far.departures) == departed


def test_who_opted_out_since_stays_out(here: Stage, tmp_path: Path) -> None:
    path = back_up(here.world, tmp_path / "one.db")
    here.world.store.opt_out("company:shop", "by phone")

    done = restored(here, path)

    assert done.opted_out == 1
    assert [one.scope for one in here.world.store.opt_outs()] == ["company:shop"]


def test_a_store_that_cannot_be_read_any_more_is_kept_and_replaced(here: Stage, tmp_path: Path) -> None:
    path = back_up(here.world, tmp_path / "one.db")
    here.world.store.close()
    store = here.world.config.store
    store.write_bytes(b"\xff" * 20_000)

    done = restored(here, path)

    assert done.lost is None
    assert done.kept is not None
    assert done.kept.read_bytes() == b"\xff" * 20_000
    assert len(here.requests()) == 1
    connection = sqlite3.connect(store)
    assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    connection.close()


def test_while_names_change_a_stop_file_lies_there(
    here: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = back_up(here.world, tmp_path / "one.db")
    rename = Path.replace

    def power_cut(self: Path, target: Path) -> Path:
        if "restoring" in self.name:
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", power_cut)
    with pytest.raises(KeyboardInterrupt):
        restored(here, path)

    assert (here.world.config.folder / STOP_FILE).exists()
    assert here.world.halted()


def test_restoring_leaves_the_backup_as_it_is(here: Stage, tmp_path: Path) -> None:
    path = back_up(here.world, tmp_path / "one.db")
    before = path.read_bytes()

    restored(here, path)

    assert path.read_bytes() == before
