"""`slawatch opt-out`: who is not to be asked any more. Sends nothing."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from slawatch.app import world
from slawatch.cli.lines import counted, harmless, table
from slawatch.cli.options import config_option, examples, json_option, local, print_json
from slawatch.usecases import opting


@click.group(
    "opt-out",
    epilog=examples(
        'slawatch opt-out add example-shop --why "they asked us to stop, by phone"', "slawatch opt-out list"
    ),
)
def command() -> None:
    """Keep the register of those who are not to be asked any more.

    WHAT is a company's key, a domain (and all below it) or one address. A reply that asks us to stop adds its company
    by itself.
    """


@command.command("add", epilog=examples("slawatch opt-out add example-shop", "slawatch opt-out add shop.example"))
@config_option
@click.argument("what")
@click.option("--why", default="", help="The reason, kept with the entry.")
def add(config_path: Path, *, what: str, why: str) -> None:
    """Put somebody on the register and call off what is planned for them."""
    with world(config_path) as here:
        scope = opting.scope_of(here, what)
        new, done = opting.add(here, scope, why)
    if not new:
        click.echo(f"{scope} is on the register already")
        return
    click.echo(
        f"{scope} is on the register: {counted(done.slots, 'slot')} closed, "
        f"{counted(done.requests, 'request')} withdrawn"
    )


@command.command("remove", epilog=examples('slawatch opt-out remove example-shop --why "they have changed their mind"'))
@config_option
@click.argument("what")
@click.option("--why", required=True, help="The reason, kept in the audit log.")
def remove(config_path: Path, *, what: str, why: str) -> None:
    """Take somebody off the register: they may be asked again. What was called off stays so."""
    with world(config_path) as here:
        scope = opting.scope_of(here, what)
        lifted = opting.remove(here, scope, why)
        still = [one for target, one in opting.left_alone(here) if scope == f"company:{target.company}"]
    click.echo(f"{scope} is off the register" if lifted else f"{scope} was not on the register")
    for one in still:
        click.echo(f"still not asked: {one.scope} is {harmless(one.words)}")


@command.command("list", epilog=examples("slawatch opt-out list --all"))
@config_option
@json_option
@click.option("--all", "everything", is_flag=True, help="List those that were removed again as well.")
def show(config_path: Path, *, as_json: bool, everything: bool) -> None:
    """List who is not asked any more, since when and why."""
    with world(config_path) as here:
        entries = here.store.opt_outs(lifted=everything)
        zone = here.config.zone
    if as_json:
        print_json([asdict(one) for one in entries])
        return
    if not entries:
        click.echo("nobody is on the register")
        return
    rows = [
        (
            local(one.since, zone),
            one.scope,
            harmless(one.why),
            f"removed {local(one.lifted_at, zone)}: {harmless(one.lifted_why)}" if one.lifted_at else "",
        )
        for one in entries
    ]
    for line in table(("Since", "Who", "Why", "Until"), rows, whole=("Since", "Who")):
        click.echo(line)
    click.echo(f"times are those of {zone}")
