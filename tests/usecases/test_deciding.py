"""What the rules leave open counts nowhere until a person decides; a decision stands, is remembered, can be undone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from slawatch import classify, rules
from slawatch.errors import UsageError
from slawatch.model import Classification, MessageKind, Reason, Verdict, Writer
from slawatch.usecases.collect import collect
from slawatch.usecases.outcomes import standing
from slawatch.usecases.recompute import on_a_copy, recompute
from slawatch.usecases.review import Wish, decide, look, undo, waiting
from slawatch.usecases.tick import tick
from tests.stages import Opening, Stage, company

ANSWER = "Guten Tag, die Lieferung dauert drei Werktage, ich habe es im Lager erfragt. Ihr J. Ott"
UNSURE = "Guten Tag, Ihre Anfrage ist uns wichtig. Wir melden uns. Ihr Kundenservice"
ME = {"who": "anna", "reason": "read it"}


@pytest.fixture
def asked(stage: Opening) -> Stage:
    """A request that left an hour ago."""
    here = stage(company(schedule='cron = "0 9 * * Mon"', relationship="own"))
    tick(here.world)
    here.forward(days=1, hours=7)
    tick(here.world)
    here.forward(hours=1)
    return here


def unsure(here: Stage, monkeypatch: pytest.MonkeyPatch) -> int:
    """Let a reply come in of which the rules cannot say what it is; return its number."""

    def left_open(*_: object, **__: object) -> Classification:
        return Classification(kind=MessageKind.UNKNOWN, because=(Reason(rule="form-letter"),))

    with monkeypatch.context() as patched:
        patched.setattr(classify, "classify", left_open)
        here.far.answer(here.the_request(), UNSURE)
        collect(here.world)
    (one,) = waiting(here.world)
    return one.message.id


def test_what_waits_counts_nowhere_until_a_person_decides(asked: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    number = unsure(asked, monkeypatch)
    before = asked.outcome()
    assert (before.verdict, before.in_review) == (Verdict.PENDING, 1)

    (change,) = decide(asked.world, number, Wish(kind=MessageKind.ANSWER), **ME)

    assert change.before == before
    assert (change.after.verdict, change.after.in_review) == (Verdict.ANSWERED, 0)
    assert change.after.answer is not None
    assert change.after.answer.length == timedelta(hours=1)
    assert waiting(asked.world) == []


def test_what_is_left_open_must_be_said(asked: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    number = unsure(asked, monkeypatch)

    with pytest.raises(UsageError, match=f'message "{number}": its kind is not known, say it with --kind: answer, '):
        decide(asked.world, number, Wish(), **ME)

    assert look(asked.world, number).history == ()


def test_a_decision_outlives_newer_rules(asked: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    number = unsure(asked, monkeypatch)
    decide(asked.world, number, Wish(kind=MessageKind.INTERIM), **ME)

    monkeypatch.setattr(rules, "ALL", "newer")
    collect(asked.world)

    assert look(asked.world, number).judged.kind is MessageKind.INTERIM


def test_a_letter_that_belongs_to_none_is_taken_off_its_request(asked: Stage) -> None:
    asked.far.answer(asked.the_request(), ANSWER)
    assert asked.outcome().verdict is Verdict.ANSWERED
    number = asked.world.store.replies()[1][0].message_id

    (change,) = decide(asked.world, number, Wish(requests=()), **ME)

    assert change.after.verdict is Verdict.PENDING
    assert look(asked.world, number).judged.requests == ()
    assert [one.message.id for one in waiting(asked.world, unmatched=True)] == []  # decided, not left over


def test_a_decision_taken_back_leaves_the_rules_word_and_its_history(
    asked: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked.far.answer(asked.the_request(), ANSWER)
    before = asked.outcome()
    number = asked.world.store.replies()[1][0].message_id
    decide(asked.world, number, Wish(kind=MessageKind.ACKNOWLEDGEMENT), **ME)
    assert asked.outcome().verdict is Verdict.PENDING

    (change,) = undo(asked.world, number, who="bert", reason="anna was wrong")

    assert change.after == before
    first, second = look(asked.world, number).history
    assert (first.who, first.kind, first.was) == (
        "anna",
        MessageKind.ACKNOWLEDGEMENT,
        f"answer of {asked.the_request().public_id} by delivered-to (certain)",
    )
    assert (second.who, second.undone) == ("bert", True)


def test_what_nobody_decided_cannot_be_undone(asked: Stage) -> None:
    asked.far.answer(asked.the_request(), ANSWER)
    asked.outcome()
    number = asked.world.store.replies()[1][0].message_id

    with pytest.raises(UsageError, match=f'message "{number}": no decision about it holds'):
        undo(asked.world, number, **ME)


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        (Wish(requests=("R0000000",)), '--request: there is no "R0000000"'),
        (Wish(requests=(), trust=True), "--trust needs a sender and a request"),
    ],
)
def test_a_wish_that_cannot_be_is_one_line_and_changes_nothing(asked: Stage, wish: Wish, words: str) -> None:
    asked.far.answer(asked.the_request(), ANSWER)
    asked.outcome()
    number = asked.world.store.replies()[1][0].message_id

    with pytest.raises(UsageError, match=words):
        decide(asked.world, number, wish, **ME)

    assert look(asked.world, number).history == ()


def test_a_number_nobody_has_is_a_clear_mistake(asked: Stage) -> None:
    with pytest.raises(UsageError, match='message: there is no "4711"; `slawatch review` lists those that wait'):
        look(asked.world, 4711)


# --- recompute ---


def test_the_same_rules_change_nothing(asked: Stage) -> None:
    asked.far.answer(asked.the_request(), ANSWER)
    asked.outcome()

    done = recompute(asked.world)

    assert (done.messages, done.requests) == ((), ())
    assert done.judged == len(asked.world.store.messages())


def test_newer_rules_show_which_messages_and_requests_they_change(
    asked: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    unsure(asked, monkeypatch)
    before = asked.outcome()

    def sure(*_: object, **__: object) -> Classification:
        return Classification(kind=MessageKind.ANSWER, because=(Reason(rule="deals-with-the-matter"),))

    monkeypatch.setattr(classify, "classify", sure)
    done = recompute(asked.world)

    (message,) = done.messages
    (request,) = done.requests
    assert (message.before.kind, message.after.kind) == (MessageKind.UNKNOWN, MessageKind.ANSWER)
    assert (request.before, request.after.verdict) == (before, Verdict.ANSWERED)
    assert {tie.writer for tie in message.after.ties} == {Writer.COMPANY}


def test_a_dry_run_says_the_same_and_leaves_the_store_alone(asked: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    unsure(asked, monkeypatch)

    def sure(*_: object, **__: object) -> Classification:
        return Classification(kind=MessageKind.ANSWER, because=(Reason(rule="deals-with-the-matter"),))

    monkeypatch.setattr(classify, "classify", sure)
    with on_a_copy(asked.world) as copy:
        dry = recompute(copy)

    assert len(dry.requests) == 1
    assert len(waiting(asked.world)) == 1
    assert recompute(asked.world) == dry


def test_what_people_decided_is_counted_and_kept(asked: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    number = unsure(asked, monkeypatch)
    decide(asked.world, number, Wish(kind=MessageKind.REFUSAL), **ME)
    stands = standing(asked.world, asked.requests())

    done = recompute(asked.world)

    assert (done.decided, done.messages) == (1, ())
    assert standing(asked.world, asked.requests()) == stands
