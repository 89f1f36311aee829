"""The runner of one process: APScheduler keeps the time, the main thread does the work, one piece after the other.

Nothing is kept on disk: what is due stands in the store, and losing every job here loses nothing.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from queue import Empty, SimpleQueue
from typing import Any

from apscheduler.events import (
    EVENT_JOB_ERROR,
    EVENT_JOB_MAX_INSTANCES,
    EVENT_JOB_MISSED,
    JobExecutionEvent,
    JobSubmissionEvent,
)
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from slawatch.engine import Trouble

KINDS_MAX = 4  # each holds a thread while it waits for the main thread
LOOK_SECONDS = 5.0  # how long nothing stands between two pieces of work at most


class Pause(BaseTrigger):  # type: ignore[misc] # apscheduler has no types
    """Due at once, then always a pause after the last time it was found due.

    Not an IntervalTrigger: that one counts every time it was missed, one by one, before they become one. A machine
    whose clock has no battery starts in 1970: 56 years of minutes take a minute and a gigabyte (measured 2026-11-23).
    """

    def __init__(self, pause: timedelta) -> None:
        self._pause = pause

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        """Return when it is due next."""
        return now if previous is None else now + self._pause


class LocalRunner:
    """Works in the thread that calls `run`; let that be the main one, for only there deadlines hold (deadline.py).

    `between` is called before each piece of work and every few seconds, `heard` for what went wrong; both in the thread
    of `run`.
    """

    def __init__(self, *, between: Callable[[], object], heard: Callable[[Trouble], object]) -> None:
        # Without that its tracebacks, with whatever a letter or a server said, would stand in the log.
        logging.getLogger("apscheduler").setLevel(logging.CRITICAL + 1)
        self._between = between
        self._heard = heard
        # Simple queues alone may be written to in a signal handler that interrupts their reader.
        self._errands: SimpleQueue[tuple[Callable[[], object], Future[object]] | None] = SimpleQueue()
        self._troubles: SimpleQueue[Trouble] = SimpleQueue()
        self._lock = threading.Lock()
        self._busy: set[str] = set()
        self._again: set[str] = set()
        self._rests_until: dict[str, float] = {}
        self._ended = False
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            jobstores={"default": MemoryJobStore()},
            executors={"default": ThreadPoolExecutor(KINDS_MAX)},
            # One tick of a kind, however many were missed; by default one that is a second late is not run at all.
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        self._scheduler.add_listener(self._listen, EVENT_JOB_ERROR | EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES)

    def every(self, kind: str, pause: timedelta, work: Callable[[], object]) -> None:
        """Call the work at once and then with that pause."""
        self._scheduler.add_job(self._hand_over, Pause(pause), id=kind, args=(kind, work))

    def wake(self, kind: str) -> None:
        """Call the work of that kind soon, unless it rests."""
        with self._lock:
            if time.monotonic() < self._rests_until.get(kind, 0.0):
                return
            if kind in self._busy:
                self._again.add(kind)  # what rang may have come after that was looked at
                return
        self._due(kind, datetime.now(UTC))

    def put_off(self, kind: str, pause: timedelta) -> None:
        """Let the work of that kind rest for so long."""
        with self._lock:
            self._rests_until[kind] = time.monotonic() + pause.total_seconds()
            self._again.discard(kind)
        self._due(kind, datetime.now(UTC) + pause)

    def interrupt(self) -> None:
        """Have `between` called soon."""
        self._errands.put(None)

    def end(self) -> None:
        """Call nothing any more."""
        self._ended = True
        self._errands.put(None)

    def run(self) -> None:
        """Work until the end. An interruption (KeyboardInterrupt) leaves at once."""
        self._scheduler.start()
        try:
            while True:
                self._tell()
                self._between()
                if self._ended:
                    return
                with suppress(Empty):
                    errand = self._errands.get(timeout=LOOK_SECONDS)
                    if errand is not None and not self._ended:
                        _do(*errand)
                    elif errand is not None:
                        errand[1].cancel()
        finally:
            self._ended = True
            self._scheduler.shutdown(wait=False)
            with suppress(Empty):
                while True:
                    errand = self._errands.get_nowait()
                    if errand is not None:
                        errand[1].cancel()

    def _due(self, kind: str, at: datetime) -> None:
        with suppress(JobLookupError):
            self._scheduler.modify_job(kind, next_run_time=at)

    def _hand_over(self, kind: str, work: Callable[[], object]) -> None:
        """Have the main thread do it, and once more where it rang meanwhile; what it raises is raised here."""
        with self._lock:
            self._busy.add(kind)
            self._again.discard(kind)
        try:
            while True:
                done: Future[object] = Future()
                self._errands.put((work, done))
                if self._ended:  # after that nobody might read what was put
                    done.cancel()
                    return
                done.result()
                with self._lock:
                    if kind not in self._again:
                        self._busy.discard(kind)
                        return
                    self._again.discard(kind)
        finally:
            with self._lock:
                self._busy.discard(kind)

    def _listen(self, event: Any) -> None:
        """Note what APScheduler tells, in whichever thread it does."""
        if self._ended:
            return
        if isinstance(event, JobExecutionEvent) and event.exception is not None:
            self._troubles.put(Trouble(kind=event.job_id, error=event.exception))
        elif isinstance(event, JobExecutionEvent | JobSubmissionEvent):
            self._troubles.put(Trouble(kind=event.job_id))
        self.interrupt()

    def _tell(self) -> None:
        with suppress(Empty):
            while True:
                self._heard(self._troubles.get_nowait())


def _do(work: Callable[[], object], done: Future[object]) -> None:
    if not done.set_running_or_notify_cancel():
        return
    try:
        done.set_result(work())
    except Exception as error:  # noqa: BLE001  the edge of a worker: whoever listens is told
        done.set_exception(error)
    except BaseException:
        done.cancel()
        done.set_exception(RuntimeError("interrupted"))
        raise
