"""What every connection to a mail server shares: where it is, TLS that verifies, and a cure for what goes wrong.

Never sends a password before the connection is safe, and has no switch that turns verification off.
"""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

Security = Literal["starttls", "tls", "none"]

USUAL_PORTS = {
    "smtp": 'port 587 goes with "starttls", 465 with "tls"',
    "imap": 'port 993 goes with "tls", 143 with "starttls"',
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One server of an account. `protocol` is "smtp" or "imap" and names the settings in messages.

    `timeout` bounds every single step. `ca_file` names the only authorities to trust, "" stands for the system's.
    """

    protocol: Literal["smtp", "imap"]
    host: str
    port: int
    security: Security
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""
    timeout: timedelta = timedelta(seconds=30)

    @property
    def where(self) -> str:
        """Host and port, as they begin every message."""
        return f"{self.host}:{self.port}"

    def context(self) -> ssl.SSLContext:
        """Return a context that verifies both the chain and the host's name."""
        return ssl.create_default_context(cafile=self.ca_file or None)


def what_went_wrong(server: Server, error: Exception) -> str:
    """Return one line: where, what, and what to do about it."""
    name, ports = server.protocol, USUAL_PORTS[server.protocol]
    match error:
        case ssl.SSLCertVerificationError():
            cure = f"check {name}_host, or name the authority's file in ca_file"
            cause = f"its certificate is not to be trusted ({error.verify_message}); {cure}"
        case ssl.SSLError():
            cause = f'no TLS with {name}_security = "{server.security}" ({one_line(error.reason)}); {ports}'
        case socket.gaierror():
            cause = f"there is no such host ({error.strerror}); check {name}_host and the network"
        case TimeoutError():
            seconds = server.timeout.total_seconds()
            cause = f"no answer within {seconds:g} s; check {name}_host and {name}_port: {ports}"
        case ConnectionRefusedError():
            cause = f"nobody listens there; check {name}_host and {name}_port: {ports}"
        case FileNotFoundError():
            cause = f'there is no file "{server.ca_file}"; check ca_file'
        case UnicodeError():
            cause = f"this login takes no letters beyond ASCII; check {name}_user and {name}_password"
        case _:
            cause = f"the connection broke ({one_line(error)}); this usually passes"
    return f"{server.where}: {cause}"


def one_line(words: object) -> str:
    """Return what a server or an exception said as one printable line of at most 300 characters."""
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    return "".join(letter if letter.isprintable() else " " for letter in " ".join(text.split()))[:300]
