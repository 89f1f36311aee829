"""Time in the practice range: it runs faster than outside, so that an hour's wait can be watched.

Only the demo uses it.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from slawatch.clock import require_aware


class FastClock:
    """A clock that starts at a given instant and runs `factor` times as fast as the machine's."""

    def __init__(self, start: datetime, factor: float) -> None:
        self._start = require_aware(start)
        self.factor = factor
        self._began = time.monotonic()

    def now(self) -> datetime:
        """Return the present instant of the practice range."""
        return self._start + timedelta(seconds=(time.monotonic() - self._began) * self.factor)

    def sleep(self, seconds: float) -> None:
        """Let `seconds` of practice time pass."""
        time.sleep(seconds / self.factor)
