"""`slawatch login`: a person logs in with a provider or platform, once for each account that needs it."""

from __future__ import annotations

from pathlib import Path

import click

from slawatch.app import world
from slawatch.cli.lines import harmless
from slawatch.cli.options import config_option, examples
from slawatch.usecases.login import login


@click.command("login", epilog=examples("slawatch login", "slawatch login main --port 8765"))
@click.argument("account", default="")
@config_option
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=0,
    help="Where on this machine the browser is sent back to; any free one unless given.",
)
def command(config_path: Path, *, account: str, port: int) -> None:
    """Log in with the mail provider or the platform of ACCOUNT, where it works by OAuth or keeps a device.

    For e-mail that is auth = "oauth2-device" or "oauth2-refresh", on X auth = "oauth2", on Mastodon always. On
    Matrix it is by the account's password. ACCOUNT may be left out where there is only one. What to do is shown; the
    tokens are kept beside the store.
    """
    with world(config_path) as here:
        done = login(here, account, lambda words: click.echo(harmless(words)), port=port)
    click.echo(f"{done}\nnow try it: slawatch check")
