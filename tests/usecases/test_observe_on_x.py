"""Other people's questions on X and how long their company takes: timed, kept apart, and nobody recognisable."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from slawatch.model import MessageKind, Origin, Verdict
from slawatch.report.build import build
from slawatch.report.render import data
from slawatch.usecases.report import Choice, gather
from tests.x_stage import Opening, XStage, company, x_stages

ASKED = "@acme how long does delivery to Cologne take, please?"
ANSWERED = "It takes 3 to 5 working days and costs 4.90 EUR. ^JK"
OBSERVE = 'mode = "observe"\nwindow = "2 d"'
EVERY = timedelta(minutes=10)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Opening]:
    with x_stages(tmp_path) as opening:
        yield opening


def observed(here: XStage) -> None:
    """Do passes for twenty minutes: a question is found at one, its answer at a later one."""
    here.tick_until(here.clock.now() + timedelta(minutes=20), every=EVERY)


def test_a_question_and_its_answer_are_timed_to_the_millisecond(stage: Opening) -> None:
    here = stage(company("acme", relationship="public_interest", target=OBSERVE))
    acme, lena = here.x.person("acme"), here.x.person("lena_k", "Lena Kramer")
    here.tick()
    asked = here.x.post(lena, ASKED, at=here.clock.now() + timedelta(seconds=90))
    here.x.post(acme, ANSWERED, reply_to=asked, at=asked.at + timedelta(minutes=7, milliseconds=345))

    observed(here)

    request = here.the_request()
    assert (request.origin, request.company, request.target) == (Origin.OBSERVED, "acme", "@acme")
    assert request.text.body == ""
    outcome = here.outcome()
    assert outcome.verdict is Verdict.ANSWERED
    assert outcome.first_response is not None
    error = outcome.first_response.length - timedelta(minutes=7, milliseconds=345)
    assert abs(error) <= timedelta(milliseconds=2)
    (reply,) = here.world.store.replies([request.id])[request.id]
    assert reply.kind is MessageKind.ANSWER
    assert here.ours() == []


def test_nothing_that_is_kept_names_who_asked_or_what(stage: Opening, tmp_path: Path) -> None:
    here = stage(company("acme", relationship="public_interest", target=OBSERVE))
    acme, lena = here.x.person("acme"), here.x.person("lena_k", "Lena Kramer")
    here.tick()
    asked = here.x.post(lena, ASKED)
    here.x.post(acme, f"Hi @lena_k! {ANSWERED}", reply_to=asked, at=asked.at + timedelta(minutes=3))
    here.forward(minutes=5)

    observed(here)

    assert here.outcome().verdict is Verdict.ANSWERED
    with sqlite3.connect(tmp_path / "slawatch.db") as store:
        kept = "\n".join(store.iterdump())
        for sha256, raw in store.execute("SELECT sha256, bytes FROM blob"):
            assert sha256
            kept += here.world.store.raw(sha256).decode() if raw else ""
    for word in ("lena", "Kramer", lena.id, "Cologne"):
        assert word.lower() not in kept.lower(), word
    assert len(here.the_request().asked_by) == 32


def test_who_asks_twice_is_the_same_stranger_and_another_is_another(stage: Opening) -> None:
    here = stage(company("acme", relationship="public_interest", target=OBSERVE))
    here.x.person("acme")
    lena, tom = here.x.person("lena_k"), here.x.person("tom_t")
    here.tick()
    for who, text in ((lena, ASKED), (lena, f"{ASKED} Anybody?"), (tom, f"{ASKED} Me too.")):
        here.forward(minutes=1)
        here.x.post(who, text)

    observed(here)

    first, second, third = (request.asked_by for request in here.requests())
    assert first == second != third


def test_a_question_nobody_answers_is_missed_once_x_was_asked_again(stage: Opening) -> None:
    here = stage(company("acme", relationship="public_interest", target=OBSERVE))
    here.x.person("acme")
    lena = here.x.person("lena_k")
    here.tick()
    here.x.post(lena, ASKED)

    here.tick_until(here.clock.now() + timedelta(days=2, hours=2), every=timedelta(minutes=30))

    assert here.the_request().verified_at is not None
    assert here.outcome().verdict is Verdict.MISSED


def test_replies_by_others_and_what_is_no_question_put_to_it_count_for_nothing(stage: Opening) -> None:
    here = stage(company("acme", relationship="public_interest", target=OBSERVE))
    here.x.person("acme")
    lena, tom = here.x.person("lena_k"), here.x.person("tom_t")
    here.tick()
    asked = here.x.post(lena, ASKED)
    here.x.post(tom, "Three days, for me at least.", reply_to=asked, at=asked.at + timedelta(minutes=2))
    here.x.post(tom, "what a day")
    here.forward(minutes=5)

    observed(here)

    assert here.outcome().verdict is Verdict.PENDING
    assert here.outcome().in_review == 0
    assert len(here.requests()) == 1


def test_observed_figures_stand_apart_from_what_we_asked_ourselves(stage: Opening) -> None:
    here = stage(
        company("acme", relationship="public_interest", target=OBSERVE), company("shop", target='every = "1 d"')
    )
    here.x.person("acme")
    here.x.person("shop")
    lena = here.x.person("lena_k")
    here.tick()
    here.x.post(lena, ASKED)
    here.tick_until(here.clock.now() + timedelta(days=1, hours=2), every=timedelta(minutes=30))

    found = gather(here.world, Choice(since=here.clock.now() - timedelta(days=3), until=here.clock.now()))
    groups = data(build(found))["groups"]

    by_company = {(group["company"], group["origin"]) for group in groups if group["company"] != "*"}
    assert by_company == {("acme", "observed"), ("shop", "sent")}


def test_searching_stops_before_the_months_limit_is_passed(stage: Opening) -> None:
    here = stage(company("acme", relationship="public_interest", target=OBSERVE), more="month_max = 0.05")
    here.x.person("acme")
    lena = here.x.person("lena_k")
    here.tick()
    for number in range(30):
        here.x.post(lena, f"{ASKED} {number}", at=here.clock.now() + timedelta(minutes=number))

    here.tick_until(here.clock.now() + timedelta(hours=1), every=EVERY)

    assert 0 < here.x.bill.total <= 50_000
    assert any("month_max" in one.words for one in here.news)
