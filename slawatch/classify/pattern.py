"""A pattern of words that costs nothing until a message needs it. Holds no words itself."""

from __future__ import annotations

import re
from collections.abc import Iterable


class Pattern:
    r"""Alternatives looked for together, in upper or lower case; they are written in lower case.

    Compiled on first use: all of this room take 150 ms, as much as an idle pass may take altogether. Two habits
    of Python's engine would cost most of the time: ignoring case makes it three times as slow, so the text is folded
    instead; and it passes over what is no beginning of a word only where every alternative asks for one (\b), so those
    that do not are put apart.
    """

    def __init__(self, *alternatives: str, cues: str = "") -> None:
        """Take the alternatives and, where they are many, words of which whatever fits one holds at least one."""
        self._sources = alternatives
        self._cues = tuple(cues.split())
        self._compiled: tuple[re.Pattern[str], ...] = ()

    def search(self, text: str) -> re.Match[str] | None:
        """Return a place in the text where an alternative fits; its words are in lower case."""
        lower = folded(text)
        for expression in self._expressions:
            if match := expression.search(lower):
                return match
        return None

    def may_fit(self, lower: str) -> bool:
        """Whether a text in lower case holds a cue: asked once of a whole letter, before its sentences are read."""
        return not self._cues or any(cue in lower for cue in self._cues)

    def saw(self, texts: Iterable[str]) -> str:
        """Return what was found in the first text that holds it, as it stands there; "" where none does."""
        for text in texts:
            if match := self.search(text):
                return text[match.start() : match.end()].strip()
        return ""

    def all(self, text: str) -> set[str]:
        """Return the different things that fit, in lower case."""
        lower = folded(text)
        return {match[0] for expression in self._expressions for match in expression.finditer(lower)}

    def cut_off(self, text: str) -> str:
        """Return the text without a place that fits."""
        match = self.search(text)
        return text[: match.start()] + text[match.end() :] if match else text

    @property
    def _expressions(self) -> tuple[re.Pattern[str], ...]:
        if not self._compiled:
            groups: dict[bool, list[str]] = {}
            for alternative in (one for source in self._sources for one in _apart(source)):
                groups.setdefault(alternative.startswith(r"\b"), []).append(alternative)
            self._compiled = tuple(re.compile("|".join(group)) for group in groups.values())
        return self._compiled


def _apart(source: str) -> list[str]:
    """Return the alternatives of a pattern: what its bars outside of any brackets part."""
    found = [""]
    depth = 0
    for piece in _PIECES.findall(source):
        depth += (piece == "(") - (piece == ")")
        if piece == "|" and depth == 0:
            found.append("")
        else:
            found[-1] += piece
    return found


_PIECES = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|.", re.DOTALL)


def folded(text: str) -> str:
    """Return the text in lower case and of the same length, so that a place in one is a place in the other.

    Python makes two characters of the Turkish "İ" alone.
    """
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join(one if len(one.lower()) > 1 else one.lower() for one in text)
