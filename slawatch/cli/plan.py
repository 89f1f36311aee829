"""`slawatch plan`: what would be asked, of whom, when and at what burden. Sends nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import click

from slawatch import burden
from slawatch.app import world
from slawatch.cli.costs import money
from slawatch.cli.lines import counted, harmless, some, table
from slawatch.cli.options import DURATION, config_option, examples, json_option, local, print_json
from slawatch.durations import show
from slawatch.model import Form, Measure, Mode, Objective, ObjectiveKind, SlotState
from slawatch.usecases import opting
from slawatch.usecases.costs import MICROS, Forecast, forecast
from slawatch.usecases.outlook import Burden, Decidable, Outlook, Week, outlook
from slawatch.usecases.plan import Preview, lay_out, preview, specimen

MOST = 40  # slots that are listed unless all are wanted
MOST_COMPANIES = 10  # same, of companies and of objectives below the list
WIDE = 60  # companies from which on nobody reads when each objective is decided; it takes a look at every reply
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
NOTHING = "nothing is planned: no target has `every`, `cron` or `random`; `slawatch audit` asks on demand"


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
        ahead_of = outlook(here, previews, decidable=everything or as_json or len(here.config.companies) <= WIDE)
        zone = here.config.zone
    if as_json:
        print_json(_document(previews, ahead_of, costs))
        return
    if halted:
        click.echo(f"nothing of this leaves now: {halted}")
    for target, entry in left_alone:
        click.echo(f"never asked: {names[target.company]} ({target.address}), {harmless(entry.words)}")
    if not previews:
        click.echo(_none(ahead, called_off) if scheduled else NOTHING)
        return
    for line in (
        *_lines(previews, names, everything=everything),
        *_costs(costs),
        *_week(ahead_of.week),
        *_burdens(ahead_of.burdens, names, everything=everything),
        *_decidable(ahead_of.decidable, names, zone, everything=everything),
        *_seed(ahead_of),
    ):
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
        f"{counted(asked, 'request')}, about {counted(asked * burden.AGENT_MINUTES, 'minute')} of the companies' work "
        f"(taking {burden.AGENT_MINUTES} minutes an answer)"
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


def _week(week: Week) -> Iterator[str]:
    """Show the hours of the week as a small map: who only asks in the mornings sees it at once."""
    if not week.total:
        return
    yield ""
    yield f"hours of the week, on {'each' if week.total > 1 else 'the'} company's own clock:"
    yield "     0      6      12     18"
    for day, hours in zip(DAYS, week.cells, strict=True):
        marks = "".join("·" if not count else str(count) if count <= 9 else "+" for count in hours)  # noqa: PLR2004  one digit
        yield f"{day}  {' '.join(marks[begin : begin + 6] for begin in range(0, 24, 6))}  {sum(hours) or ''}".rstrip()
    weekend, night = (f"{100 * part / week.total:.0f} %" for part in (week.weekend, week.night))
    yield f"{weekend} on Saturdays and Sundays, {night} from 22:00 to 08:00; of all hours these are 29 % and 42 %"


def _burdens(burdens: Sequence[Burden], names: Mapping[str, str], *, everything: bool) -> Iterator[str]:
    heads = ("Company", "Requests", "Their work", "Most in 30 days", "Limit", "Held back")
    rows = [
        (
            names.get(one.company, one.company),
            str(one.requests),
            f"{one.minutes} min",
            str(one.busiest),
            str(one.limit) if one.limit is not None else "none",
            str(one.held_back) if one.held_back else "",
        )
        for one in burdens
    ]
    if not rows:
        return
    yield ""
    head, *lines = table(heads, rows)
    yield head
    yield from some(lines, MOST_COMPANIES, everything=everything)


def _decidable(found: Sequence[Decidable], names: Mapping[str, str], zone: str, *, everything: bool) -> Iterator[str]:
    heads = ("Company", "Channel", "Objective", "Answers", "Met: earliest", "Not met: earliest")
    several_channels = len({one.channel for one in found}) > 1
    rows = [
        (
            names.get(one.company, one.company),
            one.channel if several_channels else "",
            _objective(one.objective),
            str(one.n),
            _when(one.met_after, one.met_on, zone),
            _when(one.missed_after, one.missed_on, zone),
        )
        for one in found
        if not one.decided
    ]
    if found:
        yield ""
    if rows:
        head, *lines = table(heads, rows, whole=("Met: earliest", "Not met: earliest"))
        yield head
        yield from some(lines, MOST_COMPANIES, everything=everything)
        yield "when that can be proven at the pace of this plan, if all to come is in time and if nothing is;"
        yield "of a mean, about when, if they are like those so far"
    proven = len(found) - len(rows)
    if proven:
        yield f"{counted(proven, 'objective')} {'is' if proven == 1 else 'are'} decided already; the report says how"


def _when(after: int | None, on: datetime | None, zone: str) -> str:
    """Return from when on one side can be proven."""
    if after is None:
        return "–"
    if on is None:
        return f"in over 5 years ({after} more)"
    return f"{local(on, zone, weekday=False)[:10]} ({after} more)"


def _objective(objective: Objective) -> str:
    what = "first responses" if objective.measure is Measure.FIRST_RESPONSE else "answers"
    limit = f"{show(objective.limit)} in service hours" if objective.in_hours else show(objective.limit)
    if objective.kind is ObjectiveKind.MEAN or objective.at_least is None:
        return f"mean of {what} at most {limit}"
    return f"{objective.at_least * 100:.4g} % of {what} within {limit}"


def _seed(found: Outlook) -> Iterator[str]:
    yield ""
    if not found.seed:
        yield "seed: none, as this plan began without one; the same config gives the same times"
    else:
        where = "from the config" if found.seed_from_config else "kept in the store"
        yield f"seed: {found.seed}, {where}; with it the same config gives the same times"


def _document(previews: Sequence[Preview], found: Outlook, costs: Sequence[Forecast]) -> dict[str, object]:
    return {
        "slots": [_facts(one) for one in previews],
        "seed": found.seed,
        "week": {
            "cells": [list(day) for day in found.week.cells],
            "weekend": found.week.weekend,
            "night": found.week.night,
            "total": found.week.total,
        },
        "agent_minutes": sum(one.minutes for one in found.burdens),
        "burdens": [
            {
                "company": one.company,
                "requests": one.requests,
                "agent_minutes": one.minutes,
                "most_in_30_days": one.busiest,
                "limit": one.limit,
                "held_back": one.held_back,
            }
            for one in found.burdens
        ],
        "costs": [
            {
                "account": one.account,
                "requests": one.requests,
                "posting": one.posting / MICROS,
                "reading": one.reading / MICROS,
                "month": one.month / MICROS,
                "over": one.over,
            }
            for one in costs
        ],
        "decidable": [
            {
                "company": one.company,
                "channel": one.channel,
                "measure": str(one.objective.measure),
                "limit_seconds": one.objective.limit,
                "at_least": one.objective.at_least,
                "n": one.n,
                "decided": one.decided or None,
                "met_after": one.met_after,
                "met_on": one.met_on,
                "missed_after": one.missed_after,
                "missed_on": one.missed_on,
            }
            for one in found.decidable
        ],
    }


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
