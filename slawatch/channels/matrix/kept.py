"""What an account keeps between processes, beside the store, for its owner's eyes alone: its login and its rooms.

A token may go at any time and is fetched again by a login; which room a person was asked in must not get lost.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from slawatch.channels.matrix.settings import Settings
from slawatch.errors import AccountHaltedError, ChannelUnavailableError, ConfigError
from slawatch.mail.tokens import OWNER_ONLY, place

FOLDER_MODE = 0o700
SENT_MAX = 1000  # our own lines that are remembered as such


def folder_of(store: Path, account: str) -> Path:
    """Return where an account keeps its rooms and keys: beside the store."""
    return store.with_name(f"{store.name}.{account}-matrix")


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """What the server knows us by. `device` is "" where only the server can tell."""

    token: str = field(repr=False)
    device: str = ""


def login_of(settings: Settings, account: str, store: Path | None) -> Login:
    """Return the account's login: the config's token, else what `slawatch login` has brought.

    Raises:
        ChannelUnavailableError: the config's cannot be had. AccountHaltedError: nobody has logged in.
    """
    if settings.access_token is not None:
        try:
            return Login(token=settings.access_token.resolve(), device=settings.device_id)
        except ConfigError as error:
            raise ChannelUnavailableError(str(error)) from error
    kept = brought(settings, account, store)
    if kept is None:
        cure = f"run slawatch login {account}, or write access_token"
        raise AccountHaltedError(f"{account}: nobody has logged in at {settings.base_url} yet: {cure}")
    return kept


def brought(settings: Settings, account: str, store: Path | None) -> Login | None:
    """Return what a login has brought for this user at this server, None where nobody has logged in."""
    told = _read(place(store, account)) if store else {}
    if told.get("made_for") != _made_for(settings) or not told.get("access_token"):
        return None
    return Login(token=str(told["access_token"]), device=str(told.get("device_id", "")))


def keep_login(settings: Settings, account: str, store: Path, login: Login) -> Path:
    """Keep a login and return where; the old one stays until the new one lies there whole.

    Raises:
        ChannelUnavailableError: it cannot be written.
    """
    path = place(store, account)
    _write(path, {"made_for": _made_for(settings), "access_token": login.token, "device_id": login.device})
    return path


class Notebook:
    """Which room an address means, and which lines are ours. Without a store it lasts as long as the process.

    Other processes write into it, too: each look sees what they wrote, and no change of theirs is lost.
    """

    def __init__(self, store: Path | None, account: str) -> None:
        self._path = folder_of(store, account) / "rooms.json" if store else None
        self._seen: tuple[int, ...] = ()
        self._notes = _Notes()

    @property
    def rooms(self) -> Mapping[str, str]:
        """The rooms by the addresses they were asked at, the last one noted last."""
        return self._fresh().rooms

    @property
    def sent(self) -> Sequence[str]:
        """The ids of our own lines."""
        return self._fresh().sent

    @property
    def own(self) -> str:
        """The room in which we write to ourselves, "" where there is none."""
        return self._fresh().own

    def address_of(self, room: str) -> str:
        """Return the address that this room was asked at last, "" where nobody was."""
        return next((address for address, one in reversed([*self.rooms.items()]) if one == room), "")

    def note_room(self, address: str, room: str) -> None:
        """Remember which room an address means."""
        if self.rooms.get(address) == room:
            return
        with self._changed() as notes:
            notes.rooms.pop(address, None)
            notes.rooms[address] = room

    def forget(self, address: str) -> None:
        """Forget which room an address means."""
        with self._changed() as notes:
            notes.rooms.pop(address, None)

    def note_own(self, room: str) -> None:
        """Remember the room in which we write to ourselves."""
        with self._changed() as notes:
            notes.own = room

    def note_sent(self, event: str) -> None:
        """Remember a line as ours."""
        if event not in self.sent:
            with self._changed() as notes:
                notes.sent = [*notes.sent, event][-SENT_MAX:]

    def _fresh(self) -> _Notes:
        """Return the notes as they are now; the file is read where another process has written it."""
        if self._path is not None and (written := _written(self._path)) != self._seen:
            self._seen, self._notes = written, _Notes.of(_read(self._path))
        return self._notes

    @contextmanager
    def _changed(self) -> Iterator[_Notes]:
        """Give the notes for a change, and keep them; meanwhile no other process changes them."""
        if self._path is None:
            yield self._notes
            return
        make_folder(self._path.parent)
        with os.fdopen(os.open(self._path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, OWNER_ONLY), "rb+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            notes = _Notes.of(_read(self._path))
            yield notes
            _write(self._path, asdict(notes))
            self._seen, self._notes = _written(self._path), notes


@dataclass(slots=True)
class _Notes:
    """What stands in a notebook."""

    rooms: dict[str, str] = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)
    own: str = ""

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        """Return what a file holds; of what is damaged nothing."""
        rooms, sent, own = told.get("rooms"), told.get("sent"), told.get("own")
        return cls(
            rooms={k: v for k, v in rooms.items() if isinstance(v, str)} if isinstance(rooms, dict) else {},
            sent=[one for one in sent if isinstance(one, str)] if isinstance(sent, list) else [],
            own=own if isinstance(own, str) else "",
        )


def _written(path: Path) -> tuple[int, ...]:
    """Return what tells one writing of a file from the next: each makes another file."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_mtime_ns, found.st_ino, found.st_size


def make_folder(path: Path) -> None:
    """Make a folder that its owner alone may enter.

    Raises:
        ChannelUnavailableError: it cannot be made.
    """
    try:
        path.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    except OSError as error:
        cure = "let slawatch write there"
        raise ChannelUnavailableError(f"{path}: this folder cannot be made ({error.strerror}); {cure}") from error


def _read(path: Path) -> dict[str, Any]:
    try:
        told = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _write(path: Path, told: Mapping[str, Any]) -> None:
    """Write a file whole or not at all."""
    new = path.with_name(f"{path.name}.new")
    try:
        new.unlink(missing_ok=True)  # left behind by a process that was killed
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, OWNER_ONLY), "wb") as file:
            file.write(json.dumps(told, ensure_ascii=False).encode())
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError as error:
        with suppress(OSError):
            new.unlink(missing_ok=True)
        cure = "let slawatch write there"
        raise ChannelUnavailableError(f"{path}: it cannot be written ({error.strerror}); {cure}") from error


def _made_for(settings: Settings) -> str:
    return f"{settings.user} {settings.base_url}"
