"""An OAuth provider on its good and bad days: what it grants is kept, what it says is told, and no secret with it."""

from __future__ import annotations

import json
import logging
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from slawatch.errors import ChannelUnavailableError
from slawatch.mail import oauth
from slawatch.mail.oauth import Granted, GrantRefusedError, Registration
from slawatch.mail.tokens import CommandTokens, StoredTokens, place
from slawatch.testing import FakeClock
from tests.servers import authority as authorities
from tests.servers import provider as providers
from tests.servers.local import eventually
from tests.servers.provider import CLIENT, CLIENT_SECRET, Answer, Provider, as_json

USER = "anna@example.org"


@pytest.fixture
def provider() -> Iterator[Provider]:
    with providers.running(USER) as running:
        yield running


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "slawatch.db"


def registration(provider: Provider) -> Registration:
    return Registration(
        account="main",
        client_id=CLIENT,
        client_secret=CLIENT_SECRET,
        token_url=provider.token_url,
        device_url=provider.device_url,
        authorize_url=provider.authorize_url,
        scope="mail",
        timeout=timedelta(seconds=10),
        hint="ask your administrator",
    )


def stored(
    provider: Provider, store: Path, clock: FakeClock, *, given: str = "first", user: str = USER
) -> StoredTokens:
    return StoredTokens(
        place(store, "main"), user=user, registration=lambda: registration(provider), given=lambda: given, clock=clock
    )


# --- renewing ---


def test_a_token_is_asked_for_once_and_renewed_shortly_before_it_ends(
    provider: Provider, store: Path, clock: FakeClock
) -> None:
    issued = iter(["one", "two"])
    provider.issue = lambda _user: next(issued)
    tokens = stored(provider, store, clock)

    assert [tokens.access(), tokens.access()] == ["one", "one"]
    clock.sleep(3600 - 121)
    assert tokens.access() == "one"
    clock.sleep(2)
    assert tokens.access() == "two"


def test_a_token_without_a_known_end_is_good_until_it_is_refused(
    provider: Provider, store: Path, clock: FakeClock
) -> None:
    issued = iter(["one", "two"])
    provider.issue = lambda _user: next(issued)
    provider.expires_in = None
    tokens = stored(provider, store, clock)

    tokens.access()
    clock.sleep(10**7)
    assert tokens.access() == "one"
    assert tokens.access(refused="one") == "two"


def test_a_rotated_refresh_token_is_the_one_that_counts_from_then_on(
    provider: Provider, store: Path, clock: FakeClock
) -> None:
    provider.rotating = True
    for _ in range(3):
        stored(provider, store, clock).access()
        clock.sleep(3600)

    assert [form["refresh_token"] for form in provider.asked] == ["first", "rotated-0", "rotated-1"]


def test_a_provider_that_does_not_rotate_is_asked_with_the_first_token_again(
    provider: Provider, store: Path, clock: FakeClock
) -> None:
    for _ in range(3):
        stored(provider, store, clock).access()
        clock.sleep(3600)

    assert [form["refresh_token"] for form in provider.asked] == ["first"] * 3


def test_a_new_refresh_token_in_the_config_helps_where_the_kept_one_has_ended(
    provider: Provider, store: Path, clock: FakeClock
) -> None:
    stored(provider, store, clock).access()
    provider.alive = {"second"}
    clock.sleep(3600)

    with pytest.raises(GrantRefusedError):
        stored(provider, store, clock).access()
    assert stored(provider, store, clock, given="second").access()


def test_tokens_of_another_mailbox_or_registration_are_not_used(
    provider: Provider, store: Path, clock: FakeClock
) -> None:
    stored(provider, store, clock).access()
    stored(provider, store, clock, user="bert@example.org").access()

    assert len(provider.asked) == 2


def test_several_at_once_use_up_one_refresh_token_together(provider: Provider, store: Path, clock: FakeClock) -> None:
    provider.rotating = True

    with ThreadPoolExecutor(8) as pool:
        got = set(pool.map(lambda _: stored(provider, store, clock).access(), range(24)))

    assert len(got) == 1
    assert len(provider.asked) == 1


def test_what_was_refused_for_one_is_not_renewed_again_for_the_next(
    provider: Provider, store: Path, clock: FakeClock
) -> None:
    issued = iter(["one", "two", "three"])
    provider.issue = lambda _user: next(issued)
    first, second = stored(provider, store, clock), stored(provider, store, clock)
    assert first.access() == second.access() == "one"

    assert first.access(refused="one") == "two"
    assert second.access(refused="one") == "two"


# --- the file ---


def test_only_its_owner_can_read_what_is_kept_and_nothing_lies_around(
    provider: Provider, store: Path, clock: FakeClock
) -> None:
    stored(provider, store, clock).access()
    kept = place(store, "main")

    assert sorted(path.name for path in store.parent.iterdir()) == [kept.name, f"{kept.name}.lock"]
    assert {path.stat().st_mode & 0o777 for path in store.parent.iterdir()} == {0o600}


def test_a_process_that_was_killed_while_writing_leaves_the_old_tokens_whole(
    provider: Provider, store: Path, clock: FakeClock
) -> None:
    tokens = stored(provider, store, clock)
    tokens.access()
    kept = place(store, "main")
    kept.with_name(f"{kept.name}.new").write_text('{"half', encoding="utf-8")

    assert tokens.access()
    clock.sleep(3600)
    assert tokens.access()
    assert not kept.with_name(f"{kept.name}.new").exists()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"made_for": 1}', '{"expires_at": 7}', "\ud800"])
def test_a_broken_file_is_as_good_as_none(provider: Provider, store: Path, clock: FakeClock, text: str) -> None:
    place(store, "main").write_bytes(text.encode("utf-8", "surrogatepass"))

    assert stored(provider, store, clock).access()


def test_a_refresh_token_is_not_used_up_where_the_next_one_could_not_be_kept(
    provider: Provider, store: Path, clock: FakeClock
) -> None:
    kept = place(store, "main")
    kept.with_name(f"{kept.name}.new").mkdir()

    with pytest.raises(ChannelUnavailableError, match="tokens cannot be kept there"):
        stored(provider, store, clock).access()

    assert provider.asked == []


# --- bad days ---


def refusal(answer: Answer, provider: Provider, store: Path, clock: FakeClock) -> str:
    provider.next.append(answer)
    with pytest.raises(ChannelUnavailableError) as error:
        stored(provider, store, clock).access()
    return str(error.value).replace(str(provider.port), "PORT")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            as_json(400, error="invalid_grant", error_description="AADSTS70000: The grant\r\nhas expired."),
            (
                "main: 127.0.0.1:PORT/token refused (invalid_grant: AADSTS70000: The grant has expired.); "
                "the login has ended; run: slawatch login main (ask your administrator)"
            ),
        ),
        (
            as_json(401, error="invalid_client"),
            (
                "main: 127.0.0.1:PORT/token refused (invalid_client); "
                "check client_id and client_secret, and what it is registered for"
            ),
        ),
        (as_json(400, error="invalid_scope"), "main: 127.0.0.1:PORT/token refused (invalid_scope); check scope"),
        (as_json(400, error="odd"), "main: 127.0.0.1:PORT/token refused (odd)"),
        (
            as_json(400, error="invalid_request", error_description="Value passed for the token was invalid."),
            (
                "main: 127.0.0.1:PORT/token refused (invalid_request: Value passed for the token was invalid.); "
                "the login has ended; run: slawatch login main (ask your administrator)"
            ),
        ),
        (as_json(400, error=7), "main: 127.0.0.1:PORT/token refused (error)"),
        (
            (500, "text/html", b"<h1>Oops</h1>"),
            "main: 127.0.0.1:PORT/token cannot give tokens just now (HTTP 500)",
        ),
        ((429, "text/plain", b"slow down"), "main: 127.0.0.1:PORT/token cannot give tokens just now (HTTP 429)"),
        (
            (200, "text/html", b"<html>Log in to our hotel's network</html>"),
            "main: 127.0.0.1:PORT/token answered with HTTP 200 and no JSON; check token_url",
        ),
        (
            (200, "application/json", b"[1]"),
            "main: 127.0.0.1:PORT/token answered with HTTP 200 and no JSON object; check token_url",
        ),
        (
            as_json(200, token_type="Bearer"),
            "main: 127.0.0.1:PORT/token answered with no access token; check token_url",
        ),
        (
            as_json(200, access_token="abc\u0001\u0001user=mallory"),
            "main: 127.0.0.1:PORT/token answered with no access token; check token_url",
        ),
        (
            (302, "text/plain", b"http://127.0.0.1:9/elsewhere"),
            "main: 127.0.0.1:PORT/token answered with HTTP 302 and no JSON; check token_url",
        ),
        (
            (200, "application/json", b'{"access_token": "' + b"x" * 70_000 + b'"}'),
            "main: 127.0.0.1:PORT/token cannot be asked (its answer is too long)",
        ),
    ],
)
def test_whatever_the_provider_answers_is_told_with_its_cure(
    provider: Provider, store: Path, clock: FakeClock, answer: Answer, said: str
) -> None:
    assert refusal(answer, provider, store, clock) == said


def test_a_form_with_secrets_is_never_taken_to_another_address(
    provider: Provider, store: Path, clock: FakeClock
) -> None:
    with providers.running(USER) as other:
        for status in (301, 302, 303, 307, 308):
            refusal((status, "text/plain", other.token_url.encode()), provider, store, clock)

        assert other.asked == []


def test_a_provider_that_is_not_there_is_told(provider: Provider, store: Path, clock: FakeClock) -> None:
    gone = replace(registration(provider), token_url="http://127.0.0.1:9/token")

    with pytest.raises(ChannelUnavailableError, match=r"main: 127\.0\.0\.1:9/token cannot be asked \(.*refused\)"):
        oauth.refreshed(gone, "first", clock=clock)


def test_a_provider_has_to_be_who_it_says(clock: FakeClock, tmp_path: Path) -> None:
    authority = authorities.make(tmp_path)
    with providers.running(USER, authority) as provider:
        with pytest.raises(ChannelUnavailableError, match=r"cannot be asked .*CERTIFICATE_VERIFY_FAILED"):
            oauth.refreshed(registration(provider), "first", clock=clock)
        assert provider.asked == []

        known = replace(registration(provider), ca_file=str(authority.ca))
        assert oauth.refreshed(known, "first", clock=clock).access


def test_a_provider_that_does_not_answer_holds_nobody_up(provider: Provider, clock: FakeClock) -> None:
    released = threading.Event()
    provider.next.append(lambda: (200 if released.wait(30) else 500, "text/plain", b""))
    hurried = replace(registration(provider), timeout=timedelta(seconds=0.2))

    with pytest.raises(ChannelUnavailableError, match="cannot be asked \\(timed out\\)"):
        oauth.refreshed(hurried, "first", clock=clock)
    released.set()


def test_no_secret_is_ever_repeated(
    provider: Provider, store: Path, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    echo = f"bad request: refresh_token=first&client_secret={CLIENT_SECRET}"
    provider.alive = {"first"}
    caplog.set_level(logging.DEBUG)

    said = refusal(as_json(400, error="invalid_request", error_description=echo), provider, store, clock)
    tokens = stored(provider, store, clock)
    access = tokens.access()
    granted = Granted(access=access, refresh="refresh")

    shown = said + repr(granted) + repr(registration(provider)) + repr(tokens) + caplog.text
    assert "bad request" in said
    assert [one for one in ("=first", CLIENT_SECRET, access, "'refresh'") if one in shown] == []


def test_nobody_who_has_not_logged_in_yet_is_let_through(provider: Provider, store: Path, clock: FakeClock) -> None:
    with pytest.raises(GrantRefusedError, match="main: nobody has logged in yet; run: slawatch login main"):
        stored(provider, store, clock, given="").access()


# --- a person logs in ---


def test_a_person_logs_in_by_a_code(provider: Provider, store: Path, clock: FakeClock) -> None:
    told: list[str] = []
    tokens = stored(provider, store, clock, given="")
    provider.patience = 3
    before = clock.now()

    tokens.keep(oauth.by_device(registration(provider), told.append, clock=clock))

    assert told == ["open https://provider.example/device and enter the code ABCD-EFGH, within 15 min"]
    assert clock.now() - before == timedelta(seconds=20)
    assert json.loads(place(store, "main").read_text())["refresh_token"] == "by-device"
    assert tokens.access()


def test_who_is_told_to_slow_down_asks_less_often(provider: Provider, clock: FakeClock) -> None:
    given = provider.answer("/device", {"client_id": CLIENT})
    provider.next.extend([given, as_json(400, error="slow_down"), as_json(400, error="authorization_pending")])
    provider.patience = 0
    before = clock.now()

    oauth.by_device(registration(provider), lambda _words: None, clock=clock)

    assert clock.now() - before == timedelta(seconds=5 + 10 + 10)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (as_json(400, error="access_denied"), "refused (access_denied); run the login again, and consent"),
        (as_json(400, error="expired_token"), "refused (expired_token); run the login again, and consent"),
    ],
)
def test_a_login_by_code_that_fails_is_told(provider: Provider, clock: FakeClock, answer: Answer, said: str) -> None:
    provider.next.extend([provider.answer("/device", {"client_id": CLIENT}), answer])

    with pytest.raises(GrantRefusedError) as error:
        oauth.by_device(registration(provider), lambda _words: None, clock=clock)

    assert said in str(error.value)


def test_a_code_that_nobody_enters_ends_the_login(provider: Provider, clock: FakeClock) -> None:
    provider.patience = 10**6

    with pytest.raises(GrantRefusedError, match="the code was not entered in time; run the login again"):
        oauth.by_device(registration(provider), lambda _words: None, clock=clock)


def test_a_registration_that_may_not_log_in_by_code_is_told(provider: Provider, clock: FakeClock) -> None:
    provider.next.append(as_json(400, error="unauthorized_client"))
    with pytest.raises(ChannelUnavailableError, match="check client_id and client_secret, and what it is registered"):
        oauth.by_device(registration(provider), lambda _words: None, clock=clock)

    provider.next.append(as_json(200, hello="there"))
    with pytest.raises(ChannelUnavailableError, match="answered with no code for a person to type; check device_url"):
        oauth.by_device(registration(provider), lambda _words: None, clock=clock)


def visit(address: str) -> str:
    """Go to an address and wherever it sends us, as a browser does; return the page."""
    with urllib.request.urlopen(address, timeout=10) as page:  # noqa: S310 - of servers on loopback
        return str(page.read().decode())


def browse(told: list[str], clock: FakeClock, provider: Provider) -> Granted:
    """Log in as a person with a browser does: go to the address that is told, and where it sends us."""
    with ThreadPoolExecutor(1) as pool:
        login = pool.submit(lambda: oauth.by_browser(registration(provider), told.append, clock=clock))
        eventually(lambda: len(told) == 2, what="the address to go to")
        assert "slawatch has what it needs" in visit(told[1])
        return login.result(10)


def test_a_person_logs_in_with_a_browser(provider: Provider, store: Path, clock: FakeClock) -> None:
    told: list[str] = []
    tokens = stored(provider, store, clock, given="")

    tokens.keep(browse(told, clock, provider))

    assert told[0] == "open this address in a browser on this machine, within 10 min:"
    asked = provider.asked[0]
    assert (asked["scope"], asked["access_type"], asked["code_challenge_method"]) == ("mail", "offline", "S256")
    assert asked["redirect_uri"].startswith("http://127.0.0.1:")
    assert json.loads(place(store, "main").read_text())["refresh_token"] == "by-browser"
    assert tokens.access()


def test_who_does_not_know_the_state_cannot_slip_in_a_login(
    provider: Provider, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oauth, "BROWSER_WAIT", timedelta(seconds=0.5))
    told: list[str] = []

    def intrude() -> None:
        eventually(lambda: len(told) == 2, what="the address to go to")
        back = urllib.parse.parse_qs(urllib.parse.urlsplit(told[1]).query)["redirect_uri"][0]
        with pytest.raises(urllib.error.HTTPError, match="404"):
            visit(f"{back}?code=mine&state=guessed")

    with ThreadPoolExecutor(1) as pool:
        intruder = pool.submit(intrude)
        with pytest.raises(GrantRefusedError, match="nobody came back from the browser in time"):
            oauth.by_browser(registration(provider), told.append, clock=clock)
        intruder.result(10)

    assert provider.grants() == []


def test_a_login_without_a_refresh_token_is_not_kept(provider: Provider, store: Path, clock: FakeClock) -> None:
    with pytest.raises(ChannelUnavailableError, match=r'the provider gave no refresh token.*"offline_access" in'):
        stored(provider, store, clock).keep(Granted(access="x"))

    assert not place(store, "main").exists()


# --- a command of the user's ---


def test_a_command_is_run_again_only_when_its_token_is_refused() -> None:
    printed = iter(["one", "two\n", "two"])
    tokens = CommandTokens("main", lambda: next(printed))

    assert [tokens.access(), tokens.access(), tokens.access(refused="one"), tokens.access()] == [
        "one",
        "one",
        "two",
        "two",
    ]
    with pytest.raises(ChannelUnavailableError, match="gave once more the token that the server refuses"):
        tokens.access(refused="two")


@pytest.mark.parametrize("printed", ["Bearer abc", "abc\x01\x01user=mallory", "schlüssel"])
def test_a_command_that_prints_something_else_is_told_and_not_quoted(printed: str) -> None:
    with pytest.raises(ChannelUnavailableError) as error:
        CommandTokens("main", lambda: printed).access()

    assert "token_command printed something else than a token" in str(error.value)
    assert printed not in str(error.value)
