"""The store's part for requests that others have timed: a file's rows side by side first, then all of them or none.

It judges nothing. Replies that no message stands behind are made here from the given times, so that whoever asks for
a request's replies gets them as of any other.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, islice
from typing import NamedTuple, TypeVar

from slawatch import imported
from slawatch.clock import from_micros
from slawatch.imported import ACCOUNT, Given
from slawatch.model import Form, Origin, Reply, Request, VoidReason
from slawatch.store.deriving import Deriving
from slawatch.store.queries import Value, bind, statements
from slawatch.store.rows import moment, request_of

T = TypeVar("T")

PREFIX = "imported:"  # of what an imported request has in place of a Message-ID
AT_ONCE = 2000  # rows handed over together: few enough to hold, enough that SQLite does the work


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """One row of a file as it would be kept. `named` tells that the file itself names it, by `ref`."""

    line: int
    key: str
    named: bool
    ref: str
    origin: Origin
    company: str
    channel: str
    target: str
    probe: str
    lang: str
    form: Form
    sent_at: datetime
    accepted_at: datetime
    body: str = ""
    acknowledged_at: datetime | None = None
    first_response_at: datetime | None = None
    answered_at: datetime | None = None
    promised_at: datetime | None = None
    observed_until: datetime | None = None
    void_reason: VoidReason | None = None


class Twice(NamedTuple):
    """A row whose name stands in an earlier line already."""

    line: int
    ref: str
    first: int


class Tally(NamedTuple):
    """How many rows a file brings that were not there, that say something else now, and that say nothing new."""

    new: int
    changed: int
    known: int


class Import(NamedTuple):
    """A file that was imported; `rows` is how many requests it brought or changed."""

    id: int
    at: datetime
    source: str
    sha256: str
    format: str
    rows: int


class Imported(Deriving):
    """Requests that others have timed."""

    def replies(self, request_ids: Sequence[int] | None = None) -> dict[int, list[Reply]]:
        """Return the replies of these requests, each list in the order of arrival; given times stand for replies, too.

        Without ids those of all requests that messages stand behind.
        """
        found = super().replies(request_ids)
        for given in self.given(request_ids).values() if request_ids else ():
            if made := imported.replies(given):
                together = [*found.get(given.request_id, ()), *made]
                found[given.request_id] = sorted(together, key=lambda one: one.stamps.at)
        return found

    def given(self, request_ids: Sequence[int]) -> dict[int, Given]:
        """Return what was given with those of these requests that were imported."""
        return {row["request_id"]: _given_of(row) for row in self._rows_among("given", "request_ids", request_ids)}

    def imports(self) -> list[Import]:
        """Return the files that were imported, the first one first."""
        return [Import(**{**dict(row), "at": from_micros(row["at"])}) for row in self._rows("imports")]

    def import_spans(self) -> list[tuple[int, int, int]]:
        """Return the ids of imported requests as spans: the import's id, the first and the last request, in order.

        An import whose rows were all new is one span: going through its requests would take seconds for a million.
        """
        found = []
        for row in self._rows("import_bounds"):
            if not row["requests"]:
                continue  # a later import has taken all of them over
            if row["last"] - row["first"] + 1 == row["requests"]:
                found.append((row["first"], row["last"], row["id"]))
            else:
                numbers = (one["id"] for one in self._rows("ids_of_import", import_id=row["id"]))
                found += [(first, last, row["id"]) for first, last in _stretches(numbers)]
        return [(number, first, last) for first, last, number in sorted(found)]

    def imports_without_answers(self) -> list[int]:
        """Return the ids of imports of which rows tell of first responses and none tells of an answer."""
        return [row["id"] for row in self._rows("imports_without_answers")]

    def ways_without_answers(self) -> list[tuple[str, str]]:
        """Return the companies, with the channel, of which all that is known was brought by such imports."""
        imports = self.imports_without_answers()
        rows = self._rows("ways_without_answers", imports=imports) if imports else ()
        return [(row["company"], row["channel"]) for row in rows]

    def was_asked(self, company: str) -> bool:
        """Whether any request to this company is kept; it may have been imported, or have left the config."""
        return self._one("was_asked", company=company) is not None

    def all_asked(self, most: int) -> list[str]:
        """Return the companies that any request is kept to, in order, up to so many."""
        return [row["company"] for row in self._rows("all_asked", most=most)]

    def requests_after(
        self, after: int, *, since: datetime, until: datetime, companies: Sequence[str] = (), limit: int
    ) -> list[Request]:
        """Return up to so many requests with ids beyond `after`, asked in that time, by their ids."""
        rows = self._rows(
            "requests_after", after=after, since=since, until=until, companies=list(companies) or None, limit=limit
        )
        return [request_of(row) for row in rows]

    def stage(self, rows: Iterable[Staged]) -> None:
        """Lay rows out beside the store, in place of any that lie there. Nothing is kept yet, and nobody has to wait.

        Raises:
            StoreError: there is no room for them.
        """
        self._change("more_room")
        self._change("drop_staged")
        self._change("make_staged")
        insert = statements()["stage"]
        for some in _some(rows):
            values = [{name: _bound(getattr(row, name)) for name in Staged.__slots__} for row in some]
            with self._explained():
                connection = self._connection()
                connection.execute("BEGIN")
                connection.executemany(insert, values)
                connection.execute("COMMIT")
        self._change("index_staged")

    def staged_twice(self) -> list[Twice]:
        """Return the rows whose name stands earlier in the file, and take them out."""
        twice = [Twice(row["line"], row["ref"], row["first"]) for row in self._rows("staged_twice")]
        for some in _some(twice):
            self._change("drop_staged_line", lines=[one.line for one in some])
        return twice

    def weigh_staged(self, newest: datetime | None) -> Tally:
        """Take out what says nothing new, and return what is left. `newest` is until when a row is seen that says not.

        Call it once, with the last row in its place.
        """
        self._change("number_staged")
        if newest is not None:
            self._change("observed_staged", newest=newest)
        known = self._change("drop_native") + self._change("drop_known")
        (row,) = self._rows("count_staged")
        return Tally(new=row["all_of_them"] - row["changed"], changed=row["changed"], known=known)

    def keep_staged(self, *, source: str, sha256: str, form: str, zone: str) -> None:
        """Keep what lies staged, all of it or nothing."""
        now = self._now()
        with self._writing():
            (tally,) = self._rows("count_staged")
            (row,) = self._rows(
                "add_import", now=now, source=source, sha256=sha256, format=form, rows=tally["all_of_them"]
            )
            self._change("change_imported")
            self._change("add_imported", account=ACCOUNT, zone=zone)
            self._change("keep_given", import_id=row["id"])

    def imported_ids(self, keys: Iterable[str]) -> dict[str, int]:
        """Return by key the ids of the requests that were imported under these keys."""
        names = {f"{PREFIX}{key}": key for key in keys}
        return {names[name]: number for name, number in self._known("known_message_ids", list(names)).items()}

    def forget_staged(self) -> None:
        """Put away what lies staged."""
        self._change("drop_staged")


def _stretches(rising: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and the last of each row of numbers without a gap."""
    for _, some in groupby(enumerate(rising), key=lambda one: one[1] - one[0]):
        numbers = [number for _, number in some]
        yield numbers[0], numbers[-1]


def _given_of(row: sqlite3.Row) -> Given:
    return Given(
        request_id=row["request_id"],
        import_id=row["import_id"],
        source=row["source"],
        line=row["line"],
        ref=row["ref"],
        acknowledged_at=moment(row["acknowledged_at"]),
        first_response_at=moment(row["first_response_at"]),
        answered_at=moment(row["answered_at"]),
        promised_at=moment(row["promised_at"]),
        observed_until=moment(row["observed_until"]),
    )


def _bound(value: Value) -> str | int | float | bytes | None:
    """Return what `bind` returns; nearly all values are such already."""
    return value if value is None or (type(value) is str and value.isprintable()) else bind(value)


def _some(many: Iterable[T]) -> Iterator[list[T]]:
    """Yield them in lists of AT_ONCE."""
    left = iter(many)
    while some := list(islice(left, AT_ONCE)):
        yield some
