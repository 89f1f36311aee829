"""Take in tweets of "Customer Support on Twitter": threads become requests and replies. Sends and fetches nothing."""

from __future__ import annotations

from pathlib import Path

from slawatch.errors import UsageError
from slawatch.usecases.importing import Done, Show, Wanted, keep_still
from slawatch.usecases.world import World


def take_in(world: World, path: Path, wanted: Wanted, *, show: Show = keep_still) -> Done:
    """Import the threads of a file."""
    raise UsageError(f"{path.name}: {world.config.path.name}, {wanted}, {show}")
