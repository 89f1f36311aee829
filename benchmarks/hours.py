"""What a wait in service hours costs: our calendar beside a loop over minutes, two bare searches, and peers.

    python -m benchmarks.hours [PAIRS]

Two searches in a sorted list are the floor: whoever looks both ends of a wait up does at least these. The peers are
measured where they are installed (pip install businesstimedelta business-duration). They know neither zones nor changes
of the clocks and are given local times, which by day makes no difference.
"""

from __future__ import annotations

import random
import sys
from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks.measure import alternating, ratio, table, timed, wall
from slawatch import public_holidays
from slawatch.hours import Calendar, Holidays, ServiceHours

PAIRS, FEW, ROUNDS = 100_000, 100, 3
ZONE = "Europe/Berlin"
YEARS = range(2024, 2027)
START = datetime(YEARS[0], 1, 8, tzinfo=UTC)
SPAN_MINUTES = 60 * 24 * 365 * len(YEARS) - 60 * 24 * 30
WAIT_MAX = 60 * 24 * 7  # minutes, as long as the window of e-mail
FLOOR, LOOP, OURS = "two searches in a list", "loop over minutes", "slawatch.hours"
DELTA, DURATION = "businesstimedelta", "business-duration"

Pair = tuple[datetime, datetime]
Count = Callable[[datetime, datetime], timedelta]


def calendar() -> Calendar:
    """Return the calendar of a company in Munich that works from nine to five; nothing in it is made yet."""
    weekly = (((9 * 3600, 17 * 3600),),) * 5 + ((), ())
    hours = ServiceHours(weekly=weekly, holidays=Holidays(country="DE", region="BY"))
    return Calendar(hours, ZONE, partial(public_holidays.of_year, "DE", "BY", ("public",)))


def pairs(number: int) -> list[Pair]:
    """Return so many waits of up to a week, in whole minutes, spread over all the years."""
    dice = random.Random(20261122)
    begins = [START + timedelta(minutes=dice.randrange(SPAN_MINUTES)) for _ in range(number)]
    return [(begin, begin + timedelta(minutes=dice.randrange(1, WAIT_MAX))) for begin in begins]


def minutes(found: Calendar, since: datetime, until: datetime) -> timedelta:
    """Count the minutes at which the wall's clock shows a time that is open, each of them asked."""
    zone, open_for = ZoneInfo(found.zone), timedelta(0)
    while since < until:
        wall_clock = since.astimezone(zone)
        passed = wall_clock.hour * 3600 + wall_clock.minute * 60
        if any(start <= passed < end for start, end in found.openings(wall_clock.date())):
            open_for += timedelta(minutes=1)
        since += timedelta(minutes=1)
    return open_for


def searches(edges: list[float], since: datetime, until: datetime) -> int:
    """Look both ends up."""
    return bisect_right(edges, until.timestamp()) - bisect_right(edges, since.timestamp())


def peers(found: Calendar) -> dict[str, Count]:
    """Return the peers that are installed, told the same hours and holidays."""
    zone = ZoneInfo(found.zone)
    days = {
        day: found.holiday(day)
        for number in range((date(YEARS[-1] + 1, 1, 1) - date(YEARS[0], 1, 1)).days)
        if found.holiday(day := date(YEARS[0], 1, 1) + timedelta(days=number))
    }

    def local(instant: datetime) -> datetime:
        return instant.astimezone(zone).replace(tzinfo=None)

    there: dict[str, Count] = {}
    if find_spec("businesstimedelta"):
        peer: Any = import_module("businesstimedelta")
        office = peer.WorkDayRule(start_time=time(9), end_time=time(17), working_days=[0, 1, 2, 3, 4])
        rules = peer.Rules([office, peer.HolidayRule(days)])
        there[DELTA] = lambda since, until: rules.difference(local(since), local(until)).timedelta
    if find_spec("business_duration"):
        count: Any = import_module("business_duration").businessDuration

        def duration(since: datetime, until: datetime) -> timedelta:
            passed = count(local(since), local(until), time(9), time(17), holidaylist=days, unit="sec")
            return timedelta(seconds=0 if passed != passed else passed)  # noqa: PLR0124  NaN where nothing was open

        there[DURATION] = duration
    return there


def each(count: Callable[[datetime, datetime], object], waits: Sequence[Pair]) -> None:
    """Count all of these."""
    for since, until in waits:
        count(since, until)


def main(number: int) -> None:
    """Measure and print."""
    ready = calendar()
    many, few = pairs(number), pairs(FEW)
    each(ready.open_time, many)
    edges = sorted(since.timestamp() for since, _ in pairs(250 * len(YEARS)))  # as many as there are business days
    tasks: dict[str, tuple[Callable[[datetime, datetime], object], Sequence[Pair]]] = {
        FLOOR: (partial(searches, edges), many),
        OURS: (ready.open_time, many),
        LOOP: (partial(minutes, ready), few),
        **{name: (count, few) for name, count in peers(ready).items()},
    }
    costs = alternating({name: partial(timed, partial(each, *task)) for name, task in tasks.items()}, ROUNDS)
    cold = median(
        timed(lambda: each(calendar().open_time, [(START, START + timedelta(days=1000))])).wall for _ in "123"
    )

    print(f"waits of up to a week over {len(YEARS)} years in {ZONE}, {ROUNDS} alternating runs, medians")
    rows = []
    for name, found in costs.items():
        share = len(tasks[name][1]) / len(many)
        count = tasks[name][0]
        wrong = sum(count(*pair) != ready.open_time(*pair) for pair in few) if name != FLOOR else None
        rows.append(
            (
                name,
                f"{len(tasks[name][1]):,}",
                f"{median(map(wall, found)) / len(tasks[name][1]) * 1e6:,.1f}",
                f"{ratio(costs, name, FLOOR, wall) / share:,.1f}",
                f"{ratio(costs, name, OURS, wall) / share:,.1f}",
                "" if wrong is None else f"{wrong} of {FEW}",
            )
        )
    table(("", "waits", "µs a wait", "/ floor", f"/ {OURS}", "not as we say"), rows)
    print(f"\n{OURS} makes the calendar of {len(YEARS)} years, holidays and all, in {cold * 1e3:.0f} ms")
    absent = {DELTA, DURATION} - costs.keys()
    if absent:
        print(f"not installed: {', '.join(sorted(absent))}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else PAIRS)
