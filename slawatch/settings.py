"""Reads an account's keys into the `Settings` dataclass of its channel, which says by its fields what there is.

Knows no channel; what a value means is checked by the channel's own `problems`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, Field, fields
from datetime import timedelta
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from slawatch import values
from slawatch.secret import Secret, Source
from slawatch.tomlfile import KeyPath, Reader, where

Problems = Callable[[Any], Iterable[tuple[str, str]]]


def keys(cls: Any) -> tuple[str, ...]:
    """Return every key a Settings class takes, those of a secret with each of its sources."""
    hints = get_type_hints(cls)
    return tuple(
        key
        for one in fields(cls)
        for key in (_secret_keys(one.name).values() if _plain(hints[one.name]) is Secret else (one.name,))
    )


def read(reader: Reader, path: KeyPath, table: Mapping[str, Any], cls: Any, problems: Problems | None = None) -> Any:
    """Return the settings in the table at `path`, None where they are mistaken; unknown keys are the caller's matter.

    Fields may be text, bool, int, float, timedelta, a Literal of texts, a tuple of texts, a Secret or a Path (made
    absolute from the config's folder, its default too), each of them or None. The metadata `between` of an int holds
    its bounds.

    `problems` is what the channel itself has to say about settings whose types are right: (field, message) each.
    """
    hints = get_type_hints(cls)
    given: dict[str, Any] = {}
    key_of: dict[str, str] = {}
    mistaken: set[str] = set()
    lacking = False
    for one in fields(cls):
        plain = _plain(hints[one.name])
        required = one.default is MISSING and one.default_factory is MISSING
        possible = _secret_keys(one.name).values() if plain is Secret else (one.name,)
        present = [key for key in table if key in possible]
        if present:
            key_of[one.name] = present[0]
            value = _field(reader, path, table, one, plain, present)
            if value is not None:
                given[one.name] = value
                continue
            mistaken.add(one.name)
        elif required:
            reader.mistakes.add(path, f'"{one.name}" is missing; write {_example(one, plain)}')
        elif isinstance(one.default, Path):
            given[one.name] = reader.document.folder / one.default
        lacking = lacking or required
    if lacking:
        return None
    # Where only fields with a default are mistaken, the others can still be looked at.
    made = cls(**given)
    for name, message in problems(made) if problems else ():
        if name not in mistaken:
            reader.mistakes.add((*path, key_of[name]) if name in key_of else path, message)
    return made


def secrets(made: Any) -> list[Secret]:
    """Return every secret that these settings hold."""
    return [value for one in fields(made) if isinstance(value := getattr(made, one.name), Secret)]


def _field(
    reader: Reader, path: KeyPath, table: Mapping[str, Any], one: Field[Any], plain: Any, present: list[str]
) -> Any:
    """Return the field's value, None where it is mistaken."""
    if plain is Secret:
        return _secret(reader, path, table, one.name, present)
    if get_origin(plain) is tuple:
        return reader.each(path, table, one.name, values.text)
    return reader.take(path, table, one.name, _reading(one, plain, reader.document.folder), None)


def _plain(hint: Any) -> Any:
    """Return the type without its None: `Secret | None` is read as a Secret."""
    if get_origin(hint) in (Union, UnionType):
        return next(inner for inner in get_args(hint) if inner is not NoneType)
    return hint


def _secret_keys(name: str) -> dict[Source, str]:
    return {source: name + source for source in Source}


def _secret(reader: Reader, path: KeyPath, table: Mapping[str, Any], name: str, present: list[str]) -> Secret | None:
    for other in present[1:]:
        reader.mistakes.add((*path, other), f'"{present[0]}" gives the same secret already; keep one of the two')
    key = present[0]
    here = (*path, key)
    text = table[key]
    if not isinstance(text, str) or not text:
        # Not repeated: the value may well be the secret itself.
        reader.mistakes.add(here, "it is empty or not text (the value is not shown here); write it in quotes")
        return None
    document = reader.document
    source = Source(key.removeprefix(name))
    # The line costs a second reading of the file, which only a secret that fails needs.
    return Secret(
        text,
        source,
        folder=document.folder,
        place=lambda: f"{document.path}:{document.line(here)}: {where(here)}",
    )


def _reading(one: Field[Any], plain: Any, folder: Path) -> Callable[[Any], Any]:
    if get_origin(plain) is Literal:
        return values.choice(get_args(plain), one.name)
    if plain is str and one.default == "":
        return values.text_or_empty
    if plain is Path:
        return lambda value: folder / values.text(value)
    by_type: dict[Any, Callable[[Any], Any]] = {
        str: values.text,
        bool: values.truth,
        int: values.whole(*one.metadata.get("between", (0, None))),
        float: values.number,
        timedelta: values.duration,
    }
    return by_type[plain]


def _example(one: Field[Any], plain: Any) -> str:
    if plain is Secret:
        return f'{one.name}_env = "VARIABLE", {one.name}_file = "PATH" or {one.name}_command = "pass show ..."'
    return f"{one.name} = " + {int: "1", bool: "true", float: "1.0", timedelta: '"1 h"'}.get(plain, '"..."')
