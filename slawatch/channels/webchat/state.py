"""What web chats must remember between processes: the chats themselves, and all that was seen until it is collected.

One SQLite file beside the store, readable by its owner alone: it holds visitors' cookies. It decides nothing.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import sqlite3
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeAlias

from slawatch.channels.webchat import evidence
from slawatch.clock import MICROSECOND, from_micros, to_micros
from slawatch.errors import ChannelUnavailableError
from slawatch.model import ZERO, Exhibit, Incoming, Moment, MomentKind

KEPT = timedelta(days=30)  # of what was handed over long ago; the store has it all
Seen: TypeAlias = Incoming | Moment | Exhibit

_SCHEMA = """
CREATE TABLE IF NOT EXISTS journal (name TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS chat (request TEXT PRIMARY KEY, standing TEXT NOT NULL, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS seen (
    number INTEGER PRIMARY KEY AUTOINCREMENT, request TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
    at INTEGER NOT NULL, value TEXT NOT NULL, raw BLOB NOT NULL, UNIQUE (request, kind, name)) STRICT;
CREATE TABLE IF NOT EXISTS said (
    own_id TEXT PRIMARY KEY, request TEXT NOT NULL, text TEXT NOT NULL, began_at INTEGER NOT NULL, at INTEGER,
    uncertainty INTEGER NOT NULL, line TEXT NOT NULL) STRICT;
"""


class Standing(StrEnum):
    """How far a chat got."""

    OPENING = "opening"  # nothing was typed yet
    SAYING = "saying"  # our text may have left
    LIVE = "live"  # its page is open in the process that holds the account
    PARKED = "parked"
    ENDED = "ended"  # not to be watched any longer
    LEFT = "left"  # nothing more can be seen of it


WATCHED = frozenset({Standing.SAYING, Standing.LIVE, Standing.PARKED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """One request's chat. `request` is its message_id; instants are by our clock.

    `said_at` is when our text was there, `active_at` when somebody last did something. `storage` is the browser's state
    for this visitor, None where none is known. `looked_at` is the start of the last look that showed the page as it
    was, and so when what came later was still absent; `due_at` is when a parked one is to be opened again. `greetings`
    are texts that stood there before ours. `strange`: how often in a row it was opened again and showed nothing of the
    chat. `listed` once the chat was among those that stand open. `offset` is by how
    many seconds the stamps that stand in the page run ahead of our clock, None where that is not known.
    """

    request: str
    target: str
    text: str
    began_at: datetime
    standing: Standing = Standing.OPENING
    storage: dict[str, Any] | None = None
    looked_at: datetime | None = None
    due_at: datetime | None = None
    said_at: datetime | None = None
    active_at: datetime | None = None
    offset: float | None = None
    greetings: tuple[str, ...] = ()
    listed: bool = False
    answered: bool = False
    strange: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A line that we typed into a chat, from `began_at` on; `at` is None while it is not known whether it left.

    `line` is its name in the page, "" while that is not known.
    """

    own_id: str
    request: str
    text: str
    began_at: datetime
    at: datetime | None = None
    uncertainty: timedelta = ZERO
    line: str = ""


class Journal:
    """One account's chats. Callable from any thread; several processes may read, one at a time may `hold` it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.RLock()
        self._made: sqlite3.Connection | None = None
        self._held: int | None = None

    def close(self) -> None:
        """Let go of everything; safe to call twice."""
        with self._lock:
            made, self._made = self._made, None
            if made is not None:
                made.close()
            held, self._held = self._held, None
            if held is not None:
                os.close(held)  # and with it goes the lock

    def hold(self) -> bool:
        """Become the one process that may open pages for this account; False where another one is."""
        with self._lock:
            if self._held is None:
                self._make_folder()
                handle = os.open(self.folder / "held", os.O_RDWR | os.O_CREAT, 0o600)
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError:
                    os.close(handle)
                    return False
                self._held = handle
            return True

    @property
    def name(self) -> str:
        """What this journal is called: another one, after a loss, has another name."""
        with self._working() as db:
            return str(db.execute("SELECT name FROM journal").fetchone()[0])

    # --- chats ---

    def chat(self, request: str) -> Chat | None:
        """Return the chat of a request."""
        with self._working() as db:
            row = db.execute("SELECT value FROM chat WHERE request = ?", (request,)).fetchone()
        return None if row is None else _chat(row[0])

    def chats(self, standing: Collection[Standing] = WATCHED) -> list[Chat]:
        """Return the chats that stand so, the oldest first."""
        marks = ", ".join("?" * len(standing))
        with self._working() as db:
            found = db.execute(f"SELECT value FROM chat WHERE standing IN ({marks})", tuple(standing)).fetchall()  # noqa: S608 - question marks
        return sorted((_chat(row[0]) for row in found), key=lambda chat: (chat.began_at, chat.request))

    def keep(self, chat: Chat) -> Chat:
        """Keep a chat as it is now, and return it."""
        with self._working() as db:
            db.execute("REPLACE INTO chat VALUES (?, ?, ?)", (chat.request, chat.standing, _json(chat)))
        return chat

    def change(self, request: str, **values: Any) -> Chat:
        """Change some values of a chat that there is, and return it."""
        with self._lock:
            chat = self.chat(request)
            if chat is None:
                raise KeyError(request)
            return self.keep(replace(chat, **values))

    # --- what we said ---

    def say(self, said: Said) -> Said:
        """Keep that a line is about to be typed, or that it was, and return it."""
        at = None if said.at is None else to_micros(said.at)
        row = (said.own_id, said.request, said.text, to_micros(said.began_at), at, said.uncertainty // MICROSECOND)
        with self._working() as db:
            db.execute("REPLACE INTO said VALUES (?, ?, ?, ?, ?, ?, ?)", (*row, said.line))
        return said

    def unsay(self, own_id: str) -> None:
        """Forget a line of which nothing left."""
        with self._working() as db:
            db.execute("DELETE FROM said WHERE own_id = ?", (own_id,))

    def said(self, *, own_id: str = "", request: str = "") -> list[Said]:
        """Return what we said under this name, or in this chat."""
        with self._working() as db:
            rows = db.execute("SELECT * FROM said WHERE own_id = ? OR request = ?", (own_id, request)).fetchall()
        return [_said(row) for row in rows]

    # --- what was seen ---

    def see(self, request: str, one: Seen) -> bool:
        """Keep what was seen once; False where it was there already."""
        kind, name, at, value, raw = _row(one)
        with self._working() as db:
            done = db.execute(
                "INSERT OR IGNORE INTO seen (request, kind, name, at, value, raw) VALUES (?, ?, ?, ?, ?, ?)",
                (request, kind, name, to_micros(at), value, raw),
            )
        return done.rowcount == 1

    def has(self, request: str, line: str) -> bool:
        """Whether a line of a chat is known: as a message, or as a moment that was named so."""
        with self._working() as db:
            found = db.execute("SELECT 1 FROM seen WHERE request = ? AND name = ?", (request, line)).fetchone()
        return found is not None

    def mark(self, request: str, line: str, at: datetime, value: str) -> bool:
        """Keep that a line was seen which is no message; False where that was known."""
        with self._working() as db:
            done = db.execute(
                "INSERT OR IGNORE INTO seen (request, kind, name, at, value, raw) VALUES (?, 'line', ?, ?, ?, x'')",
                (request, line, to_micros(at), value),
            )
        return done.rowcount == 1

    def lines(self, request: str) -> list[tuple[str, str, str, datetime]]:
        """Return every line of a chat in the order seen: its kind (message, line), name, what was kept of it, when."""
        with self._working() as db:
            rows = db.execute(
                "SELECT kind, name, value, at FROM seen"
                " WHERE request = ? AND kind IN ('message', 'line') ORDER BY number",
                (request,),
            ).fetchall()
        return [(kind, name, value, from_micros(at)) for kind, name, value, at in rows]

    def last(self) -> int:
        """Return the number of the last thing seen, 0 where there is none."""
        with self._working() as db:
            return int(db.execute("SELECT coalesce(max(number), 0) FROM seen").fetchone()[0])

    def page(self, after: int, until: int, *, messages_max: int) -> list[tuple[int, Seen]]:
        """Return what was seen after one number and until another, with no more messages than that."""
        found: list[tuple[int, Seen]] = []
        messages = 0
        with self._working() as db:
            rows = db.execute(
                "SELECT number, request, kind, value, raw, at FROM seen"
                " WHERE number > ? AND number <= ? AND kind <> 'line' ORDER BY number",
                (after, until),
            )
            for number, request, kind, value, raw, at in rows:
                one = _seen(request, kind, value, bytes(raw), from_micros(at))
                messages += isinstance(one, Incoming)
                if messages > messages_max:
                    break
                found.append((number, one))
        return found

    def forget(self, before: datetime) -> None:
        """Throw away chats that began before and are over, with all that was seen of them."""
        over = [chat.request for chat in self.chats(frozenset(Standing) - WATCHED) if chat.began_at < before]
        with self._working() as db:
            for table in ("chat", "seen", "said"):
                db.executemany(f"DELETE FROM {table} WHERE request = ?", [(one,) for one in over])  # noqa: S608 - ours

    @contextmanager
    def _working(self) -> Iterator[sqlite3.Connection]:
        """Give the connection, and commit what is done with it."""
        with self._lock:
            try:
                if self._made is None:
                    self._made = self._connected()
                with self._made:
                    yield self._made
            except sqlite3.OperationalError as error:
                raise ChannelUnavailableError(f'webchat: "{self.folder}": {error}: look at the disk') from error

    def _connected(self) -> sqlite3.Connection:
        self._make_folder()
        path = self.folder / "chats.db"
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # SQLite gives its other files the rights of this one
        made = sqlite3.connect(path, timeout=30, check_same_thread=False)
        made.execute("PRAGMA secure_delete = ON")  # what is forgotten must be gone: it is other people's words
        made.executescript(_SCHEMA)
        with made:
            made.execute("BEGIN IMMEDIATE")
            if made.execute("SELECT count(*) FROM journal").fetchone()[0] == 0:
                made.execute("INSERT INTO journal VALUES (?)", (secrets.token_hex(4),))
        return made

    def _make_folder(self) -> None:
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.folder.chmod(0o700)
        except OSError as error:
            raise ChannelUnavailableError(f'webchat: "{self.folder}": {error.strerror}: make it writable') from error


def _said(row: Sequence[Any]) -> Said:
    own_id, request, text, began, at, uncertainty, line = row
    return Said(
        own_id=own_id,
        request=request,
        text=text,
        began_at=from_micros(began),
        at=None if at is None else from_micros(at),
        uncertainty=uncertainty * MICROSECOND,
        line=line,
    )


def _row(one: Seen) -> tuple[str, str, datetime, str, bytes]:
    """Return kind, name, instant, value and bytes; two with one name are the same thing seen twice."""
    if isinstance(one, Incoming):
        return "message", one.remote_id, one.stamps.at, one.facts.text, one.raw
    if isinstance(one, Moment):
        value = json.dumps(
            {
                "kind": one.kind,
                "earlier": one.earlier.total_seconds(),
                "later": one.later.total_seconds(),
                "clock": one.clock,
                "saw": one.saw,
            }
        )
        return "moment", f"{one.kind} {to_micros(one.at)} {one.saw}", one.at, value, b""
    value = json.dumps({"moment": one.moment, "media": one.media, "name": one.name})
    return "exhibit", f"{one.moment} {one.media} {one.name} {to_micros(one.at)}", one.at, value, one.raw


def _seen(request: str, kind: str, value: str, raw: bytes, at: datetime) -> Seen:
    if kind == "message":
        return evidence.incoming(raw)
    kept = json.loads(value)
    if kind == "moment":
        return Moment(
            request=request,
            kind=MomentKind(kept["kind"]),
            at=at,
            earlier=timedelta(seconds=kept["earlier"]),
            later=timedelta(seconds=kept["later"]),
            clock=kept["clock"],
            saw=kept["saw"],
        )
    return Exhibit(
        request=request,
        moment=MomentKind(kept["moment"]),
        at=at,
        media=kept["media"],
        raw=raw,
        name=kept["name"],
    )


_INSTANTS = ("began_at", "looked_at", "due_at", "said_at", "active_at")


def _json(chat: Chat) -> str:
    values = asdict(chat)
    for name in _INSTANTS:
        values[name] = None if values[name] is None else to_micros(values[name])
    return json.dumps(values)


def _chat(text: str) -> Chat:
    values = json.loads(text)
    for name in _INSTANTS:
        values[name] = None if values[name] is None else from_micros(values[name])
    values["standing"] = Standing(values["standing"])
    values["greetings"] = tuple(values["greetings"])
    return Chat(**values)
