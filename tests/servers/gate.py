"""A door before a server: shut, the server is away; told so, the server acts and its words are lost. Reads nothing.

It can also be a bad line: one that swallows everything and stays open, or that tears what the server says in two.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from tests.servers.local import LOOPBACK

TORN_SECONDS = 0.1  # long enough for two segments, and for who waits to see that the line is not whole


class Gate:
    """Passes bytes between its own port and the server's, whatever they say (TLS included)."""

    def __init__(self, upstream: int) -> None:
        self._upstream = upstream
        self._lock = threading.Lock()
        self._open_sockets: set[socket.socket] = set()
        self._before_loss: Callable[[], object] | None = None
        self._loss_to: tuple[bytes, Callable[[], object]] | None = None
        self._swallowing = False
        self._tearing = False
        self._listener = socket.create_server((LOOPBACK, 0))
        self.port = int(self._listener.getsockname()[1])
        self._start()

    def shut(self) -> None:
        """Cut every connection and refuse new ones; safe to call twice."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            cut, self._open_sockets = self._open_sockets, set()
        for one in cut:
            _cut(one)

    def open(self) -> None:
        """Be reachable again, on the same port."""
        self._listener = socket.create_server((LOOPBACK, self.port))
        self._start()

    def lose_next_reply(self, *, after: Callable[[], object], to: bytes = b"") -> None:
        """Keep back what the server says next; call `after`, then cut the connection.

        With `to` that is its reply to the next thing a client says that begins so.
        """
        if to:
            self._loss_to = (to, after)
        else:
            self._before_loss = after

    def swallow(self) -> None:
        """From now on pass nothing in either direction, and cut nothing: the path is dead and nobody is told."""
        self._swallowing = True

    def tear(self) -> None:
        """From now on pass whatever the server says in two halves, the second a moment later."""
        self._tearing = True

    def _start(self) -> None:
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection((LOOPBACK, self._upstream), timeout=30)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            with self._lock:
                self._open_sockets |= {client, server}
            threading.Thread(target=self._pass_on, args=(client, server, False), daemon=True).start()
            threading.Thread(target=self._pass_on, args=(server, client, True), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, from_server: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if from_server and self._before_loss is not None:
                    after, self._before_loss = self._before_loss, None
                    after()
                    break
                if not from_server and self._loss_to is not None and data.startswith(self._loss_to[0]):
                    (_, self._before_loss), self._loss_to = self._loss_to, None
                if self._swallowing:
                    continue
                if self._tearing and from_server:
                    half = len(data) // 2
                    target.sendall(data[:half])
                    time.sleep(TORN_SECONDS)
                    data = data[half:]
                target.sendall(data)
        for one in (source, target):
            _cut(one)
            with self._lock:
                self._open_sockets.discard(one)


def _cut(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
