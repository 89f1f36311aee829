"""kill -9 at every instant around intent, send and commit, against Postfix and Dovecot: nothing is ever asked twice."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from slawatch.clock import SystemClock
from slawatch.model import Delivery, Request, Slot, VoidReason
from slawatch.store import Store
from tests.servers import asking
from tests.servers.mail import Mailbox, MailServers

pytestmark = pytest.mark.server

KILLABLE = Path(__file__).with_name("killable.py")
KILLS_MIN = 40
SECONDS = 60


@dataclass(frozen=True)
class Workplace:
    """One folder with one request due, and the company that gets it."""

    config: Path
    target: str
    mailbox: Mailbox

    def run(self, at: int, *hours: float) -> subprocess.CompletedProcess[str]:
        """Do passes in a process of their own, killed at the instant of that number (0: never)."""
        return subprocess.run(
            [sys.executable, str(KILLABLE), str(self.config), str(at), *map(str, hours)],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
            env=asking.environment(self.mailbox),
        )

    def store(self) -> Store:
        return Store(self.config.with_name("slawatch.db"), clock=SystemClock())

    def left(self) -> Counter[str]:
        """Return how often each Message-ID reached the company: the ground truth."""
        return Counter(
            str(letter.message["Message-ID"]).strip("<>")
            for letter in self.mailbox.servers.companies.letters(self.target)
        )


_numbers = iter(range(10_000))


def workplace(folder: Path, mailbox: Mailbox) -> Workplace:
    """Make a folder whose store holds one slot that is due now."""
    target = f"kill{next(_numbers)}-{mailbox.name}@shop.example"
    folder.mkdir()
    config = folder / "config.toml"
    config.write_text(
        asking.config(mailbox, {"shop": target}),
        encoding="utf-8",
    )
    made = Workplace(config=config, target=target, mailbox=mailbox)
    with made.store() as store:
        store.add_slots(
            [
                Slot(
                    key="the slot",
                    company="shop",
                    channel="email",
                    target=target,
                    account="main",
                    due_at=datetime.now(UTC) - timedelta(minutes=1),
                    zone="Europe/Berlin",
                )
            ]
        )
    return made


@pytest.fixture(scope="module")
def kill_mailbox(mail_servers: MailServers) -> Mailbox:
    return mail_servers.mailbox()


@pytest.fixture(scope="module")
def instants(kill_mailbox: Mailbox, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The names of all instants of a pass that sends one request undisturbed."""
    place = workplace(tmp_path_factory.mktemp("undisturbed") / "work", kill_mailbox)
    done = place.run(0, 0)
    assert done.returncode == 0, done.stderr
    place.mailbox.servers.postfix.wait_until_empty()
    assert sum(place.left().values()) == 1
    return done.stdout.splitlines()


def test_an_undisturbed_pass_has_instants_enough_to_be_killed_at(instants: list[str]) -> None:
    assert len(instants) >= KILLS_MIN
    assert any("COMMIT" in name for name in instants)
    assert any("after sending ." in name or "before sending" in name for name in instants)


PARTS = 8


@pytest.mark.parametrize("part", range(PARTS))
def test_killed_at_any_instant_a_request_leaves_once_or_is_void_and_planned_anew(
    part: int, instants: list[str], kill_mailbox: Mailbox, tmp_path: Path
) -> None:
    killed = 0
    for at in range(1 + part, len(instants) + 1, PARTS):
        place = workplace(tmp_path / str(at), kill_mailbox)

        dead = place.run(at, 0)
        assert dead.returncode == -signal.SIGKILL, (instants[at - 1], dead.stderr)
        killed += 1
        place.mailbox.servers.postfix.wait_until_empty()
        # The lease runs out, evidence is looked for, the grace passes, the new slot is sent.
        alive = place.run(0, 0.5, 2, 3)
        assert alive.returncode == 0, (instants[at - 1], alive.stderr)
        place.mailbox.servers.postfix.wait_until_empty()

        judge(place, f"killed at {at}, {instants[at - 1]}")
    assert killed >= KILLS_MIN // PARTS


def judge(place: Workplace, when: str) -> None:
    """Hold what slawatch believes against what the company got."""
    left = place.left()
    with place.store() as store:
        requests = store.requests()
        slots = store.slots()
    assert requests, when
    assert set(left) <= {request.message_id for request in requests}, when
    for request in requests:
        copies = left[request.message_id]
        assert copies <= 1, when
        if is_sent(request):
            assert copies == 1, when
        else:
            assert request.void_reason in {VoidReason.UNCERTAIN, VoidReason.NOT_SENT}, (when, request)
            assert copies == 0, (when, "what reached the company was called void although our copy came")
    assert is_sent(requests[-1]), (when, "its slot was not planned anew", slots)
    assert len(slots) == len(requests), when


def is_sent(request: Request) -> bool:
    return request.delivery is Delivery.SENT and request.void_reason is None
