"""What an XMPP account is: the keys of the config, and what is wrong with them.

Loaded with every config, so it must load nothing else that takes time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from slawatch.secret import Secret

PORTS = (1, 65_535)
USUAL_PORTS = {"starttls": 5222, "tls": 5223}
PART_MAX = 1023  # octets of each part of an address; RFC 7622, section 3

# Before the "@" no space, no control character and none of those RFC 7622 forbids there; behind it a domain's labels.
_LOCAL = r"""[^\s"&'/:<>@\x00-\x20\x7f]+"""
_LABEL = r"[^\W_](?:[\w-]*[^\W_])?"
_ADDRESS = re.compile(rf"{_LOCAL}@(?:{_LABEL}(?:\.{_LABEL})*)")


def address_problem(address: str) -> str | None:
    """Return what is wrong with the address of a target or an account; None where a message could go there."""
    like = 'write it like "service@shop.example"'
    if address.startswith("xmpp:"):
        return f'"{address}" is a link; leave out "xmpp:"'
    if "@" not in address:
        return f'"{address}" has no "@"; {like}'
    if "/" in address:
        return f'"{address}" names one device; leave out "/" and what follows'
    if not _ADDRESS.fullmatch(address) or any(len(part.encode()) > PART_MAX for part in address.split("@")):
        return f'"{address}" is not an XMPP address; {like}'
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The keys of an account in the config; `help` of each field is what the reference says about it."""

    jid: str = field(metadata={"help": "the account that asks, like robin@chat.example"})
    password: Secret = field(metadata={"help": "the account's password"})
    name: str = field(default="", metadata={"help": "who that is, for reports; the address where not given"})
    host: str = field(default="", metadata={"help": "where to connect; where not given, the domain's own records say"})
    port: int = field(default=0, metadata={"help": "5222 goes with starttls, 5223 with tls", "between": (0, PORTS[1])})
    security: Literal["starttls", "tls"] = field(
        default="starttls", metadata={"help": "how TLS begins at host; nothing is ever sent without"}
    )
    ca_file: str = field(default="", metadata={"help": "certificate authorities to trust instead of the system's"})
    people: bool = field(
        default=False,
        metadata={
            "help": "whether people write there, as you know: XMPP marks no machines, and without your word a line "
            "counts as a person's only where it says enough to be one"
        },
    )
    timeout: timedelta = field(
        default=timedelta(seconds=30), metadata={"help": "how long logging in, or one question to the server, may take"}
    )
    history: timedelta = field(
        default=timedelta(days=1), metadata={"help": "how far back the first look at the archive reads"}
    )

    def problems(self) -> list[tuple[str, str]]:
        """Return what is wrong beyond the types of single fields: (field, message) each."""
        return list(self._problems())

    def _problems(self) -> Iterable[tuple[str, str]]:
        problem = address_problem(self.jid)
        if problem:
            yield "jid", problem
        if any(not letter.isprintable() for letter in self.name):
            yield "name", f"{self.name!r} holds a line break or control character; remove it"
        if self.port and not self.host:
            yield "port", f'"{self.port}" without host means nothing; add host = "{self.domain}"'
        if self.security == "tls" and not self.host:
            yield "security", f'"tls" without host means nothing; add host = "{self.domain}", or leave it out'

    @property
    def address(self) -> str:
        """The account's address as it is compared."""
        return self.jid.lower()

    @property
    def domain(self) -> str:
        """The domain of the account: the name its server must prove to have."""
        return self.address.rpartition("@")[2]

    @property
    def where(self) -> tuple[str, int] | None:
        """Host and port to connect to; None where the domain's own records shall say."""
        return (self.host, self.port or USUAL_PORTS[self.security]) if self.host else None
