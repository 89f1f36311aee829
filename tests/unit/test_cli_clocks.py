"""The two waits in the table that an audit shows while it runs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from slawatch.cli.progress import _clocks
from slawatch.model import Outcome, Verdict, Wait
from tests.report_sample import SINCE, request

MINUTE = timedelta(minutes=1)


def test_the_time_it_was_our_turn_is_no_wait_for_the_answer() -> None:
    asked = request(1, "alder-books", SINCE)
    assert asked.accepted_at is not None
    first = Wait(length=20 * MINUTE, ended=True)
    outcome = Outcome(
        request_id=1,
        verdict=Verdict.ANSWERED,
        first_response=first,
        answer=replace(first, length=25 * MINUTE, ended=False),
        paused=10 * MINUTE,
    )

    assert _clocks(asked, outcome, asked.accepted_at + 40 * MINUTE) == ("20 min", "30 min …")
    assert _clocks(asked, replace(outcome, paused=0 * MINUTE), asked.accepted_at + 40 * MINUTE)[1] == "40 min …"


def test_while_it_is_our_turn_the_answer_s_clock_stands_still() -> None:
    asked = request(1, "alder-books", SINCE)
    assert asked.accepted_at is not None
    first = Wait(length=20 * MINUTE, ended=True)
    outcome = Outcome(
        request_id=1,
        verdict=Verdict.ANSWERED,
        first_response=first,
        answer=replace(first, ended=False),
        paused=5 * MINUTE,
    )

    assert _clocks(asked, outcome, asked.accepted_at + 25 * MINUTE) == ("20 min", "over 20 min")
