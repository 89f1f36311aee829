"""Figures of very many companies as columns, read back as groups: from a report's file, or from what is kept of it.

Loads no numpy, computes and judges nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

EACH = "companies"  # the key under which the columns stand beside the figures of `report --json`
OF = "of"  # an objective's column that names the rows it is about; columns beside it are as long


def groups(found: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a group for each company and way, where the figures hold columns, then the groups over all companies.

    Raises:
        ValueError: the columns are not of one length, or not those that we write.
    """
    try:
        if EACH in found:
            yield from _read(found[EACH])
        yield from found["groups"]
    except (KeyError, TypeError, IndexError, ValueError, AttributeError):
        raise ValueError("its columns are not those of a report over very many companies") from None


def _read(written: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    columns = dict(written)
    held = columns.pop("objectives")
    objectives: list[list[dict[str, Any]]] = [[] for _ in columns["company"]]
    for one in held:
        same = {name: value for name, value in one.items() if not isinstance(value, list)}
        names = [name for name in one if name not in same and name != OF]
        for place, *values in zip(one[OF], *(one[name] for name in names), strict=True):
            objectives[place].append({**same, **dict(zip(names, values, strict=True))})
    names = list(columns)
    for kept, *values in zip(objectives, *columns.values(), strict=True):
        yield {**dict(zip(names, values, strict=True)), "objectives": kept}
