"""What asking on X costs: our ledger against X's own bill, the forecast, and a month's limit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from slawatch.practice.x.people import Direct, Post
from slawatch.usecases.costs import MICROS, forecast, month_of, spending
from slawatch.usecases.plan import lay_out, preview
from tests.x_stage import Opening, company, x_stages

DAILY = 'every = "1 d"'


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Opening]:
    with x_stages(tmp_path) as opening:
        yield opening


def test_what_we_believe_to_have_spent_is_what_x_bills(stage: Opening) -> None:
    here = stage(company("acme", target=DAILY), company("shop", target=DAILY))
    acme, _ = here.x.person("acme"), here.x.person("shop")

    def heard(said: Post | Direct) -> None:
        if isinstance(said, Post) and said.author is here.us and "@acme" in said.text:
            here.x.post(acme, "Yes, we do that.", reply_to=said, at=here.clock.now() + timedelta(minutes=4))

    here.x.listeners.append(heard)

    here.tick_until(here.clock.now() + timedelta(days=9), every=timedelta(minutes=30))

    (one,) = spending(here.world, since=here.clock.now() - timedelta(days=20))
    assert one.account == "robin"
    assert one.total == here.x.bill.total
    assert here.x.bill.total > 0
    assert {charge.what for charge in one.charges} >= {"post", "owned-read", "user-read"}


def test_a_forecast_adds_what_is_to_come_to_what_the_month_has_cost(stage: Opening) -> None:
    here = stage(
        company("acme", target=DAILY), company("shop", relationship="competitor", target='every = "7 d"'), more=""
    )
    here.world.store.charge("robin", "post", calls=1, resources=["a"], each=15_000)
    until = here.clock.now() + timedelta(days=7)
    lay_out(here.world, until)

    (one,) = forecast(here.world, preview(here.world, until))

    assert (one.requests, one.by_hand) == (8, 1)
    assert one.posting == 7 * 15_000
    assert one.reading == 8 * round(1.5 * (1_000 + 5_000) + 5_000)
    assert one.month >= 15_000
    assert not one.over


def test_a_forecast_says_that_the_month_will_not_do(stage: Opening) -> None:
    here = stage(company("acme", target=DAILY), more="month_max = 0.02")
    until = here.clock.now() + timedelta(days=2)
    lay_out(here.world, until)

    (one,) = forecast(here.world, preview(here.world, until))

    assert one.over


def test_the_months_limit_stops_asking_before_it_is_passed_and_the_next_month_goes_on(stage: Opening) -> None:
    here = stage(company("acme", target='every = "12 h"'), more="month_max = 0.1")
    here.x.person("acme")
    assert month_of(here.clock.now()) == datetime(2026, 3, 1, tzinfo=UTC)

    here.tick_until(datetime(2026, 4, 1, tzinfo=UTC) - timedelta(minutes=1), every=timedelta(hours=2))
    in_march = len(here.ours())
    here.tick_until(datetime(2026, 4, 3, tzinfo=UTC), every=timedelta(hours=2))

    assert here.x.bill.total <= 2 * 0.1 * MICROS
    assert in_march >= 3
    assert len(here.ours()) > in_march


def test_a_limit_that_is_reached_is_said_and_pauses_the_account_until_the_next_month(stage: Opening) -> None:
    here = stage(company("acme", target='every = "2 h"'), more="month_max = 0.06")
    here.x.person("acme")

    here.tick_until(here.clock.now() + timedelta(hours=12), every=timedelta(minutes=30))

    assert len(here.ours()) <= 3
    assert here.x.bill.total <= 0.06 * MICROS
    (why,) = here.world.store.paused().values()
    assert "of $0.06 are spent" in why
    assert "wait until 2026-04-01" in why
    assert [one.ref for one in here.news if one.what == "paused"] == ["robin"]
    here.tick_until(datetime(2026, 4, 1, 3, tzinfo=UTC), every=timedelta(hours=3))
    assert here.world.store.paused() == {}
    assert [one.ref for one in here.news if one.what == "resumed"] == ["robin"]
