"""The keys of an XMPP account, and the addresses that can be written to."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from slawatch.channels.xmpp import Settings, address_problem
from slawatch.secret import Secret


def settings(**given: Any) -> Settings:
    return Settings(**{"jid": "robin@chat.example", "password": Secret("x"), **given})


@pytest.mark.parametrize("address", ["service@shop.example", "kauf.ärger@münchen.example", "a@localhost"])
def test_an_address_that_can_be_written_to(address: str) -> None:
    assert address_problem(address) is None


@pytest.mark.parametrize(
    ("address", "word"),
    [
        ("xmpp:service@shop.example", "is a link"),
        ("shop.example", 'has no "@"'),
        ("service@shop.example/desk", "names one device"),
        ("ser vice@shop.example", "is not an XMPP address"),
        ("@shop.example", "is not an XMPP address"),
        ("a@b@shop.example", "is not an XMPP address"),
        ("service@", "is not an XMPP address"),
        ("\x00@shop.example", "is not an XMPP address"),
        ("x" * 1100 + "@shop.example", "is not an XMPP address"),
    ],
)
def test_an_address_that_cannot_says_why(address: str, word: str) -> None:
    assert word in str(address_problem(address))


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"jid": "robin"}, "jid"),
        ({"name": "a\nb"}, "name"),
        ({"port": 5223}, "port"),
        ({"security": "tls"}, "security"),
    ],
)
def test_a_mistake_is_named_by_its_key(given: dict[str, Any], key: str) -> None:
    assert settings().problems() == []
    assert [one for one, _ in settings(**given).problems()] == [key]


def test_where_to_connect_follows_from_what_is_spoken_there() -> None:
    assert settings().where is None
    assert settings(host="x.example").where == ("x.example", 5222)
    assert settings(host="x.example", security="tls").where == ("x.example", 5223)
    assert settings(host="x.example", port=443, security="tls").where == ("x.example", 443)


def test_a_config_with_such_an_account_loads_no_library() -> None:
    code = (
        "import sys, slawatch.channels.xmpp as x; x.Settings; print('slixmpp' in sys.modules, 'asyncio' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["False", "False"]
