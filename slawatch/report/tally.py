"""Takes in what became of very many requests and keeps of each wait one key: what the wide report is made of.

Computes no figures (many.py does), knows no wording and does no I/O.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from slawatch import many, pages
from slawatch.clock import MICROSECOND
from slawatch.many_values import Ints, Keys, Marks
from slawatch.model import Measure, Standard, Verdict, VoidReason
from slawatch.pages import Columns

MEASURES = (Measure.FIRST_RESPONSE, Measure.ANSWER)
NEVER = np.iinfo(np.int64).max  # when the first request of a kind was asked that has none


class Who(NamedTuple):
    """Who was asked on which way, and whether by others."""

    company: str
    way: str
    observed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How some of the requests were asked: to whom, what they are held to, and until when we looked (microseconds)."""

    number: int
    who: Who
    origin: str
    channel: str
    standard: Standard
    looked: int


class Tally:
    """Takes in columns part by part and keeps of each wait nothing but its key, so that ten million fit into memory."""

    def __init__(self, kinds: Sequence[Kind]) -> None:
        self.kinds = kinds
        self.who = sorted({kind.who for kind in kinds})
        number = {who: place for place, who in enumerate(self.who)}
        size = max((kind.number for kind in kinds), default=0) + 1
        self._group = np.zeros(size, np.int32)
        self._looked, self._window = np.zeros(size, np.int64), np.zeros(size, np.int64)
        self._hours = np.zeros(size, np.bool_)
        for kind in kinds:
            self._group[kind.number] = number[kind.who]
            self._looked[kind.number] = kind.looked
            self._window[kind.number] = kind.standard.window // MICROSECOND
            self._hours[kind.number] = any(one.in_hours for one in kind.standard.objectives)
        limits = [one.limit for kind in kinds for one in kind.standard.objectives]
        longest = max([1, int(self._window.max()), *(one // MICROSECOND for one in limits)])
        self.longest = longest
        self.first_asked = np.full(size, NEVER)
        groups = len(self.who)
        self.verdicts = np.zeros((groups, len(pages.VERDICTS)), np.int64)
        self.late, self.in_review = np.zeros(groups, np.int64), np.zeros(groups, np.int64)
        self.presumed = 0  # silences of which the delivery is not proven
        self.window_in_hours = np.zeros(groups, np.int64)
        self.void: Counter[VoidReason] = Counter()
        self.since, self.until = NEVER, -NEVER
        self.live = 0  # that do not come from a seed
        self._shift = longest.bit_length() + 1
        self._keys: dict[tuple[Measure, bool], list[Ints]] = {
            (measure, in_hours): [] for measure in MEASURES for in_hours in (False, True)
        }

    def add(self, part: Columns) -> None:
        """Take in what became of some more requests."""
        if not len(part):
            return
        self.since, self.until = min(self.since, int(part.asked.min())), max(self.until, int(part.asked.max()))
        self.live += int(np.count_nonzero((part.flags & pages.MADE_UP) == 0))
        np.minimum.at(self.first_asked, part.kind, part.asked)
        group, window = self._group[part.kind], self._window[part.kind]
        for flag, counts_of in ((pages.LATE, self.late), (pages.IN_REVIEW, self.in_review)):
            marked = group[(part.flags & flag) != 0]
            if len(marked):  # a void one may wait for review as well: an unknown letter beside its bounce
                counts_of[:] += np.bincount(marked, minlength=len(counts_of))
        counts = (part.flags & 3) != pages.VOID
        if not counts.all():
            self._add_void(part.where(~counts), group[~counts])
            part, group, window = part.where(counts), group[counts], window[counts]
        if not len(part):
            return
        verdict = (part.flags & 3).astype(np.int64)
        looked = self._looked[part.kind]
        for measure, numbers in zip(MEASURES, (part.first, part.answer), strict=True):
            length, still_open = pages.lengths(numbers, looked, window)
            self._put(measure, group, length, still_open, in_hours=False)
            if measure is Measure.FIRST_RESPONSE:
                going = (numbers & 3) == pages.RUNNING
                missed = pages.VERDICTS.index(Verdict.MISSED)
                pending = pages.VERDICTS.index(Verdict.PENDING)
                verdict[going] = np.where(length[going] >= window[going], missed, pending)
        silent = verdict == pages.VERDICTS.index(Verdict.MISSED)
        self.presumed += int(np.count_nonzero(silent & ((part.flags & pages.PROVEN) == 0)))
        self._count(self.verdicts, group, verdict)
        timed = self._hours[part.kind] & (part.window_in_hours != pages.NOTHING)
        if timed.any():
            self._add_hours(part.where(timed), group[timed])

    def keys(self, measure: Measure, *, in_hours: bool = False) -> Keys:
        """Return the waits of all groups, sorted; to be asked for once, for they are let go of here."""
        parts = self._keys.pop((measure, in_hours))
        keys = np.concatenate(parts) if parts else np.zeros(0, np.int64)
        parts.clear()
        return many.in_order(keys, self._shift, groups=len(self.who))

    def standards(self) -> list[Standard]:
        """Return for each of `who` what it is held to: that of the request asked first."""
        first: dict[Who, tuple[int, int, Standard]] = {}
        for kind in self.kinds:
            found = (int(self.first_asked[kind.number]), kind.number, kind.standard)
            if kind.who not in first or found[:2] < first[kind.who][:2]:
                first[kind.who] = found
        return [first[who][2] for who in self.who]

    def _put(
        self, measure: Measure, group: NDArray[np.int32], length: Ints, still_open: Marks, *, in_hours: bool
    ) -> None:
        keys = group.astype(np.int64) << self._shift
        keys |= length << 1
        keys |= still_open
        self._keys[measure, in_hours].append(keys)

    def _count(self, into: Ints, group: NDArray[np.int32], column: Ints) -> None:
        width = into.shape[1]
        into += np.bincount(group * width + column, minlength=into.size).reshape(into.shape)

    def _add_void(self, part: Columns, group: NDArray[np.int32]) -> None:
        self._count(self.verdicts, group, np.full(len(group), pages.VOID))
        for reason, n in enumerate(np.bincount(part.flags >> pages.VOID_SHIFT).tolist()):
            if n:
                self.void[pages.VOID_REASONS[reason - 1]] += n

    def _add_hours(self, part: Columns, group: NDArray[np.int32]) -> None:
        for measure, numbers in zip(MEASURES, (part.first_in_hours, part.answer_in_hours), strict=True):
            self._put(measure, group, numbers >> 2, (numbers & 3) != pages.ENDED, in_hours=True)
        np.maximum.at(self.window_in_hours, group, part.window_in_hours)


class Brought:
    """Counts how many of the requests each import brought, from the spans of ids that imports are known by."""

    def __init__(self, spans: Sequence[tuple[int, int, int]]) -> None:
        self._imports, self._first, self._last = np.array(spans, np.int64).reshape(-1, 3).T
        self._counts = np.zeros(len(spans), np.int64)

    def add(self, ids: Ints) -> None:
        """Take in some more requests."""
        if not len(self._counts):
            return
        place = np.searchsorted(self._first, ids, side="right") - 1
        inside = (place >= 0) & (ids <= self._last[place])
        self._counts += np.bincount(place[inside], minlength=len(self._counts))

    def counts(self) -> Counter[int]:
        """Return by import how many of the requests it brought."""
        found: Counter[int] = Counter()
        for number, count in zip(self._imports.tolist(), self._counts.tolist(), strict=True):
            found[number] += count
        return found
