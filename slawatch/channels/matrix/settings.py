"""What a Matrix account is: the keys of the config, what is wrong with them, and how rooms and people are written.

Loaded with every config, so it must load nothing else that takes time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from slawatch.channels.email.logins import is_safe
from slawatch.secret import Secret

_SERVER = r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(?::\d{1,5})?"
_USER = re.compile(rf"@[^\s:]+:{_SERVER}")
_ALIAS = re.compile(rf"#[^\s:]+:{_SERVER}")
_ROOM = re.compile(rf"![^\s:]+(?::{_SERVER})?")  # since room version 12 without a server
_EXAMPLE = '"@service:shop.example"'


def address_problem(address: str) -> str | None:
    """Return what is wrong with the address of a target; None for a person, a room's alias or a room's id."""
    if _USER.fullmatch(address) or _ALIAS.fullmatch(address) or _ROOM.fullmatch(address):
        return None
    if "://" in address:
        return f'"{address}" is a link; write who or which room it leads to, like {_EXAMPLE}'
    if address[:1] not in {"@", "#", "!"}:
        return f'"{address}" is neither a person ("@"), an alias ("#") nor a room ("!"); write it like {_EXAMPLE}'
    return f'"{address}" names no server; write it like {_EXAMPLE}'


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The keys of an account in the config; `help` of each field is what the reference says about it."""

    user: str = field(metadata={"help": "the account that asks, like @robin:matrix.example"})
    homeserver: str = field(
        default="", metadata={"help": "its server's address; https:// and what ends the user, where not given"}
    )
    name: str = field(default="", metadata={"help": "who that is, for reports; the user where not given"})
    access_token: Secret | None = field(
        default=None,
        metadata={"help": "what the server knows a device of its own by; slawatch login gets one where not given"},
    )
    device_id: str = field(default="", metadata={"help": "the device of the token; the server tells where not given"})
    password: Secret | None = field(
        default=None, metadata={"help": "for slawatch login alone, which asks for it where not given"}
    )
    encrypt: bool = field(
        default=False,
        metadata={"help": "the direct rooms that slawatch makes are encrypted; not every company can read"},
    )
    timeout: timedelta = field(default=timedelta(seconds=30), metadata={"help": "how long one call may take"})

    def problems(self) -> list[tuple[str, str]]:
        """Return what is wrong beyond the types of single fields: (field, message) each."""
        return list(self._problems())

    def _problems(self) -> Iterable[tuple[str, str]]:
        if not _USER.fullmatch(self.user):
            yield "user", f'"{self.user}" is nobody on Matrix; write it like "@robin:matrix.example"'
        if self.homeserver and not is_safe(self.homeserver):
            yield "homeserver", f'"{self.homeserver}" would show the token on its way; write an address with https://'
        if any(not letter.isprintable() for letter in self.name):
            yield "name", f"{self.name!r} holds a line break or control character; remove it"
        if self.device_id and self.access_token is None:
            yield "device_id", "it belongs to an access_token; leave it out, slawatch login makes a device of its own"

    @property
    def base_url(self) -> str:
        """Where the server is asked, without a slash at the end."""
        return (self.homeserver or f"https://{server_of(self.user)}").rstrip("/")


def server_of(name: str) -> str:
    """Return the server in the name of a person, an alias or a room: "shop.example" of "@service:shop.example"."""
    return name.partition(":")[2]
