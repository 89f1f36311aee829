"""In whatever order posts appear, and wherever it breaks off: none is lost, and none is claimed that was not seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from slawatch.channels.base import Batch, Thread
from slawatch.channels.social.platform import Feed, named
from slawatch.channels.social.settings import SocialSettings
from slawatch.errors import ChannelError, ChannelUnavailableError
from tests.social_town import TOWN, MemoryPlatform, Notebook, Order, Town, TownChannel

LAG_MAX = 115  # seconds; within what a look is taken to be late by


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Acme answers Anna, in public or not; it shows after `lag` seconds."""

    lag: int
    direct: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """Time passes."""

    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of collecting; with `crash` the process dies before its batch is kept."""

    crash: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Pages are gone, or a call fails until further notice."""

    broken: int = 0
    failing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heal:
    """All is well again."""


EVENTS = st.lists(
    st.one_of(
        st.builds(Say, lag=st.integers(0, LAG_MAX), direct=st.booleans()),
        st.builds(Say, lag=st.just(0), direct=st.just(False)),
        st.builds(Pass, seconds=st.integers(1, 400)),
        st.builds(Step, crash=st.booleans()),
        st.builds(Step, crash=st.just(False)),
        st.builds(Fault, broken=st.integers(1, 3)),
        st.builds(Fault, failing=st.sampled_from([Feed.MENTIONS, Feed.DIRECT, "look", "me"])),
        st.just(Heal()),
    ),
    max_size=60,
)


class Story:
    """Anna has asked; from then on anything may happen. What was kept is compared with the truth after every step."""

    def __init__(self, *, order: Order, page_size: int, depth: int | None) -> None:
        self.town = Town()
        self.anna, self.acme = self.town.person("anna"), self.town.person("acme")
        self.platform = MemoryPlatform(self.town, self.anna, page_size=page_size, order=order)
        self.cursor = ""
        self.kept: set[str] = set()
        self.claimed: datetime | None = None
        self._start()
        self.asked = self.town.say(self.anna, "@acme Wie lange?")
        self._whole_look()
        self.town.depth = depth

    def tell(self, event: Any) -> None:
        """Let this happen."""
        match event:
            case Say(lag=lag, direct=direct):
                self.town.clock.forward(timedelta(milliseconds=1))
                late = timedelta(seconds=lag)
                if direct:
                    self.town.say(self.acme, "Antwort", direct_to=self.anna, lag=late)
                else:
                    self.town.say(self.acme, "Antwort", under=self.asked, lag=late)
            case Pass(seconds=seconds):
                self.town.clock.forward(timedelta(seconds=seconds))
            case Step(crash=crash):
                self._step(crash=crash)
            case Fault(broken=broken, failing=failing):
                self.town.broken += broken
                if failing:
                    self.town.failing[failing] = ChannelUnavailableError("town: away: try again later")
            case Heal():
                self._heal()

    def end(self) -> None:
        """Let all be well, and look once more: then everything must be there."""
        self._heal()
        for _ in range(2):  # the first may only end a pass that was under way
            self.town.clock.forward(timedelta(minutes=10))
            self._whole_look()
        assert self.kept == {named(TOWN, one.id) for one in self.town.posts_by(self.acme)}
        assert self.claimed is not None
        assert self.town.clock.now() - self.claimed <= timedelta(minutes=2)

    def _start(self) -> None:
        self.channel = TownChannel(self.platform, settings=SocialSettings(handle="@anna"), memory=Notebook())

    def _heal(self) -> None:
        self.town.broken = 0
        self.town.failing.clear()

    def _step(self, *, crash: bool = False) -> Batch | None:
        try:
            batch = self.channel.collect(self.cursor, threads=self._threads)
        except ChannelError:
            return None
        if crash:
            self._start()
            return None
        self.cursor = batch.cursor
        self.kept |= {one.remote_id for one in batch.messages}
        if batch.looked_until is not None:
            self.claimed = batch.looked_until
            unseen = [
                one
                for one in self.town.posts_by(self.acme)
                if one.at <= batch.looked_until and named(TOWN, one.id) not in self.kept
            ]
            assert not unseen, f"claimed {batch.looked_until}, though {unseen[0].at} was not seen"
        return batch

    def _threads(self) -> list[Thread]:
        return [Thread(remote_id=named(TOWN, self.asked.id), target="@acme", asked_at=self.asked.at, young=True)]

    def _whole_look(self) -> None:
        for _ in range(200):
            batch = self._step()
            if batch is not None and not batch.more:
                return
        raise AssertionError("the pass has no end")


STEP = Step(crash=False)
ANSWER = Say(lag=0, direct=False)


@settings(max_examples=150, deadline=None)
@example(order="newest", page_size=1, depth=None, events=[Say(lag=115, direct=False), Pass(seconds=60), STEP, STEP])
@example(order="newest", page_size=1, depth=2, events=[ANSWER, ANSWER, ANSWER, Pass(seconds=400), *[STEP] * 8])
@example(
    order="newest",
    page_size=1,
    depth=None,
    events=[ANSWER, ANSWER, Pass(seconds=27), STEP, Fault(failing="me"), STEP],
)
@example(
    order="newest",
    page_size=1,
    depth=None,
    events=[ANSWER, Pass(seconds=130), ANSWER, Pass(seconds=130), STEP, Fault(failing=Feed.MENTIONS), STEP, STEP],
)
@given(
    order=st.sampled_from(["newest", "oldest", "offset"]),
    page_size=st.integers(1, 4),
    depth=st.none() | st.integers(1, 5),
    events=EVENTS,
)
def test_nothing_is_lost_and_nothing_claimed_that_was_not_seen(
    order: Order, page_size: int, depth: int | None, events: list[Any]
) -> None:
    story = Story(order=order, page_size=page_size, depth=depth)

    for event in events:
        story.tell(event)

    story.end()
