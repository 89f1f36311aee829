"""kill -9 at every instant around intent, send and commit, against Postfix and Dovecot: nothing is ever asked twice."""

from __future__ import annotations

import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from slawatch.clock import SystemClock
from slawatch.model import Delivery, Request, Slot, VoidReason
from slawatch.store import Store
from tests.integration.copies import Copies
from tests.servers import asking
from tests.servers.mail import Mailbox, MailServers

pytestmark = pytest.mark.server

KILLS_MIN = 40


@dataclass(frozen=True)
class Workplace:
    """One folder with one request due, and the company that gets it."""

    config: Path
    target: str
    mailbox: Mailbox
    copies: Copies

    def run(self, at: int, *hours: float) -> subprocess.CompletedProcess[str]:
        """Do passes in a process of their own, killed at the instant of that number (0: never)."""
        return self.copies.run(self.config.parent, str(self.config), str(at), *map(str, hours))

    def store(self) -> Store:
        return Store(self.config.with_name("slawatch.db"), clock=SystemClock())

    def left(self) -> Counter[str]:
        """Return how often each Message-ID reached the company: the ground truth."""
        return Counter(
            str(letter.message["Message-ID"]).strip("<>")
            for letter in self.mailbox.servers.companies.letters(self.target)
        )


_numbers = iter(range(10_000))


def workplace(folder: Path, mail_servers: MailServers, copies: Copies) -> Workplace:
    """Make a folder whose store holds one slot that is due now, and a mailbox without the letters of other deaths."""
    mailbox = mail_servers.mailbox()
    target = f"kill{next(_numbers)}-{mailbox.name}@shop.example"
    folder.mkdir()
    config = folder / "config.toml"
    config.write_text(
        asking.config(mailbox, {"shop": target}),
        encoding="utf-8",
    )
    made = Workplace(config=config, target=target, mailbox=mailbox, copies=copies)
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
def copies(mail_servers: MailServers) -> Iterator[Copies]:
    with Copies("tests.integration.killable", asking.environment(mail_servers.mailbox())) as made:
        yield made


@pytest.fixture(scope="module")
def instants(
    mail_servers: MailServers, copies: Copies, tmp_path_factory: pytest.TempPathFactory
) -> list[tuple[int, str]]:
    """The instants, numbered from 1, of a pass that sends one request undisturbed."""
    place = workplace(tmp_path_factory.mktemp("undisturbed") / "work", mail_servers, copies)
    done = place.run(0, 0)
    assert done.returncode == 0, done.stderr
    place.mailbox.servers.postfix.wait_until_empty()
    assert sum(place.left().values()) == 1
    names = list(enumerate(done.stdout.splitlines(), start=1))
    # To be killed before it reads is to be killed after what it did before; the next instant finds the same.
    return [(number, name) for number, name in names if "sql SELECT" not in name or number == len(names)]


def test_an_undisturbed_pass_has_instants_enough_to_be_killed_at(instants: list[tuple[int, str]]) -> None:
    assert len(instants) >= KILLS_MIN
    assert any("COMMIT" in name for _, name in instants)
    assert any("after sending ." in name or "before sending" in name for _, name in instants)


PARTS = 8


@pytest.mark.parametrize("part", range(PARTS))
def test_killed_at_any_instant_a_request_leaves_once_or_is_void_and_planned_anew(
    part: int, instants: list[tuple[int, str]], mail_servers: MailServers, copies: Copies, tmp_path: Path
) -> None:
    killed = 0
    for at, name in instants[part::PARTS]:
        place = workplace(tmp_path / str(at), mail_servers, copies)

        dead = place.run(at, 0)
        assert dead.returncode == -signal.SIGKILL, (name, dead.stderr)
        killed += 1
        place.mailbox.servers.postfix.wait_until_empty()
        # The lease runs out, evidence is looked for, the grace passes, the new slot is sent.
        alive = place.run(0, 0.5, 2, 3)
        assert alive.returncode == 0, (name, alive.stderr)
        place.mailbox.servers.postfix.wait_until_empty()

        judge(place, f"killed at {at}, {name}")
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
