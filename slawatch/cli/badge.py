"""`slawatch badge`: small pictures of the figures, for a page of one's own."""

from __future__ import annotations

from pathlib import Path

import click

from slawatch import periods, wordings
from slawatch.app import world
from slawatch.cli.options import config_option, examples
from slawatch.cli.report import PERIOD, period_of
from slawatch.errors import UsageError
from slawatch.usecases.publishing import require_free
from slawatch.usecases.report import Choice, gather, write_whole


@click.command("badge", epilog=examples("slawatch badge", 'slawatch badge --out public --period "91 d" --lang de'))
@config_option
@click.option(
    "--out", "folder", type=click.Path(file_okay=False, path_type=Path), help='Where to; else "badges" beside reports.'
)
@click.option("--period", default=PERIOD, show_default=True, help='As of "slawatch report".')
@click.option("--company", "companies", multiple=True, help="Only this company; may be given several times.")
@click.option("--lang", help='Their language, such as "de" or "en"; without this the one the config names.')
def command(config_path: Path, folder: Path | None, period: str, companies: tuple[str, ...], lang: str | None) -> None:
    """Write for each company and channel a badge of the first response: a picture, and a file for shields.io.

    A badge is green only where every objective for the first response is proven met. Prints the path of each picture.
    """
    from slawatch.report import badges, build  # noqa: PLC0415  numpy and jinja are loaded only by what renders

    with world(config_path) as here:
        for key in companies:
            here.require_company(key)
        asked_in = period_of(here, period, None)
        try:
            chosen = wordings.worded(lang or here.config.lang, here.config.folder)
        except ValueError as error:
            raise UsageError(f"--lang: {error}") from None
        choice = Choice(
            since=asked_in.since,
            until=asked_in.until,
            kind=periods.show(asked_in.kind),
            companies=companies,
            lang=chosen,
            pictures=False,
        )
        require_free(here, choice)
        book = build.build(gather(here, choice))
        there = folder or here.config.out / "badges"
        for badge in badges.badges(book, lang=chosen, folder=here.config.folder):
            write_whole(there / f"{badge.stem}.json", badge.endpoint)
            click.echo(write_whole(there / f"{badge.stem}.svg", badge.svg))
