"""`slawatch login`: a person is told what to do, the tokens are kept, and no token is shown."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Call
from tests.cli.running import Running
from tests.servers import provider as providers
from tests.servers.local import free_ports
from tests.servers.provider import CLIENT, Provider, as_json

ACCOUNT = """
[account.{name}]
channel = "email"
address = "anna@example.org"
smtp_host = "localhost"
imap_host = "localhost"
auth = "{auth}"
"""


@pytest.fixture
def provider() -> Iterator[Provider]:
    with providers.running("anna@example.org") as running:
        yield running


def config(folder: Path, *accounts: tuple[str, str], keys: str = "") -> Path:
    path = folder / "config.toml"
    path.write_text("".join(ACCOUNT.format(name=name, auth=auth) for name, auth in accounts) + keys, encoding="utf-8")
    return path


def test_a_code_is_shown_and_the_tokens_are_kept(call: Call, provider: Provider, tmp_path: Path) -> None:
    told = as_json(
        200,
        device_code="the device's code",
        user_code="ABCD-EFGH",
        verification_uri="https://provider.example/device",
        expires_in=900,
        interval=1,
    )
    provider.next.append(told)
    provider.patience = 0
    keys = f'client_id = "{CLIENT}"\ntoken_url = "{provider.token_url}"\ndevice_url = "{provider.device_url}"\n'

    done = call("login", "-c", config(tmp_path, ("main", "oauth2-device"), keys=keys))

    kept = tmp_path / "slawatch.main.token"
    assert (done.code, done.err) == (0, "")
    assert done.lines == [
        "open https://provider.example/device and enter the code ABCD-EFGH, within 15 min",
        f"logged in; the tokens are kept in {kept}",
        "now try it: slawatch check",
    ]
    assert "by-device" in kept.read_text(encoding="utf-8")


def test_a_browser_comes_back_to_the_port_that_was_named(provider: Provider, tmp_path: Path) -> None:
    (port,) = free_ports(1)
    keys = f'client_id = "{CLIENT}"\ntoken_url = "{provider.token_url}"\nauthorize_url = "{provider.authorize_url}"\n'
    path = config(tmp_path, ("main", "oauth2-refresh"), keys=keys)

    with Running("login", "main", "--port", port, "-c", path, cwd=tmp_path) as login:
        assert "within 10 min" in login.said("open this address")
        with urllib.request.urlopen(login.said("http://").strip(), timeout=10) as page:  # noqa: S310 - on loopback
            assert page.url.startswith(f"http://127.0.0.1:{port}/")
        done = login.end()

    assert (done.code, done.err) == (0, "")
    assert "by-browser" in (tmp_path / "slawatch.main.token").read_text(encoding="utf-8")
    assert "by-browser" not in done.out


def test_a_login_that_fails_says_why_and_keeps_nothing(call: Call, provider: Provider, tmp_path: Path) -> None:
    provider.next.append(as_json(401, error="invalid_client"))
    keys = f'client_id = "{CLIENT}"\ntoken_url = "{provider.token_url}"\ndevice_url = "{provider.device_url}"\n'

    done = call("login", "-c", config(tmp_path, ("main", "oauth2-device"), keys=keys))

    assert done.code == 1
    assert "refused (invalid_client); check client_id and client_secret" in done.err
    assert not (tmp_path / "slawatch.main.token").exists()


PASSWORD = 'smtp_password_env = "X"\n'


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "account: none is named in config.toml; known are: first, second"),
        (("third",), 'account: there is no "third" in config.toml; known are: first, second'),
        (
            ("second",),
            'account second: it logs in with a password, so there is nothing to do; run "slawatch check"',
        ),
        (
            ("first",),
            (
                "account first: it has the refresh token of the config, and no other way in; "
                "write authorize_url to log in with a browser"
            ),
        ),
    ],
)
def test_who_cannot_log_in_is_told_why(call: Call, tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    keys = 'client_id = "x"\nrefresh_token = "y"\ntoken_url = "https://login.example.org/token"\n'
    path = config(tmp_path, ("first", "oauth2-refresh"), keys=keys)
    path.write_text(path.read_text() + ACCOUNT.format(name="second", auth="password") + PASSWORD, encoding="utf-8")

    done = call("login", *words, "-c", path)

    assert (done.code, done.err) == (2, said + "\n")
