"""`slawatch audit-log`: who overrode a rule, opted a company out, erased or restored. Changes nothing."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from slawatch.app import world
from slawatch.cli.lines import harmless, table
from slawatch.cli.options import config_option, examples, json_option, local, moment, print_json


@click.command("audit-log", epilog=examples("slawatch audit-log", "slawatch audit-log --since 2026-11-01 --json"))
@config_option
@json_option
@click.option("--since", help="Only entries from this day or time on.")
@click.option("--scope", help='Only entries about this, such as "company:example-shop".')
def command(config_path: Path, *, as_json: bool, since: str | None, scope: str | None) -> None:
    """Print who overrode, opted out, erased or restored what, the oldest first. Entries are only ever added."""
    with world(config_path) as here:
        zone = here.config.zone
        start = moment(since, zone, where="--since") if since else None
        entries = here.store.audit_log(since=start, scope=scope)
    if as_json:
        print_json([asdict(one) for one in entries])
        return
    if not entries:
        click.echo("nothing was overridden or erased" + (f" since {since}" if since else ""))
        return
    rows = [(local(one.at, zone), one.actor, one.action, one.scope, harmless(one.detail)) for one in entries]
    for line in table(("When", "Who", "What", "About", "Why"), rows, whole=("When",)):
        click.echo(line)
    click.echo(f"times are those of {zone}")
