"""`slawatch follow-up`: what a company asks us back, what we would say, and how a person has it said."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, timedelta
from pathlib import Path

import click

from slawatch.app import world
from slawatch.cli.lines import harmless, masked
from slawatch.cli.options import DAY, config_option, examples, json_option, local, moment, print_json
from slawatch.errors import UsageError
from slawatch.model import Delivery, FollowUp, Purpose
from slawatch.usecases import follow
from slawatch.usecases.draft import Draft, draft
from slawatch.usecases.tick import only_pass
from slawatch.usecases.world import World

LABEL = 10
TEXT_MAX = 4000  # characters of their letter that are shown
STATES = {
    Delivery.SENT: "sent",
    Delivery.INTENDED: "kept; it leaves with a later pass",
    Delivery.UNCERTAIN: "it may have left; `slawatch tick` looks for it",
    Delivery.REFUSED: "refused",
}


@click.command(
    "follow-up",
    epilog=examples(
        "slawatch follow-up R8ed9fc93",
        "slawatch follow-up R8ed9fc93 --send",
        "slawatch follow-up R8ed9fc93 --send --text reply.txt",
        "slawatch follow-up R8ed9fc93 --sent-at 2026-11-02T14:05",
        "slawatch follow-up R8ed9fc93 --thanks --send",
    ),
)
@config_option
@json_option
@click.argument("request")
@click.option("--send", "sends", is_flag=True, help="Send it now, in their thread.")
@click.option(
    "--text",
    type=click.Path(path_type=Path, allow_dash=True),
    metavar="FILE|-",
    help="Say this instead of what the probe says.",
)
@click.option("--sent-at", metavar="TIME", help="You have replied from your own mail program, then.")
@click.option("--thanks", is_flag=True, help="Thank for the answer, instead of replying to a question.")
@click.option("--to", metavar="ADDRESS", help="Say that the reply may go there, which is not known as the company's.")
def command(
    config_path: Path,
    *,
    as_json: bool,
    request: str,
    sends: bool,
    text: Path | None,
    sent_at: str | None,
    thanks: bool,
    to: str | None,
) -> None:
    """Show what the company of a REQUEST asks back and what would be said; send or record it.

    slawatch replies by itself with what the probe says, unless follow_up = false in the config, or something speaks
    against it: then `slawatch status` lists the request, and the wait for the answer stands still until you have
    written. A reply from your own mail program is found by itself where sent letters are filed; where they are not,
    record it with --sent-at.
    """
    if sends and sent_at:
        raise UsageError("follow-up: --send sends it now, --sent-at says that you have; give one of them")
    words = _words(text) if text else ""
    purpose = Purpose.THANKS if thanks else Purpose.REPLY
    with world(config_path) as here:
        asked, letter = follow.letter_for(here, request, purpose)
        ours = draft(here, asked, letter, purpose, words=words)
        done = None
        by_hand = asked.account in here.config.accounts and here.config.accounts[asked.account].by_hand
        if sends and by_hand:
            raise UsageError(f"follow-up: {asked.target} is replied to by hand; do that, then give --sent-at")
        if sends:
            _check(ours, to)
            with only_pass(here.config.store):
                done = follow.send_by_hand(here, ours)
        elif sent_at:
            with only_pass(here.config.store):
                done = _record(here, ours, sent_at, words)
        zone = here.config.zone
    if as_json:
        print_json(masked(_facts(ours, done), asked.token))
        return
    for line in _result(done, zone) if done else _shown(ours, zone, by_hand=by_hand):
        click.echo(masked(line, asked.token))


def _words(text: Path) -> str:
    """Return what a person wrote to be said. Raises UsageError for nothing, and for what is no text."""
    try:
        words = (sys.stdin.buffer.read() if str(text) == "-" else text.read_bytes()).decode("utf-8").strip()
    except UnicodeDecodeError:
        raise UsageError(f'--text: "{text}" is not UTF-8; save it so') from None
    if not words:
        raise UsageError("--text: it is empty")
    return words


def _check(ours: Draft, to: str | None) -> None:
    """Raise UsageError for what even a person does not have us send."""
    if ours.unfit:
        raise UsageError(
            f"follow-up: nothing is sent there: {ours.unfit}; reply from your own mail program, then give --sent-at"
        )
    if not ours.own_words:
        raise UsageError(f"follow-up: there is nothing to say: {ours.waits}; give --text FILE")
    if ours.elsewhere and (to or "").lower() != ours.to:
        raise UsageError(f"follow-up: {ours.elsewhere}; where that is right, add --to {harmless(ours.to)}")


def _record(here: World, ours: Draft, sent_at: str, words: str) -> FollowUp:
    if DAY.fullmatch(sent_at):
        raise UsageError(f'--sent-at: "{sent_at}" is a day; give the time as well, {sent_at}T14:05')
    at = moment(sent_at, here.config.zone, where="--sent-at")
    # A time without seconds is somewhere in that minute.
    half = timedelta(seconds=0.5) if at.second or at.microsecond else timedelta(seconds=30)
    return follow.record(here, ours, at=at + half, uncertainty=half, words=words)


def _shown(ours: Draft, zone: str, *, by_hand: bool) -> Iterator[str]:
    reply = ours.reply
    yield f"{ours.request.public_id}: {harmless(ours.request.company)} wrote on {local(reply.stamps.at, zone)}"
    yield ""
    yield from _field("from", ours.letter.sender)
    yield from _field("subject", ours.letter.subject)
    yield from (f"  > {harmless(line)}".rstrip() for line in ours.letter.text.strip()[:TEXT_MAX].splitlines())
    yield ""
    yield "We would say:"
    yield ""
    yield from _field("to", ours.to or "(nobody)")
    yield from _field("subject", ours.subject)
    yield from (f"  {harmless(line)}".rstrip() for line in ours.body.splitlines())
    yield ""
    objection = ours.objection
    yield f"It does not leave by itself: {harmless(objection)}." if objection else "It leaves with the next pass."
    name = ours.request.public_id
    if by_hand:
        yield f"Say it, or write it; then: slawatch follow-up {name} --sent-at TIME"
    else:
        yield f"Send it now: slawatch follow-up {name} --send"


def _field(name: str, value: str) -> Iterator[str]:
    yield f"  {name:<{LABEL}}{harmless(value)}"


def _result(done: FollowUp, zone: str) -> Iterator[str]:
    if done.sent_at is not None:
        how = "recorded as sent" if done.started_at is None else "sent"
        yield f"{how} on {local(done.sent_at, zone)}; from then on it is the company's turn"
    else:
        detail = f": {harmless(done.detail)}" if done.detail else ""
        yield f"{STATES.get(done.delivery, done.delivery.value)}{detail}"


def _facts(ours: Draft, done: FollowUp | None) -> dict[str, object]:
    return {
        "request": ours.request.public_id,
        "company": ours.request.company,
        "purpose": ours.purpose.value,
        "came_at": ours.reply.stamps.at.astimezone(UTC),
        "from": ours.letter.sender,
        "their_text": ours.letter.text,
        "to": ours.to,
        "subject": ours.subject,
        "body": ours.body,
        "by_itself": not ours.objection,
        "because": ours.objection or None,
        "state": done.delivery.value if done else None,
        "sent_at": done.sent_at if done else None,
    }
