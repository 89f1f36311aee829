"""Goes through archives once and notes of each letter what its place in a conversation depends on, and how to read it.

Reads headers only, and of delivery reports the whole; keeps no letter in memory.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from slawatch import match
from slawatch.classify import marks
from slawatch.classify.marks import Trust
from slawatch.mail import archive, parse
from slawatch.mail.archive import Archive, Stored
from slawatch.match.domains import MAIL_PROVIDERS, canonical, domain_of, parents, plain, related
from slawatch.match.keys import THREAD, TICKET
from slawatch.match.rows import is_bulk
from slawatch.model import Facts, Stamps
from slawatch.threads import Letter

OLDEST = datetime(1980, 1, 1, tzinfo=UTC)  # a letter from before has a broken clock, and belongs nowhere

_ADDRESS = re.compile(r"[^\s<>\"',;:()\[\]]+@[^\s<>\"',;:()\[\]]+")
_SYSTEM = re.compile(r"(?:mailer-daemon|mail-daemon|postmaster)(?:@|$)|$", re.IGNORECASE)
_SHOWN_EVERY = 200  # letters

Show = Callable[[str, float], None]
"""Told what is being done and how much of it is, from 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """Who we are. `addresses` are without +tags, `domains` stand for everybody at or below them."""

    addresses: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()

    @classmethod
    def read(cls, names: Iterable[str]) -> Ours:
        """Return what "anna@shop.example" and "shop.example" say."""
        named = [name.strip().lower().removeprefix("@") for name in names]
        return cls(
            addresses=frozenset(plain(name) for name in named if "@" in name),
            domains=frozenset(canonical(name) for name in named if "@" not in name),
        )

    def named(self, address: str) -> bool:
        """Whether the address is one of those that were named, or at or below a domain that was."""
        domain = domain_of(address)
        return plain(address) in self.addresses or any(
            domain == one or domain.endswith(f".{one}") for one in self.domains
        )

    def inside(self, address: str) -> bool:
        """Whether it is one of ours or a colleague's: at the same domain, unless anybody can have an address there."""
        if self.named(address):
            return True
        domain = domain_of(address)
        return domain not in MAIL_PROVIDERS and any(related(domain, domain_of(one)) for one in self.addresses)


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """What is kept of a letter. `to` holds its To: addresses, `got_at` every address of ours that it came to.

    `asks_nobody` tells that a machine wrote it, or that it went out to many.
    """

    letter: Letter
    stamps: Stamps
    source: str
    stored: Stored
    sender: str
    to: tuple[str, ...]
    got_at: tuple[str, ...]
    asks_nobody: bool


@dataclass(slots=True)
class Survey:
    """What a pass over the archives found. `moved` counts letters that were filed long after they had come."""

    noted: dict[int, Noted]
    letters: int = 0
    duplicates: int = 0
    unreadable: int = 0
    undated: int = 0
    moved: int = 0


def group_of(address: str) -> str:
    """Return under what name an outsider is counted: the domain they hold, the very address where anybody has one."""
    domain = domain_of(address)
    if not domain:
        return ""
    return plain(address) if domain in MAIL_PROVIDERS else [domain, *parents(domain)][-1]


def survey(archives: Sequence[Archive], ours: Ours, show: Show) -> Survey:
    """Go through the archives, which are open. Of a letter that lies there twice the earlier copy counts."""
    found = Survey(noted={})
    by_id: dict[str, int] = {}
    for one in archives:
        for stored in one.letters():
            found.letters += 1
            if found.letters % _SHOWN_EVERY == 0:
                show(f"reading {one.name}: {found.letters} letters", one.done)
            _note(found, by_id, stored, one.name, ours)
    return found


def addresses(archives: Sequence[Archive], most: int) -> Iterator[str]:
    """Yield the addresses that the first letters were delivered to, each as often as one names it."""
    for one in archives:
        for number, stored in enumerate(one.letters()):
            if number >= most:
                break
            facts = parse.facts(stored.head)
            yield from dict.fromkeys(plain(address) for address in (*facts.delivered_to, *facts.recipients))


def _note(found: Survey, by_id: dict[str, int], stored: Stored, source: str, ours: Ours) -> None:
    facts = parse.facts(stored.head)
    if not facts.headers:
        found.unreadable += 1
        return
    if _is_notice(facts):
        facts = parse.facts(stored.whole())
    name = facts.own_id or hashlib.sha256(stored.head).hexdigest()
    number = by_id.get(name)
    noted = _noted(number if number is not None else len(by_id), facts, stored, source, ours)
    if noted.stamps.at < OLDEST:
        found.undated += 1
        return
    if number is None:
        by_id[name] = noted.letter.number
    else:
        found.duplicates += 1
        if found.noted[number].stamps.at <= noted.stamps.at:
            return
    found.moved += noted.stamps.source == "received" and noted.stamps.internal_at is not None
    found.noted[noted.letter.number] = noted


def _noted(number: int, facts: Facts, stored: Stored, source: str, ours: Ours) -> Noted:
    # Our own mail system tells what became of a letter beyond; that is the other side's news.
    inside = ours.inside(facts.sender) and not _is_notice(facts)
    stamps = archive.stamp(facts, stored, ours=inside)
    people = (facts.sender, *facts.recipients)
    keys = match.keys_of(facts)
    bulk = is_bulk(facts)
    return Noted(
        letter=Letter(
            number=number,
            at=stamps.at,
            ours=inside,
            others=frozenset(group_of(one) for one in people if one and not ours.inside(one)) - {""},
            own_id=facts.own_id,
            cited_ids=tuple(dict.fromkeys((*facts.cited_ids, *facts.embedded_ids))),
            subject=facts.subject,
            tickets=tuple(key for key in keys if key.startswith(TICKET)),
            thread=next((key for key in keys if key.startswith(THREAD)), ""),
            bulk=bulk,
        ),
        stamps=stamps,
        source=source,
        stored=stored,
        sender=facts.sender,
        to=tuple(
            dict.fromkeys(one.lower() for value in facts.headers.get("to", ()) for one in _ADDRESS.findall(value))
        ),
        got_at=tuple(dict.fromkeys(one for one in (*facts.recipients, *facts.delivered_to) if ours.named(one))),
        asks_nobody=bulk or _is_notice(facts) or bool(marks.trusted(facts)),
    )


def no_reply(address: str) -> bool:
    """Whether nobody reads what is written there."""
    return Trust.SENT_BY_MACHINE in marks.trusted(Facts(sender=address))


def _is_notice(facts: Facts) -> bool:
    """Whether it may be a delivery report, which says in its body alone what it is about."""
    kind = next(iter(facts.headers.get("content-type", ())), "").lstrip().lower()
    return kind.startswith("multipart/report") or bool(_SYSTEM.match(facts.sender))
