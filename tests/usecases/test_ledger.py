"""What error budgets are counted over: terms from the config, requests of a period longer than the report's."""

from __future__ import annotations

from datetime import timedelta

from slawatch.budget import State
from slawatch.periods import Terms, Unit
from slawatch.report.build import build
from slawatch.usecases import ledger
from slawatch.usecases.report import Choice, gather
from slawatch.usecases.status import status
from slawatch.usecases.tick import tick
from tests.stages import Opening, Stage, company

DAILY = 'cron = "0 9 * * *"'


def silent(stage: Opening, days: int, extra: str = "") -> Stage:
    """Return a stage on which a company was asked daily for so long and never answered."""
    here = stage(company(relationship="own", schedule=f"{DAILY}\n{extra}"))
    for _ in range(days):
        here.forward(days=1)
        tick(here.world)
    return here


def week(here: Stage) -> Choice:
    return Choice(since=here.clock.now() - timedelta(days=7), until=here.clock.now())


def test_a_budget_of_a_longer_period_counts_requests_that_the_report_does_not_show(stage: Opening) -> None:
    here = silent(stage, 20, 'period = "15 d"')

    (group,) = build(gather(here.world, week(here))).groups
    (budget,) = group.budgets

    assert (group.n, budget.n, budget.allowed) == (7, 15, 1)
    assert budget.state is State.USED_UP


def test_a_budget_of_no_longer_period_reads_nothing_more(stage: Opening) -> None:
    here = silent(stage, 10, 'period = "3 d"')
    material = gather(here.world, week(here))

    (budget,) = build(material).groups[0].budgets

    assert material.ledger == ()
    assert budget.n == 3


def test_the_terms_are_those_of_the_target(stage: Opening) -> None:
    here = stage(company(schedule='period = "quarter"\nwarn_at = [0.8, 0.5]'), company("other"))

    assert ledger.terms(here.world) == {
        ("shop", "email"): Terms(kind=Unit.QUARTER, warn_at=(0.5, 0.8)),
        ("other", "email"): Terms(),
    }


def test_status_lists_a_budget_that_is_used_up(stage: Opening) -> None:
    here = silent(stage, 14)

    (found,) = status(here.world).budgets

    assert (found.company, found.way, found.budget.state) == ("shop", "email", State.USED_UP)


def test_status_says_nothing_where_there_is_no_budget_to_use_up(stage: Opening) -> None:
    assert status(silent(stage, 5).world).budgets == ()
