"""`slawatch check`: every fault with its cure, before a request depends on it."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from slawatch.app import world
from slawatch.cli.options import config_option, json_option, print_json
from slawatch.usecases.check import check


@click.command("check")
@config_option
@json_option
def command(config_path: Path, *, as_json: bool) -> None:
    """Try config, every account (log in, send, read) and every target. Exit code 1 where something is wrong."""
    with world(config_path) as here:
        findings = check(here)
    if as_json:
        print_json([{"where": f.where, "ok": f.ok, "what": f.what, "cure": f.cure} for f in findings])
    else:
        for finding in findings:
            click.echo(f"{'ok   ' if finding.ok else 'FAULT'}  {finding.where}: {finding.what}")
            if not finding.ok and finding.cure:
                click.echo(f"       cure: {finding.cure}")
        faults = sum(not finding.ok for finding in findings)
        click.echo("everything works" if not faults else f"{faults} fault{'s' if faults > 1 else ''}")
    if not all(finding.ok for finding in findings):
        sys.exit(1)
