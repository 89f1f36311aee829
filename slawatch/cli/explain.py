"""`slawatch explain`: everything behind one request's figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from slawatch.app import world
from slawatch.cli.options import config_option, json_option, print_json
from slawatch.cli.progress import state, waited
from slawatch.durations import show
from slawatch.model import Reply, Wait
from slawatch.report.words import Words
from slawatch.usecases.explain import Explanation, explain


@click.command("explain")
@config_option
@json_option
@click.argument("request")
def command(config_path: Path, *, as_json: bool, request: str) -> None:
    """Show everything behind the figures of one REQUEST.

    Attempts, stamps with their margins, what tied each reply to it, the rules that fired, and the evidence's hash.
    """
    with world(config_path) as here:
        found = explain(here, request)
        words = Words(here.config.lang, folder=here.config.folder, space=" ")
    if as_json:
        facts = asdict(found)
        facts["request"].pop("token")  # whoever knows it can forge a reply
        print_json(facts)
        return
    for line in _lines(found, words):
        click.echo(line)


def _lines(found: Explanation, words: Words) -> Iterator[str]:
    request = found.request
    yield f"{request.public_id}: {request.company} by {request.channel} to {request.target}"
    asked = request.text
    yield f"  asked     {asked.probe}, {asked.lang}, variant {asked.variant + 1}: {asked.subject}"
    yield f"  due       {_at(request.due_at)} (planned in {request.zone})"
    if request.made_up:
        yield "  made up   this request and its replies come from the practice range, not from the world"
    for attempt in found.attempts:
        ended = f" to {_at(attempt.ended_at)}" if attempt.ended_at else ", never reported back"
        yield f"  attempt {attempt.number} {_at(attempt.started_at)}{ended}: {attempt.outcome.value}"
        if attempt.detail:
            yield f"            {attempt.detail}"
    if request.accepted_at is not None:
        margin = _margin(request.accepted_uncertainty, request.accepted_uncertainty)
        yield f"  t0        {_at(request.accepted_at)} {margin} the company's side took it over ({request.proof.value})"
    if request.copy_received_at is not None:
        yield f"  our copy  {_at(request.copy_received_at)} by our own server's clock; its offset widens every wait"
    for reply in found.replies:
        yield from _reply(found, reply, words)
    yield f"  looked    through everything until {_at(found.observed_until) if found.observed_until else 'never'}"
    yield f"  window    {show(found.standard.window)}; later replies are matched for {show(found.standard.late)}"
    yield f"  verdict   {state(request, found.outcome)}" + (f" – {request.void_detail}" if request.void_detail else "")
    if found.outcome is not None:
        yield from _wait("first response", found.outcome.first_response)
        yield from _wait("answer", found.outcome.answer)
        yield f"  delivery  {found.outcome.proof.value}"


def _reply(found: Explanation, reply: Reply, words: Words) -> Iterator[str]:
    stamps = reply.stamps
    yield f"  reply     {_at(stamps.at)} {_margin(stamps.earlier, stamps.later)} ({stamps.source}) {reply.kind.value}"
    yield f"            from {reply.sender}: {reply.subject}"
    yield f"            tied to the request by {reply.evidence.value} ({reply.strength.value})"
    for reason in reply.because:
        yield f"            {words.rule(reason)}"
    if stamps.internal_at is not None:
        yield f"            the mailbox stamped it {_at(stamps.internal_at)}"
    if stamps.date_header_at is not None:
        yield f"            its sender dated it {_at(stamps.date_header_at)} (never used for a wait)"
    message = found.messages.get(reply.message_id)
    if message is not None:
        yield f"            evidence sha256 {message.sha256}, {message.folder}, seen {_at(message.seen_at)}"


def _wait(name: str, wait: Wait | None) -> Iterator[str]:
    if wait is None:
        return
    yield f"  {name}: {waited(wait)} {_margin(wait.shorter, wait.longer)}"


def _at(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"[:-3] + "Z"


def _margin(earlier: timedelta, later: timedelta) -> str:
    return f"(-{earlier.total_seconds():.3f} s, +{later.total_seconds():.3f} s)"
