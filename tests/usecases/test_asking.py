"""Asking: what is due leaves once, within every limit, and nothing leaves where somebody said stop."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from slawatch.errors import BusyError
from slawatch.model import Delivery, SlotState, VoidReason
from slawatch.usecases.collect import collect
from slawatch.usecases.control import abort, pause, resume
from slawatch.usecases.plan import lay_out, preview, specimen
from slawatch.usecases.send import GIVE_UP_AFTER, send_due
from slawatch.usecases.settle import GRACE, settle
from slawatch.usecases.tick import only_pass, tick
from tests.stages import Opening, company

DAILY = 'cron = "0 9 * * *"'
WEEKLY = 'cron = "0 9 * * Mon"'


def test_a_request_leaves_when_its_slot_is_due_and_not_before(stage: Opening) -> None:
    here = stage(company(schedule=DAILY))
    tick(here.world)
    assert here.far.departures == []

    here.forward(hours=7)
    tick(here.world)

    (departure,) = here.far.departures
    assert departure.request.text.subject
    assert here.the_request().delivery is Delivery.SENT
    assert here.the_request().accepted_at == departure.at


def test_nine_o_clock_is_the_companys_nine_on_the_day_the_clocks_change(stage: Opening) -> None:
    here = stage(company(schedule=DAILY))

    lay_out(here.world, here.clock.now() + timedelta(days=1))

    (slot,) = here.world.store.slots()
    assert slot.due_at.isoformat() == "2026-03-29T07:00:00+00:00"  # 09:00 in summer time


def test_a_second_pass_finds_nothing_to_do(stage: Opening) -> None:
    here = stage(company(schedule=DAILY))
    tick(here.world)
    here.forward(hours=7)
    tick(here.world)
    tick(here.world)
    tick(stage().world)

    assert len(here.far.departures) == 1


def test_two_passes_at_once_are_refused_the_second_in_one_line(stage: Opening) -> None:
    here = stage(company(schedule=DAILY))

    with only_pass(here.world.config.store), pytest.raises(BusyError, match=r"slawatch\.db\.lock"):
        tick(here.world)

    tick(here.world)


def test_a_silent_company_is_not_asked_again_before_its_window_has_passed(stage: Opening) -> None:
    here = stage(company(schedule=DAILY, extra='limits_reason = "agreed"\nlimits = { cooldown = "1 h" }'))
    for _ in range(6):
        here.forward(days=1)
        tick(here.world)
    assert len(here.requests()) == 1

    here.forward(days=3)
    tick(here.world)

    assert len(here.requests()) == 2


def test_a_year_of_daily_slots_never_breaks_a_limit_nor_repeats_a_text_within_180_days(stage: Opening) -> None:
    here = stage(company(schedule=DAILY), company("own", relationship="own", schedule=DAILY))
    for day in range(365):
        here.forward(days=1)
        tick(here.world)
        if day % 3 == 0:
            for departure in here.far.departures[-2:]:
                here.far.answer(departure.request, "Wir liefern in zwei Tagen.")

    asked = [one.request for one in here.far.departures if one.request.company == "shop"]
    owned = [one.request for one in here.far.departures if one.request.company == "own"]
    assert 30 < len(asked) <= 49  # four a month, twelve a quarter
    assert 360 <= len(owned) <= 365  # no limits for one's own
    instants = [request.intended_at for request in asked]
    assert all(later - earlier >= timedelta(days=7) for earlier, later in pairwise(instants))
    for index, one in enumerate(asked):
        same = [
            other
            for other in asked[:index]
            if (other.text.probe, other.text.variant) == (one.text.probe, one.text.variant)
            and one.intended_at - other.intended_at < timedelta(days=180)
        ]
        assert not same
    planned = here.world.store.slots(state=SlotState.PLANNED)
    assert len([slot for slot in planned if slot.company == "shop"]) <= 16  # two weeks of slots and one put off


def test_the_accounts_rate_spreads_requests_over_minutes(stage: Opening) -> None:
    here = stage(*(company(f"shop{number}", schedule=DAILY) for number in range(5)))
    config = here.world.config.path
    config.write_text(config.read_text().replace("per_minute = 1000", "per_minute = 2"), encoding="utf-8")
    here = stage()
    tick(here.world)
    here.forward(hours=7)

    sent = []
    for _ in range(3):
        sent.append(len(send_due(here.world).sent))
        here.forward(minutes=1, seconds=1)

    assert sent == [2, 2, 1]


def test_a_pause_stops_sending_but_not_looking(stage: Opening) -> None:
    here = stage(company(schedule=DAILY), company("other", schedule=DAILY))
    tick(here.world)
    pause(here.world, "company:shop", "they asked us to")
    here.forward(hours=7)

    done = tick(here.world)

    assert [departure.request.company for departure in here.far.departures] == ["other"]
    assert done.sending.halted == ["company shop is paused (they asked us to)"]
    assert here.world.store.observed_until("main") == here.clock.now()
    assert resume(here.world, "company:shop")
    tick(here.world)
    assert {departure.request.company for departure in here.far.departures} == {"other", "shop"}


def test_a_stop_file_stops_everything_until_it_is_gone(stage: Opening) -> None:
    here = stage(company(schedule=DAILY))
    tick(here.world)
    here.forward(hours=7)
    stop = here.world.config.folder / "STOP"
    stop.touch()
    tick(here.world)
    assert here.far.departures == []

    stop.unlink()
    tick(here.world)
    assert len(here.far.departures) == 1


def test_an_abort_calls_off_what_has_not_left_and_keeps_measuring_what_has(stage: Opening) -> None:
    here = stage(company(schedule=DAILY), company("busy", schedule=DAILY))
    tick(here.world)
    here.forward(hours=7)
    here.far.fail_once()
    tick(here.world)  # one is unavailable, the other leaves
    sent, waiting = sorted(here.requests(), key=lambda request: request.delivery is Delivery.INTENDED)
    assert (sent.delivery, waiting.delivery) == (Delivery.SENT, Delivery.INTENDED)

    done = abort(here.world, "*", "the client withdrew")
    resume(here.world, "*")
    here.forward(hours=3)
    here.far.answer(sent, "Wir liefern in zwei Tagen.")

    assert done.requests == 1
    assert done.slots == 2 * 13  # two weeks of days, less the one that was due
    assert not here.world.store.slots(state=SlotState.PLANNED)
    tick(here.world)
    assert len(here.far.departures) == 1
    (withdrawn,) = here.world.store.requests(ids=[waiting.id])
    assert (withdrawn.delivery, withdrawn.void_reason) == (Delivery.WITHDRAWN, VoidReason.WITHDRAWN)
    assert here.outcome(sent).first_response is not None


def test_a_refused_address_makes_the_request_void_for_good(stage: Opening) -> None:
    here = stage(company(schedule=WEEKLY))
    tick(here.world)
    here.far.refuse("service@shop.example")
    here.forward(days=2)
    tick(here.world)

    assert here.the_request().delivery is Delivery.REFUSED
    assert here.the_request().void_reason is VoidReason.REFUSED
    here.forward(hours=5)
    tick(here.world)
    assert len(here.requests()) == 1


def test_what_did_not_leave_is_tried_again_as_the_same_request(stage: Opening) -> None:
    here = stage(company(schedule=WEEKLY))
    tick(here.world)
    here.forward(days=2)
    here.far.fail_once()
    tick(here.world)
    assert here.the_request().delivery is Delivery.INTENDED

    tick(here.world)
    assert here.far.departures == []  # not at once: the far side asked for patience
    here.forward(minutes=6)
    tick(here.world)

    assert here.the_request().delivery is Delivery.SENT
    assert [attempt.number for attempt in here.world.store.attempts(here.the_request().id)] == [1, 2]
    assert here.the_request().accepted_at == here.far.departures[0].at


def test_a_far_side_away_for_days_costs_the_request_and_plans_its_slot_anew(stage: Opening) -> None:
    here = stage(company(schedule=WEEKLY))
    tick(here.world)
    here.forward(days=1, hours=8)
    here.far.go_away()
    for _ in range(int(GIVE_UP_AFTER / timedelta(hours=4)) + 2):
        tick(here.world)
        here.forward(hours=4)
    here.far.come_back()
    here.forward(days=1)
    tick(here.world)

    given_up, again = here.requests()[:2]
    assert (given_up.delivery, given_up.void_reason) == (Delivery.WITHDRAWN, VoidReason.NOT_SENT)
    assert again.token != given_up.token
    assert again.delivery is Delivery.SENT
    assert len(here.far.departures) == 1


def test_a_lost_acknowledgement_is_settled_by_our_own_copy_and_never_sent_twice(stage: Opening) -> None:
    here = stage(company(schedule=WEEKLY))
    tick(here.world)
    here.forward(days=2)
    here.far.lose_acknowledgement()
    send_due(here.world)
    assert here.the_request().delivery is Delivery.UNCERTAIN

    here.forward(minutes=1)
    collect(here.world)

    assert here.the_request().delivery is Delivery.SENT
    assert here.the_request().void_reason is None
    for _ in range(5):
        here.forward(hours=1)
        tick(here.world)
    assert len(here.far.departures) == 1


def test_without_a_copy_the_far_sides_own_evidence_settles_it(stage: Opening) -> None:
    here = stage(company(schedule=WEEKLY))
    here.far.copies = False
    tick(here.world)
    here.forward(days=2)
    here.far.lose_acknowledgement()
    send_due(here.world)

    settle(here.world)

    assert here.the_request().delivery is Delivery.SENT
    assert len(here.far.departures) == 1


def test_a_reply_proves_that_an_uncertain_request_left(stage: Opening) -> None:
    here = stage(company(schedule=WEEKLY))
    here.far.copies = False
    tick(here.world)
    here.forward(days=2)
    here.far.lose_acknowledgement()
    send_due(here.world)
    here.forward(hours=1)
    here.far.answer(here.the_request(), "Wir liefern in zwei Tagen.")

    collect(here.world)

    assert here.the_request().delivery is Delivery.SENT


def test_what_left_no_trace_is_void_and_its_slot_is_planned_anew_as_another_request(stage: Opening) -> None:
    here = stage(company(schedule=WEEKLY, relationship="own"))
    tick(here.world)
    here.forward(days=2)
    here.far.swallow_once()
    tick(here.world)
    lost = here.the_request()
    assert lost.delivery is Delivery.UNCERTAIN

    here.forward(minutes=30)
    tick(here.world)
    assert here.the_request().void_reason is None  # too early to give up
    here.forward(seconds=(GRACE - timedelta(minutes=29)).total_seconds())
    tick(here.world)
    tick(here.world)

    first, second = here.requests()
    assert (first.id, first.void_reason) == (lost.id, VoidReason.UNCERTAIN)
    assert second.delivery is Delivery.SENT
    assert second.token != first.token
    assert second.message_id != first.message_id
    assert len(here.far.departures) == 1


def test_a_void_request_whose_reply_comes_after_all_counts_again(stage: Opening) -> None:
    here = stage(company(schedule=WEEKLY, relationship="own"))
    tick(here.world)
    here.forward(days=2)
    here.far.swallow_once()
    tick(here.world)
    lost = here.the_request()
    here.forward(hours=2)
    tick(here.world)
    assert here.world.store.requests(ids=[lost.id])[0].void_reason is VoidReason.UNCERTAIN

    here.far.answer(lost, "Wir liefern in zwei Tagen.")
    collect(here.world)

    (found,) = here.world.store.requests(ids=[lost.id])
    assert (found.delivery, found.void_reason) == (Delivery.SENT, None)


def test_the_plan_names_each_slot_its_question_and_what_holds_it_back_and_sends_nothing(stage: Opening) -> None:
    here = stage(company(schedule=DAILY))
    until = here.clock.now() + timedelta(days=10)
    lay_out(here.world, until)

    previews = preview(here.world, until)

    assert len(previews) == 10
    asked = [one for one in previews if one.text]
    assert len(asked) == 2  # the cool-down of seven days lets two through
    assert all(one.refused for one in previews if not one.text)
    raw = specimen(here.world, asked[0])
    assert asked[0].target.address.encode() in raw
    assert here.far.departures == []
    assert here.requests() == []
