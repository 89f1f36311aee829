"""The far side: one mail server on loopback that stands for every company; tests tell it how to answer."""

from __future__ import annotations

import email
import email.policy
import smtplib
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from threading import Lock

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.servers.local import LOOPBACK, eventually, free_ports

UNKNOWN_USER = "550 5.1.1 <{address}>: there is no such mailbox here"
GREYLISTED = "450 4.2.0 <{address}>: greylisted, come again later"


@dataclass(frozen=True)
class Letter:
    """What arrived at a company and when: the ground truth that a measured wait is held against."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    at: datetime

    @property
    def message(self) -> EmailMessage:
        """The message, parsed."""
        return email.message_from_bytes(self.raw, policy=email.policy.default)


class Companies:
    """Takes mail for every address unless told otherwise, address by address."""

    def __init__(self) -> None:
        (self.port,) = free_ports(1)
        self._controller = Controller(self, hostname=LOOPBACK, port=self.port)
        self._lock = Lock()
        self._letters: list[Letter] = []
        self._refusals: dict[str, deque[str]] = defaultdict(deque)
        self._tries: dict[str, int] = defaultdict(int)

    def start(self) -> None:
        """Open for business."""
        self._controller.start()

    def stop(self) -> None:
        """Close; safe to call twice."""
        if self._controller.server is not None:
            self._controller.stop()

    def refuse(self, address: str, *replies: str) -> None:
        """Answer the next RCPTs for the address with these replies, one each; afterwards it is accepted again."""
        with self._lock:
            self._refusals[address].extend(reply.format(address=address) for reply in replies)

    def tries(self, address: str) -> int:
        """Return how many RCPTs for the address have come."""
        with self._lock:
            return self._tries[address]

    def letters(self, address: str) -> list[Letter]:
        """Return what has arrived for the address, in order."""
        with self._lock:
            return [letter for letter in self._letters if address in letter.recipients]

    def letter(self, address: str, *, seconds: float = 30) -> Letter:
        """Wait for the first letter to the address and return it."""
        return eventually(lambda: self.letters(address), what=f"a letter to {address}", seconds=seconds)[0]

    async def handle_RCPT(  # noqa: N802 - aiosmtpd finds it by this name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: Sequence[str]
    ) -> str:
        """Accept, or refuse as told."""
        with self._lock:
            self._tries[address] += 1
            if self._refusals[address]:
                return self._refusals[address].popleft()
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd finds it by this name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Take the letter over."""
        raw = envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
        letter = Letter(
            sender=envelope.mail_from or "", recipients=tuple(envelope.rcpt_tos), raw=raw, at=datetime.now(UTC)
        )
        with self._lock:
            self._letters.append(letter)
        return "250 2.0.0 taken over"


def write(message: EmailMessage, *, sender: str, to: Sequence[str], port: int) -> None:
    """Hand a company's own mail to the server at `port`, as a server on the outside does."""
    with smtplib.SMTP(LOOPBACK, port, timeout=30) as smtp:
        smtp.sendmail(sender, list(to), message.as_bytes())
