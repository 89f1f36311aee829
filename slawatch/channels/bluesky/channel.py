"""The channel itself: what public channels have in common (social/), over Bluesky."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from slawatch.channels.bluesky import native
from slawatch.channels.bluesky.platform import BlueskyPlatform
from slawatch.channels.bluesky.settings import Settings
from slawatch.channels.social.channel import SocialChannel

if TYPE_CHECKING:
    from slawatch.channels.base import Memory
    from slawatch.channels.social.platform import Post
    from slawatch.clock import Clock


class BlueskyChannel(SocialChannel):
    """One account on Bluesky."""

    platform_name: ClassVar[str] = native.NAME

    def __init__(
        self, settings: Settings, *, account: str, clock: Clock, store: Path | None = None, memory: Memory
    ) -> None:
        super().__init__(settings, account=account, clock=clock, store=store, memory=memory)
        self._own = settings

    def _make_platform(self) -> BlueskyPlatform:
        return BlueskyPlatform(self._own, account=self._account, clock=self._clock, store=self._store)

    @staticmethod
    def parse(raw: bytes) -> Post:
        """Return the post that was kept; see native.parse."""
        return native.parse(raw)
