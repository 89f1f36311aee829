"""What a book holds: who shares a group, what counts, what is disclosed beside the figures."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from slawatch.hours import Calendar, ServiceHours
from slawatch.model import (
    Attempt,
    AttemptOutcome,
    Delivery,
    DeliveryProof,
    Measure,
    MessageKind,
    Objective,
    ObjectiveKind,
    Origin,
    Proof,
    Reason,
    Stamps,
    Strength,
    VoidReason,
)
from slawatch.report.alone import alone
from slawatch.report.book import Book, Group, Unended
from slawatch.report.build import build
from slawatch.report.model import Case
from slawatch.stretches import with_hours
from tests.report_sample import (
    DAY,
    EMAIL,
    HOUR,
    MADE_AT,
    MINUTE,
    SINCE,
    case,
    four_weeks,
    material,
    reply,
    request,
    token,
)


@pytest.fixture(scope="module")
def book() -> Book:
    return build(four_weeks())


def group(book: Book, company: str) -> Group:
    return next(group for group in book.groups if group.company and group.company.key == company)


def answered(
    number: int, after: timedelta, *, company: str = "alder-books", kind: MessageKind = MessageKind.ANSWER
) -> Case:
    asked = request(number, company, SINCE + number * HOUR)
    return case(asked, [reply(number, asked, kind, after)])


def test_every_request_stands_in_exactly_one_company(book: Book) -> None:
    assert sorted(entry.request.id for entry in book.entries) == list(range(1, 441))


def test_whoever_has_not_answered_stays_in_every_figure() -> None:
    one = build(material([answered(1, MINUTE), case(request(2, "alder-books", SINCE))])).groups[0]

    assert (one.n, one.first_response.n, one.answer.n) == (2, 2, 2)
    assert [found.judgement.n for found in one.statements] == [2, 2]


def test_companies_stand_in_the_order_of_their_names(book: Book) -> None:
    names = [group.company.name for group in book.groups if group.company]

    assert names == sorted(names, key=str.casefold)
    assert len(names) == 11


def test_void_requests_stand_outside_n(book: Book) -> None:
    bouncing = group(book, "juniper")

    assert bouncing.void[VoidReason.BOUNCED] > 30
    assert bouncing.n == 40 - bouncing.void_total == bouncing.answered + bouncing.missed + bouncing.pending
    assert bouncing.first_response.n == bouncing.n


def test_the_board_shows_one_company_proven_met_one_proven_not_met_and_one_not_proven(book: Book) -> None:
    first, answer = book.board

    assert (first.objective.measure, answer.objective.measure) == (Measure.FIRST_RESPONSE, Measure.ANSWER)
    for row in book.board:
        assert all(row.by_proof[proof] for proof in Proof)
        assert len(row.groups) == 11
    assert group(book, "alder-books") in first.by_proof[Proof.MET]
    assert group(book, "kestrel") in first.by_proof[Proof.NOT_MET]
    assert group(book, "glasshouse") in first.by_proof[Proof.NOT_PROVEN]


def test_observed_requests_never_share_a_group_with_those_we_asked() -> None:
    seen = request(2, "alder-books", SINCE + HOUR, origin=Origin.OBSERVED)
    book = build(material([answered(1, MINUTE), case(seen)]))

    assert [(group.origin, group.n) for group in book.groups] == [("sent", 1), ("observed", 1)]
    assert [(group.origin, group.n) for group in book.channels] == [("sent", 1), ("observed", 1)]
    assert len({group.anchor for group in book.groups}) == 2
    assert len(book.board) == 4


def test_a_group_names_every_origin_it_mixes() -> None:
    by_hand = request(2, "alder-books", SINCE + HOUR, origin=Origin.RECORDED)

    assert build(material([answered(1, MINUTE), case(by_hand)])).groups[0].origin == "sent+recorded"


def test_companies_held_to_different_objectives_are_not_judged_together() -> None:
    cases = [answered(1, MINUTE), answered(2, MINUTE, company="cobalt")]
    together = material(cases)
    stricter = replace(EMAIL, objectives=EMAIL.objectives[:1], window=5 * DAY)
    apart = replace(together, standards={**together.standards, ("cobalt", "email"): stricter})

    assert len(build(together).channels[0].statements) == 2
    (channel,) = build(apart).channels
    assert channel.statements == ()
    assert channel.window == 5 * DAY
    assert channel.limit(Measure.ANSWER) is None


def in_office_hours(found: Case) -> Case:
    """Return the case of a company in Berlin that works from nine to five, from Monday to Friday."""
    office = Calendar(ServiceHours(weekly=(((9 * 3600, 17 * 3600),),) * 5 + ((), ())), "Europe/Berlin")
    outcome = with_hours(found.outcome, found.request, found.replies, (), calendar=office, window=7 * DAY)
    return replace(found, outcome=outcome, outcome_counting_unknown=outcome)


def test_an_objective_in_service_hours_is_judged_by_the_time_they_were_there() -> None:
    friday = SINCE.replace(day=6, hour=15, minute=30)  # half an hour before they close in Berlin
    asked = request(1, "alder-books", friday)
    monday_at_half_past_nine = case(asked, [reply(1, asked, MessageKind.ANSWER, 2 * DAY + 17 * HOUR)])
    never = case(request(2, "alder-books", friday))
    limit = Objective(measure=Measure.ANSWER, kind=ObjectiveKind.SHARE, limit=3 * HOUR, at_least=0.5)
    mean = Objective(measure=Measure.FIRST_RESPONSE, kind=ObjectiveKind.MEAN, limit=HOUR, in_hours=True)
    together = material([in_office_hours(monday_at_half_past_nine), in_office_hours(never)])
    held = replace(EMAIL, objectives=(mean, replace(limit, limit=2 * HOUR, in_hours=True), limit))

    (found,) = build(replace(together, standards={("alder-books", "email"): held})).groups

    in_hours_mean, in_hours, by_clock = found.statements
    assert (in_hours.judgement.in_time, in_hours.judgement.too_late) == (1, 1)
    assert (by_clock.judgement.in_time, by_clock.judgement.too_late) == (0, 2)
    # One waited an hour of theirs, the other all 40 hours that are in a week: no more than the window can hold.
    assert in_hours_mean.judgement.value == pytest.approx((1 + 40) / 2 * 3600)
    assert not in_hours_mean.judgement.bounded
    assert in_hours_mean.whole_window is not None
    assert (in_hours_mean.whole_window.limit, in_hours_mean.cut) == (7 * DAY, 1)
    assert (found.limit(Measure.ANSWER), found.limit(Measure.FIRST_RESPONSE)) == (3 * HOUR, None)


def test_missed_requests_are_split_by_what_is_known_of_their_delivery() -> None:
    early = SINCE + HOUR
    cases = [
        case(request(number, "kestrel", early, proof=proof))
        for number, proof in enumerate([DeliveryProof.PROVEN, DeliveryProof.PRESUMED, DeliveryProof.PRESUMED], start=1)
    ]

    (found,) = build(material(cases)).groups

    assert (found.missed, found.missed_proven) == (3, 1)


def test_a_reply_waiting_for_review_counts_nowhere_but_its_effect_is_shown() -> None:
    cases = [answered(1, 10 * MINUTE), answered(2, 10 * MINUTE, kind=MessageKind.UNKNOWN)]

    (found,) = build(material(cases)).groups
    answer = found.statements[1]

    assert (found.answered, found.missed, found.in_review) == (1, 1, 1)
    assert (answer.judgement.in_time, answer.judgement.too_late) == (1, 1)
    assert answer.counting_unknown is not None
    assert (answer.counting_unknown.judgement.in_time, answer.counting_unknown.judgement.too_late) == (2, 0)


def test_without_replies_in_review_there_is_nothing_to_compare() -> None:
    book = build(material([answered(1, MINUTE)]))

    assert book.touched_by_review == ()
    assert all(found.counting_unknown is None for found in book.groups[0].statements)


def test_waits_too_close_to_a_limit_are_counted() -> None:
    close = request(1, "alder-books", SINCE, accepted_uncertainty=5 * MINUTE)
    cases = [case(close, [reply(1, close, MessageKind.ANSWER, 58 * MINUTE)]), answered(2, MINUTE)]

    assert [found.straddling for found in build(material(cases)).groups[0].statements] == [1, 0]


def test_waits_that_end_for_us_at_a_question_are_no_open_ones() -> None:
    asked_back = answered(1, HOUR, kind=MessageKind.QUESTION)
    weak = request(2, "alder-books", MADE_AT - 2 * MINUTE)
    unsure = reply(2, weak, MessageKind.QUESTION, 2 * MINUTE, strength=Strength.WEAK)  # just when we last looked
    stale = case(request(3, "alder-books", MADE_AT - 2 * DAY), observed_until=MADE_AT - 2 * DAY + HOUR)
    silent = case(request(4, "alder-books", SINCE))

    (found,) = build(material([asked_back, case(weak, [unsure]), stale, silent])).groups
    first, answer = found.statements

    assert answer.unended == Unended(open=1, asked_back=1, unwatched=1)
    assert answer.judgement.undecided == 3
    assert first.unended == Unended(open=2, asked_back=0, unwatched=0)  # up to the window: a question is a response
    assert [entry.request.id for entry in found.entries if entry.asked_back] == [1]


def test_a_question_that_got_its_answer_waits_for_nobody() -> None:
    asked = request(1, "alder-books", SINCE)
    came = [reply(1, asked, MessageKind.QUESTION, HOUR), reply(2, asked, MessageKind.ANSWER, 2 * HOUR)]

    (entry,) = build(material([case(asked, came)])).entries

    assert not entry.asked_back


def test_only_waits_over_the_window_are_cut_from_a_mean() -> None:
    open_one = case(request(2, "alder-books", MADE_AT - DAY))

    (found,) = build(
        material([answered(1, HOUR), open_one, answered(3, 9 * DAY), case(request(4, "alder-books", SINCE))])
    ).groups

    assert found.statements[0].cut == 2


def test_nobody_is_said_to_have_taken_over_what_came_back() -> None:
    asked = request(1, "juniper", SINCE)

    (entry,) = build(material([case(asked, [reply(1, asked, MessageKind.BOUNCE, MINUTE)])])).entries

    assert [(event.what, event.detail) for event in entry.timeline[1:2]] == [("handed-over", "")]


def test_a_late_first_response_keeps_the_time_it_took() -> None:
    (entry,) = build(material([answered(1, 9 * DAY)])).late

    assert entry.reached_after == 9 * DAY
    assert entry.outcome.first_response is not None
    assert entry.outcome.first_response.length == EMAIL.window


def test_machines_are_counted_once_a_request_however_often_they_write() -> None:
    asked = request(1, "alder-books", SINCE)
    came = [
        reply(1, asked, MessageKind.ACKNOWLEDGEMENT, MINUTE),
        reply(2, asked, MessageKind.ACKNOWLEDGEMENT, 2 * MINUTE),
        reply(3, asked, MessageKind.BOT, 3 * MINUTE, strength=Strength.WEAK),
    ]
    receipts = build(material([case(asked, came), answered(2, MINUTE)])).groups[0].receipts

    assert (receipts.acknowledged, receipts.median) == (1, MINUTE)
    assert receipts.by_kind == {MessageKind.ACKNOWLEDGEMENT: 1}


def test_a_timeline_tells_in_order_what_happened_and_which_message_ended_which_wait() -> None:
    asked = request(1, "alder-books", SINCE)
    came = [
        reply(3, asked, MessageKind.ANSWER, 3 * HOUR),
        reply(1, asked, MessageKind.ACKNOWLEDGEMENT, MINUTE),
        reply(2, asked, MessageKind.INTERIM, HOUR),
    ]
    tried = Attempt(
        id=9,
        request_id=1,
        number=1,
        envelope_id="env-first",
        started_at=SINCE - MINUTE,
        outcome=AttemptOutcome.UNAVAILABLE,
        detail="451 greylisted, come back later",
    )
    one = case(asked, came)
    (entry,) = build(material([replace(one, attempts=(tried, *one.attempts))])).entries

    assert [(event.what, event.role) for event in entry.timeline] == [
        ("attempt-unavailable", ""),
        ("asked", ""),
        ("accepted", ""),
        ("acknowledgement", ""),
        ("interim", "first"),
        ("answer", "answer"),
    ]
    assert entry.timeline[-1].after == 3 * HOUR
    assert entry.timeline[-1].sender == "alder-books.example"


def test_a_reply_stamped_before_its_request_is_shown_as_no_wait() -> None:
    asked = request(1, "alder-books", SINCE)
    early = reply(1, asked, MessageKind.ANSWER, MINUTE, stamps=Stamps(at=SINCE - MINUTE, source="own-mx"))

    (entry,) = build(material([case(asked, [early])])).entries

    assert entry.reached_after == timedelta(0)


def test_long_texts_are_cut_at_a_word() -> None:
    asked = request(1, "alder-books", SINCE)
    one = case(asked, [reply(1, asked, MessageKind.ANSWER, MINUTE)], texts={1: "word " * 400})

    excerpt = build(material([one])).entries[0].timeline[-1].excerpt

    assert excerpt.endswith("word …")
    assert len(excerpt) <= 282


def test_to_the_company_alone_its_letters_are_shown_whole_with_their_lines() -> None:
    asked = request(1, "alder-books", SINCE)
    letter = "Yes.\n \n\n\n" + "word " * 400 + "\nKind regards,\nTom Miller"
    one = case(asked, [reply(1, asked, MessageKind.ANSWER, MINUTE)], texts={1: letter})

    whole = build(alone(material([one]), ["alder-books"])).entries[0].timeline[-1].excerpt

    assert whole.startswith("Yes.\n\nword")
    assert whole.endswith("\nKind regards,\n•••")


@pytest.mark.parametrize("form", ["{}", "{}.", "REF-{}", "x{}y", "service+{}@tester.example"])
def test_no_text_gives_a_token_away(form: str) -> None:
    asked = request(1, "alder-books", SINCE)
    other = case(request(2, "cobalt", SINCE))
    secret = form.format(token(2).upper())  # that of another request than the one the text belongs to
    came = reply(
        1,
        asked,
        MessageKind.ANSWER,
        MINUTE,
        subject=f"Re: {secret}",
        because=(Reason(rule="expected-fact", saw=f"about {secret}"),),
    )
    one = case(asked, [came], texts={1: f"your message {secret} was read"})
    tried = replace(one.attempts[0], outcome=AttemptOutcome.REFUSED, detail=f"550 <{secret}>")
    book = build(material([replace(one, attempts=(tried,)), other]))

    shown = repr([(entry.subject, entry.timeline, entry.void_detail) for entry in book.entries]).lower()

    assert "your message" in shown
    assert token(2) not in shown
    assert token(1) not in shown  # it stands in the subject we sent


def test_message_ids_and_envelope_ids_are_blotted_out() -> None:
    asked = request(1, "alder-books", SINCE, message_id="k4.q8@tester.example")
    one = case(
        asked, [reply(1, asked, MessageKind.ANSWER, MINUTE)], texts={1: "see <K4.q8@tester.example>, env-first99."}
    )
    tried = replace(one.attempts[0], envelope_id="env-first99")

    (entry,) = build(material([replace(one, attempts=(tried,))])).entries

    assert entry.timeline[-1].excerpt == "see <•••>, •••."


def test_a_refused_request_says_why_and_counts_nowhere() -> None:
    refused = request(
        1,
        "kestrel",
        MADE_AT,
        delivery=Delivery.REFUSED,
        void_reason=VoidReason.REFUSED,
        void_detail="550 no such user",
    )
    book = build(material([case(replace(refused, accepted_at=None))]))

    assert [(entry.void_detail, entry.reached_after) for entry in book.void] == [("550 no such user", None)]
    ((reason, companies),) = book.void_by_reason
    assert (reason, [(company.key, n) for company, n in companies]) == (VoidReason.REFUSED, [("kestrel", 1)])
    assert book.groups[0].n == 0
    assert all(found.judgement.proof is Proof.NOT_PROVEN for found in book.groups[0].statements)


def test_no_requests_make_an_empty_book() -> None:
    book = build(material([]))

    assert (book.groups, book.channels, book.board, book.entries) == ((), (), (), ())
