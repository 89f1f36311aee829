"""Requests that others have timed: their rows as values, and what the times given with them stand for as replies.

Pure: no file and no store. It judges nothing; waits.py derives what became of them by the rules that hold for all.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from slawatch.model import (
    Form,
    MatchEvidence,
    MessageKind,
    Promise,
    PromiseAbout,
    Reason,
    Reply,
    Stamps,
    Strength,
)

ACCOUNT = "(imported)"  # no account of a config can be called so: nothing looks for it, sends from it or settles it
RULE = "timed-by-others"
TWCS = "twcs"
ANSWERED_ONLY = frozenset({TWCS})  # forms of sets in which nobody was left unanswered, for their makers left them out
KINDS = 4  # replies that one row can stand for, at most: room for their ids
FORMS = {
    **dict.fromkeys(("twitter", "mastodon", "bluesky"), Form.POST),
    **dict.fromkeys(("webchat", "xmpp", "matrix", "telegram"), Form.CHAT),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What was given with an imported request: where it stood, what it is called there, and the times of what came.

    `observed_until` is until when an answer would have been known. `source` is the file's name.
    """

    request_id: int
    import_id: int
    source: str
    line: int
    ref: str = ""
    acknowledged_at: datetime | None = None
    first_response_at: datetime | None = None
    answered_at: datetime | None = None
    promised_at: datetime | None = None
    observed_until: datetime | None = None


def form_of(channel: str) -> Form:
    """Return in which form something is asked on this channel; a letter where that is not known."""
    return FORMS.get(channel, Form.LETTER)


def key_of(*what: object) -> str:
    """Return by what a row is known again: the same for the same values, and for no others (128 bits of SHA-256)."""
    return hashlib.sha256(json.dumps(what).encode()).hexdigest()[:32]


def replies(given: Given) -> tuple[Reply, ...]:
    """Return the replies that the given times stand for, in order; their ids are negative, as no message has them.

    A first response that is not the answer says only that a person wrote: it is taken for an interim reply. A promise
    is the receipt's (that somebody will reply) where there is one, else the first response's (that it will be dealt
    with): the row does not say which, and nothing else can have made it.
    """
    return tuple(_replies(given))


def _replies(given: Given) -> Iterator[Reply]:
    promised = _promised(given)
    if given.acknowledged_at is not None:
        yield _reply(given, 1, MessageKind.ACKNOWLEDGEMENT, given.acknowledged_at, promised)
        promised = ()
    first, answer = given.first_response_at, given.answered_at
    if first is not None and first != answer:
        yield _reply(given, 2, MessageKind.INTERIM, first, promised)
        promised = ()
    if answer is not None:
        yield _reply(given, 3, MessageKind.ANSWER, answer, promised)


def _promised(given: Given) -> tuple[Promise, ...]:
    if given.promised_at is None:
        return ()
    about = PromiseAbout.REPLY if given.acknowledged_at is not None else PromiseAbout.MATTER
    return (Promise(quote="", about=about, due_at=given.promised_at),)


def _reply(given: Given, number: int, kind: MessageKind, at: datetime, promises: tuple[Promise, ...]) -> Reply:
    where = f"{given.source}:{given.line}"
    return Reply(
        message_id=-(given.request_id * KINDS + number),
        request_id=given.request_id,
        kind=kind,
        stamps=Stamps(at=at, source="given", why=where),
        evidence=MatchEvidence.BY_HAND,
        strength=Strength.CERTAIN,
        because=(Reason(rule=RULE, saw=where),),
        saw=where,
        promises=promises,
    )
