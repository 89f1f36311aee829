"""Texts on a terminal: names in bold, proofs in colour, long lines folded. In a pipe: as they are.

Knows no figures and no language: which words stand out is said by the caller. rich honours NO_COLOR and the width.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from itertools import zip_longest

import click

HANGING = 4  # columns by which what is folded stands further in than its beginning
NO_BREAK = "\N{NO-BREAK SPACE}"
STAND_IN = "\ue000"  # private, so no cleaned text holds it; part of a word: rich folds at no-break spaces, too
NARROWEST = 20  # columns; below it folding would make a column of single words


def show(text: str, styles: Mapping[str, str]) -> None:
    """Print a text; on a terminal the words in `styles` have that style of rich, and whatever heads a block is bold.

    No line is folded at a no-break space, which comes out as a plain one.
    """
    if _plain():
        click.echo(text.replace(NO_BREAK, " "))
        return
    from rich.console import Console  # noqa: PLC0415 - on use, and only on a terminal
    from rich.text import Text  # noqa: PLC0415 - same

    console = Console(highlight=False, markup=False, emoji=False)
    lines = text.replace(NO_BREAK, STAND_IN).splitlines()
    for line, below in zip_longest(lines, lines[1:], fillvalue=""):
        begin = len(line) - len(line.lstrip(" "))
        shown = Text(line[begin:], style="bold" if line and not begin and below.startswith(" ") else "")
        for words, style in styles.items():
            shown.highlight_words([words], style)
        room = max(NARROWEST, console.width - begin - HANGING)
        for place, part in enumerate(shown.wrap(console, room) or [shown]):
            part.plain = part.plain.replace(STAND_IN, " ")
            part.rstrip()
            console.print(Text(" " * (begin + (HANGING if place and begin else 0))) + part, soft_wrap=True)


def show_lines(lines: Iterable[tuple[str, str]], styles: Mapping[str, str]) -> None:
    """Print lines, on a terminal each in its own style of rich and the words in `styles` that end one in theirs.

    No line is folded or cut: a table has cut its own, and a folded one would have no columns any more.
    """
    if _plain():
        for line, _ in lines:
            click.echo(line)
        return
    from rich.console import Console  # noqa: PLC0415 - on use, and only on a terminal
    from rich.text import Text  # noqa: PLC0415 - same

    console = Console(highlight=False, markup=False, emoji=False)
    for line, style in lines:
        shown = Text(line, style=style)
        for words, of in styles.items():
            if line.endswith(f" {words}"):
                shown.stylize(of, len(line) - len(words))
        console.print(shown, soft_wrap=True)


def _plain() -> bool:
    return not sys.stdout.isatty() or os.environ.get("TERM") == "dumb"
