"""Logging in by OAuth on a real Postfix and Dovecot, which check the signature of every token themselves."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from slawatch.channels.email import EmailChannel, Settings
from slawatch.clock import SystemClock
from slawatch.errors import ChannelUnavailableError
from slawatch.mail import bearer, tokens
from slawatch.secret import Secret, Source
from tests.servers import asking
from tests.servers import provider as providers
from tests.servers.asking import ask, collect_until
from tests.servers.mail import Mailbox
from tests.servers.provider import CLIENT, CLIENT_SECRET, Provider

Open = Callable[..., EmailChannel]


@pytest.fixture
def provider(mailbox: Mailbox) -> Iterator[Provider]:
    with providers.running(mailbox.address) as running:
        yield running


@pytest.fixture
def settings(mailbox: Mailbox, provider: Provider) -> Settings:
    return replace(
        asking.settings(mailbox),
        smtp_password=None,
        auth="oauth2-refresh",
        client_id=CLIENT,
        client_secret=Secret(CLIENT_SECRET),
        refresh_token=Secret("first"),
        token_url=provider.token_url,
    )


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "slawatch.db"


@pytest.fixture
def channel(settings: Settings, store: Path) -> Iterator[Open]:
    opened: list[EmailChannel] = []

    def make(**changed: object) -> EmailChannel:
        its = replace(settings, **changed)  # type: ignore[arg-type]  # each test's own settings
        opened.append(EmailChannel(its, account="main", clock=SystemClock(), store=store))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
def test_a_letter_leaves_and_an_answer_is_read_with_a_token_alone(
    channel: Open, mailbox: Mailbox, provider: Provider, mechanism: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bearer, "MECHANISMS", (mechanism,))
    company = f"service@{mailbox.name}.shop.example"
    ours = channel()

    asked = ask(ours, company)
    mailbox.servers.reply(mailbox.servers.companies.letter(company), "Drei Werktage.")
    reply = collect_until(ours, lambda facts: facts.sender == company, what="the reply")

    assert asked.sent is not None
    assert reply.facts.text.strip() == "Drei Werktage."
    assert provider.grants() == ["refresh_token"]


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
def test_a_token_longer_than_a_command_may_be_is_taken(
    channel: Open, mailbox: Mailbox, provider: Provider, mechanism: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bearer, "MECHANISMS", (mechanism,))
    provider.issue = lambda user: providers.token(user, words="x" * 3000)

    assert ask(channel(), f"service@{mailbox.name}.shop.example").sent is not None
    assert channel().collect("").looked_until is not None


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
@pytest.mark.parametrize("way", ["out", "in"])
def test_a_token_that_has_ended_is_renewed_once_and_the_work_goes_on(
    channel: Open, mailbox: Mailbox, provider: Provider, mechanism: str, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bearer, "MECHANISMS", (mechanism,))
    ended = iter([-60])
    provider.issue = lambda user: providers.token(user, seconds=next(ended, 3600))
    ours = channel()

    if way == "out":
        assert ask(ours, f"service@{mailbox.name}.shop.example").sent is not None
    else:
        assert ours.collect("").looked_until is not None

    assert provider.grants() == ["refresh_token", "refresh_token"]


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
@pytest.mark.parametrize("way", ["out", "in"])
def test_a_fresh_token_that_is_refused_as_well_leaves_the_account_blind_and_says_so(
    channel: Open, mailbox: Mailbox, provider: Provider, mechanism: str, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bearer, "MECHANISMS", (mechanism,))
    issued: list[str] = []

    def issue(user: str) -> str:
        issued.append(providers.token(user, seconds=-60 - len(issued)))
        return issued[-1]

    provider.issue = issue
    ours = channel()

    with pytest.raises(ChannelUnavailableError) as error:
        ask(ours, f"service@{mailbox.name}.shop.example") if way == "out" else ours.collect("")

    said = str(error.value)
    protocol = "smtp" if way == "out" else "imap"
    assert f'login as "{mailbox.address}" with a token failed' in said
    assert said.endswith(
        f"check {protocol}_user and the scope, and that this mailbox may be used by {protocol.upper()}"
    )
    assert len(issued) == 2
    assert not [one for one in issued if one in said]


def test_another_process_takes_the_token_that_is_kept(
    channel: Open, settings: Settings, provider: Provider, store: Path
) -> None:
    channel().collect("")
    channel().collect("")

    assert provider.grants() == ["refresh_token"]
    assert tokens.place(store, "main").stat().st_mode & 0o777 == 0o600


def test_a_login_that_has_ended_is_told_with_its_cure(channel: Open, provider: Provider) -> None:
    provider.alive.clear()

    with pytest.raises(ChannelUnavailableError) as error:
        channel().collect("")

    assert str(error.value) == (
        f"main: 127.0.0.1:{provider.port}/token refused (invalid_grant: Token has been expired or revoked.); "
        "the login has ended; run: slawatch login main"
    )


def test_the_check_says_who_has_to_log_in_first(channel: Open, provider: Provider) -> None:
    faults = [one for one in channel(refresh_token=None).check() if not one.ok]

    assert [one.cure for one in faults] == ["main: nobody has logged in yet; run: slawatch login main"] * 2
    assert provider.asked == []


def test_a_token_for_somebody_else_opens_no_mailbox(channel: Open, provider: Provider) -> None:
    provider.user = "mallory@lab.example"

    with pytest.raises(ChannelUnavailableError, match="with a token failed"):
        channel().collect("")


def test_a_command_may_give_the_token_and_is_run_again_when_it_is_refused(
    channel: Open, mailbox: Mailbox, tmp_path: Path
) -> None:
    (tmp_path / "1").write_text(providers.token(mailbox.address, seconds=-60))
    (tmp_path / "2").write_text(providers.token(mailbox.address))
    script = tmp_path / "token"
    script.write_text(
        f"#!/bin/sh\nif [ -e {tmp_path}/ran ]; then cat {tmp_path}/2; else cat {tmp_path}/1; fi\n"
        f"echo x >> {tmp_path}/ran\n"
    )
    script.chmod(0o700)
    ours = channel(
        auth="token_command",
        token=Secret(str(script), Source.COMMAND),
        client_id="",
        client_secret=None,
        refresh_token=None,
        token_url="",
    )

    assert ours.collect("").looked_until is not None
    assert ask(ours, f"service@{mailbox.name}.shop.example").sent is not None
    assert (tmp_path / "ran").read_text() == "x\nx\n"


def test_a_running_login_outlives_its_token_and_the_next_one_renews_it(
    channel: Open, mailbox: Mailbox, provider: Provider, store: Path
) -> None:
    ours = channel()
    ours.collect("")
    kept = json.loads(tokens.place(store, "main").read_text())
    kept["access_token"] = providers.token(mailbox.address, seconds=-1)
    tokens.place(store, "main").write_text(json.dumps(kept))

    assert ours.collect("").looked_until is not None
    ask(ours, f"service@{mailbox.name}.shop.example")

    assert provider.grants() == ["refresh_token", "refresh_token"]
