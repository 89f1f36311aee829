"""`slawatch run` as a process of its own, on Postfix and Dovecot: it asks, hears the answer, reloads, ends and dies."""

from __future__ import annotations

import signal
from datetime import timedelta
from pathlib import Path

import pytest

from slawatch import app
from slawatch.model import Delivery, MessageKind
from slawatch.usecases import audit
from tests.cli.daemon import Daemon
from tests.cli.running import run
from tests.servers import asking
from tests.servers.local import eventually
from tests.servers.mail import Mailbox, MailServers

pytestmark = [pytest.mark.server, pytest.mark.timeout(120)]

ANSWER = "Guten Tag,\n\nwir liefern innerhalb von zwei Werktagen, und jedes Paket lässt sich verfolgen.\n\nJ. Ott\n"


class Stage:
    """A config on the private servers, with the daemon's environment."""

    def __init__(self, servers: MailServers, folder: Path) -> None:
        self.servers = servers
        self.mailbox: Mailbox = servers.mailbox()
        self.config = folder / "config.toml"
        self.env = {asking.PASSWORD_VARIABLE: self.mailbox.password}
        self.write("shop")

    def address(self, key: str) -> str:
        return f"{key}@{self.mailbox.name}.example"

    def write(self, *keys: str, more: str = "") -> None:
        text = asking.config(self.mailbox, {key: self.address(key) for key in keys})
        self.config.write_text(text + more, encoding="utf-8")

    def plan(self) -> None:
        """Have everybody asked now."""
        with app.world(self.config) as world:
            targets = [target for company in world.config.companies.values() for target in company.targets]
            audit.start(world, targets, over=timedelta(0), until=None, name="all")

    def daemon(self, every: str = "1 h") -> Daemon:
        return Daemon(self.config, "--every", every, env=self.env)


@pytest.fixture
def stage(mail_servers: MailServers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    stage = Stage(mail_servers, tmp_path)
    monkeypatch.setenv(asking.PASSWORD_VARIABLE, stage.mailbox.password)
    return stage


def test_it_asks_hears_the_answer_at_the_bell_and_ends_cleanly(stage: Stage) -> None:
    stage.plan()
    with stage.daemon() as daemon:
        daemon.says("asked shop")
        (letter,) = eventually(
            lambda: stage.servers.companies.letters(stage.address("shop")), what="the request", seconds=30
        )
        stage.servers.reply(letter, ANSWER)
        # Within an hour's pause only the doorbell can have woken it. Who answers within a second may be a machine.
        daemon.says("unknown from shop")
        daemon.send(signal.SIGTERM)
        assert daemon.end() == 0
        assert "Traceback" not in daemon.text
    with app.world(stage.config) as world:
        (request,) = world.store.requests()
        assert request.delivery is Delivery.SENT
        assert MessageKind.UNKNOWN in [reply.kind for reply in world.store.replies()[request.id]]


def test_a_bad_config_leaves_the_old_one_in_force_and_a_good_one_takes_its_place(stage: Stage) -> None:
    with stage.daemon(every="1 s") as daemon:
        daemon.says("1 company, 1 account")
        stage.write("shop", more="colour = 1\nevery = 2\n")
        daemon.send(signal.SIGHUP)
        line = daemon.says("config not taken over")
        assert "2 mistakes" in line
        assert line.count("config.toml:") == 2

        stage.write("shop", "other")
        daemon.send(signal.SIGHUP)
        daemon.says("config read anew")
        stage.plan()
        daemon.says("asked other")
        daemon.send(signal.SIGINT)
        assert daemon.end() == 0


def test_killed_and_started_again_it_goes_on_and_two_at_once_there_never_are(stage: Stage) -> None:
    stage.plan()
    with stage.daemon() as daemon:
        daemon.says("asked shop")
        done = run("run", "-c", str(stage.config), cwd=stage.config.parent, env=stage.env)
        assert (done.code, done.out) == (1, "")
        assert "another slawatch run is at work" in done.err
        daemon.send(signal.SIGKILL)
        daemon.end()
    with stage.daemon() as daemon:
        daemon.says("works with")
        (letter,) = stage.servers.companies.letters(stage.address("shop"))
        stage.servers.reply(letter, ANSWER)
        daemon.says("unknown from shop")  # although the one before was killed, perhaps with the mailbox in its hands
        daemon.send(signal.SIGTERM)
        assert daemon.end() == 0
        assert "asked" not in daemon.text
    assert len(stage.servers.companies.letters(stage.address("shop"))) == 1
