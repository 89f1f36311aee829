"""Takes answers apart, whatever is in them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from typing import Any, TypeVar

from slawatch.channels.bluesky import native
from slawatch.channels.social.platform import Post

T = TypeVar("T")


def by(count: int, things: Iterable[T]) -> Iterator[list[T]]:
    """Return the things in lists of so many, the last of fewer."""
    left = iter(things)
    while some := list(islice(left, count)):
        yield some


def views(told: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """Return the list in an answer; what is no object in it is nothing."""
    listed = told.get(key)
    return [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []


def readable(shown: Iterable[Mapping[str, Any]]) -> list[Post]:
    """Return those posts that can be read; one that cannot must not keep the others from being."""
    found = []
    for view in shown:
        with suppress(ValueError):
            found.append(native.post(view))
    return found


def next_page(told: Mapping[str, Any], *, ended: bool) -> str:
    """Return what leads to the page after this answer, "" where there is none or what is wanted has ended."""
    cursor = told.get("cursor")
    return cursor if isinstance(cursor, str) and not ended else ""
