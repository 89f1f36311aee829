"""`slawatch abort`: pause, and withdraw everything that has not left."""

from __future__ import annotations

from pathlib import Path

import click

from slawatch.app import world
from slawatch.cli.options import config_option
from slawatch.usecases.control import abort, scope_of


@click.command("abort")
@config_option
@click.option("--company", default="", help="Only this company.")
@click.option(
    "--why", default="aborted by hand", show_default=True, help="The reason, kept with each withdrawn request."
)
@click.option("--yes", is_flag=True, help="Do not ask.")
def command(config_path: Path, *, company: str, why: str, yes: bool) -> None:
    """Pause, close every planned slot and withdraw every request that has not left.

    What was sent stays sent and is measured.
    """
    with world(config_path) as here:
        scope = scope_of(here, company=company)
        whom = "every company" if scope == "*" else company
        if not yes:
            click.confirm(f"withdraw all that has not left to {whom}, and pause?", abort=True)
        done = abort(here, scope, why)
    click.echo(
        f"aborted: {done.slots} slots closed, {done.requests} requests withdrawn; paused until `slawatch resume`"
    )
