"""Ends work on somebody else's text that takes too long, so that one letter cannot hold up all that come after it.

For work without lasting effects only: it may be left in the middle of anything.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class DeadlineError(Exception):
    """The time is over; what was under way has been given up."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Give what is done inside so much processor time of this process; time that others take does not count.

    Within another deadline the outer one holds. In a thread other than the main one there is none: Python hands signals
    to that alone, which is where letters are read and judged.

    Raises:
        DeadlineError: raised inside, wherever it is, in the midst of a regular expression too.
    """
    if threading.current_thread() is not threading.main_thread() or signal.getitimer(signal.ITIMER_VIRTUAL)[0] > 0:
        yield
        return
    before = signal.signal(signal.SIGVTALRM, _over)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _over(_number: int, _frame: FrameType | None) -> None:
    raise DeadlineError
