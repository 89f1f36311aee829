"""Options and small habits that several commands share. Decides nothing."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from slawatch.cli.lines import harmless
from slawatch.durations import parse
from slawatch.errors import UsageError

if TYPE_CHECKING:
    from slawatch.usecases.world import News

Command = TypeVar("Command", bound=Callable[..., Any])

CONFIG_VARIABLE = "SLAWATCH_CONFIG"
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def config_option(command: Command) -> Command:
    """Add -c/--config: the file, else $SLAWATCH_CONFIG, else ./config.toml."""
    return click.option(
        "-c",
        "--config",
        "config_path",
        type=click.Path(path_type=Path),
        envvar=CONFIG_VARIABLE,
        show_envvar=True,
        default=Path("config.toml"),
        show_default=True,
        help="The config file.",
    )(command)


def json_option(command: Command) -> Command:
    """Add --json."""
    return click.option("--json", "as_json", is_flag=True, help="Print the facts as JSON, for scripts.")(command)


class Duration(click.ParamType[timedelta]):
    """A duration as in the config: "1 h", "2 d"."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Return the duration, or fail with the reason."""
        if isinstance(value, timedelta):
            return value
        try:
            return parse(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


DURATION = Duration()


def moment(text: str, zone: str, *, where: str, end: bool = False, other: str = "") -> datetime:
    """Return the instant meant by a day or a time of the config's zone; `end` takes the end of a day.

    `where` and `other` are for the message: the option, and what else it would have taken.

    Raises:
        UsageError: it is neither.
    """
    try:
        if DAY.fullmatch(text):
            day = datetime.combine(datetime.fromisoformat(text), time(), ZoneInfo(zone))
            return (day + timedelta(days=1 if end else 0)).astimezone(UTC)
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise UsageError(f'{where}: "{text}" is not {other}a day (2026-11-01) or a time (2026-11-01T09:30)') from None
    return (found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


def local(instant: datetime, zone: str, *, weekday: bool = True, seconds: bool = False) -> str:
    """Return the instant as people of that zone write it, to the minute or the second."""
    return f"{instant.astimezone(ZoneInfo(zone)):{'%a ' if weekday else ''}%Y-%m-%d %H:%M{':%S' if seconds else ''}}"


def machine_zone() -> str:
    """Return this machine's time zone by its IANA name, "UTC" where it has none."""
    linked = str(Path("/etc/localtime").resolve()).partition("zoneinfo/")[2]
    for name in (os.environ.get("TZ", "").lstrip(":"), linked):
        try:
            if name and ZoneInfo(name):
                return name
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return "UTC"


def print_json(value: object) -> None:
    """Print one JSON document, instants as ISO 8601 UTC."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, timedelta):
        return value.total_seconds()
    return str(value)


def tell(news: News) -> None:
    """Print one piece of news as a line."""
    click.echo(line_of(news))


def tell_with_time(news: News) -> None:
    """Print one piece of news as a line that begins with the time: cron's log has no other."""
    log(line_of(news))


def log(line: str) -> None:
    """Print a line that begins with the machine's local time, to the second and with its offset."""
    click.echo(f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S%z} {line}")


def line_of(news: News) -> str:
    """Return one piece of news as a line: what it is about, then what happened."""
    return harmless(f"{news.ref + ': ' if news.ref else ''}{news.words}")


def examples(*lines: str) -> str:
    """Return the end of a command's help: lines to copy, kept as they are."""
    return "\n".join(("\b", "Examples:" if len(lines) > 1 else "Example:", *(f"  {line}" for line in lines)))


def program() -> str:
    """Return how this program was called, to be typed again: "slawatch", or the path to it, or "python -m slawatch"."""
    called = Path(sys.argv[0])
    if called.name == "__main__.py":
        return f"{Path(sys.executable).name} -m slawatch"
    found = shutil.which(called.name)
    if found is not None and Path(found).resolve() == called.resolve():
        return called.name
    return shlex.quote(str(called))


def scope_in_words(scope: str, names: Mapping[str, str]) -> str:
    """Return in words what is paused: "everything", "company Example Shop", "account main"."""
    kind, _, key = scope.partition(":")
    return "everything" if scope == "*" else f"{kind} {names.get(key, key) if kind == 'company' else key}"
