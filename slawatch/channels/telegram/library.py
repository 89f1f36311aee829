"""The library: whether it is there, how its client is made, and what its errors mean. Loaded on use only."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from slawatch.channels.telegram.settings import DC, Settings
from slawatch.clock import Clock
from slawatch.errors import (
    AccountHaltedError,
    ChannelError,
    ChannelRefusedError,
    ChannelUnavailableError,
    ChannelUncertainError,
    ConfigError,
)

NEEDS = 'channel "telegram" needs telethon'
INSTALL = 'run: pip install "slawatch[telegram]"'
FLOOD_LONG = timedelta(days=1)  # who is told to wait longer has done more than ask too fast (own estimate)
SUITABLE = "telethon>=1.39,<2"


def missing() -> str:
    """Return what is missing, "" where it is there."""
    try:
        import telethon  # noqa: F401, PLC0415 - tried
    except ImportError as error:
        return " ".join(str(error).split())
    return ""


def require(account: str) -> None:
    """Raise ChannelUnavailableError where the library is missing."""
    lacking = missing()
    if lacking:
        raise ChannelUnavailableError(f"{account}: {NEEDS} ({lacking}); {INSTALL}")


def make_client(settings: Settings, session: str) -> Any:
    """Return a client that is not yet connected; `session` is what a login has brought, "" for nobody.

    It never sleeps through a flood wait of its own accord: how long a pass may take is not its business.

    Raises:
        ChannelUnavailableError: the config's secret or key cannot be had.
    """
    from telethon import TelegramClient  # noqa: PLC0415 - 0.6 s, on use
    from telethon.crypto import rsa  # noqa: PLC0415
    from telethon.sessions import StringSession  # noqa: PLC0415

    logger = logging.getLogger("slawatch.telethon")
    logger.setLevel(logging.CRITICAL)  # it logs what we raise, and what others write
    try:
        api_hash = settings.api_hash.resolve()
    except ConfigError as error:
        raise ChannelUnavailableError(str(error)) from error
    kept = StringSession(session)
    if settings.dc_host and not session:
        kept.set_dc(DC, settings.dc_host, settings.dc_port)
    if settings.public_key is not None:
        try:
            rsa.add_key(settings.public_key.read_text(encoding="ascii"), old=False)
        except (OSError, ValueError) as error:
            cure = "name a file with a public key (PEM, PKCS#1)"
            raise ChannelUnavailableError(f"public_key: {settings.public_key} cannot be read; {cure}") from error
    return TelegramClient(
        kept,
        settings.api_id,
        api_hash,
        timeout=max(int(settings.timeout.total_seconds()), 1),
        request_retries=2,
        connection_retries=1,
        flood_sleep_threshold=0,
        raise_last_call_error=True,
        device_model="slawatch",
        base_logger=logger,
    )


@contextmanager
def told(account: str, clock: Clock, *, sending: bool = False) -> Iterator[None]:
    """Raise what the library raises as one of slawatch's own errors. `sending`: something may have left."""
    try:
        yield
    except ChannelError:
        raise
    except Exception as error:
        known = meaning(error, account, clock, sending=sending)
        if known is None:
            raise
        raise known from error


def meaning(error: Exception, account: str, clock: Clock, *, sending: bool) -> ChannelError | None:
    """Return what an error of the library's means for us, None for one that is none of its own."""
    from telethon import errors  # noqa: PLC0415 - on use

    if isinstance(error, errors.FloodError):
        return _flood(error, account, clock)
    lost = ChannelUncertainError if sending else ChannelUnavailableError
    words = _words(error)
    meanings: tuple[tuple[tuple[type[Exception], ...], type[ChannelError], str], ...] = (
        (
            (errors.TypeNotFoundError,),
            lost,
            f"the server speaks another layer than telethon ({words}); take another version of that ({SUITABLE})",
        ),
        (
            (errors.PeerFloodError,),
            AccountHaltedError,
            "Telegram takes what we send for spam; ask @SpamBot there what it holds against the account, and wait",
        ),
        (
            (errors.ApiIdInvalidError,),
            AccountHaltedError,
            "Telegram does not know api_id and api_hash; copy them from my.telegram.org",
        ),
        (
            (errors.UnauthorizedError, errors.AuthKeyError, errors.PhoneNumberBannedError),
            AccountHaltedError,
            f"Telegram knows this login no more ({words}); try the account on a phone, run slawatch login {account}",
        ),
        (
            (errors.BadRequestError, errors.ForbiddenError, errors.NotFoundError),
            ChannelRefusedError,
            f"Telegram refuses: {words}",
        ),
        (
            (errors.RPCError, errors.SecurityError, OSError, TimeoutError),
            lost,
            f"Telegram did not answer as it should: {words}",
        ),
    )
    found = next((one for one in meanings if isinstance(error, one[0])), None)
    return found[1](f"{account}: {found[2]}") if found else None


def _flood(error: Any, account: str, clock: Clock) -> ChannelError:
    """Return until when we are to wait: nothing left. A long wait a person should know of."""
    wait = timedelta(seconds=max(int(getattr(error, "seconds", 0) or 0), 1))
    at = clock.now() + wait
    if wait > FLOOD_LONG:
        cure = "ask less, and see on a phone what Telegram says to the account"
        return AccountHaltedError(
            f"{account}: Telegram wants us to wait until {at:%Y-%m-%d %H:%M} UTC; {cure}", retry_at=at
        )
    return ChannelUnavailableError(f"{account}: Telegram wants us to wait {wait.total_seconds():.0f} s", retry_at=at)


def _words(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:200].removesuffix(": ")
