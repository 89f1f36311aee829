"""A login with a token: said as each mechanism wants it, tried once more with a new one, and never shown."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace

import pytest

from slawatch.errors import ChannelUnavailableError
from slawatch.mail import bearer
from slawatch.mail.bearer import TokenRefusedError
from slawatch.mail.wire import Server


class Numbered:
    """Gives "t1", and after a refusal the next number."""

    def __init__(self) -> None:
        self.given = 1

    def access(self, *, refused: str = "") -> str:
        self.given += refused == f"t{self.given}"
        return f"t{self.given}"


SERVER = Server(
    protocol="imap", host="mail.example.org", port=993, security="tls", user="a=b,c@example.org", tokens=Numbered()
)


@pytest.fixture
def server() -> Server:
    return replace(SERVER, tokens=Numbered())


def refusing(server: Server, *refused: str) -> tuple[list[str], Callable[[str], str]]:
    tried: list[str] = []

    def connect(token: str) -> str:
        tried.append(token)
        if token in refused:
            raise bearer.refused(server, token, "NO")
        return f"in with {token}"

    return tried, connect


def test_a_token_that_is_taken_is_not_renewed(server: Server) -> None:
    tried, connect = refusing(server)

    assert bearer.logged_in(server, connect) == "in with t1"
    assert tried == ["t1"]


def test_one_that_is_refused_is_renewed_once(server: Server) -> None:
    tried, connect = refusing(server, "t1")

    assert bearer.logged_in(server, connect) == "in with t2"
    assert tried == ["t1", "t2"]


def test_after_a_second_refusal_nothing_is_tried_any_more(server: Server) -> None:
    tried, connect = refusing(server, "t1", "t2")

    with pytest.raises(TokenRefusedError):
        bearer.logged_in(server, connect)
    assert tried == ["t1", "t2"]


def test_a_server_that_cannot_be_reached_costs_no_token(server: Server) -> None:
    def connect(_token: str) -> str:
        raise ChannelUnavailableError("away")

    with pytest.raises(ChannelUnavailableError, match="away"):
        bearer.logged_in(server, connect)
    assert server.tokens is not None
    assert server.tokens.access() == "t1"


def test_a_password_needs_no_token(server: Server) -> None:
    tried, connect = refusing(server)

    bearer.logged_in(replace(server, tokens=None), connect)

    assert tried == [""]


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (["PLAIN", "XOAUTH2"], "XOAUTH2"),
        (["oauthbearer", "plain"], "OAUTHBEARER"),
        (["OAUTHBEARER", "XOAUTH2"], "XOAUTH2"),
    ],
)
def test_the_mechanism_is_one_that_the_server_offers(server: Server, offered: list[str], chosen: str) -> None:
    assert bearer.mechanism(server, offered) == chosen


@pytest.mark.parametrize(("offered", "said"), [(["LOGIN", "PLAIN"], "LOGIN, PLAIN"), ([], "none at all")])
def test_a_server_that_takes_no_tokens_is_told(server: Server, offered: list[str], said: str) -> None:
    with pytest.raises(ChannelUnavailableError) as error:
        bearer.mechanism(server, offered)

    assert str(error.value) == (
        f"mail.example.org:993: it takes no tokens (logins it offers: {said}); "
        'write auth = "password", or check the host'
    )


def test_the_token_is_said_as_the_mechanism_wants_it(server: Server) -> None:
    assert bearer.first_words(server, "XOAUTH2", "abc") == "user=a=b,c@example.org\1auth=Bearer abc\1\1"
    assert bearer.first_words(server, "OAUTHBEARER", "abc") == (
        "n,a=a=3Db=2Cc@example.org,\1host=mail.example.org\1port=993\1auth=Bearer abc\1\1"
    )
    assert (bearer.last_words("XOAUTH2"), bearer.last_words("OAUTHBEARER")) == ("", "\1")


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"status": "401", "schemes": "Bearer"}, "status 401"),
        ({"status": 400}, "status 400"),
        ({"status": "invalid_token"}, "invalid_token"),
        ({"status": "in\r\nvalid"}, "in valid"),
        ({}, ""),
        (["x"], ""),
    ],
)
def test_a_challenge_tells_why_a_token_was_refused(told: object, said: str) -> None:
    plain = json.dumps(told).encode()

    assert bearer.reason(b64encode(plain)) == said
    assert bearer.reason(plain) == said


@pytest.mark.parametrize("challenge", [b"", b"{", b"!!!", b"\xff", b64encode(b"[" * 100_000)])
def test_a_challenge_that_makes_no_sense_says_nothing(challenge: bytes) -> None:
    assert bearer.reason(challenge) == ""


def test_a_server_that_repeats_the_token_does_not_make_us_show_it(server: Server) -> None:
    said = str(bearer.refused(server, "abc.def.ghi", "NO bad token abc.def.ghi"))

    assert "abc.def.ghi" not in said
    assert "NO bad token (token)" in said
    assert said.endswith("check imap_user and the scope, and that this mailbox may be used by IMAP")
