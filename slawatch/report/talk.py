"""The sentences of chats: who could be reached, who speaks, by which clock, and what a page looked like.

Holds no wording itself, judges nothing, and knows nothing of the page's layout.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR

from slawatch.model import VoidReason
from slawatch.report.asides import Asides
from slawatch.report.book import Entry, Event
from slawatch.report.trail import Accepting, Chats, Machines, Reach, Retold, Sight

BY_HAND = "manual"  # the channel on which a person is the way
TELLING = timedelta(seconds=0.1)  # a margin below this moves no figure that is shown


class Talk(Asides):
    """The words of one language, put together for chats."""

    def named(self, channel: str) -> str:
        """Return a channel's or a network's name; one without words is written with a capital, as names are."""
        if self.has(f"channel.{channel}"):
            return self.say(f"channel.{channel}")
        return channel[:1].upper() + channel[1:]

    def way(self, channel: str, over: Iterable[str]) -> str:
        """Return a way by its name, with the channels that only led there."""
        ways = (
            self.say("way.by_hand") if one == BY_HAND else self.say("way.over", channel=self.named(one)) for one in over
        )
        return str(self.entry("format.list")).join((self.named(channel), *ways))

    def chats(self, found: Chats) -> list[tuple[str, str]]:
        """Return what is said of a group's chats: a title and a sentence for each thing there is to say."""
        said = []
        if found.reach is not None:
            said.append((self.say("reach.title"), self.reach(found.reach)))
        if found.accepting is not None:
            said.append((self.say("taken_up.title"), self.accepting(found.accepting)))
        if found.machines is not None:
            said.append((self.say("machine.title"), self.machines(found.machines)))
        if found.retold is not None:
            said.append((self.say("retold.title"), self.retold(found.retold)))
        return said

    def reach(self, found: Reach) -> str:
        """Return how many tries led to somebody, what that allows to claim, and why the others did not."""
        said = []
        if found.low is not None and found.high is not None:
            said.append(self.say("reach.reached", n=found.tried, reached=found.reached, range=self.reach_range(found)))
        if found.why_not:
            said.append(self.say("reach.not_reached", n=found.tried - found.reached, why=self.reasons(found.why_not)))
        if found.ours:
            ours = sum(found.ours.values())
            said.append(self.say(f"reach.{'ours' if said else 'only_ours'}", n=ours, why=self.reasons(found.ours)))
        return str(self.entry("say.also")).join(said)

    def reach_range(self, found: Reach) -> str:
        """Return the interval of the share reached, rounded outwards; a dash where nothing was tried."""
        if found.low is None or found.high is None:
            return self.say("format.none")
        low, high = self.percent(found.low, rounding=ROUND_FLOOR), self.percent(found.high, rounding=ROUND_CEILING)
        return self.say("format.range", low=low, high=high)

    def reasons(self, found: Mapping[VoidReason, int]) -> str:
        """Return why tries led to nobody, each with how often; a dash for none."""
        counts = (
            self.say("reach.reason", why=self.say(f"void.{why}"), n=found[why]) for why in VoidReason if found.get(why)
        )
        return str(self.entry("format.list")).join(counts) or self.say("format.none")

    def accepting(self, found: Accepting) -> str:
        """Return in how many chats somebody was seen to join, how soon, and who stood in a queue."""
        said = self.say("taken_up.nobody", n=found.chats)
        if found.median is not None:
            said = self.say("taken_up.joined", n=found.joined, chats=found.chats, median=self.about(found.median))
        if found.queued:
            said = self.say("say.with_more", sentence=said, more=self.say("taken_up.queued", n=found.queued))
        if found.place is not None:
            said = self.say("taken_up.place", sentence=said, place=found.place)
        return said

    def machines(self, found: Machines) -> str:
        """Return in how many chats a machine wrote first, and in how many of these it said that it is one."""
        said = self.say(
            "machine.spoke", n=found.spoke, chats=found.chats, median=self.about(found.median or timedelta(0))
        )
        how_many = "all" if found.said == found.spoke else "some" if found.said else "none"
        more = self.say(f"machine.{how_many}_said", n=found.spoke, said=found.said, silent=found.spoke - found.said)
        return self.say("say.with_more", sentence=said, more=more)

    def retold(self, found: Retold) -> str:
        """Return how many matters were taken up on this way after another, and how many had to be told all over."""
        said = self.say("retold.again", n=found.again)
        if not found.known:
            return self.say("say.with_more", sentence=said, more=self.say("retold.unknown"))
        said = self.say("say.with_more", sentence=said, more=self.say("retold.told", told=found.told, n=found.known))
        unknown = found.again - found.known
        if not unknown:
            return said
        return self.say("say.with_more", sentence=said, more=self.say("retold.some_unknown", n=unknown))

    def timed(self, event: Event) -> str:
        """Return when it was, seen from the beginning of the wait, by whose clock, and how far that may be off."""
        parts = [self.offset(event), self.clock(event)]
        return str(self.entry("format.list")).join(part for part in parts if part)

    def offset(self, event: Event) -> str:
        """Return how long after the beginning of the wait it was, or before; "" where no wait began, or it did so."""
        if event.offset is None or abs(event.offset) < TELLING:
            return ""
        if event.offset < timedelta(0):
            return self.say("event.before", wait=self.about(-event.offset))
        return self.say("event.after", wait=self.about(event.offset))

    def clock(self, event: Event) -> str:
        """Return whose clock it is timed by, with the margin where that can move a figure; "" where it says none."""
        if not event.clock:
            return ""
        margin = self.margin(event.earlier, event.later)
        shown = self.say(f"clock.{event.clock}") if self.has(f"clock.{event.clock}") else event.clock
        return self.say("clock.with_margin", clock=shown, margin=margin) if margin else shown

    def stamped(self, event: Event) -> str:
        """Return by whose stamp a message is timed, and how far that may be off; a stamp without words by its name."""
        source = event.source
        shown = self.say(f"evidence.stamp.{source}") if self.has(f"evidence.stamp.{source}") else source
        margin = self.margin(event.earlier, event.later) or self.say("evidence.exact")
        return self.say("clock.with_margin", clock=shown, margin=margin)

    def margin(self, earlier: timedelta, later: timedelta) -> str:
        """Return how far a stamp may be off; "" where that moves nothing that is shown."""
        before, after = earlier >= TELLING, later >= TELLING
        if before and after and earlier == later:
            return self.say("clock.either", margin=self.about(earlier, up=True))
        if before and after:
            return self.say("clock.both", earlier=self.about(earlier, up=True), later=self.about(later, up=True))
        if before:
            return self.say("clock.earlier", earlier=self.about(earlier, up=True))
        return self.say("clock.later", later=self.about(later, up=True)) if after else ""

    def marked(self, event: Event) -> str:
        """Return how the far side marks who wrote a line, and by what; "" where it does not."""
        if not event.author_by or not self.has(f"author.{event.author}"):
            return ""
        return self.say("author.marked", author=self.say(f"author.{event.author}"), by=event.author_by)

    def says_machine(self, event: Event) -> str:
        """Return whether a machine said that it is one; "" for all who are none."""
        if event.says_machine is None:
            return ""
        return self.say(f"machine.{'says' if event.says_machine else 'says_not'}")

    def alt(self, sight: Sight) -> str:
        """Return what a picture shows, for those who cannot see it."""
        return self.say("sight.alt", step=self.say(f"event.moment-{sight.moment}"))

    def continues(self, entry: Entry) -> str:
        """Return whether everything had to be told again where a matter was taken up on another way."""
        answer = {True: "yes", False: "no", None: "unclear"}[entry.told_again]
        return self.say("retold.entry", answer=self.say(f"retold.{answer}"))
