"""What the plan foretells: hours of the week, work against limits, and when an objective can be decided."""

from __future__ import annotations

from datetime import timedelta

import pytest

from slawatch.model import Measure, ObjectiveKind
from slawatch.usecases.collect import collect
from slawatch.usecases.outlook import Decidable, Outlook, outlook
from slawatch.usecases.plan import lay_out, preview
from slawatch.usecases.report import scheduled
from slawatch.usecases.tick import tick
from tests.stages import Opening, Stage, company

SHARE = 'answer = { share = 0.9, within = "24 h" }\nfirst_response = "none"'
MEAN = 'answer = "none"\nfirst_response = { mean = "1 h" }'


def ahead(here: Stage, days: float = 28) -> Outlook:
    until = here.clock.now() + timedelta(days=days)
    lay_out(here.world, until)
    return outlook(here.world, preview(here.world, until))


def only(found: Outlook) -> Decidable:
    (one,) = found.decidable
    return one


def asked_weekly(here: Stage, times: int, *, answer_after: timedelta | None) -> None:
    for _ in range(times):
        tick(here.world)
        here.forward(days=1)
        tick(here.world)
        if answer_after is not None:
            here.clock.forward(answer_after)
            here.far.answer(here.far.departures[-1].request, "Wir liefern in zwei Tagen.")
            collect(here.world)
        here.forward(days=6)
    collect(here.world)


def test_without_any_answer_35_in_time_or_two_misses_decide_nine_in_ten(stage: Opening) -> None:
    here = stage(company(schedule='cron = "0 9 * * Mon"', relationship="own", extra=SHARE))

    one = only(ahead(here))

    assert (one.objective.measure, one.objective.kind) == (Measure.ANSWER, ObjectiveKind.SHARE)
    assert (one.n, one.met_after, one.missed_after) == (0, 35, 2)
    first = here.world.store.slots()[0].due_at
    assert one.missed_on == first + timedelta(days=7) + timedelta(hours=24)
    assert one.met_on is not None
    assert abs(one.met_on - (first + 34 * timedelta(days=7) + timedelta(hours=24))) <= timedelta(hours=1)


def test_limits_slow_the_pace_down(stage: Opening) -> None:
    daily = 'cron = "0 9 * * *"'
    free = only(ahead(stage(company(schedule=daily, relationship="own", extra=SHARE))))
    held = only(ahead(stage(company(schedule=daily, relationship="public_interest", extra=SHARE))))

    assert free.met_after == held.met_after == 35
    assert free.met_on is not None
    assert held.met_on is not None
    assert held.met_on - free.met_on > timedelta(days=200)  # a week between any two, and twelve in a quarter


def test_what_is_proven_needs_no_date(stage: Opening) -> None:
    here = stage(company(schedule='every = "7 d"', relationship="own", extra=SHARE))
    asked_weekly(here, 4, answer_after=None)

    one = only(ahead(here))

    assert (one.decided, one.met_after, one.missed_after) == ("not met", None, None)


def test_a_mean_is_foretold_on_the_side_where_it_is(stage: Opening) -> None:
    here = stage(company(schedule='every = "7 d"', relationship="own", extra=MEAN))
    assert (only(ahead(here)).met_after, only(ahead(here)).missed_after) == (None, None)  # nothing can be said yet
    asked_weekly(here, 3, answer_after=timedelta(minutes=5))
    asked_weekly(here, 5, answer_after=timedelta(minutes=240))

    one = only(ahead(here))

    assert one.n == 8
    assert one.decided or one.missed_after
    assert one.met_after is None


def test_the_work_counts_what_went_before(stage: Opening) -> None:
    here = stage(company(schedule='cron = "0 9 * * *"'))
    asked_weekly(here, 2, answer_after=timedelta(minutes=5))

    (burden,) = ahead(here).burdens

    assert burden.minutes == 6 * burden.requests
    assert burden.busiest == 4  # the two of the last weeks and the first two to come; then the month is full
    assert burden.limit == 8
    assert burden.held_back > burden.requests


def test_the_map_counts_by_the_companys_own_clock(stage: Opening) -> None:
    here = stage(company(schedule='cron = "30 23 * * Sat"', extra='timezone = "Asia/Kathmandu"', relationship="own"))

    week = ahead(here).week

    assert week.cells[5][23] == week.total == week.weekend == week.night == 4


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        ('random = { times = 3, per = "28 d" }', "random, 3 in 28 d"),
        ('every = "7 d"', "every 7 d"),
        ('cron = "0 9 * * Mon"', "cron 0 9 * * Mon"),
        ("", "audit"),
    ],
)
def test_a_report_says_by_which_plan_was_asked(stage: Opening, schedule: str, words: str) -> None:
    (target,) = stage(company(schedule=schedule)).world.company("shop").targets

    assert scheduled(target) == words
