"""What is cut from a text is seen before anybody else sees the text, rule by rule; reports cut just that."""

from __future__ import annotations

from pathlib import Path

import pytest

from slawatch.cli.report import write_report
from slawatch.errors import ConfigError, UsageError
from slawatch.usecases import redacting
from slawatch.usecases.report import Choice
from slawatch.usecases.tick import tick
from tests.stages import Opening, Stage, company

WEEKLY = 'cron = "0 9 * * Mon"'
ANSWER = """Guten Tag,

zu Kd-4711: wir liefern in zwei Tagen vom Lager, Neue Straße 5, Tel. 030 1234567.

Mit freundlichen Grüßen
Jana Ottmann
"""
OWN = '[redaction]\nalso = ["Kd-[0-9]+"]\nkeep = ["Neue Straße 5"]\n'


def asked(stage: Opening, *more: str) -> Stage:
    here = stage(company("shop", relationship="own", schedule=WEEKLY), *more)
    tick(here.world)
    here.forward(days=1, hours=7)
    tick(here.world)
    here.forward(hours=2)
    here.far.answer(here.the_request(), ANSWER)
    tick(here.world)
    return here


def test_each_cut_stands_in_its_place_with_its_rule(stage: Opening) -> None:
    here = asked(stage)

    (found,) = redacting.of(here.world, here.the_request().public_id)

    assert "[signature: Jana Ottmann]" in found.marked
    assert "[phone: 030 1234567]" in found.marked
    assert "[postal-address: Neue Straße 5]" in found.marked
    assert found.counts == {"phone": 1, "postal-address": 1, "signature": 1}
    assert "Ottmann" not in found.shown
    assert "Kd-4711" in found.shown


def test_own_patterns_cut_more_and_texts_that_are_kept_stay(stage: Opening) -> None:
    here = asked(stage, OWN)

    (found,) = redacting.of(here.world, here.the_request().public_id)

    assert "[own: Kd-4711]" in found.marked
    assert "Neue Straße 5" in found.shown
    assert found.counts == {"own": 1, "phone": 1, "signature": 1}


def test_a_report_cuts_the_same_and_names_its_rules(stage: Opening, tmp_path: Path) -> None:
    here = asked(stage, OWN)
    now = here.clock.now()

    write_report(here.world, Choice(since=now.replace(year=2025), until=now), tmp_path / "r.html")

    page = (tmp_path / "r.html").read_text()
    assert "Kd-4711" not in page
    assert "Neue Straße 5" in page
    assert "Ottmann" not in page
    assert "by the rules redact-1" in page
    assert "1 pattern of the publisher" in page


def test_a_letter_or_a_text_in_a_file_is_shown_as_well(stage: Opening, tmp_path: Path) -> None:
    here = stage(company("shop", relationship="own"))
    (tmp_path / "plain.txt").write_text(ANSWER)
    (tmp_path / "a.eml").write_text(
        f"From: Lena Feld <x@shop.example>\nContent-Type: text/plain; charset=utf-8\n\nLena schrieb. {ANSWER}"
    )

    assert redacting.of(here.world, str(tmp_path / "plain.txt"))[0].counts["signature"] == 1
    assert redacting.of(here.world, str(tmp_path / "a.eml"))[0].counts["known-name"] == 1
    with pytest.raises(UsageError, match="is no request, and as a file: No such file"):
        redacting.of(here.world, str(tmp_path / "none"))


def test_we_ourselves_are_cut_before_anything_else(stage: Opening) -> None:
    here = asked(stage)
    here.far.answer(here.the_request(), "Liebe Anna Beispiel, das ist erledigt.")
    tick(here.world)

    found = redacting.of(here.world, here.the_request().public_id)[1]

    assert found.counts["us"] == 1
    assert "Beispiel" not in found.marked


def test_a_pattern_that_is_none_is_named_with_its_line(stage: Opening) -> None:
    with pytest.raises(ConfigError) as told:
        stage(company("shop"), '[redaction]\nalso = ["(", "x*"]\n')

    first, second = told.value.problems
    assert '"(" is not a pattern (' in first
    assert '"x*" fits where nothing stands' in second
