"""slawatch's own e-mail channel on the private servers: settings that reach them, and requests to put into it."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import slawatch
from slawatch import token
from slawatch.channels.base import Sent
from slawatch.channels.email import EmailChannel, Settings
from slawatch.clock import SystemClock
from slawatch.match import Known
from slawatch.model import Attempt, Delivery, Facts, Incoming, Origin, Request, Text
from slawatch.secret import Secret
from tests.servers.local import eventually
from tests.servers.mail import Mailbox
from tests.servers.postfix import HOSTNAME

_ids = itertools.count(1)


@dataclass(frozen=True)
class Question:
    """A request, its attempt, and what the channel said when it was sent."""

    request: Request
    attempt: Attempt
    sent: Sent | None = None

    @property
    def known(self) -> Known:
        """What ties a message to it, for match.find."""
        number = self.request.id
        return Known(
            by_token={self.request.token: number},
            by_message_id={self.request.message_id: number},
            by_envelope_id={self.attempt.envelope_id: number},
        )


def settings(mailbox: Mailbox) -> Settings:
    """Return an account's settings for this mailbox, as a person would write them."""
    servers = mailbox.servers
    return Settings(
        address=mailbox.address,
        name="Anna Beispiel",
        smtp_host="localhost",
        smtp_port=servers.postfix.submission,
        smtp_password=Secret(mailbox.password),
        imap_host="localhost",
        imap_port=servers.dovecot.imaps,
        own_mx=HOSTNAME,
        ca_file=str(servers.dovecot.authority.ca),
    )


CONFIG = """
timezone = "Europe/Berlin"

[account.main]
channel = "email"
address = "{address}"
name = "Anna Beispiel"
smtp_host = "localhost"
smtp_port = {submission}
smtp_password_env = "{variable}"
imap_host = "localhost"
imap_port = {imaps}
own_mx = "{own_mx}"
ca_file = "{ca}"
per_minute = 60
"""

COMPANY = """
[company.{key}]
name = "{key}"
relationship = "own"
language = "de"

[[company.{key}.target]]
channel = "email"
address = "{address}"
"""

PASSWORD_VARIABLE = "SLAWATCH_TEST_PASSWORD"


def config(mailbox: Mailbox, companies: Mapping[str, str]) -> str:
    """Return a config that asks these companies, key to address, from this mailbox; its password is in the variable."""
    servers = mailbox.servers
    account = CONFIG.format(
        address=mailbox.address,
        variable=PASSWORD_VARIABLE,
        submission=servers.postfix.submission,
        imaps=servers.dovecot.imaps,
        own_mx=HOSTNAME,
        ca=servers.dovecot.authority.ca,
    )
    return account + "".join(COMPANY.format(key=key, address=address) for key, address in companies.items())


def environment(mailbox: Mailbox) -> dict[str, str]:
    """Return what a slawatch process of its own needs: the password, and the slawatch that is tested."""
    return {
        **os.environ,
        PASSWORD_VARIABLE: mailbox.password,
        "PYTHONPATH": str(Path(slawatch.__file__).parents[1]),
    }


def channel(of: Settings) -> EmailChannel:
    """Return the channel; not opened yet."""
    return EmailChannel(of, account="main", clock=SystemClock())


def question(target: str) -> Question:
    """Return a request that has not been sent, with secrets of its own."""
    number = next(_ids)
    secret = token.new(os.urandom(token.RANDOM_BYTES))
    now = datetime.now(UTC)
    request = Request(
        id=number,
        public_id=f"r{number}",
        origin=Origin.SENT,
        company="shop",
        channel="email",
        target=target,
        account="main",
        text=Text(
            probe="delivery-time",
            lang="de",
            variant=0,
            subject=f"Lieferzeit für Österreich ({secret})",
            body="Guten Tag,\n\nwie lange dauert die Lieferung nach Wien?\n\n.\n\nFreundliche Grüße\nAnna Beispiel\n",
        ),
        token=secret,
        message_id=f"{os.urandom(8).hex()}@lab.example",
        delivery=Delivery.SENDING,
        due_at=now,
        zone="Europe/Berlin",
        intended_at=now,
    )
    attempt = Attempt(
        id=number, request_id=number, number=1, envelope_id=f"e{os.urandom(6).hex()}", started_at=datetime.now(UTC)
    )
    return Question(request=request, attempt=attempt)


def ask(by: EmailChannel, target: str) -> Question:
    """Send a new request to the target."""
    asked = question(target)
    return replace(asked, sent=by.send(asked.request, asked.attempt))


def collect_all(by: EmailChannel, cursor: str = "") -> tuple[list[Incoming], str]:
    """Collect until nothing is left; return the messages and the cursor behind them."""
    found: list[Incoming] = []
    while True:
        batch = by.collect(cursor)
        found += batch.messages
        cursor = batch.cursor
        if not batch.more:
            return found, cursor


def collect_until(by: EmailChannel, wanted: Callable[[Facts], bool], *, what: str, seconds: float = 60) -> Incoming:
    """Collect again and again, as ticks do, until a wanted message has come; return it."""
    cursor = ""

    def look() -> list[Incoming]:
        nonlocal cursor
        found, cursor = collect_all(by, cursor)
        return [message for message in found if wanted(message.facts)]

    return eventually(look, what=what, seconds=seconds)[0]
