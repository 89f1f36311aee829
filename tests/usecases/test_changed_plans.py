"""Asking while things change: the config, the machine's hours, an account that cannot send, another process."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from slawatch.model import Delivery, SlotState, Text, VoidReason
from slawatch.usecases import audit
from slawatch.usecases import send as sending
from slawatch.usecases.plan import choose_text, preview
from slawatch.usecases.send import send_due
from slawatch.usecases.status import status
from slawatch.usecases.tick import tick
from tests.stages import Opening, Stage, company

DAILY = 'cron = "0 9 * * *"'
WEEKLY = 'cron = "0 9 * * Mon"'
ANSWER = "Wir liefern in zwei Tagen."


def rewrite(here: Stage, old: str, new: str) -> None:
    path = here.world.config.path
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_company_taken_out_of_the_config_is_not_asked_by_a_second_attempt_either(stage: Opening) -> None:
    here = stage(company("shop", schedule=DAILY), company("other", schedule=DAILY))
    tick(here.world)
    here.forward(hours=7)
    here.far.fail_once()
    here.far.fail_once()
    tick(here.world)
    here.forward(minutes=6)

    later = stage(company("other", schedule=DAILY))
    for _ in range(3):
        tick(later.world)
        here.forward(minutes=6)

    assert [departure.request.company for departure in here.far.departures] == ["other"]
    (called_off,) = here.world.store.requests(company="shop")
    assert (called_off.delivery, called_off.void_reason) == (Delivery.WITHDRAWN, VoidReason.WITHDRAWN)


def test_what_fell_due_while_the_machine_was_off_is_asked_once_and_not_in_a_row(stage: Opening) -> None:
    here = stage(company(schedule=DAILY, relationship="own"))
    tick(here.world)
    here.forward(days=6)

    tick(here.world)
    here.forward(minutes=5)
    tick(here.world)

    assert len(here.far.departures) == 1


def test_a_schedule_that_was_thinned_out_holds_at_once(stage: Opening) -> None:
    here = stage(company(schedule=DAILY, relationship="own"))
    tick(here.world)
    rewrite(here, DAILY, WEEKLY)
    later = stage()
    for _ in range(8):
        tick(later.world)
        here.forward(days=1)

    assert len(here.far.departures) == 1


def test_a_target_without_schedule_any_more_is_left_to_audits(stage: Opening) -> None:
    here = stage(company(schedule=DAILY, relationship="own"))
    tick(here.world)
    here.forward(hours=7)
    rewrite(here, DAILY, "")
    later = stage()
    campaign = audit.start(
        later.world, later.world.config.companies["shop"].targets, over=timedelta(0), until=None, name="now"
    )
    for _ in range(8):
        tick(later.world)
        here.forward(days=1)

    assert [departure.request.campaign for departure in here.far.departures] == [campaign.id]


def test_a_corrected_time_zone_moves_the_slots_instead_of_doubling_them(stage: Opening) -> None:
    here = stage(company(schedule=DAILY, relationship="own"))
    tick(here.world)
    rewrite(here, '"Europe/Berlin"', '"Europe/London"')
    later = stage()
    for _ in range(24):
        tick(later.world)
        here.forward(hours=1)

    (departure,) = here.far.departures
    assert departure.at.hour == 8


def test_a_renamed_account_goes_on_asking(stage: Opening) -> None:
    here = stage(company(schedule=DAILY))
    tick(here.world)
    rewrite(here, "[account.main]", "[account.post]")
    later = stage()
    here.forward(hours=7)
    tick(later.world)

    (departure,) = here.far.departures
    assert departure.request.account == "post"
    assert [one.slot.account for one in preview(later.world, here.clock.now() + timedelta(days=2))] == ["post"] * 2


def test_what_waits_for_an_account_that_is_gone_is_asked_anew_from_the_one_there_is(stage: Opening) -> None:
    here = stage(company(schedule=DAILY))
    tick(here.world)
    here.forward(hours=7)
    here.far.fail_once()
    tick(here.world)
    rewrite(here, "[account.main]", "[account.post]")

    tick(stage().world)

    given_up, again = here.requests()
    assert (given_up.delivery, given_up.void_reason) == (Delivery.WITHDRAWN, VoidReason.NOT_SENT)
    assert (again.delivery, again.account) == (Delivery.SENT, "post")


def test_an_account_that_cannot_send_is_tried_once_a_pass_and_not_once_a_company(stage: Opening) -> None:
    here = stage(*(company(f"shop{number}", schedule=DAILY) for number in range(5)))
    tick(here.world)
    here.forward(hours=7)
    here.far.go_away()

    done = send_due(here.world)

    assert len(done.unavailable) == 1


def test_two_processes_together_keep_to_the_accounts_rate(stage: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    here = stage(company("one", schedule=DAILY), company("two"))
    rewrite(here, "per_minute = 1000", "per_minute = 1")
    here = stage()
    tick(here.world)
    here.forward(hours=7)
    other = stage()
    campaign = audit.start(
        other.world, other.world.config.companies["two"].targets, over=timedelta(0), until=None, name="at the same time"
    )
    meanwhile = [lambda: send_due(other.world, campaign=campaign.id)]

    def choose_while_the_other_sends(*given: Any, **named: Any) -> Text | None:
        if meanwhile:
            meanwhile.pop()()
        return choose_text(*given, **named)

    monkeypatch.setattr(sending, "choose_text", choose_while_the_other_sends)
    send_due(here.world)
    assert [departure.request.company for departure in here.far.departures] == ["two"]

    here.forward(seconds=61)
    send_due(here.world)
    assert [departure.request.company for departure in here.far.departures] == ["two", "one"]


def test_two_processes_together_do_not_send_a_text_twice(stage: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    agreed = 'open = "none", month = "none", quarter = "none", month_all_channels = "none", cooldown = "0 s"'
    extra = f'probes = ["delivery-time"]\nlimits = {{ {agreed} }}'
    here = stage(company(relationship="consented", schedule=DAILY, extra=extra))
    tick(here.world)
    here.forward(hours=7)
    other = stage()
    targets = other.world.config.companies["shop"].targets
    campaigns = [
        audit.start(other.world, targets, over=timedelta(0), until=None, name=str(number)) for number in range(5)
    ]
    meanwhile = [lambda: [send_due(other.world, campaign=one.id) for one in campaigns]]

    def choose_while_the_other_sends(*given: Any, **named: Any) -> Text | None:
        chosen = choose_text(*given, **named)
        if meanwhile:
            meanwhile.pop()()
        return chosen

    monkeypatch.setattr(sending, "choose_text", choose_while_the_other_sends)
    send_due(here.world)

    texts = [(one.request.text.probe, one.request.text.variant) for one in here.far.departures]
    assert len(texts) == len(set(texts))


def test_the_next_slot_is_never_in_the_past(stage: Opening) -> None:
    here = stage(company(schedule=WEEKLY, extra='limits = { cooldown = "10 d" }'))
    tick(here.world)
    here.forward(days=2)
    tick(here.world)
    here.far.answer(here.the_request(), ANSWER)
    here.forward(days=7)
    tick(here.world)
    here.forward(hours=1)

    next_slot = status(here.world).next_slot
    assert next_slot is not None
    assert next_slot > here.clock.now()
    (held,) = [slot for slot in here.world.store.slots(state=SlotState.PLANNED) if slot.put_off_until]
    assert next_slot == held.put_off_until


def test_an_audit_that_waits_for_its_accounts_rate_looks_no_more_often_than_it_was_told(stage: Opening) -> None:
    here = stage(company("one"), company("two"), company("three"))
    rewrite(here, "per_minute = 1000", "per_minute = 1")
    here = stage()
    targets = [target for one in here.world.config.companies.values() for target in one.targets]
    campaign = audit.start(
        here.world, targets, over=timedelta(0), until=here.clock.now() + timedelta(minutes=10), name="test"
    )
    shown: list[audit.Progress] = []

    audit.run(here.world, campaign, show=shown.append)

    assert len(here.far.departures) == 3
    assert len(shown) / 2 <= 10 * 2 + 4
