"""`slawatch evidence`: a pack of evidence for somebody who has neither our store nor our word."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from slawatch import periods
from slawatch.app import world
from slawatch.cli.lines import counted
from slawatch.cli.options import config_option, examples
from slawatch.cli.report import PERIOD, period_of


@click.command(
    "evidence",
    epilog=examples(
        "slawatch evidence pack.zip",
        "slawatch evidence shop.zip --company example-shop --period 2026-11-01..2026-11-30",
        "slawatch evidence open.zip --company example-shop --redacted",
    ),
)
@config_option
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--company", "companies", multiple=True, help="Only this company; may be given several times.")
@click.option("--period", default=PERIOD, show_default=True, help='As of report: "28 d", or 2026-11-01..2026-11-30.')
@click.option("--redacted", is_flag=True, help="Leave raw messages out, and what rules saw in them; keep digests.")
def command(config_path: Path, *, out: Path, companies: tuple[str, ...], period: str, redacted: bool) -> None:
    """Write a ZIP that a stranger can check with Python alone: messages, chain, waits, and check.py.

    Raw messages carry names, and the tokens of requests that are over; --redacted leaves them out.
    """
    from slawatch.cli.progress import Display  # noqa: PLC0415  costs 20 ms
    from slawatch.usecases.evidence import pack  # noqa: PLC0415  same
    from slawatch.usecases.report import Choice  # noqa: PLC0415

    with world(config_path) as here:
        for key in companies:
            here.company(key)
        asked = period_of(here, period, None)
        choice = Choice(
            since=asked.since,
            until=asked.until,
            kind=periods.show(asked.kind),
            companies=companies,
            lang=here.config.lang,
        )
        with Display(sys.stderr, hint="").busy("packing the evidence"):
            packed = pack(here, out, choice, redacted=redacted)
    sealed = f", {packed.sealed} sealed" if packed.sealed else ""
    left_out = ", raw messages left out" if redacted else ""
    click.echo(f"{packed.path.resolve().as_uri()}")
    click.echo(f"{counted(packed.requests, 'request')}, {counted(packed.messages, 'message')}{sealed}{left_out}")
    click.echo(f"head {packed.head or 'none'}: give it to whoever checks, by another way than the pack")
