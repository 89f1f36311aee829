"""`slawatch backup`: a copy of the store, made while everything goes on."""

from __future__ import annotations

from pathlib import Path

import click

from slawatch.app import world
from slawatch.cli.lines import counted
from slawatch.cli.options import config_option, examples
from slawatch.errors import UsageError
from slawatch.usecases import backing_up


@click.command("backup", epilog=examples("slawatch backup --keep 14", "slawatch backup /media/disk/slawatch.db"))
@config_option
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--keep", type=click.IntRange(1), help="Without FILE: remove all but that many of the newest backups.")
def command(config_path: Path, *, file: Path | None, keep: int | None) -> None:
    """Copy the store into FILE, or into backups/ beside it, with a checksum beside the copy.

    `run`, `tick` and `audit` may be at work meanwhile. It holds other people's letters as the store does, and neither
    the config nor any password, token or key: keep copies of those apart.
    """
    if keep is not None and file is not None:
        raise UsageError("backup --keep: goes with backups that are given no name; leave FILE out")
    with world(config_path) as here:
        path = backing_up.back_up(here, file or backing_up.default_path(here))
    click.echo(f"{path} ({path.stat().st_size} bytes)")
    if keep is not None:
        gone = backing_up.thin_out(path.parent, keep)
        if gone:
            click.echo(f"{counted(len(gone), 'older backup')} removed")
