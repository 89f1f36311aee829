"""The website chat channel: asks as a visitor in a company's own chat window. Decides nothing about what comes back.

A config with such an account needs `Settings` alone, and must not wait for a browser's library: the channel itself is
loaded when somebody asks for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slawatch.channels.chat.settings import STANDARD
from slawatch.channels.webchat.settings import Settings, address_problem
from slawatch.model import Form

if TYPE_CHECKING:
    from slawatch.channels.webchat.channel import WebChannel

__all__ = ["FORM", "SESSION", "STANDARD", "Settings", "WebChannel", "address_problem"]

FORM = Form.CHAT
SESSION = True  # a chat lives with its page, and the page with this process


def __getattr__(name: str) -> Any:
    """Return WebChannel, loaded now (PEP 562)."""
    if name == "WebChannel":
        from slawatch.channels.webchat.channel import WebChannel  # noqa: PLC0415 - the point of this function

        return WebChannel
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
