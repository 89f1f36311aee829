"""Reads which ways a company offers, as people write it into the config file, and says what is wrong line by line.

Decides nothing: what our own tries add is the report's matter.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slawatch import timetable, values
from slawatch.model import Offer, OfferState
from slawatch.tomlfile import KeyPath, Reader, quoted

OFFER = ("state", "source", "seen")
EXAMPLE = '{ state = "offered", source = "https://shop.example/contact", seen = 2026-11-02 }'


def offers(reader: Reader, path: KeyPath, table: Mapping[str, Any]) -> tuple[Offer, ...]:
    """Return what `offers` in the company's table at `path` says, way by way; mistaken ways are left out."""
    here = (*path, "offers")
    found = []
    for way, said in reader.table(path, table, "offers", f"offers = {{ phone = {EXAMPLE} }}").items():
        there = (*here, way)
        if not isinstance(said, dict):
            reader.mistakes.add(there, f"{quoted(said)} is no offer; write {EXAMPLE}")
            continue
        reader.mistakes.add_unknown_keys(there, said, OFFER)
        named = reader.check(there, way, values.name, None)
        state = reader.need(there, said, "state", _state, '"offered"')
        source = reader.take(there, said, "source", values.text, "")
        seen = reader.take(there, said, "seen", timetable.day, None)
        if named and state:
            found.append(Offer(company=str(path[1]), way=named.lower(), state=state, source=source, seen=seen))
    return tuple(found)


def _state(value: Any) -> OfferState:
    return OfferState(values.choice([str(one) for one in OfferState], "state")(value))
