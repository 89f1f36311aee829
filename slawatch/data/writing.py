"""Writes rows of the tidy schema in the form that is asked for. Decides nothing about what is in them."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from slawatch.data import csvs
from slawatch.data.tidy import COLUMNS, Row, shown
from slawatch.errors import UsageError

FORMATS = ("csv", "json", "jsonl", "parquet", "xlsx")


def format_of(path: Path) -> str:
    """Return the form that a file's suffix stands for. Raises UsageError for one that stands for none."""
    form = path.suffix.lower().removeprefix(".")
    if form not in FORMATS:
        raise UsageError(f'export: "{path.name}" does not say its form; say --format, one of {", ".join(FORMATS)}')
    return form


def write(rows: Iterable[Row], file: IO[bytes], form: str) -> int:
    """Write the rows as they come; returns how many.

    Raises:
        UsageError: what the form needs is not installed.
    """
    if form == "parquet":
        from slawatch.data import parquet  # noqa: PLC0415  pyarrow is loaded only by who reads or writes Parquet

        return parquet.write(rows, file)
    if form == "xlsx":
        from slawatch.data import workbook  # noqa: PLC0415  xlsxwriter likewise

        return workbook.write(rows, file)
    text = io.TextIOWrapper(file, encoding="utf-8", errors="replace", newline="")
    try:
        return csvs.write(rows, text) if form == "csv" else _json(rows, text, lines=form == "jsonl")
    finally:
        text.flush()
        text.detach()


def _json(rows: Iterable[Row], file: IO[str], *, lines: bool) -> int:
    """Write an object a line; as an array as well, so that both jq and a whole-file reader can take it."""
    count = 0
    for count, row in enumerate(rows, 1):
        object_ = {name: _plain(value) for name, value in zip(COLUMNS, row.values(), strict=True)}
        before = "" if lines else "[\n" if count == 1 else ",\n"
        file.write(before + json.dumps(object_, ensure_ascii=False) + ("\n" if lines else ""))
    if not lines:
        file.write("\n]\n" if count else "[]\n")
    return count


def _plain(value: object) -> object:
    """Return the value as JSON has it: null where nothing is known."""
    return value if isinstance(value, str) and value else (shown(value) or None) if value else None  # type: ignore[arg-type]
