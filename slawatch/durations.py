"""Durations as people write and read them: "1 h 30 min" in, "1 h 12 min" out.

Knows no dates, no calendar and no language but the unit signs; a report in words builds on `parts`.
"""

from __future__ import annotations

import re
from datetime import timedelta

_MICROS = {"s": 10**6, "min": 60 * 10**6, "h": 3600 * 10**6, "d": 86400 * 10**6, "w": 7 * 86400 * 10**6}
_UNIT = r"(?:(?P<{0}>[0-9]+(?:\.[0-9]+)?) ?{0})?"
_DURATION = re.compile(" ?".join(_UNIT.format(unit) for unit in ("w", "d", "h", "min", "s")))
_TENTHS_BELOW = 10 * _MICROS["s"]


def parse(text: str) -> timedelta:
    """Return the duration that "1 h", "30 min", "5 d", "90 s", "2 w" or "1 h 30 min" says.

    The larger unit stands first and each at most once; "1.5 h" and "2d" are understood too, to the microsecond.
    No months and years: they have no fixed length.

    Raises:
        ValueError: anything else, with a message made for the line of a config file.
    """
    found = _DURATION.fullmatch(text.strip())
    amounts = {unit: amount for unit, amount in found.groupdict().items() if amount} if found else {}
    try:
        if amounts:
            return timedelta(microseconds=sum(_micros(amount, unit) for unit, amount in amounts.items()))
    except OverflowError:
        pass
    raise ValueError(f'"{text}" is not a duration; write "1 h", "30 min" or "5 d"')


def parts(duration: timedelta) -> tuple[tuple[int | float, str], ...]:
    """Return the two largest units that are not zero, the larger first: ((1, "h"), (12, "min")).

    Rounds down, and skips empty units instead of ending at them: 59 min 59.9 s never reads as an hour that was not
    reached, and 1 h 0 min 20 s stays visibly more than 1 h. Tenths of a second show below ten seconds. The sign is
    dropped.
    """
    micros = abs(duration) // timedelta(microseconds=1)
    if micros < _TENTHS_BELOW:
        tenths = micros // (_MICROS["s"] // 10)
        return ((tenths / 10 if tenths % 10 else tenths // 10, "s"),)
    found: list[tuple[int | float, str]] = []
    for unit in ("d", "h", "min", "s"):
        amount, micros = divmod(micros, _MICROS[unit])
        if amount:
            found.append((amount, unit))
    return tuple(found[:2])


def show(duration: timedelta, *, open: bool = False) -> str:  # noqa: A002 - the house's word for a lower bound
    """Return it in at most two units ("1 h 12 min"); "over 5 d" where it is `open`, only a lower bound.

    Rounds down (see `parts`), so that "over" stays true and no wait looks longer than it was.
    """
    words = " ".join(f"{amount} {unit}" for amount, unit in parts(duration))
    sign = "-" if duration < timedelta(0) else ""
    return f"over {sign}{words}" if open else f"{sign}{words}"


def _micros(amount: str, unit: str) -> int:
    """Return exact microseconds; floats would turn 0.1 s into something else."""
    whole, _, fraction = amount.partition(".")
    return int(whole) * _MICROS[unit] + int(f"{fraction:0<6.6}") * _MICROS[unit] // 10**6
