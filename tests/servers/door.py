"""A door before an HTTP server: it may be shut, turn one request away, lose one answer, or swallow one request.

Which requests that goes for is told by the end of their path, so that logins and looks pass as ever.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterable
from contextlib import suppress
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import urlsplit

from tests.servers.local import LOOPBACK

Fault = Literal["busy", "lose", "swallow", "torn"]
HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length"})


class Door:
    """Passes requests on to `upstream` ("http://localhost:1234"). `faults` are used up one by one, in their order."""

    def __init__(self, upstream: str, *, guarded: str) -> None:
        parts = urlsplit(upstream)
        self.host, self.upstream_port = parts.hostname or LOOPBACK, parts.port or 80
        self.guarded = guarded
        self.faults: list[Fault | tuple[int, dict[str, str], bytes]] = []
        self.passed: list[str] = []  # the method (last part of the path) of every request that was passed on
        self._lock = threading.Lock()
        self._connections: set[socket.socket] = set()
        self._server = self._listening(0)
        self.port = int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Where it stands."""
        return f"http://{LOOPBACK}:{self.port}"

    def shut(self) -> None:
        """Cut every connection and refuse new ones; safe to call twice."""
        self._server.shutdown()
        self._server.server_close()
        with self._lock:
            cut, self._connections = self._connections, set()
        for one in cut:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def open(self) -> None:
        """Be there again, on the same port."""
        self._server = self._listening(self.port)

    def _listening(self, port: int) -> ThreadingHTTPServer:
        door = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                with door._lock:
                    door._connections.add(self.connection)

            def finish(self) -> None:
                with door._lock:
                    door._connections.discard(self.connection)
                with suppress(OSError):
                    super().finish()

            def do_GET(self) -> None:
                door._pass(self)

            do_POST = do_PUT = do_GET  # noqa: N815 - http.server's own way of finding it

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer((LOOPBACK, port), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return server

    def _pass(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("content-length") or 0))
        path = urlsplit(request.path).path
        with self._lock:
            fault = self.faults.pop(0) if self.faults and path.endswith(self.guarded) else ""
        if fault == "busy":
            _answer(request, 429, {"Content-Type": "application/json"}, _error("RateLimitExceeded"))
            return
        if isinstance(fault, tuple):
            _answer(request, *fault)
            return
        if fault == "swallow":
            _cut(request)
            return
        status, headers, said = self._forward(request, body)
        self.passed.append(path.rpartition("/")[2])
        if fault == "lose":
            _cut(request)
        elif fault == "torn":
            _answer(request, status, headers, said[: len(said) // 2])
        else:
            _answer(request, status, headers, said)

    def _forward(self, request: BaseHTTPRequestHandler, body: bytes) -> tuple[int, dict[str, str], bytes]:
        upstream = HTTPConnection(self.host, self.upstream_port, timeout=60)
        try:
            headers = {name: value for name, value in request.headers.items() if name.lower() not in HOP_BY_HOP}
            upstream.request(request.command, request.path, body or None, {**headers, "Accept-Encoding": "identity"})
            answer = upstream.getresponse()
            return answer.status, dict(_kept(answer)), answer.read()
        finally:
            upstream.close()


def _kept(answer: HTTPResponse) -> Iterable[tuple[str, str]]:
    return ((name, value) for name, value in answer.getheaders() if name.lower() not in HOP_BY_HOP | {"date"})


def _error(name: str) -> bytes:
    return json.dumps({"error": name, "message": "tried by a test"}).encode()


def _answer(request: BaseHTTPRequestHandler, status: int, headers: dict[str, str], body: bytes) -> None:
    request.send_response(status)
    for name, value in headers.items():
        request.send_header(name, value)
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)


def _cut(request: BaseHTTPRequestHandler) -> None:
    request.close_connection = True
    with suppress(OSError):
        request.connection.shutdown(socket.SHUT_RDWR)
