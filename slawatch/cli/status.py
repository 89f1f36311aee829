"""`slawatch status`: how things stand, for a person who has a minute."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

import click

from slawatch.app import world
from slawatch.budget import State
from slawatch.cli import dressed
from slawatch.cli.adopt import invitation_facts
from slawatch.cli.lines import counted, harmless, masked, some, table
from slawatch.cli.options import config_option, examples, json_option, local, print_json, scope_in_words
from slawatch.cli.progress import state, waited, word
from slawatch.durations import show
from slawatch.model import Objective, Outcome, Request
from slawatch.noticing.floor import Floor
from slawatch.usecases.status import Status, status
from slawatch.usecases.world import STOP_FILE

MOST = 20  # open requests that are listed unless all are wanted

MOST_BUDGETS = 5  # error budgets that are listed unless all are wanted

PROBLEM, WAITS, HEADING = "bold red", "bold yellow", "bold"  # styles of rich, on a terminal
STATES = {"used up": "red", "near it": "yellow"}


@click.command("status", epilog=examples("slawatch status", "slawatch status --all", "slawatch status --json"))
@config_option
@json_option
@click.option("--all", "everything", is_flag=True, help=f"List every open request, not only the oldest {MOST}.")
def command(config_path: Path, *, as_json: bool, everything: bool) -> None:
    """Show the last looks, what is open, who asks us back, what comes next, and what waits for a person."""
    with world(config_path) as here:
        found = status(here)
        zone = here.config.zone
        names = {key: company.name for key, company in here.config.companies.items()}
    if as_json:
        print_json(_facts(found))
        return
    dressed.show_lines(lines_of(found, zone, names, everything=everything), STATES)


def _facts(found: Status) -> dict[str, object]:
    return {
        "paused": found.paused,
        "halted": found.halted or None,
        "looks": found.looks,
        "troubles": found.troubles,
        "open": [
            {
                "request": request.public_id,
                "company": request.company,
                "channel": request.channel,
                "state": state(request, outcome) if outcome else request.delivery.value,
                "asked_at": _asked_at(request, outcome),
                "first_response_seconds": outcome.first_response.length if outcome and outcome.first_response else None,
                "first_response_ended": outcome.first_response.ended if outcome and outcome.first_response else None,
            }
            for request, outcome in found.open
        ],
        "our_turn": [
            {
                "request": one.request.public_id,
                "company": one.request.company,
                "channel": one.request.channel,
                "since": one.since,
                "by_itself": not one.why,
                "because": one.why or None,
            }
            for one in found.our_turn
        ],
        "to_post": [invitation_facts(one) for one in found.to_post],
        "to_ask": [invitation_facts(one) for one in found.to_ask],
        "budgets": [
            {
                "company": one.company,
                "channel": one.way,
                "measure": str(one.budget.objective.measure),
                "limit_seconds": one.budget.objective.limit,
                "used": one.budget.used,
                "allowed": one.budget.allowed,
                "state": str(one.budget.state),
                "since": one.budget.period.since,
            }
            for one in found.budgets
        ],
        "opted_out": [
            {"company": target.company, "address": target.address, "scope": one.scope, "since": one.since}
            for target, one in found.left_alone
        ],
        "next_slot": found.next_slot,
        "review": found.review,
        "not_mailed": found.not_mailed,
        "canaries": [
            {
                "account": one.account,
                "sent": one.sent,
                "back": one.back,
                "floor_seconds": one.floor,
                "median_seconds": one.median,
                "longest_seconds": one.longest,
                "lost": [{"since": since, "until": until} for since, until in one.lost],
            }
            for one in found.canaries
        ],
        "alerts": [
            {
                "kind": one.kind,
                "severity": one.severity,
                "on_our_side": one.ours,
                "since": one.raised_at,
                "over": one.passing,
                "words": one.words,
            }
            for one in found.alerts
        ],
        "audit": found.audit,
        "audit_running": found.audit_running,
    }


def lines_of(found: Status, zone: str, names: Mapping[str, str], *, everything: bool) -> Iterator[tuple[str, str]]:
    """Yield each line with its style: first what goes wrong, then what waits for a person, then how things go."""
    for line in _problems(found, zone, names):
        yield line, PROBLEM
    yield from _headed(_budgets(found, zone, names, everything=everything), PROBLEM)
    for part in (_our_turn, _to_post, _to_ask):
        yield from _headed(part(found, zone, names, everything=everything), WAITS)
    if found.review:
        wait, them = ("waits", "it") if found.review == 1 else ("wait", "them")
        yield (
            f"{counted(found.review, 'message')} {wait} for a person; decide about {them} with: slawatch review",
            WAITS,
        )
    if found.audit is not None:
        yield (
            f"audit {found.audit} is "
            + ("running" if found.audit_running else "open; go on with: slawatch audit --resume"),
            "" if found.audit_running else WAITS,
        )
    for account in found.looks:
        if account not in found.troubles:
            yield _looked(found, account, zone), ""
    for one in found.canaries:
        yield _canary(one), ""
    for target, entry in found.left_alone:
        yield f"never asked: {names[target.company]} ({target.address}), {harmless(entry.words)}", ""
    yield from _headed(_open(found, zone, names, everything=everything), HEADING)
    yield (f"next slot: {local(found.next_slot, zone)}" if found.next_slot else "no slot is planned"), ""
    yield f"times are those of {zone}", "dim"


def _headed(lines: Iterator[str], style: str) -> Iterator[tuple[str, str]]:
    """Yield a table's lines, its heading in this style."""
    for number, line in enumerate(lines):
        yield line, "" if number else style


def _problems(found: Status, zone: str, names: Mapping[str, str]) -> Iterator[str]:
    """Yield what keeps slawatch from asking, looking or reporting."""
    if found.halted:
        yield f"not sending: {found.halted}"
    for scope, why in found.paused.items():
        if scope != "*" or STOP_FILE in found.halted:  # else the line above has said it
            yield f"paused: {scope_in_words(scope, names)}" + (f" ({why})" if why else "")
    for account, why in found.troubles.items():
        yield _looked(found, account, zone)
        yield f"{account}: {why}"
    yield from (harmless(line) for line in found.not_mailed)
    for alert in found.alerts:
        side = ", on our side" if alert.ours else ""
        since = "noticed" if alert.passing else "wrong since"
        yield f"{since} {local(alert.raised_at, zone)}{side}: {harmless(alert.words)}"


def _looked(found: Status, account: str, zone: str) -> str:
    at = found.looks.get(account)
    return f"{account}: looked through until {local(at, zone)}" if at else f"{account}: not looked into so far"


def _canary(one: Floor) -> str:
    said = f"{one.account}: {one.back} of {counted(one.sent, 'letter')} to ourselves came back in 30 days"
    if one.floor is None or one.longest is None:
        return said
    return (
        f"{said}; the quickest took {show(one.floor)}, so no shorter wait can be seen; the slowest {show(one.longest)}"
    )


def _open(found: Status, zone: str, names: Mapping[str, str], *, everything: bool) -> Iterator[str]:
    several = len({request.channel for request, _ in found.open}) > 1
    rows = [
        (
            request.public_id,
            names.get(request.company, request.company),
            request.channel if several else "",
            local(asked_at, zone, weekday=False) if (asked_at := _asked_at(request, outcome)) else "",
            request.text.probe,
            waited(outcome.first_response) if outcome and outcome.first_response else "",
            word(request, outcome),
        )
        for request, outcome in found.open
    ]
    heads = ("Request", "Company", "Channel", "Asked", "About", "No person for", "State")
    if not rows:
        yield "no open requests"
        return
    yield f"{counted(len(rows), 'open request')}, the oldest first:"
    head, *lines = table(heads, rows, whole=("Request", "Asked", "No person for"), spare=("About",))
    yield head
    yield from some(lines, MOST, everything=everything)
    yield ""


def _budgets(found: Status, zone: str, names: Mapping[str, str], *, everything: bool) -> Iterator[str]:
    rows = [
        (
            names.get(one.company, one.company),
            one.way,
            _goal(one.budget.objective),
            f"{one.budget.used} of {one.budget.allowed}",
            local(one.budget.period.since, zone, weekday=False).partition(" ")[0],
            "used up" if one.budget.state is State.USED_UP else "near it",
        )
        for one in found.budgets
    ]
    if not rows:
        return
    yield f"{counted(len(rows), 'error budget')} used up or near it:"
    heads = ("Company", "Channel", "Objective", "Misses", "Since", "State")
    head, *lines = table(heads, rows, whole=("Misses",), spare=("Since",))
    yield head
    yield from some(lines, MOST_BUDGETS, everything=everything)
    yield ""


def _goal(objective: Objective) -> str:
    """Return a share within a time in short: "answer 90 % within 24 h"."""
    share = f"{100 * (objective.at_least or 0):g} %"
    return f"{objective.measure.replace('_', ' ')} {share} within {show(objective.limit)}"


def _to_post(found: Status, zone: str, names: Mapping[str, str], *, everything: bool) -> Iterator[str]:
    rows = [
        (
            one.request.public_id,
            names.get(one.request.company, one.request.company),
            one.request.channel,
            local(one.until, zone, weekday=False),
            harmless(" ".join(one.text.split())),
        )
        for one in found.to_post
    ]
    if not rows:
        return
    yield f"{counted(len(rows), 'post waits', 'posts wait')} for you; texts and links: slawatch adopt"
    head, *lines = table(("Request", "Company", "Channel", "Until", "Text"), rows, whole=("Request", "Until"))
    yield head
    yield from some(lines, MOST, everything=everything)
    yield ""


def _to_ask(found: Status, zone: str, names: Mapping[str, str], *, everything: bool) -> Iterator[str]:
    rows = [
        (
            one.request.public_id,
            names.get(one.request.company, one.request.company),
            harmless(one.request.target),
            local(one.until, zone, weekday=False),
            f"slawatch record {one.request.public_id} --live",
        )
        for one in found.to_ask
    ]
    if not rows:
        return
    yield f"{counted(len(rows), 'question waits', 'questions wait')} for you to ask by hand:"
    heads = ("Request", "Company", "Address", "Until", "Type")
    head, *lines = table(heads, rows, whole=("Request", "Until", "Type"))
    yield head
    yield from some(lines, MOST, everything=everything)
    yield ""


def _our_turn(found: Status, zone: str, names: Mapping[str, str], *, everything: bool) -> Iterator[str]:
    rows = [
        (
            one.request.public_id,
            names.get(one.request.company, one.request.company),
            local(one.since, zone, weekday=False),
            harmless(masked(one.why, one.request.token)) or "leaves with the next pass",
        )
        for one in found.our_turn
    ]
    if not rows:
        return
    asks, them = ("asks", "it") if len(rows) == 1 else ("ask", "one")
    yield f"{counted(len(rows), 'company', 'companies')} {asks} back; reply to {them} with: slawatch follow-up REQUEST"
    head, *lines = table(("Request", "Company", "Since", "Our reply"), rows, whole=("Request", "Since"))
    yield head
    yield from some(lines, MOST, everything=everything)
    yield ""


def _asked_at(request: Request, outcome: Outcome | None) -> datetime | None:
    """Return when it was asked; None for what has not left."""
    return (request.accepted_at or request.intended_at) if outcome is not None else None
