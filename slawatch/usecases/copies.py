"""Finds the copies of the store that lie beside it: nothing is thrown away from those. Changes nothing."""

from __future__ import annotations

from pathlib import Path

from slawatch.store.migrate import OURS
from slawatch.usecases.world import World

BACKUPS = "backups"  # where backups without a name go (backing_up.py, which knows erasing.py)


def copies(world: World) -> list[Path]:
    """Return the copies of the store that lie beside it: backups, and those made before its tables were changed."""
    store = world.config.store
    beside = (*store.parent.glob(f"{store.name}.*"), *(store.parent / BACKUPS).glob("*.db"))
    return sorted(path for path in beside if path.is_file() and _is_a_store(path))


def _is_a_store(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(100)
    return head[:16] == b"SQLite format 3\0" and head[68:72] == OURS.to_bytes(4, "big")  # sqlite.org/fileformat.html
