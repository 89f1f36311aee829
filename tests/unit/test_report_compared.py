"""What the report compares: periods, places, times of asking, ways, askers and languages; and where it keeps silent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from slawatch.compare import NEEDS, Direction, Place
from slawatch.dayparts import DayPart
from slawatch.model import DeliveryProof, Measure, MessageKind, Objective, ObjectiveKind, Origin, Standard, Text
from slawatch.report import render
from slawatch.report.book import Book, Group
from slawatch.report.build import build
from slawatch.report.model import Case
from tests.report_sample import DAY, HOUR, MINUTE, SINCE, UNTIL, case, four_weeks, material, reply, request

SHARE = Standard(
    objectives=(Objective(measure=Measure.FIRST_RESPONSE, kind=ObjectiveKind.SHARE, limit=HOUR, at_least=0.9),),
    window=timedelta(days=7),
)
MONDAY_MORNING = datetime(2026, 3, 2, 9, tzinfo=UTC)
SATURDAY_NIGHT = datetime(2026, 3, 7, 23, tzinfo=UTC)
NEXT = iter(range(1, 100_000))


def asked(
    company: str,
    at: datetime,
    after: timedelta | None,
    *,
    kind: MessageKind = MessageKind.ANSWER,
    probe: str = "delivery-time",
    **changes: object,
) -> Case:
    """Return a request that got that reply so long after; None for silence."""
    number = next(NEXT)
    text = Text(probe=probe, lang="de", variant=0, subject="Lieferzeit?", body="…")
    one = request(number, company, at, text=text, **changes)
    replies = [] if after is None else [reply(number, one, kind, after)]
    return case(one, replies, standard=SHARE)


def many(company: str, at: datetime, waits: Sequence[timedelta | None], **changes: object) -> list[Case]:
    return [asked(company, at + index * MINUTE, wait, **changes) for index, wait in enumerate(waits)]  # type: ignore[arg-type]


def book_of(cases: Sequence[Case], **changes: object) -> Book:
    return build(material(cases, standard=SHARE, **changes))


def html_of(book: Book) -> str:
    return render.html(book).replace("\N{NO-BREAK SPACE}", " ")


class TestChange:
    quick, slow = [10 * MINUTE] * 12, [3 * HOUR] * 12

    def changed(self, now: Sequence[Case], before: Sequence[Case]) -> Group:
        book = book_of(now, before=tuple(before))
        return book.groups[0]

    def test_a_proven_change_is_said_with_its_interval(self) -> None:
        before = many("cobalt", SINCE - 20 * DAY, self.slow)
        book = book_of(many("cobalt", MONDAY_MORNING, self.quick), before=tuple(before))
        found = book.groups[0].change

        assert found is not None
        assert found.since == SINCE - (UNTIL - SINCE)
        (line,) = found.lines
        assert line.direction is Direction.BETTER
        assert line.difference is not None
        assert line.difference.value == 1
        assert 0 < line.difference.low < 1
        assert "+100 points" in html_of(book)
        assert found.log_rank is not None
        assert found.log_rank < 0.001

    def test_the_requests_before_stand_in_no_other_figure(self) -> None:
        now = many("cobalt", MONDAY_MORNING, self.quick)
        alone, beside = book_of(now), book_of(now, before=tuple(many("cobalt", SINCE - 20 * DAY, self.slow)))

        assert replace(beside.groups[0], change=None) == alone.groups[0]

    def test_of_too_few_nothing_is_said(self) -> None:
        book = book_of(
            many("cobalt", MONDAY_MORNING, self.quick),
            before=tuple(many("cobalt", SINCE - 20 * DAY, self.slow[: NEEDS - 1])),
        )
        found = book.groups[0].change

        assert found is not None
        assert not found.comparable
        assert found.log_rank is None
        assert "What has changed by e-mail" not in html_of(book)

    def test_a_company_that_came_is_no_change_of_all(self) -> None:
        now = [*many("cobalt", MONDAY_MORNING, self.quick), *many("kestrel", MONDAY_MORNING, [None] * 12)]
        book = book_of(now, before=tuple(many("cobalt", SINCE - 20 * DAY, self.quick)))
        found = book.channels[0].change

        assert found is not None
        assert [line.now.n for line in found.lines] == [12]
        assert [line.direction for line in found.lines] == [Direction.NOT_PROVEN]

    def test_without_a_period_before_there_is_nothing(self) -> None:
        assert book_of(many("cobalt", MONDAY_MORNING, self.quick)).groups[0].change is None


class TestLeague:
    def test_who_is_not_told_apart_is_tied(self) -> None:
        cases = [
            *many("cobalt", MONDAY_MORNING, [10 * MINUTE] * 40),
            *many("alder-books", MONDAY_MORNING, [10 * MINUTE] * 39 + [3 * HOUR]),
            *many("kestrel", MONDAY_MORNING, [None] * 40),
            *many("juniper", MONDAY_MORNING, [10 * MINUTE]),
        ]
        (league,) = book_of(cases).leagues

        assert [(row.group.company.key, row.place) for row in league.rows if row.group.company] == [
            ("alder-books", Place(best=1, worst=2, of=3)),
            ("cobalt", Place(best=1, worst=2, of=3)),
            ("kestrel", Place(best=3, worst=3, of=3)),
            ("juniper", None),  # one answer of one is no rank
        ]

    def test_whoever_stands_before_another_has_a_separate_interval(self) -> None:
        for league in build(four_weeks()).leagues:
            mean = league.objective.kind is ObjectiveKind.MEAN
            for index, row in enumerate(league.rows):
                for later in league.rows[index + 1 :]:
                    if row.place and later.place and row.place.worst < later.place.best:
                        mine, theirs = (
                            one.group.statement(league.objective).judgement  # type: ignore[union-attr]
                            for one in (row, later)
                        )
                        assert mine.low is not None
                        assert mine.high is not None
                        assert theirs.low is not None
                        assert theirs.high is not None
                        assert mine.high < theirs.low if mean else mine.low > theirs.high


class TestWhen:
    def test_nights_and_weekends_are_set_against_office_hours(self) -> None:
        cases = [
            *many("cobalt", MONDAY_MORNING, [10 * MINUTE] * 20),
            *many("cobalt", SATURDAY_NIGHT, [10 * MINUTE] * 10 + [9 * HOUR] * 10),
        ]
        book = book_of(cases)
        found = book.groups[0].when

        assert found is not None
        assert found.limit == HOUR
        assert {part: figure.n for part, figure in found.parts.items() if figure.n} == {
            DayPart.WEEKDAY_OFFICE: 20,
            DayPart.WEEKEND_NIGHT: 20,
        }
        assert found.always_on.ratio is not None
        assert found.always_on.ratio.value == 0.5
        assert found.always_on.ratio.low < 0.5 < (found.always_on.ratio.high or 0) < 1
        assert "0.50 (0.30 to 0.73)" in html_of(book)

    def test_without_a_time_to_keep_it_is_the_mean_and_slower_is_still_less(self) -> None:
        cases = [
            *many("cobalt", MONDAY_MORNING, [HOUR] * 10),
            *many("cobalt", SATURDAY_NIGHT, [4 * HOUR] * 10),
        ]
        found = build(material(cases, standard=replace(SHARE, objectives=()))).groups[0].when

        assert found is not None
        assert found.limit is None
        assert found.heat is None
        assert found.parts[DayPart.WEEKEND_NIGHT].estimate is not None
        assert found.always_on.ratio is not None
        assert found.always_on.ratio.value == pytest.approx(0.25)

    def test_of_too_few_no_figure_is_given_but_how_many_they_are(self) -> None:
        book = book_of(many("cobalt", MONDAY_MORNING, [MINUTE] * (NEEDS - 1)))
        found = book.groups[0].when

        assert found is not None
        assert found.parts[DayPart.WEEKDAY_OFFICE].n == NEEDS - 1
        assert all(figure.estimate is None for figure in found.parts.values())
        assert found.always_on.ratio is None
        assert found.heat is None
        assert f"n {NEEDS - 1}" in html_of(book)

    def test_the_heat_map_is_as_fine_as_the_requests_carry(self) -> None:
        def every(hours: int, *, days: int = 7) -> Book:
            starts = [SINCE + timedelta(hours=hour) for hour in range(0, 24 * days, hours)]
            return book_of([one for at in starts for one in many("cobalt", at, [10 * MINUTE] * NEEDS)])

        fine, coarse, torn = every(3), every(6), every(6, days=5)

        assert [
            group.when.heat.hours for group in (fine.groups[0], coarse.groups[0]) if group.when and group.when.heat
        ] == [
            3,
            6,
        ]
        assert torn.groups[0].when is not None
        assert torn.groups[0].when.heat is None
        html = html_of(coarse)
        assert html.count('<rect class="shade-5"') == 28
        assert 'role="img" aria-label="Share of first responses by e-mail within 1 h' in html
        assert "The same as a table, with n and intervals" in html

    def test_the_clock_is_the_companys(self) -> None:
        cases = many("cobalt", MONDAY_MORNING, [MINUTE] * NEEDS)
        book = build(material(cases, standard=SHARE))
        far = {"cobalt": replace(book.material.companies["cobalt"], zone="America/Los_Angeles")}
        found = build(material(cases, standard=SHARE, companies=far)).groups[0].when

        assert found is not None
        assert found.parts[DayPart.WEEKDAY_NIGHT].n == NEEDS  # 9:00 in Greenwich is 1:00 there


class TestAcross:
    def test_the_same_question_is_compared_over_ways(self) -> None:
        by_chat = {"channel": "matrix", "account": "chat"}
        cases = [
            *many("cobalt", MONDAY_MORNING, [HOUR, 2 * HOUR]),
            *many("cobalt", MONDAY_MORNING, [None], **by_chat),
            *many("cobalt", MONDAY_MORNING, [HOUR], probe="returns"),
            *many("cobalt", MONDAY_MORNING, [HOUR], probe="returns", **by_chat),
            *many("kestrel", MONDAY_MORNING, [HOUR]),
        ]
        book = book_of(cases)
        found = book.across

        assert [(one.company, one.probe, one.answered_on) for one in found.questions] == [
            ("cobalt", "delivery-time", 1),
            ("cobalt", "returns", 2),
        ]
        email, chat = found.questions[0].ways
        assert (email.way, email.answered.n, email.answered.of, email.median) == ("email", 2, 2, 3600)
        assert (chat.way, chat.answered.n, chat.answered.of, chat.median) == ("matrix", 0, 1, None)
        (one,) = found.consistency
        assert (one.on_all.n, one.on_all.of, one.on_some, one.on_none) == (1, 2, 1, 0)
        assert "The same question on several ways" in html_of(book)

    def test_what_others_asked_is_compared_with_nothing(self) -> None:
        cases = many("cobalt", MONDAY_MORNING, [HOUR])
        cases += many("cobalt", MONDAY_MORNING, [HOUR], channel="mastodon", origin=Origin.OBSERVED)

        assert book_of(cases).across.questions == ()

    def test_customers_are_set_against_anybody(self) -> None:
        cases = [
            *many("cobalt", MONDAY_MORNING, [MINUTE] * 20, probe="invoices"),
            *many("cobalt", MONDAY_MORNING, [3 * HOUR] * 20),
            *many("cobalt", MONDAY_MORNING, [3 * HOUR] * 20, probe="gone-from-the-folder"),
        ]
        book = book_of(cases, customers_only={"invoices": True, "delivery-time": False})
        (found,) = book.across.askers

        assert (found.customers.n, found.prospects.n) == (20, 20)
        assert found.direction is Direction.BETTER
        assert "customers are answered sooner" in html_of(book)
        assert book_of(cases).across.askers == ()

    def test_the_language_of_answers_is_counted_where_it_is_clear(self) -> None:
        cases = many("cobalt", MONDAY_MORNING, [HOUR] * 5)
        langs = ["de", "de", "en", "en", ""]
        told = [
            replace(one, langs={one.replies[0].message_id: lang} if lang else {})
            for one, lang in zip(cases, langs, strict=True)
        ]
        book = book_of(told)
        (found,) = book.across.languages

        assert (found.asked, found.same.n, found.same.of, dict(found.others), found.unclear) == (
            "de",
            2,
            4,
            {"en": 2},
            1,
        )
        assert "English 2" in html_of(book)

    def test_hand_offs_and_refusals_are_counted_of_what_a_person_answered(self) -> None:
        cases = [
            *many("cobalt", MONDAY_MORNING, [HOUR] * 3),
            *many("cobalt", MONDAY_MORNING, [HOUR], kind=MessageKind.HANDOFF),
            *many("cobalt", MONDAY_MORNING, [HOUR], kind=MessageKind.REFUSAL),
            *many("cobalt", MONDAY_MORNING, [None], proof=DeliveryProof.PROVEN),
            *many("cobalt", MONDAY_MORNING, [None]),
        ]
        found = book_of(cases).groups[0].handling

        assert found is not None
        assert (found.handed_off.n, found.handed_off.of) == (1, 5)
        assert found.handed_off.low == pytest.approx(0.036, abs=0.001)
        assert (found.missed_proven.n, found.missed_proven.of) == (1, 2)
        assert (found.complete.of, found.complete.low) == (0, None)


def test_every_comparison_is_in_the_figures_for_scripts() -> None:
    cases = many("cobalt", MONDAY_MORNING, [10 * MINUTE] * 12)
    data = render.data(book_of(cases, before=tuple(many("cobalt", SINCE - 20 * DAY, [3 * HOUR] * 12))))
    group = data["groups"][0]

    assert list(group["change"]) == ["since", "until", "lines", "log_rank_p"]
    assert group["change"]["lines"][0]["direction"] == "better"
    assert list(group["when"]) == ["limit_seconds", "parts", "always_on", "heat"]
    assert group["when"]["parts"]["weekday_office"]["n"] == 12
    assert list(group["handling"]) == ["complete", "handed_off", "refused", "missed_proven"]
    assert data["leagues"][0]["places"] == [{"company": "cobalt", "best": 1, "worst": 1}]
    assert list(data["across"]) == ["questions", "consistency", "askers", "languages"]
