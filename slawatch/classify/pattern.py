"""A pattern of words that costs nothing until a message needs it. Holds no words itself."""

from __future__ import annotations

import re
from collections.abc import Iterable


class Pattern:
    """Alternatives looked for together, in upper or lower case.

    Compiled on first use: all patterns of this room take 150 ms, as much as an idle pass may take altogether.
    """

    def __init__(self, *alternatives: str) -> None:
        self._source = "|".join(alternatives)
        self._compiled: re.Pattern[str] | None = None

    def search(self, text: str) -> re.Match[str] | None:
        """Return the first place in the text where an alternative fits."""
        return self._expression.search(text)

    def saw(self, texts: Iterable[str]) -> str:
        """Return what was found in the first text that holds it, "" where none does."""
        return next((match[0].strip() for text in texts if (match := self.search(text))), "")

    def cut_off(self, text: str) -> str:
        """Return the text without the first place that fits."""
        return self._expression.sub("", text, count=1)

    @property
    def _expression(self) -> re.Pattern[str]:
        if self._compiled is None:
            self._compiled = re.compile(self._source, re.IGNORECASE)
        return self._compiled
