"""Published figures: each mistake in their file in its exact words, and ours beside the same statistic only."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from slawatch.errors import ConfigError
from slawatch.model import MessageKind, Origin
from slawatch.report import render, yardsticks
from slawatch.report.book import Book
from slawatch.report.build import build
from slawatch.report.sentences import Sentences
from slawatch.report.yardsticks import Beside, Statistic, Yardstick
from tests.report_sample import DAY, HOUR, MINUTE, SINCE, case, material, reply, request

WORDS = Sentences("en", folder=None, space=" ")
STATISTICS = '"mean", "median", "unanswered", "answered_within" or "acknowledged"'
ONE = """
[[yardstick]]
id = "mine"
channel = "email"
statistic = "mean"
value = 12
unit = "h"
of_answered_only = true
year = 2026
source = "<b>me</b>"
"""


def book(*after: timedelta | None, **changes: Any) -> Book:
    """Return the book of requests by e-mail that were answered after so long, None for never."""
    cases = []
    for number, length in enumerate(after, start=1):
        one = request(number, "cobalt", SINCE + number * HOUR, **changes)
        receipt = reply(number * 10, one, MessageKind.ACKNOWLEDGEMENT, MINUTE)
        answer = [] if length is None else [reply(number * 10 + 1, one, MessageKind.ANSWER, length)]
        cases.append(case(one, [receipt, *answer]))
    return build(material(cases))


def known(statistic: Statistic, **changes: Any) -> Yardstick:
    fields: dict[str, Any] = {"id": "x", "channel": "email", "source": "somebody", "year": 2020, **changes}
    return Yardstick(statistic=statistic, **fields)


def beside(found: Book, one: Yardstick) -> Beside:
    ((_, (only,)),) = yardsticks.beside(found, (one,))
    return only


def write(folder: Path, text: str) -> Path:
    (folder / "reports").mkdir(parents=True)
    (folder / "reports" / "yardsticks.toml").write_text(text, encoding="utf-8")
    return folder


def test_our_own_file_is_right_and_every_figure_has_date_basis_and_source() -> None:
    found = yardsticks.read(None)

    assert len(found) > 20
    assert all(one.source and one.year for one in found)
    # Means that others published leave out who never answered: none of them may pass for one that does not.
    assert all(one.of_answered_only for one in found if one.statistic.of_time)


def test_what_we_say_of_a_source_is_said_in_the_readers_language_and_its_title_stays() -> None:
    german = Sentences("de", folder=None, space=" ")
    one = next(one for one in yardsticks.read(None) if one.id == "comm100-2019-mean")

    assert yardsticks.source(german, one).startswith("Comm100, Live Chat Benchmark Report 2020; Daten von 2019")
    assert yardsticks.source(WORDS, one).startswith("Comm100, Live Chat Benchmark Report 2020; data of 2019")
    for each in yardsticks.read(None):
        assert each.note.keys() in ({"en", "de"}, set())


def test_a_note_of_ones_own_may_be_in_one_language_or_in_several(tmp_path: Path) -> None:
    note = """note = { fr = "lu chez eux", en = "read there" }"""
    plain, several = (
        yardsticks.read(write(tmp_path / name, ONE + text))[0]
        for name, text in (("plain", 'note = "gelesen"'), ("several", note))
    )

    assert yardsticks.source(WORDS, plain) == "<b>me</b>; gelesen"
    assert yardsticks.source(Sentences("de", folder=None, space=" "), several) == "<b>me</b>; read there"


def test_the_json_holds_what_the_table_holds_and_no_report_is_verified_by_it() -> None:
    of = book(HOUR, 3 * HOUR, None)
    found = render.whole_data(of, None)
    by_id = {one["id"]: one for one in found["yardsticks"]}

    assert (by_id["superoffice-2018-mean"]["theirs"], by_id["superoffice-2018-mean"]["unit"]) == (730 * 60, "s")
    assert by_id["superoffice-2018-mean"]["ours"] == 2 * 3600

    assert len(by_id) == len(yardsticks.beside(of, yardsticks.read(None))[0][1])
    assert "yardsticks" not in render.data(of)


def test_a_file_of_ones_own_takes_its_place(tmp_path: Path) -> None:
    (found,) = yardsticks.read(write(tmp_path, ONE))

    assert (found.id, found.time) == ("mine", 12 * HOUR)


def test_every_mistake_in_the_file_is_told_with_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = """\
title = "x"
[[yardstick]]
id = "one"
channel = "email"
statistic = "modus"
value = 1
unit = "h"
year = 2020
source = "x"
[[yardstick]]
id = "two"
channel = "email"
statistic = "mean"
value = 0.5
unit = "share"
year = 1066
[[yardstick]]
id = "three"
channel = "email"
statistic = "unanswered"
value = 62
unit = "share"
year = 2020
source = "x"
[[yardstick]]
id = "three"
channel = "email"
statistic = "answered_within"
value = 0.2
unit = "share"
year = 2020
source = "x"
"""
    write(tmp_path, bad)

    with pytest.raises(ConfigError) as told:
        yardsticks.read(tmp_path)

    assert [line.partition("reports/")[2] for line in str(told.value).splitlines()] == [
        'yardsticks.toml:1: there is no key "title"; write "yardstick"',
        f'yardsticks.toml:5: yardstick[1].statistic: there is no statistic "modus"; write {STATISTICS}',
        'yardsticks.toml:10: yardstick[2]: "source" is missing; write source = "who published it, and when"',
        'yardsticks.toml:15: yardstick[2].unit: "share" is no unit of "mean"; write "min"',
        'yardsticks.toml:16: yardstick[2].year: "1066" is not a whole number from 1990 to 2100; write one',
        'yardsticks.toml:21: yardstick[3].value: "62" is not a share; write 0.9 for 90 %',
        'yardsticks.toml:25: yardstick[4]: "within" is missing; write within = "24 h"',
    ]


def test_two_figures_of_one_id_are_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r'yardstick\[2\].id: "mine" is on line 3, too; write another'):
        yardsticks.read(write(tmp_path, ONE + ONE))


def test_a_mean_of_the_answered_stands_beside_the_mean_of_the_answered_and_no_other() -> None:
    found = book(HOUR, 3 * HOUR, None)

    assert beside(found, known(Statistic.MEAN, time=HOUR, of_answered_only=True)).time == 2 * HOUR
    assert beside(found, known(Statistic.MEAN, time=HOUR)).time == (7 * DAY + 4 * HOUR) / 3


def test_a_median_of_the_answered_stands_beside_none_of_ours() -> None:
    one = beside(book(HOUR, 3 * HOUR, None), known(Statistic.MEDIAN, time=HOUR, of_answered_only=True))

    assert (one.comparable, one.warning) == (False, "answered_only")


def test_business_days_stand_beside_no_wait() -> None:
    one = beside(book(HOUR), known(Statistic.MEAN, business_days=2.7, of_answered_only=True))

    assert (one.comparable, one.warning) == (False, "business_days")
    assert yardsticks.theirs(WORDS, one.yardstick) == "2.7 business days"


def test_the_unanswered_stand_beside_the_unanswered_with_a_word_on_how_long_was_waited() -> None:
    ((group, (one,)),) = yardsticks.beside(book(HOUR, None, None, None), (known(Statistic.UNANSWERED, share=0.62),))

    assert one.share == pytest.approx(0.75)
    assert yardsticks.warning(WORDS, one, group) == "ours within 7 d; how long they waited is not told"


def test_shares_within_a_time_stand_beside_ours_within_the_same_time_only() -> None:
    found = book(HOUR, 30 * HOUR, None, None)

    assert beside(found, known(Statistic.ANSWERED_WITHIN, within=DAY, share=0.2)).share == pytest.approx(0.25)
    longer = beside(found, known(Statistic.UNANSWERED, within=14 * DAY, share=0.44))
    assert (longer.comparable, longer.warning) == (False, "within")


def test_receipts_stand_beside_receipts() -> None:
    assert beside(book(HOUR, None), known(Statistic.ACKNOWLEDGED, share=0.1)).share == 1


def test_only_channels_of_the_report_are_shown_and_what_others_asked_is_no_basis() -> None:
    assert yardsticks.beside(book(HOUR), (known(Statistic.MEAN, channel="twitter", time=HOUR),)) == ()
    assert yardsticks.beside(book(HOUR, origin=Origin.OBSERVED), (known(Statistic.MEAN, time=HOUR),)) == ()


def test_a_channel_on_which_nothing_counts_has_nothing_to_set_beside() -> None:
    empty = replace(book(HOUR).channels[0], answered=0)

    ((_, (one,)),) = yardsticks.beside(replace(book(HOUR), channels=(empty,)), (known(Statistic.MEAN, time=HOUR),))

    assert (one.comparable, one.warning) == (False, "nothing")


def test_the_page_shows_them_with_their_source_as_text(tmp_path: Path) -> None:
    page = render.html(book(HOUR, 3 * HOUR), folder=write(tmp_path, ONE)).replace("\N{NO-BREAK SPACE}", " ")

    assert "mean wait for a first response, of the answered only" in page
    assert ">12 h</td>" in page
    assert ">2 h</td>" in page
    assert "&lt;b&gt;me&lt;/b&gt;" in page


@pytest.mark.parametrize("lang", ["en", "de"])
def test_every_figure_of_ours_can_be_said_in_both_languages(lang: str) -> None:
    words = Sentences(lang, folder=None, space=" ")

    for one in yardsticks.read(None):
        assert yardsticks.figure(words, one)
        assert yardsticks.theirs(words, one)
        assert str(one.year) in yardsticks.basis(words, one)
    assert {one.region for one in yardsticks.read(None)} - {""} <= set(words.entry("yardsticks.region"))
    assert {one.sector for one in yardsticks.read(None)} - {""} <= set(words.entry("yardsticks.sector"))
