"""Reads how long what was said is kept: under which keys, and what is cut before it is shown.

Notes every mistake with its line. Decides nothing: what is over when is the matter of retention.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from slawatch import encryption, retention, values
from slawatch.model import Relationship
from slawatch.redact import NO_OWN, Own
from slawatch.retention import Length
from slawatch.tomlfile import KeyPath, Reader, quoted
from slawatch.values import NONE

TOP = ("retention", "key_file", "redaction")
REDACTION = ("also", "keep")
OF_COMPANY = ("raw", "text")
OTHERS = ("text", "unmatched")
EXAMPLE = '{ raw = "30 d", text = "90 d" }'


@dataclass(frozen=True, slots=True, kw_only=True)
class Privacy:
    """What a config says of keeping: `raw` by relationship, texts, and what is tied to nobody; None is for ever.

    Raw evidence is encrypted with the keys of `key_file`, None where it is not. `redaction` is what is cut from texts
    that are shown, or left in them, beside what the rules find.
    """

    raw: Mapping[Relationship, Length] = field(default_factory=lambda: MappingProxyType(dict(retention.RAW)))
    text: Length = retention.TEXT
    unmatched: Length = retention.UNMATCHED
    key_file: Path | None = None
    redaction: Own = NO_OWN

    def terms(self, relationship: Relationship, own: Mapping[str, Length]) -> retention.Terms:
        """Return what holds for a company; `own` is what it says itself."""
        return retention.terms(relationship, {"raw": self.raw[relationship], "text": self.text, **own})

    @property
    def gone(self) -> retention.Terms:
        """Return what holds for companies that the config no longer has."""
        return retention.Terms()


def read(reader: Reader, data: Mapping[str, Any]) -> Privacy:
    """Return what the top of a config says; the default stands where a key is mistaken."""
    path = ("retention",)
    table = reader.table((), data, "retention", "[retention]")
    names = [str(one) for one in Relationship]
    reader.mistakes.add_unknown_keys(path, table, (*names, *OTHERS))
    given = _lengths(reader, path, table, (*names, *OTHERS))
    return Privacy(
        raw={one: given.get(str(one), retention.RAW[one]) for one in Relationship},
        text=given.get("text", retention.TEXT),
        unmatched=given.get("unmatched", retention.UNMATCHED),
        key_file=reader.take((), data, "key_file", lambda value: _key_file(reader, value), None),
        redaction=_redaction(reader, data),
    )


def of_company(reader: Reader, path: KeyPath, table: Mapping[str, Any]) -> Mapping[str, Length]:
    """Return the lengths that a company's table states for itself: "raw", "text", or none of them."""
    here = (*path, "retention")
    if "retention" in table and not isinstance(table["retention"], dict):
        reader.mistakes.add(here, f"{quoted(table['retention'])} is not a table; write retention = {EXAMPLE}")
        return {}
    inner = table.get("retention", {})
    reader.mistakes.add_unknown_keys(here, inner, OF_COMPANY)
    return _lengths(reader, here, inner, OF_COMPANY)


def _lengths(
    reader: Reader, path: KeyPath, table: Mapping[str, Any], names: tuple[str, ...]
) -> dict[str, timedelta | None]:
    found: dict[str, timedelta | None] = {}
    for name in names:
        if name in table:
            try:
                found[name] = _length(table[name])
            except ValueError as error:
                reader.mistakes.add((*path, name), str(error))
    return found


def _redaction(reader: Reader, data: Mapping[str, Any]) -> Own:
    path = ("redaction",)
    table = reader.table((), data, "redaction", "[redaction]")
    reader.mistakes.add_unknown_keys(path, table, REDACTION)
    return Own(
        also=reader.each(path, table, "also", _pattern) or (),
        keep=reader.each(path, table, "keep", values.text) or (),
    )


def _pattern(value: Any) -> re.Pattern[str]:
    try:
        found = re.compile(values.text(value))
    except re.error as error:
        raise ValueError(f"{quoted(value)} is not a pattern ({error}); write a regular expression of Python") from None
    if found.search(""):
        raise ValueError(f"{quoted(value)} fits where nothing stands; write a pattern of at least one character")
    return found


def _key_file(reader: Reader, value: Any) -> Path:
    path = reader.document.folder / Path(values.text(value)).expanduser()
    if encryption.missing():
        raise ValueError(encryption.missing())
    return path


def _length(value: Any) -> Length:
    if value == NONE:
        return None
    try:
        return values.duration(value)
    except ValueError:
        raise ValueError(f'{quoted(value)} is not a length of time; write "30 d", or "{NONE}" to keep it') from None
