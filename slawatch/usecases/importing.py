"""Take in requests that others have timed: read all of a file first, keep all of it or nothing. Reads no clock twice.

What became of them is derived from then on as of any other request (outcomes.standing).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from slawatch import imported, waits
from slawatch.clock import to_micros
from slawatch.data import files, tidy
from slawatch.data.tidy import Row
from slawatch.errors import UsageError
from slawatch.imported import Given, form_of, key_of
from slawatch.model import Delivery, Origin, Request, Standard, Text, Verdict, VoidReason
from slawatch.store.imported import Staged, Tally
from slawatch.usecases.outcomes import standard_for
from slawatch.usecases.world import World

NOTHING = Tally(0, 0, 0)
NOTED_MAX = 1000  # contradictions that are remembered; all are counted
SHOWN_EVERY = 5000  # rows between two words about the progress

Show = Callable[[str, float], None]


class Bad(NamedTuple):
    """A row that was not taken, or says something that is not so, and why."""

    line: int
    why: str


@dataclass(slots=True, kw_only=True)
class Done:
    """What became of a file.

    `rows` were read; `bad` are those that cannot be kept, `otherwise` those whose verdict is not what their times say
    (`otherwise_count` of them). `kept` is False where nothing was. `since` and `until` bound the instants of asking,
    `seen_until` stands in where a row does not say until when an answer would have been seen. `without_answers` tells
    that rows hold first responses and none holds an answer, so that the report will hold nobody to one.
    """

    rows: int = 0
    bad: list[Bad] = field(default_factory=list)
    otherwise: list[Bad] = field(default_factory=list)
    otherwise_count: int = 0
    ignored: Sequence[str] = ()
    tally: Tally = NOTHING
    kept: bool = False
    since: datetime | None = None
    until: datetime | None = None
    seen_until: datetime | None = None
    seen_unsaid: int = 0
    without_answers: bool = False
    left_out: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How a file is to be read. `mapping` is by their name of a column ours; `zone` is what naive times are in."""

    mapping: Mapping[str, str] = field(default_factory=dict)
    delimiter: str | None = None
    zone: ZoneInfo | None = None
    dry_run: bool = False
    skip_bad: bool = False


def keep_still(_words: str, _done: float) -> None:
    """Show nothing."""


def take_in(world: World, path: Path, wanted: Wanted, *, show: Show = keep_still) -> Done:
    """Import a file in the tidy schema, or only look at it for `dry_run`. Where a row is bad, nothing is kept.

    Raises:
        UsageError: it cannot be read as a table of such rows at all.
    """
    reading = _Reading(world, wanted, show)
    with files.open_table(path, delimiter=wanted.delimiter) as table:
        names = files.mapped(path, table.head, wanted.mapping)
        reading.done.ignored = [name for name in table.head if name not in names]
        world.store.stage(reading.staged(table, names))
    done = reading.done
    done.bad += [
        Bad(line, f'request: "{ref}" stands in line {first} already') for line, ref, first in world.store.staged_twice()
    ]
    done.bad.sort()
    return finish(world, path, done, wanted, form="tidy", show=show)


def finish(world: World, path: Path, done: Done, wanted: Wanted, *, form: str, show: Show) -> Done:
    """Weigh what lies staged and keep it, if it is wanted and may be."""
    try:
        done.tally = world.store.weigh_staged(done.seen_until)
        allowed = not done.bad or wanted.skip_bad
        if allowed and not wanted.dry_run:
            if done.tally.new or done.tally.changed:
                show("keeping", 1)
                world.store.keep_staged(source=path.name, sha256=_digest(path), form=form, zone=world.config.zone)
            done.kept = True
    finally:
        world.store.forget_staged()
    return done


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _Reading:
    """One pass over a table: counts, and remembers what is wrong."""

    def __init__(self, world: World, wanted: Wanted, show: Show) -> None:
        self.done = Done()
        self._world = world
        self._wanted = wanted
        self._show = show
        self._now = world.clock.now()
        self._standards: dict[tuple[str, str, str], Standard] = {}
        self._responses = self._answers = 0
        self._keys = {company.name.casefold(): company.key for company in world.config.companies.values()}

    def staged(self, table: files.Table, names: Mapping[str, str]) -> Iterator[Staged]:
        """Yield each good row as it would be kept."""
        for line, record in table.records():
            self.done.rows += 1
            if self.done.rows % SHOWN_EVERY == 1:
                self._show(f"reading, {self.done.rows - 1:,} rows", table.share())
            if isinstance(record, str):
                self.done.bad.append(Bad(line, record))
                continue
            found = {ours: record[theirs] for theirs, ours in names.items()}
            row = tidy.read(found, now=self._now, zone=self._wanted.zone)
            if isinstance(row, list):
                self.done.bad.append(Bad(line, "; ".join(row)))
                continue
            self._note(row)
            one = self._staged(line, row)
            self._hold_against(row, one)
            yield one

    def _note(self, row: Row) -> None:
        done, newest = self.done, row.newest()
        self._responses += row.first_response_at is not None
        self._answers += row.answered_at is not None
        done.without_answers = self._responses > 0 and not self._answers
        done.since = row.sent_at if done.since is None else min(done.since, row.sent_at)
        done.until = row.sent_at if done.until is None else max(done.until, row.sent_at)
        done.seen_until = newest if done.seen_until is None else max(done.seen_until, newest)
        done.seen_unsaid += row.observed_until is None and not row.void_reason

    def _staged(self, line: int, row: Row) -> Staged:
        company = (
            row.company
            if row.company in self._world.config.companies
            else self._keys.get(row.company.casefold(), row.company)
        )
        if row.request:
            key = key_of(company, row.channel, "called", row.request)
        else:
            key = key_of(company, row.channel, row.target, row.probe, row.lang, to_micros(row.sent_at))
        return Staged(
            line=line,
            key=key,
            named=bool(row.request),
            ref=row.request,
            origin=Origin.OBSERVED if row.origin == Origin.OBSERVED else Origin.IMPORTED,
            company=company,
            channel=row.channel,
            target=row.target,
            probe=row.probe,
            lang=row.lang,
            form=form_of(row.channel),
            sent_at=row.sent_at,
            accepted_at=row.accepted_at or row.sent_at,
            acknowledged_at=row.acknowledged_at,
            first_response_at=row.first_response_at,
            answered_at=row.answered_at,
            promised_at=row.promised_at,
            observed_until=row.observed_until,
            void_reason=VoidReason(row.void_reason) if row.void_reason else None,
        )

    def _hold_against(self, row: Row, one: Staged) -> None:
        """Note where the verdict that stands there is not what its times say: the times are believed."""
        if row.verdict in {"", Verdict.VOID} or (row.observed_until is None and row.verdict != Verdict.ANSWERED):
            return
        place = (one.company, one.channel, one.target)
        if place not in self._standards:
            self._standards[place] = standard_for(self._world, *place)
        derived = _verdict(one, self._standards[place])
        if derived != row.verdict:
            self.done.otherwise_count += 1
            if len(self.done.otherwise) < NOTED_MAX:
                self.done.otherwise.append(Bad(one.line, f'verdict: "{row.verdict}", by its times "{derived}"'))


def _verdict(row: Staged, standard: Standard) -> Verdict:
    """Return the verdict that the row's times lead to."""
    request = Request(
        id=0,
        public_id="",
        origin=row.origin,
        company=row.company,
        channel=row.channel,
        target=row.target,
        account=imported.ACCOUNT,
        text=Text(probe="", lang="", variant=0, subject="", body="", form=row.form),
        token="",
        message_id="",
        delivery=Delivery.SENT,
        due_at=row.sent_at,
        zone="UTC",
        intended_at=row.sent_at,
        accepted_at=row.accepted_at,
    )
    given = Given(
        request_id=0,
        import_id=0,
        source="",
        line=row.line,
        first_response_at=row.first_response_at,
        answered_at=row.answered_at,
    )
    observed_until = row.observed_until or row.first_response_at or row.answered_at
    return waits.outcome(request, imported.replies(given), standard=standard, observed_until=observed_until).verdict


def require_file(path: Path) -> None:
    """Raise UsageError where there is no such file to read."""
    if not path.is_file():
        raise UsageError(f'import: there is no file "{path}"')
