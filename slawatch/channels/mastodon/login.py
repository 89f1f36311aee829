"""Lets a person log in at the account's server with a browser: registers slawatch there, and keeps the token."""

from __future__ import annotations

import socket
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from slawatch.channels.mastodon import tokens
from slawatch.channels.mastodon.settings import Settings
from slawatch.clock import Clock
from slawatch.errors import ChannelUnavailableError, ConfigError
from slawatch.mail import oauth
from slawatch.mail.oauth import Registration

if TYPE_CHECKING:
    from slawatch.channels.mastodon.client import Client

SCOPES = ("read", "write:statuses")  # what it takes to ask and to see what comes back, and no more
NAME = "slawatch"


def login(
    settings: Settings,
    account: str,
    tell: Callable[[str], None],
    *,
    client: Client,
    store: Path | None,
    clock: Clock,
    port: int,
) -> str:
    """Let a person log in; return what was done. `client` asks the server as nobody.

    Raises:
        ConfigError: the account has its token from the config. ChannelUnavailableError: it came to nothing.
    """
    if settings.access_token is not None:
        raise ConfigError([f"account {account}: the config gives its access_token; leave that out to log in"])
    if store is None:
        raise ValueError(f"{account}: tokens are kept beside a store, and there is none")
    port = port or _free_port()
    back = f"http://127.0.0.1:{port}/"
    by = _registered(settings, account, client, back)
    granted = oauth.by_browser(by, tell, clock=clock, port=port)
    kept = tokens.keep(settings, account, store, granted.access)
    return f"logged in at {settings.base_url}; the token is kept in {kept}"


def _registered(settings: Settings, account: str, client: Client, back: str) -> Registration:
    """Register with the server, which gives every program that asks a name and a secret of its own."""
    told = client.register(NAME, SCOPES, back)
    if not all(isinstance(told.get(key), str) and told[key] for key in ("client_id", "client_secret")):
        raise ChannelUnavailableError(f"{account}: {settings.base_url} registers nobody; check server")
    return Registration(
        account=account,
        client_id=told["client_id"],
        client_secret=told["client_secret"],
        token_url=f"{settings.base_url}/oauth/token",
        authorize_url=f"{settings.base_url}/oauth/authorize",
        scope=" ".join(SCOPES),
        timeout=max(settings.timeout, timedelta(seconds=1)),
    )


def _free_port() -> int:
    """Return a port nobody listens on: the server wants to know where the browser comes back to beforehand."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])
