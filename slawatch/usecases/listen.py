"""Wait until something may have come: a doorbell for each account, instead of sleeping blindly. Looks at nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
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
        Thread(target=_watch, args=(world.channel(account), stop, rang), name=f"doorbell-{account}", daemon=True)
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


def _watch(channel: Channel, stop: Event, rang: Event) -> None:
    while not stop.is_set():
        try:
            if channel.watch(stop, ONE_WATCH_SECONDS):
                rang.set()
        except ChannelError:  # whoever looks says so; here it only means that nothing rings
            stop.wait(ONE_WATCH_SECONDS)
        stop.wait(SOONEST_SECONDS)
