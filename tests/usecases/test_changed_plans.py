"""Asking while things change: the config, the machine's hours, an account that cannot send, another process."""

from __future__ import annotations

from slawatch.model import Delivery, VoidReason
from slawatch.usecases.tick import tick
from tests.stages import Opening, company

DAILY = 'cron = "0 9 * * *"'


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
