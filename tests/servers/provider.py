"""An OAuth provider on loopback: registrations, refresh tokens, a login by code and one by browser, and its bad days.

Its access tokens are JWTs that the private Dovecot accepts (HS256 with KEY), so a login with one is a real login.
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import ssl
import threading
import time
from base64 import urlsafe_b64encode
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.servers.authority import Authority
from tests.servers.local import LOOPBACK

KEY = b"a key that lives for one test run only"
ISSUER = "https://provider.example"
CLIENT, CLIENT_SECRET = "slawatch-tests", "the client's secret"

Answer = tuple[int, str, bytes]
"""Status, content type and body."""


def token(user: str, *, seconds: float = 3600, words: str = "") -> str:
    """Return a JWT for the user, ended already where `seconds` is negative; `words` makes it as long as they are."""
    now = int(time.time())
    claims = {"sub": user, "iss": ISSUER, "iat": now - 7200, "nbf": now - 7200, "exp": now + int(seconds)}
    if words:
        claims["words"] = words
    head = _base64(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
    signed = f"{head}.{_base64(json.dumps(claims).encode())}"
    return f"{signed}.{_base64(hmac.digest(KEY, signed.encode(), 'sha256'))}"


def as_json(status: int, **told: Any) -> Answer:
    """Return an answer as providers give it."""
    return status, "application/json", json.dumps(told).encode()


@dataclass
class Provider:
    """The provider. `asked` holds every form it got, in order; `alive` the refresh tokens that are worth something.

    `next` answers are given before it thinks for itself. `issue` makes an access token for `user`.
    """

    user: str
    port: int = 0
    scheme: str = "http"
    asked: list[dict[str, str]] = field(default_factory=list)
    alive: set[str] = field(default_factory=lambda: {"first"})
    rotating: bool = False
    expires_in: int | None = 3600
    next: deque[Answer | Callable[[], Answer]] = field(default_factory=deque)
    issue: Callable[[str], str] = token
    patience: int = 1  # how often a login by code is asked about before the person has typed it
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _challenge: str = ""

    @property
    def token_url(self) -> str:
        """Where tokens are renewed."""
        return f"{self.scheme}://{LOOPBACK}:{self.port}/token"

    @property
    def device_url(self) -> str:
        """Where a login by code begins."""
        return f"{self.scheme}://{LOOPBACK}:{self.port}/device"

    @property
    def authorize_url(self) -> str:
        """Where a login by browser begins."""
        return f"{self.scheme}://{LOOPBACK}:{self.port}/authorize"

    def grants(self) -> list[str]:
        """Return the kinds of grants it was asked for, in order."""
        return [form["grant_type"] for form in self.asked if "grant_type" in form]

    def answer(self, path: str, form: dict[str, str]) -> Answer:
        """Return what it says to a form."""
        self.asked.append(form)
        if self.next:
            given = self.next.popleft()
            return given() if callable(given) else given
        if form.get("client_id") != CLIENT or form.get("client_secret", CLIENT_SECRET) != CLIENT_SECRET:
            return as_json(401, error="invalid_client")
        if path == "/device":
            return as_json(
                200,
                device_code="the device's code",
                user_code="ABCD-EFGH",
                verification_uri="https://provider.example/device",
                expires_in=900,
                interval=5,
            )
        return self._grant(form)

    def _grant(self, form: dict[str, str]) -> Answer:
        match form.get("grant_type"):
            case "refresh_token" if form["refresh_token"] in self.alive:
                renewed = ""
                if self.rotating:
                    self.alive.discard(form["refresh_token"])
                    renewed = f"rotated-{next(self._numbers)}"
                    self.alive.add(renewed)
                return self._granted(renewed)
            case "urn:ietf:params:oauth:grant-type:device_code" if form["device_code"] == "the device's code":
                if self.patience > 0:
                    self.patience -= 1
                    return as_json(400, error="authorization_pending")
                return self._granted("by-device")
            case "authorization_code" if form["code"] == "the browser's code":
                digest = hashlib.sha256(form["code_verifier"].encode()).digest()
                return self._granted("by-browser") if _base64(digest) == self._challenge else as_json(400, error="no")
            case _:
                return as_json(400, error="invalid_grant", error_description="Token has been expired or revoked.")

    def _granted(self, refresh: str) -> Answer:
        if refresh:
            self.alive.add(refresh)
        told: dict[str, Any] = {"access_token": self.issue(self.user), "token_type": "Bearer"}
        told |= {"expires_in": self.expires_in} if self.expires_in is not None else {}
        return as_json(200, **told, **({"refresh_token": refresh} if refresh else {}))

    def consent(self, query: dict[str, str]) -> str:
        """Return where a person who consents is sent back to."""
        self.asked.append(query)
        self._challenge = query["code_challenge"]
        back = urlencode({"code": "the browser's code", "state": query["state"]})
        return f"{query['redirect_uri']}?{back}"


@contextmanager
def running(user: str, authority: Authority | None = None) -> Iterator[Provider]:
    """Start a provider whose person is `user`, with TLS where there is an authority, and stop it in the end."""
    provider = Provider(user)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {key: values[0] for key, values in parse_qs(body, strict_parsing=True).items()}
            status, kind, answer = provider.answer(urlsplit(self.path).path, form)
            self.send_response(status)
            if status in (301, 302, 303, 307, 308):
                self.send_header("Location", answer.decode())
                answer = b""
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(answer)))
            with suppress(ConnectionError):  # who asked may have waited long enough
                self.end_headers()
                self.wfile.write(answer)

        def do_GET(self) -> None:
            query = {key: values[0] for key, values in parse_qs(urlsplit(self.path).query).items()}
            self.send_response(302)
            self.send_header("Location", provider.consent(query))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
            """Say nothing."""

    with ThreadingHTTPServer((LOOPBACK, 0), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        provider.port = int(server.server_address[1])
        if authority is not None:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(authority.certificate, authority.key)
            server.socket = context.wrap_socket(server.socket, server_side=True)
            provider.scheme = "https"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield provider
        finally:
            server.shutdown()
            thread.join(10)


def _base64(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode()
