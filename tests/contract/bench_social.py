"""The far side of every channel on which all can read along: a town in memory, with what such channels share."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import ClassVar

from slawatch.channels.base import Channel
from slawatch.channels.social.cursor import LAG
from slawatch.channels.social.platform import Post, named
from slawatch.channels.social.settings import SocialSettings
from slawatch.model import Facts, FollowUp, Request
from slawatch.testing import FakeClock
from tests.contract.benches import BATCH, PostBench
from tests.social_town import TOWN, MemoryPlatform, Notebook, Town, TownChannel


class SocialBench(PostBench):
    """What stands in the way of a letter comes in by direct message here: the one place beside the mentions."""

    name = TOWN
    target = "@service_shop"
    copies: ClassVar[int] = 1  # whatever a post comes in by, it is that post
    lag: ClassVar[timedelta] = LAG

    def __init__(self) -> None:
        super().__init__()
        self.clock: FakeClock = FakeClock()
        self.town = Town(self.clock)
        self.me = self.town.person("anna")
        self.companies = {f"@{handle}": self.town.person(handle) for handle in ("service_shop", "nobody_shop")}
        self.memory = Notebook()
        self.memory.know(self.companies[self.target])
        self._newest: Post | None = None

    def known_as(self, target: str) -> str:
        return named(TOWN, self.companies[target].id)

    def ties(self, request: Request, facts: Facts) -> bool:
        return {named(TOWN, one.id) for one in self._asking(request)} == {facts.conversation, *facts.cited_ids}

    def seen_of(self, request: Request, follow_up: FollowUp | None = None) -> bytes:
        (post,) = self._asking(request) if follow_up is None else self._saying(follow_up.body)
        return post.raw

    def channel(self) -> Channel:
        at_once = timedelta(0)  # every look at the feeds is due, although the clock stands still
        settings = SocialSettings(handle="@anna", poll=at_once, poll_idle=at_once)
        return TownChannel(MemoryPlatform(self.town, self.me, page_size=BATCH), settings=settings, memory=self.memory)

    def arrived(self, request: Request) -> list[bytes]:
        return [post.text.encode() for post in self._asking(request)]

    def arrived_after(self, request: Request, follow_up: FollowUp) -> list[bytes]:
        return [post.text.encode() for post in self._saying(follow_up.body)]

    def reply_by_hand(self, letter: Facts, text: str) -> None:
        self.town.say(self.me, text, under=self.town.entry(letter.own_id.removeprefix(f"{TOWN}:")).post)

    def answer(self, request: Request, text: str, *, junk: bool = False) -> None:
        company = self.companies[request.target]
        asked = self._asking(request)
        if junk:
            self._newest = self.town.say(company, text, direct_to=self.me)
        elif asked:
            self._newest = self.town.say(company, text, under=asked[0])
        else:
            self._newest = self.town.say(company, f"@anna {text}")

    def duplicate(self) -> None:
        assert self._newest is not None
        self.town.entries.append(self.town.entry(self._newest.id))

    def refuse(self, target: str) -> None:
        self.town.refused.add(target.removeprefix("@"))

    def fail_once(self) -> None:
        self.town.faults.append("busy")

    def lose_acknowledgement(self) -> None:
        self.town.faults.append("lose")

    def swallow_once(self) -> None:
        self.town.faults.append("swallow")

    def go_away(self) -> None:
        self.town.away = True

    def come_back(self) -> None:
        self.town.away = False

    def _asking(self, request: Request) -> list[Post]:
        return self._saying(request.text.body)

    def _saying(self, body: str) -> list[Post]:
        return [post for post in self._ours() if post.text.endswith(body.strip())]

    def _ours(self) -> Iterable[Post]:
        return self.town.posts_by(self.me)
