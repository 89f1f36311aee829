"""The far side of the e-mail channel: a submission server with faults and a mailbox, both in this process."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from types import TracebackType
from typing import Self

from slawatch.channels.base import Channel
from slawatch.channels.email import EmailChannel, Settings
from slawatch.model import Facts, FollowUp, Request
from slawatch.secret import Secret
from slawatch.testing import INBOX, JUNK, OWN_ADDRESS, FakeClock
from tests.contract.benches import BATCH, Bench
from tests.servers import imap, submission
from tests.servers.submission import STEPS, Faults, Taken


class EmailBench(Bench):
    """Letters to the company stay with the submission server; our own copies come back into our mailbox."""

    name = "email"
    target = "service@shop.example"

    def __init__(self) -> None:
        super().__init__()
        self.clock: FakeClock = FakeClock()
        self._stack = ExitStack()
        self._newest: Callable[[], None] = lambda: None

    def __enter__(self) -> Self:
        self._mailbox = self._stack.enter_context(imap.running())
        self._submission = self._stack.enter_context(submission.running(None))
        self._submission.deliver = self._deliver
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def channel(self) -> Channel:
        settings = Settings(
            address=OWN_ADDRESS,
            name="Alex Beispiel",
            smtp_host="localhost",
            smtp_port=self._submission.port,
            smtp_security="none",
            imap_host="localhost",
            imap_port=self._mailbox.port,
            imap_security="none",
            imap_user=imap.USER,
            imap_password=Secret(imap.PASSWORD),
            timeout=timedelta(seconds=10),
            batch=BATCH,
        )
        return EmailChannel(settings, account=self.account, clock=self.clock)

    def arrived(self, request: Request) -> list[bytes]:
        return [
            taken.raw
            for taken in self._submission.taken
            if taken.recipients[0] == request.target and f"Message-ID: <{request.message_id}>".encode() in taken.raw
        ]

    def arrived_after(self, request: Request, follow_up: FollowUp) -> list[bytes]:
        return [
            taken.raw
            for taken in self._submission.taken
            if taken.recipients[0] == request.target and f"Message-ID: <{follow_up.own_id}>".encode() in taken.raw
        ]

    def reply_by_hand(self, letter: Facts, text: str) -> None:
        message = EmailMessage()
        message["From"] = OWN_ADDRESS
        message["To"] = letter.sender
        message["Subject"] = f"Re: {letter.subject}"
        message["Date"] = format_datetime(self.clock.now())
        message["Message-ID"] = f"<by-hand-{letter.own_id}>"
        message["In-Reply-To"] = letter.headers["message-id"][0]
        message.set_content(text)
        self._mailbox.append(message.as_bytes(), self.clock.now(), folder="Sent")

    def answer(self, request: Request, text: str, *, junk: bool = False) -> None:
        self._made += 1
        local, _, domain = OWN_ADDRESS.partition("@")
        own = f"{local}+{request.token}@{domain}"
        message = EmailMessage()
        message["Delivered-To"] = own
        message["From"] = f"Service <{request.target}>"
        message["To"] = own
        message["Subject"] = f"Re: {request.text.subject}"
        message["Date"] = format_datetime(self.clock.now())
        message["Message-ID"] = f"<answer-{self._made}@shop.example>"
        message["In-Reply-To"] = f"<{request.message_id}>"
        message.set_content(text)
        raw, folder = message.as_bytes(), JUNK if junk else INBOX
        self._newest = lambda: self._mailbox.append(raw, self.clock.now(), folder=folder)
        self._newest()

    def duplicate(self) -> None:
        self._newest()

    def refuse(self, target: str) -> None:
        self._submission.faults.refusals[target] = "550 5.1.1 there is nobody of that name"

    def fail_once(self) -> None:
        self._submission.once(Faults(refusals={"rcpt": "450 4.2.0 greylisted"}))

    def lose_acknowledgement(self) -> None:
        self._submission.once(Faults(lose_reply=True))

    def swallow_once(self) -> None:
        self._submission.once(Faults(cut=STEPS[-1]))

    def go_away(self) -> None:
        self._submission.go_away()
        self._mailbox.go_away()

    def come_back(self) -> None:
        self._submission.come_back()
        self._mailbox.come_back()

    def _deliver(self, taken: Taken) -> None:
        if any(_without_tag(address) == OWN_ADDRESS for address in taken.recipients):
            self._mailbox.append(taken.raw, self.clock.now())


def _without_tag(address: str) -> str:
    local, _, domain = address.partition("@")
    return f"{local.partition('+')[0]}@{domain}"
