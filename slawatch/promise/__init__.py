"""What a letter promises, and by when: the sentence, what it is about, and one amount of time or one date.

Pure: no I/O and no clock. It reads German and English and judges nobody; pledges.py says whether a promise was kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from slawatch.model import MessageKind, Promise, PromiseAbout
from slawatch.promise import reading, sentence
from slawatch.promise.named import Time
from slawatch.promise.when import times

PROMISES_MAX = 8  # a letter with more is a list of terms
OF_NO_COMPANY = frozenset(
    {
        MessageKind.BOUNCE,
        MessageKind.DELAY_NOTICE,  # "we will try for five more days"
        MessageKind.DELIVERY_RECEIPT,
        MessageKind.READ_RECEIPT,
        MessageKind.ABUSE_REPORT,
        MessageKind.BULK,
    }
)
"""Kinds that hold no company's word: what mail systems write, and what is written to many."""


def find(text: str, *, at: datetime, zone: str | tzinfo) -> tuple[Promise, ...]:
    """Return what the letter promises, in reading order and nothing twice. Quoted letters are to be cut off before.

    `at` is when the letter came; dates are read as on the wall of `zone` (an IANA name, or what a letter says of its
    writer's), and one that is over by then is no promise. Of several times in a sentence for one thing the last counts.

    Raises:
        zoneinfo.ZoneInfoNotFoundError: there is no such zone.
    """
    local = at.astimezone(ZoneInfo(zone) if isinstance(zone, str) else zone)
    found: dict[tuple[object, ...], Promise] = {}
    for written in reading.sentences(text):
        for one in _of_sentence(written, local):
            found.setdefault((one.about, one.within, one.business_days, one.business_time, one.due_at), one)
    return tuple(found.values())[:PROMISES_MAX]


def _of_sentence(written: str, local: datetime) -> Iterator[Promise]:
    folded = sentence.without_citations(reading.fold(written))
    if not sentence.may_promise(folded):
        return
    latest: dict[PromiseAbout, Time] = {}
    named = times(folded, local)
    for start, end in sentence.clauses(folded) if named else ():
        for time in (one for one in named if start <= one.start < end):
            about = sentence.gist(folded[start:end], folded, opens=time.opens, until=time.until)
            if about and (about not in latest or latest[about].by < time.by):
                latest[about] = time
    for about, time in latest.items():
        yield Promise(
            quote=written,
            about=about,
            within=time.within,
            business_days=time.business_days,
            business_time=time.business_time,
            due_at=time.due.astimezone(UTC) if time.due else None,
        )
