"""Turns material into a book: groups judged and summed up, requests in order, and all that must be disclosed beside.

Judges nothing itself (objectives.py does) and says nothing in words (reports/*.toml do); no I/O.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from statistics import median

from slawatch.model import (
    AttemptOutcome,
    DeliveryProof,
    Measure,
    MessageKind,
    Objective,
    Origin,
    Outcome,
    Proof,
    Reason,
    Reply,
    Request,
    Standard,
    Strength,
    Verdict,
    VoidReason,
    Wait,
)
from slawatch.objectives import Judgement, Summary, Within, judge, straddles, summary
from slawatch.report.model import Case, CompanyView, Material
from slawatch.waits import wait_for

EVERYBODY = "*"  # the company of a group that holds a whole channel
EXCERPT_MAX = 280  # characters of a reply shown; enough to judge its kind, too few to republish a letter
ROBOTS = (MessageKind.ACKNOWLEDGEMENT, MessageKind.OUT_OF_OFFICE, MessageKind.BOT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One objective judged for one group. `counting_unknown` is None where no reply waiting for review touches it.

    `straddling` counts waits that, within the accuracy of their stamps, may lie on either side of the limit.
    `whole_window` is the share that ended within the window; it stands beside a mean, whose interval knows only waits
    like those seen and nothing of a rare silence that has not occurred yet (statistics.restricted_mean).
    """

    objective: Objective
    judgement: Judgement
    counting_unknown: Judgement | None
    straddling: int
    whole_window: Within | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipts:
    """What machines wrote: to how many requests each kind came, and the wait for the first receipt."""

    acknowledged: int
    median: timedelta | None
    by_kind: Mapping[MessageKind, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to a request.

    `what` is "asked", "attempt-" with its outcome, "accepted" or a message's kind.
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
    """One request as the report lists it. `reached_after` is the wait for the first response, even a late one."""

    request: Request
    outcome: Outcome
    company: CompanyView
    asked_at: datetime
    subject: str
    void_detail: str
    reached_after: timedelta | None
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
        """Return the time the first objective for this wait names, None where there is no such objective."""
        limits = (found.objective.limit for found in self.statements if found.objective.measure is measure)
        return next(limits, None)

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

    @property
    def all_made_up(self) -> bool:
        """Return whether nothing in the report comes from the world."""
        return all(entry.request.made_up for entry in self.entries)

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


def build(material: Material) -> Book:
    """Return the book of the material. Companies stand in the order of their names, requests in the order of asking.

    Observed requests never share a group with those that were asked for the purpose: who asks decides what is asked.
    """
    hide = _Secrets(material.cases)
    by_group: dict[tuple[str, str, bool], list[Case]] = {}
    for case in material.cases:
        observed = case.request.origin is Origin.OBSERVED
        by_group.setdefault((case.request.company, case.request.channel, observed), []).append(case)
    groups = tuple(
        _group(cases, material.companies[company], channel, (material.standards[company, channel],), hide)
        for (company, channel, _), cases in sorted(
            by_group.items(), key=lambda item: (material.companies[item[0][0]].name.casefold(), item[0])
        )
    )
    return Book(
        material=material, groups=groups, channels=_channels(material.cases, groups, hide), board=_board(groups)
    )


def _channels(cases: Sequence[Case], groups: Sequence[Group], hide: _Secrets) -> tuple[Group, ...]:
    together = []
    for channel, observed in sorted({(group.channel, group.observed) for group in groups}):
        standards = [
            group.standard
            for group in groups
            if (group.channel, group.observed) == (channel, observed) and group.standard is not None
        ]
        inside = [
            case
            for case in cases
            if case.request.channel == channel and (case.request.origin is Origin.OBSERVED) is observed
        ]
        together.append(_group(inside, None, channel, standards, hide))
    return tuple(together)


def _board(groups: Sequence[Group]) -> tuple[BoardRow, ...]:
    rows: dict[tuple[str, bool, Objective], list[Group]] = {}
    for group in groups:
        for found in group.statements:
            rows.setdefault((group.channel, group.observed, found.objective), []).append(group)
    return tuple(
        BoardRow(
            channel=channel,
            observed=observed,
            objective=objective,
            by_proof={proof: tuple(group for group in held if _proof(group, objective) is proof) for proof in Proof},
        )
        for (channel, observed, objective), held in sorted(rows.items(), key=lambda row: _board_order(row[0]))
    )


def _board_order(key: tuple[str, bool, Objective]) -> tuple[str, bool, bool, timedelta]:
    channel, observed, objective = key
    return channel, observed, objective.measure is Measure.ANSWER, objective.limit


def _proof(group: Group, objective: Objective) -> Proof | None:
    found = group.statement(objective)
    return found.judgement.proof if found else None


def _group(
    cases: Sequence[Case],
    company: CompanyView | None,
    channel: str,
    standards: Sequence[Standard],
    hide: _Secrets,
) -> Group:
    standard = standards[0] if len(set(standards)) == 1 else None
    window = min(held.window for held in standards)  # a longer one would ask of a wait what was not watched
    outcomes = [case.outcome for case in cases]
    counting = [case.outcome_counting_unknown for case in cases]
    verdicts = Counter(outcome.verdict for outcome in outcomes)
    missed = [outcome for outcome in outcomes if outcome.verdict is Verdict.MISSED]
    ordered = sorted(cases, key=lambda case: (_asked_at(case.request), case.request.id))
    origins = [origin for origin in Origin if any(case.request.origin is origin for case in cases)]
    return Group(
        company=company,
        channel=channel,
        origin="+".join(origins),
        observed=Origin.OBSERVED in origins,
        standard=standard,
        window=window,
        entries=tuple(_entry(case, company, hide) for case in ordered) if company else (),
        answered=verdicts[Verdict.ANSWERED],
        missed=verdicts[Verdict.MISSED],
        pending=verdicts[Verdict.PENDING],
        void=Counter(outcome.void_reason for outcome in outcomes if outcome.void_reason is not None),
        late=sum(outcome.late for outcome in outcomes),
        missed_proven=sum(outcome.proof is DeliveryProof.PROVEN for outcome in missed),
        statements=_statements(outcomes, counting, standard),
        first_response=_summary(outcomes, Measure.FIRST_RESPONSE, standard, window),
        answer=_summary(outcomes, Measure.ANSWER, standard, window),
        receipts=_receipts(cases),
        in_review=sum(outcome.in_review > 0 for outcome in outcomes),
    )


def _waits(outcomes: Iterable[Outcome], measure: Measure) -> list[Wait]:
    waits = (outcome.first_response if measure is Measure.FIRST_RESPONSE else outcome.answer for outcome in outcomes)
    return [wait for wait in waits if wait is not None]  # None exactly where the request is void


def _statements(
    outcomes: Sequence[Outcome], counting: Sequence[Outcome], standard: Standard | None
) -> tuple[Statement, ...]:
    if standard is None:
        return ()
    found = []
    for objective in standard.objectives:
        waits, with_unknown = _waits(outcomes, objective.measure), _waits(counting, objective.measure)
        judgement = judge(objective, waits, window=standard.window)
        found.append(
            Statement(
                objective=objective,
                judgement=judgement,
                counting_unknown=None
                if waits == with_unknown
                else judge(objective, with_unknown, window=standard.window),
                straddling=sum(straddles(wait, objective.limit) for wait in waits),
                whole_window=summary(waits, limit=standard.window, window=standard.window).within[-1]
                if waits
                else None,
            )
        )
    return tuple(found)


def _summary(outcomes: Sequence[Outcome], measure: Measure, standard: Standard | None, window: timedelta) -> Summary:
    objectives = standard.objectives if standard else ()
    limit = next((objective.limit for objective in objectives if objective.measure is measure), window)
    return summary(_waits(outcomes, measure), limit=limit, window=window)


def _receipts(cases: Sequence[Case]) -> Receipts:
    waits = [case.outcome.acknowledged.total_seconds() for case in cases if case.outcome.acknowledged is not None]
    kinds: Counter[MessageKind] = Counter()
    for case in cases:
        kinds.update({reply.kind for reply in case.replies if reply.kind in ROBOTS and _counts(reply)})
    return Receipts(acknowledged=len(waits), median=timedelta(seconds=median(waits)) if waits else None, by_kind=kinds)


def _counts(reply: Reply) -> bool:
    return reply.strength is not Strength.WEAK


def _asked_at(request: Request) -> datetime:
    return request.accepted_at or request.intended_at


def _entry(case: Case, company: CompanyView, hide: _Secrets) -> Entry:
    request, outcome = case.request, case.outcome
    first = next((reply for reply in case.replies if reply.message_id == outcome.first_reply_id), None)
    reached = wait_for(request, first).length if first and request.accepted_at else None
    return Entry(
        request=request,
        outcome=outcome,
        company=company,
        asked_at=_asked_at(request),
        subject=hide(request.text.subject),
        void_detail=_cut(hide(request.void_detail or _bounce(case))),
        reached_after=reached,
        timeline=tuple(sorted(_events(case, hide), key=lambda event: event.at)),
    )


def _bounce(case: Case) -> str:
    """Return what came back for a request that was returned: the mail server's own words, as far as they are kept."""
    if case.outcome.void_reason is not VoidReason.BOUNCED:
        return ""
    bounces = (reply for reply in case.replies if reply.kind is MessageKind.BOUNCE)
    return next((case.texts.get(reply.message_id, "") for reply in bounces), "")


def _events(case: Case, hide: _Secrets) -> Iterable[Event]:
    request = case.request
    yield Event(at=request.intended_at, what="asked", detail=hide(request.text.subject))
    for attempt in case.attempts:
        if attempt.outcome is not AttemptOutcome.SENT:
            yield Event(at=attempt.started_at, what=f"attempt-{attempt.outcome}", detail=hide(attempt.detail))
    if request.accepted_at is not None:
        yield Event(at=request.accepted_at, what="accepted", detail=request.proof)
    for reply in case.replies:
        yield _reply_event(case, reply, hide)


def _reply_event(case: Case, reply: Reply, hide: _Secrets) -> Event:
    ended_first = reply.message_id == case.outcome.first_reply_id
    ended_answer = reply.message_id == case.outcome.answer_reply_id
    return Event(
        at=reply.stamps.at,
        what=reply.kind,
        after=wait_for(case.request, reply).length if case.request.accepted_at else None,
        role="both" if ended_first and ended_answer else "first" if ended_first else "answer" if ended_answer else "",
        detail=hide(reply.subject),
        because=tuple(Reason(rule=reason.rule, saw=hide(reason.saw)) for reason in reply.because),
        excerpt=_cut(hide(case.texts.get(reply.message_id, ""))),
        sender_domain=hide(reply.sender.rpartition("@")[2]),
        weak=not _counts(reply),
    )


def _cut(text: str) -> str:
    flat = " ".join(text.split())
    if len(flat) <= EXCERPT_MAX:
        return flat
    return f"{flat[:EXCERPT_MAX].rsplit(' ', 1)[0]} …"


class _Secrets:
    """Blots out what would let a reader forge a reply: tokens, Message-IDs and envelope ids of every request shown."""

    _BLOT = "•••"
    _WORD = re.compile(r"[0-9A-Za-z]+")
    _ID = re.compile(r"[^\s<>\"(),;:=]{6,}")

    def __init__(self, cases: Iterable[Case]) -> None:
        self._tokens: set[str] = set()
        self._ids: set[str] = set()
        for case in cases:
            self._tokens.add(case.request.token.lower())
            self._ids.add(case.request.message_id.lower())
            self._ids.update(attempt.envelope_id.lower() for attempt in case.attempts)
        self._tokens.discard("")
        self._ids.discard("")
        self._lengths = {len(token) for token in self._tokens}

    def __call__(self, text: str) -> str:
        return self._WORD.sub(self._word, self._ID.sub(self._id, text))

    def _id(self, found: re.Match[str]) -> str:
        run = found[0].rstrip(".!?")  # the end of a sentence, no part of an id
        return self._BLOT + found[0][len(run) :] if run.lower() in self._ids else found[0]

    def _word(self, found: re.Match[str]) -> str:
        # A token may stand inside a longer run, as where a subject was joined without a space.
        run = found[0].lower()
        for length in self._lengths:
            for start in range(len(run) - length + 1):
                if run[start : start + length] in self._tokens:
                    return self._BLOT
        return found[0]
