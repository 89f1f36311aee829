"""Result and proof are two statements: what the period shows, and what it allows to claim."""

from __future__ import annotations

import itertools
from dataclasses import asdict
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from slawatch import objectives, statistics
from slawatch.model import ZERO, Measure, Objective, ObjectiveKind, Proof, Result, Wait
from slawatch.objectives import Counts, Judgement, in_time, judge, straddles, summary

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WINDOW = timedelta(days=7)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def answered(*after: timedelta) -> list[Wait]:
    return [Wait(length=length, ended=True) for length in after]


def still_open(*after: timedelta) -> list[Wait]:
    return [Wait(length=length, ended=False) for length in after]


def silent(number: int) -> list[Wait]:
    """Requests whose whole window was seen without a reply."""
    return still_open(*[WINDOW] * number)


def share_of(at_least: float, within: timedelta = HOUR) -> Objective:
    return Objective(measure=Measure.FIRST_RESPONSE, kind=ObjectiveKind.SHARE, limit=within, at_least=at_least)


def mean_of(limit: timedelta) -> Objective:
    return Objective(measure=Measure.FIRST_RESPONSE, kind=ObjectiveKind.MEAN, limit=limit)


def judged(objective: Objective, waits: list[Wait]) -> Judgement:
    return judge(objective, waits, window=WINDOW)


class TestOnWhichSideOfTheLimit:
    @pytest.mark.parametrize(
        ("wait", "side"),
        [
            (Wait(length=HOUR, ended=True), True),
            (Wait(length=HOUR + minutes(1), ended=True), False),
            (Wait(length=HOUR - minutes(1), ended=False), None),
            (Wait(length=HOUR + minutes(1), ended=False), False),
        ],
    )
    def test_a_wait_is_in_time_too_late_or_undecided(self, wait: Wait, *, side: bool | None) -> None:
        assert in_time(wait, HOUR) is side

    def test_an_open_wait_of_the_very_limit_has_broken_it(self) -> None:
        # Were it undecided, a request that nobody ever answered could not miss "90 % within the window".
        assert in_time(silent(1)[0], WINDOW) is False

    @pytest.mark.parametrize(
        ("wait", "either"),
        [
            (Wait(length=minutes(59), ended=True, longer=minutes(2)), True),
            (Wait(length=minutes(59), ended=True, longer=minutes(1)), False),
            (Wait(length=minutes(61), ended=True, shorter=minutes(1)), True),
            (Wait(length=minutes(61), ended=True, shorter=timedelta(seconds=59)), False),
            (Wait(length=minutes(61), ended=False, shorter=minutes(1)), True),
            (Wait(length=minutes(61), ended=False), False),
            (Wait(length=minutes(60), ended=False), False),
            (Wait(length=minutes(60), ended=False, shorter=minutes(1)), True),
            (Wait(length=minutes(59), ended=False, shorter=minutes(5)), False),
            (Wait(length=minutes(60), ended=True), False),
        ],
    )
    def test_margins_that_reach_over_the_limit_straddle_it(self, wait: Wait, *, either: bool) -> None:
        assert straddles(wait, HOUR) is either


class TestTheResultOfAShare:
    def test_it_is_the_plain_count(self) -> None:
        waits = [*answered(*[minutes(5)] * 7), *answered(2 * HOUR)]

        verdict = judged(share_of(0.8), waits)

        assert verdict.result is Result.MET
        assert (verdict.n, verdict.in_time, verdict.too_late, verdict.undecided) == (8, 7, 1, 0)
        assert judged(share_of(0.9), waits).result is Result.NOT_MET

    def test_exactly_enough_is_enough(self) -> None:
        waits = [*answered(*[minutes(5)] * 7), *silent(93)]

        assert judged(share_of(0.07), waits).result is Result.MET  # 0.07 * 100 is 7.000000000000001

    def test_the_silent_count_as_too_late(self) -> None:
        verdict = judged(share_of(0.9), [*answered(*[minutes(5)] * 5), *silent(5)])

        assert verdict.result is Result.NOT_MET
        assert verdict.too_late == 5

    def test_who_may_still_keep_the_limit_is_left_out_of_it(self) -> None:
        verdict = judged(share_of(0.9), [*answered(*[minutes(5)] * 9), *still_open(*[minutes(10)] * 5)])

        assert verdict.result is Result.MET
        assert verdict.undecided == 5

    def test_with_nothing_decided_there_is_none(self) -> None:
        verdict = judged(share_of(0.9), still_open(minutes(10)))

        assert (verdict.result, verdict.proof) == (Result.NO_DATA, Proof.NOT_PROVEN)


class TestTheProofOfAShare:
    def test_it_takes_35_of_35_to_prove_ninety_percent(self) -> None:
        almost = judged(share_of(0.9), answered(*[minutes(5)] * 34))
        proven = judged(share_of(0.9), answered(*[minutes(5)] * 35))

        assert (almost.result, almost.proof, almost.more_needed) == (Result.MET, Proof.NOT_PROVEN, 1)
        assert (proven.result, proven.proof, proven.more_needed) == (Result.MET, Proof.MET, 0)

    def test_seven_of_eight_prove_nothing(self) -> None:
        verdict = judged(share_of(0.9), answered(*[minutes(5)] * 7, 2 * HOUR))

        assert verdict.proof is Proof.NOT_PROVEN
        assert verdict.low is not None
        assert verdict.high is not None
        assert verdict.low < 0.9 < verdict.high

    def test_silence_proves_it_missed(self) -> None:
        verdict = judged(share_of(0.9), silent(3))

        assert (verdict.result, verdict.proof) == (Result.NOT_MET, Proof.NOT_MET)
        assert verdict.value == 0

    def test_the_interval_just_below_the_objective_proves_it_missed(self) -> None:
        verdict = judged(share_of(0.9), [*answered(*[minutes(5)] * 7), *silent(4)])

        assert verdict.high == pytest.approx(0.8483, abs=5e-5)
        assert verdict.proof is Proof.NOT_MET
        assert judged(share_of(0.848), [*answered(*[minutes(5)] * 7), *silent(4)]).proof is Proof.NOT_PROVEN

    def test_one_late_of_one_proves_nothing(self) -> None:
        # Wilson's interval ends at 79 %; but whoever keeps 90 % is late once in ten.
        one, two = judged(share_of(0.9), silent(1)), judged(share_of(0.9), silent(2))

        assert one.proof is Proof.NOT_PROVEN
        assert one.by_chance == pytest.approx(0.1)
        assert one.high is not None
        assert one.high < 0.9
        assert (two.proof, two.by_chance) == (Proof.NOT_MET, None)

    def test_how_many_more_it_takes_is_what_it_takes(self) -> None:
        waits = [*answered(*[minutes(5)] * 40), *silent(2)]

        more = judged(share_of(0.9), waits).more_needed

        assert more is not None
        assert judged(share_of(0.9), [*waits, *answered(*[minutes(0)] * more)]).proof is Proof.MET
        assert judged(share_of(0.9), [*waits, *answered(*[minutes(0)] * (more - 1))]).proof is Proof.NOT_PROVEN

    def test_what_no_number_can_prove_says_so(self) -> None:
        assert judged(share_of(1.0), answered(minutes(5))).more_needed is None

    def test_where_nobody_was_followed_to_the_limit_only_bounds_are_given(self) -> None:
        verdict = judged(share_of(0.9, DAY), [*answered(*[minutes(5)] * 8), *still_open(3 * HOUR, 4 * HOUR)])

        assert verdict.bounded
        assert verdict.value is None
        assert verdict.high == 1
        assert verdict.proof is Proof.NOT_PROVEN
        assert verdict.more_needed is None  # the two that are open may settle it by themselves

    def test_without_a_wait_nothing_is_said(self) -> None:
        verdict = judged(share_of(0.9), [])

        assert (verdict.result, verdict.proof) == (Result.NO_DATA, Proof.NOT_PROVEN)
        assert (verdict.value, verdict.low, verdict.high, verdict.n) == (None, None, None, 0)
        assert not verdict.bounded
        assert verdict.more_needed == 35


class TestTheMean:
    def test_it_is_met_where_the_silent_do_not_lift_it(self) -> None:
        verdict = judged(mean_of(HOUR), answered(*[minutes(20), minutes(40)] * 10))

        assert (verdict.result, verdict.proof) == (Result.MET, Proof.MET)
        assert verdict.value == pytest.approx(30 * 60)
        assert verdict.more_needed is None
        assert (verdict.in_time, verdict.too_late) == (20, 0)

    def test_one_silence_weighs_a_whole_window(self) -> None:
        verdict = judged(mean_of(HOUR), [*answered(*[minutes(20), minutes(40)] * 10), *silent(1)])

        assert verdict.value == pytest.approx((20 * 0.5 + 168) / 21 * 3600)
        assert (verdict.result, verdict.proof) == (Result.NOT_MET, Proof.NOT_PROVEN)

    def test_much_silence_proves_it_missed(self) -> None:
        verdict = judged(mean_of(HOUR), [*answered(*[minutes(20), minutes(40)] * 10), *silent(10)])

        assert verdict.proof is Proof.NOT_MET

    def test_silence_throughout_proves_it_missed(self) -> None:
        assert judged(mean_of(HOUR), silent(8)).proof is Proof.NOT_MET

    def test_waits_of_exactly_the_limit_keep_it(self) -> None:
        # The area under this curve is 3600.0000000000005 seconds.
        verdict = judged(mean_of(HOUR), answered(*[minutes(60 + number / 11) for number in range(-6, 7)]))

        assert verdict.value == pytest.approx(3600)
        assert (verdict.value or 0) > 3600
        assert verdict.result is Result.MET

    def test_few_waits_prove_nothing_either_way(self) -> None:
        for waits in (answered(*[minutes(1)] * 7), silent(7)):
            verdict = judged(mean_of(HOUR), waits)

            assert verdict.proof is Proof.NOT_PROVEN
            assert (verdict.low, verdict.high) == (None, None)

    def test_a_result_needs_both_bounds_on_one_side(self) -> None:
        waits = answered(*[minutes(5)] * 9)

        unclear = judged(mean_of(HOUR), [*waits, *still_open(2 * HOUR)])
        clear = judged(mean_of(HOUR), [*waits, *still_open(2 * DAY)])

        assert (unclear.result, unclear.bounded, unclear.value) == (Result.NO_DATA, True, None)
        assert (clear.result, clear.bounded, clear.value) == (Result.NOT_MET, True, None)

    def test_without_a_wait_nothing_is_said(self) -> None:
        verdict = judged(mean_of(HOUR), [])

        assert (verdict.result, verdict.proof) == (Result.NO_DATA, Proof.NOT_PROVEN)
        assert (verdict.value, verdict.low, verdict.high, verdict.bounded) == (None, None, None, False)


class TestWhatCannotBeJudged:
    def test_a_share_without_the_share_to_reach(self) -> None:
        nameless = Objective(measure=Measure.ANSWER, kind=ObjectiveKind.SHARE, limit=HOUR)

        with pytest.raises(ValueError, match="needs at_least"):
            judged(nameless, [])

    @pytest.mark.parametrize(("limit", "window"), [(ZERO, WINDOW), (HOUR, ZERO)])
    def test_a_limit_or_window_of_nothing(self, limit: timedelta, window: timedelta) -> None:
        with pytest.raises(ValueError, match="must both be more than nothing"):
            judge(mean_of(limit), [], window=window)


class TestTheSummary:
    WAITS = (*answered(minutes(4), minutes(30), minutes(50), 3 * HOUR, 3 * HOUR), *silent(2), *still_open(2 * HOUR))

    def test_it_says_what_the_report_shows(self) -> None:
        said = summary(self.WAITS, limit=HOUR, window=WINDOW)

        assert said.n == 8
        assert said.share_within == pytest.approx(3 / 8)
        assert (said.share_low, said.share_high) == pytest.approx(statistics.wilson(3 / 8, 8))
        assert said.median == 3 * HOUR
        assert said.p90 is None
        assert said.followed == WINDOW
        assert said.mean_of_answered == minutes((4 + 30 + 50 + 180 + 180) / 5)
        assert (said.never, said.open) == (2, 1)

    def test_the_mean_of_the_answered_flatters(self) -> None:
        said = summary(self.WAITS, limit=HOUR, window=WINDOW)

        assert said.restricted_mean is not None
        assert said.mean_of_answered is not None
        assert said.restricted_mean > 20 * said.mean_of_answered

    def test_the_table_holds_the_usual_steps_the_limit_and_the_window(self) -> None:
        said = summary(self.WAITS, limit=2 * HOUR, window=2 * DAY)

        hours = [line.limit / HOUR for line in said.within]
        assert hours == pytest.approx([1 / 60, 1 / 12, 1, 2, 4, 24, 48])

    def test_each_line_counts_answered_and_undecided_apart(self) -> None:
        said = summary(self.WAITS, limit=HOUR, window=WINDOW)

        counted = {line.limit: (line.answered, line.undecided) for line in said.within}
        assert counted[minutes(5)] == (1, 0)
        assert counted[HOUR] == (3, 0)
        assert counted[4 * HOUR] == (5, 1)
        assert counted[WINDOW] == (5, 1)

    def test_a_line_nobody_was_followed_to_has_bounds_only(self) -> None:
        said = summary([*answered(minutes(5)), *still_open(3 * HOUR)], limit=HOUR, window=WINDOW)

        last = said.within[-1]
        assert (last.share, last.high) == (None, 1)
        assert said.restricted_mean is None
        assert said.restricted_mean_least == (minutes(5) + 3 * HOUR) / 2
        assert said.restricted_mean_most == (minutes(5) + WINDOW) / 2

    def test_the_curve_starts_with_all_and_goes_on_as_long_as_anybody_was_followed(self) -> None:
        curve = summary(self.WAITS, limit=HOUR, window=WINDOW).curve

        assert (curve[0].at, curve[0].waiting, curve[0].at_risk) == (ZERO, 1, 8)
        assert [point.at for point in curve[1:]] == [minutes(4), minutes(30), minutes(50), 3 * HOUR, WINDOW]
        assert curve[3].waiting == pytest.approx(5 / 8)
        assert curve[-1].waiting == curve[-2].waiting
        assert curve[-1].at_risk == 2
        assert curve[0].low is None
        assert all(point.low < point.waiting < point.high for point in curve[1:] if point.low and point.high)
        assert curve[1].low is not None

    def test_a_curve_that_reaches_nobody_ends_there_without_a_band(self) -> None:
        curve = summary(answered(minutes(5), HOUR), limit=HOUR, window=WINDOW).curve

        assert (curve[-1].at, curve[-1].waiting, curve[-1].low, curve[-1].high) == (HOUR, 0, None, None)

    def test_of_silence_the_curve_is_a_line(self) -> None:
        curve = summary(silent(3), limit=HOUR, window=WINDOW).curve

        assert [(point.at, point.waiting) for point in curve] == [(ZERO, 1), (WINDOW, 1)]

    def test_waits_whose_margins_reach_over_the_limit_are_counted(self) -> None:
        near = Wait(length=minutes(59.9), ended=True, longer=minutes(1))

        assert summary([*self.WAITS, near], limit=HOUR, window=WINDOW).straddling == 1

    def test_without_a_wait_it_says_nothing(self) -> None:
        said = asdict(summary([], limit=HOUR, window=WINDOW))

        zero = {"n": 0, "straddling": 0, "never": 0, "open": 0, "followed": ZERO, "within": (), "curve": ()}
        given_back = {"limit": HOUR, "window": WINDOW}
        assert {name for name, value in said.items() if value is not None} == {*zero, *given_back}
        assert said | zero | given_back == said


LENGTHS = st.integers(0, 8 * 24 * 60).map(minutes)
WAITS = st.lists(st.builds(Wait, length=LENGTHS, ended=st.booleans()), max_size=60)


class TestAlways:
    @given(WAITS, LENGTHS)
    def test_every_wait_is_counted_once(self, waits: list[Wait], limit: timedelta) -> None:
        counts = objectives.count(waits, limit)

        assert counts.in_time + counts.too_late + counts.undecided == len(waits)
        assert objectives.count([], limit) == Counts(in_time=0, too_late=0, undecided=0)

    @given(WAITS, st.sampled_from([0.5, 0.9, 0.99]))
    def test_a_proof_says_what_its_interval_says(self, waits: list[Wait], at_least: float) -> None:
        verdict = judged(share_of(at_least), waits)

        assert (verdict.proof is Proof.MET) == (verdict.low is not None and verdict.low >= at_least)
        below = verdict.high is not None and verdict.high < at_least
        assert (verdict.proof is Proof.NOT_MET) == (below and verdict.by_chance is None)
        assert (verdict.proof is Proof.MET) == (verdict.more_needed == 0)

    @given(WAITS, st.sampled_from([0.5, 0.9, 0.99]))
    def test_nobody_is_said_to_miss_what_as_many_who_keep_it_would(self, waits: list[Wait], at_least: float) -> None:
        verdict = judged(share_of(at_least), waits)

        decided = verdict.in_time + verdict.too_late
        exact = float(scipy_stats.binom.cdf(verdict.in_time, decided, at_least))
        assert verdict.by_chance is None or verdict.by_chance == pytest.approx(exact, rel=1e-9)
        assert verdict.proof is not Proof.NOT_MET or exact <= 0.025

    @given(WAITS)
    def test_a_proven_mean_is_on_its_side_of_the_limit(self, waits: list[Wait]) -> None:
        verdict = judged(mean_of(DAY), waits)

        if verdict.proof is Proof.MET:
            assert verdict.result is Result.MET
        if verdict.proof is Proof.NOT_MET:
            assert verdict.result is Result.NOT_MET

    @given(WAITS)
    def test_another_silence_never_helps(self, waits: list[Wait]) -> None:
        before, then = judged(share_of(0.9), waits), judged(share_of(0.9), [*waits, *silent(1)])

        if before.value is not None and then.value is not None:
            assert then.value <= before.value + 1e-12
        assert (before.result, then.result) != (Result.NOT_MET, Result.MET)

    @given(WAITS)
    def test_the_table_rises_from_line_to_line(self, waits: list[Wait]) -> None:
        said = summary(waits, limit=HOUR, window=WINDOW)

        known = [line for line in said.within if line.share is not None]
        for earlier, later in itertools.pairwise(known):
            assert (later.share or 0) >= (earlier.share or 0)
            assert later.answered >= earlier.answered
