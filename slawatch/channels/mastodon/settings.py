"""What a Mastodon account is: the keys of the config, what is wrong with them, and which server they mean.

Loaded with every config, so it must load nothing else that takes time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from slawatch.channels.email.logins import is_safe
from slawatch.channels.social.settings import SocialSettings
from slawatch.secret import Secret

POST_MAX = 500  # characters of a post unless a server allows more; Mastodon's own default
LENGTHS = (1, 1_000_000)

# Before the second "@" what Mastodon takes as a name (letters, digits, "_", inside also "." and "-"), then a server.
_NAME = r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?"
_LABEL = r"[^\W_](?:[\w-]*[^\W_])?"
_SERVER = rf"(?:{_LABEL}(?:\.{_LABEL})+|localhost)"
_FULL = re.compile(rf"{_NAME}@{_SERVER}")
_ADDRESS = re.compile(rf"@{_NAME}(?:@{_SERVER})?")
_EXAMPLE = '"@service@social.example"'


def address_problem(address: str) -> str | None:
    """Return what is wrong with the address of a target; None where a post could be addressed to it.

    "@service" without a server is somebody on the account's own server.
    """
    if _ADDRESS.fullmatch(address):
        return None
    if "://" in address:
        return f'"{address}" is a page; write the handle that stands on it, like {_EXAMPLE}'
    if not address.startswith("@"):
        return f'"{address}" does not begin with "@"; write it like {_EXAMPLE}'
    return f'"{address}" is not a handle; write it like {_EXAMPLE}'


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(SocialSettings):
    """The keys of an account in the config; `help` of each field is what the reference says about it."""

    handle: str = field(metadata={"help": "the account that asks, with its server, like @robin@social.example"})
    server: str = field(
        default="",
        metadata={"help": "the server's address; https:// and what ends the handle, where not given"},
    )
    access_token: Secret | None = field(
        default=None, metadata={"help": "what the server knows the account by; slawatch login gets one where not given"}
    )
    visibility: Literal["public", "unlisted", "private"] = field(
        default="public", metadata={"help": "who sees what is asked; private is for followers and whom it names"}
    )
    length_max: int = field(
        default=POST_MAX, metadata={"help": "how many characters the server takes in a post", "between": LENGTHS}
    )

    def problems(self) -> list[tuple[str, str]]:
        """Return what is wrong beyond the types of single fields: (field, message) each."""
        return list(self._problems())

    def _problems(self) -> Iterable[tuple[str, str]]:
        yield from self.shared_problems(_FULL, "@robin@social.example")
        if self.server and not is_safe(self.server):
            yield "server", f'"{self.server}" would show the token on its way; write an address with https://'
        if self.month_max:
            yield "month_max", "nothing costs anything on Mastodon; leave it out"

    @property
    def home(self) -> str:
        """The domain of the account's own server, as it stands in handles."""
        return self.handle.rpartition("@")[2].lower()

    @property
    def base_url(self) -> str:
        """Where the server is asked, without a slash at the end."""
        return (self.server or f"https://{self.home}").rstrip("/")
