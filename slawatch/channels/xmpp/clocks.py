"""How the server's clock stands to ours, within bounds that are known for sure, and what stamps follow.

A server cuts its stamps to whole seconds, and its clock is not ours: subtracting one from the other without saying how
far both may be off would make up precision. All instants here are the machine's; `when` turns them into those of
slawatch's clock.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from slawatch.model import ZERO, Stamps

DRIFT = 1e-4  # seconds a second by which two clocks may run apart; quartz is ten times better
KEPT = 40  # observations
UNSEEN = timedelta(seconds=5)  # how far a clock may be off that its server does not tell; NTP keeps far below
DELAY_MIN = timedelta(milliseconds=50)  # between two programs on a busy machine, beside the network's time

Interval = tuple[datetime, datetime]


def now() -> datetime:
    """Return the machine's present instant: what comes in is stamped by it at once, and turned into ours later."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """At some instant between `before` and `after` of ours, the server's clock showed `showed`, cut to `grain`."""

    before: datetime
    after: datetime
    showed: datetime
    grain: timedelta


@dataclass(slots=True)
class ServerClock:
    """What was seen of a server's clock, and between which bounds it is ahead of ours."""

    _seen: deque[Seen] = field(default_factory=lambda: deque(maxlen=KEPT))

    def see(self, one: Seen) -> None:
        """Note one sight of it. Sights that contradict it are forgotten: one of the two clocks was set."""
        self._seen.appendleft(one)
        while self._bounds(one.after) is None:
            self._seen.pop()

    @property
    def known(self) -> bool:
        """Whether the server's clock was ever seen."""
        return bool(self._seen)

    def at_least_apart(self) -> timedelta | None:
        """Return by how much the two clocks surely differ; None where the server's was never seen."""
        bounds = self._bounds(now())
        return None if bounds is None else max(bounds[0], -bounds[1], ZERO)

    def _bounds(self, now: datetime) -> tuple[timedelta, timedelta] | None:
        least, most = timedelta.min, timedelta.max
        for one in self._seen:
            drift = abs(now - one.after) * DRIFT
            least = max(least, one.showed - one.after - drift)
            most = min(most, one.showed + one.grain - one.before + drift)
        return (least, most) if self._seen and least <= most else None

    def wait_for_tick(self, now: datetime, sharp: timedelta) -> float | None:
        """Return in how many seconds to look next so as to learn most; None where enough is known, or nothing.

        That is when, by the middle of what is possible, it goes over to its next second.
        """
        bounds = self._bounds(now)
        if bounds is None or bounds[1] - bounds[0] <= sharp:
            return None
        there = now + bounds[0] + (bounds[1] - bounds[0]) / 2
        return 1 - there.microsecond / 1e6

    def when(self, stamp: datetime, grain: timedelta, now: datetime) -> Interval:
        """Return between which instants of ours the server wrote this stamp, cut to `grain`."""
        least, most = self._bounds(now) or (-UNSEEN, UNSEEN)
        return stamp - most, stamp + grain - least


def stamps(
    *,
    live: datetime | None,
    delay: timedelta,
    stamp: datetime | None,
    grain: timedelta,
    clock: ServerClock,
    now: datetime,
    when: Callable[[datetime], datetime],
) -> Stamps:
    """Return when a message reached our server, by our clock, and how far that may be off.

    `live` is when it came over the open connection, which takes at most `delay` unless it hangs; `stamp` is the
    server's own. Both are bounds on the same instant: where they agree, the first is far the closer; where the message
    came long after the server had it, the connection hung, and the server's stamp alone says when. `when` turns the
    machine's instants into those that are kept.
    """
    by_server = None if stamp is None else clock.when(stamp, grain, now)
    if live is not None and by_server is None:
        return _between((live - delay, live), live, "seen", _on_arrival(delay), when)
    if live is not None and by_server is not None:
        first, last = max(by_server[0], live - delay), min(by_server[1], live)
        if first <= last:
            why = f"{_on_arrival(live - first)}; the server's stamp agrees"
            return _between((first, last), last, "seen", why, when)
        if by_server[1] < live:
            why = f"{_of_server(grain, clock)}; it came {_seconds(live - by_server[1])} later, as the connection hung"
            return _between(by_server, _middle(by_server), "platform", why, when)
        return _between((live - delay, live), live, "seen", f"{_on_arrival(delay)}; the server's clock is wrong", when)
    if by_server is not None:
        return _between(by_server, _middle(by_server), "platform", _of_server(grain, clock), when)
    return _between((now, now), now, "seen", "it bears no stamp; this is when it was fetched", when)


def middle(interval: Interval, when: Callable[[datetime], datetime]) -> tuple[datetime, timedelta]:
    """Return the instant in the midst of an interval, and how far it may be off, by the clock that is kept."""
    first, last = when(interval[0]), when(interval[1])
    return first + (last - first) / 2, (last - first) / 2


def _between(span: Interval, at: datetime, source: str, why: str, when: Callable[[datetime], datetime]) -> Stamps:
    kept = when(at)
    return Stamps(
        at=kept, source=source, why=why, earlier=max(kept - when(span[0]), ZERO), later=max(when(span[1]) - kept, ZERO)
    )


def _middle(span: Interval) -> datetime:
    return span[0] + (span[1] - span[0]) / 2


def _on_arrival(delay: timedelta) -> str:
    return f"when it arrived on the open connection, at most {_seconds(delay)} after the server had it"


def _of_server(grain: timedelta, clock: ServerClock) -> str:
    cut = "whole seconds" if grain >= timedelta(seconds=1) else f"to {_seconds(grain)}"
    sure = "its clock held beside ours" if clock.known else f"its clock taken to be within {_seconds(UNSEEN)} of ours"
    return f"the server's stamp ({cut}), {sure}"


def _seconds(span: timedelta) -> str:
    return f"{span.total_seconds():.3g} s"
