"""Logs in once with the account's password, which makes a device of our own, and keeps what that brings. Shows neither.

Servers allow a handful of logins an hour: nothing else logs in.
"""

from __future__ import annotations

import asyncio
import getpass
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from slawatch.channels.matrix.kept import Login, brought, keep_login
from slawatch.channels.matrix.rooms import text_of
from slawatch.channels.matrix.server import Server
from slawatch.channels.matrix.settings import Settings
from slawatch.clock import Clock
from slawatch.errors import ChannelError, ChannelRefusedError, ChannelUnavailableError, ConfigError

PASSWORD = "m.login.password"  # noqa: S105 - the name of a way to log in
DEVICE_NAME = "slawatch"


async def login(
    settings: Settings, account: str, tell: Callable[[str], None], *, store: Path | None, clock: Clock
) -> str:
    """Log in; return what was done. The device of an earlier login is logged out: one account has one device.

    Raises:
        ConfigError: the account has its token from the config. ChannelUnavailableError: it came to nothing.
    """
    if settings.access_token is not None:
        raise ConfigError([f"account {account}: the config gives its access_token; leave that out to log in"])
    if store is None:
        raise ValueError(f"{account}: logins are kept beside a store, and there is none")
    before = brought(settings, account, store)
    server = _server(settings, account, clock, "")
    try:
        ways = (await server.call("GET", "login", known=False)).get("flows")
        if not any(isinstance(one, dict) and one.get("type") == PASSWORD for one in ways or ()):
            cure = "make a token there by another program, and write access_token"
            raise ChannelUnavailableError(f"{account}: {settings.base_url} takes no passwords; {cure}")
        password = await asyncio.to_thread(_password, settings, account, tell)
        told = await server.call("POST", "login", body=_body(settings, password), known=False)
    except ChannelRefusedError as error:
        raise ChannelUnavailableError(f"{error}; check user and password") from error
    finally:
        await server.close()
    found = Login(token=text_of(told, "access_token"), device=text_of(told, "device_id"))
    if not found.token or not found.device:
        raise ChannelUnavailableError(f"{account}: {settings.base_url} gave no token; check homeserver")
    path = keep_login(settings, account, store, found)
    if before is not None:
        await _log_out(settings, account, clock, before)
    return f"logged in at {settings.base_url} as device {found.device}; the token is kept in {path}"


def _body(settings: Settings, password: str) -> dict[str, object]:
    return {
        "type": PASSWORD,
        "identifier": {"type": "m.id.user", "user": settings.user},
        "password": password,
        "initial_device_display_name": DEVICE_NAME,
    }


async def _log_out(settings: Settings, account: str, clock: Clock, before: Login) -> None:
    """End an earlier login. Where that cannot be, its device stays in the account's list, and does no harm."""
    server = _server(settings, account, clock, before.token)
    try:
        with suppress(ChannelError):
            await server.call("POST", "logout", body={})
    finally:
        await server.close()


def _server(settings: Settings, account: str, clock: Clock, token: str) -> Server:
    return Server(settings.base_url, account=account, clock=clock, timeout=settings.timeout, token=lambda: token)


def _password(settings: Settings, account: str, tell: Callable[[str], None]) -> str:
    """Return the config's password, else what somebody types.

    Raises:
        ConfigError: nobody is there to type it.
    """
    if settings.password is not None:
        return settings.password.resolve()
    if not (sys.stdin and sys.stdin.isatty()):
        cure = "write password_file or password_command, or log in at a terminal"
        raise ConfigError([f"account {account}: nobody can type a password here; {cure}"])
    tell(f"The password of {settings.user} is used once and kept nowhere.")
    return getpass.getpass("Password: ")
