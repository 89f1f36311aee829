"""Compares a report with the same report made again: figure by figure, and line by visible line. Judges nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

LINES_MAX = 20  # visible lines that differ; one is enough to know, twenty are enough to see where


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure that is not what the report says; `name` is its path in the group, like "first_response.median"."""

    name: str
    was: Any
    now: Any


def differences(was: object, now: object, name: str = "") -> Iterator[Figure]:
    """Yield what differs; what a later slawatch says more is no difference."""
    if isinstance(was, Mapping) and isinstance(now, Mapping):
        for key in was:
            yield from differences(was[key], now.get(key), f"{name}.{key}" if name else str(key))
    elif isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        for number, (one, other) in enumerate(zip(was, now, strict=True), 1):
            yield from differences(one, other, f"{name}[{number}]")
    elif was != now:
        yield Figure(name=name, was=was, now=now)


def leaves(value: object) -> Iterator[object]:
    """Yield every single value in it."""
    if isinstance(value, Mapping):
        for one in value.values():
            yield from leaves(one)
    elif isinstance(value, list):
        for one in value:
            yield from leaves(one)
    else:
        yield value


def different_words(said: str, again: str) -> Iterator[str]:
    """Yield visible lines that differ: "-" before those of the file, "+" before those made again."""
    if said == again:
        return
    from difflib import unified_diff  # noqa: PLC0415  only a difference pays for it

    lines, lines_again = _visible(said), _visible(again)
    if lines == lines_again:
        yield "- (what is not visible: markup or style)"
        return
    # The first two lines name the files; contents may begin with dashes, too.
    shown = (line for line in list(unified_diff(lines, lines_again, lineterm="", n=0))[2:] if line[:1] in "+-")
    for number, line in enumerate(shown):
        if number == LINES_MAX:
            yield "…"
            return
        yield line


def _visible(page: str) -> list[str]:
    from html.parser import HTMLParser  # noqa: PLC0415  same

    lines: list[str] = []

    class Reader(HTMLParser):
        hidden = False

        def handle_starttag(self, tag: str, attrs: object) -> None:
            del attrs
            self.hidden = tag == "style"

        def handle_endtag(self, tag: str) -> None:
            del tag
            self.hidden = False

        def handle_data(self, data: str) -> None:
            if not self.hidden and data.strip():
                lines.append(" ".join(data.split()))

    reader = Reader()
    reader.feed(page)
    reader.close()
    return lines
