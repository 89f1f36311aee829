"""Asks X's API by tweepy, of which all but the names of X's addresses is replaced: one `request` does the talking.

As it comes, tweepy knows no time-outs and no other server, waits for ever where X's clock is ahead, loses a page over
one date without a fraction, and lets other libraries' errors through.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import Any, Protocol

import requests
import tweepy  # type: ignore[import-untyped]  # it has no types of its own
from requests.auth import AuthBase
from requests_oauthlib import OAuth1  # type: ignore[import-untyped]  # same
from urllib3.exceptions import HTTPError, NewConnectionError

from slawatch.channels.twitter import errors
from slawatch.channels.twitter.errors import Answer, Asked, BadRequestError
from slawatch.clock import Clock
from slawatch.errors import AccountHaltedError, ChannelError, ChannelUnavailableError
from slawatch.mail.oauth import GrantRefusedError
from slawatch.mail.wire import Tokens, one_line

POST_FIELDS = "tweet.fields"
"""What the parameter that names a post's fields is called; where X knows that name no more, `RENAMED` is tried."""
RENAMED = {"tweet.fields": "post.fields", "post.fields": "tweet.fields"}
NEW_NAMES = {"referenced_tweets": "referenced_posts", "edit_history_tweet_ids": "edit_history_post_ids"}
"""Of fields that X renames along; posts.py reads them by either name."""

CONNECT = timedelta(seconds=10)  # at most; a server that is there takes a connection at once
BODY_MAX = 8 * 1024 * 1024  # octets; 100 posts with everything beside them stay below 1 MB
PIECE = 65_536
ADAPTED_MAX = 3  # how often a question is asked anew without what X does not know
NOTEWORTHY = timedelta(seconds=2)  # of a clock's offset: a Date is floored, and on its way

_NUMBER = re.compile(r"(?<=[a-z]/)[0-9]+")  # an id in a route, and not the API's version


class Keys(Protocol):
    """How the account shows who it is."""

    def sign(self) -> AuthBase:
        """Return what signs one question. Raises ChannelUnavailableError where that cannot be had."""
        ...

    def learn(self, came: Answer) -> bool:
        """Learn from being told that we are not known; return whether another try may do."""
        ...

    def cure(self) -> str:
        """Return what a person can do where no try does."""
        ...


class SignedKeys:
    """OAuth 1.0a: each question is signed with the time, and refused where ours is minutes off."""

    def __init__(self, keys: tuple[str, str, str, str], *, clock: Clock) -> None:
        self._keys = keys
        self._clock = clock
        self._offset = timedelta(0)

    def sign(self) -> AuthBase:
        """Return a signature for X's time, as far as that is known."""
        consumer_key, consumer_secret, access_token, access_secret = self._keys
        signed: AuthBase = OAuth1(
            consumer_key,
            client_secret=consumer_secret,
            resource_owner_key=access_token,
            resource_owner_secret=access_secret,
            timestamp=str(int((self._clock.now() + self._offset).timestamp())),
            decoding=None,
        )
        return signed

    def learn(self, came: Answer) -> bool:
        """Learn how far X's clock is off ours."""
        if came.date is None:
            return False
        offset = came.date + timedelta(seconds=0.5) - self._clock.now()
        moved = abs(offset - self._offset) > NOTEWORTHY
        self._offset = offset
        return moved

    def cure(self) -> str:
        """Return what to do about keys that X does not know."""
        return "make new keys on the app's page in X's developer portal, then run: slawatch check"


class TokenKeys:
    """OAuth 2.0: a token shows who asks, and is renewed once where X takes it no more."""

    def __init__(self, tokens: Tokens, account: str) -> None:
        self._tokens = tokens
        self._account = account
        self._last = ""
        self._refused = ""

    def sign(self) -> AuthBase:
        """Return what shows a fresh token."""
        try:
            self._last = self._tokens.access(refused=self._refused)
        except GrantRefusedError as error:
            raise AccountHaltedError(str(error)) from error
        return _Bearer(self._last)

    def learn(self, came: Answer) -> bool:  # noqa: ARG002 - whatever it says, the token is the matter
        """Have the next question ask for another token."""
        self._refused = self._last
        return True

    def cure(self) -> str:
        """Return what to do about a login that has ended."""
        return f"run: slawatch login {self._account}"


class _Bearer(AuthBase):
    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class Client(tweepy.Client):  # type: ignore[misc]  # tweepy has no types
    """X's API for one account. Its methods are tweepy's and return an Answer; they raise the errors of errors.py.

    `skew` is how far X's clock is ahead of ours by its last answer, `access_level` what the keys may do, "" where X
    does not say, and `answers` counts what came back.
    """

    def __init__(self, *, account: str, api_base: str, timeout: timedelta, keys: Keys, clock: Clock) -> None:
        # With this return type tweepy hands over whatever `request` returns, untouched.
        super().__init__(return_type=requests.Response, wait_on_rate_limit=False)
        self.user_agent = f"slawatch/{version('slawatch')}"
        self.skew = timedelta(0)
        self.access_level = ""
        self.answers = 0
        self._account = account
        self._api_base = api_base.rstrip("/")
        self._timeout = timeout
        self._keys = keys
        self._clock = clock
        self._failures: dict[str, int] = {}
        self._not_before: dict[str, datetime] = {}
        self._fields = POST_FIELDS
        self._unknown: dict[str, set[str]] = {}

    def close(self) -> None:
        """Give back every connection; safe to call twice."""
        self.session.close()

    def request(
        self,
        method: str,
        route: str,
        params: Mapping[str, Any] | None = None,
        json: Mapping[str, Any] | None = None,
        user_auth: bool = False,  # noqa: ARG002, FBT001, FBT002 - tweepy's; how we log in is the account's matter
    ) -> Answer:
        """Ask once, and once more where X did not know who asks; where it does not know a field, without that one.

        Raises:
            ChannelError: as errors.py says. For GET never ChannelUncertainError.
        """
        family = f"{method} {_NUMBER.sub(':id', route)}"
        now = self._clock.now()
        if (until := self._not_before.get(family, now)) > now:
            cause = "X was asked too often a moment ago; slawatch goes on by itself"
            raise ChannelUnavailableError(f"{self._account}: {cause}", retry_at=until)
        for _ in range(ADAPTED_MAX):
            try:
                return self._known(family, method, route, self._adapted(params), json)
            except BadRequestError as error:
                if method != "GET" or not self._adapt(error, params or {}):
                    raise
        return self._known(family, method, route, self._adapted(params), json)

    def _known(
        self, family: str, method: str, route: str, params: Mapping[str, Any], json: Mapping[str, Any] | None
    ) -> Answer:
        """Ask, and where X does not know who asks, learn from that and ask once more: nothing was done then."""
        came = self._talk(method, route, params, json)
        if _status(came) == errors.UNAUTHORIZED and self._keys.learn(came):
            came = self._talk(method, route, params, json)
        asked = Asked(
            account=self._account,
            writes=method != "GET",
            now=self._clock.now(),
            skew=self.skew,
            failures=self._failures.get(family, 0),
        )
        error = errors.error(came, asked)
        if error is None:
            self._failures.pop(family, None)
            return came
        if _status(came) == errors.UNAUTHORIZED:
            raise AccountHaltedError(f"{error}; {self._keys.cure()}")
        if _status(came) == errors.TOO_MANY and isinstance(error, ChannelUnavailableError) and error.retry_at:
            self._failures[family] = asked.failures + 1
            self._not_before[family] = error.retry_at
        raise error

    def _talk(self, method: str, route: str, params: Mapping[str, Any], json: Mapping[str, Any] | None) -> Answer:
        """Say it, and return what came back, whatever it is."""
        auth = self._keys.sign()
        asked = Asked(account=self._account, writes=method != "GET", now=self._clock.now())
        seconds = self._timeout.total_seconds()
        deadline = time.monotonic() + 2 * seconds
        # A post goes out on a connection of its own: on one that X has hung up meanwhile nobody could tell whether it
        # was still heard.
        session = requests.Session() if asked.writes else self.session
        try:
            response = session.request(
                method,
                self._api_base + route,
                params=params,
                json=json,
                headers={"User-Agent": self.user_agent, "Accept": "application/json"},
                auth=auth,  # always given: else requests would take one from the user's .netrc
                timeout=(min(CONNECT.total_seconds(), seconds), seconds),
                allow_redirects=False,  # our keys are for nobody else
                stream=True,
            )
            with response:
                body = _body(response, deadline)
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            raise self._broken(error, asked) from None
        finally:
            if asked.writes:
                session.close()
        came = errors.answer(response.status_code, response.headers, body)
        self._note(came)
        return came

    def _note(self, came: Answer) -> None:
        self.answers += 1
        self.access_level = came.headers.get("x-access-level", self.access_level)
        if came.date is not None:
            skew = came.date + timedelta(seconds=0.5) - self._clock.now()
            self.skew = skew if abs(skew) > NOTEWORTHY else timedelta(0)

    def _broken(self, error: Exception, asked: Asked) -> ChannelError:
        """Return the error for a connection that broke; one that never stood has taken nothing over."""
        what = f"{self._api_base} {_cause(error)}"
        if _never_stood(error):
            return ChannelUnavailableError(f"{self._account}: {what}; check api_base and the network")
        return errors.unclear(asked, what)

    def _adapted(self, params: Mapping[str, Any] | None) -> dict[str, Any]:
        """Return the parameters by the names, and with the fields alone, that X is known to know."""
        adapted = {}
        for name, value in (params or {}).items():
            unknown = self._unknown.get(name, set())
            if unknown and isinstance(value, str):
                named = (NEW_NAMES.get(one, "") if one in unknown else one for one in value.split(","))
                value = ",".join(one for one in named if one and one not in unknown)  # noqa: PLW2901 - the same less
            adapted[self._fields if name == POST_FIELDS else name] = value
        return {name: value for name, value in adapted.items() if value != ""}

    def _adapt(self, error: BadRequestError, params: Mapping[str, Any]) -> bool:
        """Note what X says it does not know; return whether asking without that is another question."""
        before = self._adapted(params)
        named = error.problem.parameters
        if self._fields in named and f"[{self._fields}]" in error.problem.said:
            self._fields = RENAMED[self._fields]
        for name, values in named.items():
            key = POST_FIELDS if name in RENAMED else name
            if key.endswith((".fields", "expansions")):
                self._unknown.setdefault(key, set()).update(_blamed(values, error.problem.said))
        return self._adapted(params) != before


def _blamed(values: tuple[str, ...], said: str) -> set[str]:
    """Return those of a parameter's values that X names in its complaint: "value [author_id] is not one of ..."."""
    blamed = said.partition(" is not one of ")[0]
    return {one for value in values for one in value.split(",") if f"[{one}]" in blamed}


def _body(response: requests.Response, deadline: float) -> bytes:
    """Return the body. One that drips, or never ends, must not hold up everything else."""
    body = b""
    # Not iter_content: that waits for a whole piece, and starts its time-out anew with every octet.
    while piece := response.raw.read1(PIECE, decode_content=True):
        body += piece
        if len(body) > BODY_MAX:
            raise ValueError(f"answered with more than {BODY_MAX // 1024 // 1024} MB")
        if time.monotonic() > deadline:
            raise TimeoutError("takes too long for its answer")
    return body


def _status(came: Answer) -> int:
    wrong = errors.problem(came)
    return wrong.status if wrong else came.status


def _never_stood(error: BaseException) -> bool:
    """Whether a connection could not even be made, so that nothing can have been said on it."""
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.InvalidURL | requests.exceptions.ProxyError):
        return True
    seen: set[int] = set()
    inner: BaseException | None = error
    while inner is not None and id(inner) not in seen:
        seen.add(id(inner))
        if isinstance(inner, NewConnectionError) or "CERTIFICATE_VERIFY_FAILED" in str(inner):
            return True
        reason = getattr(inner, "reason", None) or next(iter(inner.args), None)
        inner = reason if isinstance(reason, BaseException) else None
    return False


def _cause(error: Exception) -> str:
    """Return what went wrong, without the address, whose query may say more than a log should hold."""
    match error:
        case requests.ConnectTimeout():
            return "did not take a connection in time"
        case requests.Timeout():
            return "gave no answer in time"
        case requests.exceptions.SSLError():
            return "is not to be trusted (TLS)"
        case requests.ConnectionError() if _never_stood(error):
            return "cannot be reached"
        case requests.RequestException() | HTTPError():
            return "broke off the connection"
        case _:
            return one_line(error)
