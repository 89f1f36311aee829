"""What the letter to ourselves shows once it lies in our mailbox: its folder, the server's clock, the server's names.

Judges our own side only, and only by what stands in that letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from slawatch.channels.base import Finding
from slawatch.channels.email.settings import Settings
from slawatch.durations import show
from slawatch.mail import dns, parse
from slawatch.mail.dns import DnsError
from slawatch.mail.mailbox import Letter
from slawatch.mail.wire import one_line
from slawatch.model import Facts

CLOCK_OFF_MAX = timedelta(seconds=5)
"""How far the server's clock may be off ours. Machines that take their time from the network keep within milliseconds;
INTERNALDATE has whole seconds, and a queue may hold the letter for some."""

STAMP_RESOLUTION = timedelta(seconds=1)  # of INTERNALDATE, which is cut and not rounded

_BY = re.compile(r"\bby\s+([\w.-]+)", re.IGNORECASE)
_NAME = re.compile(r"\s*([^\s;]+)\s*(?:\d+\s*)?;")  # RFC 8601, section 2.2: the name, perhaps a version


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """A letter to ourselves that came back. It left at `sent_at` and was seen at `seen_at`, by our clock."""

    letter: Letter
    sent_at: datetime
    seen_at: datetime

    @property
    def seconds(self) -> int:
        """How long it took, at most."""
        return max(round((self.seen_at - self.sent_at).total_seconds()), 1)


def look(account: str, canary: Canary, settings: Settings, junk: Sequence[str]) -> list[Finding]:
    """Return what the letter shows. `junk` are the folders for what the server takes for junk."""
    facts = parse.facts(canary.letter.raw)
    return [
        *(_as_junk(account) if canary.letter.folder in junk else ()),
        *_clock(account, canary),
        _own_mx(account, facts, settings),
        *_authserv_id(account, facts, settings),
    ]


def _as_junk(account: str) -> Iterator[Finding]:
    cure = "tell the provider that it is none; answers that end there are found all the same"
    yield Finding(ok=True, what=f"{account}: our own letter was taken for junk", cure=cure)


def _clock(account: str, canary: Canary) -> Iterator[Finding]:
    """Compare the clocks: the server's stamp has to lie between the hand-over and our seeing the letter."""
    stamp = canary.letter.internal_at
    if stamp is None:
        return
    behind, ahead = canary.sent_at - STAMP_RESOLUTION - stamp, stamp - canary.seen_at
    off = max(behind, ahead)
    if off <= CLOCK_OFF_MAX:
        most = f"{CLOCK_OFF_MAX.total_seconds():g} s"
        yield Finding(ok=True, what=f"{account}: the mailbox's clock and this machine's are not {most} apart")
        return
    way = "behind" if behind > ahead else "ahead of"
    cure = "set this machine's clock by the network (timedatectl set-ntp true), or every wait is off by as much"
    yield Finding(ok=True, what=f"{account}: the mailbox's clock is {show(off)} {way} this machine's", cure=cure)


def _own_mx(account: str, facts: Facts, settings: Settings) -> Finding:
    """Say by which name our own server signs what comes in. What we submit ourselves may well not pass it."""
    seen = list(dict.fromkeys(_hosts(facts.headers.get("received", ()))))
    named = f"Received: of our own letter names {_listed(seen)}"
    own = settings.own_mx.lower().rstrip(".")
    if own:
        if any(host == own or host.endswith(f".{own}") for host in seen):
            return Finding(ok=True, what=f'{account}: own_mx = "{own}" has stamped our own letter')
        cure = f"correct own_mx, unless only mail from elsewhere comes that way; {named}"
        return Finding(ok=True, what=f'{account}: own_mx = "{own}" has not stamped our own letter', cure=cure)
    exchangers = _exchangers(settings)
    full = [host for host in seen if "." in host and not host.rpartition(".")[2].isdigit()]
    likely = [host for host in full if host in exchangers] if exchangers else full
    if likely:
        return Finding(ok=True, what=f'{account}: times get exact with own_mx = "{likely[0]}"; {named}')
    takes = f", and your mail exchangers are {_listed(exchangers)}" if exchangers else ""
    return Finding(ok=True, what=f"{account}: own_mx cannot be told from this; {named}{takes}")


def _exchangers(settings: Settings) -> list[str]:
    """Return who takes the mail of our addresses, none where nobody can be asked."""
    domain = settings.catch_all_domain if settings.addressing == "catch-all" else settings.domain
    try:
        return [host for host in dns.mx(domain) if host] if dns.worth_asking(domain) else []
    except DnsError:
        return []


def _hosts(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        found = _BY.search(line)
        if found:
            yield found[1].lower().rstrip(".")


def _authserv_id(account: str, facts: Facts, settings: Settings) -> Iterator[Finding]:
    """Say by which name our server signs; it may well not examine what it has taken from ourselves."""
    found = [match[1].lower() for one in facts.headers.get("authentication-results", ()) if (match := _NAME.match(one))]
    seen = list(dict.fromkeys(map(one_line, found)))
    own = settings.authserv_id.lower()
    if not seen:
        if not own:
            said = "our own letter bears no Authentication-Results; look for them in one from elsewhere"
            yield Finding(ok=True, what=f"{account}: {said}, and set authserv_id to the name in front")
        return
    if not own:
        yield Finding(ok=True, what=f'{account}: senders get verified with authserv_id = "{seen[0]}"')
    elif own in seen:
        yield Finding(ok=True, what=f'{account}: authserv_id = "{own}" has signed our own letter')
    else:
        cure = f"correct authserv_id; Authentication-Results: names {_listed(seen)}"
        yield Finding(ok=True, what=f'{account}: authserv_id = "{own}" has not signed our own letter', cure=cure)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names) or "nobody"
