"""Logs in once with a code from Telegram, and the account's password where it has one; keeps what that brings.

Shows neither. A login is a device of the account's own, which a phone can end at any time.
"""

from __future__ import annotations

import asyncio
import getpass
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from slawatch.channels.telegram import library
from slawatch.channels.telegram.kept import keep_session
from slawatch.channels.telegram.settings import UNVERIFIED, Settings
from slawatch.clock import Clock
from slawatch.errors import ChannelRefusedError, ChannelUnavailableError


async def login(
    settings: Settings,
    account: str,
    tell: Callable[[str], None],
    *,
    make: Callable[[str], Any],
    store: Path,
    clock: Clock,
) -> str:
    """Log in; return what was done.

    Raises:
        ChannelUnavailableError: it came to nothing.
    """
    client = make("")
    tell(f"the channel telegram is {UNVERIFIED}")
    try:
        with library.told(account, clock):
            await client.connect()
            await _signed_in(client, settings, account, tell)
        path = keep_session(settings, account, store, client.session.save())
    except ChannelRefusedError as error:
        raise ChannelUnavailableError(f"{error}; check api_id, api_hash and phone") from error
    finally:
        with suppress(Exception):
            done = client.disconnect()
            if done is not None:
                await done
    return f"logged in at {settings.server} as {settings.shown}; the login is kept in {path}"


async def _signed_in(client: Any, settings: Settings, account: str, tell: Callable[[str], None]) -> None:
    from telethon import errors  # noqa: PLC0415 - on use

    sent = await client.send_code_request(settings.phone)
    tell(f"Telegram sends a code to the other devices of {settings.shown}, or by text message.")
    try:
        code = await asyncio.to_thread(_asked, "code: ", account)
        try:
            await client.sign_in(settings.phone, code, phone_code_hash=sent.phone_code_hash)
        except errors.SessionPasswordNeededError:
            password = await asyncio.to_thread(_asked, "password (two-step verification): ", account)
            await client.sign_in(password=password)
    except (errors.PhoneCodeInvalidError, errors.PhoneCodeExpiredError, errors.PasswordHashInvalidError) as error:
        raise ChannelUnavailableError(f"{account}: that was not right; run slawatch login {account} again") from error


def _asked(question: str, account: str) -> str:
    """Ask in the terminal, without showing what is typed.

    Raises:
        ChannelUnavailableError: there is no terminal.
    """
    if not sys.stdin.isatty():
        raise ChannelUnavailableError(f"{account}: the code is asked for in a terminal; run slawatch login there")
    try:
        return getpass.getpass(question).strip()
    except EOFError as error:
        raise ChannelUnavailableError(f"{account}: nothing was typed; run slawatch login again") from error
