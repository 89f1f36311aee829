"""kill -9 at random instants over the daemon, with letters, posts on two networks and a messenger, on real servers."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.copies import Copies
from tests.servers import asking
from tests.servers.mail import MailServers
from tests.torture.killing import A_ROUND, LaterClock, Tally, drawn, one_round
from tests.torture.ways import all_ways

pytestmark = [pytest.mark.server, pytest.mark.timeout(0)]

KILLS = {"short": 20, "medium": 500, "long": 5000}
EACH = {"mail": 12, "tweets": 9, "toots": 3, "lines": 9}


@pytest.fixture(scope="module")
def daemons(mail_servers: MailServers) -> Iterator[Copies]:
    with Copies("tests.torture.one_daemon", asking.environment(mail_servers.mailbox())) as made:
        yield made


@pytest.fixture(scope="session")
def kills(torture: str) -> int:
    return int(os.environ.get("KILLS") or KILLS[torture])


@pytest.fixture(scope="session")
def seed() -> int:
    return int(os.environ.get("SEED") or random.randrange(10**6))  # noqa: S311 - no secret


def test_killed_at_any_instant_the_daemon_asks_everybody_once_and_loses_no_reply(
    kills: int,
    seed: int,
    daemons: Copies,
    mail_servers: MailServers,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dice = random.Random(seed)  # noqa: S311 - no secret
    tally = Tally()
    print(f"SEED={seed}")
    for number, left in enumerate(range(kills, 0, -A_ROUND)):
        folder = tmp_path / f"round{number}"
        folder.mkdir()
        clock = LaterClock()
        mailbox = mail_servers.mailbox()
        monkeypatch.setenv(asking.PASSWORD_VARIABLE, mailbox.password)
        with all_ways(folder, mailbox, clock, each=EACH) as ways:
            one_round(folder, ways, clock, daemons, drawn(dice, min(A_ROUND, left)), tally)
        print(tally)  # pytest -rA shows it
