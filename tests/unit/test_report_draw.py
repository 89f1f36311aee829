"""Where figures stand on paper: nothing is drawn outside its axis, and nothing on the wrong side of the objective."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slawatch.model import Measure, MessageKind
from slawatch.objectives import Point
from slawatch.report import draw
from slawatch.report.book import Book
from slawatch.report.build import build
from tests.report_sample import DAY, HOUR, MADE_AT, MINUTE, SINCE, case, four_weeks, material, reply, request

WEEK = 7 * draw.DAY
TIME = draw.Axis(low=60, high=WEEK, left=40, right=300, logarithmic=True)
SHARE = draw.Axis(low=0, high=1, left=170, right=10)
numbers = st.floats(0, 1e9, allow_nan=False)


@pytest.fixture(scope="module")
def book() -> Book:
    return build(four_weeks())


def places(path: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?[0-9.]+", path)]


def point(hours: float, waiting: float, *, low: float | None = None, high: float | None = None) -> Point:
    return Point(at=timedelta(hours=hours), waiting=waiting, low=low, high=high, at_risk=1)


@given(numbers, numbers)
def test_an_axis_keeps_order_and_stays_on_the_paper(one: float, other: float) -> None:
    for axis in (TIME, draw.Axis(low=0, high=1, left=0, right=100)):
        smaller, larger = sorted((axis.at(one), axis.at(other)))

        assert axis.left <= smaller <= larger <= axis.right
        assert (axis.at(min(one, other)), axis.at(max(one, other))) == (smaller, larger)


def test_each_power_of_ten_takes_the_same_width() -> None:
    axis = draw.Axis(low=1, high=1000, left=0, right=300, logarithmic=True)

    assert [axis.at(value) for value in (1, 10, 100, 1000)] == [0, 100, 200, 300]


@given(st.floats(0.1, 3600), st.floats(3601, 60 * draw.DAY), st.floats(5, 120))
def test_ticks_are_round_times_that_do_not_touch(low: float, high: float, apart: float) -> None:
    axis = draw.Axis(low=low, high=high, left=0, right=300, logarithmic=True)
    ticks = axis.times(apart=apart)

    assert all(low <= tick <= high for tick in ticks)
    assert all(axis.at(later) - axis.at(tick) >= apart for tick, later in pairwise(ticks))


def test_ticks_make_way_for_what_is_drawn_anyway() -> None:
    assert draw.HOUR in TIME.times(apart=40)
    assert draw.HOUR not in TIME.times(apart=40, keep=(draw.HOUR * 1.1,))


def test_an_axis_of_times_begins_at_a_round_time_below_all_but_zero() -> None:
    axis = draw.time_axis([0, 125, 9000], high=WEEK, left=0, right=100)

    assert (axis.low, axis.high) == (60, WEEK)
    assert draw.time_axis([], high=WEEK, left=0, right=100).low == 60
    assert draw.time_axis([0.02], high=WEEK, left=0, right=100).low == 0.1
    assert draw.time_axis([3 * draw.DAY], high=300, left=0, right=100).low == 30  # never at or beyond its own end


def test_a_curve_steps_down_where_a_wait_ended() -> None:
    path = draw.steps([point(0, 1), point(1, 0.5), point(24, 0.5)], x=TIME, y=SHARE)

    hour, day = TIME.at(3600), TIME.at(86400)
    assert path == f"M40 10H{hour:g}V90H{day:g}V90"
    assert draw.steps([], x=TIME, y=SHARE) == ""


def test_a_band_is_drawn_as_far_as_it_is_known_and_closes() -> None:
    points = [point(0, 1), point(1, 0.5, low=0.25, high=0.75), point(24, 0.4, low=0.2, high=0.7), point(48, 0)]

    path = draw.band(points, x=TIME, y=SHARE)

    hour, day = TIME.at(3600), TIME.at(86400)
    assert path == f"M{hour:g} 50H{hour:g}V50H{day:g}V58V138H{day:g}V130H{hour:g}Z"
    assert draw.band([point(0, 1)], x=TIME, y=SHARE) == ""


def test_an_estimate_stands_on_its_own_side_of_the_objective_s_line(book: Book) -> None:
    for row in book.board:
        scale = draw.interval_scale(row)
        for group in row.groups:
            found = group.statement(row.objective)
            assert found is not None
            drawn = scale.interval(found.judgement)
            limit = row.objective.at_least or row.objective.limit.total_seconds()

            for value, place in (
                (found.judgement.value, drawn.value),
                (found.judgement.low, drawn.low),
                (found.judgement.high, drawn.high),
            ):
                if value is None or place is None:
                    assert (value, place) == (None, None)
                else:
                    assert (place >= scale.line) if value >= limit else (place <= scale.line)
                    assert scale.axis.left <= place <= scale.axis.right


def test_an_interval_that_goes_on_outside_of_the_drawing_says_so(book: Book) -> None:
    row = next(row for row in book.board if row.objective.at_least is None)
    scale = draw.interval_scale(row)
    judgements = [found.judgement for group in row.groups if (found := group.statement(row.objective))]

    beyond = [judged for judged in judgements if judged.low is not None and judged.low < scale.axis.low]

    assert beyond != []  # one of the eleven has too few misses for a lower end above zero
    assert all(scale.interval(judged).before for judged in beyond)


def test_every_curve_stays_inside_its_picture(book: Book) -> None:
    for group in book.groups:
        picture = draw.curve_picture(group)
        assert picture is not None
        for path in (picture.first_response, picture.answer, picture.band):
            assert all(0 <= place <= max(picture.width, picture.height) for place in places(path))


def test_what_is_left_at_the_window_s_end_is_never_and_before_it_so_far() -> None:
    old, fresh = request(1, "kestrel", SINCE), request(2, "cobalt", MADE_AT - DAY)
    never, so_far = (draw.curve_picture(group) for group in reversed(build(material([case(old), case(fresh)])).groups))

    assert never is not None
    assert so_far is not None
    assert (never.left_waiting, never.closed, never.end) == (1.0, True, never.x.right)
    assert (so_far.left_waiting, so_far.closed) == (1.0, False)
    assert so_far.end < never.end


def test_a_company_of_which_nothing_counts_has_no_picture() -> None:
    asked = request(1, "juniper", SINCE)
    (group,) = build(material([case(asked, [reply(1, asked, MessageKind.BOUNCE, MINUTE)])])).groups

    assert draw.curve_picture(group) is None


def test_the_share_still_waiting_at_the_objective_is_read_off_the_curve() -> None:
    points = [point(0, 1), point(0.5, 0.75), point(1, 0.5), point(2, 0.25)]

    assert [draw.waiting_at(points, moment) for moment in (timedelta(0), HOUR, 90 * MINUTE, DAY)] == [1, 0.5, 0.5, 0.25]
    assert draw.waiting_at([], HOUR) == 1.0


def test_the_objective_of_the_first_response_is_the_one_drawn(book: Book) -> None:
    group = book.groups[0]
    picture = draw.curve_picture(group)
    limit = group.limit(Measure.FIRST_RESPONSE)

    assert picture is not None
    assert limit is not None
    assert picture.objective == picture.x.at(limit.total_seconds())
