"""Reads an account's keys into the `Settings` dataclass of its channel, which says by its fields what there is.

Knows no channel; what a value means is checked by the channel's own `problems`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, Field, fields
from datetime import timedelta
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

    `problems` is what the channel itself has to say about settings whose types are right: (field, message) each.
    """
    hints = get_type_hints(cls)
    given: dict[str, Any] = {}
    key_of: dict[str, str] = {}
    complete = True
    for one in fields(cls):
        plain = _plain(hints[one.name])
        present = [key for key in (_secret_keys(one.name).values() if plain is Secret else (one.name,)) if key in table]
        if not present:
            if one.default is MISSING and one.default_factory is MISSING:
                reader.mistakes.add(path, f'"{one.name}" is missing; write {_example(one, plain)}')
                complete = False
            continue
        key_of[one.name] = present[0]
        value: Any
        if plain is Secret:
            value = _secret(reader, path, table, one.name, present)
        elif get_origin(plain) is tuple:
            value = reader.each(path, table, one.name, values.text)
        else:
            value = reader.take(path, table, one.name, _reading(one, plain), None)
        if value is None:
            complete = False
        given[one.name] = value
    if not complete:
        return None
    made = cls(**given)
    for name, message in problems(made) if problems else ():
        # A field that was not given is blamed on the account as a whole.
        here = (*path, key_of[name]) if name in key_of else path
        reader.mistakes.add(here, message)
    return made


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
    text = reader.take(path, table, key, values.text, None)
    if text is None or len(present) > 1:
        return None
    document = reader.document
    source = Source(key.removeprefix(name))
    # The line costs a second reading of the file, which only a secret that fails needs.
    return Secret(
        text,
        source,
        folder=document.path.resolve().parent,
        place=lambda: f"{document.path}:{document.line(here)}: {where(here)}",
    )


def _reading(one: Field[Any], plain: Any) -> Callable[[Any], Any]:
    if get_origin(plain) is Literal:
        return values.choice(get_args(plain), one.name)
    if plain is str and one.default == "":
        return values.text_or_empty
    by_type: dict[Any, Callable[[Any], Any]] = {
        str: values.text,
        bool: values.truth,
        int: values.whole(0),
        float: values.number,
        timedelta: values.duration,
    }
    return by_type[plain]


def _example(one: Field[Any], plain: Any) -> str:
    if plain is Secret:
        return f'{one.name}_env = "VARIABLE", {one.name}_file = "PATH" or {one.name}_command = "pass show ..."'
    return f"{one.name} = " + {int: "1", bool: "true", float: "1.0", timedelta: '"1 h"'}.get(plain, '"..."')
