"""Keeps out of a report what would let its reader forge a reply. Knows only the requests it is given."""

from __future__ import annotations

import re
from collections.abc import Iterable

from slawatch.report.model import Case


class Blot:
    """The tokens, Message-IDs and envelope ids of all cases of a report: each may stand in a text of any other."""

    _SIGN = "•••"
    _WORD = re.compile(r"[0-9A-Za-z]+")
    _ID = re.compile(r"[^\s<>\"(),;:=]{6,}")

    def __init__(self, cases: Iterable[Case]) -> None:
        self._tokens: set[str] = set()
        self._ids: set[str] = set()
        for case in cases:
            self._tokens.add(case.request.token.lower())
            self._ids.add(case.request.message_id.lower())
            self._ids.update(attempt.envelope_id.lower() for attempt in case.attempts)
        self._tokens.discard("")
        self._ids.discard("")
        self._lengths = {len(token) for token in self._tokens}

    def __call__(self, text: str) -> str:
        """Return the text with a sign in place of each of them, whatever their case and wherever in a word."""
        return self._WORD.sub(self._word, self._ID.sub(self._id, text))

    def _id(self, found: re.Match[str]) -> str:
        run = found[0].rstrip(".!?")  # the end of a sentence, no part of an id
        return self._SIGN + found[0][len(run) :] if run.lower() in self._ids else found[0]

    def _word(self, found: re.Match[str]) -> str:
        # A token may stand inside a longer run, as where a subject was joined without a space.
        run = found[0].lower()
        for length in self._lengths:
            for start in range(len(run) - length + 1):
                if run[start : start + length] in self._tokens:
                    return self._SIGN
        return found[0]
