"""What an answer that is no success means: which error of ours, and what to do about it. Pure; asks nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from slawatch.errors import (
    AccountHaltedError,
    ChannelError,
    ChannelRefusedError,
    ChannelUnavailableError,
    ChannelUncertainError,
)
from slawatch.mail.wire import one_line

UNAUTHORIZED, FORBIDDEN, NOT_FOUND, TOO_LARGE, TOO_MANY = 401, 403, 404, 413, 429
BAD_REQUEST, SERVER_ERROR = 400, 500
EXPIRED = frozenset({"ExpiredToken", "InvalidToken", "AuthMissing", "AuthenticationRequired", "BadJwt"})
"""Names of errors with which a server turns a session away, be the status 400 or 401."""

CLOSED = {
    "AccountTakedown": "Bluesky has taken the account down; ask its moderators",
    "AccountDeactivated": "the account is deactivated; activate it in its settings",
    "AccountSuspended": "Bluesky has suspended the account; ask its moderators",
    "AuthFactorTokenRequired": "the account wants a code by e-mail; write an app password, which needs none",
}
NOT_SERVED = frozenset({"MethodNotImplemented", "XRPCNotSupported"})
LONGEST_WAIT = timedelta(hours=25)  # the longest limit is a day's; what lies beyond is a clock gone wrong


class SaidNoError(ChannelRefusedError):
    """The server understood and says no; `name` is its own word for why."""

    def __init__(self, message: str, name: str, words: str) -> None:
        self.name = name
        self.words = words
        super().__init__(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back; `headers` have lower-case names, `document` is {} where the body is no JSON object."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    document: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The error's name in the lexicon, "" where it has none."""
        name = self.document.get("error")
        return name if isinstance(name, str) else ""

    @property
    def words(self) -> str:
        """What the server says beside it."""
        message = self.document.get("message")
        return message if isinstance(message, str) else ""

    @property
    def turns_session_away(self) -> bool:
        """Whether another session might be let in with the same question."""
        return self.status == UNAUTHORIZED or (self.status == BAD_REQUEST and self.name in EXPIRED)


def meaning(answer: Answer, *, where: str, method: str, writes: bool, now: datetime) -> ChannelError:
    """Return the error that an answer other than a success is for us. `where` begins the message."""
    said = one_line(": ".join(part for part in (answer.name, answer.words) if part)) or f"HTTP {answer.status}"
    begins = f'{where}: {method}: "{said}"'
    shut = _shut_out(answer)
    if shut:
        return AccountHaltedError(f"{begins}: {shut}")
    if answer.status == TOO_MANY:
        why = "too many questions; they go on when its limit allows"
        return ChannelUnavailableError(f"{begins}: {why}", retry_at=retry_at(answer, now))
    if answer.name in NOT_SERVED or answer.status in (BAD_REQUEST, TOO_LARGE):
        return SaidNoError(f"{begins}: it will not do this; look at what it says", answer.name, answer.words)
    if answer.status >= SERVER_ERROR and writes:
        return ChannelUncertainError(f"{begins}: it may have taken it all the same; look for it")
    return ChannelUnavailableError(f"{begins}; it is tried again later, check service if this stays")


def _shut_out(answer: Answer) -> str:
    """Return what a person has to do where the account itself is not let in, else ""."""
    if answer.name in CLOSED:
        return CLOSED[answer.name]
    if answer.turns_session_away:
        return "it does not let the account in; check handle and password"
    return "the account may not do this; look at it in the app" if answer.status == FORBIDDEN else ""


def retry_at(answer: Answer, now: datetime) -> datetime | None:
    """Return when to ask again, by our clock; the server tells it by its own, which may go wrong."""
    reset, after = (_whole(answer.headers.get(name, "")) for name in ("ratelimit-reset", "retry-after"))
    if after is not None:
        wait = timedelta(seconds=min(after, LONGEST_WAIT.total_seconds()))
    elif reset is not None:
        wait = timedelta(seconds=min(reset, 1 << 40)) - (_date(answer, now) - datetime(1970, 1, 1, tzinfo=UTC))
    else:
        return None
    return now + wait if timedelta(0) <= wait <= LONGEST_WAIT else None


def _date(answer: Answer, now: datetime) -> datetime:
    try:
        said = parsedate_to_datetime(answer.headers.get("date", ""))
    except (TypeError, ValueError):
        return now
    return said.replace(tzinfo=UTC) if said.tzinfo is None else said


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None
