"""The Mastodon channel: asks in public posts, reads what comes back as mentions. Decides nothing about either.

A config with a Mastodon account needs `Settings` alone, and must not wait for a library: the channel itself is loaded
when somebody asks for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slawatch.channels.mastodon.settings import Settings, address_problem
from slawatch.channels.social.settings import STANDARD

if TYPE_CHECKING:
    from slawatch.channels.mastodon.channel import MastodonChannel

__all__ = ["OBSERVES", "PUBLIC", "STANDARD", "MastodonChannel", "Settings", "address_problem"]

PUBLIC = True  # everybody can read along
OBSERVES = False  # nobody can search for what others ask somebody


def __getattr__(name: str) -> Any:
    """Return MastodonChannel, loaded now (PEP 562)."""
    if name == "MastodonChannel":
        from slawatch.channels.mastodon.channel import MastodonChannel  # noqa: PLC0415 - the point of this function

        return MastodonChannel
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
