"""Time in the practice range: while it hurries it runs faster than outside, so that an hour's wait can be watched.

Only the demo uses it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from slawatch.clock import EPOCH, require_aware

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class _Pace:
    """From the reading `began` of the machine's counter: `fast` seconds at `factor`, then one for one."""

    start: datetime
    began: float
    machine: float  # seconds since 1970 by the machine's clock, when the counter showed `began`
    factor: float = 1.0
    fast: float = 0.0

    def elapsed(self, reading: float) -> float:
        """Return the seconds that have passed here when the counter shows `reading`."""
        real = reading - self.began
        return min(real, self.fast) * self.factor + max(real - self.fast, 0.0)

    def real(self, elapsed: float) -> float:
        """Return how long after `began`, in the machine's seconds, so much will have passed here."""
        hurried = self.fast * self.factor
        return elapsed / self.factor if elapsed <= hurried else self.fast + elapsed - hurried


class FastClock:
    """A clock that starts at a given instant and runs as fast as the machine's until it is told to hurry.

    What takes time before and after (laying out four weeks of mail, writing the report) would otherwise move it hours
    ahead of the present on a busy machine. `counter`, `pause` and `wall` (seconds since 1970) are the machine's, or a
    test's.
    """

    def __init__(
        self,
        start: datetime,
        factor: float,
        *,
        counter: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.factor = factor
        self._counter = counter
        self._pause = pause
        self._wall = wall
        self._pace = _Pace(require_aware(start), counter(), wall())

    def now(self) -> datetime:
        """Return the present instant of the practice range."""
        pace = self._pace
        return pace.start + timedelta(seconds=pace.elapsed(self._counter()))

    def hurry(self, span: timedelta) -> datetime:
        """Run `factor` times as fast until `span` has passed here; return the instant at which that ends."""
        reading = self._counter()
        start = self._pace.start + timedelta(seconds=self._pace.elapsed(reading))
        self._pace = _Pace(start, reading, self._wall(), self.factor, span.total_seconds() / self.factor)
        return start + span

    def sleep(self, seconds: float) -> None:
        """Let `seconds` of practice time pass."""
        pace, reading = self._pace, self._counter()
        awake = pace.began + pace.real(pace.elapsed(reading) + seconds)
        self._pause(max(awake - reading, 0.0))

    def when(self, machine: datetime) -> datetime:
        """Return what it is here when the machine's clock shows that, at today's pace; not before the pace began.

        Both clocks were read once, when the pace began: read anew at each call, the microseconds between the two
        readings come out as milliseconds here, and of two stamps the later one may come out as the earlier.
        """
        pace = self._pace
        real = (require_aware(machine) - EPOCH) / _SECOND - pace.machine
        return pace.start + timedelta(seconds=pace.elapsed(pace.began + max(real, 0.0)))
