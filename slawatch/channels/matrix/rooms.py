"""Finds the room that an address means, makes one where there is none, and says what a room is and where it leads.

Rooms are joined and made for asking only; nothing here says a word in them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from slawatch.channels.matrix.kept import Notebook
from slawatch.channels.matrix.server import LIST, NotThereError, Server
from slawatch.errors import ChannelRefusedError

BRIDGES = ("m.bridge", "uk.half-shot.bridge")  # MSC2346 and what it was called before; bridges write both
# What bridges in Go once called their networks.
NETWORKS = {"discordgo": "discord", "facebookgo": "facebook", "instagramgo": "instagram", "slackgo": "slack"}
NETWORK_MAX = 40
THERE = ("join", "invite")
NAME_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What a room's state says. `members` maps who is there or invited to their names; `bots` are a bridge's own.

    `network` is where a bridge leads from here, "" where there is none.
    """

    id: str
    members: Mapping[str, str] = field(default_factory=dict)
    alias: str = ""
    encrypted: bool = False
    network: str = ""
    bots: frozenset[str] = frozenset()


def room_of(room_id: str, events: Iterable[Any]) -> Room:
    """Return what the events of a room's state come to; those of a strange shape are passed over."""
    members: dict[str, str] = {}
    alias, network, encrypted = "", "", False
    bots: set[str] = set()
    for one in events:
        if not isinstance(one, Mapping) or not isinstance(one.get("content"), Mapping):
            continue
        kind, key, content = one.get("type"), one.get("state_key"), one["content"]
        if kind == "m.room.member" and isinstance(key, str) and content.get("membership") in THERE:
            members[key] = text_of(content, "displayname")[:NAME_MAX]
        elif kind == "m.room.canonical_alias":
            alias = text_of(content, "alias")
        elif kind == "m.room.encryption" and content:
            encrypted = True
        elif kind in BRIDGES and content:
            network = network or network_of(content)
            # Not who wrote the state: in a direct chat many bridges let the contact's own ghost do that.
            bots.add(text_of(content, "bridgebot"))
    return Room(
        id=room_id,
        members=members,
        alias=alias,
        encrypted=encrypted,
        network=network,
        bots=frozenset(bots - {""}) if network else frozenset(),
    )


def network_of(content: Mapping[str, Any]) -> str:
    """Return the network that a bridge's state names, in small letters: "whatsapp"."""
    for part in ("protocol", "network"):
        its = content.get(part)
        if isinstance(its, Mapping):
            found = text_of(its, "id").strip().lower()[:NETWORK_MAX]
            if found and found.isprintable():
                return NETWORKS.get(found, found)
    return ""


def text_of(content: Mapping[str, Any], key: str) -> str:
    """Return the text under a key, "" where there is none. Halves of characters, which no store can keep, go."""
    found = content.get(key)
    return found.encode("utf-8", "replace").decode() if isinstance(found, str) else ""


class Rooms:
    """The rooms of one account."""

    def __init__(self, server: Server, notebook: Notebook, *, user: str, encrypt: bool) -> None:
        self._server = server
        self._notebook = notebook
        self._user = user
        self._encrypt = encrypt
        self._known: dict[str, Room] = {}
        self._direct: dict[str, str] | None = None

    async def find(self, address: str, *, make: bool) -> str:
        """Return the id of the room that an address means; "" where there is none and none is to be made.

        Raises:
            ChannelRefusedError: there is nobody and nothing of that name, or we may not go in.
        """
        known = self._notebook.rooms.get(address)
        if known:
            return known
        if address.startswith("@"):
            room = await self._direct_room(address, make=make)
        else:
            room = await self._joined(address, join=make)
        if room:
            self._notebook.note_room(address, room)
        return room

    async def look(self, room_id: str, *, again: bool = False) -> Room:
        """Return what a room's state says, asked for once; with `again` as it is now."""
        if again or room_id not in self._known:
            told = await self._server.get("rooms", room_id, "state")
            self._known[room_id] = room_of(room_id, told.get(LIST, ()))
        return self._known[room_id]

    def changed(self, room_id: str) -> None:
        """Forget what a room was: something about it has changed."""
        self._known.pop(room_id, None)

    async def names_of(self, room_id: str) -> tuple[str, ...]:
        """Return the addresses that a room may have in the config, the likeliest first."""
        direct = await self._partners()
        room = await self.look(room_id)
        noted = self._notebook.address_of(room_id)
        return tuple(dict.fromkeys(one for one in (noted, direct.get(room_id, ""), room.alias, room_id) if one))

    def noted(self, room_id: str) -> str:
        """Return the address that a room was asked at, "" where nobody was."""
        return self._notebook.address_of(room_id)

    async def partner_of(self, room_id: str) -> str:
        """Return who a direct room is with, "" where it is none."""
        return (await self._partners()).get(room_id, "")

    async def joined(self) -> list[str]:
        """Return every room we are in."""
        told = (await self._server.get("joined_rooms")).get("joined_rooms")
        return [one for one in told if isinstance(one, str)] if isinstance(told, list) else []

    async def own(self, *, encrypt: bool) -> str:
        """Return the room in which we write to ourselves, made where there is none."""
        if not self._notebook.own:
            made = await self._make({"preset": "private_chat", "name": "Notes to myself"}, encrypt=encrypt)
            self._notebook.note_own(made)
        return self._notebook.own

    async def _joined(self, address: str, *, join: bool) -> str:
        room = address
        if address.startswith("#"):
            try:
                told = await self._server.get("directory", "room", address)
            except NotThereError as error:
                raise ChannelRefusedError(
                    f'{self._server.account}: there is no room "{address}"; correct the address'
                ) from error
            room = text_of(told, "room_id")
        if not room or room in await self.joined():
            return room
        if not join:
            return ""
        by = {} if room == address or ":" not in address else {"server_name": address.partition(":")[2]}
        return text_of(await self._server.call("POST", "join", address, query=by, body={}), "room_id") or room

    async def _direct_room(self, person: str, *, make: bool) -> str:
        """Return the direct room with somebody: what clients have noted, one that we made and lost, or a new one."""
        there = set(await self.joined())
        for room, partner in (await self._partners()).items():
            if partner == person and room in there and person in (await self.look(room)).members:
                return room
        if not make:
            return ""
        try:
            await self._server.get("profile", person)
        except NotThereError as error:
            raise ChannelRefusedError(f'{self._server.account}: there is no "{person}"; correct the address') from error
        room = await self._lost(person, there)
        if not room:
            invited = {"preset": "trusted_private_chat", "is_direct": True, "invite": [person]}
            room = await self._make(invited, encrypt=self._encrypt)
        await self._note_direct(person, room)
        return room

    async def _lost(self, person: str, there: Iterable[str]) -> str:
        """Return a room of us two alone that nobody noted as direct: we may have made it and ended before we could."""
        for one in sorted(there):
            room = await self.look(one)
            if set(room.members) == {person, self._user} and not room.alias and not room.network:
                return one
        return ""

    async def _make(self, what: Mapping[str, Any], *, encrypt: bool) -> str:
        state = {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}
        body = {**what, "visibility": "private", **({"initial_state": [state]} if encrypt else {})}
        return text_of(await self._server.call("POST", "createRoom", body=body), "room_id")

    async def _partners(self) -> dict[str, str]:
        """Return who each direct room is with (m.direct)."""
        if self._direct is None:
            self._direct = {
                room: person
                for person, rooms in (await self._noted()).items()
                if isinstance(rooms, list)
                for room in rooms
                if isinstance(room, str)
            }
        return self._direct

    async def _note_direct(self, person: str, room: str) -> None:
        """Add a room to m.direct, as every client does, without losing what others have written there meanwhile."""
        told = await self._noted()
        before = told.get(person)
        rooms = [*(before if isinstance(before, list) else []), room]
        body = {**told, person: list(dict.fromkeys(one for one in rooms if isinstance(one, str)))}
        await self._server.call("PUT", "user", self._user, "account_data", "m.direct", body=body)
        self._direct = None

    async def _noted(self) -> dict[str, Any]:
        try:
            return await self._server.get("user", self._user, "account_data", "m.direct")
        except NotThereError:
            return {}
