"""`slawatch record`: contacts made by hand. Takes what a person says happened; the stopwatch is in stopwatch.py."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from slawatch.app import world
from slawatch.cli import instants
from slawatch.cli.lines import harmless
from slawatch.cli.options import config_option, examples, json_option, local, print_json
from slawatch.cli.progress import state, waited
from slawatch.config import Target
from slawatch.errors import UsageError
from slawatch.model import Delivery, MessageKind, Request, VoidReason
from slawatch.usecases import by_hand, recorded, recording
from slawatch.usecases.recorded import Recorded
from slawatch.usecases.recording import Instant
from slawatch.usecases.world import World

Command = TypeVar("Command", bound=Callable[..., Any])

REPLIES = {
    "acknowledged": (MessageKind.ACKNOWLEDGEMENT, "A receipt came: nobody has dealt with it yet."),
    "robot": (MessageKind.BOT, "A machine spoke or wrote: a menu, a voice box, a chat robot."),
    "interim": (MessageKind.INTERIM, "A person was there, or said how long it will take."),
    "answer": (MessageKind.ANSWER, "A person dealt with the matter."),
    "question": (MessageKind.QUESTION, "A person asked back."),
    "handoff": (MessageKind.HANDOFF, "A person sent you elsewhere."),
    "refusal": (MessageKind.REFUSAL, "A person would not say."),
}
WHEN = "WHEN[|WORDS]"
SPLIT = "|"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The options, as they were typed; `replies` by their option, each with its times."""

    sent: str | None
    replies: Mapping[str, Sequence[str]]
    promise: str | None
    unreachable: tuple[str, str] | None
    watched_until: str | None
    given_up: str | None
    evidence: Sequence[Path]
    note: str | None
    probe: str | None
    asked: str | None
    continues: str | None
    told_again: str | None

    @property
    def anything(self) -> bool:
        """Whether there is anything to record."""
        return bool(
            any(self.replies.values())
            or self.evidence
            or any((self.sent, self.unreachable, self.watched_until, self.given_up, self.note, self.told_again))
        )


def _reply_options(command: Command) -> Command:
    for name, (_, what) in reversed(REPLIES.items()):
        command = click.option(f"--{name}", name, multiple=True, metavar=WHEN, help=f"{what} May be repeated.")(command)
    return command


@click.command(
    "record",
    epilog=examples(
        "slawatch record acme --live",
        "slawatch record acme/phone --sent 10:04 --interim '10:09|one moment' --answer 10:11",
        "slawatch record 'phone:+49 30 1234567' --unreachable offline 'nobody picked up'",
        "slawatch record acme/letter --sent 2026-11-20 --evidence letter.jpg",
        "slawatch record R8ed9fc93 --answer 'yesterday 17:30|they deliver in 3 days' --evidence reply.jpg",
        "slawatch record R8ed9fc93 --interim now --promise 'we call back by tomorrow noon'",
        "slawatch record R8ed9fc93 --given-up now",
        "slawatch record R8ed9fc93 --undo",
    ),
)
@config_option
@json_option
@click.argument("what", metavar="REQUEST|COMPANY|ADDRESS", required=False, default="")
@click.option("--live", is_flag=True, help="Take the time while you ask: shows what to say, one key stamps it.")
@click.option("--sent", metavar="WHEN", help="You asked: it rang, you sent it, you posted it.")
@_reply_options
@click.option("--promise", metavar="WORDS", help='What they promised in it: "we call back by tomorrow noon".')
@click.option(
    "--unreachable",
    nargs=2,
    metavar="REASON WHY",
    help=f"The way led to nobody: {', '.join(recording.UNREACHED)}, and in your words why.",
)
@click.option("--watched-until", metavar="WHEN", help="Until then you would have noticed an answer.")
@click.option("--given-up", metavar="WHEN", help="Then you stopped waiting: no answer came until then.")
@click.option(
    "--evidence",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Keep this file with it, untouched. May be repeated.",
)
@click.option("--note", metavar="WORDS", help="Keep this remark with it; it changes no figure.")
@click.option("--probe", metavar="NAME", help="Which question it is; see docs/reference/probes.md.")
@click.option("--asked", metavar="WORDS", help="What you asked, in your own words.")
@click.option("--request", "request", metavar="ID", help="Add it to this request; the same as naming it first.")
@click.option("--continues", metavar="ID", help="It takes up the matter of that request, on another way.")
@click.option("--told-again", type=click.Choice(["yes", "no"]), help="Whether you had to tell everything once more.")
@click.option("--undo", is_flag=True, help="Take back what was recorded last; it stays in the history.")
@click.option("--who", help="Who asked and noted it. Without it: the user logged in.")
def command(
    config_path: Path,
    *,
    as_json: bool,
    what: str,
    live: bool,
    request: str | None,
    undo: bool,
    who: str | None,
    **options: Any,
) -> None:
    """Record what you asked by hand, by phone, on paper, in a form or messenger, and what came back.

    Name a COMPANY, one of its ways as COMPANY/phone, an ADDRESS, or a REQUEST to go on with. A time is "now",
    "5 min ago", "10:04", "yesterday 17:30", "2026-11-22 10:04" or a day, on the clocks where the company is; behind a |
    stands what they said. What you say a reply is, it is. Until the last thing you recorded you are taken to have
    listened; say --watched-until where you did for longer, and --given-up when you wait no more.
    """
    replies = {name: options.pop(name) for name in REPLIES}
    given = Given(replies=replies, **options)
    named = _named(what, request)
    decider = who or getpass.getuser()
    if live and (undo or as_json or _stamped(given)):
        raise UsageError("--live: it takes the times itself; leave them, --undo and --json out")
    with world(config_path) as here:
        if undo:
            said = recording.take_back(here, named, who=decider)
            found = recorded.shown(here, by_hand.request_of(here, named))
            _show(here, found, as_json=as_json, first=f"taken back: {said}")
            return
        if live:
            from slawatch.cli import stopwatch  # noqa: PLC0415  it needs a terminal's ways, the rest does not

            asked = _meant(here, named, given, hand_out=True)
            stopwatch.run(here, asked, given, who=decider, summary=lambda kept: lines(here, recorded.shown(here, kept)))
            return
        if not given.anything:
            raise UsageError(
                "record: say what happened, like --sent 10:04 --answer 10:09, or take the time while you ask: --live"
            )
        with here.store.together():  # all of it or nothing: a mistyped time must not leave half of it behind
            kept = _record(here, _meant(here, named, given, hand_out=False), given, decider)
        _show(here, recorded.shown(here, kept), as_json=as_json)


def _named(what: str, request: str | None) -> str:
    if what and request and what != request:
        raise UsageError(f'--request: "{what}" is named as well; name the request alone')
    named = request or what
    if not named:
        raise UsageError("record: say whom you asked; `slawatch record --help` shows how")
    return named


def _stamped(given: Given) -> bool:
    return bool(any(given.replies.values()) or given.sent or given.unreachable or given.given_up or given.watched_until)


def _meant(here: World, named: str, given: Given, *, hand_out: bool) -> Request:
    """Return the request that is meant: the one named, one that waits or is open for whom is named, else a new one."""
    if here.store.request(named) is not None:
        return by_hand.request_of(here, named)
    target = by_hand.target_of(here, named)
    waiting = by_hand.waiting_for(here, target)
    if waiting is not None and not (given.probe or given.asked or given.continues or _earlier(here, waiting, given)):
        return waiting
    if not (hand_out or given.sent or given.unreachable):
        return _open(here, target)
    return by_hand.prepare(
        here,
        target,
        probe=given.probe or "",
        asked=given.asked or "",
        continues=given.continues or "",
        hand_out=hand_out,
    )


def _earlier(here: World, waiting: Request, given: Given) -> bool:
    """Whether it was asked before that was prepared, and so is something else."""
    if not given.sent:
        return False
    sent_at = instants.read(given.sent, zone=waiting.zone, now=here.clock.now(), where="--sent")
    return sent_at.at + sent_at.later < waiting.intended_at


def _open(here: World, target: Target) -> Request:
    found = recorded.open_at(here, target)
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(one.public_id for one in found)
        raise UsageError(f'record: "{target.address}" has several open requests: {ids}; name one')
    raise UsageError(
        f'record: nothing is open at "{target.address}"; say when you asked with --sent, or name the request'
    )


def _record(here: World, request: Request, given: Given, who: str) -> Request:
    """Keep all that was typed, in the order of its times; the caller undoes it where something cannot be."""
    now = here.clock.now()

    def instant(text: str, where: str) -> Instant:
        return instants.read(text, zone=request.zone, now=now, where=where)

    sent_at = instant(given.sent, "--sent") if given.sent else None
    if given.unreachable:
        reason, why = given.unreachable
        tried = sent_at or instant("now", "--unreachable")
        kept = recording.unreachable(here, request, tried, _reason(reason), why.strip())
        recording.add(here, kept, files=given.evidence, note=given.note or "", at=tried.at, kind=None)
        return kept
    kept = recording.sent(here, request, sent_at) if sent_at else request
    if not kept.id:
        raise UsageError("record: say when you asked with --sent")
    if given.continues and not kept.continues:
        kept = recording.continued(here, kept, given.continues)
    last = _replies(here, kept, given, instant, who)
    if given.promise and last is None:
        raise UsageError("--promise: say in which reply, like --interim now")
    for text, where, gave_up in (
        (given.watched_until, "--watched-until", False),
        (given.given_up, "--given-up", True),
    ):
        if text:
            recording.listened(here, kept, instant(text, where), gave_up=gave_up, where=where)
    if given.told_again:
        kept = recording.told_again(here, kept, again_=given.told_again == "yes")
    at, kind = last or (sent_at.at if sent_at else now, None)
    recording.add(here, kept, files=given.evidence, note=given.note or "", at=at, kind=kind)
    return kept


def _replies(
    here: World, kept: Request, given: Given, instant: Callable[[str, str], Instant], who: str
) -> tuple[datetime, MessageKind] | None:
    """Keep the replies in the order of their times, the promise with the last; return when that came and what it is."""
    heard = []
    for name, typed in given.replies.items():
        for one in typed:
            typed_at, _, words = one.partition(SPLIT)
            heard.append((instant(typed_at, f"--{name}"), REPLIES[name][0], words.strip(), f"--{name}"))
    heard.sort(key=lambda one: one[0].at)
    for number, (when, kind, words, where) in enumerate(heard, start=1):
        text = words
        if given.promise and number == len(heard):
            recording.promised(here, kept, given.promise, when.at)
            text = recording.joined(words, given.promise)
        recording.said(here, kept, kind, when, text=text, who=who, where=where)
    return (heard[-1][0].at, heard[-1][1]) if heard else None


def _reason(word: str) -> VoidReason:
    for reason in recording.UNREACHED:
        if reason.value == word.lower():
            return reason
    raise UsageError(f'--unreachable: "{word}" is no reason; write one of {", ".join(recording.UNREACHED)}, then why')


# --- showing ---


def _show(here: World, found: Recorded, *, as_json: bool, first: str = "") -> None:
    if as_json:
        print_json(facts(found))
        return
    for line in [*([first] if first else []), *lines(here, found)]:
        click.echo(harmless(line))


def facts(found: Recorded) -> dict[str, object]:
    """Return how a recorded request stands, for JSON."""
    request, outcome = found.request, found.outcome
    first = outcome.first_response if outcome else None
    answer = outcome.answer if outcome else None
    return {
        "request": request.public_id,
        "company": request.company,
        "target": request.target,
        "network": request.way,
        "state": request.delivery.value,
        "verdict": outcome.verdict.value if outcome else None,
        "void_reason": request.void_reason.value if request.void_reason else None,
        "asked_at": request.accepted_at,
        "asked_uncertainty_seconds": request.accepted_uncertainty,
        "first_response_seconds": first.length if first else None,
        "first_response_ended": first.ended if first else None,
        "answer_seconds": answer.length if answer else None,
        "answer_ended": answer.ended if answer else None,
        "replies": [
            {
                "message": reply.message_id,
                "kind": reply.kind.value,
                "at": reply.stamps.at,
                "earlier_seconds": reply.stamps.earlier,
                "later_seconds": reply.stamps.later,
            }
            for reply in found.replies
        ],
        "promises": [
            {"quote": one.promise.quote, "due_at": one.due_at, "state": one.state.value}
            for one in (outcome.pledges if outcome else ())
        ],
        "listened_until": found.listened_until,
        "given_up": found.given_up,
        "continues": request.continues is not None,
        "told_again": request.told_again,
    }


def lines(here: World, found: Recorded) -> Iterator[str]:
    """Yield how a recorded request stands, and what to type next."""
    request, outcome, zone = found.request, found.outcome, found.request.zone
    name = here.config.companies[request.company].name if request.company in here.config.companies else request.company
    head = f"{request.public_id}: {name}, {by_hand.way_of(request.target)}"
    if outcome is None or request.accepted_at is None:
        why = f" ({request.void_detail})" if request.void_detail else ""
        yield f"{head}: {state(request, outcome)}{why}"
        yield from _next(request)
        return
    yield f"{head}: asked {local(request.accepted_at, zone, seconds=True)} ({zone})"
    figures = f"first response {waited(outcome.first_response)}, answer {waited(outcome.answer)}"
    yield f"  {state(request, outcome)}: {figures}"
    for reply in found.replies:
        kind = reply.kind.value.replace("-", " ")
        yield f"  {local(reply.stamps.at, zone, seconds=True)}  {kind}"
    for pledge in outcome.pledges:
        became = pledge.state.value.replace("-", " ")
        yield f"  promised: “{pledge.promise.quote}”"
        yield f"            until {local(pledge.due_at, zone)}: {became}"
    if found.listened_until is not None:
        until = local(found.listened_until, zone, seconds=True)
        gave_up = "; then you gave up waiting" if found.given_up else ""
        yield f"  you listened until {until}{gave_up}"
    if request.told_again is not None:
        yield f"  everything had to be told again: {'yes' if request.told_again else 'no'}"
    if found.replies and found.replies[-1].kind is MessageKind.QUESTION:
        yield f"  when you have replied: slawatch follow-up {request.public_id} --sent-at TIME"
    yield from _next(request)


def _next(request: Request) -> Iterator[str]:
    name = request.public_id
    if request.delivery is Delivery.SENT:
        yield f"  go on:    slawatch record {name} --answer now    (or --live)"
    if request.delivery in {Delivery.SENT, Delivery.REFUSED}:
        yield f"  mistyped: slawatch record {name} --undo"
    else:
        yield f"  ask it:   slawatch record {name} --live"
