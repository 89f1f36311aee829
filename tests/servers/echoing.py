"""Servers that say back all they are told, as bad proxies and careless developers have it: SMTP, IMAP and HTTP.

Whoever repeats a server's words would print a password. They refuse every login.
"""

from __future__ import annotations

import json
import socketserver
import threading
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

from tests.servers.local import LOOPBACK

WORDS_MAX = 400


@dataclass
class Echoes:
    """Where they listen. `status` is what the one for HTTP answers with."""

    smtp: int = 0
    imap: int = 0
    http: int = 0
    status: int = 401

    @property
    def url(self) -> str:
        """Where the one for HTTP is."""
        return f"http://{LOOPBACK}:{self.http}"


def plain(words: str) -> str:
    """Return what was said, with what is Base64 in it read as well."""
    found = [words]
    for word in words.split():
        with suppress(ValueError, NotBase64):
            found.append(
                b64decode(word, validate=True).decode("utf-8", "replace").replace("\0", " ").replace("\1", " ")
            )
    return " ".join(found)[:WORDS_MAX]


class _Lines(socketserver.StreamRequestHandler):
    def say(self, words: str) -> None:
        self.wfile.write(words.encode() + b"\r\n")

    def heard(self) -> str:
        return self.rfile.readline().decode("utf-8", "replace").strip()


class _Smtp(_Lines):
    def handle(self) -> None:
        with suppress(OSError):
            self.say("220 echo ESMTP")
            while words := self.heard():
                verb = words[:4].upper()
                if verb == "EHLO":
                    self.say("250-echo")
                    self.say("250 AUTH PLAIN LOGIN XOAUTH2")
                elif verb == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say(f"535 5.7.8 you said {plain(words)}")


class _Imap(_Lines):
    def handle(self) -> None:
        with suppress(OSError):
            self.say("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 SASL-IR] echo")
            while words := self.heard():
                tag, _, rest = words.partition(" ")
                verb = rest.partition(" ")[0].upper()
                if verb == "CAPABILITY":
                    self.say("* CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 SASL-IR")
                    self.say(f"{tag} OK done")
                elif verb == "LOGOUT":
                    self.say("* BYE")
                    self.say(f"{tag} OK done")
                    return
                elif verb == "AUTHENTICATE" and len(rest.split()) < 3:
                    self.say("+ ")
                    self.say(f"{tag} NO [AUTHENTICATIONFAILED] you said {plain(rest + ' ' + self.heard())}")
                else:
                    self.say(f"{tag} NO [AUTHENTICATIONFAILED] you said {plain(rest)}")


class _Http(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    echoes: Echoes

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode("utf-8", "replace")
        said = plain(f"{self.path} {self.headers.get('authorization', '')} {body}")
        told: dict[str, Any] = dict.fromkeys(
            ("error", "error_description", "message", "title", "detail", "reason", "type"), said
        )
        told["errcode"] = "M_UNKNOWN"
        told["errors"] = [{"code": 1, "message": said, "detail": said, "parameters": {"q": [said]}}]
        raw = json.dumps(told).encode()
        with suppress(OSError):
            self.send_response(self.echoes.status, said.encode("ascii", "replace").decode()[:100])
            self.send_header("Content-Type", "application/json")
            self.send_header("X-Echo", said.encode("ascii", "replace").decode())
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

    do_POST = do_PUT = do_HEAD = do_GET  # noqa: N815 - http.server's own way of finding it

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def running() -> Iterator[Echoes]:
    """Start the three, and end them."""
    echoes = Echoes()
    with ExitStack() as stack:

        def start(handler: type[socketserver.BaseRequestHandler]) -> int:
            kind = (
                ThreadingHTTPServer if issubclass(handler, BaseHTTPRequestHandler) else socketserver.ThreadingTCPServer
            )
            server = stack.enter_context(cast("Callable[..., Any]", kind)((LOOPBACK, 0), handler))
            server.daemon_threads, server.block_on_close = True, False
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
            stack.callback(server.shutdown)
            return int(server.server_address[1])

        echoes.smtp, echoes.imap = start(_Smtp), start(_Imap)
        echoes.http = start(type("Handler", (_Http,), {"echoes": echoes}))
        yield echoes
