"""An account on the practice X as slawatch has it, and a server that answers with whatever bytes a test wants."""

from __future__ import annotations

import json
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Self

from slawatch.channels.base import Identity
from slawatch.channels.twitter import login
from slawatch.channels.twitter.client import Client, Keys, SignedKeys
from slawatch.channels.twitter.platform import TwitterPlatform
from slawatch.channels.twitter.settings import Settings
from slawatch.practice.x import OAuth1, Person, X, XServer
from slawatch.secret import Secret
from slawatch.testing import FakeClock

PATIENCE = timedelta(seconds=2)  # of a call; hanging servers are waited for that long


class Notebook:
    """What slawatch remembers, for an account in a test: charges as the store keeps them, by day and resource."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self._charged: set[tuple[str, str]] = set()
        self.days: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        self.bought: Counter[str] = Counter()
        self.watched: list[Identity] = []

    def charge(self, what: str, *, calls: int = 1, resources: Sequence[str] = (), each: int = 0) -> None:
        day = self._clock.now().date().isoformat()
        new = {(day, one) for one in resources} - self._charged
        self._charged |= new
        self.calls[what] += calls
        self.bought[what] += len(new)
        self.days[day] += len(new) * each

    def spent(self, since: datetime) -> int:
        return sum(micros for day, micros in self.days.items() if day >= since.date().isoformat())

    def identity(self, address: str) -> Identity | None:
        return None

    def secret(self) -> bytes:
        return b"a key of this store alone"

    def observed(self) -> Sequence[Identity]:
        return self.watched

    def accounts(self) -> Sequence[Identity]:
        return self.watched

    def direct(self, address: str) -> bool:
        return False

    def taken(self, remote_ids: Sequence[str]) -> frozenset[str]:
        return frozenset()


def settings(base_url: str, keys: OAuth1 | None = None, **more: Any) -> Settings:
    given = keys or OAuth1(consumer_key="consumer", consumer_secret="c", access_token="access", access_secret="a")
    return Settings(
        **{
            "handle": "@ann",
            "api_base": base_url,
            "auth_base": base_url,
            "timeout": PATIENCE,
            "consumer_key": Secret(given.consumer_key),
            "consumer_secret": Secret(given.consumer_secret),
            "access_token": Secret(given.access_token),
            "access_secret": Secret(given.access_secret),
            **more,
        }
    )


@dataclass
class Scene:
    """An X with a server, a person who asks there, a company, and the person's account as slawatch has it."""

    x: X
    clock: FakeClock
    server: XServer
    ann: Person
    acme: Person
    memory: Notebook
    platform: TwitterPlatform
    folder: Path = Path()
    made: list[TwitterPlatform] = field(default_factory=list)

    def other(self, **more: Any) -> TwitterPlatform:
        """Return the account with other settings."""
        return self.of(settings(more.pop("api_base", self.server.base_url), self.x.oauth1(self.ann), **more))

    def of(self, its: Settings) -> TwitterPlatform:
        store = self.folder / "slawatch.db"
        self.made.append(
            TwitterPlatform(
                its,
                account="main",
                clock=self.clock,
                memory=self.memory,
                keys=lambda: login.keys(its, "main", store=store, clock=self.clock),
            )
        )
        return self.made[-1]


@contextmanager
def scene(folder: Path = Path(), **more: Any) -> Iterator[Scene]:
    clock = FakeClock()
    x = X(clock)
    ann = x.person("ann", "Ann")
    acme = x.person("AcmeHelp", "Acme Help", verified="business")
    with XServer(x) as server:
        memory = Notebook(clock)
        its = settings(server.base_url, x.oauth1(ann), **more)
        platform = TwitterPlatform(
            its,
            account="main",
            clock=clock,
            memory=memory,
            keys=lambda: login.keys(its, "main", store=folder / "slawatch.db", clock=clock),
        )
        here = Scene(x, clock, server, ann, acme, memory, platform, folder)
        try:
            yield here
        finally:
            for one in (platform, *here.made):
                one.close()


def said(status: int, body: object = b"", clock: FakeClock | None = None, **headers: str) -> bytes:
    """Return an answer in HTTP. What is not bytes is said as JSON; with a clock it bears that as its Date."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = {"Content-Length": str(len(raw)), "Connection": "close"}
    if clock is not None:
        lines["Date"] = format_datetime(clock.now(), usegmt=True)
    lines |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"HTTP/1.1 {status} Whatever\r\n{head}\r\n".encode() + raw


class Odd:
    """A server that says what it is told, one answer a connection, and then what it was told last again.

    An answer may be made from the head of what was asked; None hangs up without a word.
    """

    def __init__(self) -> None:
        self.answers: list[bytes | Callable[[bytes], bytes | None] | None] = []
        self.asked: list[bytes] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.settimeout(0.05)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._listening.close()

    def client(self, clock: FakeClock, keys: Keys | None = None) -> Client:
        signed = SignedKeys(("consumer", "consumer-secret", "access", "access-secret"), clock=clock)
        return Client(account="main", api_base=self.base_url, timeout=PATIENCE, keys=keys or signed, clock=clock)

    def _serve(self) -> None:
        while not self._stop.is_set():
            try:
                connection, _ = self._listening.accept()
            except TimeoutError:
                continue
            with connection:
                connection.settimeout(5)
                self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            piece = connection.recv(65_536)
            if not piece:
                return
            head += piece
        self.asked.append(head)
        given = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        answer = given(head) if callable(given) else given
        if answer:
            connection.sendall(answer)
