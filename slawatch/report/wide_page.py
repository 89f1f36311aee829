"""Shows the wide report: as one HTML file, as text for a terminal, as data for scripts.

Holds no sentence and judges nothing. Of ten thousand rows each has to stay light: about 300 bytes, and no loop in it.
"""

from __future__ import annotations

import base64
import hashlib
import math
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple, cast

from slawatch import resources
from slawatch.compare import NEEDS
from slawatch.judging import PROOFS, RESULTS, Judgements
from slawatch.many_values import Figures
from slawatch.model import Measure, Proof
from slawatch.report import proof, render, wide_figures, wide_top
from slawatch.report.book import Book
from slawatch.report.build import build
from slawatch.report.draw import Axis, time_axis
from slawatch.report.sentences import Sentences
from slawatch.report.tally import Who
from slawatch.report.wide import LIMIT, Groups, Together, WideBook
from slawatch.report.words import clean

BAR = 100  # the width of a row's drawing, in its own units: one for each per cent
NULL = (  # what `report --json` knows of a group that only single requests could tell
    "acknowledged",
    "promises",
    "published",
    "in_hours",
    "asked_back",
    "handed_off",
    "complete",
    "reachability",
    "accepting",
    "disclosed",
    "told_again",
)


class Row(NamedTuple):
    """A company in the league, ready to be shown: the row's number in the page; `bar` and `dot` are paths."""

    number: int
    place: str
    name: str
    bar: str
    dot: str
    share: str
    n: str
    missed: str
    median: str
    p90: str


class Count(NamedTuple):
    """An objective on a way and how many companies are proven to meet it, or not to, or neither."""

    objective: str
    measure: str
    way: str
    by_proof: dict[Proof, int]


class Letter(NamedTuple):
    """The companies whose names begin with a letter of A to Z, "" for all others: their keys, in order."""

    name: str
    anchor: str
    companies: tuple[str, ...]


class Picture(NamedTuple):
    """The curve of all companies of a way: paths, and ticks with their labels."""

    x: Axis
    y: Axis
    band: str
    first: str
    answer: str
    objective: float | None
    ticks: tuple[tuple[float, float], ...]


def html(book: WideBook, *, lang: str, folder: Path | None) -> str:
    """Return the report as one self-contained HTML page; raises as render.html."""
    from markupsafe import Markup  # noqa: PLC0415 - comes with jinja2, loaded on use

    style = resources.read("reports/style.css", folder)
    page = _filled(
        "wide.html.j2",
        book,
        lang=lang,
        folder=folder,
        escape=True,
        space=render.NO_BREAK,
        extra={
            "style": Markup(style),  # noqa: S704 - our own file, or the user's own
            "style_hash": base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        },
    )
    return proof.sealed(page, proof.facts(book.material, figures(book)))


def text(book: WideBook, *, lang: str, folder: Path | None) -> str:
    """Return the report's findings as plain text for a terminal; raises as render.html."""
    return _filled("wide.txt.j2", book, lang=lang, folder=folder, escape=False, space=render.NO_BREAK, extra={})


def data(book: WideBook, *, companies: bool = True) -> dict[str, Any]:
    """Return what `report --json` prints: as render.data, with null for what only single requests could tell.

    Without `companies` only the groups over all of them, and not what the last report said of each.
    """
    # All but groups and changes rests on the material alone, which holds no cases here.
    whole = render.data(build(replace(book.material, last=None)))
    together = list(_groups_data(book, book.ways, list(range(len(book.ways.who)))))
    if not companies:
        del whole["since_last"]
        return {**whole, "groups": together}
    groups = list(_groups_data(book, book.groups, book.there.tolist()))
    return {**whole, "groups": [*groups, *together], "since_last": _since_last_data(book)}


def figures(book: WideBook) -> dict[str, Any]:
    """Return what the file holds for machines."""
    return wide_figures.figures(book, data(book, companies=False))


def _filled(
    template: str, book: WideBook, *, lang: str, folder: Path | None, escape: bool, space: str, extra: dict[str, object]
) -> str:
    words = Sentences(lang, folder=folder, space=space)
    shown = _Shown(book, words)
    extra = {**extra, "shown": shown, "needs": NEEDS, "opening": wide_top.opening}
    # Templates of the wide report ask the book for nothing but its material.
    return render.filled(
        template, cast("Book", book), lang=lang, folder=folder, escape=escape, space=space, extra=extra
    )


class _Shown:
    """What the templates of the wide report ask for, in the words of one language."""

    def __init__(self, book: WideBook, words: Sentences) -> None:
        self._book, self._words = book, words
        self._percent = cache(words.percent)
        self._about = cache(words.about)
        self._number = cache(words.number)
        self._markup = cache(self._escaped)

    def counts(self) -> Iterator[Count]:
        """Yield every objective with how many companies are proven what, the ways in order."""
        for (way, observed, objective), by_proof in wide_top.counts(self._book).items():
            yield Count(
                self._words.objective(objective),
                self._words.say(f"measure.{objective.measure}"),
                self._words.channel(way, observed=observed),
                by_proof,
            )

    def channel(self, one: Together) -> str:
        """Return the name of a way."""
        return self._words.channel(one.way, observed=one.observed)

    def channels(self) -> str:
        """Return the names of all ways."""
        return self._words.together([self.channel(one) for one in self._book.together])

    def asked(self) -> str:
        """Return from which day to which was asked."""
        if self._book.asked is None:
            return ""
        since, until = (self._words.date(one, self._book.material.zone) for one in self._book.asked)
        if since == until:
            return self._words.say("page.asked_on", since=since)
        return self._words.say("page.asked_between", since=since, until=until)

    def made_up(self) -> str:
        """Return that all companies are made up, and how much of what they were asked comes from the seed."""
        seed, live, total = self._book.material.made_up_seed, self._book.live, self._book.total
        if not live:
            return self._words.say("made_up.text", seed=seed)
        said = self._words.say("made_up.live", n=live)
        if live == total:
            return self._words.say("made_up.text_live", live=said)
        history = self._words.say("made_up.history", n=total - live, seed=seed)
        return self._words.say("made_up.text_some", made_up=history, live=said)

    def summary(self, one: Together) -> dict[str, str]:
        """Return the figures of all companies of a way together."""
        ways, place = self._book.ways, one.place
        figures = ways.figures[Measure.FIRST_RESPONSE]
        counts = [self._number(int(n)) for n in ways.verdicts[place]]
        return {
            "companies": self._words.say("count.company", n=len(one.league.rows)),
            "n": self._number(int(ways.n[place])),
            **dict(zip(("answered", "missed", "pending", "void"), counts, strict=True)),
            "median": self._time(figures.median[place], figures.followed[place]),
            "p90": self._time(figures.p90[place], figures.followed[place]),
        }

    def rows(self, one: Together) -> Iterator[Row]:
        """Yield the rows of a way's league, the best first."""
        book, league = self._book, one.league
        figures = book.groups.figures[Measure.FIRST_RESPONSE]
        n, missed = book.groups.n[league.rows].tolist(), book.groups.verdicts[league.rows, 1].tolist()
        median, p90 = figures.median[league.rows].tolist(), figures.p90[league.rows].tolist()
        followed = figures.followed[league.rows].tolist()
        for number, (place, best, worst, value, low, high) in enumerate(
            zip(
                league.rows.tolist(),
                league.best.tolist(),
                league.worst.tolist(),
                league.value.tolist(),
                league.low.tolist(),
                league.high.tolist(),
                strict=True,
            )
        ):
            known = not math.isnan(value)
            yield Row(
                number=place,
                place=_span(best, worst),
                name=book.name(place),
                bar=f"M{round(BAR * low)} 5H{round(BAR * high)}" if n[number] else "",
                dot=f"M{round(BAR * value)} 1v8" if known else "",
                share=self._percent(_thousandth(value)) if known else "–",
                n=self._number(n[number]),
                missed=self._number(missed[number]),
                median=self._time(median[number], followed[number]),
                p90=self._time(p90[number], followed[number]),
            )

    def table(self, one: Together, row: str) -> Any:
        """Return the rows of a way's league as markup: each fills in `row`. Only names are foreign, and escaped."""
        from markupsafe import Markup  # noqa: PLC0415 - comes with jinja2, loaded on use

        rows = (found._replace(name=self._markup(found.name)) for found in self.rows(one))
        return Markup("\n".join(row.format(*found) for found in rows))  # noqa: S704 - escaped right above

    def _escaped(self, name: str) -> str:
        from markupsafe import escape  # noqa: PLC0415 - comes with jinja2, loaded on use

        return str(escape(clean(name)))

    def names(self) -> Sequence[Letter]:
        """Return the companies by name: the page is searched by eye where no browser can search it."""
        return self._names

    @cached_property
    def _names(self) -> Sequence[Letter]:
        book = self._book
        named = {book.groups.who[place].company: book.name(place) for place in book.there.tolist()}
        found: dict[str, list[str]] = {}
        for key in sorted(named, key=lambda one: (_plain(named[one]), one)):
            found.setdefault(_letter(clean(named[key])), []).append(key)
        return [Letter(name, f"names-{name.lower() or 'other'}", tuple(found[name])) for name in sorted(found)]

    @cached_property
    def _rows_of(self) -> list[dict[str, tuple[int, str]]]:
        """For each way, by company: the number of its row and what leads there, its place or else its requests."""
        groups = self._book.groups
        return [
            {
                groups.who[place].company: (place, _span(best, worst) or "–")
                for place, best, worst in zip(
                    one.league.rows.tolist(), one.league.best.tolist(), one.league.worst.tolist(), strict=True
                )
            }
            for one in self._book.together
        ]

    def by_name(self, letter: Letter, row: str, cell: str, empty: str) -> Any:
        """Return the rows of companies of a letter as markup: `row` with name and cells, a `cell` for each way."""
        from markupsafe import Markup  # noqa: PLC0415 - comes with jinja2, loaded on use

        view = self._book.material.companies
        rows = []
        for key in letter.companies:
            cells = (cell.format(*ways[key]) if key in ways else empty for ways in self._rows_of)
            name = self._markup(view[key].name if key in view else key)
            rows.append(row.format(name, "".join(cells)))
        return Markup("\n".join(rows))  # noqa: S704 - escaped right above

    def picture(self, one: Together) -> Picture:
        """Return the curve of all companies of a way together."""
        window = one.at[-1].total_seconds()
        limit = one.league.limit.total_seconds()
        x = time_axis((limit / 10, 60.0), high=window, left=38, right=612)
        y = Axis(low=0, high=1, left=190, right=12)
        first, low, high = one.waiting[Measure.FIRST_RESPONSE]
        at = [x.at(time.total_seconds()) for time in one.at]
        over = "".join(f"L{a:g} {y.at(b):g}" for a, b in zip(at, high.tolist(), strict=True) if not math.isnan(b))
        under = "".join(
            f"L{a:g} {y.at(b):g}" for a, b in reversed(list(zip(at, low.tolist(), strict=True))) if not math.isnan(b)
        )
        return Picture(
            x=x,
            y=y,
            band=f"M{over[1:]}{under}Z" if over else "",
            first=_line(at, first.tolist(), y),
            answer=_line(at, one.waiting[Measure.ANSWER][0].tolist(), y),
            objective=x.at(limit),
            ticks=tuple((x.at(time), time) for time in x.times(apart=44)),
        )

    def _time(self, seconds: float, followed: float) -> str:
        """Return a figure, or how long it was looked for in vain."""
        if math.isnan(seconds):
            return self._words.wait(timedelta(seconds=round(followed)), still=True) if followed else "–"
        return self._about(timedelta(seconds=_grain(seconds)))


def _span(best: int, worst: int) -> str:
    return "" if not best else f"{best}" if best == worst else f"{best}–{worst}"


def _plain(name: str) -> str:
    """Return a name as lists are ordered by: no marks, no case."""
    return "".join(one for one in unicodedata.normalize("NFKD", name) if not unicodedata.combining(one)).casefold()


def _letter(name: str) -> str:
    """Return under which letter of A to Z a name stands, marks taken off, "" under none."""
    first = unicodedata.normalize("NFKD", name.strip())[:1].upper()
    return first if "A" <= first <= "Z" else ""


def _grain(seconds: float) -> float:
    """Return the figure as exact as it is shown, so that equal ones are put into words once."""
    return seconds if seconds < 60 else float(seconds // 1 if seconds < 3600 else seconds // 60 * 60)  # noqa: PLR2004


def _thousandth(share: float) -> float:
    """Return the share as exact as it is shown; 0 and 1 only where it is all or none."""
    return share if share < 0.01 or share > 0.99 else round(share, 3)  # noqa: PLR2004


def _line(at: list[float], waiting: list[float], y: Axis) -> str:
    places = [f"{a:g} {y.at(b):g}" for a, b in zip(at, waiting, strict=True) if not math.isnan(b)]
    return f"M{'L'.join(places)}" if places else ""


def _groups_data(book: WideBook, groups: Groups, places: list[int]) -> Iterator[dict[str, Any]]:
    held: dict[int, list[dict[str, Any]]] = {}
    for one in groups.held:
        for number, place in enumerate(one.of.tolist()):
            held.setdefault(place, []).append(_objective_data(one.objective, one.found, number))
    for place in places:
        who: Who = groups.who[place]
        answered, missed, pending, void = (int(n) for n in groups.verdicts[place])
        yield {
            "company": who.company or render.EVERYBODY,
            "channel": who.way,
            "origin": book.origin(who),
            "n": answered + missed + pending,
            "answered": answered,
            "missed": missed,
            "pending": pending,
            "void": void,
            "late": int(groups.late[place]),
            "objectives": held.get(place, []),
            **{str(m): _summary_data(groups, groups.figures[m], place, m) for m in groups.figures},
            "in_review": int(groups.in_review[place]),
            "over": list(book.over(who)),
            **dict.fromkeys(NULL),
        }


def _since_last_data(book: WideBook) -> dict[str, Any] | None:
    last = book.material.last
    if last is None:
        return None
    changed, new = wide_top.changes(book)
    return {
        "made_at": last.made_at.isoformat(),
        "changed": [
            {
                "company": one.who.company,
                "channel": one.who.way,
                "origin": book.origin(one.who),
                **_objective_data(one.objective, one.judged, one.number),
                "was_result": str(result),
                "was_proof": str(proof_before),
            }
            for one, result, proof_before in changed
        ],
        "new": new,
    }


def _objective_data(objective: Any, found: Judgements, number: int) -> dict[str, Any]:
    return {
        "kind": str(objective.kind),
        "measure": str(objective.measure),
        "limit_seconds": objective.limit.total_seconds(),
        "at_least": objective.at_least,
        "value": _known(found.value[number]),
        "low": _known(found.low[number]),
        "high": _known(found.high[number]),
        "result": str(RESULTS[found.result[number]]),
        "proof": str(PROOFS[found.proof[number]]),
        "more_needed": None if found.more_needed[number] < 0 else int(found.more_needed[number]),
        "in_hours": objective.in_hours,
    }


def _summary_data(groups: Groups, figures: Figures, place: int, measure: Measure) -> dict[str, Any]:
    limit = groups.limit(place, measure)
    held = limit is not None and figures.n[place] > 0
    share = figures.shares[LIMIT]
    return {
        "limit_seconds": None if limit is None else limit.total_seconds(),
        "share_within": _known(share.value[place]) if held else None,
        "share_low": float(share.low[place]) if held else None,
        "share_high": float(share.high[place]) if held else None,
        "median": _known(figures.median[place]),
        "median_low": _known(figures.median_low[place]),
        "median_high": _known(figures.median_high[place]),
        "p90": _known(figures.p90[place]),
        "restricted_mean": None if figures.bounded[place] else _known(figures.least[place]),
        "mean_of_answered": _known(figures.mean_of_ended[place]),
    }


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
