"""A real server that speaks Mastodon's API (mastodon_mock), in its own process and environment, on loopback.

Companies and passers-by act on it by its own API, as people do; nothing of slawatch's is used for that.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from slawatch.channels.mastodon import Settings
from slawatch.secret import Secret
from tests.servers import local
from tests.servers.local import LOOPBACK, Daemon
from tests.servers.needs import ROOT

PROGRAM = ROOT / ".make" / "peers" / "bin" / "mastodon_mock"
HOME = "social.example"
OURS = "robin"
HANDLE = f"@{OURS}@{HOME}"

CONFIG = f"""\
domain = "{HOME}"
url_scheme = "http"
rules = ["Say what you are."]

[[seed.accounts]]
username = "{OURS}"
display_name = "Robin Beispiel"
access_token = "token-of-{OURS}"

[[seed.accounts]]
username = "acme"
display_name = "Acme Help"
access_token = "token-of-acme"

[[seed.accounts]]
username = "help"
domain = "shop.example"
display_name = "Shop Help"
access_token = "token-of-help"

[[seed.accounts]]
username = "service"
domain = "shop.example"
display_name = "Shop Service"
access_token = "token-of-service"

[[seed.accounts]]
username = "machine"
display_name = "Acme Machine"
bot = true
access_token = "token-of-machine"

[[seed.accounts]]
username = "troll"
access_token = "token-of-troll"
"""


@dataclass(frozen=True)
class MastodonServer:
    """The running server. People go by their names; "help" and "service" are at shop.example, all others at home."""

    port: int

    @property
    def url(self) -> str:
        """Where it is asked."""
        return f"http://{LOOPBACK}:{self.port}"

    def settings(self, **other: Any) -> Settings:
        """Return our account's settings, as a person would write them."""
        given = {"access_token": Secret(f"token-of-{OURS}"), "timeout": timedelta(seconds=10), **other}
        return Settings(**{"handle": HANDLE, "server": self.url, **given})

    def reset(self) -> None:
        """Have everything as it was at first."""
        self.do("POST", "/api/v1/_mock/reset")

    def post(self, who: str, text: str, *, reply_to: str = "", visibility: str = "public") -> dict[str, Any]:
        """Let somebody post; return the server's own JSON of it."""
        told = {"status": text, "visibility": visibility, **({"in_reply_to_id": reply_to} if reply_to else {})}
        posted: dict[str, Any] = self.do("POST", "/api/v1/statuses", who=who, **told)
        return posted

    def delete(self, who: str, post_id: str) -> None:
        """Let somebody delete a post of theirs."""
        self.do("DELETE", f"/api/v1/statuses/{post_id}", who=who)

    def edit(self, who: str, post_id: str, text: str) -> None:
        """Let somebody edit a post of theirs."""
        self.do("PUT", f"/api/v1/statuses/{post_id}", who=who, status=text)

    def posts(self, who: str) -> list[dict[str, Any]]:
        """Return what somebody has posted, the newest first."""
        own = self.do("GET", "/api/v1/accounts/verify_credentials", who=who)["id"]
        found: list[dict[str, Any]] = self.do("GET", f"/api/v1/accounts/{own}/statuses?limit=40", who=who)
        return found

    def fault(self, effect: dict[str, Any], *, path: str, methods: tuple[str, ...] = (), times: int = 1) -> None:
        """Let the next questions of a kind end badly."""
        match = {"path": path, **({"methods": list(methods)} if methods else {})}
        self._ask("POST", "/api/v1/_mock/faults", "", {"match": match, "effect": effect, "count": times})

    def do(self, method: str, path: str, *, who: str = "", **form: str) -> Any:
        """Ask the server as somebody, with a form; return its JSON."""
        return self._ask(method, path, who, form)

    def _ask(self, method: str, path: str, who: str, told: dict[str, Any]) -> Any:
        as_json = "_mock" in path
        request = Request(f"{self.url}{path}", method=method)  # noqa: S310 - our own server
        if told:
            request.data = json.dumps(told).encode() if as_json else urlencode(told).encode()
            request.add_header("Content-Type", "application/json" if as_json else "application/x-www-form-urlencoded")
        if who:
            request.add_header("Authorization", f"Bearer token-of-{who}")
        try:
            with urlopen(request, timeout=20) as answer:  # noqa: S310 - same
                return json.loads(answer.read())
        except HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read()[:300]!r}") from error


@contextmanager
def running() -> Iterator[MastodonServer]:
    """Start the server and stop it in the end. Fails, and never skips, where it is not installed."""
    if not PROGRAM.exists():
        pytest.fail(f"no Mastodon server at {PROGRAM.relative_to(ROOT)}: make peers", pytrace=False)
    with local.folder("mastodon") as folder:
        config = Path(folder) / "config.toml"
        config.write_text(CONFIG)
        [port] = local.free_ports(1)
        words = ("serve", "--config", str(config), "--in-memory", "--host", LOOPBACK, "--port", str(port))
        daemon = Daemon([str(PROGRAM), *words], log=Path(folder) / "log")
        try:
            daemon.wait_for(port)
            yield MastodonServer(port)
        finally:
            daemon.stop()
