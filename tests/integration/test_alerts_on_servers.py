"""Alerts by e-mail and letters to ourselves, on a real Postfix and Dovecot."""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from slawatch import app
from slawatch.noticing import DiskFacts
from slawatch.usecases import canary, noticing
from slawatch.usecases.alerted import alert
from slawatch.usecases.collect import collect
from slawatch.usecases.tick import tick
from slawatch.usecases.world import World
from tests.integration.killable import LaterClock
from tests.servers import asking
from tests.servers.local import LOOPBACK, eventually
from tests.servers.mail import Mailbox

pytestmark = pytest.mark.server

Opening = Callable[[str, str], World]
DAY = timedelta(days=1)


@pytest.fixture
def clock() -> LaterClock:
    return LaterClock()


@pytest.fixture
def opening(mailbox: Mailbox, tmp_path: Path, clock: LaterClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opening]:
    monkeypatch.setenv(asking.PASSWORD_VARIABLE, mailbox.password)
    opened = []

    def build(account: str, more: str) -> World:
        path = tmp_path / "config.toml"
        text = asking.config(mailbox, {"shop": "service@shop.example"})
        path.write_text(text.replace("own_mx", f"{account}\nown_mx", 1) + more, encoding="utf-8")
        here = app.world(path, clock=clock)
        opened.append(here)
        return here.__enter__()

    yield build
    for one in opened:
        one.__exit__(None, None, None)


def test_who_is_named_gets_a_letter_when_it_begins_and_one_when_it_is_over(
    opening: Opening, mailbox: Mailbox, clock: LaterClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    to = f"lead-{mailbox.name}@shop.example"
    here = opening("", f'\n[[alert]]\nmail = ["{to}"]\non = ["disk"]\n')
    for free in (1, 10**12):
        monkeypatch.setattr(noticing, "disk", lambda _world, free=free: DiskFacts(free=free, size=10**12))
        alert(here)
        clock.ahead += timedelta(minutes=5)

    companies = mailbox.servers.companies
    first, second = eventually(
        lambda: companies.letters(to)[: 2 * (len(companies.letters(to)) > 1)], what="two letters"
    )
    subject = "slawatch: 0 MB are left on the disk of the store"
    subjects = sorted(" ".join(str(one.message["Subject"]).split()) for one in (first, second))
    assert subjects == sorted([subject, subject.replace(": ", ": resolved: ", 1)])
    assert first.message["Auto-Submitted"] == "auto-generated"
    assert {one.state for one in here.store.tellings()} == {"told"}


def test_a_letter_to_ourselves_goes_the_whole_way_and_gives_the_floor(
    opening: Opening, mailbox: Mailbox, clock: LaterClock
) -> None:
    here = opening('canary = "6 h"', "")
    tick(here)
    mailbox.wait_for(1)
    tick(here)

    (one,) = here.store.canaries("main")
    assert one.heard_at is not None
    (found,) = canary.floors(here, clock.now() - DAY, clock.now() + DAY)
    assert found.floor is not None
    assert found.floor < timedelta(minutes=1)
    assert (here.store.requests(), here.store.waiting_for_review()) == ([], [])
    assert here.store.messages(account="main", unmatched=True) == []


def test_an_echo_elsewhere_sends_it_back(opening: Opening, mailbox: Mailbox, clock: LaterClock) -> None:
    echo = f"echo-{mailbox.name}@shop.example"
    here = opening(f'canary = "6 h"\ncanary_to = "{echo}"', "")
    tick(here)
    asked = mailbox.servers.companies.letter(echo).message
    reply = EmailMessage()
    reply["From"], reply["To"], reply["Subject"] = echo, asked["Reply-To"], f"Re: {asked['Subject']}"
    reply["In-Reply-To"] = asked["Message-ID"]
    reply.set_content("Here it is again.")
    with smtplib.SMTP(LOOPBACK, mailbox.servers.postfix.smtp, timeout=30) as smtp:
        smtp.send_message(reply)
    mailbox.wait_for(1)
    collect(here)

    assert "Auto-Submitted" not in asked
    (found,) = canary.floors(here, clock.now() - DAY, clock.now() + DAY)
    assert (found.sent, found.back) == (1, 1)
    assert here.store.messages(account="main", unmatched=True) == []
