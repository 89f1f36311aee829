"""The figures of many groups at once are those of each group alone: objectives.py and statistics.py are the oracle."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slawatch import many, objectives, statistics
from slawatch.clock import MICROSECOND
from slawatch.many_values import Figures, Keys
from slawatch.model import Wait

WINDOW, LIMIT = timedelta(days=5), timedelta(hours=1)
CLOSE = 1e-9


def keys_of(groups: list[list[Wait]]) -> Keys:
    return many.pack(
        np.array([number for number, waits in enumerate(groups) for _ in waits], np.int32),
        np.array([wait.length // MICROSECOND for waits in groups for wait in waits], np.int64),
        np.array([not wait.ended for waits in groups for wait in waits], np.bool_),
        groups=len(groups),
        longest=2 * WINDOW // MICROSECOND,
    )


def each(groups: list[list[Wait]], limit: timedelta) -> np.ndarray:
    return np.full(len(groups), limit // MICROSECOND, np.int64)


def figures_of(groups: list[list[Wait]], *limits: timedelta, window: timedelta = WINDOW) -> Figures:
    return many.figures(
        keys_of(groups), window=each(groups, window), limits=tuple(each(groups, limit) for limit in limits)
    )


def same(found: float, wanted: timedelta | float | None) -> None:
    if isinstance(wanted, timedelta):
        wanted = wanted.total_seconds()
    if wanted is None:
        assert np.isnan(found)
    else:
        # Durations of the oracle are rounded to a microsecond.
        assert found == pytest.approx(wanted, rel=CLOSE, abs=1e-6)


def compare(groups: list[list[Wait]], limit: timedelta = LIMIT, window: timedelta = WINDOW) -> None:
    found = figures_of(groups, limit, window, window=window)
    for number, waits in enumerate(groups):
        wanted = objectives.summary(waits, limit=limit, window=window)
        assert found.n[number] == wanted.n
        assert found.followed[number] == wanted.followed.total_seconds()
        for name in ("median", "median_low", "median_high", "p90"):
            same(getattr(found, name)[number], getattr(wanted, name))
        same(found.least[number], wanted.restricted_mean_least)
        same(found.most[number], wanted.restricted_mean_most)
        same(found.mean_low[number], wanted.restricted_mean_low)
        same(found.mean_high[number], wanted.restricted_mean_high)
        same(found.mean_of_ended[number], wanted.mean_of_answered)
        assert found.bounded[number] == (bool(waits) and wanted.restricted_mean is None)
        share, whole = found.shares[0], found.shares[1]
        if not waits:
            continue
        same(share.value[number], wanted.share_within)
        same(share.low[number], wanted.share_low)
        same(share.high[number], wanted.share_high)
        counts = objectives.count(waits, limit)
        assert (share.in_time[number], share.too_late[number], share.undecided[number]) == (
            counts.in_time,
            counts.too_late,
            counts.undecided,
        )
        assert (whole.too_late[number], whole.undecided[number]) == (wanted.never, wanted.open)


# Few different lengths, so that there are ties of ended waits, of open ones and of both; and the limits themselves.
LENGTHS = st.one_of(
    st.sampled_from([0, 1, 60_000_000, 3_600_000_000, 3_600_000_001, 5 * 86_400_000_000]),
    st.integers(min_value=0, max_value=40).map(lambda minutes: minutes * 60_000_000),
    st.integers(min_value=0, max_value=5 * 86_400_000_000),
)
GROUPS = st.lists(
    st.lists(
        st.builds(lambda micros, ended: Wait(length=micros * MICROSECOND, ended=ended), LENGTHS, st.booleans()),
        max_size=40,
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=150, deadline=None)
@given(GROUPS)
def test_figures_of_many_are_those_of_each_alone(groups: list[list[Wait]]) -> None:
    compare(groups)


def some_groups(number: int, size: int, seed: int) -> list[list[Wait]]:
    """Return groups as they occur: log-normal waits to the minute or to the microsecond, some silent, some open."""
    dice = np.random.default_rng(seed)
    groups = []
    for _ in range(number):
        n = int(dice.integers(0, size))
        lengths = dice.lognormal(np.log(dice.uniform(600, 30_000)), 1.3, n)
        step = 60 if dice.random() < 0.5 else 1e-6
        lengths = np.ceil(lengths / step) * step
        lengths[dice.random(n) < dice.beta(1, 4)] = np.inf
        seen = np.where(dice.random(n) < 0.2, dice.uniform(0, WINDOW.total_seconds(), n), WINDOW.total_seconds())
        groups.append(
            [
                Wait(length=timedelta(seconds=float(min(one, end))), ended=bool(one <= end))
                for one, end in zip(lengths, seen, strict=True)
            ]
        )
    return groups


@pytest.mark.parametrize("seed", range(3))
def test_they_are_over_several_blocks_and_a_group_larger_than_one(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    groups = some_groups(60, 150, seed)
    monkeypatch.setattr(many, "BLOCK", 400)
    groups.insert(7, [wait for group in some_groups(10, 150, seed + 100) for wait in group])

    compare(groups)


@pytest.mark.parametrize("seed", range(6))
def test_a_large_group_is_gone_through_piece_by_piece_to_the_same_end(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many, "BLOCK", 50)
    groups = [[wait for group in some_groups(12, 80, 10 * seed + one) for wait in group] for one in range(3)]
    silent = [Wait(length=wait.length, ended=False) for wait in groups[0]]
    over = [Wait(length=wait.length, ended=True) for wait in groups[1]]

    compare([*groups, silent, over])


def test_each_group_has_its_own_limit_and_window() -> None:
    groups = some_groups(4, 80, 9)
    limits = [timedelta(minutes=5), LIMIT, timedelta(days=1), timedelta(days=2)]
    windows = [timedelta(days=2), WINDOW, timedelta(days=3), timedelta(days=2)]

    found = many.figures(
        keys_of(groups),
        window=np.array([one // MICROSECOND for one in windows]),
        limits=(np.array([one // MICROSECOND for one in limits]),),
    )

    for number, waits in enumerate(groups):
        wanted = objectives.summary(waits, limit=limits[number], window=windows[number])
        same(found.shares[0].value[number], wanted.share_within)
        same(found.least[number], wanted.restricted_mean_least)


@settings(max_examples=60, deadline=None)
@given(GROUPS, st.sampled_from([0.5, 0.9, 0.99, 1.0]))
def test_as_many_more_answers_are_needed_as_for_each_alone(groups: list[list[Wait]], at_least: float) -> None:
    found = figures_of(groups, LIMIT)

    more = many.more_for_share(found.shares[0], found.n, np.full(len(groups), at_least))

    for number, waits in enumerate(groups):
        curve = statistics.kaplan_meier([wait.length.total_seconds() for wait in waits], [wait.ended for wait in waits])
        wanted = statistics.more_for_share(curve, LIMIT.total_seconds(), at_least)
        assert more[number] == (-1 if wanted is None else wanted)


def test_what_does_not_fit_into_a_key_is_refused() -> None:
    nothing, none = np.zeros(0, np.int64), np.zeros(0, np.bool_)

    with pytest.raises(ValueError, match="do not fit into one key"):
        many.pack(nothing, nothing, none, groups=1 << 30, longest=1 << 40)
    with pytest.raises(ValueError, match="lies outside"):
        many.pack(np.zeros(1, np.int64), np.array([-1]), np.zeros(1, np.bool_), groups=1, longest=10)


def test_groups_that_are_put_together_give_what_all_their_waits_give() -> None:
    one, two, three = ([Wait(length=n * LIMIT, ended=ended)] * 4 for n, ended in ((1, True), (2, False), (3, True)))

    joined = many.regrouped(keys_of([one, two, three]), np.array([0, 2, 0], np.int64), groups=2)
    found = many.figures(joined, window=each([[], []], WINDOW), limits=())

    assert found.n.tolist() == [8, 0]
    same(found.median[0], objectives.summary([*one, *three], limit=LIMIT, window=WINDOW).median)


@pytest.mark.parametrize("z", [1.0, 2.5758])
def test_an_interval_at_another_level_is_the_one_of_a_group_alone(z: float) -> None:
    group = [Wait(length=LIMIT / 2, ended=True)] * 7 + [Wait(length=WINDOW, ended=False)] * 5
    share = statistics.share_within(
        statistics.kaplan_meier([wait.length.total_seconds() for wait in group], [wait.ended for wait in group]),
        LIMIT.total_seconds(),
        z=z,
    )

    low, high = many.interval(figures_of([group], LIMIT).shares[0], z)

    assert (low[0], high[0]) == pytest.approx((share.low, share.high), rel=CLOSE)
