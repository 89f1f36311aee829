"""How an account on X logs in: with four keys of the config, or by tokens that a person's login in a browser gives."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from slawatch.channels.email.logins import resolved
from slawatch.channels.social.settings import handle_of
from slawatch.channels.twitter.settings import OAUTH1_KEYS, Settings
from slawatch.clock import Clock
from slawatch.errors import ConfigError

if TYPE_CHECKING:
    from slawatch.channels.twitter.client import Keys
    from slawatch.mail.oauth import Registration
    from slawatch.mail.tokens import StoredTokens

SCOPES = "tweet.read tweet.write users.read dm.read dm.write offline.access"
PORT = 8765
"""Where a browser is sent back to unless `--port` says otherwise: X takes only an address that the app names."""


def keys(its: Settings, account: str, *, store: Path | None, clock: Clock) -> Keys:
    """Return how the account shows who it is.

    Raises:
        ChannelUnavailableError: a key of the config cannot be had. ValueError: tokens are to be kept without a store.
    """
    from slawatch.channels.twitter.client import SignedKeys, TokenKeys  # noqa: PLC0415 - on use: it loads X's libraries

    if its.auth == "oauth1":
        one, two, three, four = (resolved(getattr(its, key)) for key in OAUTH1_KEYS)
        return SignedKeys((one, two, three, four), clock=clock)
    return TokenKeys(tokens(its, account, store=store, clock=clock), account)


def registration(its: Settings, account: str) -> Registration:
    """Return what X knows the app by.

    Raises:
        ChannelUnavailableError: the app's secret cannot be had.
    """
    from slawatch.mail.oauth import Registration  # noqa: PLC0415 - on use

    return Registration(
        account=account,
        client_id=its.client_id,
        client_secret=resolved(its.client_secret),
        client_auth="basic",
        token_url=f"{its.api_base.rstrip('/')}/2/oauth2/token",
        authorize_url=f"{its.auth_base.rstrip('/')}/i/oauth2/authorize",
        scope=SCOPES,
        timeout=its.timeout,
        hint="a changed password, or the app's access taken back in X's settings, ends it",
    )


def tokens(its: Settings, account: str, *, store: Path | None, clock: Clock) -> StoredTokens:
    """Return where access tokens come from; they are kept beside the store. Nothing is fetched yet."""
    from slawatch.mail.tokens import StoredTokens, place  # noqa: PLC0415 - on use

    if store is None:
        raise ValueError(f"{account}: tokens are kept beside a store, and there is none")
    return StoredTokens(
        place(store, account),
        user=handle_of(its.handle),
        registration=lambda: registration(its, account),
        given=lambda: resolved(its.refresh_token),
        clock=clock,
    )


def login(
    its: Settings, account: str, tell: Callable[[str], None], *, store: Path | None, clock: Clock, port: int
) -> str:
    """Let a person log in with a browser, as the account that asks; return what was done.

    Raises:
        ConfigError: this account has its keys in the config. ChannelUnavailableError: it came to nothing.
    """
    from slawatch.mail import oauth  # noqa: PLC0415 - on use

    if its.auth != "oauth2":
        cure = 'nothing to do; run "slawatch check", or write auth = "oauth2"'
        raise ConfigError([f"account {account}: it logs in with the keys of the config; {cure}"])
    kept = tokens(its, account, store=store, clock=clock)
    by = registration(its, account)
    port = port or PORT
    tell(f"log in as {its.handle}; the app must name this callback address in X's developer portal:")
    tell(f"http://127.0.0.1:{port}/")
    kept.keep(oauth.by_browser(by, tell, clock=clock, port=port))
    return f"logged in; the tokens are kept in {kept.path}"
