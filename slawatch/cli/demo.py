"""`slawatch demo`: the whole thing in a minute and a half, against companies made up on this machine."""

from __future__ import annotations

import shlex
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import click

from slawatch.cli.options import examples, program
from slawatch.cli.progress import Display
from slawatch.errors import UsageError
from slawatch.model import Verdict
from slawatch.usecases.audit import Progress

MARK = "config.toml"
LIVE_SECONDS = 50
QUICK_SECONDS = 6


@click.command("demo", epilog=examples("slawatch demo", "slawatch demo --quick --out /tmp/demo --seed autumn"))
@click.option(
    "--out",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("out/demo"),
    show_default=True,
    help="Where the practice range's store and report go; an earlier demo there is replaced.",
)
@click.option("--seed", default="slawatch", show_default=True, help="The same seed makes the same history.")
@click.option("--quick", is_flag=True, help="Watch for seconds instead of a minute, and no website.")
def command(folder: Path, *, seed: str, quick: bool) -> None:
    """Ask twelve companies made up on this machine, watch their answers come in, and write the report.

    Needs no account, no config and no network: mail servers, an X, chats and companies run inside this process. Four
    weeks of history are made up from the seed; then live requests leave. Time runs 600 times as fast: one second is ten
    minutes. Everything that measures is the real thing.
    """
    from slawatch.cli.report import write_report  # noqa: PLC0415  numpy and jinja take half a second
    from slawatch.practice.demo import FACTOR, LOOK_EVERY, MAIL, practice_range  # noqa: PLC0415  so do the servers
    from slawatch.practice.square import ACCOUNT  # noqa: PLC0415  same
    from slawatch.usecases import audit  # noqa: PLC0415  same
    from slawatch.usecases.collect import collect  # noqa: PLC0415  same
    from slawatch.usecases.report import Choice  # noqa: PLC0415  same

    began = time.monotonic()
    _make_room(folder)
    live = timedelta(seconds=(QUICK_SECONDS if quick else LIVE_SECONDS) * FACTOR)
    pace = f"1 s is {FACTOR // 60} min"
    display = Display(sys.stdout, hint=f"{pace}, Ctrl-C ends it early")
    click.echo("Practice range: all of it is made up on this machine, except how it is measured.")
    with ExitStack() as stack:
        with display.busy("making four weeks of history"):
            here = stack.enter_context(
                practice_range(folder.resolve(), seed=seed, live=live, tell=display.hear, website=not quick)
            )
        world = here.world
        names = {key: company.name for key, company in world.config.companies.items()}
        click.echo(
            f"History: {here.requests} requests to {len(names)} companies, {len(here.history.arrived)} mails and "
            f'{here.square.posts} posts on an X of this machine (seed "{seed}").'
        )
        with display.busy("reading the mailbox over IMAP"):
            done = collect(world, [MAIL])
        click.echo(f"Collected over IMAP: {done.messages} mails, {done.replies} of them replies.")
        with display.busy("reading mentions over X's API"):
            done = collect(world, [ACCOUNT])
        click.echo(f"Collected over X's API: {done.messages} posts, {done.replies} of them the companies'.")
        click.echo(f"Since then companies have deleted {here.square.take_down()} of theirs.")
        with display.busy("judging what was said in chats"):
            done = collect(world, list(here.lounge.accounts))
        click.echo(f"Judged from chats: {done.replies} lines of the companies'.")
        if not here.lounge.browser and not quick:
            click.echo("No website's chat is asked: that takes a Chromium, and pip install 'slawatch[webchat]'.")
        targets = [target for company in world.config.companies.values() for target in company.targets]
        click.echo(f"Now {len(targets)} live requests; {pace}. Ctrl-C ends it early.")
        stack.enter_context(audit.alone(world))
        campaign = audit.start(world, targets, over=timedelta(0), until=here.clock.hurry(live), name="demo")
        try:
            with display.watching(world):
                last = audit.run(world, campaign, show=display.show, look_every=LOOK_EVERY)
        except KeyboardInterrupt:
            audit.end(world, campaign)
            last = audit.progress(world, campaign)
            click.echo("Ended early.")
        for line in display.summary(last, names):
            click.echo(line)
        with display.busy("writing the report"):
            choice = Choice(since=here.history.requests[0].intended_at, until=world.clock.now(), lang=world.config.lang)
            path = write_report(world, choice, folder / "report.html")
    click.echo(f"Done in {time.monotonic() - began:.0f} s.\n")
    for line in _next(folder, last):
        click.echo(line)
    click.echo(f"\nReport: {path.as_uri()}")


def _next(folder: Path, last: Progress) -> Iterator[str]:
    """Yield what to try next, ready to be copied."""
    call, config = program(), shlex.quote(str(folder / MARK))
    answered = [request for request, outcome in last.requests if outcome and outcome.verdict is Verdict.ANSWERED]
    yield "Try next:"
    yield f"  {call} status -c {config}"
    for request in (answered or [request for request, _ in last.requests])[:1]:
        yield f"  {call} explain -c {config} {request.public_id}"
    yield f"  {call} init my-audit     and then ask for real"


def _make_room(folder: Path) -> None:
    """Remove an earlier demo; refuse to touch a folder that is something else."""
    if not folder.exists() or not any(folder.iterdir()):
        return
    config = folder / MARK
    if not (config.is_file() and config.read_text(encoding="utf-8").startswith("# Written by `slawatch demo`")):
        raise UsageError(f'--out: "{folder}" holds something that is no demo; name an empty or a new folder')
    shutil.rmtree(folder)
