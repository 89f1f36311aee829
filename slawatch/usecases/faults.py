"""Puts an error into one line for a log that others may read: our own words whole, anybody else's only by their place.

What a library says may quote a letter, an address or a password.
"""

from __future__ import annotations

import errno
import traceback
from pathlib import Path

from slawatch.errors import SlawatchError

MACHINE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.EMFILE})
OURS = Path(__file__).parents[1]


def in_one_line(error: BaseException) -> str:
    """Return what happened in one line; of a bug its kind and where it came up, innermost first.

    What the machine refuses (no room, no right) is no bug; its path is one of ours.
    """
    if isinstance(error, SlawatchError):
        return "; ".join(str(error).splitlines())
    if isinstance(error, OSError) and error.errno in MACHINE and isinstance(error.filename, str):
        return f'"{error.filename}": {error.strerror}'
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(OURS)]
    places = [_place(frame) for frame in (*frames[-1:], *ours[-1:])]
    where = ", called in ".join(dict.fromkeys(places)) or "an unknown place"
    number = f" {error.errno}" if isinstance(error, OSError) and error.errno is not None else ""
    what = f"{type(error).__name__}{number} in {where}"
    return f"a bug in slawatch: {what}; `slawatch tick` shows all of it, please report it"


def _place(frame: traceback.FrameSummary) -> str:
    path = Path(frame.filename)
    name = path.relative_to(OURS.parent) if path.is_relative_to(OURS.parent) else Path(*path.parts[-2:])
    return f"{name}:{frame.lineno}"
