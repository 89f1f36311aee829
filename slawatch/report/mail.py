"""A report as a mail: its subject, which says the verdict, a short table with bars of table cells, the same as text.

Chooses what a mail has room for; judges nothing, and holds no sentence (reports/*.toml do). Sends nothing.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote
from zoneinfo import ZoneInfo

from slawatch.clock import MICROSECOND
from slawatch.model import Measure, Objective, Proof, Result
from slawatch.report import render
from slawatch.report.book import BoardRow, Book, Group, Statement
from slawatch.report.model import Material
from slawatch.report.opening import opening
from slawatch.report.pictures import picture
from slawatch.report.sentences import Sentences
from slawatch.report.words import clean

ROWS_MAX = 80  # 1 kB each: Gmail cuts a letter off near 102 kB, as many have measured (2026-11-22)
OBJECTIVES_MAX = 16  # each has a heading and says what it leaves out
TOLD_MAX = 3  # objectives that have a sentence at the top; each has its table below
LEAST_ROWS = 2  # of an objective, however many there are
BAR = 150  # pixels: fits beside a name on a phone
MEAN_SCALE = 2  # the bar of a mean reaches to twice its objective, so that the objective stands in the middle
GOAL_WIDE, VALUE_WIDE = 3, 6  # pixels
NAME_MAX = 60  # characters; a longer name would push the figures off the page
TEXT_WIDE = 76
LOGO_WIDE, LOGO_HIGH = 200, 56  # pixels at most
CONTENT_ID = "logo"
_WORST_FIRST = (
    (Proof.NOT_MET, None),
    (Proof.NOT_PROVEN, Result.NOT_MET),
    (Proof.NOT_PROVEN, Result.MET),
    (Proof.NOT_PROVEN, None),
    (Proof.MET, None),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """What a mail says. `html` shows a picture as "cid:logo" where `shows_logo`; `stop` is a farewell's subject."""

    subject: str
    stop: str
    text: str
    html: str
    shows_logo: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """What a mail says of itself: who sends it to whom, as what, with which file; a logo's bytes and media type."""

    name: str
    sender: str
    to: str
    attached: str
    logo: bytes | None = None
    logo_media: str = ""


class HasMaterial(Protocol):
    """A book of any kind."""

    @property
    def material(self) -> Material:
        """What it is about."""
        ...


@dataclass(frozen=True, slots=True)
class Cell:
    """A stretch of a bar: how many pixels, and whether it is track, band, value or goal."""

    wide: int
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One company and one objective. `tone` is "met", "not_met" or "open"; there is no bar where nothing is known."""

    company: str
    figure: str
    n: int
    said: str
    tone: str
    bar: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One objective with the lines shown, the worst first, and how many are left to the attachment."""

    title: str
    scale: str
    lines: tuple[Line, ...]
    left_out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Logo:
    """The picture above the mail, as wide and high as it is shown."""

    wide: int
    high: int


def mail(book: Book, sending: Sending, *, lang: str = "en", folder: Path | None = None) -> Mail:
    """Return the mail. Raises as render.html."""
    words, plain = (Words(lang, folder=folder, space=space) for space in (render.NO_BREAK, " "))
    return filled(book, sending, _said(words, book), subject=subject(plain, book), lang=lang, folder=folder)


def filled(
    book: Book,
    sending: Sending,
    said: Mapping[str, object],
    *,
    subject: str,
    lang: str,
    folder: Path | None,
) -> Mail:
    """Return a mail whose templates are filled with what is said, as HTML and as plain text; see `_said`."""
    logo = _logo(sending)
    stop = " ".join(clean(Words(lang, folder=folder, space=" ").say("mail.stop_subject", name=sending.name)).split())
    together = {
        "sending": sending,
        "logo": logo,
        "stop_link": f"mailto:{quote(sending.sender, safe='@')}?subject={quote(stop)}",
    }
    html = render.filled(
        "mail.html.j2",
        book,
        lang=lang,
        folder=folder,
        escape=True,
        space=render.NO_BREAK,
        extra={**together, **said},
    )
    text = render.filled(
        "mail.txt.j2",
        book,
        lang=lang,
        folder=folder,
        escape=False,
        space=render.NO_BREAK,  # until lines are folded: a number must not part from its unit
        extra={**together, "fold": _fold, "by_proof": _by_proof, **said},
    ).replace(render.NO_BREAK, " ")
    return Mail(subject=subject, stop=stop, text=text, html=html, shows_logo=logo is not None)


def subject(words: Words, book: Book) -> str:
    """Return the subject: the verdict, and the days it is about; one line, whatever a company is called."""
    said = words.say("mail.subject", verdict=words.verdict_of(book), days=words.days(book))
    return " ".join(clean(said).split())


class Words(Sentences):
    """The words of a mail in one language."""

    def verdict_of(self, book: Book) -> str:
        """Return the one sentence that a reader who reads no further takes away."""
        if not book.entries:
            return self.say("mail.nothing")
        row = headline(book)
        if row is None:
            return self.say(
                "mail.no_objective",
                companies=self.say("count.company", n=book.companies),
                requests=self.say("count.request", n=len(book.entries)),
            )
        channel = self.channel(row.channel, observed=row.observed)
        measure = self.say(f"mail.measure.{row.objective.measure}")
        if len(row.groups) == 1:
            (group,) = row.groups
            found = group.statement(row.objective)
            key = "one" if found is not None and found.judgement.value is not None else "no_figure"
            return self.say(
                f"mail.{key}",
                company=short(group),
                measure=measure,
                channel=channel,
                proof=self.proof_of(found) if found else "",
                value=self.value_of(found) if found else "",
            )
        return self.say(
            "mail.several",
            met=len(row.by_proof[Proof.MET]),
            companies=self.say("count.company", n=len(row.groups)),
            measure=measure,
            channel=channel,
            not_met=len(row.by_proof[Proof.NOT_MET]),
        )

    def proof_of(self, found: Statement) -> str:
        """Return what is proven, with the plain result where nothing is."""
        judged = found.judgement
        key = judged.result if judged.proof is Proof.NOT_PROVEN else judged.proof
        return self.say(f"mail.proof.{key}")

    def value_of(self, found: Statement) -> str:
        """Return the figure with what it is."""
        kind = "mean" if found.objective.at_least is None else "share"
        return self.say(f"mail.value.{kind}", value=self.value(found))

    def figure(self, found: Statement) -> str:
        """Return the figure with its interval."""
        if not all(self.bounds(found)):
            return self.value(found)
        return self.say("mail.with_range", value=self.value(found), range=self.range(found))

    def measured(self, row: BoardRow) -> str:
        """Return what an objective asks of whom."""
        return self.say(
            "mail.measured",
            measure=self.say(f"measure.{row.objective.measure}"),
            channel=self.channel(row.channel, observed=row.observed),
            objective=self.objective(row.objective),
        )

    def days(self, book: HasMaterial) -> str:
        """Return the days of the period, as short as they can be said; periods are half open."""
        zone = ZoneInfo(book.material.zone)
        first = book.material.since.astimezone(zone).date()
        last = (book.material.until - MICROSECOND).astimezone(zone).date()
        key = "one" if first == last else "within" if first.timetuple()[:2] == last.timetuple()[:2] else "across"
        return self.say(
            f"mail.days.{key}",
            first=str(first.day),
            first_month=self.month(first),
            day=str(last.day),
            month=self.month(last),
        )

    def lead(self, book: Book) -> list[str]:
        """Return the sentences at the top: what changed, how things stand, what was not measured, who was asked."""
        if not book.entries:
            return [self.say("page.empty")]
        asked = self.say(
            "page.lede",
            companies=self.say("count.company", n=book.companies),
            requests=self.say("count.request", n=len(book.entries)),
            channels=self.channels(book),
            when=self.asked(book),
        )
        first = opening(self, book)
        how_things_stand = (first.verdict, *first.objectives[:TOLD_MAX], first.gaps)
        # That there is no report before this one is no news to open with.
        found = (
            (first.changes, *how_things_stand, asked)
            if book.material.last
            else (*how_things_stand, asked, first.changes)
        )
        return [one for one in found if one]


def headline(book: Book) -> BoardRow | None:
    """Return the objective that the subject speaks of: the first response of most companies. None where none is held.

    Observed questions are others'; they come last.
    """
    rows = _rows(book)
    return rows[0] if rows else None


def short(group: Group) -> str:
    """Return the company's name, cut where it would push the figures off the page."""
    return cut(group.company.name if group.company else "")


def cut(name: str) -> str:
    """Return the name, cut where it would push the figures off the page."""
    return name if len(name) <= NAME_MAX else f"{name[: NAME_MAX - 1]}…"


def sections(words: Words, book: Book) -> tuple[tuple[Section, ...], int]:
    """Return the objectives that a mail has room for, and how many it has not.

    With their headings they have at most ROWS_MAX rows: each objective gets as many as it needs, or an equal part.
    """
    rows = _rows(book)
    shown = rows[:OBJECTIVES_MAX]
    room = shared([len(row.groups) for row in shown], ROWS_MAX - 2 * len(shown))
    return tuple(_section(words, row, most) for row, most in zip(shown, room, strict=True)), len(rows) - len(shown)


def cells(found: Statement, wide: int = BAR) -> tuple[Cell, ...]:
    """Return the bar of a statement as stretches from left to right: a share from 0 to 1, a mean to twice its goal."""
    goal = found.objective.at_least
    if goal is None:
        goal = found.objective.limit.total_seconds()
        whole = goal * MEAN_SCALE
    else:
        whole = 1.0
    judged = found.judgement
    low, value, high = (_number(one) for one in (judged.low, judged.value, judged.high))

    def at(number: float, mark: int = 0) -> int:
        return round(min(max(number / whole, 0.0), 1.0) * (wide - mark))

    bar = ["track"] * wide
    if low is not None and high is not None:
        first = at(low)
        bar[first : max(at(high), first + 1)] = ["band"] * (max(at(high), first + 1) - first)
    for number, mark, what in ((goal, GOAL_WIDE, "goal"), (value, VALUE_WIDE, "value")):
        if number is not None:
            bar[at(number, mark) : at(number, mark) + mark] = [what] * mark
    return tuple(Cell(len(list(run)), what) for what, run in groupby(bar[:wide]))


def _said(words: Words, book: Book) -> dict[str, Any]:
    shown, more = sections(words, book)
    # `words` of the page are those of a report; a mail has a few more.
    made_up = words.made_up(book) if book.material.made_up_seed is not None and book.entries else ""
    return {
        "verdict": words.verdict_of(book),
        "made_up": made_up,
        "lead": words.lead(book),
        "sections": shown,
        "more_objectives": more,
    }


def _rows(book: Book) -> list[BoardRow]:
    return sorted(
        book.board,
        key=lambda row: (
            row.observed,
            row.objective.measure is not Measure.FIRST_RESPONSE,
            row.objective.in_hours,
            -len(row.groups),
        ),
    )


def shared(wanted: Sequence[int], room: int) -> list[int]:
    """Return how many each gets of what there is room for: what it wants, or an equal part of what the others leave."""
    got = [0] * len(wanted)
    left = max(room, LEAST_ROWS * len(wanted))
    for rank, index in enumerate(sorted(range(len(wanted)), key=lambda one: wanted[one])):
        got[index] = min(wanted[index], left // (len(wanted) - rank))
        left -= got[index]
    return got


def _section(words: Words, row: BoardRow, most: int) -> Section:
    found = [(group, one) for group in row.groups if (one := group.statement(row.objective)) is not None]
    found.sort(key=lambda pair: rank(pair[1].judgement))  # among equals in the order of the report, by name
    return section(
        words,
        row.objective,
        words.measured(row),
        [(short(group), one) for group, one in found[:most]],
        left_out=len(found) - min(most, len(found)),
    )


def section(
    words: Words, objective: Objective, title: str, found: Sequence[tuple[str, Statement]], *, left_out: int
) -> Section:
    """Return the section of an objective with a line for each of these companies, in this order."""
    end = words.percent(1.0) if objective.at_least is not None else words.limit(objective.limit * MEAN_SCALE)
    return Section(
        title=title,
        scale=words.say("mail.bar", end=end),
        lines=tuple(
            Line(
                company=company,
                figure=words.figure(one),
                n=one.judgement.n,
                said=words.proof_of(one),
                tone={Proof.MET: "met", Proof.NOT_MET: "not_met"}.get(one.judgement.proof, "open"),
                bar=cells(one) if one.judgement.n else (),
            )
            for company, one in found
        ),
        left_out=left_out,
    )


class Judged(Protocol):
    """A result and what is proven of it."""

    @property
    def result(self) -> Result:
        """Return whether it is met so far."""
        ...

    @property
    def proof(self) -> Proof:
        """Return what is proven."""
        ...


def rank(found: Judged) -> int:
    """Return how far up in a mail it stands."""
    return next(
        rank
        for rank, (proof, result) in enumerate(_WORST_FIRST)
        if found.proof is proof and (result is None or found.result is result)
    )


def _number(value: float | timedelta | None) -> float | None:
    return value.total_seconds() if isinstance(value, timedelta) else value


def _logo(sending: Sending) -> Logo | None:
    """Return how large the logo is shown; None where there is none, or it is no picture after all."""
    found = picture(sending.logo, sending.logo_media) if sending.logo else None
    if found is None:
        return None
    scale = min(LOGO_WIDE / found.width, LOGO_HIGH / found.height, 1.0)
    return Logo(wide=max(1, round(found.width * scale)), high=max(1, round(found.height * scale)))


def _fold(text: str, indent: str = "") -> str:
    """Return the text in lines that every mail program shows whole."""
    return textwrap.fill(text, TEXT_WIDE, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)


def _by_proof(lines: Sequence[Line]) -> Iterator[tuple[str, list[Line]]]:
    for said, some in groupby(lines, key=lambda line: line.said):
        yield said, list(some)
