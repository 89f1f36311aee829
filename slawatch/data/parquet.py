"""Parquet, by pyarrow: read and written in groups of rows, instants as timestamps in UTC. Judges no values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import IO, Any

from slawatch.data.tidy import COLUMNS, INSTANTS, Row
from slawatch.errors import UsageError

AT_ONCE = 20_000  # rows of a group: some megabytes


def library() -> tuple[Any, Any]:
    """Return pyarrow and its part for Parquet.

    Raises:
        UsageError: it is not installed.
    """
    try:
        import pyarrow as pa  # noqa: PLC0415  45 MB, loaded only here
        from pyarrow import parquet  # noqa: PLC0415  same
    except ImportError:
        raise UsageError('Parquet needs pyarrow: pip install "slawatch[parquet]", or use CSV') from None
    return pa, parquet


def write(rows: Iterable[Row], file: IO[bytes]) -> int:
    """Write the rows; returns how many."""
    arrow, parts = library()
    stamp = arrow.timestamp("us", tz="UTC")
    schema = arrow.schema([(name, stamp if name in INSTANTS else arrow.string()) for name in COLUMNS])
    left, count = iter(rows), 0
    with parts.ParquetWriter(file, schema, compression="zstd") as writer:
        while some := list(islice(left, AT_ONCE)):
            columns = list(zip(*(row.values() for row in some), strict=True))
            writer.write_batch(
                arrow.record_batch([arrow.array(c, type=f.type) for c, f in zip(columns, schema, strict=True)], schema)
            )
            count += len(some)
    return count


@contextmanager
def opened(path: Path) -> Iterator[ParquetTable]:
    """Open the file. Raises UsageError where it is none."""
    arrow, parts = library()
    try:
        file = parts.ParquetFile(path)
    except arrow.ArrowInvalid as error:
        raise UsageError(f"{path.name}: it is no Parquet file ({str(error).splitlines()[0]})") from None
    with file:
        yield ParquetTable(file)


class ParquetTable:
    """A Parquet file as a table; lines are the numbers of its rows, from 1."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._done = 0
        self.head: Sequence[str] = list(file.schema_arrow.names)

    def records(self) -> Iterator[tuple[int, dict[str, object] | str]]:
        """Yield (row, values by column)."""
        for batch in self._file.iter_batches(batch_size=AT_ONCE):
            columns = [_plain(column.to_pylist()) for column in batch.columns]
            for values in zip(*columns, strict=True):
                self._done += 1
                yield self._done, dict(zip(self.head, values, strict=True))

    def share(self) -> float:
        """How much of the file has been read, 0..1."""
        rows: int = self._file.metadata.num_rows
        return self._done / max(rows, 1)


def _plain(values: list[Any]) -> list[Any]:
    """Return the values with instants of any precision as datetimes."""
    return [
        one.to_pydatetime(warn=False) if not isinstance(one, datetime) and hasattr(one, "to_pydatetime") else one
        for one in values
    ]
