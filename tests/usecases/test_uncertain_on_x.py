"""Posts on X of which nobody heard whether they were taken: found among our own, with what was said to them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from slawatch.model import Delivery, Verdict
from tests import x_manners as manners
from tests.x_manners import Far
from tests.x_stage import Opening, XStage, company, x_stages

EVERY = timedelta(minutes=5)
POSTING, OWN = "POST /2/tweets", "GET /2/users/:id/tweets"


@pytest.fixture
def on_x(tmp_path: Path) -> Iterator[Opening]:
    with x_stages(tmp_path) as opening:
        yield opening


def asked(here: XStage) -> None:
    """Have the company asked once."""
    while not here.ours():
        here.forward(hours=1)
        here.tick()


def test_an_answer_that_came_before_we_knew_our_own_post_is_that_posts_answer(on_x: Opening) -> None:
    here = on_x(company("acme", target='every = "20 d"'))
    Far(here.x, here.us).add("acme", manners.answers(minutes=2, milliseconds=50))
    here.x.faults.add("503-html-after", POSTING)
    blind = here.x.faults.add("503-empty", OWN, times=-1)
    asked(here)
    for _ in range(3):
        here.forward(minutes=5)
        here.tick()
    assert here.the_request().delivery is Delivery.UNCERTAIN
    assert blind.hits
    assert here.world.store.replies([here.the_request().id])

    here.x.faults.clear()
    here.tick_until(here.clock.now() + timedelta(minutes=10), every=EVERY)
    found = here.outcome()
    assert found.verdict is Verdict.ANSWERED
    assert found.in_review == 0
    assert found.first_response is not None
    assert found.first_response.length == timedelta(minutes=2, milliseconds=50)
    assert len(here.ours()) == 1
