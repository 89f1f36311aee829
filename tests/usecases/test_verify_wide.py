"""A report over very many companies is held to its word as every other: figure by figure, from the evidence of then."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from slawatch import pages
from slawatch.cli.wide import write_wide
from slawatch.errors import UsageError
from slawatch.model import Verdict
from slawatch.report import proof, wide
from slawatch.usecases.report import Choice
from slawatch.usecases.tick import tick
from slawatch.usecases.verify import State, Verified, verify_report
from slawatch.usecases.wide import gather_wide
from tests.stages import Stage, company, stages
from tests.usecases.test_verify import ANSWERS, WEEKLY, message_of, tamper


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Stage]:
    """Two companies, three weeks: one answers after two hours, the other never."""
    with stages(tmp_path) as opening:
        stage = opening(*(company(key, schedule=WEEKLY, relationship="own") for key in ("shop", "bakery")))
        tick(stage.world)
        stage.forward(days=1, hours=7)
        for week in range(3):
            tick(stage.world)
            stage.forward(hours=2)
            stage.far.answer(next(one for one in stage.requests()[-2:] if one.company == "shop"), ANSWERS[week])
            tick(stage.world)
            stage.forward(days=7, hours=-2)
        tick(stage.world)
        yield stage


def write(here: Stage, path: Path) -> Path:
    now = here.clock.now()
    choice = Choice(since=now - timedelta(days=28), until=now)
    return write_wide(here.world, wide.build(*gather_wide(here.world, choice)), choice, path)


@pytest.fixture
def report(here: Stage, tmp_path: Path) -> Path:
    return write(here, tmp_path / "wide.html")


def states(found: Verified) -> dict[str, State]:
    return {group.company: group.state for group in found.groups}


def test_what_nobody_touched_holds_even_after_weeks_in_which_more_came(here: Stage, report: Path) -> None:
    at_once = verify_report(here.world, report)
    here.forward(days=3)
    for one in here.requests():
        here.far.answer(one, f"Noch etwas zu {one.text.subject}: {one.public_id} ist bei uns vermerkt. S. Adam")
    tick(here.world)
    write(here, report.with_name("later.html"))  # derives, and keeps, what is known now

    later = verify_report(here.world, report)

    for found in (at_once, later):
        assert states(found) == dict.fromkeys(("shop", "bakery", "*", ""), State.HOLDS)
        assert (found.holds, found.known, found.linked, found.recomputed, found.words) == (True, True, True, True, ())


def test_a_digit_changed_in_the_file_is_found_and_shown(here: Stage, report: Path) -> None:
    source = report.read_text(encoding="utf-8")
    place = source.index("2\N{NO-BREAK SPACE}h", source.index("<tbody>"))
    report.write_text(source[:place] + "1 h" + source[place + 3 :], encoding="utf-8")

    found = verify_report(here.world, report)

    assert (found.intact, found.altered, [line[0] for line in found.words]) == (False, True, ["-", "+"])


def test_a_stamp_that_was_changed_is_found_in_the_figures_of_its_company_alone(here: Stage, report: Path) -> None:
    number, request = message_of(here, "shop")
    tamper(here, f"UPDATE message SET stamp_at = stamp_at - 3600000000 WHERE id = {number}")  # noqa: S608

    found = verify_report(here.world, report)

    assert states(found) == {"shop": State.CHANGED, "bakery": State.HOLDS, "*": State.CHANGED, "": State.HOLDS}
    (shop,) = [one for one in found.groups if one.company == "shop"]
    assert f"{request.public_id}: message {number}: changed" in shop.why


def test_kept_outcomes_are_not_believed(here: Stage, tmp_path: Path) -> None:
    write(here, tmp_path / "first.html")
    with closing(sqlite3.connect(here.world.config.store)) as db:
        ((page, n, packed, hours),) = db.execute("SELECT page, n, packed, hours FROM settled").fetchall()
        kept = pages.unpack(n, packed, hours)
        silent = (kept.first & 3) != pages.ENDED  # no message is judged anew that would bring these up again
        forged = replace(
            kept,
            first=np.where(silent, 3_600_000_000 << 2, kept.first),
            flags=np.where(silent, pages.VERDICTS.index(Verdict.ANSWERED), kept.flags).astype(np.uint16),
        )
        db.execute("UPDATE settled SET packed = ? WHERE page = ?", (pages.pack(forged)[0], page))
        db.commit()
    report = write(here, tmp_path / "wide.html")

    found = verify_report(here.world, report)

    assert not found.holds
    assert states(found)["bakery"] is State.CHANGED


def test_columns_that_do_not_fit_are_said_to_be_unreadable(here: Stage, report: Path) -> None:
    opened = proof.opened(report.read_text(encoding="utf-8"))
    opened.facts["figures"]["companies"]["missed"].pop()
    report.write_text(proof.sealed(opened.page, opened.facts), encoding="utf-8")

    with pytest.raises(UsageError, match="columns"):
        verify_report(here.world, report)
