"""Which requests a message belongs to: by the strongest evidence first, and never by a silent guess."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slawatch import match
from slawatch.mail import parse
from slawatch.match import rows
from slawatch.match.known import Beside, Open, Taught
from slawatch.model import Facts, Match, MatchEvidence, Report, Strength, Tied

NOW = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
TOKEN, OTHER, THIRD = "k7f3m2q9x4ab", "w8h5n6r2t9cd", "d4e5f6g7h8j9"
KNOWN = match.Known(
    by_token={TOKEN: 1, OTHER: 2, THIRD: 3},
    by_message_id={"one@our.example": 1, "two@our.example": 2},
    by_envelope_id={"env-1": 1},
)
OWN = frozenset({"me@our.example"})


@pytest.mark.parametrize(
    ("facts", "evidence", "strength"),
    [
        (
            Facts(reports=(Report(type="delivery-status", envelope_id="ENV-1"),)),
            MatchEvidence.ENVELOPE_ID,
            Strength.CERTAIN,
        ),
        (Facts(embedded_ids=("one@our.example",)), MatchEvidence.EMBEDDED_MESSAGE_ID, Strength.CERTAIN),
        (Facts(delivered_to=(f"me+{TOKEN}@our.example",)), MatchEvidence.DELIVERED_TO, Strength.CERTAIN),
        (Facts(cited_ids=("x@shop.example", "ONE@our.example")), MatchEvidence.CITED_ID, Strength.CERTAIN),
        (Facts(recipients=(f"{TOKEN}@ask.our.example",)), MatchEvidence.RECIPIENT, Strength.STRONG),
        (Facts(subjects=("AW: ...", f"[#12] AW: Anfrage {TOKEN.upper()}?")), MatchEvidence.SUBJECT, Strength.STRONG),
        (Facts(text=f"Zu Ihrem Zeichen {TOKEN}: ja."), MatchEvidence.BODY, Strength.MEDIUM),
        (Facts(quoted=f"> mein Zeichen {TOKEN}"), MatchEvidence.BODY, Strength.MEDIUM),
    ],
)
def test_each_evidence_alone_ties_a_message_to_its_request(
    facts: Facts, evidence: MatchEvidence, strength: Strength
) -> None:
    found = match.find(facts, KNOWN)

    assert found is not None
    assert (found.request_ids, found.evidence, found.strength) == ((1,), evidence, strength)


def test_the_strongest_evidence_names_the_match() -> None:
    facts = Facts(subjects=(TOKEN,), recipients=(f"me+{TOKEN}@our.example",), cited_ids=("one@our.example",))

    assert match.find(facts, KNOWN) == Match(
        request_ids=(1,), evidence=MatchEvidence.CITED_ID, strength=Strength.CERTAIN, saw="one@…"
    )


def test_one_letter_may_answer_several_requests_each_by_its_own_evidence() -> None:
    facts = Facts(cited_ids=("two@our.example",), subjects=(f"Re: {TOKEN} und {OTHER}",), text=f"Auch zu {THIRD}: ja.")

    found = match.find(facts, KNOWN)

    assert found is not None
    assert found.request_ids == (2, 1, 3)
    assert found.tied(2) == Tied(evidence=MatchEvidence.CITED_ID, strength=Strength.CERTAIN, saw="two@…")
    assert found.tied(1) == Tied(evidence=MatchEvidence.SUBJECT, strength=Strength.STRONG, saw="k7f3…")
    assert found.tied(3) == Tied(evidence=MatchEvidence.BODY, strength=Strength.MEDIUM, saw="d4e5…")


def test_quoted_history_adds_no_request_to_a_letter_that_is_tied_already() -> None:
    found = match.find(Facts(delivered_to=(f"me+{TOKEN}@our.example",), quoted=f"> {OTHER}"), KNOWN)

    assert found is not None
    assert found.request_ids == (1,)


def test_a_returned_original_settles_the_matter_alone() -> None:
    found = match.find(Facts(embedded_ids=("two@our.example",), subjects=(TOKEN,)), KNOWN)

    assert found is not None
    assert found.request_ids == (2,)


@pytest.mark.parametrize(
    "facts",
    [
        Facts(),
        Facts(subjects=("Anfrage k7f3m2q9x4ac",)),
        Facts(subjects=(f"Anfrage {TOKEN}x",)),
        Facts(subjects=(f"x{TOKEN}",)),
        Facts(cited_ids=("one@other.example",)),
        Facts(sender="service@shop.example", recipients=("me@our.example",)),
    ],
)
def test_without_one_of_our_secrets_and_from_nobody_known_there_is_no_match(facts: Facts) -> None:
    assert match.find(facts, KNOWN) is None
    assert match.find(facts, KNOWN, at=NOW) is None


def test_a_match_does_not_give_the_whole_secret_away() -> None:
    found = match.find(Facts(recipients=(f"me+{TOKEN}@our.example",)), KNOWN)

    assert found is not None
    assert found.saw == "k7f3…"


@pytest.mark.parametrize(
    "header",
    [
        "x-ms-exchange-parent-message-id: <One@Our.Example>",
        "In-Reply-To: one@our.example",
        "References: <a@b.example>\n\t<one@our.\n example> <c@d.example>",
        "X-Original-To: me+k7f3m2q9x4ab@our.example",
        "Envelope-To: <ME+K7F3M2Q9X4AB@our.example>",
        "X-Forwarded-To: me+k7f3m2q9x4ab@our.example",
        "Subject: =?utf-8?q?AW=3A_Gr=C3=B6=C3=9Fe?= =?us-ascii?q?_k7f3m2q9?= =?us-ascii?q?x4ab?=",
        "Subject: AW: =?broken?q?x? (mein_Zeichen_k7f3m2q9x4ab)",
        "Subject: AW: GrÃ¶ÃŸe k7f3m2q9x4ab",
        "Subject: AW: Gr\xf6\xdfe k7f3m2q9x4ab",
    ],
)
def test_evidence_is_found_in_every_form_that_mail_programs_give_it(header: str) -> None:
    facts = parse.facts(f"From: service@shop.example\n{header}\n\nJa.\n".encode("latin-1", "replace"))

    found = match.find(facts, KNOWN)

    assert found is not None
    assert found.request_ids == (1,)


# --- what the company itself gave us, and what is left ---


SHOP = "service@shop.example"
SUBJECT = f"Frage zur Lieferzeit (mein Zeichen {TOKEN})"
FIRST = Open(request_id=1, subject=SUBJECT, token=TOKEN, since=NOW - HOUR, until=NOW + 24 * HOUR)
SECOND = Open(
    request_id=2, subject=f"Reparieren Sie auch? Ref. {OTHER}", token=OTHER, since=NOW - HOUR, until=NOW + HOUR
)


def taught(key: str, *request_ids: int, by: int = 10) -> list[Taught]:
    return [Taught(key=key, message_id=by, request_id=one) for one in request_ids]


def around(*, taught: list[Taught] | None = None, open_: tuple[Open, ...] = ()) -> Callable[[], Beside]:
    return lambda: Beside(taught=taught or [], open=open_)


def test_a_ticket_number_that_a_certain_letter_taught_joins_a_second_thread() -> None:
    facts = Facts(sender=SHOP, subjects=("[#4711] Ihre Lieferung",))

    found = match.find(facts, KNOWN, beside=around(taught=taught("ticket:4711", 1)), at=NOW)

    assert found == Match(request_ids=(1,), evidence=MatchEvidence.TICKET, strength=Strength.STRONG, saw="4711")


def test_a_number_that_nobody_taught_us_ties_nothing() -> None:
    facts = Facts(sender=SHOP, subjects=("[#4712] Ihre Lieferung",))

    assert match.find(facts, KNOWN, beside=around(taught=taught("ticket:4711", 1)), at=NOW) is None


def test_one_ticket_may_stand_for_several_requests_that_one_letter_answered() -> None:
    found = match.find(
        Facts(sender=SHOP, subjects=("[#4711]",)), KNOWN, beside=around(taught=taught("ticket:4711", 1, 2)), at=NOW
    )

    assert found is not None
    assert found.request_ids == (1, 2)


def test_a_number_that_stands_in_all_of_a_companys_letters_is_no_ticket() -> None:
    rows_ = taught("ticket:4711", 1, by=10) + taught("ticket:4711", 2, by=11)

    assert match.find(Facts(sender=SHOP, subjects=("[#4711]",)), KNOWN, beside=around(taught=rows_), at=NOW) is None


def test_our_own_secrets_go_before_ticket_numbers_and_these_before_the_text() -> None:
    everything = Facts(
        sender=SHOP, subjects=("[#4711]",), delivered_to=(f"me+{OTHER}@our.example",), quoted=f"> {THIRD}"
    )
    beside = around(taught=taught("ticket:4711", 1))

    first = match.find(everything, KNOWN, beside=beside, at=NOW)
    second = match.find(replace(everything, delivered_to=()), KNOWN, beside=beside, at=NOW)
    third = match.find(replace(everything, delivered_to=(), subjects=("",)), KNOWN, beside=beside, at=NOW)

    assert [found and found.request_ids for found in (first, second, third)] == [(2,), (1,), (3,)]


def test_an_exchange_conversation_joins_within_the_window() -> None:
    facts = Facts(sender=SHOP, headers={"thread-index": ("AQIDBAUGBwgJCgsMDQ4PEBESExQVFg==",)})
    beside = around(taught=taught("thread:" + bytes(range(1, 23)).hex(), 1), open_=(FIRST, SECOND))

    found = match.find(facts, KNOWN, beside=beside, at=NOW)

    assert found == Match(request_ids=(1,), evidence=MatchEvidence.THREAD, strength=Strength.MEDIUM, saw="01020304…")
    assert match.find(facts, KNOWN, beside=beside, at=NOW + 25 * HOUR) is None


@pytest.mark.parametrize(
    "subject",
    [
        "Re: Frage zur Lieferzeit",
        "AW: WG: Frage zur Lieferzeit (mein Zeichen )",
        "[srv-2] Frage zur Lieferzeit (Eröffnet)",
        "Antwort: FRAGE ZUR LIEFERZEIT",
        "RE[2]: Frage   zur Lieferzeit",
    ],
)
def test_our_subject_without_its_reference_joins_within_the_window(subject: str) -> None:
    facts = Facts(sender=SHOP, subjects=(subject,))

    found = match.find(facts, KNOWN, beside=around(open_=(FIRST, SECOND)), at=NOW)

    assert found is not None
    assert (found.request_ids, found.evidence, found.strength) == ((1,), MatchEvidence.THREAD, Strength.MEDIUM)
    assert match.find(facts, KNOWN, beside=around(open_=(FIRST,)), at=NOW - 2 * HOUR) is None
    assert match.find(facts, KNOWN, beside=around(open_=(FIRST,)), at=FIRST.until) is None


def test_a_subject_of_one_word_is_nobodys() -> None:
    one_word = replace(FIRST, subject=f"Frage {TOKEN}")
    asked = around(open_=(one_word, SECOND))

    found = match.find(Facts(sender=SHOP, subjects=("Re: Frage",)), KNOWN, beside=asked, at=NOW)

    assert found is not None
    assert found.evidence is MatchEvidence.SOLE_OPEN


def test_a_subject_that_was_asked_twice_leaves_the_choice_to_a_person() -> None:
    again = replace(FIRST, request_id=3)

    found = match.find(
        Facts(sender=SHOP, subjects=("Re: Frage zur Lieferzeit",)), KNOWN, beside=around(open_=(FIRST, again)), at=NOW
    )

    assert found is not None
    assert (found.request_ids, found.strength) == ((1, 3), Strength.WEAK)


def test_the_only_open_request_of_a_company_is_a_guess_for_a_person_to_confirm() -> None:
    found = match.find(Facts(sender=SHOP, subjects=("Guten Tag",)), KNOWN, beside=around(open_=(FIRST,)), at=NOW)

    assert found == Match(
        request_ids=(1,), evidence=MatchEvidence.SOLE_OPEN, strength=Strength.WEAK, saw="shop.example"
    )


def test_where_several_are_open_a_person_must_choose() -> None:
    found = match.find(Facts(sender=SHOP), KNOWN, beside=around(open_=(FIRST, SECOND)), at=NOW)

    assert found is not None
    assert (found.request_ids, found.strength) == ((1, 2), Strength.WEAK)


def test_what_was_answered_before_is_not_open_and_what_was_answered_later_is() -> None:
    before, after = replace(FIRST, answered_at=NOW - MINUTE), replace(FIRST, answered_at=NOW + MINUTE)

    assert match.find(Facts(sender=SHOP), KNOWN, beside=around(open_=(before,)), at=NOW) is None
    assert match.find(Facts(sender=SHOP), KNOWN, beside=around(open_=(after,)), at=NOW) is not None


def test_outside_the_window_nothing_is_guessed() -> None:
    for at in (FIRST.since - MINUTE, FIRST.until):
        assert match.find(Facts(sender=SHOP), KNOWN, beside=around(open_=(FIRST,)), at=at) is None


def test_colleagues_of_ours_are_not_taken_for_the_company_on_a_guess() -> None:
    own = around(open_=(replace(FIRST, only_from=SHOP),))

    assert match.find(Facts(sender="boss@shop.example"), KNOWN, beside=own, at=NOW) is None
    assert match.find(Facts(sender="service+x@shop.example"), KNOWN, beside=own, at=NOW) is not None


def test_among_too_many_open_requests_nobody_could_choose() -> None:
    many = tuple(replace(FIRST, request_id=number) for number in range(rows.CANDIDATES_MAX + 1))

    assert match.find(Facts(sender=SHOP), KNOWN, beside=around(open_=many[1:]), at=NOW) is not None
    assert match.find(Facts(sender=SHOP), KNOWN, beside=around(open_=many), at=NOW) is None


@pytest.mark.parametrize(
    "headers",
    [
        {"list-unsubscribe": ("<https://shop.example/off>",)},
        {"list-id": ("news.shop.example",)},
        {"feedback-id": ("1:2:3:mailer",)},
        {"precedence": ("List",)},
    ],
)
def test_what_goes_to_many_is_never_guessed_to_be_ours(headers: dict[str, tuple[str, ...]]) -> None:
    newsletter = Facts(sender=SHOP, subjects=("Re: Frage zur Lieferzeit",), headers=headers)
    beside = around(taught=taught("ticket:4711", 1), open_=(FIRST,))

    assert match.find(newsletter, KNOWN, beside=beside, at=NOW) is None
    assert match.find(replace(newsletter, headers={"precedence": ("bulk",)}), KNOWN, beside=beside, at=NOW) is not None
    # Rows 1 to 7 hold for a list's letter, too.
    assert match.find(replace(newsletter, subjects=("[#4711]",)), KNOWN, beside=beside, at=NOW) is not None


def test_the_company_is_looked_up_only_where_no_secret_stands_in_the_header() -> None:
    def not_to_be_asked() -> Beside:
        raise AssertionError("a secret had settled it")

    assert match.find(Facts(subjects=(TOKEN,)), KNOWN, beside=not_to_be_asked, at=NOW) is not None


@given(
    facts=st.builds(
        Facts,
        sender=st.sampled_from([SHOP, "", "x@else.example"]),
        subjects=st.tuples(st.sampled_from(["Re: Frage zur Lieferzeit", "[#4711]", TOKEN, "Hallo"])),
        quoted=st.sampled_from(["", f"> {OTHER}"]),
        cited_ids=st.sampled_from([(), ("one@our.example",), ("two@our.example",)]),
    ),
    open_=st.lists(st.sampled_from([FIRST, SECOND]), unique=True).map(tuple),
)
def test_a_guess_is_weak_and_whatever_is_weak_is_a_guess(facts: Facts, open_: tuple[Open, ...]) -> None:
    found = match.find(facts, KNOWN, beside=around(taught=taught("ticket:4711", 1), open_=open_), at=NOW)

    if found is not None:
        guessed = found.evidence is MatchEvidence.SOLE_OPEN
        assert (found.strength is Strength.WEAK) == guessed
        assert all(found.tied(one).strength is not Strength.WEAK for one in found.request_ids) or guessed


# --- our own ---


@pytest.mark.parametrize(
    ("facts", "own"),
    [
        (Facts(sender="robot@shop.example", headers={"x-loop": ("<me@our.example>",)}), True),
        (Facts(sender="robot@shop.example", headers={"x-loop": (f"me+{TOKEN}@our.example",)}), True),
        (Facts(sender="robot@shop.example", headers={"x-loop": ("robot@shop.example", "True")}), False),
        (Facts(own_id="one@our.example", sender="service@shop.example"), True),
        (Facts(sender="me@our.example"), True),
        (Facts(sender="me+anything@our.example"), True),
        (Facts(sender=f"{TOKEN}@ask.our.example"), True),
        (Facts(sender="colleague@our.example", cited_ids=("one@our.example",)), False),
        (Facts(sender="me@shop.example"), False),
        (Facts(sender=""), False),
        (Facts(sender="no address"), False),
        (Facts(), False),
    ],
)
def test_what_we_wrote_ourselves_is_known_by_its_id_or_address(facts: Facts, own: bool) -> None:
    assert match.is_own(facts, OWN, KNOWN) is own


def test_a_mailbox_that_is_itself_asked_is_not_ours() -> None:
    assert not match.is_own(Facts(sender="me@our.example"), frozenset(), KNOWN)


@given(before=st.text(max_size=200), after=st.text(max_size=200))
def test_a_token_is_found_in_a_subject_exactly_where_it_stands_alone(before: str, after: str) -> None:
    found = match.find(Facts(subjects=(f"{before} {TOKEN} {after}",)), KNOWN)

    assert found is not None
    assert 1 in found.request_ids


@given(st.text(max_size=300))
def test_no_other_text_ties_anything(text: str) -> None:
    assert match.find(Facts(subjects=(text,), recipients=(text,), cited_ids=(text,)), KNOWN) is None
