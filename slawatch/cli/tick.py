"""`slawatch tick`: one pass for cron."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from slawatch.app import world
from slawatch.cli import PART_UNMEASURED
from slawatch.cli.lines import counted
from slawatch.cli.logs import Log, log_option, say, teller
from slawatch.cli.options import config_option, examples, tell_with_time
from slawatch.cli.options import log as line
from slawatch.errors import BusyError
from slawatch.usecases.tick import Tick, tick


@click.command(
    "tick",
    epilog=examples("slawatch tick", "slawatch tick -v -c shop/config.toml"),
)
@config_option
@log_option
@click.option("-v", "--verbose", is_flag=True, help="Say so where there was nothing to do.")
def command(config_path: Path, *, verbose: bool, log: Log | None) -> None:
    """Do one pass: collect, reply where asked back, send what is due, settle. Locked; silent where nothing happened.

    Put it into cron as often as you like: */5 * * * * slawatch tick -c /path/to/config.toml

    Mails the reports that are due, and tells who is named in [[alert]] what goes wrong. Exit code 4 where a mailbox
    could not be read, or a report or an alert did not leave or may not have; what could be done is done.
    """
    with world(config_path, tell=teller(log, tell_with_time)) as here:
        try:
            done = tick(here)
        except BusyError as error:
            if verbose or log is not None:
                say(log, "busy", str(error), line)
            return
    for why in done.sending.halted:
        say(log, "halted", f"not sent: {why}", line)
    for account, due in done.sending.sessions.items():
        words = f"not sent: {counted(due, 'chat')} of {account}: a chat ends with its process; ask with slawatch audit"
        say(log, "halted", words, line)
    if log is not None:
        log.write("pass", facts=facts_of(done) | {"exit_code": PART_UNMEASURED if done.part_undone else 0})
    elif verbose and not (
        done.sending.sent
        or done.alerting.told
        or done.alerting.failures
        or done.mailing.sent
        or done.sending.followed
        or done.sending.to_post
        or done.collecting.messages
        or done.collecting.failed
    ):
        line("nothing to do")
    if done.part_undone:
        sys.exit(PART_UNMEASURED)


def facts_of(done: Tick) -> dict[str, object]:
    """Return a pass in numbers, for the log: what was sent, came in, and went wrong."""
    return {
        "sent": len(done.sending.sent),
        "put_off": done.sending.put_off,
        "messages": done.collecting.messages,
        "replies": done.collecting.replies,
        "not_observed": sorted(done.collecting.failed),
        "mailed": len(done.mailing.sent),
        "not_mailed": len(done.mailing.failures),
        "told": len(done.alerting.told),
        "not_told": len(done.alerting.failures),
    }
