"""Who is who on X: handles are looked up, change hands and vanish; ids do not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from slawatch.model import Verdict
from slawatch.usecases.check import check
from tests.x_stage import Opening, company, x_stages

DAILY = 'every = "1 d"'


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Opening]:
    with x_stages(tmp_path) as opening:
        yield opening


def test_a_handle_that_nobody_has_is_said_once_a_day_and_asked_nothing(stage: Opening) -> None:
    here = stage(company("acme", target=DAILY))

    here.tick_until(here.clock.now() + timedelta(hours=30), every=timedelta(hours=1))

    assert len([one for one in here.news if one.what == "nobody"]) == 2
    assert here.ours() == []


def test_a_company_that_has_renamed_itself_is_still_known_by_its_id(stage: Opening) -> None:
    here = stage(company("acme", target=DAILY))
    acme = here.x.person("acme")
    here.tick_until(here.clock.now() + timedelta(days=1), every=timedelta(hours=1))
    (asked,) = here.ours()
    here.x.rename(acme, "acme_gmbh")
    here.x.post(acme, "Yes, from 9 to 18 o'clock, and it is free. ^JK", reply_to=asked)
    here.forward(minutes=10)
    here.tick()

    assert here.outcome().verdict is Verdict.ANSWERED


def test_a_handle_that_has_passed_to_somebody_else_pauses_the_company(stage: Opening) -> None:
    here = stage(company("acme", target=DAILY), company("shop", target=DAILY))
    acme = here.x.person("acme")
    here.x.person("shop")
    here.tick_until(here.clock.now() + timedelta(days=1), every=timedelta(hours=2))
    here.x.rename(acme, "acme_gmbh")
    here.x.person("acme", "Not Acme")
    here.tick_until(here.clock.now() + timedelta(days=8), every=timedelta(hours=2))

    assert here.world.store.paused() == {
        "company:acme": '"@acme" belongs to another account ("Not Acme") now; correct the config, then resume'
    }
    asked_acme = [post for post in here.ours() if post.text.startswith("@acme ")]
    asked_shop = [post for post in here.ours() if post.text.startswith("@shop ")]
    assert len(asked_acme) < len(asked_shop)
    assert any(one.what == "paused" and one.ref == "acme" for one in here.news)


def test_check_says_of_every_handle_whose_it_is(stage: Opening) -> None:
    here = stage(company("acme", extra='handles = { twitter = ["@acme_help", "@gone"] }', target=DAILY))
    acme = here.x.person("acme", "Acme")
    here.x.person("acme_help", "Acme Help")
    here.tick()
    here.x.rename(acme, "acme_gmbh")
    here.x.person("acme", "Somebody")

    found = {one.where: one for one in check(here.world)}

    assert (found["@acme_help"].ok, found["@acme_help"].what) == (True, '"Acme Help" on twitter')
    assert not found["@gone"].ok
    assert found["@acme"].what == 'it belongs to another account now ("Somebody"), not to "Acme" any more'


def test_a_company_that_has_left_the_config_is_still_credited_with_its_answers(stage: Opening) -> None:
    here = stage(company("acme", target=DAILY))
    acme = here.x.person("acme")
    here.tick_until(here.clock.now() + timedelta(days=1), every=timedelta(hours=1))
    (asked,) = here.ours()
    here.x.post(acme, "Yes, from 9 to 18 o'clock, and it is free. ^JK", reply_to=asked)

    later = stage(company("shop"))
    later.forward(minutes=10)
    later.tick()

    assert later.outcome().verdict is Verdict.ANSWERED


def test_silence_is_proven_though_the_company_has_left_the_config(stage: Opening) -> None:
    here = stage(company("acme", target=DAILY))
    here.x.person("acme")
    here.tick_until(here.clock.now() + timedelta(days=1), every=timedelta(hours=1))

    later = stage(company("shop"))
    later.tick_until(later.clock.now() + timedelta(days=8), every=timedelta(hours=6))

    assert later.the_request().verified_at is not None
