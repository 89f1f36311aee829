"""A submission server on loopback with every fault a real one has, each at the very step a test asks for."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.servers.authority import Authority
from tests.servers.local import LOOPBACK, eventually, free_ports, listens

USER = "anna@example.org"
PASSWORD = "Geheimnis mit Ä"
ACCEPTED = "250 2.0.0 queued as 4711"
STEPS = ("greeting", "ehlo", "starttls", "auth", "mail", "rcpt", "data", "half a letter", "whole letter")
"""Where the connection can be cut, in order. At the last nothing was accepted, but the client cannot know."""


@dataclass(frozen=True)
class Taken:
    """A letter the server has taken over, with all that was said around it."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    mail_options: tuple[str, ...]
    rcpt_options: tuple[tuple[str, ...], ...]


@dataclass
class Faults:
    """What goes wrong; by default nothing does.

    `refusals` maps a step or a recipient's address to the reply. `cut` names the step at which the connection breaks.
    `lose_reply` takes the letter over and then breaks, `keep_silent` takes it and says nothing; `last_words` is the
    reply to the final dot.
    """

    refusals: dict[str, str] = field(default_factory=dict)
    cut: str = ""
    lose_reply: bool = False
    keep_silent: bool = False
    last_words: str = ACCEPTED
    dsn: bool = True
    smtputf8: bool = True
    starttls: bool = True


class Submission:
    """The server. `taken` is the ground truth of what left our hands; `heard` all commands, in order."""

    def __init__(self, authority: Authority | None, faults: Faults, *, implicit_tls: bool = False) -> None:
        (self.port,) = free_ports(1)
        self.host = "localhost"
        self.faults = faults
        self.taken: list[Taken] = []
        self.heard: list[str] = []
        self.deliver: Callable[[Taken], None] = lambda _taken: None
        self.released = threading.Event()
        self._ready = threading.Event()
        context = None
        if authority is not None:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(authority.certificate, authority.key)
        self._starttls = context if faults.starttls and not implicit_tls else None
        self._tls = context if implicit_tls else None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listening: asyncio.Server | None = None
        self._next: deque[Faults] = deque()
        self._over = asyncio.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    def start(self) -> None:
        """Listen. Not by aiosmtpd's Controller: it connects once itself, is heard here and fails with our faults."""
        self._thread.start()
        assert self._ready.wait(10), "the server did not come up"

    def stop(self) -> None:
        """Close; safe to call twice."""
        self.released.set()
        if self._loop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._over.set)
            self._thread.join(10)

    def once(self, faults: Faults) -> None:
        """Let these happen to the next client alone."""
        self._next.append(faults)

    def go_away(self) -> None:
        """Be unreachable."""
        if self._listening is not None and self._loop is not None:
            self._loop.call_soon_threadsafe(self._listening.close)
            eventually(lambda: not listens(self.port), what="the submission server's going away")

    def come_back(self) -> None:
        """Listen on the same port again."""
        assert self._loop is not None
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)

    async def _listen(self) -> None:
        self._listening = await asyncio.get_running_loop().create_server(
            self.session, LOOPBACK, self.port, ssl=self._tls
        )

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        await self._listen()
        self._ready.set()
        await self._over.wait()
        if self._listening is not None:
            self._listening.close()

    def session(self) -> SMTP:
        """Return what talks with one client."""
        return _Session(
            self,
            self._next.popleft() if self._next else self.faults,
            hostname="submission.example",
            tls_context=self._starttls,
            require_starttls=self._starttls is not None,
            auth_required=self._starttls is not None,
            auth_require_tls=self._starttls is not None,
            authenticator=_authenticate,
            enable_SMTPUTF8=self.faults.smtputf8,
        )


@contextmanager
def running(
    authority: Authority | None, faults: Faults | None = None, *, implicit_tls: bool = False
) -> Iterator[Submission]:
    """Start a server and stop it in the end."""
    server = Submission(authority, faults or Faults(), implicit_tls=implicit_tls)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _authenticate(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: object) -> AuthResult:
    known = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=known, handled=False)


class _Session(SMTP):
    """One client. Faults sit in the commands themselves; aiosmtpd's hooks come too late for some."""

    def __init__(self, server: Submission, faults: Faults, **options: object) -> None:
        self._ours = server
        self._faults = faults
        self._options: list[tuple[str, ...]] = []
        self._rcpt_options: list[tuple[str, ...]] = []
        super().__init__(_Handler(self, faults), **options)  # type: ignore[arg-type]  # passed through as they came

    @property
    def released(self) -> threading.Event:
        """Set when nobody needs to be kept waiting any more."""
        return self._ours.released

    def cut(self) -> None:
        """Break the connection as a cable does."""
        if self.transport is not None:
            self.transport.abort()  # type: ignore[attr-defined]  # every transport that a server gets has it

    async def _stopped(self, step: str, argument: str = "") -> bool:
        """Whether a fault ends this command here."""
        faults = self._faults
        if faults.cut == step:
            self.cut()
            return True
        reply = faults.refusals.get(argument) or faults.refusals.get(step)
        if reply:
            await self.push(reply)
        return bool(reply)

    async def _handle_client(self) -> None:
        self._ours.heard.append("connect")
        if self._faults.cut == "greeting":
            self.cut()
            return
        await super()._handle_client()

    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802 - aiosmtpd finds it by this name
        self._ours.heard.append(f"EHLO {hostname}")
        if not await self._stopped("ehlo"):
            await super().smtp_EHLO(hostname)

    async def smtp_STARTTLS(self, arg: str) -> None:  # noqa: N802 - aiosmtpd finds it by this name
        self._ours.heard.append("STARTTLS")
        if not await self._stopped("starttls"):
            await super().smtp_STARTTLS(arg)

    async def smtp_AUTH(self, arg: str) -> None:  # noqa: N802 - aiosmtpd finds it by this name
        self._ours.heard.append("AUTH")
        if not await self._stopped("auth"):
            await super().smtp_AUTH(arg)

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd finds it by this name
        self._ours.heard.append("MAIL")
        address, options = _split(arg or "")
        if not await self._stopped("mail"):
            self._options = [options]
            self._rcpt_options = []
            await super().smtp_MAIL(address + "".join(f" {option}" for option in options if self._passes_on(option)))

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd finds it by this name
        address, options = _split(arg or "")
        plain = address.partition(":")[2].strip("<> ")
        self._ours.heard.append(f"RCPT {plain}")
        if not await self._stopped("rcpt", plain):
            self._rcpt_options.append(options)
            await super().smtp_RCPT(address + "".join(f" {option}" for option in options if self._passes_on(option)))

    async def smtp_RSET(self, arg: str) -> None:  # noqa: N802 - aiosmtpd finds it by this name
        self._ours.heard.append("RSET")
        await super().smtp_RSET(arg)

    async def smtp_QUIT(self, arg: str) -> None:  # noqa: N802 - aiosmtpd finds it by this name
        self._ours.heard.append("QUIT")
        await super().smtp_QUIT(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - aiosmtpd finds it by this name
        self._ours.heard.append("DATA")
        if await self._stopped("data"):
            return
        if self._faults.cut == "half a letter":
            await self.push("354 go on")
            await self._reader.readline()
            self.cut()
            return
        await super().smtp_DATA(arg)

    def _passes_on(self, option: str) -> bool:
        """Whether aiosmtpd gets to see the option: it knows no DSN and refuses what it does not know."""
        return not (self._faults.dsn and option.partition("=")[0] in {"RET", "ENVID", "NOTIFY", "ORCPT"})

    def take(self, envelope: Envelope) -> None:
        """Remember the letter: from here on it is out of the client's hands."""
        taken = Taken(
            sender=envelope.mail_from or "",
            recipients=tuple(envelope.rcpt_tos),
            raw=envelope.original_content or b"",
            mail_options=self._options[0],
            rcpt_options=tuple(self._rcpt_options),
        )
        self._ours.taken.append(taken)
        self._ours.deliver(taken)


class _Handler:
    def __init__(self, session: _Session, faults: Faults) -> None:
        self._session = session
        self._faults = faults

    async def handle_EHLO(  # noqa: N802 - aiosmtpd finds it by this name
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], *(["250-DSN"] if self._faults.dsn else []), *responses[-1:]]

    async def handle_DATA(  # noqa: N802 - aiosmtpd finds it by this name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        faults = self._faults
        if faults.cut == "whole letter":
            self._session.cut()
        elif faults.lose_reply:
            self._session.take(envelope)
            self._session.cut()
        elif faults.keep_silent:
            self._session.take(envelope)
            await asyncio.get_running_loop().run_in_executor(None, self._session.released.wait)
        elif faults.last_words.startswith("250"):
            self._session.take(envelope)
        return faults.last_words


def _split(arg: str) -> tuple[str, tuple[str, ...]]:
    """Return the address and its options, in the case in which they came."""
    address, *options = arg.split(" ")
    return address, tuple(options)
