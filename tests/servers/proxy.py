"""A bad network before a server, on loopback: it cuts, falls silent, crawls or splits what passes. Understands nothing.

Octets are counted for each connection and each direction alone, so that a fault strikes at the same place every time.
"""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, Self

from tests.servers.local import LOOPBACK

Kind = Literal["reset", "close", "silence", "crawl", "split", "late"]
Way = Literal["up", "down"]  # up: what we say to the server; down: what it says to us
CUTS: tuple[Kind, ...] = ("reset", "close")

CRAWL_SECONDS = 0.05  # between two octets: a second of real life, shrunk as the time-outs of tests are
LATE_SECONDS = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What happens to a connection once `after` octets have passed in one direction.

    It is reset (RST), closed (FIN), or falls silent both ways and stays open; or that direction crawls, an octet at a
    time; or every octet goes in a segment of its own (split); or every piece comes late.
    """

    kind: Kind
    after: int = 0
    way: Way = "down"

    def __str__(self) -> str:
        """Return how a failed test names it."""
        return f"{self.kind} after {self.after} octets {self.way}"


class Proxy:
    """Passes bytes between its own port and the server's; new connections meet the `fault`, where one is set."""

    def __init__(self, upstream: int) -> None:
        self.fault: Fault | None = None
        self.struck = 0  # connections that met their fault
        self.longest: dict[Way, int] = {"up": 0, "down": 0}  # octets of the longest connection so far
        self._upstream = upstream
        self._lock = threading.Lock()
        self._lines: set[_Line] = set()
        self._listener = socket.create_server((LOOPBACK, 0), backlog=64)
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        """Return itself; it is there from its making on."""
        return self

    def __exit__(self, *_: object) -> None:
        """Cut every connection and be gone."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.hang_up()

    @property
    def quiet(self) -> bool:
        """Whether every connection has ended."""
        with self._lock:
            return not self._lines

    def hang_up(self) -> None:
        """Cut every connection there is, as a router does that starts anew; new ones are taken."""
        with self._lock:
            lines, self._lines = self._lines, set()
        for line in lines:
            line.end(politely=True)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection((LOOPBACK, self._upstream), timeout=10)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            line = _Line(self, client, server, self.fault)
            with self._lock:
                self._lines.add(line)
            line.start()

    def note(self, way: Way, octets: int, *, struck: bool = False) -> None:
        """Remember how far a connection came, and whether its fault struck."""
        with self._lock:
            self.longest[way] = max(self.longest[way], octets)
            self.struck += struck

    def forget(self, line: _Line) -> None:
        """Drop a connection that has ended."""
        with self._lock:
            self._lines.discard(line)


class _Line:
    """One connection, with the fault that is meant for it."""

    def __init__(self, proxy: Proxy, client: socket.socket, server: socket.socket, fault: Fault | None) -> None:
        self._proxy = proxy
        self._ends = {"up": (client, server), "down": (server, client)}
        self._fault = fault
        self._silent = False
        self._said_all = 0
        self._over = threading.Event()
        for one in (client, server):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # what is split stays split

    def start(self) -> None:
        for way in ("up", "down"):
            threading.Thread(target=self._pass_on, args=(way,), daemon=True).start()

    def end(self, *, politely: bool) -> None:
        """Close both ends, or reset them."""
        self._over.set()
        for one in self._ends["up"]:
            with suppress(OSError):
                if not politely:  # to close without waiting sends a reset (socket(7), SO_LINGER)
                    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                # A thread that reads keeps the connection open until it wakes, and to stop reading says nothing.
                one.shutdown(socket.SHUT_RDWR if politely else socket.SHUT_RD)
            one.close()
        self._proxy.forget(self)

    def _pass_on(self, way: Way) -> None:
        source, target = self._ends[way]
        passed = 0
        try:
            if self._strikes(way, passed):
                return
            while data := source.recv(65536):
                if self._silent:
                    continue
                passed = self._pass(way, data, passed, target)
                if passed < 0:
                    return
            with suppress(OSError):  # who has said all may still be listening
                target.shutdown(socket.SHUT_WR)
            self._said_all += 1
            if self._said_all == len(self._ends):
                self.end(politely=True)
        except OSError:
            self.end(politely=True)

    def _pass(self, way: Way, data: bytes, passed: int, target: socket.socket) -> int:
        """Pass the data on and return how much has passed; -1 where the connection has ended."""
        fault = self._fault
        if fault is None or fault.way != way:
            target.sendall(data)
            self._proxy.note(way, passed + len(data))
            return passed + len(data)
        well = min(max(fault.after - passed, 0), len(data))
        if well:
            target.sendall(data[:well])
            passed += well
            self._proxy.note(way, passed)
            if self._strikes(way, passed):
                return passed if self._silent else -1
        rest = data[well:]
        if fault.kind == "late" and rest:
            self._over.wait(LATE_SECONDS)
            target.sendall(rest)
        elif fault.kind in ("crawl", "split"):
            for number in range(len(rest)):
                target.sendall(rest[number : number + 1])
                if fault.kind == "crawl" and self._over.wait(CRAWL_SECONDS):
                    return -1
        self._proxy.note(way, passed + len(rest))
        return passed + len(rest)

    def _strikes(self, way: Way, passed: int) -> bool:
        """Let the fault strike where its place is reached; return whether nothing more is to be passed on."""
        fault = self._fault
        if fault is None or fault.way != way or passed != fault.after:
            return False
        self._proxy.note(way, passed, struck=True)
        if fault.kind == "silence":
            self._silent = True
            return False
        if fault.kind in CUTS:
            self.end(politely=fault.kind == "close")
            return True
        return False
