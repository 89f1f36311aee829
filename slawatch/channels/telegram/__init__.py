"""The Telegram channel: asks in private chats as a person's account does. Decides nothing. Unverified: see settings.py.

A config with a Telegram account needs `Settings` alone, and must not wait for a library: the channel itself is loaded
when somebody asks for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slawatch.channels.chat.settings import STANDARD
from slawatch.channels.telegram.settings import Settings, address_problem
from slawatch.model import Form

if TYPE_CHECKING:
    from slawatch.channels.telegram.channel import TelegramChannel

__all__ = ["FORM", "STANDARD", "Settings", "TelegramChannel", "address_problem"]

FORM = Form.CHAT


def __getattr__(name: str) -> Any:
    """Return TelegramChannel, loaded now (PEP 562)."""
    if name == "TelegramChannel":
        from slawatch.channels.telegram.channel import TelegramChannel  # noqa: PLC0415 - the point of this function

        return TelegramChannel
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
