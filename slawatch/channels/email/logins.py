"""What an account's keys mean for a login by OAuth: the addresses of known providers, mistakes, where tokens come from.

Asks nobody; that is slawatch/mail/'s work, done when a server wants a token.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from slawatch.errors import ChannelUnavailableError, ConfigError
from slawatch.secret import Secret, Source

if TYPE_CHECKING:
    from slawatch.channels.email.settings import Settings
    from slawatch.clock import Clock
    from slawatch.mail.oauth import Registration
    from slawatch.mail.wire import Tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Where a well-known provider is asked, and what for. `{tenant}` stands for the organisation's own part.

    `device_url` is "" where its device login gives no access to mail. `hint` is why a login may have ended.
    """

    token_url: str
    authorize_url: str
    scope: str
    device_url: str = ""
    hint: str = ""


_MICROSOFT = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0"
PROVIDERS = {
    "google": Provider(
        token_url="https://oauth2.googleapis.com/token",  # noqa: S106 - an address, no secret
        authorize_url="https://accounts.google.com/o/oauth2/v2/auth",
        scope="https://mail.google.com/",
        hint='while the consent screen of your registration is in "testing", Google ends every login after 7 days',
    ),
    "microsoft": Provider(
        token_url=f"{_MICROSOFT}/token",
        authorize_url=f"{_MICROSOFT}/authorize",
        device_url=f"{_MICROSOFT}/devicecode",
        scope=("https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access"),
        hint="a new password, or an administrator, ends it as well",
    ),
}
TENANT = "common"  # any organisation, and personal mailboxes

OAUTH_KEYS = (
    *("provider", "tenant", "client_id", "client_secret", "refresh_token", "token"),
    *("token_url", "device_url", "authorize_url", "scope"),
)
USED_BY = {
    "password": frozenset[str](),
    "token_command": frozenset({"token"}),
    "oauth2-refresh": frozenset(OAUTH_KEYS) - {"token", "device_url"},
    "oauth2-device": frozenset(OAUTH_KEYS) - {"token", "authorize_url", "refresh_token"},
}
URLS = ("token_url", "device_url", "authorize_url")


def problems(its: Settings) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the keys of a login, (field, message) each; a password's are not looked at here."""
    used = USED_BY[its.auth]
    for key in OAUTH_KEYS:
        if getattr(its, key) and key not in used:
            yield key, f'it is not used with auth = "{its.auth}"; leave it out, or write another auth'
    if its.auth == "password":
        return
    for key in ("smtp_password", "imap_password"):
        if getattr(its, key):
            yield key, f'a password is not used with auth = "{its.auth}"; leave it out'
    if its.auth == "token_command":
        yield from _command_problems(its.token)
    else:
        yield from _registration_problems(its)


def _command_problems(token: Secret | None) -> Iterator[tuple[str, str]]:
    if token is None:
        yield "token", '"token_command" is missing; write token_command = "PROGRAM ARGUMENTS"'
    elif token.source in (Source.WRITTEN, Source.ENVIRONMENT):
        yield "token", "a token ends within the hour; write token_command, or token_file for one that is kept fresh"


def _registration_problems(its: Settings) -> Iterator[tuple[str, str]]:
    if not its.client_id:
        yield "client_id", '"client_id" is missing; register a program with the provider: docs/how-to/oauth.md'
    if its.tenant and its.provider != "microsoft":
        yield "tenant", 'only Microsoft has tenants; leave it out, or write provider = "microsoft"'
    for key in URLS:
        url = getattr(its, key)
        if url and not is_safe(url):
            yield key, f'"{url}" would show secrets on their way; write an address with https://'
    known = addresses(its)
    if not known.token_url:
        yield "token_url", '"token_url" is missing; write it, or provider = "google" or "microsoft"'
    if its.auth == "oauth2-device" and not known.device_url:
        if its.provider == "google":
            yield "auth", 'Google\'s login by code gives no access to mail; write auth = "oauth2-refresh"'
        else:
            yield "device_url", '"device_url" is missing; write it, or auth = "oauth2-refresh"'
    if its.auth == "oauth2-refresh" and not (known.authorize_url or its.refresh_token):
        yield (
            "refresh_token",
            '"refresh_token" is missing; write refresh_token_env, or authorize_url to log in with a browser',
        )


def addresses(its: Settings) -> Provider:
    """Return where this account's provider is asked: what the config says, else what is known of the provider."""
    known = PROVIDERS.get(its.provider or "", Provider(token_url="", authorize_url="", scope=""))
    tenant = its.tenant or TENANT
    return Provider(
        token_url=its.token_url or known.token_url.format(tenant=tenant),
        authorize_url=its.authorize_url or known.authorize_url.format(tenant=tenant),
        device_url=its.device_url or known.device_url.format(tenant=tenant),
        scope=its.scope or known.scope,
        hint=known.hint,
    )


def is_safe(url: str) -> bool:
    """Whether secrets may be sent there: encrypted, or not leaving this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port  # raises for one that is none
    except ValueError:
        return False
    if parts.scheme == "https":
        return bool(host)
    return parts.scheme == "http" and is_this_machine(host)


def is_this_machine(host: str) -> bool:
    """Whether the host cannot be another one: 127.0.0.1.shop.example is somebody's name, not an address."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def resolved(secret: Secret | None) -> str:
    """Return the secret, "" for none. One that cannot be had is a fault of this account, which must not stop others."""
    try:
        return secret.resolve() if secret else ""
    except ConfigError as error:
        raise ChannelUnavailableError(str(error)) from error


def registration(its: Settings, account: str) -> Registration:
    """Return what the provider knows this account by.

    Raises:
        ChannelUnavailableError: the client's secret cannot be had.
    """
    from slawatch.mail.oauth import Registration  # noqa: PLC0415 - on use: every config with an account loads this

    known = addresses(its)
    return Registration(
        account=account,
        client_id=its.client_id,
        client_secret=resolved(its.client_secret),
        token_url=known.token_url,
        device_url=known.device_url,
        authorize_url=known.authorize_url,
        scope=known.scope,
        hint=known.hint,
        ca_file=its.ca_file,
        timeout=its.timeout,
    )


def tokens(its: Settings, account: str, *, store: Path | None, clock: Clock) -> Tokens | None:
    """Return where this account's access tokens come from, None where it logs in with a password.

    They are kept beside the store. Nothing is fetched yet.

    Raises:
        ValueError: they would have to be kept, and there is no store: a refresh token that is renewed would be lost.
    """
    if its.auth == "password":
        return None
    from slawatch.mail.tokens import CommandTokens, StoredTokens, place  # noqa: PLC0415 - on use

    if its.auth == "token_command":
        command = its.token

        def fetch() -> str:
            try:
                return command.fetch() if command else ""
            except ConfigError as error:
                raise ChannelUnavailableError(str(error)) from error

        return CommandTokens(account, fetch)
    if store is None:
        raise ValueError(f"{account}: tokens are kept beside a store, and there is none")
    return StoredTokens(
        place(store, account),
        user=its.user,
        registration=lambda: registration(its, account),
        given=lambda: resolved(its.refresh_token),
        clock=clock,
    )


def login(
    its: Settings,
    account: str,
    kept: Tokens | None,
    tell: Callable[[str], None],
    *,
    clock: Clock,
    port: int,
) -> str:
    """Let a person log in, by a code where the account says so, else by a browser; return what was done.

    Raises:
        ConfigError: this account logs in by other means. ChannelUnavailableError: it came to nothing.
    """
    from slawatch.mail import oauth  # noqa: PLC0415 - on use
    from slawatch.mail.tokens import StoredTokens  # noqa: PLC0415 - on use

    if not isinstance(kept, StoredTokens):
        how = "a password" if its.auth == "password" else "token_command"
        raise ConfigError(
            [f'account {account}: it logs in with {how}, so there is nothing to do; run "slawatch check"']
        )
    by = registration(its, account)
    if its.auth == "oauth2-device":
        kept.keep(oauth.by_device(by, tell, clock=clock))
    elif by.authorize_url:
        kept.keep(oauth.by_browser(by, tell, clock=clock, port=port))
    else:
        cure = "write authorize_url to log in with a browser"
        raise ConfigError([f"account {account}: it has the refresh token of the config, and no other way in; {cure}"])
    return f"logged in; the tokens are kept in {kept.path}"
