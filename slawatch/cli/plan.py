"""`slawatch plan`: what would be asked, of whom, when and at what burden. Sends nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import click

from slawatch.app import world
from slawatch.cli.costs import money
from slawatch.cli.lines import counted, harmless, some, table
from slawatch.cli.options import DURATION, config_option, examples, json_option, local, print_json
from slawatch.durations import show
from slawatch.model import Form, Mode, SlotState
from slawatch.usecases import opting
from slawatch.usecases.costs import Forecast, forecast
from slawatch.usecases.plan import Preview, lay_out, preview, specimen

AGENT_MINUTES = 6  # assumed work of one answer; the figure is an assumption and is printed as one
MOST = 40  # slots that are listed unless all are wanted
NOTHING = "nothing is planned: no target has `every` or `cron`; `slawatch audit` asks on demand"


@click.command(
    "plan", epilog=examples("slawatch plan", 'slawatch plan --ahead "60 d" --all', "slawatch plan --out letters")
)
@config_option
@json_option
@click.option("--ahead", type=DURATION, default="14 d", show_default=True, help="How far to look ahead.")
@click.option("--all", "everything", is_flag=True, help=f"List every slot, not only the next {MOST}.")
@click.option(
    "--out",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write each message there, posts and chats as .txt.",
)
def command(config_path: Path, *, as_json: bool, ahead: timedelta, everything: bool, folder: Path | None) -> None:
    """Show the coming slots, what each would ask, and which burden limit holds one back. Nothing is sent."""
    with world(config_path) as here:
        until = here.clock.now() + ahead
        lay_out(here, until)
        previews = preview(here, until)
        scheduled = any(target.schedule for company in here.config.companies.values() for target in company.targets)
        written = 0
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            for written, one in enumerate((one for one in previews if one.text), 1):
                ending = "eml" if one.target.form is Form.LETTER else "txt"
                (folder / f"{written:03}-{one.slot.company}.{ending}").write_bytes(specimen(here, one))
        names = {key: company.name for key, company in here.config.companies.items()}
        called_off = sum(here.clock.now() < slot.due_at <= until for slot in here.store.slots(state=SlotState.CLOSED))
        halted = here.halted()
        left_alone = opting.left_alone(here)
        costs = forecast(here, previews) if here.in_public else []
    if as_json:
        print_json([_facts(one) for one in previews])
        return
    if halted:
        click.echo(f"nothing of this leaves now: {halted}")
    for target, entry in left_alone:
        click.echo(f"never asked: {names[target.company]} ({target.address}), {harmless(entry.words)}")
    if not previews:
        click.echo(_none(ahead, called_off) if scheduled else NOTHING)
        return
    for line in (*_lines(previews, names, everything=everything), *_costs(costs)):
        click.echo(line)
    if folder is not None:
        click.echo(f"{counted(written, 'message')} written to {folder}; the references in them are specimens")


def _none(ahead: timedelta, called_off: int) -> str:
    """Return why there is no slot: after an abort a look further ahead shows when asking goes on."""
    why = f": {counted(called_off, 'slot')} {'was' if called_off == 1 else 'were'} called off" if called_off else ""
    return f"no slot in the next {show(ahead)}{why}; look further with --ahead"


def _lines(previews: Sequence[Preview], names: Mapping[str, str], *, everything: bool) -> Iterator[str]:
    several_zones = len({one.slot.zone for one in previews}) > 1
    several_channels = len({one.slot.channel for one in previews}) > 1
    by_hand = any(one.target.mode is Mode.ASSISTED for one in previews)
    heads = ("When", "Zone", "Company", "Channel", "Address", "Posted by", "Asks about")
    rows = [
        (
            local(one.slot.due_at, one.slot.zone),
            one.slot.zone if several_zones else "",
            names.get(one.slot.company, one.slot.company),
            one.slot.channel if several_channels else "",
            one.slot.target,
            ("you" if one.target.mode is Mode.ASSISTED else "slawatch") if by_hand else "",
            f"{one.text.probe} ({one.text.lang}, variant {one.text.variant + 1})" if one.text else f"– {one.refused}",
        )
        for one in previews
    ]
    head, *lines = table(heads, rows, whole=("When",), spare=("Address",))
    yield head
    yield from some(lines, MOST, everything=everything)
    asked = sum(one.text is not None for one in previews)
    held = len(previews) - asked
    yield ""
    yield (
        f"{counted(asked, 'request')}, about {counted(asked * AGENT_MINUTES, 'minute')} of the companies' work "
        f"(taking {AGENT_MINUTES} minutes an answer)"
    )
    if held:
        yield f"{counted(held, 'slot')} marked – {'is' if held == 1 else 'are'} held back, by the limit named there"
    if not several_zones:
        yield f"times are those of {previews[0].slot.zone}"


def _costs(costs: Sequence[Forecast]) -> Iterator[str]:
    for one in costs:
        yield (
            f"{one.account}: about {money(one.total)}, {money(one.posting)} of it for posting and "
            f"{money(one.reading)} for reading what comes back; this month then comes to {money(one.month)}"
            + (", which is more than month_max allows: asking will stop before" if one.over else "")
        )


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
        "by_hand": one.target.mode is Mode.ASSISTED,
        "held_back": one.refused or None,
    }
