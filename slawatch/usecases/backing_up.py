"""Makes backups of the store while others work, checks them, and lets one take the store's place. Sends nothing.

A restored store does not know what left after it was backed up. So nothing that it was about to do is done: what was
due is closed, what was leaving is looked for, and nothing is sent before a person says so.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from slawatch.clock import from_micros
from slawatch.errors import EvidenceError, OutputError, StoreError, UsageError
from slawatch.model import Delivery
from slawatch.store import OptOut, Store
from slawatch.store.backing import MADE_AT
from slawatch.usecases import lock
from slawatch.usecases.chained import verify_chain
from slawatch.usecases.erasing import ERASED
from slawatch.usecases.world import STOP_FILE, World

FOLDER = "backups"
PATTERN = "slawatch-[0-9]*.db"
SUM = ".sha256"
CHUNK = 1 << 20
PARTS = ("", "-wal", "-shm")  # of a SQLite file

Opening = Callable[[Path], AbstractContextManager[World]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A backup that was checked and found whole. `chain` is the newest head of its chain of evidence."""

    path: Path
    made_at: datetime
    size: int
    checksum: bool  # whether one lay beside it
    requests: int
    messages: int
    links: int
    head: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What restoring came to. `kept` is where the store of before lies, None where there was none.

    `unknown` were about to leave when the backup was made, `closed` slots were due since. `lost` names requests that
    the store of before knows and this one does not; None where it cannot be read. `opted_out` were taken over from it,
    `erased` is how much was erased there since.
    """

    backup: Backup
    kept: Path | None
    unknown: int
    closed: int
    lost: tuple[str, ...] | None
    opted_out: int
    erased: int


def default_path(world: World) -> Path:
    """Return where a backup goes that is given no name."""
    return world.config.store.parent / FOLDER / f"slawatch-{world.clock.now():%Y%m%dT%H%M%SZ}.db"


def back_up(world: World, path: Path) -> Path:
    """Write a backup and its checksum beside it; both are there whole or not at all. Returns its path.

    Raises:
        OutputError: it cannot be written, or is there already. StoreError: the store cannot be read.
    """
    world.store.extend_chain()  # so that all that is in it is linked
    part = path.with_name(f"{path.name}.part")
    if path.parent == default_path(world).parent:
        path.parent.mkdir(exist_ok=True, mode=0o700)
    elif not path.parent.is_dir():  # a disk that is not mounted must not become a folder on the one that may break
        raise OutputError(f'backup: there is no folder "{path.parent}"; make it, or mount what belongs there')
    try:
        if path.exists():
            raise OutputError(f'backup: "{path}" is there already; name another file')
        part.unlink(missing_ok=True)
        world.store.back_up(part)
        fault = _damage(part)
        if fault:
            raise StoreError(f'store: "{world.config.store}" is damaged ({fault}): restore an earlier backup')
        digest = _digest(part)
        _write(path.with_name(path.name + SUM), f"{digest}  {path.name}\n")
        part.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise OutputError(f'backup: "{path}" cannot be written ({error.strerror}); name another file') from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return path


def thin_out(folder: Path, keep: int) -> list[Path]:
    """Remove all but the newest backups that were given no name; return those removed."""
    old = sorted(folder.glob(PATTERN))[:-keep]
    for path in old:
        path.unlink(missing_ok=True)
        path.with_name(path.name + SUM).unlink(missing_ok=True)
    return old


def check(path: Path, opening: Opening) -> Backup:
    """Check a backup on a copy of it: checksum, the file's own integrity, version, and every link of the evidence.

    Raises:
        UsageError: there is no such file. StoreError: it is damaged or nothing of ours. EvidenceError: its evidence is
            not what was linked.
    """
    with _copied(path, path.parent) as copy:
        return _checked(path, copy, opening)


@contextmanager
def alone(store: Path) -> Iterator[None]:
    """Hold every lock there is on the store: nobody else may be at work on what is taken away.

    Raises:
        BusyError: somebody is.
    """
    with ExitStack() as stack:
        for name, who in ((lock.RUN, "slawatch run"), (lock.AUDIT, "an audit"), (lock.TICK, "a pass")):
            words = f'restore: {who} is at work on "{store.name}"; end it first'
            stack.enter_context(lock.held(store, name, words))
        yield


def restore(path: Path, store: Path, folder: Path, opening: Opening, now: datetime) -> Restored:
    """Let the backup take the store's place, and keep the store of before beside it. Call it inside `alone`.

    `folder` is the config's: while files change their names a file STOP lies there, so that nothing is ever sent from
    a store that is neither.

    Raises:
        UsageError, StoreError, EvidenceError: as `check`. OutputError: there is no room, or no right to write.
    """
    if store.exists() and path.resolve() == store.resolve():
        raise UsageError(f'restore: "{path}" is the store itself; name a backup')
    kept = store.with_name(f"{store.name}.before-{now:%Y%m%dT%H%M%SZ}") if store.exists() else None
    before = _Before(store, now)
    with _copied(path, store.parent) as copy:
        backup = _checked(path, copy, opening)
        with opening(copy) as world:
            lost = before.requests_unknown_to(world)
            unknown, closed = _hold_back(world, backup)
            opted_out = _opt_out(world, before.opt_outs())
            erased = before.erased_since(backup.made_at)
            world.store.audit("restored", "*", _words(backup, kept, unknown, closed))
            world.store.event("restore", "", _words(backup, kept, unknown, closed))
            world.store.extend_chain()
        _write_ahead(copy)
        stop = folder / STOP_FILE
        stopped = stop.exists()
        try:
            stop.touch()
            if kept is not None:
                for ending in PARTS:
                    with suppress(FileNotFoundError):
                        store.with_name(store.name + ending).replace(kept.with_name(kept.name + ending))
            copy.replace(store)
            _sync_folder(store.parent)
        except OSError as error:
            raise OutputError(
                f'restore: "{store}" cannot be replaced ({error.strerror}): nothing is sent while "{stop}" lies there; '
                f"see that the store is in its place and remove that file"
            ) from error
        if not stopped:
            stop.unlink(missing_ok=True)
    return Restored(
        backup=backup, kept=kept, unknown=unknown, closed=closed, lost=lost, opted_out=opted_out, erased=erased
    )


def _hold_back(world: World, backup: Backup) -> tuple[int, int]:
    """Keep what the backup was about to do from being done; return how many were leaving, and slots closed."""
    since = f"a backup of {backup.made_at:%Y-%m-%d %H:%M} UTC was restored"
    with world.store.together():
        closed = world.store.close_overdue(f"{since}: whether they were asked meanwhile, nobody knows")
        unknown = world.store.doubt_unsent("restore", backup.made_at)
        world.store.pause("*", since)
        world.store.set_meta(MADE_AT, "")
    return unknown, closed


def _opt_out(world: World, entries: list[OptOut]) -> int:
    """Take over who has opted out since: that must not be lost with a disk."""
    return sum(world.store.opt_out(one.scope, one.why) for one in entries)


class _Before:
    """What can still be read of the store that is replaced. It may be damaged, gone, or of a newer slawatch."""

    def __init__(self, path: Path, now: datetime) -> None:
        self._path = path
        self._now = now

    def opt_outs(self) -> list[OptOut]:
        """Return the entries of its register, none where it cannot be read."""
        with suppress(StoreError, sqlite3.DatabaseError), self._open() as store:
            return store.opt_outs() if store else []
        return []

    def erased_since(self, since: datetime) -> int:
        """Return how many erasures it has on record since; they are undone by what is restored."""
        with suppress(StoreError, sqlite3.DatabaseError), self._open() as store:
            return sum(one.action == ERASED for one in store.audit_log(since=since)) if store else 0
        return 0

    def requests_unknown_to(self, world: World) -> tuple[str, ...] | None:
        """Return the requests it knows beyond the backup's, by their public ids; None where it cannot be read."""
        with suppress(StoreError, sqlite3.DatabaseError), self._open() as store:
            if store is None:
                return ()
            known = {one.public_id for one in world.store.requests()}
            left = [one for one in store.requests() if one.delivery not in {Delivery.INTENDED, Delivery.WITHDRAWN}]
            return tuple(one.public_id for one in left if one.public_id not in known)
        return None

    @contextmanager
    def _open(self) -> Iterator[Store | None]:
        if not self._path.exists():
            yield None
            return
        with Store(self._path, clock=_Stopped(self._now)) as store:
            yield store


@dataclass(frozen=True, slots=True)
class _Stopped:
    """A clock that stands, for a store that is only read."""

    at: datetime

    def now(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        raise NotImplementedError(seconds)

    def when(self, machine: datetime) -> datetime:
        return machine


def _checked(path: Path, copy: Path, opening: Opening) -> Backup:
    beside = path.with_name(path.name + SUM)
    if beside.exists() and beside.read_text(encoding="ascii", errors="replace").split()[:1] != [_digest(path)]:
        raise StoreError(f'restore: "{path}" is not what its checksum "{beside.name}" says: take another backup')
    fault = _damage(copy)
    if fault:
        raise StoreError(f'restore: "{path}" is damaged ({fault}): take another backup')
    with opening(copy) as world:
        made_at = world.store.meta(MADE_AT)
        if not made_at:
            raise StoreError(f'restore: "{path}" is no backup that slawatch made: take one of `slawatch backup`')
        chained = verify_chain(world)
        if chained.faults:
            raise EvidenceError(
                f'restore: "{path}": evidence is not what was linked ({chained.faults[0].item} and '
                f"{len(chained.faults) - 1} more): take another backup"
            )
        return Backup(
            path=path,
            made_at=from_micros(int(made_at)),
            size=path.stat().st_size,
            checksum=beside.exists(),
            requests=len(world.store.requests()),
            messages=len(world.store.messages()),
            links=chained.links,
            head=chained.head,
        )


@contextmanager
def _copied(path: Path, folder: Path) -> Iterator[Path]:
    """Give a copy of the backup to work on: opening an older one brings it up to date, and a backup stays as it is."""
    copy = folder / f".{path.name}.restoring-{os.getpid()}"
    try:
        shutil.copyfile(path, copy)
        copy.chmod(0o600)
        yield copy
    except FileNotFoundError:
        raise UsageError(f'restore: there is no "{path}"; name a backup') from None
    except OSError as error:
        raise OutputError(
            f'restore: "{path}" cannot be copied to "{folder}" ({error.strerror}): no room, or no right to write?'
        ) from error
    finally:
        for left in folder.glob(f"{copy.name}*"):
            left.unlink(missing_ok=True)


def _damage(path: Path) -> str:
    """Return what SQLite finds wrong with the file, "" for nothing."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            found = str(connection.execute("PRAGMA integrity_check").fetchone()[0])
            lost = connection.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.DatabaseError as error:
        return str(error)
    return "" if found == "ok" and lost is None else found if found != "ok" else "rows refer to others that are gone"


def _write_ahead(path: Path) -> None:
    """Let several processes work on it at once, as on every store."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")


def _digest(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            found.update(chunk)
    return found.hexdigest()


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Have the folder's names on the disk as well."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _words(backup: Backup, kept: Path | None, unknown: int, closed: int) -> str:
    return (
        f'backup of {backup.made_at:%Y-%m-%dT%H:%M:%SZ} from "{backup.path}"; before: '
        f"{'none' if kept is None else kept.name}; {unknown} of unknown fate, {closed} slots closed"
    )
