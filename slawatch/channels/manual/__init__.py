"""The manual channel: phone, letters, forms, and messengers no program may use. A person asks, slawatch keeps the time.

A config with such an account needs `Settings` alone; the channel itself is loaded when somebody asks for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slawatch.channels.manual.settings import (
    STANDARD,
    Settings,
    address_problem,
    form_of,
    network_of,
    place_of,
    standard_of,
)
from slawatch.model import Form

if TYPE_CHECKING:
    from slawatch.channels.manual.channel import ManualChannel

__all__ = [
    "BY_HAND",
    "FORM",
    "KEEPS_CASE",
    "STANDARD",
    "ManualChannel",
    "Settings",
    "address_problem",
    "form_of",
    "network_of",
    "place_of",
    "standard_of",
]

FORM = Form.CHAT
BY_HAND = True  # what is due waits for a person
KEEPS_CASE = True  # people type these off: a street, a Threema ID


def __getattr__(name: str) -> Any:
    """Return ManualChannel, loaded now (PEP 562)."""
    if name == "ManualChannel":
        from slawatch.channels.manual.channel import ManualChannel  # noqa: PLC0415 - the point of this function

        return ManualChannel
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
