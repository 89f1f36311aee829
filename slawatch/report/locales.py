"""How a language writes whole numbers, decimals, days and lists: by the Unicode CLDR, through Babel.

The only module that knows Babel. Holds no words, and says no durations: their margins and units are ours (words.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from slawatch.errors import ConfigError

if TYPE_CHECKING:
    from babel import Locale

_GROUPS_FROM = 1_000  # below it no language puts a mark between digits, and nearly all numbers of a report are below
_DAYS_KEPT = 4_096  # a report says the same few days thousands of times, and a day takes 60 µs to write


class Writing:
    """The ways of one language. `code` is a CLDR locale such as "de" or "en_GB", `where` the file that names it.

    Babel is imported with the first thing to write: 40 ms and the language's data, which `--help` must not pay for.
    """

    def __init__(self, code: str, *, where: str) -> None:
        self._code, self._where = code, where
        self._written = lru_cache(_DAYS_KEPT)(self._write_day)

    @cached_property
    def _locale(self) -> Locale:
        from babel import Locale, UnknownLocaleError  # noqa: PLC0415 - on use only

        try:
            return Locale.parse(self._code)
        except (UnknownLocaleError, ValueError):
            cure = 'is no language that Babel knows; write one as "de" or "en_GB"'
            raise ConfigError([f'{self._where}: format.locale: "{self._code}" {cure}']) from None

    def number(self, value: int) -> str:
        """Return a whole number with the language's marks between thousands."""
        if abs(value) < _GROUPS_FROM:
            return str(value)
        from babel.numbers import format_decimal  # noqa: PLC0415 - on use only

        return format_decimal(value, locale=self._locale)

    def money(self, value: float) -> str:
        """Return an amount with two decimals, without its currency."""
        from babel.numbers import format_decimal  # noqa: PLC0415 - on use only

        return format_decimal(value, format="#,##0.00", locale=self._locale)

    def decimal(self, digits: str) -> str:
        """Return digits that have a point with the language's decimal mark in its place."""
        return digits.replace(".", self._mark) if "." in digits else digits

    @cached_property
    def _mark(self) -> str:
        from babel.numbers import get_decimal_symbol  # noqa: PLC0415 - on use only

        return get_decimal_symbol(self._locale)

    def day(self, day: date, pattern: str) -> str:
        """Return a day by a pattern of CLDR: "d. MMM y" is "22. Nov. 2026" in German."""
        return self._written(day, pattern)

    def _write_day(self, day: date, pattern: str) -> str:
        from babel.dates import format_date  # noqa: PLC0415 - on use only

        return format_date(day, pattern, locale=self._locale)

    def together(self, names: Sequence[str]) -> str:
        """Return several names as the language lists them: "a, b and c"."""
        from babel.lists import format_list  # noqa: PLC0415 - on use only

        return format_list(names, locale=self._locale) if names else ""
