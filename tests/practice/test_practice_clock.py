"""The practice clock runs as fast as the machine's until it is told to hurry, and never further than it was told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from slawatch.practice.clock import FastClock
from slawatch.testing import BEFORE_SUMMER_TIME

START = BEFORE_SUMMER_TIME
EPOCH_SECONDS = 1_700_000_000.0


class Machine:
    """A counter that is set by hand; pausing sets it forward."""

    def __init__(self) -> None:
        self.reading = 1000.0

    def counter(self) -> float:
        return self.reading

    def pause(self, seconds: float) -> None:
        self.reading += seconds


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def clock(machine: Machine) -> FastClock:
    return FastClock(START, 600, counter=machine.counter, pause=machine.pause)


def test_before_it_hurries_a_second_is_a_second(clock: FastClock, machine: Machine) -> None:
    machine.reading += 20

    assert clock.now() == START + timedelta(seconds=20)


def test_while_it_hurries_a_second_is_ten_minutes(clock: FastClock, machine: Machine) -> None:
    clock.hurry(timedelta(hours=8))

    machine.reading += 1.5

    assert clock.now() == START + timedelta(minutes=15)


def test_it_says_when_the_hurry_ends_and_goes_on_at_the_machines_pace(clock: FastClock, machine: Machine) -> None:
    machine.reading += 20

    ends = clock.hurry(timedelta(hours=1))
    machine.reading += 6 + 30

    assert ends == START + timedelta(seconds=20, hours=1)
    assert clock.now() == ends + timedelta(seconds=30)


def test_hurrying_through_what_it_was_set_back_by_never_leads_past_the_present(machine: Machine) -> None:
    live = timedelta(hours=8)
    began = machine.reading

    def present() -> datetime:
        return START + timedelta(seconds=machine.reading - began)

    clock = FastClock(START - live, 600, counter=machine.counter, pause=machine.pause)
    machine.reading += 700  # a busy machine takes its time for the history
    clock.hurry(live)
    for _ in range(200):
        assert clock.now() <= present()
        machine.reading += 1


def test_sleeping_lets_that_much_time_pass_here(clock: FastClock, machine: Machine) -> None:
    clock.sleep(5)
    assert machine.reading == 1005

    clock.hurry(timedelta(hours=1))
    clock.sleep(600)

    assert machine.reading == 1006
    assert clock.now() == START + timedelta(seconds=5, minutes=10)


def test_a_sleep_that_outlasts_the_hurry_wakes_when_it_should(clock: FastClock, machine: Machine) -> None:
    ends = clock.hurry(timedelta(hours=1))

    clock.sleep(3600 + 90)

    assert clock.now() == ends + timedelta(seconds=90)
    assert machine.reading == 1000 + 6 + 90


def test_a_sleep_that_is_over_takes_no_time(clock: FastClock, machine: Machine) -> None:
    clock.sleep(-5)

    assert machine.reading == 1000


def test_what_the_machine_stamped_later_is_no_earlier_here_however_late_each_is_asked_for() -> None:
    machine = Machine()
    clock = FastClock(START, 600, counter=machine.counter, wall=lambda: EPOCH_SECONDS)
    clock.hurry(timedelta(hours=1))
    stamp = datetime.fromtimestamp(EPOCH_SECONDS, UTC) + timedelta(seconds=2)

    first = clock.when(stamp)
    machine.reading += 2.00005  # the counter goes on while the machine's other clock is being read
    again = clock.when(stamp)

    assert first == again == START + timedelta(minutes=20)
    assert clock.when(stamp + timedelta(milliseconds=1)) > first
    assert clock.when(stamp - timedelta(days=1)) == START


def test_a_start_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        FastClock(START.replace(tzinfo=None), 600)
