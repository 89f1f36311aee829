"""`slawatch pause`: stop sending, for all or for some."""

from __future__ import annotations

from pathlib import Path

import click

from slawatch.app import world
from slawatch.cli.options import config_option, examples, scope_in_words
from slawatch.usecases.control import pause, scope_of


@click.command(
    "pause", epilog=examples("slawatch pause", 'slawatch pause --company example-shop --why "they are moving house"')
)
@config_option
@click.option("--company", default="", help="Only this company.")
@click.option("--account", default="", help="Only from this account.")
@click.option("--why", default="", help="The reason, shown wherever the pause is.")
def command(config_path: Path, *, company: str, account: str, why: str) -> None:
    """Stop sending until `slawatch resume`; answers are still collected.

    A file named STOP beside the config does the same for everything.
    """
    with world(config_path) as here:
        scope = scope_of(here, company=company, account=account)
        pause(here, scope, why)
        names = {key: one.name for key, one in here.config.companies.items()}
    click.echo(f"paused: {scope_in_words(scope, names)}; answers are still collected")
