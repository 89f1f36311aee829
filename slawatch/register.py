"""What an entry of the opt-out register covers: a company, a domain with all below it, or one address.

Decides only; the store keeps the entries, and whoever sends asks them.
"""

from __future__ import annotations

import re
from collections.abc import Collection

COMPANY = "company"
DOMAIN = "domain"
ADDRESS = "address"

_DOMAIN = re.compile(r"(?=.{3,253}$)(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W_](?:[\w-]{0,61}[^\W_])?")
_HOST = re.compile(r"^[a-z][a-z0-9+.-]*://(?:[^/@]*@)?([^/:?#]+)")


def company(key: str) -> str:
    """Return the scope of a company: everything it is asked, on every channel."""
    return f"{COMPANY}:{key}"


def covering(company_key: str, address: str) -> tuple[str, ...]:
    """Return every scope of which an entry keeps this address of this company from being asked.

    "service@a.shop.example" is covered by its company, by itself, and by "domain:a.shop.example",
    "domain:shop.example" and "domain:example". An address without a domain (a handle) has none of the latter.
    """
    lower = address.strip().lower()
    found = [company(company_key)] if company_key else []
    if lower:
        found.append(f"{ADDRESS}:{lower}")
    labels = domain_of(lower).split(".")
    return (*found, *(f"{DOMAIN}:{'.'.join(labels[start:])}" for start in range(len(labels)) if labels[start]))


def domain_of(address: str) -> str:
    """Return the domain of a mail or chat address or of a link, "" where it has none: "@shop", "+49 30 1234"."""
    lower = address.strip().lower()
    if host := _HOST.match(lower):
        return host[1].rstrip(".")
    _, at, domain = lower.rpartition("@")
    domain = (domain if at else "").rpartition(":")[2].partition("/")[0].rstrip(".")
    return domain if _DOMAIN.fullmatch(domain) else ""


def scope_of(text: str, companies: Collection[str]) -> str:
    """Return the scope that somebody means by a company's key, a domain or an address; with its kind in front, that.

    Raises:
        ValueError: it is none of them, in one line with the cure.
    """
    given = text.strip()
    kind, colon, rest = given.partition(":")
    if given in companies:
        return company(given)
    if colon and kind == COMPANY:
        if rest not in companies:
            raise ValueError(f'there is no company "{rest}"; known are: {", ".join(sorted(companies)) or "none"}')
        return given
    lower = given.lower()
    if colon and kind == ADDRESS and rest:
        return f"{ADDRESS}:{rest.strip().lower()}"
    named = lower.removeprefix(f"{DOMAIN}:")
    if _DOMAIN.fullmatch(named):
        return f"{DOMAIN}:{named}"
    if "@" in given or "://" in given:
        return f"{ADDRESS}:{lower}"
    raise ValueError(
        f'"{text}" is no company of the config, no domain and no address; '
        'write a key, "shop.example", "service@shop.example" or "address:..."'
    )
