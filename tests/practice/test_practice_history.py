"""The made-up history: the same from the same seed, dense enough to prove something, and marked as what it is."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from email import message_from_bytes
from email.utils import parsedate_to_datetime
from functools import cache
from itertools import pairwise

import pytest

from slawatch import objectives
from slawatch.inheritance import STANDARD
from slawatch.model import Delivery, Measure, Proof, Result
from slawatch.practice.companies import COMPANIES
from slawatch.practice.history import EACH, History
from slawatch.practice.instants import WEEKS
from tests.practice.far_side import UNTIL, first_responses, history

SEEDS = ("slawatch", "autumn", "7")

made = cache(history)


@pytest.fixture(scope="module")
def default() -> History:
    return made("slawatch")


def test_the_same_seed_makes_the_same_history_to_the_byte(default: History) -> None:
    assert history("slawatch") == default


def test_another_seed_makes_another_history(default: History) -> None:
    other = made("autumn")

    assert {request.token for request in default.requests}.isdisjoint(request.token for request in other.requests)
    assert {raw for raw, _ in default.arrived}.isdisjoint(raw for raw, _ in other.arrived)


def test_the_same_seed_keeps_its_waits_when_it_ends_at_another_time(default: History) -> None:
    later = history("slawatch", UNTIL + timedelta(days=31, minutes=7))

    assert [UNTIL - request.intended_at for request in default.requests] == [
        UNTIL + timedelta(days=31, minutes=7) - request.intended_at for request in later.requests
    ]


def test_every_company_is_asked_often_enough_to_prove_something(default: History) -> None:
    asked = Counter(request.company for request in default.requests)

    assert asked == {company.key: EACH for company in COMPANIES}
    assert EACH >= 40
    assert len(COMPANIES) >= 11


def test_it_lies_in_the_four_weeks_before_its_end_and_asks_nobody_twice_within_an_hour(default: History) -> None:
    for company in COMPANIES:
        asked = [request.intended_at for request in default.requests if request.company == company.key]

        assert min(asked) >= UNTIL - timedelta(weeks=WEEKS)
        assert max(asked) <= UNTIL
        assert all(later - earlier >= timedelta(hours=1) for earlier, later in pairwise(asked))


def test_every_request_is_marked_as_made_up_and_has_secrets_of_its_own(default: History) -> None:
    assert all(request.made_up and request.delivery is Delivery.SENT for request in default.requests)
    for secrets in (
        {request.token for request in default.requests},
        {request.message_id for request in default.requests},
        {request.public_id for request in default.requests},
    ):
        assert len(secrets) == len(default.requests)


def test_no_text_goes_to_a_company_again_before_all_the_others_have(default: History) -> None:
    for company in COMPANIES:
        texts = Counter(
            (request.text.probe, request.text.variant) for request in default.requests if request.company == company.key
        )

        assert max(texts.values()) == 1


def test_what_has_arrived_is_stamped_when_it_arrived_and_the_rest_is_still_to_come(default: History) -> None:
    for raw, at in default.arrived:
        received = str(message_from_bytes(raw)["Received"]).rpartition(";")[2]

        assert at <= UNTIL
        assert parsedate_to_datetime(received) == at.replace(microsecond=0)
    assert [at for _, at in default.arrived] == sorted(at for _, at in default.arrived)
    assert all(due.at > UNTIL for due in default.to_come)
    assert default.to_come


def test_the_mailbox_holds_our_own_copies_and_what_the_companies_wrote(default: History) -> None:
    senders = Counter("robin" in str(message_from_bytes(raw)["From"]) for raw, _ in default.arrived)

    questions = [due for due in default.written if due.letter == "question"]
    assert senders[False] == len(default.written)
    assert len(questions) > EACH / 2
    assert len(default.requests) + len(questions) - 1 <= senders[True] <= len(default.requests) + len(questions)


def test_where_a_company_asked_back_its_answer_follows_our_reply(default: History) -> None:
    answers = [due for due in default.written if due.company.key == "copperfield-books" and due.letter == "answer"]
    requests = {f"<{request.message_id}>" for request in default.requests}

    assert len(answers) > EACH / 2
    assert not requests & {due.asked.message_id for due in answers}
    assert all(due.asked.subject.startswith("Re: ") for due in answers)


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_the_seed_one_company_is_proven_one_proven_not_to_be_and_one_open(seed: str) -> None:
    waits = first_responses(made(seed), until=UNTIL)
    objective = next(one for one in STANDARD.objectives if one.measure is Measure.FIRST_RESPONSE)

    judged = {key: objectives.judge(objective, some, window=STANDARD.window) for key, some in waits.items()}

    assert {judgement.proof for judgement in judged.values()} == set(Proof)
    assert judged["morgentau-tee"].proof is Proof.MET
    assert judged["silent-sofa"].proof is Proof.NOT_MET
    assert judged["grand-atlas-hotels"].result is Result.NOT_MET, "receipts are no responses"
