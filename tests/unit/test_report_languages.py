"""That every language of the report says the same: same keys, same values filled in, nothing left untranslated."""

from __future__ import annotations

import re
import string
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from slawatch.errors import ConfigError
from slawatch.report import render
from slawatch.report.book import Book
from slawatch.report.build import build
from slawatch.report.words import Words
from tests.chat_sample import in_chats
from tests.report_sample import four_weeks, in_public

REPORTS = Path(__file__).parents[2] / "reports"
# Names and signs that are the same in both languages. A sentence in here is one that nobody translated.
SAME_IN_GERMAN = {
    "unit_in_tables.s",
    "unit_in_tables.min",
    "unit_in_tables.h",
    *(
        f"channel.{name}"
        for name in (
            "twitter",
            "mastodon",
            "bluesky",
            "matrix",
            "xmpp",
            "telegram",
            "whatsapp",
            "signal",
            "messenger",
            "instagram",
        )
    ),
    "figures.n",
    "format.month",
    "wide.median",
    "mail.logo",
    "mail.n",
    "mail.subject",
    "method.plan",
    "method.definition.n.term",
    "when.figure",
    "when.n",
}


def texts(table: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield the path and the text of every entry; of a list of tables the place counts, "n" for the term n."""
    if isinstance(table, dict):
        for name, value in table.items():
            yield from texts(value, f"{path}.{name}" if path else name)
    elif isinstance(table, list):
        for place, value in enumerate(table):
            named = value["term"] if isinstance(value, dict) and value.get("term") == "n" else place
            yield from texts(value, f"{path}.{named}")
    else:
        yield path, str(table)


def read(name: str) -> dict[str, str]:
    return dict(texts(tomllib.loads((REPORTS / name).read_text(encoding="utf-8"))))


def filled_in(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


ENGLISH, GERMAN = read("en.toml"), read("de.toml")


@pytest.mark.parametrize("stem", ["", "rules."])
def test_both_languages_have_the_same_keys(stem: str) -> None:
    assert read(f"{stem}de.toml").keys() == read(f"{stem}en.toml").keys()


@pytest.mark.parametrize("stem", ["", "rules."])
def test_both_languages_fill_the_same_values_into_every_sentence(stem: str) -> None:
    english, german = read(f"{stem}en.toml"), read(f"{stem}de.toml")

    assert {key: filled_in(german[key]) for key in english} == {key: filled_in(text) for key, text in english.items()}


def test_no_sentence_was_left_in_english() -> None:
    with_words = {key for key, text in ENGLISH.items() if re.search(r"[^\W\d]", re.sub(r"\{\w*\}", "", text))}
    marks = {key for key in with_words if key.startswith(("format.", "method.definition.")) and key.endswith(".of")}

    same = {key for key in with_words - marks if ENGLISH[key] == GERMAN[key]}

    assert same - SAME_IN_GERMAN == set()
    assert SAME_IN_GERMAN - same == set()


def test_no_german_word_is_an_english_quotation_mark_or_a_stray_space() -> None:
    assert {key: text for key, text in GERMAN.items() if re.search(r"[\"']|  |^ (?!und )|“[^“]*”", text)} == {}
    assert {key for key, text in GERMAN.items() if text.count("„") != text.count("“")} == set()


@pytest.fixture(scope="module")
def books() -> list[Book]:
    return [build(four_weeks()), build(in_public()), build(in_chats())]


def test_finished_german_sentences_end_with_one_full_stop_and_hold_no_english(books: list[Book]) -> None:
    for book in books:
        page = render.html(book, lang="de")
        not_ours = r"<(style|script|blockquote|pre)\b.*?</\1>|<[^>]*foreign[^>]*>[^<]*|„[^“]*“"
        shown = re.sub(not_ours + "|<[^>]+>", " ", page, flags=re.DOTALL)

        assert '<html lang="de">' in page
        assert re.findall(r".{30}\.\.(?!\.).{10}", shown) == []
        assert re.findall(r".{30}\b(?:binnen|nach|höchstens|mindestens) (?:über|noch offen)\b.{20}", shown) == []
        assert re.findall(r".{30}\b(?:the|with|within|of|answered|missed|wait)\b.{20}", shown) == []


def test_the_german_text_form_speaks_german(books: list[Book]) -> None:
    text = render.text(books[0], lang="de")

    assert text.startswith("Wie lange es bis zur Antwort dauert, ")
    assert "Nachweis: nachweislich nicht eingehalten: mit 95 % Konfidenz" in text
    assert not re.search(r"\b(the|within|answered)\b", text)


# --- how a language writes numbers and days (Babel) ---


@pytest.mark.parametrize(
    ("lang", "number", "share", "wait", "minute", "money", "names"),
    [
        ("en", "1,234,567", "89.96 %", "4.2 s", "22 Nov 2026, 19:35", "1,234.50", "a, b and c"),
        ("de", "1.234.567", "89,96 %", "4,2 Sek.", "22. Nov. 2026, 19:35", "1.234,50", "a, b und c"),
    ],
)
def test_each_language_writes_figures_its_own_way(
    lang: str, number: str, share: str, wait: str, minute: str, money: str, names: str
) -> None:
    words = Words(lang, folder=None, space=" ")

    assert words.number(1_234_567) == number
    assert words.percent(0.8996, limit=0.9) == share
    assert words.wait(timedelta(seconds=4.2)) == wait
    assert words.minute(datetime(2026, 11, 22, 18, 35, tzinfo=UTC), "Europe/Berlin") == minute
    assert words.money(1234.5) == money
    assert words.together(["a", "b", "c"]) == names


def test_german_durations_are_written_with_german_units() -> None:
    words = Words("de", folder=None, space=" ")

    assert words.wait(timedelta(hours=1, minutes=22)) == "1 Std. 22 Min."
    assert words.wait(timedelta(days=5), still=True) == "über 5 T"
    assert words.limit(timedelta(days=2)) == "48 Std."


def test_a_days_month_is_that_of_the_reports_zone() -> None:
    words = Words("de", folder=None, space=" ")
    moment = datetime(2026, 8, 31, 23, 30, tzinfo=UTC)

    assert (words.date(moment, "UTC"), words.date(moment, "Europe/Berlin")) == ("31. Aug. 2026", "1. Sept. 2026")


def test_a_locale_that_babel_does_not_know_is_named_with_its_file(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    wrong = (REPORTS / "en.toml").read_text(encoding="utf-8").replace('locale = "en_GB"', 'locale = "xx_YY"')
    (tmp_path / "reports" / "en.toml").write_text(wrong, encoding="utf-8")

    with pytest.raises(ConfigError, match=r'reports/en\.toml: format\.locale: "xx_YY" is no language that Babel knows'):
        Words("en", folder=tmp_path, space=" ").number(1_000)
