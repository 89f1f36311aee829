"""The report of posts: by whom, in which words, what is nobody's business, and what stands apart."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest

from slawatch.model import Origin, Verdict
from slawatch.report import render
from slawatch.report.book import Book, Group
from slawatch.report.build import build
from tests.report_sample import QUESTION, four_weeks, in_public


@pytest.fixture(scope="module")
def book() -> Book:
    return build(in_public())


@pytest.fixture(scope="module")
def page(book: Book) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", render.html(book))).replace("\N{NO-BREAK SPACE}", " ").split())


@pytest.fixture(scope="module")
def text(book: Book) -> str:
    return render.text(book)


def asked_by_us(book: Book) -> Group:
    (group,) = [one for one in book.groups if not one.observed]
    return group


def test_a_channel_has_its_name_and_a_post_its_words_in_place_of_a_subject(book: Book, page: str) -> None:
    assert "by X (Twitter) and X (Twitter), observed questions" in page
    assert {entry.subject for entry in asked_by_us(book).entries} == {QUESTION}
    assert f"Asked {QUESTION}" in page
    assert "Posted, for all to read" in page
    assert "Taken over by the company" not in page


def test_who_answered_is_named_by_handle_and_never_by_number(page: str) -> None:
    assert "from @cobalt_help" in page
    assert "twitter:42" not in page


def test_whoever_joined_in_is_neither_named_nor_quoted_and_counts_nowhere(book: Book, page: str) -> None:
    assert "Somebody else joined in; this counts nowhere" in page
    assert "grumbler" not in page.lower()
    assert "twitter:77" not in page
    assert asked_by_us(book).answered == 4
    assert book.waiting.total == 0


def test_a_deleted_reply_keeps_its_time_and_says_why_it_has_no_words(book: Book, page: str) -> None:
    (gone,) = [event for entry in asked_by_us(book).entries for event in entry.timeline if event.deleted]
    assert (gone.excerpt, gone.because, gone.role) == ("", (), "both")
    assert "Answer after 9 min, from @cobalt_help" in page
    assert page.count("Its author has deleted it since: its words are gone, its time stays.") == 1


def test_a_hand_off_is_a_first_response_and_counted_as_no_answer(book: Book, page: str, text: str) -> None:
    group = asked_by_us(book)
    handed = [entry for entry in group.entries if entry.timeline[-1].what == "handoff"]

    assert [entry.timeline[-1].role for entry in handed] == ["first"]
    assert group.dialogue.handed_off == 1
    assert "only sent us elsewhere" in page
    assert "Only sent us elsewhere: 1" in text


def test_silence_is_called_missed_with_how_that_is_known(book: Book, page: str, text: str) -> None:
    assert book.asked_again == (1, 1)
    for shown in (page, " ".join(text.split())):
        assert "1 silence is called missed, and only after the platform was asked once more" in shown
        assert "1 could not be asked about" in shown


def test_what_is_made_up_was_never_asked_about_again() -> None:
    material = in_public()
    made_up = [replace(one, request=replace(one.request, made_up=True)) for one in material.cases]

    assert build(replace(material, cases=tuple(made_up))).asked_again == (0, 0)


def test_it_says_who_asked_and_what_that_cost(book: Book, page: str) -> None:
    assert dict(book.origins) == {"twitter": {Origin.SENT: 5, Origin.ADOPTED: 1, Origin.OBSERVED: 1}}
    assert "X (Twitter): 5 posted by slawatch, 1 posted by a person, 1 asked by others and only observed" in page
    assert "public: 0.34 dollars by the prices in the configuration" in page
    assert "2 questions that a person was to post were not posted in time" in page
    assert render.data(book)["method"]["costs"] == {"public": 0.343}


def test_observed_questions_stand_apart_and_say_why(book: Book, page: str, text: str) -> None:
    (observed,) = [one for one in book.groups if one.observed]

    assert (observed.n, asked_by_us(book).n) == (1, 5)
    assert [event.what for event in observed.entries[0].timeline] == ["observed", "answer"]
    for shown in (page, text):
        assert "cannot be compared with those of questions that are the same for everybody" in shown
    assert "Asked by somebody else, for all to read" in page


def test_a_report_of_letters_speaks_of_none_of_this() -> None:
    book = build(four_weeks(per_company=4))
    shown = render.html(book)

    assert book.origins == ()
    assert book.asked_again == (0, 0)
    for word in ("Asked in public", "Silence on platforms", "Paid to platforms", "Observed questions were asked"):
        assert word not in shown


def test_where_there_are_several_channels_lists_say_by_which(text: str) -> None:
    both = in_public()
    fresh = replace(both.cases[3], outcome=replace(both.cases[3].outcome, verdict=Verdict.PENDING))
    letters = four_weeks(per_company=1)
    mixed = replace(
        letters,
        cases=(*letters.cases, fresh),
        standards={**letters.standards, **both.standards},
    )

    shown = render.text(build(mixed))

    assert "R-0004, Cobalt Coffee Roasters, X (Twitter), asked " in shown
    assert "Cobalt Coffee Roasters, X (Twitter), asked" not in text
