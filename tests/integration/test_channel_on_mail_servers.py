"""The promise of every channel (tests/contract/test_channel.py), kept by the e-mail channel on Postfix and Dovecot."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from email.message import EmailMessage
from email.utils import format_datetime, localtime, make_msgid

import pytest

from slawatch.channels.base import Channel
from slawatch.clock import SystemClock
from slawatch.mail import mailbox as reading
from slawatch.model import Facts, FollowUp, Request
from tests.contract.benches import BATCH, Bench
from tests.contract.test_channel import (
    TestCollecting,
    TestLife,
    TestLookedUntil,
    TestReading,
    TestSending,
    TestUncertainty,
    TestWritingBack,
)
from tests.servers import asking
from tests.servers.gate import Gate
from tests.servers.local import eventually
from tests.servers.mail import Mailbox
from tests.servers.policy import AT_END, AT_RECIPIENT

__all__ = [
    "TestCollecting",
    "TestLife",
    "TestLookedUntil",
    "TestReading",
    "TestSending",
    "TestUncertainty",
    "TestWritingBack",
]


class MailServersBench(Bench):
    """The far side: our own Postfix and Dovecot, each behind a gate, and a company beyond them."""

    name = "email"
    id_domain = "lab.example"

    def __init__(self, mailbox: Mailbox) -> None:
        super().__init__()
        self.clock = SystemClock()
        self.target = f"service@{mailbox.name}.shop.example"  # type: ignore[misc] # a target for each mailbox
        self._mailbox = mailbox
        self._servers = mailbox.servers
        self._gates = [Gate(self._servers.postfix.submission), Gate(self._servers.dovecot.imaps)]
        self._letters: list[tuple[EmailMessage, str, str]] = []

    def close(self) -> None:
        for gate in self._gates:
            gate.shut()

    def channel(self) -> Channel:
        smtp, imap = self._gates
        settings = asking.settings(self._mailbox)
        return asking.channel(replace(settings, smtp_port=smtp.port, imap_port=imap.port, batch=BATCH))

    def arrived(self, request: Request) -> list[bytes]:
        return self._arrived(request, request.message_id)

    def arrived_after(self, request: Request, follow_up: FollowUp) -> list[bytes]:
        return self._arrived(request, follow_up.own_id)

    def _arrived(self, request: Request, message_id: str) -> list[bytes]:
        self._settle(request.token)
        letters = self._servers.companies.letters(request.target)
        return [
            _without_the_way(letter.raw) for letter in letters if str(letter.message["Message-ID"]) == f"<{message_id}>"
        ]

    def reply_by_hand(self, letter: Facts, text: str) -> None:
        message = EmailMessage()
        message["From"] = self._mailbox.address
        message["To"] = letter.sender
        message["Subject"] = f"Re: {letter.subject}"
        message["Date"] = format_datetime(self.clock.now())
        message["Message-ID"] = make_msgid(domain="lab.example")
        message["References"] = letter.headers["message-id"][0]
        message.set_content(text)
        with self._mailbox.login() as client:
            client.append("Sent", message.as_bytes())

    def answer(self, request: Request, text: str, *, junk: bool = False) -> None:
        message = EmailMessage()
        message["From"] = request.target
        message["To"] = self._mailbox.address.replace("@", f"+{request.token}@")
        message["Subject"] = f"Re: {request.text.subject}"
        message["Date"] = format_datetime(localtime())  # or Postfix would date each copy anew, a second apart at times
        message["Message-ID"] = make_msgid(domain="shop.example")
        message["In-Reply-To"] = f"<{request.message_id}>"
        if junk:
            message["X-Spam-Flag"] = "YES"
        message.set_content(text)
        self._deliver(message, request.target, "Junk" if junk else "INBOX")

    def duplicate(self) -> None:
        self._deliver(*self._letters[-1])

    def refuse(self, target: str) -> None:
        def rule(said: dict[str, str]) -> str | None:
            refused = said["protocol_state"] == AT_RECIPIENT and said["recipient"] == target
            return "550 5.1.1 there is no such mailbox" if refused else None

        self._servers.policy.add(self._mailbox.address, rule)

    def fail_once(self) -> None:
        self._once(AT_RECIPIENT, lambda _: "450 4.2.0 greylisted")

    def lose_acknowledgement(self) -> None:
        def rule(said: dict[str, str]) -> None:
            # The queue is waited for, since a letter under way can be found by nobody.
            self._gates[0].lose_next_reply(after=lambda: self._settle(said["sender"]))

        self._once(AT_END, rule)

    def swallow_once(self) -> None:
        def rule(said: dict[str, str]) -> str:
            self._gates[0].lose_next_reply(after=lambda: None)
            return "DISCARD"

        self._once(AT_END, rule)

    def go_away(self) -> None:
        for gate in self._gates:
            gate.shut()

    def come_back(self) -> None:
        for gate in self._gates:
            gate.open()

    def _once(self, state: str, rule: Callable[[dict[str, str]], str | None]) -> None:
        unused = [rule]

        def once(said: dict[str, str]) -> str | None:
            return unused.pop()(said) if said["protocol_state"] == state and unused else None

        self._servers.policy.add(self._mailbox.address, once)

    def _deliver(self, message: EmailMessage, sender: str, folder: str) -> None:
        self._letters.append((message, sender, folder))
        before = len(self._mailbox.messages(folder))
        self._servers.write(message, sender=sender, to=str(message["To"]))
        self._mailbox.wait_for(before + 1, name=folder)

    def _settle(self, word: str) -> None:
        """Wait until nothing of it is under way: Postfix has accepted it, delivery takes a moment more."""
        eventually(lambda: not self._servers.postfix.under_way(word), what=f"an empty queue for {word}")


def _without_the_way(raw: bytes) -> bytes:
    """Return the letter as it was submitted: every server it passes puts a Received before it."""
    while raw.startswith(b"Received:"):
        lines = raw.split(b"\r\n")
        end = next(number for number, line in enumerate(lines[1:], 1) if not line.startswith((b" ", b"\t")))
        raw = b"\r\n".join(lines[end:])
    return raw


@pytest.fixture
def bench(mailbox: Mailbox) -> Iterator[Bench]:
    ready = MailServersBench(mailbox)
    try:
        yield ready
    finally:
        ready.close()


@pytest.fixture
def channel(bench: Bench) -> Iterator[Channel]:
    with bench.channel() as ready:
        yield ready


def test_of_a_backlog_only_what_may_belong_to_a_request_is_fetched(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "BACKLOG_MIN", 5)
    with asking.channel(asking.settings(mailbox)) as ours:
        cursor = ours.collect("").cursor
        for number in range(8):
            for sender in ("oma@family.example", "service@shop.example"):
                raw = f"From: {sender}\r\nSubject: Re: {number}\r\n\r\n{sender} {number}\r\n".encode()
                mailbox.servers.dovecot.deliver(raw, sender=sender, to=mailbox.address)
        batch = ours.collect(cursor, senders=lambda: frozenset({"shop.example"}))

    assert [one.facts.text for one in batch.messages] == [f"service@shop.example {number}" for number in range(8)]
    assert batch.notes == ("main: 8 letters that belong to nothing we asked were left in the mailbox, unread",)
    assert batch.looked_until is not None


def test_a_mailbox_that_is_nearly_full_is_warned_of(mailbox: Mailbox) -> None:
    part = b"From: oma@family.example\r\n\r\n" + (b"x" * 76 + b"\r\n") * 66_000  # 4.9 MiB
    with asking.channel(asking.settings(mailbox)) as ours, mailbox.login() as owner:
        assert ours.collect("").warning == ""
        for _ in range(8):
            owner.append("Sent", part)
        assert ours.collect("").warning == ""
        owner.append("Sent", part)
        warning = ours.collect("").warning

    assert warning == "the mailbox is 85 % full; make room: a full one refuses answers, and nobody can tell us"


def test_a_large_folder_is_searched_piece_by_piece(mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "SEARCH_MAX", 3)
    with asking.channel(replace(asking.settings(mailbox), batch=4)) as ours, mailbox.login() as owner:
        for number in range(10):
            owner.append("INBOX", f"From: a@shop.example\r\n\r\n{number}\r\n".encode())
        first = ours.collect("")
        owner.select_folder("INBOX")
        owner.delete_messages([1, 2, 6])
        owner.expunge()
        second = ours.collect(first.cursor)
        third = ours.collect(second.cursor)
    with asking.channel(asking.settings(mailbox)) as another:
        again, _ = asking.collect_all(another, first.cursor)

    assert [[one.facts.text for one in batch.messages] for batch in (first, second, third)] == [
        ["0", "1", "2", "3"],
        ["4", "6", "7"],
        ["8", "9"],
    ]
    assert [one.facts.text for one in again] == ["4", "6", "7", "8", "9"]
    assert [batch.more for batch in (first, second, third)] == [True, True, False]
