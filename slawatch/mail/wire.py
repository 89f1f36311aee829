"""What every connection to a mail server shares: where it is, TLS that verifies, and a cure for what goes wrong.

Never sends a password before the connection is safe, and has no switch that turns verification off.
"""

from __future__ import annotations

import ast
import re
import socket
import ssl
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, Protocol

from slawatch.mail.patience import TooSlowError
from slawatch.secret import hidden

Security = Literal["starttls", "tls", "none"]

USUAL_PORTS = {
    "smtp": 'port 587 goes with "starttls", 465 with "tls"',
    "imap": 'port 993 goes with "tls", 143 with "starttls"',
}

OPENING_TIMEOUT = timedelta(seconds=10)
"""How long reaching the server, TLS and its greeting may take, each. On a wrong port each side waits for the other to
begin, so this is how long a wrong setting stays in the dark; a server that takes mail greets at once."""

_ESCAPED = r"\\(?:[\\'nrt]|x[0-9a-f]{2})"
_PYTHON_BYTES = re.compile(rf"""(?<![\w'"])b(?:'(?:[ -&(-[\]-~]|{_ESCAPED})*'|"(?:[ !#-[\]-~]|{_ESCAPED})*")""")
"""What repr() makes of bytes and nothing else, so that it can always be read back."""


class Tokens(Protocol):
    """Where access tokens come from, for accounts that log in by OAuth."""

    def access(self, *, refused: str = "") -> str:
        """Return a token; another one than that which the server `refused`.

        Raises:
            ChannelUnavailableError: there is none, with the cure.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One server of an account. `protocol` is "smtp" or "imap" and names the settings in messages.

    `timeout` bounds every single step. `ca_file` names the only authorities to trust, "" stands for the system's.
    `password_key` is how the config calls the password, for cures. With `tokens` there is no password.
    """

    protocol: Literal["smtp", "imap"]
    host: str
    port: int
    security: Security
    user: str = ""
    password: str = field(default="", repr=False)
    password_key: str = field(default="the password")
    ca_file: str = ""
    timeout: timedelta = timedelta(seconds=30)
    tokens: Tokens | None = field(default=None, repr=False, compare=False)

    @property
    def where(self) -> str:
        """Host and port, as they begin every message."""
        return f"{self.host}:{self.port}"

    @property
    def opening_seconds(self) -> float:
        """How long each step may take until the server has greeted."""
        return min(OPENING_TIMEOUT, self.timeout).total_seconds()

    def context(self) -> ssl.SSLContext:
        """Return a context that verifies both the chain and the host's name."""
        return ssl.create_default_context(cafile=self.ca_file or None)


def what_went_wrong(server: Server, error: Exception, *, greeted: bool = True) -> str:
    """Return one line: where, what, and what to do about it. Until the server has `greeted`, suspect the settings."""
    name, ports = server.protocol, USUAL_PORTS[server.protocol]
    match error:
        case ssl.SSLCertVerificationError():
            cure = f"check {name}_host, or name the authority's file in ca_file"
            cause = f"its certificate is not to be trusted ({error.verify_message}); {cure}"
        case ssl.SSLError() if not isinstance(error, ssl.SSLEOFError):  # that is a line cut in the midst of TLS
            cause = f'no TLS with {name}_security = "{server.security}" ({one_line(error.reason)}); {ports}'
        case socket.gaierror():
            cause = f"there is no such host ({error.strerror}); check {name}_host and the network"
        case TimeoutError() if greeted:
            cause = _too_late(server, error)
        case TimeoutError():
            cause = f"no greeting within {server.opening_seconds:g} s; {to_check(server)}"
        case ConnectionRefusedError():
            cause = f"nobody listens there; check {name}_host and {name}_port: {ports}"
        case FileNotFoundError():
            cause = f'there is no file "{server.ca_file}"; check ca_file'
        case UnicodeError():
            cause = f"this login takes no letters beyond ASCII; check {name}_user and {server.password_key}"
        case _ if not greeted:
            cause = f"the connection broke before a greeting ({one_line(error)}); if it stays so, {to_check(server)}"
        case _:
            cause = f"the connection broke ({one_line(error)}); this usually passes"
    return f"{server.where}: {cause}"


def _too_late(server: Server, error: TimeoutError) -> str:
    if isinstance(error, TooSlowError):
        return f"{error}; this usually passes, and a slow line needs a longer timeout"
    return f"no answer within {server.timeout.total_seconds():g} s; this usually passes"


def to_check(server: Server) -> str:
    """Return which settings to look at: the server may speak TLS on that port, and we not, or the other way round."""
    name = server.protocol
    chosen = f'{name}_port = {server.port} with {name}_security = "{server.security}"'
    return f"check {name}_host and {chosen}: {USUAL_PORTS[name]}"


def one_line(words: object) -> str:
    """Return what a server or an exception said as one printable line of at most 300 characters, without our secrets.

    imaplib's errors hold what the server said in Python's notation for bytes, which nobody wants to read.
    """
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else _PYTHON_BYTES.sub(_as_text, str(words))
    return "".join(letter if letter.isprintable() else " " for letter in hidden(" ".join(text.split())))[:300]


def _as_text(literal: re.Match[str]) -> str:
    return bytes(ast.literal_eval(literal[0])).decode("utf-8", "replace")
