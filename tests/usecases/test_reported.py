"""The report made before this one: of the same companies, name and kind of period, and only where one was written."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from slawatch.cli.report import write_report
from slawatch.report.model import LastReport
from slawatch.usecases import reported
from slawatch.usecases.report import Choice, gather
from slawatch.usecases.tick import tick
from tests.stages import Opening, Stage, company

WEEK = timedelta(days=7)


def asked(stage: Opening) -> Stage:
    """Return a stage on which one company was asked."""
    here = stage(company(schedule='cron = "0 9 * * *"'))
    for _ in range(3):
        here.forward(days=1)
        tick(here.world)
    return here


def chosen(here: Stage, **changes: object) -> Choice:
    choice = Choice(since=here.clock.now() - WEEK, until=here.clock.now(), kind="7 d")
    return replace(choice, **changes)  # type: ignore[arg-type]


def test_the_next_report_knows_the_last_one_and_what_it_said(stage: Opening, tmp_path: Path) -> None:
    here = asked(stage)
    first = chosen(here)
    assert gather(here.world, first).last is None

    write_report(here.world, first, tmp_path / "report.html")
    here.forward(days=1)

    last = gather(here.world, chosen(here)).last
    assert isinstance(last, LastReport)
    assert (last.since, last.until) == (first.since, first.until)
    assert last.figures["groups"][0]["n"] == 1


def test_a_report_of_other_companies_another_name_or_kind_of_period_is_not_the_last_one(
    stage: Opening, tmp_path: Path
) -> None:
    here = asked(stage)
    write_report(here.world, chosen(here, companies=("shop",)), tmp_path / "report.html")
    here.forward(days=1)

    assert gather(here.world, chosen(here, companies=("shop",))).last is not None
    for changes in ({}, {"companies": ("shop",), "name": "monday"}, {"companies": ("shop",), "kind": "week"}):
        assert gather(here.world, chosen(here, **changes)).last is None


def test_the_same_companies_in_another_order_are_the_same_scope(stage: Opening) -> None:
    here = stage(company("a"), company("b"))

    assert reported.scope(chosen(here, companies=("a", "b"))) == reported.scope(chosen(here, companies=("b", "a", "b")))


def test_what_is_kept_of_a_report_is_the_digest_of_the_very_file(stage: Opening, tmp_path: Path) -> None:
    here = asked(stage)
    path = write_report(here.world, chosen(here), tmp_path / "report.html")
    here.forward(days=1)

    kept = here.world.store.last_report(reported.scope(chosen(here)), made_at=here.clock.now(), until=here.clock.now())

    assert kept is not None
    assert kept.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_gathering_alone_keeps_nothing(stage: Opening) -> None:
    here = asked(stage)
    gather(here.world, chosen(here))
    here.forward(days=1)

    assert gather(here.world, chosen(here)).last is None
