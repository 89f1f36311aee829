"""The words of a report in one language, and how this language writes numbers, dates and waits.

Holds no sentence itself (reports/*.toml do) and knows nothing of what a report holds.
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from copy import copy
from datetime import date as calendar_day
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any, Self, TypeVar
from zoneinfo import ZoneInfo

from slawatch import durations, resources
from slawatch.clock import MICROSECOND
from slawatch.errors import ConfigError, UsageError
from slawatch.model import Reason
from slawatch.report import wording
from slawatch.report.locales import Writing

_KEPT_FORMAT_CHARACTERS = "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"  # emoji and Indic scripts need them
_EVERYTHING = 100
UNITS = ("s", "min", "h", "d")
_DIGITS = 12  # beyond, a product of shares is noise: 36 of 40 may come out a little less than 90 %
_NOISE = 1e-9  # of a share that is 0 but for its arithmetic
_SECOND, _MINUTE, _HOUR, _DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
# From how long on which unit is fine enough: more digits than an interval's width supports would feign precision.
_GRAINS = (
    (10 * _DAY, _DAY),
    (10 * _HOUR, _HOUR),
    (10 * _MINUTE, _MINUTE),
    (10 * _SECOND, _SECOND),
    (timedelta(0), _SECOND / 10),
)


def clean(text: str) -> str:
    """Return foreign text without what could act on a reader's screen.

    Characters that turn the direction of writing or are invisible vanish (U+202E makes "fdp.exe" of "exe.pdf"); control
    characters, lone surrogates and unassigned ones become U+FFFD, as an escape sequence would recolour a terminal.
    """
    # Nearly all texts are harmless; only those with something unprintable beside plain white space are worth a walk.
    return text if text.translate(_WHITE_SPACE).isprintable() else "".join(map(_clean_character, text))


_WHITE_SPACE = str.maketrans("\n\t\N{NO-BREAK SPACE}", "   ")


def _clean_character(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cf":
        return character if character in _KEPT_FORMAT_CHARACTERS else ""
    if category in {"Cc", "Cs", "Cn", "Co"} and character not in "\n\t":
        return "" if character == "\r" else "\N{REPLACEMENT CHARACTER}"
    return character


class Words:
    """The words of one language, with the ways this language writes numbers, dates and times."""

    def __init__(self, lang: str, *, folder: Path | None, space: str) -> None:
        self._words = wording.read(lang, folder)
        self._rules: dict[str, str] = {}
        for place in (None, folder):  # the user's over ours
            with suppress(UsageError):  # without words for its rules a language still has all its figures
                self._rules |= _toml(f"reports/rules.{lang}.toml", place).get("rule", {})
        self._space = space
        self._units = {unit: str(self.entry(f"unit.{unit}")) for unit in UNITS}
        self._writing = Writing(
            str(self.entry("format.locale")) if self.has("format.locale") else lang, where=f"reports/{lang}.toml"
        )

    def entry(self, key: str) -> Any:
        """Return what stands at a path like "board.title"; KeyError names the whole path."""
        found: Any = self._words
        for part in key.split("."):
            if part not in found:
                raise KeyError(key)
            found = found[part]
        return found

    def say(self, key: str, **values: object) -> str:
        """Return the words at a path, with values filled in; numbers are written as the language does."""
        found = self.entry(key)
        if not isinstance(found, str):
            found = found["one" if values["n"] == 1 else "other"]
        shown = {name: self.number(value) if isinstance(value, int) else value for name, value in values.items()}
        return str(found).format(**shown)

    def brief(self) -> Self:
        """Return the same words with the shortest units, for tables of many columns; without such, the same units."""
        short = {unit: f"unit_in_tables.{unit}" for unit in self._units}
        found = copy(self)
        found._units = found._units | {unit: str(self.entry(key)) for unit, key in short.items() if self.has(key)}  # noqa: SLF001
        return found

    def has(self, key: str) -> bool:
        """Return whether there are words at a path."""
        try:
            self.entry(key)
        except KeyError:
            return False
        return True

    def rule(self, reason: Reason) -> str:
        """Return why a rule fired; a rule without words shows its id, for a reason must never be lost."""
        return str(self._rules.get(reason.rule, f"{reason.rule} {{saw}}")).replace("{saw}", reason.saw).strip()

    def number(self, value: int) -> str:
        """Return a whole number with the language's mark between thousands."""
        return self._writing.number(value)

    def decimal(self, digits: str) -> str:
        """Return digits that have a point with the language's decimal mark in its place."""
        return self._writing.decimal(digits)

    def money(self, value: float) -> str:
        """Return an amount with two decimals, without its currency."""
        return self._writing.money(value)

    def together(self, names: Sequence[str]) -> str:
        """Return several names as the language lists them: "a, b and c"."""
        return self._writing.together(names)

    def wait(self, value: timedelta | float, *, still: bool = False) -> str:
        """Return a duration, given as such or in seconds; `still` marks a lower bound ("over 5 d")."""
        duration = value if isinstance(value, timedelta) else timedelta(seconds=value)
        shown = self._space.join(
            f"{self.decimal(str(amount))}{self._space}{self._units[unit]}" for amount, unit in durations.parts(duration)
        )
        return self.say("format.over", wait=shown).replace(" ", self._space) if still else shown

    def about(self, value: timedelta | float, *, up: bool = False, limit: timedelta | None = None) -> str:
        """Return a figure as a duration in as many units as a reader needs: "13 min", "1 h 18 min", "6 d 5 h".

        Rounded down, or up with `up`; exact to the second where rounding would put it on or over a limit it is not on.
        """
        duration = value if isinstance(value, timedelta) else timedelta(seconds=value)
        grain = next((grain for least, grain in _GRAINS if duration >= least), MICROSECOND)
        rounded = duration // grain * grain
        if up and rounded < duration:
            rounded += grain
        if limit is not None and _side(rounded, limit) != _side(duration, limit):
            rounded = duration
        return self.wait(rounded)

    def limit(self, limit: timedelta | float) -> str:
        """Return a time that somebody set: as `wait`, but one or two days in hours: people say 24 and 48 hours."""
        duration = limit if isinstance(limit, timedelta) else timedelta(seconds=limit)
        hours, rest = divmod(duration, _HOUR)
        if rest or not _DAY <= duration <= 2 * _DAY:
            return self.wait(duration)
        return f"{hours}{self._space}{self._units['h']}"

    def percent(self, share: float, *, rounding: str = ROUND_HALF_EVEN, limit: float | None = None) -> str:
        """Return a share in per cent, with as few decimals as do not put it on the other side of the limit.

        0 % and 100 % are said only of none and of all.
        """
        share = round(share, _DIGITS)
        goal = None if limit is None else Decimal(str(limit)) * _EVERYTHING
        for digits in range(4):
            exact = Decimal(str(share)) * _EVERYTHING
            rounded = exact.quantize(Decimal(1).scaleb(-digits), rounding=rounding)
            if goal is None or _side(rounded, goal) == _side(exact, goal):
                break
        number = self.decimal(f"{rounded:f}")
        shown = self.say("format.percent", number=number).replace(" ", self._space)
        if rounded == 0 and share > _NOISE:
            one = self.say("format.percent", number="1").replace(" ", self._space)
            return self.say("format.less_than", value=one).replace(" ", self._space)
        if rounded == _EVERYTHING and share < 1 and rounding != ROUND_CEILING:
            most = self.say("format.percent", number="99").replace(" ", self._space)
            return self.say("format.more_than", value=most).replace(" ", self._space)
        return shown

    def date(self, moment: datetime, zone: str) -> str:
        """Return the day of an instant in a zone."""
        return self.day(moment.astimezone(ZoneInfo(zone)).date())

    def day(self, day: calendar_day) -> str:
        """Return a day that is one wherever it is read."""
        return self._day(day, "format.date")

    def month(self, day: calendar_day) -> str:
        """Return the short name of a day's month."""
        return self._day(day, "format.month")

    def minute(self, moment: datetime, zone: str) -> str:
        """Return day and minute of an instant in a zone."""
        return self._moment("format.minute", moment, zone)

    def instant(self, moment: datetime, zone: str) -> str:
        """Return day and second of an instant in a zone."""
        return self._moment("format.instant", moment, zone)

    def _day(self, day: calendar_day, pattern: str) -> str:
        return self._writing.day(day, str(self.entry(pattern))).replace(" ", self._space)

    def _moment(self, key: str, moment: datetime, zone: str) -> str:
        local = moment.astimezone(ZoneInfo(zone))
        return self.say(
            key,
            date=self.day(local.date()),
            hour=f"{local.hour:02}",
            minute=f"{local.minute:02}",
            second=f"{local.second:02}",
        ).replace(" ", self._space)


_Amount = TypeVar("_Amount", Decimal, timedelta)


def _side(amount: _Amount, limit: _Amount) -> int:
    """Return -1, 0 or 1: below, at or above the limit."""
    return (amount > limit) - (amount < limit)


def _toml(name: str, folder: Path | None) -> dict[str, Any]:
    path = resources.find(name, folder)
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path}: {error}"]) from None
