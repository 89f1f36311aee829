"""Options and small habits that several commands share. Decides nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

import click

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
    return click.option("--json", "as_json", is_flag=True, help="Print facts as JSON.")(command)


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


def moment(text: str, zone: str, *, end: bool = False) -> datetime:
    """Return the instant meant by a day or a time of the config's zone; `end` takes the end of a day.

    Raises:
        UsageError: it is neither.
    """
    try:
        if DAY.fullmatch(text):
            day = datetime.combine(datetime.fromisoformat(text), time(), ZoneInfo(zone))
            return (day + timedelta(days=1 if end else 0)).astimezone(UTC)
        found = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f'"{text}" is neither a day nor a time; write 2026-11-01 or 2026-11-01T09:30') from None
    return (found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


def local(instant: datetime, zone: str) -> str:
    """Return the instant as people of that zone write it, to the minute."""
    return f"{instant.astimezone(ZoneInfo(zone)):%a %Y-%m-%d %H:%M}"


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
    click.echo(f"{news.ref + ': ' if news.ref else ''}{news.words}")
