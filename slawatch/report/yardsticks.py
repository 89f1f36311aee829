"""Published figures to compare with: reads and checks their file, and sets our own figure beside those it may stand by.

Only the same statistic is set side by side; of all others it says why not. Holds no wording (reports/*.toml do).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from slawatch import resources, tomlfile, values
from slawatch.model import Measure
from slawatch.report.book import Book, Group
from slawatch.report.words import Words, clean
from slawatch.tomlfile import KeyPath, Reader, quoted

FILE = "reports/yardsticks.toml"
KEYS = (
    *("id", "channel", "statistic", "value", "unit", "of_answered_only"),
    *("within", "n", "region", "sector", "year", "source", "note", "unsure"),
)
UNITS = {
    "s": timedelta(seconds=1),
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}
BUSINESS_DAYS = "business d"  # no fixed length of time: it is shown, and never set beside a wait
SHARE = "share"
YEARS = (1990, 2100)


class Statistic(StrEnum):
    """What a published figure is."""

    MEAN = "mean"
    MEDIAN = "median"
    UNANSWERED = "unanswered"
    ANSWERED_WITHIN = "answered_within"
    ACKNOWLEDGED = "acknowledged"

    @property
    def of_time(self) -> bool:
        """Whether it is a time and no share."""
        return self in {Statistic.MEAN, Statistic.MEDIAN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Yardstick:
    """One published figure. `time` or `share` or `business_days` is set, by its statistic; `n` is 0 where not told.

    `note` says more of its source, by language; by "" in whatever language it was written.
    """

    id: str
    channel: str
    statistic: Statistic
    source: str
    year: int
    of_answered_only: bool = False
    time: timedelta | None = None
    share: float | None = None
    business_days: float | None = None
    within: timedelta | None = None
    n: int = 0
    region: str = ""
    sector: str = ""
    unsure: bool = False
    note: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A published figure with ours of the same statistic, or with the key of the reason why none may stand beside it.

    `warning` is "" where the two may be compared, else "window" (compared, though they waited for different times),
    "answered_only", "business_days", "within" or "nothing" (none of ours is there).
    """

    yardstick: Yardstick
    time: timedelta | None = None
    share: float | None = None
    warning: str = ""

    @property
    def comparable(self) -> bool:
        """Return whether a figure of ours stands beside it."""
        return self.time is not None or self.share is not None


def read(folder: Path | None) -> tuple[Yardstick, ...]:
    """Return the published figures of the user's own file, else of ours.

    Raises:
        ConfigError: with every mistake in the file, in the order of its lines.
    """
    reader = Reader(tomlfile.read(resources.find(FILE, folder)))
    data, mistakes = reader.document.data, reader.mistakes
    mistakes.add_unknown_keys((), data, ("yardstick",))
    tables = data.get("yardstick", [])
    if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
        mistakes.add(("yardstick",), f"{quoted(tables)} is not a list of tables; write [[yardstick]]")
        tables = []
    found = [_yardstick(reader, ("yardstick", index), table) for index, table in enumerate(tables)]
    first: dict[str, int] = {}
    for index, one in enumerate(found):
        if one is not None and first.setdefault(one.id, index) != index:
            line = reader.document.line(("yardstick", first[one.id], "id"))
            mistakes.add(("yardstick", index, "id"), f'"{one.id}" is on line {line}, too; write another')
    mistakes.stop_if_any()
    return tuple(one for one in found if one is not None)


def _yardstick(reader: Reader, path: KeyPath, table: Mapping[str, Any]) -> Yardstick | None:
    reader.mistakes.add_unknown_keys(path, table, KEYS)
    name = reader.need(path, table, "id", values.name, '"example-2026-mean"')
    channel = reader.need(path, table, "channel", values.name, '"email"')
    statistic = reader.need(path, table, "statistic", _statistic, '"mean"')
    unit = reader.need(path, table, "unit", values.choice([*UNITS, BUSINESS_DAYS, SHARE], "unit"), '"min"')
    number = reader.need(path, table, "value", _positive, "12")
    source = reader.need(path, table, "source", values.text, '"who published it, and when"')
    year = reader.need(path, table, "year", values.whole(*YEARS), "2026")
    within = reader.take(path, table, "within", values.duration, None)
    only = reader.take(path, table, "of_answered_only", values.truth, default=False)
    rest: dict[str, Any] = {
        "n": reader.take(path, table, "n", values.whole(1), 0),
        "region": reader.take(path, table, "region", values.text, ""),
        "sector": reader.take(path, table, "sector", values.text, ""),
        "unsure": reader.take(path, table, "unsure", values.truth, default=False),
        "note": reader.take(path, table, "note", _note, {}),
    }
    if statistic is None or unit is None or number is None:
        return None
    if statistic.of_time is (unit == SHARE):
        cure = '"min"' if statistic.of_time else f'"{SHARE}"'
        reader.mistakes.add((*path, "unit"), f'"{unit}" is no unit of "{statistic}"; write {cure}')
        return None
    if unit == SHARE and number > 1:
        reader.mistakes.add((*path, "value"), f"{quoted(table['value'])} is not a share; write 0.9 for 90 %")
        return None
    if statistic is Statistic.ANSWERED_WITHIN and within is None and "within" not in table:
        reader.mistakes.add(path, '"within" is missing; write within = "24 h"')
        return None
    if not (name and channel and source and year):
        return None
    return Yardstick(
        id=name,
        channel=channel,
        statistic=statistic,
        source=source,
        year=year,
        of_answered_only=bool(only),
        time=number * UNITS[unit] if unit in UNITS else None,
        share=number if unit == SHARE else None,
        business_days=number if unit == BUSINESS_DAYS else None,
        within=within,
        **rest,
    )


def figure(words: Words, one: Yardstick) -> str:
    """Return in words what a published figure is."""
    if one.within is not None:
        key = "unanswered_within" if one.statistic is Statistic.UNANSWERED else str(one.statistic)
        return words.say(f"yardsticks.{key}", within=words.limit(one.within))
    only = "_of_answered_only" if one.of_answered_only and one.statistic.of_time else ""
    return words.say(f"yardsticks.{one.statistic}{only}")


def theirs(words: Words, one: Yardstick) -> str:
    """Return a published figure."""
    if one.business_days is not None:
        number = words.decimal(f"{one.business_days:g}")
        return words.say("yardsticks.business_days", n=1 if one.business_days == 1 else 2, number=number)
    return words.percent(one.share) if one.share is not None else words.wait(one.time or timedelta(0))


def ours(words: Words, found: Beside) -> str:
    """Return our own figure beside a published one; where none may stand there, why not."""
    if found.time is not None:
        return words.about(found.time)
    return words.percent(found.share) if found.share is not None else words.say("format.none")


def warning(words: Words, found: Beside, group: Group) -> str:
    """Return what differs between a published figure and ours, "" where only the askers do."""
    if not found.warning:
        return ""
    within = words.limit(found.yardstick.within) if found.yardstick.within else ""
    why = words.say(f"yardsticks.why.{found.warning}", within=within, window=words.limit(group.window))
    return why if found.comparable else words.say("yardsticks.not_comparable", why=why)


def basis(words: Words, one: Yardstick) -> str:
    """Return of whom a published figure is and when; what the words do not know is shown as it is written."""
    parts = [str(one.year)]
    for kind, key in (("region", one.region), ("sector", one.sector)):
        if key:
            parts.append(words.say(f"yardsticks.{kind}.{key}") if words.has(f"yardsticks.{kind}.{key}") else key)
    if one.n:
        parts.append(words.say("yardsticks.n", n=one.n))
    if one.unsure:
        parts.append(words.say("yardsticks.unsure"))
    return str(words.entry("format.list")).join(parts)


def source(words: Words, one: Yardstick) -> str:
    """Return who published a figure where, and what is said of that, in English where this language has no note."""
    locale = str(words.entry("format.locale")).partition("_")[0]
    said = one.note.get(locale) or one.note.get("") or one.note.get("en", "")
    return words.say("yardsticks.sourced", source=one.source, note=said) if said else one.source


def data(book: Book, known: tuple[Yardstick, ...]) -> list[dict[str, Any]]:
    """Return each published figure of the book's channels with ours beside it, as `report --json` has them.

    Times are seconds. `warning` says why ours is missing, or in what it differs; see `Beside`.
    """
    return [
        {
            "id": one.yardstick.id,
            "channel": group.channel,
            "statistic": str(one.yardstick.statistic),
            "within_seconds": _value(one.yardstick.within),
            "of_answered_only": one.yardstick.of_answered_only,
            "theirs": _value(one.yardstick.time, one.yardstick.share, one.yardstick.business_days),
            "unit": _unit(one.yardstick),
            "ours": _value(one.time, one.share),
            "warning": one.warning or None,
            "year": one.yardstick.year,
            "n": one.yardstick.n or None,
            "region": clean(one.yardstick.region),
            "sector": clean(one.yardstick.sector),
            "unsure": one.yardstick.unsure,
            "source": clean(one.yardstick.source),
            "note": {lang: clean(said) for lang, said in one.yardstick.note.items()},
        }
        for group, lot in beside(book, known)
        for one in lot
    ]


def _value(time: timedelta | None, *others: float | None) -> float | None:
    return time.total_seconds() if time is not None else next((one for one in others if one is not None), None)


def _unit(one: Yardstick) -> str:
    return "s" if one.time is not None else SHARE if one.share is not None else BUSINESS_DAYS


def _note(value: Any) -> Mapping[str, str]:
    if isinstance(value, dict) and value:
        return {values.name(lang): values.text(said) for lang, said in value.items()}
    if isinstance(value, str):
        return {"": values.text(value)}
    raise ValueError(f'{quoted(value)} is no text; write note = "read at example.org", or {{ en = "…", de = "…" }}')


def _statistic(value: Any) -> Statistic:
    return Statistic(values.choice([str(one) for one in Statistic], "statistic")(value))


def _positive(value: Any) -> float:
    found = values.number(value)
    if found <= 0:
        raise ValueError(f"{quoted(value)} is not more than nothing; write what was published")
    return found


def beside(book: Book, known: tuple[Yardstick, ...]) -> tuple[tuple[Group, tuple[Beside, ...]], ...]:
    """Return for each channel of the book the published figures, with ours over all its companies beside them.

    Figures of one statistic stand together, the newest first.

    Questions that were only observed are no basis: others chose them.
    """
    order = list(Statistic)
    known = tuple(sorted(known, key=lambda one: (order.index(one.statistic), -one.year)))
    lots = (
        (group, tuple(_beside(one, group) for one in known if one.channel == group.channel))
        for group in book.channels
        if not group.observed
    )
    return tuple((group, lot) for group, lot in lots if lot)


def _beside(one: Yardstick, group: Group) -> Beside:
    if not group.n:
        return Beside(yardstick=one, warning="nothing")
    if one.statistic.of_time:
        return _time_beside(one, group)
    return _share_beside(one, group)


def _share_beside(one: Yardstick, group: Group) -> Beside:
    if one.statistic is Statistic.ACKNOWLEDGED:
        return Beside(yardstick=one, share=group.receipts.acknowledged / group.n)
    line = group.within(Measure.FIRST_RESPONSE, one.within or group.window)
    if line is None or line.share is None:
        return Beside(yardstick=one, warning="within" if line is None else "nothing")
    if one.statistic is Statistic.ANSWERED_WITHIN:
        return Beside(yardstick=one, share=line.share)
    return Beside(yardstick=one, share=max(0.0, 1 - line.share), warning="" if one.within else "window")


def _time_beside(one: Yardstick, group: Group) -> Beside:
    found = group.first_response
    if one.business_days is not None:
        return Beside(yardstick=one, warning="business_days")
    if one.statistic is Statistic.MEDIAN and one.of_answered_only:
        return Beside(yardstick=one, warning="answered_only")
    if one.statistic is Statistic.MEDIAN:
        ours = found.median
    else:
        ours = found.mean_of_answered if one.of_answered_only else found.restricted_mean
    return Beside(yardstick=one, time=ours, warning="" if ours is not None else "nothing")
