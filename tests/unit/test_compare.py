"""Places, differences, ratios and the log-rank test claim what their intervals carry, and keep their 95 %."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from slawatch import compare
from slawatch.compare import NEEDS, Direction, Estimate, Place
from slawatch.statistics import Curve, Floats, Marks, Share, kaplan_meier, restricted_mean, share_within, wilson
from tests.unit.test_statistics import everybody_answered, random_waits

INTERVALS = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 5)).map(lambda one: (float(one[0]), float(one[0] + one[1]))),
    min_size=1,
    max_size=14,
)


def share(k: int, n: int) -> Share:
    low, high = wilson(k / n, n)
    return Share(value=k / n, low=low, high=high)


class TestPlaces:
    def test_those_whose_intervals_touch_are_tied(self) -> None:
        found = compare.places([(0.9, 1.0), (0.7, 0.9), (0.1, 0.3), (0.2, 0.5)])

        assert found == [
            Place(best=1, worst=2, of=4),
            Place(best=1, worst=2, of=4),
            Place(best=3, worst=4, of=4),
            Place(best=3, worst=4, of=4),
        ]

    def test_of_means_the_shorter_comes_first(self) -> None:
        found = compare.places([(3600, 7200), (60, 120)], lower_is_better=True)

        assert found == [Place(best=2, worst=2, of=2), Place(best=1, worst=1, of=2)]
        assert all(place.certain for place in found if place)

    def test_a_row_without_an_interval_has_no_place_and_takes_none(self) -> None:
        found = compare.places([None, (0.9, 1.0), (0.1, 0.3)])

        assert found == [None, Place(best=1, worst=1, of=2), Place(best=2, worst=2, of=2)]
        assert compare.in_order(found, ["a", "c", "b"]) == [1, 2, 0]

    def test_the_tied_stand_in_the_order_of_their_names(self) -> None:
        assert compare.in_order(compare.places([(0, 1), (0, 1), (2, 3)]), ["b", "A", "c"]) == [2, 1, 0]

    @given(INTERVALS, st.booleans())
    def test_who_is_certainly_better_stands_before(self, rows: list[tuple[float, float]], lower: bool) -> None:
        found = compare.places(rows, lower_is_better=lower)
        order = compare.in_order(found, [str(index) for index in range(len(rows))])

        for a, b in itertools.permutations(range(len(rows)), 2):
            better = rows[a][1] < rows[b][0] if lower else rows[a][0] > rows[b][1]
            mine, theirs = found[a], found[b]
            assert mine is not None
            assert theirs is not None
            if better:
                assert mine.best < theirs.best
                assert mine.worst < theirs.worst
                assert order.index(a) < order.index(b)
            # No place before another's, all of it, unless the intervals separate: what is a tie looks like one.
            if mine.worst < theirs.best:
                assert better

    @given(INTERVALS, st.randoms(use_true_random=False))
    def test_the_order_of_the_rows_given_does_not_matter(self, rows: list[tuple[float, float]], dice: object) -> None:
        names = [f"c{index:02}" for index in range(len(rows))]
        shuffled = list(range(len(rows)))
        dice.shuffle(shuffled)  # type: ignore[attr-defined]

        found = compare.places(rows)
        again = compare.places([rows[index] for index in shuffled])

        assert [found[index] for index in shuffled] == again
        table = [names[index] for index in compare.in_order(found, names)]
        mixed = [names[shuffled[index]] for index in compare.in_order(again, [names[index] for index in shuffled])]
        assert table == mixed

    @given(INTERVALS)
    def test_every_place_is_somebodys(self, rows: list[tuple[float, float]]) -> None:
        found = [place for place in compare.places(rows) if place]

        assert all(1 <= place.best <= place.worst <= place.of == len(rows) for place in found)
        assert all(any(one.best <= place <= one.worst for one in found) for place in range(1, len(rows) + 1))

    def test_a_whole_league_of_equals_is_rarely_torn_apart(self) -> None:
        assert torn_apart(joint=True, leagues=1500) <= 0.05
        assert torn_apart(joint=False, leagues=300) > 0.08  # so that it is known what the wider intervals are for

    def test_a_league_of_means_is_not_torn_by_silences_that_few_waits_do_not_exclude(self) -> None:
        dice = np.random.default_rng(11)
        torn = 0
        for _ in range(60):
            curves = [group(dice, n, silent=0.1) for n in (12, 12, 12, 100, 100, 100)]
            torn += any(place is None or place.best > 1 or place.worst < 6 for place in compare.mean_places(curves, 20))

        assert torn <= 3

    def test_means_that_separate_have_their_places(self) -> None:
        quick, slow, silent = (kaplan_meier([length] * 40, [ended] * 40) for length, ended in ((1, 1), (9, 1), (20, 0)))

        found = compare.mean_places([silent, slow, everybody_answered(1, 2), quick], 20)

        assert [place and (place.best, place.worst) for place in found] == [(3, 3), (2, 2), None, (1, 1)]


def torn_apart(*, joint: bool, leagues: int) -> float:
    """Return how often a league of ten that are all alike sets anybody before anybody."""
    dice = np.random.default_rng(7)
    z = compare.joint_z(10) if joint else compare.joint_z(1)
    wrong = 0
    for _ in range(leagues):
        intervals = [wilson(k / 40, 40, z=z) for k in dice.binomial(40, 0.7, 10).tolist()]
        wrong += any(not place or place.worst < 10 or place.best > 1 for place in compare.places(intervals))
    return wrong / leagues


class TestDifferences:
    def test_of_shares_it_is_newcombes_own_example(self) -> None:
        # 56/70 - 48/80 gives 0.0524 to 0.3339 (Newcombe 1998, table II, method 10).
        found = compare.share_difference(share(56, 70), share(48, 80))

        assert found is not None
        assert (round(found.low, 4), round(found.high, 4)) == (0.0524, 0.3339)
        assert compare.direction(found) is Direction.BETTER

    @given(st.integers(1, 60), st.integers(1, 60), st.data())
    def test_the_other_way_round_it_is_its_mirror_image(self, n: int, m: int, data: st.DataObject) -> None:
        one, other = share(data.draw(st.integers(0, n)), n), share(data.draw(st.integers(0, m)), m)

        here, there = compare.share_difference(one, other), compare.share_difference(other, one)

        assert here is not None
        assert there is not None
        assert math.isclose(here.low, -there.high, abs_tol=1e-12)
        assert math.isclose(here.high, -there.low, abs_tol=1e-12)
        assert here.low <= (here.value or 0.0) <= here.high

    def test_of_too_few_nothing_is_said(self) -> None:
        few, enough = everybody_answered(*[1.0] * (NEEDS - 1)), everybody_answered(*[9.0] * NEEDS)

        assert compare.shares_apart(enough, everybody_answered(*[1.0] * NEEDS), 5) is not None
        assert compare.shares_apart(enough, few, 5) is None
        assert compare.shares_apart(few, enough, 5) is None
        assert compare.means_apart(few, enough, 20) is None
        assert compare.means_apart(enough, enough, 20) is not None

    def test_those_who_were_not_watched_so_long_do_not_count_as_enough(self) -> None:
        watched = everybody_answered(*range(1, 21))
        barely = kaplan_meier([1.0] * 3 + [2.0] * 17, [True] * 3 + [False] * 17)

        assert compare.shares_apart(watched, barely, 2) is not None
        assert compare.shares_apart(watched, barely, 5) is None
        assert compare.share_of(barely, 5) is None

    def test_shorter_means_are_better(self) -> None:
        quick, slow = everybody_answered(*range(1, 31)), everybody_answered(*range(101, 131))

        found = compare.means_apart(quick, slow, 1000)

        assert found is not None
        assert found.value == pytest.approx(-100)
        assert found.low < -100 < found.high < 0
        assert compare.direction(found, lower_is_better=True) is Direction.BETTER
        assert compare.direction(found) is Direction.WORSE

    def test_one_rare_silence_proves_nothing(self) -> None:
        lively = everybody_answered(*range(1, 41))
        one_silent = kaplan_meier([*range(1, 40), 1000], [True] * 39 + [False])

        found = compare.means_apart(lively, one_silent, 1000)

        assert found is not None
        assert compare.direction(found, lower_is_better=True) is Direction.NOT_PROVEN

    def test_silences_that_few_waits_do_not_exclude_prove_nothing(self) -> None:
        """Where each tenth is silent, twelve without a silence are nothing special: one in four are so."""
        few_and_lively = everybody_answered(*range(1, 13))
        many = kaplan_meier([*range(1, 37), *[1000] * 4], [True] * 36 + [False] * 4)

        found = compare.means_apart(few_and_lively, many, 1000)
        unfair = compare.mean_difference(*(restricted_mean(one, 1000) for one in (few_and_lively, many)))  # type: ignore[arg-type]

        assert found is not None
        assert unfair is not None
        assert compare.direction(unfair, lower_is_better=True) is Direction.BETTER
        assert compare.direction(found, lower_is_better=True) is Direction.NOT_PROVEN

    def test_means_that_are_only_bounded_differ_between_their_bounds(self) -> None:
        known = everybody_answered(*range(1, 21))
        open_ended = kaplan_meier([*range(1, 20), 19.5], [True] * 19 + [False])

        found = compare.means_apart(open_ended, known, 100)
        bounds = restricted_mean(open_ended, 100)

        assert found is not None
        assert bounds is not None
        assert found.value is None
        assert found.low < bounds.least - 10.5 < bounds.most - 10.5 < found.high

    @pytest.mark.parametrize(("n", "m", "silent"), [(12, 40, 0.1), (40, 40, 0.3)])
    def test_its_interval_holds_the_truth(self, n: int, m: int, silent: float) -> None:
        """What benchmarks/coverage.py simulates at length, in short."""
        dice = np.random.default_rng(20261122)
        truth = (1 - silent) * (scipy_stats.lognorm.cdf(1, 1) - scipy_stats.lognorm.cdf(1, 1, scale=2))
        inside = 0
        for _ in range(600):
            found = compare.share_difference(
                share_within(group(dice, n, silent=silent), 1), share_within(group(dice, m, silent=silent, slow=2), 1)
            )
            assert found is not None
            inside += found.low <= truth <= found.high
        assert inside / 600 >= 0.93


def group(dice: np.random.Generator, n: int, *, silent: float = 0.0, slow: float = 1.0) -> Curve:
    """Return log-normal waits of which some never end; a fifth of the others was not watched to the end."""
    length = slow * dice.lognormal(0, 1, n)
    length[dice.random(n) < silent] = np.inf
    watched = np.where(dice.random(n) < 0.2, dice.uniform(0, 20, n), 20.0)
    return kaplan_meier(np.minimum(length, watched), length <= watched)


class TestRatios:
    def test_as_fast_is_one(self) -> None:
        same = Estimate(value=0.8, low=0.7, high=0.88)

        found = compare.ratio(same, same)

        assert found is not None
        assert found.value == 1
        assert found.low < 1 < (found.high or 0)

    def test_it_is_exact_where_the_divisor_is(self) -> None:
        found = compare.ratio(Estimate(value=0.4, low=0.3, high=0.6), Estimate(value=0.8, low=0.8, high=0.8))

        assert found is not None
        assert (found.value, found.low, found.high) == pytest.approx((0.5, 0.375, 0.75))

    def test_without_a_divisor_there_is_none_and_without_its_low_end_no_high_one(self) -> None:
        some = Estimate(value=0.4, low=0.3, high=0.6)

        assert compare.ratio(some, Estimate(value=0.0, low=0.0, high=0.3)) is None
        assert compare.ratio(some, Estimate(value=None, low=0.0, high=1.0)) is None
        bounded = compare.ratio(some, Estimate(value=0.1, low=0.0, high=0.3))
        assert bounded is not None
        assert bounded.high is None
        assert 0 < bounded.low < 4

    @given(*[st.tuples(st.integers(0, 30), st.integers(1, 30)).map(lambda one: (min(one), max(one))) for _ in range(2)])
    def test_it_agrees_with_the_difference_on_whether_they_may_be_alike(
        self, one: tuple[int, int], other: tuple[int, int]
    ) -> None:
        mine, theirs = share(*one), share(*other)
        difference = compare.share_difference(mine, theirs)
        ends = [Estimate(value=each.value, low=each.low, high=each.high) for each in (mine, theirs)]

        found = compare.ratio(*ends)

        assert difference is not None
        if found is None:
            assert not theirs.value
            return
        assert found.low <= found.value + 1e-12
        assert (difference.low > 1e-9) <= (found.low > 1)
        assert (difference.high < -1e-9) <= (found.high is not None and found.high < 1)

    @pytest.mark.parametrize(("n", "m", "slow"), [(20, 15, 1.0), (30, 40, 2.0)])
    def test_the_always_on_index_holds_the_truth(self, n: int, m: int, slow: float) -> None:
        dice = np.random.default_rng(3)
        truth = scipy_stats.lognorm.cdf(1, 1, scale=slow) / scipy_stats.lognorm.cdf(1, 1)
        inside = said = 0
        for _ in range(600):
            night, office = (
                compare.share_of(group(dice, n, silent=0.1, slow=slow), 1),
                compare.share_of(group(dice, m, silent=0.1), 1),
            )
            found = compare.ratio(night, office) if night and office else None
            if found is not None:
                said += 1
                inside += found.low <= truth and (found.high is None or truth <= found.high)
        assert said > 550
        assert inside / said >= 0.93


class TestLogRank:
    @pytest.mark.parametrize("seed", range(12))
    def test_it_says_what_scipy_says(self, seed: int) -> None:
        (one, one_ended), (other, other_ended) = random_waits(seed, 60), random_waits(seed + 100, 45)

        ours = compare.log_rank(kaplan_meier(one, one_ended), kaplan_meier(other * 1.3, other_ended))

        assert ours == pytest.approx(log_rank_of_scipy(one, one_ended, other * 1.3, other_ended), rel=1e-9)

    def test_where_nothing_ended_there_is_nothing_to_compare(self) -> None:
        silent = kaplan_meier([5.0, 5.0], [False, False])

        assert compare.log_rank(silent, silent) is None
        assert compare.log_rank(silent, kaplan_meier([], [])) is None


def log_rank_of_scipy(one: Floats, one_ended: Marks, other: Floats, other_ended: Marks) -> float:
    mine, theirs = (
        scipy_stats.CensoredData.right_censored(lengths, ~ended)
        for lengths, ended in ((one, one_ended), (other, other_ended))
    )
    return float(scipy_stats.logrank(mine, theirs).pvalue)


def of_hours(in_time: int, silent: int) -> Curve:
    return kaplan_meier([1.0] * in_time + [10.0] * silent, [True] * in_time + [False] * silent)


class TestGroupsOfTheirOwn:
    def test_by_shares_the_league_is_torn_apart_only_where_all_intervals_at_once_allow_it(self) -> None:
        places = compare.share_places([of_hours(60, 0), of_hours(4, 56), of_hours(1, 0)], 5.0)

        assert places == [Place(best=1, worst=1, of=2), Place(best=2, worst=2, of=2), None]

    def test_a_handful_has_neither_a_share_nor_a_difference(self) -> None:
        few, many = of_hours(NEEDS - 1, 0), of_hours(30, 10)

        assert compare.share_of(few, 5.0) is None
        assert compare.share_of(kaplan_meier([], []), 5.0) is None
        assert compare.shares_apart(few, many, 5.0) is None

    def test_a_share_comes_with_its_interval(self) -> None:
        found = compare.share_of(of_hours(30, 10), 5.0)

        assert found is not None
        assert (found.value, found.low, found.high) == pytest.approx((0.75, *wilson(0.75, 40)))

    def test_a_mean_is_no_figure_without_an_interval(self) -> None:
        one = compare.mean_of(of_hours(30, 10), 10.0)

        assert one is not None
        assert one.value == pytest.approx(3.25)
        assert compare.mean_of(kaplan_meier([], []), 10.0) is None
        assert compare.mean_of(of_hours(1, 0), 10.0) is None

    def test_a_share_that_nobody_can_say_differs_from_nothing(self) -> None:
        assert compare.share_difference(share(3, 10), Share(value=None, low=0.0, high=1.0)) is None
