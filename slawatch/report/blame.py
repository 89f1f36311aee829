"""Tells a mistake in a template of the user's own by file, line and cause, in place of a traceback.

A fault of our own templates stays a bug, unless one of the user's lies beside them and may have caused it.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from slawatch.errors import ConfigError, SlawatchError

SUFFIX = ".j2"


@contextmanager
def templates_blamed(folder: Path | None) -> Iterator[None]:
    """Raise ConfigError for whatever goes wrong within because of templates in the user's folder."""
    try:
        yield
    except SlawatchError:
        raise
    except Exception as error:
        if folder is None or not any((folder / "reports").glob(f"*{SUFFIX}")):
            raise
        from jinja2 import TemplateError, TemplateSyntaxError  # noqa: PLC0415  only a mistake pays for it

        if isinstance(error, UnicodeDecodeError):
            raise ConfigError([f"{folder / 'reports'}: a template there is not UTF-8; save it as UTF-8"]) from None
        where = _place(error, SUFFIX)
        if isinstance(error, TemplateSyntaxError) and error.filename:
            where = (error.filename, error.lineno)
        own = where is not None and Path(where[0]).resolve().is_relative_to((folder / "reports").resolve())
        if where is None or not (own or isinstance(error, TemplateError)):
            raise
        cure = "correct it, or take the file away" if own else f"a template in {folder / 'reports'} may have caused it"
        raise ConfigError([f"{where[0]}:{where[1]}: {_cause(error)}; {cure}"]) from None


def _place(error: Exception, suffix: str) -> tuple[str, int] | None:
    """Return file and line of the innermost template on the way to the error."""
    steps = [one for one in traceback.extract_tb(error.__traceback__) if one.filename.endswith(suffix)]
    return (steps[-1].filename, steps[-1].lineno or 0) if steps else None


def _cause(error: Exception) -> str:
    words = " ".join(str(error).split())
    return f'there are no words at "{error.args[0]}"' if isinstance(error, KeyError) and error.args else words
