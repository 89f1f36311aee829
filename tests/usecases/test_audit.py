"""An audit: asks once, looks until all is settled, can be interrupted and taken up again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from slawatch.config import Target
from slawatch.errors import UsageError
from slawatch.model import Campaign, SlotState, Verdict
from slawatch.testing import FakeClock
from slawatch.usecases import audit
from slawatch.usecases.audit import Progress
from tests.stages import Opening, Stage, company

ANSWER = "Guten Tag, wir liefern in zwei Tagen, jedes Paket lässt sich verfolgen. Ihr J. Ott"


class BusyClock(FakeClock):
    """A clock during whose sleep the world goes on: `meanwhile` is called after each."""

    def __init__(self, clock: FakeClock, meanwhile: Callable[[], None]) -> None:
        super().__init__(clock.now())
        self._clock = clock
        self._meanwhile = meanwhile

    def now(self) -> datetime:
        return self._clock.now()

    def sleep(self, seconds: float) -> None:
        self._clock.sleep(seconds)
        self._meanwhile()


def targets(here: Stage) -> list[Target]:
    return [target for one in here.world.config.companies.values() for target in one.targets]


def run(here: Stage, campaign: Campaign, meanwhile: Callable[[], None]) -> tuple[Progress, list[Progress]]:
    shown: list[Progress] = []
    world = replace(here.world, clock=BusyClock(here.clock, meanwhile))
    return audit.run(world, campaign, show=shown.append), shown


def begin(here: Stage, *, over: timedelta = timedelta(0), until: datetime | None = None) -> Campaign:
    return audit.start(here.world, targets(here), over=over, until=until, name="test")


def test_it_ends_when_every_company_has_answered(stage: Opening) -> None:
    here = stage(company("one"), company("two"))
    campaign = begin(here)

    def meanwhile() -> None:
        if here.clock.now() - campaign.started_at == timedelta(minutes=20):
            for departure in here.far.departures:
                here.far.answer(departure.request, ANSWER)

    last, shown = run(here, campaign, meanwhile)

    assert last.settled
    assert [outcome.verdict for _, outcome in last.requests if outcome] == [Verdict.ANSWERED, Verdict.ANSWERED]
    assert here.clock.now() - campaign.started_at == timedelta(minutes=20)
    assert shown[0].requests
    ended = here.world.store.campaign(campaign.id)
    assert ended is not None
    assert ended.ended_at == here.clock.now()


def test_it_ends_at_its_until_with_what_is_open_shown_as_open(stage: Opening) -> None:
    here = stage(company())
    campaign = begin(here, until=here.clock.now() + timedelta(hours=2))

    last, _ = run(here, campaign, lambda: None)

    assert here.clock.now() - campaign.started_at == timedelta(hours=2)
    ((_, outcome),) = last.requests
    assert outcome is not None
    assert outcome.verdict is Verdict.PENDING
    assert outcome.first_response is not None
    assert not outcome.first_response.ended


def test_without_until_silence_ends_it_when_the_window_has_passed(stage: Opening) -> None:
    here = stage(company())
    campaign = begin(here)

    last, _ = run(here, campaign, lambda: here.forward(hours=3))

    ((_, outcome),) = last.requests
    assert outcome is not None
    assert outcome.verdict is Verdict.MISSED
    assert here.clock.now() - campaign.started_at >= timedelta(days=7)


def test_it_spreads_its_requests_over_the_time_it_is_given(stage: Opening) -> None:
    here = stage(*(company(f"shop{number}") for number in range(4)))
    campaign = begin(here, over=timedelta(hours=4), until=here.clock.now() + timedelta(hours=5))

    run(here, campaign, lambda: None)

    begun = campaign.started_at
    assert [one.at - begun for one in here.far.departures] == [timedelta(hours=hour) for hour in range(4)]


def test_interrupted_it_is_taken_up_again_and_asks_nobody_twice(stage: Opening) -> None:
    here = stage(company("one"), company("two"))
    campaign = begin(here)

    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(here, campaign, interrupt)
    later = stage()
    found = later.world.store.campaign()
    assert found is not None
    assert found.ended_at is None
    here.forward(minutes=50)
    for departure in here.far.departures:
        here.far.answer(departure.request, ANSWER)

    last, _ = run(later, found, lambda: None)

    assert last.settled
    assert len(here.far.departures) == 2
    lengths = [outcome.first_response.length for _, outcome in last.requests if outcome and outcome.first_response]
    assert all(timedelta(minutes=50) <= length <= timedelta(minutes=51) for length in lengths)


def test_it_keeps_to_the_limits_of_burden_and_says_what_holds_it_back(stage: Opening) -> None:
    here = stage(company())
    first = begin(here, until=here.clock.now() + timedelta(minutes=2))
    run(here, first, lambda: None)

    second = begin(here, until=here.clock.now() + timedelta(minutes=2))
    last, _ = run(here, second, lambda: None)

    assert len(here.far.departures) == 1
    assert last.requests == ()
    assert last.waiting_slots == 1
    assert any(news.what == "put-off" for news in here.news)


def test_a_pause_is_shown_and_nothing_leaves(stage: Opening) -> None:
    here = stage(company())
    here.world.store.pause("*", "holiday")
    campaign = begin(here, until=here.clock.now() + timedelta(minutes=2))

    last, _ = run(here, campaign, lambda: None)

    assert "holiday" in last.note
    assert here.far.departures == []
    (slot,) = here.world.store.slots(campaign=campaign.id)
    assert (slot.state, slot.why) == (SlotState.CLOSED, f"audit {campaign.id} ended")  # no tick asks it weeks later


def test_a_mailbox_that_is_away_is_tried_after_longer_and_longer_pauses(stage: Opening) -> None:
    here = stage(company())
    campaign = begin(here, until=here.clock.now() + timedelta(hours=1))
    tries: list[datetime] = []
    tell = replace(
        here.world, tell=lambda news: tries.append(here.clock.now()) if "cannot look" in news.words else None
    )

    def leave() -> None:
        here.far.go_away()

    here.forward(seconds=1)
    shown: list[Progress] = []
    audit.run(replace(tell, clock=BusyClock(here.clock, leave)), campaign, show=shown.append)

    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(tries)]
    assert gaps[:5] == [30, 60, 120, 240, 480]
    assert max(gaps) == 600
    assert all("the far side is away" in one.note for one in shown[4:])  # also while it rests


def test_a_bell_that_rings_ends_the_pause(stage: Opening) -> None:
    here = stage(company())
    campaign = begin(here, until=here.clock.now() + timedelta(hours=1))
    waits: list[float] = []

    def wait(seconds: float) -> bool:
        waits.append(seconds)
        if len(waits) == 1:
            here.far.go_away()
        if len(waits) == 8:
            here.far.come_back()
            here.far.answer(here.the_request(), ANSWER)
            here.forward(seconds=3)
            return True
        here.forward(seconds=seconds)
        return False

    last = audit.run(here.world, campaign, show=lambda _: None, wait=wait)

    assert len(waits) == 8
    assert last.settled
    assert last.note == ""


def test_an_audit_of_nobody_is_refused(stage: Opening) -> None:
    here = stage(company())

    with pytest.raises(UsageError, match="no target"):
        audit.start(here.world, [], over=timedelta(0), until=None, name="nobody")


def test_asking_whether_one_runs_leaves_the_folder_as_it_is(stage: Opening) -> None:
    here = stage(company())
    before = sorted(here.world.config.folder.iterdir())

    assert not audit.is_running(here.world)

    assert sorted(here.world.config.folder.iterdir()) == before
    with audit.alone(here.world):
        assert audit.is_running(here.world)
