"""`slawatch retention`: what is kept of whom, and when it goes. Throws away only with --now, and only what is over."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from slawatch.app import world
from slawatch.cli.lines import counted, table
from slawatch.cli.options import config_option, examples, json_option, local, print_json
from slawatch.durations import show

if TYPE_CHECKING:
    from slawatch.config import Config
    from slawatch.retention import Length
    from slawatch.usecases.retaining import Foreseen

WHAT = {
    "raw": "raw evidence",
    "text": "texts of replies",
    "request": "texts of requests",
}
NOBODY = "(nobody)"


@click.command(
    "retention", epilog=examples("slawatch retention", "slawatch retention --json", "slawatch retention --now")
)
@config_option
@json_option
@click.option("--now", is_flag=True, help="Throw away at once all that is over; ticks do it little by little.")
def command(config_path: Path, *, as_json: bool, now: bool) -> None:
    """Show how long things are kept, what is kept of whom, and when the next of it is thrown away.

    Stamps, hashes and figures are kept for ever. Copies that were made of the store are not touched: they are listed.
    """
    from slawatch.cli.progress import Display  # noqa: PLC0415  costs 20 ms
    from slawatch.usecases import retaining  # noqa: PLC0415  same
    from slawatch.usecases.copies import copies  # noqa: PLC0415
    from slawatch.usecases.tick import only_pass  # noqa: PLC0415

    with world(config_path) as here:
        done = None
        if now:
            with only_pass(here.config.store), Display(sys.stderr, hint="").busy("throwing away what is over"):
                done = retaining.enforce_all(here)
                here.store.extend_chain()
        rows = retaining.foresee(here)
        older = copies(here)
        config = here.config
    if as_json:
        print_json(
            {
                "keeps": {name: None if length is None else length for name, length in _lengths(config)},
                "kept": [asdict(one) for one in rows],
                "copies": [str(path) for path in older],
                "thrown_away": None if done is None else done.words,
            }
        )
        return
    if done is not None:
        click.echo(f"thrown away: {done.words or 'nothing was over'}")
    for line in _lines(config, rows):
        click.echo(line)
    for path in older:
        click.echo(f"a copy of the store, of which nothing is thrown away: {path}; delete it when it is not needed")


def _lines(config: Config, rows: list[Foreseen]) -> Iterator[str]:
    yield "kept: " + ", ".join(f"{name} {_length(length)}" for name, length in _lengths(config))
    if not rows:
        yield "nothing is kept that could ever be thrown away"
        return
    cells = [
        (
            one.company or NOBODY,
            WHAT[one.what],
            str(one.kept),
            str(one.over or ""),
            local(one.next_at, config.zone) if one.next_at else "never",
        )
        for one in rows
    ]
    yield from table(("Company", "What", "Kept", "Over", "Next goes"), cells, whole=("Next goes", "Kept"))
    over = sum(one.over for one in rows)
    yield f"times are those of {config.zone}" + (
        f"; {counted(over, 'thing')} will go with the next ticks, or now with --now" if over else ""
    )


def _lengths(config: Config) -> Iterator[tuple[str, Length]]:
    for relationship, length in config.privacy.raw.items():
        yield str(relationship), length
    yield "text", config.privacy.text
    yield "unmatched", config.privacy.unmatched


def _length(length: Length) -> str:
    return "for ever" if length is None else show(length)
