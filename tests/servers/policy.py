"""What Postfix's administrator would decide, told by tests: it asks at each recipient and before it accepts a letter.

The protocol is Postfix's policy delegation (SMTPD_POLICY_README). Rules are one mailbox's own, so that tests keep
apart: of what its user submits, and of what comes in for it.
"""

from __future__ import annotations

import socketserver
import threading
from collections import defaultdict
from collections.abc import Callable

from tests.servers.local import LOOPBACK

AT_RECIPIENT, AT_END = "RCPT", "END-OF-MESSAGE"
Rule = Callable[[dict[str, str]], str | None]
"""Takes what Postfix says of the letter; returns an action of access(5), or None for "no opinion"."""


class Policy:
    """The service. `port` goes into Postfix's configuration."""

    def __init__(self) -> None:
        self._rules: dict[str, list[Rule]] = defaultdict(list)
        self._server = _Server((LOOPBACK, 0), _Handler)
        self._server.decide = self.decide
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def start(self) -> None:
        """Answer from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()

    def add(self, user: str, rule: Rule) -> None:
        """Ask this rule about every letter that `user` submits, or gets from outside."""
        self._rules[user].append(rule)

    def decide(self, said: dict[str, str]) -> str:
        """Return the first opinion of the rules of who submits it, else of who gets it."""
        local, _, domain = said.get("recipient", "").partition("@")
        for rule in self._rules[said.get("sasl_username") or f"{local.partition('+')[0]}@{domain}"]:
            if action := rule(said):
                return action
        return "DUNNO"


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    decide: Callable[[dict[str, str]], str]


class _Handler(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        said: dict[str, str] = {}
        for line in self.rfile:
            name, equals, value = line.decode(errors="replace").strip().partition("=")
            if equals:
                said[name] = value
                continue
            self.wfile.write(f"action={self.server.decide(said)}\n\n".encode())
            said = {}
