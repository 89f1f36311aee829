"""Chooses when a letter arrived, from all the times it carries. Believes our own servers, not the sender's `Date:`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from slawatch.mail.parse import moment
from slawatch.model import Facts, Stamps

RESOLUTION = timedelta(seconds=1)  # of INTERNALDATE (RFC 9051, section 2.3.3) and of Received (RFC 5322, section 3.3)
AHEAD_MAX = timedelta(minutes=2)  # our MX may stamp this much after the mail store: two machines, two clocks
_BY = re.compile(r"\bby\s+([^\s;()]+)", re.IGNORECASE)


def choose(facts: Facts, *, internal_at: datetime | None, own_mx: str, seen_at: datetime) -> Stamps:
    """Return every time the letter carries, and the one to count with.

    The newest Received line that our own mail exchanger (`own_mx`, "" where not known) wrote comes first, unless it
    lies after the mail store's INTERNALDATE: then it is not what it says. INTERNALDATE comes next. It is set when the
    letter is filed, which may be long after it was received (fetched from elsewhere, delayed by our own side), so the
    newest Received line bounds it below. Without either the newest Received line stands, and at last when we saw it.
    """
    date = next(iter(_dates(facts.headers.get("date", ()))), None)
    hops = _hops(facts.headers.get("received", ()))
    own = next((at for host, at in hops if own_mx and host == own_mx.lower().rstrip(".")), None)
    newest = hops[0][1] if hops else None
    if own is not None and (internal_at is None or own <= internal_at + AHEAD_MAX):
        at, source, earlier = own, "own-mx", RESOLUTION
    elif internal_at is not None:
        at, source = internal_at, "internaldate"
        earlier = max(internal_at - newest, RESOLUTION) if newest else RESOLUTION
    elif newest is not None:
        at, source, earlier = newest, "received", RESOLUTION
    else:
        at, source, earlier = seen_at, "seen", RESOLUTION
    return Stamps(at=at, source=source, earlier=earlier, later=RESOLUTION, internal_at=internal_at, date_header_at=date)


def _dates(values: Sequence[str]) -> list[datetime]:
    return [at for at in map(moment, values) if at is not None]


def _hops(values: Sequence[str]) -> list[tuple[str, datetime]]:
    """Return (host that wrote it, instant) of each readable Received line, the newest first, as letters have them."""
    hops = []
    for value in values:
        before, _, date = value.rpartition(";")
        by, at = _BY.search(before), moment(" ".join(date.split()))
        if at is not None:
            hops.append((by.group(1).lower().rstrip(".") if by else "", at))
    return hops
