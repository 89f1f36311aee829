"""`slawatch abort`: pause, and withdraw everything that has not left."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from slawatch.app import world
from slawatch.cli import FAILED
from slawatch.cli.lines import counted
from slawatch.cli.options import config_option, examples
from slawatch.errors import UsageError
from slawatch.usecases.control import abort, scope_of


@click.command(
    "abort",
    epilog=examples("slawatch abort", 'slawatch abort --company example-shop --why "they asked us to stop" --yes'),
)
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
        whom = here.config.companies[company].name if company else "every company"
        if not yes:
            _confirm(whom)
        done = abort(here, scope, why)
    click.echo(
        f"aborted: {counted(done.slots, 'slot')} closed, {counted(done.requests, 'request')} withdrawn; "
        f"paused until `slawatch resume{f' --company {company}' if company else ''}`"
    )


def _confirm(whom: str) -> None:
    if not sys.stdin.isatty():
        raise UsageError("abort: nobody is there to ask; add --yes")
    if not click.confirm(f"Withdraw all that has not left to {whom}, and pause?"):
        click.echo("nothing was withdrawn", err=True)
        sys.exit(FAILED)
