"""A person is mailed what to post by real mail servers, posts it on an X of their own, and the answer is timed."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from slawatch.model import Delivery, Request, Verdict
from tests.servers import asking
from tests.servers.mail import Mailbox, MailServers
from tests.x_stage import HANDLE, XStage, company, x_stages

ACME = company("acme", relationship="competitor", target='every = "1 h"\nprobes = ["delivery-time"]')


def due(stage: XStage) -> Request:
    """Let passes go by until something waits for a person."""
    for _ in range(400):
        stage.tick()
        waiting = stage.world.store.requests(delivery=Delivery.INTENDED)
        if waiting:
            return waiting[0]
        stage.forward(hours=1)
    raise AssertionError("nothing ever came due")


def letter(mailbox: Mailbox) -> EmailMessage:
    """Return the one letter in the mailbox."""
    (raw,) = mailbox.wait_for(1).values()
    found = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


@pytest.fixture
def stage(mailbox: Mailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[XStage]:
    """Ask Acme from an account that writes to its own mailbox."""
    yield from opened(mailbox, mailbox.address, tmp_path, monkeypatch)


def opened(mailbox: Mailbox, to: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[XStage]:
    monkeypatch.setenv(asking.PASSWORD_VARIABLE, mailbox.password)
    mail = asking.config(mailbox, {}).replace('timezone = "Europe/Berlin"', "")
    with x_stages(folder) as opening:
        made = opening(ACME, mail, more=f'notify = "{to}"')
        made.x.person("acme", "Acme")
        yield made


def test_the_letter_names_text_link_and_time_and_the_post_is_timed(
    mailbox: Mailbox, mail_servers: MailServers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = mail_servers.mailbox()
    for stage in opened(mailbox, person.address, tmp_path, monkeypatch):
        request = due(stage)
        stage.tick()
        told = letter(person)

        assert told["To"] == person.address
        assert mailbox.address in str(told["From"])
        assert told["Auto-Submitted"] == "auto-generated"
        assert str(told["Message-ID"]).startswith("<please-post.")
        body = told.get_content()
        text = f"@acme {request.text.body.strip()}"
        assert f"    {text}\n" in body.replace("\r\n", "\n")
        (link,) = [line for line in body.splitlines() if line.startswith("https://")]
        assert parse_qs(urlsplit(link).query)["text"] == [text]
        assert f"as @{HANDLE}, to acme (@acme)" in body

        stage.forward(minutes=10)
        post = stage.x.post(stage.us, f"{text} Danke!")
        stage.forward(minutes=2)
        stage.tick()
        asked = stage.the_request()
        assert asked.delivery is Delivery.SENT
        assert asked.accepted_at is not None
        assert abs((asked.accepted_at - post.at).total_seconds()) <= 0.001  # a snowflake's millisecond

        acme = stage.x.who("acme")
        assert acme is not None
        stage.forward(minutes=40)
        reply = stage.x.post(
            acme, "Hi Robin, it takes three working days, and you get a tracking link by mail. ^Tim", reply_to=post
        )
        stage.forward(minutes=2)
        stage.tick()
        outcome = stage.outcome()
        assert outcome.verdict is Verdict.ANSWERED
        assert outcome.first_response is not None
        assert abs(outcome.first_response.length - (reply.at - post.at)).total_seconds() <= 0.002
        assert len(person.messages()) == 1


def test_a_letter_to_the_account_s_own_mailbox_is_taken_for_nobody_s_reply(stage: XStage, mailbox: Mailbox) -> None:
    due(stage)
    mailbox.wait_for(1)

    stage.tick()

    rows = stage.world.store._connection().execute("SELECT own FROM derived").fetchall()
    assert [row["own"] for row in rows] == [1]  # it was read, and known as ours
    assert stage.world.store.waiting_for_review() == []
    assert stage.world.store.messages(unmatched=True) == []
    assert stage.world.store.replies() == {}


def test_a_mail_server_that_turns_the_letter_away_delays_it_alone(stage: XStage, mailbox: Mailbox) -> None:
    away = ["DEFER 4.2.1 try again later"]
    mailbox.servers.policy.add(mailbox.address, lambda _said: away[0] if away else None)
    request = due(stage)
    assert [one.what for one in stage.news if one.ref == request.public_id] == ["not-told"]

    away.clear()
    stage.forward(minutes=10)
    stage.tick()

    assert letter(mailbox)["To"] == mailbox.address
