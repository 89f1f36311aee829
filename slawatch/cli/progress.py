"""The live picture of an audit: a table that moves on a terminal, plain lines in a pipe. Computes no figures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TextIO

from slawatch.durations import show
from slawatch.model import Outcome, Request, Verdict, Wait
from slawatch.usecases.audit import Progress
from slawatch.usecases.world import News

if TYPE_CHECKING:
    from rich.table import Table

STYLES = {
    Verdict.ANSWERED: "green",
    Verdict.MISSED: "red",
    Verdict.PENDING: "yellow",
    Verdict.VOID: "dim",
}
LAST_NEWS = 3


class Display:
    """Shows progress; use as a context manager around the work."""

    def __init__(self, stream: TextIO) -> None:
        self._live: Any = None
        self._stack = ExitStack()
        self._news: list[News] = []
        self._terminal = stream.isatty()
        self._up = False
        self._stream = stream

    def __enter__(self) -> Self:
        self._up = True
        if self._terminal:
            from rich.console import Console  # noqa: PLC0415  only where there is a terminal to draw on
            from rich.live import Live  # noqa: PLC0415  same

            self._live = self._stack.enter_context(
                Live(console=Console(file=self._stream), refresh_per_second=4, transient=True)
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live = None
        self._up = False
        self._stack.close()

    def news(self, news: News) -> None:
        """Take one piece of news: a line in a pipe, one of the last few under the table on a terminal."""
        self._news.append(news)
        if not self._terminal:
            print(f"{news.ref + ': ' if news.ref else ''}{news.words}", file=self._stream, flush=True)

    def listener(self, news: News) -> None:
        """Take news only while the picture is up: what history brings is counted, not told."""
        if self._up:
            self.news(news)

    def show(self, progress: Progress) -> None:
        """Draw where the audit stands; in a pipe the news say it already."""
        if self._live is not None:
            self._live.update(self._picture(progress))

    def _picture(self, progress: Progress) -> Any:
        from rich.console import Group  # noqa: PLC0415  only where there is a terminal to draw on
        from rich.text import Text  # noqa: PLC0415  same

        below = [Text(f"{news.ref} {news.words}".strip(), style="dim") for news in self._news[-LAST_NEWS:]]
        if progress.note:
            below.append(Text(progress.note, style="bold red"))
        return Group(self._table(progress), *below)

    def _table(self, progress: Progress) -> Table:
        from rich.table import Table  # noqa: PLC0415  only where there is a terminal to draw on
        from rich.text import Text  # noqa: PLC0415  same

        settled = sum(1 for _ in _settled(progress))
        asked = len(progress.requests) + progress.waiting_slots
        table = Table(
            title=f"audit {progress.campaign.id}: {settled} of {asked} answered",
            title_justify="left",
        )
        for name in ("company", "channel", "first response", "answer", ""):
            table.add_column(name, justify="right" if name in ("first response", "answer") else "left")
        for request, outcome in progress.requests:
            style = STYLES[outcome.verdict] if outcome else ""
            table.add_row(
                Text(request.company),
                request.channel,
                waited(outcome.first_response if outcome else None),
                waited(outcome.answer if outcome else None),
                Text(state(request, outcome), style=style),
            )
        if progress.waiting_slots:
            table.add_row(f"({progress.waiting_slots} still to be asked)", "", "", "", "")
        return table

    def summary(self, progress: Progress) -> list[str]:
        """Return the lines that stay when the moving picture is gone."""
        return [
            f"{request.public_id}  {request.company}  {request.channel}  {state(request, outcome)}"
            + (f"  first response {waited(outcome.first_response)}" if outcome and outcome.first_response else "")
            + (f"  answer {waited(outcome.answer)}" if outcome and outcome.answer else "")
            for request, outcome in progress.requests
        ]


def _settled(progress: Progress) -> Iterator[Request]:
    return (
        request for request, outcome in progress.requests if outcome is not None and outcome.verdict is Verdict.ANSWERED
    )


def waited(wait: Wait | None) -> str:
    """Return a wait in words, an open one as the lower bound it is."""
    if wait is None:
        return "–"
    return show(wait.length, open=not wait.ended)


def state(request: Request, outcome: Outcome | None) -> str:
    """Return in a word or two what became of the request, with the reason where it is void."""
    if outcome is None:
        return request.delivery.value
    if outcome.verdict is Verdict.VOID and outcome.void_reason is not None:
        return f"void: {outcome.void_reason.value}"
    receipt = " (receipt only)" if outcome.verdict is Verdict.PENDING and outcome.acknowledged is not None else ""
    return outcome.verdict.value + receipt
