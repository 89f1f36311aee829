"""The event loop in a thread of its own: results, errors, time-outs and an end that is sure to come."""

from __future__ import annotations

import asyncio
import threading

import pytest

from slawatch.channels.chat.loop import LoopThread


@pytest.fixture
def loop() -> LoopThread:
    return LoopThread("test")


async def _name() -> str:
    return threading.current_thread().name


def test_work_is_done_in_the_loops_own_thread_and_its_result_comes_back(loop: LoopThread) -> None:
    assert loop.run(_name()) == "test"
    loop.end()


def test_what_the_work_raises_reaches_whoever_waits_for_it(loop: LoopThread) -> None:
    async def fail() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        loop.run(fail())
    loop.end()


def test_work_that_takes_too_long_is_cancelled(loop: LoopThread) -> None:
    cancelled = threading.Event()

    async def hang() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    with pytest.raises(TimeoutError):
        loop.run(hang(), seconds=0.01)
    assert cancelled.wait(10)
    loop.end()


def test_the_end_cancels_what_still_runs_and_the_loop_can_be_begun_again(loop: LoopThread) -> None:
    ended, began = threading.Event(), threading.Event()

    async def go_on() -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    loop.start(go_on())
    assert began.wait(10)
    loop.end()
    loop.end()

    assert ended.is_set()
    assert not loop.running
    assert loop.run(_name()) == "test"
    loop.end()
