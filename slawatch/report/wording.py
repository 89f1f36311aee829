"""The words of a report as files give them: the user's own over ours, and every mistake in them with its line.

Fills no words in and knows no numbers (words.py does).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from string import Formatter
from typing import Any

from slawatch import resources, tomlfile
from slawatch.errors import ConfigError
from slawatch.tomlfile import KeyPath, Mistakes, quoted, where

PATTERN = "reports/en.toml"  # what a language of the user's own is held against
# Tables that are asked whether they have a word before it is said, so that more may stand in them than in ours:
# channels that came with an extension, languages, and whatever templates of the user's own say.
OPEN = ("channel", "clock", "author", "own", "evidence.stamp", "across.lang", "method.origin", "yardsticks")
PLURAL = frozenset({"one", "other"})


def read(lang: str, folder: Path | None) -> Mapping[str, Any]:
    """Return all words of a language. What the user's own file does not say is said as ours does.

    Raises:
        ConfigError: with every mistake in the user's file: a word that is none of ours, one with a gap that nothing
            fills, or, in a language that we have no words for, missing ones.
        UsageError: nobody has words for this language.
    """
    name = f"reports/{lang}.toml"
    path = resources.find(name, folder)
    bundled = resources.find_ours(name)
    if path == bundled:
        return tomlfile.read(path).data
    document = tomlfile.read(path)
    mistakes = Mistakes(document)
    pattern = tomlfile.read(bundled or resources.find(PATTERN)).data
    found = _over(pattern, document.data, (), mistakes)
    mistakes.stop_if_any()
    if bundled is None:
        missing = [where(key) for key in _leaves(pattern) if not _has(document.data, key)]
        if missing:
            cure = "begin with a copy of en.toml"
            raise ConfigError([f"{path}: {quoted(missing[0])} is missing; {len(missing)} in all; {cure}"])
    return found


def _over(ours: Mapping[str, Any], theirs: Mapping[str, Any], path: KeyPath, mistakes: Mistakes) -> dict[str, Any]:
    """Return our words with theirs in their place; what is wrong with theirs is noted and left out."""
    found = dict(ours)
    for key, value in theirs.items():
        here = (*path, key)
        if key in ours:
            found[key] = _instead(ours[key], value, here, mistakes)
        elif _is_open(here):
            found[key] = value
        else:
            mistakes.add_unknown_keys(path, {key: value}, ours, what="word" if path else "table of words")
    return found


def _instead(ours: Any, value: Any, path: KeyPath, mistakes: Mistakes) -> Any:
    """Return what stands in place of this word or table of ours."""
    plural = isinstance(ours, dict) and ours.keys() == PLURAL
    if isinstance(ours, dict) and isinstance(value, dict):
        return _over(ours, value, path, mistakes)
    if isinstance(ours, dict) and not plural:
        mistakes.add(path, f"{quoted(value)} is not a table; write [{where(path)}]")
    elif isinstance(ours, list):
        if not isinstance(value, list) or not all(_is_like(one, ours) for one in value):
            keys = " and ".join(f'{key} = "…"' for key in ours[0])
            mistakes.add(path, f"{quoted(value)} is not such a list; write [[{where(path)}]] with {keys} for each")
    elif not isinstance(value, str):
        mistakes.add(path, f"{quoted(value)} is not a text; write it in quotes")
    else:
        known = set().union(*map(_gaps, ours.values())) | {"n"} if plural else _gaps(ours)
        try:
            for gap in sorted(_gaps(value) - known):
                may = ", ".join(f"{{{one}}}" for one in sorted(known)) or "none"
                mistakes.add(path, f'nothing fills "{{{gap}}}" here; there may be: {may}')
        except ValueError:
            mistakes.add(path, f"{quoted(value)} has a brace without its other one; write {{{{ and }}}} for braces")
    return value


def _is_like(one: Any, ours: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether it is a table with all keys that each of ours has, and none that none has."""
    kinds = [table.keys() for table in ours]
    return isinstance(one, dict) and set.intersection(*map(set, kinds)) <= one.keys() <= set().union(*kinds)


def _gaps(text: str) -> set[str]:
    """Return the names between braces; ValueError where braces do not match."""
    return {gap for _, gap, _, _ in Formatter().parse(text) if gap is not None}


def _is_open(path: KeyPath) -> bool:
    return any(where(path[:end]) in OPEN for end in range(1, len(path) + 1))


def _leaves(table: Mapping[str, Any], path: KeyPath = ()) -> Iterator[KeyPath]:
    for key, value in table.items():
        if isinstance(value, dict) and value.keys() != PLURAL:
            if not _is_open((*path, key)):
                yield from _leaves(value, (*path, key))
        else:
            yield (*path, key)


def _has(table: Mapping[str, Any], path: KeyPath) -> bool:
    found: Any = table
    for part in path:
        if not isinstance(found, Mapping) or part not in found:
            return False
        found = found[part]
    return True
