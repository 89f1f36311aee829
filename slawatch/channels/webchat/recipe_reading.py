"""Reads recipes: a site's, and under it that of its vendor, strictly, with every mistake of both at its line.

It opens no page; what a recipe's values mean is said in recipe.py, which of them there are in recipe_schema.py.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from slawatch import tomlfile
from slawatch.channels.webchat.recipe import (
    Base,
    Compose,
    FlagName,
    Limits,
    Offline,
    OfflinePolicy,
    Opening,
    Recipe,
    Sender,
    Transcript,
)
from slawatch.channels.webchat.recipe_schema import SECTIONS
from slawatch.channels.webchat.recipe_values import SITE
from slawatch.errors import ConfigError
from slawatch.tomlfile import KeyPath, Reader, where
from slawatch.values import NONE

VENDORS = Path(__file__).parent / "vendors"
IF_MISSING = "write one (docs/how-to/write-a-recipe.md), or let `slawatch recipe record URL --out FILE` write it"

_NEEDED = {  # what must be given by the site's recipe or by its vendor's, and how it is written
    ("", "url"): '"https://shop.example/contact"',
    ("compose", "input"): '"role=textbox"',
    ("transcript", "item"): '".message"',
}


@dataclass(frozen=True, slots=True)
class _Given:
    """A value that was written, and where."""

    value: Any
    reader: Reader
    path: KeyPath


_Layer = dict[tuple[str, str], _Given]


def load(path: Path, *, folders: Sequence[Path] = ()) -> Recipe:
    """Return the recipe in a file. Its vendor's is looked for in vendors/ of `folders`, then among those of slawatch.

    Raises:
        ConfigError: there is no such file, or it or its vendor's has mistakes; one line each, all at once.
    """
    reader = Reader(tomlfile.read(path, if_missing=IF_MISSING))
    own = _layer(reader)
    _without(reader, "proven", "belongs into a vendor's recipe; leave it out")
    base, under, beneath = _under(reader, own, folders)
    together = {**under, **own}
    _look_over(reader, beneath, own, together)
    problems = (*(beneath.mistakes.lines() if beneath else ()), *reader.mistakes.lines())
    if problems:
        raise ConfigError(problems)
    raw = reader.document.raw + (beneath.document.raw if beneath else b"")
    return _made(path, {key: one.value for key, one in together.items()}, base, hashlib.sha256(raw).hexdigest()[:12])


def bases(folders: Sequence[Path] = ()) -> tuple[Base, ...]:
    """Return the vendors' recipes there are, those in a folder vendors/ of `folders` as well, in order of their names.

    Raises:
        ConfigError: one of them has mistakes.
    """
    found = []
    for name, path in sorted(_files(folders).items()):
        reader = Reader(tomlfile.read(path))
        layer = _layer(reader)
        reader.mistakes.stop_if_any()
        found.append(_base(name, layer))
    return tuple(found)


def _layer(reader: Reader) -> _Layer:
    """Return what a file gives, by section and key; mistaken values count as not given."""
    data = reader.document.data
    tables = [name for name in SECTIONS if name]
    reader.mistakes.add_unknown_keys((), data, (*SECTIONS[""].keys, *tables))
    layer: _Layer = {}
    for name, section in SECTIONS.items():
        path: KeyPath = (name,) if name else ()
        table = reader.table((), data, name, f"[{name}] on a line of its own") if name else data
        if name:
            reader.mistakes.add_unknown_keys(path, table, section.keys)
        for key in section.keys:
            if key in table:
                here = (*path, key)
                value = section.keys[key].read(reader, here, table[key])
                # What is not limited is None in the end, as what is mistaken; only the former was written so.
                if value is not None or table[key] == NONE:
                    layer[name, key] = _Given(value, reader, here)
    return layer


def _under(reader: Reader, own: _Layer, folders: Sequence[Path]) -> tuple[Base | None, _Layer, Reader | None]:
    """Return the vendor's recipe that is named, with what it gives; nothing where none is."""
    named = own.get(("", "vendor"))
    if named is None:
        return None, {}, None
    files = _files(folders)
    if named.value not in files:
        reader.mistakes.add(named.path, tomlfile.unknown("vendor's recipe", named.value, sorted(files)))
        return None, {}, None
    beneath = Reader(tomlfile.read(files[named.value]))
    layer = _layer(beneath)
    _without(beneath, "vendor", "is not for a vendor's recipe, which is built on no other; leave it out")
    base = _base(named.value, layer)
    for key in ("schema", "name", "about", "proven"):
        layer.pop(("", key), None)
    return base, layer, beneath


def _files(folders: Sequence[Path]) -> dict[str, Path]:
    """Return the vendors' recipes by name; one's own lie apart from those of sites, which stand for targets."""
    places = (VENDORS, *(folder / VENDORS.name for folder in reversed(folders)))
    return {path.stem: path for place in places for path in sorted(place.glob("*.toml"))}


def _base(name: str, layer: _Layer) -> Base:
    proven, about = layer.get(("", "proven")), layer.get(("", "about"))
    return Base(name=name, proven=bool(proven and proven.value), about=about.value if about else "")


def _without(reader: Reader, key: str, why: str) -> None:
    if key in reader.document.data:
        reader.mistakes.add((key,), f'"{key}" {why}', key=True)


def _look_over(reader: Reader, beneath: Reader | None, own: _Layer, together: _Layer) -> None:
    """Note what single values cannot say: what is missing, and what does not go together."""
    data = reader.document.data
    for (section, key), write in _NEEDED.items():
        if (section, key) not in together and not any(_names(one, section, key) for one in (reader, beneath)):
            place: KeyPath = (section,) if section and section in data else ()
            named = key if place or not section else where((section, key))
            reader.mistakes.add(place, f'"{named}" is missing; write {named} = {write}')
    mode = own.get(("consent", "mode"))
    if mode and mode.value == NONE and ("consent", "steps") in own:
        mode.reader.mistakes.add(mode.path, f'"{NONE}" and steps are given together; keep one of the two')
    policy = together.get(("offline", "policy"))
    if policy and policy.value == OfflinePolicy.SUBMIT_FORM:
        for key, write in (("steps", '[{ fill = "textarea", value = "{text}" }]'), ("done", '".thanks"')):
            if ("offline", key) not in together and not any(_names(one, "offline", key) for one in (reader, beneath)):
                policy.reader.mistakes.add(policy.path, f'"{policy.value}" needs {key}, too; write {key} = {write}')


def _names(reader: Reader | None, section: str, key: str) -> bool:
    """Whether a file gives the key, be it by mistake: then that is told, and not that it is missing."""
    table = (reader.document.data.get(section, {}) if section else reader.document.data) if reader else {}
    return key in table if isinstance(table, dict) else True


def _made(path: Path, given: dict[tuple[str, str], Any], base: Base | None, digest: str) -> Recipe:
    def of(section: str, **renamed: str) -> dict[str, Any]:
        """Return what is given of one table, by the fields' names."""
        return {renamed.get(key, key): value for (name, key), value in given.items() if name == section}

    top = of("")
    for key in ("schema", "vendor", "about", "proven"):
        top.pop(key, None)
    lines = of("transcript", poll_ms="poll", settle_ms="settle")
    stamping = lines.get("time")
    if stamping is not None and stamping.zone == SITE:
        lines["time"] = replace(stamping, zone=top.get("timezone", "UTC"))
    if "unknown_is" in lines:
        lines["unknown_is"] = Sender(lines["unknown_is"])
    offline = of("offline")
    if "policy" in offline:
        offline["policy"] = OfflinePolicy(offline["policy"])
    consent = of("consent")
    return Recipe(
        **{"name": path.stem, **top},
        path=path,
        base=base,
        consent=() if consent.get("mode") == NONE else consent.get("steps", ()),
        opening=Opening(**of("open")),
        prechat=of("prechat").get("steps", ()),
        compose=Compose(**of("compose")),
        transcript=Transcript(**lines),
        flags={FlagName(key): value for key, value in of("flags").items()},
        offline=Offline(**offline),
        end=of("end").get("steps", ()),
        limits=Limits(**of("limits")),
        digest=digest,
    )
