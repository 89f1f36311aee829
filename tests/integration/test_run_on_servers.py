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

    def daemon(self) -> Daemon:
        return Daemon(self.config, "--every", "1 h", env=self.env)


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
