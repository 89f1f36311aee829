"""Whose calendar a wait is counted in, and that every figure of a request carries both clocks."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from slawatch.model import Wait
from slawatch.usecases.calendars import calendar_of
from slawatch.usecases.tick import tick
from tests.stages import Opening, company

HOURS = 'hours = { Mon-Fri = "09:00-17:00" }\n'
HOLIDAYS = 'holidays = { country = "DE", region = "BY", add = ["12-31 Inventur"], remove = ["Fronleichnam"] }\n'


def test_a_targets_hours_holidays_and_zone_make_its_calendar(stage: Opening) -> None:
    here = stage(company(extra=f'timezone = "America/New_York"\n{HOURS}{HOLIDAYS}'))

    found = calendar_of(here.world, "shop", "email", "service@shop.example")

    assert found.zone == "America/New_York"
    assert found.open_at(datetime(2026, 3, 30, 9, tzinfo=ZoneInfo("America/New_York")))
    assert not found.open_at(datetime(2026, 3, 30, 9, tzinfo=ZoneInfo("Europe/Berlin")))
    assert found.holiday(date(2026, 4, 3)) == "Good Friday"
    assert found.holiday(date(2026, 12, 31)) == "Inventur"
    assert found.holiday(date(2026, 6, 4)) == ""


def test_holidays_are_named_in_the_language_of_the_reports(stage: Opening) -> None:
    here = stage(company(extra=HOLIDAYS))
    path = here.world.config.path
    german = path.parent / "reports" / "de.toml"
    german.parent.mkdir()
    german.touch()
    path.write_text('language = "de"\n' + path.read_text(encoding="utf-8"), encoding="utf-8")

    found = calendar_of(stage().world, "shop", "email", "service@shop.example")

    assert found.holiday(date(2026, 4, 3)) == "Karfreitag"


def test_a_target_that_is_gone_is_counted_as_its_companys_other_one(stage: Opening) -> None:
    here = stage(company(extra=HOURS))

    assert calendar_of(here.world, "shop", "email", "gone@shop.example").hours.stated
    nobody = calendar_of(here.world, "gone", "email", "service@gone.example")
    assert (nobody.zone, nobody.hours.stated, nobody.round_the_clock) == ("Europe/Berlin", False, True)
    assert calendar_of(here.world, "shop", "post", "Market 1").round_the_clock


def test_targets_with_the_same_hours_share_a_calendar(stage: Opening) -> None:
    here = stage(company("shop", extra=HOURS), company("shed", extra=HOURS), company("mill"))

    shop, shed, mill = (
        calendar_of(here.world, key, "email", f"service@{key}.example") for key in ("shop", "shed", "mill")
    )

    assert shop is shed
    assert shop is not mill


def test_what_became_of_a_request_is_told_by_both_clocks(stage: Opening) -> None:
    here = stage(company(extra=HOURS + 'cron = "0 8 * * Mon"\n'), company("mill", extra='cron = "0 8 * * Mon"\n'))
    tick(here.world)
    here.forward(days=1, hours=5, minutes=30)  # Monday, eight o'clock in Berlin
    tick(here.world)
    here.forward(hours=3)
    for request in here.requests():
        here.far.answer(request, "Die Lieferung dauert drei Werktage. Viele Grüße, Jonas Vogt")

    shop, mill = (here.outcome(next(one for one in here.requests() if one.company == key)) for key in ("shop", "mill"))

    assert shop.first_response == mill.first_response == Wait(length=timedelta(hours=3), ended=True)
    assert shop.first_response_in_hours == shop.answer_in_hours == Wait(length=timedelta(hours=2), ended=True)
    assert (shop.outside_hours, shop.window_in_hours) == (False, timedelta(hours=40))
    assert (mill.first_response_in_hours, mill.outside_hours, mill.window_in_hours) == (None, None, None)
