"""Reads who is told what goes wrong: the tables [[alert]], and `ping` and `metrics` at the top of a config.

Notes every mistake with its line. Sends nothing; secrets are fetched on use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from slawatch import alerting, durations, settings, values
from slawatch.noticing import Kind
from slawatch.noticing.telling import LEAST_REMINDER, Quiet, quiet, time_of_day
from slawatch.secret import Secret, Source
from slawatch.tomlfile import Reader, one_of, quoted, where

NAME = "alert"  # of the only one
NONE = "none"
DAY = timedelta(days=1)
SCHEMES = ("http", "https")


@dataclass(frozen=True, slots=True, kw_only=True)
class Top:
    """The keys at the top of a config. `ping` is a URL that is asked after each complete pass.

    `ping_fail` is asked in its place where somebody could not be told what is wrong.
    """

    ping: Secret | None = None
    ping_fail: Secret | None = None
    metrics: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The keys of a table [[alert]], as they are written."""

    name: str = ""
    to: Secret | None = None
    mail: tuple[str, ...] = ()
    account: str = ""
    on: tuple[str, ...] = ()
    quiet: str = ""
    digest: str = ""
    remind: str = "1 d"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Who is told. `to` is a service's URL in apprise's form, `mail` are addresses written to from `account`.

    `remind` is after which time something that is still wrong is told again, None for never; without `digest` things
    are told at once.
    """

    name: str
    on: frozenset[str]
    to: Secret | None = None
    mail: tuple[str, ...] = ()
    account: str = ""
    quiet: Quiet | None = None
    digest: time | None = None
    remind: timedelta | None = DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarms:
    """All that a config says of who is told."""

    recipients: tuple[Recipient, ...] = ()
    ping: Secret | None = None
    ping_fail: Secret | None = None
    metrics: Path | None = None

    @property
    def notices(self) -> bool:
        """Whether anybody wants to know what is wrong."""
        return bool(self.recipients) or self.metrics is not None

    def secrets(self) -> list[Secret]:
        """Return every secret among them."""
        return [one for one in (self.ping, self.ping_fail, *(each.to for each in self.recipients)) if one is not None]


def keys() -> tuple[str, ...]:
    """Return what a config may hold at its top because of all this."""
    return ("alert", *settings.keys(Top))


def read(
    reader: Reader, data: Mapping[str, Any], *, writers: tuple[str, ...], address_problem: Callable[[str], str | None]
) -> Alarms:
    """Return who is told; a table with a mistake is left out, as its mistakes are noted.

    `writers` are the e-mail accounts, `address_problem` says what is wrong with an address.
    """
    top = settings.read(reader, (), data, Top, _top_problems) or Top()
    tables = data.get("alert", [])
    if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
        reader.mistakes.add(("alert",), f"{quoted(tables)} is not a list of tables; write [[alert]]")
        tables = []
    found: list[Recipient] = []
    names: dict[str, int] = {}
    for index, table in enumerate(tables):
        path = ("alert", index)
        reader.mistakes.add_unknown_keys(path, table, settings.keys(Table))
        check = partial(_problems, writers=writers, address_problem=address_problem, only=len(tables) == 1)
        before = len(reader.mistakes.lines())
        made: Table = settings.read(reader, path, table, Table, check)
        name = made.name or NAME
        if names.setdefault(name, index) != index and (made.name or len(tables) == 1):
            reader.mistakes.add(
                (*path, "name"), f'"{name}" is {where(("alert", names[name]))} as well; give each a name of its own'
            )
        if len(reader.mistakes.lines()) == before:
            found.append(_recipient(made, name, writers))
    return Alarms(recipients=tuple(found), ping=top.ping, ping_fail=top.ping_fail, metrics=top.metrics)


def _recipient(made: Table, name: str, writers: tuple[str, ...]) -> Recipient:
    return Recipient(
        name=name,
        on=frozenset(made.on or (str(one) for one in Kind)),
        to=made.to,
        mail=made.mail,
        account=made.account or (writers[0] if made.mail else ""),
        quiet=quiet(made.quiet) if made.quiet else None,
        digest=time_of_day(made.digest) if made.digest else None,
        remind=None if made.remind == NONE else durations.parse(made.remind),
    )


def _top_problems(made: Top) -> Iterator[tuple[str, str]]:
    for key in ("ping", "ping_fail"):
        url: Secret | None = getattr(made, key)
        if url is not None and url.source is Source.WRITTEN and not is_web(url.resolve()):
            yield key, 'it is no web address (the value is not shown here); write "https://..."'
    if made.ping_fail is not None and made.ping is None:
        yield "ping_fail", 'it stands in for "ping", which is missing; write that, too'


def is_web(url: str) -> bool:
    """Whether it is an address that can be asked by HTTP."""
    parts = urlsplit(url)
    return parts.scheme in SCHEMES and bool(parts.hostname)


def _problems(
    made: Table, *, writers: tuple[str, ...], address_problem: Callable[[str], str | None], only: bool
) -> Iterator[tuple[str, str]]:
    if not made.name and not only:
        yield "name", '"name" is missing; write name = "team"'
    if (made.to is None) == (not made.mail):
        yield "to", 'write one of the two: to_env = "VARIABLE" (a service) or mail = ["me@example.org"]'
    if made.to is not None and alerting.missing():
        yield "to", alerting.missing()
    for address in made.mail:
        problem = address_problem(address)
        if problem:
            yield "mail", problem
    known = one_of(list(writers)) if writers else 'an e-mail account: add [account.main] with channel = "email"'
    if made.account and made.account not in writers:
        yield "account", f'"{made.account}" is no e-mail account; write {known}'
    if made.mail and not made.account and len(writers) != 1:
        yield "account", f"it is not clear which e-mail account it leaves from; write account = {known}"
    yield from _time_problems(made)


def _time_problems(made: Table) -> Iterator[tuple[str, str]]:
    def problem(read_one: Callable[[str], object], value: str) -> str:
        try:
            read_one(value)
        except ValueError as error:
            return str(error)
        return ""

    def remind(value: str) -> None:
        if value != NONE and values.duration(value) < LEAST_REMINDER:
            raise ValueError(f'"{value}" would be a nuisance; write "{durations.show(LEAST_REMINDER)}" or more')

    kind = values.choice([str(one) for one in Kind], "trouble")
    yield from (("on", text) for one in made.on if (text := problem(kind, one)))
    given = (("quiet", quiet), ("digest", time_of_day), ("remind", remind))
    for key, read_one in given:
        value = getattr(made, key)
        if value and (text := problem(read_one, value)):
            yield key, text
