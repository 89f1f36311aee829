"""From a letter to its request, and to who wrote it: nothing is thrown away, and nothing counts on a guess."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

import pytest

from slawatch.model import (
    DeliveryProof,
    Facts,
    MatchEvidence,
    MessageKind,
    Purpose,
    Reply,
    Report,
    Request,
    Strength,
    Verdict,
    VoidReason,
    Writer,
)
from slawatch.testing import MemoryChannel
from slawatch.usecases import review
from slawatch.usecases.collect import collect
from slawatch.usecases.derive import AT_ONCE
from slawatch.usecases.tick import tick
from tests.stages import Opening, Stage, company

WEEKLY = 'cron = "0 9 * * Mon"'
ANSWER = "Guten Tag, wir liefern in zwei bis drei Werktagen, jedes Paket lässt sich verfolgen. Ihr J. Ott"
AUTOMATIC = {"auto-submitted": ("auto-replied",)}
CHECKED = 'own_mx = "mx.own.example"\nauthserv_id = "mx.own.example"\n'
MX = ("received", "from mail.far.example (mail.far.example [198.51.100.7]) by mx.own.example with ESMTPS id 1; now")


def asked(stage: Opening, *companies: str, account: str = "", times: int = 1) -> Stage:
    """Open a stage on which each company was asked so many times, a week apart; `account` adds keys to ours."""
    here = stage(account, *(companies or (company(schedule=WEEKLY),)))
    tick(here.world)
    here.forward(days=1, hours=7)
    tick(here.world)
    for _ in range(times - 1):
        here.forward(days=7)
        tick(here.world)
    assert len(here.requests()) == times * max(1, len(companies))
    return here


def address(request: Request) -> str:
    return f"asks+{request.token}@own.example"


def came(here: Stage, facts: Facts) -> list[Reply]:
    """Return what became of this letter, an hour later: its ties, the strongest request first."""
    collect(here.world)
    here.forward(hours=1)
    known = {message.id for message in here.world.store.messages()}
    here.far.deliver(replace(facts, own_id=facts.own_id or f"letter-{len(here.far.letters)}@far.example"))
    collect(here.world)
    (new,) = (message.id for message in here.world.store.messages() if message.id not in known)
    return here.world.store.replies_of([new]).get(new, [])


def one(replies: list[Reply]) -> Reply:
    (reply,) = replies
    return reply


# --- who wrote it ---


def test_a_stranger_who_knows_the_secret_is_kept_flagged_and_counted_nowhere(stage: Opening) -> None:
    here = asked(stage)
    request = here.the_request()

    reply = one(
        came(
            here,
            Facts(
                sender="friend@else.example",
                delivered_to=(address(request),),
                cited_ids=(request.message_id,),
                subjects=(f"Re: {request.text.subject}",),
                text=ANSWER,
            ),
        )
    )

    assert (reply.evidence, reply.strength) == (MatchEvidence.DELIVERED_TO, Strength.CERTAIN)
    assert (reply.written_by.writer, reply.written_by.saw) == (Writer.STRANGER, "else.example")
    assert (reply.kind, reply.counts, reply.in_review) == (MessageKind.ANSWER, False, True)
    outcome = here.outcome()
    assert (outcome.verdict, outcome.in_review) == (Verdict.PENDING, 1)
    assert [waiting.message.id for waiting in review.waiting(here.world)] == [reply.message_id]


def test_a_domain_that_a_person_trusts_is_the_companys_for_earlier_and_for_later_letters(stage: Opening) -> None:
    here = asked(stage)
    request = here.the_request()
    facts = Facts(sender="desk@helper.example", delivered_to=(address(request),), text=ANSWER)
    reply = one(came(here, facts))
    assert here.outcome().verdict is Verdict.PENDING

    review.decide(here.world, reply.message_id, review.Wish(trust=True), who="me", reason="their help desk")

    assert here.outcome().verdict is Verdict.ANSWERED
    assert one(came(here, replace(facts, own_id="later@helper.example"))).written_by.writer is Writer.COMPANY


@pytest.mark.parametrize(
    ("results", "writer", "verdict"),
    [
        ("mx.own.example; dmarc=pass header.from=shop.example", Writer.COMPANY, Verdict.ANSWERED),
        ("mx.own.example; dmarc=fail header.from=shop.example", Writer.FORGED, Verdict.PENDING),
        ("mx.evil.example; dmarc=pass header.from=shop.example", Writer.FORGED, Verdict.PENDING),
    ],
)
def test_our_own_server_s_word_on_the_sender_is_heard(
    stage: Opening, results: str, writer: Writer, verdict: Verdict
) -> None:
    here = asked(stage, account=CHECKED)
    request = here.the_request()

    reply = one(
        came(
            here,
            Facts(
                sender="service@shop.example",
                delivered_to=(address(request),),
                trace=(("authentication-results", results), MX),
                text=ANSWER,
            ),
        )
    )

    assert reply.written_by.writer is writer
    assert here.outcome().verdict is verdict


def test_forged_references_without_the_secret_address_do_not_count_where_nothing_confirms_them(
    stage: Opening,
) -> None:
    here = asked(stage, account=CHECKED)
    open_ = ("authentication-results", "mx.own.example; spf=none smtp.mailfrom=shop.example; dkim=none")
    facts = Facts(
        sender="service@shop.example", cited_ids=(here.the_request().message_id,), trace=(open_, MX), text=ANSWER
    )

    forged = one(came(here, facts))
    to_the_address = one(came(here, replace(facts, delivered_to=(address(here.the_request()),))))

    assert (forged.written_by.writer, forged.in_review) == (Writer.FORGED, True)
    assert to_the_address.written_by.writer is Writer.COMPANY


# --- the company's own names ---


def test_a_second_thread_is_joined_by_the_ticket_number_of_the_first(stage: Opening) -> None:
    here = asked(stage)
    request = here.the_request()
    one(
        came(
            here,
            Facts(
                sender="service@shop.example",
                delivered_to=(address(request),),
                subjects=(f"[#25054] {request.text.subject}",),
                headers=AUTOMATIC,
                text="Ihre Nachricht ist eingegangen.",
            ),
        )
    )

    answer = one(came(here, Facts(sender="jo@shop.example", subjects=("[#25054] Ihre Anfrage",), text=ANSWER)))

    assert (answer.evidence, answer.strength, answer.saw) == (MatchEvidence.TICKET, Strength.STRONG, "25054")
    assert here.outcome().verdict is Verdict.ANSWERED
    assert came(here, Facts(sender="jo@else.example", subjects=("[#25054] Ihre Anfrage",), text=ANSWER)) == []


def test_what_a_stranger_calls_it_teaches_nothing(stage: Opening) -> None:
    here = asked(stage)
    came(here, Facts(sender="x@else.example", delivered_to=(address(here.the_request()),), subjects=("[#25054]",)))

    reply = one(came(here, Facts(sender="jo@shop.example", subjects=("[#25054] Rechnung",), text=ANSWER)))

    assert (reply.evidence, reply.counts) == (MatchEvidence.SOLE_OPEN, False)


def test_what_a_letter_turns_out_not_to_have_taught_ties_nothing_any_more(stage: Opening) -> None:
    here = asked(stage)
    facts = Facts(
        sender="service@shop.example",
        delivered_to=(address(here.the_request()),),
        subjects=("[#25054] Eingang",),
        headers=AUTOMATIC,
    )
    first = one(came(here, facts))
    one(came(here, Facts(sender="jo@shop.example", subjects=("[#25054] Ihre Anfrage",), text=ANSWER)))
    assert here.world.store.taught(["shop"], ["ticket:25054"])

    review.decide(here.world, first.message_id, review.Wish(requests=()), who="me", reason="about another matter")

    assert here.world.store.taught(["shop"], ["ticket:25054"]) == []
    assert here.outcome().verdict is Verdict.PENDING


def test_the_conversation_of_an_exchange_server_is_followed(stage: Opening) -> None:
    here = asked(stage)
    thread = {"thread-index": ("AQIDBAUGBwgJCgsMDQ4PEBESExQVFg==",)}
    receipt = Facts(
        sender="service@shop.example", delivered_to=(address(here.the_request()),), headers={**AUTOMATIC, **thread}
    )
    came(here, receipt)

    reply = one(came(here, Facts(sender="jo@shop.example", subjects=("Lieferung",), headers=thread, text=ANSWER)))

    assert (reply.evidence, reply.strength) == (MatchEvidence.THREAD, Strength.MEDIUM)


def test_an_exchange_rule_that_names_the_parent_alone_is_understood(stage: Opening) -> None:
    here = asked(stage)
    parent = Facts(
        sender="service@shop.example",
        subjects=("Autoreply",),
        cited_ids=(here.the_request().message_id,),  # parse.py reads x-ms-exchange-parent-message-id as such
        headers={"auto-submitted": ("auto-generated",)},
        text="Thank you for your mail.",
    )

    assert one(came(here, parent)).evidence is MatchEvidence.CITED_ID


# --- guesses ---


def test_a_letter_from_the_only_company_that_is_open_waits_for_a_person(stage: Opening) -> None:
    here = asked(stage)

    reply = one(came(here, Facts(sender="jo@shop.example", subjects=("Ihre Anfrage",), text=ANSWER)))

    assert (reply.evidence, reply.strength, reply.in_review) == (MatchEvidence.SOLE_OPEN, Strength.WEAK, True)
    assert here.outcome().verdict is Verdict.PENDING

    review.decide(here.world, reply.message_id, review.Wish(), who="me", reason="it is the answer")

    assert here.outcome().verdict is Verdict.ANSWERED


def test_where_two_requests_are_open_both_are_candidates_and_neither_counts(stage: Opening) -> None:
    here = asked(stage, company(schedule='cron = "0 9 * * *"', relationship="own"), times=1)
    here.forward(days=1)
    tick(here.world)
    assert len(here.requests()) == 2

    replies = came(here, Facts(sender="jo@shop.example", subjects=("Ihre Anfrage",), text=ANSWER))

    assert {reply.request_id for reply in replies} == {request.id for request in here.requests()}
    assert all(reply.strength is Strength.WEAK and reply.in_review for reply in replies)
    assert {here.outcome(request).verdict for request in here.requests()} == {Verdict.PENDING}


def test_after_an_answer_the_request_is_no_longer_open_to_guesses(stage: Opening) -> None:
    here = asked(stage)
    here.forward(minutes=30)
    here.far.answer(here.the_request(), ANSWER)
    collect(here.world)

    assert came(here, Facts(sender="jo@shop.example", subjects=("Ihre Rechnung",), text="Anbei.")) == []


def test_a_newsletter_of_a_company_that_is_open_is_no_reply(stage: Opening) -> None:
    here = asked(stage)
    newsletter = {"list-unsubscribe": ("<https://shop.example/off>",)}

    assert came(here, Facts(sender="news@shop.example", subjects=("Angebote",), headers=newsletter)) == []


def test_our_subject_without_its_reference_is_enough_from_the_company(stage: Opening) -> None:
    here = asked(stage)
    request = here.the_request()
    bare = request.text.subject.replace(request.token, "").replace("()", "")

    reply = one(came(here, Facts(sender="jo@shop.example", subjects=(f"AW: {bare}",), text=ANSWER)))

    assert (reply.evidence, reply.strength, reply.counts) == (MatchEvidence.THREAD, Strength.MEDIUM, True)
    assert came(here, Facts(sender="jo@else.example", subjects=(f"AW: {bare}",), text=ANSWER)) == []


def test_a_help_desk_that_cites_nothing_is_found_by_the_quoted_reference(stage: Opening) -> None:
    here = asked(stage)
    request = here.the_request()
    quoted = Facts(
        sender="service@shop.example", subjects=("Ihre Nachricht",), text=ANSWER, quoted=f"> {request.text.subject}"
    )

    reply = one(came(here, quoted))

    assert (reply.evidence, reply.strength) == (MatchEvidence.BODY, Strength.MEDIUM)
    assert here.outcome().verdict is Verdict.ANSWERED


def test_one_letter_answers_the_requests_it_names_and_one_request_is_answered_by_several(stage: Opening) -> None:
    here = asked(stage, company("shop", schedule=WEEKLY), company("desk", schedule=WEEKLY))
    first, second = here.requests()
    both = Facts(
        sender=first.target,
        delivered_to=(address(first),),
        subjects=(f"Re: {second.text.subject}",),
        text=ANSWER,
    )

    replies = {reply.request_id: reply for reply in came(here, both)}
    again = one(came(here, replace(both, subjects=("Nachtrag",), text="Noch etwas.")))

    assert replies[first.id].written_by.writer is Writer.COMPANY
    assert replies[second.id].evidence is MatchEvidence.SUBJECT
    assert replies[second.id].written_by.writer is Writer.STRANGER  # to the other company, this sender is one
    assert again.request_id == first.id


# --- our own, and what goes round in circles ---


def test_a_letter_that_has_been_with_us_before_is_dropped(stage: Opening) -> None:
    here = asked(stage)
    loop = Facts(
        sender="robot@shop.example",
        delivered_to=(address(here.the_request()),),
        headers={"x-loop": ("asks@own.example",)},
        text=ANSWER,
    )

    assert came(here, loop) == []
    assert here.outcome().verdict is Verdict.PENDING


def follow_up(here: Stage) -> tuple[str, str]:
    """Intend a follow-up to a question; return its Message-ID and its envelope's id."""
    request = here.the_request()
    question = one(came(here, Facts(sender=request.target, delivered_to=(address(request),), text="Welcher Artikel?")))
    made = here.world.store.add_follow_up(
        request_id=request.id,
        message_id=question.message_id,
        purpose=Purpose.REPLY,
        subject="Re: Frage",
        body="Der rote.",
        own_id="follow@own.example",
        envelope_id="follow-1",
    )
    assert made is not None
    return made.own_id, made.envelope_id


def test_what_we_wrote_later_is_ours_too_and_replies_to_it_are_the_requests(stage: Opening) -> None:
    here = asked(stage)
    own_id, _ = follow_up(here)
    before = here.the_request().copy_received_at

    assert came(here, Facts(sender="relay@else.example", own_id=own_id)) == []
    assert here.the_request().copy_received_at == before
    cited = one(came(here, Facts(sender="jo@shop.example", cited_ids=(own_id,), text=ANSWER)))
    assert (cited.request_id, cited.evidence) == (here.the_request().id, MatchEvidence.CITED_ID)


def test_a_report_on_what_we_wrote_later_says_nothing_of_when_the_request_arrived(stage: Opening) -> None:
    here = asked(stage)
    _, envelope_id = follow_up(here)
    before = here.the_request()
    relayed = Report(type="delivery-status", action="relayed", status="2.0.0", envelope_id=envelope_id)

    reply = one(came(here, Facts(sender="mailer-daemon@own.example", reports=(relayed,))))

    assert reply.kind is MessageKind.DELIVERY_RECEIPT
    assert (here.the_request().accepted_at, here.the_request().proof) == (before.accepted_at, before.proof)


# --- mail systems ---


def test_a_companys_own_receipt_proves_the_delivery_and_does_not_shorten_its_wait(stage: Opening) -> None:
    here = asked(stage)
    before = here.the_request().accepted_at
    (attempt,) = here.world.store.attempts(here.the_request().id)
    here.forward(hours=5)
    here.far.report(here.the_request(), attempt, "delivered")
    collect(here.world)

    assert here.the_request().proof is DeliveryProof.PROVEN
    assert here.the_request().accepted_at == before


def test_a_bounce_that_comes_after_a_receipt_takes_no_request_out_of_the_count(stage: Opening) -> None:
    here = asked(stage)
    here.far.answer(here.the_request(), "Ihre Nachricht ist bei uns eingegangen.", headers=AUTOMATIC)
    here.forward(days=2)
    (attempt,) = here.world.store.attempts(here.the_request().id)
    here.far.report(here.the_request(), attempt, "failed")
    here.forward(hours=1)

    outcome = here.outcome()

    assert (outcome.verdict, outcome.in_review) == (Verdict.PENDING, 1)


def test_a_bounce_from_a_system_of_neither_side_is_left_to_a_person(stage: Opening) -> None:
    here = asked(stage)
    failed = Report(type="delivery-status", action="failed", status="5.1.1", recipient="service@shop.example")
    bounce = Facts(
        sender="mailer-daemon@nowhere.example", embedded_ids=(here.the_request().message_id,), reports=(failed,)
    )

    reply = one(came(here, bounce))

    assert (reply.kind, reply.written_by.writer, reply.in_review) == (MessageKind.BOUNCE, Writer.STRANGER, True)
    assert here.outcome().verdict is Verdict.PENDING
    assert one(came(here, replace(bounce, sender="mailer-daemon@shop.example", own_id=""))).counts
    assert here.outcome().void_reason is VoidReason.BOUNCED


# --- many at once ---


def test_a_letter_that_was_parsed_when_it_came_is_not_parsed_again(stage: Opening) -> None:
    here = asked(stage)
    here.forward(minutes=30)
    here.far.answer(here.the_request(), ANSWER)

    with patch.object(MemoryChannel, "read", side_effect=AssertionError("parsed twice")):
        collect(here.world)

    assert here.outcome().verdict is Verdict.ANSWERED


def test_many_letters_are_judged_in_few_transactions(stage: Opening) -> None:
    here = asked(stage)
    for number in range(2 * AT_ONCE + 1):
        here.far.deliver(Facts(sender="news@elsewhere.example", own_id=f"{number}@elsewhere.example", text="!"))
    channel = MemoryChannel(here.far, batch=1000)
    world = replace(here.world, channel=lambda _account: channel)
    run: list[str] = []
    here.world.store._connection().set_trace_callback(run.append)

    collect(world)

    here.world.store._connection().set_trace_callback(None)
    assert len(here.world.store.messages(unmatched=True)) == 2 * AT_ONCE + 1
    assert sum(statement == "COMMIT" for statement in run) < 10


def test_nothing_is_told_of_letters_that_were_not_kept(stage: Opening) -> None:
    here = asked(stage)
    here.news.clear()
    here.far.answer(here.the_request(), ANSWER)
    here.far.deliver(Facts(sender="x@else.example", own_id="x@else.example"))

    with (
        patch("slawatch.usecases.derive._taught", side_effect=KeyboardInterrupt),
        pytest.raises(KeyboardInterrupt),
    ):
        collect(here.world)
    assert here.world.store.replies() == {}
    assert here.news == []

    collect(here.world)
    assert [news.what for news in here.news] == ["reply"]


def test_a_text_that_comes_a_second_time_takes_the_credit_from_its_first_copy(stage: Opening) -> None:
    here = asked(stage, times=2)
    text = "Guten Tag, unser Team liest Ihre Frage. Wir kümmern uns gern darum und freuen uns auf Sie. Ihr J. Ott"
    first, second = here.requests()
    earlier = one(came(here, Facts(sender=first.target, delivered_to=(address(first),), text=text)))
    before = earlier.kind

    later = one(came(here, Facts(sender=second.target, delivered_to=(address(second),), text=text)))

    (again,) = here.world.store.replies_of([earlier.message_id])[earlier.message_id]
    assert again.kind is later.kind
    if before.by_person:
        assert not later.kind.by_person


def test_requests_that_are_long_over_are_no_candidates(stage: Opening) -> None:
    here = asked(stage)
    here.forward(days=30)
    reply = Facts(sender="jo@shop.example", subjects=("Ihre Anfrage",), text=ANSWER)

    assert came(here, reply) == []
    assert here.world.store.candidates(
        ["shop"],
        account="main",
        since=here.clock.now() - timedelta(days=60),
        until=here.clock.now(),
    )
