"""Cuts from foreign text what tells who wrote it: agents' names, signatures, phone numbers, postal and mail addresses.

Rather too much than too little, and by patterns alone: what is shown stays readable, the evidence itself is elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from slawatch.redact import people as persons
from slawatch.redact import places

__all__ = ["NO_OWN", "OWN", "SIGN", "Cut", "Own", "cuts", "names_in", "redact"]

OWN = "own"  # the rule that the user wrote

SIGN = "•••"  # in place of what is not shown
TEXT_MAX = 20_000  # characters looked through; nothing shown is longer, and what is beyond is left out


class Own(NamedTuple):
    """What the user wants besides: patterns to cut `also`, and texts to `keep` that a rule would cut, in any case."""

    also: tuple[re.Pattern[str], ...] = ()
    keep: tuple[str, ...] = ()


NO_OWN = Own()


class Cut(NamedTuple):
    """A passage that is not shown, and by which rule: from `start` to `end` of the text, with `put` in its place."""

    rule: str
    start: int
    end: int
    put: str


def redact(text: str, people: Iterable[str] = (), *, keep: Iterable[str] = (), own: Own = NO_OWN) -> str:
    """Return the text without what tells who wrote it, a sign (SIGN) in place of each such passage.

    `people` are names known from elsewhere (a letter's From, a chat's own marks, other letters of the same matter);
    words of the names in `keep`, as that of the company, are nobody's. Of a mail address the domain stays: it says
    whose letter it is, and nothing of a person.
    """
    text = text[:TEXT_MAX]
    pieces: list[str] = []
    done = 0
    for cut in cuts(text, people, keep=keep, own=own):
        pieces += (text[done : cut.start], cut.put)
        done = cut.end
    return "".join((*pieces, text[done:]))


def cuts(text: str, people: Iterable[str] = (), *, keep: Iterable[str] = (), own: Own = NO_OWN) -> list[Cut]:
    """Return what `redact` takes out, in order and without overlaps: two that overlap go as one."""
    text = text[:TEXT_MAX]
    kept: list[Cut] = []
    spared = [match.span() for one in own.keep for match in re.finditer(rf"(?i)(?<!\w){re.escape(one)}(?!\w)", text)]
    found = [
        cut
        for cut in _cuts(text, people, keep, own)
        if cut.rule == OWN or not any(start <= cut.start and cut.end <= end for start, end in spared)
    ]
    for cut in sorted(found, key=lambda cut: (cut.start, -cut.end)):
        if kept and cut.start < kept[-1].end:
            if cut.end > kept[-1].end:
                kept[-1] = kept[-1]._replace(end=cut.end, put=SIGN)
            continue
        kept.append(cut)
    return kept


def names_in(text: str) -> frozenset[str]:
    """Return the names of people that a text gives away: introduced, titled, or below its closing."""
    return persons.names_in(text[:TEXT_MAX])


def _cuts(text: str, people: Iterable[str], keep: Iterable[str], own: Own) -> Iterator[Cut]:
    for pattern in own.also:
        for match in pattern.finditer(text):
            if match.end() > match.start():
                yield Cut(OWN, *match.span(), SIGN)
    for rule, start, end in persons.found(text, people, keep):
        yield Cut(rule, start, end, SIGN)
    for rule, start, end, domain in places.found(text):
        yield Cut(rule, start, end, f"{SIGN}@{domain}" if domain else SIGN)
