"""`slawatch tick`: one pass for cron."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from slawatch.app import world
from slawatch.cli import PART_UNMEASURED
from slawatch.cli.lines import counted
from slawatch.cli.options import config_option, examples, log, tell_with_time
from slawatch.errors import BusyError
from slawatch.usecases.tick import tick


@click.command(
    "tick",
    epilog=examples("slawatch tick", "slawatch tick -v -c shop/config.toml"),
)
@config_option
@click.option("-v", "--verbose", is_flag=True, help="Say so where there was nothing to do.")
def command(config_path: Path, *, verbose: bool) -> None:
    """Do one pass: collect, reply where asked back, send what is due, settle. Locked; silent where nothing happened.

    Put it into cron as often as you like: */5 * * * * slawatch tick -c /path/to/config.toml

    Mails the reports that are due, and tells who is named in [[alert]] what goes wrong. Exit code 4 where a mailbox
    could not be read, or a report or an alert did not leave or may not have; what could be done is done.
    """
    with world(config_path, tell=tell_with_time) as here:
        try:
            done = tick(here)
        except BusyError as error:
            if verbose:
                log(str(error))
            return
    for why in done.sending.halted:
        log(f"not sent: {why}")
    for account, due in done.sending.sessions.items():
        log(f"not sent: {counted(due, 'chat')} of {account}: a chat ends with its process; ask with slawatch audit")
    if verbose and not (
        done.sending.sent
        or done.alerting.told
        or done.alerting.failures
        or done.mailing.sent
        or done.sending.followed
        or done.sending.to_post
        or done.collecting.messages
        or done.collecting.failed
    ):
        log("nothing to do")
    if done.part_undone:
        sys.exit(PART_UNMEASURED)
