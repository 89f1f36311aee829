"""`slawatch skip`: a person does not post what was prepared for them."""

from __future__ import annotations

from pathlib import Path

import click

from slawatch.app import world
from slawatch.cli.adopt import settled_facts
from slawatch.cli.options import config_option, examples, json_option, print_json
from slawatch.usecases import assisted
from slawatch.usecases.tick import only_pass


@click.command("skip", epilog=examples("slawatch skip R8ed9fc93"))
@config_option
@json_option
@click.argument("request")
def command(config_path: Path, *, as_json: bool, request: str) -> None:
    """Do not post what was prepared for you under this REQUEST; its target's next one comes as planned.

    A skipped request counts nowhere: nobody was asked, so nobody is to blame. What you do not post in time is skipped
    by itself.
    """
    with world(config_path) as here, only_pass(here.config.store):
        done = assisted.skip(here, request)
    if as_json:
        print_json(settled_facts(done))
        return
    click.echo(f"{done.public_id}: skipped")
