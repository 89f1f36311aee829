"""What became of very many requests, as columns of numbers, and how a page of them is packed for the store.

Pure; it derives nothing (usecases/settled.py does) and computes no figures (many.py does).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from slawatch.clock import MICROSECOND, to_micros
from slawatch.model import DeliveryProof, Outcome, Request, Verdict, VoidReason, Wait

Ints = NDArray[np.int64]
Marks = NDArray[np.bool_]

LAYOUT = 1  # of all this: a page of another one is derived anew
PAGE = 4096  # requests; 130 kB, which SQLite reads in one go and rewrites in a millisecond

# A measure's number is microseconds << 2 with one of these, or NOTHING where there is no such wait.
ENDED, OPEN, RUNNING = 0, 1, 2
NOTHING = -1
"""ENDED and OPEN waits hold their length. A RUNNING one holds since when it runs: it goes on for as long as its account
is looked into, up to the window."""

# The flags of a request, from the lowest bit on: its verdict, and why it is void.
VERDICTS = (Verdict.ANSWERED, Verdict.MISSED, Verdict.PENDING, Verdict.VOID)
VOID = VERDICTS.index(Verdict.VOID)
LATE, PROVEN, MADE_UP, IN_REVIEW = 4, 8, 16, 32
VOID_SHIFT = 8
VOID_REASONS = tuple(VoidReason)

_PACKED = (("id", "<i8"), ("kind", "<i4"), ("asked", "<i8"), ("first", "<i8"), ("answer", "<i8"), ("flags", "<u2"))
_HOURS = (("first_in_hours", "<i8"), ("answer_in_hours", "<i8"), ("window_in_hours", "<i8"))


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """One entry for each request: `kind` is the number of how it was asked, `asked` when, in microseconds since 1970.

    `first` and `answer` are the two waits, the same in service hours where any are stated; `flags` as above.
    """

    id: Ints
    kind: NDArray[np.int32]
    asked: Ints
    first: Ints
    answer: Ints
    flags: NDArray[np.uint16]
    first_in_hours: Ints
    answer_in_hours: Ints
    window_in_hours: Ints

    def __len__(self) -> int:
        """How many requests there are."""
        return len(self.id)

    def where(self, which: Marks | Ints) -> Columns:
        """Return those of the requests."""
        return Columns(*(getattr(self, one.name)[which] for one in fields(self)))

    @property
    def states_hours(self) -> bool:
        """Whether any of their companies says when it is there."""
        return bool(np.any(self.window_in_hours != NOTHING))


def row(
    request: Request, outcome: Outcome, kind: int, *, running: tuple[bool, bool] = (False, False)
) -> tuple[int, ...]:
    """Return what a request adds to each column; `running` says of which waits it holds that they go on."""
    since = to_micros(request.accepted_at or request.intended_at)
    reason = outcome.void_reason
    flags = (
        VERDICTS.index(outcome.verdict)
        | LATE * outcome.late
        | PROVEN * (outcome.proof is DeliveryProof.PROVEN)
        | MADE_UP * request.made_up
        | IN_REVIEW * bool(outcome.in_review)
        | (0 if reason is None else (VOID_REASONS.index(reason) + 1) << VOID_SHIFT)
    )
    return (
        request.id,
        kind,
        since,
        since << 2 | RUNNING if running[0] else _number(outcome.first_response),
        since << 2 | RUNNING if running[1] else _number(outcome.answer),
        flags,
        _number(outcome.first_response_in_hours),
        _number(outcome.answer_in_hours),
        NOTHING if outcome.window_in_hours is None else outcome.window_in_hours // MICROSECOND,
    )


def columns(rows: Sequence[tuple[int, ...]]) -> Columns:
    """Return the rows as columns."""
    table = np.array(rows, np.int64).reshape(len(rows), len(fields(Columns))).T
    return Columns(
        table[0], table[1].astype(np.int32), table[2], table[3], table[4], table[5].astype(np.uint16), *table[6:]
    )


def together(parts: Sequence[Columns]) -> Columns:
    """Return them as one; the parts' own order stays."""
    if not parts:
        return columns([])
    return Columns(*(np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(Columns)))


def pack(page: Columns) -> tuple[bytes, bytes | None]:
    """Return the page as the store keeps it: what every request has, and the columns of service hours, if any."""
    packed = b"".join(getattr(page, name).astype(kind).tobytes() for name, kind in _PACKED)
    if not page.states_hours:
        return packed, None
    return packed, b"".join(getattr(page, name).astype(kind).tobytes() for name, kind in _HOURS)


def unpack(n: int, packed: bytes, hours: bytes | None) -> Columns:
    """Return the page of so many requests that `pack` packed."""
    found = {**_split(n, packed, _PACKED), **_split(n, hours, _HOURS)}
    return Columns(**found)  # type: ignore[arg-type]  # each is of the kind that _PACKED and _HOURS name


def replaced(page: Columns, ids: Ints, by: Columns) -> Columns:
    """Return the page with what `by` says of these requests instead of what it said itself, in order of their ids."""
    whole = together((page.where(~np.isin(page.id, ids)), by))
    return whole.where(np.argsort(whole.id, kind="stable"))


def goes_on(wait: Wait | None, since: datetime, looked: datetime | None, window: timedelta) -> bool:
    """Whether this wait is just as long as the account was looked into since then, up to the window."""
    if wait is None or wait.ended:
        return False
    seen = max(timedelta(0), looked - since) if looked is not None else timedelta(0)
    return wait.length == min(seen, window)


def lengths(numbers: Ints, looked: Ints, window: Ints) -> tuple[Ints, Marks]:
    """Return the lengths in microseconds and which are open, of a measure without NOTHING in it.

    `looked` and `window` hold what applies to each: until when its account was looked into, in microseconds since
    1970 (any instant before 1970 for never), and its window.
    """
    state, length = numbers & 3, numbers >> 2
    going = state == RUNNING
    if np.any(going):
        length = np.where(going, np.clip(looked - length, 0, window), length)
    return length, state != ENDED


def _number(wait: Wait | None) -> int:
    if wait is None:
        return NOTHING
    return (wait.length // MICROSECOND) << 2 | (ENDED if wait.ended else OPEN)


def _split(n: int, packed: bytes | None, kinds: Sequence[tuple[str, str]]) -> dict[str, NDArray[np.integer]]:
    if packed is None:
        return {name: np.full(n, NOTHING, kind) for name, kind in kinds}
    found, at = {}, 0
    for name, kind in kinds:
        column: NDArray[np.integer] = np.frombuffer(packed, kind, n, at)
        found[name] = column
        at += column.nbytes
    return found
