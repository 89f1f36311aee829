"""Finds the mail servers of an address: by a table of providers, by what its domain publishes, by the usual names.

Only looks for them. It sees whether a server greets as one should and whether its certificate is to be trusted; it
never logs in, and so can never hand a password to the wrong one.
"""

from __future__ import annotations

import imaplib
import tomllib
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib.resources import files
from ipaddress import ip_address
from threading import Thread
from typing import Literal

from slawatch.errors import ChannelUnavailableError
from slawatch.mail.submit import connected
from slawatch.mail.wire import Security, Server, what_went_wrong

Protocol = Literal["imap", "smtp"]
Source = Literal["given", "provider", "srv", "usual"]

GREETING = timedelta(seconds=8)  # a wrong guess often runs into a firewall that says nothing

_SECURITY: dict[int, Security] = {993: "tls", 465: "tls", 143: "starttls", 587: "starttls", 25: "starttls"}
# RFC 8314, section 3.3, and RFC 6186: TLS from the first byte is preferred to STARTTLS.
_SERVICES: dict[Protocol, tuple[tuple[str, Security], ...]] = {
    "imap": (("_imaps._tcp", "tls"), ("_imap._tcp", "starttls")),
    "smtp": (("_submissions._tcp", "tls"), ("_submission._tcp", "starttls")),
}
_USUAL: dict[Protocol, tuple[tuple[str, ...], tuple[int, ...]]] = {
    "imap": (("imap.", "mail.", ""), (993, 143)),
    "smtp": (("smtp.", "mail.", ""), (465, 587)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where a server may be, and who says so."""

    protocol: Protocol
    host: str
    port: int
    security: Security
    source: Source

    @property
    def where(self) -> str:
        """Host and port, as they are shown."""
        return f"{self.host}:{self.port}"

    def server(self, *, ca_file: str = "", timeout: timedelta = GREETING) -> Server:
        """Return it without a login."""
        return Server(
            protocol=self.protocol,
            host=self.host,
            port=self.port,
            security=self.security,
            ca_file=ca_file,
            timeout=timeout,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """An entry of the table. `note` is what a person has to know before the first login."""

    name: str
    domains: tuple[str, ...]
    mx: tuple[str, ...]
    imap: str
    smtp: str
    note: str = ""
    local_user: bool = False
    oauth: bool = False

    @property
    def reachable(self) -> bool:
        """Whether mail programs can use it at all."""
        return bool(self.imap and self.smtp)

    def spots(self, protocol: Protocol) -> list[Spot]:
        """Return where its server is."""
        return spots(self.imap if protocol == "imap" else self.smtp, protocol, source="provider")


@cache
def providers() -> tuple[Provider, ...]:
    """Return the whole table."""
    table = tomllib.loads(files(__package__).joinpath("providers.toml").read_text("utf-8"))
    return tuple(
        Provider(
            name=one["name"],
            domains=tuple(one["domains"]),
            mx=tuple(one.get("mx", ())),
            imap=one["imap"],
            smtp=one["smtp"],
            note=one.get("password", ""),
            local_user=one.get("imap_user") == "local",
            oauth=one.get("login") == "oauth",
        )
        for one in table.values()
    )


def of_domain(domain: str) -> Provider | None:
    """Return whose addresses end like that."""
    return next((one for one in providers() if domain in one.domains), None)


def of_mx(hosts: Iterable[str]) -> Provider | None:
    """Return who takes the mail of a domain whose exchangers are these, None where it is nobody known."""
    known = [(end, one) for one in providers() for end in one.mx]
    return next((one for host in hosts for end, one in known if within(host, end)), None)


def within(host: str, domain: str) -> bool:
    """Whether a host is the domain's or lies below it."""
    return host == domain or host.endswith(f".{domain}")


def spots(text: str, protocol: Protocol, *, source: Source = "given") -> list[Spot]:
    """Return what "HOST" or "HOST:PORT" may mean, the likeliest first.

    Without a port both usual ones; on an unusual port TLS from the start and STARTTLS, on this machine also neither.

    Raises:
        ValueError: it is not of that form.
    """
    host, colon, port_text = text.rpartition(":") if ":" in text and not _is_address(text) else (text, "", "")
    host = host.strip("[]").lower()
    if not host or any(letter.isspace() or letter in "/@" for letter in host):
        raise ValueError(f'"{text}" is not a server; write HOST or HOST:PORT')
    if not colon:
        return [_spot(protocol, host, port, source) for port in _USUAL[protocol][1]]
    if not (port_text.isdecimal() and 1 <= int(port_text) <= 65_535):  # noqa: PLR2004  (RFC 9293: 16 bits)
        raise ValueError(f'"{text}" has no port between 1 and 65535; write HOST:PORT')
    port = int(port_text)
    ways: list[Security] = [_SECURITY[port]] if port in _SECURITY else ["tls", "starttls"]
    if this_machine(host):
        ways = [*dict.fromkeys([*ways, "tls", "starttls", "none"])]
    return [Spot(protocol=protocol, host=host, port=port, security=way, source=source) for way in ways]


def this_machine(host: str) -> bool:
    """Whether the host cannot be another one."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def published(domain: str, protocol: Protocol, ask: Callable[[str], Sequence[tuple[str, int]]]) -> list[Spot]:
    """Return the servers the domain publishes (RFC 6186 and 8314); `ask` looks an SRV name up.

    Raises:
        DnsError: as `ask` does.
    """
    return [
        Spot(protocol=protocol, host=host, port=port, security=security, source="srv")
        for service, security in _SERVICES[protocol]
        for host, port in ask(f"{service}.{domain}")
    ]


def usual(domain: str, protocol: Protocol) -> list[Spot]:
    """Return the names that most domains give their servers."""
    prefixes, ports = _USUAL[protocol]
    return [_spot(protocol, f"{prefix}{domain}", port, "usual") for prefix in prefixes for port in ports]


def greeting(spot: Spot, *, ca_file: str = "") -> str:
    """Return "" where the server there greets as it should, over a connection to be trusted; else what is wrong."""
    server = spot.server(ca_file=ca_file)
    try:
        if spot.protocol == "smtp":
            with connected(server):
                return ""
        return _imap_greeting(server)
    except ChannelUnavailableError as error:
        return str(error)


def first_to_greet(candidates: Sequence[Spot], *, ca_file: str = "") -> tuple[Spot | None, list[tuple[Spot, str]]]:
    """Return the first that greets, in their order, and what is wrong with those before it.

    All are tried at once, and those after it are not waited for: behind a firewall they would say nothing for long.
    """
    told = [_told(one, ca_file) for one in candidates]
    wrong: list[tuple[Spot, str]] = []
    for one, telling in zip(candidates, told, strict=True):
        fault = telling.result()
        if not fault:
            return one, wrong
        wrong.append((one, fault))
    return None, wrong


def _told(spot: Spot, ca_file: str) -> Future[str]:
    """Try for a greeting beside what else happens, in a thread that no end of the program waits for."""
    told: Future[str] = Future()

    def try_it() -> None:
        try:
            told.set_result(greeting(spot, ca_file=ca_file))
        except BaseException as error:  # noqa: BLE001 - whoever asks for the result gets it
            told.set_exception(error)

    Thread(target=try_it, daemon=True).start()
    return told


def _imap_greeting(server: Server) -> str:
    seconds = server.opening_seconds
    try:
        if server.security == "tls":
            client: imaplib.IMAP4 = imaplib.IMAP4_SSL(
                server.host, server.port, ssl_context=server.context(), timeout=seconds
            )
        else:
            client = imaplib.IMAP4(server.host, server.port, timeout=seconds)
    except (OSError, imaplib.IMAP4.error, ValueError) as error:
        return what_went_wrong(server, error, greeted=False)
    try:
        if server.security == "starttls":
            if "STARTTLS" not in client.capabilities:
                return f"{server.where}: no STARTTLS is offered, and a password must not go out; name another port"
            client.starttls(server.context())
    except (OSError, imaplib.IMAP4.error, ValueError) as error:
        return what_went_wrong(server, error)
    finally:
        _leave(client)
    return ""


def _leave(client: imaplib.IMAP4) -> None:
    for end in (client.logout, client.shutdown):
        try:
            end()
        except (OSError, imaplib.IMAP4.error):
            continue
        return


def _spot(protocol: Protocol, host: str, port: int, source: Source) -> Spot:
    return Spot(protocol=protocol, host=host, port=port, security=_SECURITY[port], source=source)


def _is_address(text: str) -> bool:
    """Whether it is an IPv6 address without a port, whose colons would be taken for one."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
