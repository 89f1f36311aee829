"""What unattended commands log where a machine reads it: JSON on standard error, one object a line (--log-format json).

Never a message's text, a secret, or what stands before the "@" of an address.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import wraps
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from slawatch.cli.lines import harmless
from slawatch.errors import SlawatchError

if TYPE_CHECKING:
    from slawatch.usecases.world import News

Command = TypeVar("Command", bound=Callable[..., Any])

VARIABLE = "SLAWATCH_LOG_FORMAT"
LINES, JSON = "text", "json"
BAD = frozenset(
    {"not-mailed", "not-observed", "not-told", "not-written", "refused", "unavailable", "uncertain", "unreachable"}
    | {"paused", "warning", "halted", "canary", "void", "clock-set", "new-store"}
)
"""Events that a person may have to act on; the others are told as "info"."""
WITHOUT_WORDS = {"opted-out": "it is left alone from now on"}  # their own words quote what somebody wrote

_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@(?=[\w.-]+)")
_LINK = re.compile(r"\b([a-z][a-z0-9+.-]*)://(?:[^\s/@\"']*@)?([^\s/?#\"',;]*)[^\s\"',;]*", re.IGNORECASE)


class Log:
    """The log of one command: to `tell` it news, or to `write` other events. It goes to standard error."""

    def __init__(self, command: str, write: Callable[[str], object] | None = None) -> None:
        self._command = command
        self._write = write or _to_standard_error

    def tell(self, news: News) -> None:
        """Log one piece of news."""
        self.write(news.what, WITHOUT_WORDS.get(news.what, news.words), facts={"ref": news.ref})

    def write(
        self, event: str, message: str = "", *, level: str = "", facts: Mapping[str, object] = MappingProxyType({})
    ) -> None:
        """Log an event: its stable name, a sentence for people, and facts; "" and None are left out."""
        said: dict[str, object] = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": level or ("warning" if event in BAD else "info"),
            "command": self._command,
            "event": event,
            "message": message,
            **facts,
        }
        kept = {key: _clean(value) for key, value in said.items() if value not in ("", None)}
        self._write(json.dumps(kept, ensure_ascii=False, default=str))


def _to_standard_error(line: str) -> None:
    with suppress(OSError):  # a full disk under the log stops no work
        click.echo(line, err=True)


def _clean(value: object) -> object:
    if isinstance(value, str):
        return shy(value)
    if isinstance(value, dict):
        return {key: _clean(inner) for key, inner in value.items()}
    return [_clean(inner) for inner in value] if isinstance(value, list | tuple) else value


def shy(text: str) -> str:
    """Return the text without who stands before an "@", and of web addresses the host alone; no control characters."""
    return _ADDRESS.sub("…@", _LINK.sub(r"\1://\2/…", harmless(text)))


def log_option(command: Command) -> Command:
    """Add --log-format; the command gets as `log` a Log where JSON is wanted, else None.

    An error made on purpose is then logged, too, and warnings of libraries; neither leaves as a line for people.
    """

    @wraps(command)
    def with_log(*args: Any, log_format: str, **given: Any) -> Any:
        if log_format != JSON:
            return command(*args, log=None, **given)
        log = Log(click.get_current_context().info_name or "slawatch")
        _hear_libraries(log)
        try:
            return command(*args, log=log, **given)
        except SlawatchError as error:
            log.write("failed", str(error), level="error", facts={"exit_code": error.exit_code})
            sys.exit(error.exit_code)

    made: Any = click.option(
        "--log-format",
        type=click.Choice([LINES, JSON]),
        envvar=VARIABLE,
        show_envvar=True,
        default=LINES,
        show_default=True,
        help="Tell what happens as lines for people, or as JSON on standard error, one object a line.",
    )(with_log)
    return cast("Command", made)


def teller(log: Log | None, otherwise: Callable[[News], None]) -> Callable[[News], None]:
    """Return what tells news: the log where there is one, else what prints lines."""
    return otherwise if log is None else log.tell


def both(log: Log | None, display: Callable[[News], None]) -> Callable[[News], None]:
    """Return what tells news to a display that stays, and to the log where there is one."""
    if log is None:
        return display

    def tell(news: News) -> None:
        display(news)
        log.tell(news)

    return tell


def say(
    log: Log | None, event: str, message: str, otherwise: Callable[[str], object] = click.echo, **facts: object
) -> None:
    """Tell one more thing: an event in the log, or else a line."""
    if log is None:
        otherwise(message)
    else:
        log.write(event, message, facts=facts)


def _hear_libraries(log: Log) -> None:
    """Have warnings of libraries logged as all else is."""
    import logging  # noqa: PLC0415  who reads lines does not wait for it

    class Heard(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            log.write("library", record.getMessage(), level=record.levelname.lower(), facts={"library": record.name})

    logging.basicConfig(handlers=[Heard(logging.WARNING)], level=logging.WARNING, force=True)
