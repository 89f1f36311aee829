"""Wait until something may have come: a doorbell for each account, instead of sleeping blindly. Looks at nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from threading import Event, Thread
from typing import TYPE_CHECKING

from slawatch.errors import ChannelError
from slawatch.usecases.world import World

if TYPE_CHECKING:
    from slawatch.channels.base import Channel

ONE_WATCH_SECONDS = 60.0
SOONEST_SECONDS = 1.0  # between two rings of one account, so that a broken bell costs a look a second and no more
GIVEN_UP_SECONDS = 2.0  # how long the end waits for a doorbell; one that hangs in a dead network dies with the process


@contextmanager
def listening(world: World, accounts: Iterable[str]) -> Iterator[Callable[[float], bool]]:
    """Give what waits so many real seconds, or until a doorbell of these accounts rings; it returns whether one did."""
    stop, rang = Event(), Event()
    threads = [
        Thread(target=_watch, args=(world.channel(account), stop, rang.set), name=f"doorbell-{account}", daemon=True)
        for account in accounts
    ]

    def wait(seconds: float) -> bool:
        found = rang.wait(seconds)
        rang.clear()
        return found

    for thread in threads:
        thread.start()
    try:
        yield wait
    finally:
        stop.set()
        for thread in threads:
            thread.join(GIVEN_UP_SECONDS)


@contextmanager
def ringing(
    channels: Mapping[str, Channel], ring: Callable[[str], object], failed: Callable[[str, Exception], object]
) -> Iterator[None]:
    """Call `ring` with the account whose doorbell rings, in a thread of its own, until left.

    A doorbell with a bug is told to `failed` and tried again a minute later: for a year nobody would start it anew.
    """
    stop = Event()
    threads = [
        Thread(
            target=_watch,
            args=(channel, stop, partial(ring, account), partial(failed, account)),
            name=f"doorbell-{account}",
            daemon=True,
        )
        for account, channel in channels.items()
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        given_up_at = time.monotonic() + GIVEN_UP_SECONDS
        for thread in threads:
            thread.join(max(given_up_at - time.monotonic(), 0.0))


def _watch(
    channel: Channel,
    stop: Event,
    ring: Callable[[], object],
    failed: Callable[[Exception], object] | None = None,
) -> None:
    while not stop.is_set():
        try:
            if channel.watch(stop, ONE_WATCH_SECONDS):
                ring()
        except ChannelError:  # whoever looks says so; here it only means that nothing rings
            stop.wait(ONE_WATCH_SECONDS)
        except Exception as error:
            if failed is None:
                raise
            failed(error)
            stop.wait(ONE_WATCH_SECONDS)
        stop.wait(SOONEST_SECONDS)
