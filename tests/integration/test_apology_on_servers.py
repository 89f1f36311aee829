"""`slawatch abort --all` on Postfix and Dovecot: an apology to all who were asked, once each, and only if told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from slawatch import app
from slawatch.clock import SystemClock
from slawatch.errors import UsageError
from slawatch.store import LetterState
from slawatch.usecases import apologising, control, mailing, opting
from slawatch.usecases.audit import start
from slawatch.usecases.send import send_due
from slawatch.usecases.tick import tick
from slawatch.usecases.world import STOP_FILE, World
from tests.servers import asking
from tests.servers.local import eventually
from tests.servers.mail import Mailbox, MailServers

pytestmark = pytest.mark.server


@pytest.fixture
def addresses(mailbox: Mailbox) -> dict[str, str]:
    return {key: f"{key}-{mailbox.name}@{key}.example" for key in ("one", "two", "three")}


@pytest.fixture
def config(tmp_path: Path, mailbox: Mailbox, addresses: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(asking.PASSWORD_VARIABLE, mailbox.password)
    path = tmp_path / "config.toml"
    path.write_text(asking.config(mailbox, addresses), encoding="utf-8")
    return path


def ask(world: World) -> None:
    targets = [target for company in world.config.companies.values() for target in company.targets]
    start(world, targets, over=timedelta(0), until=datetime.now(UTC) + timedelta(days=1), name="")
    assert len(send_due(world).sent) == len(targets)


def apologies(servers: MailServers, address: str) -> list[str]:
    return [
        str(one.message["Subject"])
        for one in servers.companies.letters(address)
        if "apolog" in str(one.message["Subject"]) or "Entschuldigung" in str(one.message["Subject"])
    ]


def test_each_gets_it_once_however_often_it_is_called_and_who_opted_out_none(
    config: Path, mailbox: Mailbox, addresses: dict[str, str]
) -> None:
    servers = mailbox.servers
    with app.world(config, clock=SystemClock()) as world:
        ask(world)
        opting.add(world, "company:three", "by phone")
        control.abort(world, control.EVERYTHING, "enough")
        drafted = apologising.drafts(world)
        tick(world)
        assert sorted(one.company for one in drafted.letters) == ["one", "two"]
        assert [one.company for one in drafted.left_alone] == ["three"]
        assert not any(apologies(servers, one) for one in addresses.values())  # drafted, not sent

        sent = apologising.send(world, drafted.letters)
        assert {one.state for one in sent} == {LetterState.SENT}
        apologising.send(world, drafted.letters)  # as if told twice
        again = apologising.drafts(world)
        assert all(one.done for one in again.letters)
        apologising.send(world, again.letters)
        tick(world)

        eventually(lambda: all(apologies(servers, addresses[key]) for key in ("one", "two")), what="both apologies")
        assert {key: len(apologies(servers, addresses[key])) for key in addresses} == {"one": 1, "two": 1, "three": 0}
        assert world.halted()
        assert [one.action for one in world.store.audit_log()].count("apologised") == 2


def test_what_cannot_leave_now_leaves_with_a_later_pass_though_all_is_paused(
    config: Path, mailbox: Mailbox, addresses: dict[str, str]
) -> None:
    with app.world(config, clock=SystemClock()) as world:
        ask(world)
        control.abort(world, control.EVERYTHING, "enough")
        (config.parent / STOP_FILE).touch()
        with pytest.raises(UsageError, match="remove it to apologise"):
            apologising.send(world, apologising.drafts(world).letters)
        (config.parent / STOP_FILE).unlink()
        world.store.pause("account:main", "resting")
        sent = apologising.send(world, apologising.drafts(world).letters)
        assert {one.state for one in sent} == {LetterState.INTENDED}

        world.store.resume("account:main")
        mailing.mail_due(world)

        assert {one.state for one in world.store.letters()} == {LetterState.SENT}
    eventually(
        lambda: all(len(apologies(mailbox.servers, one)) == 1 for one in addresses.values()), what="all apologies"
    )


def test_no_more_of_them_leave_in_a_day_than_the_account_may_send(
    config: Path, mailbox: Mailbox, addresses: dict[str, str]
) -> None:
    with app.world(config, clock=SystemClock()) as world:
        ask(world)
        control.abort(world, control.EVERYTHING, "enough")
    as_before = config.read_text(encoding="utf-8")
    config.write_text(
        as_before.replace("per_minute = 60", f"per_minute = 60\nper_day = {len(addresses) + 1}"), encoding="utf-8"
    )
    with app.world(config, clock=SystemClock()) as world:
        sent = apologising.send(world, apologising.drafts(world).letters)
        assert sorted(one.state for one in sent) == [LetterState.INTENDED, LetterState.INTENDED, LetterState.SENT]
        mailing.mail_due(world)
        assert sum(one.state is LetterState.SENT for one in world.store.letters()) == 1

    config.write_text(as_before, encoding="utf-8")
    with app.world(config, clock=SystemClock()) as world:
        mailing.mail_due(world)

        assert {one.state for one in world.store.letters()} == {LetterState.SENT}
