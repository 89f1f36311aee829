"""The connection to Telegram: made when needed, one at a time, with what comes by itself noted. Runs in one event loop.

Uses only calls that the library has had since 1.39, and believes of a history only what it has looked at itself.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from slawatch.channels.telegram import library
from slawatch.channels.telegram.reading import line, ours, peer_key, random_id, taken_over
from slawatch.clock import Clock
from slawatch.errors import AccountHaltedError, ChannelRefusedError

HISTORY_MAX = 2000  # lines of a chat that are looked through at a time
STEPS_MAX = 1000
DIALOGS_MAX = 100
TYPES = "SendMessageTypingAction"  # of what somebody may do beside, the one that says that words are coming
GOODBYE_SECONDS = 5.0

Make = Callable[[str], Any]
"""Makes a client of a session. Tests put one below the channel here."""


@dataclass(frozen=True, slots=True)
class Step:
    """Somebody types, or has read up to `number`; at this time by our own clock."""

    kind: str  # "typing" or "read"
    peer: str
    at: datetime
    number: int = 0


class Link:
    """One account's connection. `bell` rings when a message has come by itself."""

    def __init__(
        self, make: Make, session: Callable[[], str], *, account: str, clock: Clock, timeout: timedelta
    ) -> None:
        self._make = make
        self._session = session
        self._account = account
        self._clock = clock
        self._seconds = timeout.total_seconds()
        self._client: Any = None
        self._lock = asyncio.Lock()
        self.us = 0
        self.steps: deque[Step] = deque(maxlen=STEPS_MAX)
        self.bell = threading.Event()

    async def client(self) -> Any:
        """Return the client, connected and logged in.

        Raises:
            AccountHaltedError: nobody is logged in. ChannelUnavailableError: Telegram cannot be reached.
        """
        async with self._lock:
            if self._client is not None and self._client.is_connected():
                return self._client
            await self._dropped()
            session = self._session()
            library.require(self._account)
            made = self._make(session)
            try:
                with library.told(self._account, self._clock):
                    await asyncio.wait_for(self._begun(made), self._seconds)
            except BaseException:
                with suppress(Exception):
                    await asyncio.wait_for(_gone(made), GOODBYE_SECONDS)
                raise
            self._client = made
            return made

    async def _begun(self, client: Any) -> None:
        from telethon import events  # noqa: PLC0415 - on use

        await client.connect()
        me = await client.get_me()
        if me is None:
            cure = f"run slawatch login {self._account}"
            raise AccountHaltedError(f"{self._account}: Telegram knows this login no more; {cure}")
        self.us = int(me.id)
        client.add_event_handler(self._noted, events.Raw())
        await client.get_dialogs(
            limit=DIALOGS_MAX
        )  # without it the server sends nothing by itself; tried with layer 200

    async def end(self) -> None:
        """Give the connection back."""
        async with self._lock:
            await self._dropped()

    async def _dropped(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with suppress(Exception):
                await asyncio.wait_for(_gone(client), GOODBYE_SECONDS)

    # --- looking ---

    async def peer(self, address: str) -> Any:
        """Return whom an address means, as requests want it.

        Raises:
            ChannelRefusedError: nobody has this name.
        """
        client = await self.client()
        with library.told(self._account, self._clock):
            try:
                return await asyncio.wait_for(client.get_input_entity(address), self._seconds)
            except ValueError as error:  # the library's way to say that nobody is called so
                cure = "correct the address"
                raise ChannelRefusedError(
                    f'{self._account}: nobody is called "{address}" on Telegram; {cure}'
                ) from error

    async def addresses(self) -> list[str]:
        """Return everybody with a username whom this account has a chat with, whoever began it.

        Raises:
            ChannelUnavailableError: they cannot be had.
        """
        client = await self.client()
        with library.told(self._account, self._clock):
            dialogs = await asyncio.wait_for(client.get_dialogs(limit=DIALOGS_MAX), self._seconds)
        people = [one.entity for one in dialogs if hasattr(one.entity, "first_name")]
        return [f"@{one.username.lower()}" for one in people if one.username and not getattr(one, "is_self", False)]

    async def lines(
        self, address: str, *, after: int, since: datetime | None = None, limit: int = HISTORY_MAX
    ) -> list[dict[str, Any]]:
        """Return the lines of a chat with a number above `after` and a stamp not before `since`, the oldest first.

        Raises:
            ChannelRefusedError, ChannelUnavailableError: they cannot be had.
        """
        client, peer = await self.client(), await self.peer(address)
        found: list[dict[str, Any]] = []

        async def looked() -> None:
            async for message in client.iter_messages(peer, limit=limit, min_id=after):
                if message.id <= after or (since is not None and message.date is not None and message.date < since):
                    break  # some servers do not heed min_id
                if getattr(message, "action", None) is None:
                    found.append(line(message, chat=address, us=self.us))

        with library.told(self._account, self._clock):
            await asyncio.wait_for(looked(), self._seconds)
        return found[::-1]

    # --- saying ---

    async def say(self, address: str, text: str, *, key: str, reply_to: int = 0) -> dict[str, Any] | None:
        """Say something in a chat, once; return the line that it became, None where that is not told.

        The server refuses a second one under the same key: then it stands there already.

        Raises:
            ChannelRefusedError, ChannelUnavailableError: nothing left. ChannelUncertainError: nobody knows.
        """
        from telethon import errors, functions, types  # noqa: PLC0415 - on use

        client, peer = await self.client(), await self.peer(address)
        request = functions.messages.SendMessageRequest(
            peer=peer,
            message=text,
            no_webpage=True,
            random_id=random_id(key),
            reply_to=types.InputReplyToMessage(reply_to_msg_id=reply_to) if reply_to else None,
        )
        with library.told(self._account, self._clock, sending=True):
            try:
                answer = await asyncio.wait_for(client(request), self._seconds)
            except errors.RandomIdDuplicateError:
                return None
        number, date = taken_over(answer, request.random_id)
        return ours(peer_key(peer), number, date, reply_to=reply_to) if number and date else None

    # --- what comes by itself ---

    async def _noted(self, update: Any) -> None:
        """Note a step, ring for a message. Updates are known by name: which there are differs between layers."""
        kind, now = type(update).__name__, self._clock.now()
        if kind in {"UpdateNewMessage", "UpdateShortMessage", "UpdateNewChannelMessage", "UpdateShortChatMessage"}:
            self.bell.set()
        elif kind == "UpdateUserTyping" and type(getattr(update, "action", None)).__name__ == TYPES:
            self.steps.append(Step("typing", peer_key(update), now))
        elif kind in {"UpdateReadHistoryOutbox", "UpdateReadChannelOutbox"}:
            peer = getattr(update, "peer", None) or update
            self.steps.append(Step("read", peer_key(peer), now, int(getattr(update, "max_id", 0) or 0)))


async def _gone(client: Any) -> None:
    """Disconnect; the library gives something to wait for only inside a running loop."""
    done = client.disconnect()
    if done is not None:
        await done
