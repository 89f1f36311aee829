"""`slawatch check` on the way a request goes: what the letter to ourselves shows, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from slawatch.channels.base import Finding
from slawatch.channels.email import EmailChannel, Settings
from slawatch.channels.email import check as checking
from slawatch.mail import dns
from slawatch.mail import mailbox as reading
from slawatch.secret import Secret
from slawatch.testing import FakeClock
from tests.servers import asking, imap, submission
from tests.servers import names as nameserver
from tests.servers.imap import Mailbox
from tests.servers.mail import Mailbox as RealMailbox
from tests.servers.names import Names
from tests.servers.submission import Submission, Taken

CLOCK = FakeClock()
NOW = CLOCK.now()
Check = Callable[..., list[Finding]]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[Names]:
    with nameserver.running() as running:
        monkeypatch.setenv(dns.NAMESERVER_VARIABLE, running.where)
        yield running


@pytest.fixture
def server() -> Iterator[Mailbox]:
    with imap.running() as running:
        yield running


@pytest.fixture
def outbox() -> Iterator[Submission]:
    with submission.running(None) as running:
        yield running


@pytest.fixture
def check(server: Mailbox, outbox: Submission, names: Names) -> Check:
    def made(**settings: Any) -> list[Finding]:
        its = Settings(
            address="anna@shop.test",
            smtp_host="localhost",
            smtp_port=outbox.port,
            smtp_security="none",
            imap_host="localhost",
            imap_port=server.port,
            imap_security="none",
            imap_user=imap.USER,
            imap_password=Secret(imap.PASSWORD),
        )
        with EmailChannel(replace(its, **settings), account="main", clock=FakeClock()) as channel:
            return channel.check()

    return made


def delivering(
    outbox: Submission,
    server: Mailbox,
    *,
    at: datetime = NOW,
    folder: str = "INBOX",
    above: bytes = b"",
    only: str = "",
) -> None:
    """Let the mailbox get what is submitted, with lines `above` it; nothing for addresses without `only` in them."""

    def deliver(taken: Taken) -> None:
        if only in taken.recipients[0]:
            server.append(above + taken.raw, at, folder=folder)

    outbox.deliver = deliver


def about(findings: list[Finding], words: str) -> Finding:
    (one,) = [one for one in findings if words in one.what]
    return one


# --- the address ---


def test_a_provider_without_plus_addresses_is_told_from_one_that_delivers_nothing(
    check: Check, outbox: Submission, server: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as sooner:
        sooner.setattr(checking, "ROUND_TRIP_SECONDS", 3)
        nothing = about(check(), "a letter to")
    delivering(outbox, server, only="anna@")
    no_plus = about(check(), "a letter to")

    assert (nothing.ok, no_plus.ok) == (False, False)
    assert nothing.what.endswith("did not come back within 3 s")
    assert nothing.cure.startswith("look for it in other folders and name that one in folders; ")
    assert no_plus.what.endswith("did not come back within 60 s, one to anna@shop.test did")
    assert no_plus.cure.startswith('if the provider knows no "+": addressing = "plain", or "catch-all"')


def test_an_account_without_tags_is_tried_as_it_is(check: Check, outbox: Submission, server: Mailbox) -> None:
    delivering(outbox, server)

    findings = check(addressing="plain")

    assert about(findings, "a letter to anna@shop.test came back into INBOX").ok
    assert len(outbox.taken) == 1


def test_our_own_letter_among_junk_is_a_warning(check: Check, outbox: Submission, server: Mailbox) -> None:
    delivering(outbox, server, folder="Junk")

    findings = check()

    assert about(findings, "came back into Junk").result == "ok"
    assert about(findings, "our own letter was taken for junk").result == "warning"


# --- the clock ---


@pytest.mark.parametrize(
    ("off", "result", "said"),
    [
        (0, "ok", "the mailbox's clock and this machine's are not 5 s apart"),
        (5, "ok", "not 5 s apart"),
        (-6, "ok", "not 5 s apart"),
        (90, "warning", "the mailbox's clock is 1 min 30 s ahead of this machine's"),
        (-3600, "warning", "behind this machine's"),
    ],
)
def test_a_server_whose_clock_is_off_is_told(
    check: Check, outbox: Submission, server: Mailbox, off: int, result: str, said: str
) -> None:
    delivering(outbox, server, at=NOW + timedelta(seconds=off))

    clock = about(check(), "clock")

    assert clock.result == result
    assert said in clock.what


# --- the names our server writes ---

WAY = (
    b"Received: from mx.shop.test (mx.shop.test [192.0.2.1])\r\n\tby store (Dovecot) with LMTP; Sat, 28 Mar 2026\r\n"
    b"Authentication-Results: mx.shop.test 1; spf=pass smtp.mailfrom=anna@shop.test\r\n"
    b"Received: from localhost by MX.shop.test with ESMTPSA id 1; Sat, 28 Mar 2026\r\n"
)


@pytest.mark.parametrize(
    ("given", "result", "said"),
    [
        (
            "",
            "ok",
            'times get exact with own_mx = "mx.shop.test"; Received: of our own letter names "store", "mx.shop.test"',
        ),
        ("MX.shop.test", "ok", 'own_mx = "mx.shop.test" has stamped our own letter'),
        ("shop.test", "ok", 'own_mx = "shop.test" has stamped our own letter'),
        ("op.test", "warning", 'own_mx = "op.test" has not stamped our own letter'),
    ],
)
def test_the_name_of_our_mail_exchanger_is_found_or_corrected(
    check: Check, outbox: Submission, server: Mailbox, given: str, result: str, said: str
) -> None:
    delivering(outbox, server, above=WAY)

    one = about(check(own_mx=given), "own_mx")

    assert one.result == result
    assert said in one.what


def test_a_name_that_is_none_of_our_mail_exchangers_is_not_suggested(
    check: Check, outbox: Submission, server: Mailbox, names: Names
) -> None:
    names.add("shop.test", "MX", "10 in.shop.test.")
    delivering(outbox, server, above=WAY)

    one = about(check(), "own_mx")

    assert one.result == "ok"
    assert one.what.endswith(
        'own_mx cannot be told from this; Received: of our own letter names "store", "mx.shop.test", '
        'and your mail exchangers are "in.shop.test"'
    )


@pytest.mark.parametrize(
    ("given", "result", "said"),
    [
        ("", "ok", 'senders get verified with authserv_id = "mx.shop.test"'),
        ("mx.shop.test", "ok", 'authserv_id = "mx.shop.test" has signed our own letter'),
        ("other", "warning", 'authserv_id = "other" has not signed our own letter'),
    ],
)
def test_the_name_that_verifies_senders_is_found_or_corrected(
    check: Check, outbox: Submission, server: Mailbox, given: str, result: str, said: str
) -> None:
    delivering(outbox, server, above=WAY)

    one = about(check(authserv_id=given), "authserv_id")

    assert one.result == result
    assert said in one.what
    assert (one.cure == "") == (result == "ok")


def test_a_letter_that_nobody_examined_says_nothing_against_the_name(
    check: Check, outbox: Submission, server: Mailbox
) -> None:
    delivering(outbox, server)

    assert "bears no Authentication-Results" in about(check(), "authserv_id").what
    assert [one for one in check(authserv_id="mx.shop.test") if "authserv_id" in one.what] == []


# --- room ---


@pytest.mark.parametrize(
    ("used", "result", "said"),
    [
        (0.79, "ok", "the mailbox is 79 % full"),
        (0.8, "warning", "the mailbox is 80 % full"),
        (1.02, "fault", "the mailbox is 102 % full"),
    ],
)
def test_a_mailbox_that_fills_up_is_told_before_it_refuses_answers(
    check: Check,
    outbox: Submission,
    server: Mailbox,
    monkeypatch: pytest.MonkeyPatch,
    used: float,
    result: str,
    said: str,
) -> None:
    delivering(outbox, server)
    monkeypatch.setattr(reading.Mailbox, "fullness", lambda _self: used)

    one = about(check(), "full")

    assert (one.result, one.what) == (result, f"main: {said}")


def test_a_server_that_does_not_tell_its_room_is_not_asked_about_it(
    check: Check, outbox: Submission, server: Mailbox
) -> None:
    delivering(outbox, server)

    assert [one for one in check() if "full" in one.what] == []


# --- on real servers ---


def test_on_postfix_and_dovecot_all_is_well_and_the_sender_is_looked_up(mailbox: RealMailbox, names: Names) -> None:
    names.add("lab.example", "TXT", '"v=spf1 ip4:127.0.0.1 ip6:::1 -all"')
    names.add("localhost", "A", "127.0.0.1")
    names.add("_dmarc.lab.example", "TXT", '"v=DMARC1; p=quarantine"')

    with asking.channel(asking.settings(mailbox)) as channel:
        findings = channel.check()

    assert [one for one in findings if not one.ok] == []
    assert about(findings, "came back into INBOX").result == "ok"
    assert about(findings, "clock").result == "ok"
    assert about(findings, "full").what == "main: the mailbox is 0 % full"
    assert about(findings, "SPF").what.endswith("it names localhost")
    assert about(findings, "DKIM").result == "warning"
    assert about(findings, "DMARC").what.endswith("letters that fail go to the junk folder")
    assert about(findings, "own_mx").what == 'main: own_mx = "mx.lab.example" has stamped our own letter'
