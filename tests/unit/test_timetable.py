"""What hours, holidays and promises come to that were written rightly; the mistakes stand in tests/config."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from slawatch import config, public_holidays
from slawatch.channels import BUILT_IN
from slawatch.config import Target
from slawatch.hours import Holidays, Occasion, ServiceHours
from slawatch.model import Measure, Objective, ObjectiveKind, PublishedPromise

H = 3600
REST = """
[account.main]
channel = "email"
address = "anna@example.org"
smtp_host = "localhost"
imap_host = "localhost"
smtp_password_env = "PASSWORD"

[company.shop]
name = "Shop"
relationship = "own"
{company}

[[company.shop.target]]
channel = "email"
address = "service@shop.example"
{target}
"""

Read = Callable[..., Target]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def write_and_read(*, defaults: str = "", company: str = "", target: str = "") -> Target:
        path = tmp_path / "config.toml"
        path.write_text(
            f"[defaults]\n{defaults}\n" + REST.format(company=company, target=target),
            encoding="utf-8",
        )
        (found,) = config.load(path, registry=BUILT_IN, probes={}).companies["shop"].targets
        return found

    return write_and_read


def test_weekdays_and_days_of_their_own_stand_side_by_side(read: Read) -> None:
    found = read(
        company="hours = { Mon-Thu = '9:00-17:00', Fri = ['13:00 – 15:00', '09:00-12:00'], Sat = 'closed', "
        "2026-12-24 = '09:00-12:00', 12-31 = [] }"
    ).hours

    office, friday = ((9 * H, 17 * H),), ((9 * H, 12 * H), (13 * H, 15 * H))
    assert found == ServiceHours(
        weekly=(office, office, office, office, friday, (), ()),
        special=((Occasion(12, 24, 2026), ((9 * H, 12 * H),)), (Occasion(12, 31), ())),
    )


def test_a_week_may_go_over_sunday_and_a_day_over_midnight(read: Read) -> None:
    found = read(company="hours = { Sat-Mon = '22:00-06:00', Wed = '00:00-24:00' }").hours

    night, none = ((22 * H, 30 * H),), ()
    assert found.weekly == (night, none, ((0, 24 * H),), none, none, night, night)


def test_hours_may_be_always_or_unknown(read: Read) -> None:
    assert read(company="hours = 'always'").hours == ServiceHours(always=True)
    assert read().hours == ServiceHours()
    assert read(defaults="hours = 'always'", target="hours = 'none'").hours == ServiceHours()


def test_hours_nearer_to_the_target_count_instead_and_keep_the_holidays(read: Read) -> None:
    found = read(
        defaults="hours = 'always'\nholidays = { country = 'AT' }", target="hours = { Mon = '09:00-10:00' }"
    ).hours

    assert found.weekly is not None
    assert not found.always
    assert found.holidays == Holidays(country="AT")


def test_holidays_come_by_country_with_days_more_and_less(read: Read) -> None:
    found = read(
        company="holidays = { country = 'DE', region = 'Bayern', categories = ['public', 'catholic'], "
        "add = ['12-31 Inventory', 2026-07-17], remove = ['2026-11-01', 'Fronleichnam', 'Epiphany'] }"
    ).hours.holidays

    assert found == Holidays(
        country="DE",
        region="BY",
        categories=("public", "catholic"),
        add=(Occasion(12, 31, None, "Inventory"), Occasion(7, 17, 2026)),
        remove=(Occasion(11, 1, 2026),),
        remove_named=("Fronleichnam", "Epiphany"),
    )
    assert read(defaults="holidays = { country = 'DE' }", target="holidays = 'none'").hours.holidays == Holidays()


def test_a_published_promise_is_a_time_or_business_days(read: Read) -> None:
    url = "https://shop.example/contact"

    assert read().promise is None
    assert read(company=f"promise = {{ within = '24 h', source = '{url}', seen = '2026-11-02' }}").promise == (
        PublishedPromise(within=timedelta(days=1), source=url, seen=date(2026, 11, 2))
    )
    assert read(company="promise = { within = '2 business days', seen = 2026-11-02 }").promise == (
        PublishedPromise(business_days=2, seen=date(2026, 11, 2))
    )
    assert read(defaults="promise = { within = '24 h' }", company="promise = 'none'").promise is None


def test_we_reply_when_asked_back_and_do_not_thank_unless_told_otherwise(read: Read) -> None:
    plain, other = read(), read(defaults="follow_up = false\nthanks = true")

    assert (plain.follow_up, plain.thanks) == (True, False)
    assert (other.follow_up, other.thanks) == (False, True)


def test_an_objective_may_be_held_in_service_hours(read: Read) -> None:
    found = read(
        company="hours = 'always'\n"
        "first_response = { mean = '1 h', clock = 'service' }\nanswer = { share = 0.9, within = '8 h', clock = 'wall' }"
    ).standard.objectives

    assert found == (
        Objective(
            measure=Measure.FIRST_RESPONSE,
            kind=ObjectiveKind.MEAN,
            limit=timedelta(hours=1),
            at_least=None,
            in_hours=True,
        ),
        Objective(measure=Measure.ANSWER, kind=ObjectiveKind.SHARE, limit=timedelta(hours=8), at_least=0.9),
    )


# Public holidays


def test_holidays_are_those_of_the_region() -> None:
    bavaria, berlin = (public_holidays.of_year("DE", region, ["public"], 2026) for region in ("BY", "BE"))

    assert bavaria[date(2026, 1, 6)] == "Epiphany"
    assert date(2026, 1, 6) not in berlin
    assert date(2026, 3, 8) in berlin
    assert bavaria[date(2026, 4, 3)] == berlin[date(2026, 4, 3)] == "Good Friday"
    assert {day.year for day in bavaria} == {2026}


def test_holidays_are_named_in_the_language_asked_for_whatever_the_machine_speaks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    good_friday = date(2026, 4, 3)
    for spoken in ("C", "de_DE.UTF-8", "en_US.UTF-8"):
        monkeypatch.setenv("LANGUAGE", spoken)
        monkeypatch.setenv("LANG", spoken)
        assert public_holidays.of_year("DE", "", ["public"], 2026, lang="de")[good_friday] == "Karfreitag"
        assert public_holidays.of_year("DE", "", ["public"], 2026, lang="en")[good_friday] == "Good Friday"
        assert public_holidays.of_year("DE", "", ["public"], 2026, lang="xx")[good_friday] == "Good Friday"
        assert public_holidays.of_year("BS", "", ["public"], 2026, lang="de")[good_friday] == "Good Friday"


def test_only_the_categories_asked_for_count() -> None:
    assumption = date(2026, 8, 15)

    assert assumption not in public_holidays.of_year("DE", "BY", ["public"], 2026)
    assert public_holidays.of_year("DE", "BY", ["public", "catholic"], 2026)[assumption] == "Assumption Day"
    assert "catholic" in public_holidays.categories("DE")


@pytest.mark.parametrize("name", ["Fronleichnam", "Corpus Christi"])
@pytest.mark.parametrize("lang", ["de", "en", "uk"])
def test_a_holiday_is_removed_by_its_name_there_or_in_english(name: str, lang: str) -> None:
    assert name in public_holidays.names("DE", "BY", ["public"])

    kept = public_holidays.of_year("DE", "BY", ["public"], 2026, lang=lang, without=[name])

    assert date(2026, 6, 4) not in kept
    assert len(kept) == len(public_holidays.of_year("DE", "BY", ["public"], 2026)) - 1


def test_nobody_without_holidays_loads_the_library() -> None:
    code = "import sys, slawatch.config, slawatch.usecases.calendars; sys.exit('holidays' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
