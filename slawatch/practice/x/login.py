"""Getting tokens: the page where a person agrees, and the exchange of codes and refresh tokens (RFC 6749, RFC 7636)."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote, urlencode

from slawatch.practice.x import problems
from slawatch.practice.x.calls import Asked
from slawatch.practice.x.keys import SCOPES, App, OAuth2
from slawatch.practice.x.problems import Answer
from slawatch.practice.x.world import X

NONSENSE = "Value passed for the token was invalid."


def authorize(x: X, asked: Asked) -> Answer:
    """Agree at once in the name of whoever is logged in at the browser, and lead back to the app."""
    query = asked.query
    app = x.keys.by_client(query.get("client_id", ""))
    back = query.get("redirect_uri", "")
    if app is None or not back or (app.redirects and back not in app.redirects):
        return problems.problem(400, "Something went wrong", "You weren't able to give access to the App.")
    state = query.get("state", "")
    challenge, method = query.get("code_challenge", ""), query.get("code_challenge_method", "plain")
    scopes = query.get("scope", "").split()
    if query.get("response_type") != "code" or not challenge or not state or method not in {"S256", "plain"}:
        return _back(back, {"error": "invalid_request", "state": state})
    if not scopes or set(scopes) - set(SCOPES):
        return _back(back, {"error": "invalid_scope", "state": state})
    if x.browser is None:
        return _back(back, {"error": "access_denied", "state": state})
    code = x.keys.code(app, x.browser, x.now(), scopes=scopes, redirect=back, challenge=challenge, method=method)
    return _back(back, {"state": state, "code": code})


def exchange(x: X, asked: Asked) -> Answer:
    """Return tokens for a code or a refresh token, or an app's own bearer for nothing but its name."""
    form = dict(parse_qsl(asked.body.decode("utf-8", "replace"), keep_blank_values=True))
    app = _client(x, asked.headers, form)
    if app is None:
        return _refused("unauthorized_client", "Missing valid authorization header", 401)
    kind = form.get("grant_type")
    granted = None
    if kind == "refresh_token":
        granted = x.keys.refreshed(app, form.get("refresh_token", ""), x.now())
    elif kind == "authorization_code":
        granted = x.keys.exchanged(
            app, form.get("code", ""), form.get("redirect_uri", ""), form.get("code_verifier", ""), x.now()
        )
    elif kind == "client_credentials" and app.client_secret:
        return _tokens({"token_type": "bearer", "access_token": app.bearer})
    else:
        return _refused("unsupported_grant_type", f'there is no grant "{kind}"')
    return _granted(x, granted) if granted else _refused("invalid_request", NONSENSE)


def revoke(x: X, asked: Asked) -> Answer:
    """Take a token back."""
    form = dict(parse_qsl(asked.body.decode("utf-8", "replace")))
    if _client(x, asked.headers, form) is None:
        return _refused("unauthorized_client", "Missing valid authorization header", 401)
    x.keys.revoke_token(form.get("token", ""))
    return _tokens({"revoked": True})


def _client(x: X, headers: Mapping[str, str], form: Mapping[str, str]) -> App | None:
    """Return which app asks: a confidential one shows its secret in the header, a public one only says its name."""
    scheme, _, value = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            name, _, secret = b64decode(value, validate=True).decode().partition(":")
        except ValueError:
            return None
        name, secret = unquote(name), unquote(secret)
        pairs = {
            pair: one
            for one in x.keys.apps
            for pair in ((one.client_id, one.client_secret), (one.consumer_key, one.consumer_secret))
        }
        return pairs.get((name, secret)) if secret else None
    app = x.keys.by_client(form.get("client_id", ""))
    return app if app is not None and not app.client_secret else None


def _granted(x: X, granted: OAuth2) -> Answer:
    seconds = int((granted.expires_at - x.now()).total_seconds())
    body = {
        "token_type": "bearer",
        "expires_in": seconds,
        "access_token": granted.access,
        "scope": " ".join(granted.scopes),
    }
    return _tokens({**body, "refresh_token": granted.refresh} if granted.refresh else body)


def _tokens(body: Mapping[str, object]) -> Answer:
    return Answer(body=body, headers={"Cache-Control": "no-store"})


def _refused(error: str, why: str, status: int = 400) -> Answer:
    return Answer(status=status, body={"error": error, "error_description": why})


def _back(address: str, query: Mapping[str, str]) -> Answer:
    return Answer(status=302, headers={"Location": f"{address}{'&' if '?' in address else '?'}{urlencode(query)}"})
