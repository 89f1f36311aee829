"""`slawatch disclosure`: a page, ready to publish, that tells companies who asks them and how to opt out."""

from __future__ import annotations

from pathlib import Path

import click

from slawatch.app import world
from slawatch.cli.options import config_option, examples
from slawatch.usecases.notices import disclosure


@click.command("disclosure", epilog=examples("slawatch disclosure", "slawatch disclosure --lang de > about.md"))
@config_option
@click.option("--lang", help="In which language; without it the config's.")
@click.option("--who", default="", help="Who asks. Without it: the name of the first account.")
@click.option("--contact", default="", help="Where to write. Without it: the address of the first e-mail account.")
def command(config_path: Path, *, lang: str | None, who: str, contact: str) -> None:
    """Print a page in Markdown: who asks, what and how often, what is kept, and how to opt out. Names no company."""
    with world(config_path) as here:
        click.echo(disclosure(here, lang or here.config.lang, who=who, contact=contact), nl=False)
