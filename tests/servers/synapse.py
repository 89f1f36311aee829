"""A real Matrix homeserver (Synapse) on loopback, in its own process and environment. Up in some two seconds.

People, companies and bridges act on it by its plain HTTP; nothing of slawatch's is used for that.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

from tests.servers.local import LOOPBACK, Daemon, eventually, folder, free_ports
from tests.servers.needs import ROOT, give_up

HOME = ROOT / ".make" / "synapse"
NAME = "hs.test"
PASSWORD = "pass-word-1234"
SHARED = "test-only"
AS_TOKEN = "as-test-token"
BRIDGE_BOT = f"@whatsappbot:{NAME}"
START_SECONDS = 60

CONFIG = """\
server_name: "{name}"
pid_file: {base}/hs.pid
listeners:
  - port: {port}
    type: http
    tls: false
    bind_addresses: ["127.0.0.1"]
    resources: [{{names: [client], compress: false}}]
database: {{name: sqlite3, args: {{database: {base}/hs.db}}}}
log_config: {base}/log.yaml
media_store_path: {base}/media
signing_key_path: {base}/hs.key
registration_shared_secret: "{shared}"
macaroon_secret_key: "test-only"
bcrypt_rounds: 4
report_stats: false
trusted_key_servers: []
federation_domain_whitelist: []
enable_registration: false
url_preview_enabled: false
presence: {{enabled: false}}
app_service_config_files: ["{base}/as.yaml"]
"""

UNLIMITED = """\
rc_message: {per_second: 1000, burst_count: 1000}
rc_registration: {per_second: 1000, burst_count: 1000}
rc_login:
  address: {per_second: 1000, burst_count: 1000}
  account: {per_second: 1000, burst_count: 1000}
  failed_attempts: {per_second: 1000, burst_count: 1000}
rc_joins:
  local: {per_second: 1000, burst_count: 1000}
  remote: {per_second: 1000, burst_count: 1000}
rc_invites:
  per_room: {per_second: 1000, burst_count: 1000}
  per_user: {per_second: 1000, burst_count: 1000}
  per_issuer: {per_second: 1000, burst_count: 1000}
rc_room_creation: {per_second: 1000, burst_count: 1000}
"""

LOG = """\
version: 1
handlers: {{file: {{class: logging.FileHandler, filename: {base}/hs.log}}}}
root: {{level: WARNING, handlers: [file]}}
disable_existing_loggers: false
"""

BRIDGE = f"""\
id: fakebridge
url: null
as_token: "{AS_TOKEN}"
hs_token: "hs-test-token"
sender_localpart: whatsappbot
rate_limited: false
namespaces:
  users: [{{exclusive: true, regex: '@whatsapp_.*:hs\\.test'}}]
  aliases: []
  rooms: []
"""

_number = count(1)


@dataclass
class Homeserver:
    """The running server, by its plain HTTP."""

    port: int
    base: Path = field(repr=False)
    _daemon: Daemon | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        """Where it is asked."""
        return f"http://{LOOPBACK}:{self.port}"

    def person(self, name: str) -> Person:
        """Return somebody new, logged in on a device of their own."""
        one = f"{name}{next(_number)}"
        nonce = self.ask("GET", "/_synapse/admin/v1/register")["nonce"]
        signed = f"{nonce}\0{one}\0{PASSWORD}\0notadmin".encode()
        mac = hmac.new(SHARED.encode(), signed, hashlib.sha1).hexdigest()
        told = {"nonce": nonce, "username": one, "displayname": one.title(), "password": PASSWORD, "mac": mac}
        made = self.ask("POST", "/_synapse/admin/v1/register", body=told)
        return Person(server=self, id=made["user_id"], token=made["access_token"], device=made["device_id"])

    def ask(
        self, method: str, path: str, *, query: Mapping[str, str] | None = None, body: Any = None, token: str = ""
    ) -> Any:
        """Ask the server, plainly. Raise AssertionError where it says no."""
        request = Request(f"{self.url}{path}{'?' + urlencode(query) if query else ''}", method=method)  # noqa: S310 - loopback
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        try:
            with urlopen(request, timeout=30) as answer:  # noqa: S310 - loopback
                return json.loads(answer.read() or b"{}")
        except HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read()[:300]!r}") from error

    def start(self) -> None:
        """Come up, with everything that was there before."""
        self._daemon = Daemon(
            [str(HOME / "bin" / "python"), "-m", "synapse.app.homeserver", "-c", str(self.base / "hs.yaml")],
            log=self.base / "start.log",
        )
        self._daemon.wait_for(self.port, seconds=START_SECONDS)
        eventually(self._speaks, what="Synapse speaks", seconds=START_SECONDS)

    def stop(self) -> None:
        """Go down; safe to call twice."""
        if self._daemon is not None:
            self._daemon.stop()
            self._daemon = None

    def _speaks(self) -> bool:
        try:
            return bool(self.ask("GET", "/_matrix/client/versions")["versions"])
        except (AssertionError, URLError, OSError):
            return False


@dataclass
class Person:
    """Somebody on the server; with `masquerade` a ghost that a bridge acts for."""

    server: Homeserver
    id: str
    token: str = field(repr=False)
    device: str = ""
    masquerade: bool = False

    def call(self, method: str, *path: str, query: Mapping[str, str] | None = None, body: Any = None) -> Any:
        """Ask the server as this person."""
        whole = "/_matrix/client/v3/" + "/".join(quote(one, safe="") for one in path)
        as_whom = {"user_id": self.id} if self.masquerade else {}
        return self.server.ask(method, whole, query={**(query or {}), **as_whom}, body=body, token=self.token)

    def room(self, *invited: str, alias: str = "", encrypted: bool = False, **other: Any) -> str:
        """Make a room; return its id."""
        what: dict[str, Any] = {"preset": "private_chat", "invite": list(invited), **other}
        if alias:
            what["room_alias_name"] = alias
        if encrypted:
            content = {"algorithm": "m.megolm.v1.aes-sha2"}
            what["initial_state"] = [{"type": "m.room.encryption", "state_key": "", "content": content}]
        return str(self.call("POST", "createRoom", body=what)["room_id"])

    def join(self, room: str) -> None:
        """Go into a room."""
        self.call("POST", "join", room, body={})

    def say(self, room: str, text: str, *, kind: str = "m.text", reply_to: str = "", ts: int = 0, **more: Any) -> str:
        """Say something; return the event's id. `ts` is what a bridge may say that the time was (ms)."""
        content: dict[str, Any] = {"msgtype": kind, "body": text, **more}
        if reply_to:
            content["m.relates_to"] = {"m.in_reply_to": {"event_id": reply_to}}
        return self.send(room, "m.room.message", content, ts=ts)

    def send(self, room: str, kind: str, content: Mapping[str, Any], *, ts: int = 0) -> str:
        """Send any event; return its id."""
        path = ("rooms", room, "send", kind, f"t{next(_number)}")
        told = self.call("PUT", *path, query={"ts": str(ts)} if ts else None, body=content)
        return str(told["event_id"])

    def state(self, room: str, kind: str, content: Mapping[str, Any], key: str = "") -> None:
        """Set a piece of a room's state."""
        self.call("PUT", "rooms", room, "state", kind, key, body=content)

    def typing(self, room: str, *, on: bool = True) -> None:
        """Begin to type, or end it."""
        body = {"typing": on, **({"timeout": 30_000} if on else {})}
        self.call("PUT", "rooms", room, "typing", self.id, body=body)

    def read(self, room: str, event: str) -> None:
        """Have read up to an event, for others to see."""
        self.call("POST", "rooms", room, "receipt", "m.read", event, body={})

    def lines(self, room: str, by: str = "") -> list[dict[str, Any]]:
        """Return what was said in a room, the oldest first."""
        told = self.call("GET", "rooms", room, "messages", query={"dir": "b", "limit": "500"})
        kinds = ("m.room.message", "m.room.encrypted")
        found = [one for one in reversed(told["chunk"]) if one["type"] in kinds and one["content"]]
        return [one for one in found if by in ("", one["sender"])]

    def invitations(self) -> list[str]:
        """Return the rooms this person is invited to."""
        # The server repeats what it said to the same question within two minutes, so each is put in another way.
        told = self.call("GET", "sync", query={"timeout": str(next(_number))})
        return list(told.get("rooms", {}).get("invite", {}))


@contextmanager
def running(*, limited: bool = False) -> Iterator[Homeserver]:
    """Run a homeserver for as long as it is wanted, without limits on how often it may be asked, or with its own."""
    if not (HOME / "bin" / "register_new_matrix_user").exists():
        give_up(f"no homeserver at {HOME.relative_to(ROOT)}: make test-peers sets it up")
    with folder("synapse") as base:
        (port,) = free_ports(1)
        config = CONFIG.format(name=NAME, base=base, port=port, shared=SHARED) + ("" if limited else UNLIMITED)
        (base / "hs.yaml").write_text(config)
        (base / "log.yaml").write_text(LOG.format(base=base))
        (base / "as.yaml").write_text(BRIDGE)
        program = [str(HOME / "bin" / "python"), "-m", "synapse.app.homeserver", "-c", str(base / "hs.yaml")]
        subprocess.run([*program, "--generate-keys"], check=True, capture_output=True, timeout=START_SECONDS, cwd=base)
        server = Homeserver(port=port, base=base)
        server.start()
        try:
            yield server
        finally:
            server.stop()
