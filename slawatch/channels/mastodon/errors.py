"""Two refusals that mean different things depending on what was asked. Both may leave the channel as what they are."""

from __future__ import annotations

from slawatch.errors import ChannelRefusedError


class NotThereError(ChannelRefusedError):
    """The server says there is no such thing: it was deleted, never was, or is not shown to us."""


class ForbiddenError(ChannelRefusedError):
    """The server knows us and does not let us do this."""
