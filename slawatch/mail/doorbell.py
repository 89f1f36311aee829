"""Rings when mail comes in: one IMAP connection that idles (RFC 2177). Fetches nothing, and no time is taken from it.

Written on a bare socket, since the libraries lose rings: imaplib's buffer swallows a line that came before the wait,
an end of file rings for ever or never, and half a line throws the connection out of step (measured 2026-11-22).
"""

from __future__ import annotations

import base64
import re
import socket
import time
from contextlib import suppress
from threading import Event

from slawatch.errors import ChannelUnavailableError
from slawatch.mail import bearer
from slawatch.mail.wire import Server, one_line, what_went_wrong

RENEW_SECONDS = 50.0
"""How long one IDLE lasts. Servers end it after 29 minutes, but a path that swallows everything shows itself only when
we speak, and a request may not be blamed on a company for longer than that."""

ANSWER_SECONDS = 10.0  # how long a server may take to end an IDLE; after that the path is dead
STOP_SECONDS = 0.5  # how soon it hears that it shall stop
LINE_MAX = 65_536  # octets; servers keep their own lines far below, and what has no end is no line
KEEPALIVE = (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 4))  # where the system has them

_CAME = re.compile(rb"\* \d+ EXISTS\b", re.IGNORECASE)  # RECENT also changes when somebody else opens the folder


class Doorbell:
    """One folder's doorbell. Not safe between threads: whoever waits has it alone."""

    def __init__(self, server: Server, folder: str) -> None:
        self._server = server
        self._folder = folder
        self._socket: socket.socket | None = None
        self._heard = b""
        self._rang = False
        self._idle = b""  # the tag of the IDLE under way
        self._since = 0.0
        self._count = 0

    def wait(self, seconds: float, stop: Event) -> bool:
        """Return whether mail may have come: True at once after connecting, since nobody listened until then.

        False where the time is over or `stop` was set; the connection goes on listening between two calls.

        Raises:
            IdleNotOfferedError: this server has no IDLE. ChannelUnavailableError: it cannot be reached, has hung up, or
                the path to it is dead; the next call connects anew.
        """
        try:
            if self._socket is None:
                bearer.logged_in(self._server, self._connect)
                return True
            return self._listen(time.monotonic() + seconds, stop)
        except (OSError, ValueError) as error:
            self.close()
            raise ChannelUnavailableError(what_went_wrong(self._server, error)) from error
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Hang up; safe to call twice."""
        if self._socket is not None:
            with suppress(OSError):
                self._socket.close()
            self._socket = None

    def _listen(self, until: float, stop: Event) -> bool:
        while not stop.is_set():
            now = time.monotonic()
            if not self._rang and now >= self._since + RENEW_SECONDS:
                self._renew()
            if self._rang:
                self._rang = False
                return True
            if now >= until:
                return False
            with suppress(TimeoutError):
                self._take(min(now + STOP_SECONDS, until, self._since + RENEW_SECONDS))
        return False

    def _connect(self, token: str) -> None:
        self.close()
        server = self._server
        self._heard, self._rang, self._count = b"", False, 0
        self._socket = socket.create_connection((server.host, server.port), server.opening_seconds)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in KEEPALIVE:
            if hasattr(socket, name):
                self._socket.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
        if server.security == "tls":
            self._encrypt()
        self._line(time.monotonic() + server.opening_seconds)
        if server.security == "starttls":
            self._command(b"STARTTLS")
            self._heard = b""  # what came in the clear is not the server's word (CVE-2011-0411)
            self._encrypt()
        self._log_in(token)
        if b" IDLE" not in self._can():
            raise IdleNotOfferedError(f"{server.where}: no IDLE is offered; the mailbox is asked now and then instead")
        self._command(b"EXAMINE " + _quoted(on_the_wire(self._folder)))
        self._rang = False  # EXAMINE itself says how many letters EXIST
        self._begin()

    def _encrypt(self) -> None:
        if self._socket is not None:
            self._socket = self._server.context().wrap_socket(self._socket, server_hostname=self._server.host)

    def _log_in(self, token: str) -> None:
        """Log in as mailbox.py does, who says in more words what is wrong where the server refuses."""
        user, password = self._server.user, self._server.password
        if self._server.tokens is not None:
            offered = [word[5:].decode("ascii", "replace") for word in self._can().split() if word[:5] == b"AUTH="]
            chosen = bearer.mechanism(self._server, offered)
            words = [bearer.first_words(self._server, chosen, token), bearer.last_words(chosen)]
            try:
                self._command(b"AUTHENTICATE " + chosen.encode(), *(base64.b64encode(one.encode()) for one in words))
            except _RefusedError as error:
                raise bearer.refused(self._server, token, str(error)) from error
        elif (user + password).isascii():
            self._command(b"LOGIN " + _quoted(user.encode()) + b" " + _quoted(password.encode()))
        else:
            self._command(b"AUTHENTICATE PLAIN", base64.b64encode(f"\0{user}\0{password}".encode()))

    def _can(self) -> bytes:
        """Return the capabilities that hold now; others may hold after TLS and after the login."""
        return b" ".join(self._command(b"CAPABILITY")).upper()

    def _begin(self) -> None:
        """Start an IDLE. What came before it is not lost: every line of the connection passes through `_line`."""
        self._idle = self._send(b"IDLE")
        until = time.monotonic() + self._server.timeout.total_seconds()
        while not (line := self._line(until)).startswith(b"+"):
            if line.startswith(self._idle + b" "):
                raise _RefusedError(one_line(line.removeprefix(self._idle + b" ")))
        self._since = time.monotonic()

    def _renew(self) -> None:
        """End the IDLE and start the next. A dead path shows itself here."""
        self._sock.sendall(b"DONE\r\n")
        self._until_done(self._idle, time.monotonic() + ANSWER_SECONDS)
        self._begin()

    def _command(self, words: bytes, *answers: bytes) -> list[bytes]:
        """Return the untagged lines that a command brings; `answers` are sent, in turn, when the server asks."""
        tag = self._send(words)
        return self._until_done(tag, time.monotonic() + self._server.timeout.total_seconds(), *answers)

    def _until_done(self, tag: bytes, until: float, *answers: bytes) -> list[bytes]:
        lines, left = [], list(answers)
        while not (line := self._line(until)).startswith(tag + b" "):
            if line.startswith(b"+"):
                self._sock.sendall((left.pop(0) if left else b"*") + b"\r\n")  # "*" calls a login off
            else:
                lines.append(line)
        if not line.upper().startswith(tag.upper() + b" OK"):
            raise _RefusedError(one_line(line.removeprefix(tag + b" ")))
        return lines

    def _send(self, words: bytes) -> bytes:
        self._count += 1
        tag = b"b%d" % self._count
        self._sock.sendall(tag + b" " + words + b"\r\n")
        return tag

    def _line(self, until: float) -> bytes:
        """Return the next whole line, and note whether it rings. A line may come in any number of pieces."""
        while b"\n" not in self._heard:
            self._hear(until)
        line, _, self._heard = self._heard.partition(b"\n")
        self._note(line)
        return line.rstrip(b"\r")

    def _take(self, until: float) -> None:
        """Take in what the server says while idling, line by line."""
        if b"\n" not in self._heard:
            self._hear(until)
        *lines, self._heard = self._heard.split(b"\n")
        for line in lines:
            self._note(line)

    def _note(self, line: bytes) -> None:
        if _CAME.match(line):
            self._rang = True
        elif line[:5].upper() == b"* BYE":
            raise ConnectionError(f"the server said: {one_line(line[5:])}")

    def _hear(self, until: float) -> None:
        """Wait for more until then. Raises TimeoutError when the time is over, ConnectionError at the end of file."""
        self._sock.settimeout(max(until - time.monotonic(), 0.001))
        more = self._sock.recv(LINE_MAX)
        if not more:
            raise ConnectionError("the server hung up")
        self._heard += more
        if len(self._heard) > LINE_MAX and b"\n" not in self._heard:
            raise ConnectionError("a line without end")

    @property
    def _sock(self) -> socket.socket:
        if self._socket is None:
            raise ConnectionError("not connected")
        return self._socket


class _RefusedError(ConnectionError):
    """The server said NO or BAD to a command."""


class IdleNotOfferedError(ChannelUnavailableError):
    """The server cannot ring; asking it now and then is all there is."""


def on_the_wire(folder: str) -> bytes:
    """Return a folder's name in modified UTF-7 (RFC 3501, section 5.1.3)."""

    def shifted(found: re.Match[str]) -> str:
        packed = base64.b64encode(found[0].encode("utf-16-be"), b"+,").decode("ascii")
        return f"&{packed.rstrip('=')}-"

    return re.sub(r"[^ -~]+", shifted, folder.replace("&", "&-")).encode("ascii")


def _quoted(words: bytes) -> bytes:
    r"""Return a quoted string (RFC 9051, section 4.3): only \ and " are escaped."""
    return b'"' + words.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
