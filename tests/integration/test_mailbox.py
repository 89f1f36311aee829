"""A mailbox is read to its end, each letter once, nothing in it changed; where that fails, it says so and why."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from imapclient import IMAPClient  # type: ignore[import-untyped]  # it ships no types
from imapclient.exceptions import IMAPClientError  # type: ignore[import-untyped]  # same

from slawatch.channels.base import Batch, Finding, Sent, Unknown
from slawatch.channels.email import EmailChannel, Settings
from slawatch.channels.email import check as checking
from slawatch.errors import ChannelUnavailableError
from slawatch.mail import fetch as fetching
from slawatch.mail import mailbox as reading
from slawatch.mail import wire
from slawatch.mail.wire import one_line
from slawatch.model import Delivery, Origin, Request, Text
from slawatch.secret import Secret, Source
from slawatch.testing import FakeClock
from tests.servers import authority as authorities
from tests.servers import imap, submission
from tests.servers.authority import Authority
from tests.servers.imap import Mailbox
from tests.servers.submission import Submission

CLOCK = FakeClock()
NOW = CLOCK.now()
REQUEST = Request(
    id=1,
    public_id="R1",
    origin=Origin.SENT,
    company="shop",
    channel="email",
    target="service@shop.example",
    account="main",
    text=Text(probe="delivery-time", lang="de", variant=0, subject="Frage", body="Guten Tag"),
    token="k7f3abcdefgh",
    message_id="1f2e3d@example.org",
    delivery=Delivery.UNCERTAIN,
    due_at=NOW,
    zone="Europe/Berlin",
    intended_at=NOW,
)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authorities.make(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def server() -> Iterator[Mailbox]:
    with imap.running() as running:
        yield running


@contextmanager
def channel(server: Mailbox, **settings: Any) -> Iterator[EmailChannel]:
    its = Settings(
        address="anna@example.org",
        smtp_host="localhost",
        imap_host="localhost",
        imap_port=server.port,
        imap_security="none",
        imap_user=imap.USER,
        imap_password=Secret(imap.PASSWORD),
        timeout=timedelta(seconds=10),
    )
    with EmailChannel(replace(its, **settings), account="main", clock=FakeClock()) as ours:
        yield ours


def letter(words: str, **headers: str) -> bytes:
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"From: service@shop.example\r\n{head}\r\n{words}\r\n".encode()


def texts(batch: Batch) -> list[str]:
    return [message.facts.text.strip() for message in batch.messages]


def test_letters_are_read_in_the_order_in_which_they_were_filed(server: Mailbox) -> None:
    for words in ("eins", "zwei", "drei"):
        server.append(letter(words), NOW)
    with channel(server) as ours:
        batch = ours.collect("")

    assert texts(batch) == ["eins", "zwei", "drei"]
    assert batch.looked_until == NOW
    assert len({message.remote_id for message in batch.messages}) == 3


def test_nothing_new_does_not_bring_the_last_letter_again(server: Mailbox) -> None:
    # IMAP's "n:*" means "*:n" there.
    server.append(letter("eins"), NOW)
    with channel(server) as ours:
        cursor = ours.collect("").cursor

        assert ours.collect(cursor).messages == ()


def test_reading_leaves_every_letter_unread(server: Mailbox) -> None:
    server.append(letter("eins"), NOW)
    with channel(server) as ours:
        ours.collect("")

    with server.login() as client:
        client.select_folder("INBOX", readonly=True)
        assert [flags[b"FLAGS"] for flags in client.fetch(client.search(), ["FLAGS"]).values()] == [()]


def test_a_folder_is_opened_for_reading_only_and_its_letters_are_peeked_at_besides(
    server: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.append(letter("eins"), NOW)
    select = IMAPClient.select_folder
    asked_for_reading_only = []

    def open_for_writing(client: IMAPClient, folder: str, *, readonly: bool = False) -> Any:
        asked_for_reading_only.append(readonly)
        return select(client, folder)

    monkeypatch.setattr(IMAPClient, "select_folder", open_for_writing)
    with channel(server) as ours:
        assert texts(ours.collect("")) == ["eins"]
    monkeypatch.undo()

    assert asked_for_reading_only == [True, True]  # INBOX and Junk
    with server.login() as client:
        client.select_folder("INBOX", readonly=True)
        assert [flags[b"FLAGS"] for flags in client.fetch(client.search(), ["FLAGS"]).values()] == [()]


def test_an_arrival_within_the_doubled_hour_is_not_an_hour_off(
    server: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        doubled = [datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1)]  # 02:30 both, by Berlin's clocks
        for moment in doubled:
            server.append(letter("eins"), moment)
        with channel(server) as ours:
            batch = ours.collect("")
    finally:
        monkeypatch.undo()
        time.tzset()

    assert [message.stamps.internal_at for message in batch.messages] == doubled


def test_letters_from_before_our_time_are_left_alone(server: Mailbox) -> None:
    server.append(letter("privat"), NOW - timedelta(days=37))
    server.append(letter("vom Vormonat"), NOW - timedelta(days=34))
    with channel(server) as ours:
        first = ours.collect("")
        server.append(letter("neu"), NOW)
        second = ours.collect(first.cursor)

    assert texts(first) == ["vom Vormonat"]
    assert texts(second) == ["neu"]


def test_a_mailbox_full_of_old_letters_is_not_read_from_its_beginning_later(server: Mailbox) -> None:
    server.append(letter("privat"), NOW - timedelta(days=400))
    with channel(server) as ours:
        first = ours.collect("")
        second = ours.collect(first.cursor)

    assert (texts(first), texts(second)) == ([], [])


def test_a_renumbered_folder_is_read_anew_and_says_so(server: Mailbox) -> None:
    server.append(letter("vorher"), NOW, folder="Junk")
    with channel(server) as ours:
        first = ours.collect("")
        server.renew("Junk")
        server.append(letter("nachher"), NOW, folder="Junk")
        second = ours.collect(first.cursor)
        third = ours.collect(second.cursor)

    assert (texts(first), texts(second), texts(third)) == (["vorher"], ["nachher"], [])
    assert second.notes == ('main: the server renumbered folder "Junk"; it was read anew',)
    assert {m.remote_id for m in first.messages}.isdisjoint(m.remote_id for m in second.messages)


def test_a_renumbered_folder_is_read_back_to_the_last_complete_look(server: Mailbox) -> None:
    with channel(server) as ours:
        first = ours.collect("")
    server.renew("Junk")
    server.append(letter("gleich danach"), NOW + timedelta(hours=1), folder="Junk")
    late = FakeClock(NOW + timedelta(days=90))
    with channel(server) as ours:
        ours._clock = late
        second = ours.collect(first.cursor)

    assert texts(second) == ["gleich danach"]


@pytest.mark.parametrize("name", ["Spamverdacht", "Spam", "Archiv/Junk-E-Mail"])
def test_a_junk_folder_is_known_by_its_usual_names(server: Mailbox, name: str) -> None:
    server.remove("Junk")
    server.add(name)
    server.append(letter("eins"), NOW, folder=name)
    with channel(server) as ours:
        assert texts(ours.collect("")) == ["eins"]


def test_without_a_junk_folder_the_inbox_is_all_there_is(server: Mailbox) -> None:
    server.remove("Junk")
    with channel(server) as ours:
        assert ours.collect("").looked_until == NOW


def test_a_folder_that_is_missing_is_named_and_the_pass_stays_incomplete(server: Mailbox) -> None:
    server.append(letter("eins"), NOW)
    with channel(server, folders=("INBOX", "Antworten")) as ours:
        batch = ours.collect("")

        assert texts(batch) == ["eins"]
        assert batch.looked_until is None
        assert not batch.more
        assert batch.notes == ('main: there is no folder "Antworten" to read; correct "folders"',)

        server.add("Antworten")
        assert ours.collect(batch.cursor).looked_until == NOW


def test_a_folder_beyond_ascii_can_be_read(server: Mailbox) -> None:
    server.add("Rückläufer & mehr")
    server.append(letter("eins"), NOW, folder="Rückläufer & mehr")
    with channel(server, folders=("Rückläufer & mehr",)) as ours:
        assert texts(ours.collect("")) == ["eins"]


def test_of_a_huge_letter_the_beginning_is_kept_and_it_says_so(server: Mailbox) -> None:
    huge = letter("Die Antwort.\r\n" + ("y" * 76 + "\r\n") * 5000)
    server.append(huge, NOW)
    with channel(server) as ours:
        batch = ours.collect("")

    (message,) = batch.messages
    assert len(message.raw) == reading.SIZE_MAX
    assert message.facts.text.startswith("Die Antwort.")
    assert batch.notes == (f"main: {message.remote_id}: of {len(huge)} octets 262144 were kept",)


def test_of_a_huge_letter_no_more_than_the_beginning_is_fetched(
    server: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.append(letter("y" * 300_000), NOW)
    fetch = fetching.fetch
    octets: list[int] = []

    def weigh(connection: Any, uids: Any, items: str) -> Any:
        got = fetch(connection, uids, items)
        octets.extend(len(letter.body) for letter in got.values() if letter.body is not None)
        return got

    monkeypatch.setattr(reading, "fetch", weigh)
    with channel(server, folders=("INBOX",)) as ours:
        ours.collect("")

    assert octets == [reading.SIZE_MAX]


def test_a_batch_is_bounded_in_octets_too(server: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "BATCH_OCTETS_MAX", 1000)
    for words in ("eins", "zwei", "drei"):
        server.append(letter(words + "\r\n" + "x" * 600), NOW)
    with channel(server) as ours:
        first = ours.collect("")
        second = ours.collect(first.cursor)
        third = ours.collect(second.cursor)

    assert [len(batch.messages) for batch in (first, second, third)] == [1, 1, 1]
    assert [batch.more for batch in (first, second, third)] == [True, True, False]


class TestBacklog:
    """Of what lay there before us or piled up, what belongs to nothing we asked stays in the mailbox, unread."""

    SENDERS = frozenset({"shop.example"})

    def fill(self, server: Mailbox, *names: str) -> None:
        for name in names:
            server.append(letter(name, Message_ID=f"<{name}@x.example>").replace(b"service@shop", name.encode()), NOW)

    def whole(self, ours: EmailChannel, cursor: str = "") -> tuple[list[Batch], list[str]]:
        batches = [ours.collect(cursor, senders=lambda: self.SENDERS)]
        while batches[-1].more:
            batches.append(ours.collect(batches[-1].cursor, senders=lambda: self.SENDERS))
        return batches, [text for batch in batches for text in texts(batch)]

    @pytest.mark.parametrize("batch", [1, 2, 3, 500])
    def test_the_first_look_leaves_other_peoples_letters_alone(self, server: Mailbox, batch: int) -> None:
        self.fill(server, "a@private", "b@shop", "c@private", "d@mail.shop", "e@private", "f@private")
        with channel(server, batch=batch) as ours:
            batches, found = self.whole(ours)
            self.fill(server, "g@private")
            later = ours.collect(batches[-1].cursor, senders=lambda: self.SENDERS)

        assert found == ["b@shop", "d@mail.shop"]
        assert [note for one in batches for note in one.notes] == [
            "main: 4 letters that belong to nothing we asked were left in the mailbox, unread"
        ]
        assert [one.looked_until for one in batches[:-1]] == [None] * (len(batches) - 1)
        assert batches[-1].looked_until == NOW
        assert texts(later) == ["g@private"]  # while we look, letters come one by one and are kept

    def test_where_nobody_says_who_may_write_all_are_kept(self, server: Mailbox) -> None:
        self.fill(server, "a@private", "b@shop")
        with channel(server) as ours:
            assert texts(ours.collect("")) == ["a@private", "b@shop"]

    def test_what_piled_up_is_sifted_and_a_few_letters_are_not(
        self, server: Mailbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(reading, "BACKLOG_MIN", 3)
        with channel(server, batch=2) as ours:
            cursor = ours.collect("", senders=lambda: self.SENDERS).cursor
            self.fill(server, "a@private", "b@private", "c@shop")
            few, found_among_few = self.whole(ours, cursor)
            self.fill(server, "d@private", "e@private", "f@shop", "g@private")
            _, found_among_many = self.whole(ours, few[-1].cursor)

        assert found_among_few == ["a@private", "b@private", "c@shop"]
        assert found_among_many == ["f@shop"]

    def test_from_any_earlier_cursor_the_same_comes_again(self, server: Mailbox) -> None:
        self.fill(server, "a@shop", "b@private", "c@shop", "d@shop")
        with channel(server, batch=1) as ours:
            batches, found = self.whole(ours)
            again = self.whole(ours, batches[1].cursor)[1]

        assert found == ["a@shop", "c@shop", "d@shop"]
        assert again == ["c@shop", "d@shop"]

    def test_a_header_the_server_does_not_tell_of_passes(
        self, server: Mailbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.fill(server, "a@private")
        fetch = fetching.fetch
        monkeypatch.setattr(
            reading,
            "fetch",
            lambda connection, uids, items: {} if "FIELDS" in items else fetch(connection, uids, items),
        )
        with channel(server) as ours:
            assert texts(ours.collect("", senders=lambda: self.SENDERS)) == ["a@private"]


def test_a_letter_deleted_in_between_is_passed_over(server: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    for words in ("eins", "zwei", "drei"):
        server.append(letter(words), NOW)
    heads = reading._heads

    def deleted_after_the_search(client: Any, uids: Any) -> Any:
        with server.login() as other:
            other.select_folder("INBOX")
            other.delete_messages([uids[1]])
            other.expunge()
        return heads(client, uids)

    monkeypatch.setattr(reading, "_heads", deleted_after_the_search)
    with channel(server, folders=("INBOX",)) as ours:
        batch = ours.collect("")

    assert texts(batch) == ["eins", "drei"]
    assert not batch.more


def test_a_dead_connection_is_renewed_once_and_nobody_notices(server: Mailbox) -> None:
    with channel(server) as ours:
        cursor = ours.collect("").cursor
        server.hang_up()
        server.append(letter("eins"), NOW)
        logins = server.logins

        assert texts(ours.collect(cursor)) == ["eins"]
        assert server.logins == logins + 1


def test_a_server_that_hangs_up_on_everybody_is_asked_once_more_only(server: Mailbox) -> None:
    with channel(server) as ours:
        ours.collect("")
        server.go_away()

        with pytest.raises(ChannelUnavailableError, match=f"^localhost:{server.port}: nobody listens there"):
            ours.collect("")

        server.come_back()
        assert ours.collect("").looked_until == NOW


@pytest.mark.parametrize("password", ["wrong", "fälsch"])
def test_a_wrong_password_names_the_keys_and_repeats_the_server_in_plain_words(server: Mailbox, password: str) -> None:
    with channel(server, imap_password=Secret(password)) as ours, pytest.raises(ChannelUnavailableError) as error:
        ours.collect("")

    assert re.search(
        r'login as "anna" failed \((\[AUTHENTICATIONFAILED\] )?[^\[\]\'"]*\); check imap_user and imap_password; many',
        str(error.value),
    )


def test_what_a_library_wrote_as_bytes_is_read_as_the_text_it_is() -> None:
    assert one_line(IMAPClientError(str(b"[ALERT] Postfach \xc3\xbcberf\xc3\xbcllt"))) == "[ALERT] Postfach überfüllt"
    assert one_line("SELECT command error: BAD [b\"can't 'now'\"]") == "SELECT command error: BAD [can't 'now']"


@pytest.mark.parametrize("words", ["club 'b' and ab'c'", "b'\\x'", "b'ä'", "b'", "b'\\"])
def test_what_only_looks_like_bytes_is_left_alone(words: str) -> None:
    assert one_line(words) == words


@given(st.binary())
def test_bytes_and_what_python_writes_for_them_read_alike(words: bytes) -> None:
    assert one_line(repr([words])) == one_line(b"[" + words + b"]")


@pytest.mark.parametrize("security", ["starttls", "none"])
def test_a_port_where_tls_is_spoken_from_the_first_byte_is_soon_found_out(
    authority: Authority, security: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "OPENING_TIMEOUT", timedelta(seconds=0.3))
    with imap.running(authority, implicit_tls=True) as server, channel(server, imap_security=security) as ours:
        with pytest.raises(ChannelUnavailableError) as error:
            ours.collect("")

        assert str(error.value) == (
            f"localhost:{server.port}: no greeting within 0.3 s; check imap_host and imap_port = {server.port} "
            f'with imap_security = "{security}": port 993 goes with "tls", 143 with "starttls"'
        )


def test_a_port_where_no_tls_is_spoken_at_first_names_the_ports(server: Mailbox) -> None:
    cure = r'no TLS with imap_security = "tls" \(\w+\); port 993 goes with "tls", 143 with "starttls"$'
    with channel(server, imap_security="tls") as ours, pytest.raises(ChannelUnavailableError, match=cure):
        ours.collect("")


def test_once_the_server_has_greeted_its_replies_may_take_longer(server: Mailbox) -> None:
    with channel(server, timeout=timedelta(seconds=27)) as ours:
        ours.collect("")

        assert ours._settings.imap().opening_seconds == 10
        client = ours._box()._client
        assert client is not None
        assert client.socket().gettimeout() == 27


def test_a_password_that_cannot_be_had_is_a_fault_of_this_account(server: Mailbox) -> None:
    missing = Secret("SLAWATCH_NO_SUCH_VARIABLE", Source.ENVIRONMENT)
    with channel(server, imap_password=missing) as ours:
        with pytest.raises(ChannelUnavailableError, match='"SLAWATCH_NO_SUCH_VARIABLE" is not set'):
            ours.collect("")
        assert [finding.ok for finding in ours.check()] == [False]


class TestSafety:
    def test_starttls_is_spoken_before_the_password(self, authority: Authority) -> None:
        with imap.running(authority) as server:
            server.append(letter("eins"), NOW)
            with channel(server, imap_security="starttls", ca_file=str(authority.ca)) as ours:
                assert texts(ours.collect("")) == ["eins"]

    def test_tls_from_the_first_byte_works_too(self, authority: Authority) -> None:
        with imap.running(authority, implicit_tls=True) as server:
            server.append(letter("eins"), NOW)
            with channel(server, imap_security="tls", ca_file=str(authority.ca)) as ours:
                assert texts(ours.collect("")) == ["eins"]

    def test_without_starttls_the_password_stays_here(self, server: Mailbox) -> None:
        cure = r'no STARTTLS .* set imap_security = "tls" and imap_port = 993'
        with channel(server, imap_security="starttls") as ours, pytest.raises(ChannelUnavailableError, match=cure):
            ours.collect("")

    @pytest.mark.parametrize("security", ["starttls", "tls"])
    def test_a_server_nobody_vouches_for_is_not_trusted(self, authority: Authority, security: str) -> None:
        cure = "certificate is not to be trusted .* name the authority's file in ca_file"
        with (
            imap.running(authority, implicit_tls=security == "tls") as server,
            channel(server, imap_security=security) as ours,
            pytest.raises(ChannelUnavailableError, match=cure),
        ):
            ours.collect("")

    def test_tls_on_a_port_that_speaks_none_says_which_ports_there_are(self, server: Mailbox) -> None:
        cure = r'no TLS with imap_security = "tls" .* port 993 goes with "tls", 143 with "starttls"'
        with channel(server, imap_security="tls") as ours, pytest.raises(ChannelUnavailableError, match=cure):
            ours.collect("")


class TestEvidenceThatItLeft:
    @pytest.mark.parametrize("folder", ["INBOX", "Junk", "Sent"])
    def test_our_own_letter_proves_it_wherever_it_lies(self, server: Mailbox, folder: str) -> None:
        copy = letter("x", Message_ID=f"<{REQUEST.message_id}>", Date="Sun, 29 Mar 2026 00:30:00 +0000")
        server.append(copy, NOW + timedelta(seconds=20), folder=folder)
        with channel(server) as ours:
            found = ours.find(REQUEST)

        assert isinstance(found, Sent)
        assert found.evidence == f"the letter lies in {folder} since 2026-03-29 00:30:20 UTC"
        # It began at :00 by our clock and was filed at :20 by theirs, so it was taken over in between.
        assert found.accepted_at == NOW + timedelta(seconds=10)
        assert found.uncertainty == timedelta(seconds=11)

    def test_an_answer_that_cites_the_letter_is_not_the_letter(self, server: Mailbox) -> None:
        server.append(letter("x", In_Reply_To=f"<{REQUEST.message_id}>"), NOW)
        with channel(server) as ours:
            assert ours.find(REQUEST) == Unknown()

    def test_a_folder_for_sent_letters_can_be_named(self, server: Mailbox) -> None:
        server.add("Postausgang")
        server.append(letter("x", Message_ID=f"<{REQUEST.message_id}>"), NOW, folder="Postausgang")
        with channel(server) as ours:
            assert ours.find(REQUEST) == Unknown()
        with channel(server, sent_folder="Postausgang") as ours:
            assert isinstance(ours.find(REQUEST), Sent)


class TestDoorbell:
    def test_it_rings_at_first_and_then_for_each_arrival(self, server: Mailbox) -> None:
        with channel(server) as ours:
            assert ours.watch(Event(), 0)
            assert not ours.watch(Event(), 0)

            server.append(letter("eins"), NOW, folder="Junk")
            assert ours.watch(Event(), 0)
            assert not ours.watch(Event(), 0)

    def test_it_stays_silent_while_the_mailbox_is_away(self, server: Mailbox) -> None:
        with channel(server) as ours:
            server.go_away()

            assert not ours.watch(Event(), 0)


class TestCheck:
    """The check sends to ourselves only, and waits until the letter is there."""

    @pytest.fixture(autouse=True)
    def soon_given_up(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Give each letter three looks; that it has a whole minute is seen in test_check.py."""
        monkeypatch.setattr(checking, "ROUND_TRIP_SECONDS", 3)

    @pytest.fixture
    def outbox(self) -> Iterator[Submission]:
        with submission.running(None) as running:
            yield running

    def found(self, server: Mailbox, outbox: Submission, **settings: Any) -> list[Finding]:
        sending: dict[str, Any] = {"smtp_port": outbox.port, "smtp_security": "none"}
        with channel(server, **sending | settings) as ours:
            return ours.check()

    @staticmethod
    def of_the_letter(findings: list[Finding]) -> Finding:
        (one,) = [finding for finding in findings if "a letter to" in finding.what]
        return one

    def test_where_all_is_well_a_letter_came_back(self, server: Mailbox, outbox: Submission) -> None:
        outbox.deliver = lambda taken: server.append(taken.raw, NOW, folder="Junk")

        findings = self.found(server, outbox)

        assert all(finding.ok for finding in findings)
        came = self.of_the_letter(findings)
        assert re.fullmatch(r"main: a letter to anna\+\w{12}@example.org came back into Junk within 1 s", came.what)
        assert [taken.recipients for taken in outbox.taken] == [(came.what.split()[4],)]

    def test_a_provider_that_loses_plus_addresses_is_found_out(self, server: Mailbox, outbox: Submission) -> None:
        findings = self.found(server, outbox)

        (fault,) = [finding for finding in findings if not finding.ok]
        assert fault.what.endswith("did not come back within 3 s")
        assert 'addressing = "plain", or "catch-all"' in fault.cure

    def test_a_provider_that_refuses_plus_addresses_is_found_out(self, server: Mailbox, outbox: Submission) -> None:
        outbox.faults.refusals["rcpt"] = "550 5.1.1 unknown user"

        fault = self.of_the_letter(self.found(server, outbox))

        assert not fault.ok
        assert "550 5.1.1 unknown user" in fault.cure
        assert 'addressing = "plain", or "catch-all"' in fault.cure

    def test_a_catch_all_is_tried_by_its_own_kind_of_address(self, server: Mailbox, outbox: Submission) -> None:
        self.found(server, outbox, addressing="catch-all", catch_all_domain="in.example.org")

        ((recipient,), plain) = [taken.recipients for taken in outbox.taken]
        assert re.fullmatch(r"\w{12}@in\.example\.org", recipient)
        assert plain == ("anna@example.org",)

    def test_a_missing_folder_is_named_with_those_that_are_there(self, server: Mailbox, outbox: Submission) -> None:
        findings = self.found(server, outbox, folders=("INBOX", "Antworten"))

        (fault,) = [finding for finding in findings if not finding.ok]
        assert fault.what == 'main: folder "Antworten"'
        assert fault.cure == 'correct "folders"; there are: INBOX, Junk, Sent'
        assert outbox.taken == []

    def test_each_server_is_tried_though_the_other_fails(self, server: Mailbox, outbox: Submission) -> None:
        outbox.stop()

        sending, reading_ = self.found(server, outbox)

        assert (sending.ok, reading_.ok) == (False, True)
        assert "check smtp_host and smtp_port" in sending.cure
