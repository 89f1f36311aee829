"""`slawatch check`: every fault with its cure, before a request depends on it."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from slawatch.app import world
from slawatch.cli import FAILED
from slawatch.cli.lines import counted, harmless
from slawatch.cli.options import config_option, examples, json_option, print_json
from slawatch.usecases.check import check


@click.command("check", epilog=examples("slawatch check", "slawatch check -c shop/config.toml --json"))
@config_option
@json_option
def command(config_path: Path, *, as_json: bool) -> None:
    """Try config, every account (log in, send, read) and every target. Exit code 1 where something is wrong.

    A letter goes to ourselves and is read back; nothing is sent to any company.
    """
    with world(config_path) as here:
        findings = check(here)
    faults = sum(not finding.ok for finding in findings)
    if as_json:
        print_json([{"where": f.where, "ok": f.ok, "what": f.what, "cure": f.cure} for f in findings])
    else:
        for finding in findings:
            click.echo(harmless(f"{'ok   ' if finding.ok else 'FAULT'}  {finding.where}: {finding.what}"))
            if not finding.ok and finding.cure:
                click.echo(harmless(f"       cure: {finding.cure}"))
        click.echo(counted(faults, "fault") if faults else "everything works")
    if faults:
        sys.exit(FAILED)
