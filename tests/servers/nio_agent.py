"""A company's agent with a Matrix program of their own, who can encrypt: the library's usual client, in its own loop.

Knows nothing of slawatch's use of that library; keys lie in a folder of the test's.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from nio import AsyncClient, AsyncClientConfig, MegolmEvent, RoomMessageText

from tests.servers.local import eventually
from tests.servers.synapse import Person


class Agent:
    """Somebody at a screen: sees what is said in their rooms, encrypted or not, and answers."""

    def __init__(self, person: Person, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.person = person
        self.seen: list[tuple[str, str, str]] = []  # sender, text, event
        self.puzzles: list[str] = []  # events that could not be read
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        config = AsyncClientConfig(encryption_enabled=True, pickle_key="agent", request_timeout=20, max_timeouts=3)
        self._client = AsyncClient(
            person.server.url, person.id, device_id=person.device, store_path=str(folder), config=config
        )
        self._client.add_event_callback(self._on_text, RoomMessageText)
        self._client.add_event_callback(self._on_puzzle, MegolmEvent)

    def __enter__(self) -> Self:
        self._thread.start()
        self._client.restore_login(self.person.id, self.person.device, self.person.token)
        self.look()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._run(self._client.close())
        if self._client.store is not None:
            self._client.store.database.close()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def look(self) -> None:
        """Look once at what is new, and do what such programs do with keys."""
        self._run(self._look())

    def sees(self, text: str) -> str:
        """Wait until a line of this text is there; return its event."""

        def found() -> str:
            self.look()
            return next((event for _, said, event in self.seen if said == text), "")

        return eventually(found, what=f'the agent sees "{text}"')

    def say(self, room: str, text: str) -> str:
        """Say something, encrypted where the room is; return its event."""
        content = {"msgtype": "m.text", "body": text}
        told = self._run(self._client.room_send(room, "m.room.message", content, ignore_unverified_devices=True))
        return str(told.event_id)

    async def _look(self) -> None:
        await self._client.sync(timeout=0, full_state=True)
        if self._client.should_upload_keys:
            await self._client.keys_upload()
        if self._client.should_query_keys:
            await self._client.keys_query()
        if self._client.should_claim_keys:
            await self._client.keys_claim(self._client.get_users_for_key_claiming())
        await self._client.send_to_device_messages()

    def _on_text(self, room: Any, event: Any) -> None:
        self.seen.append((event.sender, event.body, event.event_id))

    def _on_puzzle(self, room: Any, event: Any) -> None:
        self.puzzles.append(event.event_id)

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)
