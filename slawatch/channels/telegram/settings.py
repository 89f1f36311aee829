"""What a Telegram account is: the keys of the config, what is wrong with them, and how companies are written.

Loaded with every config, so it must load nothing else that takes time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from slawatch.secret import Secret

UNVERIFIED = "unverified: slawatch has not been run against Telegram itself, only against a client made up for tests"
PORTS = (1, 65_535)
DC = 2  # the number under which a server of one's own is entered; the library's own default

# Telegram's own: letters, digits and "_", first a letter; 5 at least for people, 4 where bought. At most 32.
_USERNAME = re.compile(r"@[A-Za-z]\w{2,30}[A-Za-z0-9]", re.ASCII)
_PHONE = re.compile(r"\+[1-9]\d{5,14}")  # E.164
_LINK = re.compile(r"(?:https?://)?(?:t\.me|telegram\.me)/(?P<name>[A-Za-z]\w+)/?", re.ASCII | re.IGNORECASE)
_EXAMPLE = '"@shop_example"'


def address_problem(address: str) -> str | None:
    """Return what is wrong with the address of a target; None for a username."""
    if _USERNAME.fullmatch(address):
        return None
    link = _LINK.fullmatch(address)
    if link:
        return f'"{address}" is a link; write the name that it leads to: "@{link["name"]}"'
    if address.startswith("+"):
        return f'"{address}" is a number; write the username that the company gives, like {_EXAMPLE}'
    if not address.startswith("@"):
        return f'"{address}" does not begin with "@"; write it like {_EXAMPLE}'
    return f'"{address}" is no username on Telegram; write it like {_EXAMPLE}'


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The keys of an account in the config; `help` of each field is what the reference says about it."""

    api_id: int = field(
        metadata={"help": f"the number of your own program, from my.telegram.org ({UNVERIFIED})", "between": (1, None)}
    )
    api_hash: Secret = field(metadata={"help": "what belongs to that number"})
    phone: str = field(metadata={"help": "the number of the account that asks, like +491701234567"})
    name: str = field(default="", metadata={"help": "who that is, for reports; the number's end where not given"})
    dc_host: str = field(default="", metadata={"help": "a server of your own or for tests; Telegram's where not given"})
    dc_port: int = field(default=443, metadata={"help": "its port", "between": PORTS})
    public_key: Path | None = field(
        default=None, metadata={"help": "the file with its public key (PEM, PKCS#1); Telegram's where not given"}
    )
    timeout: timedelta = field(default=timedelta(seconds=30), metadata={"help": "how long one call may take"})

    def problems(self) -> list[tuple[str, str]]:
        """Return what is wrong beyond the types of single fields: (field, message) each."""
        return list(self._problems())

    def _problems(self) -> Iterable[tuple[str, str]]:
        if not _PHONE.fullmatch(self.phone):
            yield "phone", f'"{self.phone}" is no full number; write it like "+491701234567"'
        if any(not letter.isprintable() for letter in self.name):
            yield "name", f"{self.name!r} holds a line break or control character; remove it"
        if self.public_key is not None and not self.dc_host:
            yield "public_key", "it belongs to a server of your own; write dc_host, or leave it out"
        if self.timeout <= timedelta(0):
            yield "timeout", 'no call can be made in no time; write timeout = "30 s"'

    @property
    def server(self) -> str:
        """Where the account is, in words."""
        return f"{self.dc_host}:{self.dc_port}" if self.dc_host else "Telegram"

    @property
    def shown(self) -> str:
        """Who asks, without the whole number: it is nobody's business."""
        return self.name or f"the number ending in {self.phone[-3:]}"
