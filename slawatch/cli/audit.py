"""`slawatch audit`: ask now, watch the answers come in, report."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import click

from slawatch.app import world
from slawatch.cli import FAILED, INTERRUPTED, PART_UNMEASURED
from slawatch.cli.lines import table
from slawatch.cli.logs import Log, both, log_option
from slawatch.cli.options import DURATION, config_option, examples, moment, program
from slawatch.cli.progress import Display
from slawatch.cli.report import write_report
from slawatch.config import Target
from slawatch.durations import parse
from slawatch.errors import UsageError
from slawatch.model import Campaign, Delivery
from slawatch.usecases import again, audit
from slawatch.usecases.listen import listening
from slawatch.usecases.report import Choice
from slawatch.usecases.world import News, World


@click.command(
    "audit",
    epilog=examples(
        "slawatch audit",
        'slawatch audit --company example-shop --until "2 d"',
        'slawatch audit --over "8 h" --look-every "5 min" --yes',
        "slawatch audit --about R1a2b3c4d --channel xmpp",
        "slawatch audit --resume",
    ),
)
@config_option
@click.option("--company", "companies", multiple=True, help="Only this company; may be given several times.")
@click.option("--channel", "channels", multiple=True, help="Only this channel; may be given several times.")
@click.option("--over", type=DURATION, default="0 s", help='Spread the requests over this time, such as "2 d".')
@click.option(
    "--until", default="", help='Stop looking then: a duration ("2 h") or a time. Default: until all is settled.'
)
@click.option("--look-every", type=DURATION, default="30 s", show_default=True, help="How often to look for answers.")
@click.option(
    "--about",
    default="",
    metavar="REQUEST",
    help="Ask about this request on its company's other ways, by the company's own number for it.",
)
@click.option("--resume", is_flag=True, help="Go on with the audit that was interrupted.")
@click.option(
    "--yes", is_flag=True, help="Do not ask before the first request leaves. Without a terminal it never asks."
)
@log_option
def command(
    config_path: Path,
    *,
    companies: tuple[str, ...],
    channels: tuple[str, ...],
    over: timedelta,
    until: str,
    look_every: timedelta,
    about: str,
    resume: bool,
    yes: bool,
    log: Log | None,
) -> None:
    """Ask the chosen targets (default: all), look until every request is settled, and write the report.

    It may be interrupted at any time (Ctrl-C) and taken up again with --resume; cron's `tick` looks on meanwhile.
    """
    if resume and (companies or channels or over or until or about):
        raise UsageError("audit --resume: goes on with what was chosen then; give no other choice beside it")
    display = Display(sys.stdout, hint="Ctrl-C interrupts, --resume goes on")
    with world(config_path, tell=both(log, display.hear)) as here, audit.alone(here):
        campaign = _taken_up(here) if resume else _started(here, companies, channels, over, until, about, yes=yes)
        try:
            with display.watching(here), listening(here, audit.accounts(here, campaign)) as wait:
                last = audit.run(here, campaign, show=display.show, look_every=look_every, wait=wait)
        except KeyboardInterrupt:
            audit.let_go(here)
            click.echo(
                "interrupted; nothing is lost. Go on with: "
                f"{program()} audit -c {shlex.quote(str(config_path))} --resume",
                err=True,
            )
            sys.exit(INTERRUPTED)
        names = {key: company.name for key, company in here.config.companies.items()}
        for line in display.summary(last, names):
            click.echo(line)
        for line in _unmeasured(last, names):
            click.echo(line)
        choice = Choice(since=campaign.started_at, until=here.clock.now(), campaign=campaign.id, lang=here.config.lang)
        path = write_report(here, choice, here.config.out / f"audit-{campaign.id}.html")
    click.echo(f"report: {path.as_uri()}")
    if last.unmeasured:
        sys.exit(PART_UNMEASURED)


def _unmeasured(last: audit.Progress, names: Mapping[str, str]) -> Iterator[str]:
    """Yield who was not asked and what held it up, so that an empty report is never taken for a finished audit."""
    for slot in last.waiting:
        yield f"not asked: {names.get(slot.company, slot.company)}" + (f" ({slot.why})" if slot.why else "")
    for request, outcome in last.requests:
        if request.delivery is Delivery.SKIPPED:
            yield f"skipped: {names.get(request.company, request.company)}; {request.void_detail}"
        elif outcome is None:
            yield f"not sent: {names.get(request.company, request.company)}; called off with the end of the audit"
    if last.note:
        yield f"held up: {last.note}"


def _taken_up(here: World) -> Campaign:
    campaign = here.store.campaign(still_open=True)
    if campaign is None:
        raise UsageError("audit --resume: no audit is open; start one with: slawatch audit")
    here.tell(News(what="resumed", words=f"audit {campaign.id} of {campaign.started_at:%Y-%m-%d %H:%M} UTC goes on"))
    return campaign


def _started(
    here: World,
    companies: tuple[str, ...],
    channels: tuple[str, ...],
    over: timedelta,
    until: str,
    about: str,
    *,
    yes: bool,
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
    before = again.about(here, about) if about else None
    targets = again.targets(before, targets) if before else targets
    ends = _end(here, until)
    earlier = here.store.campaign(still_open=True)
    if earlier is not None:
        click.echo(
            f"note: audit {earlier.id} was never ended; after this one `slawatch audit --resume` goes on with it"
        )
    if targets and not yes and sys.stdin.isatty():
        _confirm(here, targets)
    return audit.start(
        here,
        targets,
        over=over,
        until=ends,
        name=about or ",".join(companies) or "all",
        continues=before.id if before else None,
    )


def _confirm(here: World, targets: list[Target]) -> None:
    rows = [(here.config.companies[one.company].name, one.channel, one.address) for one in targets]
    for line in table(("Company", "Channel", "Address"), rows):
        click.echo(line)
    if not click.confirm("Ask this target?" if len(targets) == 1 else f"Ask these {len(targets)} targets?"):
        click.echo("nothing was asked", err=True)
        sys.exit(FAILED)


def _end(here: World, until: str) -> datetime | None:
    if not until:
        return None
    try:
        return here.clock.now() + parse(until)
    except ValueError:
        ends = moment(until, here.config.zone, end=True, where="--until", other='a duration ("2 h"), ')
    if ends <= here.clock.now():
        raise UsageError(f'--until: "{until}" has passed')
    return ends
