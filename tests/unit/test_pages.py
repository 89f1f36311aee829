"""How very many outcomes are packed: what nobody has is not stored, and nothing is lost on the way back."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from slawatch import pages
from slawatch.clock import MICROSECOND, to_micros
from slawatch.model import DeliveryProof, Outcome, Verdict, VoidReason, Wait
from slawatch.testing import BEFORE_SUMMER_TIME as NOW
from tests.unit.test_waits import REQUEST

NONE = pages.NOTHING
WITHOUT_HOURS = [(7, 1, 100, 5 << 2, NONE, 3, NONE, NONE, NONE), (9, 2, 200, NONE, 8 << 2 | 1, 0, NONE, NONE, NONE)]
HOUR = timedelta(hours=1)


def same(one: pages.Columns, other: pages.Columns) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in pages.Columns.__slots__)


def test_where_nobody_states_hours_none_are_stored_and_none_come_back() -> None:
    some = pages.columns(WITHOUT_HOURS)

    packed, hours = pages.pack(some)

    assert hours is None
    assert same(pages.unpack(2, packed, hours), some)


def test_hours_come_back_where_somebody_states_them() -> None:
    some = pages.columns([*WITHOUT_HOURS, (11, 3, 300, 4 << 2, NONE, 0, 3 << 2, NONE, 90)])

    packed, hours = pages.pack(some)

    assert hours is not None
    assert same(pages.unpack(3, packed, hours), some)


def test_no_parts_make_an_empty_whole() -> None:
    assert len(pages.together([])) == 0
    assert not pages.together([]).states_hours


def test_parts_stay_in_their_order() -> None:
    parts = [pages.columns(WITHOUT_HOURS[1:]), pages.columns(WITHOUT_HOURS[:1])]

    assert pages.together(parts).id.tolist() == [9, 7]


def test_what_is_replaced_keeps_the_order_of_ids() -> None:
    before = pages.columns(WITHOUT_HOURS)
    now = pages.columns([(7, 5, 100, NONE, NONE, 1, NONE, NONE, NONE)])

    after = pages.replaced(before, np.array([7], np.int64), now)

    assert after.id.tolist() == [7, 9]
    assert after.kind.tolist() == [5, 2]


@pytest.mark.parametrize(
    ("wait", "looked", "on"),
    [
        (None, 2, False),
        (Wait(length=2 * HOUR, ended=True), 2, False),
        (Wait(length=2 * HOUR, ended=False), 2, True),
        (Wait(length=2 * HOUR, ended=False), 3, False),
        (Wait(length=9 * HOUR, ended=False), 20, True),
        (Wait(length=timedelta(0), ended=False), None, True),
        (Wait(length=timedelta(0), ended=False), -1, True),
    ],
)
def test_an_open_wait_goes_on_only_where_it_is_as_long_as_was_looked(
    wait: Wait | None, looked: int | None, on: bool
) -> None:
    until = None if looked is None else NOW + looked * HOUR

    assert pages.goes_on(wait, NOW, until, 9 * HOUR) is on


def test_lengths_of_waits_that_go_on_end_at_the_look_and_at_the_window() -> None:
    numbers = np.array([10 << 2 | pages.RUNNING, 10 << 2 | pages.RUNNING, 10 << 2 | pages.RUNNING, 6 << 2 | pages.OPEN])
    looked = np.array([15, 500, 3, 500])

    length, is_open = pages.lengths(numbers, looked, np.full(4, 100))

    assert length.tolist() == [5, 100, 0, 6]
    assert is_open.all()


def test_lengths_of_waits_of_which_none_goes_on_are_as_stored() -> None:
    length, is_open = pages.lengths(np.array([6 << 2 | pages.ENDED, 7 << 2 | pages.OPEN]), np.full(2, 9), np.full(2, 9))

    assert length.tolist() == [6, 7]
    assert is_open.tolist() == [False, True]


def test_a_row_holds_the_verdict_both_waits_and_what_speaks_for_delivery() -> None:
    outcome = Outcome(
        request_id=REQUEST.id,
        verdict=Verdict.MISSED,
        proof=DeliveryProof.PROVEN,
        first_response=Wait(length=HOUR, ended=True),
        answer=Wait(length=2 * HOUR, ended=False),
        late=True,
        in_review=2,
        window_in_hours=3 * HOUR,
    )
    hour = HOUR // MICROSECOND

    found = pages.columns([pages.row(REQUEST, outcome, 5)])

    assert (found.id[0], found.kind[0], found.asked[0]) == (REQUEST.id, 5, to_micros(NOW))
    assert (found.first[0], found.answer[0]) == (hour << 2 | pages.ENDED, 2 * hour << 2 | pages.OPEN)
    assert found.flags[0] == pages.VERDICTS.index(Verdict.MISSED) | pages.LATE | pages.PROVEN | pages.IN_REVIEW
    assert (found.first_in_hours[0], found.window_in_hours[0]) == (NONE, 3 * hour)


def test_a_void_request_keeps_its_reason_and_has_no_waits() -> None:
    outcome = Outcome(request_id=REQUEST.id, verdict=Verdict.VOID, void_reason=VoidReason.BOUNCED)

    found = pages.columns([pages.row(REQUEST, outcome, 5)])

    assert found.flags[0] & 3 == pages.VOID
    assert pages.VOID_REASONS[(int(found.flags[0]) >> pages.VOID_SHIFT) - 1] is VoidReason.BOUNCED
    assert (found.first[0], found.answer[0], found.window_in_hours[0]) == (NONE, NONE, NONE)


def test_a_wait_that_goes_on_is_kept_as_the_instant_since_when() -> None:
    outcome = Outcome(request_id=REQUEST.id, verdict=Verdict.PENDING, first_response=Wait(length=HOUR, ended=False))

    found = pages.columns([pages.row(REQUEST, outcome, 5, running=(True, True))])

    assert found.first[0] == found.answer[0] == to_micros(NOW) << 2 | pages.RUNNING
