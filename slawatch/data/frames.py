"""The tidy schema as a pandas DataFrame, for notebooks. Computes no figures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from slawatch.data.tidy import COLUMNS, INSTANTS, Row
from slawatch.model import Verdict

if TYPE_CHECKING:
    import pandas as pd

CATEGORIES = ("company", "channel", "origin", "void_reason")


def frame(rows: Iterable[Row]) -> pd.DataFrame:
    """Return a row a request: instants as datetime64 in UTC (NaT: not yet), what repeats as categories."""
    import pandas as pd  # noqa: PLC0415  half a second, for who wants a frame only

    columns = list(zip(*(row.values() for row in rows), strict=True)) or [()] * len(COLUMNS)
    made = {}
    for name, values in zip(COLUMNS, columns, strict=True):
        if name in INSTANTS:
            made[name] = pd.Series(pd.to_datetime(list(values), utc=True)).astype("datetime64[us, UTC]")
        elif name == "verdict":
            made[name] = pd.Series(pd.Categorical(list(values), categories=[str(one) for one in Verdict]))
        else:
            made[name] = pd.Series(list(values), dtype="category" if name in CATEGORIES else "str")
    return pd.DataFrame(made)
