"""The keys of a Bluesky account, and what is said where its library or its password is missing."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from slawatch.channels.bluesky import Settings, address_problem
from slawatch.channels.bluesky.platform import BlueskyPlatform
from slawatch.channels.social.platform import Draft, Feed
from slawatch.errors import AccountHaltedError, ChannelUnavailableError
from slawatch.secret import Secret, Source
from slawatch.testing import FakeClock


def settings(**other: Any) -> Settings:
    return Settings(**{"handle": "@robin.example.org", "password": Secret("not-for-any-eye"), **other})


def platform(**other: Any) -> BlueskyPlatform:
    return BlueskyPlatform(settings(**other), account="main", clock=FakeClock(), store=None)


def test_bluesky_itself_is_the_server_unless_another_is_named() -> None:
    assert settings().service == "https://bsky.social"
    assert settings().problems() == []


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("handle", "@robin", '"@robin" is not a handle; write it like "@shop.bsky.social"'),
        ("handle", "@robin.example.7", '"@robin.example.7" is not a handle; write it like "@shop.bsky.social"'),
        (
            "service",
            "http://pds.example.org",
            '"http://pds.example.org" would send the password in the clear; write "https://pds.example.org"',
        ),
        *(
            ("service", wrong, f'"{wrong}" is not the address of a server; write it like "https://bsky.social"')
            for wrong in ("pds.example.org", "https://", "https://pds.example.org/xrpc", "http://[", "ftp://x.example")
        ),
        ("month_max", 1.0, "nothing costs anything on Bluesky; leave it out"),
        ("poll", timedelta(seconds=1), '"1 s" is more often than platforms allow; write "30 s"'),
    ],
)
def test_a_mistake_is_told_with_its_key(key: str, value: Any, problem: str) -> None:
    assert settings(**{key: value}).problems() == [(key, problem)]


@pytest.mark.parametrize("here", ["http://localhost:2583", "http://127.0.0.1:2583", "http://[::1]:2583"])
def test_on_this_machine_nothing_need_be_encrypted(here: str) -> None:
    assert settings(service=here).problems() == []


@pytest.mark.parametrize("handle", ["@shop.bsky.social", "Shop.Example", "xn--mller-kva.example", "a-b.c.example"])
def test_a_handle_is_a_domain_name(handle: str) -> None:
    assert address_problem(handle) is None


@pytest.mark.parametrize("handle", ["", "@", "shop", "shop_de.example", "-shop.example", "shop.example.", "a" * 300])
def test_what_is_no_domain_name_is_no_handle(handle: str) -> None:
    assert address_problem(handle) == f'"{handle}" is not a handle; write it like "@shop.bsky.social"'


def test_loading_a_config_loads_no_library() -> None:
    heavy = "{'atproto', 'atproto_client', 'httpx', 'pydantic', 'slawatch.channels.bluesky.client'}"
    code = f"import sys, slawatch.channels.bluesky as b; b.Settings; sys.exit(str({heavy} & set(sys.modules)))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.stderr.strip() == "set()"


def test_making_the_channel_loads_no_library_either() -> None:
    heavy = "{'atproto', 'atproto_client', 'httpx', 'pydantic'}"
    code = f"import sys, slawatch.channels.bluesky as b; b.BlueskyChannel; sys.exit(str({heavy} & set(sys.modules)))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.stderr.strip() == "set()"


def test_a_missing_library_is_named_with_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "atproto_client.request", None)
    words = r'main: channel "bluesky" needs atproto .*; install slawatch\[bluesky\]'

    with pytest.raises(AccountHaltedError, match=words):
        platform().publish(Draft(text="x", key="k"))
    with pytest.raises(AccountHaltedError, match=words):
        platform().feed(Feed.MENTIONS, "", "")
    (finding,) = platform().check()
    assert not finding.ok
    assert "install slawatch[bluesky]" in finding.cure


def test_a_password_that_cannot_be_had_is_a_fault_of_this_account_alone(tmp_path: Path) -> None:
    missing = Secret(str(tmp_path / "none"), Source.FILE)

    with pytest.raises(ChannelUnavailableError, match="does not exist"):
        platform(password=missing).me()


def test_nobody_sees_the_password() -> None:
    assert "not-for-any-eye" not in repr(settings())
