"""Reads the tables [[report]] of a config: which reports leave by e-mail, when, about what and to whom.

Notes every mistake with its line. Sends nothing, and knows neither accounts nor companies but by name.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slawatch import rhythm, values
from slawatch.periods import Kind
from slawatch.plan import Cron
from slawatch.rhythm import Calendar, Rhythm
from slawatch.tomlfile import KeyPath, Reader, quoted, where

REPORT = ("name", "every", "at", "period", "to", "companies", "language", "logo", "account")
NAME = "report"  # of the only one
LOGO_MAX = 60_000  # bytes: it goes with every letter, and mail programs show it a few centimetres wide
LOGO_KINDS = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}  # what every mail program shows


@dataclass(frozen=True, slots=True, kw_only=True)
class MailedReport:
    """A report that leaves by e-mail when it is due. `companies` is empty for all; `logo` is absolute.

    `period` is what it speaks of (rhythm.period), `account` the e-mail account that it leaves from.
    """

    name: str
    every: Rhythm
    period: Kind
    to: tuple[str, ...]
    account: str
    lang: str
    companies: tuple[str, ...] = ()
    logo: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a report may name. `writers` are the e-mail accounts, `address_problem` says what is wrong with one."""

    companies: Collection[str]
    accounts: Collection[str]
    writers: tuple[str, ...]
    folder: Path
    lang: str
    read_lang: Callable[[Any], str]
    address_problem: Callable[[str], str | None]


def read(reader: Reader, data: Mapping[str, Any], known: Known) -> tuple[MailedReport, ...]:
    """Return the reports of a config; one with a mistake is left out, as its mistakes are noted."""
    tables = data.get("report", [])
    if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
        reader.mistakes.add(("report",), f"{quoted(tables)} is not a list of tables; write [[report]]")
        return ()
    names: dict[str, KeyPath] = {}
    found = []
    for index, table in enumerate(tables):
        path = ("report", index)
        name = _name(reader, path, table, only=len(tables) == 1)
        if name and names.setdefault(name, path) != path:
            line = reader.document.line(names[name])
            reader.mistakes.add(
                (*path, "name"), f'"{name}" is {where(names[name])} on line {line}; give each a name of its own'
            )
        made = _report(reader, path, table, name, known)
        if made is not None:
            found.append(made)
    return tuple(found)


def _name(reader: Reader, path: KeyPath, table: Mapping[str, Any], *, only: bool) -> str | None:
    # By its name a report is known to have left: one that is given by its place would leave again when that changes.
    if only:
        return reader.take(path, table, "name", values.name, NAME)
    return reader.need(path, table, "name", values.name, '"weekly"')


def _report(
    reader: Reader, path: KeyPath, table: Mapping[str, Any], name: str | None, known: Known
) -> MailedReport | None:
    reader.mistakes.add_unknown_keys(path, table, REPORT)
    every = _every(reader, path, table)
    period = _period(reader, path, table)
    to = _to(reader, path, table, known)
    choose = values.choice(sorted(known.companies), "company")
    companies = reader.each(path, table, "companies", choose)
    if companies == () and table["companies"] == []:
        reader.mistakes.add((*path, "companies"), '"[]" names no company; leave the key out for all of them')
    lang = reader.take(path, table, "language", known.read_lang, known.lang)
    logo = reader.take(path, table, "logo", lambda value: _logo(value, known.folder), None)
    account = _account(reader, path, table, known)
    if name is None or every is None or period is None or not to or account is None:
        return None
    return MailedReport(
        name=name,
        every=every,
        period=period,
        to=to,
        account=account,
        lang=lang,
        companies=tuple(dict.fromkeys(companies or ())),
        logo=logo,
    )


def _every(reader: Reader, path: KeyPath, table: Mapping[str, Any]) -> Rhythm | None:
    every = reader.need(path, table, "every", lambda value: rhythm.read(values.text(value)), '"week"')
    if isinstance(every, Cron):
        if "at" in table:
            reader.mistakes.add((*path, "at"), '"every" says the time as well; leave "at" out')
        if "period" not in table:
            reader.mistakes.add(
                path, '"period" is missing, which no cron expression says; write period = "week" or "28 d"'
            )
        return every
    if every is None:
        return None
    return reader.take(path, table, "at", lambda value: rhythm.at(values.text(value), every), Calendar(every))


def _period(reader: Reader, path: KeyPath, table: Mapping[str, Any]) -> Kind | None:
    key = "period" if "period" in table else "every"
    if key == "every":
        found = _kind(table.get("every"))
        return None if isinstance(found, Cron) else found
    return reader.take(path, table, key, lambda value: rhythm.reach(values.text(value)), None)


def _kind(value: Any) -> Kind | Cron | None:
    try:
        return rhythm.read(value) if isinstance(value, str) else None
    except ValueError:
        return None  # it has been told of


def _to(reader: Reader, path: KeyPath, table: Mapping[str, Any], known: Known) -> tuple[str, ...]:
    def address(value: Any) -> str:
        given = values.text(value).strip()
        problem = known.address_problem(given)
        if problem:
            raise ValueError(problem)
        return given

    example = '["lead@example.org"]'
    if "to" not in table:
        reader.mistakes.add(path, f'"to" is missing; write to = {example}')
        return ()
    to = reader.each(path, table, "to", address) or ()
    if table["to"] == []:
        reader.mistakes.add((*path, "to"), f'"[]" names nobody; write to = {example}')
    once = {one.lower() for one in to}
    if len(once) < len(to):
        twice = next(one for index, one in enumerate(to) if one.lower() in {two.lower() for two in to[:index]})
        reader.mistakes.add((*path, "to"), f'"{twice}" is given twice; write each address once')
    return to


def _logo(value: Any, folder: Path) -> Path:
    path = folder / values.text(value)
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(max(map(len, LOGO_KINDS.values())))
    except OSError as error:
        raise ValueError(
            f"{quoted(value)} cannot be read ({error.strerror}); correct the path, or leave it out"
        ) from None
    if media_of(start) is None:
        raise ValueError(f"{quoted(value)} is neither PNG nor JPEG, which alone all mail programs show; convert it")
    if size > LOGO_MAX:
        most, has = LOGO_MAX // 1000, -(-size // 1000)
        raise ValueError(f"{quoted(value)} has {has} kB and goes with every letter; make it {most} kB at most")
    return path.resolve()


def media_of(raw: bytes) -> str | None:
    """Return what kind of picture it is by its first bytes; None for any that a letter cannot show."""
    return next((media for media, start in LOGO_KINDS.items() if raw.startswith(start)), None)


def _account(reader: Reader, path: KeyPath, table: Mapping[str, Any], known: Known) -> str | None:
    if "account" in table:
        name = reader.take(path, table, "account", values.choice(sorted(known.accounts), "account"), None)
        if name is not None and name not in known.writers:
            reader.mistakes.add((*path, "account"), f'"{name}" is no e-mail account, from which alone reports leave')
            return None
        return name
    if len(known.writers) == 1:
        return known.writers[0]
    there = f"there are {', '.join(known.writers)}" if known.writers else "there is none"
    cure = 'say which with account = "..."' if known.writers else 'add [account.main] with channel = "email"'
    reader.mistakes.add(path, f"it is not clear which e-mail account it leaves from: {there}; {cure}")
    return None
