"""Turns material into a book: groups judged and summed up, requests in order, and all that must be disclosed beside.

Judges nothing itself (objectives.py does) and says nothing in words (reports/*.toml do); no I/O.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from statistics import median

from slawatch.model import (
    ZERO,
    AttemptOutcome,
    DeliveryProof,
    Form,
    Measure,
    MessageKind,
    Objective,
    ObjectiveKind,
    Origin,
    Outcome,
    Proof,
    PublishedPromise,
    Reason,
    Reply,
    Request,
    Standard,
    Verdict,
    VoidReason,
    Wait,
    Writer,
)
from slawatch.objectives import Summary, judge, straddles, summary
from slawatch.report import beside, chats
from slawatch.report.blot import Blot
from slawatch.report.book import BoardRow, Book, Entry, Event, Group, Receipts, Statement, Unended
from slawatch.report.budgets import with_budgets
from slawatch.report.compared import across, with_comparisons
from slawatch.report.league import leagues
from slawatch.report.model import Case, CompanyView, Material
from slawatch.report.transcript import said, transcript
from slawatch.waits import wait_for

ROBOTS = (MessageKind.ACKNOWLEDGEMENT, MessageKind.OUT_OF_OFFICE, MessageKind.BOT)


def build(material: Material) -> Book:
    """Return the book of the material. Companies stand in the order of their names, requests in the order of asking.

    Observed requests never share a group with those that were asked for the purpose: who asks decides what is asked.
    """
    hide = Blot(material.cases, ours=material.ours, most=material.excerpt_max, own=material.redaction)
    named = {case.request.id: case.request.public_id for case in material.cases}
    by_group: dict[tuple[str, str, bool], list[Case]] = {}
    for case in material.cases:
        observed = case.request.origin is Origin.OBSERVED
        by_group.setdefault((case.request.company, case.request.way, observed), []).append(case)
    groups = tuple(
        _group(
            cases,
            material.companies[company],
            channel,
            (material.standards[company, channel],),
            hide,
            named,
            made_at=material.made_at,
            promise=material.published.get((company, channel)),
        )
        for (company, channel, _), cases in sorted(
            by_group.items(), key=lambda item: (material.companies[item[0][0]].name.casefold(), item[0])
        )
    )
    groups = with_comparisons(with_budgets(groups, material), material)
    channels = with_comparisons(_channels(material, groups, hide, named), material)
    board = _board(groups)
    return Book(
        material=material,
        groups=groups,
        channels=channels,
        board=board,
        leagues=leagues(board),
        across=across(material, channels),
    )


def _channels(material: Material, groups: Sequence[Group], hide: Blot, named: Mapping[int, str]) -> tuple[Group, ...]:
    together = []
    for channel, observed in sorted({(group.channel, group.observed) for group in groups}):
        standards = [
            group.standard
            for group in groups
            if (group.channel, group.observed) == (channel, observed) and group.standard is not None
        ]
        inside = [
            case
            for case in material.cases
            if case.request.way == channel and (case.request.origin is Origin.OBSERVED) is observed
        ]
        together.append(_group(inside, None, channel, standards, hide, named, made_at=material.made_at))
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
    hide: Blot,
    named: Mapping[int, str],
    *,
    made_at: datetime,
    promise: PublishedPromise | None = None,
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
        entries=tuple(_entry(case, company, hide, named) for case in ordered) if company else (),
        answered=verdicts[Verdict.ANSWERED],
        missed=verdicts[Verdict.MISSED],
        pending=verdicts[Verdict.PENDING],
        void=Counter(outcome.void_reason for outcome in outcomes if outcome.void_reason is not None),
        late=sum(outcome.late for outcome in outcomes),
        missed_proven=sum(outcome.proof is DeliveryProof.PROVEN for outcome in missed),
        statements=_statements(cases, outcomes, counting, standard, made_at),
        first_response=_summary(outcomes, Measure.FIRST_RESPONSE, standard, window),
        answer=_summary(outcomes, Measure.ANSWER, standard, window),
        receipts=_receipts(cases),
        in_review=sum(outcome.in_review > 0 for outcome in outcomes),
        promised=beside.promised(cases),
        dialogue=beside.dialogue(cases),
        in_hours=beside.in_hours(outcomes, window),
        published=beside.published(cases, promise),
        over=tuple(sorted({case.request.channel for case in cases} - {channel})),
        chats=chats.chats(cases),
    )


def _waits(outcomes: Iterable[Outcome], measure: Measure, *, in_hours: bool = False) -> list[Wait]:
    waits = (_wait(outcome, measure, in_hours=in_hours) for outcome in outcomes)
    return [wait for wait in waits if wait is not None]


def _wait(outcome: Outcome, measure: Measure, *, in_hours: bool) -> Wait | None:
    """Return the wait by one of the two clocks: None where the request is void, or where no service hours are known."""
    if measure is Measure.FIRST_RESPONSE:
        return outcome.first_response_in_hours if in_hours else outcome.first_response
    return outcome.answer_in_hours if in_hours else outcome.answer


def _statements(
    cases: Sequence[Case],
    outcomes: Sequence[Outcome],
    counting: Sequence[Outcome],
    standard: Standard | None,
    made_at: datetime,
) -> tuple[Statement, ...]:
    if standard is None:
        return ()
    found = []
    for objective in standard.objectives:
        plain = _statement(objective, cases, outcomes, standard.window, made_at)
        sure, all_of_them = (
            _waits(those, objective.measure, in_hours=objective.in_hours) for those in (outcomes, counting)
        )
        if sure != all_of_them:
            plain = replace(plain, counting_unknown=_statement(objective, cases, counting, standard.window, made_at))
        found.append(plain)
    return tuple(found)


def _statement(
    objective: Objective,
    cases: Sequence[Case],
    outcomes: Sequence[Outcome],
    window: timedelta,
    made_at: datetime,
) -> Statement:
    waits = _waits(outcomes, objective.measure, in_hours=objective.in_hours)
    by_clock, whole = _waits(outcomes, objective.measure), window
    over_by = objective.limit if objective.kind is ObjectiveKind.SHARE else window
    if objective.in_hours:
        # When so much service time is over by the clock is not known here; at the end of the window it is.
        over_by = window
        # Each window by the clock holds its own service time; nobody can be followed for longer than the longest.
        window = max((outcome.window_in_hours or ZERO for outcome in outcomes), default=ZERO) or window
    return Statement(
        objective=objective,
        judgement=judge(objective, waits, window=window),
        counting_unknown=None,
        unended=_unended(
            zip(cases, outcomes, strict=True),
            objective,
            objective.limit if objective.kind is ObjectiveKind.SHARE else window,
            made_at - over_by,
        ),
        straddling=sum(straddles(wait, objective.limit) for wait in waits),
        whole_window=summary(by_clock, limit=whole, window=whole).within[-1] if by_clock else None,
    )


def _unended(
    together: Iterable[tuple[Case, Outcome]], objective: Objective, limit: timedelta, over_if_asked_by: datetime
) -> Unended:
    counts: Counter[str] = Counter()
    for case, outcome in together:
        for wait in _waits([outcome], objective.measure, in_hours=objective.in_hours):
            if wait.ended or wait.length >= limit:
                continue
            if objective.measure is Measure.ANSWER and _asked_back(case, outcome):
                counts["asked_back"] += 1
            elif _asked_at(case.request) <= over_if_asked_by:
                counts["unwatched"] += 1
            else:
                counts["open"] += 1
    return Unended(open=counts["open"], asked_back=counts["asked_back"], unwatched=counts["unwatched"])


def _asked_back(case: Case, outcome: Outcome) -> bool:
    """Whether the wait for the answer was counted up to a question of the company, since when it is our turn."""
    wait = outcome.answer
    if wait is None or wait.ended:
        return False
    questions = (reply for reply in case.replies if reply.kind is MessageKind.QUESTION and _counts(reply))
    return any(wait_for(case.request, question).length == wait.length for question in questions)


def _summary(outcomes: Sequence[Outcome], measure: Measure, standard: Standard | None, window: timedelta) -> Summary:
    objectives = standard.objectives if standard else ()
    limit = next((one.limit for one in objectives if one.measure is measure and not one.in_hours), window)
    return summary(_waits(outcomes, measure), limit=limit, window=window)


def _receipts(cases: Sequence[Case]) -> Receipts:
    waits = [case.outcome.acknowledged.total_seconds() for case in cases if case.outcome.acknowledged is not None]
    kinds: Counter[MessageKind] = Counter()
    for case in cases:
        kinds.update({reply.kind for reply in case.replies if reply.kind in ROBOTS and _counts(reply)})
    return Receipts(acknowledged=len(waits), median=timedelta(seconds=median(waits)) if waits else None, by_kind=kinds)


def _counts(reply: Reply) -> bool:
    return reply.counts


def _asked_at(request: Request) -> datetime:
    return request.accepted_at or request.intended_at


def _entry(case: Case, company: CompanyView, hide: Blot, named: Mapping[int, str]) -> Entry:
    request, outcome = case.request, case.outcome
    hide = hide.within(case, keep=(company.name,))
    first = next((reply for reply in case.replies if reply.message_id == outcome.first_reply_id), None)
    reached = wait_for(request, first).length if first and request.accepted_at else None
    return Entry(
        request=request,
        outcome=outcome,
        company=company,
        asked_at=_asked_at(request),
        subject=_asked(request, hide),
        void_detail=hide.cut(hide(request.void_detail or _bounce(case))),
        reached_after=reached,
        asked_back=_asked_back(case, outcome),
        timeline=_timeline(case, hide),
        waiting=beside.waiting(case.replies),
        chat=chats.is_chat(case),
        continues=None if request.continues is None else named.get(request.continues, ""),
        told_again=case.told_again,
    )


def _bounce(case: Case) -> str:
    """Return what came back for a request that was returned: the mail server's own words, as far as they are kept."""
    if case.outcome.void_reason is not VoidReason.BOUNCED:
        return ""
    bounces = (reply for reply in case.replies if reply.kind is MessageKind.BOUNCE)
    return next((case.texts.get(reply.message_id, "") for reply in bounces), "")


def _timeline(case: Case, hide: Blot) -> tuple[Event, ...]:
    if chats.is_chat(case):
        return transcript(case, _events(case, hide), hide, hide.cut)
    return tuple(sorted(_events(case, hide), key=lambda event: event.at))


def _events(case: Case, hide: Blot) -> Iterable[Event]:
    request = case.request
    observed, public = request.origin is Origin.OBSERVED, request.text.form is Form.POST
    yield Event(at=request.intended_at, what="observed" if observed else "asked", detail=_asked(request, hide))
    for attempt in case.attempts:
        if attempt.outcome is not AttemptOutcome.SENT:
            yield Event(at=attempt.started_at, what=f"attempt-{attempt.outcome}", detail=hide(attempt.detail))
    if request.accepted_at is not None and case.outcome.void_reason is VoidReason.BOUNCED:
        yield Event(at=request.accepted_at, what="handed-over")  # by whom the bounce does not say; not the company
    elif request.accepted_at is not None and public:
        if not observed:
            yield Event(at=request.accepted_at, what="posted")
    elif request.accepted_at is not None:
        yield Event(at=request.accepted_at, what="accepted", detail=request.proof)
    for reply in case.replies:
        yield _reply_event(case, reply, hide)
    for ours in case.follow_ups:
        if ours.sent_at is not None:
            yield Event(
                at=ours.sent_at,
                what="wrote-again" if observed else f"follow-up-{ours.purpose}",
                excerpt=hide.cut(hide(ours.body)),
            )


def _asked(request: Request, hide: Blot) -> str:
    """Return what stands for a question: its subject; a post has none, but is short."""
    return hide(request.text.subject) or hide.cut(hide(request.text.body))


def _reply_event(case: Case, reply: Reply, hide: Blot) -> Event:
    if reply.written_by.writer is Writer.BYSTANDER:  # who that was, and what they said, is nobody's business
        return Event(at=reply.stamps.at, what=str(Writer.BYSTANDER))
    deleted = reply.message_id in case.deleted
    ended_first = reply.message_id == case.outcome.first_reply_id
    ended_answer = reply.message_id == case.outcome.answer_reply_id
    event = Event(
        at=reply.stamps.at,
        what=reply.kind,
        after=wait_for(case.request, reply).length if case.request.accepted_at else None,
        role="both" if ended_first and ended_answer else "first" if ended_first else "answer" if ended_answer else "",
        detail=hide(reply.subject),
        because=() if deleted else tuple(Reason(rule=one.rule, saw=hide(one.saw)) for one in reply.because),
        excerpt=hide.cut(hide(case.texts.get(reply.message_id, ""))),
        sender=hide(case.handles.get(reply.message_id) or reply.sender.rpartition("@")[2]),
        deleted=deleted,
        doubt=beside.doubt(reply),
        complete=reply.complete if ended_answer else None,
        pledges=beside.pledges(case, reply, hide),
        source=reply.stamps.source,
        earlier=reply.stamps.earlier,
        later=reply.stamps.later,
        sha256=case.digests.get(reply.message_id, ""),
        sealed=reply.message_id in case.sealed,
        locked=reply.message_id in case.locked,
    )
    return said(case, event, reply, hide) if chats.is_chat(case) else event
