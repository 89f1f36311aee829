"""What an account keeps between processes, beside the store, for its owner's eyes alone: its login and its chats.

Whoever has the login is the account. Nothing of what was said is kept here.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from slawatch.channels.telegram.settings import Settings
from slawatch.errors import AccountHaltedError, ChannelUnavailableError
from slawatch.mail.tokens import OWNER_ONLY, place

SENT_MAX = 1000  # our own lines that are remembered as such


def session_of(settings: Settings, account: str, store: Path | None) -> str:
    """Return what a login has brought.

    Raises:
        AccountHaltedError: nobody has logged in with this number at this server.
    """
    told = _read(place(store, account)) if store else {}
    if told.get("made_for") != _made_for(settings) or not told.get("session"):
        raise AccountHaltedError(
            f"{account}: nobody has logged in as {settings.shown} yet: run slawatch login {account}"
        )
    return str(told["session"])


def keep_session(settings: Settings, account: str, store: Path, session: str) -> Path:
    """Keep a login and return where; the old one stays until the new one lies there whole.

    Raises:
        ChannelUnavailableError: it cannot be written.
    """
    path = place(store, account)
    _write(path, {"made_for": _made_for(settings), "session": session})
    return path


class Notebook:
    """Which chats were asked in, since which line, and which lines are ours. Without a store as long as the process."""

    def __init__(self, store: Path | None, account: str) -> None:
        self._path = store.with_name(f"{store.name}.{account}-telegram.json") if store else None
        told = _read(self._path) if self._path else {}
        chats, sent = told.get("chats"), told.get("sent")
        self.chats: dict[str, dict[str, Any]] = {}
        for address, one in chats.items() if isinstance(chats, dict) else ():
            if isinstance(one, dict) and isinstance(one.get("first"), int) and isinstance(one.get("peer"), str):
                self.chats[str(address)] = one
        self.sent: list[str] = [str(one) for one in sent] if isinstance(sent, list) else []

    def note(self, address: str, peer: str, number: int, name: str, day: str) -> None:
        """Remember a line of ours, and the chat it stands in. `day` is when, in ISO's form."""
        before = self.chats.get(address, {"first": number})
        self.chats[address] = {"first": min(int(before["first"]), number), "peer": peer, "asked": day}
        if name not in self.sent:
            self.sent = [*self.sent, name][-SENT_MAX:]
        if self._path is not None:
            _write(self._path, {"chats": self.chats, "sent": self.sent})

    def address_of(self, peer: str) -> str:
        """Return the address by which somebody was asked, "" where nobody was."""
        return next((address for address, one in self.chats.items() if one["peer"] == peer), "")


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
            file.write(json.dumps(told).encode())
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError as error:
        with suppress(OSError):
            new.unlink(missing_ok=True)
        cure = "let slawatch write there"
        raise ChannelUnavailableError(f"{path}: it cannot be written ({error.strerror}); {cure}") from error


def _made_for(settings: Settings) -> str:
    return f"{settings.phone} {settings.server} {settings.api_id}"
