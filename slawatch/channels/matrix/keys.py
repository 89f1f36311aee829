"""End-to-end encryption: our device's keys, opened for one piece of work at a time and never by two processes at once.

The keys lie in a folder beside the store and nowhere else. A device whose keys are lost is never used again: others
would go on encrypting to keys that nobody has.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import secrets
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slawatch.channels.matrix.kept import make_folder
from slawatch.errors import AccountHaltedError, ChannelUnavailableError
from slawatch.mail.tokens import OWNER_ONLY

if TYPE_CHECKING:
    from nio import AsyncClient

    from slawatch.channels.matrix.rooms import Room
    from slawatch.channels.matrix.server import Server

LOCK_SECONDS = 30.0  # another process sends or reads, which takes less
TO_DEVICE = ("to_device", "device_lists", "device_one_time_keys_count")
TRIES_MAX = 2  # of a call of the library's own


class Keys:
    """The keys of one device. `folder` is where they lie; `open` gives them for one piece of work."""

    def __init__(self, server: Server, folder: Path, *, user: str, device: str, token: str, seconds: float) -> None:
        self._server = server
        self._folder = folder
        self._user = user
        self._device = device
        self._token = token
        self._seconds = seconds
        self._at_work = asyncio.Lock()

    @property
    def path(self) -> Path:
        """Where the keys of this device lie; another device has a file of its own."""
        safe = "".join(one if one.isalnum() else "-" for one in self._device)
        return self._folder / f"{safe}.keys"

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Opened]:
        """Give the keys; nobody else has them meanwhile.

        Raises:
            AccountHaltedError: they are lost. ChannelUnavailableError: another process has them.
        """
        from aiohttp import ClientError  # noqa: PLC0415 - on use

        make_folder(self._folder)
        async with self._at_work:
            with closing(await self._locked()):
                pickle_key = await self._pickle_key()
                client = self._client(pickle_key)
                opened = Opened(client, self._server)
                try:
                    await opened.offer()
                    yield opened
                except (ClientError, TimeoutError) as error:  # of the library's own calls
                    what = f"keys for encryption cannot be exchanged: {type(error).__name__}"
                    raise ChannelUnavailableError(f"{self._server.account}: {what}; try again later") from error
                finally:
                    if client.store is not None:
                        client.store.database.close()
                    await client.close()

    async def _locked(self) -> Any:
        """Return an open file that nobody else has locked."""
        descriptor = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, OWNER_ONLY)
        file = os.fdopen(descriptor, "rb+")
        until = time.monotonic() + LOCK_SECONDS
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() < until:
                    await asyncio.sleep(0.05)
                    continue
                file.close()
                what = "another process has had the keys for encryption for too long; try again later"
                raise ChannelUnavailableError(f"{self._server.account}: {what}") from None
            return file

    async def _pickle_key(self) -> str:
        """Return what the keys are locked with: made with them, never again."""
        path = self.path.with_suffix(".secret")
        if self.path.exists() and path.exists():
            return path.read_text("ascii")
        if self.path.exists():
            raise self._lost(path)
        if await self.published():
            raise self._lost(self.path)
        path.unlink(missing_ok=True)  # of a process that ended before it had made any keys
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, OWNER_ONLY), "w") as file:
            file.write(secrets.token_hex(32))
        with os.fdopen(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, OWNER_ONLY), "w"):
            pass  # so that it is never readable by others, not even before the library has filled it
        return path.read_text("ascii")

    async def published(self) -> Mapping[str, Any]:
        """Return the keys that the server shows for this device, {} where it has none yet."""
        body = {"device_keys": {self._user: [self._device]}}
        told = await self._server.call("POST", "keys", "query", body=body)
        try:
            found = told["device_keys"][self._user][self._device]["keys"]
        except (KeyError, TypeError):
            return {}
        return found if isinstance(found, Mapping) else {}

    def _lost(self, path: Path) -> AccountHaltedError:
        cure = f"put {path.parent} back from a backup, or run slawatch login {self._server.account} for a new device"
        return AccountHaltedError(
            f"{self._server.account}: the keys of device {self._device} are not in {path}: lost, or another program's; "
            f"a device without its keys must not be used: {cure}"
        )

    def _client(self, pickle_key: str) -> AsyncClient:
        from nio import AsyncClient, AsyncClientConfig  # noqa: PLC0415 - on use: half a second
        from nio.store import SqliteStore  # noqa: PLC0415

        config = AsyncClientConfig(
            store=SqliteStore,
            store_name=self.path.name,
            pickle_key=pickle_key,
            encryption_enabled=True,
            store_sync_tokens=False,
            # Without these the library tries for ever.
            max_limit_exceeded=TRIES_MAX,
            max_timeouts=TRIES_MAX,
            request_timeout=self._seconds,
        )
        client = AsyncClient(
            self._server.base_url, self._user, device_id=self._device, store_path=str(self._folder), config=config
        )
        client.user_id, client.access_token = self._user, self._token
        try:
            client.load_store()
        except Exception as error:  # the libraries' own kinds are many: whatever it is, the keys cannot be used
            raise self._lost(self.path) from error
        return client


class Opened:
    """Keys at work."""

    def __init__(self, client: AsyncClient, server: Server) -> None:
        self._client = client
        self._server = server

    @property
    def identity(self) -> Mapping[str, str]:
        """Our device's public keys."""
        assert self._client.olm is not None  # noqa: S101 - loaded with the store
        return dict(self._client.olm.account.identity_keys)

    async def offer(self) -> None:
        """Publish our keys where the server has too few of them."""
        from nio import KeysUploadError  # noqa: PLC0415 - on use

        if self._client.should_upload_keys:
            self._check(await self._client.keys_upload(), KeysUploadError)

    async def take_in(self, synced: Mapping[str, Any]) -> None:
        """Take in what a sync brought for this device: keys of rooms, and whose devices have changed."""
        from nio import KeysClaimError, KeysQueryError, SyncResponse  # noqa: PLC0415 - on use

        told = {key: synced[key] for key in TO_DEVICE if key in synced}
        answer = SyncResponse.from_dict({"next_batch": str(synced.get("next_batch", "")), "rooms": {}, **told})
        if isinstance(answer, SyncResponse):
            await self._client.receive_response(answer)
        await self.offer()
        if self._client.should_query_keys:
            self._check(await self._client.keys_query(), KeysQueryError)
        if self._client.should_claim_keys:  # others' sessions with us that have broken: a new one mends them
            self._check(await self._client.keys_claim(self._client.get_users_for_key_claiming()), KeysClaimError)
        await self._client.send_to_device_messages()

    def decrypted(self, event: Mapping[str, Any], room: str) -> Mapping[str, Any] | None:
        """Return what an encrypted event says, None where we have no key for it."""
        from nio import EncryptionError, MegolmEvent  # noqa: PLC0415 - on use

        whole = MegolmEvent.from_dict({**event, "room_id": room})
        if not isinstance(whole, MegolmEvent):
            return None
        try:
            found = self._client.decrypt_event(whole)
        except EncryptionError:
            return None
        source = getattr(found, "source", None)
        return source if isinstance(source, dict) and isinstance(source.get("content"), dict) else None

    async def encrypted(self, room: Room, content: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
        """Return a message for all devices of everybody who is in the room, as (type, content).

        The key is a new one every time, for the devices that there are now: we say little, and rarely.

        Raises:
            ChannelUnavailableError: nobody there has a device that could read it.
        """
        from nio import KeysQueryError, MatrixRoom  # noqa: PLC0415 - on use

        client = self._client
        assert client.olm is not None  # noqa: S101 - loaded with the store
        there = MatrixRoom(room.id, client.user_id, encrypted=True)
        for user, name in room.members.items():
            there.add_member(user, name, None)
        there.members_synced = True
        client.rooms[room.id] = there
        client.olm.users_for_key_query.update(room.members)
        self._check(await client.keys_query(), KeysQueryError)
        others = self._devices(user for user in room.members if user != client.user_id)
        if len(room.members) > 1 and not others:
            what = "nobody there has a device that could read what is encrypted; ask in a room that is not"
            raise ChannelUnavailableError(f"{self._server.account}: {room.id}: {what}")
        await client.share_group_session(room.id, ignore_unverified_devices=True)
        reached = client.olm.outbound_group_sessions[room.id].users_shared_with
        if others and not others & reached:
            what = "the key for what we write reached none of their devices"
            raise ChannelUnavailableError(f"{self._server.account}: {room.id}: {what}")
        kind, whole = client.encrypt(room.id, "m.room.message", dict(content))
        return str(kind), whole

    def _devices(self, users: Iterable[str]) -> set[tuple[str, str]]:
        assert self._client.olm is not None  # noqa: S101 - loaded with the store
        devices = self._client.olm.device_store
        return {(user, one.id) for user in users for one in devices.active_user_devices(user)}

    def _check(self, answer: object, failed: type[Any]) -> None:
        if isinstance(answer, failed):
            why = " ".join(str(answer).split())[:200]
            raise ChannelUnavailableError(f"{self._server.account}: keys for encryption cannot be exchanged: {why}")
