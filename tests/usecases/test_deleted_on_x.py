"""What companies delete on X is thrown away, and everything that would have needed it goes on without."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from slawatch.cli.report import write_report
from slawatch.practice.x.people import Direct, Post
from slawatch.usecases import follow
from slawatch.usecases.report import Choice
from tests.x_stage import Opening, XStage, company, x_stages

ONCE = 'every = "30 d"'
QUESTION = "Which item is it about? We have 4711 of them. ^AL"


@pytest.fixture
def on_x(tmp_path: Path) -> Iterator[Opening]:
    with x_stages(tmp_path) as opening:
        yield opening


def asked_back(on_x: Opening, target: str = "") -> tuple[XStage, list[Post]]:
    """Have a company asked, which asks back; return its question as well."""
    here = on_x(company("acme", target=f"{ONCE}\n{target}"))
    acme = here.x.person("acme")
    said: list[Post] = []

    def heard(one: Post | Direct) -> None:
        if isinstance(one, Post) and one.author is here.us and not said:
            said.append(here.x.post(acme, QUESTION, reply_to=one, at=one.at + timedelta(minutes=1)))

    here.x.listeners.append(heard)
    return here, said


def look_for(here: XStage, **span: float) -> None:
    here.tick_until(here.clock.now() + timedelta(**span), every=timedelta(hours=6))


def test_a_report_is_made_of_what_was_deleted_without_its_words(on_x: Opening, tmp_path: Path) -> None:
    here, said = asked_back(on_x, "follow_up = false")
    look_for(here, days=3)
    choice = Choice(since=here.clock.now() - timedelta(days=3), until=here.clock.now())
    assert "4711" in write_report(here.world, choice, tmp_path / "report.html").read_text()

    here.x.delete(said[0])
    look_for(here, days=9)
    (message,) = here.world.store.messages()
    assert message.purged_at is not None
    choice = Choice(since=here.clock.now() - timedelta(days=12), until=here.clock.now())
    html = write_report(here.world, choice, tmp_path / "report.html").read_text()
    assert ">acme<" in html
    assert "4711" not in html


def test_a_deleted_question_waits_for_nobody_to_write_by_itself(on_x: Opening) -> None:
    here, said = asked_back(on_x, "follow_up = false")
    look_for(here, days=3)
    here.x.delete(said[0])
    look_for(here, days=9)

    (turn,) = follow.waiting(here.world, here.requests())
    assert turn.why == "its author has deleted it"
    assert len(here.ours()) == 1
