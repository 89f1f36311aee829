"""A nameserver on loopback that knows what a test tells it, and that everything else does not exist."""

from __future__ import annotations

import socketserver
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

import dns.message
import dns.rcode
import dns.rrset

from tests.servers.local import LOOPBACK


class Names:
    """The server. `where` is what $SLAWATCH_NAMESERVER is set to; `asked` every question, in order."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.silent: set[str] = set()
        self.failing: set[str] = set()
        self._records: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._server = _Server((LOOPBACK, 0), _Handler)
        self._server.names = self
        self.where = f"{LOOPBACK}:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def start(self) -> None:
        """Answer from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()

    def add(self, name: str, kind: str, *texts: str) -> None:
        """Publish records, each as a zone file writes it: `add("example.org", "TXT", '"v=spf1 -all"')`."""
        self._records[name.lower(), kind] += texts

    def answer(self, wire: bytes) -> bytes | None:
        """Return the answer to a question; None says nothing."""
        query = dns.message.from_wire(wire)
        question = query.question[0]
        name, kind = question.name.to_text(omit_final_dot=True).lower(), question.rdtype.name
        self.asked.append((name, kind))
        if name in self.silent:
            return None
        response = dns.message.make_response(query, recursion_available=True)
        texts = self._records.get((name, kind), [])
        if name in self.failing:
            response.set_rcode(dns.rcode.SERVFAIL)
        elif texts:
            response.answer.append(dns.rrset.from_text_list(question.name, 60, "IN", kind, texts))
        elif name not in {known for known, _kind in self._records}:
            response.set_rcode(dns.rcode.NXDOMAIN)
        return response.to_wire()


class _Server(socketserver.ThreadingUDPServer):
    daemon_threads = True
    block_on_close = False
    names: Names


class _Handler(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        wire, socket = self.request
        reply = self.server.names.answer(wire)
        if reply is not None:
            socket.sendto(reply, self.client_address)


@contextmanager
def running() -> Iterator[Names]:
    """Start a nameserver and stop it in the end."""
    names = Names()
    names.start()
    try:
        yield names
    finally:
        names.stop()
