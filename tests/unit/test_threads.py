"""Letters find their conversation by what they cite, by case numbers, and, with care, by their subject."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from slawatch.model import MatchEvidence, Strength
from slawatch.threads import Conversation, Letter, conversations, plain_subjects

BEGAN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SHOP = frozenset({"shop.example"})
BANK = frozenset({"bank.example"})
_numbers = count()


def letter(
    hours: float,
    *,
    ours: bool = False,
    others: frozenset[str] = SHOP,
    own_id: str = "",
    cites: tuple[str, ...] = (),
    subject: str = "delivery of the oak table",
    tickets: tuple[str, ...] = (),
    thread: str = "",
    bulk: bool = False,
) -> Letter:
    return Letter(
        number=next(_numbers),
        at=BEGAN + timedelta(hours=hours),
        ours=ours,
        others=others,
        own_id=own_id,
        cited_ids=cites,
        subject=subject,
        tickets=tickets,
        thread=thread,
        bulk=bulk,
    )


def together(*letters: Letter, we_ask: bool = True) -> list[Conversation]:
    return conversations(letters, we_ask=we_ask)


def test_what_cites_a_letter_follows_it_for_certain() -> None:
    question = letter(0, ours=True, own_id="q@own")
    answer = letter(1, own_id="a@shop", cites=("q@own",), subject="something else")
    thanks = letter(2, ours=True, own_id="t@own", cites=("a@shop",), subject="Re: something else")

    (found,) = together(thanks, answer, question)

    assert found.first is question
    assert [tie.letter for tie in found.rest] == [answer, thanks]
    assert {(tie.evidence, tie.strength) for tie in found.rest} == {(MatchEvidence.CITED_ID, Strength.CERTAIN)}


def test_letters_that_cite_one_that_is_not_here_belong_together_where_they_share_an_outsider() -> None:
    first = letter(0, own_id="1@shop", cites=("gone@own",), subject="Re: first words here")
    second = letter(1, own_id="2@shop", cites=("gone@own",), subject="Re: other words there")
    stranger = letter(2, own_id="3@bank", cites=("gone@own",), others=BANK, subject="Re: third words now")

    found = together(first, second, stranger)

    assert [(one.first, [tie.letter for tie in one.rest]) for one in found] == [(first, [second]), (stranger, [])]


def test_a_question_stamped_after_its_answer_is_still_the_first() -> None:
    answer = letter(0, own_id="a@shop", cites=("q@own",), subject="Re: delivery of the oak table")
    question = letter(0.001, ours=True, own_id="q@own")

    (found,) = together(answer, question)

    assert found.first is question


@pytest.mark.parametrize(
    ("more", "evidence", "strength"),
    [
        ({"tickets": ("ticket:srv-7",), "subject": "[SRV-7] done"}, MatchEvidence.TICKET, Strength.STRONG),
        ({"thread": "thread:00ff", "subject": "AW: else"}, MatchEvidence.THREAD, Strength.MEDIUM),
        ({"subject": "AW: Delivery of the oak table"}, MatchEvidence.THREAD, Strength.MEDIUM),
        ({"subject": "[srv-7] delivery of the oak table (Resolved)"}, MatchEvidence.THREAD, Strength.MEDIUM),
        ({"subject": "delivery of the oak table"}, MatchEvidence.THREAD, Strength.MEDIUM),
    ],
)
def test_an_answer_that_cites_nothing_is_found_by_less(
    more: dict[str, object], evidence: MatchEvidence, strength: Strength
) -> None:
    question = letter(0, ours=True, own_id="q@own", thread="thread:00ff")
    receipt = letter(0.1, own_id="r@shop", cites=("q@own",), tickets=("ticket:srv-7",), subject="[SRV-7] received")
    answer = letter(5, own_id="a@shop", **more)  # type: ignore[arg-type]

    (found,) = together(question, receipt, answer)

    assert [(tie.letter, tie.evidence, tie.strength) for tie in found.rest][1:] == [(answer, evidence, strength)]


def test_who_cites_a_letter_that_joined_joins_by_the_same_evidence() -> None:
    question = letter(0, ours=True, own_id="q@own")
    answer = letter(5, own_id="a@shop", subject="Re: delivery of the oak table")
    more = letter(6, own_id="b@shop", cites=("a@shop",), subject="Re: Re: delivery of the oak table")

    (found,) = together(question, answer, more)

    assert [tie.strength for tie in found.rest] == [Strength.MEDIUM, Strength.MEDIUM]


def test_a_subject_that_fits_two_conversations_ties_only_weakly_and_to_the_later() -> None:
    first, second = (letter(hours, ours=True, own_id=f"{hours}@own") for hours in (0, 2))
    answer = letter(5, own_id="a@shop", subject="Re: delivery of the oak table")

    found = together(first, second, answer)

    assert [(one.first, [(tie.letter, tie.strength) for tie in one.rest]) for one in found] == [
        (first, []),
        (second, [(answer, Strength.WEAK)]),
    ]


@pytest.mark.parametrize(
    "stranger",
    [
        letter(5, own_id="a", subject="Re: delivery of the oak table", others=BANK),
        letter(5, own_id="b", subject="Re: delivery"),
        letter(5, own_id="c", subject="Re: delivery of the oak table", bulk=True),
        letter(24 * 31, own_id="d", subject="Re: delivery of the oak table"),
        letter(-1, own_id="e", subject="Re: delivery of the oak table"),
        letter(5, own_id="f", subject="AW: else", thread="thread:other", tickets=("ticket:other",)),
        letter(5, own_id="g", subject="delivery of the oak table", ours=True),
    ],
    ids=["another outsider", "one word", "sent to many", "a month later", "before it", "other names", "a new question"],
)
def test_what_only_looks_alike_stays_apart(stranger: Letter) -> None:
    question = letter(0, ours=True, own_id="q@own")

    found = together(question, stranger)

    assert len(found) == 2


def test_the_side_that_asks_opens_anew_and_the_other_may_answer_without_saying_so() -> None:
    customer = letter(0, own_id="c@shop")
    team = letter(3, ours=True, own_id="t@own")  # a help desk of ours that cites nothing

    assert [len(one.rest) for one in together(customer, team, we_ask=False)] == [1]
    assert [len(one.rest) for one in together(customer, team, we_ask=True)] == [0, 0]


def test_a_case_number_of_another_company_ties_nothing() -> None:
    question = letter(0, ours=True, own_id="q@own")
    receipt = letter(0.1, own_id="r@shop", cites=("q@own",), tickets=("ticket:4711",), subject="received")
    bank = letter(1, own_id="x@bank", others=BANK, tickets=("ticket:4711",), subject="your case today")

    assert [len(one.rest) for one in together(question, receipt, bank)] == [1, 0]


def test_a_letter_with_hundreds_of_citations_is_read_in_no_time_and_keeps_both_ends() -> None:
    first = letter(0, ours=True, own_id="first@own")
    last = letter(1, ours=True, own_id="last@own", subject="quite another matter")
    long = letter(2, own_id="x@shop", cites=("first@own", *(f"{n}@x" for n in range(5000)), "last@own"))

    (found,) = together(first, last, long)

    assert found.first is first
    assert len(found.rest) == 2


def test_of_thousands_of_conversations_with_one_subject_the_latest_are_looked_at() -> None:
    notices = [letter(n / 60, ours=True, own_id=f"{n}@own", subject="we have moved house") for n in range(5000)]
    answer = letter(5000 / 60, own_id="a@shop", subject="Re: we have moved house")

    found = together(*notices, answer)

    assert [(one.first, [tie.strength for tie in one.rest]) for one in found][-1] == (notices[-1], [Strength.WEAK])


@pytest.mark.parametrize(
    ("subject", "forms"),
    [
        ("Re: AW: [Ticket#12]  Fwd: The  Oak table", ("the oak table",)),
        ("[srv-3] the oak table (Gelöst)", ("the oak table (gelöst)", "the oak table")),
        ("Hello", ()),
        ("", ()),
        ("Re: [x] (y)", ()),
    ],
)
def test_a_subject_is_freed_of_what_replies_put_around_it(subject: str, forms: tuple[str, ...]) -> None:
    assert plain_subjects(subject) == forms


def test_a_letter_that_only_passes_another_on_says_so() -> None:
    assert letter(0, subject="WG: look at that").passes_on
    assert not letter(0, subject="Re: look at that").passes_on
    assert letter(0, subject="WG: look at that").opens
