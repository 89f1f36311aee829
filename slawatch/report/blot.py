"""Keeps out of a report what would let its reader forge a reply, who we are, and who wrote to us.

Knows only what it is given, and what texts give away by themselves (redact.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from copy import copy

from slawatch.redact import NO_OWN, SIGN, Own, names_in, redact
from slawatch.report.model import EXCERPT_MAX, Case

SHORTEST_NAME = 3  # letters; "Li" or "de" alone would be found in every other word


class Blot:
    """The tokens, Message-IDs and envelope ids of all cases of a report: each may stand in a text of any other.

    `ours` are the names and addresses we ask under. A whole name or address goes in whatever case, a part of a name
    only where it is written like one: who is called Will Long must not lose every "how long".
    """

    _WORD = re.compile(r"[0-9A-Za-z]+")
    _ID = re.compile(r"[^\s<>\"(),;:=]{6,}")

    def __init__(
        self, cases: Iterable[Case], *, ours: Iterable[str] = (), most: int = EXCERPT_MAX, own: Own = NO_OWN
    ) -> None:
        self._most = most
        self.own = own
        self.people: tuple[str, ...] = ()  # who wrote in the case at hand
        self.keep: tuple[str, ...] = ()
        self._tokens: set[str] = set()
        self._ids: set[str] = set()
        for case in cases:
            self._tokens.add(case.request.token.lower())
            self._ids.add(case.request.message_id.lower())
            self._ids.update(attempt.envelope_id.lower() for attempt in case.attempts)
        self._tokens.discard("")
        self._ids.discard("")
        self._lengths = {len(token) for token in self._tokens}
        self._ours = _pattern(ours)

    def within(self, case: Case, *, keep: Iterable[str] = ()) -> Blot:
        """Return one that also knows who wrote in this case, by what their letters and lines give away.

        A name in one letter of a matter often stands in the next one's text. Words of the names in `keep` are not cut.
        """
        found = copy(self)
        found.people = tuple({*case.people, *(name for text in case.texts.values() for name in names_in(text))})
        found.keep = tuple(keep)
        return found

    def __call__(self, text: str) -> str:
        """Return the text with a sign in place of each of them, whatever their case and wherever in a word."""
        return redact(self.without_us(text), self.people, keep=self.keep, own=self.own)

    def without_us(self, text: str) -> str:
        """Return the text without tokens, ids and us; what tells who else wrote it is still there."""
        if self._ours is not None:
            text = self._ours.sub(SIGN, text)
        return self._WORD.sub(self._word, self._ID.sub(self._id, text))

    def cut(self, text: str) -> str:
        """Return as much of a text as the report shows: its beginning on one line, or nearly all with its lines."""
        if self._most > EXCERPT_MAX:
            text = re.sub(r"[^\S\n]*\n(?:[^\S\n]*\n)+", "\n\n", text.strip())
        else:
            text = " ".join(text.split())
        if len(text) <= self._most:
            return text
        return f"{text[: self._most].rsplit(' ', 1)[0]} …"

    def _id(self, found: re.Match[str]) -> str:
        run = found[0].rstrip(".!?")  # the end of a sentence, no part of an id
        return SIGN + found[0][len(run) :] if run.lower() in self._ids else found[0]

    def _word(self, found: re.Match[str]) -> str:
        # A token may stand inside a longer run, as where a subject was joined without a space.
        run = found[0].lower()
        for length in self._lengths:
            for start in range(len(run) - length + 1):
                if run[start : start + length] in self._tokens:
                    return SIGN
        return found[0]


def _pattern(ours: Iterable[str]) -> re.Pattern[str] | None:
    """Return what finds our names and addresses, the longest first; None where there are none."""
    whole = {known for one in ours if len(known := " ".join(one.split())) >= SHORTEST_NAME}
    parts = {
        part
        for one in whole
        if "@" not in one
        for part in re.findall(r"[^\W\d_]+", one)
        if len(part) >= SHORTEST_NAME and part[0].isupper()
    }
    spelt = [
        *(f"(?i:{_spelt(one)})" for one in sorted(whole, key=_longest_first)),
        *(rf"(?:{re.escape(one)}|{re.escape(one.upper())})" for one in sorted(parts, key=_longest_first)),
    ]
    return re.compile(rf"(?<!\w)(?:{'|'.join(spelt)})(?!\w)") if spelt else None


def _spelt(known: str) -> str:
    """Return a pattern for a name, however its words are spaced, or an address, whatever stands behind a +."""
    name, at, domain = known.rpartition("@")
    if at and name:
        return rf"{re.escape(name)}(?:\+[^\s@]*)?@{re.escape(domain)}"
    return r"\s+".join(map(re.escape, known.split()))


def _longest_first(one: str) -> tuple[int, str]:
    return -len(one), one
