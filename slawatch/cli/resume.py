"""`slawatch resume`: take sending up again."""

from __future__ import annotations

from pathlib import Path

import click

from slawatch.app import world
from slawatch.cli.options import config_option, examples, scope_in_words
from slawatch.usecases.control import resume, scope_of


@click.command("resume", epilog=examples("slawatch resume", "slawatch resume --company example-shop"))
@config_option
@click.option("--company", default="", help="Only this company.")
@click.option("--account", default="", help="Only from this account.")
def command(config_path: Path, *, company: str, account: str) -> None:
    """Lift a pause. Without an option the general one; pauses of single companies and accounts stay and are named."""
    with world(config_path) as here:
        lifted = resume(here, scope_of(here, company=company, account=account))
        still = here.halted()
        left = here.store.paused()
        names = {key: one.name for key, one in here.config.companies.items()}
    click.echo("resumed" if lifted else "that was not paused")
    for scope, why in left.items():
        click.echo(f"still paused: {scope_in_words(scope, names)}" + (f" ({why})" if why else ""))
    if still and "*" not in left:
        click.echo(f"still halted: {still}")
