"""What a report opens with: what changed since the last one, how things stand, and what could not be measured."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from slawatch.model import Measure, MessageKind, Objective, ObjectiveKind, Origin, Standard, VoidReason
from slawatch.report import render
from slawatch.report.book import Book
from slawatch.report.build import build
from slawatch.report.model import Blind, Case, LastReport, Material, Past
from slawatch.report.opening import Opening, of_companies, opening
from slawatch.report.sentences import Sentences
from slawatch.report.top import changes
from tests.report_sample import DAY, EMAIL, HOUR, SINCE, UNTIL, case, four_weeks, hostile, material, reply, request

WORDS = Sentences("en", folder=None, space=" ")
GERMAN = Sentences("de", folder=None, space=" ")
ANSWER_ALONE = Standard(objectives=(EMAIL.objectives[1],), window=7 * DAY)
BOTH = ("alder-books", "brightwater", "cobalt", "dunmore", "elderflower")


def asked(number: int, company: str, after: timedelta | None = HOUR, **changes: Any) -> Case:
    one = request(number, company, SINCE + number * timedelta(minutes=3), **changes)
    return case(one, [] if after is None else [reply(number, one, MessageKind.ANSWER, after)])


def of(*behaviours: tuple[str, int, timedelta | None], **changes: Any) -> Material:
    """Return material in which each company was asked so often and answered after so long."""
    cases: list[Case] = []
    for company, times, after in behaviours:
        cases += [asked(len(cases) + turn + 1, company, after) for turn in range(times)]
    return material(cases, **{"standard": ANSWER_ALONE, **changes})


def then(before: Material, now: Material) -> Book:
    """Return the book of `now`, made after a report of `before`."""
    last = LastReport(
        made_at=UNTIL - 7 * DAY, since=SINCE - 7 * DAY, until=UNTIL - 7 * DAY, figures=render.data(build(before))
    )
    return build(replace(now, last=last))


def said(book: Book) -> Opening:
    return opening(WORDS, book)


def test_the_first_report_says_that_it_is_the_first() -> None:
    assert said(build(of(("cobalt", 40, HOUR)))).changes == (
        "This is the first report of its kind, so there is nothing to compare it with."
    )


def test_where_nothing_changed_it_says_so() -> None:
    same = of(("cobalt", 40, HOUR), ("dunmore", 40, None))

    assert said(then(same, same)).changes == (
        "Nothing has changed since the last report, of 22 Mar 2026: every result and every proof is the same."
    )


def test_what_changed_is_named_by_company_the_worse_first() -> None:
    before = of(("cobalt", 40, None), ("dunmore", 40, HOUR))
    now = of(("cobalt", 40, HOUR), ("dunmore", 40, None))

    book = then(before, now)
    (worse, better) = render.data(book)["since_last"]["changed"]
    assert (worse["company"], worse["was_proof"], worse["proof"]) == ("dunmore", "proven_met", "proven_not_met")
    assert better["company"] == "cobalt"
    assert said(book).changes == (
        "Since the last report, of 22 Mar 2026, 2 findings have changed: "
        "Dunmore Outdoor, Answer by e-mail (90 % within 24 h): proven met before, now proven not met; "
        "Cobalt Coffee Roasters, Answer by e-mail (90 % within 24 h): proven not met before, now proven met."
    )


def test_where_only_the_result_changed_the_result_is_told() -> None:
    now = of(("cobalt", 4, HOUR), ("cobalt", 1, None))

    assert "not met before, now met" not in said(then(of(("cobalt", 5, HOUR)), now)).changes
    assert "(90 % within 24 h): met before, now not met." in said(then(of(("cobalt", 5, HOUR)), now)).changes


def test_of_more_than_three_changes_the_others_are_counted() -> None:
    before, now = ([(company, 40, after) for company in BOTH] for after in (HOUR, None))

    told = said(then(of(*before), of(*now))).changes

    assert told.startswith("Since the last report, of 22 Mar 2026, 5 findings have changed: Alder")
    assert told.endswith("; and 2 more.")
    assert told.count("proven met before") == 3


def test_a_company_that_was_not_in_the_last_report_is_new_and_not_changed() -> None:
    book = then(of(("cobalt", 40, HOUR)), of(("cobalt", 40, HOUR), ("dunmore", 40, None)))

    found = changes(book)
    assert found is not None
    assert (found.changed, found.new) == ((), 1)
    assert said(book).changes == "Nothing that the last report of 22 Mar 2026 said has changed; 1 finding is new."


def test_an_objective_of_another_limit_is_another_one() -> None:
    stricter = Standard(objectives=(replace(EMAIL.objectives[1], limit=HOUR),), window=7 * DAY)
    found = changes(then(of(("cobalt", 40, HOUR)), of(("cobalt", 40, HOUR), standard=stricter)))

    assert found is not None
    assert found.new == 1


def test_a_look_back_is_held_against_no_report() -> None:
    past = Past(we_asked=True, sources=("mbox",), letters=3, conversations=3)

    assert said(build(of(("cobalt", 3, HOUR), past=past))).changes == ""


def test_one_objective_is_said_in_one_sentence() -> None:
    book = build(of(("cobalt", 40, HOUR), ("dunmore", 40, None), ("kestrel", 40, None), ("fjord", 3, HOUR)))

    assert said(book).verdict == (
        "Of 4 companies one is proven to answer by e-mail within 24 h in 90 % of cases, 2 are proven not to, "
        "nothing is proven of one."
    )
    assert said(book).objectives == ()


def test_where_none_is_proven_to_it_says_none() -> None:
    assert said(build(of(("cobalt", 3, HOUR), ("fjord", 3, HOUR)))).verdict == (
        "Of 2 companies none is proven to answer by e-mail within 24 h in 90 % of cases, nothing is proven of 2."
    )


def test_several_objectives_are_summed_up_and_said_one_by_one() -> None:
    found = said(build(of(("cobalt", 40, HOUR), ("dunmore", 40, None), standard=EMAIL)))

    assert found.verdict == (
        "4 findings about 2 companies (one for each company, way and objective): 2 proven met, 2 proven not met."
    )
    assert found.objectives[0] == (
        "Of 2 companies one is proven to respond first by e-mail within 1 h on average, one is proven not to."
    )


@pytest.mark.parametrize(
    ("behaviour", "told"),
    [
        (
            ("cobalt", 40, HOUR),
            "Cobalt Coffee Roasters is proven to answer by e-mail within 24 h in 90 % of cases: 40 of",
        ),
        (
            ("dunmore", 40, None),
            "Dunmore Outdoor is proven not to answer by e-mail within 24 h in 90 % of cases: 0 of 40",
        ),
        (("fjord", 3, HOUR), "Fjord Furniture is neither proven to answer by e-mail within 24 h in 90 % of cases nor"),
    ],
)
def test_a_report_on_one_company_speaks_of_that_company(behaviour: tuple[str, int, timedelta], told: str) -> None:
    assert said(build(of(behaviour))).verdict.startswith(told)


def test_everything_measured_is_said() -> None:
    proven = material([asked(1, "cobalt")], standard=ANSWER_ALONE)

    assert said(build(proven)).gaps == "No request failed on our side, got lost on its way, or waits for review."


def test_what_could_not_be_measured_is_said_in_counts() -> None:
    cases = [
        asked(1, "cobalt"),
        asked(2, "cobalt", None, void_reason=VoidReason.NOT_SENT),
        asked(3, "cobalt", None, void_reason=VoidReason.REFUSED),
        asked(4, "cobalt", None, void_reason=VoidReason.OFFLINE),
        asked(5, "cobalt", None),
    ]
    found = material(
        cases, standard=ANSWER_ALONE, blind=(Blind("main", SINCE, SINCE + HOUR, "refused"),), review_waiting=2
    )

    assert said(build(found)).gaps == (
        "What could not be measured, or rests on less: 1 request failed on our own side; 1 request did not reach its "
        "company; 1 try led to nobody, so there was no wait to measure; "
        "at 1 time we could not look; 2 messages wait for review; 1 of 1 silences rests on a delivery that is "
        "presumed, not proven."
    )


def test_nothing_asked_opens_with_nothing() -> None:
    assert said(build(material([]))) == Opening("", "", (), "")


def test_questions_that_others_asked_are_held_against_their_like() -> None:
    def asked_by_others(after: timedelta | None) -> Material:
        cases = [asked(number, "cobalt", after, origin=Origin.OBSERVED) for number in range(1, 41)]
        return material([*cases, *(asked(100 + number, "cobalt") for number in range(40))], standard=ANSWER_ALONE)

    found = changes(then(asked_by_others(HOUR), asked_by_others(None)))

    assert found is not None
    assert ([one.group.observed for one in found.changed], found.new) == ([True], 0)


def test_service_time_is_said() -> None:
    objective = Objective(measure=Measure.ANSWER, kind=ObjectiveKind.SHARE, limit=HOUR, at_least=0.9, in_hours=True)
    found = of(("cobalt", 3, HOUR), standard=Standard(objectives=(objective,), window=7 * DAY))

    assert "within 1 h of service time" in said(build(found)).verdict


def test_page_and_text_open_with_it_in_both_languages() -> None:
    book = build(four_weeks(per_company=4))

    for lang, words in (("en", WORDS), ("de", GERMAN)):
        verdict = opening(words, book).verdict
        assert verdict in render.html(book, lang=lang).replace("\N{NO-BREAK SPACE}", " ")
        assert verdict in render.text(book, lang=lang)


def test_german_says_the_same() -> None:
    before = of(("cobalt", 40, None), ("dunmore", 40, HOUR))
    found = opening(GERMAN, then(before, of(("cobalt", 40, HOUR), ("dunmore", 40, HOUR))))

    assert found.changes.startswith("Seit dem letzten Bericht vom 22. März 2026 hat sich 1 Befund geändert: Cobalt")
    assert found.verdict.startswith("Von 2 Unternehmen gelingt es 2 nachweislich, per E-Mail in 90 % der Fälle binnen")


def test_that_nothing_is_proven_of_anybody_is_not_said_as_a_proof_against_all() -> None:
    english, german = (of_companies(words, "so", met=0, not_met=1, open_=2) for words in (WORDS, GERMAN))

    assert english == "Of 3 companies none is proven to so, one is proven not to, nothing is proven of 2."
    assert german == (
        "Von 3 Unternehmen ist für keines nachgewiesen, dass es ihm gelingt, so, einem gelingt es nachweislich nicht, "
        "für 2 ist nichts nachgewiesen."
    )


def test_a_company_of_any_name_is_text() -> None:
    page = render.html(build(hostile("<script>alert(1)</script>")))

    assert "<script" not in page
