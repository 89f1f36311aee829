"""A bar for work whose end is known: moves on a terminal, says nothing in a pipe. Computes nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from slawatch.cli.lines import harmless

Show = Callable[[str, float], None]


@contextmanager
def shown_progress(*, quiet: bool) -> Iterator[Show]:
    """Give what shows the progress, in words and as a share: a bar on a terminal, nothing in a pipe."""
    if quiet or not sys.stdout.isatty():
        yield lambda _words, _done: None
        return
    from rich.console import Console  # noqa: PLC0415  only where there is a terminal to draw on
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn  # noqa: PLC0415  same

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with Progress(*columns, console=Console(highlight=False), transient=True) as bar:
        task = bar.add_task("opening", total=1.0)

        def show_it(words: str, done: float) -> None:
            bar.update(task, description=harmless(words), completed=done)

        yield show_it
