"""The machine's clock is set while slawatch works: that is noticed and told, waits are widened, nobody is bothered."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from slawatch.clock import SystemClock
from slawatch.jumps import Reading
from slawatch.model import ZERO, SlotState, Verdict
from slawatch.testing import FakeClock
from slawatch.usecases import clocks
from slawatch.usecases.tick import tick
from tests.stages import Opening, Stage, company

ANSWER = "Guten Tag, die Lieferung dauert drei Werktage, ich habe es im Lager erfragt. Ihr J. Ott"
MONDAYS = 'cron = "0 9 * * Mon"'


class Machine:
    """A machine whose clock on the wall can be set; the other one goes on as time does."""

    def __init__(self, here: Stage) -> None:
        self._here = here
        self._set_by = ZERO

    def set(self, by: timedelta) -> None:
        self._set_by += by
        self._here.clock._now += by

    def reading(self, _world: object) -> Reading:
        wall = self._here.clock.now()
        return Reading(boot="one", wall=wall, up=wall - FakeClock().now() - self._set_by)


@pytest.fixture
def here(stage: Opening) -> Stage:
    return stage(company(schedule=MONDAYS, relationship="own"))


@pytest.fixture
def machine(here: Stage, monkeypatch: pytest.MonkeyPatch) -> Machine:
    found = Machine(here)
    monkeypatch.setattr(clocks, "reading", found.reading)
    return found


def ask(here: Stage) -> None:
    tick(here.world)
    here.forward(days=1, hours=7)
    tick(here.world)


def test_a_wait_over_a_jump_is_widened_and_people_are_told_of_it(here: Stage, machine: Machine) -> None:
    ask(here)
    here.forward(minutes=10)
    machine.set(timedelta(hours=3))
    tick(here.world)
    here.forward(minutes=50)
    here.far.answer(here.the_request(), ANSWER)

    outcome = here.outcome()

    assert outcome.first_response is not None
    assert outcome.first_response.length == timedelta(hours=4)
    assert outcome.first_response.shorter >= timedelta(hours=3)
    assert outcome.first_response.longer < timedelta(minutes=1)
    assert next(one.words for one in here.news if one.what == "clock-set").startswith(
        "the machine's clock was set forward by 3 h, between "
    )
    assert [one.kind for one in here.world.store.events(FakeClock().now()) if one.kind == "clock"] == ["clock"]


def test_a_clock_that_goes_as_it_should_is_no_news(here: Stage, machine: Machine) -> None:
    ask(here)

    assert here.world.store.jumps() == []
    assert "clock-set" not in {one.what for one in here.news}


def test_a_clock_set_forward_by_more_than_the_window_makes_nobody_miss_it(here: Stage, machine: Machine) -> None:
    ask(here)
    machine.set(timedelta(days=8))
    tick(here.world)

    request = here.requests()[0]
    assert here.outcome(request).verdict is Verdict.PENDING
    here.forward(days=8)
    assert here.outcome(request).verdict is Verdict.MISSED


def test_months_forward_ask_each_target_once_and_not_for_every_week_between(here: Stage, machine: Machine) -> None:
    ask(here)
    machine.set(timedelta(days=90))
    tick(here.world)
    tick(here.world)

    assert len(here.requests()) <= 2
    due = here.world.store.slots(state=SlotState.PLANNED, due_until=here.clock.now())
    assert len(due) <= 1


def test_a_week_back_asks_nobody_for_the_same_monday_again(here: Stage, machine: Machine) -> None:
    ask(here)
    machine.set(timedelta(days=-7))
    for _ in range(16):
        tick(here.world)
        here.forward(hours=12)

    slots = [request.due_at for request in here.requests()]
    assert len(slots) == len(set(slots))
    assert len(slots) <= 2


def test_the_machine_itself_tells_both_clocks_and_they_go_alike(here: Stage) -> None:
    world = replace(here.world, clock=SystemClock())
    before, after = clocks.reading(world), clocks.reading(world)

    assert before is not None
    assert after is not None
    assert abs((after.wall - before.wall) - (after.up - before.up)) < timedelta(seconds=1)
    assert clocks.reading(here.world) is None
