"""The doorbell against a server that says, piece by piece, what a test tells it to, as real servers seldom do."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest

from slawatch.errors import ChannelUnavailableError
from slawatch.mail import doorbell
from slawatch.mail.doorbell import LINE_MAX, Doorbell, IdleNotOfferedError
from slawatch.mail.wire import Security, Server
from tests.servers import authority
from tests.servers.local import LOOPBACK

SOON = 20.0


class Script:
    """A server that takes every command, and while idling says the pieces it was given, one segment each."""

    def __init__(self, *pieces: bytes, capabilities: bytes = b"IMAP4rev1 IDLE", then: str = "listen") -> None:
        self.pieces = pieces
        self.capabilities = capabilities
        self.then = then
        self.slipped_in = b""
        self.commands: list[bytes] = []
        self._listener = socket.create_server((LOOPBACK, 0))
        self.port = int(self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def end(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(SOON)

    def _serve(self) -> None:
        with suppress(OSError):
            client, _ = self._listener.accept()
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with client, client.makefile("rb") as lines:
                client.sendall(b"* OK ready\r\n")
                for line in lines:
                    tag, _, command = line.strip().partition(b" ")
                    self.commands.append(command or tag)
                    if not self._answer(client, tag, command.upper()):
                        return

    def _answer(self, client: socket.socket, tag: bytes, command: bytes) -> bool:
        if command == b"STARTTLS":
            client.sendall(tag + b" OK\r\n" + self.slipped_in)
        elif command == b"IDLE":
            self._idle_tag = tag
            client.sendall(b"+ idling\r\n")
            for piece in self.pieces:
                time.sleep(0.05)  # so that each is a segment of its own
                client.sendall(piece)
            return self.then != "hang up"
        elif tag == b"DONE":
            if self.then != "swallow":
                client.sendall(self._idle_tag + b" OK\r\n")
        elif command == b"CAPABILITY":
            client.sendall(b"* CAPABILITY " + self.capabilities + b"\r\n" + tag + b" OK\r\n")
        elif command.startswith(b"EXAMINE"):
            client.sendall(b"* 7 EXISTS\r\n" + tag + b" OK\r\n")
        else:
            client.sendall(tag + b" OK\r\n")
        return True


def bell(script: Script, *, security: Security = "none", ca: str = "") -> Doorbell:
    server = Server(
        protocol="imap",
        host="localhost",
        port=script.port,
        security=security,
        user="anna",
        password="secret",
        ca_file=ca,
        timeout=timedelta(seconds=2),
    )
    return Doorbell(server, "INBOX")


@pytest.fixture
def scripts() -> Iterator[list[Script]]:
    running: list[Script] = []
    yield running
    for script in running:
        script.end()


@pytest.mark.parametrize(
    "pieces",
    [
        (b"* 8 EXISTS\r\n",),
        (b"* 8 EX", b"ISTS\r\n"),
        (b"* OK Still here\r\n* 8 EXISTS\r\n* 1 RECENT\r\n",),
        (b"*", b" ", b"8", b" ", b"E", b"XISTS", b"\r", b"\n"),
        (b"* 3 FETCH (FLAGS (\\Seen))\r\n* 8 exists\n* OK Sti", b"ll here\r\n"),
    ],
)
def test_lines_in_any_number_of_pieces_ring(scripts: list[Script], pieces: tuple[bytes, ...]) -> None:
    scripts.append(Script(*pieces))
    ours = bell(scripts[0])

    assert ours.wait(SOON, Event())  # connected
    assert ours.wait(SOON, Event())
    assert not ours.wait(0.2, Event())
    ours.close()


@pytest.mark.parametrize(
    "piece", [b"* 3 FETCH (FLAGS (\\Seen))\r\n", b"* 3 EXPUNGE\r\n", b"* OK 8 EXISTS\r\n", b"* 8 E"]
)
def test_other_lines_ring_nothing(scripts: list[Script], piece: bytes) -> None:
    scripts.append(Script(piece))
    ours = bell(scripts[0])
    ours.wait(SOON, Event())

    assert not ours.wait(0.4, Event())
    ours.close()


def test_a_server_that_hangs_up_is_no_ring(scripts: list[Script]) -> None:
    scripts.append(Script(then="hang up"))
    ours = bell(scripts[0])
    ours.wait(SOON, Event())

    with pytest.raises(ChannelUnavailableError, match="the server hung up"):
        ours.wait(SOON, Event())


def test_a_path_that_swallows_everything_is_found_out(scripts: list[Script], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doorbell, "RENEW_SECONDS", 0.2)
    monkeypatch.setattr(doorbell, "ANSWER_SECONDS", 0.3)
    scripts.append(Script(then="swallow"))
    ours = bell(scripts[0])
    ours.wait(SOON, Event())

    with pytest.raises(ChannelUnavailableError, match="no answer"):
        ours.wait(3, Event())


def test_a_servers_goodbye_is_repeated(scripts: list[Script]) -> None:
    scripts.append(Script(b"* BYE Autologout; idle for too long\r\n"))
    ours = bell(scripts[0])
    ours.wait(SOON, Event())

    with pytest.raises(ChannelUnavailableError, match="the server said: Autologout; idle for too long"):
        ours.wait(SOON, Event())


def test_a_line_without_end_does_not_fill_the_memory(scripts: list[Script]) -> None:
    scripts.append(Script(b"* " + b"x" * LINE_MAX * 2))
    ours = bell(scripts[0])
    ours.wait(SOON, Event())

    with pytest.raises(ChannelUnavailableError, match="a line without end"):
        ours.wait(SOON, Event())


def test_without_idle_it_says_so(scripts: list[Script]) -> None:
    scripts.append(Script(capabilities=b"IMAP4rev1"))

    with pytest.raises(IdleNotOfferedError):
        bell(scripts[0]).wait(SOON, Event())


def test_words_slipped_in_before_tls_are_not_the_servers(scripts: list[Script], tmp_path: Path) -> None:
    # Who sits on the line answers LOGIN before it is sent (CVE-2011-0411); the handshake then fails here, and must.
    scripts.append(Script())
    scripts[0].slipped_in = b"b2 OK\r\n* CAPABILITY IDLE\r\nb3 OK\r\nb4 OK\r\n+ idling\r\n* 8 EXISTS\r\n"
    made = authority.make(tmp_path / "tls")
    ours = bell(scripts[0], security="starttls", ca=str(made.ca))
    monkey = pytest.MonkeyPatch()
    monkey.setattr(Doorbell, "_encrypt", lambda its: None)  # as if the handshake had succeeded
    try:
        assert ours.wait(SOON, Event())
        assert ours._heard == b""
        assert b"IDLE" in scripts[0].commands
    finally:
        monkey.undo()
        ours.close()


def test_told_to_stop_it_stops(scripts: list[Script]) -> None:
    scripts.append(Script())
    ours = bell(scripts[0])
    ours.wait(SOON, Event())
    stop = Event()
    stop.set()

    assert not ours.wait(SOON, stop)
    ours.close()
