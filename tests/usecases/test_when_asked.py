"""When is asked: after days off, in matched sets, at hours drawn by chance, and never twice for one slot."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slawatch.dayparts import hour_of_week
from slawatch.model import Slot, SlotState
from slawatch.usecases.control import pause, resume, scope_of
from slawatch.usecases.plan import lay_out, preview, seed_of
from slawatch.usecases.tick import tick
from tests.stages import ACCOUNT, Opening, Stage, company, stages

BERLIN = "Europe/Berlin"
RANDOM = 'random = { times = 3, per = "28 d" }'
FORTNIGHTLY = 'every = "14 d"'
SET = """
[company.shop]
name = "shop"
relationship = "own"
language = "de"
matched = true
{schedule}
[[company.shop.target]]
channel = "email"
address = "service@shop.example"
[[company.shop.target]]
channel = "email"
address = "sales@shop.example"
[[company.shop.target]]
channel = "email"
address = "office@shop.example"
"""


def everybody(schedule: str, number: int) -> list[str]:
    return [company(f"shop{one:02}", schedule=schedule, relationship="own") for one in range(number)]


def hours_asked(here: Stage) -> list[tuple[int, int]]:
    return [hour_of_week(one.accepted_at or one.intended_at, one.zone) for one in here.requests()]


def run(here: Stage, *, days: float, answered: bool = False) -> None:
    """Do a pass whenever a slot is ready, and one in two days at least, as the slots ahead are laid out by passes."""
    now, end = here.clock.now(), here.clock.now() + timedelta(days=days)
    while now < end:
        done = len(here.far.departures)
        tick(here.world)
        for departure in here.far.departures[done:] if answered else ():
            here.far.answer(departure.request, "Wir liefern in zwei Tagen.")
        ready = [slot.put_off_until or slot.due_at for slot in here.world.store.slots(state=SlotState.PLANNED)]
        coming = min((at for at in ready if at > now), default=end)
        here.clock.forward(min(coming, now + timedelta(days=2), end) - now)
        now = here.clock.now()


# --- after days off ---


def test_after_ten_days_off_what_is_long_overdue_waits_for_its_own_hour_and_not_all_ask_at_once(stage: Opening) -> None:
    here = stage(*everybody('every = "28 d"', 20))
    lay_out(here.world)
    planned = {slot.company: slot for slot in here.world.store.slots()}
    here.forward(days=10)

    tick(here.world)
    assert not here.far.departures  # all fell due on the first day, nine days ago
    waiting = here.world.store.slots(state=SlotState.PLANNED)
    assert {slot.why for slot in waiting if slot.put_off_until} == {
        "nobody asked for 9 days; it waits for its hour of the week"
    }

    run(here, days=5)
    asked = here.requests()
    assert len(asked) == 20
    for request in asked:
        assert hour_of_week(request.intended_at, BERLIN) == hour_of_week(planned[request.company].due_at, BERLIN)


def test_after_ten_days_off_nobody_is_asked_twice_in_a_row(stage: Opening) -> None:
    here = stage(*everybody('every = "1 d"', 10))
    lay_out(here.world)
    here.forward(days=10)

    run(here, days=2)

    by_company = Counter(one.company for one in here.requests())
    assert set(by_company.values()) <= {2, 3}
    closed = here.world.store.slots(state=SlotState.CLOSED)
    assert {slot.why for slot in closed} == {"sent", "nobody asked in time; the next slot takes its place"}


def test_what_is_late_by_hours_only_is_asked_at_once(stage: Opening) -> None:
    here = stage(company(schedule=FORTNIGHTLY))
    lay_out(here.world)
    (slot,) = here.world.store.slots(due_until=here.clock.now() + timedelta(days=1))
    here.clock.forward(slot.due_at - here.clock.now() + timedelta(hours=47))

    tick(here.world)

    assert len(here.far.departures) == 1


def test_after_a_long_pause_there_is_no_rush(stage: Opening) -> None:
    here = stage(*everybody('cron = "0 9 * * Mon"', 5))
    lay_out(here.world)
    pause(here.world, scope_of(here.world), "holidays")
    run(here, days=5)
    resume(here.world, scope_of(here.world))

    tick(here.world)
    assert not here.far.departures
    run(here, days=7)

    assert set(hours_asked(here)) == {(0, 9)}
    assert len(here.far.departures) == 5


# --- by chance ---


def test_half_a_year_by_chance_keeps_every_limit_and_every_hour_it_was_drawn_for(stage: Opening) -> None:
    here = stage(company(schedule=RANDOM))
    run(here, days=190, answered=True)

    asked = here.requests()
    assert len(asked) >= 15
    assert hours_asked(here) == [hour_of_week(one.due_at, one.zone) for one in asked]
    assert all(later.intended_at - one.intended_at >= timedelta(days=7) for one, later in pairwise(asked))
    weekend = sum(day >= 5 for day, _ in hours_asked(here))
    assert weekend >= len(asked) // 4


def test_what_a_limit_holds_back_keeps_its_hour_of_the_week(stage: Opening) -> None:
    here = stage(company(schedule='random = { times = 1, per = "56 d" }'))
    lay_out(here.world, here.clock.now() + timedelta(days=112))
    first = here.world.store.slots(state=SlotState.PLANNED)[0]
    here.clock.forward(first.due_at - here.clock.now() - timedelta(days=2))
    lay_out(here.world)
    hand_made = Slot(
        key="by hand",
        company="shop",
        channel="email",
        target="service@shop.example",
        account="main",
        due_at=here.clock.now() - timedelta(minutes=1),
        zone=BERLIN,
    )
    here.world.store.add_slots([hand_made])
    tick(here.world)
    assert len(here.far.departures) == 1  # five days of cool-down are left when the drawn hour comes

    here.forward(days=2, minutes=1)
    tick(here.world)

    (held,) = [one for one in here.world.store.slots(state=SlotState.PLANNED) if one.key == first.key]
    assert held.put_off_until is not None
    assert held.put_off_until > here.clock.now() + timedelta(days=4)
    assert hour_of_week(held.put_off_until, BERLIN) == hour_of_week(first.due_at, BERLIN)


# --- matched sets ---


def test_a_matched_set_asks_one_question_on_every_way_a_week_apart_at_the_same_hour(stage: Opening) -> None:
    here = stage(SET.format(schedule='random = { times = 1, per = "28 d" }'))
    run(here, days=120)

    asked: dict[str, list[tuple[datetime, str]]] = {}
    for one in here.requests():
        local = one.due_at.astimezone(ZoneInfo(BERLIN)).replace(tzinfo=None)
        asked.setdefault(one.target.partition("@")[0], []).append((local, one.text.probe))
    week = timedelta(days=7)
    sets = [
        [(at, probe) for at, probe in asked["service"]],
        [(at - week, probe) for at, probe in asked["sales"]],
        [(at - 2 * week, probe) for at, probe in asked["office"]],
    ]
    whole = set(sets[0]) & set(sets[1]) & set(sets[2])
    assert len(whole) >= 3
    # Where all three were asked at the times of one set, they were asked the same.
    assert {at for at, _ in whole} == set.intersection(*({at for at, _ in one} for one in sets))
    assert len({probe for _, probe in whole}) > 1  # the sets among themselves differ


def test_the_plan_foretells_the_question_of_a_set(stage: Opening) -> None:
    here = stage(SET.format(schedule='cron = "0 9 1 * *"'))
    until = here.clock.now() + timedelta(days=27)
    lay_out(here.world, until)

    foretold = {one.slot.key: one.text.probe for one in preview(here.world, until) if one.text}
    assert len(foretold) == 3
    assert len(set(foretold.values())) == 1
    run(here, days=26)

    assert {one.text.probe for one in here.requests()} == set(foretold.values())


# --- the seed ---


def test_two_installations_ask_at_different_times_and_each_keeps_its_own(stage: Opening) -> None:
    here = stage(company(schedule=FORTNIGHTLY))
    lay_out(here.world)
    made = seed_of(here.world)
    (slot,) = here.world.store.slots()

    assert len(made) == 8
    later = stage()
    later.forward(days=1)
    lay_out(later.world)
    assert seed_of(later.world) == made
    assert later.world.store.slots()[0].key == slot.key


def test_a_plan_that_began_before_there_were_seeds_keeps_its_times(stage: Opening) -> None:
    here = stage(company(schedule=FORTNIGHTLY))
    here.world.store.set_meta("plan_started", here.clock.now().isoformat())

    lay_out(here.world)

    assert seed_of(here.world) == ""
    assert here.world.store.meta("plan_seed") is None


# --- a slot is one, whatever is planned again ---


@settings(deadline=None, max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(
                [
                    RANDOM,
                    FORTNIGHTLY,
                    'cron = "30 2 * * *"',
                    'cron = "30 2 * * *"\njitter = "40 min"',
                    'every = "1 d"\njitter = "3 h"',
                    'random = { times = 14, per = "7 d" }',
                ]
            ),
            st.sampled_from(["", 'seed = "one"\n', 'seed = "two"\n']),
            st.timedeltas(timedelta(0), timedelta(days=9)),
            st.timedeltas(timedelta(hours=1), timedelta(days=30)),
        ),
        min_size=2,
        max_size=5,
    )
)
def test_however_often_and_with_whatever_config_is_planned_a_slot_is_one(
    steps: list[tuple[str, str, timedelta, timedelta]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    with stages(tmp_path_factory.mktemp("plan")) as open_stage:
        here = open_stage(company(schedule=steps[0][0], relationship="own"))
        keys: dict[str, datetime] = {}
        for schedule, seed, wait, ahead in steps:
            path = here.world.config.path
            path.write_text(seed + ACCOUNT + company(schedule=schedule, relationship="own"), encoding="utf-8")
            here = open_stage()
            until = here.clock.now() + ahead
            lay_out(here.world, until)
            again = lay_out(here.world, until)
            assert again == 0  # the same once more adds nothing
            slots = here.world.store.slots()
            for slot in slots:
                assert keys.setdefault(slot.key, slot.due_at) == slot.due_at  # none ever moves, or is another one
            assert len({slot.key for slot in slots}) == len(slots)
            open_ones = [slot.due_at for slot in slots if slot.state is SlotState.PLANNED]
            assert len(set(open_ones)) == len(open_ones)  # nor are two due at one instant
            here.clock.forward(wait)
