"""What is wrong with a public account is said before anything is asked, in the words of its config."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from slawatch.channels.social.settings import SocialSettings, handle_of, handle_problem

FORM = re.compile(r"\w{1,15}", re.ASCII)
LIKE = "@anna"
GOOD = SocialSettings(handle="@anna")


def test_a_plain_account_has_no_problems() -> None:
    assert list(GOOD.shared_problems(FORM, LIKE)) == []


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"handle": "anna b"}, "handle", '"anna b" is not a handle; write it like "@anna"'),
        ({"name": "Anna\nB"}, "name", r"'Anna\nB' holds a line break or control character; remove it"),
        ({"poll": timedelta(seconds=1)}, "poll", '"1 s" is more often than platforms allow; write "30 s"'),
        ({"poll": timedelta(hours=1)}, "poll_idle", "it is shorter than poll; write a longer time, or leave both out"),
        ({"month_max": -1.0}, "month_max", '"-1" is less than nothing; write 0 for no limit'),
    ],
)
def test_each_mistake_is_said_with_its_cure(change: dict[str, Any], field: str, message: str) -> None:
    assert list(replace(GOOD, **change).shared_problems(FORM, LIKE)) == [(field, message)]


@pytest.mark.parametrize("address", ["@Acme", "acme", " @ACME "])
def test_a_handle_is_one_however_it_is_written(address: str) -> None:
    assert handle_of(address) == "acme"
    assert handle_problem(address, FORM, LIKE) is None


@pytest.mark.parametrize("address", ["", "@", "@@acme", "@acme!", "https://town.example/acme", "a" * 16, "@acmé"])
def test_what_no_platform_takes_is_no_handle(address: str) -> None:
    assert handle_problem(address, FORM, LIKE) == f'"{address}" is not a handle; write it like "@anna"'
