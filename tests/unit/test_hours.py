"""Service time against a loop that looks at the wall's clock every minute, over nights on which that is not plain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slawatch.clock import EPOCH
from slawatch.hours import Calendar, Holidays, Occasion, Openings, ServiceHours, Span

H = 3600
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
OFFICE: Openings = ((9 * H, 17 * H),)
CLOSED: Openings = ()
WEEK = (*(OFFICE,) * 5, CLOSED, CLOSED)
NIGHT = (((22 * H, 30 * H),),) * 7  # from 22:00 to 06:00
ALL_DAY = (((0, 24 * H),),) * 7
ODD = (((H + 1800, 2 * H + 1800), (3 * H, 4 * H)),) * 7  # begins and ends inside what a change skips or repeats
MIXED = (
    ((0, 12 * H), (13 * H, 15 * H)),
    CLOSED,
    ((23 * H + 1800, 24 * H + 900),),
    ((8 * H, 8 * H + 60), (20 * H, 32 * H)),
    ((0, 48 * H),),
    ((6 * H, 24 * H),),
    ((0, H), (2 * H, 3 * H)),
)

# Where the wall's clock does something that not every program expects, and when (UTC).
NIGHTS = {
    "Berlin, spring": ("Europe/Berlin", datetime(2026, 3, 29, 1, tzinfo=UTC)),
    "Berlin, autumn": ("Europe/Berlin", datetime(2026, 10, 25, 1, tzinfo=UTC)),
    "New York, spring": ("America/New_York", datetime(2026, 3, 8, 7, tzinfo=UTC)),
    "New York, autumn": ("America/New_York", datetime(2026, 11, 1, 6, tzinfo=UTC)),
    "London, spring": ("Europe/London", datetime(2026, 3, 29, 1, tzinfo=UTC)),
    "London, autumn": ("Europe/London", datetime(2026, 10, 25, 1, tzinfo=UTC)),
    "Lord Howe, half an hour back": ("Australia/Lord_Howe", datetime(2026, 4, 4, 15, tzinfo=UTC)),
    "Lord Howe, half an hour on": ("Australia/Lord_Howe", datetime(2026, 10, 3, 15, 30, tzinfo=UTC)),
    "Kathmandu, no summer time": ("Asia/Kathmandu", datetime(2026, 3, 29, 1, tzinfo=UTC)),
    "Kathmandu, a quarter of an hour in 1986": ("Asia/Kathmandu", datetime(1985, 12, 31, 18, 30, tzinfo=UTC)),
    "Cairo, midnight skipped": ("Africa/Cairo", datetime(2026, 4, 23, 22, tzinfo=UTC)),
    "Cairo, midnight twice": ("Africa/Cairo", datetime(2026, 10, 29, 21, tzinfo=UTC)),
    "Beirut, midnight skipped": ("Asia/Beirut", datetime(2026, 3, 28, 22, tzinfo=UTC)),
    "Santiago, midnight skipped": ("America/Santiago", datetime(2026, 9, 6, 4, tzinfo=UTC)),
    "Asuncion, midnight skipped": ("America/Asuncion", datetime(2023, 10, 1, 4, tzinfo=UTC)),
    "Asuncion, summer time for good": ("America/Asuncion", datetime(2024, 10, 6, 4, tzinfo=UTC)),
    "Apia, a day that never was": ("Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC)),
    "Kwajalein, a day that never was": ("Pacific/Kwajalein", datetime(1993, 8, 21, 12, tzinfo=UTC)),
    "St John's, a minute after midnight": ("America/St_Johns", datetime(1999, 10, 31, 2, 31, tzinfo=UTC)),
    "Paris, summer time twice over": ("Europe/Paris", datetime(1976, 3, 28, 0, tzinfo=UTC)),
    "UTC": ("UTC", datetime(2026, 12, 31, 23, tzinfo=UTC)),
}
WEEKS = {"office": WEEK, "night": NIGHT, "all day": ALL_DAY, "odd": ODD, "mixed": MIXED}
XMAS = Holidays(add=(Occasion(12, 24), Occasion(12, 31, None, "Inventory"), Occasion(3, 30, 2026, "Outing")))


def open_by_the_wall(calendar: Calendar, instant: datetime) -> bool:
    """Say it as a person would who stands before the wall's clock: what day, what time, and are we open then?"""
    wall = instant.astimezone(ZoneInfo(calendar.zone)).replace(tzinfo=None)
    passed = wall.hour * H + wall.minute * 60 + wall.second
    today, yesterday = wall.date(), wall.date() - DAY
    return any(start <= passed < end for start, end in calendar.openings(today)) or any(
        start <= passed + 24 * H < end for start, end in calendar.openings(yesterday)
    )


def minutes_open(calendar: Calendar, since: datetime, until: datetime) -> timedelta:
    """Count minute by minute; both instants must be whole minutes."""
    found, at = timedelta(0), since
    while at < until:
        found += MINUTE if open_by_the_wall(calendar, at) else timedelta(0)
        at += MINUTE
    return found


@pytest.mark.parametrize("week", WEEKS)
@pytest.mark.parametrize("night", NIGHTS)
def test_every_minute_around_a_change_of_the_clocks_counts_as_the_wall_says(night: str, week: str) -> None:
    zone, change = NIGHTS[night]
    calendar = Calendar(ServiceHours(weekly=WEEKS[week], holidays=XMAS), zone)
    since = change - 25 * timedelta(hours=1)

    counted = [
        (calendar.open_time(since + n * MINUTE, since + (n + 1) * MINUTE), calendar.open_at(since + n * MINUTE))
        for n in range(39 * 60)
    ]

    expected = [open_by_the_wall(calendar, since + n * MINUTE) for n in range(39 * 60)]
    assert counted == [(MINUTE if one else timedelta(0), one) for one in expected]


@given(data=st.data())
@settings(max_examples=75, deadline=None)
def test_service_time_agrees_with_the_loop_and_with_its_inverse(data: st.DataObject) -> None:
    zone, change = data.draw(st.sampled_from(sorted(NIGHTS.values())))
    week = data.draw(st.sampled_from(sorted(WEEKS.values())))
    special = ((Occasion(change.month, change.day), ((10 * H, 11 * H),)), (Occasion(2, 29), CLOSED))
    calendar = Calendar(ServiceHours(weekly=week, holidays=XMAS, special=special), zone)
    whole_minutes = st.integers(-4 * 1440, 4 * 1440)
    since, until = sorted(change + data.draw(whole_minutes) * MINUTE for _ in range(2))

    counted = calendar.open_time(since, until)

    assert counted == minutes_open(calendar, since, until)
    reached = calendar.after(since, counted)
    assert reached <= until
    assert calendar.open_time(since, reached) == counted
    if counted:  # the first instant of all with so much behind it
        assert calendar.open_time(since, reached - timedelta(microseconds=1)) == counted - timedelta(microseconds=1)


@given(
    zone=st.sampled_from(sorted({zone for zone, _ in NIGHTS.values()})),
    seconds=st.lists(st.floats(-(2.0**17), 2.0**31), min_size=3, max_size=3),
)
@settings(deadline=None)
def test_service_time_adds_up_and_its_spans_fill_all_of_it(zone: str, seconds: list[float]) -> None:
    calendar = Calendar(ServiceHours(weekly=MIXED, holidays=XMAS), zone)
    first, middle, last = (EPOCH + timedelta(seconds=one) for one in sorted(seconds))
    middle, last = min(middle, first + 90 * DAY), min(last, first + 90 * DAY)

    whole = calendar.open_time(first, last)
    spans = calendar.spans(first, last)

    assert whole == calendar.open_time(first, middle) + calendar.open_time(middle, last)
    assert sum((span.length for span in spans if span.open), timedelta(0)) == whole
    assert sum((span.length for span in spans), timedelta(0)) == last - first
    edges = [first, *(edge for span in spans for edge in (span.since, span.until)), last]
    assert edges[0::2] == edges[1::2]
    for before, after in pairwise(spans):
        assert (before.open, before.name) != (after.open, after.name)


def test_the_second_is_exact_where_the_offset_has_seconds() -> None:
    # Until 1891 Berlin kept its own time, 53 min 28 s ahead of Greenwich.
    calendar = Calendar(ServiceHours(weekly=WEEK), "Europe/Berlin")
    opening = datetime(1890, 6, 2, 9, tzinfo=UTC) - timedelta(minutes=53, seconds=28)

    assert calendar.open_time(opening - timedelta(seconds=1), opening + timedelta(seconds=1)) == timedelta(seconds=1)
    assert calendar.open_time(opening, opening + timedelta(microseconds=1)) == timedelta(microseconds=1)


def test_a_night_shift_is_as_long_as_the_night_really_was() -> None:
    calendar = Calendar(ServiceHours(weekly=NIGHT), "Europe/Berlin")

    def of_the_night(day: date) -> timedelta:
        noon = datetime(day.year, day.month, day.day, 11, tzinfo=UTC)
        return calendar.open_time(noon, noon + DAY)

    assert of_the_night(date(2026, 3, 27)) == timedelta(hours=8)
    assert of_the_night(date(2026, 3, 28)) == timedelta(hours=7)
    assert of_the_night(date(2026, 10, 24)) == timedelta(hours=9)


def test_an_opening_inside_the_repeated_hour_is_open_in_both_its_passings() -> None:
    until_half_past_two = (((H, 2 * H + 1800),),) * 7
    calendar = Calendar(ServiceHours(weekly=until_half_past_two), "Europe/Berlin")
    midnight = datetime(2026, 10, 24, 22, tzinfo=UTC)

    spans = calendar.spans(midnight, midnight + timedelta(hours=6))

    assert [(span.open, span.length) for span in spans] == [
        (False, timedelta(hours=1)),
        (True, timedelta(hours=1, minutes=30)),
        (False, timedelta(minutes=30)),
        (True, timedelta(minutes=30)),
        (False, timedelta(hours=2, minutes=30)),
    ]


def test_an_opening_that_begins_in_the_skipped_hour_begins_after_it() -> None:
    from_half_past_two = (((2 * H + 1800, 5 * H),),) * 7
    calendar = Calendar(ServiceHours(weekly=from_half_past_two), "Europe/Berlin")
    change = datetime(2026, 3, 29, 1, tzinfo=UTC)

    assert not calendar.open_at(change - timedelta(microseconds=1))
    assert calendar.open_at(change)
    assert calendar.open_time(change - DAY / 4, change + DAY / 4) == timedelta(hours=2)


def test_openings_that_touch_or_overlap_count_once() -> None:
    monday = ((9 * H, 12 * H), (12 * H, 30 * H))
    calendar = Calendar(ServiceHours(weekly=(monday, ((4 * H, 8 * H),), *(CLOSED,) * 5)), "UTC")
    since = datetime(2026, 3, 2, tzinfo=UTC)

    assert [span.length for span in calendar.spans(since, since + 2 * DAY) if span.open] == [timedelta(hours=23)]


# Days that are not like others


def berlin(year: int) -> Mapping[date, str]:
    return {date(year, 4, 3): "Good Friday", date(year, 4, 6): "Easter Monday", date(year, 4, 5): "Easter Sunday"}


OFFICE_HOURS = ServiceHours(weekly=WEEK, holidays=Holidays(country="DE"))


def office(hours: ServiceHours = OFFICE_HOURS) -> Calendar:
    return Calendar(hours, "Europe/Berlin", berlin)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Berlin"))


def shown(spans: tuple[Span, ...]) -> list[str]:
    def local(instant: datetime) -> str:
        return f"{instant.astimezone(ZoneInfo('Europe/Berlin')):%a %H:%M}"

    return [f"{local(one.since)}-{local(one.until)} {one.why} {one.name}".strip() for one in spans]


def test_spans_name_the_holidays_that_took_hours_away_and_no_others() -> None:
    assert shown(office().spans(at("2026-04-02 16:00"), at("2026-04-07 10:00"))) == [
        "Thu 16:00-Thu 17:00 hours",
        "Thu 17:00-Fri 00:00 closed",
        "Fri 00:00-Sat 00:00 holiday Good Friday",
        "Sat 00:00-Mon 00:00 closed",  # Easter Sunday is a Sunday anyway
        "Mon 00:00-Tue 00:00 holiday Easter Monday",
        "Tue 00:00-Tue 09:00 closed",
        "Tue 09:00-Tue 10:00 hours",
    ]


def test_a_wait_inside_a_holiday_is_one_span() -> None:
    assert shown(office().spans(at("2026-04-03 10:00"), at("2026-04-03 11:00"))) == [
        "Fri 10:00-Fri 11:00 holiday Good Friday"
    ]
    assert office().open_time(at("2026-04-03 10:00"), at("2026-04-03 11:00")) == timedelta(0)


def test_days_of_their_own_go_before_weekday_and_holiday() -> None:
    special = (
        (Occasion(4, 3), ((9 * H, 10 * H),)),
        (Occasion(4, 3, 2026), ((9 * H, 12 * H),)),  # the one with its year counts
        (Occasion(4, 4, 2026), OFFICE),
        (Occasion(4, 7), CLOSED),
    )
    calendar = office(replace(OFFICE_HOURS, special=special))

    def on(day: str) -> timedelta:
        return calendar.open_time(at(f"{day} 00:00"), at(f"{day} 23:00"))

    assert on("2026-04-03") == timedelta(hours=3)
    assert on("2025-04-03") == timedelta(hours=1)
    assert on("2026-04-04") == timedelta(hours=8)
    assert on("2026-04-06") == timedelta(0)
    assert on("2026-04-07") == timedelta(0)
    assert on("2026-04-08") == timedelta(hours=8)
    assert "closed" in shown(calendar.spans(at("2026-04-07 10:00"), at("2026-04-07 11:00")))[0]


def test_holidays_can_be_added_and_taken_away_for_a_year_or_for_all() -> None:
    holidays = Holidays(
        country="DE",
        add=(Occasion(7, 17, 2026, "Outing"), Occasion(12, 31), Occasion(2, 29)),
        remove=(Occasion(4, 3), Occasion(4, 6, 2026)),
    )
    calendar = office(replace(OFFICE_HOURS, holidays=holidays))

    assert calendar.holiday(date(2026, 7, 17)) == "Outing"
    assert calendar.holiday(date(2027, 7, 17)) == ""
    assert [calendar.holiday(date(year, 12, 31)) for year in (2026, 2027)] == ["holiday", "holiday"]
    assert [calendar.holiday(date(year, 4, 3)) for year in (2026, 2027)] == ["", ""]
    assert [calendar.holiday(date(year, 4, 6)) for year in (2026, 2027)] == ["", "Easter Monday"]
    assert calendar.holiday(date(2028, 2, 29)) == "holiday"
    assert calendar.holiday(date(2026, 2, 28)) == ""


# Where nothing is said of their hours, and where they are always there


@pytest.mark.parametrize("hours", [ServiceHours(), ServiceHours(always=True, holidays=Holidays(country="DE"))])
def test_whoever_is_always_there_is_there_on_holidays_too(hours: ServiceHours) -> None:
    calendar = Calendar(hours, "Europe/Berlin", berlin)
    since, until = at("2026-03-28 00:00"), at("2026-04-07 00:00")

    assert calendar.round_the_clock
    assert calendar.open_time(since, until) == until.astimezone(UTC) - since.astimezone(UTC)
    assert calendar.after(since, 3 * DAY) == since.astimezone(UTC) + 3 * DAY
    assert [span.open for span in calendar.spans(since, until)] == [True]
    assert calendar.open_at(since)


def test_hours_are_stated_by_week_or_as_always() -> None:
    assert not ServiceHours().stated
    assert ServiceHours(always=True).stated
    assert ServiceHours(weekly=WEEK).stated


def test_two_times_of_one_zone_lie_as_far_apart_as_they_really_do() -> None:
    always = Calendar(ServiceHours(always=True), "Europe/Berlin")
    first, second = at("2026-10-25 02:30"), at("2026-10-25 02:30").replace(fold=1)

    assert always.open_time(first, second) == timedelta(hours=1)
    assert always.after(at("2026-03-29 01:30"), timedelta(hours=1)) == at("2026-03-29 03:30")


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        office().open_time(datetime(2026, 4, 1), datetime(2026, 4, 2))  # noqa: DTZ001 - that is what is refused


def test_no_time_passes_backwards() -> None:
    calendar = office()
    since = at("2026-04-02 10:00")

    assert calendar.open_time(since, since - DAY) == timedelta(0)
    assert calendar.spans(since, since) == ()
    assert calendar.after(since, timedelta(0)) == since


# Business days and instants to come


def test_business_days_are_mondays_to_fridays_with_hours_and_no_holiday() -> None:
    saturdays_too = office(replace(OFFICE_HOURS, weekly=(OFFICE, CLOSED, *(OFFICE,) * 4, CLOSED)))

    days = [date(2026, 4, 1) + n * DAY for n in range(8)]  # from a Wednesday on
    assert [saturdays_too.is_business_day(day) for day in days] == [True, True, *(False,) * 5, True]
    unknown = Calendar(ServiceHours(holidays=Holidays(country="DE")), "Europe/Berlin", berlin)
    assert [unknown.is_business_day(day) for day in days] == [True, True, *(False,) * 4, True, True]


@pytest.mark.parametrize(
    ("since", "days", "end"),
    [
        ("2026-04-01 10:00", 0, "2026-04-02 00:00"),
        ("2026-04-01 10:00", 1, "2026-04-03 00:00"),
        ("2026-04-01 23:30", 2, "2026-04-08 00:00"),  # over Easter
        ("2026-04-04 10:00", 0, "2026-04-08 00:00"),  # a Saturday has no end of business
        ("2026-04-04 10:00", 1, "2026-04-08 00:00"),
        ("2026-03-27 10:00", 1, "2026-03-31 00:00"),  # over the change to summer time
    ],
)
def test_so_many_business_days_end_with_the_last_of_them(since: str, days: int, end: str) -> None:
    assert office().end_of_business_day(at(since), days) == at(end)


def test_a_business_day_ends_with_its_night_shift() -> None:
    calendar = Calendar(ServiceHours(weekly=NIGHT), "Europe/Berlin")

    assert calendar.end_of_business_day(at("2026-10-23 12:00"), 0) == at("2026-10-24 06:00")


def test_a_day_ends_even_where_the_clock_has_no_midnight() -> None:
    cairo = Calendar(ServiceHours(), "Africa/Cairo")
    apia = Calendar(ServiceHours(), "Pacific/Apia")

    assert cairo.end_of_business_day(datetime(2026, 4, 23, 9, tzinfo=UTC), 0) == NIGHTS["Cairo, midnight skipped"][1]
    assert cairo.end_of_business_day(datetime(2026, 10, 29, 9, tzinfo=UTC), 0) == datetime(2026, 10, 29, 22, tzinfo=UTC)
    assert apia.end_of_business_day(datetime(2011, 12, 29, 20, tzinfo=UTC), 0) == datetime(2011, 12, 30, 10, tzinfo=UTC)


def test_what_never_comes_is_said_so() -> None:
    christmas_only = Calendar(
        ServiceHours(weekly=(CLOSED,) * 7, special=((Occasion(12, 24), ((9 * H, 10 * H),)),)), "UTC"
    )
    since = datetime(2026, 1, 1, tzinfo=UTC)

    assert christmas_only.after(since, timedelta(hours=3)) == datetime(2028, 12, 24, 10, tzinfo=UTC)
    with pytest.raises(ValueError, match="do not pass within 100 years"):
        christmas_only.after(since, timedelta(hours=101))
    with pytest.raises(ValueError, match="do not pass within 100 years"):
        Calendar(ServiceHours(weekly=(CLOSED,) * 7), "UTC").end_of_business_day(since, 1)
