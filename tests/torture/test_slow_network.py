"""Mail servers from which all comes, an octet at a time: no step of it times out, and yet no pass waits for ever."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from slawatch.clock import SystemClock
from slawatch.errors import ChannelUnavailableError, ChannelUncertainError
from slawatch.mail.mailbox import Mailbox
from slawatch.mail.submit import Envelope, submit
from slawatch.mail.wire import Server
from tests.servers import imap, submission
from tests.servers.local import LOOPBACK, eventually
from tests.servers.proxy import CRAWL_SECONDS, Fault, Proxy

STEP = timedelta(seconds=CRAWL_SECONDS * 4)  # no octet takes that long
LETTER = b"From: anna@example.org\r\nSubject: Frage\r\n\r\nGuten Tag\r\n"
SLOW = r"not done within [\d.]+ s in all; this usually passes, and a slow line needs a longer timeout"


@pytest.fixture
def smtp() -> Iterator[Proxy]:
    with submission.running(None) as server, Proxy(server.port) as proxy:
        yield proxy


def server(proxy: Proxy, protocol: str, *, timeout: timedelta = STEP) -> Server:
    return Server(
        protocol="imap" if protocol == "imap" else "smtp",
        host=LOOPBACK,
        port=proxy.port,
        security="none",
        user=imap.USER if protocol == "imap" else "",
        password=imap.PASSWORD if protocol == "imap" else "",
        timeout=timeout,
    )


def send(proxy: Proxy, *, accept: timedelta = timedelta(seconds=20), timeout: timedelta = STEP) -> None:
    envelope = Envelope(sender="anna@example.org", recipient="service@shop.example")
    submit(server(proxy, "smtp", timeout=timeout), envelope, LETTER, clock=SystemClock(), accept_timeout=accept)


def test_a_mailbox_that_comes_an_octet_at_a_time_is_given_up() -> None:
    with imap.running() as mailbox, Proxy(mailbox.port) as proxy:
        for number in range(5):
            mailbox.append(LETTER + b"x" * 5000 + b"%d" % number, datetime.now(UTC))
        patient = Mailbox(server(proxy, "imap", timeout=timedelta(seconds=20)))
        assert len(patient.look(["INBOX"], {}, since=datetime(2020, 1, 1, tzinfo=UTC).date(), limit=9).letters) == 5
        patient.close()

        proxy.fault = Fault(kind="crawl", after=1500)
        slow = Mailbox(server(proxy, "imap"))
        with pytest.raises(ChannelUnavailableError, match=SLOW):
            slow.look(["INBOX"], {}, since=datetime(2020, 1, 1, tzinfo=UTC).date(), limit=9)
        slow.close()


def test_a_server_that_greets_and_goes_on_an_octet_at_a_time_gets_no_letter(smtp: Proxy) -> None:
    send(smtp, timeout=timedelta(seconds=20))
    smtp.fault = Fault(kind="crawl")

    with pytest.raises(ChannelUnavailableError, match=SLOW):
        send(smtp)


def test_one_that_takes_the_letter_and_says_so_an_octet_at_a_time_leaves_it_uncertain(smtp: Proxy) -> None:
    send(smtp, timeout=timedelta(seconds=20))
    eventually(lambda: smtp.quiet, what="the end of the connection")
    told = len(f"{submission.ACCEPTED}\r\n250 OK\r\n221 Bye\r\n")
    smtp.fault = Fault(kind="crawl", after=smtp.longest["down"] - told)

    with pytest.raises(ChannelUncertainError):
        send(smtp, accept=timedelta(seconds=CRAWL_SECONDS * 1.5))  # not even the three digits of its reply
