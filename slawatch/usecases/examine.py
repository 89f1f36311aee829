"""Say of one message, from its bytes alone, what it is and what it promises. Needs no config and keeps nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from slawatch import classify
from slawatch.mail import parse
from slawatch.model import Classification, Promise

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
    del seen_at
    return Examined(classification=classify.classify(facts))
