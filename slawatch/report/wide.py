"""The report over very many companies: counts and figures of every company on every way, as arrays.

Knows no single request. It judges nothing itself (judging.py does), says nothing in words and does no I/O.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

import numpy as np

from slawatch import judging, many, pages
from slawatch.clock import MICROSECOND, from_micros
from slawatch.compare import NEEDS, joint_z
from slawatch.judging import Judgements
from slawatch.many_values import Figures, Floats, Ints, Keys, Marks, Shares
from slawatch.model import Measure, Objective, ObjectiveKind, Origin, Standard, VoidReason
from slawatch.report.model import Material
from slawatch.report.tally import MEASURES, NEVER, Kind, Tally, Who

CURVE_POINTS = 120  # of the curve of all together: more would not be seen
LIMIT, WINDOW, OBJECTIVES = 0, 1, 2  # what a group's shares are within: its limit, its window, then each objective


@dataclass(frozen=True, slots=True, eq=False)
class Verdicts:
    """One objective and what is found of the groups held to it; `of` are their places."""

    objective: Objective
    of: Ints
    found: Judgements


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Figures of groups side by side. `standards` holds None where companies of a way are held to different ones.

    `verdicts` counts each of pages.VERDICTS. Of the shares in `figures` that at LIMIT is within the first objective's
    time by the clock (the window where there is none), that at WINDOW within the window.
    """

    who: Sequence[Who]
    standards: Sequence[Standard | None]
    windows: Ints
    verdicts: Ints
    late: Ints
    in_review: Ints
    figures: Mapping[Measure, Figures]
    held: tuple[Verdicts, ...]

    @property
    def n(self) -> Ints:
        """Return how many requests count in each."""
        counted: Ints = self.verdicts[:, : pages.VOID].sum(axis=1)
        return counted

    def limit(self, place: int, measure: Measure) -> timedelta | None:
        """Return the time the first objective for this wait by the clock names, None where there is no such one."""
        return first_limit(self.standards[place], measure)


@dataclass(frozen=True, slots=True, eq=False)
class League:
    """All companies of a way by their share within one limit, the best first.

    `rows` are places in WideBook.groups. `low` and `high` hold for all of them at once (compare.joint_z); `best` and
    `worst` are the places that they leave open, 0 where too few waits are decided for any.
    """

    limit: timedelta
    rows: Ints
    best: Ints
    worst: Ints
    value: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Together:
    """All companies of one way; `place` is theirs in WideBook.ways.

    `waiting` holds for each measure the share still waiting at the times `at`, with its band.
    """

    way: str
    observed: bool
    place: int
    league: League
    at: tuple[timedelta, ...]
    waiting: Mapping[Measure, tuple[Floats, Floats, Floats]]


@dataclass(frozen=True, kw_only=True)
class WideBook:
    """Everything the wide report shows. `material` holds no cases."""

    material: Material
    groups: Groups
    ways: Groups
    together: tuple[Together, ...]
    void: Mapping[VoidReason, int]
    asked: tuple[datetime, datetime] | None
    live: int
    presumed: int  # silences of which the delivery is not proven
    kinds: Sequence[Kind]  # those that hold any request

    @cached_property
    def _kinds(self) -> dict[Who, list[Kind]]:
        found: dict[Who, list[Kind]] = {}
        for kind in self.kinds:
            for who in (kind.who, kind.who._replace(company="")):
                found.setdefault(who, []).append(kind)
        return found

    def origin(self, who: Who) -> str:
        """Return who asked, in the order of model.Origin."""
        origins = {kind.origin for kind in self._kinds.get(who, ())}
        return "+".join(one for one in Origin if one in origins)

    def over(self, who: Who) -> tuple[str, ...]:
        """Return the channels that only lead to this way."""
        return tuple(sorted({kind.channel for kind in self._kinds.get(who, ())} - {who.way}))

    @cached_property
    def there(self) -> Ints:
        """Return the places of the groups that hold any request."""
        return np.flatnonzero(self.groups.verdicts.sum(axis=1))

    @property
    def total(self) -> int:
        """Return how many requests there are, void ones included."""
        return int(self.groups.verdicts.sum())

    @cached_property
    def companies(self) -> int:
        """Return how many companies were asked."""
        return len({self.groups.who[place].company for place in self.there.tolist()})

    @property
    def missed(self) -> bool:
        """Return whether any company misses an objective."""
        return any(bool(np.any(one.found.result == judging.NOT_MET)) for one in self.groups.held)

    def name(self, place: int) -> str:
        """Return the name of a group's company."""
        key = self.groups.who[place].company
        view = self.material.companies.get(key)
        return view.name if view else key


def build(tally: Tally, material: Material) -> WideBook:
    """Return the book of what was tallied, and let go of the tally's keys."""
    standards = tally.standards()
    counted = tally.verdicts.sum(axis=1) > 0
    ways = sorted({(who.way, who.observed) for who, some in zip(tally.who, counted, strict=True) if some})
    number = {way: place for place, way in enumerate(ways)}
    way_of = np.array([number.get((who.way, who.observed), len(ways)) for who in tally.who], np.int64)
    windows = np.array([one.window // MICROSECOND for one in standards], np.int64)
    inside = [np.flatnonzero((way_of == way) & counted) for way in range(len(ways))]
    shared = [_common([standards[place] for place in those.tolist()]) for those in inside]
    together = [_one_standard([standards[place] for place in those.tolist()]) for those in inside]
    way_windows = np.array([windows[those].min() for those in inside], np.int64)
    compared = np.array([limit // MICROSECOND for limit in shared] + [1], np.int64)[way_of]
    at = [_places(int(window)) for window in way_windows]

    figures, way_figures = {}, {}
    for measure in MEASURES:
        keys = tally.keys(measure)
        figures[measure] = many.figures(
            keys, window=windows, limits=(*_limits(standards, measure, windows), np.minimum(compared, tally.longest))
        )
        points = [np.array([places[point] for places in at], np.int64) for point in range(CURVE_POINTS)]
        way_figures[measure] = many.figures(
            many.regrouped(keys, way_of, groups=len(ways)),
            window=way_windows,
            limits=(*_limits(together, measure, way_windows), *points),
        )
    groups = Groups(
        who=tally.who,
        standards=standards,
        windows=windows,
        verdicts=tally.verdicts,
        late=tally.late,
        in_review=tally.in_review,
        figures=figures,
        held=_held(standards, figures, _in_hours(tally, standards, windows), counted),
    )
    return WideBook(
        material=material,
        groups=groups,
        ways=Groups(
            who=[Who("", way, observed) for way, observed in ways],
            standards=together,
            windows=way_windows,
            verdicts=np.array([tally.verdicts[those].sum(axis=0) for those in inside]).reshape(len(ways), -1),
            late=np.array([tally.late[those].sum() for those in inside]),
            in_review=np.array([tally.in_review[those].sum() for those in inside]),
            figures=way_figures,
            held=_held(together, way_figures, None, np.ones(len(ways), np.bool_)),
        ),
        together=tuple(
            Together(
                way=way,
                observed=observed,
                place=place,
                league=_league(groups, inside[place], shared[place], material),
                at=tuple(MICROSECOND * point for point in at[place]),
                waiting={measure: _waiting(way_figures[measure], place) for measure in MEASURES},
            )
            for place, (way, observed) in enumerate(ways)
        ),
        void=Counter(tally.void),
        asked=(from_micros(tally.since), from_micros(tally.until)) if tally.since <= tally.until else None,
        live=tally.live,
        presumed=tally.presumed,
        kinds=[kind for kind in tally.kinds if tally.first_asked[kind.number] < NEVER],
    )


def first_limit(standard: Standard | None, measure: Measure) -> timedelta | None:
    """Return the time the first objective for this wait by the clock names, None where there is no such one."""
    held = (one for one in (standard.objectives if standard else ()) if not one.in_hours)
    return next((one.limit for one in held if one.measure is measure), None)


def _one_standard(standards: Sequence[Standard]) -> Standard | None:
    return standards[0] if len(_numbered(standards)[0]) == 1 else None


def _common(standards: Sequence[Standard]) -> timedelta:
    """Return the limit that companies of a way are put in order by: the one most are held to for the first response."""
    limits: Counter[timedelta] = Counter()
    different, which = _numbered(standards)
    for number, one in enumerate(different):
        if one is not None:
            limits[first_limit(one, Measure.FIRST_RESPONSE) or one.window] += int(np.count_nonzero(which == number))
    return max(limits, key=lambda limit: (limits[limit], -limit))


def _limits(standards: Sequence[Standard | None], measure: Measure, windows: Ints) -> list[Ints]:
    """Return the limits at LIMIT and WINDOW, then one for each objective by the clock that anybody has."""
    different, which = _numbered(standards)
    most = max((len(one.objectives) for one in different if one), default=0)
    found = [windows.copy() for _ in range(OBJECTIVES + most)]
    for number, standard in enumerate(different):
        first = first_limit(standard, measure)
        if first is not None:
            found[LIMIT][which == number] = first // MICROSECOND
        for place, one in enumerate(standard.objectives if standard else ()):
            if one.measure is measure and not one.in_hours:
                found[OBJECTIVES + place][which == number] = one.limit // MICROSECOND
    return found


def _numbered(standards: Sequence[Standard | None]) -> tuple[list[Standard | None], Ints]:
    """Return the different ones, and which of them each is. Thousands share one object, whose hash takes its time."""
    by_id = {id(one): one for one in standards}
    different = list(dict.fromkeys(by_id.values()))
    number = {key: different.index(one) for key, one in by_id.items()}
    return different, np.array([number[id(one)] for one in standards], np.int64)


def _places(window: int) -> list[int]:
    """Return the times at which the curve of all together is drawn, evenly on a logarithmic axis from a second on."""
    least = min(1_000_000, window)
    return [round(least * (window / least) ** (point / (CURVE_POINTS - 1))) for point in range(CURVE_POINTS)]


def _waiting(figures: Figures, place: int) -> tuple[Floats, Floats, Floats]:
    shares = figures.shares[-CURVE_POINTS:]
    value = np.array([1 - one.value[place] for one in shares])
    return value, np.array([1 - one.high[place] for one in shares]), np.array([1 - one.low[place] for one in shares])


InHours = Mapping[Measure, tuple[Keys, Ints]]


def _in_hours(tally: Tally, standards: Sequence[Standard], windows: Ints) -> InHours | None:
    """Return the waits in service hours, with the most service time that any window of each group held."""
    if not any(one.in_hours for standard in _numbered(standards)[0] if standard for one in standard.objectives):
        return None
    held = np.where(tally.window_in_hours > 0, tally.window_in_hours, windows)
    return {measure: (tally.keys(measure, in_hours=True), held) for measure in MEASURES}


def _held(
    standards: Sequence[Standard | None],
    figures: Mapping[Measure, Figures],
    in_hours: InHours | None,
    which: Marks,
) -> tuple[Verdicts, ...]:
    """Return what is found of each objective, of those groups that are held to it."""
    different, of_each = _numbered(standards)
    found = []
    for place, standard in enumerate(different):
        of = np.flatnonzero(which & (of_each == place))
        for number, objective in enumerate(standard.objectives if standard and len(of) else ()):
            measured = figures[objective.measure]
            shares = measured.shares[OBJECTIVES + number]
            if objective.in_hours:
                if in_hours is None:
                    continue
                keys, held = in_hours[objective.measure]
                limit = np.full(keys.groups, objective.limit // MICROSECOND)
                measured = many.figures(keys, window=held, limits=(limit,))
                shares = measured.shares[0]
            found.append(Verdicts(objective, of, _judged(objective, measured.of(of), shares.of(of))))
    return tuple(found)


def _judged(objective: Objective, measured: Figures, shares: Shares) -> Judgements:
    if objective.kind is ObjectiveKind.MEAN:
        return judging.judge_mean(measured, shares, objective.limit.total_seconds())
    return judging.judge_share(shares, measured.n, objective.at_least or 0.0)


def _league(groups: Groups, inside: Ints, limit: timedelta, material: Material) -> League:
    """Return the companies of a way in order, by the rule of compare.places."""
    shares = groups.figures[Measure.FIRST_RESPONSE].shares[-1].of(inside)
    decided = shares.in_time + shares.too_late
    placed = decided >= NEEDS
    low, high = many.interval(shares, joint_z(int(placed.sum())))
    best, worst = places(low, high, placed)
    names = [_name(material, groups.who[place].company) for place in inside.tolist()]
    by_name = np.empty(len(names), np.int64)
    by_name[sorted(range(len(names)), key=lambda one: (names[one].casefold(), one))] = np.arange(len(names))
    order = np.lexsort((by_name, worst, best, ~placed))
    return League(limit, inside[order], best[order], worst[order], shares.value[order], low[order], high[order])


def places(low: Floats, high: Floats, placed: Marks) -> tuple[Ints, Ints]:
    """Return the best and the worst place of each row as compare.places does, 0 for rows that take none."""
    lows, highs = np.sort(low[placed]), np.sort(high[placed])
    best = 1 + len(lows) - np.searchsorted(lows, high, side="right")
    worst = len(highs) - np.searchsorted(highs, low, side="left")
    return np.where(placed, best, 0), np.where(placed, worst, 0)


def _name(material: Material, key: str) -> str:
    view = material.companies.get(key)
    return view.name if view else key
