"""Opens a file of rows, whatever its form, as a table of a head and records. Reads no values.

A form is told by the file's suffix. Each is read as it comes, so that a million rows need no more memory than a few;
only a JSON array has to be read as a whole.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import IO, Any, Protocol

from slawatch.data import csvs
from slawatch.data.tidy import COLUMNS, NEEDED
from slawatch.errors import UsageError

SUFFIXES = {".csv": "csv", ".tsv": "csv", ".txt": "csv", ".parquet": "parquet", ".json": "json", ".jsonl": "jsonl"}


class Table(Protocol):
    """Rows under a head."""

    @property
    def head(self) -> Sequence[str]:
        """The names of the columns."""

    def records(self) -> Iterator[tuple[int, dict[str, object] | str]]:
        """Yield (line, values by column), or (line, what is wrong with it)."""

    def share(self) -> float:
        """How much of the file has been read, 0..1."""


@contextmanager
def open_table(path: Path, *, delimiter: str | None = None) -> Iterator[Table]:
    """Open the file and read its head.

    Raises:
        UsageError: there is no such file, it is of an unknown form, or has no head.
    """
    form = SUFFIXES.get(path.suffix.lower())
    if form is None:
        known = ", ".join(sorted(set(SUFFIXES)))
        raise UsageError(f'{path.name}: "{path.suffix}" is no form that can be imported; known are {known}')
    try:
        if form == "parquet":
            from slawatch.data import parquet  # noqa: PLC0415  pyarrow is loaded only by who reads or writes Parquet

            with parquet.opened(path) as table:
                yield table
        else:
            _require_utf_8(path)
            # What is no UTF-8 comes through as half surrogates: the row is named then, and not the whole file refused.
            with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
                yield _text_table(path, file, form, delimiter or ("\t" if path.suffix.lower() == ".tsv" else None))
    except OSError as error:
        raise UsageError(f'import: "{path}" cannot be read ({error.strerror})') from error


def mapped(path: Path, head: Sequence[str], mapping: Mapping[str, str]) -> dict[str, str]:
    """Return by the file's name of each column that is used ours.

    Raises:
        UsageError: a column stands there twice, one is missing that is needed, or the mapping names none.
    """
    twice = sorted({name for name in head if head.count(name) > 1})
    if twice:
        raise UsageError(f'{path.name}:1: there are two columns "{twice[0]}"; name them apart')
    for theirs, ours in mapping.items():
        if theirs not in head:
            raise UsageError(f'--map: {path.name} has no column "{theirs}"{_near(theirs, head)}; it has {_list(head)}')
        if ours not in COLUMNS:
            raise UsageError(f'--map: "{ours}" is no column of ours{_near(ours, COLUMNS)}; known are {_list(COLUMNS)}')
    names = {name: mapping.get(name, name) for name in head if mapping.get(name, name) in COLUMNS}
    # A column that is mapped on one of ours takes its place.
    names = {theirs: ours for theirs, ours in names.items() if theirs in mapping or ours not in mapping.values()}
    used = list(names.values())
    doubled = sorted({ours for ours in used if used.count(ours) > 1})
    if doubled:
        raise UsageError(f'--map: two columns are mapped on "{doubled[0]}"')
    missing = [name for name in NEEDED if name not in used]
    if missing:
        tweets = {"tweet_id", "inbound"} <= set(head)
        cure = "these are tweets: say --format twcs" if tweets else f"say --map theirs={missing[0]}"
        raise UsageError(f'{path.name}:1: there is no column "{missing[0]}"; {cure}. It has {_list(head)}')
    return names


def _near(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, 1)
    return f' (did you mean "{near[0]}"?)' if near else ""


def _list(names: Sequence[str]) -> str:
    shown = ", ".join(f'"{name[:40]}"' for name in names[:20])
    return shown + (f" and {len(names) - 20} more" if len(names) > 20 else "")  # noqa: PLR2004  a line's worth


def _require_utf_8(path: Path) -> None:
    with path.open("rb") as file:
        start = file.read(4)
    if start[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        raise UsageError(f'{path.name}: it is UTF-16, as "Unicode Text" of spreadsheets is; save it as CSV UTF-8')
    if start[:4] == b"PK\x03\x04":
        raise UsageError(f"{path.name}: it is a spreadsheet or a ZIP file; save it as CSV UTF-8")


def _text_table(path: Path, file: IO[str], form: str, delimiter: str | None) -> Table:
    if form == "csv":
        return _Csv(path, file, delimiter)
    return _Json(path, file, lines=form == "jsonl")


class _Csv(csvs.Table):
    """A CSV file that knows how much of it was read."""

    def __init__(self, path: Path, file: IO[str], delimiter: str | None) -> None:
        self._size = path.stat().st_size or 1
        self._file = file
        super().__init__(path, file, delimiter=delimiter)

    def share(self) -> float:
        """How much of the file has been read, 0..1; some more than was handed out."""
        return os.lseek(self._file.fileno(), 0, os.SEEK_CUR) / self._size


class _Json:
    """An array of objects, or an object a line. All objects' names together are the head."""

    def __init__(self, path: Path, file: IO[str], *, lines: bool) -> None:
        self._path = path
        self._size = path.stat().st_size or 1
        self._file = file
        self._rows: list[Any] | None = None if lines else _array(path, file)
        first = self._rows[:1] if self._rows is not None else [_object(file.readline())]
        file.seek(0)
        self.head: Sequence[str] = list(first[0]) if first and isinstance(first[0], dict) else []
        if not self.head:
            raise UsageError(f"{path.name}:1: there is no object that names the columns")

    def records(self) -> Iterator[tuple[int, dict[str, object] | str]]:
        """Yield the objects: of an array with the place in it, else with the line."""
        rows = self._rows if self._rows is not None else map(_object, self._file)
        for number, row in enumerate(rows, 1):
            if not isinstance(row, dict):
                yield number, row if isinstance(row, str) else "it is no JSON object"
            elif unknown := [name for name in row if name not in self.head]:
                yield number, f'it has "{unknown[0][:40]}", which the first row has not'
            else:
                yield number, {name: row.get(name) for name in self.head}

    def share(self) -> float:
        """How much of the file has been read, 0..1."""
        return os.lseek(self._file.fileno(), 0, os.SEEK_CUR) / self._size


def _array(path: Path, file: IO[str]) -> list[Any]:
    try:
        found = json.load(file)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path.name}: it is not JSON ({error}); an object a line is called .jsonl") from None
    if not isinstance(found, list):
        raise UsageError(f"{path.name}: it is no array of objects")
    return found


def _object(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return "it is not JSON"
