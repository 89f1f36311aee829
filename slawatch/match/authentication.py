"""What our own server found out about a sender (RFC 8601). Believes no line that may have come in with the letter.

Anybody can write Authentication-Results into a letter, with our server's name too. Servers add trace lines on top, so
what came in lies below the Received line by which our side took the letter over from outside. Some servers put their
results above that line and some right below it (Gmail, and Postfix with a milter, do), where a sender's own lines may
follow. Hence: every result of ours above that line counts, and of those below it only the topmost, and only where
there is none above.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from ipaddress import ip_address, ip_network

from slawatch.match.domains import canonical, domain_of, is_somebodys, related
from slawatch.model import Facts

_COMMENT = re.compile(r"\([^()]{0,1000}\)")
_COMMENTS_DEEP = 5  # comments may hold comments; nobody writes more
_RESULT = re.compile(r"^\s*([a-z][a-z0-9-]*)(?:\s*/\s*\d+)?\s*=\s*([a-z]+)", re.IGNORECASE)
_PROPERTY = re.compile(r"\b([a-z]+\.[a-z-]+)\s*=\s*\"?([^\s;\"]+)", re.IGNORECASE)
_LINE_MAX = 8192
_FROM = re.compile(r"^\s*from\s+(\S+)\s*((?:\([^)]*\)\s*)*)", re.IGNORECASE)
_WITH = re.compile(r"\bwith\s+(?:utf8)?(?:e?smtp|lmtp)s?(a?)\b", re.IGNORECASE)
_BY = re.compile(r"\bby\s+([^\s;()]+)", re.IGNORECASE)
_CALLED_ITSELF = re.compile(r"\b(?:helo|ehlo)[=\s]\s*\S+", re.IGNORECASE)
_ADDRESS_IN = re.compile(r"\[(?:ipv6:)?([0-9a-f.:]+)\]", re.IGNORECASE)
_NAME_IN = re.compile(r"(?<![\w.@-])((?:[\w-]+\.)+[a-z][\w-]+)\.?(?![\w.@-])", re.IGNORECASE)

# Not `is_private`: Python counts addresses for documentation among those.
_INSIDE = tuple(
    ip_network(network)
    for network in (
        "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10",
        "::1/128", "fc00::/7", "fe80::/10",
    )
)  # fmt: skip

# One provider's several names: its servers call themselves by one and write from another.
_HOUSES = (
    frozenset({"gmail.com", "googlemail.com", "google.com"}),
    frozenset({"outlook.com", "hotmail.com", "live.com", "msn.com", "office365.com", "microsoft.com"}),
    frozenset({"gmx.de", "gmx.net", "gmx.com", "web.de", "mail.com", "kundenserver.de", "ui-mail.com"}),
    frozenset({"icloud.com", "me.com", "mac.com", "apple.com"}),
)


class Standing(Enum):
    """What our server says about whether a letter comes from the domain it names."""

    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    OPEN = "open"  # it looked and could not tell
    MISSING = "missing"  # it ought to have looked, and nothing says that it did


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Its word, what it rests on, and the domains whose signature on the letter held."""

    standing: Standing
    saw: str
    signed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class OurSide:
    """Our own post: the names of our servers and addresses, and the one its results are signed with ("" for none)."""

    names: frozenset[str] = frozenset()
    authserv_id: str = ""

    def holds(self, name: str) -> bool:
        """Whether a host or domain is ours, or its provider's where a provider has our mail."""
        name = canonical(name)
        if name in {"localhost", "localhost.localdomain"}:
            return True
        return any(related(name, one) or _one_house(name, one) for one in self.names)


def our_side(names: Iterable[str], authserv_id: str) -> OurSide:
    """Return our side: `names` are hosts and domains in any form, among them IP addresses, which name nobody."""
    found = {canonical(name) for name in (*names, authserv_id)}
    return OurSide(
        names=frozenset(name for name in found if name and not _is_address(name)), authserv_id=canonical(authserv_id)
    )


def judge(facts: Facts, side: OurSide) -> Finding | None:
    """Return what our server found out about the sender; None where we are not told how it signs its results.

    A letter is confirmed by dmarc=pass, or by a dkim or spf pass of a domain that is the sender's. It is refuted by
    dmarc=fail, or where everything that was tried failed.
    """
    if not side.authserv_id:
        return None
    lines = _ours(facts.trace, side)
    if not lines:
        return Finding(standing=Standing.MISSING, saw=f"no Authentication-Results of {side.authserv_id}")
    return _judged(domain_of(facts.sender), [result for line in lines for result in _results(line)])


def from_outside(facts: Facts, side: OurSide) -> str:
    """Return the host that handed the letter to our side, as our side's Received line names it; "" for one of ours.

    A submission with login counts as ours: our own users write so.
    """
    return next((host for name, value in facts.trace if name == "received" and (host := _handed_over(value, side))), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Result:
    method: str
    result: str
    properties: Mapping[str, str]


def _ours(trace: Iterable[tuple[str, str]], side: OurSide) -> list[str]:
    """Return the results that our own server wrote (see the module's own words)."""
    above: list[str] = []
    below: list[str] = []
    crossed = ours_began = False
    for name, value in trace:
        if name == "received":
            ours = _written_by_us(value, side)
            if crossed or (ours_began and not ours):
                break
            ours_began = ours_began or ours
            crossed = bool(_handed_over(value, side))
        elif _signed_by(value) == side.authserv_id:
            (below if crossed else above).append(value)
    return above if crossed and above else (above or below)[:1]


def _written_by_us(value: str, side: OurSide) -> bool:
    """Whether a Received line names one of our hosts as its writer; Google's inner hops give a bare address there."""
    found = _BY.search(value)
    return found is not None and (_is_address(found[1].strip("[]")) or side.holds(found[1]))


def _signed_by(value: str) -> str:
    first = next(iter(_without_comments(value).split(";", 1)), "").split()
    return canonical(first[0].strip('"')) if first else ""


def _results(value: str) -> Iterator[_Result]:
    for part in _without_comments(value).split(";")[1:]:
        found = _RESULT.match(part)
        if found:
            properties = {name.lower(): value.lower() for name, value in _PROPERTY.findall(part)}
            yield _Result(method=found[1].lower(), result=found[2].lower(), properties=properties)


def _without_comments(value: str) -> str:
    value = value[:_LINE_MAX]
    if "(" not in value:
        return value
    for _ in range(_COMMENTS_DEEP):
        value, changed = _COMMENT.subn(" ", value)
        if not changed:
            break
    return value


def _judged(sender: str, results: list[_Result]) -> Finding:
    about = [one for one in results if one.method in {"dmarc", "dkim", "spf"}]
    signed = frozenset(_domain(one) for one in about if one.method == "dkim" and one.result == "pass") - {""}
    said = ", ".join(dict.fromkeys(f"{one.method}={one.result}" for one in about)) or "nothing about the sender"
    dmarc = next((one for one in about if one.method == "dmarc" and _domain(one) in {"", sender}), None)
    passed = next((one for one in about if one.result == "pass" and _aligned(one, sender, dmarc)), None)
    if dmarc is not None and dmarc.result == "fail":
        return Finding(standing=Standing.REFUTED, saw=said, signed=signed)
    if passed is not None:
        domain = _domain(passed) or sender
        return Finding(standing=Standing.CONFIRMED, saw=f"{passed.method}=pass for {domain}", signed=signed)
    if about and all(one.result in _FAILED for one in about):
        return Finding(standing=Standing.REFUTED, saw=said, signed=signed)
    return Finding(standing=Standing.OPEN, saw=said, signed=signed)


_FAILED = frozenset({"fail", "hardfail", "softfail", "policy"})


def _aligned(one: _Result, sender: str, dmarc: _Result | None) -> bool:
    """Whether a pass speaks of the sender's own domain (RFC 7489, section 3.1: relaxed alignment)."""
    if one.method == "dmarc":
        return one is dmarc
    return related(_domain(one), sender)


def _domain(one: _Result) -> str:
    """Return the domain that a result speaks of."""
    names = {"dkim": ("header.d", "header.i"), "spf": ("smtp.mailfrom", "smtp.mail", "smtp.helo")}
    for name in names.get(one.method, ("header.from",)):
        if name in one.properties:
            return canonical(one.properties[name].rpartition("@")[2])
    return ""


def _handed_over(value: str, side: OurSide) -> str:
    """Return the host outside that a Received line got the letter from; "" where that was one of our own, or a login.

    The name that a host gives itself proves nothing where the line also has the address or the name found for it.
    """
    found = _FROM.match(value)
    login = _WITH.search(value)
    if not found or (login and login[1]):
        return ""
    addresses = _ADDRESS_IN.findall(f"{found[1]} {found[2]}")
    if any(_is_inside(address) for address in addresses):
        return ""
    looked_up = _NAME_IN.findall(_CALLED_ITSELF.sub(" ", found[2]))
    names = looked_up or ([] if addresses else [found[1].strip("[]")])
    if names and all(side.holds(name) for name in names):
        return ""
    return canonical((looked_up or [found[1].strip("[]")])[0])


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _is_inside(name: str) -> bool:
    return _is_address(name) and any(ip_address(name) in network for network in _INSIDE)


def _one_house(one: str, other: str) -> bool:
    """Whether both are names of the same provider, or hosts below one name that is nobody else's."""
    first, second = _base(one), _base(other)
    return (bool(first) and first == second) or any({first, second} <= house for house in _HOUSES)


def _base(name: str) -> str:
    """Return the shortest name above this one that is somebody's: of mx3.mail.provider.example the last two labels."""
    labels = name.split(".")
    for count in range(2, len(labels) + 1):
        if is_somebodys(short := ".".join(labels[-count:])):
            return short
    return ""
