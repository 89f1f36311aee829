"""Who wrote it: a company is credited with its own letters only, whatever a letter says of itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slawatch import match
from slawatch.match.authentication import Standing, from_outside, judge, our_side
from slawatch.match.domains import party
from slawatch.match.writers import GIVEN_UP_AFTER, from_our_side, is_our_report, surely_ours, written_by
from slawatch.model import (
    Facts,
    MatchEvidence,
    MessageKind,
    Reason,
    Reply,
    Stamps,
    Strength,
    Writer,
    WrittenBy,
)

NOW = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
SHOP = party("shop", domains=["shop.example"], addresses=["service@shop.example"])
SIDE = our_side(["own.example", "imap.own.example", "mx.own.example"], "mx.own.example")
BLIND = our_side(["own.example"], "")

MX_LINE = "from mail.shop.example (mail.shop.example [198.51.100.7]) by mx.own.example (Postfix) with ESMTPS id 1; now"
MX = ("received", MX_LINE)
INNER_LINE = "from mx.own.example (mx.own.example [10.0.0.5]) by imap.own.example with LMTP id 2; now"
INNER = ("received", INNER_LINE)
THEIRS = ("received", "from desk (unknown [192.0.2.9]) by mail.shop.example with ESMTPA id 3; now")


def said(results: str, by: str = "mx.own.example") -> tuple[str, str]:
    return ("authentication-results", f"{by}; {results}")


PASS = said("dmarc=pass (p=REJECT) header.from=shop.example")
FAIL = said("dmarc=fail header.from=shop.example; spf=fail smtp.mailfrom=shop.example")


def letter(*trace: tuple[str, str], sender: str = "service@shop.example") -> Facts:
    return Facts(sender=sender, trace=trace)


def writer(
    facts: Facts,
    *,
    evidence: MatchEvidence = MatchEvidence.CITED_ID,
    kind: MessageKind = MessageKind.ANSWER,
    side: match.OurSide = SIDE,
    earlier: tuple[Reply, ...] = (),
    after: timedelta | None = None,
) -> WrittenBy:
    return written_by(
        facts,
        SHOP,
        evidence=evidence,
        kind=kind,
        side=side,
        finding=judge(facts, side),
        earlier=earlier,
        after=after,
    )


# --- letters ---


@pytest.mark.parametrize(
    "results",
    [
        "dmarc=pass header.from=shop.example",
        "dkim=pass header.d=shop.example; spf=softfail smtp.mailfrom=bounce.helper.example",
        "dkim=pass (2048-bit key; unprotected) header.d=mail.shop.example header.i=@mail.shop.example header.b=AbC",
        "dkim=pass header.i=@shop.example",
        "spf=pass smtp.mailfrom=bounces@mail.shop.example",
        "spf=pass (mx.own.example: domain of service@shop.example) smtp.mailfrom=service@shop.example; dkim=none",
    ],
)
def test_what_our_own_server_confirms_is_the_companys(results: str) -> None:
    found = writer(letter(said(results), MX, THEIRS))

    assert found.writer is Writer.COMPANY
    assert "=pass for" in found.saw


@pytest.mark.parametrize(
    "results",
    [
        "dmarc=fail header.from=shop.example",
        "dmarc=fail header.from=shop.example; dkim=pass header.d=evil.example; spf=pass smtp.mailfrom=evil.example",
        "dmarc=fail header.from=shop.example; spf=pass smtp.mailfrom=shop.example",
        "spf=fail smtp.mailfrom=service@shop.example",
        "spf=softfail smtp.mailfrom=service@shop.example; dkim=fail header.d=shop.example",
    ],
)
def test_what_our_own_server_refutes_is_forged_even_to_the_secret_address(results: str) -> None:
    facts = letter(said(results), MX, THEIRS)

    assert writer(facts, evidence=MatchEvidence.DELIVERED_TO).writer is Writer.FORGED


@pytest.mark.parametrize(
    "results",
    [
        "none",
        "spf=none smtp.mailfrom=shop.example",
        "spf=neutral smtp.mailfrom=shop.example; dkim=none",
        "spf=temperror smtp.mailfrom=shop.example",
        "spf=pass smtp.mailfrom=bounce.helper.example; dkim=pass header.d=helper.example",  # a help desk's own
        "dmarc=pass header.from=evil.example",  # speaks of another sender
    ],
)
def test_where_our_server_cannot_tell_only_the_secret_address_counts(results: str) -> None:
    facts = letter(said(results), MX, THEIRS)

    assert writer(facts, evidence=MatchEvidence.DELIVERED_TO).writer is Writer.COMPANY
    assert writer(facts, evidence=MatchEvidence.RECIPIENT).writer is Writer.COMPANY
    for evidence in (MatchEvidence.CITED_ID, MatchEvidence.SUBJECT, MatchEvidence.TICKET, MatchEvidence.BODY):
        assert writer(facts, evidence=evidence).writer is Writer.FORGED


def test_without_a_result_where_there_ought_to_be_one_nobody_is_believed() -> None:
    found = writer(letter(MX, THEIRS), evidence=MatchEvidence.DELIVERED_TO)

    assert found == WrittenBy(writer=Writer.FORGED, saw="no Authentication-Results of mx.own.example")


def test_where_we_are_not_told_how_our_server_signs_the_domain_decides() -> None:
    assert writer(letter(MX), side=BLIND) == WrittenBy(writer=Writer.COMPANY, saw="shop.example, not verified")


@pytest.mark.parametrize("evidence", list(MatchEvidence))
def test_a_stranger_is_a_stranger_whatever_secret_they_know(evidence: MatchEvidence) -> None:
    verified = letter(said("dmarc=pass header.from=else.example"), MX, sender="jo@else.example")

    assert writer(verified, evidence=evidence) == WrittenBy(writer=Writer.STRANGER, saw="else.example")
    assert writer(letter(sender=""), evidence=evidence).writer is Writer.STRANGER


def test_a_letter_that_the_company_signed_is_its_own_from_whatever_address() -> None:
    signed = letter(
        said("dkim=pass header.d=shop.example; spf=pass smtp.mailfrom=d.example"), MX, sender="x@desk.example"
    )

    assert writer(signed) == WrittenBy(writer=Writer.COMPANY, saw="signed by shop.example")
    assert (
        writer(letter(said("dkim=fail header.d=shop.example"), MX, sender="x@desk.example")).writer is Writer.STRANGER
    )


# --- which of several results is our own server's ---


def test_a_result_that_came_in_with_the_letter_is_not_believed() -> None:
    forged = letter(FAIL, MX, PASS, THEIRS)  # ours stands above our Received line, theirs below it

    assert writer(forged).writer is Writer.FORGED


def test_below_our_received_line_only_the_topmost_result_counts() -> None:
    assert writer(letter(MX, FAIL, PASS, THEIRS)).writer is Writer.FORGED
    assert writer(letter(MX, PASS, FAIL, THEIRS)).writer is Writer.COMPANY  # Gmail writes there


def test_a_sender_cannot_add_what_our_server_did_not_try() -> None:
    ours = said("spf=none smtp.mailfrom=shop.example")

    assert writer(letter(ours, MX, PASS, THEIRS)).writer is Writer.FORGED
    assert writer(letter(MX, ours, PASS, THEIRS)).writer is Writer.FORGED


def test_a_result_below_a_line_of_somebody_elses_server_is_not_ours() -> None:
    assert writer(letter(MX, THEIRS, PASS)).saw == "no Authentication-Results of mx.own.example"


def test_a_received_line_that_the_sender_made_up_in_our_name_moves_nothing() -> None:
    made_up = ("received", "from mx.own.example (localhost [127.0.0.1]) by mx.own.example with LMTP id 9; now")

    assert writer(letter(MX, made_up, PASS, THEIRS)).saw == "no Authentication-Results of mx.own.example"
    assert writer(letter(FAIL, MX, made_up, PASS, THEIRS)).writer is Writer.FORGED


def test_results_stand_below_the_lines_of_our_inner_servers_too() -> None:
    assert writer(letter(INNER, PASS, MX, THEIRS)).writer is Writer.COMPANY
    assert (
        writer(letter(("received", "by 2002:a05:6a10::1 with SMTP id x; now"), INNER, MX, PASS)).writer
        is Writer.COMPANY
    )


def test_several_results_of_ours_above_our_line_are_read_together() -> None:
    apart = letter(said("dkim=none"), said("spf=pass smtp.mailfrom=shop.example"), MX)

    assert writer(apart).writer is Writer.COMPANY


@pytest.mark.parametrize("name", ["mx.evil.example", "own.example", "mx.own.example.evil.example", ""])
def test_results_in_another_name_are_nobodys_word(name: str) -> None:
    assert writer(letter(said("dmarc=pass header.from=shop.example", by=name), MX)).writer is Writer.FORGED


@pytest.mark.parametrize(
    "value",
    [
        "MX.own.example 1; dmarc=pass header.from=shop.example",
        '"mx.own.example"; dmarc = pass header.from = shop.example',
        "mx.own.example (our (very own) server); dmarc/1=pass (all good; really) header.from=shop.example",
        "mx.own.example; dkim=none; dmarc=pass action=none header.from=Shop.Example",
    ],
)
def test_every_spelling_that_the_standard_allows_is_read(value: str) -> None:
    assert writer(letter(("authentication-results", value), MX)).writer is Writer.COMPANY


@pytest.mark.parametrize(
    "value", ["", ";", "mx.own.example", "mx.own.example;;;", "mx.own.example; ((((((", "; dmarc=pass"]
)
def test_broken_results_confirm_nothing(value: str) -> None:
    assert writer(letter(("authentication-results", value), MX)).writer is Writer.FORGED


@given(st.lists(st.tuples(st.sampled_from(["received", "authentication-results"]), st.text(max_size=300)), max_size=8))
def test_no_trace_makes_it_fail_and_none_without_our_name_confirms(trace: list[tuple[str, str]]) -> None:
    finding = judge(letter(*trace), SIDE)

    assert finding is not None
    assert finding.standing is not Standing.CONFIRMED


@given(
    forged=st.lists(st.sampled_from([PASS, said("spf=pass smtp.mailfrom=shop.example"), MX, THEIRS, INNER]), max_size=6)
)
def test_whatever_a_sender_puts_into_the_letter_our_own_refusal_stands(forged: list[tuple[str, str]]) -> None:
    for trace in ((FAIL, MX, *forged), (MX, FAIL, *forged), (INNER, FAIL, MX, *forged)):
        finding = judge(letter(*trace), SIDE)
        assert finding is not None
        assert finding.standing is Standing.REFUTED


# --- from outside or not ---


@pytest.mark.parametrize(
    ("line", "host"),
    [
        (MX_LINE, "mail.shop.example"),
        (INNER_LINE, ""),
        ("from mx.own.example (evil.example [198.51.100.9]) by mx.own.example with SMTP id 1; now", "evil.example"),
        ("from mx.own.example (unknown [198.51.100.9]) by mx.own.example with SMTP id 1; now", "mx.own.example"),
        ("from [198.51.100.9] (helo=mx.own.example) by mx.own.example with esmtp; now", "198.51.100.9"),
        ("from evil.example (HELO mx.own.example) (198.51.100.9) by mx.own.example with SMTP; now", "evil.example"),
        ("from laptop (dip.provider.example [198.51.100.9]) by mx.own.example with ESMTPSA id 1; now", ""),
        ("by mx.own.example (Postfix, from userid 0) id 1; now", ""),
        ("from localhost (localhost [127.0.0.1]) by mx.own.example with ESMTP; now", ""),
        ("from mx.own.example by imap.own.example with LMTP; now", ""),
    ],
)
def test_who_handed_a_letter_over_is_read_from_what_our_server_saw_not_from_what_it_was_told(
    line: str, host: str
) -> None:
    assert from_outside(letter(("received", line)), SIDE) == host


def test_a_providers_servers_are_ours_under_all_their_names() -> None:
    gmail = our_side(["gmail.com", "imap.gmail.com"], "mx.google.com")

    assert gmail.holds("mail-sor-f69.google.com")
    assert gmail.holds("googlemail.com")
    assert not gmail.holds("google.com.evil.example")
    assert not our_side(["127.0.0.1"], "").holds("127.0.0.1")


def test_an_audit_of_ones_own_mailbox_needs_no_verification() -> None:
    own = party("own", domains=["own.example"], addresses=["service@own.example"])
    inside = ("received", "from laptop (dip.provider.example [198.51.100.9]) by mx.own.example with ESMTPSA id 1; now")

    def found(*trace: tuple[str, str]) -> Writer:
        facts = letter(*trace, sender="service@own.example")
        given_ = judge(facts, SIDE)
        return written_by(
            facts, own, evidence=MatchEvidence.CITED_ID, kind=MessageKind.ANSWER, side=SIDE, finding=given_
        ).writer

    assert found(inside) is Writer.COMPANY
    assert found() is Writer.COMPANY
    assert found(MX) is Writer.FORGED  # somebody outside in our own name


# --- notices of mail systems ---


def earlier(kind: MessageKind, saw: str = "", **other: object) -> Reply:
    values: dict[str, object] = {
        "message_id": 1,
        "request_id": 1,
        "kind": kind,
        "stamps": Stamps(at=NOW, source="internaldate"),
        "evidence": MatchEvidence.DELIVERED_TO,
        "strength": Strength.CERTAIN,
        "because": (Reason(rule="made", saw=saw),),
    }
    return Reply(**{**values, **other})  # type: ignore[arg-type]  # a test names only what it is about


@pytest.mark.parametrize("kind", sorted(match.NOTICES))
@pytest.mark.parametrize(
    "sender", ["mailer-daemon@mx.own.example", "postmaster@shop.example", "", "x@mail.shop.example"]
)
def test_notices_of_our_own_and_of_the_companys_mail_systems_count(sender: str, kind: MessageKind) -> None:
    found = writer(letter(sender=sender), kind=kind, evidence=MatchEvidence.EMBEDDED_MESSAGE_ID)

    assert found.writer is Writer.SYSTEM


def test_a_system_on_the_way_is_known_by_the_id_of_our_envelope() -> None:
    relay = letter(("received", MX_LINE.replace("shop", "relay")), sender="mailer-daemon@mx.relay.example")

    assert writer(relay, kind=MessageKind.BOUNCE, evidence=MatchEvidence.ENVELOPE_ID).writer is Writer.SYSTEM
    assert writer(relay, kind=MessageKind.BOUNCE, evidence=MatchEvidence.EMBEDDED_MESSAGE_ID) == WrittenBy(
        writer=Writer.STRANGER, saw="mx.relay.example, a mail system of neither side"
    )


def test_a_bounce_in_our_own_servers_name_from_outside_is_a_strangers() -> None:
    forged = letter(("received", MX_LINE.replace("shop", "evil")), sender="mailer-daemon@mx.own.example")

    assert writer(forged, kind=MessageKind.BOUNCE, side=BLIND).writer is Writer.STRANGER


def test_a_notice_that_our_server_refutes_is_forged() -> None:
    forged = letter(FAIL, MX, sender="postmaster@shop.example")

    assert writer(forged, kind=MessageKind.BOUNCE, evidence=MatchEvidence.ENVELOPE_ID).writer is Writer.FORGED


@pytest.mark.parametrize(
    "before",
    [
        earlier(MessageKind.ACKNOWLEDGEMENT),
        earlier(MessageKind.READ_RECEIPT),
        earlier(MessageKind.QUESTION),
        earlier(MessageKind.DELIVERY_RECEIPT, "delivered"),
    ],
    ids=lambda reply: str(reply.kind),
)
def test_a_bounce_of_what_had_arrived_is_left_to_a_person(before: Reply) -> None:
    bounce = letter(sender="mailer-daemon@shop.example")

    found = writer(bounce, kind=MessageKind.BOUNCE, evidence=MatchEvidence.ENVELOPE_ID, earlier=(before,))

    assert found == WrittenBy(writer=Writer.FORGED, saw=f"contradicts the {before.kind} of 2026-03-29 00:30 UTC")
    assert writer(bounce, kind=MessageKind.DELAY_NOTICE, earlier=(before,)).writer is Writer.SYSTEM


@pytest.mark.parametrize(
    "before",
    [
        earlier(MessageKind.DELIVERY_RECEIPT, "relayed"),  # their server took it and may still find no mailbox
        earlier(MessageKind.OUT_OF_OFFICE),
        earlier(MessageKind.BOUNCE),
        earlier(MessageKind.DELAY_NOTICE),
        earlier(MessageKind.ANSWER, strength=Strength.WEAK),
        earlier(MessageKind.ACKNOWLEDGEMENT, written_by=WrittenBy(writer=Writer.STRANGER)),
    ],
    ids=lambda reply: str(reply.kind),
)
def test_what_proves_no_arrival_leaves_a_bounce_what_it_is(before: Reply) -> None:
    bounce = letter(sender="mailer-daemon@shop.example")

    assert writer(bounce, kind=MessageKind.BOUNCE, earlier=(before,)).writer is Writer.SYSTEM


def test_a_bounce_after_every_mail_server_has_given_up_is_left_to_a_person() -> None:
    theirs, ours = letter(sender="mailer-daemon@shop.example"), letter(sender="mailer-daemon@own.example")
    late = GIVEN_UP_AFTER + timedelta(seconds=1)

    assert writer(theirs, kind=MessageKind.BOUNCE, after=GIVEN_UP_AFTER).writer is Writer.SYSTEM
    assert writer(theirs, kind=MessageKind.BOUNCE, after=late).writer is Writer.FORGED
    assert writer(theirs, kind=MessageKind.DELAY_NOTICE, after=late).writer is Writer.SYSTEM
    assert writer(ours, kind=MessageKind.BOUNCE, after=late).writer is Writer.SYSTEM


@pytest.mark.parametrize(
    ("trace", "side", "ours"),
    [
        ((), BLIND, True),
        ((INNER,), SIDE, True),
        ((MX,), BLIND, False),
        ((MX,), SIDE, False),
        ((said("dmarc=fail header.from=own.example"), MX), SIDE, False),
        ((said("dmarc=pass header.from=own.example"), MX), SIDE, True),
    ],
)
def test_a_letter_in_our_name_is_ours_from_our_side_or_confirmed(
    trace: tuple[tuple[str, str], ...], side: match.OurSide, ours: bool
) -> None:
    assert surely_ours(letter(*trace, sender="asks@own.example"), side) is ours


def test_a_read_receipt_is_the_companys_own_or_nobodys() -> None:
    assert writer(letter(sender="jo@else.example"), kind=MessageKind.READ_RECEIPT).writer is Writer.STRANGER


@pytest.mark.parametrize(
    ("sender", "trace", "ours"),
    [
        ("mailer-daemon@mx.own.example", (), True),
        ("mailer-daemon@own.example", (INNER,), True),
        ("", (), False),
        ("mailer-daemon@own.example", (MX,), False),
        ("mailer-daemon@shop.example", (), False),
        ("jo@own.example", (), False),
    ],
)
def test_only_our_own_server_may_say_when_a_request_was_taken_over(
    sender: str, trace: tuple[tuple[str, str], ...], ours: bool
) -> None:
    assert is_our_report(letter(*trace, sender=sender), SIDE) is ours
    assert from_our_side(letter(*trace, sender="jo@own.example"), SIDE) is (MX not in trace)
