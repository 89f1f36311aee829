"""Are the private servers what the other tests take them for? Plain smtplib and IMAPClient; nothing of slawatch's."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage

import pytest
from imapclient.exceptions import LoginError  # type: ignore[import-untyped]

from tests.servers.companies import GREYLISTED, UNKNOWN_USER
from tests.servers.local import LOOPBACK
from tests.servers.mail import Mailbox, MailServers
from tests.servers.needs import give_up

TOKEN = "k7f3"


def letter(mailbox: Mailbox, *, to: str, token: str = TOKEN) -> EmailMessage:
    message = EmailMessage()
    message["From"] = mailbox.address.replace("@", f"+{token}@")
    message["To"] = to
    message["Subject"] = "Delivery times"
    message["Message-ID"] = f"<{token}.{mailbox.name}@lab.example>"
    message.set_content("How long does delivery take?")
    return message


@contextmanager
def submission(mailbox: Mailbox, *, password: str | None = None) -> Iterator[smtplib.SMTP]:
    servers = mailbox.servers
    context = ssl.create_default_context(cafile=str(servers.dovecot.authority.ca))
    with smtplib.SMTP("localhost", servers.postfix.submission, timeout=30) as smtp:
        smtp.starttls(context=context)
        smtp.login(mailbox.address, mailbox.password if password is None else password)
        yield smtp


def test_a_letter_reaches_the_company_and_its_reply_the_plus_address(mailbox: Mailbox) -> None:
    companies = mailbox.servers.companies
    company = f"service@{mailbox.name}.shop.example"
    with submission(mailbox) as smtp:
        smtp.send_message(letter(mailbox, to=company))

    mailbox.servers.reply(companies.letter(company), "Three working days.")

    (raw,) = mailbox.wait_for(1).values()
    assert f"Delivered-To: {mailbox.name}+k7f3@lab.example".encode() in raw
    assert b"by mx.lab.example (Postfix)" in raw


def test_a_catch_all_domain_brings_any_address_of_it_to_the_mailbox(mailbox: Mailbox) -> None:
    message = letter(mailbox, to=f"anything@{mailbox.catch_all_domain}")

    mailbox.servers.write(message, sender="a@shop.example", to=f"anything@{mailbox.catch_all_domain}")

    (raw,) = mailbox.wait_for(1).values()
    assert f"Delivered-To: anything@{mailbox.catch_all_domain}".encode() in raw


def test_an_unknown_address_comes_back_as_a_real_bounce(mailbox: Mailbox) -> None:
    company = f"nobody@{mailbox.name}.shop.example"
    mailbox.servers.companies.refuse(company, UNKNOWN_USER)
    message = letter(mailbox, to=company)
    with submission(mailbox) as smtp:
        smtp.sendmail(str(message["From"]), [company], message.as_bytes(), mail_options=["RET=HDRS", "ENVID=env-1"])

    (raw,) = mailbox.wait_for(1).values()

    assert b"Status: 5.1.1" in raw
    assert b"Original-Envelope-Id: env-1" in raw
    assert f"Delivered-To: {mailbox.name}+k7f3@lab.example".encode() in raw


def test_a_greylisted_letter_arrives_on_the_second_try(mailbox: Mailbox) -> None:
    company = f"slow@{mailbox.name}.shop.example"
    mailbox.servers.companies.refuse(company, GREYLISTED)
    with submission(mailbox) as smtp:
        smtp.send_message(letter(mailbox, to=company))

    mailbox.servers.companies.letter(company)

    assert mailbox.servers.companies.tries(company) == 2


def test_a_wrong_password_is_told_by_both_servers(mailbox: Mailbox) -> None:
    with pytest.raises(smtplib.SMTPAuthenticationError), submission(mailbox, password="wrong"):
        pass
    with pytest.raises(LoginError):
        mailbox.servers.dovecot.login(mailbox.address, password="wrong")


def test_a_message_marked_as_spam_lies_in_junk(mailbox: Mailbox) -> None:
    message = letter(mailbox, to=mailbox.address)
    message["X-Spam-Flag"] = "YES"

    mailbox.servers.write(message, sender="a@shop.example", to=mailbox.address)

    assert len(mailbox.wait_for(1, name="Junk")) == 1
    assert mailbox.messages() == {}


def test_mail_survives_a_restart_on_the_same_port(passing_mailbox: Mailbox) -> None:
    mailbox, dovecot = passing_mailbox, passing_mailbox.servers.dovecot
    dovecot.deliver(letter(mailbox, to=mailbox.address), sender="a@shop.example", to=mailbox.address)

    dovecot.restart()

    assert len(mailbox.wait_for(1)) == 1


def test_a_mailbox_that_was_lost_comes_back_with_another_uidvalidity(
    mailbox: Mailbox, mail_servers: MailServers
) -> None:
    def uidvalidity() -> int:
        with mailbox.login() as client:
            return int(client.select_folder("INBOX")[b"UIDVALIDITY"])

    before = uidvalidity()

    mail_servers.dovecot.forget(mailbox.name)

    assert uidvalidity() != before


def test_a_missing_server_fails_in_ci_and_skips_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no mail server"):
        give_up("no mail server")

    monkeypatch.delenv("CI")
    with pytest.raises(pytest.skip.Exception, match="no mail server"):
        give_up("no mail server")


def test_the_servers_listen_on_loopback_only(mail_servers: MailServers) -> None:
    with (
        pytest.raises(OSError, match=r"refused|timed out|unreachable"),
        smtplib.SMTP("127.0.0.2", mail_servers.postfix.smtp),
    ):
        pass
    assert smtplib.SMTP(LOOPBACK, mail_servers.postfix.smtp).quit()[0] == 221
