"""CSV (RFC 4180, UTF-8): rows out so that no spreadsheet takes a text for a formula, and in again as they were.

Judges no values (tidy.py does).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import IO

from slawatch.data.tidy import COLUMNS, Row, shown
from slawatch.errors import UsageError

FIELD_MAX = 131_072  # characters of a cell that are read at all; csv's own default, said here as errors name it
DELIMITERS = {";": ";", "\t": "tab", "|": "|"}

# A cell that begins so is run as a formula by spreadsheets (OWASP, "CSV Injection"); full-width forms are by some. One
# that opens a comma-separated file where cells end at semicolons sees a cell begin behind each of those as well.
_BEGIN = r"(^|[;\t\r\n])"
_FORMULA = r"(?=[\" ]*[=+\-@\uff1d\uff0b\uff0d\uff20\t\r])"
_GUARD = re.compile(rf"{_BEGIN}('*){_FORMULA}")
_GUARDED = re.compile(rf"{_BEGIN}'('*){_FORMULA}")


def guard(text: str) -> str:
    """Return the text with an apostrophe before whatever a spreadsheet could take for a formula's beginning."""
    return _GUARD.sub(r"\1'\2", text)


def unguard(text: str) -> str:
    """Return the text as it was before `guard`."""
    return _GUARDED.sub(r"\1\2", text) if "'" in text else text


def write(rows: Iterable[Row], file: IO[str]) -> int:
    """Write the rows under a head line; returns how many. The file must have been opened with newline=""."""
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    count = 0
    for count, row in enumerate(rows, 1):  # noqa: B007  how many there were
        writer.writerow([_cell(value) for value in row.values()])
    return count


def _cell(value: str | datetime | None) -> str:
    if value is None or isinstance(value, datetime):
        return shown(value)
    return guard(value.replace("\0", "\ufffd"))


class Table:
    """A CSV file as a head and its records, each with the number of the line it begins in."""

    def __init__(self, path: Path, file: IO[str], *, delimiter: str | None = None) -> None:
        """Read the head.

        Raises:
            UsageError: there is none, or its cells are separated by something else than was said.
        """
        self._path = path
        self._reader = csv.reader(file, delimiter=delimiter or ",", strict=True)
        try:
            head = next(self._reader, None)
        except csv.Error as error:
            raise UsageError(f"{path.name}:1: the head cannot be read ({error}); is it a CSV file?") from None
        if not head or not any(name.strip() for name in head):
            raise UsageError(f"{path.name}:1: the first line is empty; it must name the columns")
        self.head: Sequence[str] = [unguard(name.strip()) for name in head]
        if len(head) == 1 and delimiter is None:
            for sign, name in DELIMITERS.items():
                if sign in head[0]:
                    raise UsageError(
                        f'{path.name}:1: the columns are separated by "{name}"; say --delimiter "{name}"'
                        " (and --map theirs=ours where they have other names)"
                    )

    def records(self) -> Iterator[tuple[int, dict[str, object] | str]]:
        """Yield (line, values by column), or (line, what is wrong with it) where it cannot be read as a record."""
        line = self._reader.line_num + 1
        while True:
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                why = str(error)
                if "field limit" in why:
                    why = f"a cell is longer than {FIELD_MAX} characters"
                yield line, f"{why}; is a quotation mark missing?" if "long" not in why else why
            else:
                if cells:
                    yield line, self._record(cells)
            line = self._reader.line_num + 1

    def _record(self, cells: Sequence[str]) -> dict[str, object] | str:
        if len(cells) != len(self.head):
            return f"it has {len(cells)} cells, the head has {len(self.head)}"
        return {name: unguard(cell) for name, cell in zip(self.head, cells, strict=True)}
