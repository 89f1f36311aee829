"""`slawatch status`: how things stand, for a person who has a minute."""

from __future__ import annotations

from pathlib import Path

import click

from slawatch.app import world
from slawatch.cli.options import config_option, json_option, local, print_json
from slawatch.cli.progress import state, waited
from slawatch.usecases.status import Status, status


@click.command("status")
@config_option
@json_option
def command(config_path: Path, *, as_json: bool) -> None:
    """Show the last looks, what is open, what comes next, and what waits for a person."""
    with world(config_path) as here:
        found = status(here)
        zone = here.config.zone
    if as_json:
        print_json(_facts(found))
        return
    for line in _lines(found, zone):
        click.echo(line)


def _facts(found: Status) -> dict[str, object]:
    return {
        "paused": found.paused,
        "halted": found.halted or None,
        "looks": found.looks,
        "open": [
            {
                "request": request.public_id,
                "company": request.company,
                "channel": request.channel,
                "state": state(request, outcome),
                "asked_at": request.accepted_at or request.intended_at,
                "first_response_seconds": outcome.first_response.length if outcome and outcome.first_response else None,
                "first_response_ended": outcome.first_response.ended if outcome and outcome.first_response else None,
            }
            for request, outcome in found.open
        ],
        "next_slot": found.next_slot,
        "review": found.review,
        "audit": found.audit,
    }


def _lines(found: Status, zone: str) -> list[str]:
    lines = [
        f"{account}: looked through until {local(at, zone)} {zone}" if at else f"{account}: never looked into so far"
        for account, at in found.looks.items()
    ]
    if found.halted:
        lines.append(f"not sending: {found.halted}")
    lines += [
        f"paused: {scope.replace(':', ' ')}" + (f" ({why})" if why else "") for scope, why in found.paused.items()
    ]
    lines.append(f"{len(found.open)} open requests" if found.open else "no open requests")
    lines += [
        f"  {request.public_id}  {request.company}  {request.channel}  {state(request, outcome)}"
        + (f"  {waited(outcome.first_response)}" if outcome and outcome.first_response else "")
        for request, outcome in found.open
    ]
    lines.append(f"next slot: {local(found.next_slot, zone)} {zone}" if found.next_slot else "no slot is planned")
    if found.review:
        lines.append(f"{found.review} messages wait for a person: their kind or their request is not known")
    if found.audit is not None:
        lines.append(f"audit {found.audit} is open; go on with: slawatch audit --resume")
    return lines
