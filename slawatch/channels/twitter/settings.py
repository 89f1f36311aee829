"""What an account on X is: the keys of the config and what is wrong with them.

Loaded with every config, so it must load nothing else that takes time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from slawatch.channels.email.logins import is_safe
from slawatch.channels.social.settings import SocialSettings, handle_problem
from slawatch.secret import Secret

HANDLE = re.compile(r"[a-z0-9_]{1,15}")
LIKE = "@acme"

MICROS = 1_000_000  # in one dollar: what the ledger counts in

OAUTH1_KEYS = ("consumer_key", "consumer_secret", "access_token", "access_secret")
OAUTH2_KEYS = ("client_id", "client_secret", "refresh_token")
PRICES = (
    *("price_post", "price_post_url", "price_reply", "price_dm"),
    *("price_read", "price_owned_read", "price_dm_read", "price_user"),
)


def address_problem(address: str) -> str | None:
    """Return what is wrong with the handle of a target or an account; None where there could be such an account."""
    return handle_problem(address, HANDLE, LIKE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(SocialSettings):
    """The keys of an account in the config; `help` of each field is what the reference says about it.

    The prices are those of X's list of August 2026.
    """

    auth: Literal["oauth1", "oauth2"] = field(
        default="oauth1",
        metadata={"help": "how to log in: with four keys that do not end, or by slawatch login (oauth2)"},
    )
    consumer_key: Secret | None = field(default=None, metadata={"help": "the app's API key, with oauth1"})
    consumer_secret: Secret | None = field(default=None, metadata={"help": "its secret, with oauth1"})
    access_token: Secret | None = field(default=None, metadata={"help": "the account's access token, with oauth1"})
    access_secret: Secret | None = field(default=None, metadata={"help": "its secret, with oauth1"})
    client_id: str = field(default="", metadata={"help": "the app's client ID, with oauth2"})
    client_secret: Secret | None = field(
        default=None, metadata={"help": "its secret, with oauth2, where the app is a confidential client"}
    )
    refresh_token: Secret | None = field(
        default=None, metadata={"help": "the first refresh token, with oauth2; slawatch login gets one where not given"}
    )
    api_base: str = field(default="https://api.x.com", metadata={"help": "where X's API is asked"})
    auth_base: str = field(default="https://x.com", metadata={"help": "where a person logs in, with oauth2"})
    chat: bool = field(
        default=True,
        metadata={
            "help": "the account may get X's encrypted messages, which no program can read: silence on a direct "
            "message then counts as not observed; false where encrypted chat was never set up for it"
        },
    )
    month_max: float = field(
        default=25.0,
        metadata={
            "help": "dollars: posting, direct messages and searching stop before a calendar month (UTC) costs more; "
            "answers to what was asked are read on until it has cost twice as much; 0 for no limit"
        },
    )
    price_post: float = field(default=0.015, metadata={"help": "dollars for a post"})
    price_post_url: float = field(default=0.2, metadata={"help": "dollars for a post with a web address in it"})
    price_reply: float = field(default=0.01, metadata={"help": "dollars for a reply"})
    price_dm: float = field(default=0.015, metadata={"help": "dollars for a direct message"})
    price_read: float = field(default=0.005, metadata={"help": "dollars for each post that a search or a look brings"})
    price_owned_read: float = field(
        default=0.001,
        metadata={
            "help": "dollars for each of the account's own posts and mentions; 0.005 where it does not own the app"
        },
    )
    price_dm_read: float = field(default=0.01, metadata={"help": "dollars for each direct message that is read"})
    price_user: float = field(default=0.01, metadata={"help": "dollars for each account that is looked up"})


def problems(its: Settings) -> Iterator[tuple[str, str]]:
    """Yield what is wrong beyond the types of single fields: (field, message) each."""
    yield from its.shared_problems(HANDLE, LIKE)
    wanted, other = (OAUTH1_KEYS, OAUTH2_KEYS) if its.auth == "oauth1" else (OAUTH2_KEYS, OAUTH1_KEYS)
    for key in other:
        if getattr(its, key):
            yield key, f'it is not used with auth = "{its.auth}"; leave it out, or write another auth'
    required = wanted if its.auth == "oauth1" else ("client_id",)
    for key in required:
        if not getattr(its, key):
            where = "from the app's page in X's developer portal"
            example = f'{key} = "..."' if key == "client_id" else f'{key}_env = "VARIABLE"'
            yield key, f'"{key}" is missing; write {example}, {where}'
    for key in ("api_base", "auth_base"):
        url = getattr(its, key)
        if not is_safe(url):
            yield key, f'"{url}" would show secrets on their way; write an address with https://'
    for key in PRICES:
        if getattr(its, key) < 0:
            yield key, f'"{getattr(its, key):g}" is no price; write dollars, like 0.005'


def micros(price: float) -> int:
    """Return a price in dollars as the ledger counts it."""
    return round(price * MICROS)
