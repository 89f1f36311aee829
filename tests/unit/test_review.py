"""What a person decided stands in place of the rules' word, with the rules' reasons kept below."""

from __future__ import annotations

from datetime import UTC, datetime

from slawatch.model import (
    Classification,
    Match,
    MatchEvidence,
    MessageKind,
    Reason,
    Review,
    Strength,
    Writer,
    WrittenBy,
)
from slawatch.review import settled

RULE = Reason(rule="form-letter")
FOUND = Match(
    request_ids=(1, 2),
    evidence=MatchEvidence.SOLE_OPEN,
    strength=Strength.WEAK,
    writers={1: WrittenBy(writer=Writer.STRANGER)},
)
KIND = Classification(kind=MessageKind.UNKNOWN, because=(RULE,), fingerprint="f")


def decided(
    kind: MessageKind | None = None, request_ids: tuple[int, ...] | None = None, *, undone: bool = False
) -> Review:
    at = datetime(2026, 3, 29, tzinfo=UTC)
    return Review(
        id=1, message_id=7, at=at, who="anna", reason="read it", kind=kind, request_ids=request_ids, undone=undone
    )


def test_without_a_decision_the_rules_stand() -> None:
    assert settled(None, FOUND, KIND) == (FOUND, KIND)


def test_an_undone_decision_gives_the_message_back_to_the_rules() -> None:
    assert settled(decided(MessageKind.ANSWER, (1,), undone=True), FOUND, KIND) == (FOUND, KIND)


def test_whoever_ties_a_message_to_a_request_answers_for_its_writer() -> None:
    found, _ = settled(decided(MessageKind.ANSWER, (2,)), FOUND, KIND)

    assert found == Match(request_ids=(2,), evidence=MatchEvidence.BY_HAND, strength=Strength.CERTAIN)


def test_a_message_can_be_said_to_belong_to_no_request() -> None:
    assert settled(decided(request_ids=()), FOUND, KIND)[0] is None


def test_a_decision_about_the_kind_alone_leaves_the_match() -> None:
    assert settled(decided(MessageKind.BULK), FOUND, KIND)[0] is FOUND


def test_the_decisions_reason_comes_first_and_the_rules_stay_below() -> None:
    _, kind = settled(decided(MessageKind.ANSWER, (1,)), FOUND, KIND)

    assert kind == Classification(
        kind=MessageKind.ANSWER, because=(Reason(rule="by-hand", saw="read it"), RULE), fingerprint="f"
    )


def test_what_was_read_out_of_an_interim_reply_goes_with_another_kind_and_stays_with_the_same() -> None:
    interim = Classification(kind=MessageKind.INTERIM, because=(RULE,), how_long=True, why=False)

    _, same = settled(decided(None, (1,)), FOUND, interim)
    _, other = settled(decided(MessageKind.ANSWER, (1,)), FOUND, interim)

    assert (same.kind, same.how_long, same.why) == (MessageKind.INTERIM, True, False)
    assert (other.how_long, other.why) == (None, None)


def test_whether_an_answer_is_complete_is_said_of_answers_only() -> None:
    answer = Classification(kind=MessageKind.ANSWER, because=(RULE,), complete=True)
    unsure = Classification(kind=MessageKind.UNKNOWN, because=(RULE,), complete=False)

    assert settled(decided(MessageKind.QUESTION, (1,)), FOUND, answer)[1].complete is None
    assert settled(decided(MessageKind.ANSWER, (1,)), FOUND, unsure)[1].complete is False
