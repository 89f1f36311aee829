"""What letters promise: read as written down for them, nothing that is no promise, and never nonsense."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slawatch import promise
from slawatch.model import PromiseAbout
from slawatch.promise import dates
from tests.promise_letters import AT, ZONE, letters, read, same

READ = [(letter, expected) for name in ("de", "en") for letter, expected in letters(name)]
ASIDE = [(letter, expected) for name in ("de_aside", "en_aside") for letter, expected in letters(name)]


@pytest.mark.parametrize(("letter", "expected"), READ)
def test_a_letter_promises_what_is_written_down_for_it(letter: str, expected: str) -> None:
    assert same(read(letter), expected), read(letter)


def test_most_letters_that_were_set_aside_are_read_right_and_none_promises_too_much() -> None:
    right = sum(same(read(letter), expected) for letter, expected in ASIDE)
    invented = [letter for letter, expected in ASIDE if not expected and read(letter)]

    assert 2.2 * len(ASIDE) > len(READ)  # about a third of all
    assert right >= 0.9 * len(ASIDE)
    assert invented == []


def test_letters_of_which_several_copies_are_cited_promise_once() -> None:
    said = "We will reply within 24 hours."

    assert len(promise.find(f"{said}\n\n{said}\n> {said}", at=AT, zone=ZONE)) == 1
    assert promise.find(f"> {said}", at=AT, zone=ZONE) == ()


def test_lines_that_were_wrapped_are_one_sentence_again() -> None:
    (found,) = promise.find(
        "Vielen Dank für Ihre Nachricht an unseren Kundenservice. Wir\nmelden uns bis zum 14.\nDezember bei Ihnen.",
        at=AT,
        zone=ZONE,
    )

    assert found.quote == "Wir melden uns bis zum 14. Dezember bei Ihnen."


def test_dates_are_read_by_the_wall_of_the_zone_and_given_in_utc() -> None:
    late = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)  # already Saturday in Berlin

    (berlin,) = promise.find("We will answer tomorrow.", at=late, zone="Europe/Berlin")
    (honolulu,) = promise.find("We will answer tomorrow.", at=late, zone="Pacific/Honolulu")

    assert berlin.due_at == datetime(2026, 11, 22, 22, 59, 59, tzinfo=UTC)
    assert honolulu.due_at == datetime(2026, 11, 22, 9, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "zone", "day"),
    [
        ("8/14", "Europe/Berlin", "08-14"),
        ("14/8", "America/New_York", "08-14"),
        ("8/9", "Europe/Berlin", "09-08"),
        ("8/9", "America/New_York", "08-09"),
    ],
)
def test_a_slashed_date_is_read_as_the_companys_country_writes_it(said: str, zone: str, day: str) -> None:
    (found,) = promise.find(f"You will hear from us by {said}.", at=datetime(2026, 8, 1, 9, tzinfo=UTC), zone=zone)

    assert found.due_at is not None
    assert found.due_at.astimezone(ZoneInfo(zone)).strftime("%m-%d") == day


@pytest.mark.parametrize(
    ("said", "weekday", "due"),
    [
        ("by Friday", 0, "2026-11-20"),  # said on Monday the 16th
        ("by Friday", 4, "2026-11-27"),  # said on Friday: or they would have said "today"
        ("today, Friday", 4, "2026-11-20"),
        ("by next Friday", 0, "2026-11-27"),
        ("by this Friday", 4, "2026-11-20"),
        ("by Friday next week", 0, "2026-11-27"),
        ("this week", 0, "2026-11-22"),
        ("by the weekend", 0, "2026-11-20"),
        ("over the weekend", 0, "2026-11-22"),
        ("before the weekend", 0, "2026-11-20"),
        ("by the end of next week", 0, "2026-11-29"),
        ("in the course of next month", 0, "2026-12-31"),
        ("early in December", 0, "2026-12-10"),
        ("in mid December", 0, "2026-12-20"),
        ("by the end of the quarter", 0, "2026-12-31"),
        ("by the end of Q1 2027", 0, "2027-03-31"),
        ("early next year", 0, "2027-01-31"),
        ("before New Year", 0, "2026-12-31"),
        ("between Christmas and New Year", 0, "2026-12-31"),
        ("by Easter", 0, "2027-03-27"),
        ("in calendar week 1", 0, "2027-01-10"),
        ("on the 3rd", 0, "2026-12-03"),
        ("by the 31st", 0, "2026-12-31"),
        ("next weekend", 0, "2026-11-29"),
        ("by Friday 29 February 2028", 0, "2028-02-29"),
        ("in the middle of next week", 0, "2026-11-25"),
        ("by midnight", 0, "2026-11-16"),
        ("by 24:00", 0, "2026-11-16"),
        ("by 12 am tomorrow", 0, "2026-11-17"),
        ("by lunchtime on Tuesday", 0, "2026-11-17"),
    ],
)
def test_days_are_named_from_the_day_of_the_letter(said: str, weekday: int, due: str) -> None:
    at = datetime(2026, 11, 16 + weekday, 9, tzinfo=ZoneInfo(ZONE))

    (found,) = promise.find(f"You will get our answer {said}.", at=at, zone=ZONE)

    assert found.due_at is not None
    assert found.due_at.astimezone(ZoneInfo(ZONE)).strftime("%Y-%m-%d") == due


@pytest.mark.parametrize(
    "past",
    [
        "this morning",
        "by 14 August",
        "by 14.08.2026",
        "by 30 February",
        "by 32.13.",
        "by noon on 1 September",
        "within 0 days",
        "in 900 days",
        "by the holidays",
        "in calendar week 60",
        "in calendar week 30",
        "by the 41st",
        "by 24:30",
    ],
)
def test_a_time_that_is_over_or_does_not_exist_is_no_promise(past: str) -> None:
    assert promise.find(f"You will get our answer {past}.", at=AT.replace(month=9), zone=ZONE) == ()


def test_close_of_business_that_has_passed_today_is_the_end_of_the_day() -> None:
    (found,) = promise.find("We reply by close of business today.", at=AT.replace(hour=19), zone=ZONE)

    assert found.due_at == AT.replace(hour=23, minute=59, second=59)


def test_a_time_of_day_that_has_passed_is_tomorrows() -> None:
    (found,) = promise.find("I will call you back by 10 am.", at=AT, zone=ZONE)

    assert found.due_at == AT.replace(day=21, hour=10)


def test_easter_is_when_it_is() -> None:
    # https://aa.usno.navy.mil/data/easter: earliest and latest in this century and some between
    known = {2008: "03-23", 2011: "04-24", 2024: "03-31", 2026: "04-05", 2027: "03-28", 2038: "04-25", 2049: "04-18"}

    for year, day in known.items():
        found = dates.feast("easter", datetime(year, 1, 1, tzinfo=UTC).date())
        assert found is not None
        assert found.first.isoformat() == f"{year}-{day}"


WORDS = st.sampled_from(
    """
    we wir reply antworten melden uns within innerhalb binnen bis by until before vor nach after 2 24 48 31. 29. 2. 12
    stunden hours days tagen werktage weeks months monat morgen tomorrow today heute friday montag next naechste woche
    week end ende of der des mid mitte february februar 2027 30.02. 2/29 13/13 24:00 25:61 noon mittag pm am uhr - / , .
    weihnachten easter q4 kw 53 54 the 0 999 a one half not if ? ( ) " ab from your ihr paket kommt returns back on
    """.split()  # noqa: SIM905 - a list of quoted words would hide them
)


@given(
    st.one_of(st.lists(WORDS, max_size=25).map(" ".join), st.text(max_size=200)),
    st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)),  # noqa: DTZ001 - made aware below
    st.sampled_from(["Europe/Berlin", "America/New_York", "Pacific/Apia", "Asia/Kathmandu", "Africa/Casablanca"]),
)
def test_whatever_is_read_is_one_amount_or_a_date_to_come(text: str, at: datetime, zone: str) -> None:
    at = at.replace(tzinfo=UTC)

    for found in promise.find(text, at=at, zone=zone):
        said = [found.within, found.business_days, found.business_time, found.due_at]
        assert sum(one is not None for one in said) == 1
        assert found.due_at is None or (found.due_at >= at and found.due_at.tzinfo is UTC)
        assert found.within is None or found.within > timedelta(0)
        assert found.about in PromiseAbout
        assert found.quote


@pytest.mark.parametrize(
    "piece", ["innerhalb von ", "bis zum 14. ", "a", "(", '"', "within the next ", "24 ", ". ", "montag, "]
)
def test_a_hostile_letter_takes_time_as_its_length_does(piece: str) -> None:
    def taken(length: int) -> float:
        text = (piece * length)[:length]
        start = time.process_time()
        promise.find(text, at=AT, zone=ZONE)
        return time.process_time() - start

    taken(1000)
    assert taken(40_000) < 2  # seconds; anything quadratic in the letter takes minutes
