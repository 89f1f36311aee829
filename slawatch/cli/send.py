"""`slawatch send`: the sending half of a pass."""

from __future__ import annotations

from pathlib import Path

import click

from slawatch.app import world
from slawatch.cli.logs import Log, log_option, say, teller
from slawatch.cli.options import config_option, examples, tell
from slawatch.usecases.follow import follow_due
from slawatch.usecases.plan import keep_laid_out
from slawatch.usecases.send import Sending, send_due
from slawatch.usecases.tick import only_pass


@click.command("send", epilog=examples("slawatch send"))
@config_option
@log_option
def command(config_path: Path, *, log: Log | None) -> None:
    """Send every request and reply that is due, each at most once; tell what you are to post.

    Says nothing where nothing was due.
    """
    with world(config_path, tell=teller(log, tell)) as here, only_pass(here.config.store):
        keep_laid_out(here)
        done = Sending()
        follow_due(here, done)
        for why in send_due(here, done=done).halted:
            say(log, "halted", f"not sent: {why}")
        if here.in_public:
            from slawatch.usecases import assisted  # noqa: PLC0415  who only writes letters has no use for it

            assisted.invite(here)
