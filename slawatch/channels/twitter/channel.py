"""The channel to X: what all public channels do, over X's platform."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from slawatch.channels.base import Memory, Thread, Verified
from slawatch.channels.social.channel import SocialChannel
from slawatch.channels.social.platform import Platform, Post
from slawatch.channels.twitter import login, posts
from slawatch.channels.twitter.settings import Settings
from slawatch.clock import Clock

if TYPE_CHECKING:
    from slawatch.channels.twitter.platform import TwitterPlatform

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
        """Ask X once more. What was asked by direct message may be answered where no program can look.

        Nor can anybody see the answers of who is protected or blocks us, though the search fails for neither.
        """
        found = super().verify(threads)
        hidden = self._out_of_sight([one for one in threads if not one.direct and one.remote_id in found.seen])
        if self._its.chat:
            hidden |= {one.remote_id: ENCRYPTED for one in threads if one.direct and one.remote_id in found.seen}
        return replace(found, seen=found.seen - hidden.keys(), unseen={**found.unseen, **hidden})

    def _out_of_sight(self, threads: Sequence[Thread]) -> dict[str, str]:
        """Return by request why the account it was put to cannot be seen."""
        from slawatch.channels.twitter.looking import out_of_sight  # noqa: PLC0415 - on use: few passes verify anything

        people = {one.target: who.id for one in threads if (who := self._memory.identity(one.target))}
        ids = sorted({self._bare(one) for one in people.values()})
        hidden = out_of_sight(cast("TwitterPlatform", self._platform()).api, ids) if ids else {}
        return {
            one.remote_id: hidden[self._bare(people[one.target])]
            for one in threads
            if one.target in people and self._bare(people[one.target]) in hidden
        }

    def login(self, tell: Callable[[str], None], *, port: int) -> str:
        """Let a person log in with a browser, and keep the tokens that this brings.

        Raises:
            ConfigError: this account needs no login. ChannelUnavailableError: it came to nothing.
        """
        return login.login(self._its, self._account, tell, store=self._store, clock=self._clock, port=port)
