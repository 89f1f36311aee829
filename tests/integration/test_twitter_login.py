"""Showing X who asks: signatures and a clock that is off, tokens that are good once, and a person's login."""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from slawatch.channels.base import Logins
from slawatch.channels.social.platform import Draft, Feed
from slawatch.channels.twitter import login
from slawatch.channels.twitter.channel import TwitterChannel
from slawatch.channels.twitter.login import PORT, SCOPES
from slawatch.channels.twitter.platform import TwitterPlatform
from slawatch.channels.twitter.settings import Settings
from slawatch.errors import AccountHaltedError, ChannelUnavailableError, ConfigError
from slawatch.mail.tokens import place
from slawatch.practice.x import App
from slawatch.secret import Secret
from tests.integration.at_twitter import Odd, Scene, said, scene
from tests.integration.test_oauth import visit
from tests.servers.local import eventually

ME = "GET /2/users/me"
TOKEN = "POST /2/oauth2/token"


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Scene]:
    with scene(tmp_path) as here:
        yield here


# --- four keys ---


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "@AcmeHelp a+b=c & d/e? 100 % ~tilde (x) [y] 'z' \"q\" *star* !",
        "@AcmeHelp Größe, Ölwechsel, weiß – ça va, naïve, łódź",
        "@AcmeHelp 日本語の質問です。配送は?",
        "@AcmeHelp 🙂👨‍👩‍👧‍👦🇩🇪",
        "@AcmeHelp one\ntwo\ttabs",
    ],
)
def test_what_is_signed_x_takes_whatever_is_written(at: Scene, text: str) -> None:
    assert at.platform.publish(Draft(text=text, key="k")).text == text
    assert at.x.statuses["POST /2/tweets", 401] == 0


@pytest.mark.parametrize("word", ["a b", "a+b", "50%", "Größe", "x&y=z", "日本", "(a OR b)", "'quoted'", "a~b!c*d"])
def test_questions_are_signed_whatever_they_hold(at: Scene, word: str) -> None:
    at.platform.api.search(f'"{word}" from:acmehelp')

    assert at.x.statuses["GET /2/tweets/search/recent", 200] == 1


@pytest.mark.parametrize("off", [timedelta(hours=3), timedelta(hours=-3), timedelta(days=400)])
def test_a_clock_that_is_off_is_learnt_at_the_first_refusal_and_then_known(at: Scene, off: timedelta) -> None:
    at.x.skew = off

    at.platform.me()
    post = at.platform.publish(Draft(text="@AcmeHelp How long?", key="k"))

    assert at.x.statuses[ME, 401] == 1
    assert at.x.statuses["POST /2/tweets", 401] == 0
    assert abs(post.at - (at.clock.now() + off)) < timedelta(seconds=1)


def test_a_post_that_was_refused_for_the_clock_is_posted_once(at: Scene) -> None:
    at.platform.me()
    at.x.skew = timedelta(hours=1)

    at.platform.publish(Draft(text="@AcmeHelp How long?", key="k"))

    assert len(at.x.posts) == 1
    assert at.x.statuses["POST /2/tweets", 401] == 1


def test_our_own_posts_are_those_since_then_by_x_clock_too(at: Scene) -> None:
    at.x.skew = timedelta(hours=-2)
    at.platform.me()
    since = at.clock.now()
    at.platform.publish(Draft(text="@AcmeHelp How long?", key="k"))
    at.clock.forward(timedelta(minutes=1))

    assert len(at.platform.own_posts(since)) == 1


def test_keys_that_are_wrong_are_tried_once_where_the_clock_is_right(at: Scene) -> None:
    wrong = at.of(replace(at.platform.settings, access_secret=Secret("wrong")))

    with pytest.raises(AccountHaltedError) as error:
        wrong.me()

    assert "make new keys on the app's page in X's developer portal" in str(error.value)
    assert at.x.statuses[ME, 401] == 1


def test_without_a_date_a_refusal_teaches_nothing(at: Scene) -> None:
    with Odd() as odd:
        odd.answers = [said(401, {"title": "Unauthorized"})]
        with pytest.raises(AccountHaltedError):
            odd.client(at.clock).get_me(user_auth=True)
        assert len(odd.asked) == 1


# --- tokens ---


def by_token(at: Scene, app: App | None = None, refresh: str | None = None) -> TwitterPlatform:
    app = app or at.x.app(owner=at.ann)
    if refresh is None:
        refresh = at.x.oauth2(at.ann, app).refresh
    return at.of(token_settings(at, app, refresh))


def token_settings(at: Scene, app: App, refresh: str = "") -> Settings:
    return Settings(
        handle="@ann",
        auth="oauth2",
        client_id=app.client_id,
        client_secret=Secret(app.client_secret) if app.client_secret else None,
        refresh_token=Secret(refresh) if refresh else None,
        api_base=at.server.base_url,
        auth_base=at.server.base_url,
        timeout=timedelta(seconds=5),
    )


@pytest.mark.parametrize("public", [False, True])
def test_tokens_are_renewed_every_two_hours_each_refresh_token_once(at: Scene, public: bool) -> None:
    platform = by_token(at, at.x.app(owner=at.ann, public=public))

    for _ in range(12):
        platform.feed(Feed.MENTIONS, "", "")
        at.clock.forward(timedelta(hours=1))

    assert at.x.calls[TOKEN] == at.x.statuses[TOKEN, 200] == 6
    assert at.x.statuses["GET /2/users/:id/mentions", 401] == 0


def test_a_token_that_x_takes_no_more_is_renewed_once_and_the_post_posted_once(at: Scene) -> None:
    platform = by_token(at)
    platform.me()
    kept = json.loads(place(at.folder / "slawatch.db", "main").read_text())
    at.x.keys.revoke_token(kept["access_token"])

    platform.publish(Draft(text="@AcmeHelp How long?", key="k"))

    assert len(at.x.posts) == 1
    assert at.x.calls[TOKEN] == 2


def test_a_login_that_has_ended_says_which_command_helps(at: Scene) -> None:
    platform = by_token(at)
    platform.me()
    at.x.keys.revoke(at.ann)

    with pytest.raises(AccountHaltedError) as error:
        platform.feed(Feed.MENTIONS, "", "")
    assert "the login has ended; run: slawatch login main" in str(error.value)


def test_a_token_that_is_refused_however_fresh_says_which_command_helps(at: Scene) -> None:
    platform = by_token(at)
    at.x.faults.add("401", ME, times=-1)

    with pytest.raises(AccountHaltedError) as error:
        platform.me()
    assert str(error.value).endswith("; run: slawatch login main")
    assert at.x.statuses[ME, 401] == 2


def test_a_new_process_goes_on_with_what_the_last_one_kept(at: Scene) -> None:
    app = at.x.app(owner=at.ann)
    refresh = at.x.oauth2(at.ann, app).refresh
    for _ in range(4):
        by_token(at, app, refresh).me()
        at.clock.forward(timedelta(hours=3))

    assert at.x.statuses[TOKEN, 200] == 4
    assert place(at.folder / "slawatch.db", "main").stat().st_mode & 0o777 == 0o600


def test_a_process_that_dies_with_the_new_tokens_in_hand_leaves_a_cure(
    at: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """X has used up the old refresh token by then: nobody can have both, so a person has to log in again."""
    app = at.x.app(owner=at.ann)
    platform = by_token(at, app)
    platform.me()
    at.clock.forward(timedelta(hours=3))
    before = place(at.folder / "slawatch.db", "main").read_bytes()

    class Killed(BaseException):
        pass

    def die(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr("slawatch.mail.tokens._document", die)
        with pytest.raises(Killed):
            platform.feed(Feed.MENTIONS, "", "")
    assert place(at.folder / "slawatch.db", "main").read_bytes() == before

    with pytest.raises(AccountHaltedError) as error:
        by_token(at, app, "").feed(Feed.MENTIONS, "", "")
    assert "run: slawatch login main" in str(error.value)

    fresh = at.x.oauth2(at.ann, app).refresh
    assert by_token(at, app, fresh).me().handle == "ann"


def test_several_at_once_use_up_one_refresh_token_together(at: Scene) -> None:
    platforms = [by_token(at, app, refresh) for app, refresh in [_granted(at)] for _ in range(6)]

    with ThreadPoolExecutor(6) as pool:
        assert [me.handle for me in pool.map(lambda one: one.me(), platforms)] == ["ann"] * 6
    assert at.x.calls[TOKEN] == 1


def _granted(at: Scene) -> tuple[App, str]:
    app = at.x.app(owner=at.ann)
    return app, at.x.oauth2(at.ann, app).refresh


def test_who_cannot_give_tokens_just_now_halts_nobody(at: Scene) -> None:
    platform = by_token(at)
    at.x.faults.add("503-html", "POST /2/oauth2/token")

    with pytest.raises(ChannelUnavailableError) as error:
        platform.me()
    assert not isinstance(error.value, AccountHaltedError)
    assert platform.me().handle == "ann"


def test_a_login_that_may_not_do_something_is_told(at: Scene) -> None:
    app = at.x.app(owner=at.ann)
    refresh = at.x.oauth2(at.ann, app, scopes=("tweet.read", "users.read", "offline.access")).refresh

    with pytest.raises(AccountHaltedError) as error:
        by_token(at, app, refresh).publish(Draft(text="@AcmeHelp How long?", key="k"))
    assert "see what the account and its app may do" in str(error.value)


# --- a person logs in ---


def channel(at: Scene, its: Settings) -> TwitterChannel:
    return TwitterChannel(its, account="main", clock=at.clock, store=at.folder / "slawatch.db", memory=at.memory)


@pytest.mark.parametrize("public", [False, True])
def test_a_person_logs_in_with_a_browser_and_the_account_works(at: Scene, public: bool) -> None:
    app = at.x.app(owner=at.ann, public=public)
    at.x.browser = at.ann
    its = token_settings(at, app)
    told: list[str] = []
    with channel(at, its) as account, ThreadPoolExecutor(1) as pool:
        assert isinstance(account, Logins)
        done_by = pool.submit(account.login, told.append, port=PORT + 1)
        eventually(lambda: len(told) == 4, what="the address to go to")
        assert "slawatch has what it needs" in visit(told[3])
        done = done_by.result(10)

    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(told[3]).query))
    assert told[1] == f"http://127.0.0.1:{PORT + 1}/" == query["redirect_uri"]
    assert (query["scope"], query["code_challenge_method"]) == (SCOPES, "S256")
    assert done == f"logged in; the tokens are kept in {place(at.folder / 'slawatch.db', 'main')}"
    assert at.of(its).me().handle == "ann"


def test_the_way_back_is_always_the_same_where_none_is_named(at: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """X takes only an address that the app names."""
    monkeypatch.setattr(login, "PORT", PORT + 3)
    at.x.browser = at.ann
    told: list[str] = []
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(channel(at, token_settings(at, at.x.app(owner=at.ann))).login, told.append, port=0)
        eventually(lambda: len(told) == 4, what="the address to go to")
        visit(told[3])
        done.result(10)

    assert told[1] == f"http://127.0.0.1:{PORT + 3}/"


def test_a_login_that_nobody_agrees_to_is_told(at: Scene) -> None:
    its = token_settings(at, at.x.app(owner=at.ann))
    told: list[str] = []
    with ThreadPoolExecutor(1) as pool:
        done_by = pool.submit(channel(at, its).login, told.append, port=PORT + 2)
        eventually(lambda: len(told) == 4, what="the address to go to")
        visit(told[3])
        with pytest.raises(ChannelUnavailableError, match="run the login again"):
            done_by.result(10)


def test_nobody_logs_in_to_an_account_that_has_its_keys(at: Scene) -> None:
    with pytest.raises(ConfigError, match="it logs in with the keys of the config"):
        channel(at, at.platform.settings).login(print, port=0)


def test_tokens_are_nowhere_kept_without_a_store(at: Scene) -> None:
    with pytest.raises(ValueError, match="there is none"):
        login.tokens(token_settings(at, at.x.app()), "main", store=None, clock=at.clock)
