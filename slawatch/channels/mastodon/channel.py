"""The channel itself: what public channels have in common (social/), over Mastodon."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from slawatch.channels.mastodon import reading
from slawatch.channels.mastodon.platform import MastodonPlatform
from slawatch.channels.mastodon.settings import Settings
from slawatch.channels.mastodon.tokens import token
from slawatch.channels.social.channel import SocialChannel

if TYPE_CHECKING:
    from slawatch.channels.base import Memory
    from slawatch.channels.social.platform import Post
    from slawatch.clock import Clock


class MastodonChannel(SocialChannel):
    """One account on a Mastodon server."""

    platform_name: ClassVar[str] = reading.PLATFORM

    def __init__(
        self, settings: Settings, *, account: str, clock: Clock, store: Path | None = None, memory: Memory
    ) -> None:
        super().__init__(settings, account=account, clock=clock, store=store, memory=memory)
        self._own = settings

    def _make_platform(self) -> MastodonPlatform:
        return MastodonPlatform(
            self._own,
            account=self._account,
            clock=self._clock,
            token=lambda: token(self._own, self._account, self._store),
        )

    @staticmethod
    def parse(raw: bytes) -> Post:
        """Return the post that was kept; see reading.parse."""
        return reading.parse(raw)

    def login(self, tell: Callable[[str], None], *, port: int) -> str:
        """Let a person log in at the server with a browser; see Logins in base.py."""
        from slawatch.channels.mastodon.login import login  # noqa: PLC0415 - on use, by `slawatch login` alone

        platform = self._make_platform()
        try:
            return login(
                self._own,
                self._account,
                tell,
                client=platform.as_nobody,
                store=self._store,
                clock=self._clock,
                port=port,
            )
        finally:
            platform.close()
