"""Silence on X that may be ours: nobody is said to have missed a question whose answers our account is kept from."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from slawatch.model import Verdict, VoidReason
from slawatch.practice.x.people import Direct, Post
from tests.x_stage import Opening, XStage, company, x_stages

DAILY = 'every = "20 d"'


@pytest.fixture
def on_x(tmp_path: Path) -> Iterator[Opening]:
    with x_stages(tmp_path) as opening:
        yield opening


def asked_and_silent(here: XStage) -> None:
    """Have everybody asked, then let the window of five days pass."""
    here.tick_until(here.clock.now() + timedelta(days=2), every=timedelta(hours=3))
    assert all(request.remote_id for request in here.requests())
    here.tick_until(here.clock.now() + timedelta(days=6), every=timedelta(hours=6))


def test_who_is_protected_or_blocks_us_or_is_suspended_has_missed_nothing(on_x: Opening) -> None:
    keys = ("open", "shut", "blocks", "banned")
    here = on_x(*(company(key, target=DAILY) for key in keys))
    people = {key: here.x.person(key) for key in keys}
    people["shut"].protected = True
    here.x.block(people["blocks"], here.us)
    here.x.listeners.append(lambda _post: setattr(people["banned"], "suspended", True))

    asked_and_silent(here)
    found = {request.company: here.outcome(request) for request in here.requests()}
    assert {key: one.verdict for key, one in found.items() if key in keys} == {
        "open": Verdict.MISSED,
        **dict.fromkeys(("shut", "blocks", "banned"), Verdict.VOID),
    }
    assert {one.void_reason for one in found.values()} == {None, VoidReason.NOT_OBSERVED}
    why = {news.words for news in here.news if news.what == "void"}
    assert why == {
        "not observable: its account is protected, or blocks ours",
        "not observable: there is no such account any more",
    }


def test_whom_we_follow_can_be_seen_though_protected(on_x: Opening) -> None:
    here = on_x(company("shut", target=DAILY))
    here.x.person("shut", protected=True).allowed.add(here.us.id)

    asked_and_silent(here)
    assert here.outcome().verdict is Verdict.MISSED


def test_looking_whether_somebody_can_be_seen_costs_nothing(on_x: Opening) -> None:
    here = on_x(company("open", target=DAILY))
    acme = here.x.person("open")
    for number in range(50):
        here.x.post(acme, f"Offer number {number}")

    asked_and_silent(here)
    assert here.outcome().verdict is Verdict.MISSED
    assert here.x.calls["GET /2/users/:id/tweets"]
    bill = here.x.bill.micros
    assert bill["owned-read"] == 0
    assert bill["read"] == 5_000  # what the search for the whole conversation finds: our own post


def test_an_answer_after_a_hand_off_that_names_nobody_is_found_in_the_conversation(on_x: Opening) -> None:
    here = on_x(company("open", target=DAILY))
    acme = here.x.person("open")

    def heard(said: Post | Direct) -> None:
        if isinstance(said, Post) and said.author is here.us:
            sent_on = here.x.post(acme, "Please DM us! ^JK", reply_to=said, at=said.at + timedelta(minutes=2))
            text = "It takes 3 to 5 working days and costs 4.90 EUR. ^JK"
            here.x.post(acme, text, reply_to=sent_on, at=said.at + timedelta(minutes=30), bare=True)

    here.x.listeners.append(heard)
    asked_and_silent(here)

    outcome = here.outcome()
    assert outcome.verdict is Verdict.ANSWERED
    assert outcome.answer is not None
    assert outcome.answer.ended
    assert abs(outcome.answer.length - timedelta(minutes=30)) <= timedelta(milliseconds=2)
    assert here.x.calls["GET /2/tweets/search/recent"] == 1
