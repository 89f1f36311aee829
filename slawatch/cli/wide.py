"""The part of `slawatch report` for very many companies or requests. Chooses nothing and computes nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from slawatch.cli import dressed
from slawatch.cli.options import print_json
from slawatch.usecases import reported
from slawatch.usecases.report import Choice, write_whole
from slawatch.usecases.wide import gather_wide
from slawatch.usecases.world import World

if TYPE_CHECKING:
    from slawatch.report.wide import WideBook


def report_wide(here: World, choice: Choice, *, as_json: bool, as_text: bool, path: Path) -> bool:
    """Print the wide report, or write it and print where it is; returns whether any company misses an objective."""
    from slawatch.report import render, wide, wide_page  # noqa: PLC0415  numpy and jinja are loaded only by what needs them

    book = wide.build(*gather_wide(here, choice, heard=_progress()))
    if as_json:
        print_json(wide_page.data(book))
    elif as_text:
        text = wide_page.text(book, lang=choice.lang, folder=here.config.folder)
        dressed.show(text, render.proof_styles(choice.lang, here.config.folder))
    else:
        click.echo(write_wide(here, book, choice, path).as_uri())
    return book.missed


def write_wide(here: World, book: WideBook, choice: Choice, path: Path) -> Path:
    """Write and remember the HTML report; returns its absolute path."""
    from slawatch.report import wide_figures, wide_page  # noqa: PLC0415  same

    written = write_whole(path, wide_page.html(book, lang=choice.lang, folder=here.config.folder))
    kept = wide_figures.to_keep(book, wide_page.data(book, companies=False))
    reported.keep(here, choice, book.material, kept, written)
    return written


def _progress() -> Callable[[int, int], None]:
    """Return what tells a terminal, and nobody else, how far the outcomes are derived; the first time takes longest."""

    def tell(done: int, total: int) -> None:
        if sys.stderr.isatty():
            line = f"\rderiving what became of requests: {done:,} of {total:,}"
            click.echo(line, nl=done == total, err=True)

    return tell
