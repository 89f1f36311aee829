"""Many groups judged at once are judged as each alone: objectives.judge is the oracle."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from slawatch import judging, objectives
from slawatch.model import Measure, Objective, ObjectiveKind, Wait
from tests.unit.test_many import LIMIT, WINDOW, figures_of, some_groups

SMALL = [[Wait(length=timedelta(hours=hours), ended=ended)] * n for hours, ended, n in ((2, True, 1), (2, True, 3))]


def groups_of(seed: int) -> list[list[Wait]]:
    return [[], *SMALL, *some_groups(40, 30, seed), *some_groups(10, 150, seed + 50)]


@pytest.mark.parametrize("at_least", [0.5, 0.9, 1.0])
@pytest.mark.parametrize("seed", range(2))
def test_shares_of_many_are_judged_as_each_alone(seed: int, at_least: float) -> None:
    groups = groups_of(seed)
    objective = Objective(measure=Measure.ANSWER, kind=ObjectiveKind.SHARE, limit=LIMIT, at_least=at_least)
    figures = figures_of(groups, LIMIT)

    found = judging.judge_share(figures.shares[0], figures.n, at_least)

    compare(found, groups, objective)
    assert np.all(np.isnan(found.by_chance)) == (at_least == 1.0)  # one miss of one is enough against "always"


@pytest.mark.parametrize("limit", [timedelta(minutes=30), timedelta(hours=4), timedelta(days=2)])
def test_means_of_many_are_judged_as_each_alone(limit: timedelta) -> None:
    groups = groups_of(7)
    figures = figures_of(groups, limit)

    found = judging.judge_mean(figures, figures.shares[0], limit.total_seconds())

    compare(found, groups, Objective(measure=Measure.ANSWER, kind=ObjectiveKind.MEAN, limit=limit))


def compare(found: judging.Judgements, groups: list[list[Wait]], objective: Objective) -> None:
    for number, waits in enumerate(groups):
        wanted = objectives.judge(objective, waits, window=WINDOW)
        assert judging.RESULTS[found.result[number]] is wanted.result
        assert judging.PROOFS[found.proof[number]] is wanted.proof
        for name in ("value", "low", "high", "by_chance"):
            value, expected = getattr(found, name)[number], getattr(wanted, name)
            assert np.isnan(value) if expected is None else value == pytest.approx(expected, rel=1e-9, abs=1e-9)
        for name in ("n", "in_time", "too_late", "undecided"):
            assert getattr(found, name)[number] == getattr(wanted, name)
        assert found.more_needed[number] == (-1 if wanted.more_needed is None else wanted.more_needed)
