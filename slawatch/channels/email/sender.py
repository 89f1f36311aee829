"""What companies' servers can verify of our letters: SPF, DKIM and DMARC of the domain that asks.

A letter that fails them ends as junk or is refused, and the company is blamed for a question it never saw. Says only
what the DNS and the letter to ourselves prove; how a company's server judges is its own matter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from slawatch.channels.base import Finding
from slawatch.mail import dns
from slawatch.mail.dns import DnsError
from slawatch.mail.wire import one_line

LOOKUPS_MAX = 10  # RFC 7208, section 4.6.4: more make the whole record void
STEPS_MAX = 8  # how far up the tree a policy is looked for; no organisation is as deep
SIGNATURES_MAX = 8  # of one letter; providers put on one or two

_TERM = re.compile(
    r"(?P<sign>[+?~-]?)(?P<name>all|include|a|mx|ptr|ip4|ip6|exists)(?P<about>:[^/]*)?(?P<rest>/[\d/]*)?", re.IGNORECASE
)
_MODIFIER = re.compile(r"([a-z][a-z0-9_.-]*)=(.*)", re.IGNORECASE)
_TAG = re.compile(r"\s*([a-z]+)\s*=\s*([^;]*)", re.IGNORECASE)


class RecordError(ValueError):
    """A record that receivers will not make sense of either."""


@dataclass(slots=True)
class Policy:
    """What an SPF record comes to with all it refers to.

    `networks` may send, `unclear` are mechanisms that depend on the letter. `rest` is what holds for everybody else:
    "-", "~", "?" or "+", and "" where the record does not say (as "?").
    """

    lookups: int = 0
    rest: str = ""
    terms: int = 0
    networks: list[IPv4Network | IPv6Network] = field(default_factory=list)
    unclear: bool = False

    def names(self, address: str) -> bool:
        """Whether this address may send."""
        return any(ip_address(address) in network for network in self.networks)


def findings(account: str, domain: str, smtp_host: str, letter: bytes | None) -> list[Finding]:
    """Return one finding each about SPF, DKIM and DMARC of the domain in our sender's address.

    `letter` is the one to ourselves as it was received, None where it did not come back.
    """
    if not dns.worth_asking(domain):
        what = f"{account}: SPF, DKIM and DMARC: {domain} is a name for examples and tests, about which nobody can ask"
        return [Finding(ok=True, what=what)]
    found = [
        _asked("SPF", domain, lambda: _spf(domain, smtp_host)),
        _asked("DKIM", domain, lambda: _dkim(domain, letter)),
        _asked("DMARC", domain, lambda: _dmarc(domain)),
    ]
    return [replace(one, what=f"{account}: {one.what}") for one in found]


def _asked(name: str, domain: str, ask: Callable[[], Finding]) -> Finding:
    try:
        return ask()
    except DnsError as error:
        return Finding(ok=True, what=f"{name} of {domain}: not known", cure=str(error))
    except RecordError as error:
        return Finding(
            ok=False, what=f"{name} of {domain}: {error}", cure=f"mend the record, with {name}'s own checker"
        )


# --- SPF (RFC 7208) ---


def _spf(domain: str, smtp_host: str) -> Finding:
    what = f"SPF of {domain}"
    record = _spf_record(domain)
    if record is None:
        cure = (
            f'publish a TXT record of {domain} that names your mail servers: "v=spf1 mx -all", or as your provider says'
        )
        return Finding(ok=True, what=f"{what}: none, so anybody may write in its name", cure=cure)
    policy = Policy()
    _gather(domain, record, policy, outer=True)
    if policy.rest == "-" and policy.terms == 1:
        cure = f'name your mail servers in it; as it is, "{record}" has every letter refused'
        return Finding(ok=False, what=f"{what}: it says that {domain} sends no mail at all", cure=cure)
    if policy.rest == "+":
        cure = 'end it with "-all" or "~all"'
        return Finding(ok=True, what=f"{what}: it lets everybody send, which is worth nothing", cure=cure)
    named = _names_host(policy, smtp_host)
    return Finding(ok=True, what=f"{what}: there is one, with {policy.lookups} of {LOOKUPS_MAX} lookups; {named}")


def _names_host(policy: Policy, smtp_host: str) -> str:
    """Say whether the record names the host that takes our letters. Others may hand them on, so a no proves nothing."""
    try:
        found = dns.addresses(smtp_host)
    except DnsError:
        found = []
    if found and all(policy.names(address) for address in found):
        return f"it names {smtp_host}"
    return f"whether it names the servers that hand on what {smtp_host} takes, only a letter to elsewhere shows"


def _spf_record(domain: str) -> str | None:
    records = [text for text in dns.txt(domain) if text.lower() == "v=spf1" or text.lower().startswith("v=spf1 ")]
    if len(records) > 1:
        raise RecordError(f"there are {len(records)} records, so none of them counts (RFC 7208, section 4.5)")
    return one_line(records[0]) if records else None


def _gather(domain: str, record: str, policy: Policy, *, outer: bool) -> None:
    """Follow the record and all it includes, as a receiver has to."""
    redirect = ""
    for term in record.split()[1:]:
        modifier = _MODIFIER.fullmatch(term)
        if modifier:
            redirect = modifier[2] if modifier[1].lower() == "redirect" else redirect
            continue
        mechanism = _TERM.fullmatch(term)
        if not mechanism:
            raise RecordError(f'"{term}" is no SPF mechanism, so the whole record is void')
        policy.terms += outer
        sign, name = mechanism["sign"] or "+", mechanism["name"].lower()
        if name == "all":
            if outer:
                policy.rest = sign
            return
        if name in ("ip4", "ip6"):
            network = _network(_about(mechanism) + (mechanism["rest"] or ""), term)
            policy.networks += [network] if sign == "+" else []
            continue
        _count(policy)
        if sign == "+":
            _mechanism(domain, name, mechanism, policy)
    if redirect:
        _count(policy)
        _follow(redirect, policy, outer=outer)


def _mechanism(domain: str, name: str, mechanism: re.Match[str], policy: Policy) -> None:
    """Gather whom a mechanism lets send that has to be looked up."""
    target = _about(mechanism) or domain
    if "%" in target or name in ("ptr", "exists"):
        policy.unclear = True
    elif name == "include":
        _follow(target, policy, outer=False)
    else:
        short, _, long = (mechanism["rest"] or "").partition("//")
        hosts = dns.mx(target) if name == "mx" else [target]
        for host in filter(None, hosts):
            for address in dns.addresses(host):
                prefix = long if ":" in address else short.removeprefix("/")
                policy.networks.append(_network(f"{address}/{prefix}" if prefix else address, target))


def _about(mechanism: re.Match[str]) -> str:
    return (mechanism["about"] or "").removeprefix(":")


def _network(text: str, term: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        raise RecordError(f'"{term}" names no address, so the whole record is void') from None


def _follow(target: str, policy: Policy, *, outer: bool) -> None:
    if "%" in target:
        policy.unclear = True
        return
    record = _spf_record(target)
    if record is None:
        raise RecordError(f'it refers to "{target}", which has no SPF record, so it is void')
    _gather(target, record, policy, outer=outer)


def _count(policy: Policy) -> None:
    policy.lookups += 1
    if policy.lookups > LOOKUPS_MAX:
        raise RecordError(f"it needs more than {LOOKUPS_MAX} lookups, so it is void; leave out an include")


# --- DKIM (RFC 6376) ---


def _dkim(domain: str, letter: bytes | None) -> Finding:
    what = f"DKIM of {domain}"
    if letter is None:
        return Finding(ok=True, what=f"{what}: not known, as no letter came back")
    signers = list(_signers(letter))
    if not signers:
        cure = "switch DKIM on at your provider, then write to a mailbox elsewhere and look for DKIM-Signature: there"
        said = "the letter to ourselves bears no signature; some servers sign only what leaves them"
        return Finding(ok=True, what=f"{what}: {said}", cure=cure)
    faults = []
    for number, signer in enumerate(signers):
        fault = _signature_fault(letter, number)
        if not fault and _aligned(signer, domain):
            return Finding(ok=True, what=f"{what}: the letter to ourselves is signed by {signer}, and that holds")
        faults.append(f"{signer}: {fault or f'it is not {domain}, which DMARC wants'}")
    cure = "publish the key your provider names, and let nothing change letters behind the server that signs"
    return Finding(ok=False, what=f"{what}: no signature holds ({'; '.join(faults)})", cure=cure)


def _signers(letter: bytes) -> Iterator[str]:
    """Yield the domain of each signature, in the order in which they stand."""
    head = re.sub(rb"\r?\n[ \t]+", b" ", re.split(rb"\r?\n\r?\n", letter, maxsplit=1)[0])
    for value in re.findall(rb"(?mi)^DKIM-Signature:([^\r\n]*)", head)[:SIGNATURES_MAX]:
        tags = {name.lower(): told.strip() for name, told in _TAG.findall(value.decode("ascii", "replace"))}
        yield one_line(tags.get("d", "nobody")).lower()


def _signature_fault(letter: bytes, number: int) -> str:
    """Return why the signature does not hold, "" where it does."""
    import dkim  # type: ignore[import-untyped]  # noqa: PLC0415 - on use: only a check verifies

    unpublished = ""

    def key(name: bytes, timeout: float = 0) -> bytes | None:
        nonlocal unpublished
        del timeout  # dns.py has its own
        where = name.decode("ascii", "replace").rstrip(".")
        texts = dns.txt(where)
        unpublished = "" if texts else one_line(where)
        return texts[0].encode() if texts else None

    try:
        holds = dkim.DKIM(letter).verify(number, dnsfunc=key)
    except (dkim.DKIMException, ValueError, NameError) as error:  # NameError: Ed25519 without its library
        return one_line(error) or type(error).__name__
    if unpublished:
        return f"its key is not published at {unpublished}"
    return "" if holds else "what was signed has been changed"


def _aligned(signer: str, domain: str) -> bool:
    """Whether one is the other's parent. RFC 7489 wants the same organisation, of which no list is at hand here."""
    return signer == domain or domain.endswith(f".{signer}") or signer.endswith(f".{domain}")


# --- DMARC (RFC 7489) ---


def _dmarc(domain: str) -> Finding:
    what = f"DMARC of {domain}"
    where, tags = _dmarc_record(domain)
    if not where:
        cure = f'publish a TXT record of _dmarc.{domain}: "v=DMARC1; p=none" is a beginning'
        return Finding(ok=True, what=f"{what}: none; large providers trust letters less without one", cure=cure)
    policy = tags.get("sp") if where != domain and "sp" in tags else tags.get("p", "")
    words = {
        "none": "letters that fail are delivered all the same",
        "quarantine": "letters that fail go to the junk folder",
        "reject": "letters that fail are refused",
    }
    if policy not in words:
        raise RecordError(f'the record of _dmarc.{where} has p="{policy}", which means nothing')
    inherited = "" if where == domain else f", by {where}"
    return Finding(ok=True, what=f"{what}: p={policy}{inherited}: {words[policy]}")


def _dmarc_record(domain: str) -> tuple[str, dict[str, str]]:
    """Return the nearest domain that has a policy, going up, and the policy; "" where none has.

    RFC 7489, section 6.6.3, goes to the organisation's domain at once, for which it needs a list that changes weekly;
    between the two nobody publishes a policy without meaning it.
    """
    labels = domain.split(".")
    for start in range(min(len(labels) - 1, STEPS_MAX)):
        where = ".".join(labels[start:])
        records = [text for text in dns.txt(f"_dmarc.{where}") if re.match(r"v\s*=\s*DMARC1\s*(;|$)", text)]
        if len(records) > 1:
            raise RecordError(f"there are {len(records)} records of _dmarc.{where}, so none of them counts")
        if records:
            told = (_TAG.fullmatch(part) for part in one_line(records[0]).split(";"))
            return where, {one[1].lower(): one[2].strip().lower() for one in told if one}
    return "", {}
