"""Keeps access and refresh tokens between processes, in a file that its owner alone can read, and renews them in time.

Two processes never use up one refresh token: whoever renews holds a lock, and looks first whether another one has.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from slawatch.clock import Clock
from slawatch.errors import ChannelUnavailableError
from slawatch.mail import oauth
from slawatch.mail.oauth import Granted, GrantRefusedError, Registration
from slawatch.secret import hide

EARLY = timedelta(minutes=2)
"""How long before its end a token is renewed: a pass that begins with it shall end with it."""

OWNER_ONLY = 0o600
SUFFIX = ".token"


def place(store: Path, account: str) -> Path:
    """Return where an account's tokens are kept: beside the store."""
    return store.with_name(f"{store.stem}.{account}{SUFFIX}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What the file holds. `made_for` tells registrations and mailboxes apart: another one's tokens are of no use."""

    made_for: str = ""
    access: str = field(default="", repr=False)
    refresh: str = field(default="", repr=False)
    expires_at: datetime | None = None

    def is_fresh(self, now: datetime) -> bool:
        """Whether the access token is there and not about to end; one without a known end is taken as good."""
        return bool(self.access) and (self.expires_at is None or now < self.expires_at - EARLY)


class StoredTokens:
    """Tokens that a provider renews. Safe between threads and between processes.

    `registration` is asked for on use only, since it may hold a secret that a password manager gives. `given` returns
    the refresh token of the config, "" where there is none: it is used where the file holds none that works.
    """

    def __init__(
        self,
        path: Path,
        *,
        user: str,
        registration: Callable[[], Registration],
        given: Callable[[], str],
        clock: Clock,
    ) -> None:
        self.path = path
        self._user = user
        self._registration = registration
        self._given = given
        self._clock = clock

    def access(self, *, refused: str = "") -> str:
        """Return an access token, renewed where it is about to end or is the one that was `refused`.

        Raises:
            ChannelUnavailableError: nobody has logged in, the login has ended, the provider cannot be asked, or the
                file cannot be written.
        """
        with _locked(self.path):
            by = self._registration()
            kept = self._read(by)
            if kept.access != refused and kept.is_fresh(self._clock.now()):
                return kept.access
            # Made before the refresh token is used up: the one that comes in its place must not be lost.
            with _replacing(self.path) as write:
                granted, used = self._renewed(by, kept)
                write(_document(self._made_for(by), granted, kept=used))
            return granted.access

    def keep(self, granted: Granted) -> None:
        """Keep what a person's login has brought.

        Raises:
            ChannelUnavailableError: the file cannot be written, or the provider gave nothing to renew it with.
        """
        by = self._registration()
        if not granted.refresh:
            cause = "the provider gave no refresh token, so the login would end within the hour"
            cure = 'ask for offline access ("offline_access" in scope), and consent to it'
            raise ChannelUnavailableError(f"{by.account}: {cause}; {cure}")
        with _locked(self.path), _replacing(self.path) as write:
            write(_document(self._made_for(by), granted, kept=""))

    def _renewed(self, by: Registration, kept: Kept) -> tuple[Granted, str]:
        """Return what was granted and for which refresh token: the one kept, else the one that the config gives."""
        if kept.refresh:
            try:
                return oauth.refreshed(by, kept.refresh, clock=self._clock), kept.refresh
            except GrantRefusedError:
                given = self._given()
                if given in ("", kept.refresh):
                    raise
        else:
            given = self._given()
        if not given:
            raise GrantRefusedError(f"{by.account}: nobody has logged in yet; run: slawatch login {by.account}")
        return oauth.refreshed(by, given, clock=self._clock), given

    def _made_for(self, by: Registration) -> str:
        parts = (by.token_url, by.client_id, by.scope, self._user)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def _read(self, by: Registration) -> Kept:
        """Return what the file holds for this registration; one that cannot be made sense of holds nothing."""
        try:
            told = json.loads(self.path.read_bytes())
            expires_at = told["expires_at"]
            kept = Kept(
                made_for=told["made_for"],
                access=told["access_token"],
                refresh=told["refresh_token"],
                expires_at=datetime.fromisoformat(expires_at) if expires_at else None,
            )
        except FileNotFoundError:
            return Kept()
        except OSError as error:
            raise _unusable(self.path, error) from error
        except (ValueError, KeyError, TypeError):
            return Kept()
        hide(kept.access, kept.refresh)
        return kept if kept.made_for == self._made_for(by) else Kept()


class CommandTokens:
    """Tokens that a command of the user's prints. It is run once, and again only when a server refuses what it gave."""

    def __init__(self, account: str, fetch: Callable[[], str]) -> None:
        self._account = account
        self._fetch = fetch
        self._token = ""
        self._lock = threading.Lock()

    def access(self, *, refused: str = "") -> str:
        """Return a token.

        Raises:
            ChannelUnavailableError: the command fails, or gives the token again that was `refused`.
        """
        with self._lock:
            if self._token in ("", refused):
                token = self._fetch().strip()
                if token == refused:
                    cause = "token_command gave once more the token that the server refuses"
                    raise ChannelUnavailableError(f"{self._account}: {cause}; let it renew the token, or log in anew")
                if not token.isascii() or not token.isprintable() or " " in token:
                    cause = "token_command printed something else than a token (it is not shown here)"
                    raise ChannelUnavailableError(f"{self._account}: {cause}; run it by hand")
                self._token = token
            return self._token


def _document(made_for: str, granted: Granted, *, kept: str) -> bytes:
    """Return the bytes of the file. Some providers give a new refresh token each time, others never do."""
    return json.dumps(
        {
            "made_for": made_for,
            "access_token": granted.access,
            "expires_at": granted.expires_at.isoformat() if granted.expires_at else None,
            "refresh_token": granted.refresh or kept,
        }
    ).encode()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Keep other processes and threads out. A lock of its own, since the file itself is replaced."""
    lock = path.with_name(f"{path.name}.lock")
    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, OWNER_ONLY)
    except OSError as error:
        raise _unusable(lock, error) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _replacing(path: Path) -> Iterator[Callable[[bytes], None]]:
    """Give what writes a new file in the old one's place, whole or not at all, also through a power cut."""
    new = path.with_name(f"{path.name}.new")
    try:
        new.unlink(missing_ok=True)  # left behind by a process that was killed
        file = os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, OWNER_ONLY), "wb")
    except OSError as error:
        raise _unusable(new, error) from error

    def write(document: bytes) -> None:
        try:
            file.write(document)
            file.flush()
            os.fsync(file.fileno())
            new.replace(path)
            folder = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise _unusable(path, error) from error

    try:
        yield write
    finally:
        with suppress(OSError):  # a full disk has been told already
            file.close()
        new.unlink(missing_ok=True)


def _unusable(path: Path, error: OSError) -> ChannelUnavailableError:
    return ChannelUnavailableError(f"{path}: tokens cannot be kept there ({error.strerror}); let slawatch write there")
