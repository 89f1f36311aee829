"""`slawatch erase`: what is kept of an address, a company or a request, and with --yes its end. Shows no contents."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from slawatch.app import world
from slawatch.cli.lines import counted, harmless
from slawatch.cli.options import config_option, examples, json_option, print_json

if TYPE_CHECKING:
    from slawatch.usecases.erasing import Found, Subject
    from slawatch.usecases.world import World


@click.command(
    "erase",
    epilog=examples(
        "slawatch erase anna@shop.example",
        "slawatch erase anna@shop.example --yes --opt-out",
        "slawatch erase R4f2a91c0 --yes",
    ),
)
@config_option
@json_option
@click.argument("what")
@click.option("--yes", is_flag=True, help="Erase it; without this, only say what would be erased.")
@click.option("--opt-out", "opt_out", is_flag=True, help="Put them on the opt-out register as well: never asked again.")
def command(config_path: Path, *, as_json: bool, what: str, yes: bool, opt_out: bool) -> None:
    """Find all that is kept of WHAT, an address, a company's key or a request's id, and erase it.

    Raw evidence is looked through however the address is spelt there. Stamps, hashes and figures stay, and the chain of
    evidence holds. Nothing brings back what was erased.
    """
    from slawatch.cli.progress import Display  # noqa: PLC0415  costs 20 ms
    from slawatch.usecases import erasing, opting  # noqa: PLC0415  same
    from slawatch.usecases.tick import only_pass  # noqa: PLC0415

    display = Display(sys.stderr, hint="")
    with world(config_path) as here, only_pass(here.config.store):
        subject = erasing.subject_of(here, what)
        with display.busy("looking through all evidence"):
            found = erasing.find(here, subject)
        anew = True
        if yes:
            with display.busy("erasing, and writing the store anew"):
                anew = erasing.erase(here, subject, found)
        scope = opting.scope_of(here, what) if opt_out else ""
        if scope and yes:
            opting.add(here, scope, "they asked us to forget them")
        if as_json:
            print_json(
                {
                    "what": subject.kind.value,
                    "erased": yes,
                    "found": found.counts,
                    "files": [str(path) for path in found.files],
                    "stays": {"audit_log": found.audit, "opt_out": found.register},
                    "written_anew": anew,
                    "opted_out": scope if yes else "",
                }
            )
            return
        for line in _lines(here, subject, found, yes=yes, anew=anew, opt_out=opt_out):
            click.echo(line)


def _lines(here: World, subject: Subject, found: Found, *, yes: bool, anew: bool, opt_out: bool) -> Iterator[str]:
    from slawatch.usecases.erasing import named_in_config  # noqa: PLC0415  costs 20 ms

    for name, number in found.counts.items():
        yield f"  {name}: {number}"
    for path in found.files:
        yield f"  outside the store, for you to delete: {harmless(str(path))}"
    if found.audit:
        yield f"  stays: {counted(found.audit, 'entry', 'entries')} of the audit log, which is only added to"
    if found.register:
        yield "  stays: the entry of the opt-out register, which keeps them from being asked"
    if named_in_config(here, subject):
        yield f"  {here.config.path.name} names them: take them out there, or they are asked again"
    if not found:
        yield f"nothing in the store is about this {subject.kind}"
    elif yes:
        yield "erased; stamps, hashes and figures stay"
        if not anew:
            yield "the store could not be written anew, as another process has it open: run it again when none has"
    else:
        yield "nothing was erased: add --yes to erase it" + (
            "" if opt_out else ", and --opt-out so as not to ask again"
        )
    if yes and opt_out:
        yield "they are on the opt-out register"
