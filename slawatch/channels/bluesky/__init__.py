"""The Bluesky channel: asks in public posts, reads what comes back as replies and mentions. Decides nothing about it.

A config with a Bluesky account needs `Settings` alone, and must not wait for a library: the channel itself is loaded
when somebody asks for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slawatch.channels.bluesky.settings import Settings, address_problem
from slawatch.channels.social.settings import STANDARD

if TYPE_CHECKING:
    from slawatch.channels.bluesky.channel import BlueskyChannel

__all__ = ["OBSERVES", "PUBLIC", "STANDARD", "BlueskyChannel", "Settings", "address_problem"]

PUBLIC = True  # everybody can read along
OBSERVES = True  # what others ask somebody can be searched for


def __getattr__(name: str) -> Any:
    """Return BlueskyChannel, loaded now (PEP 562)."""
    if name == "BlueskyChannel":
        from slawatch.channels.bluesky.channel import BlueskyChannel  # noqa: PLC0415 - the point of this function

        return BlueskyChannel
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
