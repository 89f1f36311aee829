"""Who may ask what: apps, their people's tokens, and the checking of OAuth 1.0a signatures (RFC 5849) and bearers."""

from __future__ import annotations

import hashlib
import hmac
import random
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, quote, unquote

from slawatch.practice.x.people import Person

SCOPES = ("tweet.read", "tweet.write", "users.read", "dm.read", "dm.write", "offline.access")
ALL_RIGHTS = frozenset(SCOPES)
ACCESS_LIFE = timedelta(hours=2)
CODE_LIFE = timedelta(seconds=30)


@dataclass(eq=False, slots=True, kw_only=True)
class App:
    """A client that X knows. `client_secret` "" makes it a public one; reads of `owner`'s own things are cheap.

    `credits` is what it may still spend, in millionths of a dollar; None is without end.
    """

    name: str
    owner: Person | None
    consumer_key: str
    consumer_secret: str = field(repr=False)
    client_id: str
    client_secret: str = field(repr=False)
    bearer: str = field(repr=False)
    redirects: tuple[str, ...] = ()
    credits: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuth1:
    """What a person's account is used with by OAuth 1.0a: all four go into every signature."""

    consumer_key: str
    consumer_secret: str = field(repr=False)
    access_token: str
    access_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuth2:
    """What X grants by OAuth 2: `refresh` is "" without the scope offline.access, and good for one use."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_at: datetime
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who is at the door: an app, and a person where it speaks for one. `scopes` are what it may do."""

    app: App
    person: Person | None
    scopes: frozenset[str]


@dataclass(slots=True, kw_only=True)
class _Token:
    app: App
    person: Person
    secret: str = ""
    scopes: tuple[str, ...] = SCOPES
    expires_at: datetime | None = None
    refresh: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Code:
    app: App
    person: Person
    scopes: tuple[str, ...]
    redirect: str
    challenge: str
    method: str
    expires_at: datetime


class Keys:
    """Gives out tokens and knows them again. `window` is how far the time of a signature may be off."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self.window = timedelta(minutes=5)
        self.access_life = ACCESS_LIFE
        self.apps: list[App] = []
        self._first: dict[str, _Token] = {}  # by OAuth 1.0a access token
        self._access: dict[str, _Token] = {}
        self._refresh: dict[str, _Token] = {}
        self._codes: dict[str, _Code] = {}
        self._nonces: set[tuple[str, str]] = set()

    def app(self, name: str, owner: Person | None, *, public: bool, redirects: Sequence[str]) -> App:
        """Return a new app with keys of its own."""
        made = App(
            name=name,
            owner=owner,
            consumer_key=self._secret(12),
            consumer_secret=self._secret(25),
            client_id=self._secret(17),
            client_secret="" if public else self._secret(25),
            bearer="AAAA" + self._secret(40),
            redirects=tuple(redirects),
        )
        self.apps.append(made)
        return made

    def oauth1(self, app: App, person: Person, scopes: Sequence[str] = SCOPES) -> OAuth1:
        """Return new OAuth 1.0a keys for this person; they never expire."""
        token, secret = f"{person.id}-{self._secret(20)}", self._secret(22)
        self._first[token] = _Token(app=app, person=person, secret=secret, scopes=tuple(scopes))
        return OAuth1(
            consumer_key=app.consumer_key,
            consumer_secret=app.consumer_secret,
            access_token=token,
            access_secret=secret,
        )

    def oauth2(self, app: App, person: Person, now: datetime, scopes: Sequence[str] = SCOPES) -> OAuth2:
        """Return new OAuth 2 tokens for this person."""
        token = _Token(app=app, person=person, scopes=tuple(scopes), expires_at=now + self.access_life)
        access = self._secret(45)
        self._access[access] = token
        if "offline.access" in scopes:
            token.refresh = self._secret(45)
            self._refresh[token.refresh] = token
        return OAuth2(
            access=access, refresh=token.refresh, expires_at=now + self.access_life, scopes=tuple(token.scopes)
        )

    def refreshed(self, app: App, refresh: str, now: datetime) -> OAuth2 | None:
        """Return new tokens for a refresh token, which is worth nothing from then on; None for one not known."""
        token = self._refresh.get(refresh)
        if token is None or token.app is not app:
            return None
        del self._refresh[refresh]
        return self.oauth2(app, token.person, now, token.scopes)

    def revoke(self, person: Person) -> None:
        """Take back everything this person has allowed any app."""
        for kept in (self._first, self._access, self._refresh):
            for name in [name for name, token in kept.items() if token.person is person]:
                del kept[name]

    def revoke_token(self, text: str) -> None:
        """Take back one token, whichever it is; one that is not known is no mistake (RFC 7009)."""
        self._access.pop(text, None)
        self._refresh.pop(text, None)

    def code(
        self,
        app: App,
        person: Person,
        now: datetime,
        *,
        scopes: Sequence[str],
        redirect: str,
        challenge: str,
        method: str,
    ) -> str:
        """Return a code that can be changed into tokens once, soon, and by whoever has the challenge's verifier."""
        made = self._secret(45)
        self._codes[made] = _Code(
            app=app,
            person=person,
            scopes=tuple(scopes),
            redirect=redirect,
            challenge=challenge,
            method=method,
            expires_at=now + CODE_LIFE,
        )
        return made

    def exchanged(self, app: App, code: str, redirect: str, verifier: str, now: datetime) -> OAuth2 | None:
        """Return tokens for a code, None where anything about it is wrong; a code is used up either way."""
        found = self._codes.pop(code, None)
        if found is None or found.app is not app or found.redirect != redirect or found.expires_at < now:
            return None
        if found.challenge != (challenge(verifier) if found.method == "S256" else verifier):
            return None
        return self.oauth2(app, found.person, now, found.scopes)

    def by_client(self, client_id: str) -> App | None:
        """Return the app with this OAuth 2 client id."""
        return next((app for app in self.apps if app.client_id == client_id), None)

    def caller(self, authorization: str, method: str, url: str, form: str, now: datetime) -> Caller | None:
        """Return who shows this Authorization header, None where nobody is let in.

        `url` is the whole address as asked for, `form` the body where it is a form: both go into a signature.
        """
        scheme, _, value = authorization.partition(" ")
        if scheme.lower() == "bearer":
            return self._bearer(value.strip(), now)
        if scheme.lower() == "oauth":
            return self._signed(value, method, url, form, now)
        return None

    def _bearer(self, value: str, now: datetime) -> Caller | None:
        token = self._access.get(value)
        if token is not None:
            if token.expires_at is not None and token.expires_at <= now:
                return None
            return Caller(app=token.app, person=token.person, scopes=frozenset(token.scopes))
        app = next((app for app in self.apps if app.bearer == value), None)
        return Caller(app=app, person=None, scopes=ALL_RIGHTS) if app else None

    def _signed(self, value: str, method: str, url: str, form: str, now: datetime) -> Caller | None:
        given = _header(value)
        token = self._first.get(given.get("oauth_token", ""))
        if token is None or token.app.consumer_key != given.get("oauth_consumer_key"):
            return None
        ways = given.get("oauth_signature_method"), given.get("oauth_version", "1.0")
        expected = signature(method, url, form, given, token.app.consumer_secret, token.secret)
        good = (
            ways == ("HMAC-SHA1", "1.0")
            and self._in_time(given.get("oauth_timestamp", ""), now)
            and hmac.compare_digest(expected, given.get("oauth_signature", ""))
            and self._fresh(given["oauth_token"], given.get("oauth_nonce", ""))
        )
        return Caller(app=token.app, person=token.person, scopes=frozenset(token.scopes)) if good else None

    def _in_time(self, text: str, now: datetime) -> bool:
        """Return whether a signature's time is near enough to X's own."""
        return text.isdecimal() and abs(int(now.timestamp()) - int(text)) <= self.window.total_seconds()

    def _fresh(self, token: str, nonce: str) -> bool:
        """Return whether this nonce was not used before, and keep it."""
        if not nonce or (token, nonce) in self._nonces:
            return False
        self._nonces.add((token, nonce))
        return True

    def _secret(self, octets: int) -> str:
        return self._dice.randbytes(octets).hex()


def challenge(verifier: str) -> str:
    """Return what a PKCE verifier becomes by S256 (RFC 7636, section 4.2)."""
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def signature(
    method: str, url: str, form: str, oauth: Mapping[str, str], consumer_secret: str, access_secret: str
) -> str:
    """Return the HMAC-SHA1 signature of a call (RFC 5849, section 3.4)."""
    base, _, query = url.partition("?")
    pairs = [*parse_qsl(query, keep_blank_values=True), *parse_qsl(form, keep_blank_values=True)]
    pairs += [(name, value) for name, value in oauth.items() if name not in {"oauth_signature", "realm"}]
    words = sorted((_quoted(name), _quoted(value)) for name, value in pairs)
    normal = "&".join(f"{name}={value}" for name, value in words)
    text = "&".join((method.upper(), _quoted(base), _quoted(normal)))
    key = f"{_quoted(consumer_secret)}&{_quoted(access_secret)}"
    return b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha1).digest()).decode()


def _quoted(text: str) -> str:
    return quote(text, safe="-._~")


def _header(value: str) -> dict[str, str]:
    """Return the parameters of an OAuth header."""
    pairs = (part.strip().partition("=") for part in value.split(","))
    return {unquote(name): unquote(text.strip('"')) for name, _, text in pairs}
