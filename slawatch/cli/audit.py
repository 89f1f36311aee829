"""`slawatch audit`: ask now, watch the answers come in, report."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from pathlib import Path

import click

from slawatch.app import world
from slawatch.cli.options import DURATION, config_option, moment
from slawatch.cli.progress import Display
from slawatch.cli.report import write_report
from slawatch.durations import parse
from slawatch.errors import UsageError
from slawatch.model import Campaign
from slawatch.usecases import audit
from slawatch.usecases.report import Choice
from slawatch.usecases.world import News, World

INTERRUPTED = 130


@click.command("audit")
@config_option
@click.option("--company", "companies", multiple=True, help="Only this company; may be given several times.")
@click.option("--channel", "channels", multiple=True, help="Only this channel; may be given several times.")
@click.option("--over", type=DURATION, default="0 s", help='Spread the requests over this time, such as "2 d".')
@click.option(
    "--until", default="", help='Stop looking then: a duration ("2 h") or a time. Default: until all is settled.'
)
@click.option("--look-every", type=DURATION, default="30 s", show_default=True, help="How often to look for answers.")
@click.option("--resume", is_flag=True, help="Go on with the audit that was interrupted.")
@click.option("--yes", is_flag=True, help="Do not ask before the first request leaves.")
def command(
    config_path: Path,
    *,
    companies: tuple[str, ...],
    channels: tuple[str, ...],
    over: timedelta,
    until: str,
    look_every: timedelta,
    resume: bool,
    yes: bool,
) -> None:
    """Ask the chosen targets (default: all), look until every request is settled, and write the report.

    It may be interrupted at any time (Ctrl-C) and taken up again with --resume; cron's `tick` looks on meanwhile.
    """
    display = Display(sys.stdout)
    with world(config_path, tell=display.news) as here:
        campaign = _taken_up(here) if resume else _started(here, companies, channels, over, until, yes=yes)
        try:
            with display:
                last = audit.run(here, campaign, show=display.show, look_every=look_every)
        except KeyboardInterrupt:
            click.echo(
                f"\ninterrupted; nothing is lost. Go on with: slawatch audit -c {config_path} --resume", err=True
            )
            sys.exit(INTERRUPTED)
        for line in display.summary(last):
            click.echo(line)
        choice = Choice(since=campaign.started_at, until=here.clock.now(), campaign=campaign.id, lang=here.config.lang)
        path = write_report(here, choice, here.config.out / f"audit-{campaign.id}.html")
    click.echo(f"report: {path.as_uri()}")


def _taken_up(here: World) -> Campaign:
    campaign = here.store.campaign()
    if campaign is None or campaign.ended_at is not None:
        raise UsageError("audit --resume: no audit is open; start one with: slawatch audit")
    here.tell(News(what="resumed", words=f"audit {campaign.id} of {campaign.started_at:%Y-%m-%d %H:%M} UTC goes on"))
    return campaign


def _started(
    here: World, companies: tuple[str, ...], channels: tuple[str, ...], over: timedelta, until: str, *, yes: bool
) -> Campaign:
    for key in companies:
        here.company(key)
    targets = [
        target
        for company in here.config.companies.values()
        if not companies or company.key in companies
        for target in company.targets
        if not channels or target.channel in channels
    ]
    earlier = here.store.campaign()
    if earlier is not None and earlier.ended_at is None:
        click.echo(f"note: audit {earlier.id} was never ended; `slawatch audit --resume` would go on with it")
    if not yes and sys.stdin.isatty():
        for target in targets:
            click.echo(f"  {here.config.companies[target.company].name}  {target.channel}  {target.address}")
        click.confirm(f"ask these {len(targets)} targets?", abort=True)
    ends = _end(here, until)
    return audit.start(here, targets, over=over, until=ends, name=",".join(companies) or "all")


def _end(here: World, until: str) -> datetime | None:
    if not until:
        return None
    try:
        return here.clock.now() + parse(until)
    except ValueError:
        return moment(until, here.config.zone, end=True)
