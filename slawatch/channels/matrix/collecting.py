"""Reads what came in since a token, room by room, with what a server left out; says until when nothing can be missing.

Keeps nothing but its cursor; hands over what was said in rooms that were asked, and judges none of it.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self

from slawatch.channels.base import Batch, Thread
from slawatch.channels.matrix import moments, reading
from slawatch.channels.matrix.reading import ENCRYPTED, REDACTION, Line
from slawatch.channels.matrix.rooms import BRIDGES, Room, Rooms, text_of
from slawatch.clock import Clock, from_micros, to_micros
from slawatch.model import Incoming, Moment

if TYPE_CHECKING:
    from slawatch.channels.matrix.keys import Opened
    from slawatch.channels.matrix.server import Server

PAGE = 100
PAGES_MAX = 500  # of one room in one gap
OVERLAP = timedelta(minutes=2)  # our clock and the server's are not quite one
KEY_WAIT = timedelta(minutes=10)  # keys come by another way than what they are for, and may be late
WAITING_MAX = 200
ROUNDS_MAX = 3
FIRST_SECONDS = 300.0  # a server gathers the whole account then, which may take minutes
STATES = ("m.room.member", "m.room.encryption", "m.room.canonical_alias", *BRIDGES)
TYPES = (*reading.MESSAGES, ENCRYPTED, REDACTION, reading.STATUS, moments.REACTION, *STATES)

Threads = Callable[[], Sequence[Thread]]
Senders = Callable[[], frozenset[str]]


@dataclass(slots=True, kw_only=True)
class Gap:
    """Where a server left lines out: read backwards from `at` to `to` ("" for the beginning) or to `floor` (µs)."""

    at: str
    address: str
    to: str = ""
    floor: int = 0
    pages: int = 0


@dataclass(slots=True, kw_only=True)
class Cursor:
    """Where reading stands. `began_at` is when this pass did, `looked_at` when the last complete one had (µs).

    `rounds` counts the syncs of a pass. `waiting` holds lines whose key has not come yet: (room, chat, event, since
    when). In `typing` somebody typed.
    """

    since: str = ""
    began_at: int = 0
    looked_at: int = 0
    rounds: int = 0
    gaps: dict[str, Gap] = field(default_factory=dict)
    waiting: list[dict[str, Any]] = field(default_factory=list)
    typing: list[str] = field(default_factory=list)

    @classmethod
    def load(cls, text: str) -> Self:
        """Return what `dump` wrote; "" gives a beginning."""
        found = json.loads(text) if text else {}
        gaps = {room: Gap(**gap) for room, gap in found.pop("gaps", {}).items()}
        return cls(gaps=gaps, **found)

    def dump(self) -> str:
        """Return it as text. What says nothing is left out: it is written at every step."""
        return json.dumps({key: value for key, value in asdict(self).items() if value}, separators=(",", ":"))


@dataclass(slots=True, kw_only=True)
class _Step:
    """What one step brings together."""

    messages: dict[str, Incoming] = field(default_factory=dict)
    moments: list[Moment] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A room while it is read: what it is, the address it was asked at, what stands in it, and our keys."""

    room: Room
    address: str
    chat: moments.Chat
    keys: Opened | None


def sync_filter(page: int) -> str:
    """Return what of an account's rooms is wanted: what is said in them and what shows people, and no more."""
    nothing: dict[str, Any] = {"types": []}
    return json.dumps(
        {
            "presence": nothing,
            "account_data": nothing,
            "room": {
                "account_data": nothing,
                "state": nothing,
                "timeline": {"limit": page, "types": list(TYPES)},
                "ephemeral": {"types": ["m.receipt", "m.typing"]},
            },
        },
        separators=(",", ":"),
    )


class Collector:
    """One account's reading. `keys` opens our keys for encryption, giving None where there are none to be had."""

    def __init__(
        self,
        server: Server,
        rooms: Rooms,
        *,
        user: str,
        clock: Clock,
        keys: Callable[[], AbstractAsyncContextManager[Opened | None]],
        page: int = PAGE,
        key_wait: timedelta = KEY_WAIT,
    ) -> None:
        self._server = server
        self._rooms = rooms
        self._user = user
        self._clock = clock
        self._keys = keys
        self._page = page
        self._key_wait = key_wait
        self.token = ""  # of the last sync, for the doorbell

    async def collect(self, text: str, senders: Senders | None, threads: Threads | None) -> Batch:
        """Return the next step after a cursor: a sync, or a page of what it had left out."""
        cursor, step = Cursor.load(text), _Step()
        async with self._keys() as keys:
            standing = _once(threads)
            if cursor.gaps:
                await self._gap(cursor, step, standing, keys)
            else:
                await self._sync(cursor, step, senders, standing, keys)
        more = bool(cursor.gaps or cursor.rounds)
        looked_until = None
        if not more:
            began = min([cursor.began_at, *(one["since"] for one in cursor.waiting)])
            looked_until = from_micros(began)
            cursor.looked_at = cursor.began_at
            self.token = cursor.since
        return Batch(
            messages=tuple(step.messages.values()),
            cursor=cursor.dump(),
            more=more,
            looked_until=looked_until,
            notes=tuple(f"{self._server.account}: {note}" for note in dict.fromkeys(step.notes)),
            warning=None if more else "",
            moments=tuple(dict.fromkeys(step.moments)),
        )

    # --- one sync ---

    async def _sync(
        self, cursor: Cursor, step: _Step, senders: Senders | None, threads: Threads | None, keys: Opened | None
    ) -> None:
        if not cursor.rounds:
            cursor.began_at = to_micros(self._clock.now())
        query = {"filter": sync_filter(self._page), "timeout": "0", "set_presence": "offline"}
        since = {"since": cursor.since} if cursor.since else {}
        told = await self._server.get("sync", query={**query, **since}, seconds=0 if since else FIRST_SECONDS)
        if keys is not None:
            await keys.take_in(told)
        await self._wait_no_longer(cursor, step, threads, keys)
        before, cursor.since = cursor.since, text_of(told, "next_batch")
        sections = told.get("rooms")
        # A server may answer out of what it had answered before; only one that has nothing more has said all.
        cursor.rounds = cursor.rounds + 1 if (sections or not before) and cursor.rounds < ROUNDS_MAX else 0
        for section in ("join", "leave"):
            found = sections.get(section) if isinstance(sections, Mapping) else None
            for room_id, its in found.items() if isinstance(found, Mapping) else ():
                if not isinstance(its, Mapping) or (section == "leave" and not before):
                    continue  # rooms that were left before we ever looked are none of ours
                address = await self._address(str(room_id), senders)
                if address:
                    await self._room(str(room_id), address, its, before, cursor, step, threads, keys)

    async def _address(self, room_id: str, senders: Senders | None) -> str:
        """Return the address that a room was or may be asked at, "" where it is none of our business."""
        if senders is None:
            return (await self._rooms.names_of(room_id))[0]
        noted = self._rooms.noted(room_id)
        if noted:
            return noted
        known = senders()
        return next((one for one in (await self._rooms.partner_of(room_id), room_id) if one.lower() in known), "")

    async def _room(
        self,
        room_id: str,
        address: str,
        its: Mapping[str, Any],
        before: str,
        cursor: Cursor,
        step: _Step,
        threads: Threads | None,
        keys: Opened | None,
    ) -> None:
        timeline = its.get("timeline")
        timeline = timeline if isinstance(timeline, Mapping) else {}
        events = _events(timeline)
        if any(text_of(one, "type") in STATES for one in events):
            self._rooms.changed(room_id)
        if not events and not _events(its.get("ephemeral")):
            return
        place = await self._place(room_id, address, threads, keys)
        floor = 0 if before else _floor(place.chat, threads)
        if timeline.get("limited") is True and floor is not None:
            cursor.gaps[room_id] = Gap(at=text_of(timeline, "prev_batch"), address=address, to=before, floor=floor)
        if floor is not None:
            self._lines(events, place, cursor, step, floor=floor)
        self._ephemeral(its, place, cursor, step)

    async def _place(self, room_id: str, address: str, threads: Threads | None, keys: Opened | None) -> _Place:
        room = await self._rooms.look(room_id)
        here = [one for one in (threads() if threads else ()) if one.target.lower() == address.lower()]
        chat = moments.Chat(threads=here, us=self._user, bots=room.bots, network=room.network)
        return _Place(room=room, address=address, chat=chat, keys=keys)

    def _ephemeral(self, its: Mapping[str, Any], place: _Place, cursor: Cursor, step: _Step) -> None:
        for one in _events(its.get("ephemeral")):
            content = one.get("content")
            if one.get("type") == "m.receipt":
                step.moments += moments.of_receipts(content, place.chat)
            elif one.get("type") == "m.typing" and isinstance(content, Mapping):
                looked_at = from_micros(cursor.looked_at) if cursor.looked_at else None
                now = self._clock.now()
                found = moments.typing(content.get("user_ids"), place.chat, now=now, looked_at=looked_at)
                if found is not None and place.room.id not in cursor.typing:
                    step.moments.append(found)
                cursor.typing = [one for one in cursor.typing if one != place.room.id]
                if found is not None:
                    cursor.typing.append(place.room.id)

    # --- what a sync left out ---

    async def _gap(self, cursor: Cursor, step: _Step, threads: Threads | None, keys: Opened | None) -> None:
        room_id, gap = next(iter(cursor.gaps.items()))
        query = {"dir": "b", "from": gap.at, "limit": str(self._page), "filter": json.dumps({"types": list(TYPES)})}
        told = await self._server.get(
            "rooms", room_id, "messages", query={**query, **({"to": gap.to} if gap.to else {})}
        )
        events = _events({"events": told.get("chunk")})
        place = await self._place(room_id, gap.address, threads, keys)
        self._lines(events, place, cursor, step, floor=gap.floor)
        end = text_of(told, "end")
        stamps = [to_micros(at) for at in map(reading.sent_at, events) if at is not None]
        past = bool(gap.floor and stamps) and max(stamps) < gap.floor
        gap.pages += 1
        if not events or not end or end == gap.at or past:
            del cursor.gaps[room_id]
        elif gap.pages >= PAGES_MAX:
            del cursor.gaps[room_id]
            step.notes.append(f"{gap.address}: more was said since the last look than can be read; some may be missing")
        else:
            gap.at = end

    # --- lines ---

    def _lines(
        self, events: Iterable[Mapping[str, Any]], place: _Place, cursor: Cursor, step: _Step, *, floor: int
    ) -> None:
        for event in events:
            at = reading.sent_at(event)
            if not floor or at is None or to_micros(at) >= floor:
                self._line(event, place, cursor, step)

    def _line(self, event: Mapping[str, Any], place: _Place, cursor: Cursor, step: _Step) -> None:
        line = self._made(event, place)
        if line.kind == ENCRYPTED and line.sender != self._user:
            if place.keys is None or len(cursor.waiting) >= WAITING_MAX:
                self._unreadable(line, place, cursor, step)
                return
            entry = {"room": place.room.id, "chat": place.address, "event": dict(event), "since": cursor.began_at}
            cursor.waiting = [one for one in cursor.waiting if one["event"].get("event_id") != line.id]
            cursor.waiting.append(entry)
            return
        self._said(line, place, cursor, step)

    def _said(self, line: Line, place: _Place, cursor: Cursor, step: _Step) -> None:
        if line.kind == REDACTION and line.sender != self._user:
            step.notes.append(f"{place.address}: a line was deleted there; what we have seen of it stays")
            return
        if line.is_message and line.sender not in {"", self._user, *place.chat.bots} and line.id:
            self._hand_over(line, cursor, step)
            return
        moment, note = moments.of_line(line, place.chat)
        if moment is not None:
            step.moments.append(moment)
        if note:
            step.notes.append(f"{place.address}: {note}")

    def _hand_over(self, line: Line, cursor: Cursor, step: _Step) -> None:
        looked_at = from_micros(cursor.looked_at) if cursor.looked_at else None
        name = reading.named(line.id)
        step.messages[name] = Incoming(
            remote_id=name,
            folder=line.chat.lower(),
            raw=reading.evidence(line),
            stamps=reading.stamps(line, seen_at=self._clock.now(), looked_at=looked_at),
            facts=reading.facts(line),
        )

    def _unreadable(self, line: Line, place: _Place, cursor: Cursor, step: _Step) -> None:
        """Hand a line over as it came: that somebody wrote is known, and when."""
        why = "this account has no keys" if place.keys is None else "its key did not"
        self._hand_over(line, cursor, step)
        step.notes.append(
            f"{place.address}: a line came encrypted and {why}; it is kept as it is. Read it in another program of the "
            "account's and say with slawatch review what it is"
        )

    def _made(self, event: Mapping[str, Any], place: _Place) -> Line:
        sender = text_of(event, "sender")
        clear = None
        if text_of(event, "type") == ENCRYPTED and place.keys is not None:
            clear = place.keys.decrypted(event, place.room.id)
        return Line(
            event=event,
            room=place.room.id,
            chat=place.address,
            us=self._user,
            network=place.room.network,
            name=place.room.members.get(sender, ""),
            clear=clear,
        )

    async def _wait_no_longer(self, cursor: Cursor, step: _Step, threads: Threads | None, keys: Opened | None) -> None:
        """Try lines again whose key had not come; after a while they are handed over as they are."""
        waiting, cursor.waiting = cursor.waiting, []
        for entry in waiting:
            place = await self._place(str(entry["room"]), str(entry["chat"]), threads, keys)
            line = self._made(entry["event"], place)
            if line.kind != ENCRYPTED:
                self._said(line, place, cursor, step)
            elif cursor.began_at - int(entry["since"]) < self._key_wait // timedelta(microseconds=1):
                cursor.waiting.append(entry)
            else:
                self._unreadable(line, place, cursor, step)


@asynccontextmanager
async def no_keys() -> AsyncIterator[None]:
    """Stand in where there is no encryption."""
    yield None


def _floor(chat: moments.Chat, threads: Threads | None) -> int | None:
    """Return since when (µs) lines count that were there before we first looked; None for none of them.

    What was said before anything was asked is nobody's answer. Nobody to tell what stands means that all is wanted.
    """
    if threads is None:
        return 0
    asked = [one.asked_at for one in chat.threads]
    return to_micros(min(asked) - OVERLAP) if asked else None


def _once(threads: Threads | None) -> Threads | None:
    """Return what gives the same answer without asking again: what stands may cost a walk through thousands."""
    if threads is None:
        return None
    known: list[Sequence[Thread]] = []

    def asked() -> Sequence[Thread]:
        if not known:
            known.append(threads())
        return known[0]

    return asked


def _events(section: Any) -> list[Mapping[str, Any]]:
    found = section.get("events") if isinstance(section, Mapping) else None
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []
