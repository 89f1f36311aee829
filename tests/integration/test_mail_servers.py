"""The e-mail channel on a real Postfix and Dovecot: what leaves, what comes back, what happens when they fail."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Literal

import pytest

from slawatch import match
from slawatch.channels.base import Sent, Unknown
from slawatch.channels.email import EmailChannel
from slawatch.errors import ChannelUnavailableError
from slawatch.model import Facts, MatchEvidence, Strength
from slawatch.secret import Secret
from tests.servers import asking
from tests.servers.asking import ask, collect_all, collect_until
from tests.servers.companies import GREYLISTED, UNKNOWN_USER
from tests.servers.mail import Mailbox

SECOND = timedelta(seconds=1)


@pytest.fixture
def channel(mailbox: Mailbox) -> Iterator[EmailChannel]:
    with asking.channel(asking.settings(mailbox)) as opened:
        yield opened


@pytest.fixture
def company(mailbox: Mailbox) -> str:
    return f"service@{mailbox.name}.shop.example"


def letters(count: int, *, to: Mailbox) -> list[EmailMessage]:
    made = []
    for number in range(count):
        message = EmailMessage()
        message["From"] = "a@shop.example"
        message["To"] = to.address
        message["Subject"] = f"letter {number}"
        message["Message-ID"] = f"<{number}.{to.name}@shop.example>"
        message.set_content("Good morning")
        made.append(message)
    return made


def deliver(messages: list[EmailMessage], *, to: Mailbox) -> None:
    for message in messages:
        to.servers.dovecot.deliver(message, sender="a@shop.example", to=to.address)


def reported(facts: Facts, action: str) -> bool:
    return any(report.action == action for report in facts.reports)


# --- the way out and back ---


def test_a_reply_comes_back_to_the_plus_address_and_its_wait_is_true_to_the_second(
    channel: EmailChannel, mailbox: Mailbox, company: str
) -> None:
    before = datetime.now(UTC)
    asked = ask(channel, company)
    letter = mailbox.servers.companies.letter(company)
    answered_after = datetime.now(UTC)
    mailbox.servers.reply(letter, "Die Lieferung dauert drei Werktage.")

    reply = collect_until(channel, lambda facts: facts.sender == company, what="the reply")
    answered_before = datetime.now(UTC)

    assert asked.sent is not None
    assert before <= asked.sent.accepted_at <= answered_after
    assert reply.stamps.source == "own-mx"
    assert answered_after - reply.stamps.later - SECOND <= reply.stamps.at <= answered_before + reply.stamps.earlier
    found = match.find(reply.facts, asked.known)
    assert found is not None
    assert (found.request_ids, found.evidence) == ((asked.request.id,), MatchEvidence.DELIVERED_TO)
    assert found.strength is Strength.CERTAIN
    assert reply.facts.text.strip() == "Die Lieferung dauert drei Werktage."


def test_the_company_sees_one_address_and_no_trace_of_the_copy(
    channel: EmailChannel, mailbox: Mailbox, company: str
) -> None:
    asked = ask(channel, company)

    letter = mailbox.servers.companies.letter(company)

    address = mailbox.address.replace("@", f"+{asked.request.token}@")
    assert letter.sender == address
    assert address in str(letter.message["From"])
    assert address in str(letter.message["Reply-To"] or letter.message["From"])
    assert str(letter.message["To"]) == company
    assert letter.message["Bcc"] is None
    assert letter.recipients == (company,)
    assert letter.message.get_content().replace("\r\n", "\n") == asked.request.text.body
    assert letter.message["Subject"] == asked.request.text.subject


def test_our_own_copy_is_found_and_known_as_our_own(channel: EmailChannel, mailbox: Mailbox, company: str) -> None:
    asked = ask(channel, company)

    copy = collect_until(channel, lambda facts: facts.own_id == asked.request.message_id, what="our copy")
    found = channel.find(asked.request)

    assert match.is_own(copy.facts, [mailbox.address], asked.known)
    assert isinstance(found, Sent)
    assert asked.sent is not None
    assert abs(found.accepted_at - asked.sent.accepted_at) <= found.uncertainty + asked.sent.uncertainty + SECOND


def test_what_was_never_sent_is_unknown_and_not_denied(channel: EmailChannel, company: str) -> None:
    assert isinstance(channel.find(asking.question(company).request), Unknown)


def test_a_catch_all_domain_needs_no_plus(mailbox: Mailbox, company: str) -> None:
    settings = replace(asking.settings(mailbox), addressing="catch-all", catch_all_domain=mailbox.catch_all_domain)
    with asking.channel(settings) as channel:
        asked = ask(channel, company)
        letter = mailbox.servers.companies.letter(company)
        assert letter.sender == f"{asked.request.token}@{mailbox.catch_all_domain}"
        # A new thread: neither In-Reply-To nor References nor the subject; the address alone must do.
        mailbox.servers.reply(letter, "Drei Werktage.", Subject="Ihre Anfrage", In_Reply_To="", References="")

        reply = collect_until(channel, lambda facts: facts.sender == company, what="the reply")

    found = match.find(reply.facts, asked.known)
    assert found is not None
    assert found.evidence is MatchEvidence.DELIVERED_TO


def test_letters_in_junk_are_read_too(channel: EmailChannel, mailbox: Mailbox, company: str) -> None:
    asked = ask(channel, company)
    letter = mailbox.servers.companies.letter(company)
    mailbox.servers.reply(letter, "Drei Werktage.", X_Spam_Flag="YES")

    reply = collect_until(channel, lambda facts: facts.sender == company, what="the reply in junk")

    assert reply.folder == "Junk"
    assert match.find(reply.facts, asked.known) is not None


# --- what Postfix reports ---


def test_an_unknown_address_comes_back_as_a_bounce_of_that_request(
    channel: EmailChannel, mailbox: Mailbox, company: str
) -> None:
    mailbox.servers.companies.refuse(company, UNKNOWN_USER)
    asked = ask(channel, company)

    bounce = collect_until(channel, lambda facts: reported(facts, "failed"), what="the bounce")

    (report,) = bounce.facts.reports
    assert (report.status, report.recipient, report.envelope_id) == ("5.1.1", company, asked.attempt.envelope_id)
    found = match.find(bounce.facts, asked.known)
    assert found is not None
    assert found.evidence is MatchEvidence.ENVELOPE_ID
    assert mailbox.servers.companies.letters(company) == []


def test_a_report_proves_when_the_company_took_the_request_over(
    channel: EmailChannel, mailbox: Mailbox, company: str
) -> None:
    asked = ask(channel, company)
    mailbox.servers.companies.letter(company)

    receipt = collect_until(
        channel,
        lambda facts: any(report.recipient == company for report in facts.reports),
        what="the delivery receipt",
    )

    (report,) = (report for report in receipt.facts.reports if report.recipient == company)
    assert (report.action, report.envelope_id) == ("relayed", asked.attempt.envelope_id)
    assert report.remote_mta == "127.0.0.1"
    assert "taken over" in report.diagnostic
    assert asked.sent is not None
    assert receipt.stamps.at >= asked.sent.accepted_at - asked.sent.uncertainty - receipt.stamps.later


def test_a_greylisted_request_is_handed_over_at_the_second_try(
    channel: EmailChannel, mailbox: Mailbox, company: str
) -> None:
    mailbox.servers.companies.refuse(company, GREYLISTED)
    asked = ask(channel, company)
    letter = mailbox.servers.companies.letter(company)

    receipt = collect_until(
        channel,
        lambda facts: any(report.recipient == company for report in facts.reports),
        what="the delivery receipt",
    )

    assert mailbox.servers.companies.tries(company) == 2
    assert len(mailbox.servers.companies.letters(company)) == 1
    (report,) = (report for report in receipt.facts.reports if report.recipient == company)
    assert report.action == "relayed"
    # The only time Postfix states is its Arrival-Date: when it got the letter from us. As the hand-over it would charge
    # the time of greylisting to the company's people. The report itself comes at the hand-over.
    assert asked.sent is not None
    assert letter.at > asked.sent.accepted_at + SECOND
    assert report.at is None
    assert letter.at - receipt.stamps.later <= receipt.stamps.at <= letter.at + 5 * SECOND


# --- what goes wrong on our side ---


def test_a_restart_in_mid_collection_loses_nothing_and_brings_nothing_twice(
    passing_mailbox: Mailbox,
) -> None:
    mailbox = passing_mailbox
    sent = letters(11, to=mailbox)
    deliver(sent, to=mailbox)
    with asking.channel(replace(asking.settings(mailbox), batch=4)) as channel:
        first = channel.collect("")
        assert first.more
        assert first.looked_until is None

        mailbox.servers.dovecot.restart()
        rest, _ = collect_all(channel, first.cursor)

    subjects = [message.facts.subject for message in (*first.messages, *rest)]
    assert subjects == [str(message["Subject"]) for message in sent]


def test_while_the_mailbox_is_away_no_look_counts_and_afterwards_nothing_is_missing(
    passing_mailbox: Mailbox,
) -> None:
    mailbox = passing_mailbox
    deliver(letters(1, to=mailbox), to=mailbox)
    with asking.channel(asking.settings(mailbox)) as channel:
        first, cursor = collect_all(channel)
        mailbox.servers.dovecot.stop()
        with pytest.raises(ChannelUnavailableError):
            channel.collect(cursor)
        mailbox.servers.dovecot.restart()
        back_at = datetime.now(UTC)
        deliver(letters(2, to=mailbox)[1:], to=mailbox)

        batch = channel.collect(cursor)

    assert [message.facts.subject for message in (*first, *batch.messages)] == ["letter 0", "letter 1"]
    assert batch.looked_until is not None
    assert batch.looked_until >= back_at


def test_a_folder_made_anew_is_read_anew_under_other_ids(channel: EmailChannel, mailbox: Mailbox) -> None:
    def deliver_to_junk(message: EmailMessage) -> None:
        message["X-Spam-Flag"] = "YES"
        deliver([message], to=mailbox)
        mailbox.wait_for(1, name="Junk")

    old, new = letters(2, to=mailbox)
    deliver_to_junk(old)
    (before,), cursor = collect_all(channel)
    with mailbox.login() as client:
        client.delete_folder("Junk")
        client.create_folder("Junk")
    deliver_to_junk(new)

    batch = channel.collect(cursor)

    (after,) = batch.messages
    assert after.facts.subject == "letter 1"
    # Both are the first letter of their folder: only the UIDVALIDITY tells them apart.
    assert before.remote_id.rpartition("/")[2] == after.remote_id.rpartition("/")[2]
    assert before.remote_id != after.remote_id
    assert any("Junk" in note for note in batch.notes)


def test_a_mailbox_moved_to_another_server_is_read_anew_and_whole(channel: EmailChannel, mailbox: Mailbox) -> None:
    sent = letters(3, to=mailbox)
    deliver(sent, to=mailbox)
    first, cursor = collect_all(channel)
    channel.close()
    mailbox.servers.dovecot.forget(mailbox.name)
    deliver(sent, to=mailbox)

    again, _ = collect_all(channel, cursor)

    assert [message.facts.own_id for message in again] == [message.facts.own_id for message in first]
    assert not {message.remote_id for message in again} & {message.remote_id for message in first}


def test_collecting_twice_from_one_cursor_brings_the_same(channel: EmailChannel, mailbox: Mailbox) -> None:
    deliver(letters(3, to=mailbox), to=mailbox)

    first, second = channel.collect(""), channel.collect("")

    assert first.messages == second.messages
    assert len(first.messages) == 3
    with mailbox.login() as client:
        client.select_folder("INBOX", readonly=True)
        assert client.search("SEEN") == []


def test_a_wrong_password_is_named_with_its_cure_and_nothing_leaves(mailbox: Mailbox, company: str) -> None:
    settings = replace(asking.settings(mailbox), smtp_password=Secret("wrong"))
    with asking.channel(settings) as channel:
        with pytest.raises(ChannelUnavailableError, match="smtp_password"):
            ask(channel, company)
        with pytest.raises(ChannelUnavailableError, match="check imap_user and smtp_password"):
            channel.collect("")
        findings = channel.check()

    assert [finding.ok for finding in findings] == [False, False]
    assert all(finding.cure for finding in findings)
    assert mailbox.servers.companies.tries(company) == 0


def test_a_server_nobody_vouches_for_gets_no_password(mailbox: Mailbox, company: str) -> None:
    settings = replace(asking.settings(mailbox), ca_file="")
    with asking.channel(settings) as channel:
        with pytest.raises(ChannelUnavailableError, match="certificate"):
            ask(channel, company)
        with pytest.raises(ChannelUnavailableError, match="certificate"):
            channel.collect("")


def test_an_account_that_works_is_found_to_work(channel: EmailChannel) -> None:
    findings = channel.check()

    assert [finding for finding in findings if not finding.ok] == []
    assert "reports" in findings[0].what
    assert "INBOX" in findings[1].what
    assert "Junk" in findings[1].what


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_both_kinds_of_safe_connection_work(
    mailbox: Mailbox, company: str, security: Literal["tls", "starttls"]
) -> None:
    servers = mailbox.servers
    safe = security == "tls"
    settings = replace(
        asking.settings(mailbox),
        smtp_security=security,
        smtp_port=servers.postfix.submissions if safe else servers.postfix.submission,
        imap_security=security,
        imap_port=servers.dovecot.imaps if safe else servers.dovecot.imap,
    )
    with asking.channel(settings) as channel:
        asked = ask(channel, company)
        collect_until(channel, lambda facts: facts.own_id == asked.request.message_id, what="our copy")


def test_requests_sent_from_several_threads_do_not_mix(channel: EmailChannel, mailbox: Mailbox) -> None:
    targets = [f"service{number}@{mailbox.name}.shop.example" for number in range(8)]
    with ThreadPoolExecutor(channel.capabilities.parallel) as pool:
        asked = list(pool.map(lambda target: ask(channel, target), targets))

    for target, one in zip(targets, asked, strict=True):
        letter = mailbox.servers.companies.letter(target)
        assert one.request.token in letter.sender
        assert len(mailbox.servers.companies.letters(target)) == 1
