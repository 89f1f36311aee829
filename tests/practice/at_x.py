"""A client of the practice X that knows nothing of its insides: it signs with oauthlib and speaks plain HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

from oauthlib.oauth1 import Client as Signer  # type: ignore[import-untyped]  # it ships no types

from slawatch.practice.x import OAuth1, Person, X, XServer
from slawatch.testing import FakeClock

TIMEOUT = 30.0
JSON = {"Content-Type": "application/json"}
MENTIONS = "GET /2/users/:id/mentions"


@dataclass(frozen=True)
class Said:
    """An answer, its body as JSON where it is some."""

    status: int
    headers: Mapping[str, str]
    raw: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.raw)

    @property
    def data(self) -> Any:
        return self.json["data"]

    @property
    def ids(self) -> list[str]:
        return [one["id"] for one in self.json.get("data", [])]


class Client:
    """Calls as somebody: with OAuth 1.0a keys, or with a bearer. One connection, opened anew where it broke."""

    def __init__(self, base_url: str, clock: FakeClock, *, keys: OAuth1 | None = None, bearer: str = "") -> None:
        self._base = base_url
        self._clock = clock
        self._keys = keys
        self._bearer = bearer
        self._line = HTTPConnection(urlsplit(base_url).netloc, timeout=TIMEOUT)

    def close(self) -> None:
        self._line.close()

    def get(self, path: str, **params: object) -> Said:
        query = {name.replace("__", "."): str(value) for name, value in params.items()}
        return self.call("GET", path + ("?" + urlencode(query) if query else ""))

    def post(self, path: str, body: object) -> Said:
        return self.call("POST", path, json.dumps(body).encode(), JSON)

    def write(self, text: str, reply_to: str = "") -> Said:
        reply = {"reply": {"in_reply_to_tweet_id": reply_to}} if reply_to else {}
        return self.post("/2/tweets", {"text": text, **reply})

    def form(self, path: str, fields: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Said:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.call("POST", path, urlencode(fields).encode(), {**kind, **(headers or {})})

    def call(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Said:
        return self.send(method, path, body, {**(headers or {}), **self.authorized(method, path)})

    def send(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Said:
        try:
            self._line.request(method, path, body or None, dict(headers or {}))
            answer = self._line.getresponse()
            return Said(answer.status, dict(answer.headers.items()), answer.read())
        except BaseException:
            self._line.close()
            raise

    def authorized(
        self, method: str, path: str, at: datetime | None = None, nonce: str | None = None
    ) -> dict[str, str]:
        if self._keys is None:
            return {"Authorization": f"Bearer {self._bearer}"} if self._bearer else {}
        keys = self._keys
        signer = Signer(
            keys.consumer_key,
            keys.consumer_secret,
            keys.access_token,
            keys.access_secret,
            timestamp=str(int((at or self._clock.now()).timestamp())),
            nonce=nonce,
        )
        _, headers, _ = signer.sign(self._base + path, method)
        return dict(headers)


@dataclass(frozen=True)
class Scene:
    """An X with a server, a person who asks there, a company, and the person's client."""

    x: X
    clock: FakeClock
    server: XServer
    ann: Person
    acme: Person
    client: Client
    mentions: str
    others: list[Client] = field(default_factory=list)

    def client_of(self, person: Person) -> Client:
        """Return a client of somebody else, whose app belongs to nobody."""
        return self.other(keys=self.x.oauth1(person, self.x.app("other")))

    def other(self, *, keys: OAuth1 | None = None, bearer: str = "") -> Client:
        """Return another client; without keys and bearer it is nobody's."""
        self.others.append(Client(self.server.base_url, self.clock, keys=keys, bearer=bearer))
        return self.others[-1]


@contextmanager
def scene() -> Iterator[Scene]:
    clock = FakeClock()
    x = X(clock)
    ann = x.person("ann", "Ann")
    acme = x.person("AcmeHelp", "Acme Help", verified="business")
    with XServer(x) as server:
        client = Client(server.base_url, clock, keys=x.oauth1(ann))
        made = Scene(x, clock, server, ann, acme, client, f"/2/users/{ann.id}/mentions")
        yield made
        for one in (client, *made.others):
            one.close()
