"""Reads the keys that defaults, channels, companies and targets share, and makes of them what holds for one target.

Each value remembers where it was written, so that what is inherited is blamed on its own line.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from typing import Any

from slawatch import burden, periods, timetable, values
from slawatch.burden import Limits
from slawatch.durations import show
from slawatch.hours import ServiceHours
from slawatch.model import Measure, Mode, Objective, ObjectiveKind, PublishedPromise, Relationship, Standard
from slawatch.plan import NO_TIME, Cron, Every, Schedule
from slawatch.strata import A_WEEK_MAX, WEEK, Random
from slawatch.tomlfile import KeyPath, Reader, quoted, where
from slawatch.values import NONE

SCHEDULES = ("every", "cron", "random")
KEYS = (
    *(
        "window",
        "late",
        "every",
        "cron",
        "random",
        "jitter",
        "language",
        "probes",
        "first_response",
        "answer",
        "limits",
    ),
    *("hours", "holidays", "promise", "follow_up", "thanks", "mode", "period", "warn_at"),
)
JITTER_MAX = timedelta(days=1)
RANDOM = tuple(one.name for one in fields(Random))
RANDOM_EXAMPLE = '{ times = 4, per = "28 d" }'
OBJECTIVE = ("mean", "share", "within", "clock")
SERVICE = "service"  # the clock that stands still while they are closed
CLOCKS = (SERVICE, "wall")
LIMITS = tuple(limit.name for limit in fields(Limits))
EXAMPLE = '{ mean = "1 h" } or { share = 0.9, within = "5 min" }'

# What a channel is held to that names no STANDARD of its own: that of e-mail (docs/explanation.md, "Objectives").
STANDARD = Standard(
    objectives=(
        Objective(measure=Measure.FIRST_RESPONSE, kind=ObjectiveKind.MEAN, limit=timedelta(hours=1)),
        Objective(measure=Measure.ANSWER, kind=ObjectiveKind.SHARE, limit=timedelta(hours=24), at_least=0.9),
    ),
    window=timedelta(days=7),
)


@dataclass(frozen=True, slots=True)
class Given:
    """A value that was written and where."""

    value: Any
    path: KeyPath


Layer = dict[str, Given]
"""What one table gives: by key, "every", "cron" and "random" as "schedule", limits one by one as "limits.open"."""


def read(
    reader: Reader, path: KeyPath, table: Mapping[str, Any], *, probes: Collection[str], langs: Collection[str]
) -> Layer:
    """Return the shared keys of the table at `path`; other keys are the caller's matter."""
    found: dict[str, Any] = {
        "window": reader.take(path, table, "window", values.duration, None),
        "late": reader.take(path, table, "late", values.duration, None),
        "language": reader.take(path, table, "language", values.choice(sorted(langs), "probe worded in"), None),
        "probes": _probes(reader, path, table, probes),
        "hours": timetable.hours(reader, path, table),
        "holidays": timetable.holidays(reader, path, table),
        "promise": timetable.promise(reader, path, table),
        "follow_up": reader.take(path, table, "follow_up", values.truth, None),
        "thanks": reader.take(path, table, "thanks", values.truth, None),
        "period": reader.take(path, table, "period", _period, None),
        "warn_at": _warn_at(reader, path, table),
        "mode": reader.take(path, table, "mode", values.choice([str(one) for one in Mode], "mode"), None),
    }
    layer = {key: Given(value, (*path, key)) for key, value in found.items() if value is not None}
    layer |= _schedule(reader, path, table) | _jitter(reader, path, table)
    for measure in Measure:
        layer |= _objective(reader, path, table, measure)
    return layer | _limits(reader, path, table)


def schedule(layer: Layer) -> Schedule | None:
    """Return when to ask, None where nothing was written."""
    given = layer.get("schedule")
    return given.value if given else None


def jitter(layer: Layer) -> timedelta:
    """Return by how much a slot may be late on purpose, no time where nothing was written."""
    return layer["jitter"].value if "jitter" in layer else NO_TIME


def hours(layer: Layer) -> ServiceHours:
    """Return when they are there and which holidays they keep."""
    stated = layer["hours"].value if "hours" in layer else ServiceHours()
    return replace(stated, holidays=layer["holidays"].value if "holidays" in layer else None)


def promise(layer: Layer) -> PublishedPromise | None:
    """Return what they publicly say of their reply time, None where nothing was written."""
    published = layer["promise"].value if "promise" in layer else PublishedPromise()
    return published if published.within or published.business_days else None


def terms(layer: Layer) -> periods.Terms:
    """Return over which period the objectives are kept, and at which shares of the error budget to warn."""
    given = {"kind": layer.get("period"), "warn_at": layer.get("warn_at")}
    return replace(periods.Terms(), **{name: one.value for name, one in given.items() if one is not None})


def switch(layer: Layer, key: str, *, default: bool) -> bool:
    """Return what was written of something that is either on or off."""
    return bool(layer[key].value) if key in layer else default


def standard(reader: Reader, layer: Layer, built_in: Standard, *, company: str) -> Standard:
    """Return what a target with these values is held to, `built_in` where nothing was written."""
    window = layer["window"].value if "window" in layer else built_in.window
    late = layer["late"].value if "late" in layer else max(built_in.late, window)
    if late < window:
        reader.mistakes.add(
            layer["late"].path, f'"{show(late)}" is shorter than the window of "{show(window)}"; write that or more'
        )
    by_measure = {objective.measure: objective for objective in built_in.objectives}
    objectives = []
    for measure in Measure:
        given = layer.get(measure)
        objective = given.value if given else by_measure.get(measure)
        if objective is None:
            continue
        objectives.append(objective)
        if given and objective.in_hours:
            _service_clock(reader, given, hours(layer), window, company)
        limit = show(objective.limit)
        if objective.limit <= window:
            continue
        if given:
            cure = f'"{limit}" is longer than the window of "{show(window)}", so it would always be met; write less'
            reader.mistakes.add(given.path, cure)
        else:
            cure = (
                f'"{show(window)}" is shorter than the limit of {measure}, by default "{limit}"; write {measure}, too'
            )
            reader.mistakes.add(layer["window"].path, cure)
    return Standard(objectives=tuple(objectives), window=window, late=late)


def held_to(layer: Layer, built_in: Standard) -> Standard:
    """Return what somebody without a target of their own is held to by these values (an imported company).

    Whether they fit each other is only checked where a target has them, so the window is as long as the longest limit.
    Objectives in service hours are left out: whose hours those would be nobody said.
    """
    by_measure = {objective.measure: objective for objective in built_in.objectives}
    given = {measure: layer[measure].value for measure in Measure if measure in layer}
    chosen = (given[measure] if measure in given else by_measure.get(measure) for measure in Measure)
    objectives = tuple(one for one in chosen if one is not None and not one.in_hours)
    window = layer["window"].value if "window" in layer else built_in.window
    window = max([window, *(one.limit for one in objectives)])
    late = layer["late"].value if "late" in layer else built_in.late
    return Standard(objectives=objectives, window=window, late=max(late, window))


def _service_clock(reader: Reader, given: Given, hours: ServiceHours, window: timedelta, company: str) -> None:
    """Note an objective in service hours that are not known, or whose limit no window holds."""
    whose = where(("company", company))
    if not hours.stated:
        reader.mistakes.add(
            (*given.path, "clock"), f'"{SERVICE}" needs the service hours of {whose}; write hours there, or "wall"'
        )
    limit, most = given.value.limit, hours.at_most(window)
    if limit > most:
        reader.mistakes.add(
            given.path,
            f'"{show(limit)}" of service time are more than the "{show(most)}" that {whose} is there in a window of '
            f'"{show(window)}"; write less',
        )


def limits(reader: Reader, layer: Layer, *, company: str, relationship: Relationship, reason: str) -> Limits:
    """Return what the company is asked to bear.

    An own one has no limits but those written for itself. Limits raised for others without a reason are mistakes.
    """
    given = {
        name: layer[f"limits.{name}"]
        for name in LIMITS
        if f"limits.{name}" in layer
        and (relationship is not Relationship.OWN or layer[f"limits.{name}"].path[0] == "company")
    }
    configured = {name: one.value for name, one in given.items()}
    try:
        return burden.limits_for(relationship, configured, reason)
    except ValueError:
        for name in burden.raised(replace(burden.DEFAULT, **configured)):
            value, default = configured[name], getattr(burden.DEFAULT, name)
            reader.mistakes.add(
                given[name].path,
                f'"{_limit(value)}" asks more of {where(("company", company))} than the usual "{_limit(default)}"; '
                "say why with limits_reason there, or lower it",
            )
        return burden.DEFAULT


def _limit(value: burden.Limit) -> str:
    if value is None:
        return NONE
    return show(value) if isinstance(value, timedelta) else str(value)


def _probes(reader: Reader, path: KeyPath, table: Mapping[str, Any], known: Collection[str]) -> tuple[str, ...] | None:
    names = reader.each(path, table, "probes", values.choice(sorted(known), "probe"))
    if names is None or len(names) < len(table["probes"]):
        return None
    if not names:
        reader.mistakes.add((*path, "probes"), '"[]" names no probe; leave the key out for all suitable ones')
        return None
    return names


def _period(value: Any) -> periods.Kind:
    return periods.read(values.text(value))


def _warn_at(reader: Reader, path: KeyPath, table: Mapping[str, Any]) -> tuple[float, ...] | None:
    """Return the shares to warn at, rising; "none" is not to warn."""
    if table.get("warn_at") == NONE:
        return ()
    if isinstance(table.get("warn_at"), list):
        shares = reader.each(path, table, "warn_at", values.share) or ()
        return tuple(sorted(set(shares)))
    share = reader.take(path, table, "warn_at", values.share, None)
    return None if share is None else (share,)


def _schedule(reader: Reader, path: KeyPath, table: Mapping[str, Any]) -> Layer:
    given = [key for key in SCHEDULES if key in table]
    if len(given) > 1:
        how_many = "two" if len(given) == 2 else "three"  # noqa: PLR2004  as it says
        for key in given[1:]:
            reader.mistakes.add((*path, key), f'"{given[0]}" is given as well; keep one of the {how_many}')
        return {}
    if not given:
        return {}
    (key,) = given
    made: Schedule | None
    if key == "random":
        made = _random(reader, path, table)
    elif key == "every":
        made = reader.take(path, table, "every", _every, None)
    else:
        made = reader.take(path, table, "cron", lambda value: Cron(values.text(value)), None)
    return {"schedule": Given(made, (*path, key))} if made else {}


def _random(reader: Reader, path: KeyPath, table: Mapping[str, Any]) -> Random | None:
    here = (*path, "random")
    value = table["random"]
    if not isinstance(value, dict):
        reader.mistakes.add(
            here, f"{quoted(value)} says neither how often nor per what; write random = {RANDOM_EXAMPLE}"
        )
        return None
    reader.mistakes.add_unknown_keys(here, value, RANDOM)
    per = reader.need(here, value, "per", _weeks, '"28 d"')
    # How many are too many hangs on per; where that is mistaken the times are looked at with the next try.
    most = A_WEEK_MAX * (per // WEEK) if per else None
    times = reader.need(here, value, "times", values.whole(1, most), "4")
    shares = {name: reader.take(here, value, name, values.share_or_none, None) for name in ("weekend", "night")}
    if times is None or per is None:
        return None
    return Random(times, per, **{name: share for name, share in shares.items() if share is not None})


def _weeks(value: Any) -> timedelta:
    """Return whole weeks: only they hold every hour of the week equally often."""
    length = values.duration(value)
    if length % WEEK:
        raise ValueError(f'{quoted(value)} is not whole weeks; write "28 d" or "7 d"')
    return length


def _jitter(reader: Reader, path: KeyPath, table: Mapping[str, Any]) -> Layer:
    value = reader.take(path, table, "jitter", values.duration_or_zero, None)
    if value is None:
        return {}
    if "random" in table:
        cure = "the minutes of random are drawn already; leave jitter out"
        reader.mistakes.add((*path, "jitter"), f"{quoted(table['jitter'])} has nothing to do here: {cure}")
    elif value > JITTER_MAX:
        cure = f'"{show(value)}" is no longer about the time it was planned for; write "{show(JITTER_MAX)}" or less'
        reader.mistakes.add((*path, "jitter"), cure)
    return {"jitter": Given(value, (*path, "jitter"))}


def _every(value: Any) -> Every:
    interval = values.duration(value)
    try:
        return Every(interval)
    except ValueError:
        raise ValueError(f'{quoted(value)} is not whole minutes; write "7 d" or "12 h"') from None


def _objective(reader: Reader, path: KeyPath, table: Mapping[str, Any], measure: Measure) -> Layer:
    if measure not in table:
        return {}
    here = (*path, measure)
    value = table[measure]
    if value == NONE:
        return {measure: Given(None, here)}
    if not isinstance(value, dict):
        reader.mistakes.add(here, f'{quoted(value)} is not an objective; write {EXAMPLE}, or "{NONE}"')
        return {}
    reader.mistakes.add_unknown_keys(here, value, OBJECTIVE)
    mean = reader.take(here, value, "mean", values.duration, None)
    at_least = reader.take(here, value, "share", values.share, None)
    within = reader.take(here, value, "within", values.duration, None)
    in_hours = reader.take(here, value, "clock", values.choice(CLOCKS, "clock"), "wall") == SERVICE
    keys = [key for key in ("mean", "share", "within") if key in value]
    objective = None
    if keys == ["mean"] and mean:
        objective = Objective(measure=measure, kind=ObjectiveKind.MEAN, limit=mean, in_hours=in_hours)
    elif keys == ["share", "within"] and at_least and within:
        objective = Objective(
            measure=measure, kind=ObjectiveKind.SHARE, limit=within, at_least=at_least, in_hours=in_hours
        )
    elif keys not in (["mean"], ["share", "within"]):
        reader.mistakes.add(here, f"{_wrong_keys(keys)}; write {EXAMPLE}")
    return {measure: Given(objective, here)} if objective else {}


def _wrong_keys(keys: list[str]) -> str:
    if not keys:
        return 'neither "mean" nor "share" is given'
    if "mean" in keys:
        return f'"mean" and "{keys[1]}" are given together'
    missing = "within" if keys == ["share"] else "share"
    return f'"{missing}" is missing beside "{keys[0]}"'


def _limits(reader: Reader, path: KeyPath, table: Mapping[str, Any]) -> Layer:
    here = (*path, "limits")
    inner = reader.table(path, table, "limits", "limits = { open = 1 }")
    reader.mistakes.add_unknown_keys(here, inner, LIMITS)
    layer = {}
    for name in LIMITS:
        if name in inner:
            read_one = values.unlimited_or(values.duration_or_zero if name == "cooldown" else values.whole(1))
            try:
                layer[f"limits.{name}"] = Given(read_one(inner[name]), (*here, name))
            except ValueError as error:
                reader.mistakes.add((*here, name), str(error))
    return layer
