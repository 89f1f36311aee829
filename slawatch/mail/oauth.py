"""Gets access tokens from a provider by OAuth 2.0: for a refresh token, by a code typed elsewhere, by a browser here.

Talks to the provider's own addresses only, never in the clear, and repeats no secret: not in an error, not in a repr.
Where tokens are kept is tokens.py's matter, how they are shown to a mail server bearer.py's.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, Self
from urllib.parse import parse_qs, quote_plus, urlencode, urlsplit

from slawatch.clock import Clock
from slawatch.errors import ChannelUnavailableError
from slawatch.mail.wire import one_line
from slawatch.secret import hide

if TYPE_CHECKING:
    from http.client import HTTPResponse
    from urllib.request import OpenerDirector

ANSWER_MAX = 65_536  # octets of an answer; tokens with all their claims stay below 8 KB
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
DEVICE_INTERVAL = 5  # seconds between two questions where the provider names none; RFC 8628, section 3.2
BROWSER_WAIT = timedelta(minutes=10)  # for a person to find a password and a second factor
VISIT_SECONDS = 5  # browsers open connections that they may never use, and one that is silent would hold up the next
SECRETS = ("refresh_token", "code", "device_code", "code_verifier")  # of a form, never to be repeated
SERVER_ERROR = 500
TOO_MANY = 429

PAGE = """\
<!doctype html><html lang="en"><meta charset="utf-8"><title>slawatch</title>
<p>{words} You can close this window and go back to the terminal.</p></html>
"""


class GrantRefusedError(ChannelUnavailableError):
    """The provider no longer takes this refresh token or code: only a person who logs in anew can help."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What the provider knows us by, and where it is asked. `account` begins every message.

    `ca_file` names authorities to trust beside the system's; `timeout` bounds each question. `hint` is what a person
    should know of this provider when a login has ended. `client_auth` is how the client's secret is shown where there
    is one (RFC 6749, section 2.3.1): X takes it as a header only.
    """

    account: str
    client_id: str
    token_url: str
    scope: str = ""
    device_url: str = ""
    authorize_url: str = ""
    client_secret: str = field(default="", repr=False)
    client_auth: Literal["form", "basic"] = "form"
    ca_file: str = ""
    timeout: timedelta = timedelta(seconds=30)
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """An access token; `refresh` is "" where the provider gave no new one, `expires_at` None where it did not say."""

    access: str = field(repr=False)
    refresh: str = field(default="", repr=False)
    expires_at: datetime | None = None

    def __post_init__(self) -> None:
        """Leave both out of whatever servers say from now on."""
        hide(self.access, self.refresh)


def refreshed(by: Registration, refresh_token: str, *, clock: Clock) -> Granted:
    """Return a new access token for a refresh token (RFC 6749, section 6).

    Raises:
        GrantRefusedError: the refresh token is worth nothing any more.
        ChannelUnavailableError: the provider could not be asked, or answered with something else.
    """
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    return _granted(by, _ask(by, by.token_url, form), form, clock)


def by_device(by: Registration, tell: Callable[[str], None], *, clock: Clock) -> Granted:
    """Let a person log in on any device, by a code that `tell` shows; wait until it is done (RFC 8628).

    Raises:
        ChannelUnavailableError: it was refused, it took too long, or the provider cannot be asked.
    """
    form = {"scope": by.scope} if by.scope else {}
    given = _ask(by, by.device_url, form)
    if "error" in given:
        raise _failure(by, given, form)
    code, shown, where = (_text(given, key) for key in ("device_code", "user_code", "verification_uri"))
    where = where or _text(given, "verification_url")
    if not (code and shown and where):
        raise _nonsense(by, by.device_url, "no code for a person to type", "device_url")
    seconds = _seconds(given, "expires_in") or int(BROWSER_WAIT.total_seconds())
    interval = _seconds(given, "interval") or DEVICE_INTERVAL
    tell(f"open {one_line(where)} and enter the code {one_line(shown)}, within {seconds // 60} min")
    form = {"grant_type": DEVICE_GRANT, "device_code": code}
    until = clock.now() + timedelta(seconds=seconds)
    while clock.now() < until:
        clock.sleep(interval)
        answer = _ask(by, by.token_url, form)
        if answer.get("error") == "slow_down":
            interval += DEVICE_INTERVAL  # RFC 8628, section 3.5
        elif answer.get("error") != "authorization_pending":
            return _granted(by, answer, form, clock)
    raise GrantRefusedError(f"{by.account}: the code was not entered in time; run the login again")


def by_browser(by: Registration, tell: Callable[[str], None], *, clock: Clock, port: int = 0) -> Granted:
    """Let a person log in with a browser on this machine, which is sent back to a port of ours (RFC 8252, RFC 7636).

    `port` 0 takes any free one.

    Raises:
        ChannelUnavailableError: it was refused, it took too long, or the provider cannot be asked.
    """
    verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
    challenge = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    with _Return(state, port, by.account) as back:
        question = {
            "response_type": "code",
            "client_id": by.client_id,
            "redirect_uri": back.address,
            "scope": by.scope,
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            # Google gives a refresh token for these two only; others pass over what they do not know (RFC 6749, 3.1).
            "access_type": "offline",
            "prompt": "consent",
        }
        tell(f"open this address in a browser on this machine, within {BROWSER_WAIT.total_seconds() / 60:g} min:")
        tell(f"{by.authorize_url}{'&' if '?' in by.authorize_url else '?'}{urlencode(question)}")
        came = back.wait(BROWSER_WAIT)
    if came is None:
        raise GrantRefusedError(f"{by.account}: nobody came back from the browser in time; run the login again")
    if "code" not in came:
        raise _failure(by, came, {})
    form = {
        "grant_type": "authorization_code",
        "code": came["code"],
        "redirect_uri": back.address,
        "code_verifier": verifier,
    }
    return _granted(by, _ask(by, by.token_url, form), form, clock)


class _Return:
    """The address on this machine that a browser is sent back to: it takes one visit that names our `state`."""

    def __init__(self, state: str, port: int, account: str) -> None:
        from http.server import BaseHTTPRequestHandler, HTTPServer  # noqa: PLC0415 - on use, by a login alone

        came: list[dict[str, str]] = []

        class Visit(BaseHTTPRequestHandler):
            """One visit. Whoever does not know the state (another page, another program) is sent away."""

            timeout = VISIT_SECONDS

            def do_GET(self) -> None:
                given = {key: values[0] for key, values in parse_qs(urlsplit(self.path).query).items()}
                ours = secrets.compare_digest(given.get("state", "").encode(), state.encode())
                if ours:
                    came.append(given)
                words = "slawatch has what it needs." if ours and "code" in given else "There is nothing to see here."
                body = PAGE.format(words=words).encode()
                self.send_response(200 if ours else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
                """Say nothing: what was asked for holds the code."""

        try:
            self._server = HTTPServer(("127.0.0.1", port), Visit)
        except OSError as error:
            cause = f"port {port} of this machine cannot be used ({error.strerror}); name another with --port"
            raise ChannelUnavailableError(f"{account}: {cause}") from error
        self._came = came
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}/"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.server_close()

    def wait(self, most: timedelta) -> dict[str, str] | None:
        """Return what the browser brought, None where it did not come."""
        until = time.monotonic() + most.total_seconds()
        while not self._came and (left := until - time.monotonic()) > 0:
            self._server.timeout = left
            self._server.handle_request()
        return self._came[0] if self._came else None


def _granted(by: Registration, answer: Mapping[str, Any], form: Mapping[str, str], clock: Clock) -> Granted:
    if "error" in answer:
        raise _failure(by, answer, form)
    access = _text(answer, "access_token")
    # RFC 6750, section 2.1. Anything else could end the SASL field it is put into.
    if not access or not access.isascii() or not access.isprintable() or " " in access:
        raise _nonsense(by, by.token_url, "no access token", "token_url")
    seconds = _seconds(answer, "expires_in")
    return Granted(
        access=access,
        refresh=_text(answer, "refresh_token"),
        expires_at=clock.now() + timedelta(seconds=seconds) if seconds else None,
    )


def _ask(by: Registration, url: str, form: Mapping[str, str]) -> dict[str, Any]:
    """Return the JSON that the provider answers to a form, be it a grant or an error of RFC 6749, section 5.2."""
    from urllib.error import HTTPError  # noqa: PLC0415 - on use: 50 ms, needed about once an hour
    from urllib.request import Request  # noqa: PLC0415 - same

    full = {"client_id": by.client_id, **form}
    headers = {"Accept": "application/json", "User-Agent": "slawatch"}
    if by.client_secret and by.client_auth == "basic":
        shown = f"{quote_plus(by.client_id)}:{quote_plus(by.client_secret)}"
        headers["Authorization"] = f"Basic {b64encode(shown.encode()).decode()}"
    elif by.client_secret:
        full["client_secret"] = by.client_secret
    request = Request(url, data=urlencode(full).encode(), headers=headers, method="POST")  # noqa: S310 - see _opener
    deadline = time.monotonic() + by.timeout.total_seconds()
    try:
        with _opener(by, url).open(request, timeout=by.timeout.total_seconds()) as response:
            status, body = response.status, _read(response, deadline)
    except HTTPError as error:
        with error:
            status, body = error.code, _read(error, deadline)  # type: ignore[arg-type]  # it reads as a response does
    except (OSError, ValueError) as error:
        # URLError hides the cause; an SSL error's own text is enough, and none of them holds the form.
        cause = getattr(error, "reason", error)
        raise ChannelUnavailableError(f"{by.account}: {_host(url)} cannot be asked ({one_line(cause)})") from None
    if status >= SERVER_ERROR or status == TOO_MANY:
        raise ChannelUnavailableError(f"{by.account}: {_host(url)} cannot give tokens just now (HTTP {status})")
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        raise _nonsense(by, url, f"HTTP {status} and no JSON", _key(by, url)) from None
    if not isinstance(answer, dict):
        raise _nonsense(by, url, f"HTTP {status} and no JSON object", _key(by, url))
    return answer


def _opener(by: Registration, url: str) -> OpenerDirector:
    """Return what asks by HTTPS (or HTTP, which settings allow on this machine alone), and follows no redirection.

    A redirected form would take the secrets to another host.
    """
    import ssl  # noqa: PLC0415 - on use
    from urllib.request import HTTPRedirectHandler, HTTPSHandler, build_opener  # noqa: PLC0415 - same

    class Stay(HTTPRedirectHandler):
        def redirect_request(self, *_: object, **__: object) -> None:
            """Go nowhere: the redirection itself is then the answer, and no JSON."""

    if url.startswith("http:"):
        return build_opener(Stay())
    context = ssl.create_default_context()
    if by.ca_file:
        context.load_verify_locations(by.ca_file)
    return build_opener(HTTPSHandler(context=context), Stay())


def _read(response: HTTPResponse, deadline: float) -> bytes:
    """Return the body. A server that drips it would hold up a whole pass, as each octet starts the time-out anew."""
    body = b""
    while piece := response.read1(ANSWER_MAX):
        body += piece
        if len(body) > ANSWER_MAX:
            raise ValueError("its answer is too long")
        if time.monotonic() > deadline:
            raise TimeoutError("its answer took too long")
    return body


def _failure(by: Registration, answer: Mapping[str, Any], form: Mapping[str, str]) -> ChannelUnavailableError:
    """Return the provider's error with its cure."""
    name = one_line(_text(answer, "error") or "error")
    said = one_line(_text(answer, "error_description"))
    for secret in (by.client_secret, *(form.get(key, "") for key in SECRETS)):
        said = said.replace(secret, "…") if secret else said
    what = f"{by.account}: {_host(by.token_url)} refused ({name}{f': {said}' if said else ''})"
    match name:
        case "invalid_grant" | "invalid_request" if name == "invalid_grant" or "refresh_token" in form:
            # X calls a refresh token that has ended an invalid request; nothing else of ours can be invalid there.
            cure = f"the login has ended; run: slawatch login {by.account}{f' ({by.hint})' if by.hint else ''}"
            return GrantRefusedError(f"{what}; {cure}")
        case "invalid_client" | "unauthorized_client":
            return ChannelUnavailableError(f"{what}; check client_id and client_secret, and what it is registered for")
        case "invalid_scope":
            return ChannelUnavailableError(f"{what}; check scope")
        case "access_denied" | "expired_token":
            return GrantRefusedError(f"{what}; run the login again, and consent within the time")
        case _:
            return ChannelUnavailableError(what)


def _nonsense(by: Registration, url: str, what: str, key: str) -> ChannelUnavailableError:
    return ChannelUnavailableError(f"{by.account}: {_host(url)} answered with {what}; check {key}")


def _key(by: Registration, url: str) -> str:
    return "device_url" if url == by.device_url else "token_url"


def _host(url: str) -> str:
    """Return the address without whatever stands behind a "?"."""
    parts = urlsplit(url)
    return f"{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path}"


def _text(answer: Mapping[str, Any], key: str) -> str:
    value = answer.get(key)
    return value if isinstance(value, str) else ""


def _seconds(answer: Mapping[str, Any], key: str) -> int:
    """Return a positive number of seconds, 0 where there is none; some providers write it as text."""
    value = answer.get(key)
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:9])
    return int(value) if isinstance(value, int | float) and 0 < value < 10**9 else 0
