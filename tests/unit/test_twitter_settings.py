"""The keys of an account on X, what is wrong with them, and that an account that is not used costs nothing."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields
from datetime import timedelta
from typing import Any

import pytest

from slawatch.channels import twitter
from slawatch.channels.twitter.settings import Settings, micros, problems
from slawatch.model import Measure
from slawatch.secret import Secret

KEYS = ("consumer_key", "consumer_secret", "access_token", "access_secret")


def settings(**more: Any) -> Settings:
    return Settings(**{"handle": "@ann", **{key: Secret("x") for key in KEYS}, **more})


def wrong(**more: Any) -> dict[str, str]:
    return dict(problems(settings(**more)))


def test_four_keys_or_a_client_id_are_enough() -> None:
    assert wrong() == {}
    assert wrong(auth="oauth2", client_id="c", **dict.fromkeys(KEYS)) == {}


def test_every_key_that_is_missing_is_named() -> None:
    found = wrong(**dict.fromkeys(KEYS))

    assert list(found) == list(KEYS)
    assert found["consumer_key"] == (
        '"consumer_key" is missing; write consumer_key_env = "VARIABLE", from the app\'s page in X\'s developer portal'
    )
    assert wrong(auth="oauth2", **dict.fromkeys(KEYS))["client_id"].startswith(
        '"client_id" is missing; write client_id = "..."'
    )


def test_keys_of_the_other_login_are_not_passed_over() -> None:
    assert wrong(client_id="c") == {
        "client_id": 'it is not used with auth = "oauth1"; leave it out, or write another auth'
    }
    assert set(wrong(auth="oauth2", client_id="c")) == set(KEYS)


@pytest.mark.parametrize("key", ["api_base", "auth_base"])
@pytest.mark.parametrize("url", ["http://x.example", "ftp://x.example", "x.example", ""])
def test_keys_go_only_where_nobody_reads_along(key: str, url: str) -> None:
    assert wrong(**{key: url}) == {key: f'"{url}" would show secrets on their way; write an address with https://'}
    assert wrong(**{key: "http://127.0.0.1:8080"}) == wrong(**{key: "https://x.example"}) == {}


def test_prices_are_dollars() -> None:
    assert wrong(price_read=-0.5) == {"price_read": '"-0.5" is no price; write dollars, like 0.005'}
    assert micros(0.015) == 15_000
    assert wrong(month_max=-1.0) == {"month_max": '"-1" is less than nothing; write 0 for no limit'}


@pytest.mark.parametrize("address", ["@acme", "Acme", "@A_1", "@" + "a" * 15])
def test_a_handle_is_taken_with_or_without_its_sign(address: str) -> None:
    assert twitter.address_problem(address) is None


@pytest.mark.parametrize("address", ["@acme.help", "@" + "a" * 16, "@", "a b", "@größe", "service@shop.example"])
def test_what_is_no_handle_is_told(address: str) -> None:
    assert twitter.address_problem(address) == f'"{address}" is not a handle; write it like "@acme"'


def test_every_key_says_what_it_is_for() -> None:
    assert all(one.metadata["help"] for one in fields(Settings))


def test_a_company_on_x_is_held_to_minutes() -> None:
    first, answer = twitter.STANDARD.objectives

    assert (first.measure, first.limit, first.at_least) == (Measure.FIRST_RESPONSE, timedelta(minutes=5), 0.9)
    assert (answer.measure, answer.limit, answer.at_least) == (Measure.ANSWER, timedelta(hours=1), 0.9)
    assert twitter.STANDARD.window == timedelta(days=5)
    assert twitter.PUBLIC


def test_an_account_loads_nothing_of_x_until_it_is_asked() -> None:
    code = (
        "import sys; from slawatch.channels.twitter import TwitterChannel, Settings; "
        "from slawatch.channels.twitter.platform import TwitterPlatform; "
        "print([name for name in ('tweepy', 'requests', 'urllib3', 'oauthlib') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"
