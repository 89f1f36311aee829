"""`slawatch abort`: pause, and withdraw everything that has not left."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import click

from slawatch.app import world
from slawatch.cli import FAILED
from slawatch.cli.lines import counted, harmless
from slawatch.cli.options import DURATION, config_option, examples
from slawatch.errors import UsageError
from slawatch.store import LetterState
from slawatch.usecases.apologising import drafts, send
from slawatch.usecases.control import abort, scope_of
from slawatch.usecases.world import World

FOLDER = "apologies"  # under the one that reports are written to


@click.command(
    "abort",
    epilog=examples(
        "slawatch abort",
        "slawatch abort --all",
        'slawatch abort --company example-shop --why "they asked us to stop" --yes',
    ),
)
@config_option
@click.option("--company", default="", help="Only this company.")
@click.option(
    "--why", default="aborted by hand", show_default=True, help="The reason, kept with each withdrawn request."
)
@click.option("--all", "everybody", is_flag=True, help="Everything, with an apology ready for all who were asked.")
@click.option(
    "--asked-within", type=DURATION, default="30 d", show_default=True, help="With --all: how long ago at most."
)
@click.option("--send", "sending", is_flag=True, help="With --all: send the apologies, each once.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def command(
    config_path: Path, *, company: str, why: str, everybody: bool, asked_within: timedelta, sending: bool, yes: bool
) -> None:
    """Pause, close every planned slot and withdraw every request that has not left.

    What was sent stays sent and is measured. With --all an apology to everybody who was asked lately is laid into the
    folder of the reports; it leaves with --send only, once to each address, and never to who has opted out.
    """
    if company and everybody:
        raise UsageError("--company and --all: give one of them")
    if sending and not everybody:
        raise UsageError("--send: it sends the apologies of --all; add --all")
    with world(config_path) as here:
        scope = scope_of(here, company=company)
        whom = here.config.companies[company].name if company else "every company"
        if not yes:
            _confirm(whom)
        done = abort(here, scope, why)
        lines = list(_apologise(here, asked_within, sending=sending)) if everybody else []
    click.echo(
        f"aborted: {counted(done.slots, 'slot')} closed, {counted(done.requests, 'request')} withdrawn; "
        f"paused until `slawatch resume{f' --company {company}' if company else ''}`"
    )
    for line in lines:
        click.echo(line)


def _apologise(here: World, within: timedelta, *, sending: bool) -> Iterator[str]:
    """Draft the apologies or send them; yield what is to be said of it."""
    found = drafts(here, within=within)
    new = [one for one in found.letters if not one.done]
    if not sending:
        folder = here.config.out / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        for number, one in enumerate((*new, *found.by_hand), 1):
            text = f"To: {one.address}\nSubject: {one.subject}\n\n{one.body}"
            (folder / f"{number:03}-{one.company}-{one.channel}.txt").write_text(text, encoding="utf-8")
        if new or found.by_hand:
            number = len(new) + len(found.by_hand)
            yield f"{counted(number, 'apology', 'apologies')} drafted in {folder}; nothing is sent"
        if new:
            yield "send those by e-mail with: slawatch abort --all --send"
    else:
        for letter in send(here, new):
            # Nothing is kept of why one was not even tried: the account's rate, its pause, or a try that failed before.
            waits = "a later pass sends it" if letter.state is LetterState.INTENDED else ""
            why = f" ({harmless(letter.detail or waits)})" if letter.detail or waits else ""
            yield f"{letter.recipient}: {letter.state.value}{why}"
    if sent := sum(one.done for one in found.letters):
        yield f"{counted(sent, 'address', 'addresses')} had an apology for these questions before"
    for one in found.by_hand:
        yield f"{one.address} ({one.channel}): no e-mail reaches them there; say it yourself"
    for one in found.left_alone:
        yield f"{one.address}: on the opt-out register, so not even an apology goes there"


def _confirm(whom: str) -> None:
    if not sys.stdin.isatty():
        raise UsageError("abort: nobody is there to ask; add --yes")
    if not click.confirm(f"Withdraw all that has not left to {whom}, and pause?"):
        click.echo("nothing was withdrawn", err=True)
        sys.exit(FAILED)
