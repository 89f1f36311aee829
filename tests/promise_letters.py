"""Letters with what they promise, written down in tests/promises/*.toml, and how to compare."""

from __future__ import annotations

import tomllib
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from slawatch import promise
from slawatch.durations import show
from slawatch.model import Promise

ZONE = "Europe/Berlin"
AT = datetime(2026, 11, 20, 15, tzinfo=ZoneInfo(ZONE))
FOLDER = Path(__file__).parent / "promises"


def letters(name: str) -> list[tuple[str, str]]:
    """Return the letters of a file, each with what it promises."""
    return list(tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))["letters"].items())


def words(found: Promise) -> str:
    """Return a promise as the files write it."""
    if found.due_at is not None:
        local = found.due_at.astimezone(ZoneInfo(ZONE))
        return f"{found.about} {local:%Y-%m-%d %H:%M:%S}".removesuffix(":00")
    if found.business_days is not None:
        return f"{found.about} {found.business_days} business days"
    if found.business_time is not None:
        return f"{found.about} {found.business_time / timedelta(hours=1):g} business hours"
    assert found.within is not None
    return f"{found.about} {show(found.within)}"


def read(letter: str) -> str:
    """Return what a letter promises, as the files write it."""
    return "; ".join(words(one) for one in promise.find(letter, at=AT, zone=ZONE))


def same(found: str, expected: str) -> bool:
    """Whether two say the same, "24 h" and "1 d" for one amount."""
    return _plain(found) == _plain(expected)


def _plain(said: str) -> list[str]:
    plain = {"24 h": "1 d", "48 h": "2 d", "90 min": "1 h 30 min", "36 h": "1 d 12 h"}
    return [
        " ".join((part.split()[0], plain.get(rest := part.split(maxsplit=1)[1], rest)))
        for part in said.split("; ")
        if part
    ]
