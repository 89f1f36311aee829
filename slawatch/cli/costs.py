"""`slawatch costs`: what asking on platforms has cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, timedelta
from pathlib import Path

import click

from slawatch.app import world
from slawatch.cli.lines import table
from slawatch.cli.options import DURATION, config_option, examples, json_option, print_json
from slawatch.store import Charge
from slawatch.usecases.costs import MICROS, Spending, spending

NOTHING = "no account in the config costs anything by the call"


@click.command("costs", epilog=examples("slawatch costs", 'slawatch costs --period "90 d"', "slawatch costs --json"))
@config_option
@json_option
@click.option("--period", type=DURATION, help="How far back to count; by default since this month began.")
def command(config_path: Path, *, as_json: bool, period: timedelta | None) -> None:
    """Show what calls to platforms have cost, by account and kind, from the prices in the config.

    Days and months are those of UTC, as they are billed. The platform's own bill counts; this is what it should say.
    """
    with world(config_path) as here:
        found = spending(here, since=here.clock.now() - period if period else None)
    if as_json:
        print_json([_facts(one) for one in found])
        return
    if not found:
        click.echo(NOTHING)
    for one in found:
        for line in _lines(one, limited=period is None):
            click.echo(line)


def money(micros: int) -> str:
    """Return an amount as people write it; less than a cent in all its digits, for a post read costs a tenth of one."""
    amount = micros / MICROS
    return f"${amount:.2f}" if amount >= 0.01 or not micros else f"${amount:.4f}"  # noqa: PLR2004  a cent


def _facts(one: Spending) -> dict[str, object]:
    return {
        "account": one.account,
        "since": one.since,
        "spent": one.total / MICROS,
        "month_max": one.most / MICROS or None,
        "by_day": [
            {
                "day": charge.day,
                "what": charge.what,
                "calls": charge.calls,
                "resources": charge.resources,
                "cost": charge.micros / MICROS,
            }
            for charge in one.charges
        ],
    }


def _lines(one: Spending, *, limited: bool) -> Iterator[str]:
    most = f" of {money(one.most)}" if one.most and limited else ""
    yield f"{one.account}: {money(one.total)}{most} since {one.since.astimezone(UTC):%Y-%m-%d}"
    rows = [
        (what, str(sum(charge.calls for charge in some)), str(sum(charge.resources for charge in some)), _cost(some))
        for what in sorted({charge.what for charge in one.charges})
        if (some := [charge for charge in one.charges if charge.what == what])
    ]
    if rows:
        yield from table(("What", "Calls", "Charged for", "Cost"), rows)
    yield ""


def _cost(charges: Sequence[Charge]) -> str:
    return money(sum(charge.micros for charge in charges))
