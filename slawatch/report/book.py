"""What a report shows, in order, as frozen values: statements, groups, entries, and the book that holds them.

Only looks up and counts what build.py has put in; judges nothing and says nothing in words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from slawatch.budget import Budget
from slawatch.compare import Place
from slawatch.model import (
    ZERO,
    Form,
    Measure,
    MessageKind,
    Objective,
    Origin,
    Outcome,
    Pledge,
    PledgeState,
    Proof,
    PublishedPromise,
    Reason,
    Request,
    Standard,
    Verdict,
    VoidReason,
)
from slawatch.objectives import Judgement, Summary, Within
from slawatch.report.across import Across, Handling
from slawatch.report.change import Change
from slawatch.report.model import CompanyView, Material
from slawatch.report.trail import Chats, Sight
from slawatch.report.when import When


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
class Promised:
    """What became of a group's promises; `not_judged` are those that nothing we can see decides."""

    kept: int
    broken: int
    running: int
    not_judged: int

    @property
    def made(self) -> int:
        """Return how many promises were made."""
        return self.kept + self.broken + self.running + self.not_judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What a company says publicly of its reply time, beside what was measured.

    Of `decided` waits for the first response `in_time` ended within it; `low` and `high` bound that share at 95 %
    (Wilson), None where nothing is decided. `undecided` ones may still end in time.
    """

    promise: PublishedPromise
    in_time: int
    decided: int
    undecided: int
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InHours:
    """Both waits in service hours and by the clock, of the requests to companies that state their hours.

    `outside` of `answered` first responses came while the company was closed.
    """

    first_response: Summary
    answer: Summary
    first_by_clock: Summary
    answer_by_clock: Summary
    answered: int
    outside: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialogue:
    """How often a company asked us back, how long it was our turn, and whether its answers hold what they should.

    `complete` and `incomplete` count answers with facts that are expected of them; others are in neither. `handed_off`
    are requests that were only sent elsewhere.
    """

    asked_back: int
    paused: timedelta
    answers: int
    complete: int
    incomplete: int
    handed_off: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How many replies wait for review, and why: each counts nowhere until a person settles it."""

    weak: int
    strangers: int
    forged: int
    unknown: int

    @property
    def total(self) -> int:
        """Return how many wait."""
        return self.weak + self.strangers + self.forged + self.unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to a request.

    `what` is "asked", "observed" where others asked, "attempt-" with its outcome, "accepted" ("posted" where everybody
    can read it), "handed-over" where it came back later, a message's kind, "bystander" for anybody else's word, or
    "follow-up-" with its purpose. `sender` is a domain or a handle; `deleted` ones their authors have taken back.
    `doubt` says why a message counts nowhere: "weak", "stranger" or "forged". `complete` speaks of the answer,
    `pledges` are what the message promises and what became of that.

    In a chat `what` is also "moment-" with its kind, "meant" for what was never asked, "began" for the wait's beginning
    and "sight" for a picture of no step. `offset` is the time since the wait began, negative before it; by `clock`
    ("page", "server", "local") it may be off by `earlier` and `later`. `speaker` is "person", "machine", "unknown",
    "page" or "ourselves"; `author` and `author_by` are who the far side's own marks say it was. `skipped` steps alike
    that follow are not shown. Of a message `source` names its stamp (Stamps.source) and `sha256` its raw
    evidence, which is `sealed` where it was thrown away, `locked` where nobody has its key.
    """

    at: datetime
    what: str
    after: timedelta | None = None
    role: str = ""  # "first", "answer" or "both" where this message ended a wait
    detail: str = ""
    because: tuple[Reason, ...] = ()
    excerpt: str = ""
    sender: str = ""
    deleted: bool = False
    doubt: str = ""
    complete: bool | None = None
    pledges: tuple[Pledge, ...] = ()
    offset: timedelta | None = None
    clock: str = ""
    earlier: timedelta = ZERO
    later: timedelta = ZERO
    speaker: str = ""
    author: str = ""
    author_by: str = ""
    says_machine: bool | None = None
    sights: tuple[Sight, ...] = ()
    skipped: int = 0
    source: str = ""
    sha256: str = ""
    sealed: bool = False
    locked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One request as the report lists it.

    `reached_after` is the wait for the first response, even a late one; `asked_back` tells that the wait for the answer
    is counted up to the company's question, because it is our turn. `waiting` names what waits for review and why.
    `continues` is the request whose matter it takes up on another way, by its public id, "" for one outside the report;
    None where it takes up none. `told_again` as in Case.
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
    waiting: tuple[str, ...] = ()
    chat: bool = False
    continues: str | None = None
    told_again: bool | None = None

    @property
    def left_out(self) -> int:
        """Return how many pictures of it the report does not hold."""
        return sum(sight.left_out for event in self.timeline for sight in event.sights)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """All requests to one company on one way; `company` is None where it holds all companies of the way.

    `channel` is the way (Request.way), `over` the channels that only lead there. Void requests stand in `void` only:
    n = answered + missed + pending. `standard` is None where the companies of a way are held to different ones;
    nothing is then judged for them together. `budgets` are counted over periods of their own.
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
    promised: Promised
    dialogue: Dialogue
    in_hours: InHours | None = None
    published: Published | None = None
    over: tuple[str, ...] = ()
    chats: Chats = field(default_factory=Chats)
    budgets: tuple[Budget, ...] = ()
    change: Change | None = None
    when: When | None = None
    handling: Handling | None = None

    @property
    def n(self) -> int:
        """Return how many requests count."""
        return self.answered + self.missed + self.pending

    @property
    def anchor(self) -> str:
        """Return an id for links within the page."""
        parts = (self.company.key if self.company else "all", self.channel, "observed" if self.observed else "")
        return "-".join(re.sub(r"[^a-z0-9]+", "-", part.lower()) for part in parts if part)

    @property
    def dossier(self) -> str:
        """Return the id of the company's own section within the page; "" for all companies together."""
        return "company-" + re.sub(r"[^a-z0-9]+", "-", self.company.key.lower()) if self.company else ""

    def budget(self, objective: Objective) -> Budget | None:
        """Return the error budget of an objective, None where it has none: a mean, or where nothing says its period."""
        return next((found for found in self.budgets if found.objective == objective), None)

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A group in a league; `place` is None where too few requests carry one (compare.NEEDS)."""

    group: Group
    place: Place | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeagueRow:
    """The league of one objective of a channel: its companies in order of their places, ties by name."""

    channel: str
    observed: bool
    objective: Objective
    rows: tuple[Placed, ...]


@dataclass(frozen=True, kw_only=True)
class Book:
    """Everything a report shows, in order. `groups` holds companies, `channels` the groups over all companies."""

    material: Material
    groups: tuple[Group, ...]
    channels: tuple[Group, ...]
    board: tuple[BoardRow, ...]
    leagues: tuple[LeagueRow, ...] = ()
    across: Across = field(default_factory=Across)

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
    def origins(self) -> tuple[tuple[str, Mapping[Origin, int]], ...]:
        """Return for each channel on which everybody can read along how many questions were asked by whom."""
        counts: dict[str, Counter[Origin]] = {}
        for entry in self.entries:
            if entry.request.text.form is Form.POST:
                counts.setdefault(entry.request.way, Counter())[entry.request.origin] += 1
        return tuple(sorted(counts.items()))

    @property
    def asked_again(self) -> tuple[int, int]:
        """Return of how many silences a platform was asked once more, and of how many it could not be."""
        posts = [entry for entry in self.entries if entry.request.text.form is Form.POST and not entry.request.made_up]
        return (
            sum(one.outcome.verdict is Verdict.MISSED and one.request.verified_at is not None for one in posts),
            sum(one.outcome.void_reason is VoidReason.NOT_OBSERVED for one in posts),
        )

    @property
    def chatted(self) -> bool:
        """Return whether there are chats in the report."""
        return any(entry.chat for entry in self.entries)

    @property
    def chat_groups(self) -> tuple[Group, ...]:
        """Return the groups of which there is anything to say as chats, way by way."""
        return tuple(group for together in self.channels for group in self.groups_of(together) if group.chats.anything)

    @cached_property
    def pictures(self) -> tuple[int, int]:
        """Return how many pictures the listed requests have in the report, and how many are left out of it."""
        sights = [sight for entry in self.listed(self.entries) for event in entry.timeline for sight in event.sights]
        return sum(one.picture is not None for one in sights), sum(one.left_out for one in sights)

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

    @cached_property
    def waiting(self) -> Waiting:
        """Return how many replies of the report wait for review."""
        counts = Counter(why for entry in self.entries for why in entry.waiting)
        return Waiting(
            weak=counts["weak"], strangers=counts["stranger"], forged=counts["forged"], unknown=counts["unknown"]
        )

    @cached_property
    def in_review(self) -> tuple[Entry, ...]:
        """Return the requests with replies that wait for review."""
        return tuple(entry for entry in self.entries if entry.waiting)

    @cached_property
    def promising(self) -> tuple[tuple[Entry, Pledge], ...]:
        """Return every promise with its request, the broken first, then those that run, the earliest due first."""
        order = (PledgeState.BROKEN, PledgeState.RUNNING, PledgeState.KEPT, PledgeState.NOT_JUDGED)
        found = [(entry, pledge) for entry in self.entries for event in entry.timeline for pledge in event.pledges]
        return tuple(sorted(found, key=lambda one: (order.index(one[1].state), one[1].due_at)))

    @cached_property
    def open_promises(self) -> tuple[tuple[Entry, Pledge], ...]:
        """Return those that are broken or still running; the kept ones stand with their requests."""
        return tuple(one for one in self.promising if one[1].state in {PledgeState.BROKEN, PledgeState.RUNNING})

    @cached_property
    def our_turn(self) -> tuple[Entry, ...]:
        """Return the requests in which we were asked back."""
        return tuple(
            entry
            for entry in self.entries
            if any(event.what == MessageKind.QUESTION and not event.doubt for event in entry.timeline)
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

    @cached_property
    def by_company(self) -> tuple[tuple[CompanyView, tuple[Group, ...]], ...]:
        """Return each company once, with its groups on all its ways."""
        found: dict[str, list[Group]] = {}
        for group in self.groups:
            if group.company is not None:
                found.setdefault(group.company.key, []).append(group)
        return tuple((held[0].company, tuple(held)) for held in found.values() if held[0].company is not None)

    def companies_of(self, together: Group) -> tuple[Group, ...]:
        """Return the companies of a channel, without all of them together."""
        return tuple(group for group in self.groups_of(together) if group.company is not None)

    def rows_of(self, together: Group) -> tuple[BoardRow, ...]:
        """Return the objectives that companies of a channel are held to."""
        return tuple(row for row in self.board if (row.channel, row.observed) == (together.channel, together.observed))

    def placed(self, row: BoardRow) -> tuple[Placed, ...]:
        """Return the league of an objective, none where places were not worked out."""
        key = (row.channel, row.observed, row.objective)
        return next((one.rows for one in self.leagues if (one.channel, one.observed, one.objective) == key), ())

    def in_league(self, row: BoardRow) -> tuple[Group, ...]:
        """Return the companies held to an objective in the order of their places, else the proven first."""
        return tuple(one.group for one in self.placed(row)) or row.groups

    @staticmethod
    def behind(group: Group) -> tuple[tuple[str, tuple[Entry, ...]], ...]:
        """Return the requests behind each count of a group, by the count's name; none for a count of nothing."""
        by_verdict = (("answered", Verdict.ANSWERED), ("missed", Verdict.MISSED), ("pending", Verdict.PENDING))
        found = [(name, [one for one in group.entries if one.outcome.verdict is what]) for name, what in by_verdict]
        found.append(("late", [one for one in group.entries if one.outcome.late]))
        found.append(("void", [one for one in group.entries if one.outcome.verdict is Verdict.VOID]))
        return tuple((name, tuple(entries)) for name, entries in found if entries)

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
