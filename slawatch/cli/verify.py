"""`slawatch verify`: whether the evidence, and a report that was made from it, are still what they were."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from slawatch.app import world
from slawatch.cli import PART_UNMEASURED
from slawatch.cli.lines import counted, some
from slawatch.cli.options import config_option, examples, json_option, print_json

if TYPE_CHECKING:
    from slawatch.usecases.chained import Chained, Fault
    from slawatch.usecases.verify import Checked, Verified

DOES_NOT_HOLD = 1
MOST = 20
WHAT = {
    "changed": "is not what was linked",
    "removed": "was linked and is gone",
    "added": "came in by something else than slawatch",
    "no-evidence": "has no intact raw form any more, and nothing says that it was thrown away",
    "not-as-judged": "is kept as something else than its evidence makes it",
    "broken": "does not follow from the one before",
}


@click.command(
    "verify",
    epilog=examples("slawatch verify", "slawatch verify out/report-2026-11-22.html", "slawatch verify --head 3fa9..."),
)
@config_option
@json_option
@click.argument("report", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--head", default="", help="A head that was printed once: it must be in the chain.")
@click.option("--all", "everything", is_flag=True, help=f"List everything that is wrong, not only the first {MOST}.")
def command(config_path: Path, *, as_json: bool, report: Path | None, head: str, everything: bool) -> None:
    """Say whether the evidence is what it was, or whether every figure of a report still follows from it.

    Without a file: recomputes the chain of evidence, reads every raw form again and judges it anew. With one:
    recomputes the report as of when it was made. Changes nothing; needs no secret and no connection. Exit code 0 where
    all holds, 1 where something does not, 4 where part rests on evidence that was thrown away, or cannot be opened.
    """
    from slawatch.cli.progress import Display  # noqa: PLC0415  costs 20 ms

    display = Display(sys.stderr, hint="")
    with world(config_path) as here:
        if report is None:
            from slawatch.usecases.chained import verify_chain, verify_judgements  # noqa: PLC0415

            with display.busy("holding all evidence against its chain"):
                chained = verify_chain(here, head=head)
                judged = () if chained.locked else verify_judgements(here)
            if as_json:
                print_json(_chain_facts(chained, judged))
            else:
                for line in _chain_lines(chained, judged, head, everything=everything):
                    click.echo(line)
            if not chained.holds or judged:
                sys.exit(DOES_NOT_HOLD)
            sys.exit(PART_UNMEASURED if chained.locked else 0)
        from slawatch.usecases.verify import verify_report  # noqa: PLC0415

        with display.busy("recomputing every figure from the evidence"):
            found = verify_report(here, report, head=head)
    if as_json:
        print_json(_facts(found))
    else:
        for line in _lines(found, everything=everything):
            click.echo(line)
    sys.exit(_code(found))


def _code(found: Verified) -> int:
    if not found.holds:
        return DOES_NOT_HOLD
    return PART_UNMEASURED if found.sealed or not found.recomputed else 0


def _chain_lines(chained: Chained, judged: tuple[Fault, ...], head: str, *, everything: bool) -> Iterator[str]:
    faults = [*chained.faults, *judged]
    yield f"{counted(chained.links, 'link')}, head {chained.head or 'none yet'}"
    if head:
        yield f"the head {head} is in it"
    yield from some([_fault(one) for one in faults], MOST, everything=everything)
    if chained.sealed:
        requests = sorted({request for one in chained.sealed for request in one.requests})
        of = f", of {', '.join(requests)}" if requests else ""
        yield (
            f"{counted(len(chained.sealed), 'message')} sealed: thrown away because their authors deleted them, "
            f"their time was over or somebody asked for it; their digests stay{of}"
        )
    if chained.locked:
        yield f"{counted(chained.locked, 'message')} locked: encrypted, and no key at hand opens them; nobody can tell"
    yield ""
    if faults:
        yield (
            f"{counted(len(faults), 'thing')} in the evidence: not as it was kept. Figures that rest on it prove "
            "nothing until that is explained: compare with a backup."
        )
    elif chained.locked:
        yield "Nothing was changed, removed or added since it was linked. What messages are could not be judged anew."
    else:
        yield (
            "Nothing was changed, removed or added since it was linked, and all that the store says of a message "
            "follows from its raw form by today's rules."
        )


def _fault(fault: Fault) -> str:
    more = f" ({fault.detail})" if fault.detail else ""
    of = f", of {', '.join(fault.requests)}" if fault.requests and fault.item not in fault.requests else ""
    return f"  {fault.kind} {fault.item}{of}: {WHAT[fault.what]}{more}"


def _lines(found: Verified, *, everything: bool) -> Iterator[str]:
    yield f"{found.path.name}, made {found.made_at:%Y-%m-%d %H:%M:%S} UTC"
    yield f"  file: {_file(found)}"
    if found.recomputed:
        yield f"  chain: {'its head is in this store' if found.linked else 'this store never had its head'}"
    fine = [group for group in found.groups if group.state == "holds" and group.company not in {"*", ""}]
    hidden = fine if len(fine) > MOST and not everything else []
    if hidden:
        figures = counted(sum(group.figures for group in hidden), "figure")
        yield f"  {counted(len(hidden), 'pair')} of company and way: all {figures} hold"
    for group in found.groups:
        if any(group is one for one in hidden):
            continue
        yield f"  {_name(group)}: {_state(group)}"
        differing = [f"    {one.name}: {one.was} -> {one.now}" for one in group.changed]
        yield from some(differing, MOST, everything=everything)
        for why in dict.fromkeys(group.why):
            yield f"    because: {why}"
    if found.words:
        yield "  words that are not what these figures give (- in the file, + made again):"
        yield from (f"    {line}" for line in found.words)
    yield from some([_fault(one) for one in found.chained.faults], MOST, everything=everything)
    for note in found.notes:
        yield f"  note: {note}"
    yield ""
    yield _sentence(found)


def _file(found: Verified) -> str:
    if not found.intact:
        return "altered since it was made: its own digest is not that of its contents"
    if found.known is None:
        return "its own digest is right; this store does not remember making it"
    return "unaltered, as this store remembers it" if found.known else "not the file this store made at that instant"


def _name(group: Checked) -> str:
    company = {"*": "all companies", "": "how it was measured"}.get(group.company, group.company)
    return company if not group.company else f"{company}, {group.channel}"


def _state(group: Checked) -> str:
    if group.state == "changed":
        return f"{counted(len(group.changed), 'figure')} of {group.figures} no longer hold"
    if group.state == "gone":
        return "nothing of it is there any more"
    if group.state == "doubted":
        return f"{counted(group.figures, 'figure')} come out the same, but not from the evidence that was linked"
    if group.state == "sealed":
        return f"{counted(group.figures, 'figure')} as reported, but the raw form is gone of {', '.join(group.sealed)}"
    return f"{counted(group.figures, 'figure')} hold"


def _sentence(found: Verified) -> str:
    if found.altered:
        return "This file was altered after it was made. Do not rely on anything in it."
    if not found.recomputed:
        return "The file is unaltered. It was made from a mailbox and not from this store: nothing can be recomputed."
    if not found.linked:
        return "This report was not made from the evidence in this store, or the evidence was made anew since."
    wrong = sum(len(group.changed) for group in found.groups)
    if not found.holds:
        return (
            f"The file is unaltered, but {counted(wrong, 'figure')} in it no longer follow from the evidence kept "
            "here, or that evidence was altered; why stands beside them, as far as it can be told."
        )
    if found.sealed:
        return (
            f"Nothing speaks against this report. {counted(len(found.sealed), 'request')} in it rest in part on "
            "evidence that was thrown away since: stamps and digests are still those in the chain."
        )
    return "Every figure in this report still follows from the evidence, as it was known when the report was made."


def _chain_facts(chained: Chained, judged: tuple[Fault, ...]) -> Mapping[str, object]:
    return {
        "holds": chained.holds and not judged,
        "links": chained.links,
        "head": chained.head,
        "faults": [_fault_facts(one) for one in (*chained.faults, *judged)],
        "sealed": [_fault_facts(one) for one in chained.sealed],
        "locked": chained.locked,
    }


def _fault_facts(fault: Fault) -> Mapping[str, object]:
    return {
        "what": fault.what.value,
        "kind": fault.kind,
        "item": fault.item,
        "requests": list(fault.requests),
        "detail": fault.detail,
    }


def _facts(found: Verified) -> Mapping[str, object]:
    return {
        "holds": found.holds,
        "made_at": found.made_at,
        "altered": found.altered,
        "known": found.known,
        "linked": found.linked,
        "recomputed": found.recomputed,
        "groups": [
            {
                "company": group.company,
                "channel": group.channel,
                "origin": group.origin,
                "state": group.state.value,
                "figures": group.figures,
                "changed": [{"name": one.name, "was": one.was, "now": one.now} for one in group.changed],
                "sealed": list(group.sealed),
                "why": list(group.why),
            }
            for group in found.groups
        ],
        "words": list(found.words),
        "sealed": list(found.sealed),
        "notes": list(found.notes),
        "chain": _chain_facts(found.chained, ()),
    }
