"""What `slawatch report --mail` does: mails a report of the config at once, or one of the moment. Prints what left."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import click

from slawatch.cli.lines import harmless
from slawatch.errors import UsageError
from slawatch.mailed import NAME, MailedReport
from slawatch.rhythm import DAY, Calendar
from slawatch.store import LetterState
from slawatch.usecases.mailing import choice_of, mail_now, sentence
from slawatch.usecases.report import Choice
from slawatch.usecases.world import World

ONLY = "*"  # --mail without a name


def mail_at_will(
    here: World, name: str, to: tuple[str, ...], asked: Choice, lang: str | None, *, said: Collection[str]
) -> bool:
    """Mail the report of that name, ONLY for the only one there is; `asked` and `lang` are what options say of it.

    What none of the options that were `said` names ("period", "companies", "campaign") is as the config has it.

    Prints a line for each recipient; returns whether all letters left.

    Raises:
        UsageError: it is not clear which report, from where or to whom.
    """
    report = _report(here, name, to)
    choice = _about(here, report, asked, to, said) if here.config.reports else asked
    letters = mail_now(here, report, replace(choice, name=report.name, lang=lang or report.lang), to)
    for letter in letters:
        left = letter.state is LetterState.SENT
        click.echo(harmless(f'sent to {letter.recipient}: "{letter.subject}"' if left else sentence(letter)))
    return all(letter.state is LetterState.SENT for letter in letters)


def _about(here: World, report: MailedReport, asked: Choice, to: tuple[str, ...], said: Collection[str]) -> Choice:
    """Return what the letter is about: another period never widens it to companies that its readers may not see.

    Raises:
        UsageError: it would tell the readers of a report about some companies of others.
    """
    own = replace(choice_of(here, report, here.clock.now()), pictures=asked.pictures)
    if {"period", "campaign"} & set(said):
        own = replace(own, since=asked.since, until=asked.until, kind=asked.kind, campaign=asked.campaign)
    if "companies" not in said:
        return own
    others = [key for key in asked.companies if report.companies and key not in report.companies]
    if others and not to:
        raise UsageError(
            f'--company: the report "{report.name}" is about {", ".join(report.companies)}, and its readers would get '
            f'"{others[0]}"; say who gets this one: --to me@example.org'
        )
    return replace(own, companies=asked.companies)


def _report(here: World, name: str, to: tuple[str, ...]) -> MailedReport:
    reports = here.config.reports
    for address in to:
        _, at, domain = address.rpartition("@")
        if not at or not domain or any(letter.isspace() for letter in address):
            raise UsageError(f'--to: "{address}" is not an e-mail address; write it like "me@example.org"')
    if name == ONLY and len(reports) == 1:
        return reports[0]
    if name != ONLY:
        found = next((one for one in reports if one.name == name), None)
        if found is None:
            known = ", ".join(one.name for one in reports) or "none"
            raise UsageError(f'--mail: there is no report "{name}" in {here.config.path.name}; known are: {known}')
        return found
    if reports:
        raise UsageError(f"--mail: it is not clear which report; name one of: {', '.join(one.name for one in reports)}")
    if not to:
        raise UsageError(
            f"--mail: {here.config.path.name} has no [[report]]; add one, or say who gets this one: --to me@example.org"
        )
    writers = [name for name, account in here.config.accounts.items() if account.channel == "email"]
    if len(writers) != 1:
        raise UsageError("--mail: it is not clear which e-mail account it leaves from; add a [[report]] that says so")
    return MailedReport(
        name=NAME, every=Calendar(DAY), period=28 * DAY, to=to, account=writers[0], lang=here.config.lang
    )
