"""Error budgets in counts: what a period allows, what has happened, and when there is nothing to allow."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slawatch import budget as budgets
from slawatch.budget import Budget, State, budget
from slawatch.model import Measure, Objective, ObjectiveKind, Outcome, Result, Verdict, Wait
from slawatch.objectives import judge
from slawatch.periods import Period

HOUR = timedelta(hours=1)
NOVEMBER = Period(since=datetime(2026, 10, 31, 23, tzinfo=UTC), until=datetime(2026, 11, 30, 23, tzinfo=UTC))


def goal(at_least: float | None) -> Objective:
    kind = ObjectiveKind.MEAN if at_least is None else ObjectiveKind.SHARE
    return Objective(measure=Measure.ANSWER, kind=kind, limit=24 * HOUR, at_least=at_least)


def waits(in_time: int, missed: int, still_open: int = 0) -> list[Wait]:
    return [
        *[Wait(length=24 * HOUR, ended=True)] * in_time,
        *[Wait(length=24 * HOUR, ended=False)] * missed,
        *[Wait(length=23 * HOUR, ended=False)] * still_open,
    ]


def of(at_least: float, *counts: int, warn_at: tuple[float, ...] = (0.8,)) -> Budget:
    found = budget(goal(at_least), waits(*counts), period=NOVEMBER, warn_at=warn_at)
    assert found is not None
    return found


def test_a_tenth_of_thirty_requests_may_miss() -> None:
    found = of(0.9, 26, 2, 2)

    assert (found.n, found.used, found.allowed, found.left, found.undecided) == (30, 2, 3, 1, 2)


@pytest.mark.parametrize(
    ("at_least", "n", "allowed"),
    [
        (0.9, 30, 3),
        (0.9, 29, 2),
        (0.9, 9, 0),
        (0.95, 60, 3),
        (0.7, 10, 3),
        (0.99, 100, 1),
        (2 / 3, 3, 1),
        (1.0, 500, 0),
    ],
)
def test_shares_that_no_binary_fraction_holds_allow_what_they_say(at_least: float, n: int, allowed: int) -> None:
    assert of(at_least, n, 0).allowed == allowed


@pytest.mark.parametrize(
    ("missed", "state", "warned_at"),
    [
        (0, State.OK, None),
        (4, State.OK, None),
        (5, State.WARNED, 0.5),
        (8, State.WARNED, 0.8),
        (10, State.USED_UP, 0.8),
    ],
)
def test_a_warning_comes_before_the_budget_is_used_up(missed: int, state: State, warned_at: float | None) -> None:
    found = of(0.9, 100 - missed, missed, warn_at=(0.5, 0.8))

    assert (found.state, found.warned_at) == (state, warned_at)


def test_misses_over_the_budget_are_counted() -> None:
    found = of(0.9, 26, 5)

    assert (found.state, found.over, found.left) == (State.USED_UP, 2, 0)


def test_with_few_requests_there_is_no_budget_and_it_is_said_from_when_on_there_is() -> None:
    found = of(0.9, 5, 0)

    assert (found.state, found.allowed, found.first_miss_from) == (State.NONE, 0, 10)
    assert of(1.0, 5, 0).first_miss_from is None


@given(st.sampled_from([0.5, 0.6, 2 / 3, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.97, 0.99, 0.995]))
def test_the_first_miss_is_allowed_from_then_on_and_not_before(at_least: float) -> None:
    least = of(at_least, 1, 0).first_miss_from

    assert least is not None
    assert (of(at_least, least, 0).allowed, of(at_least, least - 1, 0).allowed) == (1, 0)


@given(
    st.integers(1, 60),
    st.integers(0, 60),
    st.sampled_from([0.5, 0.6, 2 / 3, 0.7, 0.75, 0.8, 0.85, 0.9, 0.93, 0.95, 0.99, 1.0]),
)
def test_the_objective_is_met_just_as_long_as_no_more_than_the_allowed_misses_happen(
    in_time: int, missed: int, at_least: float
) -> None:
    found = of(at_least, in_time, missed)

    judged = judge(goal(at_least), waits(in_time, missed), window=timedelta(days=7))

    assert (found.over == 0) is (judged.result is Result.MET)


def test_a_mean_has_no_budget() -> None:
    assert budget(goal(None), waits(3, 3), period=NOVEMBER) is None


def test_nothing_asked_allows_nothing_and_nothing_has_happened() -> None:
    found = of(0.9, 0, 0)

    assert (found.n, found.used, found.allowed, found.state) == (0, 0, 0, State.NONE)


def test_an_objective_is_about_the_waits_of_its_own_measure_and_clock() -> None:
    first, answer, first_in_hours, answer_in_hours = (Wait(length=n * HOUR, ended=True) for n in (1, 2, 3, 4))
    answered = Outcome(
        request_id=1,
        verdict=Verdict.ANSWERED,
        first_response=first,
        answer=answer,
        first_response_in_hours=first_in_hours,
        answer_in_hours=answer_in_hours,
    )
    void = Outcome(request_id=2, verdict=Verdict.VOID)

    def about(measure: Measure, *, in_hours: bool) -> list[Wait]:
        return budgets.waits(replace(goal(0.9), measure=measure, in_hours=in_hours), [answered, void])

    assert about(Measure.FIRST_RESPONSE, in_hours=False) == [first]
    assert about(Measure.ANSWER, in_hours=False) == [answer]
    assert about(Measure.FIRST_RESPONSE, in_hours=True) == [first_in_hours]
    assert about(Measure.ANSWER, in_hours=True) == [answer_in_hours]
