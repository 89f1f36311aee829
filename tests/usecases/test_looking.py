"""Looking: what came in is kept, tied to its request and judged; what could not be looked at blames nobody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from slawatch import classify
from slawatch.channels.base import Batch
from slawatch.errors import OutputError
from slawatch.model import (
    Classification,
    Delivery,
    DeliveryProof,
    Facts,
    MessageKind,
    Report,
    Request,
    Verdict,
    VoidReason,
)
from slawatch.testing import MemoryChannel
from slawatch.usecases import derive
from slawatch.usecases.collect import collect
from slawatch.usecases.explain import explain
from slawatch.usecases.outcomes import standing
from slawatch.usecases.report import Choice, blind_windows, gather, write_whole
from slawatch.usecases.status import status
from slawatch.usecases.tick import tick
from tests.stages import Opening, Stage, company

ANSWER = "Guten Tag, wir liefern innerhalb von zwei bis drei Werktagen, jedes Paket lässt sich verfolgen. Ihr J. Ott"
AUTOMATIC = {"auto-submitted": ("auto-replied",)}


def asked(stage: Opening, **how: str) -> Stage:
    """Open a stage on which one request has just left."""
    here = stage(company(schedule='cron = "0 9 * * Mon"', **how))
    tick(here.world)
    here.forward(days=1, hours=7)
    tick(here.world)
    assert len(here.far.departures) == 1
    return here


def test_an_answer_ends_both_waits_at_the_instant_our_own_server_stamped(stage: Opening) -> None:
    here = asked(stage)
    here.forward(minutes=42)
    here.far.answer(here.the_request(), ANSWER)
    here.forward(hours=3)

    outcome = here.outcome()

    assert outcome.verdict is Verdict.ANSWERED
    assert outcome.first_response is not None
    assert outcome.answer is not None
    assert (outcome.first_response.length, outcome.first_response.ended) == (timedelta(minutes=42), True)
    assert (outcome.answer.length, outcome.answer.ended) == (timedelta(minutes=42), True)


def test_a_receipt_ends_nothing_but_proves_that_the_request_arrived(stage: Opening) -> None:
    here = asked(stage)
    here.forward(minutes=1)
    here.far.answer(here.the_request(), "Ihre Nachricht ist bei uns eingegangen.", headers=AUTOMATIC)
    here.forward(hours=3)

    outcome = here.outcome()

    assert outcome.verdict is Verdict.PENDING
    assert outcome.acknowledged == timedelta(minutes=1)
    assert outcome.proof is DeliveryProof.PROVEN
    assert outcome.first_response is not None
    assert (outcome.first_response.length, outcome.first_response.ended) == (timedelta(hours=3, minutes=1), False)


def test_a_request_is_missed_only_when_we_have_looked_past_the_end_of_its_window(stage: Opening) -> None:
    here = asked(stage)
    here.forward(days=6, hours=23)
    assert here.outcome().verdict is Verdict.PENDING
    here.far.go_away()
    here.forward(days=3)
    unseen = here.outcome()
    assert unseen.verdict is Verdict.PENDING
    assert unseen.first_response is not None
    assert unseen.first_response.length == timedelta(days=6, hours=23)

    here.far.come_back()

    missed = here.outcome()
    assert missed.verdict is Verdict.MISSED
    assert missed.proof is DeliveryProof.PRESUMED
    assert missed.first_response is not None
    assert (missed.first_response.length, missed.first_response.ended) == (timedelta(days=7), False)


def test_an_answer_after_the_window_is_late_and_the_request_stays_missed(stage: Opening) -> None:
    here = asked(stage)
    here.forward(days=9)
    here.far.answer(here.the_request(), ANSWER)

    outcome = here.outcome()

    assert (outcome.verdict, outcome.late) == (Verdict.MISSED, True)


def test_a_bounce_makes_the_request_void(stage: Opening) -> None:
    here = asked(stage)
    (attempt,) = here.world.store.attempts(here.the_request().id)
    here.far.report(here.the_request(), attempt, "failed")
    here.forward(hours=1)

    outcome = here.outcome()

    assert (outcome.verdict, outcome.void_reason) == (Verdict.VOID, VoidReason.BOUNCED)
    assert outcome.first_response is None


def test_a_delivery_receipt_moves_the_start_of_the_wait_to_the_hand_over(stage: Opening) -> None:
    here = asked(stage)
    (attempt,) = here.world.store.attempts(here.the_request().id)
    here.forward(minutes=10)  # our relay tried again after a greylisting
    here.far.report(here.the_request(), attempt, "relayed")
    here.forward(minutes=20)
    here.far.answer(here.the_request(), ANSWER)

    outcome = here.outcome()

    assert here.the_request().proof is DeliveryProof.PROVEN
    assert outcome.first_response is not None
    assert outcome.first_response.length == timedelta(minutes=20)


def silent_receipt(here: Stage) -> None:
    """Let our server report that it handed the request over, without stating when, as Postfix does."""
    (attempt,) = here.world.store.attempts(here.the_request().id)
    relayed = Report(type="delivery-status", action="relayed", status="2.0.0", envelope_id=attempt.envelope_id)
    here.far.deliver(Facts(sender="mailer-daemon@own.example", own_id="dsn@own.example", reports=(relayed,)))


def test_a_receipt_that_states_no_time_starts_the_wait_when_it_comes_if_our_server_had_to_try_again(
    stage: Opening,
) -> None:
    here = asked(stage)
    here.forward(minutes=10)
    silent_receipt(here)
    here.forward(minutes=20)
    here.far.answer(here.the_request(), ANSWER)

    outcome = here.outcome()

    assert outcome.first_response is not None
    assert outcome.first_response.length == timedelta(minutes=20)


def test_a_receipt_that_comes_at_once_leaves_the_start_between_the_two(stage: Opening) -> None:
    here = asked(stage)
    taken = here.the_request().accepted_at
    assert taken is not None
    here.forward(seconds=2)
    silent_receipt(here)
    collect(here.world)

    request = here.the_request()
    assert request.accepted_at == taken + timedelta(seconds=1)
    assert request.accepted_uncertainty == timedelta(seconds=1)
    assert request.proof is DeliveryProof.PROVEN


def test_a_delivery_receipt_from_the_future_proves_delivery_but_moves_no_clock(stage: Opening) -> None:
    here = asked(stage)
    before = here.the_request().accepted_at
    (attempt,) = here.world.store.attempts(here.the_request().id)
    here.forward(hours=5)
    here.far.report(here.the_request(), attempt, "relayed")
    late = here.far.letters[-1]
    here.far.letters[-1] = type(late)(folder=late.folder, raw=late.raw, at=late.at - timedelta(hours=4))
    collect(here.world)

    assert here.the_request().proof is DeliveryProof.PROVEN
    assert here.the_request().accepted_at == before


def test_a_delivery_receipt_by_a_slow_clock_starts_no_wait_before_we_sent(stage: Opening) -> None:
    here = asked(stage)
    sent_at = here.the_request().accepted_at
    assert sent_at is not None
    (attempt,) = here.world.store.attempts(here.the_request().id)
    slow = Report(
        type="delivery-status",
        action="relayed",
        envelope_id=attempt.envelope_id,
        at=sent_at - timedelta(seconds=30),
    )
    here.forward(seconds=5)
    here.far.deliver(Facts(sender="mailer-daemon@own.example", own_id="dsn@own.example", reports=(slow,)))
    collect(here.world)

    assert here.the_request().proof is DeliveryProof.PROVEN
    assert here.the_request().accepted_at == sent_at


def test_our_own_copy_is_no_reply_and_the_same_mail_twice_is_one(stage: Opening) -> None:
    here = asked(stage)
    here.forward(minutes=5)
    here.far.answer(here.the_request(), ANSWER)
    here.far.deliver_again()
    here.forward(minutes=5)
    collect(here.world)
    collect(here.world)

    replies = here.world.store.replies([here.the_request().id])[here.the_request().id]
    assert len(replies) == 1
    assert here.the_request().copy_received_at == here.far.departures[0].at


def test_an_audit_of_ones_own_mailbox_counts_ones_own_answer(stage: Opening) -> None:
    stage(company(schedule='cron = "0 9 * * Mon"').replace("service@shop.example", "asks@own.example"))
    here = stage()
    tick(here.world)
    here.forward(days=1, hours=7)
    tick(here.world)
    here.forward(minutes=30)
    here.far.answer(here.the_request(), ANSWER)

    outcome = here.outcome()

    assert outcome.verdict is Verdict.ANSWERED
    assert outcome.first_response is not None
    assert outcome.first_response.length == timedelta(minutes=30)


def test_mail_of_our_own_that_comes_back_is_no_reply(stage: Opening) -> None:
    here = asked(stage)
    request = here.the_request()
    here.forward(minutes=5)
    here.far.deliver(
        Facts(
            sender="asks@own.example",
            own_id="by-hand@own.example",
            cited_ids=(request.message_id,),
            subjects=(f"Fwd: {request.text.subject}",),
            text=ANSWER,
        )
    )

    assert here.outcome().verdict is Verdict.PENDING


def test_what_lies_in_junk_counts_like_the_rest(stage: Opening) -> None:
    here = asked(stage)
    here.forward(minutes=5)
    here.far.answer(here.the_request(), ANSWER, folder="Junk")

    assert here.outcome().verdict is Verdict.ANSWERED


def test_strangers_mail_is_kept_and_tied_to_nothing(stage: Opening) -> None:
    here = asked(stage)
    collect(here.world)  # our own copy
    here.far.deliver(Facts(sender="news@elsewhere.example", subjects=("Sale",), own_id="n1@x.example", text="!"))
    done = collect(here.world)

    assert (done.messages, done.replies) == (1, 0)
    assert here.outcome().verdict is Verdict.PENDING
    assert here.world.store.messages(unmatched=True)


def test_a_crash_between_keeping_and_judging_loses_no_message(stage: Opening) -> None:
    here = asked(stage)
    here.forward(minutes=5)
    here.far.answer(here.the_request(), ANSWER)
    channel = here.world.channel("main")
    here.world.store.add_batch("main", "email", channel.collect(here.world.store.cursor("main")))  # and dies here
    here.forward(minutes=1)

    assert here.outcome().verdict is Verdict.ANSWERED


def test_one_mailbox_that_cannot_be_read_is_a_blind_window_in_the_report_and_blames_nobody(stage: Opening) -> None:
    here = asked(stage)
    started_at = here.clock.now()
    here.forward(hours=1)
    here.far.go_away()
    for _ in range(6):
        done = tick(here.world)
        here.forward(hours=1)
    assert done.part_unmeasured
    assert "away" in done.collecting.failed["main"]
    here.far.come_back()
    tick(here.world)

    (blind,) = blind_windows(here.world, "main", started_at)

    assert blind.until is not None
    assert blind.until - blind.since == timedelta(hours=6)
    assert here.outcome().verdict is Verdict.PENDING


def test_the_report_holds_every_request_that_left_with_its_replies_texts(stage: Opening) -> None:
    here = asked(stage)
    here.forward(minutes=5)
    here.far.answer(here.the_request(), ANSWER)
    collect(here.world)

    now = here.clock.now()
    material = gather(here.world, Choice(since=now - timedelta(days=7), until=now))

    (case,) = material.cases
    assert case.outcome.verdict is Verdict.ANSWERED
    assert ANSWER in case.texts.values()
    assert material.standards["shop", "email"].window == timedelta(days=7)
    assert material.looks["main"] == now


def test_a_company_gone_from_the_config_keeps_its_place_in_the_report(stage: Opening) -> None:
    here = asked(stage)
    path = here.world.config.path
    path.write_text(path.read_text().replace("company.shop", "company.other"), encoding="utf-8")
    here = stage()

    now = here.clock.now()
    material = gather(here.world, Choice(since=now - timedelta(days=7), until=now + timedelta(seconds=1)))

    assert material.cases[0].request.company == "shop"
    assert material.companies["shop"].name == "shop"


def test_status_and_explain_tell_the_same_story(stage: Opening) -> None:
    here = asked(stage)
    here.forward(minutes=5)
    here.far.answer(here.the_request(), "Ihre Nachricht ist bei uns eingegangen.", headers=AUTOMATIC)
    collect(here.world)

    request: Request = here.the_request()
    found = explain(here.world, request.public_id)
    ((open_request, outcome),) = status(here.world).open

    assert open_request == request
    assert outcome == found.outcome
    assert [reply.kind for reply in found.replies] == [MessageKind.ACKNOWLEDGEMENT]
    assert found.messages[found.replies[0].message_id].sha256
    assert found.attempts[0].outcome.value == "sent"


def test_an_answer_from_our_own_mailbox_counts_where_that_is_what_was_asked(stage: Opening) -> None:
    here = stage(company("own", schedule='cron = "0 9 * * Mon"').replace("service@own.example", "asks@own.example"))
    tick(here.world)
    here.forward(days=1, hours=7)
    tick(here.world)
    here.forward(minutes=5)
    here.far.answer(here.the_request(), ANSWER)

    assert here.outcome().verdict is Verdict.ANSWERED


def test_a_mailbox_that_another_process_reads_is_left_to_it(stage: Opening) -> None:
    here = asked(stage)
    here.forward(minutes=5)
    here.far.answer(here.the_request(), ANSWER)
    assert here.world.store.take_inbox("main", "another process", timedelta(minutes=10))

    done = collect(here.world)
    assert (done.messages, done.busy) == (0, ["main"])

    here.world.store.release_inbox("main", "another process")
    assert collect(here.world).replies == 1


def test_a_message_of_unknown_kind_counts_in_the_other_reading_only(stage: Opening) -> None:
    here = asked(stage)
    here.forward(seconds=5)  # faster than anybody types
    here.far.answer(here.the_request(), ANSWER)

    assert here.outcome().verdict is Verdict.PENDING
    assert here.outcome().in_review == 1
    other = standing(here.world, here.requests(), count_unknown=True)
    assert other[here.the_request().id].verdict is Verdict.ANSWERED
    (waiting,) = here.world.store.waiting_for_review()
    assert waiting.sender == "service@shop.example"


def test_a_bounce_of_our_own_copy_alone_voids_nothing(stage: Opening) -> None:
    here = asked(stage)
    (attempt,) = here.world.store.attempts(here.the_request().id)
    both = tuple(
        Report(type="delivery-status", action=action, recipient=recipient, envelope_id=attempt.envelope_id)
        for recipient, action in (("asks@own.example", "failed"), ("service@shop.example", "relayed"))
    )
    here.forward(seconds=2)
    here.far.deliver(Facts(sender="mailer-daemon@own.example", own_id="dsn@own.example", reports=both))

    outcome = here.outcome()

    assert (outcome.verdict, outcome.proof) == (Verdict.PENDING, DeliveryProof.PROVEN)


def test_a_void_request_stands_in_the_report(stage: Opening) -> None:
    here = stage(company(schedule='cron = "0 9 * * Mon"'))
    tick(here.world)
    here.far.refuse("service@shop.example")
    here.forward(days=1, hours=7)
    tick(here.world)

    now = here.clock.now()
    (case,) = gather(here.world, Choice(since=now - timedelta(days=1), until=now + timedelta(seconds=1))).cases

    assert (case.outcome.verdict, case.outcome.void_reason) == (Verdict.VOID, VoidReason.REFUSED)


def test_a_report_that_cannot_be_written_whole_leaves_the_old_one(tmp_path: Path) -> None:
    path = write_whole(tmp_path / "out" / "report.html", "the old one")

    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "half of the new one, then a letter that no file can hold: \ud800")

    assert path.read_text(encoding="utf-8") == "the old one"
    assert list(path.parent.iterdir()) == [path]


def test_a_report_that_cannot_be_written_there_says_so_of_the_file_that_was_named(tmp_path: Path) -> None:
    cure = "write it elsewhere with slawatch report --out FILE"
    (tmp_path / "file").touch()

    with pytest.raises(OutputError) as error:
        write_whole(tmp_path / "file" / "report.html", "words")
    assert str(error.value) == (
        f'report: "{tmp_path / "file" / "report.html"}" cannot be written (File exists); {cure}'
    )

    with pytest.raises(OutputError) as error:
        write_whole(tmp_path, "words")
    assert str(error.value) == f'report: "{tmp_path}" cannot be written (Is a directory); {cure}'
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert list(tmp_path.parent.glob(f".{tmp_path.name}*")) == []


def test_a_mailbox_that_is_nearly_full_is_told_once_and_shown_as_long_as_it_is(
    stage: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = stage(company())
    full = [""]
    collect_ = MemoryChannel.collect

    def warned(channel: MemoryChannel, cursor: str, **how: Callable[[], Any]) -> Batch:
        return replace(collect_(channel, cursor, **how), warning=full[0])

    monkeypatch.setattr(MemoryChannel, "collect", warned)
    told = []
    for full[0] in ("", "the mailbox is 80 % full", "the mailbox is 80 % full", "the mailbox is 85 % full", ""):
        here.news.clear()
        tick(here.world)
        told.append([news.words for news in here.news if news.what == "warning"])
        assert status(here.world).troubles == ({"main": full[0]} if full[0] else {})

    assert told == [[], ["the mailbox is 80 % full"], [], ["the mailbox is 85 % full"], []]


def test_status_says_of_a_mailbox_that_cannot_be_read_why(stage: Opening) -> None:
    here = stage(company())
    tick(here.world)
    here.far.go_away()
    here.forward(hours=1)
    tick(here.world)

    assert status(here.world).troubles == {"main": "memory: the far side is away: try again later"}
    here.far.come_back()
    tick(here.world)
    assert status(here.world).troubles == {}


def test_a_mailbox_that_is_down_across_the_end_of_the_window_blames_nobody(stage: Opening) -> None:
    here = asked(stage)
    here.forward(days=6, hours=20)
    assert here.outcome().verdict is Verdict.PENDING
    here.far.go_away()
    for _ in range(8):
        here.forward(hours=6)
        collect(here.world)
    request = here.the_request()
    outcome = here.outcome()
    explanation = explain(here.world, request.public_id)
    material = gather(here.world, Choice(since=here.clock.now() - timedelta(days=30), until=here.clock.now()))

    assert outcome.verdict is Verdict.PENDING  # neither answered nor missed: nobody looked
    assert outcome.first_response is not None
    assert outcome.first_response.length == timedelta(days=6, hours=20)
    assert explanation.observed_until == request.accepted_at + timedelta(days=6, hours=20)  # type: ignore[operator]
    (blind,) = material.blind
    assert "the far side is away" in blind.why
    assert (blind.since, blind.until) == (request.accepted_at + timedelta(days=7, hours=2), None)  # type: ignore[operator]

    here.far.answer(request, ANSWER)  # came while nobody looked, after the window: late, and known once we see again
    here.far.come_back()
    assert (here.outcome().verdict, here.outcome().late) == (Verdict.MISSED, True)


@pytest.mark.timeout(30)
def test_a_letter_that_is_judged_on_and_on_waits_for_a_person_and_holds_up_no_other(
    stage: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = asked(stage)
    judge = classify.classify

    def go_on_and_on(facts: Facts, **what: Any) -> Classification:
        while "hostile" in facts.text:
            pass
        return judge(facts, **what)

    judge(Facts(text=ANSWER))  # the first time takes long
    monkeypatch.setattr(derive, "JUDGING_SECONDS_MAX", 0.5)
    monkeypatch.setattr(classify, "classify", go_on_and_on)
    here.forward(minutes=5)
    here.far.answer(here.the_request(), "hostile")
    here.forward(minutes=5)
    here.far.answer(here.the_request(), ANSWER)
    collect(here.world)

    replies = {reply.kind: reply for reply in here.world.store.replies([here.the_request().id])[here.the_request().id]}
    assert replies.keys() == {MessageKind.UNKNOWN, MessageKind.ANSWER}
    assert [reason.rule for reason in replies[MessageKind.UNKNOWN].because] == ["took-too-long"]
    assert here.outcome().in_review == 1


def test_a_request_of_which_nobody_knows_whether_it_left_is_open_until_that_is_settled(stage: Opening) -> None:
    here = stage(company(schedule='every = "7 d"'))
    here.far.copies = False
    here.far.swallow_once()
    tick(here.world)
    here.forward(days=1)
    tick(here.world)
    asked = here.the_request()
    assert (asked.delivery, asked.void_reason) == (Delivery.UNCERTAIN, None)

    assert status(here.world).open == ((asked, None),)
    here.forward(hours=2)
    tick(here.world)
    here.forward(hours=2)
    tick(here.world)

    assert here.world.store.requests(ids=[asked.id])[0].void_reason is VoidReason.UNCERTAIN
    assert asked.id not in [request.id for request, _ in status(here.world).open]
