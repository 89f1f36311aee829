"""The channel to X: what all public channels do, over X's platform."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from slawatch.channels.base import Memory, Thread, Verified
from slawatch.channels.social.channel import SocialChannel
from slawatch.channels.social.platform import Platform, Post
from slawatch.channels.twitter import login, posts
from slawatch.channels.twitter.settings import Settings
from slawatch.clock import Clock

ENCRYPTED = "an answer may have come as an encrypted message, which X shows no program (key chat)"


class TwitterChannel(SocialChannel):
    """One account on X."""

    platform_name: ClassVar[str] = posts.NAME

    def __init__(
        self, settings: Settings, *, account: str, clock: Clock, store: Path | None = None, memory: Memory
    ) -> None:
        super().__init__(settings, account=account, clock=clock, store=store, memory=memory)
        self._its = settings

    def _make_platform(self) -> Platform:
        from slawatch.channels.twitter.platform import TwitterPlatform  # noqa: PLC0415 - on use: it loads X's libraries

        its, account, clock = self._its, self._account, self._clock
        return TwitterPlatform(
            its,
            account=account,
            clock=clock,
            memory=self._memory,
            keys=lambda: login.keys(its, account, store=self._store, clock=clock),
        )

    @staticmethod
    def parse(raw: bytes) -> Post:
        """Return the post that raw evidence is of. Raises ValueError where that is none."""
        return posts.parse(raw)

    def verify(self, threads: Sequence[Thread]) -> Verified:
        """Ask X once more. What was asked by direct message may be answered where no program can look."""
        found = super().verify(threads)
        if not self._its.chat:
            return found
        hidden = found.seen & {one.remote_id for one in threads if one.direct}
        return replace(found, seen=found.seen - hidden, unseen={**found.unseen, **dict.fromkeys(hidden, ENCRYPTED)})

    def login(self, tell: Callable[[str], None], *, port: int) -> str:
        """Let a person log in with a browser, and keep the tokens that this brings.

        Raises:
            ConfigError: this account needs no login. ChannelUnavailableError: it came to nothing.
        """
        return login.login(self._its, self._account, tell, store=self._store, clock=self._clock, port=port)
