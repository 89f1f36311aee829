"""slawatch: asks companies ordinary questions and measures how long a person there takes to answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from os import PathLike

    import pandas as pd

__version__ = "0.1.0"


def frame(
    config: str | PathLike[str] = "config.toml", *, period: str = "all", companies: tuple[str, ...] = ()
) -> pd.DataFrame:
    """Return a pandas DataFrame with a row for each request: the columns of `slawatch export`.

    Instants are datetime64 in UTC, NaT where something has not come yet; the verdict is a category. `period` is as in
    `slawatch report`, or "all".

    Raises:
        slawatch.errors.SlawatchError: config or store cannot be read, or there is no such period.
    """
    from importlib import import_module  # noqa: PLC0415  `import slawatch` loads next to nothing

    # By name: every room imports this one for its version, and must not get all the others with it.
    made: pd.DataFrame = import_module("slawatch.app").frame(config, period=period, companies=companies)
    return made
