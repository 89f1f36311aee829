"""One event loop in a thread of its own, for channels whose library is asynchronous. Knows no library."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")
END_SECONDS = 10.0  # for what still runs when the loop is ended


class LoopThread:
    """Runs coroutines for threads that block on them. Made when first needed, ended by `end`; may be begun again.

    Callable from many threads at once. A task that outlives its caller is started with `start` and cancelled by `end`.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    @property
    def running(self) -> bool:
        """Whether there is a loop now."""
        return self._loop is not None

    def run(self, work: Coroutine[Any, Any, T], *, seconds: float | None = None) -> T:
        """Return what the coroutine comes to, or raise what it raises.

        Raises:
            TimeoutError: it took longer than `seconds`, and was cancelled.
        """
        future: Future[T] = asyncio.run_coroutine_threadsafe(work, self._begun())
        try:
            return future.result(seconds)
        except BaseException:
            future.cancel()  # it took too long, or Ctrl-C came; does nothing where the coroutine itself has ended
            raise

    def start(self, work: Coroutine[Any, Any, Any]) -> Future[Any]:
        """Begin a task that goes on by itself; it is cancelled at the end."""
        return asyncio.run_coroutine_threadsafe(work, self._begun())

    def end(self) -> None:
        """Cancel what still runs and end the thread; safe to call twice."""
        with self._lock:
            loop, thread, self._loop, self._thread = self._loop, self._thread, None, None
        if loop is None or thread is None:
            return
        with suppress(TimeoutError):
            asyncio.run_coroutine_threadsafe(_cancel_all(), loop).result(END_SECONDS)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(END_SECONDS)
        if not thread.is_alive():
            loop.close()

    def _begun(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name=self._name, daemon=True)
                self._thread.start()
            return self._loop


async def _cancel_all() -> None:
    here = asyncio.current_task()
    others = [task for task in asyncio.all_tasks() if task is not here]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await asyncio.get_running_loop().shutdown_asyncgens()
