"""That every language of the report says the same: same keys, same values filled in, nothing left untranslated."""

from __future__ import annotations

import re
import string
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from slawatch.report import render
from slawatch.report.book import Book
from slawatch.report.build import build
from tests.chat_sample import in_chats
from tests.report_sample import four_weeks, in_public

REPORTS = Path(__file__).parents[2] / "reports"
# Names and signs that are the same in both languages. A sentence in here is one that nobody translated.
SAME_IN_GERMAN = {
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
    "mail.logo",
    "mail.n",
    "mail.subject",
    "method.plan",
    "method.definition.n.term",
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
        not_ours = r"<(style|script|blockquote|pre)\b.*?</\1>|<[^>]*foreign[^>]*>[^<]*"
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
