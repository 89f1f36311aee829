"""`slawatch export`: a row a request, to a file or a pipe. Changes nothing."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from slawatch.app import world
from slawatch.cli.lines import counted
from slawatch.cli.options import config_option, examples

EVER = "all"
FORMS = ("csv", "json", "jsonl", "parquet", "xlsx")


@click.command(
    "export",
    epilog=examples(
        "slawatch export requests.xlsx",
        "slawatch export requests.parquet --period 2026-11-01..2026-11-30",
        "slawatch export --company example-shop | head",
    ),
)
@click.argument("path", metavar="[FILE]", required=False, type=click.Path(dir_okay=False, path_type=Path))
@config_option
@click.option("--format", "form", type=click.Choice(FORMS), help="Default: by the file's suffix; csv without a file.")
@click.option(
    "--period",
    default=EVER,
    show_default=True,
    help='Requests asked in that time: "28 d", "last month", "2026-11", 2026-11-01..2026-11-30.',
)
@click.option("--company", "companies", multiple=True, help="Only this company; may be given several times.")
def command(config_path: Path, *, path: Path | None, form: str | None, period: str, companies: tuple[str, ...]) -> None:
    """Write a row for each request: when it was asked, when what came, until when anybody looked.

    Times are UTC; an empty one has not come yet. The file can be imported again, into any store.
    """
    from slawatch.data import writing  # noqa: PLC0415  what writes rows is loaded by who wants some
    from slawatch.usecases import exporting  # noqa: PLC0415  same

    path = None if path == Path("-") else path
    form = form or (writing.format_of(path) if path else "csv")
    with world(config_path) as here:
        choice = exporting.choice(here, period, companies)
        if path is None:
            writing.write(exporting.rows(here, choice), sys.stdout.buffer, form)
            return
        count = exporting.write_whole(here, choice, path, form)
    click.echo(f"{path}: {counted(count, 'row')}")
