"""The runner of one process: what it calls, in which thread, and what it does where work fails or rings."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from slawatch.engine import Trouble
from slawatch.runner.local import LocalRunner, Pause

HOUR = timedelta(hours=1)
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


class Stage:
    """A runner with work that does in turn what it is given; the last piece ends it."""

    def __init__(self, *steps: Callable[[LocalRunner], object]) -> None:
        self.threads: list[threading.Thread] = []
        self.troubles: list[Trouble] = []
        self.runner = LocalRunner(between=lambda: None, heard=self._hear)
        self._steps = list(steps)
        self._after_trouble: Callable[[LocalRunner], object] | None = None

    def _hear(self, trouble: Trouble) -> None:
        self.troubles.append(trouble)
        if trouble.error is not None:
            self.runner.wake("pass")

    def work(self) -> None:
        self.threads.append(threading.current_thread())
        step = self._steps.pop(0)
        if not self._steps:
            self.runner.end()
        step(self.runner)

    def run(self) -> None:
        self.runner.every("pass", HOUR, self.work)
        self.runner.run()


def nothing(_runner: LocalRunner) -> None:
    pass


def ring(runner: LocalRunner) -> None:
    runner.wake("pass")


def ring_twice(runner: LocalRunner) -> None:
    ring(runner)
    ring(runner)


def fail(_runner: LocalRunner) -> None:
    raise LookupError("a letter's contents")


def test_work_is_done_in_the_thread_that_runs_since_only_there_deadlines_hold() -> None:
    stage = Stage(nothing)

    stage.run()

    assert stage.threads == [threading.main_thread()]


def test_a_ring_while_it_is_at_work_has_it_done_once_more_and_no_oftener() -> None:
    stage = Stage(ring_twice, lambda runner: later(runner.end), nothing)

    stage.run()

    assert len(stage.threads) == 2


def later(what: Callable[[], object]) -> None:
    """Have it done a moment after this piece of work: a third one would come first."""
    threading.Timer(0.2, what).start()


def test_work_that_fails_is_told_and_done_again() -> None:
    stage = Stage(fail, nothing)

    stage.run()

    (trouble,) = stage.troubles
    assert (trouble.kind, type(trouble.error)) == ("pass", LookupError)
    assert len(stage.threads) == 2


def test_nothing_wakes_what_rests() -> None:
    def rest(runner: LocalRunner) -> None:
        runner.put_off("pass", HOUR)
        ring(runner)

        def ring_and_end() -> None:
            ring(runner)
            later(runner.end)

        later(ring_and_end)

    stage = Stage(rest, nothing, nothing)

    stage.run()

    assert len(stage.threads) == 1


def test_the_scheduler_says_nothing_itself_since_it_would_quote_what_failed(capfd: pytest.CaptureFixture[str]) -> None:
    stage = Stage(fail, nothing)

    stage.run()

    assert tuple(capfd.readouterr()) == ("", "")


def test_however_far_the_clock_jumps_it_is_due_once() -> None:
    trigger = Pause(timedelta(minutes=1))

    due = trigger.get_next_fire_time(datetime(1970, 1, 1, tzinfo=UTC), NOW)

    assert due > NOW
    assert trigger.get_next_fire_time(None, NOW) == NOW


def test_a_kind_is_one_job_that_is_never_dropped_nor_doubled() -> None:
    stage = Stage(nothing)
    stage.runner.every("pass", HOUR, stage.work)
    stage.runner._scheduler.start(paused=True)
    try:
        (job,) = stage.runner._scheduler.get_jobs()
        assert (job.coalesce, job.max_instances, job.misfire_grace_time) == (True, 1, None)
    finally:
        stage.runner._scheduler.shutdown(wait=False)
