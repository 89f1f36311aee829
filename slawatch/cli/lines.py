"""How lines are laid out on a terminal: tables, plurals, and secrets that stay out of them. Knows no figures."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any
from unicodedata import combining, east_asian_width

GAP = "  "
SHORTEST = 8  # no column is cut below this; a line that is still too long is left to the terminal
MASK_KEEPS = 4  # of a token's twelve characters: enough to tell two apart, 40 bits short of forging a reply


def table(
    heads: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    whole: Collection[str] = (),
    spare: Collection[str] = (),
) -> Iterator[str]:
    """Yield a head and the rows, their columns aligned; a column without any word is left out.

    On a terminal too narrow for all of it those of `spare` go first, then the widest are cut with "…", but never those
    of `whole`: a time that is cut says nothing. In a pipe nothing is ever left out or cut.
    """
    columns = [column for column in zip(heads, *rows, strict=True) if any(column[1:])]
    room = _room()
    if room > 0 and _needs(list(map(_widest, columns))) > room:
        columns = [column for column in columns if column[0] not in spare]
    widths = list(map(_widest, columns))
    while room > 0 and _needs(widths) > room:
        cut = [place for place, column in enumerate(columns) if column[0] not in whole and widths[place] > SHORTEST]
        if not cut:
            break
        widths[max(cut, key=lambda place: widths[place])] -= 1
    for line in zip(*columns, strict=True):
        cells = (_fit(cell, wide) for cell, wide in zip(line, widths, strict=True))
        yield GAP.join(cells).rstrip()


def some(lines: Sequence[str], most: int, *, everything: bool) -> list[str]:
    """Return the first `most` lines and how many there are more, unless everything is wanted."""
    if everything or len(lines) <= most:
        return list(lines)
    return [*lines[:most], f"… and {len(lines) - most} more; --all shows them"]


def counted(number: int, one: str, several: str = "") -> str:
    """Return the number with its noun: "1 account", "no accounts", "2 companies"."""
    noun = one if number == 1 else several or f"{one}s"
    return f"{number or 'no'} {noun}"


def folded(label: str, text: str) -> Iterator[str]:
    """Yield the text behind its label; where a terminal is too narrow, in lines that begin below each other.

    Breaks between words only: a hash that was cut could not be copied. In a pipe nothing is ever broken.
    """
    room = _room() - width(label)
    line = ""
    for word in text.split(" ") if 0 < room < width(text) else [text]:
        if line and width(line) + 1 + width(word) > room:
            yield f"{label}{line}"
            label, line = " " * width(label), word
        else:
            line = f"{line} {word}" if line else word
    yield f"{label}{line}".rstrip()


def harmless(text: str) -> str:
    """Return foreign text on one line, without characters that would steer the terminal or hide among the letters."""
    return "".join(letter if letter.isprintable() else " " if letter.isspace() else "" for letter in text)


def width(text: str) -> int:
    """Return how many columns of a terminal the text takes."""
    return sum(0 if combining(letter) else 2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def masked(value: Any, secret: str) -> Any:
    """Return the value with every occurrence of the secret, in whatever case, cut to its first characters.

    Goes through dataclasses, mappings and sequences; what a company quotes back may hold the secret anywhere.
    """
    if not secret:
        return value
    if isinstance(value, str):
        return re.sub(re.escape(secret), lambda found: found[0][:MASK_KEEPS] + "…", value, flags=re.IGNORECASE)
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: masked(getattr(value, one.name), secret) for one in fields(value)}
    if isinstance(value, Mapping):
        return {name: masked(inner, secret) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [masked(inner, secret) for inner in value]
    return value


def _room() -> int:
    """Return the terminal's width, 0 where the lines go elsewhere."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 0


def _widest(column: Iterable[str]) -> int:
    return max(map(width, column))


def _needs(widths: Sequence[int]) -> int:
    return sum(widths) + len(GAP) * (len(widths) - 1)


def _fit(text: str, wide: int) -> str:
    while width(text) > wide:
        text = text.removesuffix("…")[:-1] + "…"
    return text + " " * (wide - width(text))
