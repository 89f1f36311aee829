"""What a report shows, in order, as frozen values: statements, groups, entries, and the book that holds them.

Only looks up and counts what build.py has put in; judges nothing and says nothing in words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from slawatch.model import (
    Measure,
    MessageKind,
    Objective,
    Outcome,
    Proof,
    Reason,
    Request,
    Standard,
    Verdict,
    VoidReason,
)
from slawatch.objectives import Judgement, Summary, Within
from slawatch.report.model import CompanyView, Material


@dataclass(frozen=True, slots=True, kw_only=True)
class Unended:
    """Why waits have not ended, counted: up to the limit of a share, up to the window of a mean.

    `asked_back` ended for us at a question of the company that has no reply from us, `unwatched` are older than the
    limit but were not looked at since, `open` may still end in time.
    """

    open: int
    asked_back: int
    unwatched: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One objective judged for one group.

    `counting_unknown` says the same with the replies waiting for review, None where they do not touch it. `straddling`
    counts waits that, within the accuracy of their stamps, may lie on either side of the limit. `whole_window` is the
    share that ended within the window; it stands beside a mean, whose interval knows only waits like those seen and
    nothing of a rare silence that has not occurred yet (statistics.restricted_mean).
    """

    objective: Objective
    judgement: Judgement
    counting_unknown: Statement | None
    unended: Unended
    straddling: int
    whole_window: Within | None

    @property
    def cut(self) -> int:
        """Return how many waits were longer than the window, so that a mean counts them as shorter than they were."""
        whole = self.whole_window
        return self.judgement.n - whole.answered - whole.undecided if whole else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipts:
    """What machines wrote: to how many requests each kind came, and the wait for the first receipt."""

    acknowledged: int
    median: timedelta | None
    by_kind: Mapping[MessageKind, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to a request.

    `what` is "asked", "attempt-" with its outcome, "accepted", "handed-over" where it came back later, or a message's
    kind.
    """

    at: datetime
    what: str
    after: timedelta | None = None
    role: str = ""  # "first", "answer" or "both" where this message ended a wait
    detail: str = ""
    because: tuple[Reason, ...] = ()
    excerpt: str = ""
    sender_domain: str = ""
    weak: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One request as the report lists it.

    `reached_after` is the wait for the first response, even a late one; `asked_back` tells that the wait for the answer
    is counted up to the company's question, because it is our turn.
    """

    request: Request
    outcome: Outcome
    company: CompanyView
    asked_at: datetime
    subject: str
    void_detail: str
    reached_after: timedelta | None
    asked_back: bool
    timeline: tuple[Event, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """All requests to one company on one channel; `company` is None where it holds all companies of the channel.

    Void requests stand in `void` only: n = answered + missed + pending. `standard` is None where the companies of a
    channel are held to different ones; nothing is then judged for them together.
    """

    company: CompanyView | None
    channel: str
    origin: str
    observed: bool
    standard: Standard | None
    window: timedelta
    entries: tuple[Entry, ...]
    answered: int
    missed: int
    pending: int
    void: Mapping[VoidReason, int]
    late: int
    missed_proven: int
    statements: tuple[Statement, ...]
    first_response: Summary
    answer: Summary
    receipts: Receipts
    in_review: int

    @property
    def n(self) -> int:
        """Return how many requests count."""
        return self.answered + self.missed + self.pending

    @property
    def anchor(self) -> str:
        """Return an id for links within the page."""
        parts = (self.company.key if self.company else "all", self.channel, "observed" if self.observed else "")
        return "-".join(re.sub(r"[^a-z0-9]+", "-", part.lower()) for part in parts if part)

    def statement(self, objective: Objective) -> Statement | None:
        """Return what was found for an objective, None where the group is not held to it."""
        return next((found for found in self.statements if found.objective == objective), None)

    @property
    def void_total(self) -> int:
        """Return how many requests stand outside the count."""
        return sum(self.void.values())

    def within(self, measure: Measure, limit: timedelta) -> Within | None:
        """Return the line of the answered-within table at a time, None where this group has none there."""
        return next((line for line in self.summary(measure).within if line.limit == limit), None)

    def limit(self, measure: Measure) -> timedelta | None:
        """Return the time the first objective for this wait by the clock names, None where there is no such one."""
        held = (found.objective for found in self.statements if not found.objective.in_hours)
        return next((objective.limit for objective in held if objective.measure is measure), None)

    def summary(self, measure: Measure) -> Summary:
        """Return the summary of one of the two waits."""
        return self.first_response if measure is Measure.FIRST_RESPONSE else self.answer


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRow:
    """One objective of a channel and the companies held to it, by what is proven."""

    channel: str
    observed: bool
    objective: Objective
    by_proof: Mapping[Proof, tuple[Group, ...]]

    @property
    def groups(self) -> tuple[Group, ...]:
        """Return the groups held to this objective, the proven first."""
        return tuple(group for proof in (Proof.MET, Proof.NOT_PROVEN, Proof.NOT_MET) for group in self.by_proof[proof])


@dataclass(frozen=True, kw_only=True)
class Book:
    """Everything a report shows, in order. `groups` holds companies, `channels` the groups over all companies."""

    material: Material
    groups: tuple[Group, ...]
    channels: tuple[Group, ...]
    board: tuple[BoardRow, ...]

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """Return every request of the report, in the order of the groups."""
        return tuple(entry for group in self.groups for entry in group.entries)

    @cached_property
    def _listed(self) -> frozenset[str]:
        most = self.material.listed_max
        shown = (group.entries if most is None else group.entries[-most:] for group in self.groups)
        return frozenset(entry.request.public_id for entries in shown for entry in entries)

    def listed(self, entries: Sequence[Entry]) -> tuple[Entry, ...]:
        """Return those of the entries that are listed one by one; the figures hold the others, too."""
        return tuple(entry for entry in entries if entry.request.public_id in self._listed)

    @property
    def all_made_up(self) -> bool:
        """Return whether nothing in the report comes from the world."""
        return all(entry.request.made_up for entry in self.entries)

    @property
    def asked(self) -> tuple[datetime, datetime]:
        """Return when the first and when the last request was asked; there must be one."""
        moments = [entry.asked_at for entry in self.entries]
        return min(moments), max(moments)

    @property
    def companies(self) -> int:
        """Return how many companies were asked."""
        return len({entry.company.key for entry in self.entries})

    @property
    def pending(self) -> tuple[Entry, ...]:
        """Return the requests still open, the longest waiting first."""
        found = [entry for entry in self.entries if entry.outcome.verdict is Verdict.PENDING]
        return tuple(sorted(found, key=lambda entry: entry.asked_at))

    @property
    def late(self) -> tuple[Entry, ...]:
        """Return the requests whose first response came after the window."""
        return tuple(entry for entry in self.entries if entry.outcome.late)

    @property
    def void(self) -> tuple[Entry, ...]:
        """Return the requests outside the count."""
        return tuple(entry for entry in self.entries if entry.outcome.verdict is Verdict.VOID)

    @property
    def void_by_reason(self) -> tuple[tuple[VoidReason, tuple[tuple[CompanyView, int], ...]], ...]:
        """Return for each reason how many requests to which company it took out of the count."""
        counts = Counter((entry.outcome.void_reason, entry.company.key) for entry in self.void)
        companies = {entry.company.key: entry.company for entry in self.void}
        return tuple(
            (reason, tuple((companies[key], n) for (why, key), n in counts.items() if why is reason))
            for reason in VoidReason
            if any(why is reason for why, _ in counts)
        )

    @property
    def touched_by_review(self) -> tuple[tuple[Group, Statement], ...]:
        """Return the statements that replies waiting for review may change."""
        return tuple(
            (group, found) for group in self.groups for found in group.statements if found.counting_unknown is not None
        )

    @property
    def straddling(self) -> int:
        """Return how many waits may, within the accuracy of their stamps, lie on either side of their limit."""
        return sum(found.straddling for group in self.groups for found in group.statements)

    @property
    def standards(self) -> tuple[tuple[str, Standard], ...]:
        """Return each set of objectives once, with its channel."""
        held = ((group.channel, group.standard) for group in self.groups if group.standard is not None)
        return tuple(dict.fromkeys(held))

    def groups_of(self, together: Group) -> tuple[Group, ...]:
        """Return the companies of a channel and, where there are several, all of them together at the end."""
        inside = tuple(
            group for group in self.groups if (group.channel, group.observed) == (together.channel, together.observed)
        )
        return (*inside, together) if len(inside) > 1 else inside

    def steps(self, together: Group, measure: Measure) -> tuple[timedelta, ...]:
        """Return the times of the answered-within table of a channel."""
        return tuple(
            sorted({line.limit for group in self.groups_of(together) for line in group.summary(measure).within})
        )
