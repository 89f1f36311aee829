"""The Matrix channel: asks in rooms on Matrix, and through bridges in other networks. Decides nothing.

A config with a Matrix account needs `Settings` alone, and must not wait for a library: the channel itself is loaded
when somebody asks for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slawatch.channels.chat.settings import STANDARD
from slawatch.channels.matrix.settings import Settings, address_problem
from slawatch.model import Form

if TYPE_CHECKING:
    from slawatch.channels.matrix.channel import MatrixChannel

__all__ = ["FORM", "KEEPS_CASE", "STANDARD", "MatrixChannel", "Settings", "address_problem"]

FORM = Form.CHAT
KEEPS_CASE = True  # in small letters a room's id is another room's


def __getattr__(name: str) -> Any:
    """Return MatrixChannel, loaded now (PEP 562)."""
    if name == "MatrixChannel":
        from slawatch.channels.matrix.channel import MatrixChannel  # noqa: PLC0415 - the point of this function

        return MatrixChannel
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
