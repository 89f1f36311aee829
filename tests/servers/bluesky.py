"""A whole Bluesky network on loopback, of the programs that run the public one: server of accounts, index, directory.

PostgreSQL and Redis come from Debian (tools/servers.sh peers), the rest from tools/atproto.sh. Up in some ten seconds.
"""

from __future__ import annotations

import json
import os
import pwd
import secrets
import select
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from tests.servers.local import LOOPBACK, Daemon, eventually, folder, free_ports
from tests.servers.needs import ROOT, give_up

HOME = ROOT / ".make" / "atproto"
SCRIPT = Path(__file__).with_name("atproto") / "network.mjs"
PASSWORD = "app-pass-word-1234"
START_SECONDS = 240  # ten are usual; the first start on a busy machine reads some thousand files
# Plain words like "shop" and "acme" are names that the server keeps to itself.
PEOPLE = ("robin.example.org", "acmeshop.example.org", "acmeshop-de.example.org", "passer-by.example.org")


@dataclass
class Person:
    """Somebody on the network, through its own plain HTTP: none of what is tested is used here."""

    network: Network
    handle: str
    did: str
    _token: str = field(default="", repr=False)

    def post(
        self, text: str, *, reply_to: Mapping[str, Any] | None = None, mention: Person | None = None, at: str = ""
    ) -> dict[str, Any]:
        """Write a post; return its "uri" and "cid", and the "root" of its conversation."""
        record: dict[str, Any] = {
            "$type": "app.bsky.feed.post",
            "text": text,
            # To the millisecond: of two at the same instant the index passes over one where a page ends between them.
            "createdAt": at or datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "langs": ["de"],
        }
        if reply_to is not None:
            parent = {"uri": reply_to["uri"], "cid": reply_to["cid"]}
            record["reply"] = {"root": reply_to.get("root", parent), "parent": parent}
        if mention is not None:
            start = text.encode().index(f"@{mention.handle}".encode())
            record["facets"] = [
                {
                    "index": {"byteStart": start, "byteEnd": start + len(mention.handle) + 1},
                    "features": [{"$type": "app.bsky.richtext.facet#mention", "did": mention.did}],
                }
            ]
        made = self.call(
            "com.atproto.repo.createRecord",
            body={"repo": self.did, "collection": "app.bsky.feed.post", "record": record},
        )
        return {**made, "root": record["reply"]["root"] if reply_to is not None else made}

    def delete(self, uri: str) -> None:
        """Take a post back."""
        _, _, _, collection, key = uri.split("/")
        self.call("com.atproto.repo.deleteRecord", body={"repo": self.did, "collection": collection, "rkey": key})

    def posts(self) -> list[dict[str, Any]]:
        """Return the records of all posts that stand in this person's own repository."""
        told = self.call(
            "com.atproto.repo.listRecords",
            query={"repo": self.did, "collection": "app.bsky.feed.post", "limit": "100"},
        )
        return list(told["records"])

    def call(self, method: str, *, query: Mapping[str, str] | None = None, body: Any = None) -> Any:
        """Ask this person's own server, logged in."""
        if not self._token:
            made = self.network.ask(
                "com.atproto.server.createSession", body={"identifier": self.handle, "password": PASSWORD}
            )
            self._token = made["accessJwt"]
        return self.network.ask(method, query=query, body=body, token=self._token)


@dataclass
class Network:
    """The running network: `pds` is where accounts live, `appview` where everything is to be read."""

    pds: str
    appview: str
    dids: Mapping[str, str]

    def person(self, handle: str) -> Person:
        """Return one of PEOPLE, or somebody new."""
        if handle in self.dids:
            return Person(network=self, handle=handle, did=self.dids[handle])
        made = self.ask(
            "com.atproto.server.createAccount",
            body={"handle": handle, "password": PASSWORD, "email": f"{handle.replace('.', '-')}@example.org"},
        )
        one = Person(network=self, handle=handle, did=made["did"], _token=made["accessJwt"])
        eventually(lambda: self._knows(one), what=f"the index knows @{handle}")
        return one

    def indexed(self, uri: str) -> dict[str, Any]:
        """Wait until the index shows a post; return what it shows."""
        return eventually(lambda: self._posts(uri), what=f"{uri} is indexed")[0]

    def unindexed(self, uri: str) -> None:
        """Wait until the index shows a post no more."""
        eventually(lambda: not self._posts(uri), what=f"{uri} is gone from the index")

    def ask(self, method: str, *, query: Mapping[str, str] | None = None, body: Any = None, token: str = "") -> Any:
        """Ask the server of accounts, plainly."""
        return self._ask(self.pds, method, query, body, token)

    def _posts(self, uri: str) -> list[dict[str, Any]]:
        return list(self._ask(self.appview, "app.bsky.feed.getPosts", {"uris": uri}, None, "")["posts"])

    def _knows(self, one: Person) -> bool:
        try:
            told = self._ask(self.appview, "app.bsky.actor.getProfile", {"actor": one.did}, None, "")
        except AssertionError:
            return False
        return bool(told["handle"] == one.handle)

    @staticmethod
    def _ask(base: str, method: str, query: Mapping[str, str] | None, body: Any, token: str) -> Any:
        request = Request(f"{base}/xrpc/{method}{'?' + urlencode(query) if query else ''}")  # noqa: S310 - loopback
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        try:
            with urlopen(request, timeout=30) as answer:  # noqa: S310 - loopback
                return json.loads(answer.read() or b"{}")
        except HTTPError as error:
            raise AssertionError(f"{method}: {error.code} {error.read()[:300]!r}") from error


@contextmanager
def running() -> Iterator[Network]:
    """Run the network for as long as it is wanted."""
    node = next((one for one in (HOME / "node_modules").glob("node-linux-*/bin/node") if one.exists()), None)
    if node is None or not (HOME / ".made").exists():
        give_up(f"no Bluesky network at {HOME.relative_to(ROOT)}: make test-peers sets it up")
    with folder("bluesky") as base, ExitStack() as stack:
        sql, redis = free_ports(2)
        password = secrets.token_hex(16)
        stack.callback(_postgres(base, sql, password).stop)
        stack.callback(_redis(base, redis).stop)
        yield stack.enter_context(_network(base, node, sql, redis, password))


def _postgres(base: Path, port: int, password: str) -> Daemon:
    """Start PostgreSQL. It refuses to run as root, and then is its own user's."""
    bins = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda one: int(one.parts[4]))
    if not bins:
        give_up('"postgres" is not installed: make test-peers installs it where it may')
    home, data = base / "postgres", base / "postgres" / "data"
    home.mkdir(mode=0o700)
    given = home / "password"
    given.write_text(password)
    as_other: list[str] = []
    if os.geteuid() == 0:
        user = pwd.getpwnam("postgres")
        for one in (home, given):
            os.chown(one, user.pw_uid, user.pw_gid)
        # Dying with us is told last: a change of user forgets it.
        as_other = [
            *("setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"),
            *("--pdeathsig", "TERM", "--"),
        ]
    subprocess.run(
        [
            *(*as_other, str(bins[-1].with_name("initdb")), "--pgdata", str(data), "--username", "slawatch"),
            *("--auth", "scram-sha-256", "--pwfile", str(given), "--encoding", "UTF8", "--locale", "C", "--no-sync"),
        ],
        check=True,
        capture_output=True,
        timeout=120,
        cwd="/",
    )
    server = Daemon(
        [
            *(*as_other, str(bins[-1]), "-D", str(data), "-p", str(port), "-c", f"listen_addresses={LOOPBACK}"),
            *("-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "full_page_writes=off"),
            *("-c", "max_connections=200"),
        ],
        log=base / "postgres.log",
    )
    server.wait_for(port)
    return server


def _redis(base: Path, port: int) -> Daemon:
    program = shutil.which("redis-server", path=f"{os.environ.get('PATH', '')}:/usr/bin")
    if program is None:
        give_up('"redis-server" is not installed: make test-peers installs it where it may')
    server = Daemon(
        [program, "--bind", LOOPBACK, "--port", str(port), "--save", "", "--dir", str(base)], log=base / "redis.log"
    )
    server.wait_for(port)
    return server


@contextmanager
def _network(base: Path, node: Path, sql: int, redis: int, password: str) -> Iterator[Network]:
    (base / "tmp").mkdir()
    log = base / "network.log"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [str(node), str(SCRIPT), str(HOME), *(f"{handle}={PASSWORD}" for handle in PEOPLE)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env={
                "PATH": os.environ.get("PATH", ""),
                "HOME": str(base),
                "TMPDIR": str(base / "tmp"),
                "DB_POSTGRES_URL": f"postgresql://slawatch:{password}@{LOOPBACK}:{sql}/postgres",
                "DB_POSTGRES_SCHEMA": "tests",
                "REDIS_HOST": f"{LOOPBACK}:{redis}",
                "LOG_ENABLED": "false",
            },
        )
    try:
        told = _said(process, log)
        yield Network(pds=told["pds"], appview=told["appview"], dids=told["accounts"])
    finally:
        process.kill()  # nothing of it is wanted any more, and an orderly end takes seconds
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        process.wait(timeout=10)


def _said(process: subprocess.Popen[bytes], log: Path) -> dict[str, Any]:
    """Return the one line of JSON that the network says once it stands."""
    assert process.stdout is not None
    deadline = time.monotonic() + START_SECONDS
    said = b""
    while b"\n" not in said or not said.splitlines()[-1].startswith(b"{"):
        ready, _, _ = select.select([process.stdout], [], [], max(0.0, deadline - time.monotonic()))
        more = os.read(process.stdout.fileno(), 65_536) if ready else b""
        if not more:
            end = (said + log.read_bytes())[-3000:].decode("utf-8", "replace")
            raise RuntimeError(f"the Bluesky network did not come up: {end}")
        said += more
    found: dict[str, Any] = json.loads(said.splitlines()[-1])
    return found
