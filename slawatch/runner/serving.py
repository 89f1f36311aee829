"""A page for Prometheus on a port of this machine: one text, made anew for whoever asks. Serves nothing else."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler

from slawatch import __version__
from slawatch.errors import UsageError

PATH = "/metrics"
ASKED_SECONDS = (
    5.0  # for a client that connects and then says nothing: there is one thread, so that store files are few
)


class _Server(socketserver.TCPServer):
    """Not http.server's: that one asks the name service for the machine's own name, and may wait for it."""

    allow_reuse_address = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: who hangs up early is no event."""


@contextmanager
def serving(host: str, port: int, text: Callable[[], str], content_type: str) -> Iterator[int]:
    """Serve what `text` returns; yields the port, a free one for 0.

    Raises:
        UsageError: nothing can be served there.
    """

    class Page(BaseHTTPRequestHandler):
        timeout = ASKED_SECONDS
        server_version = f"slawatch/{__version__}"
        sys_version = ""

        def do_GET(self) -> None:
            if self.path.partition("?")[0] != PATH:
                self._answer(HTTPStatus.NOT_FOUND, f"see {PATH}\n", "text/plain; charset=utf-8")
                return
            try:
                self._answer(HTTPStatus.OK, text(), content_type)
            except Exception:  # noqa: BLE001  the edge of a worker: passes tell what is wrong, and to whom
                self._answer(HTTPStatus.SERVICE_UNAVAILABLE, "not now; see the log\n", "text/plain; charset=utf-8")

        def _answer(self, status: HTTPStatus, words: str, kind: str) -> None:
            body = words.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its name there
            """Say nothing: somebody asks every few seconds."""

    class Server(_Server):
        address_family = socket.AF_INET6 if ":" in host else socket.AF_INET

    try:
        server = Server((host, port), Page)
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise UsageError(f'run --metrics-port: "{host}:{port}" cannot be used ({why}); name another one') from None
    thread = threading.Thread(target=server.serve_forever, name="metrics", daemon=True)
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
