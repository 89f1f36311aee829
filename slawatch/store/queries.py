"""Finds a statement by its name in sql/*.sql and fits it to its parameters. Holds no statement itself.

A line ending in `-- if word` stands only where the parameter `word` is given (neither None nor False), so that an
absent filter costs no index. `IN (:words)` becomes one placeholder for each value of the list.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum
from functools import cache
from pathlib import Path

from slawatch.clock import MICROSECOND, to_micros

FOLDER = Path(__file__).parent / "sql"
Value = str | int | float | bytes | bool | datetime | timedelta | None
Given = Mapping[str, Value | Sequence[Value]]
Bound = dict[str, str | int | float | bytes | None]

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)
_CONDITION = re.compile(r"^(.*\S)\s+-- if (\w+)$")
_LIST = re.compile(r"\(:(\w+)\)")


@cache
def statements() -> Mapping[str, str]:
    """Return every named statement of sql/*.sql."""
    named: dict[str, str] = {}
    for path in sorted(FOLDER.glob("*.sql")):
        _, *parts = _NAME.split(path.read_text(encoding="utf-8"))
        for name, text in zip(parts[::2], parts[1::2], strict=True):
            if name in named:
                raise ValueError(f'{path.name}: "{name}" is the name of two statements')
            named[name] = text.strip()
    return named


def fit(name: str, given: Given) -> tuple[str, Bound]:
    """Return the statement as it is to be run with these parameters, and the values to bind."""
    bound: Bound = {}
    lists: dict[str, str] = {}
    for key, value in given.items():
        if isinstance(value, Sequence) and not isinstance(value, str | bytes):
            names = [f"{key}_{number}" for number in range(len(value))]
            bound.update(zip(names, map(bind, value), strict=True))
            lists[key] = ", ".join(f":{name}" for name in names) or "NULL"  # nothing is IN (NULL); not all take IN ()
        else:
            bound[key] = bind(value)

    def spread(found: re.Match[str]) -> str:
        return f"({lists[found[1]]})" if found[1] in lists else found[0]

    return _LIST.sub(spread, "\n".join(_kept(name, given))), bound


def bind(value: Value) -> str | int | float | bytes | None:
    """Return the value as the database keeps it: instants and durations as microseconds, text as clean UTF-8.

    Lone surrogates and NUL come in with hostile mail; the first cannot be encoded, the second PostgreSQL refuses.
    """
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
    if isinstance(value, datetime):
        return to_micros(value)
    if isinstance(value, timedelta):
        return value // MICROSECOND
    if isinstance(value, bool):
        return int(value)
    return value


def _kept(name: str, given: Given) -> list[str]:
    lines = []
    for line in statements()[name].splitlines():
        condition = _CONDITION.match(line)
        if condition is None:
            lines.append(line)
        elif given.get(condition[2]) is not None and given[condition[2]] is not False:
            lines.append(condition[1])
    return lines
