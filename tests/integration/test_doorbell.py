"""The doorbell rings for every letter, whatever the line does to it, and says when nobody can ring any more."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import cast

import pytest

from slawatch import app
from slawatch.channels.email import EmailChannel, Settings
from slawatch.channels.email import channel as channels
from slawatch.errors import ChannelUnavailableError
from slawatch.mail import doorbell
from slawatch.mail.doorbell import Doorbell, IdleNotOfferedError, on_the_wire
from slawatch.mail.wire import Security, Server
from slawatch.usecases.listen import listening
from tests.servers import asking
from tests.servers.gate import Gate
from tests.servers.mail import Mailbox

SOON = 20.0  # seconds; a ring takes a third of one, a busy machine more
pytestmark = pytest.mark.server

Ringing = Callable[..., Doorbell]


@pytest.fixture(params=["none", "tls", "starttls"])
def security(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def gate(mailbox: Mailbox, security: str) -> Iterator[Gate]:
    dovecot = mailbox.servers.dovecot
    ready = Gate(dovecot.imaps if security == "tls" else dovecot.imap)
    try:
        yield ready
    finally:
        ready.shut()


@pytest.fixture
def bell(mailbox: Mailbox, gate: Gate, security: str) -> Iterator[Doorbell]:
    ready = Doorbell(server(mailbox, gate, security), "INBOX")
    try:
        yield ready
    finally:
        ready.close()


def server(mailbox: Mailbox, gate: Gate, security: str) -> Server:
    return replace(asking.settings(mailbox).imap(), port=gate.port, security=cast("Security", security))


def deliver(mailbox: Mailbox, words: str = "Zwei Tage.") -> None:
    raw = f"From: service@shop.example\r\nSubject: Re: Frage\r\n\r\n{words}\r\n".encode()
    mailbox.servers.dovecot.deliver(raw, sender="service@shop.example", to=mailbox.address)


def test_it_rings_once_connected_since_nobody_listened_until_then(bell: Doorbell) -> None:
    assert bell.wait(SOON, Event())
    assert not bell.wait(0.2, Event())


def test_it_rings_for_each_letter(bell: Doorbell, mailbox: Mailbox) -> None:
    bell.wait(SOON, Event())
    for _ in range(3):
        deliver(mailbox)
        assert bell.wait(SOON, Event())


def test_a_letter_that_comes_between_opening_the_folder_and_listening_rings(
    bell: Doorbell, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = Doorbell._begin

    def after_a_letter(its: Doorbell) -> None:
        deliver(mailbox)
        begin(its)

    for _ in range(10):
        monkeypatch.setattr(Doorbell, "_begin", after_a_letter)
        bell.wait(SOON, Event())
        monkeypatch.undo()

        assert bell.wait(SOON, Event())
        bell.close()


def test_a_letter_that_comes_while_the_idle_is_renewed_rings(
    bell: Doorbell, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    bell.wait(SOON, Event())
    begin, delivered = Doorbell._begin, Event()

    def after_a_letter(its: Doorbell) -> None:
        if not delivered.is_set():
            delivered.set()
            deliver(mailbox)
        begin(its)

    monkeypatch.setattr(doorbell, "RENEW_SECONDS", 0.3)
    monkeypatch.setattr(Doorbell, "_begin", after_a_letter)

    assert bell.wait(SOON, Event())
    assert delivered.is_set()


def test_a_server_that_hangs_up_is_noticed_at_once_and_no_ring(bell: Doorbell, gate: Gate) -> None:
    bell.wait(SOON, Event())
    gate.shut()

    with pytest.raises(ChannelUnavailableError, match=r"^localhost:\d+: the connection broke"):
        bell.wait(3600, Event())


def test_after_a_hang_up_it_connects_anew_and_rings(bell: Doorbell, gate: Gate, mailbox: Mailbox) -> None:
    bell.wait(SOON, Event())
    gate.shut()
    with pytest.raises(ChannelUnavailableError):
        bell.wait(3600, Event())
    gate.open()

    assert bell.wait(SOON, Event())
    deliver(mailbox)
    assert bell.wait(SOON, Event())


def test_a_path_that_swallows_everything_is_found_out(
    bell: Doorbell, gate: Gate, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    bell.wait(SOON, Event())
    gate.swallow()
    deliver(mailbox)
    monkeypatch.setattr(doorbell, "RENEW_SECONDS", 0.3)
    monkeypatch.setattr(doorbell, "ANSWER_SECONDS", 0.5)

    with pytest.raises(ChannelUnavailableError, match=r"^localhost:\d+: no answer"):
        bell.wait(3600, Event())


def test_a_line_torn_in_two_rings_once_whole_and_leaves_the_next_ones_whole(
    bell: Doorbell, gate: Gate, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doorbell, "RENEW_SECONDS", 0.5)
    bell.wait(SOON, Event())
    gate.tear()
    for _ in range(2):
        deliver(mailbox)
        assert bell.wait(SOON, Event())
    assert not bell.wait(1.5, Event())  # in which it is renewed, line by torn line


def test_told_to_stop_it_stops(bell: Doorbell) -> None:
    bell.wait(SOON, Event())
    stop = Event()
    threading.Timer(0.2, stop.set).start()

    assert not bell.wait(3600, stop)


def test_letters_read_flagged_and_removed_elsewhere_ring_nothing(bell: Doorbell, mailbox: Mailbox) -> None:
    deliver(mailbox)
    mailbox.wait_for(1)
    bell.wait(SOON, Event())
    with mailbox.login() as other:
        other.select_folder("INBOX")
        other.add_flags([1], [b"\\Seen"])
        other.delete_messages([1])
        other.expunge()

    assert not bell.wait(1.5, Event())


def test_a_server_that_shuts_down_is_repeated_in_its_own_words(passing_mailbox: Mailbox) -> None:
    settings = asking.settings(passing_mailbox)
    bell = Doorbell(settings.imap(), "INBOX")
    bell.wait(SOON, Event())
    passing_mailbox.servers.dovecot.stop()

    with pytest.raises(ChannelUnavailableError, match="the connection broke"):
        bell.wait(3600, Event())


@pytest.mark.parametrize("password", ["wrong", "fälsch", 'a"b\\c'])
def test_a_refused_login_is_said(mailbox: Mailbox, password: str) -> None:
    bell = Doorbell(replace(asking.settings(mailbox).imap(), password=password), "INBOX")

    with pytest.raises(ChannelUnavailableError, match=r"(?i)auth"):
        bell.wait(SOON, Event())


def test_a_folder_that_is_not_there_is_said(mailbox: Mailbox) -> None:
    bell = Doorbell(asking.settings(mailbox).imap(), "Rückläufer")

    with pytest.raises(ChannelUnavailableError, match="doesn't exist"):
        bell.wait(SOON, Event())


@pytest.mark.parametrize(
    ("name", "written"),
    [("INBOX", b"INBOX"), ("Rückläufer & mehr", b"R&APw-ckl&AOQ-ufer &- mehr"), ("日本語", b"&ZeVnLIqe-")],
)
def test_folders_are_named_as_imap_writes_them(name: str, written: bytes) -> None:
    assert on_the_wire(name) == written


class TestChannel:
    """The channel waits at the bell, asks besides, and finds its way back."""

    @contextmanager
    def channel(self, settings: Settings) -> Iterator[EmailChannel]:
        with asking.channel(settings) as ours:
            yield ours

    def settled(self, ours: EmailChannel) -> None:
        """Wait until it has connected and rung for it."""
        deadline = time.monotonic() + SOON
        while ours.watch(Event(), 0.5):
            assert time.monotonic() < deadline

    def test_a_letter_is_heard_within_a_moment(self, mailbox: Mailbox) -> None:
        with self.channel(asking.settings(mailbox)) as ours:
            self.settled(ours)
            deliver(mailbox)

            assert ours.watch(Event(), SOON)
            assert [one.facts.text for one in ours.collect("").messages] == ["Zwei Tage."]

    def test_a_letter_in_a_folder_that_cannot_ring_is_found_by_asking(
        self, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(channels, "SYNC_SECONDS", 0.5)
        with self.channel(asking.settings(mailbox)) as ours:
            self.settled(ours)
            raw = b"X-Spam-Flag: YES\r\nFrom: service@shop.example\r\n\r\nZwei Tage.\r\n"
            mailbox.servers.dovecot.deliver(raw, sender="service@shop.example", to=mailbox.address)

            assert ours.watch(Event(), SOON)
            assert [one.folder for one in ours.collect("").messages] == ["Junk"]

    @pytest.mark.parametrize("idle", [True, False])
    def test_without_idle_the_server_is_asked_now_and_then(
        self, mailbox: Mailbox, idle: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(channels, "POLL_SECONDS", 0.2)
        asked = []

        def not_here(its: Doorbell, seconds: float, stop: Event) -> bool:
            asked.append(seconds)
            raise IdleNotOfferedError("no IDLE is offered")

        monkeypatch.setattr(Doorbell, "wait", not_here)
        with self.channel(replace(asking.settings(mailbox), idle=idle)) as ours:
            self.settled(ours)
            deliver(mailbox)

            assert ours.watch(Event(), SOON)
        assert bool(asked) == idle

    def test_it_tries_again_after_longer_and_longer_pauses_and_rings_when_back(
        self, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        gate = Gate(mailbox.servers.dovecot.imaps)
        with self.channel(replace(asking.settings(mailbox), imap_port=gate.port)) as ours:
            self.settled(ours)
            gate.shut()
            stop = Event()
            pauses: list[float] = []

            def wait(seconds: float) -> None:
                pauses.append(seconds)
                if len(pauses) == 8:
                    stop.set()

            monkeypatch.setattr(stop, "wait", wait)
            ours.watch(stop, 3600)
            assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]

            gate.open()
            assert ours.watch(Event(), SOON)
        gate.shut()


def test_an_audit_waits_at_the_bells_of_its_accounts(
    mailbox: Mailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(asking.PASSWORD_VARIABLE, mailbox.password)
    config = tmp_path / "config.toml"
    config.write_text(asking.config(mailbox, {"shop": "service@shop.example"}), encoding="utf-8")

    def seconds(wait: Callable[[float], object], at_most: float) -> tuple[object, float]:
        began = time.monotonic()
        return wait(at_most), time.monotonic() - began

    with app.world(config) as world, listening(world, ["main"]) as wait:
        while seconds(wait, 2)[0]:  # it rings until somebody listens
            pass
        assert seconds(wait, 0.2)[0] is False
        deliver(mailbox)
        rang, took = seconds(wait, 3600)
        assert rang is True
        assert took < SOON


def test_timeouts_bound_every_step(mailbox: Mailbox) -> None:
    gate = Gate(mailbox.servers.dovecot.imaps)
    gate.swallow()
    its = replace(asking.settings(mailbox).imap(), port=gate.port, timeout=timedelta(seconds=0.5))
    with pytest.raises(ChannelUnavailableError):
        Doorbell(its, "INBOX").wait(SOON, Event())
    gate.shut()
