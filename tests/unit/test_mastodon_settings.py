"""The keys of a Mastodon account, and what is said where its library is missing."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from slawatch.channels.mastodon import Settings, tokens
from slawatch.channels.mastodon.platform import MastodonPlatform
from slawatch.channels.social.platform import Draft, Feed
from slawatch.errors import AccountHaltedError, ChannelUnavailableError
from slawatch.secret import Secret, Source
from slawatch.testing import FakeClock

SHOWN = "would show the token on its way; write an address with https://"


def settings(**other: Any) -> Settings:
    return Settings(**{"handle": "@robin@social.example", **other})


def platform(**other: Any) -> MastodonPlatform:
    return MastodonPlatform(settings(**other), account="main", clock=FakeClock(), token=lambda: "")


def test_the_server_is_where_the_handle_says_unless_it_is_named() -> None:
    assert settings(handle="@Robin@Social.example").base_url == "https://social.example"
    assert settings(server="https://web.social.example/").base_url == "https://web.social.example"
    assert settings().problems() == []


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("handle", "@robin", '"@robin" is not a handle; write it like "@robin@social.example"'),
        ("handle", "robin@", '"robin@" is not a handle; write it like "@robin@social.example"'),
        ("server", "http://social.example", f'"http://social.example" {SHOWN}'),
        ("server", "social.example", f'"social.example" {SHOWN}'),
        ("month_max", 1.0, "nothing costs anything on Mastodon; leave it out"),
        ("poll", timedelta(seconds=1), '"1 s" is more often than platforms allow; write "30 s"'),
    ],
)
def test_a_mistake_is_told_with_its_key(key: str, value: Any, problem: str) -> None:
    assert settings(**{key: value}).problems() == [(key, problem)]


def test_on_this_machine_nothing_need_be_encrypted() -> None:
    assert settings(server="http://127.0.0.1:3000").problems() == []


def test_loading_a_config_loads_no_library() -> None:
    heavy = "{'mastodon', 'requests', 'urllib3', 'html.parser', 'email.message'}"
    code = f"import sys, slawatch.channels.mastodon as m; m.Settings; sys.exit(str({heavy} & set(sys.modules)))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.stderr.strip() == "set()"


def test_a_missing_library_is_named_with_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mastodon", None)
    monkeypatch.delitem(sys.modules, "slawatch.channels.mastodon.client", raising=False)
    words = r'main: channel "mastodon" needs Mastodon\.py .*; install slawatch\[mastodon\]'

    with pytest.raises(AccountHaltedError, match=words):
        platform().publish(Draft(text="x", key="k"))
    with pytest.raises(AccountHaltedError, match=words):
        platform().feed(Feed.MENTIONS, "", "")
    with pytest.raises(AccountHaltedError, match=words):
        platform().profiles(["acme"])
    with pytest.raises(AccountHaltedError, match=words):
        platform().check()


def test_a_token_that_cannot_be_had_is_a_fault_of_this_account_alone(tmp_path: Path) -> None:
    missing = Secret(
        "NOT_SET_ANYWHERE", Source.ENVIRONMENT, place=lambda: "config.toml:7: account.main.access_token_env"
    )

    with pytest.raises(ChannelUnavailableError, match=r"config\.toml:7.*is not set in the environment"):
        tokens.token(settings(access_token=missing), "main", tmp_path / "store")


def test_a_text_is_as_long_as_the_server_finds_it() -> None:
    assert platform().length("Grüße") == 5
    assert platform().length("@help@shop.example ja") == len("@help ja")
    assert platform().length("https://shop.example/ja ja") == 23 + 3
    assert platform(length_max=1000).length_max == 1000


def test_links_lead_to_our_own_server_s_pages() -> None:
    one = platform()

    assert one.compose_url("@acme ja & nein?") == "https://social.example/share?text=%40acme%20ja%20%26%20nein%3F"
    assert one.compose_url("x", reply_to="1") == ""
    assert one.post_url("112", "robin@social.example") == "https://social.example/@robin/112"
    assert one.post_url("112", "help@shop.example") == "https://social.example/@help@shop.example/112"


@pytest.mark.parametrize(
    ("url", "post_id"),
    [
        ("https://social.example/@robin/112233445566", "112233445566"),
        ("https://social.example/@help@shop.example/112/", "112"),
        ("https://social.example/users/robin/statuses/112?x=1", "112"),
        ("https://social.example/web/statuses/112", "112"),
        ("https://social.example/deck/@robin/112", "112"),
        ("https://social.example/@robin/statuses/01JD9Z5QZK3V0X6W7Y8ABCDEFG", "01JD9Z5QZK3V0X6W7Y8ABCDEFG"),
        (" 112233445566 ", "112233445566"),
        ("01JD9Z5QZK3V0X6W7Y8ABCDEFG", "01JD9Z5QZK3V0X6W7Y8ABCDEFG"),
        ("https://shop.example/@help/112", ""),
        ("https://social.example/@robin", ""),
        ("https://social.example/about", ""),
        ("https://[", ""),
        ("nonsense", ""),
        ("", ""),
    ],
)
def test_a_link_to_our_own_server_names_a_post(url: str, post_id: str) -> None:
    assert platform().post_id(url) == post_id
