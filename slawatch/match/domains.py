"""Whose domain an address has. Knows names only: asks no DNS, and guesses nobody's organisation.

Two names belong together where one is the other or stands below it. So a help desk at reply.shop.example and the head
office at shop.example write for whoever gave service@mail.shop.example as their address: only the holder of a name can
make names below it, and mail for a name below is the holder's affair. Names that merely share a parent (a.co.example
and b.co.example) may belong to strangers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

# Everybody can have an address there, so there the very address counts and not the domain.
MAIL_PROVIDERS = frozenset(
    {
        "gmail.com", "googlemail.com", "outlook.com", "outlook.de", "hotmail.com", "hotmail.de", "live.com",
        "live.de", "msn.com", "yahoo.com", "yahoo.de", "ymail.com", "aol.com", "aol.de", "icloud.com", "me.com",
        "mac.com", "gmx.de", "gmx.net", "gmx.at", "gmx.ch", "gmx.com", "web.de", "email.de", "mail.de", "t-online.de",
        "magenta.de", "freenet.de", "arcor.de", "vodafone.de", "vodafonemail.de", "online.de", "1und1.de",
        "posteo.de", "posteo.net", "mailbox.org", "proton.me", "protonmail.com", "pm.me", "tutanota.com",
        "tutanota.de", "tuta.com", "fastmail.com", "zoho.com", "mail.com", "mail.ru", "yandex.ru", "yandex.com",
        "bluewin.ch", "hispeed.ch", "aon.at", "chello.at", "a1.net", "orange.fr", "free.fr", "laposte.net",
        "wanadoo.fr", "libero.it", "virgilio.it", "seznam.cz", "wp.pl", "o2.pl", "onet.pl", "qq.com", "163.com",
        "126.com", "comcast.net", "verizon.net", "att.net", "btinternet.com", "sky.com",
    }
)  # fmt: skip
# A name below these is one customer's, and the name itself is nobody's of them.
PLATFORMS = frozenset(
    {
        "zendesk.com", "freshdesk.com", "zammad.com", "helpscoutapp.com", "helpscout.net", "intercom-mail.com",
        "on-intercom.com", "hubspotemail.net", "salesforce.com", "atlassian.net", "myshopify.com", "onmicrosoft.com",
        "github.io", "blogspot.com", "wordpress.com", "jimdo.com", "wixsite.com", "amazonaws.com", "herokuapp.com",
        "netlify.app", "vercel.app", "azurewebsites.net",
    }
)  # fmt: skip
# "co.uk", "com.au", "or.at": below a country's own name these are offices of the registry (publicsuffix.org has all).
_SECOND_LEVEL = frozenset(
    {
        "ac", "co", "com", "edu", "gen", "gob", "gouv", "gov", "gv", "ltd", "ne", "net", "nom", "or", "org", "plc",
        "sch",
    }
)  # fmt: skip
_COUNTRY = 2  # letters of a country's name
_LABELS_MIN = 2


def canonical(domain: str) -> str:
    """Return the domain as DNS writes it: lower case, no final dot, letters beyond ASCII encoded; "" for none."""
    domain = domain.strip().rstrip(".").lower()
    if domain.isascii():
        return domain
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain


def domain_of(address: str) -> str:
    """Return the domain of an address, "" where it has none."""
    return canonical(address.rpartition("@")[2]) if "@" in address else ""


def related(one: str, other: str) -> bool:
    """Whether one of two canonical domains is the other, or stands below it."""
    if one == other:
        return bool(one)
    shorter, longer = sorted((one, other), key=len)
    return longer.endswith(f".{shorter}") and is_somebodys(shorter)


def is_somebodys(domain: str) -> bool:
    """Whether names below this one are all its holder's: not so for a country's, a registry's or a platform's."""
    labels = domain.split(".")
    if len(labels) < _LABELS_MIN or domain in PLATFORMS:
        return False
    return not (len(labels) == _LABELS_MIN and len(labels[1]) == _COUNTRY and labels[0] in _SECOND_LEVEL)


def parents(domain: str) -> list[str]:
    """Return the names a name stands below whose holder is also its own, the nearest first."""
    labels = domain.split(".")
    return [name for cut in range(1, len(labels)) if is_somebodys(name := ".".join(labels[cut:]))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Who a company is in addresses. `domains` are canonical, `addresses` those that it is asked at."""

    key: str
    domains: frozenset[str]
    addresses: frozenset[str] = frozenset()

    def owns(self, address: str) -> str:
        """Return by what an address is the company's (one of its domains or the address itself), "" if it is not."""
        own = plain(address)
        return self.owns_domain(domain_of(address)) or (own if own in self.addresses else "")

    def owns_domain(self, domain: str) -> str:
        """Return the company's domain that this one is, or stands below or above of; "" where there is none."""
        if domain in MAIL_PROVIDERS:
            return ""
        own = (one for one in self.domains if one not in MAIL_PROVIDERS)
        return next((one for one in sorted(own) if related(one, domain)), "")


def plain(address: str) -> str:
    """Return the address without its +tag, in lower case."""
    local, _, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}" if local else ""


def party(key: str, *, domains: Iterable[str], addresses: Iterable[str]) -> Party:
    """Return the party of a company that writes from these domains and is asked at these addresses."""
    asked_at = frozenset(one for one in map(plain, addresses) if one)
    named = {canonical(one) for one in domains} | {domain_of(one) for one in asked_at}
    return Party(key=key, domains=frozenset(named - {""}), addresses=asked_at)


@dataclass(frozen=True)
class Directory:
    """All companies by their domains: who may have written a message from an address."""

    parties: Mapping[str, Party] = field(default_factory=dict)

    def companies(self, address: str, signed: Iterable[str] = ()) -> tuple[str, ...]:
        """Return the keys of the companies that own the address or one of the domains that signed, in their order."""
        domain = domain_of(address)
        domains = [one for one in (domain, *signed) if one and one not in MAIL_PROVIDERS]
        keys = set(self._by_address.get(plain(address), ()))
        for one in domains:
            for name in (one, *parents(one)):
                keys.update(self._by_domain.get(name, ()))
            keys.update(self._by_parent.get(one, ()))
        return tuple(key for key in self._order if key in keys) if len(keys) > 1 else tuple(keys)

    @cached_property
    def _order(self) -> list[str]:
        return list(self.parties)

    @cached_property
    def _by_address(self) -> Mapping[str, list[str]]:
        return _index((address, one.key) for one in self.parties.values() for address in one.addresses)

    @cached_property
    def _by_domain(self) -> Mapping[str, list[str]]:
        return _index((domain, one.key) for one in self.parties.values() for domain in one.domains - MAIL_PROVIDERS)

    @cached_property
    def _by_parent(self) -> Mapping[str, list[str]]:
        return _index(
            (parent, key) for domain, keys in self._by_domain.items() for parent in parents(domain) for key in keys
        )


def _index(pairs: Iterable[tuple[str, str]]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, key in pairs:
        found.setdefault(name, []).append(key)
    return found
