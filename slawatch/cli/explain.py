"""`slawatch explain`: everything behind one request's figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from slawatch.app import world
from slawatch.cli.lines import harmless, masked
from slawatch.cli.options import config_option, examples, json_option, print_json
from slawatch.cli.progress import state, waited
from slawatch.durations import show
from slawatch.model import ZERO, Measure, Objective, ObjectiveKind, Reply, Wait
from slawatch.report.words import Words
from slawatch.usecases.explain import Explanation, explain

LABEL = 18  # columns of the words on the left

Line = tuple[str, str]


@click.command("explain", epilog=examples("slawatch explain R8ed9fc93", "slawatch explain R8ed9fc93 --json"))
@config_option
@json_option
@click.argument("request")
def command(config_path: Path, *, as_json: bool, request: str) -> None:
    """Show everything behind the figures of one REQUEST; `slawatch status` and the report list them.

    Attempts, stamps with their margins, what tied each reply to it, the rules that fired, and the evidence's hash. The
    secret reference in its subject is shortened: whoever knows it can forge a reply.
    """
    with world(config_path) as here:
        found = explain(here, request)
        words = Words(here.config.lang, folder=here.config.folder, space=" ")
        company = here.config.companies.get(found.request.company)
    secret = found.request.token
    if as_json:
        # Whoever knows one of these can write a reply that ties itself to the request.
        facts: Any = replace(found, request=replace(found.request, token=""))
        for known in (secret, found.request.message_id, *(attempt.envelope_id for attempt in found.attempts)):
            facts = masked(facts, known)
        facts["request"].pop("token")
        print_json(facts)
        return
    asked = found.request
    name = company.name if company else asked.company
    click.echo(f"{asked.public_id}: {harmless(name)}, by {asked.channel} to {harmless(asked.target)}")
    if asked.made_up:
        click.echo("made up: this request and its replies come from the practice range, not from the world")
    for part in (_figures(found), _asking(found), *(_reply(found, reply, words) for reply in found.replies)):
        click.echo()
        for label, line in part:
            click.echo(f"  {label:<{LABEL}}{harmless(masked(line, secret))}")
    click.echo("\nTimes are UTC, by the clock of whoever stamped them; ± is how far one may be off.")


def _figures(found: Explanation) -> Iterator[Line]:
    """Yield what came out, and what it was held to."""
    request, outcome = found.request, found.outcome
    yield "verdict", state(request, outcome) + (f": {request.void_detail}" if request.void_detail else "")
    if outcome is not None:
        yield from _wait("first response", outcome.first_response)
        yield from _wait("answer", outcome.answer)
        if outcome.acknowledged is not None:
            yield "acknowledged", f"after {show(outcome.acknowledged)}, by a machine; this ends no wait"
        yield "delivery", outcome.proof.value
    for objective in found.standard.objectives:
        yield "held to", _objective(objective)
    standard = found.standard
    yield "window", f"{show(standard.window)}; replies are matched for {show(standard.late)}"
    looked = _at(found.observed_until) if found.observed_until else "never, so far"
    yield "looked through", f"until {looked}" if found.observed_until else looked


def _asking(found: Explanation) -> Iterator[Line]:
    """Yield what was asked and how it left."""
    request, text = found.request, found.request.text
    yield "asked", f"{text.probe}, {text.lang}, variant {text.variant + 1}"
    yield "", text.subject
    yield "due", f"{_at(request.due_at)}, planned in {request.zone}"
    for attempt in found.attempts:
        ended = f" to {_at(attempt.ended_at)}" if attempt.ended_at else ", never reported back"
        yield f"attempt {attempt.number}", f"{_at(attempt.started_at)}{ended}: {attempt.outcome.value}"
        if attempt.detail:
            yield "", attempt.detail
    if request.accepted_at is not None:
        uncertain = _margin(request.accepted_uncertainty, request.accepted_uncertainty)
        yield "wait began", f"{_at(request.accepted_at)} {uncertain}: the company's side took it over"
    if request.copy_received_at is not None:
        yield "our own copy", f"{_at(request.copy_received_at)} by our server's clock; the difference widens each wait"


def _reply(found: Explanation, reply: Reply, words: Words) -> Iterator[Line]:
    stamps = reply.stamps
    yield reply.kind.value.replace("-", " "), f"{_at(stamps.at)} {_margin(stamps.earlier, stamps.later)}"
    yield "", f"{reply.subject or '(no subject)'}"
    yield "from", reply.sender or "(the empty sender)"
    yield "tied by", f"{reply.evidence.value} ({reply.strength.value})"
    for reason in reply.because:
        yield "because", words.rule(reason)
    yield "stamped by", stamps.source + (f" ({stamps.why})" if stamps.why else "")
    if stamps.internal_at is not None:
        yield "mailbox says", _at(stamps.internal_at)
    if stamps.date_header_at is not None:
        yield "sender says", f"{_at(stamps.date_header_at)}; never used for a wait"
    message = found.messages.get(reply.message_id)
    if message is not None:
        yield "evidence", f"sha256 {message.sha256}"
        yield "", f"{message.folder}, seen {_at(message.seen_at)}"


def _wait(name: str, wait: Wait | None) -> Iterator[Line]:
    if wait is not None:
        yield name, f"{waited(wait)} {_margin(wait.shorter, wait.longer if wait.ended else ZERO)}".rstrip()


def _objective(objective: Objective) -> str:
    """Return the objective in words: "mean of first responses at most 1 h"."""
    what = "first responses" if objective.measure is Measure.FIRST_RESPONSE else "answers"
    if objective.kind is ObjectiveKind.MEAN or objective.at_least is None:
        return f"mean of {what} at most {show(objective.limit)}"
    return f"{objective.at_least * 100:.4g} % of {what} within {show(objective.limit)}"


def _at(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"[:-3]


def _margin(earlier: timedelta, later: timedelta) -> str:
    """Return by how much a time may be off: "± 1.0 s", or both sides where they differ."""
    if earlier == later:
        return f"± {earlier.total_seconds():.3f} s"
    return f"(- {earlier.total_seconds():.3f} s, + {later.total_seconds():.3f} s)"
