"""Our side of one account while it is at work: who we are, our rooms and keys, what we say and what we have said."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slawatch.channels.base import Sent, Unknown
from slawatch.channels.matrix import reading
from slawatch.channels.matrix.collecting import Collector, sync_filter
from slawatch.channels.matrix.kept import Login, Notebook, folder_of
from slawatch.channels.matrix.keys import Keys
from slawatch.channels.matrix.reading import APART, ENCRYPTED, MILLISECOND, Line
from slawatch.channels.matrix.rooms import Room, Rooms, text_of
from slawatch.channels.matrix.server import Server
from slawatch.channels.matrix.settings import Settings
from slawatch.clock import Clock
from slawatch.errors import AccountHaltedError, ChannelError, ChannelUncertainError

if TYPE_CHECKING:
    from slawatch.channels.matrix.keys import Opened

OVERLAP = timedelta(minutes=2)  # our clock and the server's are not quite one
LOOK_BACK_PAGES = 20  # of a room, for a line of ours
MARGIN_SECONDS = 15.0  # beyond the time a server was asked to wait


class Side:
    """One account at one server under one login. All of it runs in one loop."""

    def __init__(
        self,
        settings: Settings,
        *,
        account: str,
        clock: Clock,
        store: Path | None,
        login: Login,
        page: int,
        key_wait: timedelta,
    ) -> None:
        self.settings = settings
        self.login = login
        self.server = Server(
            settings.base_url, account=account, clock=clock, timeout=settings.timeout, token=lambda: login.token
        )
        self.notebook = Notebook(store, account)
        self.rooms = Rooms(self.server, self.notebook, user=settings.user, encrypt=settings.encrypt)
        self.collector = Collector(
            self.server,
            self.rooms,
            user=settings.user,
            clock=clock,
            keys=self.keys,
            page=page,
            key_wait=key_wait,
        )
        self._account = account
        self._clock = clock
        self._folder = folder_of(store, account) if store else None
        self._device: str | None = None
        self._keys: Keys | None = None
        self._page = page

    async def close(self) -> None:
        """Give back every connection."""
        await self.server.close()

    async def known(self) -> str:
        """Return the device that the server knows us by, "" where the token belongs to none.

        Raises:
            AccountHaltedError: the token is another user's or another device's than the config names.
        """
        if self._device is None:
            told = await self.server.get("account", "whoami")
            user, device = text_of(told, "user_id"), text_of(told, "device_id")
            if user != self.settings.user:
                cure = f'log in as that account, or write user = "{user}"'
                raise AccountHaltedError(
                    f'{self._account}: the token is of {user}, not of "{self.settings.user}"; {cure}'
                )
            if self.login.device and device and device != self.login.device:
                cure = "write the device_id that the token was given for, or leave it out"
                raise AccountHaltedError(
                    f'{self._account}: the token is of device {device}, not of "{self.login.device}"; {cure}'
                )
            self._device = device or self.login.device
        return self._device

    @asynccontextmanager
    async def keys(self) -> AsyncIterator[Opened | None]:
        """Give our keys for encryption; None where the token belongs to no device or nothing can be kept.

        Raises:
            AccountHaltedError: they are lost, so the device must not be used at all.
        """
        made = await self.chest()
        if made is None:
            yield None
            return
        async with made.open() as opened:
            yield opened

    async def chest(self) -> Keys | None:
        """Return where our keys are, None where there can be none."""
        device = await self.known()
        if not device or self._folder is None:
            return None
        if self._keys is None:
            self._keys = Keys(
                self.server,
                self._folder,
                user=self.settings.user,
                device=device,
                token=self.login.token,
                seconds=max(self.settings.timeout.total_seconds(), 1.0),
            )
        return self._keys

    # --- saying ---

    async def say(self, address: str, content: Mapping[str, Any], *, key: str) -> Sent:
        """Say something in the room that an address means. `key` makes it the same line at every try."""
        await self.known()
        room = await self._room_to_ask(address)
        return await self.put(room, content, key=key)

    async def put(self, room: Room, content: Mapping[str, Any], *, key: str) -> Sent:
        """Say something in a room, encrypted where that is the room's way."""
        kind, whole = "m.room.message", content
        if room.encrypted:
            async with self.keys() as opened:
                if opened is None:
                    cure = f"run slawatch login {self._account}, or ask in a room that is not"
                    raise AccountHaltedError(f"{self._account}: {room.id} is encrypted and we have no keys; {cure}")
                kind, whole = await opened.encrypted(room, content)
        began_at = self._clock.now()
        told = await self.server.call("PUT", "rooms", room.id, "send", kind, key, body=whole, sending=True)
        event = text_of(told, "event_id")
        if not event:
            raise ChannelUncertainError(f"{self._account}: {self.settings.base_url} took it over and gave it no name")
        self.notebook.note_sent(event)
        try:
            return sent(await self.server.get("rooms", room.id, "event", event), room)
        except ChannelError:
            now = self._clock.now()  # it has left all the same; only by whose clock is now ours to say
            half = (now - began_at) / 2
            return Sent(
                remote_id=reading.named(event),
                accepted_at=began_at + half,
                uncertainty=half + APART,
                evidence=f"{event} in {room.id}; its own stamp could not be read",
                network=room.network,
            )

    async def _room_to_ask(self, address: str) -> Room:
        """Return the room to ask in. From a direct room the other one may have gone; then another is found or made."""
        room = await self.rooms.look(await self.rooms.find(address, make=True), again=True)
        if address.startswith("@") and address not in room.members:
            self.notebook.forget(address)
            room = await self.rooms.look(await self.rooms.find(address, make=True), again=True)
        return room

    # --- having said ---

    async def find(
        self, addresses: Sequence[str], text: str, *, key: str, since: datetime, reply: bool = False
    ) -> Sent | Unknown:
        """Return our own line that bears this name, or the only one of these words whose name is no longer known."""
        await self.known()
        alike: list[Sent] = []
        for address in addresses:
            room_id = await self.rooms.find(address, make=False)
            for line, room in await self._ours(room_id, since - OVERLAP) if room_id else ():
                name = _transaction(line)
                if name == key:
                    return sent(line.event, room)
                told_apart = bool(name) or line.id in self.notebook.sent or bool(reading.cited(line.content)) != reply
                if not told_apart and text_of(line.content, "body").strip() == text:
                    alike.append(sent(line.event, room))
        return alike[0] if len(alike) == 1 else Unknown()

    async def by_hand(self, chat: str, to: str, said_at: datetime) -> Sent | Unknown:
        """Return the first line of ours after that one which no call of ours has sent and which replies to no other."""
        await self.known()
        address = next((one for one in self.notebook.rooms if one.lower() == chat), chat)
        room_id = await self.rooms.find(address, make=False)
        found = [
            sent(line.event, room)
            for line, room in (await self._ours(room_id, said_at) if room_id else ())
            if not _transaction(line) and line.id not in self.notebook.sent
            if not reading.cited(line.content) or to in reading.cited(line.content)
        ]
        return min(found, key=lambda one: (one.accepted_at, one.remote_id), default=Unknown())

    async def _ours(self, room_id: str, since: datetime) -> list[tuple[Line, Room]]:
        """Return what we have said in a room since then, the newest first."""
        room = await self.rooms.look(room_id)
        found: list[Line] = []
        at = ""
        for _ in range(LOOK_BACK_PAGES):
            query = {"dir": "b", "limit": "100", **({"from": at} if at else {})}
            told = await self.server.get("rooms", room_id, "messages", query=query)
            chunk = told.get("chunk")
            events = [one for one in chunk if isinstance(one, dict)] if isinstance(chunk, list) else []
            found += [
                Line(event=one, room=room_id, chat="", us=self.settings.user)
                for one in events
                if text_of(one, "sender") == self.settings.user
            ]
            stamps = [stamp for one in events if (stamp := reading.sent_at(one)) is not None]
            end = text_of(told, "end")
            if not events or not end or end == at or (stamps and max(stamps) < since):
                break
            at = end
        said = await self._clear([one for one in found if (reading.sent_at(one.event) or since) >= since])
        return [(one, room) for one in said if one.is_message or one.kind == ENCRYPTED]

    async def _clear(self, lines: list[Line]) -> list[Line]:
        if not any(one.kind == ENCRYPTED for one in lines):
            return lines
        async with self.keys() as opened:
            return [
                Line(event=one.event, room=one.room, chat="", us=one.us, clear=opened.decrypted(one.event, one.room))
                if opened is not None and one.kind == ENCRYPTED
                else one
                for one in lines
            ]

    async def listen(self, seconds: float) -> bool:
        """Return whether the server has something since the last sync, waiting for it as long as that."""
        since = self.collector.token
        if not since:
            return True  # nobody has looked yet
        query = {
            "since": since,
            "filter": sync_filter(self._page),
            "timeout": str(int(seconds * 1000)),
            "set_presence": "offline",
        }
        told = await self.server.get("sync", query=query, seconds=seconds + MARGIN_SECONDS)
        return text_of(told, "next_batch") != since and bool(told.get("rooms") or told.get("to_device"))


def sent(event: Mapping[str, Any], room: Room) -> Sent:
    """Return a line of ours as the server has it. Its stamp has milliseconds, cut off."""
    at = reading.sent_at(event)
    if at is None:
        raise ChannelUncertainError(f"{room.id}: a line of ours bears no time")
    name = text_of(event, "event_id")
    return Sent(
        remote_id=reading.named(name),
        accepted_at=at,
        uncertainty=MILLISECOND,
        evidence=f"{name} in {room.id}, by the server's clock",
        network=room.network,
    )


def _transaction(line: Line) -> str:
    unsigned = line.event.get("unsigned")
    return text_of(unsigned, "transaction_id") if isinstance(unsigned, Mapping) else ""
