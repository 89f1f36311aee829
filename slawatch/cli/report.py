"""`slawatch report`: the HTML file, or its figures as text or JSON."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click
from click.core import ParameterSource

from slawatch import periods, wordings
from slawatch.app import world
from slawatch.cli import FAILED, dressed
from slawatch.cli.mail import ONLY, mail_at_will
from slawatch.cli.options import DURATION, config_option, examples, json_option, print_json
from slawatch.errors import UsageError
from slawatch.periods import Period
from slawatch.usecases import publishing, reported
from slawatch.usecases.report import Choice, gather, write_whole
from slawatch.usecases.wide import is_wide
from slawatch.usecases.world import World

if TYPE_CHECKING:
    from slawatch.report.model import Material

NOT_MET = 3
PERIOD = "28 d"


@click.command(
    "report",
    epilog=examples(
        "slawatch report",
        'slawatch report --period "last month"',
        "slawatch report --text --period 2026-11-01..2026-11-30",
        'slawatch report --json --company example-shop --period "91 d"',
        "slawatch report --lang de",
        "slawatch report --mail weekly --to me@example.org",
        'slawatch report --embargo "14 d"',
        "slawatch report --check && echo every objective is met",
    ),
)
@config_option
@json_option
@click.option("--text", "as_text", is_flag=True, help="Print the figures as plain text.")
@click.option("--out", "path", type=click.Path(dir_okay=False, path_type=Path), help="Where to write the HTML file.")
@click.option(
    "--pdf", "pdf", type=click.Path(dir_okay=False, path_type=Path), help="Print it to this PDF file, by your Chromium."
)
@click.option(
    "--period",
    default=PERIOD,
    show_default=True,
    help='Requests asked in the last "28 d", in "this week", "last month", "2026-11", "2026-W47", "2026-Q4" or "2026" '
    "(in the config's time zone, weeks as in ISO 8601), or between two days: 2026-11-01..2026-11-30.",
)
@click.option("--company", "companies", multiple=True, help="Only this company; may be given several times.")
@click.option("--audit", "campaign", type=int, help="Only the requests of that audit.")
@click.option(
    "--pictures/--no-pictures", default=True, help="Pictures of chats; they may show your name and those of others."
)
@click.option("--lang", help='Its language, such as "de" or "en"; without this the one the config names.')
@click.option(
    "--mail",
    "mailed",
    is_flag=False,
    flag_value=ONLY,
    metavar="[NAME]",
    help="Mail the [[report]] of that name, or the only one, at once: to its recipients, about its period.",
)
@click.option(
    "--to", multiple=True, metavar="ADDRESS", help="With --mail: only to this address; several times for more."
)
@click.option(
    "--embargo",
    type=DURATION,
    help='Write no report, but for each company a packet to reply to: others\' reports wait so long, such as "14 d".',
)
@click.option("--override-embargo", "override", default="", help="Do not wait for companies to reply, and why not.")
@click.option("--check", is_flag=True, help="Exit with code 3 where an objective was not met.")
def command(
    config_path: Path,
    *,
    as_json: bool,
    as_text: bool,
    path: Path | None,
    pdf: Path | None,
    period: str,
    companies: tuple[str, ...],
    campaign: int | None,
    pictures: bool,
    lang: str | None,
    mailed: str | None,
    to: tuple[str, ...],
    embargo: timedelta | None,
    override: str,
    check: bool,
) -> None:
    """Write the report as one self-contained HTML file and print where it is. Needs no secret and no connection.

    With --mail it is mailed instead, and what left is printed; exit code 1 where it did not leave for all.
    """
    if to and mailed is None:
        raise UsageError('--to: says who gets a mail; give "--mail" as well')
    forms = {"--json": as_json, "--text": as_text, "--mail": mailed is not None, "--embargo": embargo is not None}
    _printable(pdf, **forms)
    _only_one(path, [option for option, given in forms.items() if given], check=check)
    with world(config_path) as here:
        for key in companies:
            here.require_company(key)
        asked_in = period_of(here, period, campaign)
        choice = Choice(
            since=asked_in.since,
            until=asked_in.until,
            kind=periods.show(asked_in.kind),
            companies=companies,
            campaign=campaign,
            lang=here.config.lang if lang is None else _worded(lang, here),
            pictures=pictures and not (as_json or as_text),
        )
        if mailed is not None:
            if not mail_at_will(here, mailed, to, choice, lang, said=_said()):
                sys.exit(FAILED)
            return
        if embargo is not None:
            _packets(here, choice, embargo)
            return
        _require_free(here, choice, override, printed=as_json or as_text)
        if is_wide(here, choice):
            _printable(pdf, wide=True)
            from slawatch.cli.wide import report_wide  # noqa: PLC0415  few reports are of thousands

            file = path or here.config.out / _name(_today(here), period, companies, campaign, lang)
            if report_wide(here, choice, as_json=as_json, as_text=as_text, path=file) and check:
                sys.exit(NOT_MET)
            return
        book = _book(gather(here, choice))
        if as_json or as_text:
            _print(here, book, choice, as_json=as_json)
        else:
            name = _name(_today(here), period, companies, campaign, lang)
            click.echo(_on_disk(here, book, choice, path, pdf, name).as_uri())
    if check and _not_met(book):
        sys.exit(NOT_MET)


def _require_free(here: World, choice: Choice, override: str, *, printed: bool) -> None:
    """Raise UsageError where a company still has time to reply; what is printed is for whoever sits here."""
    if not printed:
        publishing.require_free(here, choice, override=override)


def _print(here: World, book: Any, choice: Choice, *, as_json: bool) -> None:
    from slawatch.report import render  # noqa: PLC0415  jinja is loaded only by what renders

    if as_json:
        print_json(render.whole_data(book, here.config.folder))
        return
    dressed.show(
        render.text(book, lang=choice.lang, folder=here.config.folder, space=render.NO_BREAK),
        render.proof_styles(choice.lang, here.config.folder),
    )


def _packets(here: World, choice: Choice, length: timedelta) -> None:
    """Write each company's packet and say where it is, and until when the others wait."""
    for one in publishing.embargo(here, choice, length):
        ends = f"{one.embargo.ends_at.astimezone(ZoneInfo(here.config.zone)):%Y-%m-%d %H:%M}"
        click.echo(f"{one.embargo.company}: {one.folder.as_uri()}, for nobody else until {ends} ({here.config.zone})")
    click.echo("send each company its packet; what it replies goes into `slawatch correction add`")


def _printable(pdf: Path | None, *, wide: bool = False, **others: bool) -> None:
    """Raise UsageError where a PDF is asked for of very many, or together with an option that makes no page."""
    if pdf is not None and wide:
        cure = 'name a company with "--company", or a shorter "--period"'
        raise UsageError(f"--pdf: a report of so many requests is for the screen, not for paper; {cure}")
    for option, given in others.items():
        if pdf is not None and given:
            raise UsageError(f'--pdf: prints the HTML report, and "{option}" makes none; give one of them only')


def _only_one(path: Path | None, forms: Sequence[str], *, check: bool) -> None:
    """Raise UsageError where the report is asked for in two forms, one of which nobody would get."""
    if len(forms) > 1:
        raise UsageError(f'{forms[0]}: "{forms[1]}" asks for another form; give one of them only')
    if check and "--mail" in forms:
        raise UsageError('--check: says what a report holds, and "--mail" sends one; give one of them only')
    if path is not None and forms:
        raise UsageError(f'--out: is where the HTML report goes, and "{forms[0]}" makes none; give one of them only')


def _said() -> frozenset[str]:
    """Return which of the options that say what the report is about stand on the command line."""
    source = click.get_current_context().get_parameter_source
    names = ("period", "companies", "campaign")
    return frozenset(name for name in names if source(name) is not ParameterSource.DEFAULT)


def _worded(lang: str, here: World) -> str:
    try:
        return wordings.worded(lang, here.config.folder)
    except ValueError as error:
        raise UsageError(f"--lang: {error}") from None


def _today(here: World) -> date:
    """Return the day it is where the report's reader lives, which the report itself and a mail name as well."""
    return here.clock.now().astimezone(ZoneInfo(here.config.zone)).date()


def _name(day: date, period: str, companies: tuple[str, ...], campaign: int | None, lang: str | None = None) -> str:
    """Return a file name that says what the report is about, so that one of another scope does not replace it."""
    parts = [f"report-{day}", *companies]
    if campaign is not None:
        parts.append(f"audit-{campaign}")
    elif period != PERIOD:
        parts.append(re.sub(r"[^\w.-]+", "", period))
    if lang is not None:
        parts.append(lang)
    return re.sub(r"[^\w.-]+", "-", "-".join(parts)) + ".html"  # a company that was imported may be called anything


def _book(material: Material) -> Any:
    from slawatch.report import build  # noqa: PLC0415  numpy is loaded only by what computes

    return build.build(material)


def _write(here: World, book: Any, choice: Choice, path: Path) -> Path:
    from slawatch.report import render  # noqa: PLC0415  jinja is loaded only by what renders

    written = write_whole(path, render.html(book, lang=choice.lang, folder=here.config.folder))
    reported.keep(here, choice, book.material, render.data(book), written)
    return written


def _on_disk(here: World, book: Any, choice: Choice, path: Path | None, pdf: Path | None, name: str) -> Path:
    """Write the HTML file, the PDF, or both where both were named; returns where the PDF, or else the HTML is."""
    if pdf is None:
        return _write(here, book, choice, path or here.config.out / name)
    if path is not None:
        _write(here, book, choice, path)
    from slawatch.report import render  # noqa: PLC0415  jinja is loaded only by what renders
    from slawatch.usecases.pdf import print_to_pdf  # noqa: PLC0415  few reports are printed

    return print_to_pdf(render.html(book, lang=choice.lang, folder=here.config.folder), pdf)


def write_report(here: World, choice: Choice, path: Path) -> Path:
    """Gather, build, write and remember the HTML report; returns its absolute path."""
    return _write(here, _book(gather(here, choice)), choice, path)


def _not_met(book: Any) -> bool:
    """Whether a company misses an objective; all of a channel's together are nobody's objective."""
    from slawatch.report import render  # noqa: PLC0415  jinja is loaded only by what renders

    groups = render.data(book)["groups"]
    companies = [group for group in groups if group["company"] != "*"]
    return any(one["result"] == "not_met" for group in companies for one in group["objectives"])


def period_of(here: World, period: str, campaign: int | None) -> Period:
    """Return the instants a period means in the config's zone; with an audit, from its beginning up to now.

    Raises:
        UsageError: it means none, or the audit does not exist.
    """
    now = here.clock.now()
    if campaign is not None:
        found = here.store.campaign(campaign)
        if found is None:
            raise UsageError(f'--audit: there is no audit "{campaign}"')
        return Period(since=found.started_at, until=now)
    try:
        return periods.named(period, now, here.config.zone)
    except ValueError as error:
        raise UsageError(f"--period: {error}") from None
