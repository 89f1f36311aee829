"""Our own survival statistics say the same as scipy where scipy says it, and keep their 95 % where they promise it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from slawatch import statistics
from slawatch.statistics import Curve, Floats, Marks, kaplan_meier, share_within

# Few distinct lengths, so that ties, and ties of ended with open waits, are the rule.
Waits = list[tuple[int, bool]]
WAITS = st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=1, max_size=40)
WINDOW = 13.0


def curve_of(waits: Sequence[tuple[float, bool]]) -> Curve:
    return kaplan_meier([length for length, _ in waits], [ended for _, ended in waits])


def everybody_answered(*lengths: float) -> Curve:
    return kaplan_meier(lengths, [True] * len(lengths))


def random_waits(seed: int, n: int = 150) -> tuple[Floats, Marks]:
    """Log-normal waits with silence and staggered ends of following, rounded so that many tie."""
    rng = np.random.default_rng(seed)
    wait = np.round(rng.lognormal(1, 1.2, n), 1)
    wait[rng.random(n) < 0.15] = np.inf
    followed = np.round(rng.uniform(1, 30, n), 1)
    return np.minimum(wait, followed), wait <= followed


def scipy_survival(lengths: Floats, ended: Marks) -> Any:
    return scipy_stats.ecdf(scipy_stats.CensoredData.right_censored(lengths, ~ended)).sf


class TestAgainstScipy:
    @pytest.mark.parametrize("seed", range(20))
    def test_survival_and_numbers_at_risk(self, seed: int) -> None:
        lengths, ended = random_waits(seed)

        ours, theirs = kaplan_meier(lengths, ended), scipy_survival(lengths, ended)

        with_events = np.isin(theirs.quantiles, ours.times)
        np.testing.assert_allclose(ours.survival, theirs.probabilities[with_events], rtol=0, atol=1e-14)
        np.testing.assert_array_equal(ours.at_risk, theirs._n[with_events])
        np.testing.assert_array_equal(ours.events, theirs._d[with_events])

    @pytest.mark.parametrize("seed", range(20))
    def test_the_log_log_band(self, seed: int) -> None:
        lengths, ended = random_waits(seed)
        ours = kaplan_meier(lengths, ended)
        theirs = scipy_survival(lengths, ended)
        with np.errstate(all="ignore"):  # scipy divides by log(1) and log(0) where the band has no value
            interval = theirs.confidence_interval(method="log-log")

        low, high = statistics.band(ours)

        inside = (ours.survival > 0) & (ours.survival < 1)
        assert np.count_nonzero(inside) > 20
        np.testing.assert_allclose(low[inside], interval.low.evaluate(ours.times)[inside], atol=1e-12)
        np.testing.assert_allclose(high[inside], interval.high.evaluate(ours.times)[inside], atol=1e-12)

    @pytest.mark.parametrize("seed", range(20))
    def test_greenwoods_sum(self, seed: int) -> None:
        lengths, ended = random_waits(seed)
        ours = kaplan_meier(lengths, ended)
        with np.errstate(all="ignore"):
            linear = scipy_survival(lengths, ended).confidence_interval(method="linear")

        deviation = (linear.high.evaluate(ours.times) - ours.survival) / statistics.Z
        unclipped = linear.high.evaluate(ours.times) < 1

        expected = (ours.survival * np.sqrt(ours.greenwood))[unclipped]
        np.testing.assert_allclose(deviation[unclipped], expected, atol=1e-12)

    @given(WAITS)
    def test_ties_of_every_sort(self, waits: Waits) -> None:
        lengths, ended = np.array([w[0] for w in waits], dtype=float), np.array([w[1] for w in waits])

        theirs = scipy_survival(lengths, ended)

        for length in np.arange(-0.5, 13.5, 0.5):
            shared = share_within(curve_of(waits), float(length)).value
            if shared is not None:
                assert shared == pytest.approx(1 - float(theirs.evaluate(length)), abs=1e-12)

    @given(st.integers(1, 300), st.data())
    def test_wilsons_interval(self, n: int, data: st.DataObject) -> None:
        hits = data.draw(st.integers(0, n))

        theirs = scipy_stats.binomtest(hits, n).proportion_ci(method="wilson")

        assert statistics.wilson(hits / n, n) == pytest.approx((theirs.low, theirs.high), abs=1e-12)

    @given(st.integers(0, 3000), st.sampled_from([0.0, 0.01, 0.3, 0.5, 0.848, 0.9, 0.999, 1.0]), st.data())
    def test_the_chance_of_so_few_is_the_binomials_tail(self, n: int, share: float, data: st.DataObject) -> None:
        hits = data.draw(st.integers(0, n))

        theirs = float(scipy_stats.binom.cdf(hits, n, share))

        assert statistics.chance_of_so_few(hits, n, share) == pytest.approx(theirs, rel=1e-8, abs=1e-200)

    @pytest.mark.parametrize("freedom", [7, 8, 10, 20, 50, 200, 10_000])
    def test_students_quantile(self, freedom: int) -> None:
        assert statistics.student(freedom) == pytest.approx(scipy_stats.t.ppf(0.975, freedom), abs=5e-5)

    @given(st.lists(st.integers(1, 12), min_size=8, max_size=30))
    def test_the_mean_of_waits_that_all_ended_has_students_error(self, lengths: list[int]) -> None:
        assume(len(set(lengths)) > 1)
        theirs = scipy_stats.ttest_1samp(lengths, 0).confidence_interval()
        middle = float(np.mean(lengths))

        mean = statistics.restricted_mean(everybody_answered(*lengths), WINDOW)

        assert mean is not None
        assert mean.value == pytest.approx(middle)
        assert mean.low == pytest.approx(max(0, theirs.low), abs=1e-3)
        if mean.high != WINDOW:
            assert middle * math.log((mean.high or 0) / middle) == pytest.approx(theirs.high - middle, abs=1e-3)


class TestTheCurve:
    def test_at_equal_length_an_ended_wait_comes_before_an_open_one(self) -> None:
        curve = curve_of([(2, False), (2, True), (3, True)])

        assert curve.at_risk.tolist() == [3, 1]
        assert curve.survival.tolist() == pytest.approx([2 / 3, 0])

    def test_a_worked_example(self) -> None:
        # Freireich's 6-MP arm (Blood 21, 1963), the textbooks' usual example: S(10) = 0.753, standard error 0.0963.
        ended = [6, 6, 6, 7, 10, 13, 16, 22, 23]
        followed = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
        curve = curve_of([(length, True) for length in ended] + [(length, False) for length in followed])

        at_ten = np.flatnonzero(curve.times == 10)[0]

        assert curve.survival[at_ten] == pytest.approx(0.7529, abs=5e-5)
        assert curve.survival[at_ten] * math.sqrt(curve.greenwood[at_ten]) == pytest.approx(0.0963, abs=5e-5)
        assert statistics.quantile(curve, 0.5).value == 23

    @given(WAITS, st.randoms(use_true_random=False))
    def test_the_order_of_the_waits_does_not_matter(self, waits: Waits, random: object) -> None:
        shuffled = list(waits)
        random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random

        assert curve_of(shuffled).survival.tolist() == curve_of(waits).survival.tolist()

    @given(WAITS)
    def test_it_falls_from_at_most_one_to_at_least_zero(self, waits: Waits) -> None:
        survival = [1.0, *curve_of(waits).survival.tolist()]

        assert all(0 <= later < earlier <= 1 for earlier, later in itertools.pairwise(survival))

    @given(WAITS)
    def test_still_waiting_counts_open_waits_of_that_very_length(self, waits: Waits) -> None:
        for limit in range(-1, 14):
            expected = sum(length > limit or (length == limit and not ended) for length, ended in waits)

            assert curve_of(waits).still_waiting(limit) == expected

    def test_no_wait_at_all_gives_an_empty_curve(self) -> None:
        curve = curve_of([])

        assert (curve.n, curve.followed, curve.complete, curve.knows(0)) == (0, 0.0, False, False)

    @pytest.mark.parametrize("length", [-1.0, math.nan, math.inf])
    def test_a_length_that_is_none_is_refused(self, length: float) -> None:
        with pytest.raises(ValueError, match="a length is negative or no number"):
            everybody_answered(1.0, length)

    def test_each_length_needs_its_mark(self) -> None:
        with pytest.raises(ValueError, match='"2" lengths but "1" marks'):
            kaplan_meier([1, 2], [True])


class TestTheShare:
    @given(st.lists(st.integers(0, 12), min_size=1, max_size=40), st.integers(0, 12))
    def test_with_nothing_censored_it_is_wilsons(self, lengths: list[int], limit: int) -> None:
        hits = sum(length <= limit for length in lengths)

        share = share_within(everybody_answered(*lengths), limit)

        assert share.value == pytest.approx(hits / len(lengths))
        assert (share.low, share.high) == pytest.approx(statistics.wilson(hits / len(lengths), len(lengths)))

    @given(WAITS, st.integers(0, 12))
    @example(waits=[(3, True)] * 20 + [(5, False)] * 5, limit=4)
    def test_censoring_after_the_limit_changes_nothing(self, waits: Waits, limit: int) -> None:
        assume(all(ended or length >= limit for length, ended in waits))
        hits = sum(ended and length <= limit for length, ended in waits)

        share = share_within(curve_of(waits), limit)

        assert share.value == pytest.approx(hits / len(waits))
        assert (share.low, share.high) == pytest.approx(statistics.wilson(hits / len(waits), len(waits)))

    @given(WAITS, st.integers(0, 12))
    def test_it_lies_between_the_two_naive_habits(self, waits: Waits, limit: int) -> None:
        hits = sum(ended and length <= limit for length, ended in waits)
        decided = [(length, ended) for length, ended in waits if ended or length >= limit]
        share = share_within(curve_of(waits), limit).value
        assume(share is not None)

        assert share is not None
        assert share >= hits / len(waits) - 1e-12  # counting the open as missed slanders
        assert share <= hits / len(decided) + 1e-12  # leaving them out flatters

    @given(WAITS, st.integers(0, 12))
    def test_the_interval_holds_the_share(self, waits: Waits, limit: int) -> None:
        share = share_within(curve_of(waits), limit)

        assert 0 <= share.low <= share.high <= 1
        if share.value is not None:
            assert share.low - 1e-12 <= share.value <= share.high + 1e-12

    def test_the_effective_number_by_hand(self) -> None:
        # Ten ask; two end at 1, four stop being followed at 2, one ends at 3: S = 8/10 * 3/4, V = 2/(10*8) + 1/(4*3).
        waits = [(1, True)] * 2 + [(2, False)] * 4 + [(3, True)] + [(9, False)] * 3
        survival, greenwood = 0.6, 2 / 80 + 1 / 12

        share = share_within(curve_of(waits), 4)

        assert share.value == pytest.approx(0.4)
        assert (share.low, share.high) == pytest.approx(statistics.wilson(0.4, 0.4 / (survival * greenwood)))

    def test_one_censored_before_the_limit_does_not_count_where_all_others_were_in_time(self) -> None:
        share = share_within(curve_of([(1, True)] * 10 + [(0, False)] * 7), 5)

        assert share.value == 1.0
        assert share.low == pytest.approx(statistics.wilson(1.0, 10)[0])

    def test_where_nobody_was_followed_to_the_limit_it_is_only_known_from_below(self) -> None:
        share = share_within(curve_of([(1, True)] * 8 + [(3, False)] * 2), 24)

        assert share.value is None
        assert share.low == pytest.approx(statistics.wilson(0.8, 10)[0])
        assert share.high == 1.0

    def test_an_open_wait_of_the_very_limit_was_followed_to_it(self) -> None:
        assert share_within(curve_of([(1, True), (24, False)]), 24).value == 0.5
        assert share_within(curve_of([(1, True), (23.9, False)]), 24).value is None

    def test_without_any_wait_nothing_is_known(self) -> None:
        share = share_within(curve_of([]), 1)

        assert (share.value, share.low, share.high) == (None, 0.0, 1.0)

    @pytest.mark.parametrize(
        ("n", "p", "censored"), [(13, 0.1, 0.3), (26, 0.5, 0.3), (26, 0.5, 0.0), (52, 0.9, 0.3), (200, 0.9, 0.3)]
    )
    def test_it_covers_the_truth_about_as_often_as_it_says(self, n: int, p: float, censored: float) -> None:
        rng = np.random.default_rng(20261122)
        limit = -math.log(1 - p)  # waits are exponential with mean 1
        covered = 0
        for _ in range(1500):
            wait = rng.exponential(size=n)
            followed = np.where(rng.random(n) < censored, rng.uniform(0, limit, n), 2 * limit)
            share = share_within(kaplan_meier(np.minimum(wait, followed), wait <= followed), limit)
            covered += share.low <= p <= share.high

        assert 0.92 <= covered / 1500 <= 0.985


class TestMoreNeeded:
    def test_it_takes_35_of_35_to_prove_ninety_percent(self) -> None:
        assert statistics.more_for_share(everybody_answered(*[1] * 34), 5, 0.9) == 1
        assert statistics.more_for_share(everybody_answered(*[1] * 35), 5, 0.9) == 0

    def test_from_nothing_it_takes_all_of_them(self) -> None:
        assert statistics.more_for_share(curve_of([]), 5, 0.9) == 35
        assert statistics.more_for_share(curve_of([]), 5, 0.0) == 0

    def test_what_cannot_be_reached_says_so(self) -> None:
        assert statistics.more_for_share(everybody_answered(1), 5, 1.0) is None
        assert statistics.more_for_share(everybody_answered(*[9] * 50), 5, 0.9, most=400) is None

    @given(WAITS, st.integers(0, 12), st.sampled_from([0.5, 0.8, 0.9, 0.95]))
    def test_it_is_the_first_number_of_immediate_answers_that_proves_it(
        self, waits: Waits, limit: int, at_least: float
    ) -> None:
        more = statistics.more_for_share(curve_of(waits), limit, at_least)

        assert more is not None
        assert share_within(curve_of([*waits, *[(0, True)] * more]), limit).low >= at_least - 1e-12
        if more:
            assert share_within(curve_of([*waits, *[(0, True)] * (more - 1)]), limit).low < at_least


class TestQuantiles:
    def test_the_first_length_at_which_enough_have_ended(self) -> None:
        curve = everybody_answered(1, 2, 3, 4)

        assert statistics.quantile(curve, 0.5).value == 2
        assert statistics.quantile(curve, 0.75).value == 3
        assert statistics.quantile(curve, 0.9).value == 4

    def test_float_noise_does_not_move_it(self) -> None:
        # The product (23/24)(22/23)...(12/13) is 0.5000000000000001: compared exactly, the median would jump to 13.
        curve = everybody_answered(*range(1, 25))

        assert curve.survival[11] > 0.5
        assert statistics.quantile(curve, 0.5).value == 12

    def test_what_the_waits_do_not_reach_is_not_invented(self) -> None:
        curve = curve_of([(1, True)] * 6 + [(9, False)] * 4)

        assert statistics.quantile(curve, 0.5).value == 1
        assert statistics.quantile(curve, 0.9).value is None

    def test_the_interval_inverts_the_band(self) -> None:
        lengths, ended = random_waits(3)
        curve = kaplan_meier(lengths, ended)
        low, high = statistics.band(curve)

        median = statistics.quantile(curve, 0.5)

        assert median.low == curve.times[np.argmax(low <= 0.5)]
        assert median.high == curve.times[np.argmax(high <= 0.5)]
        assert (median.low or 0) < (median.value or 0) < (median.high or 0)

    def test_a_single_wait_has_a_median_but_no_interval(self) -> None:
        median = statistics.quantile(everybody_answered(7), 0.5)

        assert (median.value, median.low, median.high) == (7, None, None)

    @given(WAITS, st.sampled_from([0.1, 0.5, 0.9]))
    def test_within_it_that_share_has_ended(self, waits: Waits, share: float) -> None:
        curve = curve_of(waits)

        found = statistics.quantile(curve, share)

        if found.value is not None:
            assert (share_within(curve, found.value).value or 0) >= share - 1e-9
            assert (share_within(curve, found.value - 0.5).value or 0) < share
            assert found.low is None or found.low <= found.value
            assert found.high is None or found.high >= found.value

    @pytest.mark.parametrize("share", [0.0, 1.0, 50])
    def test_only_shares_have_a_quantile(self, share: float) -> None:
        with pytest.raises(ValueError, match="no share between 0 and 1"):
            statistics.quantile(everybody_answered(1), share)

    def test_the_interval_of_the_median_covers_the_truth_about_as_often_as_it_says(self) -> None:
        rng = np.random.default_rng(20261122)
        covered = 0
        for _ in range(1000):
            wait, followed = rng.exponential(size=40), rng.uniform(0.5, 4, 40)
            median = statistics.quantile(kaplan_meier(np.minimum(wait, followed), wait <= followed), 0.5)
            above = median.high is None or math.log(2) <= median.high
            covered += (median.low or 0) <= math.log(2) and above

        assert 0.93 <= covered / 1000 <= 0.98


def area_by_hand(waits: Waits, horizon: float) -> tuple[float, float]:
    """The area under the curve and its Greenwood variance, straight from the textbook (Klein and Moeschberger, 4.5)."""

    def survival(at: float) -> float:
        product = 1.0
        for time in sorted({length for length, ended in waits if ended and length <= at}):
            at_risk = sum(length >= time for length, _ in waits)
            product *= 1 - sum(ended and length == time for length, ended in waits) / at_risk
        return product

    def area(start: float) -> float:
        edges = sorted({start, horizon, *(float(length) for length, _ in waits if start < length < horizon)})
        return sum(survival(a) * (b - a) for a, b in itertools.pairwise(edges))

    variance = 0.0
    for time in {length for length, ended in waits if ended and length < horizon}:
        at_risk = sum(length >= time for length, _ in waits)
        events = sum(ended and length == time for length, ended in waits)
        if at_risk > events:
            variance += area(time) ** 2 * events / (at_risk * (at_risk - events))
    return area(0.0), variance


class TestTheRestrictedMean:
    @given(WAITS)
    def test_it_is_the_textbooks_area_and_variance(self, waits: Waits) -> None:
        assert statistics._area(curve_of(waits), WINDOW) == pytest.approx(area_by_hand(waits, WINDOW), abs=1e-9)

    def test_longer_waits_count_as_the_horizon(self) -> None:
        mean = statistics.restricted_mean(everybody_answered(1, 2, 30), 10)

        assert mean is not None
        assert mean.value == pytest.approx(13 / 3)

    def test_the_silent_weigh_as_much_as_the_window(self) -> None:
        curve = curve_of([(1, True)] * 9 + [(100, False)])

        mean = statistics.restricted_mean(curve, 100)

        assert mean is not None
        assert mean.value == pytest.approx(10.9)
        assert statistics.mean_of_ended(curve) == pytest.approx(1)

    def test_where_following_stopped_earlier_there_are_bounds_instead_of_a_guess(self) -> None:
        mean = statistics.restricted_mean(curve_of([(1, True)] * 9 + [(20, False)]), 100)

        assert mean is not None
        assert mean.bounded
        assert mean.value is None
        assert mean.least == pytest.approx(1 + 0.1 * 19)
        assert mean.most == pytest.approx(1 + 0.1 * 99)
        assert mean.low is not None
        assert mean.high is not None
        assert mean.low < mean.least < mean.most < mean.high

    @given(WAITS)
    def test_whatever_the_open_waits_become_the_mean_stays_within_the_bounds(self, waits: Waits) -> None:
        mean = statistics.restricted_mean(curve_of(waits), WINDOW)

        assert mean is not None
        assert sum(length for length, _ in waits) / len(waits) <= mean.least + 1e-9
        assert mean.least <= mean.most <= WINDOW + 1e-9
        assert mean.most <= sum(length if ended else WINDOW for length, ended in waits) / len(waits) + 1e-9

    @given(WAITS)
    def test_the_interval_holds_both_bounds_and_stays_inside_the_window(self, waits: Waits) -> None:
        mean = statistics.restricted_mean(curve_of(waits), WINDOW)

        assert mean is not None
        if mean.low is not None:
            assert mean.high is not None
            assert 0 <= mean.low <= mean.least + 1e-9
            assert mean.most - 1e-9 <= mean.high <= WINDOW

    def test_fewer_than_eight_waits_give_no_interval(self) -> None:
        seven = statistics.restricted_mean(everybody_answered(1, 2, 3, 4, 5, 6, 7), 10)
        eight = statistics.restricted_mean(everybody_answered(1, 2, 3, 4, 5, 6, 7, 8), 10)

        assert seven is not None
        assert seven.value == pytest.approx(4)
        assert (seven.low, seven.high) == (None, None)
        assert eight is not None
        assert eight.low is not None

    def test_silence_throughout_is_no_certainty(self) -> None:
        mean = statistics.restricted_mean(curve_of([(10, False)] * 20), 10)

        assert mean is not None
        assert (mean.value, mean.high) == (10, 10)
        assert mean.low == pytest.approx(10 * statistics.wilson(1.0, 20)[0])

    def test_waits_of_no_length_have_a_mean_of_nothing(self) -> None:
        mean = statistics.restricted_mean(everybody_answered(*[0] * 10), 10)

        assert mean is not None
        assert (mean.value, mean.low, mean.high) == (0, 0, 0)

    def test_never_having_looked_leaves_everything_open(self) -> None:
        mean = statistics.restricted_mean(curve_of([(0, False)] * 10), 10)

        assert mean is not None
        assert (mean.least, mean.most, mean.low, mean.high) == (0, 10, 0, 10)

    def test_without_any_wait_there_is_no_mean(self) -> None:
        assert statistics.restricted_mean(curve_of([]), 10) is None
        assert statistics.mean_of_ended(curve_of([(3, False)])) is None

    def test_a_horizon_is_positive(self) -> None:
        with pytest.raises(ValueError, match='"0" is no horizon'):
            statistics.restricted_mean(everybody_answered(1), 0)

    def test_it_errs_about_as_often_as_it_says_where_silence_is_not_rare(self) -> None:
        rng = np.random.default_rng(20261122)
        window, silent = 168.0, 0.2
        mean_of_answers = float(np.mean(np.minimum(rng.lognormal(0, 1, 200_000), window)))
        truth = silent * window + (1 - silent) * mean_of_answers
        too_high = too_low = 0
        for _ in range(1000):
            wait = np.where(rng.random(40) < silent, np.inf, rng.lognormal(0, 1, 40))
            followed = np.where(rng.random(40) < 0.3, rng.uniform(0, window, 40), window)
            mean = statistics.restricted_mean(kaplan_meier(np.minimum(wait, followed), wait <= followed), window)
            assert mean is not None
            too_high += (mean.low or 0) > truth
            too_low += (mean.high or 0) < truth

        assert too_high <= 50
        assert too_low <= 50
