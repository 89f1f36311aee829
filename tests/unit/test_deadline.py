"""Work that takes too long ends, wherever it is; what is done in time is left alone."""

from __future__ import annotations

import re
import signal
import threading

import pytest

from slawatch.deadline import DeadlineError, within


def go_on_and_on() -> None:
    while True:
        pass


def test_an_endless_loop_ends() -> None:
    with pytest.raises(DeadlineError), within(0.05):
        go_on_and_on()


def test_a_regular_expression_that_would_take_years_ends() -> None:
    with pytest.raises(DeadlineError), within(0.05):
        re.search(r"(a+)+$", "a" * 64 + "b")


def test_work_in_time_is_left_alone_and_nothing_is_left_behind() -> None:
    before = signal.getsignal(signal.SIGVTALRM)
    with within(60):
        assert signal.getitimer(signal.ITIMER_VIRTUAL)[0] > 0

    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0, 0)
    assert signal.getsignal(signal.SIGVTALRM) is before


def test_after_an_error_nothing_is_left_behind() -> None:
    with pytest.raises(KeyError), within(60):
        raise KeyError

    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0, 0)


def test_within_another_the_outer_one_holds() -> None:
    def work() -> None:
        with within(3600):
            pass
        go_on_and_on()

    with pytest.raises(DeadlineError), within(0.05):
        work()


def test_in_another_thread_there_is_none_and_no_harm() -> None:
    found: list[str] = []

    def work() -> None:
        with within(0.001):
            found.append("done")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert found == ["done"]
