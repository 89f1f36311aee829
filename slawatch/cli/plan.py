"""`slawatch plan`: what would be asked, of whom, when and at what burden. Sends nothing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import click

from slawatch.app import world
from slawatch.cli.options import DURATION, config_option, json_option, local, print_json
from slawatch.usecases.plan import Preview, lay_out, preview, specimen

AGENT_MINUTES = 6  # assumed work of one answer; the figure is an assumption and is printed as one
NOTHING = "nothing is planned: no target has `every` or `cron`; `slawatch audit` asks on demand"


@click.command("plan")
@config_option
@json_option
@click.option("--ahead", type=DURATION, default="14 d", show_default=True, help="How far to look ahead.")
@click.option(
    "--out", "folder", type=click.Path(file_okay=False, path_type=Path), help="Write each message there as .eml."
)
def command(config_path: Path, *, as_json: bool, ahead: timedelta, folder: Path | None) -> None:
    """Show the coming slots, what each would ask, and which burden limit holds one back. Nothing is sent."""
    with world(config_path) as here:
        until = here.clock.now() + ahead
        lay_out(here, until)
        previews = preview(here, until)
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            for number, one in enumerate((one for one in previews if one.text), 1):
                (folder / f"{number:03}-{one.slot.company}.eml").write_bytes(specimen(here, one))
        if as_json:
            print_json([_facts(one) for one in previews])
            return
        if not previews:
            click.echo(NOTHING)
            return
        for one in previews:
            what = f"{one.text.probe} ({one.text.lang}, variant {one.text.variant + 1})" if one.text else one.refused
            mark = " " if one.text else "–"
            click.echo(
                f"{mark} {local(one.slot.due_at, one.slot.zone)} {one.slot.zone}  {one.slot.company}  "
                f"{one.slot.channel} {one.slot.target}  {what}"
            )
        asked = sum(one.text is not None for one in previews)
        held = len(previews) - asked
        click.echo(
            f"{asked} requests, about {asked * AGENT_MINUTES} minutes of the companies' work "
            f"(taking {AGENT_MINUTES} minutes an answer); {held} held back by limits"
        )
        if folder is not None:
            click.echo(f"messages written to {folder}; their references are specimens")


def _facts(one: Preview) -> dict[str, object]:
    return {
        "due_at": one.slot.due_at,
        "company": one.slot.company,
        "channel": one.slot.channel,
        "target": one.slot.target,
        "probe": one.text.probe if one.text else None,
        "lang": one.text.lang if one.text else None,
        "variant": one.text.variant + 1 if one.text else None,
        "subject": one.text.subject if one.text else None,
        "held_back": one.refused or None,
    }
