"""Periods as people name them: the instants they mean, over changes of the clock and the ends of years."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from slawatch import periods
from slawatch.periods import Period, Unit

BERLIN = "Europe/Berlin"
NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("said", "since", "until"),
    [
        ("28 d", "2026-10-25T09:30+00:00", "2026-11-22T09:30+00:00"),
        ("this week", "2026-11-16T00:00+01:00", "2026-11-22T09:30+00:00"),
        ("last week", "2026-11-09T00:00+01:00", "2026-11-16T00:00+01:00"),
        ("this month", "2026-11-01T00:00+01:00", "2026-11-22T09:30+00:00"),
        ("last month", "2026-10-01T00:00+02:00", "2026-11-01T00:00+01:00"),  # summer time ends in it
        ("this  quarter", "2026-10-01T00:00+02:00", "2026-11-22T09:30+00:00"),
        ("last quarter", "2026-07-01T00:00+02:00", "2026-10-01T00:00+02:00"),
        ("this year", "2026-01-01T00:00+01:00", "2026-11-22T09:30+00:00"),
        ("last year", "2025-01-01T00:00+01:00", "2026-01-01T00:00+01:00"),
        ("2026-11", "2026-11-01T00:00+01:00", "2026-11-22T09:30+00:00"),
        ("2026-03", "2026-03-01T00:00+01:00", "2026-04-01T00:00+02:00"),
        ("2025-12", "2025-12-01T00:00+01:00", "2026-01-01T00:00+01:00"),
        ("2026-W43", "2026-10-19T00:00+02:00", "2026-10-26T00:00+01:00"),
        ("2026-W01", "2025-12-29T00:00+01:00", "2026-01-05T00:00+01:00"),  # the week that holds 4 January
        ("2020-W53", "2020-12-28T00:00+01:00", "2021-01-04T00:00+01:00"),
        ("2026-Q1", "2026-01-01T00:00+01:00", "2026-04-01T00:00+02:00"),
        ("2025-Q4", "2025-10-01T00:00+02:00", "2026-01-01T00:00+01:00"),
        ("2025", "2025-01-01T00:00+01:00", "2026-01-01T00:00+01:00"),
        ("2026-11-01..2026-11-02", "2026-11-01T00:00+01:00", "2026-11-03T00:00+01:00"),
        ("2026-11-01T09:30..2026-11-01T10:00Z", "2026-11-01T09:30+01:00", "2026-11-01T10:00+00:00"),
        ("2026-11-20..2026-11-30", "2026-11-20T00:00+01:00", "2026-12-01T00:00+01:00"),  # two ends are kept as they are
        ("2026-10-25", "2026-10-25T00:00+02:00", "2026-10-26T00:00+01:00"),  # a day of 25 hours
    ],
)
def test_a_period_means_these_instants(said: str, since: str, until: str) -> None:
    found = periods.named(said, NOW, BERLIN)

    assert (found.since, found.until) == (at(since), at(until))


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("soon", '"soon" is no period; write "28 d", "this month"'),
        ("next month", '"next month" is no period'),
        ("2026-13", '"2026-13" is no period'),
        ("2021-W53", '"2021-W53" is no period'),
        ("0000", '"0000" is no period'),
        ("2026-11-31", '"2026-11-31" is no period'),
        ("0 d", '"0 d" ends before it begins'),
        ("2026-11-02..2026-11-01", '"2026-11-02..2026-11-01" ends before it begins'),
        ("2026-12", '"2026-12" has not begun yet; write one that has'),
        ("9999", '"9999" reaches beyond the years 1 to 9999'),
        ("900000 d", '"900000 d" reaches beyond the years 1 to 9999'),
    ],
)
def test_what_is_no_period_is_told(said: str, told: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(told)}"):
        periods.named(said, NOW, BERLIN)


def test_at_the_first_instant_of_a_month_the_last_one_is_the_one_that_just_ended() -> None:
    midnight = at("2026-11-01T00:00+01:00")

    last = periods.named("last month", midnight, BERLIN)

    assert last == Period(since=at("2026-10-01T00:00+02:00"), until=midnight, kind=Unit.MONTH)


def test_a_period_that_ends_with_the_month_is_all_of_it() -> None:
    found = periods.up_to(Unit.MONTH, at("2026-11-01T00:00+01:00"), BERLIN)

    assert found.since == at("2026-10-01T00:00+02:00")


def test_a_day_begins_where_the_clocks_skip_midnight_or_show_it_twice() -> None:
    skipped = periods.named("2018-11-04", NOW, "America/Sao_Paulo")
    twice = periods.named("2026-10-25", NOW, "Atlantic/Azores")

    assert skipped.until - skipped.since == timedelta(hours=23)
    assert (twice.since, twice.until - twice.since) == (at("2026-10-25T00:00+00:00"), timedelta(hours=25))


@pytest.mark.parametrize("unit", Unit)
def test_periods_of_the_calendar_follow_each_other_without_a_gap(unit: Unit) -> None:
    found = periods.named(f"this {unit}", NOW, BERLIN)

    for _ in range(60):
        before = periods.previous(found, BERLIN)
        start = before.since + timedelta(hours=3)
        if before.until > found.since or found.since != before.until:
            pytest.fail(f"{before} does not end where {found} begins")
        assert periods.up_to(unit, start, BERLIN).since == before.since
        found = before


def test_the_period_before_a_rolling_one_is_as_long_and_just_before() -> None:
    found = periods.previous(periods.named("28 d", NOW, BERLIN), BERLIN)

    assert (found.since, found.until) == (NOW - timedelta(days=56), NOW - timedelta(days=28))


def test_the_zone_decides_when_a_month_begins() -> None:
    kiritimati = periods.named("2026-11", NOW, "Pacific/Kiritimati")
    pago_pago = periods.named("2026-11", NOW, "Pacific/Pago_Pago")

    assert pago_pago.since - kiritimati.since == timedelta(hours=25)


@pytest.mark.parametrize("written", ["28 d", "week", "month", "quarter", "year"])
def test_a_kind_of_period_reads_as_it_is_written(written: str) -> None:
    assert periods.show(periods.read(written)) == written


@pytest.mark.parametrize("written", ["fortnight", "0 d", "this month", ""])
def test_what_is_no_kind_of_period_is_told(written: str) -> None:
    with pytest.raises(ValueError, match="is no period; write"):
        periods.read(written)


def test_two_named_ends_are_of_no_kind() -> None:
    assert periods.show(periods.named("2026-11-01..2026-11-02", NOW, BERLIN).kind) == ""
