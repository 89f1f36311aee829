"""kill -9 at every instant between intent and commit of a reply, against Postfix and Dovecot: no question gets two."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path

import pytest

from slawatch import token
from slawatch.clock import SystemClock
from slawatch.model import AttemptOutcome, Delivery, FollowUp, Origin, Request, Slot, Text
from slawatch.store import Draft, Store
from tests.integration.copies import Copies
from tests.servers import asking
from tests.servers.local import eventually
from tests.servers.mail import MailServers

pytestmark = pytest.mark.server

KILLS_MIN = 20
PARTS = 4
QUESTION = "Guten Tag,\n\num welches Modell geht es Ihnen denn?\n\nFreundliche Grüße\nMaeve Doyle\n"

_numbers = iter(range(10_000))


class Workplace:
    """A folder with one request that left an hour ago, and the company's question to it alone in a mailbox."""

    def __init__(self, folder: Path, mail_servers: MailServers, copies: Copies) -> None:
        self.mailbox = mail_servers.mailbox()
        self.copies = copies
        self.target = f"ask{next(_numbers)}-{self.mailbox.name}@shop.example"
        folder.mkdir()
        self.config = folder / "config.toml"
        self.config.write_text(asking.config(self.mailbox, {"shop": self.target}), encoding="utf-8")
        with self.store() as store:
            request = self._asked(store)
        self._asks_back(request)

    def store(self) -> Store:
        return Store(self.config.with_name("slawatch.db"), clock=SystemClock())

    def run(self, at: int, *hours: float) -> subprocess.CompletedProcess[str]:
        """Do passes in a process of their own, killed at the instant of that number (0: never)."""
        return self.copies.run(self.config.parent, str(self.config), str(at), *map(str, hours))

    def arrived(self) -> list[str]:
        """Return the Message-IDs of what reached the company: the ground truth."""
        letters = self.mailbox.servers.companies.letters(self.target)
        return [str(letter.message["Message-ID"]).strip("<>") for letter in letters]

    def follow_ups(self) -> list[FollowUp]:
        with self.store() as store:
            return [one for some in store.follow_ups().values() for one in some]

    def _asked(self, store: Store) -> Request:
        now = datetime.now(UTC)
        secret = token.new(self.target.encode()[:8].ljust(8, b"."))
        slot = Slot(
            key="the slot",
            company="shop",
            channel="email",
            target=self.target,
            account="main",
            due_at=now - timedelta(hours=1),
            zone="Europe/Berlin",
        )
        store.add_slots([slot])
        draft = Draft(
            origin=Origin.SENT,
            company="shop",
            channel="email",
            target=self.target,
            account="main",
            text=Text(probe="delivery-time", lang="de", variant=0, subject=f"Frage ({secret})", body="Wie lange?\n"),
            token=secret,
            message_id=f"{self.target.replace('@', '.')}@lab.example",
            public_id="R1",
            due_at=slot.due_at,
            zone=slot.zone,
        )
        request = store.claim(store.slots()[0], draft, worker="w", guard=lambda _: None)
        assert isinstance(request, Request)
        attempt = store.start_attempt(
            request.id, worker="w", lease=timedelta(minutes=10), envelope_id=f"e-{self.target}"
        )
        assert attempt is not None
        store.finish_attempt(attempt, AttemptOutcome.SENT, detail="250", accepted_at=now - timedelta(hours=1))
        return request

    def _asks_back(self, request: Request) -> None:
        message = EmailMessage()
        message["From"] = f"Maeve Doyle <{self.target}>"
        message["To"] = self.mailbox.address.replace("@", f"+{request.token}@")
        message["Subject"] = f"Re: {request.text.subject}"
        message["Date"] = format_datetime(datetime.now(UTC))
        message["Message-ID"] = make_msgid(domain="shop.example")
        message["In-Reply-To"] = f"<{request.message_id}>"
        message.set_content(QUESTION)
        self.mailbox.servers.write(message, sender=self.target, to=str(message["To"]))
        eventually(
            lambda: any(request.token.encode() in raw for raw in self.mailbox.messages().values()), what="the question"
        )


@pytest.fixture(scope="module")
def copies(mail_servers: MailServers) -> Iterator[Copies]:
    with Copies("tests.integration.killable_follow_up", asking.environment(mail_servers.mailbox())) as made:
        yield made


@pytest.fixture(scope="module")
def instants(
    mail_servers: MailServers, copies: Copies, tmp_path_factory: pytest.TempPathFactory
) -> list[tuple[int, str]]:
    """The instants, numbered from 1, of a pass that replies undisturbed: from the first transaction on."""
    place = Workplace(tmp_path_factory.mktemp("undisturbed") / "work", mail_servers, copies)
    done = place.run(0, 0)
    assert done.returncode == 0, done.stderr
    place.mailbox.servers.postfix.wait_until_empty()
    assert place.arrived() == [one.own_id for one in place.follow_ups()]
    assert len(place.arrived()) == 1
    names = list(enumerate(done.stdout.splitlines(), start=1))
    first = next(number for number, name in names if "BEGIN" in name)
    # To be killed before it reads is to be killed after what it did before.
    return [(number, name) for number, name in names if number >= first and "sql SELECT" not in name]


def test_an_undisturbed_pass_has_instants_enough_to_be_killed_at(instants: list[tuple[int, str]]) -> None:
    assert len(instants) >= KILLS_MIN
    assert any("COMMIT" in name for _, name in instants)
    assert any("before sending ." in name for _, name in instants)


@pytest.mark.parametrize("part", range(PARTS))
def test_killed_at_any_instant_a_reply_leaves_once_or_is_given_up(
    part: int, instants: list[tuple[int, str]], mail_servers: MailServers, copies: Copies, tmp_path: Path
) -> None:
    for at, name in instants[part::PARTS]:
        place = Workplace(tmp_path / str(at), mail_servers, copies)

        dead = place.run(at, 0)
        assert dead.returncode == -signal.SIGKILL, (name, dead.stderr)
        place.mailbox.servers.postfix.wait_until_empty()
        # The lease runs out, evidence is looked for, the grace passes.
        alive = place.run(0, 0.5, 2, 3)
        assert alive.returncode == 0, (name, alive.stderr)
        place.mailbox.servers.postfix.wait_until_empty()

        arrived = place.arrived()
        (believed,) = place.follow_ups()
        assert believed.delivery in {Delivery.SENT, Delivery.WITHDRAWN}, name
        assert arrived == ([believed.own_id] if believed.delivery is Delivery.SENT else []), name
