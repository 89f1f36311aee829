"""Keeps what a login has brought, beside the store, for its owner's eyes alone. Shows it to nobody.

Mastodon's tokens do not end by themselves, so there is nothing to renew.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path

from slawatch.channels.mastodon.settings import Settings
from slawatch.errors import AccountHaltedError, ChannelUnavailableError, ConfigError
from slawatch.mail.tokens import OWNER_ONLY, place


def token(settings: Settings, account: str, store: Path | None) -> str:
    """Return the account's token: the config's, else what a login has brought.

    Raises:
        ChannelUnavailableError: the config's cannot be had. AccountHaltedError: nobody has logged in.
    """
    if settings.access_token is not None:
        try:
            return settings.access_token.resolve()
        except ConfigError as error:
            raise ChannelUnavailableError(str(error)) from error
    kept = _kept(store and place(store, account), settings)
    if not kept:
        cure = f"run slawatch login {account}, or write access_token"
        raise AccountHaltedError(f"{account}: nobody has logged in at {settings.base_url} yet: {cure}")
    return kept


def keep(settings: Settings, account: str, store: Path, brought: str) -> Path:
    """Keep a token and return where; the old one stays until the new one lies there whole.

    Raises:
        ChannelUnavailableError: it cannot be written.
    """
    path = place(store, account)
    new = path.with_name(f"{path.name}.new")
    document = json.dumps({"made_for": _made_for(settings), "access_token": brought}).encode()
    try:
        new.unlink(missing_ok=True)  # left behind by a process that was killed
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, OWNER_ONLY), "wb") as file:
            file.write(document)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError as error:
        with suppress(OSError):
            new.unlink(missing_ok=True)
        cure = "let slawatch write there"
        raise ChannelUnavailableError(f"{path}: tokens cannot be kept there ({error.strerror}); {cure}") from error
    return path


def _kept(path: Path | None, settings: Settings) -> str:
    """Return the token that was kept for this account at this server, "" where there is none."""
    try:
        told = json.loads(path.read_bytes()) if path else {}
    except (OSError, ValueError):
        return ""
    fits = isinstance(told, dict) and told.get("made_for") == _made_for(settings)
    return str(told.get("access_token", "")) if fits else ""


def _made_for(settings: Settings) -> str:
    return f"{settings.handle.lower()} {settings.base_url}"
