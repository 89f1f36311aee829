"""Keeps an account's session between processes, beside the store, and begins a new one only where that must be.

A server lets an account log in 300 times a day and 30 times in five minutes, so that cron cannot do it each time.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from slawatch.channels.bluesky.errors import Answer, meaning
from slawatch.channels.bluesky.settings import Settings
from slawatch.channels.social.settings import handle_of
from slawatch.clock import Clock
from slawatch.errors import AccountHaltedError, ChannelUnavailableError, ConfigError
from slawatch.mail.oauth import Granted, Registration
from slawatch.mail.tokens import Kept, StoredTokens, place

LOGIN, REFRESH = "com.atproto.server.createSession", "com.atproto.server.refreshSession"

Ask = Callable[[str, Mapping[str, Any] | None, str], Answer]
"""Asks a method with a document and a token; "" is none."""


class Session:
    """The access token of an account. Safe between threads and between processes, where there is a store."""

    def __init__(self, settings: Settings, *, account: str, clock: Clock, store: Path | None, ask: Ask) -> None:
        self._settings = settings
        self._where = f"{account}: {settings.service}"
        self._clock = clock
        self._ask = ask
        self._access = ""
        self._tokens = _Tokens(self._begun, self._renewed, settings, account, clock, store) if store else None

    def access(self, *, refused: str = "") -> str:
        """Return an access token, a new one where the old is about to end or is the one that was `refused`.

        Raises:
            AccountHaltedError: handle and password are not taken.
            ChannelUnavailableError: the server cannot be asked, the password not be had, the file not be written.
        """
        if self._tokens is not None:
            return self._tokens.access(refused=refused)
        if self._access in ("", refused):
            self._access = self._begun().access
        return self._access

    def _renewed(self, refresh: str) -> Granted | None:
        """Return what a refresh token brings; None where it is worth nothing any more."""
        answer = self._ask(REFRESH, None, refresh)
        return None if answer.turns_session_away else self._granted(answer, REFRESH)

    def _begun(self) -> Granted:
        """Log in."""
        try:
            password = self._settings.password.resolve()
        except ConfigError as error:
            raise ChannelUnavailableError(str(error)) from error
        document = {"identifier": handle_of(self._settings.handle), "password": password}
        answer = self._ask(LOGIN, document, "")
        if answer.turns_session_away:
            cure = "check handle, and give an app password made in the account's settings"
            raise AccountHaltedError(f"{self._where}: the handle and the password are not taken; {cure}")
        return self._granted(answer, LOGIN)

    def _granted(self, answer: Answer, method: str) -> Granted:
        if answer.status not in range(200, 300):
            raise meaning(answer, where=self._where, method=method, writes=False, now=self._clock.now())
        access, refresh = (answer.document.get(key) for key in ("accessJwt", "refreshJwt"))
        if not isinstance(access, str) or not isinstance(refresh, str) or not access:
            raise ChannelUnavailableError(f"{self._where}: {method}: it gives no session; check service")
        return Granted(access=access, refresh=refresh, expires_at=ends_at(access))


class _Tokens(StoredTokens):
    """The file of mail/tokens.py with its locks, filled by an app password in place of OAuth."""

    def __init__(
        self,
        begun: Callable[[], Granted],
        renewed: Callable[[str], Granted | None],
        settings: Settings,
        account: str,
        clock: Clock,
        store: Path,
    ) -> None:
        registration = Registration(account=account, client_id="app password", token_url=settings.service)
        super().__init__(
            place(store, account),
            user=handle_of(settings.handle),
            registration=lambda: registration,
            given=lambda: "",
            clock=clock,
        )
        self._begun = begun
        self._renew = renewed

    def _renewed(self, by: Registration, kept: Kept) -> tuple[Granted, str]:  # noqa: ARG002 - as in StoredTokens
        granted = self._renew(kept.refresh) if kept.refresh else None
        return (granted or self._begun()), ""


def ends_at(token: str) -> datetime | None:
    """Return when a JSON Web Token says that it ends (RFC 7519, section 4.1.4), None where it does not say."""
    try:
        claims = token.split(".")[1]
        ends = json.loads(urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["exp"]
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(ends))
    except (ValueError, KeyError, IndexError, TypeError, OverflowError):
        return None
