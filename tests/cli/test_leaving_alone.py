"""Commands touch no file that is not theirs, ask nobody twice, give no secret away and trust no foreign word."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from slawatch import app
from slawatch.cli import group
from slawatch.cli.demo import _make_room
from slawatch.errors import BusyError, UsageError
from slawatch.model import Request
from slawatch.usecases import audit
from slawatch.usecases.send import send_due
from slawatch.usecases.tick import only_pass
from tests.servers import imap, submission
from tests.servers.imap import Mailbox
from tests.servers.submission import Submission

CONFIG = """
[account.main]
channel = "email"
address = "anna@example.org"
smtp_host = "localhost"
smtp_port = {smtp}
smtp_security = "none"
imap_host = "localhost"
imap_port = {imap}
imap_security = "none"
imap_user = "{user}"
imap_password = "{password}"
per_minute = 100

[company.shop]
name = "Shop"
relationship = "own"
language = "en"

[[company.shop.target]]
channel = "email"
address = "service@shop.example"
"""


@pytest.fixture
def outbox() -> Iterator[Submission]:
    with submission.running(None) as server:
        yield server


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with imap.running() as server:
        yield server


@pytest.fixture
def config(tmp_path: Path, outbox: Submission, mailbox: Mailbox) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(
        CONFIG.format(smtp=outbox.port, imap=mailbox.port, user=imap.USER, password=imap.PASSWORD), encoding="utf-8"
    )
    return path


def slawatch(*words: object) -> Result:
    return CliRunner().invoke(group, [str(word) for word in words])


def interrupted_audit(config: Path) -> Request:
    """Begin an audit that ends with its next look, ask everybody, and die."""
    with app.world(config) as here:
        targets = [target for company in here.config.companies.values() for target in company.targets]
        campaign = audit.start(here, targets, over=timedelta(0), until=here.clock.now(), name="interrupted")
        send_due(here, campaign=campaign.id)
        (request,) = here.store.requests()
    return request


@pytest.mark.timeout(30)
def test_an_audit_taken_up_again_asks_nobody_twice(config: Path, outbox: Submission) -> None:
    interrupted_audit(config)
    assert len(outbox.taken) == 1

    done = slawatch("audit", "-c", config, "--resume")

    assert done.exit_code == 0, done.output
    assert len(outbox.taken) == 1
    assert list(config.parent.glob("out/audit-1.html"))


def test_an_audit_that_ended_is_not_taken_up_again(config: Path) -> None:
    interrupted_audit(config)
    slawatch("audit", "-c", config, "--resume")

    again = slawatch("audit", "-c", config, "--resume")

    assert isinstance(again.exception, UsageError)
    assert "no audit is open" in str(again.exception)


def test_a_second_audit_leaves_the_store_to_the_one_at_work(config: Path) -> None:
    interrupted_audit(config)

    with app.world(config) as here, audit.alone(here):
        busy = slawatch("audit", "-c", config, "--resume")

    assert isinstance(busy.exception, BusyError)


@pytest.mark.parametrize("command", ["send", "collect"])
def test_half_a_pass_leaves_the_store_to_the_pass_that_runs(config: Path, command: str) -> None:
    with only_pass(config.with_name("slawatch.db")):
        busy = slawatch(command, "-c", config)
    free = slawatch(command, "-c", config)

    assert isinstance(busy.exception, BusyError)
    assert (free.exit_code, free.exception) == (0, None)


@pytest.mark.parametrize("form", ["", "--json"])
def test_explain_gives_nobody_a_token_to_forge_a_reply_with(config: Path, form: str) -> None:
    request = interrupted_audit(config)
    assert request.token in request.text.subject

    shown = slawatch("explain", "-c", config, request.public_id, *form.split())

    assert request.text.subject.partition(request.token)[0] in shown.output
    assert request.token not in shown.output.lower()


@pytest.mark.parametrize("form", ["", "--json"])
def test_explain_gives_nobody_an_id_to_forge_a_reply_with(config: Path, form: str) -> None:
    request = interrupted_audit(config)
    with app.world(config) as here:
        ids = [request.message_id, *(attempt.envelope_id for attempt in here.store.attempts(request.id))]
    assert len(ids) > 1

    shown = slawatch("explain", "-c", config, request.public_id, *form.split())

    assert shown.exit_code == 0
    assert not [one for one in ids if one in shown.output]


def test_what_a_company_writes_cannot_steer_a_terminal(config: Path, mailbox: Mailbox) -> None:
    request = interrupted_audit(config)
    letter = (
        f"From: service@shop.example\r\nTo: anna+{request.token}@example.org\r\n"
        "Subject: Re: \x1b[2J\x1b]0;gone\x07 \u202eopening hours\r\n\r\nWe open at nine.\r\n"
    )
    mailbox.append(letter.encode(), datetime.now(UTC))
    slawatch("collect", "-c", config)

    shown = slawatch("explain", "-c", config, request.public_id)

    assert "opening hours" in shown.output
    assert re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202e]", shown.output) is None


def test_init_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("mine", encoding="utf-8")
    assert slawatch("init", tmp_path).exit_code == 0
    assert (tmp_path / ".gitignore").read_text(encoding="utf-8") == "mine"

    (tmp_path / "config.toml").write_text("# mine", encoding="utf-8")
    again = slawatch("init", tmp_path)

    assert isinstance(again.exception, UsageError)
    assert (tmp_path / "config.toml").read_text(encoding="utf-8") == "# mine"


def test_a_new_config_can_be_read_by_its_owner_alone(tmp_path: Path) -> None:
    slawatch("init", tmp_path / "new")

    assert stat.S_IMODE((tmp_path / "new" / "config.toml").stat().st_mode) == 0o600


@pytest.mark.parametrize("config", ["", "# my own, not written by `slawatch demo`"])
def test_a_demo_takes_the_place_of_an_earlier_demo_and_of_nothing_else(tmp_path: Path, config: str) -> None:
    folder = tmp_path / "demo"
    folder.mkdir()
    (folder / "thesis.txt").touch()
    if config:
        (folder / "config.toml").write_text(config, encoding="utf-8")
    with pytest.raises(UsageError, match="holds something that is no demo"):
        _make_room(folder)
    assert (folder / "thesis.txt").exists()

    (folder / "config.toml").write_text("# Written by `slawatch demo`. And so on.", encoding="utf-8")
    _make_room(folder)
    assert not folder.exists()
