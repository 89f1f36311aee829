"""Durations are read as people write them and never shown longer than they are."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slawatch import durations

MICROSECOND = timedelta(microseconds=1)
SIGNS = {
    "w": timedelta(weeks=1),
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "min": timedelta(minutes=1),
    "s": timedelta(seconds=1),
}
UP_TO_YEARS = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=2000))


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("1 h", timedelta(hours=1)),
        ("30 min", timedelta(minutes=30)),
        ("5 d", timedelta(days=5)),
        ("90 s", timedelta(seconds=90)),
        ("2 w", timedelta(weeks=2)),
        ("1 h 30 min", timedelta(minutes=90)),
        ("1h30min", timedelta(minutes=90)),
        ("2d", timedelta(days=2)),
        ("1.5 h", timedelta(minutes=90)),
        ("0.1 s", timedelta(milliseconds=100)),
        ("0.0000019 s", MICROSECOND),
        ("0 s", timedelta(0)),
        (" 1 w 2 d 3 h 4 min 5 s ", timedelta(days=9, hours=3, minutes=4, seconds=5)),
    ],
)
def test_a_duration_is_read_as_people_write_it(text: str, duration: timedelta) -> None:
    assert durations.parse(text) == duration


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "1 hr",
        "5",
        "h",
        "-1 h",
        "+1 h",
        "1 m",
        "1 H",
        "1,5 h",
        ".5 h",
        "1. h",
        "1  h",
        "30 min 1 h",
        "1 h 1 h",
        "1 h, 5 min",
        "\u0661 h",  # an Arabic digit
        "999999999999 w",
        "nan h",
    ],
)
def test_anything_else_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration") as error:
        durations.parse(text)

    assert str(error.value) == f'"{text}" is not a duration; write "1 h", "30 min" or "5 d"'


@pytest.mark.parametrize(
    ("duration", "shown"),
    [
        (timedelta(0), "0 s"),
        (timedelta(milliseconds=99), "0 s"),
        (timedelta(milliseconds=400), "0.4 s"),
        (timedelta(seconds=3), "3 s"),
        (timedelta(seconds=9.99), "9.9 s"),
        (timedelta(seconds=10.9), "10 s"),
        (timedelta(minutes=59, seconds=59.9), "59 min 59 s"),
        (timedelta(hours=1, minutes=12, seconds=50), "1 h 12 min"),
        (timedelta(hours=1, seconds=20), "1 h 20 s"),
        (timedelta(days=5), "5 d"),
        (timedelta(days=5, hours=2, minutes=59), "5 d 2 h"),
        (timedelta(weeks=2), "14 d"),
        (timedelta(minutes=-5), "-5 min"),
    ],
)
def test_a_duration_is_shown_in_at_most_two_units(duration: timedelta, shown: str) -> None:
    assert durations.show(duration) == shown


def test_a_lower_bound_says_over() -> None:
    assert durations.show(timedelta(days=5), open=True) == "over 5 d"


def test_the_parts_are_numbers_for_reports_in_other_languages() -> None:
    assert durations.parts(timedelta(days=1, hours=7, minutes=50)) == ((1, "d"), (7, "h"))
    assert durations.parts(timedelta(seconds=2.5)) == ((2.5, "s"),)


@given(UP_TO_YEARS)
def test_what_is_shown_is_never_longer_and_by_less_than_its_smallest_unit_shorter(duration: timedelta) -> None:
    shown = durations.parse(durations.show(duration))

    smallest = durations.parts(duration)[-1][1]
    assert shown <= duration < shown + SIGNS[smallest]


@given(UP_TO_YEARS, st.sampled_from(["1 d", "5 d", "30 d", "1 h", "5 h", "23 h", "1 min", "5 min", "30 min"]))
def test_a_wait_over_a_limit_of_one_unit_by_a_second_does_not_look_like_the_limit(more: timedelta, limit: str) -> None:
    assert durations.show(durations.parse(limit) + timedelta(seconds=1) + more) != durations.show(
        durations.parse(limit)
    )


@given(st.integers(0, 9999), st.sampled_from(sorted(SIGNS)), st.integers(0, 59))
def test_reading_adds_up_exactly(amount: int, unit: str, seconds: int) -> None:
    text = f"{amount} {unit}" if unit == "s" else f"{amount} {unit} {seconds} s"

    assert durations.parse(text) == amount * SIGNS[unit] + (timedelta(0) if unit == "s" else timedelta(seconds=seconds))


@given(st.text(max_size=12))
def test_no_text_breaks_the_reader(text: str) -> None:
    try:
        assert durations.parse(text) >= timedelta(0)
    except ValueError as error:
        assert "is not a duration" in str(error)  # noqa: PT017 - most texts are none, some are
