"""Asks the server that an account lives on, through the library atproto: one question, one answer, as plain JSON.

The only module that knows the library. Its models are left alone: they refuse a whole page for one strange post in it.
Nothing is asked twice, but for a question that was turned away because the session had ended.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from slawatch.channels.bluesky.errors import Answer, meaning
from slawatch.channels.bluesky.session import Session
from slawatch.channels.bluesky.settings import Settings
from slawatch.clock import Clock
from slawatch.errors import AccountHaltedError, ChannelError, ChannelUnavailableError, ChannelUncertainError
from slawatch.mail.wire import one_line

if TYPE_CHECKING:
    from atproto_client.request import Request, Response  # type: ignore[import-untyped]  # it ships no types


class Client:
    """One account's connection. Opened on first use; `close` may be called twice."""

    def __init__(self, settings: Settings, *, account: str, clock: Clock, store: Path | None) -> None:
        self._settings = settings
        self._account = account
        self._clock = clock
        self._opened: Request | None = None
        self._session = Session(settings, account=account, clock=clock, store=store, ask=self._ask_bare)

    @property
    def where(self) -> str:
        """How a message about this account begins."""
        return f"{self._account}: {urlsplit(self._settings.service).netloc}"

    def close(self) -> None:
        """Give back the connections."""
        opened, self._opened = self._opened, None
        if opened is not None:
            opened.close()

    def ask(self, method: str, **parameters: str | int | list[str]) -> dict[str, Any]:
        """Return what the server answers to a question that changes nothing; a parameter of "" is left out.

        Raises:
            SaidNoError: it understood, and says no. ChannelUnavailableError: later, perhaps.
            AccountHaltedError: it does not let us in.
        """
        return self._with_session(method, parameters, None)

    def do(self, method: str, document: Mapping[str, Any]) -> dict[str, Any]:
        """Let the server do something, once.

        Raises:
            ChannelUncertainError: it may have been done. The others as `ask`: then nothing was.
        """
        return self._with_session(method, None, document)

    def _with_session(
        self, method: str, parameters: Mapping[str, Any] | None, document: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        token = self._session.access()
        answer = self._call(method, parameters, document, token)
        if answer.turns_session_away:
            # Turned away before anything was done, so asking with a new session asks nothing twice.
            answer = self._call(method, parameters, document, self._session.access(refused=token))
        return self._document(answer, method, writes=document is not None)

    def _ask_bare(self, method: str, document: Mapping[str, Any] | None, token: str) -> Answer:
        """Return what the server answers where sessions are made; what that means, session.py knows."""
        try:
            return self._call(method, None, document or {}, token)
        except ChannelUncertainError as error:
            # A session more or less harms nobody.
            raise ChannelUnavailableError(str(error)) from error

    def _document(self, answer: Answer, method: str, *, writes: bool) -> dict[str, Any]:
        if answer.status in range(200, 300):
            return dict(answer.document)
        raise meaning(answer, where=self.where, method=method, writes=writes, now=self._clock.now())

    def _call(
        self, method: str, parameters: Mapping[str, Any] | None, document: Mapping[str, Any] | None, token: str
    ) -> Answer:
        """Ask once. Raises only where no answer came, or one that is none."""
        request = self._request()
        # On use, as the library itself; it ships no types.
        from atproto_client.exceptions import RequestErrorBase  # type: ignore[import-untyped]  # noqa: PLC0415
        from httpx import HTTPError  # noqa: PLC0415 - same

        url = f"{self._settings.service.rstrip('/')}/xrpc/{method}"
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        writes = document is not None
        try:
            if document is None:
                response = request.get(
                    url,
                    params={name: value for name, value in (parameters or {}).items() if value != ""},
                    headers=headers,
                )
            elif document:
                body = json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")
                response = request.post(url, content=body, headers={**headers, "Content-Type": "application/json"})
            else:
                response = request.post(url, headers=headers)
        except RequestErrorBase as error:
            if error.response is None:
                raise self._not_reached(error.__cause__ or error, method, writes=writes) from error
            return _failure(error.response)
        except HTTPError as error:
            raise self._not_reached(error, method, writes=writes) from error
        except ValueError as error:
            raise self._nonsense(method, writes=writes) from error
        if not isinstance(response.content, dict):
            raise self._nonsense(method, writes=writes)
        return Answer(status=response.status_code, headers=response.headers, document=response.content)

    def _not_reached(self, error: BaseException, method: str, *, writes: bool) -> ChannelError:
        """Return what it means that no answer came: nothing left where not even a connection was made."""
        from httpx import (  # noqa: PLC0415 - comes with the library, on use
            ConnectError,
            ConnectTimeout,
            PoolTimeout,
            TooManyRedirects,
            UnsupportedProtocol,
        )

        nothing_left = (ConnectError, ConnectTimeout, PoolTimeout, TooManyRedirects, UnsupportedProtocol)
        what = f"{self.where}: {method}: {one_line(error) or type(error).__name__}"
        if writes and not isinstance(error, nothing_left):
            return ChannelUncertainError(f"{what}: no answer came; it may have been taken, look for it")
        return ChannelUnavailableError(f"{what}: it is tried again later; check service if this stays")

    def _nonsense(self, method: str, *, writes: bool) -> ChannelError:
        """Return what a success means that says nothing: a proxy's page, or half an answer."""
        what = f"{self.where}: {method}: the answer is no JSON object"
        if writes:
            return ChannelUncertainError(f"{what}; it may have been taken, look for it")
        return ChannelUnavailableError(f"{what}; it is tried again later, check service if this stays")

    def _request(self) -> Request:
        if self._opened is None:
            try:
                from atproto_client.request import Request  # noqa: PLC0415 - takes two seconds, so on use
            except ImportError as error:
                needs = f'channel "bluesky" needs atproto ({one_line(error)}); install slawatch[bluesky]'
                raise AccountHaltedError(f"{self._account}: {needs}") from error
            # No redirection is followed: it would take the password, or a post, to somebody else.
            self._opened = Request(timeout=self._settings.timeout.total_seconds(), max_redirects=0)
        return self._opened


def _failure(response: Response) -> Answer:
    """Return an answer with a status of failure, whose body the library has made one thing or another of."""
    content = response.content
    if isinstance(content, bytes) or content is None:
        document: dict[str, Any] = {}
    elif isinstance(content, dict):
        document = content
    else:
        document = {"error": content.error, "message": content.message}
    return Answer(status=response.status_code, headers=response.headers, document=document)
