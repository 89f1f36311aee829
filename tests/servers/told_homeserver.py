"""A homeserver that says what a test puts into its mouth: for answers that no real one gives on purpose.

What it says unasked is one room with one company in it, to a token without a device, so without encryption.
"""

from __future__ import annotations

import json
import socket
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

from tests.servers.local import LOOPBACK

US, AGENT, ROOM = "@robin:hs.test", "@anna:hs.test", "!Room:hs.test"
STAMP = 1_795_364_438_000
CUT = "the connection is cut"
MEMBERS = [
    {"type": "m.room.member", "state_key": one, "sender": one, "content": {"membership": "join", "displayname": one}}
    for one in (US, AGENT)
]


def said(text: str, *, event: str = "$answer", sender: str = AGENT, stamp: int = STAMP) -> dict[str, Any]:
    """Return a line as a homeserver gives it."""
    content = {"msgtype": "m.text", "body": text}
    whole = {"type": "m.room.message", "sender": sender, "event_id": event, "origin_server_ts": stamp}
    return {**whole, "content": content}


def synced(*events: Any, **timeline: Any) -> dict[str, Any]:
    """Return a sync with these lines."""
    return {"next_batch": "s2", "rooms": {"join": {ROOM: {"timeline": {"events": list(events), **timeline}}}}}


class Told:
    """`answers` maps the last words of a path to (status, headers, body); lists are used up, their last one stays."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {
            "versions": {"versions": ["v1.11"]},
            "whoami": {"user_id": US},
            "joined_rooms": {"joined_rooms": [ROOM]},
            "state": MEMBERS,
            "messages": {"chunk": []},
            "sync": {"next_batch": "s1"},
            "send": {"event_id": "$asked"},
            "event": said("Wie lange?", event="$asked", sender=US),
            "profile": {},
            "m.direct": {},
            "createRoom": {"room_id": "!Own:hs.test"},
        }
        self.asked: list[tuple[str, str, dict[str, list[str]]]] = []  # method, path, query
        told = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                told._answer(self)

            do_POST = do_PUT = do_GET  # noqa: N815 - http.server's own way of finding it

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer((LOOPBACK, 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        self.url = f"http://{LOOPBACK}:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        request.rfile.read(int(request.headers.get("content-length") or 0))
        parts = urlsplit(request.path)
        words = [unquote(one) for one in parts.path.split("/")]
        self.asked.append((request.command, unquote(parts.path), parse_qs(parts.query)))
        known = next((one for one in self.answers if one in words), "")
        found = self.answers.get(known, (404, {}, {"errcode": "M_NOT_FOUND", "error": "tried by a test"}))
        if isinstance(found, list) and known != "state":
            found = found.pop(0) if len(found) > 1 else found[0]
        if found == CUT:
            request.close_connection = True
            with suppress(OSError):
                request.connection.shutdown(socket.SHUT_RDWR)
            return
        status, headers, body = found if isinstance(found, tuple) else (200, {}, found)
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        request.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(raw)))
        request.end_headers()
        request.wfile.write(raw)
