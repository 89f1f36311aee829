"""Error budgets in a report: over which requests each is counted, and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from slawatch.budget import Budget, State
from slawatch.model import Measure, MessageKind, Objective, ObjectiveKind, Origin, Standard, VoidReason
from slawatch.periods import Terms, Unit
from slawatch.report import render
from slawatch.report.build import build
from slawatch.report.model import Case, Material
from slawatch.report.sentences import Sentences
from tests.report_sample import DAY, EMAIL, HOUR, MADE_AT, SINCE, UNTIL, case, material, reply, request

WORDS = Sentences("en", folder=None, space=" ")
ANSWER = EMAIL.objectives[1]


def asked(number: int, *, missed: bool = False, ago: timedelta = 10 * DAY, **changes: object) -> Case:
    """Return a request that was answered after an hour or, `missed`, after more than the 24 hours wanted."""
    one = request(number, "alder-books", UNTIL - ago, **changes)
    return case(one, [reply(number, one, MessageKind.ANSWER, 30 * HOUR if missed else HOUR)])


def sample(cases: list[Case], *, terms: Terms | None = None, **changes: Any) -> Material:
    return material(cases, terms={("alder-books", "email"): terms or Terms()}, **changes)


def budget(found: Material) -> Budget:
    one = build(found).groups[0].budget(ANSWER)
    assert one is not None
    return one


def test_the_budget_of_a_rolling_period_is_counted_in_the_report_and_before_it() -> None:
    shown = [asked(number, missed=number < 2) for number in range(10)]
    older = tuple(asked(100 + number, missed=True, ago=27 * DAY) for number in range(10))
    outside = tuple(asked(200 + number, missed=True, ago=29 * DAY) for number in range(10))

    found = budget(sample(shown, since=UNTIL - 14 * DAY, ledger=(*older, *outside)))

    assert (found.n, found.used, found.allowed, found.state) == (20, 12, 2, State.USED_UP)


def test_the_budget_of_a_month_begins_with_the_month_in_the_reports_zone() -> None:
    # The report ends at midnight of 30 March in Berlin; on 1 March it was winter there, an hour from UTC.
    first, last = UNTIL - timedelta(days=28, hours=23), UNTIL - timedelta(days=28, hours=23, seconds=1)
    cases = [asked(1, ago=UNTIL - first), asked(2, ago=UNTIL - last)]

    found = budget(sample(cases, terms=Terms(kind=Unit.MONTH), since=UNTIL - 40 * DAY))

    assert (found.n, found.period.since) == (1, first)


def test_a_company_in_another_zone_has_the_month_of_the_report_and_not_its_own() -> None:
    ago = timedelta(days=29, hours=1)  # the evening of 28 February in Berlin, the morning of 1 March in Auckland
    found = sample([asked(1), asked(2, ago=ago)], terms=Terms(kind=Unit.MONTH), since=UNTIL - 40 * DAY)
    away = replace(
        found, companies={key: replace(one, zone="Pacific/Auckland") for key, one in found.companies.items()}
    )

    assert budget(away) == budget(found)
    assert budget(away).n == 1


def test_void_requests_are_in_no_budget() -> None:
    withdrawn = case(request(1, "alder-books", SINCE, void_reason=VoidReason.WITHDRAWN))

    assert budget(sample([withdrawn, asked(2)])).n == 1


def test_a_mean_and_a_way_without_terms_have_no_budget() -> None:
    group = build(sample([asked(1)])).groups[0]

    assert [one.objective for one in group.budgets] == [ANSWER]
    assert build(material([asked(1)])).groups[0].budgets == ()


def test_questions_that_others_asked_have_a_budget_of_their_own() -> None:
    groups = build(sample([asked(1), asked(2, origin=Origin.OBSERVED)])).groups

    assert [group.budgets[0].n for group in groups] == [1, 1]


def test_an_objective_in_service_hours_counts_the_waits_in_service_hours() -> None:
    objective = Objective(measure=Measure.ANSWER, kind=ObjectiveKind.SHARE, limit=HOUR, at_least=0.9, in_hours=True)
    standard = Standard(objectives=(objective,), window=7 * DAY)

    found = build(sample([asked(1, missed=True)], standard=standard)).groups[0].budget(objective)

    assert found is not None
    assert found.n == 0, "this company's hours are not known"


@pytest.mark.parametrize(
    ("missed", "n", "said"),
    [
        (0, 0, "no request counts in its period yet"),
        (0, 5, "no budget: one miss is too many with 5 requests; from 10 on one is allowed"),
        (1, 5, "no budget: one miss is too many with 5 requests; from 10 on one is allowed; 1 miss so far"),
        (0, 10, "0 of 1 allowed miss used"),
        (2, 30, "2 of 3 allowed misses used"),
        (5, 60, "5 of 6 allowed misses used; 80 % of them is where to look closer"),
        (3, 30, "used up: all 3 allowed misses have happened"),
        (4, 30, "used up: 4 misses, 3 allowed"),
    ],
)
def test_a_budget_is_said_in_counts(missed: int, n: int, said: str) -> None:
    cases = [asked(number, missed=number < missed) for number in range(n)]
    withdrawn = case(request(1000, "alder-books", SINCE, void_reason=VoidReason.WITHDRAWN))

    assert WORDS.budget(budget(sample([withdrawn, *cases]))) == said


def test_page_text_and_data_tell_it() -> None:
    book = build(sample([asked(number, missed=number < 2) for number in range(30)]))
    line = "2 of 3 allowed misses used (30 requests, 1 Mar 2026 – 29 Mar 2026)"

    assert line in render.html(book).replace("\N{NO-BREAK SPACE}", " ")
    assert f"Error budget: {line}" in render.text(book)
    (found,) = render.data(book)["groups"][0]["budgets"]
    assert (found["used"], found["allowed"], found["left"], found["state"], found["kind"]) == (2, 3, 1, "ok", "28 d")
    assert MADE_AT > UNTIL
