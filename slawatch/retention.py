"""How long what was said is kept, by what it is and how the user stands to its company. Decides; throws nothing away.

Stamps, hashes and what was derived are kept for ever: every figure and the chain of evidence rest on them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from slawatch.model import Relationship

Length = timedelta | None
"""How long; None is for ever."""

# Our own people are known to us anyway, and a month answers every question about a letter; with consent half a year
# lets two quarters be held against each other. A figure about somebody who never agreed must stay provable as long as
# it can be disputed. Of competitors nothing is to be recorded longer than it takes to check a judgement. The lengths
# are slawatch's own proposal; no law names any.
RAW: Mapping[Relationship, timedelta] = MappingProxyType(
    {
        Relationship.OWN: timedelta(days=30),
        Relationship.CONSENTED: timedelta(days=180),
        Relationship.COMPETITOR: timedelta(days=30),
        Relationship.PUBLIC_INTEREST: timedelta(days=365),
    }
)
TEXT = timedelta(days=180)
UNMATCHED = timedelta(days=30)  # whatever else lay in the mailbox: a month is time to tie a late reply by hand
GONE = timedelta(days=180)  # of companies that the config no longer has: it may have left there for a day by mistake


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How long a company's raw evidence and texts are kept. With `published` raw counts from the first publication."""

    raw: Length = GONE
    text: Length = GONE
    published: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """When raw evidence and texts are to be thrown away; None is never."""

    raw: datetime | None
    text: datetime | None


def terms(relationship: Relationship, configured: Mapping[str, Length]) -> Terms:
    """Return what holds for a company: the lengths the user wrote ("raw", "text"), else those of its relationship."""
    lengths: dict[str, Length] = {"raw": RAW[relationship], "text": TEXT, **configured}
    return Terms(raw=lengths["raw"], text=lengths["text"], published=relationship is Relationship.PUBLIC_INTEREST)


def ends(terms: Terms, came_at: datetime, published_at: datetime | None = None) -> Ends:
    """Return when what came in at that instant is over.

    Raw evidence of what was published counts from its first publication, where that came later; later reports about the
    same do not prolong it. A text never ends before the raw form it stands in: that would hide it and not remove it.
    """
    since = max(came_at, published_at) if terms.published and published_at is not None else came_at
    raw = _after(since, terms.raw)
    text = _after(came_at, terms.text)
    return Ends(raw=raw, text=None if raw is None or text is None else max(raw, text))


def latest(every: Iterable[Ends]) -> Ends:
    """Return when something is over that belongs to several companies: when it is for the last of them."""
    kept = list(every)
    return Ends(raw=_last([one.raw for one in kept]), text=_last([one.text for one in kept]))


def shortest(every: Iterable[Terms], *others: Length) -> timedelta | None:
    """Return the age below which nothing can be over; None where nothing ever is."""
    lengths = [length for one in every for length in (one.raw, one.text)]
    return min((length for length in (*lengths, *others) if length is not None), default=None)


def over(end: datetime | None, now: datetime) -> bool:
    """Whether that end has come."""
    return end is not None and end <= now


def _after(since: datetime, length: Length) -> datetime | None:
    return None if length is None else since + length


def _last(moments: list[datetime | None]) -> datetime | None:
    known = [moment for moment in moments if moment is not None]
    return max(known, default=None) if len(known) == len(moments) else None
