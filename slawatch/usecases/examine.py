"""Say of one message, from its bytes alone, what it is and what it promises. Needs no config and keeps nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_tz

from slawatch import classify, promise
from slawatch.mail import parse
from slawatch.model import Classification, Facts, Promise

_DATE_MAX = 100  # characters
_OFFSET_MAX = timedelta(hours=14)  # Kiribati's

_FIELD = re.compile(rb"[A-Za-z][A-Za-z0-9-]{0,60}[ \t]*:")
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What a message is, and the first thing that somebody promises in it, if anything."""

    classification: Classification
    promise: Promise | None = None


def is_mail(raw: bytes) -> bool:
    """Whether the bytes begin with the header of a mail, an mbox line ("From ...") before it or not."""
    head = raw[: parse.RAW_MAX].lstrip(b"\r\n")
    if head.startswith((b"From ", b">From ")):
        head = head.partition(b"\n")[2]
    return bool(_FIELD.match(head)) and not _BINARY.search(head.partition(b"\n")[0])


def examine(raw: bytes, *, seen_at: datetime) -> Examined:
    """Return what the message is, and what it promises, counted from the time it names itself, else from `seen_at`."""
    facts = parse.facts(raw.lstrip(b"\r\n"))  # a parser ends the header at the first blank line
    classification = classify.classify(facts)
    at = _written_at(facts) or seen_at
    if classification.kind in promise.OF_NO_COMPANY:
        return Examined(classification=classification)
    zone = at.tzinfo or UTC
    promised = next(iter(promise.find(facts.text, at=at, zone=zone)), None)
    if promised is not None and promised.due_at is not None:
        promised = replace(promised, due_at=promised.due_at.astimezone(zone))
    return Examined(classification=classification, promise=promised)


def _written_at(facts: Facts) -> datetime | None:
    """Return the letter's own time, by the writer's clock: "tomorrow" is a day in their zone.

    Nowhere else is `Date:` believed; here it is what the writer went by. The newest Received line stands in for it.
    """
    arrivals = (value.rpartition(";")[2] for value in facts.headers.get("received", ()))
    for value in (*facts.headers.get("date", ()), *arrivals):
        at = parse.moment(value)
        if at is not None:
            return at.astimezone(_zone(value))
    return None


def _zone(value: str) -> tzinfo:
    """Return the offset that a date names, UTC for none or one that no place on earth has ("+9999")."""
    parts = parsedate_tz(value[:_DATE_MAX])
    offset = timedelta(seconds=(parts[9] if parts else 0) or 0)
    return timezone(offset) if abs(offset) <= _OFFSET_MAX else UTC
