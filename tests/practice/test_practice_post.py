"""The practice range's post office: real mail both ways, stamped by its clock, and nothing of it left behind."""

from __future__ import annotations

import json
import os
import smtplib
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from email import message_from_bytes
from email.utils import parsedate_to_datetime
from imaplib import IMAP4
from pathlib import Path
from typing import Any

import pytest

import slawatch
from slawatch.practice.companies import PracticeCompany, Step
from slawatch.practice.history import Due
from slawatch.practice.letters import Asked
from slawatch.practice.live import TRIES, Companies
from slawatch.practice.post import AT_A_TIME, HOST, MX, PASSWORD, USER, PostOffice
from slawatch.testing import BEFORE_SUMMER_TIME, FakeClock
from tests.practice.far_side import letters
from tests.servers.local import eventually

COMPANY = "service@shop.example"
LETTER = b"From: service@shop.example\r\nSubject: Re: Hours\r\n\r\nWe open at nine.\r\n"
SHOP = PracticeCompany(
    key="shop",
    name="Shop",
    manner="prompt",
    lang="en",
    agent="Owen Clarke",
    steps=(Step(letter="answer", median=timedelta(hours=1)),),
)
QUESTION = (
    b"From: Robin <robin+7hmek3f3abcd@practice.example>\r\nReply-To: robin+7hmek3f3abcd@practice.example\r\n"
    b"Subject: Hours (7hmek3f3abcd)\r\nMessage-ID: <q1@practice.example>\r\n\r\nWhen are you open on Saturdays?\r\n"
)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def arrived() -> list[tuple[str, bytes]]:
    return []


@pytest.fixture
def office(clock: FakeClock, arrived: list[tuple[str, bytes]]) -> Iterator[PostOffice]:
    with PostOffice(clock, [COMPANY], lambda address, raw: arrived.append((address, raw))) as post:
        yield post


def hand_in(office: PostOffice, recipient: str, raw: bytes = LETTER) -> None:
    with smtplib.SMTP(HOST, office.smtp_port, local_hostname="mail.shop.example") as smtp:
        smtp.sendmail(COMPANY, [recipient], raw)


def inbox(office: PostOffice) -> list[tuple[str, bytes]]:
    """Return INTERNALDATE line and bytes of every mail in the INBOX, over IMAP."""
    with IMAP4(HOST, office.imap_port) as imap:
        imap.login(USER, PASSWORD)
        imap.select("INBOX", readonly=True)
        _, found = imap.fetch("1:*", "(INTERNALDATE BODY.PEEK[])")
        return [(one[0].decode(), one[1]) for one in found if isinstance(one, tuple)]


def test_a_mail_to_us_lies_in_the_mailbox_stamped_by_the_practice_clock(office: PostOffice, clock: FakeClock) -> None:
    clock.forward(timedelta(hours=1, minutes=5))

    hand_in(office, "Robin+7hmek3f3abcd@Practice.example")

    ((dated, raw),) = inbox(office)
    mail = message_from_bytes(raw)
    assert raw.endswith(LETTER)
    assert "29-Mar-2026 01:35:00 +0000" in dated
    assert mail["Delivered-To"] == "Robin+7hmek3f3abcd@Practice.example"
    assert mail["Return-Path"] == f"<{COMPANY}>"
    assert f"from mail.shop.example by {MX} " in mail["Received"]
    assert parsedate_to_datetime(mail["Received"].rpartition(";")[2]) == clock.now()


def test_a_mail_to_a_company_is_handed_to_it_and_to_nobody_else(
    office: PostOffice, arrived: list[tuple[str, bytes]]
) -> None:
    hand_in(office, COMPANY.upper(), QUESTION)

    assert arrived == [(COMPANY, QUESTION)]
    assert inbox(office) == []


def test_there_is_nobody_else(office: PostOffice, arrived: list[tuple[str, bytes]]) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused, match="550"):
        hand_in(office, "nobody@shop.example")

    assert arrived == []


def test_more_mails_than_are_laid_in_at_a_time_keep_their_order_and_dates(office: PostOffice) -> None:
    days = range(2 * AT_A_TIME + 1)
    office.put((b"Subject: %d\r\n\r\nx\r\n" % day, BEFORE_SUMMER_TIME - timedelta(days=day)) for day in days)

    found = inbox(office)

    assert [message_from_bytes(raw)["Subject"] for _, raw in found] == [str(day) for day in days]
    assert "29-Mar-2026 00:30:00 +0000" in found[0][0]
    assert "19-Mar-2026 00:30:00 +0000" in found[10][0]


def test_it_leaves_neither_thread_nor_socket_even_where_somebody_never_hung_up() -> None:
    root = Path(slawatch.__file__).parents[1]
    script = Path(__file__).with_name("open_and_close.py")
    done = subprocess.run(
        [sys.executable, "-W", "error", script],
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert found["greetings"] == ["220 ", "* OK"]
    assert found["during"]["threads"] == ["practice-post"]
    assert found["during"]["sockets"] > found["before"]["sockets"]
    assert found["after"] == found["before"]


def test_an_office_that_cannot_open_says_why_where_it_was_entered(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise OSError("no room on loopback")

    monkeypatch.setattr(PostOffice, "_mailbox", broken)

    with pytest.raises(OSError, match="no room on loopback"), PostOffice(clock, [], lambda *_: None):
        pytest.fail("it opened")


def test_nobody_waits_for_an_office_whose_servers_have_died(clock: FakeClock) -> None:
    with PostOffice(clock, [], lambda *_: None) as post:
        closing = post._closing
        assert closing is not None
        post._opened.result().call_soon_threadsafe(closing.set)
        post._thread.join()

        with pytest.raises(RuntimeError, match="have stopped"):
            post.put([(LETTER, clock.now())])


@pytest.fixture
def working(clock: FakeClock) -> Iterator[Callable[[PracticeCompany], tuple[Companies, PostOffice]]]:
    """Set a company to work at a post office, both on the fake clock."""
    opened: list[tuple[Companies, PostOffice]] = []

    def begin(company: PracticeCompany) -> tuple[Companies, PostOffice]:
        companies = Companies([company], letters(), clock, "seed")
        post = PostOffice(clock, [company.address], companies.arrived)
        post.__enter__()
        companies.work_at(post).__enter__()
        opened.append((companies, post))
        return opened[-1]

    yield begin
    for companies, post in opened:
        companies.__exit__(None, None, None)
        post.__exit__(None, None, None)


def test_a_company_writes_back_when_its_manner_says_so_and_not_before(
    working: Callable[[PracticeCompany], tuple[Companies, PostOffice]], clock: FakeClock
) -> None:
    companies, post = working(SHOP)
    hand_in(post, SHOP.address, QUESTION)
    clock.forward(timedelta(minutes=59))
    assert companies._take_due() == []

    clock.forward(timedelta(minutes=2))

    ((dated, raw),) = eventually(lambda: inbox(post), what="the answer")
    mail = message_from_bytes(raw)
    assert "29-Mar-2026 01:31:00" in dated
    assert mail["In-Reply-To"] == "<q1@practice.example>"
    assert mail["To"] == "robin+7hmek3f3abcd@practice.example"
    assert companies.failed == []


def test_letters_to_requests_of_the_past_are_written_when_they_are_due(
    working: Callable[[PracticeCompany], tuple[Companies, PostOffice]], clock: FakeClock
) -> None:
    companies, post = working(SHOP)
    due = Due(at=clock.now() + timedelta(days=1), company=SHOP, letter="answer", asked=Asked.read(QUESTION))

    companies.expect([due])
    clock.forward(timedelta(days=1))

    assert eventually(lambda: inbox(post), what="the answer")


class Unwilling(smtplib.SMTP):
    """A mail server's line that breaks a number of times."""

    left = 0

    def sendmail(self, *args: Any, **named: Any) -> dict[str, tuple[int, bytes]]:
        if Unwilling.left:
            Unwilling.left -= 1
            raise smtplib.SMTPServerDisconnected("gone")
        return super().sendmail(*args, **named)


@pytest.mark.parametrize(("breaks", "fails"), [(TRIES - 1, False), (TRIES, True)])
def test_a_company_tries_again_when_the_line_breaks_and_tells_when_it_gives_up(
    working: Callable[[PracticeCompany], tuple[Companies, PostOffice]],
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
    breaks: int,
    fails: bool,
) -> None:
    monkeypatch.setattr(smtplib, "SMTP", Unwilling)
    monkeypatch.setattr(Unwilling, "left", breaks)
    companies, post = working(SHOP)

    companies.expect([Due(at=clock.now(), company=SHOP, letter="answer", asked=Asked.read(QUESTION))])

    if fails:
        assert eventually(lambda: companies.failed, what="the failure") == ["shop: gone"]
        assert inbox(post) == []
    else:
        assert len(eventually(lambda: inbox(post), what="the answer")) == 1
        assert companies.failed == []


def test_a_company_that_does_not_know_the_post_office_says_so() -> None:
    companies = Companies([SHOP], letters(), FakeClock(), "seed")

    with pytest.raises(RuntimeError, match="do not know the post office"):
        companies._send(Due(at=BEFORE_SUMMER_TIME, company=SHOP, letter="answer", asked=Asked.read(QUESTION)))
