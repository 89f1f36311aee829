"""Asks a homeserver over HTTP, once a call, and says in our errors what it says in its own. Keeps nothing.

Nothing is tried again here: who calls knows whether a second try could do harm.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from slawatch.errors import (
    AccountHaltedError,
    ChannelError,
    ChannelRefusedError,
    ChannelUnavailableError,
    ChannelUncertainError,
)
from slawatch.secret import hidden, hide

if TYPE_CHECKING:
    from aiohttp import ClientSession

    from slawatch.clock import Clock

CLIENT = "/_matrix/client/v3"
HALTED = {
    "M_UNKNOWN_TOKEN": "its token is no longer valid",
    "M_MISSING_TOKEN": "its token is no longer valid",
    "M_USER_DEACTIVATED": "the account is deactivated",
    "M_USER_LOCKED": "the account is locked",
    "M_USER_SUSPENDED": "the account is suspended",
}
GOOD, REFUSED, NOT_FOUND, TOO_MANY, FAILED = 300, 400, 404, 429, 500  # HTTP's own: from where what went wrong is whose
ANSWER_MAX = 64 << 20  # octets; a first sync of a busy account is some megabytes
LIST = "list"  # what an answer is called here that is a bare list
SAID_MAX = 200  # characters of a server's own words


class NotThereError(ChannelRefusedError):
    """The server knows no such room, person, line or state."""


class Server:
    """One homeserver, as one account sees it. `token` is fetched at each call: a login may have brought another."""

    def __init__(
        self, base_url: str, *, account: str, clock: Clock, timeout: timedelta, token: Callable[[], str]
    ) -> None:
        self.base_url = base_url
        self.account = account
        self._clock = clock
        self._seconds = max(timeout.total_seconds(), 1.0)
        self._token = token
        self._pooled: ClientSession | None = None

    async def get(self, *path: str, query: Mapping[str, str] | None = None, seconds: float = 0) -> dict[str, Any]:
        """Ask for something."""
        return await self.call("GET", *path, query=query, seconds=seconds)

    async def call(
        self,
        method: str,
        *path: str,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        sending: bool = False,
        known: bool = True,
        seconds: float = 0,
    ) -> dict[str, Any]:
        """Return what the server answers; `path` is quoted piece by piece below the API of clients.

        With `sending` a call that may have arrived is uncertain, and it is surely made once. Without `known` the server
        is asked as nobody.

        Raises:
            NotThereError, ChannelRefusedError, ChannelUnavailableError, ChannelUncertainError, AccountHaltedError.
        """
        import aiohttp  # noqa: PLC0415 - on use: it takes longer to load than most commands run
        from yarl import URL  # noqa: PLC0415 - comes with the one above

        # Taken as it is: the library would write some signs in another way, and the server then knows no such name.
        url = URL(f"{self.base_url}{CLIENT}/" + "/".join(quote(one, safe="") for one in path), encoded=True)
        token = self._token() if known else ""
        hide(token)
        headers = {"Authorization": f"Bearer {token}"} if known else {}
        session = self._made(once=True) if sending else self._session()
        try:
            async with session.request(
                method,
                url.update_query(query or {}),
                data=None if body is None else json.dumps(body).encode(),
                headers={**headers, "Content-Type": "application/json"},
                timeout=aiohttp.ClientTimeout(total=seconds or self._seconds),
                allow_redirects=False,  # a token is for the server that it was given by
            ) as answer:
                return self._read(answer.status, dict(answer.headers), await _whole(answer.content), sending=sending)
        except aiohttp.ClientConnectorError as error:
            raise self._away(error) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            if sending:
                what = "the connection broke before it said whether it has it"
                raise ChannelUncertainError(f"{self.account}: {self.base_url}: {what}") from error
            raise self._away(error) from error
        finally:
            if sending:
                await session.close()

    async def versions(self) -> tuple[str, ...]:
        """Return which versions of the protocol the server speaks; it tells everybody."""
        import aiohttp  # noqa: PLC0415 - as above

        url = f"{self.base_url}/_matrix/client/versions"
        try:
            async with self._session().get(url, timeout=aiohttp.ClientTimeout(total=self._seconds)) as answer:
                told = self._read(answer.status, dict(answer.headers), await _whole(answer.content), sending=False)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise self._away(error) from error
        versions = told.get("versions")
        return tuple(str(one) for one in versions) if isinstance(versions, list) else ()

    async def close(self) -> None:
        """Give back every connection; safe to call twice."""
        pooled, self._pooled = self._pooled, None
        if pooled is not None:
            await pooled.close()

    def _session(self) -> ClientSession:
        if self._pooled is None:
            self._pooled = self._made(once=False)
        return self._pooled

    def _made(self, *, once: bool) -> ClientSession:
        from slawatch.channels.matrix.once import session  # noqa: PLC0415 - as above

        return session(once=once)

    def _away(self, error: Exception) -> ChannelUnavailableError:
        why = " ".join(hidden(str(error)).split()) or type(error).__name__
        return ChannelUnavailableError(f"{self.account}: {self.base_url} does not answer: {why[:SAID_MAX]}")

    def _read(self, status: int, headers: Mapping[str, str], said: bytes, *, sending: bool) -> dict[str, Any]:
        try:
            told = json.loads(said)
        except (ValueError, RecursionError):
            told = None
        if status < GOOD and isinstance(told, dict):
            return told
        if status < GOOD and isinstance(told, list):
            return {LIST: told}
        raise self._error(status, headers, told if isinstance(told, dict) else {}, sending=sending)

    def _error(
        self, status: int, headers: Mapping[str, str], told: Mapping[str, Any], *, sending: bool
    ) -> ChannelError:
        """Return what an answer that is none comes to. Only Matrix's own words refuse for good: proxies have theirs."""
        code = told.get("errcode")
        code = code if isinstance(code, str) and code != "M_UNRECOGNIZED" else ""
        words = " ".join(hidden(f"{status} {code} {told.get('error') or ''}").split())[:SAID_MAX]
        here = f"{self.account}: {self.base_url}"
        if code in HALTED:
            cure = f"run slawatch login {self.account}, or write another access_token"
            return AccountHaltedError(f"{here}: {HALTED[code]}; {cure}")
        if status == TOO_MANY or code == "M_LIMIT_EXCEEDED":
            wait = _wait(headers, told)
            retry_at = None if wait is None else self._clock.now() + wait
            return ChannelUnavailableError(f"{here} wants no more calls for now: {words}", retry_at=retry_at)
        if code and status < FAILED:
            return (NotThereError if status == NOT_FOUND else ChannelRefusedError)(f"{here} refused: {words}")
        if sending and not REFUSED <= status < FAILED:
            return ChannelUncertainError(f"{here} answered {words} and did not say whether it has it")
        why = "failed" if code else "is not Matrix there, or is away; check homeserver"
        return ChannelUnavailableError(f"{here} {why}: {words}")


def _wait(headers: Mapping[str, str], told: Mapping[str, Any]) -> timedelta | None:
    """Return how long the server wants us to wait, None where it does not say; no longer than a day is believed."""
    milliseconds = told.get("retry_after_ms")
    if isinstance(milliseconds, int) and not isinstance(milliseconds, bool) and milliseconds >= 0:
        return min(timedelta(days=1), timedelta(milliseconds=min(milliseconds, 10**9)))
    seconds = headers.get("Retry-After", "")
    return timedelta(seconds=min(int(seconds), 86_400)) if seconds.isdecimal() and len(seconds) < 10 else None  # noqa: PLR2004 - years


async def _whole(content: Any) -> bytes:
    """Return an answer whole; one without end is cut."""
    pieces, size = [], 0
    async for piece in content.iter_chunked(1 << 16):
        pieces.append(piece)
        size += len(piece)
        if size > ANSWER_MAX:
            break
    return b"".join(pieces)
