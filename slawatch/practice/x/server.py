"""The practice X on a port of this machine: HTTP/1.1 that stays open, X's own Date, a line that breaks on demand."""

from __future__ import annotations

import json
import socket
import struct
import threading
import traceback
from collections.abc import Mapping
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl

from slawatch.practice.x.calls import Asked
from slawatch.practice.x.faults import Fault
from slawatch.practice.x.problems import Answer
from slawatch.practice.x.routes import answered
from slawatch.practice.x.world import X

HOST = "127.0.0.1"
HANG_SECONDS = 60.0  # real ones; a client that is still there then was not told to have a time-out
RESET_ON_CLOSE = struct.pack("ii", 1, 0)
STOP_LOOK_SECONDS = 0.02
HANGING = frozenset({Fault.HANG, Fault.HANG_AFTER})
RESETTING = frozenset({Fault.RESET, Fault.RESET_AFTER})


class XServer:
    """Lets clients come to an X. Use as a context manager; `base_url` is for both the API and the pages of a login.

    `latency` is how many real seconds every answer takes. Leaving raises RuntimeError where the server itself failed.
    """

    def __init__(self, x: X, *, latency: float = 0.0, port: int = 0) -> None:
        self.x = x
        self.latency = latency
        self._http = _Http((HOST, port), self)
        self.base_url = f"http://{HOST}:{self._http.server_port}"
        self.stopping = threading.Event()
        self.failed: list[str] = []
        self._thread = threading.Thread(
            target=self._http.serve_forever, args=(STOP_LOOK_SECONDS,), name="practice-x", daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        self._http.shutdown()
        self._thread.join()
        self._http.hang_up()
        self._http.server_close()
        if self.failed and kind is None:
            raise RuntimeError("\n".join(self.failed))


class _Http(ThreadingHTTPServer):
    """Knows its open connections, so that leaving need not wait for clients that keep theirs."""

    daemon_threads = False  # joined by server_close
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], owner: XServer) -> None:
        self.owner = owner
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        with self._lock:
            for one in self._open:
                _quietly_shut(one)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - the base class asks for them
        text = traceback.format_exc()
        if "ConnectionResetError" not in text and "BrokenPipeError" not in text:
            self.owner.failed.append(text)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "practice"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = -1  # a whole answer leaves at once
    server: _Http

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def date_time_string(self, timestamp: float | None = None) -> str:  # noqa: ARG002 - the base class has it
        return format_datetime(self.server.owner.x.now(), usegmt=True)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class calls it so
        """Say nothing: `x.calls` counts."""

    def _serve(self) -> None:
        owner = self.server.owner
        answer, fault = answered(owner.x, self._asked())
        if owner.latency:
            owner.stopping.wait(owner.latency)
        if fault in HANGING:
            owner.stopping.wait(HANG_SECONDS)
        if fault in HANGING or fault in RESETTING:
            self._reset()
            return
        body = _bytes(answer.body)
        said = body[: len(body) // 2] if fault in {Fault.TRUNCATED, Fault.CUT} else body
        self._say(answer, said, len(body) if fault is Fault.CUT else len(said))
        if fault is Fault.CUT:
            self.close_connection = True

    def _asked(self) -> Asked:
        path, _, query = self.path.partition("?")
        length = int(self.headers.get("Content-Length") or 0)
        return Asked(
            method=self.command,
            path=path,
            query=dict(parse_qsl(query, keep_blank_values=True)),
            url=f"http://{self.headers.get('Host', '').lower()}{self.path}",
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(length) if length else b"",
        )

    def _say(self, answer: Answer, body: bytes, length: int) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if body:
            self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def _reset(self) -> None:
        """Break the line as a crash does: the other side reads no orderly end, but a reset."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        socket.close(self.connection.detach())


def _bytes(body: Mapping[str, Any] | bytes) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _quietly_shut(one: socket.socket) -> None:
    try:
        one.shutdown(socket.SHUT_RDWR)
    except OSError:  # it is gone already
        return
