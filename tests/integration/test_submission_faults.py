"""A letter goes to the company and to ourselves, or to nobody, and never twice, whatever the submission server does."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from smtplib import SMTP
from typing import Any

import pytest

from slawatch.channels.email import EmailChannel, Settings
from slawatch.errors import ChannelError, ChannelRefusedError, ChannelUnavailableError, ChannelUncertainError
from slawatch.mail import submit as submitting
from slawatch.mail import wire
from slawatch.mail.submit import Envelope, connected, submit
from slawatch.mail.wire import Server
from slawatch.model import Attempt, Delivery, Origin, Request, Text
from slawatch.secret import Secret, Source
from slawatch.testing import FakeClock
from tests.servers import authority as authorities
from tests.servers import submission
from tests.servers.authority import Authority
from tests.servers.local import LOOPBACK
from tests.servers.submission import PASSWORD, STEPS, USER, Faults, Submission

COMPANY = "service@shop.example"
TOKEN = "k7f3abcdefgh"
CLOCK = FakeClock()
REQUEST = Request(
    id=1,
    public_id="R1",
    origin=Origin.SENT,
    company="shop",
    channel="email",
    target=COMPANY,
    account="main",
    text=Text(probe="delivery-time", lang="de", variant=0, subject=f"Frage ({TOKEN})", body="Guten Tag,\n.\nGrüße\n"),
    token=TOKEN,
    message_id="1f2e3d@example.org",
    delivery=Delivery.SENDING,
    due_at=CLOCK.now(),
    zone="Europe/Berlin",
    intended_at=CLOCK.now(),
)
ATTEMPT = Attempt(id=1, request_id=1, number=1, envelope_id="slw-1+a=b", started_at=CLOCK.now())


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authorities.make(tmp_path_factory.mktemp("tls"))


@contextmanager
def channel(
    authority: Authority, faults: Faults | None = None, *, implicit_tls: bool = False, **settings: Any
) -> Iterator[tuple[EmailChannel, Submission]]:
    with submission.running(authority, faults, implicit_tls=implicit_tls) as server:
        its = Settings(
            address=USER,
            name="Anna Groß",
            smtp_host=server.host,
            smtp_port=server.port,
            smtp_security="tls" if implicit_tls else "starttls",
            smtp_password=Secret(PASSWORD),
            imap_host="localhost",
            ca_file=str(authority.ca),
            timeout=timedelta(seconds=10),
        )
        with EmailChannel(replace(its, **settings), account="main", clock=CLOCK) as ours:
            yield ours, server


def test_the_company_and_we_get_the_same_letter_once(authority: Authority) -> None:
    with channel(authority) as (ours, server):
        sent = ours.send(REQUEST, ATTEMPT)

        (taken,) = server.taken
        assert taken.recipients == (COMPANY, USER)
        assert taken.sender == f"anna+{TOKEN}@example.org"
        assert taken.raw == ours.prepare(REQUEST, ATTEMPT)
        assert (sent.remote_id, sent.accepted_at) == (REQUEST.message_id, CLOCK.now())
        assert sent.evidence == "localhost: 250 2.0.0 queued as 4711; delivery reports asked for"
        assert server.heard[0:2] == ["connect", "EHLO example.org"]
        assert server.heard.count("DATA") == 1


def test_lines_that_begin_with_a_dot_arrive_as_they_were(authority: Authority) -> None:
    dotted = replace(REQUEST, text=replace(REQUEST.text, body="Hello\n.\n..\n.hidden\nBye"))
    with channel(authority) as (ours, server):
        ours.send(dotted, ATTEMPT)

        (taken,) = server.taken
        assert taken.raw == ours.prepare(dotted, ATTEMPT)
        assert taken.raw.endswith(b"\r\n\r\nHello\r\n.\r\n..\r\n.hidden\r\nBye\r\n")


def test_a_letter_is_dated_by_its_attempt_however_late_it_is_looked_at(authority: Authority) -> None:
    with channel(authority) as (ours, _):
        before = ours.prepare(REQUEST, ATTEMPT)
        ours._clock = FakeClock(CLOCK.now() + timedelta(days=1))

        assert ours.prepare(REQUEST, ATTEMPT) == before
        assert b"\r\nDate: Sun, 29 Mar 2026 01:30:00 +0100\r\n" in b"\r\n" + before


def test_delivery_reports_are_asked_for_the_company_and_never_for_our_copy(authority: Authority) -> None:
    with channel(authority) as (ours, server):
        ours.send(REQUEST, ATTEMPT)

        (taken,) = server.taken
        assert {"RET=HDRS", "ENVID=slw-1+2Ba+3Db"} <= set(taken.mail_options)
        assert taken.rcpt_options == (("NOTIFY=SUCCESS,FAILURE,DELAY",), ("NOTIFY=NEVER",))


def test_without_dsn_nothing_of_it_is_said(authority: Authority) -> None:
    with channel(authority, Faults(dsn=False)) as (ours, server):
        sent = ours.send(REQUEST, ATTEMPT)

        (taken,) = server.taken
        assert taken.rcpt_options == ((), ())
        assert not any(option.startswith(("RET", "ENVID")) for option in taken.mail_options)
        assert "reports" not in sent.evidence


def test_no_copy_is_sent_where_none_is_wanted(authority: Authority) -> None:
    with channel(authority, copy=False) as (ours, server):
        ours.send(REQUEST, ATTEMPT)

        assert [taken.recipients for taken in server.taken] == [(COMPANY,)]


def test_a_company_that_is_ourselves_gets_one_letter(authority: Authority) -> None:
    with channel(authority) as (ours, server):
        ours.send(replace(REQUEST, target=USER), ATTEMPT)

        assert [taken.recipients for taken in server.taken] == [(USER,)]


def test_tls_from_the_first_byte_works_too(authority: Authority) -> None:
    with channel(authority, implicit_tls=True, smtp_password=None) as (ours, server):
        ours.send(REQUEST, ATTEMPT)

        assert len(server.taken) == 1
        assert "STARTTLS" not in server.heard


@pytest.mark.parametrize("who", [COMPANY, USER])
@pytest.mark.parametrize("reply", ["450 4.2.0 greylisted", "421 4.3.0 closing"])
def test_where_one_recipient_is_put_off_nothing_leaves_to_the_other(authority: Authority, who: str, reply: str) -> None:
    with channel(authority, Faults(refusals={who: reply})) as (ours, server):
        with pytest.raises(ChannelUnavailableError, match=reply):
            ours.send(REQUEST, ATTEMPT)

        assert server.taken == []
        assert "DATA" not in server.heard
        assert "RSET" in server.heard

        server.faults.refusals.clear()
        ours.send(REQUEST, ATTEMPT)
        assert [taken.recipients for taken in server.taken] == [(COMPANY, USER)]


def test_an_unknown_address_is_refused_for_good(authority: Authority) -> None:
    with channel(authority, Faults(refusals={COMPANY: "550 5.1.1 no such mailbox"})) as (ours, server):
        with pytest.raises(ChannelRefusedError, match=r'refused "service@shop.example": 550 5.1.1 no such mailbox'):
            ours.send(REQUEST, ATTEMPT)

        assert server.taken == []
        assert f"RCPT {USER}" not in server.heard


@pytest.mark.parametrize("reply", ["554 5.7.1 relay access denied", "550 5.4.5 daily quota", "530 5.7.0 log in first"])
def test_what_is_wrong_with_our_own_account_is_not_blamed_on_the_company(authority: Authority, reply: str) -> None:
    with channel(authority, Faults(refusals={COMPANY: reply})) as (ours, server):
        with pytest.raises(ChannelUnavailableError, match=reply):
            ours.send(REQUEST, ATTEMPT)

        assert server.taken == []


def test_a_refused_copy_says_how_to_do_without(authority: Authority) -> None:
    with channel(authority, Faults(refusals={USER: "550 5.1.1 who?"})) as (ours, server):
        with pytest.raises(ChannelUnavailableError, match=r"our own copy .* set copy = false to do without"):
            ours.send(REQUEST, ATTEMPT)

        assert server.taken == []


def test_a_sender_that_is_not_allowed_is_our_own_fault(authority: Authority) -> None:
    with channel(authority, Faults(refusals={"mail": "553 5.7.1 not your address"})) as (ours, server):
        with pytest.raises(ChannelUnavailableError, match=rf'sender "anna\+{TOKEN}@example.org": 553'):
            ours.send(REQUEST, ATTEMPT)

        assert server.taken == []


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("451 4.3.0 try again", ChannelUnavailableError),
        ("421 4.3.2 shutting down", ChannelUnavailableError),
        ("552 5.3.4 too big", ChannelRefusedError),
        ("554 5.7.1 looks like spam", ChannelRefusedError),
    ],
)
def test_a_letter_refused_after_its_end_has_not_left(
    authority: Authority, words: str, error: type[ChannelError]
) -> None:
    with channel(authority, Faults(last_words=words)) as (ours, server):
        with pytest.raises(error, match=words):
            ours.send(REQUEST, ATTEMPT)

        assert server.taken == []
        assert server.heard.count("DATA") == 1


@pytest.mark.parametrize("step", STEPS[: STEPS.index("half a letter")])
def test_a_connection_cut_before_the_final_dot_leaves_nothing_behind(authority: Authority, step: str) -> None:
    with channel(authority, Faults(cut=step)) as (ours, server):
        with pytest.raises(ChannelUnavailableError, match=f"^localhost:{server.port}: "):
            ours.send(REQUEST, ATTEMPT)

        assert server.taken == []
        assert server.heard.count("connect") == 1


def test_a_connection_cut_within_a_letter_leaves_nothing_behind(authority: Authority) -> None:
    # So long that its end cannot be on its way already when the connection breaks.
    long = replace(REQUEST, text=replace(REQUEST.text, body="Guten Tag\n" * 2_000_000))
    with channel(authority, Faults(cut="half a letter")) as (ours, server):
        with pytest.raises(ChannelUnavailableError):
            ours.send(long, ATTEMPT)

        assert server.taken == []
        assert server.heard.count("connect") == 1


def test_a_connection_that_breaks_when_all_of_a_letter_is_out_leaves_nothing_behind(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_over = SMTP.send

    def break_after_the_letter(smtp: SMTP, words: bytes | str) -> None:
        hand_over(smtp, words)
        if isinstance(words, bytes) and b"Message-ID" in words:
            raise BrokenPipeError

    monkeypatch.setattr(SMTP, "send", break_after_the_letter)
    monkeypatch.setattr(submitting, "QUIT_SECONDS", 0.5)
    with channel(authority) as (ours, server):
        with pytest.raises(ChannelUnavailableError):
            ours.send(REQUEST, ATTEMPT)

        assert "DATA" in server.heard
        assert server.taken == []  # the dot that ends a letter goes out by itself


def test_a_lost_acknowledgement_is_uncertain_and_nothing_is_sent_again(authority: Authority) -> None:
    with channel(authority, Faults(lose_reply=True)) as (ours, server):
        with pytest.raises(ChannelUncertainError, match="did not acknowledge the letter, which may have left"):
            ours.send(REQUEST, ATTEMPT)

        assert [taken.recipients for taken in server.taken] == [(COMPANY, USER)]
        assert server.heard.count("connect") == 1


def test_a_connection_cut_at_the_final_dot_is_uncertain_though_nothing_left(authority: Authority) -> None:
    with channel(authority, Faults(cut=STEPS[-1])) as (ours, server):
        with pytest.raises(ChannelUncertainError):
            ours.send(REQUEST, ATTEMPT)

        assert server.taken == []
        assert server.heard.count("connect") == 1


@pytest.mark.parametrize("words", ["354 go on", "gibberish", "150 wait"])
def test_a_reply_that_means_nothing_is_uncertain(authority: Authority, words: str) -> None:
    with channel(authority, Faults(last_words=words)) as (ours, _), pytest.raises(ChannelUncertainError):
        ours.send(REQUEST, ATTEMPT)


@pytest.mark.timeout(20)  # less than the 30 s of any other step
def test_a_server_that_falls_silent_after_the_letter_leaves_it_uncertain(authority: Authority) -> None:
    with submission.running(authority, Faults(keep_silent=True)) as server:
        its = Server(
            protocol="smtp",
            host=server.host,
            port=server.port,
            security="starttls",
            user=USER,
            password=PASSWORD,
            ca_file=str(authority.ca),
        )
        envelope = Envelope(sender=USER, recipient=COMPANY)
        with pytest.raises(ChannelUncertainError, match=r"timed out|not done within 0\.2 s"):
            submit(its, envelope, b"Subject: x\r\n\r\n", clock=CLOCK, accept_timeout=timedelta(seconds=0.2))

        assert len(server.taken) == 1


def test_without_starttls_the_password_stays_here(authority: Authority) -> None:
    with channel(authority, Faults(starttls=False)) as (ours, server):
        with pytest.raises(
            ChannelUnavailableError, match=r'no STARTTLS .* set smtp_security = "tls" and smtp_port = 465'
        ):
            ours.send(REQUEST, ATTEMPT)

        assert "AUTH" not in server.heard


@pytest.mark.parametrize("security", ["starttls", "none"])
def test_a_port_where_tls_is_spoken_from_the_first_byte_is_soon_found_out(
    authority: Authority, security: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "OPENING_TIMEOUT", timedelta(seconds=0.3))
    with channel(authority, implicit_tls=True, smtp_security=security) as (ours, server):
        with pytest.raises(ChannelUnavailableError) as error:
            ours.send(REQUEST, ATTEMPT)

        assert str(error.value) == (
            f"localhost:{server.port}: no greeting within 0.3 s; check smtp_host and smtp_port = {server.port} "
            f'with smtp_security = "{security}": port 587 goes with "starttls", 465 with "tls"'
        )
        assert server.taken == []


def test_a_port_where_no_tls_is_spoken_at_first_names_the_ports(authority: Authority) -> None:
    with channel(authority, smtp_security="tls") as (ours, server):
        with pytest.raises(
            ChannelUnavailableError,
            match=r'no TLS with smtp_security = "tls" \(\w+\); port 587 goes with "starttls", 465 with "tls"$',
        ):
            ours.send(REQUEST, ATTEMPT)

        assert server.taken == []


@pytest.mark.parametrize(
    ("greeting", "said"),
    [
        (b"* OK IMAP4rev1 ready\r\n", "it does not greet as a mail server does; check smtp_host and smtp_port = "),
        (b"554 5.7.1 not from \xc3\xa4nywhere\r\n", "refused to go on: 554 5.7.1 not from änywhere"),
        (b"", "the connection broke before a greeting (Connection unexpectedly closed); if it stays so, check smtp_h"),
    ],
)
def test_what_greets_otherwise_is_told_apart(authority: Authority, greeting: bytes, said: str) -> None:
    with socket.create_server((LOOPBACK, 0)) as listening:

        def greet() -> None:
            client, _ = listening.accept()
            with client:
                client.sendall(greeting)

        greeter = threading.Thread(target=greet)
        greeter.start()
        port = listening.getsockname()[1]
        with channel(authority, smtp_port=port) as (ours, _), pytest.raises(ChannelUnavailableError) as error:
            ours.send(REQUEST, ATTEMPT)
        greeter.join()

    assert str(error.value).startswith(f"localhost:{port}")
    assert said in str(error.value)


def test_once_the_server_has_greeted_its_replies_may_take_longer(authority: Authority) -> None:
    with channel(authority, timeout=timedelta(seconds=27)) as (ours, _):
        its = ours._settings.smtp()
        assert its.opening_seconds == 10
        with connected(its) as smtp:
            assert smtp.sock is not None
            assert smtp.sock.gettimeout() == 27

    with channel(authority, timeout=timedelta(seconds=2)) as (ours, _):
        assert ours._settings.smtp().opening_seconds == 2


def test_a_wrong_password_names_the_keys_to_check(authority: Authority, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("wrong", encoding="utf-8")
    its = Secret("password", Source.FILE, folder=tmp_path)
    with channel(authority, smtp_password=its) as (ours, server):
        with pytest.raises(
            ChannelUnavailableError,
            match=r'login as "anna@example.org" failed \(535 .*check smtp_user and smtp_password_file; .*app password',
        ):
            ours.send(REQUEST, ATTEMPT)

        assert server.taken == []


def test_a_server_that_cannot_check_logins_just_now_blames_no_password(authority: Authority) -> None:
    with channel(authority, Faults(refusals={"auth": "454 4.7.0 temporary failure"})) as (ours, server):
        with pytest.raises(ChannelUnavailableError, match=r"failed \(454 .*the server cannot check logins just now"):
            ours.send(REQUEST, ATTEMPT)

        assert server.taken == []


def test_a_server_nobody_vouches_for_gets_no_password(authority: Authority) -> None:
    with channel(authority, ca_file="") as (ours, server):
        with pytest.raises(ChannelUnavailableError, match=r"certificate is not to be trusted .* ca_file"):
            ours.send(REQUEST, ATTEMPT)

        assert "AUTH" not in server.heard


def test_tls_from_the_first_byte_is_verified_too(authority: Authority) -> None:
    with channel(authority, implicit_tls=True, ca_file="") as (ours, server):
        with pytest.raises(ChannelUnavailableError, match=r"certificate is not to be trusted .* ca_file"):
            ours.send(REQUEST, ATTEMPT)

        assert server.taken == []


def test_a_certificate_for_another_name_is_not_trusted(authority: Authority) -> None:
    with channel(authority, smtp_host="127.1") as (ours, server):  # another way to write the server's address
        with pytest.raises(ChannelUnavailableError, match=r"certificate is not to be trusted .* check smtp_host"):
            ours.send(REQUEST, ATTEMPT)

        assert "STARTTLS" in server.heard
        assert "AUTH" not in server.heard


def test_a_certificate_file_that_is_missing_is_named(authority: Authority, tmp_path: Path) -> None:
    missing = str(tmp_path / "ca.pem")
    cure = r'there is no file ".*ca.pem"; check ca_file'
    with channel(authority, ca_file=missing) as (ours, _), pytest.raises(ChannelUnavailableError, match=cure):
        ours.send(REQUEST, ATTEMPT)


def test_an_address_beyond_ascii_needs_a_server_that_can(authority: Authority) -> None:
    request = replace(REQUEST, target="jörg@münchen.example")

    with channel(authority) as (ours, server):
        ours.send(request, ATTEMPT)

        (taken,) = server.taken
        assert taken.recipients == ("jörg@xn--mnchen-3ya.example", USER)
        assert "SMTPUTF8" in taken.mail_options

    with channel(authority, Faults(smtputf8=False)) as (ours, server):
        with pytest.raises(ChannelRefusedError, match=r'cannot send to or from "jörg@xn--mnchen-3ya.example"'):
            ours.send(request, ATTEMPT)

        assert server.taken == []


def test_a_domain_beyond_ascii_needs_nothing_special(authority: Authority) -> None:
    with channel(authority, Faults(smtputf8=False)) as (ours, server):
        ours.send(replace(REQUEST, target="service@straße.example"), ATTEMPT)

        assert server.taken[0].recipients == ("service@xn--strae-oqa.example", USER)


def test_a_host_that_nobody_serves_says_what_to_check(authority: Authority) -> None:
    with channel(authority) as (ours, server):
        server.stop()
        with pytest.raises(ChannelUnavailableError, match=r"nobody listens there; check smtp_host and smtp_port"):
            ours.send(REQUEST, ATTEMPT)
