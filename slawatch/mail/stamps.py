"""Chooses when a letter arrived, from all the times it carries. Believes our own servers, not the sender's `Date:`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from slawatch.durations import show
from slawatch.mail.parse import moment
from slawatch.model import ZERO, Facts, Stamps

RESOLUTION = timedelta(seconds=1)  # of INTERNALDATE (RFC 9051, section 2.3.3) and of Received (RFC 5322, section 3.3)
AHEAD_MAX = timedelta(minutes=2)  # our MX may stamp this much after the mail store: two machines, two clocks
WRONG_ZONE_MAX = timedelta(hours=2)  # a clock is off by an hour of summer time at most; more was set by a copy
ON_THE_WAY_MAX = timedelta(days=5)  # servers give up after four to five days (RFC 5321, section 4.5.4.1)
_BY = re.compile(r"\bby\s+([^\s;()]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hop:
    """A server that had the letter: its name ("" where it does not say) and when it got it."""

    host: str
    at: datetime


def choose(facts: Facts, *, internal_at: datetime | None, own_mx: str, seen_at: datetime) -> Stamps:
    """Return every time the letter carries, the one to count with, how far that may be off, and why it was chosen.

    First comes what our own mail exchanger (`own_mx`, "" where not known) wrote: its newest Received line, unless a
    server that is none of ours put one above it (then a sender wrote it, or it came by another way), or it lies after
    the mail store's INTERNALDATE. INTERNALDATE comes next, unless it is from before any server had the letter or from
    the future: who copies letters from one mailbox to another may set it to anything. Then comes the newest Received
    line, and at last when we saw it. The letter was on its way since the oldest Received line that can be believed;
    held up there (greylisting, a queue), it was out of the company's hands, so that is the lower end. It was here when
    we saw it, which is the upper end where nothing nearer is known, and lies within where our server's clock is ahead.
    """
    date = next((at for at in map(moment, facts.headers.get("date", ())) if at is not None), None)
    hops = _hops(facts.headers.get("received", ()))
    past = [hop.at for hop in hops if hop.at <= seen_at + AHEAD_MAX]
    filed, doubt = _filed(internal_at, past, seen_at)
    place, no_own = _own(hops, own_mx.lower().rstrip("."))
    own = hops[place] if place is not None else None
    if own is not None and own.at > (filed or seen_at) + AHEAD_MAX:
        late = show(own.at - (filed or seen_at))
        no_own, own = f"{own.host}'s line says {late} later and is not believed", None
    reached = past[0] if past else None
    later = RESOLUTION
    if own is not None:
        at, source = own.at, "own-mx"
        why = doubt or ("no INTERNALDATE to check it by" if filed is None else f"filed {_apart(filed, own.at)}")
        way = hops[place:]
    elif filed is not None:
        at, source, why, way = filed, "internaldate", no_own, hops
        later = max(reached - filed if reached else ZERO, RESOLUTION)
    elif reached is not None:
        at, source, why, way = reached, "received", "; ".join(filter(None, (doubt, no_own))), hops
        later = max(seen_at - reached, RESOLUTION)
    else:
        at, source, why = seen_at, "seen", doubt or "no server's time can be read in it"
        way = [_Hop(host="", at=date)] if date is not None else []
    return Stamps(
        at=at,
        source=source,
        why=why,
        earlier=max(at - _handed_over(way, at), at - seen_at, RESOLUTION),
        later=later,
        internal_at=internal_at,
        date_header_at=date,
    )


def _filed(internal_at: datetime | None, hops: Sequence[datetime], seen_at: datetime) -> tuple[datetime | None, str]:
    """Return INTERNALDATE if it can be when the letter was filed, else None and what is wrong with it."""
    if internal_at is None:
        return None, "no INTERNALDATE"
    if internal_at > seen_at + WRONG_ZONE_MAX:
        return None, "INTERNALDATE lies in the future"
    if hops and internal_at < min(hops) - WRONG_ZONE_MAX:
        return None, "INTERNALDATE is from before any server had the letter"
    return internal_at, ""


def _own(hops: Sequence[_Hop], own_mx: str) -> tuple[int | None, str]:
    """Return the place of the line our exchanger wrote, or None and why none counts.

    Every server puts its line on top, so whatever the sender wrote lies below our exchanger's. Above it may stand the
    machines behind it: those of its own domain, and those that give themselves no full name.
    """
    if not own_mx:
        return None, "own_mx is not set"
    for place, hop in enumerate(hops):
        if _within(hop.host, own_mx):
            return place, ""
        if not _behind(hop.host, own_mx):
            if any(_within(lower.host, own_mx) for lower in hops[place:]):
                return None, f"a line of {own_mx} stands below one of {hop.host} and is not believed"
            break
    return None, f"no line of {own_mx}"


def _within(host: str, domain: str) -> bool:
    return host == domain or host.endswith(f".{domain}")


def _behind(host: str, own_mx: str) -> bool:
    _, _, parent = own_mx.partition(".")
    nameless = "." not in host or not host.rpartition(".")[2].isalpha()
    return nameless or ("." in parent and _within(host, parent))


def _handed_over(way: Sequence[_Hop], at: datetime) -> datetime:
    """Return when the letter was first under way, going down from the newest line as long as they can be believed.

    A line that is newer than the one above it, or days older than the arrival, was written by a wrong clock or to
    mislead; what lies below it proves nothing either.
    """
    oldest = at
    for hop in way:
        if hop.at > oldest + AHEAD_MAX or hop.at < at - ON_THE_WAY_MAX:
            break
        oldest = min(oldest, hop.at)
    return oldest


def _apart(filed: datetime, own: datetime) -> str:
    if abs(filed - own) < RESOLUTION:
        return "in the same second"
    return f"{show(abs(filed - own))} {'later' if filed > own else 'earlier, by another clock'}"


def _hops(values: Sequence[str]) -> list[_Hop]:
    """Return each readable Received line, the newest first, as letters have them."""
    hops = []
    for value in values:
        before, _, date = value.rpartition(";")
        by, at = _BY.search(before), moment(" ".join(date.split()))
        if at is not None:
            hops.append(_Hop(host=by.group(1).lower().rstrip(".") if by else "", at=at))
    return hops
