"""Asking: what is due leaves once, within every limit, and nothing leaves where somebody said stop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from slawatch.channels.base import Sent
from slawatch.errors import BusyError
from slawatch.model import Attempt, Delivery, Request, SlotState, Text, VoidReason
from slawatch.testing import MemoryChannel, MemoryWorld
from slawatch.usecases import audit
from slawatch.usecases import send as sending
from slawatch.usecases.collect import collect
from slawatch.usecases.control import abort, pause, resume
from slawatch.usecases.plan import choose_text, lay_out, preview, specimen
from slawatch.usecases.send import GIVE_UP_AFTER, send_due
from slawatch.usecases.settle import GRACE, settle
from slawatch.usecases.tick import only_pass, tick
from slawatch.usecases.world import World
from tests.stages import Opening, Stage, company

DAILY = 'cron = "0 9 * * *"'
WEEKLY = 'cron = "0 9 * * Mon"'
ANSWER = "Wir liefern in zwei Tagen."


class WatchedChannel(MemoryChannel):
    """A channel on which something happens at the moment when a sending begins."""

    def __init__(self, far: MemoryWorld, before: Callable[[Request, Attempt], None]) -> None:
        super().__init__(far)
        self._before = before

    def send(self, request: Request, attempt: Attempt) -> Sent:
        self._before(request, attempt)
        return super().send(request, attempt)


def watched(here: Stage, before: Callable[[Request, Attempt], None]) -> World:
    channel = WatchedChannel(here.far, before)
    return replace(here.world, channel=lambda _account: channel)


def asked_over_days(here: Stage, days: int) -> list[str]:
    """Do a pass a day, each question being answered at once, and return which probes were asked."""
    before = len(here.far.departures)
    for _ in range(days):
        here.forward(days=1)
        done = len(here.far.departures)
        tick(here.world)
        for departure in here.far.departures[done:]:
            here.far.answer(departure.request, ANSWER)
    return [departure.request.text.probe for departure in here.far.departures[before:]]


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
    tick(here.world)  # one is unavailable
    tick(here.world)  # the other leaves
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


def test_the_intent_is_on_disk_before_the_first_byte_leaves(stage: Opening) -> None:
    here = stage(company(schedule=WEEKLY))
    tick(here.world)
    here.forward(days=2)
    another_process = stage().world.store
    seen = []

    def look(request: Request, attempt: Attempt) -> None:
        (kept,) = another_process.requests()
        tried = another_process.attempts(kept.id)
        seen.append((kept.delivery, kept.message_id == request.message_id, kept.text == request.text, tried))
        assert tried == [attempt]

    send_due(watched(here, look))

    ((delivery, same_id, same_text, tried),) = seen
    assert (delivery, same_id, same_text, len(tried)) == (Delivery.SENDING, True, True, 1)


def test_a_sender_killed_in_the_midst_leaves_an_uncertain_request_and_nobody_sends_it(stage: Opening) -> None:
    here = stage(company(schedule=WEEKLY))
    tick(here.world)
    here.forward(days=2)

    def die(request: Request, attempt: Attempt) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        send_due(watched(here, die))
    later = stage()
    assert send_due(later.world).sent == []
    assert here.the_request().delivery is Delivery.SENDING  # its lease runs; it may be at work for all we know

    here.forward(minutes=10)
    done = send_due(later.world)

    assert done.uncertain == [here.the_request().public_id]
    assert here.the_request().delivery is Delivery.UNCERTAIN
    assert here.far.departures == []


def test_while_nobody_looks_for_evidence_an_uncertain_request_stays_uncertain(stage: Opening) -> None:
    here = stage(company(schedule=WEEKLY))
    tick(here.world)
    here.forward(days=2)
    here.far.swallow_once()
    tick(here.world)

    here.forward(hours=5)
    settle(here.world)
    assert here.the_request().void_reason is None

    collect(here.world)
    assert settle(here.world).void == [here.the_request().public_id]
    assert here.the_request().void_reason is VoidReason.UNCERTAIN
    assert settle(here.world).void == []  # said once


def test_what_was_due_while_nobody_laid_out_is_not_planned_afterwards(stage: Opening) -> None:
    here = stage(company(schedule=DAILY))
    lay_out(here.world, here.clock.now() + timedelta(days=2))

    here.forward(days=20)
    lay_out(here.world, here.clock.now() + timedelta(days=2))

    due = [slot.due_at for slot in here.world.store.slots()]
    assert len(due) == 4
    assert due[2] - due[1] >= timedelta(days=18)


def test_a_paused_account_sends_nothing(stage: Opening) -> None:
    here = stage(company(schedule=DAILY))
    tick(here.world)
    pause(here.world, "account:main", "the provider complained")
    here.forward(hours=7)

    assert tick(here.world).sending.halted == ["account main is paused (the provider complained)"]
    assert here.far.departures == []
    resume(here.world, "account:main")
    tick(here.world)
    assert len(here.far.departures) == 1


def test_what_waits_for_another_attempt_heeds_a_pause_as_well(stage: Opening) -> None:
    here = stage(company(schedule=WEEKLY))
    tick(here.world)
    here.forward(days=2)
    here.far.fail_once()
    tick(here.world)
    pause(here.world, "*", "")
    here.forward(hours=1)

    tick(here.world)
    assert here.far.departures == []

    resume(here.world, "*")
    tick(here.world)
    assert len(here.far.departures) == 1


def test_a_company_gone_from_the_config_is_not_asked(stage: Opening) -> None:
    here = stage(company("shop", schedule=DAILY), company("other", schedule=DAILY))
    tick(here.world)
    here.forward(hours=7)

    tick(stage(company("other", schedule=DAILY)).world)

    assert [departure.request.company for departure in here.far.departures] == ["other"]
    (closed,) = [slot for slot in here.world.store.slots(company="shop") if slot.state is SlotState.CLOSED]
    assert closed.why == "the target is no longer in the config"


def test_an_abort_stays_in_force_until_somebody_resumes(stage: Opening) -> None:
    here = stage(company(schedule=DAILY))
    tick(here.world)
    abort(here.world, "*", "the client withdrew")
    for _ in range(3):  # two weeks of slots were called off; later ones are laid out and held back
        here.forward(days=7)
        tick(here.world)
    assert here.far.departures == []

    resume(here.world, "*")
    tick(here.world)
    assert len(here.far.departures) == 1


def test_the_accounts_daily_rate_leaves_the_rest_for_tomorrow(stage: Opening) -> None:
    here = stage(*(company(f"shop{number}", schedule=DAILY) for number in range(3)))
    config = here.world.config.path
    config.write_text(config.read_text().replace("per_day = 100000", "per_day = 2"), encoding="utf-8")
    here = stage()
    tick(here.world)
    here.forward(hours=7)

    sent = []
    for hours in (23, 1, 0):
        sent.append(len(send_due(here.world).sent))
        here.forward(hours=hours, seconds=1)

    assert sent == [2, 0, 1]


def test_what_a_limit_holds_back_is_put_off_to_the_instant_it_ends(stage: Opening) -> None:
    here = stage(company(schedule=WEEKLY, extra='limits = { cooldown = "10 d" }'))
    tick(here.world)
    here.forward(days=2)
    tick(here.world)
    asked_at = here.the_request().accepted_at
    assert asked_at is not None
    here.far.answer(here.the_request(), ANSWER)
    here.forward(days=7)

    tick(here.world)

    (held,) = [slot for slot in here.world.store.slots(state=SlotState.PLANNED) if slot.put_off_until]
    assert held.put_off_until == asked_at + timedelta(days=10)
    assert "cool-down 10 d" in held.why


def test_a_pass_and_an_audit_together_cannot_pass_a_limit_that_each_alone_keeps(
    stage: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = stage(company(schedule=DAILY))
    tick(here.world)
    here.forward(hours=7)
    other = stage()
    targets = [target for one in other.world.config.companies.values() for target in one.targets]
    campaign = audit.start(other.world, targets, over=timedelta(0), until=None, name="at the same time")
    meanwhile = [lambda: send_due(other.world, campaign=campaign.id)]

    def choose_while_the_other_sends(*given: Any, **named: Any) -> Text | None:
        if meanwhile:
            meanwhile.pop()()
        return choose_text(*given, **named)

    monkeypatch.setattr(sending, "choose_text", choose_while_the_other_sends)
    done = send_due(here.world)

    assert [departure.request.campaign for departure in here.far.departures] == [campaign.id]
    assert done.sent == []


def test_a_company_with_few_texts_left_is_left_in_peace(stage: Opening) -> None:
    agreed = 'open = "none", month = "none", quarter = "none", month_all_channels = "none", cooldown = "1 h"'
    few = f'probes = ["delivery-time"]\nlimits = {{ {agreed} }}'
    here = stage(company(relationship="consented", schedule=DAILY, extra=few))
    tick(here.world)

    assert len(asked_over_days(here, 8)) == 4  # the probe has four wordings
    here.forward(days=100)
    assert asked_over_days(here, 3) == []
    here.forward(days=75)
    assert asked_over_days(here, 3) != []


def test_who_is_no_customer_never_speaks_as_one(stage: Opening) -> None:
    customer = 'customer = { number = "17" }'
    here = stage(company("shop", relationship="own", schedule=DAILY))
    tick(here.world)
    assert not any(probe.startswith("account-") for probe in asked_over_days(here, 20))

    here = stage(company("shop", relationship="own", schedule=DAILY, extra=customer))
    assert any(probe.startswith("account-") for probe in asked_over_days(here, 20))


def test_a_probe_without_manners_never_leaves(stage: Opening) -> None:
    rude = stage(company()).world.config.folder / "probes" / "rude.toml"
    rude.parent.mkdir()
    rude.write_text(
        """
[de]
expects = ["Öffnungszeiten"]
follow_up = "Es geht um den Laden.\\n\\n{name}"

[[de.variant]]
subject = "Frage {reference}"
body = "Guten Tag {company}, andernfalls werde ich meinen Anwalt einschalten. {name}"
""",
        encoding="utf-8",
    )
    here = stage(company(schedule=WEEKLY, extra='probes = ["rude"]'), company("zoo", schedule=WEEKLY))
    tick(here.world)
    here.forward(days=2)
    tick(here.world)

    # The other company is asked all the same, and the reason is told.
    assert [departure.request.company for departure in here.far.departures] == ["zoo"]
    assert any(news.what == "put-off" and "threat" in news.words for news in here.news)
