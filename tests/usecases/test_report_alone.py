"""The report that goes to one company alone: nothing in it speaks of another, not even in a figure of all together."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

from slawatch.periods import Terms
from slawatch.report import render
from slawatch.report.alone import alone
from slawatch.report.build import build
from slawatch.report.model import Blind, LastReport
from slawatch.usecases.report import Choice, gather
from slawatch.usecases.tick import tick
from tests.report_sample import DAY, SINCE, four_weeks
from tests.stages import Opening, company


def test_a_report_to_one_company_names_no_other_and_holds_none_of_its_figures(stage: Opening) -> None:
    here = stage(company("shop"), company("rival"))
    for _ in range(3):
        here.forward(days=1)
        tick(here.world)
    choice = Choice(since=here.clock.now() - timedelta(days=7), until=here.clock.now())
    both = gather(here.world, choice)
    assert "rival" in render.html(build(both))

    book = build(gather(here.world, replace(choice, companies=("shop",))))

    shown = render.html(book) + json.dumps(render.data(book)) + render.text(book)
    assert "shop" in shown
    assert "rival" not in shown.lower()
    assert len(book.entries) == sum(case.request.company == "shop" for case in both.cases)


def test_accounts_looks_and_errors_that_only_others_brought_about_stay_out() -> None:
    whole = four_weeks(per_company=4)
    cases = tuple(one for one in whole.cases if one.request.company == "ivy-lane")
    since = SINCE + DAY
    narrowed = replace(
        whole,
        cases=cases,
        looks={"main": whole.made_at, "dunmore-chat": None},
        blind=(Blind("main", since, None, "dunmore.example: timed out"), Blind("dunmore-chat", since, None, "x")),
        review_waiting=99,
        costs={"main": 12.5},
    )

    found = alone(narrowed, ("ivy-lane",), others=("Dunmore Outdoor", "dunmore.example"))

    assert found.companies.keys() == {"ivy-lane"}
    assert found.looks.keys() == {"main"}
    assert [one.why for one in found.blind] == ["•••"]
    assert found.review_waiting == sum(one.outcome.in_review for one in cases)
    assert found.costs == {}
    assert alone(narrowed, ()) == narrowed
    page = render.html(build(found))
    assert "Ivy Lane Toys" in page
    assert "dunmore" not in page.lower()


def test_questions_terms_and_earlier_figures_of_others_do_not_go_with_it() -> None:
    whole = four_weeks(per_company=4)
    cases = tuple(one for one in whole.cases if one.request.company == "ivy-lane")
    own = cases[0].request.text.probe
    figures = {
        "groups": [{"company": "ivy-lane"}, {"company": "dunmore"}, {"company": "*"}],
        "method": {"blind": [{"why": "dunmore.example: timed out"}]},
    }
    narrowed = replace(
        whole,
        cases=cases,
        customers_only={own: False, "dunmore-invoice": True},
        terms={("ivy-lane", "email"): Terms(), ("dunmore", "email"): Terms()},
        last=LastReport(made_at=whole.made_at, since=whole.since, until=whole.until, figures=figures),
    )

    found = alone(narrowed, ("ivy-lane",))

    assert found.customers_only == {own: False}
    assert found.terms.keys() == {("ivy-lane", "email")}
    assert found.last is not None
    assert found.last.figures == {"groups": [{"company": "ivy-lane"}]}
