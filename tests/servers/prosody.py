"""A private Prosody on loopback: XMPP with an archive, and a WebSocket for chats on websites. Needs no root.

Users are made with `user`, who then log in over TLS only. Visitors of websites need no name: they are guests.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.servers import local
from tests.servers.local import LOOPBACK, Daemon, free_ports
from tests.servers.needs import program

DOMAIN = "shop.test"
GUESTS = f"guest.{DOMAIN}"
PASSWORD = "secret"

CONFIG = """\
{root}pidfile = "{base}/prosody.pid"
data_path = "{base}/data"
certificates = "{base}/certs"
log = {{ info = "{base}/prosody.log" }}
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {c2s} }}
c2s_direct_tls_ports = {{}}
s2s_ports = {{}}
http_ports = {{ {http} }}
https_ports = {{}}
http_interfaces = {{ "127.0.0.1" }}
modules_enabled = {{
  "roster", "saslauth", "tls", "disco", "ping", "time", "version", "register", "mam", "carbons", "smacks",
  "offline", "websocket", "pep", "vcard_legacy", "presence", "message", "iq", "blocklist"
}}
modules_disabled = {{ "s2s" }}
c2s_require_encryption = true
-- The page of a shop on loopback has no certificate, and neither has what its chat talks to.
consider_websocket_secure = true
http_cors_override = {{ websocket = {{ enabled = true }} }}
cross_domain_websocket = true
authentication = "internal_hashed"
-- The least that a password is to be hashed (RFC 5802): clients do that in Python here, at every login.
default_iteration_count = 4096
storage = "internal"
archive_expires_after = "1w"
default_archive_policy = true
VirtualHost "{domain}"
VirtualHost "{guests}"
  authentication = "anonymous"
  allow_anonymous_s2s = false
  modules_enabled = {{ "mam" }}
"""


class Prosody:
    """One private instance. `start` picks free ports; they, the users and all messages stay through `restart`."""

    def __init__(self, base: Path, *, without: Sequence[str] = ()) -> None:
        self.base = base
        self._without = without
        self.c2s = self.http = 0
        self._daemon: Daemon | None = None
        self._accounts: dict[str, Path] = {}  # of the first user with each password

    @property
    def ca(self) -> Path:
        """The certificate that a client has to trust; it is the server's own."""
        return self.base / "certs" / f"{DOMAIN}.crt"

    @property
    def websocket(self) -> str:
        """Where a chat on a website connects to."""
        return f"ws://{LOOPBACK}:{self.http}/xmpp-websocket"

    def start(self) -> None:
        """Bring it up. Tries other ports where somebody else took one in the meantime."""
        self._lay_out()
        for again in (True, True, False):
            self.c2s, self.http = free_ports(2)
            self._write_config()
            try:
                self._run()
            except RuntimeError:
                if not again:
                    raise
            else:
                return

    def stop(self) -> None:
        """Bring it down with every connection; safe to call twice."""
        if self._daemon is not None:
            self._daemon.stop()
            self._daemon = None

    def come_back(self) -> None:
        """Run again on the same ports with all that was there before."""
        self._run()

    def restart(self) -> None:
        """Cut every connection and come back."""
        self.stop()
        self.come_back()

    def user(self, name: str, *, password: str = PASSWORD) -> str:
        """Make a user while the server runs or not; return its address."""
        first = self._accounts.get(password)
        if first is None:
            self._control("register", name, DOMAIN, password)
            self._accounts[password] = self._account(name)
        else:  # prosodyctl takes half a second, and a password hashed once is the same file for everybody
            shutil.copyfile(first, self._account(name))
        return f"{name}@{DOMAIN}"

    def log(self) -> str:
        """Return all it has logged, for the message of a failed test."""
        return (self.base / "prosody.log").read_text(errors="replace")

    def _lay_out(self) -> None:
        for name in ("certs", "data"):
            (self.base / name).mkdir(exist_ok=True)
        for name in (DOMAIN, GUESTS):
            _certify(self.base / "certs", name)

    def _write_config(self) -> None:
        root = "run_as_root = true\n" if os.geteuid() == 0 else ""
        text = CONFIG.format(root=root, base=self.base, c2s=self.c2s, http=self.http, domain=DOMAIN, guests=GUESTS)
        for module in self._without:
            text = text.replace(f'"{module}"', '"posix"')  # one that is there anyway
        (self.base / "prosody.cfg.lua").write_text(text)

    def _run(self) -> None:
        config = str(self.base / "prosody.cfg.lua")
        daemon = Daemon([program("prosody"), "--config", config, "-F"], log=self.base / "start.log")
        for port in (self.c2s, self.http):
            daemon.wait_for(port)
        self._daemon = daemon

    def _account(self, name: str) -> Path:
        host, node = (re.sub("[^0-9A-Za-z]", lambda odd: f"%{ord(odd[0]):02x}", one) for one in (DOMAIN, name))
        return self.base / "data" / host / "accounts" / f"{node}.dat"

    def _control(self, *words: str) -> None:
        config = str(self.base / "prosody.cfg.lua")
        command = [program("prosodyctl"), "--config", config, *words]
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
        if done.returncode:
            raise RuntimeError(f"prosodyctl {words[0]}: {done.stdout}{done.stderr}")


@contextmanager
def running(*, without: Sequence[str] = ()) -> Iterator[Prosody]:
    """Give a fresh Prosody that is gone afterwards, `without` some of its modules."""
    with local.folder("prosody") as base:
        prosody = Prosody(base, without=without)
        try:
            prosody.start()
            yield prosody
        finally:
            prosody.stop()


def _certify(folder: Path, name: str) -> None:
    """Make a certificate that vouches for itself, valid for two days."""
    words = ("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
    names = ("-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}")
    files = ("-keyout", str(folder / f"{name}.key"), "-out", str(folder / f"{name}.crt"))
    command = [program("openssl"), *words, *names, *files]
    subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL)
