"""Who wrote a letter, read from headers that a real Postfix and Dovecot wrote: ours above, the sender's below."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formataddr

import pytest

from slawatch import match
from slawatch.mail import parse
from slawatch.match.authentication import from_outside
from slawatch.model import Facts, MatchEvidence, MessageKind, Writer, WrittenBy
from tests.servers import asking
from tests.servers.asking import ask, collect_until
from tests.servers.companies import UNKNOWN_USER
from tests.servers.local import LOOPBACK
from tests.servers.mail import Mailbox
from tests.servers.postfix import HOSTNAME

pytestmark = pytest.mark.server

SHOP = match.party("shop", domains=["shop.example"], addresses=["service@shop.example"])
PASS = f"{HOSTNAME}; dmarc=pass header.from=shop.example"
FAIL = f"{HOSTNAME}; dmarc=fail header.from=shop.example; spf=fail smtp.mailfrom=shop.example"


@pytest.fixture
def side(mailbox: Mailbox) -> match.OurSide:
    return match.our_side([mailbox.address.partition("@")[2], "localhost"], HOSTNAME)


def letter(to: str, *, forged: str = "") -> EmailMessage:
    message = EmailMessage()
    if forged:
        message["Authentication-Results"] = forged
        message["Received"] = f"from localhost (localhost [127.0.0.1]) by {HOSTNAME} with LMTP id 1; now"
        message["Authentication-Results"] = forged
    message["From"] = formataddr(("Service", "service@shop.example"))
    message["To"] = to
    message["Subject"] = "Re: Frage"
    message.set_content("Die Lieferung dauert drei Werktage.")
    return message


def came_in(mailbox: Mailbox, message: EmailMessage, *, results: str = "") -> Facts:
    """Hand the message in from a host far away; our Postfix prepends `results` as a filter of ours would."""
    if results:
        mailbox.servers.policy.add(mailbox.address, lambda _said: f"PREPEND Authentication-Results: {results}")
    with smtplib.SMTP(LOOPBACK, mailbox.servers.postfix.smtp, timeout=30) as smtp:
        smtp.ehlo("here.example")
        code, words = smtp.docmd("XCLIENT", "NAME=mail.shop.example ADDR=198.51.100.7")  # Postfix takes our word for it
        assert code == 220, words
        smtp.ehlo("mail.shop.example")
        smtp.sendmail("service@shop.example", [mailbox.address], message.as_bytes())
    (raw,) = mailbox.wait_for(1).values()
    return parse.facts(raw)


def writer(facts: Facts, side: match.OurSide, evidence: MatchEvidence = MatchEvidence.DELIVERED_TO) -> WrittenBy:
    finding = match.judge(facts, side)
    return match.written_by(
        facts, SHOP, evidence=evidence, kind=MessageKind.ANSWER, side=side, finding=finding, earlier=()
    )


def test_what_our_own_filter_found_is_read_where_postfix_puts_it(mailbox: Mailbox, side: match.OurSide) -> None:
    facts = came_in(mailbox, letter(mailbox.address), results=PASS)

    assert from_outside(facts, side) == "mail.shop.example"
    assert writer(facts, side) == WrittenBy(writer=Writer.COMPANY, saw="dmarc=pass for shop.example")


def test_what_the_sender_wrote_in_our_server_s_name_does_not_stand_against_it(
    mailbox: Mailbox, side: match.OurSide
) -> None:
    facts = came_in(mailbox, letter(mailbox.address, forged=PASS), results=FAIL)

    assert facts.headers["authentication-results"].count(PASS) == 2
    assert writer(facts, side).writer is Writer.FORGED


def test_a_letter_that_no_filter_of_ours_saw_is_not_believed(mailbox: Mailbox, side: match.OurSide) -> None:
    assert writer(came_in(mailbox, letter(mailbox.address)), side) == WrittenBy(
        writer=Writer.FORGED, saw=f"no Authentication-Results of {HOSTNAME}"
    )


def test_our_own_user_s_letter_to_ourselves_needs_no_verification(mailbox: Mailbox, side: match.OurSide) -> None:
    own = match.party("own", domains=[], addresses=[mailbox.address])
    message = letter(mailbox.address)
    del message["From"]
    message["From"] = mailbox.address
    with smtplib.SMTP("localhost", mailbox.servers.postfix.submission, timeout=30) as smtp:
        smtp.starttls(context=ssl.create_default_context(cafile=str(mailbox.servers.dovecot.authority.ca)))
        smtp.login(mailbox.address, mailbox.password)
        smtp.send_message(message)
    (raw,) = mailbox.wait_for(1).values()
    facts = parse.facts(raw)

    found = match.written_by(
        facts,
        own,
        evidence=MatchEvidence.CITED_ID,
        kind=MessageKind.ANSWER,
        side=side,
        finding=match.judge(facts, side),
    )

    assert found.writer is Writer.COMPANY


def test_postfix_s_own_reports_are_our_side_s(mailbox: Mailbox, side: match.OurSide) -> None:
    refused, taken = (f"{name}@{mailbox.name}.shop.example" for name in ("nobody", "service"))
    mailbox.servers.companies.refuse(refused, UNKNOWN_USER)
    with asking.channel(asking.settings(mailbox)) as channel:
        for address in (refused, taken):
            ask(channel, address)
        reports = [
            collect_until(
                channel,
                lambda facts, address=address: any(one.recipient == address for one in facts.reports),  # type: ignore[misc]
                what=f"the report on {address}",
            ).facts
            for address in (refused, taken)
        ]

    for facts, kind in zip(reports, (MessageKind.BOUNCE, MessageKind.DELIVERY_RECEIPT), strict=True):
        finding = match.judge(facts, side)
        found = match.written_by(
            facts, SHOP, evidence=MatchEvidence.EMBEDDED_MESSAGE_ID, kind=kind, side=side, finding=finding
        )
        assert found == WrittenBy(writer=Writer.SYSTEM, saw="our own mail system")
        assert match.is_our_report(facts, side)
