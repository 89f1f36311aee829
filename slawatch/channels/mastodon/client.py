"""Asks one server through Mastodon.py, and says in the project's own errors what came of it. Knows no posts.

What the server said is taken from its answer itself, as JSON: the library's own values lose what they do not know. This
is the only module that loads the library; it waits for nothing, and follows no redirection.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from threading import Lock
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from mastodon import Mastodon, MastodonError
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from slawatch.channels.mastodon.errors import ForbiddenError, NotThereError
from slawatch.channels.mastodon.settings import Settings
from slawatch.clock import Clock, require_aware
from slawatch.errors import (
    AccountHaltedError,
    ChannelError,
    ChannelRefusedError,
    ChannelUnavailableError,
    ChannelUncertainError,
)
from slawatch.mail.wire import one_line
from slawatch.secret import hide

VERSION = "4.0.0"  # of the server, as the library is told: else it would ask for it before some questions
UNAUTHORIZED, FORBIDDEN, NOT_FOUND, TIMED_OUT, GONE, TOO_MANY = 401, 403, 404, 408, 410, 429
SERVER_ERROR = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the server said. `at` is its own clock, None where it does not tell; `older` is the next page's max_id."""

    content: Any
    at: datetime | None = None
    older: str = ""


@dataclass(slots=True)
class _Heard:
    """What the last question came to: an answer, or the failure to get one."""

    answer: requests.Response | None = None
    failure: Exception | None = None


class _Session(requests.Session):
    """Keeps what came back, and stays with the server: a redirected question would take the token elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.heard = _Heard()

    def request(self, *given: Any, **named: Any) -> requests.Response:
        """Ask as ever, and remember what came of it."""
        self.heard = _Heard()
        try:
            self.heard.answer = super().request(*given, **{**named, "allow_redirects": False})
        except Exception as error:
            self.heard.failure = error
            raise
        return self.heard.answer


@dataclass(slots=True)
class Client:
    """One account at one server. `token` is asked for on first use; "" asks as nobody in particular."""

    settings: Settings
    account: str
    token: Callable[[], str]
    clock: Clock
    _api: Mastodon | None = None
    _session: _Session = field(default_factory=_Session)
    _lock: Lock = field(default_factory=Lock)

    def close(self) -> None:
        """Give back every connection."""
        self._session.close()

    def read(self, question: Callable[[Mastodon], object]) -> Answer:
        """Return what the server answers to a question that changes nothing.

        Raises:
            NotThereError: it says there is no such thing. ChannelUnavailableError: it cannot be asked now.
            AccountHaltedError: it no longer lets this account in.
        """
        with self._lock:
            return self._asked(question, writes=False)

    def write(self, question: Callable[[Mastodon], object]) -> Answer:
        """Return what the server answers to a question that changes something there.

        Raises:
            ChannelUncertainError: it may have done it. ChannelUnavailableError: it surely has not, and may later.
            ChannelRefusedError: it has not and will not. AccountHaltedError: it no longer lets this account in.
        """
        with self._lock:
            # A kept connection may have died meanwhile, and then it would be in doubt whether anything left.
            self._session.close()
            return self._asked(question, writes=True)

    def register(self, name: str, scopes: Sequence[str], back: str) -> Mapping[str, Any]:
        """Return what the server knows a program by that has this name and that it sends browsers back from to `back`.

        Raises:
            ChannelError: as `write`.
        """
        answer = self.write(
            lambda _: Mastodon.create_app(
                name,
                scopes=list(scopes),
                redirect_uris=back,
                api_base_url=self.settings.base_url,
                request_timeout=self.settings.timeout.total_seconds(),
                session=self._session,
                user_agent="slawatch",
            )
        )
        return answer.content if isinstance(answer.content, dict) else {}

    @property
    def where(self) -> str:
        """The account and the server, as messages begin."""
        return f"{self.account}: {urlsplit(self.settings.base_url).netloc}"

    def _asked(self, question: Callable[[Mastodon], object], *, writes: bool) -> Answer:
        api = self._ready()
        self._session.heard = _Heard()
        try:
            question(api)
        except (MastodonError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            # What came of it stands in the session; the library's own values are not used.
            if self._session.heard == _Heard():
                raise  # it was asked wrongly, and asked nobody
        heard = self._session.heard
        if heard.answer is None:
            raise self._not_reached(heard.failure, writes=writes)
        if not heard.answer.ok or heard.answer.is_redirect:
            raise self._refused(heard.answer, writes=writes)
        try:
            content = json.loads(heard.answer.content)
        except (ValueError, RecursionError):
            said = f"{self.where} answered with something else than JSON (HTTP {heard.answer.status_code})"
            if writes:
                raise ChannelUncertainError(f"{said}; it may have taken the post") from None
            raise ChannelUnavailableError(f"{said}; check server") from None
        return Answer(content=content, at=_date(heard.answer), older=_older(heard.answer))

    def _ready(self) -> Mastodon:
        if self._api is None:
            api = Mastodon(
                api_base_url=self.settings.base_url,
                ratelimit_method="throw",
                request_timeout=self.settings.timeout.total_seconds(),
                session=self._session,
                mastodon_version=VERSION,
                user_agent="slawatch",
            )
            # Not by the constructor, which would read a file of that name.
            token = self.token()
            hide(token)
            api.access_token = token or None
            self._api = api
        return self._api

    def _not_reached(self, failure: Exception | None, *, writes: bool) -> ChannelError:
        cause = one_line(failure)
        if writes and not _never_left(failure):
            return ChannelUncertainError(f"{self.where} broke off ({cause}); it may have taken the post")
        return ChannelUnavailableError(f"{self.where} cannot be reached ({cause}); it will be tried again")

    def _refused(self, answer: requests.Response, *, writes: bool) -> ChannelError:
        status, said = answer.status_code, _said(answer)
        what = f"{self.where} refused (HTTP {status}{f': {said}' if said else ''})"
        error: ChannelError
        if status == TOO_MANY:
            error = ChannelUnavailableError(f"{what}; it will be tried again", retry_at=self._retry_at(answer))
        elif status >= SERVER_ERROR or status == TIMED_OUT:
            uncertain = ChannelUncertainError(f"{what}; it may have taken the post")
            error = uncertain if writes else ChannelUnavailableError(f"{what}; it will be tried again")
        elif status in (NOT_FOUND, GONE):
            error = NotThereError(what)
        elif cure := self._cure(answer, said, writes=writes):
            error = AccountHaltedError(f"{what}; {cure}")
        elif status == FORBIDDEN:
            error = ForbiddenError(what)
        else:
            error = ChannelRefusedError(what) if writes else ChannelUnavailableError(what)
        return error

    def _cure(self, answer: requests.Response, said: str, *, writes: bool) -> str:
        """Return what a person must do where the account can do nothing until then, "" where it can."""
        if answer.is_redirect:
            return f'it has moved: write server = "{one_line(answer.headers.get("Location", ""))}"'
        if answer.status_code == UNAUTHORIZED:
            return f"the token is worth nothing there: run slawatch login {self.account}, or write a new access_token"
        if answer.status_code == FORBIDDEN and (not writes or "scope" in said):
            return "see there what is wrong with the account, and whether the token may read and write"
        return ""

    def _retry_at(self, answer: requests.Response) -> datetime | None:
        """Return when it may be asked again, by our clock: the server speaks of its own."""
        now = self.clock.now()
        seconds = answer.headers.get("Retry-After", "")
        if seconds.isascii() and seconds.isdigit():
            return now + timedelta(seconds=int(seconds[:6]))
        until = _moment(answer.headers.get("X-RateLimit-Reset", ""))
        if until is None:
            return None
        return now + max(timedelta(0), until - (_date(answer) or now))


def _never_left(failure: Exception | None) -> bool:
    """Whether no connection was made, so that nothing can have left."""
    never = (ConnectTimeoutError, NewConnectionError, ssl.SSLCertVerificationError, requests.exceptions.InvalidURL)
    return any(isinstance(one, never) for one in _causes(failure))


def _causes(error: object) -> Iterator[object]:
    """Yield an error and all that it says led to it: requests and urllib3 wrap one another's."""
    seen: list[object] = []
    todo = [error]
    while todo:
        one = todo.pop()
        if isinstance(one, BaseException) and one not in seen:
            seen.append(one)
            yield one
            todo += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]


def _said(answer: requests.Response) -> str:
    """Return the server's own words for a refusal, "" where there are none."""
    try:
        told = json.loads(answer.content)
    except (ValueError, RecursionError):
        return ""
    words = told.get("error_description") or told.get("error") if isinstance(told, Mapping) else ""
    return one_line(words) if isinstance(words, str) else ""


def _date(answer: requests.Response) -> datetime | None:
    try:
        return require_aware(parsedate_to_datetime(answer.headers.get("Date", "")))
    except (TypeError, ValueError):
        return None


def _moment(text: str) -> datetime | None:
    """Return a moment that Mastodon writes by ISO 8601, GoToSocial and others in seconds since 1970."""
    try:
        if text.isascii() and text.isdigit():
            return datetime.fromtimestamp(int(text[:12]), UTC)
        return require_aware(datetime.fromisoformat(text))
    except (ValueError, OverflowError, OSError):
        return None


def _older(answer: requests.Response) -> str:
    """Return from where the next page goes on, "" where the server names none."""
    query = parse_qs(urlsplit(answer.links.get("next", {}).get("url", "")).query)
    return query.get("max_id", [""])[0]
