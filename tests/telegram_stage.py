"""A Telegram made up for tests: a client of the library's own words and objects, put in below the channel.

No network and no protocol: what it proves is how the channel deals with what the library gives, not that Telegram gives
it. It is as awkward as a real server was found to be: it does not heed `min_id`, and sends nothing before get_dialogs.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from telethon import errors, functions, types

from slawatch.channels.telegram.channel import TelegramChannel
from slawatch.channels.telegram.kept import keep_session
from slawatch.channels.telegram.settings import Settings
from slawatch.secret import Secret
from slawatch.testing import FakeClock

US, SHOP, ROBOT = 1000, 77, 88
SHOP_NAME, ROBOT_NAME = "@service_example", "@acme_bot"
CODE, PASSWORD = "12345", "only in tests"


class Telegram:
    """The far side: who there is, what was said, and what goes wrong next."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.users = {
            "service_example": types.User(
                id=SHOP, access_hash=1, username="service_example", first_name="Anna", bot=False
            ),
            "acme_bot": types.User(id=ROBOT, access_hash=2, username="acme_bot", first_name="Acme", bot=True),
        }
        self.messages: list[Any] = []
        self.random_ids: dict[int, int] = {}
        self.clients: list[Client] = []
        self.fails: dict[str, list[BaseException]] = {}
        self.loses: list[BaseException] = []
        self.refuses: BaseException | None = None
        self.away = ""
        self.down = False
        self.logged_in = True
        self.two_steps = False
        self.in_full = False
        self.asked_for: list[str] = []

    # --- what the company does ---

    def says(self, text: str, *, by: int = SHOP, reply_to: int = 0, **marks: Any) -> Any:
        """Let the company say something; the clients that listen are told."""
        message = self._made(text, peer=by, out=False, reply_to=reply_to, **marks)
        self.push(types.UpdateNewMessage(message=message, pts=1, pts_count=1))
        return message

    def by_hand(self, text: str, *, reply_to: int = 0) -> Any:
        """Let our own user write on a phone."""
        return self._made(text, peer=SHOP, out=True, reply_to=reply_to)

    def types(self) -> None:
        """Let the company type."""
        self.push(types.UpdateUserTyping(user_id=SHOP, action=types.SendMessageTypingAction()))

    def reads(self, number: int) -> None:
        """Let the company read up to a message."""
        peer = types.PeerUser(user_id=SHOP)
        self.push(types.UpdateReadHistoryOutbox(peer=peer, max_id=number, pts=1, pts_count=1))

    def joined(self) -> None:
        """Let Telegram say something of its own, which is no message."""
        self.messages.append(
            types.MessageService(
                id=self._next(),
                peer_id=types.PeerUser(user_id=SHOP),
                date=self._now(),
                action=types.MessageActionContactSignUp(),
                out=False,
            )
        )

    def push(self, update: Any) -> None:
        """Tell the clients that listen."""
        for client in self.clients:
            client.told(update)

    def taken(self) -> list[str]:
        """Return what the company has got from us."""
        return [one.message for one in self.messages if one.out]

    # --- what the clients see ---

    def fail(self, what: str) -> None:
        """Raise what is to go wrong next."""
        if self.down:
            raise ConnectionError("Connection to Telegram failed 1 time(s)")
        if self.fails.get(what):
            raise self.fails[what].pop(0)

    def send(self, request: Any) -> Any:
        """Take over a message once, and answer as to a person's chat; or lose the answer."""
        if self.refuses is not None:
            raise self.refuses
        if request.random_id in self.random_ids:
            raise errors.RandomIdDuplicateError(request)
        reply_to = request.reply_to.reply_to_msg_id if request.reply_to else 0
        message = self._made(request.message, peer=request.peer.user_id, out=True, reply_to=reply_to)
        self.random_ids[request.random_id] = message.id
        if self.away:
            self.says(self.away, offline=True)
        if self.loses:
            raise self.loses.pop(0)
        if self.in_full:
            update = types.UpdateMessageID(id=message.id, random_id=request.random_id)
            return types.Updates(updates=[update], users=[], chats=[], date=message.date, seq=0)
        return types.UpdateShortSentMessage(id=message.id, pts=1, pts_count=1, date=message.date, out=True)

    def _made(self, text: str, *, peer: int, out: bool, reply_to: int = 0, **marks: Any) -> Any:
        header = types.MessageReplyHeader(reply_to_msg_id=reply_to) if reply_to else None
        message = types.Message(
            id=self._next(),
            peer_id=types.PeerUser(user_id=peer),
            date=self._now(),
            message=text,
            out=out,
            reply_to=header,
            **marks,
        )
        message._sender = next((one for one in self.users.values() if one.id == peer and not out), None)
        self.messages.append(message)
        return message

    def _now(self) -> Any:
        return self.clock.now().replace(microsecond=0)

    def _next(self) -> int:
        return len(self.messages) + 101


@dataclass(frozen=True)
class Dialog:
    """A chat in the account's list."""

    entity: Any


class Session:
    """What a login brings."""

    def save(self) -> str:
        """Return it as text."""
        return "a session made up for tests"


class Client:
    """The library's client, as far as the channel uses it."""

    def __init__(self, world: Telegram) -> None:
        self._world = world
        self._loop: asyncio.AbstractEventLoop | None = None
        self._handlers: list[Callable[[Any], Awaitable[None]]] = []
        self._listens = False
        self._connected = False
        self._needs_password = False
        self.session = Session()
        world.clients.append(self)

    async def connect(self) -> None:
        self._world.fail("connect")
        self._loop = asyncio.get_running_loop()
        self._connected = True

    def is_connected(self) -> bool:
        return self._connected

    async def disconnect(self) -> None:
        self._connected = False

    async def get_me(self) -> Any:
        self._world.fail("get_me")
        return types.User(id=US, username="robin", is_self=True) if self._world.logged_in else None

    async def get_dialogs(self, limit: int | None = None) -> list[Any]:
        assert limit
        self._world.fail("get_dialogs")
        self._listens = True
        spoken = {one.peer_id.user_id for one in self._world.messages}
        return [Dialog(user) for user in self._world.users.values() if user.id in spoken]

    async def get_input_entity(self, address: str) -> Any:
        self._world.fail("get_input_entity")
        user = self._world.users.get(address.removeprefix("@").lower())
        if user is None:
            raise ValueError(f'No user has "{address}" as username')
        return types.InputPeerUser(user_id=user.id, access_hash=user.access_hash)

    async def iter_messages(self, peer: Any, limit: int | None = None, *, min_id: int = 0) -> AsyncIterator[Any]:
        self._world.fail("iter_messages")
        assert min_id >= 0
        here = [one for one in self._world.messages if one.peer_id.user_id == peer.user_id]
        for message in here[::-1][:limit]:  # min_id is not heeded
            yield message

    async def __call__(self, request: Any) -> Any:
        assert isinstance(request, functions.messages.SendMessageRequest)
        self._world.fail("send")
        return self._world.send(request)

    def add_event_handler(self, callback: Callable[[Any], Awaitable[None]], event: Any) -> None:
        assert type(event).__name__ == "Raw"
        self._handlers.append(callback)

    def told(self, update: Any) -> None:
        if not (self._listens and self._connected and self._loop is not None):
            return
        try:
            here = asyncio.get_running_loop() is self._loop
        except RuntimeError:
            here = False
        for callback in self._handlers:
            if here:
                self._loop.create_task(callback(update))  # type: ignore[arg-type]
            else:
                asyncio.run_coroutine_threadsafe(callback(update), self._loop).result(5)  # type: ignore[arg-type]

    # --- logging in ---

    async def send_code_request(self, phone: str) -> Any:
        self._world.fail("send_code_request")
        self._world.asked_for.append(phone)
        kind = types.auth.SentCodeTypeApp(length=5)
        return types.auth.SentCode(type=kind, phone_code_hash="made up")

    async def sign_in(self, phone: str = "", code: str = "", *, password: str = "", phone_code_hash: str = "") -> Any:
        if password:
            if not self._needs_password or password != PASSWORD:
                raise errors.PasswordHashInvalidError(None)
        elif code != CODE or phone_code_hash != "made up" or not phone:
            raise errors.PhoneCodeInvalidError(None)
        elif self._world.two_steps:
            self._needs_password = True
            raise errors.SessionPasswordNeededError(None)
        return types.User(id=US)


def settings(**more: Any) -> Settings:
    """Return an account's settings."""
    given: dict[str, Any] = {"api_id": 1, "api_hash": Secret("made up"), "phone": "+491700000000"}
    return Settings(**{"timeout": timedelta(seconds=10), **given, **more})


class Channel(TelegramChannel):
    """The channel over the Telegram that is made up."""

    world: Telegram

    def make_client(self, session: str) -> Any:
        """Return a client that knows no other world."""
        assert session in ("", Session().save())
        return Client(self.world)


def channel(world: Telegram, folder: Path, *, logged_in: bool = True, page: int = 200) -> Channel:
    """Return a channel on a store in that folder, logged in."""
    store = folder / "store.sqlite"
    if logged_in:
        keep_session(settings(), "main", store, Session().save())
    made = Channel(settings(), account="main", clock=world.clock, store=store)
    made.world, made.page = world, page
    return made
