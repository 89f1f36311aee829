"""Everything that goes wrong at X while two hundred questions run: every verdict right, nothing posted twice or lost.

The truth is the practice X's own posts. `pytest -s` prints the tables.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from slawatch.model import Delivery, Outcome, Verdict
from slawatch.practice.x.faults import Fault
from slawatch.usecases.outcomes import standing
from tests import x_manners as manners
from tests.x_manners import Far, Judged, judged, table
from tests.x_stage import XStage, company, x_stages

MEMORY = Path("/dev/shm")  # where there is such a place, no commit waits for a disk that tests share
MILLISECOND = timedelta(milliseconds=1)
COMPANIES = 48
DAYS = 5
EVERY = timedelta(minutes=15)
MANNERS = (
    manners.answers(minutes=3, milliseconds=417),
    manners.answers(hours=7, milliseconds=1),
    manners.hands_off,
    manners.after_trolls,
    manners.edits,
    manners.never,
    manners.asks_back,
    manners.answers_late(days=5, hours=3),
)
HANGS = frozenset({Fault.HANG, Fault.HANG_AFTER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Storm:
    """What a run with faults came to. `outcomes` are all, also of what never left."""

    here: XStage
    far: Far
    outcomes: dict[int, Outcome]
    found: list[Judged]
    hits: Counter[str]


@pytest.fixture(scope="module")
def storm() -> Iterator[Storm]:
    with TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder, x_stages(Path(folder)) as opening:
        keys = [f"shop_{number}" for number in range(COMPANIES)]
        here = opening(
            *(company(key, target='every = "1 d"\nlate = "30 d"') for key in keys),
            more='timeout = "1 s"\nmonth_max = 0',
        )
        far = Far(here.x, here.us)
        for number, key in enumerate(keys):
            far.add(key, MANNERS[number % len(MANNERS)])
        yield weathered(here, far)


def weathered(here: XStage, far: Far) -> Storm:
    """Let one fault after the other strike four of ten reads and writes, for three hours each.

    Whoever is needed to go on resumes within the hour.
    """
    hits: Counter[str] = Counter()
    kinds = list(Fault)
    end = here.clock.now() + timedelta(days=DAYS)
    while here.clock.now() < end:
        kind = kinds[0]
        kinds = [*kinds[1:], kind]
        few = 2 if kind in HANGS else -1
        rules = [
            here.x.faults.add(kind, "GET *", times=few, chance=0.4),
            here.x.faults.add(kind, "POST *", times=few, chance=0.4),
        ]
        for _ in range(3):
            here.tick_until(here.clock.now() + timedelta(hours=1), every=EVERY)
            for scope in here.world.store.paused():
                here.world.store.resume(scope)
        hits[str(kind)] += sum(rule.hits for rule in rules)
        here.x.faults.clear()
    here.world.store.pause("*", "enough")
    here.tick_until(here.clock.now() + timedelta(days=6), every=timedelta(hours=2))
    requests = here.requests()
    outcomes = standing(here.world, requests)
    sent = [one for one in requests if one.delivery is Delivery.SENT]
    found = judged(far.truths, sent, outcomes)
    print(f"\n{table(found)}\n\n{dict(hits)}")
    print(Counter(str(one.delivery) for one in requests), dict(here.x.calls))
    return Storm(here=here, far=far, outcomes=outcomes, found=found, hits=hits)


def test_every_fault_has_struck(storm: Storm) -> None:
    assert {kind for kind in Fault if not storm.hits[str(kind)]} == set()


def test_nothing_is_posted_twice(storm: Storm) -> None:
    posts = [post for post in storm.here.ours() if post.reply_to is None]
    assert len(posts) >= 200
    assert len({post.text for post in posts}) == len(posts)
    under = Counter(post.conversation for post in storm.here.ours() if post.reply_to is not None)
    assert set(under.values()) == {1}


def test_nothing_that_stands_there_is_lost(storm: Storm) -> None:
    assert {one.request.remote_id for one in storm.found} == set(storm.far.truths)


def test_what_is_not_there_counts_for_nothing(storm: Storm) -> None:
    others = [one for one in storm.here.requests() if one.delivery is not Delivery.SENT]
    verdicts = {storm.outcomes[one.id].verdict for one in others if one.id in storm.outcomes}
    assert verdicts <= {Verdict.VOID}
    said = {post.text for post in storm.here.ours()}  # what X has refused is not there, and may be asked another time
    unsaid = [one for one in others if one.delivery is not Delivery.REFUSED]
    assert said.isdisjoint(f"{one.target} {one.text.body}" for one in unsaid)


def test_every_verdict_is_right(storm: Storm) -> None:
    assert [f"{one.truth.company} {one.request.public_id}: {one.wrong}" for one in storm.found if one.wrong] == []


def test_waits_are_right_to_the_millisecond(storm: Storm) -> None:
    off = [each for one in storm.found for each in one.off]
    assert len(off) > 150
    assert max(off) <= MILLISECOND
