"""What a Bluesky account is: the keys of the config and what is wrong with them.

Loaded with every config, so it must load nothing that takes time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

from slawatch.channels.social.settings import SocialSettings, handle_problem
from slawatch.secret import Secret

LIKE = "@shop.bsky.social"
# A handle is a domain name; atproto.com, specification "Handle".
HANDLE = re.compile(r"(?=.{3,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")


def address_problem(address: str) -> str | None:
    """Return what is wrong with the address of a target; None where it can be somebody's handle."""
    return handle_problem(address, HANDLE, LIKE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(SocialSettings):
    """The keys of an account; `help` of each field is what the reference says about it."""

    password: Secret = field(metadata={"help": "an app password, made in the account's settings; never the account's"})
    service: str = field(
        default="https://bsky.social", metadata={"help": "the server that the account lives on; Bluesky's own"}
    )

    def problems(self) -> list[tuple[str, str]]:
        """Return what is wrong beyond the types of single fields: (field, message) each."""
        return [*self.shared_problems(HANDLE, LIKE), *self._service_problems(), *self._own_problems()]

    def _own_problems(self) -> Iterable[tuple[str, str]]:
        if self.month_max > 0:
            yield "month_max", "nothing costs anything on Bluesky; leave it out"

    def _service_problems(self) -> Iterable[tuple[str, str]]:
        try:
            parts = urlsplit(self.service)
        except ValueError:
            parts = urlsplit("")
        if not parts.hostname or parts.scheme not in ("http", "https") or parts.path.strip("/") or parts.query:
            yield "service", f'"{self.service}" is not the address of a server; write it like "https://bsky.social"'
        elif parts.scheme == "http" and not _is_this_machine(parts.hostname):
            yield "service", f'"{self.service}" would send the password in the clear; write "https://{parts.netloc}"'


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
