"""What times given by others stand for: replies, so that waits and promises are derived as of any other request."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from slawatch import imported, pledges, waits
from slawatch.hours import Calendar, ServiceHours
from slawatch.imported import Given, form_of, key_of
from slawatch.inheritance import STANDARD
from slawatch.model import Delivery, Form, MessageKind, Origin, PledgeState, PromiseAbout, Request, Text, Verdict

SENT = datetime(2026, 11, 1, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
REQUEST = Request(
    id=7,
    public_id="M1",
    origin=Origin.IMPORTED,
    company="acme",
    channel="email",
    target="",
    account=imported.ACCOUNT,
    text=Text(probe="", lang="", variant=0, subject="", body=""),
    token="",
    message_id="",
    delivery=Delivery.SENT,
    due_at=SENT,
    zone="UTC",
    intended_at=SENT,
    accepted_at=SENT,
)


def given(**hours: float) -> Given:
    times: dict[str, Any] = {name: SENT + value * HOUR for name, value in hours.items()}
    return Given(request_id=7, import_id=1, source="a.csv", line=3, **times)


def kinds(one: Given) -> list[MessageKind]:
    return [reply.kind for reply in imported.replies(one)]


def test_nothing_given_is_no_reply() -> None:
    assert imported.replies(given(observed_until=9)) == ()


def test_a_first_response_apart_from_the_answer_is_an_interim_reply() -> None:
    assert kinds(given(acknowledged_at=0.1, first_response_at=1, answered_at=2)) == [
        MessageKind.ACKNOWLEDGEMENT,
        MessageKind.INTERIM,
        MessageKind.ANSWER,
    ]


def test_an_answer_at_the_time_of_the_first_response_is_one_reply() -> None:
    assert kinds(given(first_response_at=2, answered_at=2)) == [MessageKind.ANSWER]
    assert kinds(given(answered_at=2)) == [MessageKind.ANSWER]


def test_no_two_replies_share_an_id_and_none_is_a_messages() -> None:
    ids = [
        reply.message_id
        for number in range(1, 50)
        for reply in imported.replies(
            Given(request_id=number, import_id=1, source="", line=1, acknowledged_at=SENT, answered_at=SENT)
        )
    ]

    assert len(set(ids)) == len(ids) == 98
    assert max(ids) < 0


def test_waits_are_derived_as_of_any_other_request() -> None:
    one = given(acknowledged_at=0.1, first_response_at=1, answered_at=30)

    outcome = waits.outcome(REQUEST, imported.replies(one), standard=STANDARD, observed_until=SENT + 99 * HOUR)

    assert outcome.verdict is Verdict.ANSWERED
    assert outcome.first_response is not None
    assert outcome.answer is not None
    assert (outcome.first_response.length, outcome.answer.length) == (HOUR, 30 * HOUR)
    assert outcome.acknowledged == 0.1 * HOUR


def judged(one: Given, hours: float) -> list[tuple[PromiseAbout, PledgeState]]:
    calendar = Calendar(ServiceHours(), "UTC")
    found = pledges.judge(REQUEST, imported.replies(one), calendar=calendar, observed_until=SENT + hours * HOUR)
    return [(pledge.promise.about, pledge.state) for pledge in found]


def test_a_receipts_promise_is_kept_by_the_first_response() -> None:
    assert judged(given(acknowledged_at=0.1, first_response_at=4, promised_at=5), 9) == [
        (PromiseAbout.REPLY, PledgeState.KEPT)
    ]


def test_a_persons_promise_is_broken_where_no_answer_came() -> None:
    assert judged(given(first_response_at=1, promised_at=5), 9) == [(PromiseAbout.MATTER, PledgeState.BROKEN)]
    assert judged(given(first_response_at=1, promised_at=5), 4) == [(PromiseAbout.MATTER, PledgeState.RUNNING)]


def test_the_form_goes_by_the_channel() -> None:
    assert (form_of("twitter"), form_of("webchat"), form_of("email"), form_of("fax")) == (
        Form.POST,
        Form.CHAT,
        Form.LETTER,
        Form.LETTER,
    )


def test_a_key_tells_apart_what_differs() -> None:
    assert key_of("a", "b") == key_of("a", "b")
    assert len({key_of("a", "b"), key_of("ab", ""), key_of("a", "b", ""), key_of("b", "a"), key_of('a", "b')}) == 5
