"""`slawatch review`: what waits for a person, and what they decide about it."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import click

from slawatch.app import world
from slawatch.cli.lines import counted, harmless, masked, some
from slawatch.cli.options import config_option, examples, json_option, local, print_json
from slawatch.cli.progress import changed, stands
from slawatch.errors import UsageError
from slawatch.model import Strength, Writer
from slawatch.report.words import Words
from slawatch.usecases import review as reviewing
from slawatch.usecases.recompute import RequestChange
from slawatch.usecases.review import Judged, Look, Wish
from slawatch.usecases.tick import only_pass
from slawatch.usecases.world import World

MOST = 20  # messages that are listed unless all are wanted
TEXT_MAX = 4000  # characters of a letter that are shown
LABEL = 12
WRITERS = {
    Writer.COMPANY: "",
    Writer.SYSTEM: "a mail system",
    Writer.STRANGER: "a stranger",
    Writer.FORGED: "not verified",
    Writer.BYSTANDER: "somebody else, who counts nowhere",
}


@click.command(
    "review",
    epilog=examples(
        "slawatch review",
        "slawatch review 17",
        'slawatch review 17 --confirm --reason "their help desk"',
        'slawatch review 17 --kind answer --request R8ed9fc93 --reason "read it"',
        'slawatch review 17 --no-request --reason "a newsletter"',
        'slawatch review 17 --undo --reason "that was the other shop"',
    ),
)
@config_option
@json_option
@click.argument("message", type=int, required=False)
@click.option("--confirm", is_flag=True, help="It is what the rules take it for.")
@click.option(
    "--kind",
    type=click.Choice(reviewing.settling_kinds()),
    metavar="KIND",
    help=f"What it is: {', '.join(reviewing.settling_kinds())}.",
)
@click.option(
    "--request", "requests", multiple=True, metavar="ID", help="Which request it belongs to; may be repeated."
)
@click.option("--no-request", is_flag=True, help="It belongs to none of our requests.")
@click.option(
    "--trust",
    is_flag=True,
    help="Its sender's domain, or the account that posted it, writes for the company, now and later.",
)
@click.option("--undo", is_flag=True, help="Give it back to the rules.")
@click.option("--reason", help="Why you decide so; kept with the decision.")
@click.option("--who", help="Who decides. Without it: the user logged in.")
@click.option("--each", is_flag=True, help="Go through all that waits, one after the other, on a terminal.")
@click.option("--unmatched", is_flag=True, help="List what is tied to no request, instead of what waits.")
@click.option("--all", "everything", is_flag=True, help=f"List every message, not only the first {MOST}.")
def command(
    config_path: Path,
    *,
    as_json: bool,
    message: int | None,
    confirm: bool,
    kind: str | None,
    requests: Sequence[str],
    no_request: bool,
    trust: bool,
    undo: bool,
    reason: str | None,
    who: str | None,
    each: bool,
    unmatched: bool,
    everything: bool,
) -> None:
    """List the messages that wait for a person, show one, or decide about one.

    Whatever waits counts nowhere until somebody decides: replies of unknown kind, weakly or ambiguously tied to their
    request, from a stranger, or not verified. A decision stands over the rules, with its reason; it can be undone, and
    all of them are kept.
    """
    decides = confirm or trust or undo or no_request or kind is not None or bool(requests)
    _check(message, decides=decides, several=bool(requests) and no_request, each=each)
    wish = Wish(kind=reviewing.kind_of(kind), requests=() if no_request else tuple(requests) or None, trust=trust)
    decider = who or getpass.getuser()
    with world(config_path) as here:
        words = Words(here.config.lang, folder=here.config.folder, space=" ")
        if each:
            _go_through(here, words, decider)
        elif message is None:
            _show_all(here, words, unmatched=unmatched, everything=everything, as_json=as_json)
        elif decides:
            why = _reason(reason)
            with only_pass(here.config.store):
                changes = (
                    reviewing.undo(here, message, who=decider, reason=why)
                    if undo
                    else reviewing.decide(here, message, wish, who=decider, reason=why)
                )
            _print([_change_facts(change) for change in changes], _changed(changes, here, undone=undo), as_json=as_json)
        else:
            shown = reviewing.look(here, message)
            _print(_look_facts(shown, words), _look(shown, here, words), as_json=as_json)


def _print(facts: object, lines: Iterable[str], *, as_json: bool) -> None:
    if as_json:
        print_json(facts)
        return
    for line in lines:
        click.echo(line)


def _show_all(here: World, words: Words, *, unmatched: bool, everything: bool, as_json: bool) -> None:
    found = reviewing.waiting(here, unmatched=unmatched)
    lines = _list(found, here, words, unmatched=unmatched, everything=everything)
    _print([_facts(one, words) for one in found], lines, as_json=as_json)


def _check(message: int | None, *, decides: bool, several: bool, each: bool) -> None:
    """Raise UsageError where the options do not go together."""
    if decides and message is None:
        raise UsageError("review: say which message; `slawatch review` lists those that wait")
    if each and (message is not None or decides):
        raise UsageError("--each: it goes through all that waits; leave the message and the decision out")
    if several:
        raise UsageError("--request and --no-request: give one of them")


def _reason(given: str | None) -> str:
    """Return why, asked for where somebody is there to be asked."""
    if given and given.strip():
        return given.strip()
    if given is None and sys.stdin.isatty():
        return str(click.prompt("Why")).strip()
    raise UsageError('--reason: say why, e.g. --reason "read it: they answer"; it is kept with the decision')


def _list(found: Sequence[Judged], here: World, words: Words, *, unmatched: bool, everything: bool) -> Iterator[str]:
    if not found:
        yield "every message is tied to a request" if unmatched else "nothing waits for review"
        return
    if unmatched:
        yield f"{counted(len(found), 'message')} tied to no request:"
    else:
        waits, until = ("waits", "it counts") if len(found) == 1 else ("wait", "they count")
        yield f"{counted(len(found), 'message')} {waits} for review; {until} nowhere until you decide:"
    blocks = ["\n".join(_block(one, here, words)) for one in found]
    for block in some(blocks, MOST, everything=everything):
        yield ""
        yield block
    yield ""
    number = found[0].message.id
    yield f"Read one:   slawatch review {number}"
    yield f'Decide:     slawatch review {number} --kind answer --reason "..."'


def _block(one: Judged, here: World, words: Words) -> Iterator[str]:
    message = one.message
    yield f"{message.id:>5}  {local(message.stamps.at, here.config.zone)}  {_kind(one)}"
    secret = one.requests[0].token if one.requests else ""
    yield f"       {harmless(masked(_subject(one), secret))}"
    yield f"       from {harmless(masked(_sender(one), secret))}{_of(one, here)}"
    for why in _why(one, words):
        yield f"       {harmless(masked(why, secret))}"


def _subject(one: Judged) -> str:
    """Return what stands for it in a line: its subject; posts have none, but are short."""
    if one.post is None:
        return one.message.subject or "(no subject)"
    return " ".join(one.post.text.split()) or "(no text is left of it)"


def _sender(one: Judged) -> str:
    return f"{one.post.who} ({one.message.sender})" if one.post else one.message.sender or "(the empty sender)"


def _kind(one: Judged) -> str:
    return one.kind.value.replace("-", " ") if one.kind.value != "unknown" else "of unknown kind"


def _of(one: Judged, here: World) -> str:
    """Return to which requests it is, or may be, tied."""
    if not one.requests:
        return ""
    if one.ambiguous:
        return f", to one of {', '.join(request.public_id for request in one.requests)}"
    names = {key: company.name for key, company in here.config.companies.items()}
    return ", to " + ", ".join(
        f"{request.public_id} ({harmless(names.get(request.company, request.company))})" for request in one.requests
    )


def _why(one: Judged, words: Words) -> Iterator[str]:
    """Yield why a person must decide."""
    writer, saw = one.writer
    if writer in {Writer.STRANGER, Writer.FORGED}:
        yield f"{WRITERS[writer]}: {saw}" if saw else WRITERS[writer]
    if one.replies and all(reply.strength is Strength.WEAK for reply in one.replies):
        yield f"tied by {one.replies[0].evidence.value} alone, which is weak"
    if one.kind.value == "unknown":
        for reason in one.because[:2]:
            yield words.rule(reason)


def _look(shown: Look, here: World, words: Words) -> Iterator[str]:
    one = shown.judged
    message = one.message
    secret = one.requests[0].token if one.requests else ""

    def line(label: str, text: str) -> str:
        return f"{label:<{LABEL}}{harmless(masked(text, secret))}"

    yield line("message", str(message.id))
    yield line("from", _sender(one))
    if one.post is None:
        yield line("subject", _subject(one))
    yield line("came", f"{local(message.stamps.at, here.config.zone, seconds=True)} ({here.config.zone})")
    yield line("taken for", _kind(one).removeprefix("of "))
    for reason in one.because:
        yield line("because", words.rule(reason))
    for request, reply in zip(one.requests, one.replies, strict=True):
        yield line("tied to", f"{request.public_id}, by {reply.evidence.value} ({reply.strength.value})")
        if reply.written_by.saw or reply.written_by.writer is not Writer.COMPANY:
            by = reply.written_by
            yield line("written by", ": ".join(filter(None, (WRITERS[by.writer] or "the company", by.saw))))
    for promise in shown.promises:
        yield line("promises", promise.quote)
    for past in shown.history:
        what = "given back to the rules" if past.undone else (past.kind.value if past.kind else "as the rules say")
        when = local(past.at, here.config.zone)
        yield line("decided", f"{when} by {past.who}: {what}; before: {past.was}")
        yield line("", past.reason)
    yield ""
    for text in (shown.text[:TEXT_MAX] or "(no text is left of it)").splitlines():
        yield f"  | {harmless(masked(text, secret))}".rstrip()


def _changed(changes: Sequence[RequestChange], here: World, *, undone: bool = False) -> Iterator[str]:
    done = "undone" if undone else "decided"
    if not changes:
        yield f"{done}; no request's figures change"
        return
    yield f"{done}; what changes:"
    names = {key: company.name for key, company in here.config.companies.items()}
    yield from (changed(change, names) for change in changes)


def _go_through(here: World, words: Words, who: str) -> None:
    """Show what waits, one after the other, and take a decision about each."""
    if not sys.stdin.isatty():
        raise UsageError("--each: it asks on a terminal; in a script decide one by one: see `slawatch review --help`")
    found = reviewing.waiting(here)
    kinds = reviewing.settling_kinds()
    for number, one in enumerate(found, start=1):
        click.echo(f"--- {number} of {len(found)} ---")
        for line in _look(reviewing.look(here, one.message.id), here, words):
            click.echo(line)
        click.echo()
        choice = click.prompt(
            "What is it? (none: it belongs to no request)",
            type=click.Choice([*kinds, "none", "skip", "quit"]),
            default="skip",
        )
        if choice == "quit":
            return
        if choice == "skip":
            continue
        wish = (
            Wish(requests=()) if choice == "none" else Wish(kind=reviewing.kind_of(choice), requests=_asked_which(one))
        )
        with only_pass(here.config.store):
            changes = reviewing.decide(here, one.message.id, wish, who=who, reason=str(click.prompt("Why")))
        for line in _changed(changes, here):
            click.echo(line)
        click.echo()
    click.echo("nothing else waits for review" if found else "nothing waits for review")


def _asked_which(one: Judged) -> tuple[str, ...] | None:
    if not one.ambiguous:
        return None
    ids = [request.public_id for request in one.requests]
    return (str(click.prompt("Which request", type=click.Choice(ids))),)


def _facts(one: Judged, words: Words) -> Mapping[str, object]:
    message = one.message
    secret = one.requests[0].token if one.requests else ""
    writer, saw = one.writer
    facts = {
        "message": message.id,
        "at": message.stamps.at,
        "from": message.sender,
        "handle": one.post.who if one.post else None,
        "subject": message.subject,
        "kind": one.kind.value,
        "because": [words.rule(reason) for reason in one.because],
        "requests": [request.public_id for request in one.requests],
        "evidence": one.replies[0].evidence.value if one.replies else None,
        "strength": one.replies[0].strength.value if one.replies else None,
        "writer": writer.value if one.replies else None,
        "writer_saw": saw or None,
    }
    return {name: masked(value, secret) for name, value in facts.items()}


def _look_facts(shown: Look, words: Words) -> Mapping[str, object]:
    secret = shown.judged.requests[0].token if shown.judged.requests else ""
    history = [
        {
            "at": past.at,
            "who": past.who,
            "reason": past.reason,
            "kind": past.kind.value if past.kind else None,
            "undone": past.undone,
            "was": past.was,
        }
        for past in shown.history
    ]
    promises = [promise.quote for promise in shown.promises]
    return {
        **_facts(shown.judged, words),
        "text": masked(shown.text, secret),
        "promises": promises,
        "history": history,
    }


def _change_facts(change: RequestChange) -> Mapping[str, object]:
    return {
        "request": change.request.public_id,
        "company": change.request.company,
        "before": stands(change.request, change.before),
        "after": stands(change.request, change.after),
    }
