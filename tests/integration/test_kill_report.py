"""kill -9 around every step of mailing a report, on Postfix and Dovecot: one copy arrives, or none and that is said."""

from __future__ import annotations

import re
import signal
import subprocess
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from slawatch import app
from slawatch.clock import SystemClock
from slawatch.store import Letter, LetterState
from slawatch.usecases.mailing import SINCE, troubles
from tests.integration.copies import Copies
from tests.servers import asking
from tests.servers.mail import Mailbox, MailServers

pytestmark = pytest.mark.server

KILLS_MIN = 15
OUT = 'out = "written"\n'  # what a copy prints lies in "out"
# Due twelve hours ago, so that none of the hours that a copy goes ahead ever makes the next one due.
REPORT = '\n[[report]]\nevery = "day"\nat = "{at:%H:%M}"\nto = ["{to}"]\n'
# Around the intent, the claim, the hand-over and the report of it; reading changes nothing.
STEPS = re.compile(
    r"sql (?:BEGIN|COMMIT|INSERT INTO letter|UPDATE letter)|(?:before|after) sending (?:rcpt|data|\.|Date)|after reply"
)


@dataclass(frozen=True)
class Workplace:
    """One folder with one report due, and whoever gets it."""

    config: Path
    to: str
    mailbox: Mailbox
    copies: Copies

    def run(self, at: int, *hours: float) -> subprocess.CompletedProcess[str]:
        """Do passes in a process of their own, killed at the instant of that number (0: never)."""
        return self.copies.run(self.config.parent, str(self.config), str(at), *map(str, hours))

    def arrived(self) -> Counter[str]:
        """Return how often each Message-ID reached the reader: the ground truth."""
        letters = self.mailbox.servers.companies.letters(self.to)
        return Counter(str(letter.message["Message-ID"]).strip("<>") for letter in letters)

    def state(self) -> tuple[list[Letter], list[str]]:
        """Return the outbox, and what `status` says of it."""
        with app.world(self.config, clock=SystemClock()) as world:
            return world.store.letters(), troubles(world)


def workplace(folder: Path, number: int, mail_servers: MailServers, copies: Copies) -> Workplace:
    mailbox = mail_servers.mailbox()
    to = f"lead{number}-{mailbox.name}@shop.example"
    folder.mkdir()
    config = folder / "config.toml"
    asked = OUT + asking.config(mailbox, {"shop": "service@shop.example"})
    zone = ZoneInfo(tomllib.loads(asked)["timezone"])
    config.write_text(asked + REPORT.format(at=datetime.now(zone) - timedelta(hours=12), to=to), encoding="utf-8")
    with app.world(config, clock=SystemClock()) as world:
        world.store.set_meta(f"{SINCE}report", (datetime.now(UTC) - timedelta(days=3)).isoformat())
    return Workplace(config=config, to=to, mailbox=mailbox, copies=copies)


@pytest.fixture(scope="module")
def copies(mail_servers: MailServers) -> Iterator[Copies]:
    with Copies("tests.integration.killable_report", asking.environment(mail_servers.mailbox())) as made:
        yield made


def test_killed_at_any_step_a_report_arrives_once_or_nobody_claims_it_did(
    mail_servers: MailServers, copies: Copies, tmp_path: Path
) -> None:
    undisturbed = workplace(tmp_path / "undisturbed", 0, mail_servers, copies)
    done = undisturbed.run(0, 0)
    assert done.returncode == 0, done.stderr
    mail_servers.postfix.wait_until_empty()
    assert list(undisturbed.arrived().values()) == [1], undisturbed.state()
    steps = [(number, name) for number, name in enumerate(done.stdout.splitlines(), start=1) if STEPS.search(name)]
    first = next(index for index, (_, name) in enumerate(steps) if "INSERT INTO letter" in name)
    steps = steps[first - 1 :]
    assert len(steps) >= KILLS_MIN, steps

    ends: Counter[tuple[LetterState, int]] = Counter()
    places = []
    for at, name in steps:
        place = workplace(tmp_path / str(at), at, mail_servers, copies)
        dead = place.run(at, 0)
        assert dead.returncode == -signal.SIGKILL, (name, dead.stderr)
        places.append((place, name))
    mail_servers.postfix.wait_until_empty()
    for place, name in places:
        # The next pass, then the lease has run out, then evidence is looked for once more.
        alive = place.run(0, 0.01, 0.5, 1)
        assert alive.returncode == 0, (name, alive.stderr)
    mail_servers.postfix.wait_until_empty()

    for place, name in places:
        arrived, (letters, said) = place.arrived(), place.state()
        assert set(arrived.values()) <= {1}, name
        (letter,) = letters
        assert set(arrived) <= {letter.message_id}, name
        assert letter.state in {LetterState.SENT, LetterState.UNCERTAIN}, (name, letter)
        assert (letter.state is LetterState.SENT) == bool(arrived), (name, letter)
        assert bool(said) == (letter.state is LetterState.UNCERTAIN), (name, said)
        ends[letter.state, sum(arrived.values())] += 1
    assert ends[LetterState.SENT, 1] > 0
    assert ends[LetterState.UNCERTAIN, 0] > 0
