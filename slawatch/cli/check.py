"""`slawatch check`: every fault with its cure, before a request depends on it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from slawatch.app import world
from slawatch.cli import FAILED
from slawatch.cli.lines import counted, folded, harmless
from slawatch.cli.options import config_option, examples, json_option, print_json
from slawatch.usecases.check import Checked, check
from slawatch.usecases.world import World

INDENT = " " * 9
HEADS = {"ok": "ok       ", "warning": "warning  ", "fault": "FAULT    "}


@click.command("check", epilog=examples("slawatch check", "slawatch check -c shop/config.toml --json"))
@config_option
@json_option
@click.option("--alerts", is_flag=True, help="Send a trial to everybody named in [[alert]], too.")
def command(config_path: Path, *, as_json: bool, alerts: bool) -> None:
    """Try config, every account (log in, send, read) and every target. Exit code 1 where something is wrong.

    A letter goes to ourselves and is read back; nothing is sent to any company. What companies' servers can verify of
    our letters (SPF, DKIM, DMARC) is looked up in the DNS. A warning stops nothing, but may spoil figures elsewhere.
    """
    with world(config_path) as here:
        findings = [*check(here), *(_tried(here) if alerts else ())]
    faults = sum(finding.result == "fault" for finding in findings)
    warnings = sum(finding.result == "warning" for finding in findings)
    if as_json:
        print_json(
            [{"where": f.where, "result": f.result, "ok": f.ok, "what": f.what, "cure": f.cure} for f in findings]
        )
    else:
        for finding in findings:
            _show(finding)
        click.echo(_in_short(faults, warnings))
    if faults:
        sys.exit(FAILED)


def _tried(here: World) -> Iterator[Checked]:
    """Yield of each [[alert]] whether a trial left."""
    from slawatch.usecases.alerting import try_out  # noqa: PLC0415  only where it is asked for

    for recipient in here.config.alarms.recipients:
        why = try_out(here, recipient)
        what = "a trial did not leave" if why else "a trial left; see whether it arrives"
        yield Checked(where=f"alert {recipient.name}", ok=not why, what=what, cure=why)


def _show(finding: Checked) -> None:
    for line in folded(HEADS[finding.result], harmless(f"{finding.where}: {finding.what}")):
        click.echo(line)
    if finding.cure:
        for line in folded(INDENT, harmless(f"cure: {finding.cure}")):
            click.echo(line)


def _in_short(faults: int, warnings: int) -> str:
    if not faults and not warnings:
        return "everything works"
    counts = [counted(number, noun) for number, noun in ((faults, "fault"), (warnings, "warning")) if number]
    return ", ".join(counts) if faults else f"everything works, with {counts[0]}"
