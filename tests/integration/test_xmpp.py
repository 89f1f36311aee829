"""Asking in XMPP chats on a real server: what is heard live, what is fetched later, bad days and hostile partners."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any, Self

import pytest

from slawatch.channels.base import Batch, NotSent, Sent, Thread, Unknown
from slawatch.channels.xmpp import Settings, XmppChannel
from slawatch.channels.xmpp.client import Session
from slawatch.channels.xmpp.names import stanza_id
from slawatch.clock import SystemClock
from slawatch.errors import (
    AccountHaltedError,
    ChannelRefusedError,
    ChannelUnavailableError,
    ChannelUncertainError,
)
from slawatch.model import DeliveryProof, Incoming, MomentKind, Request, Stamps
from slawatch.secret import Secret
from slawatch.store import Store
from tests.contract.bench_xmpp import OnBench, XmppBench, server
from tests.servers.local import LOOPBACK, eventually
from tests.servers.prosody import DOMAIN, PASSWORD, Prosody, running
from tests.servers.xmpp import Person

pytestmark = [pytest.mark.server, pytest.mark.timeout(120)]

RECEIVED = '<received xmlns="urn:xmpp:receipts" id="{}"/>'
DISPLAYED = '<displayed xmlns="urn:xmpp:chat-markers:0" id="{}"/>'
COMPOSING = '<composing xmlns="http://jabber.org/protocol/chatstates"/>'


@pytest.fixture
def bench() -> Iterator[XmppBench]:
    with XmppBench() as ready:
        yield ready


@pytest.fixture
def channel(bench: XmppBench) -> Iterator[OnBench]:
    with bench.channel() as ready:
        yield ready


@pytest.fixture(scope="module")
def bare() -> Iterator[Prosody]:
    with running(without=("mam",)) as server:
        yield server


def settings(server: Prosody, jid: str, **other: Any) -> Settings:
    made = Settings(jid=jid, password=Secret(PASSWORD), host=LOOPBACK, port=server.c2s, ca_file=str(server.ca))
    return replace(made, **other)


def whole(channel: XmppChannel, cursor: str = "", threads: Callable[[], Sequence[Thread]] | None = None) -> list[Batch]:
    batches = [channel.collect(cursor, threads=threads)]
    while batches[-1].more:
        batches.append(channel.collect(batches[-1].cursor, threads=threads))
    return batches


def lines(batches: list[Batch]) -> list[Incoming]:
    return [one for batch in batches for one in batch.messages]


def kinds(batches: list[Batch]) -> list[MomentKind]:
    return [one.kind for batch in batches for one in batch.moments]


def holds(stamps: Stamps, first: datetime, last: datetime) -> bool:
    """Tell whether a stamp leaves open all that it must: some instant between `first` and `last`."""
    return stamps.at - stamps.earlier <= last and first <= stamps.at + stamps.later


def standing(*asked: Request) -> Callable[[], Sequence[Thread]]:
    return lambda: [
        Thread(remote_id="", target=one.target, asked_at=one.intended_at, message_id=one.message_id) for one in asked
    ]


class TestWhatIsHeard:
    def test_a_whole_chat_is_heard_live_step_by_step(self, bench: XmppBench, channel: OnBench) -> None:
        asked, attempt = bench.ask()
        sent = channel.send(asked, attempt)
        name = stanza_id(asked.message_id)
        company = bench.company
        company.tell(bench.me, RECEIVED.format(name))
        company.tell(bench.me, DISPLAYED.format(name))
        company.tell(bench.me, COMPOSING)
        company.tell(bench.me, COMPOSING)
        first = datetime.now(UTC)
        company.say(bench.me, "Zwei Tage.", reply_to=name)
        last = datetime.now(UTC)

        batches = whole(channel)

        (line,) = lines(batches)
        # Receipts may be handed over with what came before them or after: which, the two connections decide.
        assert sorted(kinds(batches)) == [MomentKind.DELIVERED, MomentKind.READ, MomentKind.TYPING]
        assert {one.request for batch in batches for one in batch.moments} == {asked.message_id}
        assert line.facts.cited_ids == (sent.remote_id,)
        assert line.stamps.source == "seen"
        assert holds(line.stamps, first, last)
        assert sent.accepted_at - sent.uncertainty <= first

    def test_a_receipt_at_once_proves_that_it_was_delivered(self, bench: XmppBench, channel: OnBench) -> None:
        asked, attempt = bench.ask()
        bench.company.on_message = lambda one: bench.company.soon(bench.me, RECEIVED.format(one.get("id")))

        sent = channel.send(asked, attempt)

        assert sent.proof is DeliveryProof.PROVEN
        assert "stream management" in sent.evidence

    def test_what_was_heard_and_what_is_fetched_later_is_one_message(self, bench: XmppBench, channel: OnBench) -> None:
        asked, attempt = bench.ask()
        channel.send(asked, attempt)
        bench.answer(asked, "Zwei Tage.")
        (live,) = lines(whole(channel))
        channel.close()

        with bench.channel() as another:
            (fetched,) = lines(whole(another, threads=standing(asked)))

        assert (live.remote_id, live.raw) == (fetched.remote_id, fetched.raw)
        assert (live.stamps.source, fetched.stamps.source) == ("seen", "platform")
        assert holds(fetched.stamps, live.stamps.at - live.stamps.earlier, live.stamps.at)
        assert fetched.stamps.earlier + fetched.stamps.later > timedelta(seconds=1)

    def test_what_comes_while_we_are_away_is_fetched_with_how_far_its_stamp_may_be_off(self, bench: XmppBench) -> None:
        asked, attempt = bench.ask()
        with bench.channel() as first_time:
            first_time.send(asked, attempt)
            cursor = whole(first_time)[-1].cursor
        name = stanza_id(asked.message_id)
        first = datetime.now(UTC)
        bench.company.tell(bench.me, RECEIVED.format(name))
        bench.answer(asked, "Zwei Tage.")
        last = datetime.now(UTC)

        with bench.channel() as second_time:
            batches = whole(second_time, cursor, standing(asked))

        (line,) = lines(batches)
        assert kinds(batches) == [MomentKind.DELIVERED]
        assert line.stamps.source == "platform"
        assert holds(line.stamps, first, last)
        assert "whole seconds" in line.stamps.why

    def test_a_line_that_its_sender_wants_nowhere_kept_is_heard_once(self, bench: XmppBench, channel: OnBench) -> None:
        cursor = whole(channel)[-1].cursor
        bench.company.say(bench.me, "Zwei Tage.", store=False)
        eventually(lambda: channel.watch(Event(), 0.1), what="the bell")

        batches = whole(channel, cursor)

        assert [one.facts.text for one in lines(batches)] == ["Zwei Tage."]
        assert lines(whole(channel, batches[-1].cursor)) == []

    def test_others_in_the_same_account_are_nobodys_business(self, bench: XmppBench, channel: OnBench) -> None:
        channel.send(*bench.ask())
        friend = server().user(f"friend-{bench.me.partition('@')[0]}")
        with Person(server(), friend) as person:
            person.say(bench.me, "Kommst du am Samstag?")
        bench.company.say(bench.me, "Zwei Tage.")

        batch = channel.collect("", senders=lambda: frozenset({bench.target}))

        assert [one.facts.text for one in batch.messages] == ["Zwei Tage."]
        assert batch.notes == ("1 of others' messages in this account passed over",)

    def test_what_another_device_of_ours_gets_comes_to_us_too(self, bench: XmppBench, channel: OnBench) -> None:
        cursor = whole(channel)[-1].cursor
        with Person(server(), bench.me) as device:
            bench.company.say(device.full, "Zwei Tage.")

            assert channel.watch(Event(), 10)
            (line,) = lines(whole(channel, cursor))

        assert (line.facts.text, line.stamps.source) == ("Zwei Tage.", "seen")


class TestByHand:
    def test_the_first_line_behind_theirs_is_the_reply(self, bench: XmppBench, channel: OnBench) -> None:
        asked, attempt = bench.ask()
        channel.send(asked, attempt)
        bench.answer(asked, "Um welchen Artikel geht es?")
        (question,) = lines(whole(channel))
        channel.send(*bench.ask())
        with Person(server(), bench.me) as hand:
            hand.say(bench.target, "Um den blauen.")

        found = channel.find_by_hand(question.facts)

        assert isinstance(found, Sent)

    def test_it_is_nobody_knows_which_where_they_had_said_more(self, bench: XmppBench, channel: OnBench) -> None:
        bench.company.say(bench.me, "Um welchen Artikel geht es?")
        bench.company.say(bench.me, "Und wohin?")
        question, other = lines(whole(channel))
        with Person(server(), bench.me) as hand:
            hand.say(bench.target, "Nach Köln.")

        assert isinstance(channel.find_by_hand(question.facts), Unknown)
        assert isinstance(channel.find_by_hand(other.facts), Sent)


class TestBadDays:
    def test_a_server_that_restarts_loses_nothing_of_the_chat(self) -> None:
        with running() as server, ExitStack() as stack:
            me, them = server.user("asks"), server.user("service")
            channel = stack.enter_context(XmppChannel(settings(server, me), account="main", clock=SystemClock()))
            with Person(server, them) as company:
                company.say(me, "davor")
                cursor = whole(channel)[-1].cursor
                company.say(me, "noch davor")
            server.restart()
            with Person(server, them) as company:
                company.say(me, "danach")

            found = whole(channel, cursor)

        assert [one.facts.text for one in lines(found)] == ["noch davor", "danach"]

    def test_a_lost_acknowledgement_is_no_riddle_where_the_archive_can_be_asked_at_once(
        self, bench: XmppBench, channel: OnBench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = Session.say

        async def lose(self: Session, message: object, *, seconds: float) -> str:
            await real(self, message, seconds=seconds)  # type: ignore[arg-type]
            self._drop()
            raise ChannelUncertainError("lost")

        monkeypatch.setattr(Session, "say", lose)
        asked, attempt = bench.ask()

        sent = channel.send(asked, attempt)

        assert "archive" in sent.evidence
        monkeypatch.undo()
        assert len(bench.arrived(asked)) == 1

    def test_what_may_have_left_is_looked_for_before_it_is_sent_again(self, bench: XmppBench, channel: OnBench) -> None:
        asked, attempt = bench.ask()
        channel.send(asked, attempt)

        again = channel.send(asked, replace(attempt, number=2))

        assert "archive" in again.evidence
        assert len(bench.arrived(asked)) == 1

    def test_a_refusal_that_comes_later_is_a_step_of_the_chat(
        self, bench: XmppBench, channel: OnBench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(OnBench, "settle_seconds", 0.0)
        asked, attempt = bench.ask(target=f"nobody@{DOMAIN}")
        with pytest.MonkeyPatch.context() as late:
            late.setattr("slawatch.channels.xmpp.inbox.Inbox._tell_who_waits", lambda *_: None)
            channel.send(asked, attempt)

        batches = eventually(lambda: [b for b in whole(channel) if b.moments], what="the refusal")

        (moment,) = batches[0].moments
        assert (moment.kind, moment.request) == (MomentKind.UNDELIVERED, asked.message_id)
        assert "service-unavailable" in moment.saw

    def test_who_is_refused_is_told_by_whom_and_why_and_that_nothing_is_there(
        self, bench: XmppBench, channel: OnBench
    ) -> None:
        asked, attempt = bench.ask(target=f"nobody@{DOMAIN}")
        elsewhere, other = bench.ask(target="service@elsewhere.test")

        with pytest.raises(
            ChannelRefusedError, match=r'"nobody@shop.test" cannot be written to \(service-unavailable\)'
        ):
            channel.send(asked, attempt)
        with pytest.raises(ChannelRefusedError, match="not-allowed"):
            channel.send(elsewhere, other)

        assert isinstance(channel.find(asked), NotSent)
        assert isinstance(channel.find(elsewhere), NotSent)

    def test_an_archive_that_forgot_where_we_were_goes_on_by_its_stamps(
        self, bench: XmppBench, channel: OnBench
    ) -> None:
        bench.company.say(bench.me, "eins")
        cursor = whole(channel)[-1].cursor
        bench.company.say(bench.me, "zwei")
        (before,) = lines(whole(channel, cursor))

        batches = whole(channel, cursor.replace('"after": "', '"after": "gone-'))

        assert before.remote_id in [one.remote_id for one in lines(batches)]
        assert "no longer holds" in " ".join(batches[0].notes)


class TestWithoutAnArchive:
    def test_what_is_heard_is_handed_over_and_what_was_kept_for_us_as_well(self, bare: Prosody) -> None:
        me, them = bare.user("asks"), bare.user("service")
        made = XmppChannel(settings(bare, me), account="main", clock=SystemClock())
        with Person(bare, them) as company, made as channel:
            first = datetime.now(UTC)
            company.say(me, "verpasst")
            last = datetime.now(UTC)
            (missed,) = lines(whole(channel))
            cursor = channel.collect("").cursor
            company.say(me, "gehört")
            assert channel.watch(Event(), 10)
            batches = whole(channel, cursor)

            assert not channel.capabilities.durable_history
            assert any("no archive" in one.what and one.result == "warning" for one in channel.check())

        assert (missed.facts.text, missed.stamps.source) == ("verpasst", "platform")
        assert holds(missed.stamps, first, last)
        assert [(one.facts.text, one.stamps.source) for one in lines(batches)] == [("gehört", "seen")]

    def test_nothing_is_found_there_so_nothing_is_known(self, bare: Prosody, bench: XmppBench) -> None:
        asked, _ = bench.ask()
        with XmppChannel(settings(bare, bare.user("lost")), account="main", clock=SystemClock()) as channel:
            assert isinstance(channel.find(asked), Unknown)


class TestConnecting:
    def test_a_server_is_reached_at_whichever_of_its_records_answers(
        self, bench: XmppBench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        bench.door.shut()

        async def records(*_: object, **__: object) -> list[tuple[str, str, str, int]]:
            return [("xmpp-client", DOMAIN, LOOPBACK, port) for port in (bench.door.port, server().c2s)]

        monkeypatch.setattr("slixmpp.xmlstream.xmlstream.resolve", records)
        by_records = settings(server(), bench.me, host="", port=0)

        with XmppChannel(by_records, account="main", clock=SystemClock()) as channel:
            assert channel.collect("").looked_until is not None

    def test_a_domain_without_any_server_is_named(self, bench: XmppBench, monkeypatch: pytest.MonkeyPatch) -> None:
        async def records(*_: object, **__: object) -> list[tuple[str, str, str, int]]:
            return []

        monkeypatch.setattr("slixmpp.xmlstream.xmlstream.resolve", records)
        nowhere = settings(server(), "robin@nowhere.invalid", host="", port=0)

        with (
            XmppChannel(nowhere, account="main", clock=SystemClock()) as channel,
            pytest.raises(ChannelUnavailableError, match=r"nowhere\.invalid cannot be reached"),
        ):
            channel.collect("")

    def test_a_lost_connection_is_made_anew_while_watching(self) -> None:
        with running() as server:
            me, them = server.user("asks"), server.user("service")
            with XmppChannel(settings(server, me), account="main", clock=SystemClock()) as channel:
                cursor = whole(channel)[-1].cursor
                server.restart()
                eventually(lambda: channel.watch(Event(), 1), what="the connection")
                with Person(server, them) as company:
                    company.say(me, "danach")
                    eventually(lambda: channel.watch(Event(), 1), what="the bell")

                assert [one.facts.text for one in lines(whole(channel, cursor))] == ["danach"]


class TestSafety:
    def test_a_wrong_password_halts_the_account_and_is_not_tried_for_ever(self, bench: XmppBench) -> None:
        wrong = settings(server(), bench.me, password=Secret("wrong"))
        with XmppChannel(wrong, account="main", clock=SystemClock()) as channel:
            with pytest.raises(AccountHaltedError, match="check jid and password"):
                channel.collect("")
            assert [one.ok for one in channel.check()] == [False]
            assert channel.watch(Event(), 0.1) is False
            assert channel._connect_at == float("inf")

    def test_a_server_that_nobody_vouches_for_is_told_nothing(self, bench: XmppBench) -> None:
        with (
            XmppChannel(settings(server(), bench.me, ca_file=""), account="main", clock=SystemClock()) as channel,
            pytest.raises(ChannelUnavailableError, match=r'it must have a certificate for "shop\.test"'),
        ):
            channel.collect("")

    def test_a_server_by_another_name_is_told_nothing(self, bench: XmppBench) -> None:
        other = settings(server(), "asks@other.test", timeout=timedelta(seconds=5))
        with (
            XmppChannel(other, account="main", clock=SystemClock()) as channel,
            pytest.raises(ChannelUnavailableError),
        ):
            channel.collect("")

    def test_the_password_is_never_said_in_the_clear(self, bench: XmppBench) -> None:
        with _Naked() as naked:
            bare = settings(server(), bench.me, port=naked.port, timeout=timedelta(seconds=2))
            with (
                XmppChannel(bare, account="main", clock=SystemClock()) as channel,
                pytest.raises(ChannelUnavailableError),
            ):
                channel.collect("")

        assert b"stream:stream" in naked.heard
        assert b"auth" not in naked.heard

    def test_without_the_library_it_is_said_how_to_get_it(
        self, bench: XmppBench, channel: OnBench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(__import__("sys").modules, "slawatch.channels.xmpp.client", None)

        (finding,) = channel.check()

        assert not finding.ok
        assert 'pip install "slawatch[xmpp]"' in finding.cure

    def test_who_wants_to_see_when_we_are_online_is_not_let(self, bench: XmppBench, channel: OnBench) -> None:
        whole(channel)
        bench.company.subscribe(bench.me)
        channel.send(*bench.ask())

        assert not [one for one in bench.company.presences() if "unavailable" not in one]  # so says the server itself


class TestHostile:
    def test_a_partner_can_send_what_they_like_and_every_line_is_kept_as_it_is(
        self, bench: XmppBench, channel: OnBench, tmp_path: Path
    ) -> None:
        say, tell = bench.company.say, bench.company.tell
        asked, attempt = bench.ask()
        channel.send(asked, attempt)
        inner = f'<message xmlns="jabber:client" from="{bench.me}" to="x@y"><body>forged</body></message>'
        forwarded = f'<forwarded xmlns="urn:xmpp:forward:0">{inner}</forwarded>'
        tell(bench.me, f'<sent xmlns="urn:xmpp:carbons:2">{forwarded}</sent>')
        tell(bench.me, f'<result xmlns="urn:xmpp:mam:2" queryid="page-1" id="a">{forwarded}</result>')
        tell(bench.me, RECEIVED.format("nobody's"))
        tell(bench.me, '<error xmlns="jabber:client" type="cancel"/>')
        say(bench.me, "huge " + "x" * 100_000)
        say(bench.me, "marks \x85\u202e\ufeff\U0001f600 tab\tand\nline")
        say(bench.me, "own id", more=f'<stanza-id xmlns="urn:xmpp:sid:0" by="{bench.me}" id="forged"/>')
        say(bench.me, "late", more='<delay xmlns="urn:xmpp:delay" stamp="never"/>')
        say(bench.me, "deep", more="<x xmlns='urn:x'>" * 100 + "</x>" * 100)
        say(bench.me, "replies", more='<reply xmlns="urn:xmpp:reply:0"/>')
        say(bench.me, "first of an id", name="7")
        say(bench.me, "second of an id", name="7")

        batches = whole(channel)
        with Store(tmp_path / "slawatch.db", clock=bench.clock) as store:
            new = [one for batch in batches for one in store.add_batch("main", "xmpp", batch)]

        texts = [one.facts.text for one in lines(batches)]
        first_words = ["huge", "marks", "own", "late", "deep", "replies", "first", "second"]
        assert [text.split()[0] for text in texts] == first_words
        assert len(texts[0]) == 100_005
        assert texts[1] == "marks \x85\u202e\ufeff\U0001f600 tab\tand\nline"
        assert {one.facts.sender for one in lines(batches)} == {f"xmpp:{bench.target}"}
        assert "xmpp:forged" not in {one.remote_id for one in lines(batches)}
        assert len(new) == len(texts)
        assert all(channel.read(one.raw) == one.facts for one in lines(batches))


class _Naked:
    """A server that offers no TLS, and keeps what it is told."""

    def __init__(self) -> None:
        self.heard = b""
        self._listener = socket.create_server((LOOPBACK, 0))
        self.port = int(self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        self._thread.join(10)

    def _serve(self) -> None:
        try:
            client, _ = self._listener.accept()
        except OSError:
            return
        client.sendall(
            b"<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'"
            b" id='1' from='shop.test' version='1.0'><stream:features><mechanisms"
            b" xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism><mechanism>SCRAM-SHA-1</mechanism>"
            b"</mechanisms></stream:features>"
        )
        with client:
            while data := client.recv(65536):
                self.heard += data
