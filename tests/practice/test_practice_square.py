"""The companies on the practice X: the same from the same seed, each in its manner, and measured to the millisecond."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from slawatch import app
from slawatch.channels.twitter import wording
from slawatch.model import MessageKind, Request, Verdict, Writer
from slawatch.practice.companies import COMPANIES
from slawatch.practice.demo import config_text, lay_out
from slawatch.practice.instants import EACH, WEEKS
from slawatch.practice.square import ACCOUNT, HANDLE, PASSERS_BY, PUBLIC, Square
from slawatch.practice.x.people import Post
from slawatch.testing import FakeClock
from slawatch.usecases import in_public
from slawatch.usecases.collect import Collecting, collect
from slawatch.usecases.outcomes import standing
from slawatch.usecases.posts import Posts
from slawatch.usecases.send import Sending
from slawatch.usecases.world import World
from tests.practice.far_side import UNTIL, letters, probes

MILLISECOND = timedelta(milliseconds=1)
HOUR = timedelta(hours=1)
ALL = {one.key: one for one in PUBLIC}


@dataclass(frozen=True)
class Town:
    """A square with its history, and the store it was laid out in."""

    square: Square
    world: World
    requests: list[Request]
    clock: FakeClock

    @property
    def posts(self) -> list[Post]:
        return sorted(self.square.x.posts.values(), key=lambda one: one.number)

    def asked(self, key: str) -> list[Request]:
        return [one for one in self.requests if one.company == key]

    def replies(self, request: Request) -> list[Post]:
        number = int(request.remote_id.removeprefix("twitter:"))
        return [one for one in self.posts if one.reply_to is not None and one.reply_to.number == number]

    def by(self, key: str) -> list[Post]:
        """What was posted to a company's questions."""
        return [one for request in self.asked(key) for one in self.replies(request)]


@contextmanager
def town(folder: Path, seed: str = "slawatch") -> Iterator[Town]:
    """Lay out four weeks up to UNTIL."""
    clock = FakeClock(UNTIL)
    square = Square(clock, letters(), seed)
    with square:
        path = folder / "config.toml"
        path.touch(mode=0o600)
        path.write_text(config_text(COMPANIES, 1, 2, square), encoding="utf-8")
        with app.world(path, clock=clock) as world:
            requests = square.make(world.config, probes(), until=UNTIL)
            lay_out(world, square, requests, until=UNTIL)
            yield Town(square, world, requests, clock)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town(tmp_path_factory.mktemp("square")) as found:
        yield found


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """The same, read through the real channel; then companies have deleted, and it was looked for that."""
    with town(tmp_path_factory.mktemp("read")) as found:
        collect(found.world, [ACCOUNT])
        found.square.take_down()
        in_public.look_after(found.world, Collecting(), Sending(), accounts=[ACCOUNT])
        yield found


def told(one: Post) -> tuple[object, ...]:
    return one.number, one.author.handle, one.text, one.at, one.reply_to.number if one.reply_to else None


def test_the_same_seed_makes_the_same_posts_to_the_millisecond(made: Town, tmp_path: Path) -> None:
    with town(tmp_path) as again:
        assert [told(one) for one in again.posts] == [told(one) for one in made.posts]
        assert [one.remote_id for one in again.requests] == [one.remote_id for one in made.requests]


def test_another_seed_makes_others(made: Town, tmp_path: Path) -> None:
    with town(tmp_path, "autumn") as other:
        assert {one.at for one in other.posts}.isdisjoint(one.at for one in made.posts)


def test_each_company_is_asked_over_four_weeks_and_never_twice_within_an_hour(made: Town) -> None:
    assert Counter(one.company for one in made.requests) == dict.fromkeys(ALL, EACH)
    for key in ALL:
        at = [one.intended_at for one in made.asked(key)]
        assert UNTIL - timedelta(weeks=WEEKS) <= at[0]
        assert at[-1] <= UNTIL
        assert all(later - earlier >= HOUR for earlier, later in pairwise(at))


def test_every_post_fits_and_no_question_is_worded_twice_to_one_company_within_a_day(made: Town) -> None:
    assert max(wording.length(one.text) for one in made.posts) <= 280
    for key in ALL:
        asked = made.asked(key)
        for earlier, later in pairwise(asked):
            assert earlier.text.body != later.text.body


def test_answers_are_worded_differently(made: Town) -> None:
    for key, one in ALL.items():
        if any(step.letter == "answer" for step in one.steps):
            texts = [post.text for post in made.by(key) if post.author.handle not in PASSERS_BY]
            assert len(set(texts)) == len(texts) > EACH / 2, key


def test_each_does_what_its_manner_says(made: Town) -> None:
    for key, one in ALL.items():
        wrote = {post.author.handle for post in made.by(key)}
        wanted = {one.helper or one.handle} if any(step.letter != "troll" for step in one.steps) else set()
        assert wrote - set(PASSERS_BY) == wanted, key
        assert bool(wrote & set(PASSERS_BY)) is any(step.letter == "troll" for step in one.steps), key
    assert made.by("silent-sofa") == []


def test_passers_by_are_mostly_faster_than_the_company_they_speak_of(made: Town) -> None:
    first = [found[0].author.handle for request in made.asked("copperfield-books") if (found := made.replies(request))]

    assert sum(handle in PASSERS_BY for handle in first) > len(first) / 2


def test_the_prompt_one_is_prompt_and_the_slow_one_slow(made: Town) -> None:
    def waits(key: str) -> list[timedelta]:
        return sorted(one.at - one.reply_to.at for one in made.by(key) if one.reply_to)

    assert waits("morgentau-tee")[-1] < timedelta(minutes=5)
    assert waits("waldhaus-moebel")[len(waits("waldhaus-moebel")) // 2] > timedelta(hours=2)


def test_what_is_measured_is_what_was_done_to_the_millisecond(read: Town) -> None:
    outcomes = standing(read.world, read.world.store.requests())
    kept = {one.remote_id: one for one in read.world.store.requests()}
    measured = 0
    for request in read.requests:
        by_them = [one for one in read.replies(request) if one.author.handle not in PASSERS_BY and one.at <= UNTIL]
        outcome = outcomes[kept[request.remote_id].id]
        if not by_them:
            assert outcome.verdict in {Verdict.MISSED, Verdict.PENDING}
            continue
        assert outcome.first_response is not None
        true = _whole(by_them[0].at) - request.intended_at
        assert abs(outcome.first_response.length - true) <= MILLISECOND, request.company
        assert outcome.first_response.shorter + outcome.first_response.longer <= 4 * MILLISECOND
        measured += 1
    assert measured > EACH * 4


def _whole(at: datetime) -> datetime:
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def test_each_comes_out_as_what_it_is(read: Town) -> None:
    kinds = {
        "morgentau-tee": {MessageKind.ANSWER},
        "harbour-bikes": {MessageKind.ANSWER},
        "copperfield-books": {MessageKind.ANSWER},
        "waldhaus-moebel": {MessageKind.ANSWER},
        "nordlicht-strom": {MessageKind.HANDOFF},
        "brightwater-pools": {MessageKind.ANSWER},
        "silent-sofa": set(),
    }
    found = read.world.store.replies()
    for key in ALL:
        replies = [one for request in read.world.store.requests(company=key) for one in found.get(request.id, [])]
        counted = [one for one in replies if one.counts]
        others = [one for one in replies if not one.counts]
        assert {one.kind for one in counted} == kinds[key], key
        assert {one.written_by.writer for one in others} == (
            {Writer.BYSTANDER} if key == "copperfield-books" else set()
        )
    assert read.world.store.waiting_for_review() == []


def test_deleted_answers_keep_their_time_and_lose_their_words(read: Town) -> None:
    found = read.world.store.replies()
    requests = read.world.store.requests(company="brightwater-pools")
    ids = [one.message_id for request in requests for one in found.get(request.id, [])]
    messages = read.world.store.messages(ids=ids)
    gone = [one for one in messages if one.gone_at is not None]
    posts = Posts(read.world)

    assert gone
    assert all(one.purged_at is not None for one in gone)
    assert all(UNTIL - one.stamps.at >= timedelta(days=7) for one in gone), "looked for once, a week later"
    assert {(shown.who, shown.text) for one in gone if (shown := posts.shown(one))} == {("@brightwaterpool", "")}
    outcomes = standing(read.world, requests)
    of_gone = [
        request
        for request in requests
        if {one.message_id for one in found.get(request.id, [])} & {one.id for one in gone}
    ]
    assert {outcomes[one.id].verdict for one in of_gone} == {Verdict.ANSWERED}
    assert read.square.take_down() == 0, "what is deleted is not deleted again"


def test_what_was_deleted_is_no_longer_there_for_others(read: Town) -> None:
    now = read.square.x.now()
    gone = [one for one in read.posts if one.at <= now and one.gone(now)]

    assert gone
    assert {one.author.handle for one in gone} == {"brightwaterpool"}


def test_what_is_yet_to_be_posted_is_not_deleted(tmp_path: Path) -> None:
    with town(tmp_path) as here:
        here.square.take_down()
        for number in range(12):
            here.square.x.post(here.square.us, f"@brightwaterpool Do you repair pumps, too? That is question {number}.")

        assert here.square.take_down() == 0
        here.clock.forward(timedelta(days=3))
        assert here.square.take_down() > 0


def test_we_ask_by_one_handle_and_are_mentioned_by_all(made: Town) -> None:
    assert {one.author.handle for one in made.posts if one.reply_to is None} == {HANDLE}
    assert all(f"@{HANDLE}" in one.text for one in made.posts if one.reply_to is not None)
