"""Counts what stands beside the figures: promises, service hours, questions back, completeness, what waits for review.

Derives nothing anew: outcomes hold it all. No words, no I/O.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from slawatch.model import (
    ZERO,
    MessageKind,
    Outcome,
    Pledge,
    PledgeState,
    PublishedPromise,
    Reply,
    Verdict,
    Wait,
    Writer,
)
from slawatch.objectives import Summary, summary
from slawatch.report.blot import Blot
from slawatch.report.book import Dialogue, InHours, Promised, Published
from slawatch.report.model import Case
from slawatch.statistics import wilson


def promised(cases: Iterable[Case]) -> Promised:
    """Count promises by what became of them."""
    states = Counter(pledge.state for case in cases for pledge in case.outcome.pledges)
    return Promised(
        kept=states[PledgeState.KEPT],
        broken=states[PledgeState.BROKEN],
        running=states[PledgeState.RUNNING],
        not_judged=states[PledgeState.NOT_JUDGED],
    )


def published(cases: Iterable[Case], promise: PublishedPromise | None) -> Published | None:
    """Hold the first responses against what the company says publicly; None where it says nothing of its reply time."""
    if promise is None or (promise.within is None and promise.business_days is None):
        return None
    kept = [_in_time(case) for case in cases if case.outcome.verdict is not Verdict.VOID]
    in_time, decided = kept.count(True), kept.count(True) + kept.count(False)
    low, high = wilson(in_time / decided, decided) if decided else (None, None)
    return Published(promise=promise, in_time=in_time, decided=decided, undecided=kept.count(None), low=low, high=high)


def _in_time(case: Case) -> bool | None:
    """Return whether the first response came by then; None while that is open, or where nothing was due."""
    wait, until, since = case.outcome.first_response, case.published_until, case.request.accepted_at
    if wait is None or until is None or since is None:
        return None
    allowed = until - since
    if wait.ended:
        return wait.length <= allowed
    return False if wait.length >= allowed else None


def in_hours(outcomes: Sequence[Outcome], window: timedelta) -> InHours | None:
    """Return both waits in service hours; None where no company states its hours."""
    stated = [outcome for outcome in outcomes if outcome.first_response_in_hours is not None]
    if not stated:
        return None
    # Each window by the clock holds its own service time; nobody can be followed for longer than the longest. A chat's
    # half hour in the evening holds none at all: all of its wait passes while nobody has to be there.
    longest = max(outcome.window_in_hours or ZERO for outcome in stated) or window
    answered = [outcome for outcome in stated if outcome.outside_hours is not None]
    return InHours(
        first_response=_summary((outcome.first_response_in_hours for outcome in stated), longest),
        answer=_summary((outcome.answer_in_hours for outcome in stated), longest),
        first_by_clock=_summary((outcome.first_response for outcome in stated), window),
        answer_by_clock=_summary((outcome.answer for outcome in stated), window),
        answered=len(answered),
        outside=sum(bool(outcome.outside_hours) for outcome in answered),
    )


def _summary(waits: Iterable[Wait | None], window: timedelta) -> Summary:
    return summary([wait for wait in waits if wait is not None], limit=window, window=window)


def dialogue(cases: Sequence[Case]) -> Dialogue:
    """Count questions back, our turns, and answers by whether they hold what is expected."""
    outcomes = [case.outcome for case in cases]
    return Dialogue(
        asked_back=sum(any(_asks(reply) for reply in case.replies) for case in cases),
        paused=sum((outcome.paused for outcome in outcomes), timedelta(0)),
        answers=sum(outcome.answer_reply_id is not None for outcome in outcomes),
        complete=sum(outcome.complete is True for outcome in outcomes),
        incomplete=sum(outcome.complete is False for outcome in outcomes),
        handed_off=sum(_only_handed_off(case) for case in cases),
    )


def _asks(reply: Reply) -> bool:
    return reply.kind is MessageKind.QUESTION and reply.counts


def _only_handed_off(case: Case) -> bool:
    """Whether a person sent us elsewhere and nobody answered."""
    if case.outcome.void_reason is not None or case.outcome.answer_reply_id is not None:
        return False
    return any(reply.kind is MessageKind.HANDOFF and reply.counts for reply in case.replies)


def doubt(reply: Reply) -> str:
    """Return why a reply counts nowhere: "stranger", "forged" or "weak"; "" where it counts."""
    if reply.counts:
        return ""
    writer = reply.written_by.writer
    return str(writer) if writer in {Writer.STRANGER, Writer.FORGED} else "weak"


def waiting(replies: Iterable[Reply]) -> tuple[str, ...]:
    """Return for each reply that waits for review why it does."""
    return tuple(doubt(reply) or "unknown" for reply in replies if reply.in_review)


def pledges(case: Case, reply: Reply, hide: Blot) -> tuple[Pledge, ...]:
    """Return what a reply promises, its words fit to be shown."""
    return tuple(
        replace(pledge, promise=replace(pledge.promise, quote=hide(pledge.promise.quote)))
        for pledge in case.outcome.pledges
        if pledge.message_id == reply.message_id
    )
