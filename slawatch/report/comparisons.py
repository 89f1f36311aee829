"""How comparisons are written: figures with their intervals, differences with their signs, places, languages.

Holds no sentence (reports/*.toml do); what it returns for a figure that cannot be said is a dash or a reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR
from itertools import groupby

from slawatch.compare import Estimate, Place
from slawatch.report.across import Counted, OnWay
from slawatch.report.book import Book, Group, LeagueRow
from slawatch.report.change import ChangeLine
from slawatch.report.sentences import Sentences
from slawatch.report.when import AlwaysOn, Cell, Figure, When
from slawatch.report.words import Words

MINUS = "\N{MINUS SIGN}"
EVEN = 0.005  # of a difference in points: what rounds to none has no sign
SHADES = 6
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def value(words: Words, figure: Figure, *, is_time: bool) -> str:
    """Return the figure: "87 %", "1 h 20 min", or a dash where too few carry one."""
    found = figure.estimate
    if found is None or found.value is None:
        return words.say("format.none")
    return words.about(found.value) if is_time else words.percent(found.value)


def interval(words: Words, found: Estimate | None, *, is_time: bool) -> str:
    """Return from where to where the interval reaches, rounded outwards; "" without one."""
    if found is None:
        return ""
    low, high = found.low, found.high
    if is_time:
        return words.say("format.range", low=words.about(low), high=words.about(high, up=True))
    return words.say(
        "format.range",
        low=words.percent(low, rounding=ROUND_FLOOR),
        high=words.percent(high, rounding=ROUND_CEILING),
    )


def with_interval(words: Words, figure: Figure, *, is_time: bool) -> str:
    """Return the figure with its interval and n, or that there are too few."""
    if figure.estimate is None:
        return words.say("when.too_few", n=figure.n)
    return words.say(
        "when.figure",
        value=value(words, figure, is_time=is_time),
        range=interval(words, figure.estimate, is_time=is_time),
        n=figure.n,
    )


def difference(words: Words, line: ChangeLine) -> str:
    """Return how much a figure has moved, with its sign."""
    found = line.difference
    if found is None or found.value is None:
        return words.say("format.none")
    return signed(words, found.value, is_time=line.is_time)


def difference_interval(words: Words, found: Estimate | None, *, is_time: bool) -> str:
    """Return from where to where a difference may reach."""
    if found is None:
        return ""
    low, high = (signed(words, end, is_time=is_time) for end in (found.low, found.high))
    return words.say("format.range", low=low, high=high)


def signed(words: Words, amount: float, *, is_time: bool) -> str:
    """Return an amount with its sign: seconds as a duration, shares as points."""
    sign = "+" if amount > 0 else MINUS
    if is_time:
        return words.say("change.even") if abs(amount) < 1 else f"{sign}{words.about(abs(amount))}"
    if abs(amount) < EVEN:
        return words.say("change.even")
    points = round(abs(amount) * 100)
    return words.say("change.points", n=points, amount=f"{sign}{points}")


def change_in_words(words: Sentences, line: ChangeLine) -> str:
    """Return in one line what a figure was, what it is, and whether a difference is proven."""
    limit = words.limit(line.limit)
    figures = {
        name: with_interval(words, found, is_time=line.is_time)
        for name, found in (("before", line.before), ("now", line.now))
    }
    return words.say(
        "text.change" if line.difference else "text.change_none",
        measure=words.say(f"measure.{line.measure}"),
        objective=words.objective(line.objective) if line.objective else words.say("change.share", limit=limit),
        difference=difference(words, line),
        range=difference_interval(words, line.difference, is_time=line.is_time),
        says=words.say(f"change.{line.direction or 'too_few'}"),
        **figures,
    )


def by_place(words: Words, league: LeagueRow) -> Iterator[tuple[str, list[Group]]]:
    """Yield each place with those who share it, as the league has them; who has none comes with a dash."""
    for said, rows in groupby(league.rows, key=lambda row: place(words, row.place)):
        yield said, [row.group for row in rows]


def index(words: Words, found: AlwaysOn) -> str:
    """Return the always-on index with its interval, or that it cannot be said."""
    if found.ratio is None:
        return words.say("when.index_none")
    low, middle = (_hundredths(words, one) for one in (found.ratio.low, found.ratio.value))
    if found.ratio.high is None:
        return words.say("when.index_open", value=middle, low=low)
    return words.say("when.index", value=middle, low=low, high=_hundredths(words, found.ratio.high))


def _hundredths(words: Words, number: float) -> str:
    return words.decimal(f"{number:.2f}")


def place(words: Words, found: Place | None) -> str:
    """Return "2" or "1–3"; a dash without a place."""
    if found is None:
        return words.say("format.none")
    if found.certain:
        return words.number(found.best)
    return words.say("places.range", best=found.best, worst=found.worst)


def place_of(words: Words, league: LeagueRow, group: Group) -> str:
    """Return the place of a group in a league."""
    return place(words, next((row.place for row in league.rows if row.group.anchor == group.anchor), None))


def counted(words: Words, found: Counted) -> str:
    """Return "3 of 40 (2 % to 20 %)", or a dash where there was nothing to count."""
    if found.low is None or found.high is None:
        return words.say("format.none")
    return words.say(
        "across.counted",
        n=found.n,
        of=found.of,
        low=words.percent(found.low, rounding=ROUND_FLOOR),
        high=words.percent(found.high, rounding=ROUND_CEILING),
    )


def median(words: Words, found: OnWay) -> str:
    """Return the median wait with its interval, or for how long it was waited in vain."""
    if found.median is None:
        return words.wait(round(found.followed), still=True)
    if found.median_low is None or found.median_high is None:
        return words.about(found.median)
    reach = words.say("format.range", low=words.about(found.median_low), high=words.about(found.median_high, up=True))
    return words.say("across.median", value=words.about(found.median), range=reach)


def lang(words: Words, code: str) -> str:
    """Return a language's name."""
    return words.say(f"across.lang.{code}") if words.has(f"across.lang.{code}") else code


def langs(words: Words, found: Mapping[str, int]) -> str:
    """Return languages with their counts."""
    return str(words.entry("format.list")).join(f"{lang(words, code)} {words.number(n)}" for code, n in found.items())


def company(book: Book, key: str) -> str:
    """Return a company's name."""
    found = book.material.companies.get(key)
    return found.name if found else key


def hours(words: Words, cell: Cell, span: int) -> str:
    """Return from when to when a cell of the heat map lasts."""
    return words.say("when.hours", first=f"{cell.hour:02}", last=f"{cell.hour + span:02}")


def day(words: Words, number: int) -> str:
    """Return the short name of a weekday, 0 being Monday."""
    return words.say(f"when.day.{_DAYS[number]}")


def shade(cell: Cell) -> int | None:
    """Return how dark a cell is drawn, 0 to 5; None where too few carry a figure."""
    found = cell.figure.estimate
    if found is None or found.value is None:
        return None
    return min(SHADES - 1, int(found.value * SHADES))


def heat_in_words(words: Words, found: When) -> str:
    """Return in words what the heat map shows: its best and its worst hours."""
    cells = [cell for cell in found.heat.cells if shade(cell) is not None] if found.heat else []
    if not found.heat or not cells:
        return ""
    span = found.heat.hours

    def said(cell: Cell) -> str:
        figure = with_interval(words, cell.figure, is_time=False)
        return words.say("when.cell", day=day(words, cell.day), hours=hours(words, cell, span), figure=figure)

    def share(cell: Cell) -> float:
        return (cell.figure.estimate.value or 0.0) if cell.figure.estimate else 0.0

    return words.say("when.drawn", worst=said(min(cells, key=share)), best=said(max(cells, key=share)))
