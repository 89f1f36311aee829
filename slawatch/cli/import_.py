"""`slawatch import`: requests that others have timed, kept all together or not at all. Sends nothing."""

from __future__ import annotations

import csv
import shlex
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click
from click.core import ParameterSource

from slawatch.app import world
from slawatch.cli.bar import shown_progress
from slawatch.cli.lines import counted, harmless
from slawatch.cli.options import config_option, examples, json_option, print_json, program
from slawatch.errors import UsageError

if TYPE_CHECKING:
    from slawatch.usecases.importing import Bad, Done

SHOWN_MAX = 20
FAILED = 1


@click.command(
    "import",
    epilog=examples(
        "slawatch import requests.csv --dry-run",
        "slawatch import tickets.csv --map brand=company --map opened=sent_at",
        "slawatch import twcs.csv --format twcs",
    ),
)
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@config_option
@json_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["tidy", "twcs"]),
    default="tidy",
    show_default=True,
    help='A request a row, or tweets of "Customer Support on Twitter".',
)
@click.option(
    "--map",
    "maps",
    multiple=True,
    metavar="THEIRS=OURS",
    help="Their name of a column and ours; may be given several times.",
)
@click.option("--delimiter", help='What separates the cells of a CSV file: ";", "tab". Default: ",".')
@click.option(
    "--timezone", "zone", help="What times without a zone are in, like Europe/Berlin; else such rows are bad."
)
@click.option("--dry-run", is_flag=True, help="Read and check everything; keep nothing.")
@click.option("--skip-bad", is_flag=True, help="Import the good rows where some are bad; else nothing is imported.")
@click.option(
    "--bad", "bad_path", type=click.Path(dir_okay=False, path_type=Path), help="Write all bad rows to this file."
)
def command(
    config_path: Path,
    *,
    path: Path,
    as_json: bool,
    form: str,
    maps: tuple[str, ...],
    delimiter: str | None,
    zone: str | None,
    dry_run: bool,
    skip_bad: bool,
    bad_path: Path | None,
) -> None:
    """Import requests from a CSV, Parquet or JSON file, so that they get the same reports as your own.

    Each row needs company, channel and sent_at; companies need not stand in the config. A file can be imported again:
    what is known already is left, what says something new is brought up to date. One bad row and nothing is imported.
    """
    from slawatch.usecases import importing  # noqa: PLC0415  what reads files is loaded by who has one

    importing.require_file(path)
    wanted = importing.Wanted(
        mapping=dict(_pair(one) for one in maps),
        delimiter=_delimiter(delimiter),
        zone=_zone(zone),
        dry_run=dry_run,
        skip_bad=skip_bad,
    )
    with world(_config(config_path)) as here, shown_progress(quiet=as_json) as show:
        if form == "twcs":
            from slawatch.usecases import importing_tweets  # noqa: PLC0415 - same

            done = importing_tweets.take_in(here, path, wanted, show=show)
        else:
            done = importing.take_in(here, path, wanted, show=show)
    if bad_path is not None:
        _write_bad(bad_path, done.bad)
    if as_json:
        print_json(_data(done))
    else:
        _tell(done, path, wanted.dry_run, bad_path)
    if done.bad and not skip_bad:
        sys.exit(FAILED)


def _config(path: Path) -> Path:
    if not path.exists():
        raise UsageError(
            f'{path}: there is no such file; "slawatch init" writes one, -c names another, and for imports and their'
            ' reports one with the line store = "slawatch.db" is enough'
        )
    return path


def _pair(text: str) -> tuple[str, str]:
    theirs, equals, ours = text.rpartition("=")
    if not (theirs and equals and ours.strip()):
        raise UsageError(f'--map: "{text}" is not of the form THEIRS=OURS')
    return theirs.strip(), ours.strip()


def _delimiter(text: str | None) -> str | None:
    if text is None:
        return None
    sign = {"tab": "\t", "\\t": "\t"}.get(text, text)
    if len(sign) != 1 or sign in '"\r\n':
        raise UsageError(f'--delimiter: "{text}" is not one character; write ";", "," or "tab"')
    return sign


def _zone(name: str | None) -> ZoneInfo | None:
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise UsageError(f'--timezone: "{name}" is no time zone; write a name like "Europe/Berlin"') from None


# --- what came of it ---


def _tell(done: Done, path: Path, dry_run: bool, bad_path: Path | None) -> None:  # noqa: FBT001
    name = harmless(path.name)
    click.echo(f"{name}: {counted(done.rows, 'row')}, {_counts(done)}{_verb(done, dry_run=dry_run)}")
    if done.ignored:
        click.echo(f"  columns not used: {harmless(', '.join(done.ignored))}")
    for why, number in done.left_out.items():
        click.echo(f"  left out: {number:,} {why}")
    if done.seen_unsaid and done.seen_until is not None:
        click.echo(
            f"  {counted(done.seen_unsaid, 'row')} without observed_until: taken as watched until the newest time in "
            f"the file, {done.seen_until:%Y-%m-%d %H:%M} UTC"
        )
    if done.without_answers:
        click.echo(
            "  no row has answered_at: the report speaks of first responses alone; if the file tells when matters were "
            "dealt with, say --map theirs=answered_at"
        )
    _lines(done.otherwise, done.otherwise_count, "say another verdict than their times, which hold", None)
    _lines(done.bad, len(done.bad), "bad", bad_path)
    if done.kept and done.since is not None and done.until is not None:
        first, last = done.since.date(), done.until.date() + timedelta(days=1)
        click.echo(f"  next: {program()} report{_named()} --period {first}..{last}")


def _named() -> str:
    """Return the config as it was named on the command line, to be typed again; "" where it was not."""
    context = click.get_current_context()
    if context.get_parameter_source("config_path") is not ParameterSource.COMMANDLINE:
        return ""
    return f" -c {shlex.quote(str(context.params['config_path']))}"


def _counts(done: Done) -> str:
    tally = done.tally
    changed = f"{tally.changed:,} changed, " if tally.changed else ""
    bad = f", {len(done.bad):,} bad" if done.bad else ""
    return f"{tally.new:,} new, {changed}{tally.known:,} known{bad}"


def _verb(done: Done, *, dry_run: bool) -> str:
    if dry_run:
        return "; nothing was imported (--dry-run)"
    return "" if done.kept else "; nothing was imported: mend the bad rows, or leave them out with --skip-bad"


def _lines(rows: Sequence[Bad], count: int, what: str, file: Path | None) -> None:
    if not rows:
        return
    click.echo(f"  {counted(count, 'row')} {what}:")
    for line, why in rows[:SHOWN_MAX]:
        click.echo(f"    line {line}: {harmless(why)}")
    if count > SHOWN_MAX:
        where = f"; all are in {file}" if file else ""
        click.echo(f"    and {count - SHOWN_MAX:,} more{where}")


def _write_bad(path: Path, bad: Sequence[Bad]) -> None:
    from slawatch.data.csvs import guard  # noqa: PLC0415 - on use

    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("line", "why"))
        writer.writerows((line, guard(why)) for line, why in bad)


def _data(done: Done) -> dict[str, Any]:
    return {
        "rows": done.rows,
        "new": done.tally.new,
        "changed": done.tally.changed,
        "known": done.tally.known,
        "imported": done.kept,
        "bad": [one._asdict() for one in done.bad],
        "contradictions": done.otherwise_count,
        "ignored_columns": list(done.ignored),
        "left_out": dict(done.left_out),
        "since": done.since,
        "until": done.until,
        "seen_until": done.seen_until,
    }
