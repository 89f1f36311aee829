"""Who is let in by the practice X: signatures, bearers, their ends, and how tokens are come by."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest

from slawatch.practice.x.keys import App, challenge
from tests.practice.at_x import JSON, Client, Said, Scene, scene

MINUTE = timedelta(minutes=1)
ME = "/2/users/me"
BACK = "http://localhost:8400/back"
VERIFIER = "v" * 43
FULL = "tweet.read tweet.write users.read dm.read dm.write offline.access"


@pytest.fixture
def at() -> Iterator[Scene]:
    with scene() as made:
        yield made


@pytest.mark.parametrize(
    "query",
    ["a+b", "a b", "50%", "a&b=c", 'say "hi"', "Öffnungszeiten", "🎉 now", "(a OR b) c", "from:ann", "~-._*'!"],
)
@pytest.mark.parametrize("quoted", [quote, lambda text: urlencode({"q": text})[2:]], ids=["%20", "plus"])
def test_a_signature_is_known_whatever_stands_in_the_query(at: Scene, query: str, quoted: object) -> None:
    assert callable(quoted)
    path = f"/2/tweets/search/recent?query={quoted(query)}&max_results=10"

    assert at.client.call("GET", path).status != 401


def test_a_signature_holds_for_what_was_signed_and_nothing_else(at: Scene) -> None:
    path = "/2/users/by?usernames=ann"
    for_other_query = at.client.authorized("GET", "/2/users/by?usernames=bob")
    for_other_method = at.client.authorized("POST", path)
    stranger = at.x.oauth1(at.ann)
    mixed = Client(at.server.base_url, at.clock, keys=at.x.oauth1(at.acme))

    assert at.client.send("GET", path, headers=at.client.authorized("GET", path)).status == 200
    assert at.client.send("GET", path, headers=for_other_query).status == 401
    assert at.client.send("GET", path, headers=for_other_method).status == 401
    header = mixed.authorized("GET", path)["Authorization"]
    other = at.x.keys.apps[-1].consumer_key
    assert (
        at.client.send("GET", path, headers={"Authorization": header.replace(other, stranger.consumer_key)}).status
        == 401
    )


def test_a_token_belongs_to_its_app(at: Scene) -> None:
    keys = at.x.oauth1(at.ann)

    assert at.other(keys=keys).get(ME).status == 200
    assert at.other(keys=replace(keys, consumer_key=at.x.app("other").consumer_key)).get(ME).status == 401


def test_a_form_goes_into_the_signature_and_json_does_not(at: Scene) -> None:
    header = at.client.authorized("POST", "/2/tweets")

    said = at.client.send("POST", "/2/tweets", b'{"text": "hello"}', {**JSON, **header})
    form = at.client.form("/2/tweets", {"text": "hello"}, at.client.authorized("POST", "/2/tweets"))

    assert (said.status, form.status) == (201, 401)


@pytest.mark.parametrize("skew", [timedelta(0), timedelta(hours=2)])
def test_a_signature_must_be_of_the_servers_own_time(at: Scene, skew: timedelta) -> None:
    at.x.skew = skew

    def status(off: timedelta) -> int:
        header = at.client.authorized("GET", ME, at=at.x.now() + off)
        return at.client.send("GET", ME, headers=header).status

    assert [status(off * MINUTE) for off in (-5, 0, 5)] == [200, 200, 200]
    assert [status(off * MINUTE + timedelta(seconds=off // abs(off))) for off in (-5, 5)] == [401, 401]


def test_a_refusal_tells_the_servers_time(at: Scene) -> None:
    at.x.skew = timedelta(minutes=-17)

    said = at.client.get(ME)

    assert said.status == 401
    assert said.json == {"title": "Unauthorized", "detail": "Unauthorized", "type": "about:blank", "status": 401}
    assert parsedate_to_datetime(said.headers["Date"]) == at.x.now()


def test_a_nonce_is_good_once(at: Scene) -> None:
    header = at.client.authorized("GET", ME, nonce="n1")

    assert [at.client.send("GET", ME, headers=header).status for _ in range(2)] == [200, 401]
    assert at.client.get(ME).status == 200


def test_revoked_and_suspended_people_are_not_let_in(at: Scene) -> None:
    at.ann.suspended = True
    suspended = at.client.get(ME).status
    at.ann.suspended = False
    before = at.client.get(ME).status

    at.x.keys.revoke(at.ann)

    assert (suspended, before, at.client.get(ME).status) == (401, 200, 401)


def test_a_bearer_ends_after_two_hours(at: Scene) -> None:
    client = at.other(bearer=at.x.oauth2(at.ann, at.x.app()).access)
    begin = client.get(ME)
    at.clock.forward(timedelta(hours=2) - timedelta(seconds=1))
    late = client.get(ME)
    at.clock.forward(timedelta(seconds=1))

    assert begin.data["username"] == "ann"
    assert (late.status, client.get(ME).status) == (200, 401)


def test_a_bearer_opens_what_its_scopes_say(at: Scene) -> None:
    client = at.other(bearer=at.x.oauth2(at.ann, at.x.app(), ["tweet.read", "users.read"]).access)

    assert client.get(at.mentions).status == 200
    assert client.write("hello").status == 403
    assert client.get("/2/dm_events").status == 403


def test_an_app_by_itself_may_search_and_not_speak(at: Scene) -> None:
    client = at.other(bearer=at.x.app().bearer)

    assert client.get("/2/tweets/search/recent", query="hello").status == 200
    deleted = client.call("DELETE", "/2/tweets/12")
    for said in (client.get(ME), client.write("hello"), client.get("/2/dm_events"), deleted):
        assert said.status == 403
        assert said.json["type"].endswith("/unsupported-authentication")


def basic(app: App) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{app.client_id}:{app.client_secret}".encode()).decode()}


def refresh(at: Scene, app: App, token: str) -> Said:
    return at.other().form("/2/oauth2/token", {"grant_type": "refresh_token", "refresh_token": token}, basic(app))


def test_a_refresh_token_is_good_once_and_gives_the_next(at: Scene) -> None:
    app = at.x.app()
    old = at.x.oauth2(at.ann, app)

    new = refresh(at, app, old.refresh).json
    again = refresh(at, app, old.refresh)

    assert again.status == 400
    assert again.json["error"] == "invalid_request"
    assert new["expires_in"] == 7200
    assert at.other(bearer=new["access_token"]).get(ME).data["username"] == "ann"
    assert refresh(at, app, new["refresh_token"]).status == 200


def test_a_refresh_token_is_good_for_its_own_app_only(at: Scene) -> None:
    app, other = at.x.app(), at.x.app("other")
    granted = at.x.oauth2(at.ann, app)

    assert refresh(at, other, granted.refresh).status == 400
    assert refresh(at, app, granted.refresh).status == 200


def test_a_confidential_app_must_show_its_secret_and_a_public_one_has_none(at: Scene) -> None:
    app, public = at.x.app(), at.x.app("public", public=True)
    tokens = {one.client_id: at.x.oauth2(at.ann, one).refresh for one in (app, public)}

    def status(client_id: str, headers: dict[str, str]) -> int:
        form = {"grant_type": "refresh_token", "refresh_token": tokens[client_id], "client_id": client_id}
        return at.other().form("/2/oauth2/token", form, headers).status

    assert status(app.client_id, {}) == 401
    assert (
        status(app.client_id, {"Authorization": "Basic " + b64encode(f"{app.client_id}:guess".encode()).decode()})
        == 401
    )
    assert status(app.client_id, basic(app)) == 200
    assert status(public.client_id, {}) == 200


def agreed(at: Scene, app: App, **other: str) -> dict[str, str]:
    """Go to the page where a person agrees; return what the app is told."""
    query = {
        "response_type": "code",
        "client_id": app.client_id,
        "redirect_uri": BACK,
        "scope": FULL,
        "state": "s1",
        "code_challenge": challenge(VERIFIER),
        "code_challenge_method": "S256",
        **other,
    }
    said = at.other().send("GET", "/i/oauth2/authorize?" + urlencode(query))
    if said.status != 302:
        return {"status": str(said.status)}
    assert said.headers["Location"].startswith(BACK + "?")
    return {name: values[0] for name, values in parse_qs(urlsplit(said.headers["Location"]).query).items()}


def exchanged(at: Scene, app: App, code: str, verifier: str = VERIFIER, back: str = BACK) -> Said:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
    return at.other().form("/2/oauth2/token", form, basic(app))


def test_whoever_is_at_the_browser_agrees_and_the_code_becomes_tokens_once(at: Scene) -> None:
    at.x.browser = at.ann
    app = at.x.app()
    told = agreed(at, app)

    first, second = exchanged(at, app, told["code"]), exchanged(at, app, told["code"])

    assert told["state"] == "s1"
    assert first.json["scope"] == FULL
    assert at.other(bearer=first.json["access_token"]).write("hello").status == 201
    assert refresh(at, app, first.json["refresh_token"]).status == 200
    assert second.status == 400


def test_a_code_needs_its_verifier_its_address_and_haste(at: Scene) -> None:
    at.x.browser = at.ann
    app = at.x.app()

    assert exchanged(at, app, agreed(at, app)["code"], verifier="w" * 43).status == 400
    assert exchanged(at, app, agreed(at, app)["code"], back="http://localhost:1/").status == 400
    late = agreed(at, app)["code"]
    at.clock.forward(timedelta(seconds=31))
    assert exchanged(at, app, late).status == 400
    assert exchanged(at, app, agreed(at, app)["code"]).status == 200


def test_an_app_gets_its_own_bearer_for_its_secret(at: Scene) -> None:
    app, public = at.x.app(), at.x.app("public", public=True)
    form = {"grant_type": "client_credentials"}

    given = at.other().form("/oauth2/token", form, basic(app))
    refused = at.other().form("/oauth2/token", {**form, "client_id": public.client_id})

    assert at.other(bearer=given.json["access_token"]).get("/2/users", ids=at.ann.id).data[0]["username"] == "ann"
    assert refused.status == 400


def test_a_token_can_be_taken_back(at: Scene) -> None:
    app = at.x.app()
    granted = at.x.oauth2(at.ann, app)
    client = at.other(bearer=granted.access)
    before = client.get(ME).status

    nobody = at.other().form("/2/oauth2/revoke", {"token": granted.access}).status
    between = client.get(ME).status
    said = at.other().form("/2/oauth2/revoke", {"token": granted.access}, basic(app))

    assert (before, nobody, between) == (200, 401, 200)
    assert said.json == {"revoked": True}
    assert client.get(ME).status == 401


def test_without_offline_access_there_is_no_refresh_token(at: Scene) -> None:
    at.x.browser = at.ann
    app = at.x.app()

    given = exchanged(at, app, agreed(at, app, scope="tweet.read users.read")["code"]).json

    assert "refresh_token" not in given


def test_the_page_sends_back_why_it_gives_no_code(at: Scene) -> None:
    app = at.x.app(redirects=[BACK])

    assert agreed(at, app) == {"error": "access_denied", "state": "s1"}
    at.x.browser = at.ann
    assert agreed(at, app, scope="everything") == {"error": "invalid_scope", "state": "s1"}
    assert agreed(at, app, code_challenge="")["error"] == "invalid_request"
    assert agreed(at, app, redirect_uri="http://localhost:1/") == {"status": "400"}
    assert "code" in agreed(at, app)
