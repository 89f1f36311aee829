"""Time in the practice range: while it hurries it runs faster than outside, so that an hour's wait can be watched.

Only the demo uses it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from slawatch.clock import require_aware


@dataclass(frozen=True, slots=True)
class _Pace:
    """From the reading `began` of the machine's counter: `fast` seconds at `factor`, then one for one."""

    start: datetime
    began: float
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
    ahead of the present on a busy machine. `counter` and `pause` are the machine's, or a test's.
    """

    def __init__(
        self,
        start: datetime,
        factor: float,
        *,
        counter: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.factor = factor
        self._counter = counter
        self._pause = pause
        self._pace = _Pace(require_aware(start), counter())

    def now(self) -> datetime:
        """Return the present instant of the practice range."""
        pace = self._pace
        return pace.start + timedelta(seconds=pace.elapsed(self._counter()))

    def hurry(self, span: timedelta) -> datetime:
        """Run `factor` times as fast until `span` has passed here; return the instant at which that ends."""
        reading = self._counter()
        start = self._pace.start + timedelta(seconds=self._pace.elapsed(reading))
        self._pace = _Pace(start, reading, self.factor, span.total_seconds() / self.factor)
        return start + span

    def sleep(self, seconds: float) -> None:
        """Let `seconds` of practice time pass."""
        pace, reading = self._pace, self._counter()
        awake = pace.began + pace.real(pace.elapsed(reading) + seconds)
        self._pause(max(awake - reading, 0.0))

    def when(self, machine: datetime) -> datetime:
        """Return what it is here when the machine's clock shows that, at today's pace; not before the pace began."""
        ago = (datetime.now(UTC) - require_aware(machine)).total_seconds()
        pace = self._pace
        return pace.start + timedelta(seconds=pace.elapsed(max(self._counter() - ago, pace.began)))
