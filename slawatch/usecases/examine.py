"""Say of one message, from its bytes alone, what it is and what it promises. Needs no config and keeps nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz

from slawatch import classify, promise
from slawatch.mail import parse
from slawatch.model import Classification, Facts, Promise

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
    promises = promise.find(facts.text, at=at, zone=at.tzinfo or UTC)
    return Examined(classification=classification, promise=next(iter(promises), None))


def _written_at(facts: Facts) -> datetime | None:
    """Return the letter's own time, by the writer's clock: "tomorrow" is a day in their zone."""
    for value in facts.headers.get("date", ()):
        at, parts = parse.moment(value), parsedate_tz(value)
        if at is not None:
            return at.astimezone(timezone(timedelta(seconds=(parts[9] if parts else 0) or 0)))
    return None
