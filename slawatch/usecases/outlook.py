"""What the coming slots amount to: hours of the week, work for the companies, and when an objective can be decided.

Foretells from the plan and what was measured so far; plans and sends nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from slawatch import burden, dayparts, plan
from slawatch.config import Company, Target
from slawatch.model import Asked, Measure, Mode, Objective, ObjectiveKind, Outcome, Proof, Result, Slot, Verdict, Wait
from slawatch.usecases.outcomes import standing
from slawatch.usecases.plan import HISTORY, STARTED, Preview, seed_of
from slawatch.usecases.world import World

FORESEEN = timedelta(days=5 * 365)  # beyond that no date is more than a way of saying "hardly ever"
WINDOW = timedelta(days=28)
NEEDED_MAX = 1000  # answers; what needs more is not worth a date either


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """How many requests fall into each hour of the week (7 days from Monday, 24 hours), on each company's own clock."""

    cells: tuple[tuple[int, ...], ...]
    weekend: int
    night: int

    @property
    def total(self) -> int:
        """Return how many there are."""
        return sum(map(sum, self.cells))


@dataclass(frozen=True, slots=True, kw_only=True)
class Burden:
    """What a company has to do for us: requests ahead, and the most in any 30 days, with those that went before.

    `limit` is how many it is asked to bear in 30 days over all channels, None without a limit.
    """

    company: str
    requests: int
    held_back: int
    busiest: int
    limit: int | None

    @property
    def minutes(self) -> int:
        """Return the agent-minutes of the requests ahead."""
        return self.requests * burden.AGENT_MINUTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Decidable:
    """When an objective can be decided, at the pace of the plan and within the limits.

    `met_after` is how many more answers, all in time, would prove it met, `missed_after` how many more misses that it
    is not. Of a mean, one of them says how many more like those so far would decide it, on the side where it is now.
    None where more than a thousand would be, or where nothing can be said yet. `met_on` and `missed_on` are when the
    last of them is known, None where that is beyond five years. `decided` is "met" or "not met" where it is proven.
    """

    company: str
    channel: str
    objective: Objective
    n: int
    decided: str = ""
    met_after: int | None = None
    met_on: datetime | None = None
    missed_after: int | None = None
    missed_on: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """All of it, and the seed that the times were drawn from."""

    seed: str
    seed_from_config: bool
    week: Week
    burdens: tuple[Burden, ...]
    decidable: tuple[Decidable, ...]


def outlook(world: World, previews: Sequence[Preview], *, decidable: bool = True) -> Outlook:
    """Return what these slots amount to; without `decidable` it looks at no reply, which takes time with many."""
    companies = [one for one in world.config.companies.values() if any(map(_planned, one.targets))]
    return Outlook(
        seed=seed_of(world),
        seed_from_config=world.config.seed is not None,
        week=week_of(one.slot for one in previews if one.text is not None),
        burdens=tuple(_burdens(world, previews)),
        decidable=tuple(one for company in companies for one in _decidable(world, company)) if decidable else (),
    )


def week_of(slots: Iterable[Slot]) -> Week:
    """Count the slots by hour of the week, each on its company's clock, and those at weekends and at night."""
    cells = [[0] * 24 for _ in range(7)]
    weekend = night = 0
    for slot in slots:
        day, hour = dayparts.hour_of_week(slot.due_at, slot.zone)
        cells[day][hour] += 1
        weekend += day >= dayparts.SATURDAY
        night += not dayparts.OFFICE_FROM <= hour < dayparts.NIGHT_FROM
    return Week(cells=tuple(map(tuple, cells)), weekend=weekend, night=night)


def _planned(target: Target) -> bool:
    return target.schedule is not None and target.mode is not Mode.OBSERVE


# --- burden ---


def _burdens(world: World, previews: Sequence[Preview]) -> Iterator[Burden]:
    """Yield what the companies have to do, those with the most work first."""
    now = world.clock.now()
    ahead: dict[str, list[Preview]] = {}
    for one in previews:
        ahead.setdefault(one.slot.company, []).append(one)
    found = []
    for key, mine in ahead.items():
        coming = sorted(max(one.slot.due_at, now) for one in mine if one.text is not None)
        before = [asked.at for asked in world.store.history(key, now - burden.MONTH)]
        found.append(
            Burden(
                company=key,
                requests=len(coming),
                held_back=len(mine) - len(coming),
                busiest=_busiest([*before, *coming]) if coming else 0,
                limit=world.company(key).limits.month_all_channels,
            )
        )
    yield from sorted(found, key=lambda one: (-one.requests, one.company))


def _busiest(instants: Sequence[datetime]) -> int:
    """Return the most of these ascending instants that lie within 30 days."""
    most = first = 0
    for last, at in enumerate(instants):
        while instants[first] + burden.MONTH <= at:
            first += 1
        most = max(most, last - first + 1)
    return most


# --- when it can be decided ---


def _decidable(world: World, company: Company) -> Iterator[Decidable]:
    requests = world.store.requests(company=company.key, undecided=True)
    outcomes = standing(world, requests)
    for channel in dict.fromkeys(target.channel for target in company.targets if _planned(target)):
        targets = [one for one in company.targets if one.channel == channel and _planned(one)]
        mine = [outcomes[one.id] for one in requests if one.channel == channel and one.id in outcomes]
        pace = _Pace(world, targets)
        for objective in targets[0].standard.objectives:
            yield _one(company.key, channel, objective, mine, targets[0].standard.window, pace)


def _one(
    company: str, channel: str, objective: Objective, outcomes: Sequence[Outcome], window: timedelta, pace: _Pace
) -> Decidable:
    from slawatch import objectives  # noqa: PLC0415  brings numpy, which nothing else here needs

    waits = [wait for one in outcomes if one.verdict is not Verdict.VOID and (wait := _wait(objective, one))]
    judged = objectives.judge(objective, waits, window=window)
    decided = {Proof.MET: "met", Proof.NOT_MET: "not met"}.get(judged.proof, "")
    met: int | None
    missed: int | None
    if decided:
        met = missed = None
    elif objective.kind is ObjectiveKind.SHARE:
        met, missed = judged.more_needed, _misses_needed(judged.in_time, judged.too_late, objective.at_least or 0)
    else:
        more = _more_for_mean(judged, objective.limit)
        met, missed = (more, None) if judged.result is Result.MET else (None, more)
    return Decidable(
        company=company,
        channel=channel,
        objective=objective,
        n=judged.in_time + judged.too_late if objective.kind is ObjectiveKind.SHARE else judged.n,
        decided=decided,
        met_after=met,
        met_on=pace.known(met, objective.limit if objective.kind is ObjectiveKind.SHARE else window),
        missed_after=missed,
        missed_on=pace.known(missed, objective.limit if objective.kind is ObjectiveKind.SHARE else window),
    )


def _wait(objective: Objective, outcome: Outcome) -> Wait | None:
    if objective.measure is Measure.FIRST_RESPONSE:
        return outcome.first_response_in_hours if objective.in_hours else outcome.first_response
    return outcome.answer_in_hours if objective.in_hours else outcome.answer


def _misses_needed(in_time: int, too_late: int, at_least: float) -> int | None:
    """Return how many more misses in a row would prove the share too low, by both tests that the report asks for."""
    from slawatch import statistics  # noqa: PLC0415  same

    for more in range(NEEDED_MAX + 1):
        n = in_time + too_late + more
        if not n:
            continue
        too_few = statistics.chance_of_so_few(in_time, n, at_least) <= statistics.ONE_SIDED
        if too_few and statistics.wilson(in_time / n, n)[1] < at_least:
            return more
    return None


def _more_for_mean(judged: object, limit: timedelta) -> int | None:
    """Return how many more waits like those so far would take the interval off the limit: its width falls as 1/√n."""
    value, low, high = (getattr(judged, name, None) for name in ("value", "low", "high"))
    n = getattr(judged, "n", 0)
    if value is None or low is None or high is None or n < 2:  # noqa: PLR2004  one wait has no spread
        return None
    apart = abs(value - limit.total_seconds())
    half = max(high - value, value - low)
    if not apart:
        return None
    needed = int(n * (half / apart) ** 2) + 1
    return max(1, needed - n) if needed - n <= NEEDED_MAX else None


class _Pace:
    """When the coming requests of some targets on one channel leave, so far as the limits let them."""

    def __init__(self, world: World, targets: Sequence[Target]) -> None:
        self._asked: list[datetime] = []
        self._coming = self._instants(world, targets)
        self._over = False

    def known(self, after: int | None, wait: timedelta) -> datetime | None:
        """Return when the answer to the request that comes as the `after`-th is known at the latest."""
        if not after:
            return None
        while len(self._asked) < after and not self._over:
            coming = next(self._coming, None)
            if coming is None:
                self._over = True
            else:
                self._asked.append(coming)
        return self._asked[after - 1] + wait if len(self._asked) >= after else None

    @staticmethod
    def _instants(world: World, targets: Sequence[Target]) -> Iterator[datetime]:
        now = world.clock.now()
        started = world.store.meta(STARTED)
        history = [
            Asked(company=one.company, channel=one.channel, probe="", lang="", variant=0, at=one.at)
            for one in world.store.history(targets[0].company, now - HISTORY)
        ]
        since = now
        while since < now + FORESEEN:
            slots = [
                (slot.due_at, target)
                for target in targets
                if target.schedule is not None
                for slot in plan.slots_between(
                    target.schedule,
                    company=target.company,
                    channel=target.channel,
                    target=target.address,
                    account=target.account,
                    zone=target.zone,
                    since=since,
                    until=since + WINDOW,
                    start=datetime.fromisoformat(started) if started else None,
                    seed=seed_of(world),
                    jitter=target.jitter,
                    turn=target.turn,
                )
            ]
            for at, target in sorted(slots, key=lambda one: one[0]):
                # As if each were answered before the next: who asks seldom enough for the limits is not held up.
                if burden.check(target.limits, history, target.channel, at) is None:
                    history = [one for one in history if one.at > at - burden.QUARTER]
                    history.append(
                        Asked(company=target.company, channel=target.channel, probe="", lang="", variant=0, at=at)
                    )
                    yield at
            since += WINDOW
