"""What stands beside the figures: promises, service hours, questions back, letters that wait for review."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from slawatch.model import (
    Measure,
    MessageKind,
    Objective,
    ObjectiveKind,
    Outcome,
    Promise,
    PromiseAbout,
    PublishedPromise,
    Reply,
    Standard,
    Strength,
    Verdict,
    Wait,
    Writer,
    WrittenBy,
)
from slawatch.report import beside, render
from slawatch.report.book import Book
from slawatch.report.build import build
from slawatch.report.model import Case
from tests.report_sample import DAY, EMAIL, HOUR, MINUTE, OFFICE, case, material, reply, request

FRIDAY = datetime(2026, 3, 6, 15, tzinfo=UTC)  # 16:00 in Berlin, an hour before they close
A_DAY = Promise(quote="We reply within 24 hours, see token.", about=PromiseAbout.REPLY, within=DAY)
WITHIN_A_DAY = PublishedPromise(within=DAY, source="https://alder.example/contact", seen=date(2026, 2, 1))


def answered(number: int, after: timedelta, **changes: object) -> Case:
    asked = request(number, "alder-books", FRIDAY)
    receipt = reply(2 * number, asked, MessageKind.ACKNOWLEDGEMENT, MINUTE, promises=(A_DAY,))
    return case(asked, [receipt, reply(2 * number + 1, asked, MessageKind.ANSWER, after)], **changes)  # type: ignore[arg-type]


def shown(*cases: Case, **changes: object) -> tuple[Book, str, str]:
    book = build(material(list(cases), **changes))  # type: ignore[arg-type]
    return book, render.text(book), render.html(book).replace("\N{NO-BREAK SPACE}", " ")


def test_promises_are_counted_and_the_broken_stand_with_their_words() -> None:
    book, text, html = shown(answered(1, 2 * HOUR), answered(2, 30 * HOUR))

    assert "Promises: 2 made, 1 kept, 1 broken, 0 still running, 0 not judged" in text
    assert [(entry.request.public_id, pledge.promise.quote) for entry, pledge in book.open_promises] == [
        ("R-0002", A_DAY.quote)
    ]
    assert html.count(A_DAY.quote) == 3  # each in its letter, the broken one in the list as well
    assert "broken, 5 h 59 min late" in html
    assert render.data(book)["groups"][0]["promises"] == {"made": 2, "kept": 1, "broken": 1, "running": 0}


def test_a_promise_shows_no_token() -> None:
    asked = request(1, "alder-books", FRIDAY)
    said = replace(A_DAY, quote=f"Request {asked.token}: we reply within 24 hours.")
    _, _, html = shown(case(asked, [reply(1, asked, MessageKind.ACKNOWLEDGEMENT, MINUTE, promises=(said,))]))

    assert "we reply within 24 hours." in html
    assert asked.token not in html


def test_what_is_due_by_the_end_of_a_day_names_the_day() -> None:
    in_two_days = Promise(quote="Within 1 business day.", about=PromiseAbout.REPLY, business_days=1)
    asked = request(1, "alder-books", FRIDAY)
    _, _, html = shown(case(asked, [reply(1, asked, MessageKind.ACKNOWLEDGEMENT, MINUTE, promises=(in_two_days,))]))

    assert "due 9 Mar 2026: broken" in html


def test_what_a_company_says_publicly_stands_beside_what_was_measured() -> None:
    cases = [
        answered(number, after, published=WITHIN_A_DAY) for number, after in enumerate([HOUR, 2 * HOUR, 30 * HOUR])
    ]
    published = {("alder-books", "email"): WITHIN_A_DAY}
    book, text, html = shown(*cases, published=published)

    (group,) = book.groups
    assert group.published is not None
    assert (group.published.in_time, group.published.decided) == (2, 3)
    assert "Says publicly: a reply within 24 h" in text
    assert "2 of 3 first responses came within it; with 95 % confidence between 20 % and 94 % do" in text
    assert "24 h said; half of the first responses within 2 h, mean 11 h" in text
    assert "https://alder.example/contact, seen on 1 Feb 2026" in html
    found = render.data(book)["groups"][0]["published"]
    assert (found["within_seconds"], found["seen"], found["in_time"], found["decided"]) == (86400.0, "2026-02-01", 2, 3)


def test_a_published_promise_in_business_days_goes_by_the_calendar() -> None:
    said = PublishedPromise(business_days=1)
    in_time = answered(1, 3 * DAY, calendar=OFFICE, published=said)  # on Monday, after a weekend
    too_late = answered(2, 4 * DAY, calendar=OFFICE, published=said)
    book, text, _ = shown(in_time, too_late, published={("alder-books", "email"): said})

    assert "Says publicly: a reply within 1 business day" in text
    assert book.groups[0].published is not None
    assert (book.groups[0].published.in_time, book.groups[0].published.decided) == (1, 2)


def test_an_open_request_within_the_published_time_decides_nothing() -> None:
    asked = request(1, "alder-books", FRIDAY)
    still_open = case(asked, observed_until=FRIDAY + HOUR, published=WITHIN_A_DAY)
    book, text, _ = shown(still_open, published={("alder-books", "email"): WITHIN_A_DAY})

    assert "nothing is decided yet; 1 request may still be answered in time" in text
    assert render.data(book)["groups"][0]["published"]["low"] is None


def test_waits_in_service_hours_stand_beside_those_by_the_clock() -> None:
    book, text, html = shown(answered(1, 90 * MINUTE, calendar=OFFICE), answered(2, 30 * MINUTE, calendar=OFFICE))

    assert (
        "In service hours: first response, median 30 min; answer, median 30 min; 1 of 2 first responses while closed"
        in text
    )
    assert (
        "In service hours: first response 1 h, answer 1 h. The first response came while the company was closed."
        in " ".join(html.replace("</p>", "").split())
    )
    assert render.data(book)["groups"][0]["in_hours"]["outside_hours"] == 1


def test_a_response_while_closed_is_never_shown_as_no_time_at_all() -> None:
    asked = request(1, "alder-books", FRIDAY + 6 * HOUR)  # in the evening
    _, text, html = shown(case(asked, [reply(1, asked, MessageKind.ANSWER, HOUR)], calendar=OFFICE))

    assert "first response, median while closed; answer, median while closed" in text
    assert "first response while closed, answer while closed" in html
    assert " 0 s" not in html


def test_a_window_without_any_service_time_is_reported_all_the_same() -> None:
    nobody_there = Wait(length=timedelta(0), ended=False)
    outcome = Outcome(
        request_id=1,
        verdict=Verdict.MISSED,
        first_response=Wait(length=30 * MINUTE, ended=False),
        answer=Wait(length=30 * MINUTE, ended=False),
        first_response_in_hours=nobody_there,
        answer_in_hours=nobody_there,
        window_in_hours=timedelta(0),
    )

    found = beside.in_hours([outcome], 30 * MINUTE)

    assert found is not None
    assert (found.answered, found.outside) == (0, 0)
    assert found.first_response.n == 1


def test_no_word_of_service_hours_where_none_are_stated() -> None:
    _, text, html = shown(answered(1, HOUR))

    assert "In service hours" not in text
    assert "while closed" not in html.replace("stands in place", "")


def test_an_objective_in_service_hours_says_so() -> None:
    held = Objective(measure=Measure.FIRST_RESPONSE, kind=ObjectiveKind.MEAN, limit=HOUR, in_hours=True)
    standard = Standard(objectives=(held, EMAIL.objectives[1]), window=EMAIL.window)
    book, text, _ = shown(answered(1, 20 * HOUR, calendar=OFFICE, standard=standard), standard=standard)

    assert "First response, mean within 1 h of service time" in text
    assert render.data(book)["groups"][0]["objectives"][0]["in_hours"] is True


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"strength": Strength.WEAK}, "1 is only weakly matched"),
        ({"written_by": WrittenBy(writer=Writer.STRANGER)}, "1 is from a stranger"),
        ({"written_by": WrittenBy(writer=Writer.FORGED)}, "1 has a sender that could not be confirmed"),
        ({"kind": MessageKind.UNKNOWN}, "1 may be a person’s or a machine’s"),
    ],
)
def test_the_report_says_how_many_letters_wait_for_review_and_why(change: dict[str, object], words: str) -> None:
    asked = request(1, "alder-books", FRIDAY)
    doubtful: Reply = replace(reply(1, asked, MessageKind.ANSWER, HOUR), **change)  # type: ignore[arg-type]
    book, text, html = shown(case(asked, [doubtful]))

    assert f"1 message in this report waits for review and counts nowhere: {words}." in text
    assert words in html
    assert book.groups[0].answered == 0
    assert book.groups[0].statements[0].counting_unknown is not None


def test_how_long_it_was_our_turn_and_what_answers_hold_is_counted() -> None:
    asked = request(1, "alder-books", FRIDAY)
    question = reply(1, asked, MessageKind.QUESTION, HOUR)
    whole = replace(answered(2, HOUR), outcome=replace(answered(2, HOUR).outcome, complete=True))
    book, text, html = shown(case(asked, [question]), whole)

    assert "Answers complete: 1, incomplete: 0" in text
    assert book.groups[0].dialogue.asked_back == 1
    assert [entry.request.public_id for entry in book.our_turn] == ["R-0001"]
    assert "while it was our turn" in html
