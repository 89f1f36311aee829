"""What a value in a file the user wrote may be: each function returns it in its true type or says what is wrong.

They know neither file nor key; the error's message repeats the value in double quotes and says what to write.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from datetime import timedelta
from math import isfinite
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from slawatch import durations
from slawatch.tomlfile import one_of, quoted, unknown

_NAME = re.compile(r"[A-Za-z0-9_-]+")
_LABEL = r"[^\W_](?:[\w-]*[^\W_])?"  # letters of any script, digits, inner hyphens
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_URL = re.compile(r"https?://[^\s/]+\S*")
NONE = "none"  # TOML has no null


class MistakeError(ValueError):
    """A value is not what it has to be, be it by type or by what it says: to who wrote the file that is one thing."""


def text(value: Any) -> str:
    """Return text that is not empty."""
    if not isinstance(value, str):
        raise MistakeError(f"{quoted(value)} is not text; write it in quotes")
    if not value.strip():
        raise MistakeError(f"{quoted(value)} is empty; write something or leave the key out")
    return value


def text_or_empty(value: Any) -> str:
    """Return text, for keys whose default is no text at all."""
    return value if value == "" else text(value)


def truth(value: Any) -> bool:
    """Return a TOML boolean."""
    if not isinstance(value, bool):
        raise MistakeError(f"{quoted(value)} is neither true nor false; write true or false without quotes")
    return value


def whole(least: int, most: int | None = None) -> Callable[[Any], int]:
    """Return what reads a whole number of at least `least` and, where that is given, at most `most`."""
    which = f"of at least {least}; write {least} or more" if most is None else f"from {least} to {most}; write one"

    def read(value: Any) -> int:
        fits = isinstance(value, int) and not isinstance(value, bool) and least <= value and (not most or value <= most)
        if not fits:
            plain = " without quotes" if isinstance(value, str) else ""
            raise MistakeError(f"{quoted(value)} is not a whole number {which}{plain}")
        return int(value)

    return read


def number(value: Any) -> float:
    """Return a number, whole or not."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise MistakeError(f"{quoted(value)} is not a number; write it without quotes")
    return float(value)


def share(value: Any) -> float:
    """Return a share, above 0 and at most 1."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1:
        raise MistakeError(f"{quoted(value)} is not a share between 0 and 1; write 0.9 for 90 %")
    return float(value)


def share_or_none(value: Any) -> float:
    """Return a share from 0 to 1, for what may be no part at all."""
    return 0.0 if value in (0, 0.0) and not isinstance(value, bool) else share(value)


def duration(value: Any) -> timedelta:
    """Return a length of time above zero."""
    length = duration_or_zero(value)
    if not length:
        raise MistakeError(f'{quoted(value)} is no time at all; write "1 h", "30 min" or "5 d"')
    return length


def duration_or_zero(value: Any) -> timedelta:
    """Return a length of time; a number without its unit is none."""
    return durations.parse(value if isinstance(value, str) else str(value))


def choice(names: Collection[str], what: str) -> Callable[[Any], str]:
    """Return what reads one of a few words; `what` is the noun for them. They are listed only where a value is none."""

    def read(value: Any) -> str:
        if not isinstance(value, str):
            raise MistakeError(f"{quoted(value)} is not text; write {one_of(list(names))}")
        if value not in names:
            raise MistakeError(unknown(what, value, names))
        return value

    return read


def unlimited_or(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return what reads "none" as None and anything else with `read`."""

    def read_either(value: Any) -> Any:
        if value == NONE:
            return None
        try:
            return read(value)
        except ValueError as error:
            raise MistakeError(f'{error}, or "none" for no limit') from None

    return read_either


def name(value: Any) -> str:
    """Return a name fit for a key, a command's argument and a file."""
    if not _NAME.fullmatch(text(value)):
        raise MistakeError(f'{quoted(value)} is not a name; write letters, digits, "-" and "_" only')
    return str(value)


def domain(value: Any) -> str:
    """Return a domain in lower case."""
    lower = text(value).lower()
    if not _DOMAIN.fullmatch(lower):
        raise MistakeError(f'{quoted(value)} is not a domain; write it as "shop.example"')
    return lower


def url(value: Any) -> str:
    """Return a web address."""
    if not _URL.fullmatch(text(value)):
        raise MistakeError(f'{quoted(value)} is not a web address; write it as "https://shop.example/contact"')
    return str(value)


def zone(value: Any) -> str:
    """Return the name of an IANA time zone, as spelt there."""
    try:
        ZoneInfo(text(value))
    except (OSError, ZoneInfoNotFoundError, ValueError):
        raise MistakeError(unknown("time zone", text(value), sorted(available_timezones()))) from None
    return str(value)
