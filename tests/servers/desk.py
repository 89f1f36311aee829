"""A company with a real help desk (django-helpdesk, German) over one of our mailboxes; it answers by our Postfix."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.servers.dovecot import PASSWORD
from tests.servers.mail import Mailbox
from tests.servers.needs import ROOT, give_up

OFFICE = Path(__file__).with_name("helpdesk") / "office.py"
PYTHON = ROOT / ".make" / "peers" / "bin" / "python"


@dataclass(frozen=True)
class Ticket:
    """What the help desk made of one letter; `sender` is whom it will answer."""

    id: int
    title: str
    sender: str


@dataclass(frozen=True)
class Desk:
    """One company's help desk over a mailbox of its own; every address of that mailbox's domain is the company's."""

    mailbox: Mailbox
    folder: Path

    @property
    def domain(self) -> str:
        """The company's domain: whatever is sent to it lands in the desk's one queue."""
        return self.mailbox.catch_all_domain

    @property
    def address(self) -> str:
        """The address its letters come from."""
        return f"service@{self.domain}"

    def open(self) -> None:
        """Set it up."""
        self._do("prepare")

    def fetch(self) -> list[Ticket]:
        """Take up new mail, which sends receipts; return all tickets."""
        return [Ticket(id=one["id"], title=one["title"], sender=one["from"]) for one in self._do("fetch")]

    def comment(self, ticket: Ticket, text: str) -> None:
        """Let the agent write to the customer."""
        self._do("comment", ticket=ticket.id, text=text)

    def resolve(self, ticket: Ticket, text: str) -> None:
        """Let the agent write the solution."""
        self._do("resolve", ticket=ticket.id, text=text)

    def _do(self, work: str, **facts: object) -> Any:
        if not PYTHON.exists():
            give_up(f"no environment with the help desk at {PYTHON.relative_to(ROOT)}: make peers")
        servers = self.mailbox.servers
        done = subprocess.run(
            [str(PYTHON), str(OFFICE), work],
            input=json.dumps(
                {
                    "database": str(self.folder / "desk.sqlite"),
                    "address": self.address,
                    "smtp": servers.postfix.smtp,
                    "imaps": servers.dovecot.imaps,
                    "user": self.mailbox.address,
                    "password": PASSWORD,
                    "ca": str(servers.dovecot.authority.ca),
                    **facts,
                }
            ),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        assert "Queue processing failed" not in done.stderr, done.stderr[-3000:]
        return json.loads(done.stdout)
