"""The far side of the channel to X: the practice X behind a door, with a company on it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from types import TracebackType
from typing import Any, ClassVar, Self

from slawatch.channels.base import Channel, Identity
from slawatch.channels.social.cursor import LAG
from slawatch.channels.social.platform import Feed, Page, Platform, named
from slawatch.channels.twitter import Settings, TwitterChannel, login, posts
from slawatch.channels.twitter.platform import TwitterPlatform
from slawatch.channels.twitter.posts import NAME
from slawatch.model import ZERO, Facts, FollowUp, Request
from slawatch.practice.x import Post, X, XServer
from slawatch.secret import Secret
from slawatch.testing import FakeClock
from tests.contract.benches import BATCH, PostBench
from tests.servers.gate import Gate
from tests.servers.local import LOOPBACK
from tests.social_town import Notebook

POSTING = "POST /2/tweets"


class SmallPages(TwitterPlatform):
    """Hands a page on in pieces: X has none as small as these tests want them."""

    feeds: Mapping[Feed, timedelta] = dict.fromkeys(Feed, ZERO)

    def feed(self, feed: Feed, mark: str, page: str) -> Page:
        inner, start = json.loads(page) if page else ("", 0)
        whole = super().feed(feed, mark, inner)
        end = start + BATCH
        if end < len(whole.posts):
            return replace(whole, posts=whole.posts[start:end], next=json.dumps([inner, end]))
        return replace(whole, posts=whole.posts[start:end], next=json.dumps([whole.next, 0]) if whole.next else "")


class Impatient(TwitterChannel):
    """Looks at X whenever it is asked to."""

    def _make_platform(self) -> Platform:
        its, clock = self._its, self._clock
        made = SmallPages(
            its,
            account=self._account,
            clock=clock,
            memory=self._memory,
            keys=lambda: login.keys(its, self._account, store=None, clock=clock),
        )
        made.feeds = SmallPages.feeds
        return made


class TwitterBench(PostBench):
    """What stands in the way of a letter comes in by direct message here."""

    name = NAME
    target = "@service_shop"
    copies: ClassVar[int] = 1  # whatever a post comes in by, it is that post
    lag: ClassVar[timedelta] = LAG

    def __init__(self) -> None:
        super().__init__()
        self.clock: FakeClock = FakeClock()
        self.x = X(self.clock)
        self.x.limits.enforced = False
        for index in self.x.lag:
            self.x.lag[index] = ZERO
        self.ann = self.x.person("ann", "Ann")
        self.companies = {f"@{name}": self.x.person(name) for name in ("service_shop", "nobody_shop")}
        company = self.companies[self.target]
        self.memory = Notebook()
        self.memory.identities[self.target] = Identity(
            address=self.target, id=named(NAME, company.id), handle="service_shop", name="Service"
        )
        self._keys = self.x.oauth1(self.ann)
        self._open = ExitStack()

    def __enter__(self) -> Self:
        server = self._open.enter_context(XServer(self.x))
        self._gate = Gate(int(server.base_url.rpartition(":")[2]))
        self._open.callback(self._gate.shut)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def known_as(self, target: str) -> str:
        return named(NAME, self.companies[target].id)

    def ties(self, request: Request, facts: Facts) -> bool:
        return {named(NAME, one.id) for one in self._saying(request.text.body)} == {
            facts.conversation,
            *facts.cited_ids,
        }

    def seen_of(self, request: Request, follow_up: FollowUp | None = None) -> bytes:
        (post,) = self._saying((follow_up or request.text).body)
        native: dict[str, Any] = {"id": post.id, "text": post.text, "conversation_id": str(post.conversation)}
        if post.reply_to is not None:
            native["referenced_tweets"] = [{"type": "replied_to", "id": post.reply_to.id}]
        return posts.evidence(native, {"id": self.ann.id, "username": "ann", "name": "Ann"})

    def channel(self) -> Channel:
        at_once = timedelta(0)  # every look at the feeds is due, although the clock stands still
        keys = self._keys
        settings = Settings(
            handle="@ann",
            api_base=f"http://{LOOPBACK}:{self._gate.port}",
            consumer_key=Secret(keys.consumer_key),
            consumer_secret=Secret(keys.consumer_secret),
            access_token=Secret(keys.access_token),
            access_secret=Secret(keys.access_secret),
            poll=at_once,
            poll_idle=at_once,
            month_max=0.0,
        )
        return Impatient(settings, account=self.account, clock=self.clock, memory=self.memory)

    def arrived(self, request: Request) -> list[bytes]:
        return [post.text.encode() for post in self._saying(request.text.body)]

    def arrived_after(self, request: Request, follow_up: FollowUp) -> list[bytes]:
        return [post.text.encode() for post in self._saying(follow_up.body)]

    def reply_by_hand(self, letter: Facts, text: str) -> None:
        self.x.post(self.ann, text, reply_to=self.x.posts[int(letter.own_id.removeprefix(f"{NAME}:"))])

    def answer(self, request: Request, text: str, *, junk: bool = False) -> None:
        company = self.companies[request.target]
        asked = self._saying(request.text.body)
        if junk:
            self.x.direct(company, self.ann, text)
        elif asked:
            self.x.post(company, text, reply_to=asked[0])
        else:
            self.x.post(company, f"@ann {text}")

    def duplicate(self) -> None:
        """Do nothing: X tells of a post once, and each look shows again what is young."""

    def refuse(self, target: str) -> None:
        if target == self.target:
            self.x.faults.add("403-not-summoned", POSTING, times=-1)
        else:
            self.companies[target].suspended = True

    def fail_once(self) -> None:
        self.x.faults.add("402", POSTING)

    def lose_acknowledgement(self) -> None:
        self.x.faults.add("reset-after", POSTING)

    def swallow_once(self) -> None:
        self.x.faults.add("reset", POSTING)

    def go_away(self) -> None:
        self._gate.shut()

    def come_back(self) -> None:
        self._gate.open()

    def _saying(self, body: str) -> list[Post]:
        return [one for one in self.x.posts.values() if one.author is self.ann and one.text.endswith(body.strip())]
