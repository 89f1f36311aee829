"""Bluesky as the far side of the channel: accounts of one test alone, on the network of all. Tests nothing."""

from __future__ import annotations

import tempfile
import time
from contextlib import ExitStack
from datetime import timedelta
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

from slawatch.channels.base import Identity
from slawatch.channels.bluesky import native
from slawatch.channels.bluesky.channel import BlueskyChannel
from slawatch.channels.bluesky.platform import BlueskyPlatform
from slawatch.channels.bluesky.settings import Settings
from slawatch.channels.social.cursor import LAG
from slawatch.channels.social.platform import Feed, named
from slawatch.clock import Clock, SystemClock
from slawatch.model import Facts, FollowUp, Request
from slawatch.secret import Secret
from tests.contract.benches import BATCH, PostBench
from tests.servers.bluesky import PASSWORD, Network, Person
from tests.servers.door import Door
from tests.servers.local import eventually
from tests.social_town import Notebook

_number = count(1)
WRITES = "com.atproto.repo.putRecord"
NOTIFIED_SECONDS = 5.0


def somebody(network: Network, name: str) -> Person:
    """Return an account nobody else uses."""
    return network.person(f"{name}{next(_number)}.example.org")


def settings(person: Person, service: str, **keys: Any) -> Settings:
    """Return the config of somebody's account. Every look is due at once: nobody waits in a test."""
    at_once = timedelta(0)
    given = {
        "password": Secret(PASSWORD),
        "poll": at_once,
        "poll_idle": at_once,
        "timeout": timedelta(seconds=20),
        **keys,
    }
    return Settings(handle=f"@{person.handle}", service=service, **given)


def answered(network: Network, company: Person, asker: Person, text: str, under: str = "") -> dict[str, Any]:
    """Let a company answer, and wait until the asker is notified.

    The index now and then makes no notification of a reply to a post it has only just got. Such a reply is taken back
    and given once more: what becomes of the lost ones, other tests ask.
    """
    while True:
        if under:
            made = company.post(text, reply_to=reference(network, under))
        else:
            made = company.post(f"@{asker.handle} {text}", mention=asker)
        network.indexed(made["uri"])
        until = time.monotonic() + NOTIFIED_SECONDS
        while time.monotonic() < until:
            if made["uri"] in notified(asker):
                return made
            time.sleep(0.05)
        company.delete(made["uri"])
        network.unindexed(made["uri"])


def notified(person: Person) -> list[str]:
    """Return the posts that somebody was notified of, the newest first."""
    told = person.call("app.bsky.notification.listNotifications", query={"limit": "100"})
    return [one["uri"] for one in told["notifications"]]


def reference(network: Network, uri: str) -> dict[str, Any]:
    """Return what a reply to a post names."""
    shown = network.indexed(uri)
    here = {"uri": uri, "cid": shown["cid"]}
    return {**here, "root": shown["record"].get("reply", {}).get("root", here)}


class _Channel(BlueskyChannel):
    """The channel, which brings BATCH posts at a time and may look again at once."""

    def _make_platform(self) -> BlueskyPlatform:
        made = BlueskyPlatform(self._own, account=self._account, clock=self._clock, store=self._store, page_size=BATCH)
        made.feeds = {Feed.MENTIONS: timedelta(0)}
        return made


class BlueskyBench(PostBench):
    """One account that asks and one company, behind a door; `refuse` lets the company leave Bluesky."""

    name = native.NAME
    copies: ClassVar[int] = 1
    lag: ClassVar[timedelta] = LAG

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.clock: Clock = SystemClock()
        self.network = network
        self.me = somebody(network, "asks")
        self.company = somebody(network, "service")
        self.target = f"@{self.company.handle}"  # type: ignore[misc]  # of this bench alone
        self.memory = Notebook()
        self.memory.identities[self.target] = Identity(
            address=self.target, id=named(self.name, self.company.did), handle=self.company.handle
        )
        self._stack = ExitStack()
        self.door = Door(network.pds, guarded=WRITES)
        self._stack.callback(self.door.shut)
        self._store = Path(self._stack.enter_context(tempfile.TemporaryDirectory())) / "slawatch.db"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def known_as(self, target: str) -> str:
        return named(self.name, self.company.did)

    def ties(self, request: Request, facts: Facts) -> bool:
        return {named(self.name, one["uri"]) for one in self._saying(request.text.body)} == {
            facts.conversation,
            *facts.cited_ids,
        }

    def seen_of(self, request: Request, follow_up: FollowUp | None = None) -> bytes:
        (record,) = self._saying(request.text.body if follow_up is None else follow_up.body)
        return native.raw(self.network.indexed(record["uri"]))

    def channel(self) -> BlueskyChannel:
        return _Channel(
            settings(self.me, self.door.url),
            account=self.account,
            clock=self.clock,
            store=self._store,
            memory=self.memory,
        )

    def arrived(self, request: Request) -> list[bytes]:
        return [one["value"]["text"].encode() for one in self._saying(request.text.body)]

    def arrived_after(self, request: Request, follow_up: FollowUp) -> list[bytes]:
        return [one["value"]["text"].encode() for one in self._saying(follow_up.body)]

    def reply_by_hand(self, letter: Facts, text: str) -> None:
        uri = letter.own_id.removeprefix(f"{self.name}:")
        self.network.indexed(self.me.post(text, reply_to=reference(self.network, uri))["uri"])

    def answer(self, request: Request, text: str, *, junk: bool = False) -> None:
        asked = [] if junk else self._saying(request.text.body)
        answered(self.network, self.company, self.me, text, asked[0]["uri"] if asked else "")

    def duplicate(self) -> None:
        """Do nothing: whatever a post comes in by, it is that post."""

    def refuse(self, target: str) -> None:
        if target == self.target:
            posts = [one["uri"] for one in self.company.posts()]
            self.company.call("com.atproto.server.deactivateAccount", body={})
            for uri in posts:
                self.network.unindexed(uri)

    def fail_once(self) -> None:
        self.door.faults.append("busy")

    def lose_acknowledgement(self) -> None:
        self.door.faults.append("lose")

    def swallow_once(self) -> None:
        self.door.faults.append("swallow")

    def go_away(self) -> None:
        self.door.shut()

    def come_back(self) -> None:
        self.door.open()

    def _saying(self, body: str) -> list[dict[str, Any]]:
        return [one for one in self.me.posts() if one["value"]["text"].endswith(body.strip())]


__all__ = ["WRITES", "BlueskyBench", "answered", "eventually", "notified", "reference", "settings", "somebody"]
