"""`slawatch recompute`: old evidence, judged by today's rules."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click

from slawatch.app import world
from slawatch.cli.lines import counted, some
from slawatch.cli.options import config_option, examples, json_option, print_json
from slawatch.cli.progress import Display, changed, stands
from slawatch.usecases.recompute import Made, MessageChange, Recomputed, RequestChange, on_a_copy, recompute
from slawatch.usecases.tick import only_pass

MOST = 20  # changed requests that are listed unless all are wanted


@click.command("recompute", epilog=examples("slawatch recompute --dry-run", "slawatch recompute"))
@config_option
@json_option
@click.option("--dry-run", is_flag=True, help="Only say what would change; on a copy that is thrown away.")
@click.option("--all", "everything", is_flag=True, help=f"List every changed request, not only the first {MOST}.")
def command(config_path: Path, *, as_json: bool, dry_run: bool, everything: bool) -> None:
    """Judge every message anew by today's rules and config, and say what that changes.

    After an update, or a change of domains, expected facts or service hours in the config. What people decided stays as
    they decided it; messages whose evidence was purged stay as they were judged.
    """
    display = Display(sys.stderr, hint="")
    with world(config_path) as here, only_pass(here.config.store), display.busy("judging every message anew"):
        if dry_run:
            with on_a_copy(here) as copy:
                done = recompute(copy)
        else:
            done = recompute(here)
        names = {key: company.name for key, company in here.config.companies.items()}
    if as_json:
        print_json(_facts(done))
        return
    for line in _lines(done, names, dry_run=dry_run, everything=everything):
        click.echo(line)


def _lines(done: Recomputed, names: Mapping[str, str], *, dry_run: bool, everything: bool) -> Iterator[str]:
    kept = "".join(
        part
        for part in (
            f"; {done.decided} as people decided" if done.decided else "",
            f"; {done.sealed} left as they are, their evidence is gone" if done.sealed else "",
        )
    )
    yield f"{counted(done.judged, 'message')} judged by rules {done.rules}{kept}"
    if not done.messages and not done.requests:
        yield "nothing would change" if dry_run else "nothing changed"
        return
    would = "would change" if dry_run else "changed"
    yield f"{counted(len(done.messages), 'message')} {would}:"
    counts = Counter(_what(change) for change in done.messages)
    for what, number in counts.most_common():
        yield f"  {number:>6}  {what}"
    if not done.requests:
        yield f"no request's figures {would}"
        return
    yield f"{counted(len(done.requests), 'request')} {would}:"
    yield from some([changed(change, names) for change in done.requests], MOST, everything=everything)


def _what(change: MessageChange) -> str:
    """Return what is different about a message, in words that are the same for all such messages."""
    parts = []
    if change.before.kind is not change.after.kind:
        parts.append(f"{_kind(change.before)} -> {_kind(change.after)}")
    if change.before.ties != change.after.ties:
        before, after = (frozenset(tie.request_id for tie in made.ties) for made in (change.before, change.after))
        if before == after:
            parts.append("tied otherwise, or by somebody else")
        else:
            parts.append(f"tied to {counted(len(before), 'request')} -> {len(after)}")
    if change.before.promises != change.after.promises:
        parts.append(f"promises {len(change.before.promises)} -> {len(change.after.promises)}")
    return ", ".join(parts)


def _kind(made: Made) -> str:
    return made.kind.value.replace("-", " ") if made.kind else "ours"


def _facts(done: Recomputed) -> Mapping[str, object]:
    return {
        "rules": done.rules,
        "judged": done.judged,
        "decided": done.decided,
        "sealed": done.sealed,
        "messages": [
            {
                "message": change.message.id,
                "kind_before": change.before.kind.value if change.before.kind else None,
                "kind_after": change.after.kind.value if change.after.kind else None,
                "what": _what(change),
            }
            for change in done.messages
        ],
        "requests": _requests(done.requests),
    }


def _requests(changes: Sequence[RequestChange]) -> list[Mapping[str, object]]:
    return [
        {
            "request": change.request.public_id,
            "company": change.request.company,
            "verdict_before": change.before.verdict.value,
            "verdict_after": change.after.verdict.value,
            "before": stands(change.request, change.before),
            "after": stands(change.request, change.after),
        }
        for change in changes
    ]
