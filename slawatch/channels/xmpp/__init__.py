"""The XMPP channel: writes one line into a chat and reads what comes back. Decides nothing about either.

A config with an XMPP account needs `Settings` alone, and must not wait for a library: the channel itself is loaded when
somebody asks for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slawatch.channels.chat.settings import STANDARD
from slawatch.channels.xmpp.settings import Settings, address_problem
from slawatch.model import Form

if TYPE_CHECKING:
    from slawatch.channels.xmpp.channel import XmppChannel

__all__ = ["FORM", "STANDARD", "Settings", "XmppChannel", "address_problem"]

FORM = Form.CHAT


def __getattr__(name: str) -> Any:
    """Return XmppChannel, loaded now (PEP 562)."""
    if name == "XmppChannel":
        from slawatch.channels.xmpp.channel import XmppChannel  # noqa: PLC0415 - the point of this function

        return XmppChannel
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
