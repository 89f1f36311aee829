"""X, once Twitter: asks by public mention or direct message, reads mentions, messages and conversations by X's API.

A config with such an account needs `Settings` alone, and must not wait for X's libraries: the channel itself is loaded
when somebody asks for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slawatch.channels.social.settings import STANDARD
from slawatch.channels.twitter.settings import Settings, address_problem, problems

if TYPE_CHECKING:
    from slawatch.channels.twitter.channel import TwitterChannel

__all__ = ["OBSERVES", "PUBLIC", "STANDARD", "Settings", "TwitterChannel", "address_problem", "problems"]

OBSERVES = True  # what others ask somebody can be searched for
PUBLIC = True
"""Everybody can read along: what a company is asked are posts, by an account that may or may not ask by itself."""


def __getattr__(name: str) -> Any:
    """Return TwitterChannel, loaded now (PEP 562)."""
    if name == "TwitterChannel":
        from slawatch.channels.twitter.channel import TwitterChannel  # noqa: PLC0415 - the point of this function

        return TwitterChannel
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
