"""Asks the DNS what a domain publishes about its mail: servers (SRV), policies (TXT), addresses.

The only module that knows dnspython, loaded on use. It asks the nameserver that $SLAWATCH_NAMESERVER names, else those
of the system, and nobody else; it judges nothing it is told.
"""

from __future__ import annotations

import os
import re
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from slawatch.errors import SlawatchError

if TYPE_CHECKING:
    from dns.resolver import Resolver

NAMESERVER_VARIABLE = "SLAWATCH_NAMESERVER"
DNS_PORT = 53

LIFETIME_SECONDS = 6.0
"""How long one question may take with all its repetitions. A resolver gives up on a dead domain after about 5 s."""

RESERVED = ("example", "example.com", "example.net", "example.org", "invalid", "local", "localhost", "test")
"""Names of nobody's (RFC 2606, RFC 6761) and of this network alone (RFC 6762): what the DNS says of them means nothing,
unless it is a nameserver of one's own that is asked."""


_BRACKETED = re.compile(r"\[([0-9a-fA-F:]+)\](?::(\d{1,5}))?")
_IP_4 = re.compile(r"([\d.]+):(\d{1,5})")


class DnsError(SlawatchError):
    """The DNS could not be asked, or did not answer: whether there is such a record stays unknown."""


def srv(name: str, *, nameserver: str = "") -> list[tuple[str, int]]:
    """Return host and port of each server of the service, in the order in which to try them; none where there is none.

    The name is that of the service: "_imaps._tcp.example.org". Lower priorities come first; within one priority heavier
    ones do. RFC 2782 would draw lots by weight there, to spread load; here the same question shall get the same answer.
    A target "." says that there is decidedly no such service, and so brings no host (RFC 6186, section 3.4).

    Raises:
        DnsError: nobody knows, because nobody answered.
    """
    found = [
        (int(one.priority), -int(one.weight), str(one.target).rstrip(".").lower(), int(one.port))
        for one in _ask(name, "SRV", nameserver)
    ]
    return [(host, port) for _priority, _weight, host, port in sorted(found) if host]


def txt(name: str, *, nameserver: str = "") -> list[str]:
    """Return the texts published under the name, the pieces of each joined as RFC 7208, section 3.3, wants it.

    Raises:
        DnsError: nobody knows, because nobody answered.
    """
    return [b"".join(one.strings).decode("utf-8", "replace") for one in _ask(name, "TXT", nameserver)]


def mx(name: str, *, nameserver: str = "") -> list[str]:
    """Return the hosts that take the domain's mail, the preferred one first; "" stands for "takes none" (RFC 7505).

    Raises:
        DnsError: nobody knows, because nobody answered.
    """
    found = [(int(one.preference), str(one.exchange).rstrip(".").lower()) for one in _ask(name, "MX", nameserver)]
    return [host for _preference, host in sorted(found)]


def addresses(name: str, *, nameserver: str = "") -> list[str]:
    """Return the IPv4 and IPv6 addresses of a host, as texts; an address is its own.

    Raises:
        DnsError: nobody knows, because nobody answered.
    """
    try:
        return [str(ip_address(name))]
    except ValueError:
        return [one.address for kind in ("A", "AAAA") for one in _ask(name, kind, nameserver)]


def worth_asking(name: str) -> bool:
    """Whether the DNS can know the name: nobody publishes anything under those made for examples and tests."""
    if os.environ.get(NAMESERVER_VARIABLE):
        return True
    wanted = name.rstrip(".").lower()
    return not any(wanted == reserved or wanted.endswith(f".{reserved}") for reserved in RESERVED)


def _ask(name: str, kind: str, nameserver: str) -> list[Any]:
    """Return the records, none where the domain has none of that kind or does not exist."""
    import dns.exception  # noqa: PLC0415 - 0.1 s that only who asks the DNS needs to wait
    import dns.resolver  # noqa: PLC0415 - same

    resolver = _resolver(nameserver or os.environ.get(NAMESERVER_VARIABLE, ""))
    try:
        answer = resolver.resolve(_ascii(name), kind, lifetime=LIFETIME_SECONDS)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except dns.resolver.NoNameservers:
        raise DnsError(f'DNS: no nameserver could say whether "{name}" has {kind} records; try again later') from None
    except dns.exception.Timeout:
        cause = f"no answer within {LIFETIME_SECONDS:g} s"
        raise DnsError(f'DNS: {cause} to the question for {kind} records of "{name}"; check the network') from None
    except (dns.exception.DNSException, ValueError, OSError) as error:
        cure = "check the name and the network"
        raise DnsError(f'DNS: "{name}" cannot be looked up ({type(error).__name__}); {cure}') from None
    return list(answer)


def _resolver(nameserver: str) -> Resolver:
    """Return a resolver that asks this nameserver, "" for those of the system."""
    import dns.resolver  # noqa: PLC0415 - on use

    try:
        resolver = dns.resolver.Resolver(configure=not nameserver)
    except (dns.resolver.NoResolverConfiguration, OSError):
        cure = f"name a nameserver in {NAMESERVER_VARIABLE}"
        raise DnsError(f"DNS: this machine names no nameserver (/etc/resolv.conf); {cure}") from None
    if nameserver:
        host, port = _host_and_port(nameserver)
        resolver.nameservers = [host]
        resolver.port = port
    return resolver


def _host_and_port(nameserver: str) -> tuple[str, int]:
    """Read "192.0.2.1", "192.0.2.1:5353", "2001:db8::1" or "[2001:db8::1]:5353"."""
    found = _BRACKETED.fullmatch(nameserver) or _IP_4.fullmatch(nameserver)
    host, port = (found[1], int(found[2] or DNS_PORT)) if found else (nameserver, DNS_PORT)
    try:
        return str(ip_address(host)), port
    except ValueError:
        example = "192.0.2.1 or 127.0.0.1:5353"
        raise DnsError(f'{NAMESERVER_VARIABLE}: "{nameserver}" is not an address; write {example}') from None


def _ascii(name: str) -> str:
    """Return the name as the DNS knows it, labels beyond ASCII as "xn--…"."""
    from slawatch.mail.compose import ascii_domain  # noqa: PLC0415 - on use, as it loads what writes letters

    return name if name.isascii() else ascii_domain(f"any@{name}").partition("@")[2]
