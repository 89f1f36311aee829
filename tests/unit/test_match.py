"""Which requests a message belongs to: by our own secrets only, and by the strongest first."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slawatch import match
from slawatch.model import Facts, Match, MatchEvidence, Report, Strength

NOW = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
TOKEN, OTHER = "k7f3m2q9x4ab", "w8h5n6r2t9cd"
KNOWN = match.Known(
    by_token={TOKEN: 1, OTHER: 2},
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


def test_one_letter_may_answer_several_requests() -> None:
    found = match.find(Facts(cited_ids=("two@our.example",), subjects=(f"Re: {TOKEN} und {OTHER}",)), KNOWN)

    assert found is not None
    assert found.request_ids == (2, 1)
    assert found.evidence is MatchEvidence.CITED_ID


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
    ("facts", "own"),
    [
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
