"""`slawatch collect`: the looking half of a pass."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from slawatch.app import world
from slawatch.cli import PART_UNMEASURED
from slawatch.cli.lines import counted
from slawatch.cli.logs import Log, log_option, say, teller
from slawatch.cli.options import config_option, examples, tell
from slawatch.usecases.collect import collect
from slawatch.usecases.followed import settle_follow_ups
from slawatch.usecases.settle import settle
from slawatch.usecases.tick import only_pass


@click.command("collect", epilog=examples("slawatch collect"))
@config_option
@log_option
def command(config_path: Path, *, log: Log | None) -> None:
    """Fetch what came in, match it, and settle requests of which it was unknown whether they left.

    Exit code 4 where a mailbox could not be read.
    """
    with world(config_path, tell=teller(log, tell)) as here, only_pass(here.config.store):
        done = collect(here)
        settle(here)
        settle_follow_ups(here)
        for account in done.busy:
            say(log, "busy", f"{account}: another process is reading it")
    if done.messages:
        words = f"{counted(done.messages, 'new message')}, of which {counted(done.replies, 'reply', 'replies')}"
        say(log, "collected", words, messages=done.messages, replies=done.replies)
    if done.failed:
        sys.exit(PART_UNMEASURED)
