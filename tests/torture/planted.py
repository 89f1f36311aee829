"""Secrets that stand out, wherever a config may have one, and the search for them in bytes. Judges nothing."""

from __future__ import annotations

import os
import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from tests.servers.echoing import Echoes

BODY = "Zwetschgenknödelverordnung"  # stands in letters alone, and so in no log

CONFIG = """
timezone = "Europe/Berlin"
ping_env = "{ping_env}"
ping_fail_env = "{ping_fail_env}"
metrics = "slawatch.prom"

[account.main]
channel = "email"
address = "anna@example.org"
name = "Anna Beispiel"
smtp_host = "localhost"
smtp_port = {smtp}
smtp_security = "none"
smtp_user = "anna@example.org"
smtp_password_env = "{smtp_env}"
imap_host = "localhost"
imap_port = {imap}
imap_security = "none"
imap_user = "anna"
imap_password_file = "{imap_file}"
timeout = "5 s"
per_minute = 100

[account.second]
channel = "email"
address = "bert@example.org"
smtp_host = "localhost"
smtp_port = {echo.smtp}
smtp_security = "none"
smtp_password_command = "cat {second_file}"
imap_host = "localhost"
imap_port = {echo.imap}
imap_security = "none"

[account.third]
channel = "email"
address = "carla@example.org"
smtp_host = "localhost"
smtp_port = {echo.smtp}
smtp_security = "none"
imap_host = "localhost"
imap_port = {echo.imap}
imap_security = "none"
auth = "oauth2-refresh"
client_id = "slawatch"
client_secret_env = "{client_env}"
refresh_token = "{refresh}"
token_url = "{echo.url}/token"

[account.fourth]
channel = "email"
address = "dora@example.org"
smtp_host = "localhost"
smtp_port = {echo.smtp}
smtp_security = "none"
imap_host = "localhost"
imap_port = {echo.imap}
imap_security = "none"
auth = "token_command"
token_command = "cat {token_file}"

[account.fifth]
channel = "twitter"
handle = "@anna_asks"
api_base = "{echo.url}"
auth_base = "{echo.url}"
consumer_key = "{consumer_key}"
consumer_secret = "{consumer_secret}"
access_token = "{access_token}"
access_secret = "{access_secret}"
timeout = "5 s"

[account.sixth]
channel = "matrix"
user = "@anna:matrix.example"
homeserver = "{echo.url}"
access_token_env = "{matrix_env}"
timeout = "5 s"

[account.seventh]
channel = "mastodon"
handle = "@anna@social.example"
server = "{echo.url}"
access_token_file = "{mastodon_file}"
timeout = "5 s"

[account.eighth]
channel = "bluesky"
handle = "@anna.example"
service = "{echo.url}"
password = "{bluesky}"
timeout = "5 s"

[[alert]]
name = "team"
to = "json://anna:{alert}@127.0.0.1:{echo.http}/{alert_path}"
"""

COMPANY = """
[company.{key}]
name = "Company {key}"
relationship = "own"
language = "de"

[[company.{key}.target]]
channel = "{channel}"
address = "{address}"
account = "{account}"
every = "1 d"
"""

TARGETS = {
    "main": ("email", "service@main.example"),
    "second": ("email", "service@second.example"),
    "third": ("email", "service@third.example"),
    "fourth": ("email", "service@fourth.example"),
    "fifth": ("twitter", "@acme"),
    "sixth": ("matrix", "@acme:matrix.example"),
    "seventh": ("mastodon", "@acme@social.example"),
    "eighth": ("bluesky", "@acme.example"),
}


@dataclass
class Planted:
    """A folder with a config full of secrets. `secrets` holds them by name; whoever finds one outside, tells which."""

    folder: Path
    echo: Echoes
    smtp: int
    imap: int
    secrets: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    own_files: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        given: dict[str, str] = {}
        for name in ("ping", "ping_fail", "smtp", "client", "matrix"):
            variable = f"PLANTED_{name.upper()}"
            given[f"{name}_env"] = variable
            self.environment[variable] = self.new(name)
        for name in ("ping", "ping_fail"):
            self.environment[f"PLANTED_{name.upper()}"] = f"{self.echo.url}/{self.secrets[name]}"
        for name in ("imap", "second", "token", "mastodon"):
            given[f"{name}_file"] = path = f"{name}.txt"
            self.folder.joinpath(path).write_text(self.new(name) + "\n", encoding="utf-8")
            self.folder.joinpath(path).chmod(0o600)
        names = ("refresh", "consumer_key", "consumer_secret", "access_token", "access_secret", "bluesky")
        for name in (*names, "alert", "alert_path"):
            given[name] = self.new(name)
        text = CONFIG.format(echo=self.echo, smtp=self.smtp, imap=self.imap, **given)
        text += "".join(
            COMPANY.format(key=account, account=account, channel=channel, address=address)
            for account, (channel, address) in TARGETS.items()
        )
        self.config.write_text(text, encoding="utf-8")
        self.config.chmod(0o600)
        self.own_files = {path.name for path in self.folder.iterdir()}

    @property
    def config(self) -> Path:
        """The config file."""
        return self.folder / "config.toml"

    def new(self, name: str) -> str:
        """Make a secret that nothing else can look like."""
        self.secrets[name] = f"planted{name.replace('_', '')}{os.urandom(9).hex()}"
        return self.secrets[name]

    def spilled(self, raw: bytes) -> list[str]:
        """Return the names of the secrets that stand in these bytes: as they are, quoted, backwards or in Base64."""
        return [name for name, secret in self.secrets.items() if any(one in raw for one in disguises(secret))]

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Yield every file that slawatch has written, its name and all its bytes."""
        for path in sorted(self.folder.rglob("*")):
            if path.is_file() and path.name not in self.own_files:
                yield str(path.relative_to(self.folder)), path.read_bytes()


def disguises(secret: str) -> set[bytes]:
    """Return the forms in which a secret is still one."""
    raw = secret.encode()
    found = {raw, quote(secret).encode(), raw[::-1], raw.hex().encode()}
    for shift in range(3):  # in Base64 the same octets look otherwise by what stands before them
        whole = b64encode(b"\0" * shift + raw).decode()
        found.add(re.sub("=+$", "", whole)[4 if shift else 0 : -4].encode())
    return found
