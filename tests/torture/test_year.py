"""A year in minutes: schedules keep their local hour, limits hold, figures are right, no pass costs more than before.

The short form is 60 days of 40 companies, the long one a year of 2000; SLAWATCH_YEAR="10000x365" says another one.
"""

from __future__ import annotations

import gc
import itertools
import os
import sqlite3
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

import pytest

from slawatch.clock import from_micros
from slawatch.model import Delivery, Outcome, Request, Slot, SlotState, Verdict, VoidReason
from slawatch.usecases.outcomes import standing
from slawatch.usecases.world import World
from tests.torture.simulated import (
    DAY,
    HOUR,
    LATE,
    PER_DAY,
    START,
    WINDOW,
    Size,
    Work,
    Year,
    config,
    manner,
    outages,
    size,
)

pytestmark = pytest.mark.timeout(0)  # the long form takes hours on a slow machine

FORMS = {"short": "40x60", "medium": "40x365", "long": "2000x365"}
MONTH, QUARTER, COOLDOWN = 30 * DAY, 91 * DAY, 7 * DAY  # the limits as the documents tell them, not as the code has it
AT_ONCE = 400
PURGES_A_DAY = 4


@dataclass
class Lived:
    """A year that is over: the world as it is then, what was measured on the way, and what is true."""

    year: Year
    world: World
    sizes: list[Size] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    slots: list[Slot] = field(default_factory=list)


@pytest.fixture(scope="module")
def lived(torture: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    companies, days = map(int, os.environ.get("SLAWATCH_YEAR", FORMS[torture]).split("x"))
    year = Year(tmp_path_factory.mktemp("year"), companies, days)
    with (
        pytest.MonkeyPatch.context() as patch,
        year.meter.on(lambda connecting: patch.setattr(sqlite3, "connect", connecting)),
        year.world() as world,
    ):
        here = Lived(year, world)
        for part in range(1, 7):  # so that ends of parts can be compared
            year.live(world, START + DAY * days * part / 6)
            gc.collect()
            here.sizes.append(size(world.config.store, blocks=sys.getallocatedblocks()))
        here.requests = world.store.requests()
        here.slots = world.store.slots()
        yield here


def test_every_company_keeps_the_hour_of_its_own_clock_and_the_length_between(lived: Lived) -> None:
    days: dict[tuple[str, str], set[date]] = defaultdict(set)
    hours: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for slot in lived.slots:
        _relationship, schedule = manner(int(slot.company[1:]))
        if "#" in slot.key or "36 h" in schedule:  # planned anew after a fault; or in real time, whatever clocks do
            continue
        local = slot.due_at.astimezone(ZoneInfo(slot.zone))
        days[slot.company, schedule].add(local.date())
        hours[slot.company, schedule][f"{local:%H:%M}"] += 1
    for (company, schedule), told in hours.items():
        usual, times = told.most_common(1)[0]
        assert sum(told.values()) - times <= 2, (company, told)  # an hour that was skipped, once a year
        assert usual == "02:30" or "cron" not in schedule, (company, told)
    lengths = {'every = "14 d"': 14, 'every = "7 d"': 7, 'every = "10 d"': 10, 'cron = "30 2 * * Sun"': 7}
    for (company, schedule), found in days.items():
        apart = lengths[schedule.partition("\n")[0]]
        first = min(found)
        assert {(day - first).days % apart for day in found} == {0}, company
        assert len(found) >= lived.year.days // apart, company


def test_who_is_not_held_back_is_asked_at_the_next_pass(lived: Lived) -> None:
    off = [(START + DAY * one.since, START + DAY * one.until) for one in outages(lived.year.days)]
    anew = {slot.id for slot in lived.slots if "#" in slot.key}
    held_back = 0
    for request in lived.requests:
        if request.slot_id in anew or any(since - HOUR <= request.intended_at <= until + DAY for since, until in off):
            continue
        if manner(int(request.company[1:]))[0] == "own":
            # One pass later where the provider turned the first letter of a pass away: the account then rests.
            assert timedelta(0) <= request.intended_at - request.due_at <= 2 * HOUR, request
        held_back += request.intended_at - request.due_at > HOUR
    assert held_back  # or the limits were not tried


def test_nobody_is_ever_asked_more_than_the_limits_say(lived: Lived) -> None:
    asked: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)  # when, and until when it was open
    sent = []
    for _, company, at, answer_at, fate in lived.year.far.truth.all():
        began = from_micros(at)
        sent.append(began)
        closed = began + timedelta(minutes=1) if fate == "bounce" else from_micros(answer_at) if answer_at else None
        asked[company].append((began, min(closed or began + WINDOW, began + WINDOW)))
    for company, spans in asked.items():
        if manner(int(company[1:]))[0] == "own":
            continue
        times = [at for at, _ in spans]
        assert most_within(times, MONTH) <= 4, company
        assert most_within(times, QUARTER) <= 12, company
        assert all(two - one >= COOLDOWN for one, two in itertools.pairwise(times)), company
        assert all(until <= two for (_, until), (two, _) in itertools.pairwise(spans)), company
    assert most_within(sent, DAY) <= PER_DAY
    assert max(len(spans) for spans in asked.values()) >= lived.year.days // 8


def most_within(times: Sequence[datetime], length: timedelta) -> int:
    """Return the most instants, of these in their order, that lie within any span of that length."""
    most = first = 0
    for last, at in enumerate(times):
        while times[first] + length <= at:
            first += 1
        most = max(most, last - first + 1)
    return most


def test_all_that_was_asked_is_known_and_nothing_else(lived: Lived) -> None:
    left = Counter(own_id for own_id, *_ in lived.year.far.truth.all())
    assert set(left.values()) == {1}
    for request in lived.requests:
        if request.delivery is Delivery.SENT:
            assert left.pop(request.message_id, 0) == 1, request
        elif request.delivery not in {Delivery.INTENDED, Delivery.UNCERTAIN}:
            raise AssertionError(request)
        elif request.message_id in left:  # its acknowledgement was lost in the last pass
            assert left.pop(request.message_id) == 1
            assert request.void_reason is None
    assert left == {}
    lost = [one for one in lived.requests if one.void_reason is VoidReason.UNCERTAIN]
    assert lost  # or nothing was swallowed
    planned_anew = {slot.key.partition("#")[0] for slot in lived.slots if "#" in slot.key}
    keys = {slot.id: slot.key.partition("#")[0] for slot in lived.slots}
    assert {keys[one.slot_id] for one in lost if one.slot_id} <= planned_anew


def test_every_slot_was_used_or_says_why_not(lived: Lived) -> None:
    now = lived.year.clock.now()
    for slot in lived.slots:
        if slot.state is SlotState.CLOSED or (slot.state is SlotState.PLANNED and slot.due_at < now - HOUR):
            assert slot.why, slot


def test_the_figures_are_what_really_happened(lived: Lived) -> None:
    truth = {
        own_id: (from_micros(at), answer_at, fate) for own_id, _, at, answer_at, fate in lived.year.far.truth.all()
    }
    over = [one for one in lived.requests if one.intended_at < lived.year.end - LATE and one.message_id in truth]
    found: Counter[str] = Counter()
    for start in range(0, len(over), AT_ONCE):
        some = over[start : start + AT_ONCE]
        outcomes = standing(lived.world, some)
        for request in some:
            at, answer_at, fate = truth[request.message_id]
            wrong = unlike(
                request, outcomes[request.id], at, None if answer_at is None else from_micros(answer_at), fate
            )
            assert not wrong, (wrong, request, outcomes[request.id], truth[request.message_id])
            found[fate] += 1
    print(found)
    assert set(found) == {"never", "bounce", "silent", "late", "receipt", "answer"}


def unlike(request: Request, outcome: Outcome, at: datetime, answer_at: datetime | None, fate: str) -> str:
    """Return what the outcome has wrong, "" for nothing."""
    if request.accepted_at is None or abs(request.accepted_at - at) > request.accepted_uncertainty:
        return f"it left at {at}"
    if fate == "bounce":
        return "" if outcome.void_reason is VoidReason.BOUNCED else "it bounced"
    in_time = answer_at is not None and answer_at - at < WINDOW
    if outcome.verdict is not (Verdict.ANSWERED if in_time else Verdict.MISSED):
        return f"it was {'' if in_time else 'not '}answered in time"
    wait = outcome.first_response
    if wait is None:
        return "it has no wait"
    if not in_time:
        return "" if not wait.ended and wait.length == WINDOW and outcome.late is (fate == "late") else "it was late"
    assert answer_at is not None
    true = answer_at - at
    return "" if wait.ended and abs(wait.length - true) <= request.accepted_uncertainty else f"the wait was {true}"


def test_the_store_grows_by_what_is_asked_and_by_nothing_else(lived: Lived) -> None:
    _, early, _, middle, _, last = lived.sizes
    each = [(two.octets - one.octets) / (two.requests - one.requests) for one, two in ((early, middle), (middle, last))]
    print("octets a request:", each)
    assert each[1] <= each[0] * 1.2
    assert last.rows["audit_log"] <= PURGES_A_DAY * lived.year.days  # each time that something was thrown away
    for table, rows in last.rows.items():
        if table == "audit_log":
            continue
        grown = [
            (two.rows[table] - one.rows[table]) / (two.requests - one.requests)
            for one, two in ((early, middle), (middle, last))
        ]
        assert grown[1] <= grown[0] * 1.3 + 0.05, (table, grown, rows)
    assert last.rows["meta"] == early.rows["meta"]
    assert last.rows["look"] <= 8 * len(outages(lived.year.days))


def test_a_process_that_stays_needs_no_more_memory_after_a_year(lived: Lived) -> None:
    _, early, _, middle, _, last = lived.sizes
    print("blocks:", [one.blocks for one in lived.sizes])
    # What waits in the test's own heap of coming answers goes up and down by some thousands.
    assert last.blocks - early.blocks <= 0.05 * early.blocks + 20 * (last.requests - early.requests) ** 0.5
    assert middle.blocks  # measured, too


def test_a_pass_costs_the_same_in_the_last_month_as_before(lived: Lived) -> None:
    """Work is counted, not timed: statements, and steps of SQLite's machine, which grow with every row it visits.

    What a company was asked is looked at for 200 days, so a year is compared from its 200th day on.
    """
    days = lived.year.days
    early = spans(lived.year.work, days * 0.55, days * 0.7)
    last = spans(lived.year.work, days * 0.85, days)
    for name, of in (("idle", idle), ("busy", busy)):
        before, after = of(early), of(last)
        print(name, "statements, steps:", before, after, "worst:", max(one.steps for one in last))
        assert after[0] <= before[0] * 1.15 + 3, name
        assert after[1] <= before[1] * 1.25 + 3, name


def spans(work: Sequence[Work], since: float, until: float) -> list[Work]:
    """Return the passes between these days."""
    return [one for one in work if START + DAY * since <= one.at < START + DAY * until]


def idle(work: Sequence[Work]) -> tuple[float, float]:
    """Return what the middle pass costs in which nothing happened."""
    some = [one for one in work if not one.events]
    if not some:  # of ten thousand companies one always answers
        some = sorted(work, key=lambda one: one.events)[: len(work) // 20 + 1]
    return median(one.statements for one in some), median(one.steps for one in some)


def busy(work: Sequence[Work]) -> tuple[float, float]:
    """Return what an event costs, over all passes in which something happened."""
    some = [one for one in work if one.events]
    events = sum(one.events for one in some)
    return sum(one.statements for one in some) / events, sum(one.steps for one in some) / events


def test_the_config_of_the_year_asks_every_manner_in_every_zone() -> None:
    text = config(25)
    assert text.count("every") + text.count("cron") == 25
    assert text.count("Lord_Howe") == 5
