"""`slawatch correction`: what companies state of their figures, and what was corrected. Only ever added to."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from slawatch.app import world
from slawatch.cli.lines import harmless, table
from slawatch.cli.options import config_option, examples, json_option, local, print_json
from slawatch.usecases import publishing


@click.group(
    "correction",
    epilog=examples(
        'slawatch correction add example-shop "We moved house in that week."',
        'slawatch correction add example-shop --request R4f2a91c0 --changed "now an answer" "We did."',
        "slawatch correction list",
    ),
)
def command() -> None:
    """Keep what companies state of their figures, and what was corrected: it stands in every report from then on."""


@command.command("add", epilog=examples('slawatch correction add example-shop "We moved house in that week."'))
@config_option
@click.argument("company")
@click.argument("words")
@click.option("--request", default="", help="The id of the request it is about.")
@click.option("--changed", default="", help="What was changed; makes it a correction, and not only a statement.")
def add(config_path: Path, *, company: str, words: str, request: str, changed: str) -> None:
    """Add what a company says. What it says changes no figure: `slawatch review` and a new report do that."""
    kind = publishing.CORRECTION if changed.strip() else publishing.STATEMENT
    with world(config_path) as here:
        made = publishing.add(here, company, kind, words, request=request, changed=changed)
    click.echo(f"{kind} {made.id} of {company} stands in its reports from now on")


@command.command("list", epilog=examples("slawatch correction list --json"))
@config_option
@json_option
@click.option("--company", help="Only those of this company.")
def show(config_path: Path, *, as_json: bool, company: str | None) -> None:
    """List statements and corrections, and which embargoes there were."""
    with world(config_path) as here:
        entries = here.store.corrections(company=company)
        embargoes = [one for one in here.store.every_embargo() if company in {None, one.company}]
        zone = here.config.zone
    if as_json:
        print_json({"corrections": [asdict(one) for one in entries], "embargoes": [asdict(one) for one in embargoes]})
        return
    if not entries and not embargoes:
        click.echo("nobody has stated anything, and no embargo was set")
        return
    rows = [
        (local(one.at, zone), one.company, one.kind, one.request, harmless(one.words), harmless(one.changed))
        for one in entries
    ]
    rows += [
        (
            local(one.made_at, zone),
            one.company,
            "embargo",
            "",
            f"until {local(one.ends_at, zone)}",
            f"overridden: {harmless(one.lifted_why)}" if one.lifted_at else "",
        )
        for one in embargoes
    ]
    for line in table(("When", "Company", "What", "Request", "Words", "Changed"), rows, whole=("When",)):
        click.echo(line)
    click.echo(f"times are those of {zone}")
