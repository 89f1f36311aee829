"""The e-mail channel: asks by SMTP, reads what came by IMAP. Moves letters; decides nothing about them.

A config with an e-mail account needs `Settings` alone, and must not wait for mail libraries: the channel itself is
loaded when somebody asks for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slawatch.channels.email.settings import Settings, address_problem

if TYPE_CHECKING:
    from slawatch.channels.email.channel import EmailChannel

__all__ = ["WRITES", "EmailChannel", "Settings", "address_problem"]

WRITES = True  # slawatch can write to its user by it


def __getattr__(name: str) -> Any:
    """Return EmailChannel, loaded now (PEP 562)."""
    if name == "EmailChannel":
        from slawatch.channels.email.channel import EmailChannel  # noqa: PLC0415 - that is the point of this function

        return EmailChannel
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
