"""A spreadsheet (XLSX), by XlsxWriter: texts as texts, never as formulas or links; instants as dates in UTC."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import IO

from slawatch.data.tidy import COLUMNS, Row
from slawatch.errors import OutputError

ROWS_MAX = 1_048_575  # under the head; Microsoft, "Excel specifications and limits"
NOTE = (
    "One row a request. All times are UTC; an empty time has not come yet. Waits are the differences of two times; one "
    "that has not ended by observed_until is at least that long."
)


def write(rows: Iterable[Row], file: IO[bytes]) -> int:
    """Write the rows as a sheet under a head that stays in view; returns how many.

    Raises:
        OutputError: they are more than a sheet takes.
    """
    from xlsxwriter import Workbook  # noqa: PLC0415  loaded only by who writes a spreadsheet

    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "remove_timezone": True,  # a cell has none; NOTE says which it is
        "default_date_format": "yyyy-mm-dd hh:mm:ss",
    }
    count = 0
    with Workbook(file, options) as book:
        head = book.add_format({"bold": True})
        sheet = book.add_worksheet("requests")
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(COLUMNS) - 1, 19)
        for number, name in enumerate(COLUMNS):
            sheet.write_string(0, number, name, head)
        for count, row in enumerate(rows, 1):
            if count > ROWS_MAX:
                raise OutputError(
                    f"export: a sheet takes {ROWS_MAX:,} rows; write CSV or Parquet, or a shorter --period"
                )
            for number, value in enumerate(row.values()):
                if isinstance(value, datetime):
                    sheet.write_datetime(count, number, value)
                elif value:
                    sheet.write_string(count, number, value)
        about = book.add_worksheet("about")
        about.write_string(0, 0, NOTE)
    return count
