"""`slawatch redact`: what a report would cut from a text, and by which rule. Changes nothing."""

from __future__ import annotations

from pathlib import Path

import click

from slawatch.app import world
from slawatch.cli.lines import counted, harmless
from slawatch.cli.options import config_option, examples, json_option, print_json


@click.command("redact", epilog=examples("slawatch redact R4f2a91c0", "slawatch redact answer.eml --json"))
@config_option
@json_option
@click.argument("what")
def command(config_path: Path, *, as_json: bool, what: str) -> None:
    """Show what is cut before others see a text: that of a request's replies, or of a file (a letter, or plain text).

    Each cut stands in brackets, its rule before it. Patterns of your own, and texts to keep, stand in the config under
    [redaction].
    """
    from slawatch.usecases import redacting  # noqa: PLC0415  costs 20 ms

    with world(config_path) as here:
        found = redacting.of(here, what)
    if as_json:
        print_json(
            {
                "rules": redacting.RULES,
                "texts": [
                    {
                        "name": one.name,
                        "shown": one.shown,
                        "counts": one.counts,
                        "cuts": [
                            {"rule": cut.rule, "start": cut.start, "end": cut.end, "was": one.text[cut.start : cut.end]}
                            for cut in one.cuts
                        ],
                    }
                    for one in found
                ],
            }
        )
        return
    if not found:
        click.echo("there is no text to show: nothing was answered, or it was thrown away")
    for one in found:
        click.echo(f"{harmless(one.name)}:")
        for line in one.marked.splitlines():
            click.echo(f"  {harmless(line)}")
        cut = ", ".join(f"{rule} {number}" for rule, number in one.counts.items())
        click.echo(f"{counted(sum(one.counts.values()), 'cut')} by the rules {redacting.RULES}: {cut or 'none'}")
