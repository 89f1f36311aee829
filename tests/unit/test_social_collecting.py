"""Every post to us is handed over, whatever the platform shows when, and nobody claims to have seen more than that."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Event

import pytest

from slawatch.channels.base import Batch, Thread
from slawatch.channels.social.collecting import LOOK_AT_ONCE
from slawatch.channels.social.cursor import LAG
from slawatch.channels.social.platform import Feed, Post, named
from slawatch.channels.social.settings import SocialSettings
from slawatch.errors import AccountHaltedError, ChannelRefusedError, ChannelUnavailableError
from slawatch.model import Stamps
from tests.social_town import TOWN, MemoryPlatform, Notebook, Order, Town, TownChannel

AWAY = ChannelUnavailableError("town: nobody answers: try again later")
MINUTE = timedelta(minutes=1)


class Scene:
    """Anna reads what Acme and others say to her, two posts a page."""

    def __init__(self, *, order: Order = "newest", direct: bool = True, intervals: timedelta = timedelta(0)) -> None:
        self.town = Town()
        self.clock = self.town.clock
        self.anna = self.town.person("anna")
        self.acme = self.town.person("acme")
        self.tom = self.town.person("tom")
        self.memory = Notebook()
        self.memory.know(self.acme)
        self.platform = MemoryPlatform(
            self.town, self.anna, page_size=2, order=order, feeds={Feed.MENTIONS: intervals, Feed.DIRECT: intervals}
        )
        self.settings = SocialSettings(handle="@anna", direct=direct)
        self.channel = TownChannel(self.platform, settings=self.settings, memory=self.memory)
        self.cursor = ""
        self.standing: list[Thread] = []

    def step(self) -> Batch:
        batch = self.channel.collect(self.cursor, threads=lambda: self.standing)
        self.cursor = batch.cursor
        return batch

    def look(self, after: timedelta = 6 * MINUTE) -> list[Batch]:
        """Collect to the end, by default six minutes after the last time."""
        self.clock.forward(after)
        batches = [self.step()]
        while batches[-1].more:
            assert len(batches) < 50, "the pass has no end"
            batches.append(self.step())
        return batches

    def asked(self, *, young: bool = False) -> Post:
        """Let Anna ask Acme in public; it stands from now on."""
        post = self.town.say(self.anna, f"@acme Frage {len(self.standing)}?")
        remote_id = named(TOWN, post.id)
        self.standing.append(Thread(remote_id=remote_id, target="@acme", asked_at=post.at, young=young))
        return post

    def says(self, text: str, *, lag: timedelta | None = None) -> Post:
        return self.town.say(self.acme, f"@anna {text}", lag=lag)


@pytest.fixture
def scene() -> Scene:
    return Scene()


def brought(batches: Sequence[Batch]) -> list[str]:
    return [message.remote_id for batch in batches for message in batch.messages]


def looked_until(batches: Sequence[Batch]) -> datetime:
    found = batches[-1].looked_until
    assert found is not None
    return found


def notes(batches: Sequence[Batch]) -> list[str]:
    return [note for batch in batches for note in batch.notes]


class TestHandingOver:
    def test_a_post_is_named_stamped_and_read_by_the_platform(self, scene: Scene) -> None:
        asked = scene.asked()
        post = scene.town.say(scene.acme, "@anna Zwei Tage.", under=asked)

        ((message,),) = [batch.messages for batch in scene.look() if batch.messages]

        assert (message.remote_id, message.folder, message.raw) == (named(TOWN, post.id), "mentions", post.raw)
        assert message.stamps == Stamps(at=post.at, source="snowflake")
        assert message.facts == scene.channel.read(post.raw)
        assert message.facts.text == "Zwei Tage."

    def test_our_own_posts_are_no_messages(self, scene: Scene) -> None:
        scene.town.say(scene.anna, "@anna an mich selbst")
        scene.town.say(scene.anna, "Guten Tag", direct_to=scene.acme)
        theirs = scene.town.say(scene.acme, "Guten Tag", direct_to=scene.anna)

        assert brought(scene.look()) == [named(TOWN, theirs.id)]

    def test_a_post_that_is_shown_again_is_handed_over_once(self, scene: Scene) -> None:
        """The feed begins two minutes before what was seen, so that nothing late is missed."""
        first = scene.says("eins")
        assert brought(scene.look()) == [named(TOWN, first.id)]
        assert first.id in json.loads(scene.cursor)["places"]["mentions"]["known"]

        assert brought(scene.look()) == []
        assert brought(scene.look()) == []

    def test_counting_pages_shift_and_yet_bring_each_post_once(self) -> None:
        scene = Scene(order="offset")
        for number in range(5):
            scene.says(f"{number}")
        scene.clock.forward(6 * MINUTE)
        begun = scene.step()
        scene.says("mitten darin")

        batches = [begun, *scene.look()]

        assert len(brought(batches)) == len(set(brought(batches)))
        assert set(brought([*batches, *scene.look()])) == {
            named(TOWN, one.id) for one in scene.town.posts_by(scene.acme)
        }

    def test_a_post_that_shows_late_is_handed_over_though_newer_ones_were_seen(self, scene: Scene) -> None:
        late = scene.says("spät", lag=timedelta(seconds=100))
        scene.clock.forward(timedelta(seconds=50))
        early = scene.says("früh")
        assert brought(scene.look(timedelta(0))) == [named(TOWN, early.id)]

        assert brought(scene.look()) == [named(TOWN, late.id)]

    @pytest.mark.parametrize("order", ["newest", "oldest", "offset"])
    def test_a_backlog_is_read_to_the_end_from_either_end(self, order: Order) -> None:
        scene = Scene(order=order)
        posts = [scene.says(f"{number}") for number in range(7)]

        assert sorted(brought(scene.look())) == sorted(named(TOWN, one.id) for one in posts)

    def test_direct_messages_are_read_where_the_account_says_so(self) -> None:
        for direct, expected in ((True, 1), (False, 0)):
            scene = Scene(direct=direct)
            scene.town.say(scene.acme, "Guten Tag", direct_to=scene.anna)

            assert len(brought(scene.look())) == expected
            assert (Feed.DIRECT in scene.town.calls) is direct


class TestPagesThatAreGone:
    def test_the_feed_is_begun_again_and_brings_nothing_twice(self, scene: Scene) -> None:
        posts = [scene.says(f"{number}") for number in range(5)]
        scene.town.broken = 1

        batches = scene.look()

        assert sorted(brought(batches)) == sorted(named(TOWN, one.id) for one in posts)
        assert looked_until(batches)

    def test_one_that_is_always_gone_ends_the_pass_as_not_looked(self, scene: Scene) -> None:
        for number in range(5):
            scene.says(f"{number}")
        scene.town.broken = 100

        batches = scene.look()

        assert batches[-1].looked_until is None
        assert notes(batches) == ["main: town: that page is not there any more: begin again"]

    def test_a_halted_account_is_not_asked_again_at_once(self, scene: Scene) -> None:
        for number in range(3):
            scene.says(f"{number}")
        scene.clock.forward(6 * MINUTE)
        assert scene.step().more
        scene.town.failing[Feed.MENTIONS] = AccountHaltedError("town: out of credits: buy some")
        before = scene.town.calls.count(Feed.MENTIONS)

        scene.look()

        assert scene.town.calls.count(Feed.MENTIONS) == before + 1

    def test_a_page_that_leads_to_itself_ends_the_pass(self, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
        scene.says("eins")
        honest = scene.platform.feed
        monkeypatch.setattr(
            scene.platform, "feed", lambda feed, mark, page: replace(honest(feed, mark, ""), next="again")
        )

        batches = scene.look()

        assert batches[-1].looked_until is None
        assert set(notes(batches)) == {'main: town: the page after "again" is that page again'}


class TestLookedUntil:
    def test_it_speaks_for_the_time_until_the_pass_began_less_the_lag(self, scene: Scene) -> None:
        for number in range(5):
            scene.says(f"{number}")
        scene.clock.forward(6 * MINUTE)
        began_at = scene.clock.now()
        assert scene.step().more
        scene.clock.forward(MINUTE)

        batches = scene.look()

        assert looked_until(batches) == began_at - LAG

    def test_it_is_that_of_the_feed_that_was_looked_at_longest_ago(self) -> None:
        scene = Scene(intervals=timedelta(minutes=20))
        scene.platform.feeds = {Feed.MENTIONS: timedelta(0), Feed.DIRECT: timedelta(minutes=20)}
        first = looked_until(scene.look())

        second = looked_until(scene.look())

        assert second == first
        assert scene.town.calls.count(Feed.DIRECT) == 1
        assert scene.town.calls.count(Feed.MENTIONS) == 2

    def test_a_feed_that_cannot_be_read_holds_it_up_and_the_others_bring_what_they_have(self, scene: Scene) -> None:
        scene.look()
        post = scene.says("eins")
        scene.town.failing[Feed.DIRECT] = ChannelRefusedError("town: direct messages are not yours to read")

        batches = scene.look()

        assert brought(batches) == [named(TOWN, post.id)]
        assert batches[-1].looked_until is None
        assert notes(batches) == ["main: town: direct messages are not yours to read"]

    def test_a_first_feed_that_cannot_be_read_holds_it_up_as_well(self, scene: Scene) -> None:
        scene.look()
        post = scene.town.say(scene.acme, "eins", direct_to=scene.anna)
        scene.town.failing[Feed.MENTIONS] = AWAY

        batches = scene.look()

        assert brought(batches) == [named(TOWN, post.id)]
        assert batches[-1].looked_until is None

    def test_where_no_feed_can_be_read_that_is_said_and_the_cursor_stays(self, scene: Scene) -> None:
        scene.look()
        scene.town.failing |= {Feed.MENTIONS: AWAY, Feed.DIRECT: AWAY}
        before = scene.cursor

        with pytest.raises(ChannelUnavailableError, match="nobody answers"):
            scene.look()

        assert scene.cursor == before

    def test_what_was_read_but_not_handed_over_is_read_again(self, scene: Scene) -> None:
        posts = [scene.says(f"{number}") for number in range(3)]
        scene.clock.forward(6 * MINUTE)
        begun = scene.step()
        scene.town.failing["me"] = AWAY  # which is asked when the page is there already
        scene.look()
        scene.town.failing.clear()

        assert sorted(brought([begun, *scene.look()])) == sorted(named(TOWN, one.id) for one in posts)

    def test_once_it_can_be_read_again_nothing_is_missing(self, scene: Scene) -> None:
        scene.look()
        scene.town.failing[Feed.DIRECT] = AWAY
        post = scene.town.say(scene.acme, "eins", direct_to=scene.anna)
        scene.look()
        scene.town.failing.clear()

        batches = scene.look()

        assert brought(batches) == [named(TOWN, post.id)]
        assert looked_until(batches) == scene.clock.now() - LAG


class TestWhenToLook:
    def test_a_feed_that_is_not_due_is_passed_over_and_says_what_it_said(self, scene: Scene) -> None:
        first = looked_until(scene.look())
        calls = len(scene.town.calls)
        scene.clock.forward(MINUTE)

        batch = scene.step()

        assert (batch.looked_until, batch.more, len(scene.town.calls)) == (first, False, calls)

    def test_what_stands_is_not_asked_for_where_no_feed_can_be_due(self, scene: Scene) -> None:
        scene.look()
        asked = []

        def threads() -> list[Thread]:
            asked.append(scene.clock.now())
            return []

        for _ in range(2):
            scene.clock.forward(timedelta(seconds=20))
            scene.channel.collect(scene.cursor, threads=threads)

        assert asked == [scene.clock.now()]

    def test_while_an_answer_may_come_any_moment_it_is_looked_more_often(self, scene: Scene) -> None:
        scene.asked(young=True)
        first = looked_until(scene.look())
        scene.clock.forward(scene.settings.poll)

        assert scene.step().more
        last = scene.step().looked_until
        assert last is not None
        assert last - first == scene.settings.poll

    def test_who_is_called_a_little_early_looks_all_the_same(self, scene: Scene) -> None:
        scene.look()
        scene.clock.forward(scene.settings.poll_idle - timedelta(seconds=20))

        assert scene.step().more

    def test_the_platforms_own_pause_is_kept_even_so(self) -> None:
        scene = Scene(intervals=timedelta(minutes=1))
        scene.asked(young=True)
        scene.look()
        scene.clock.forward(timedelta(seconds=59))
        assert not scene.step().more
        scene.clock.forward(timedelta(seconds=1))

        assert scene.step().more

    def test_a_clock_that_was_set_back_does_not_stop_the_looking(self, scene: Scene) -> None:
        scene.look()
        cursor = json.loads(scene.cursor)
        for place in cursor["places"].values():
            place["last_at"] += 10**12
        scene.cursor = json.dumps(cursor)

        assert scene.step().more

    def test_the_doorbell_rings_when_a_look_is_due_and_when_the_platform_says_so(self, scene: Scene) -> None:
        waits: list[float] = []

        def silent(stop: Event, seconds: float) -> bool:
            waits.append(seconds)
            return len(waits) > 1

        scene.platform.watched = silent
        assert scene.channel.watch(Event(), 3600)  # nobody has looked yet
        assert waits == []
        scene.look()

        assert scene.channel.watch(Event(), 3600)

        assert [round(seconds) for seconds in waits] == [300, 300]


class TestMoreThanIsShown:
    """The platform shows the newest few; what lies before them is looked for in each conversation."""

    @pytest.fixture
    def flooded(self, scene: Scene) -> Post:
        """Acme answers in Anna's conversation; then others say so much that it is shown no more."""
        asked = scene.asked()
        scene.look()
        answer = scene.town.say(scene.acme, "@anna Zwei Tage.", under=asked)
        for number in range(6):
            scene.clock.forward(timedelta(seconds=1))
            scene.town.say(scene.tom, f"@anna {number}")
        scene.town.depth = 4
        return answer

    def test_what_is_no_longer_shown_is_found_in_its_conversation(self, scene: Scene, flooded: Post) -> None:
        batches = scene.look()

        assert named(TOWN, flooded.id) in brought(batches)
        assert looked_until(batches) == scene.clock.now() - LAG

    def test_while_that_cannot_be_looked_through_nothing_is_claimed(self, scene: Scene, flooded: Post) -> None:
        scene.town.failing["look"] = AWAY
        pages = scene.town.calls.count(Feed.MENTIONS)
        assert scene.look()[-1].looked_until is None
        began_at = scene.clock.now()
        assert scene.town.calls.count(Feed.MENTIONS) == pages + 2
        scene.town.failing.clear()

        batches = scene.look()

        assert named(TOWN, flooded.id) in brought(batches)
        assert looked_until(batches) == began_at - LAG
        assert scene.town.calls.count(Feed.MENTIONS) == pages + 2, "what was read is not read again"

    def test_nor_where_nobody_says_what_stands(self, scene: Scene, flooded: Post) -> None:
        scene.clock.forward(6 * MINUTE)
        batch = scene.channel.collect(scene.cursor)
        while batch.more:
            batch = scene.channel.collect(batch.cursor)

        assert batch.looked_until is None
        assert batch.notes == ("main: town: more was said than is shown, and nobody says where",)

    def test_how_many_conversations_cannot_be_seen_is_said(self, scene: Scene, flooded: Post) -> None:
        scene.town.unseen[flooded.conversation] = "protected"

        batches = scene.look()

        assert notes(batches) == ["main: of 1 conversations not everything can be seen: protected"]
        assert looked_until(batches)

    def test_many_conversations_are_looked_through_in_several_steps(self, scene: Scene) -> None:
        posts = [scene.asked() for _ in range(LOOK_AT_ONCE + 1)]
        scene.look()
        answers = [scene.town.say(scene.acme, "@anna Ja.", under=post) for post in (posts[0], posts[-1])]
        for number in range(6):
            scene.clock.forward(timedelta(seconds=1))
            scene.town.say(scene.tom, f"@anna {number}")
        scene.town.depth = 4

        batches = scene.look()

        assert scene.town.calls.count("look") == 2
        assert {named(TOWN, one.id) for one in answers} <= set(brought(batches))

    def test_direct_messages_have_no_other_place_so_the_gap_is_said(self, scene: Scene) -> None:
        scene.look()
        for number in range(4):
            scene.town.say(scene.acme, f"{number}", direct_to=scene.anna)
        scene.town.depth_direct = 2

        batches = scene.look()

        assert notes(batches) == [
            "main: town no longer shows all direct messages since the last look; some may be missing"
        ]


class TestAskingOnceMore:
    def test_a_conversation_that_was_looked_through_is_seen_and_brings_what_it_holds(self, scene: Scene) -> None:
        asked = scene.asked()
        answer = scene.town.say(scene.acme, "Zwei Tage.", under=asked)
        scene.town.say(scene.anna, "Danke", under=answer)

        verified = scene.channel.verify(scene.standing)

        assert [one.remote_id for one in verified.messages] == [named(TOWN, answer.id)]
        assert verified.seen == {named(TOWN, asked.id)}
        assert not verified.unseen

    def test_one_that_cannot_be_seen_is_said_with_the_reason(self, scene: Scene) -> None:
        one, other = scene.asked(), scene.asked()
        scene.town.unseen[one.id] = "older than 7 days"

        verified = scene.channel.verify(scene.standing)

        assert verified.seen == {named(TOWN, other.id)}
        assert verified.unseen == {named(TOWN, one.id): "older than 7 days"}

    def test_one_the_platform_says_nothing_about_is_not_seen(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        one = scene.asked()
        honest = scene.platform.look
        monkeypatch.setattr(
            scene.platform, "look", lambda *given, **more: replace(honest(*given, **more), seen=frozenset())
        )

        verified = scene.channel.verify(scene.standing)

        assert verified.seen == frozenset()
        assert verified.unseen == {named(TOWN, one.id): "the platform says nothing about it"}

    def test_direct_ones_are_seen_where_all_direct_messages_are_read(self, scene: Scene) -> None:
        post = scene.town.say(scene.anna, "Frage?", direct_to=scene.acme)
        answer = scene.town.say(scene.acme, "Antwort", direct_to=scene.anna)
        thread = Thread(remote_id=named(TOWN, post.id), target="@acme", asked_at=post.at, direct=True)

        verified = scene.channel.verify([thread])

        assert [one.remote_id for one in verified.messages] == [named(TOWN, answer.id)]
        assert verified.seen == {thread.remote_id}

    def test_where_direct_messages_are_not_read_their_silence_says_nothing(self) -> None:
        scene = Scene(direct=False)
        post = scene.town.say(scene.anna, "Frage?", direct_to=scene.acme)
        thread = Thread(remote_id=named(TOWN, post.id), target="@acme", asked_at=post.at, direct=True)

        verified = scene.channel.verify([thread])

        assert verified.seen == frozenset()
        assert verified.unseen == {thread.remote_id: "direct messages are not read (key direct)"}

    def test_a_platform_that_does_not_answer_verifies_nothing(self, scene: Scene) -> None:
        scene.asked()
        scene.town.failing["look"] = AWAY

        with pytest.raises(ChannelUnavailableError):
            scene.channel.verify(scene.standing)
