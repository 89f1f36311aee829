"""The comparisons in the text form: places with their ties, and figures against the period before, in two languages."""

from __future__ import annotations

import pytest

from slawatch.report import render
from slawatch.report.build import build
from tests.report_sample import DAY, HOUR, MINUTE, SINCE, four_weeks
from tests.unit.test_report_compared import MONDAY_MORNING, book_of, many

QUICK, SLOW = [10 * MINUTE] * 12, [3 * HOUR] * 12


@pytest.mark.parametrize(
    ("lang", "heading", "line"),
    [
        (
            "en",
            "  Against the period before, 2 Feb 2026 to 1 Mar 2026",
            (
                "    First response, 90 % within 1 h: before 0 % (0 % to 25 %, n 12), now 100 % (75 % to 100 %, n 12), "
                "difference +100 points (+66 points to +100 points): better"
            ),
        ),
        (
            "de",
            "  Gegenüber dem Zeitraum davor, 2. Feb. 2026 bis 1. März 2026",
            (
                "    Erstreaktion, 90 % binnen 1 Std.: zuvor 0 % (0 % bis 25 %, n 12), "
                "jetzt 100 % (75 % bis 100 %, n 12), Unterschied +100 Punkte (+66 Punkte bis +100 Punkte): besser"
            ),
        ),
    ],
)
def test_a_change_stands_in_the_text_with_both_figures_and_what_is_proven(lang: str, heading: str, line: str) -> None:
    before = many("cobalt", SINCE - 20 * DAY, SLOW)
    lines = render.text(book_of(many("cobalt", MONDAY_MORNING, QUICK), before=tuple(before)), lang=lang).splitlines()

    assert line in lines
    assert lines.count(line) == 1  # all companies together are this one
    assert heading in lines[: lines.index(line)]


def test_where_too_few_were_asked_before_no_change_is_said() -> None:
    before = many("cobalt", SINCE - 20 * DAY, SLOW[:2])
    text = render.text(book_of(many("cobalt", MONDAY_MORNING, QUICK), before=tuple(before)))

    assert "period before" not in text


def test_one_point_is_no_points() -> None:
    before = [*many("cobalt", SINCE - 20 * DAY, [10 * MINUTE] * 50), *many("cobalt", SINCE - 9 * DAY, [3 * HOUR] * 50)]
    now = [*many("cobalt", MONDAY_MORNING, [10 * MINUTE] * 51), *many("cobalt", SINCE + 9 * DAY, [3 * HOUR] * 49)]
    book = book_of(now, before=tuple(before))

    assert "difference +1 point (" in render.text(book)
    assert "Unterschied +1 Punkt (" in render.text(book, lang="de")


def test_the_places_of_all_companies_stand_in_the_text_those_who_are_tied_together() -> None:
    text = render.text(build(four_weeks()))
    places = text.partition("Places (")[2].partition("\n\n")[0].splitlines()

    assert places[1] == "  First response by e-mail, mean within 1 h"
    assert places[2] == "    1–2: Alder & Finch Books"
    assert places.count("    –: Juniper Textiles") == 2
    assert "Places (" not in render.text(book_of(many("cobalt", MONDAY_MORNING, QUICK)))
