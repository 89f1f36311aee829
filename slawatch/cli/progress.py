"""The live picture of an audit: a table that moves on a terminal, plain lines in a pipe. Computes no figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any, TextIO

from slawatch.cli.lines import counted, harmless, table
from slawatch.cli.options import line_of, local
from slawatch.durations import show
from slawatch.model import Delivery, Form, Origin, Outcome, Request, Verdict, Wait
from slawatch.usecases.audit import Progress
from slawatch.usecases.recompute import RequestChange
from slawatch.usecases.world import News, World

if TYPE_CHECKING:
    from rich.table import Table

STYLES = {
    Verdict.ANSWERED: "green",
    Verdict.MISSED: "red",
    Verdict.PENDING: "yellow",
    Verdict.VOID: "dim",
}
LAST_NEWS = 3
PER_SECOND = 4
AROUND = 12  # lines of the picture that are no rows: title, head, borders, news, note, caption
SUMMARY = ("Request", "Company", "Channel", "Verdict", "First response", "Answer")
WIDE = 96  # columns from which on there is room for what was asked about
LONG_WAIT = 16  # columns that a long wait takes, with its seconds
LONG_ENOUGH = 14  # and one where each column counts
WIDE_SEVERAL = WIDE + 8  # the same where a column says by which channel

STATES = {
    Delivery.INTENDED: "not sent yet",
    Delivery.SENDING: "being sent",
    Delivery.UNCERTAIN: "unknown whether sent",
}
TO_POST = "to be posted by you"
TO_ASK = "to be asked by you"


class Display:
    """Shows what happens, as it happens. Hand `hear` to the world, put `watching` around an audit."""

    def __init__(self, stream: TextIO, *, hint: str) -> None:
        self._stream = stream
        self._hint = hint
        self._terminal = stream.isatty()
        self._news: list[News] = []
        self._replies = 0
        self._quiet = False
        self._world: World | None = None
        self._progress: Progress | None = None
        self._turning: Any = None

    def hear(self, news: News) -> None:
        """Take one piece of news: a line in a pipe, one of the last few under the table on a terminal."""
        self._replies += news.what == "reply"
        if self._quiet:
            return
        self._news.append(news)
        if not self._terminal:
            print(line_of(news), file=self._stream, flush=True)

    @contextmanager
    def busy(self, words: str) -> Iterator[None]:
        """Show that something takes its time, and how many replies were read so far; their news are not told singly."""
        self._quiet, self._replies = True, 0
        try:
            with self._live(lambda: self._spinner(words, f", {self._replies} replies" if self._replies else "")):
                yield
        finally:
            self._quiet = False

    @contextmanager
    def watching(self, world: World) -> Iterator[None]:
        """Draw the audit of that world while it runs; nothing of the picture stays behind."""
        self._world = world
        with self._live(self._picture):
            yield

    def show(self, progress: Progress) -> None:
        """Take where the audit stands; the picture draws it, in a pipe the news say it already."""
        self._progress = progress

    def summary(self, progress: Progress, names: Mapping[str, str]) -> Iterator[str]:
        """Yield the lines that stay when the moving picture is gone."""
        several = _several(progress)
        return table(
            SUMMARY,
            [
                (
                    request.public_id,
                    names.get(request.company, request.company),
                    request.channel if several else "",
                    word(request, outcome),
                    waited(outcome.first_response) if outcome else "",
                    waited(outcome.answer) if outcome else "",
                )
                for request, outcome in progress.requests
            ],
            whole=SUMMARY[-2:],
        )

    @contextmanager
    def _live(self, picture: Any) -> Iterator[None]:
        if not self._terminal:
            yield
            return
        from rich.console import Console  # noqa: PLC0415  only where there is a terminal to draw on
        from rich.live import Live  # noqa: PLC0415  same

        console = Console(file=self._stream, highlight=False)
        with Live(console=console, get_renderable=picture, refresh_per_second=PER_SECOND, transient=True):
            yield

    def _spinner(self, words: str, more: str) -> Any:
        from rich.spinner import Spinner  # noqa: PLC0415  only where there is a terminal to draw on

        self._turning = self._turning or Spinner("dots")  # one object, or it would start anew with each frame
        self._turning.update(text=f"{words}{more}")
        return self._turning

    def _picture(self) -> Any:
        """Return the table with its clocks at this moment; called four times a second from a thread of its own."""
        from rich.console import Group  # noqa: PLC0415  only where there is a terminal to draw on
        from rich.text import Text  # noqa: PLC0415  same

        progress, world = self._progress, self._world
        if progress is None or world is None:
            return Text("")
        now = world.clock.now()
        below = [
            Text(line_of(news), style="dim", no_wrap=True, overflow="ellipsis") for news in self._news[-LAST_NEWS:]
        ]
        if progress.note:
            below.append(Text(harmless(progress.note), style="bold red"))
        zone = world.config.zone
        below.append(Text(f"{local(now, zone, seconds=True)} {zone}, {self._hint}", style="italic"))
        return Group(self._table(progress, world, now), *below)

    def _table(self, progress: Progress, world: World, now: datetime) -> Table:
        from rich.box import SIMPLE_HEAD  # noqa: PLC0415  only where there is a terminal to draw on
        from rich.table import Table  # noqa: PLC0415  same
        from rich.text import Text  # noqa: PLC0415  same

        columns, lines = get_terminal_size()
        several = _several(progress)
        wide = columns >= (WIDE_SEVERAL if several else WIDE)
        drawn = Table(title=_title(progress), title_justify="left", title_style="bold", box=SIMPLE_HEAD)
        more = (*(("Channel",) if several else ()), *(("Asked about",) if wide else ()))
        for name in ("Company", *more, "First response", "Answer", ""):
            clock = name in ("First response", "Answer")
            # No narrower than a long wait, or the table would jump whenever one grows.
            least = (LONG_WAIT if wide or not several else LONG_ENOUGH) if clock else None
            if name == "Channel":
                least = max(len(request.channel) for request, _ in progress.requests)
            drawn.add_column(name, justify="right" if clock else "left", no_wrap=True, min_width=least)
        rows, left_out = _rows(progress, max(lines - AROUND, 1))
        for request, outcome in rows:
            company = world.config.companies.get(request.company)
            drawn.add_row(
                Text(harmless(company.name if company else request.company)),
                *((request.channel,) if several else ()),
                *((request.text.probe,) if wide else ()),
                *_clocks(request, outcome, now),
                Text(word(request, outcome), style=STYLES[outcome.verdict] if outcome else ""),
            )
        if left_out:
            drawn.add_row(f"… and {left_out} more")
        if progress.waiting_slots:
            drawn.add_row(f"({progress.waiting_slots} still to be asked)")
        return drawn


def _several(progress: Progress) -> bool:
    """Whether a request's channel is worth a column."""
    return len({request.channel for request, _ in progress.requests}) > 1


def _title(progress: Progress) -> str:
    verdicts = [outcome.verdict for _, outcome in progress.requests if outcome is not None]
    asked = len(progress.requests) + progress.waiting_slots
    void = verdicts.count(Verdict.VOID)
    return f"audit {progress.campaign.id}: {counted(asked, 'request')}, {verdicts.count(Verdict.ANSWERED)} answered" + (
        f", {void} void" if void else ""
    )


def _rows(progress: Progress, most: int) -> tuple[list[tuple[Request, Outcome | None]], int]:
    """Return what fits on the screen, and how many do not: where there is no room for all, those that still wait."""
    rows = list(progress.requests)
    if len(rows) > most:
        rows.sort(key=lambda row: row[1] is not None and row[1].verdict is not Verdict.PENDING)
    return rows[:most], max(len(rows) - most, 0)


def _clocks(request: Request, outcome: Outcome | None, now: datetime) -> tuple[str, str]:
    """Return both waits, one that still runs as what has passed until now: a clock on a wall, not a figure.

    After a question of the company it is our turn, and the answer's clock stands still.
    """
    if outcome is None or outcome.first_response is None or outcome.answer is None or request.accepted_at is None:
        return "–", "–"
    first, answer = outcome.first_response, outcome.answer
    passed = now - request.accepted_at
    if outcome.verdict is Verdict.PENDING:
        runs = show(max(passed, first.length)) + " …"
        return runs, runs
    our_turn = outcome.verdict is Verdict.MISSED or answer.ended or answer.length <= first.length
    runs = show(max(passed - outcome.paused, answer.length)) + " …"
    return waited(first), waited(answer) if our_turn else runs


def word(request: Request, outcome: Outcome | None) -> str:
    """Return what a table says became of the request: shorter than `state`, as the wait stands beside it."""
    if outcome is not None and outcome.verdict is Verdict.PENDING and outcome.acknowledged is not None:
        return "receipt only"
    return state(request, outcome)


def waited(wait: Wait | None) -> str:
    """Return a wait in words, an open one as the lower bound it is."""
    if wait is None:
        return "–"
    return show(wait.length, open=not wait.ended)


def state(request: Request, outcome: Outcome | None) -> str:
    """Return in a word or two what became of the request, with the reason where it is void."""
    if outcome is None:
        by_hand = request.origin is Origin.ADOPTED and request.delivery is Delivery.INTENDED
        if by_hand and request.text.form is not Form.POST:
            return TO_ASK
        return TO_POST if by_hand else STATES.get(request.delivery, request.delivery.value)
    if outcome.verdict is Verdict.VOID and outcome.void_reason is not None:
        return f"void: {outcome.void_reason.value}"
    receipt = " (receipt only)" if outcome.verdict is Verdict.PENDING and outcome.acknowledged is not None else ""
    return outcome.verdict.value + receipt


def stands(request: Request, outcome: Outcome) -> str:
    """Return where a request stands, in a line: verdict, both waits, and what waits for a person."""
    parts = [state(request, outcome)]
    if outcome.first_response is not None:
        parts.append(f"first response {waited(outcome.first_response)}")
    if outcome.answer is not None:
        parts.append(f"answer {waited(outcome.answer)}")
    if outcome.in_review:
        parts.append(f"{outcome.in_review} in review")
    return ", ".join(parts)


def changed(change: RequestChange, names: Mapping[str, str]) -> str:
    """Return two lines: where a request stood, and where it stands now."""
    request = change.request
    name = harmless(names.get(request.company, request.company))
    gap = " " * len(request.public_id)
    return (
        f"  {request.public_id}  {name}: {stands(request, change.before)}\n  {gap}  -> {stands(request, change.after)}"
    )
