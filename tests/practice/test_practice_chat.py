"""The practice range's messenger, and the channel on it: what is said there arrives, and nothing in the clear."""

from __future__ import annotations

import queue
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from xml.etree import ElementTree as ET

import pytest

from slawatch.channels.base import Sent
from slawatch.channels.chat.loop import LoopThread
from slawatch.channels.xmpp import Settings, XmppChannel, names
from slawatch.channels.xmpp.client import RefusedQuestionError, Session
from slawatch.clock import Clock, SystemClock
from slawatch.errors import AccountHaltedError, ChannelRefusedError
from slawatch.model import Attempt, Delivery, DeliveryProof, Form, MomentKind, Origin, Request, Text
from slawatch.practice import certificate
from slawatch.practice.chat_server import DOMAIN, ChatServer
from slawatch.practice.clock import FastClock
from slawatch.secret import Secret
from tests.servers.local import eventually

pytestmark = pytest.mark.timeout(60)

SHOP = "fenwick-lamps"
BEGIN = b"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"


class Desk:
    """A server, and what its companies were asked."""

    def __init__(self, folder: Path) -> None:
        self.asked: queue.Queue[tuple[str, str, str]] = queue.Queue()
        self.server = ChatServer(["robin", SHOP, "copperfield-books"], lambda *said: self.asked.put(said), folder)

    def settings(self, user: str = "robin", password: str = "") -> Settings:
        return Settings(
            jid=self.server.address(user),
            password=Secret(password or self.server.password(user)),
            host=self.server.host,
            port=self.server.port,
            ca_file=self.server.ca_file,
            timeout=timedelta(seconds=10),
        )

    def channel(self, clock: Clock | None = None, **given: str) -> XmppChannel:
        return XmppChannel(self.settings(**given), account="main", clock=clock or SystemClock())


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    with made.server:
        yield made


def ask(to: str, *, number: int = 1, at: datetime | None = None) -> tuple[Request, Attempt]:
    at = at or datetime.now(UTC)
    request = Request(
        id=number,
        public_id=f"R{number}",
        origin=Origin.SENT,
        company="shop",
        channel="xmpp",
        target=to,
        account="main",
        text=Text(probe="p", lang="en", variant=0, subject="", body=f"How long? {number}", form=Form.CHAT),
        token=f"t{number}",
        message_id=f"request-{number}@practice.example",
        delivery=Delivery.SENDING,
        due_at=at,
        zone="UTC",
        intended_at=at,
    )
    return request, Attempt(id=number, request_id=number, number=1, envelope_id=f"e{number}", started_at=at)


def test_a_question_reaches_the_company_and_its_answer_comes_back(desk: Desk) -> None:
    with desk.channel() as channel:
        cursor = channel.collect("").cursor
        sent = channel.send(*ask(desk.server.address(SHOP)))
        who, visitor, words = desk.asked.get(timeout=10)
        desk.server.say(who, visitor, f"Two days, to: {words}")

        assert channel.watch(Event(), 10)
        batch = channel.collect(cursor)

    assert (who, visitor, sent.proof) == (SHOP, desk.server.address("robin"), DeliveryProof.PROVEN)
    assert [one.facts.text for one in batch.messages] == ["Two days, to: How long? 1"]
    assert batch.messages[0].facts.chat == desk.server.address(SHOP)
    assert [one.kind for one in batch.moments] == [MomentKind.DELIVERED]


def test_what_a_company_says_while_nobody_listens_is_kept_for_later(desk: Desk) -> None:
    with desk.channel() as channel:
        cursor = channel.collect("").cursor
    for number in range(120):
        desk.server.say(SHOP, desk.server.address("robin"), f"line {number}")

    with desk.channel() as channel:
        batches = [channel.collect(cursor)]
        while batches[-1].more:
            batches.append(channel.collect(batches[-1].cursor))

    found = [one for batch in batches for one in batch.messages]
    assert [one.facts.text for one in found] == [f"line {number}" for number in range(120)]
    assert {one.stamps.source for one in found} == {"platform"}


def test_all_that_check_asks_about_is_well(desk: Desk) -> None:
    with desk.channel() as channel:
        assert {one.result for one in channel.check()} == {"ok"}


def test_a_hurried_clock_makes_no_minutes_of_what_took_an_instant(desk: Desk) -> None:
    clock = FastClock(datetime(2026, 3, 2, 9, tzinfo=UTC), 600)
    with desk.channel(clock) as channel:
        cursor = channel.collect("").cursor
        clock.hurry(timedelta(hours=3))
        first = clock.now()
        desk.server.say(SHOP, desk.server.address("robin"), "Two days.")
        last = clock.now()
        assert channel.watch(Event(), 10)

        (line,) = channel.collect(cursor).messages

    assert first <= line.stamps.at + line.stamps.later
    assert line.stamps.at - line.stamps.earlier <= last


def test_nobody_is_asked_who_is_not_there(desk: Desk) -> None:
    with desk.channel() as channel:
        with pytest.raises(ChannelRefusedError, match="service-unavailable"):
            channel.send(*ask(desk.server.address("nobody")))
        with pytest.raises(ChannelRefusedError, match="remote-server-not-found"):
            channel.send(*ask("service@elsewhere.example", number=2))

    assert desk.asked.empty()


def test_what_was_sent_is_found_in_the_archive(desk: Desk) -> None:
    asked, attempt = ask(desk.server.address(SHOP))
    with desk.channel() as channel:
        channel.send(asked, attempt)

        assert isinstance(channel.find(asked), Sent)
        assert not isinstance(channel.find(ask(desk.server.address(SHOP), number=2)[0]), Sent)


def test_what_may_have_left_is_looked_for_before_it_is_sent_again(desk: Desk) -> None:
    asked, attempt = ask(desk.server.address(SHOP))
    with desk.channel() as channel:
        channel.send(asked, attempt)

        channel.send(asked, replace(attempt, number=2))

    assert desk.asked.qsize() == 1


def test_others_in_the_same_account_are_nobodys_business(desk: Desk) -> None:
    with desk.channel() as channel:
        desk.server.say("copperfield-books", desk.server.address("robin"), "Coming on Saturday?")
        desk.server.say(SHOP, desk.server.address("robin"), "Two days.")

        batch = channel.collect("", senders=lambda: frozenset({desk.server.address(SHOP)}))

    assert [one.facts.text for one in batch.messages] == ["Two days."]
    assert batch.notes == ("1 of others' messages in this account passed over",)


def test_several_are_logged_in_at_once_and_talk_to_one_another(desk: Desk) -> None:
    with desk.channel() as robin, desk.channel(user=SHOP) as agent, desk.channel() as robins_phone:
        cursors = [one.collect("").cursor for one in (robin, agent, robins_phone)]
        robin.send(*ask(desk.server.address(SHOP)))
        agent.send(*ask(desk.server.address("robin"), number=2))
        for one in (robin, agent, robins_phone):
            eventually(lambda one=one: one.watch(Event(), 0.1), what="the bell")  # type: ignore[misc]
        found = [
            one.collect(cursor).messages for one, cursor in zip((robin, agent, robins_phone), cursors, strict=True)
        ]

    assert [[line.facts.text for line in lines] for lines in found] == [
        ["How long? 2"],
        ["How long? 1"],
        ["How long? 2"],
    ]
    assert desk.asked.empty()  # a company that is logged in speaks for itself


def test_a_wrong_password_lets_nobody_in(desk: Desk) -> None:
    with desk.channel(password="wrong") as channel, pytest.raises(AccountHaltedError, match="not-authorized"):
        channel.collect("")


def test_what_it_does_not_know_it_refuses_by_name(desk: Desk) -> None:
    loop = LoopThread("test")
    session = Session(
        settings=desk.settings(), account="main", password=desk.server.password("robin"), heard=lambda *_: None
    )
    loop.run(session.begin())
    try:
        with pytest.raises(RefusedQuestionError) as caught:
            loop.run(session.ask(ET.Element("{urn:x}question")))
        assert caught.value.condition == "service-unavailable"
        with pytest.raises(RefusedQuestionError) as caught:
            loop.run(session.archive(after="nowhere"))
        assert caught.value.condition == "item-not-found"
        assert (
            names.MAM.strip("{}")
            in ET.tostring(loop.run(session.ask(ET.Element(f"{names.DISCO}query"), to=DOMAIN))).decode()
        )
    finally:
        loop.run(session.end())
        loop.end()


@pytest.mark.parametrize(
    "said",
    [
        b"GET / HTTP/1.0\r\n\r\n",
        BEGIN + b"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGEAYg==</auth>",
        BEGIN + b"<message/>",
        b"<a>" + b"x" * 300_000,
    ],
)
def test_whoever_begins_otherwise_than_with_tls_is_shown_out(desk: Desk, said: bytes) -> None:
    with socket.create_connection((desk.server.host, desk.server.port), timeout=10) as line:
        heard = b""
        try:
            line.sendall(said)
            while data := line.recv(65536):
                heard += data
        except ConnectionResetError:
            pass

    assert b"mechanisms" not in heard
    assert b"success" not in heard


def test_it_listens_on_this_machine_alone_and_leaves_only_its_certificate(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    with desk.server:
        port = desk.server.port
        assert {one.getsockname()[0] for one in desk.server._listener.sockets} == {"127.0.0.1"}  # type: ignore[union-attr]
        with desk.channel() as channel:
            channel.collect("")

    desk.server.say(SHOP, desk.server.address("robin"), "Is anybody there?")  # who speaks for companies may end later
    assert list(tmp_path.iterdir()) == [Path(desk.server.ca_file)]
    assert "PRIVATE" not in Path(desk.server.ca_file).read_text(encoding="ascii")
    assert not [one for one in threading.enumerate() if one.name == "practice-chat"]
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((desk.server.host, port), timeout=5)
    with desk.server, desk.channel() as channel:  # and it can be begun again
        assert channel.collect("").looked_until is not None


def test_its_certificate_stands_up_to_the_strictest_look(tmp_path: Path) -> None:
    proof, key = certificate.make("a.example")
    (tmp_path / "a.crt").write_text(proof)
    (tmp_path / "a.key").write_text(key)
    ours = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cadata=proof)
    ours.verify_flags |= ssl.VERIFY_X509_STRICT
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(tmp_path / "a.crt", tmp_path / "a.key")

    assert _shake_hands(ours, theirs, "a.example") == "TLSv1.3"
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        _shake_hands(ours, theirs, "b.example")
    with pytest.raises(ssl.SSLCertVerificationError):
        _shake_hands(ssl.create_default_context(), theirs, "a.example")


def test_no_two_certificates_share_a_key() -> None:
    assert len({certificate.make("a.example")[1] for _ in range(3)}) == 3


def _shake_hands(client: ssl.SSLContext, server: ssl.SSLContext, name: str) -> str | None:
    """Let both sides greet in memory; return which TLS they speak."""
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    one = client.wrap_bio(to_client, to_server, server_hostname=name)
    other = server.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(5):
        for side in (one, other):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return one.version()
