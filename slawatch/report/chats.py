"""Counts what stands beside the waits of chats: who can be reached, how chats are taken up, machines, matters retold.

Derives nothing anew but times between two steps of one chat. No words, no I/O.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from statistics import median

from slawatch.model import Form, MomentKind, Reply, VoidReason
from slawatch.report.model import Case
from slawatch.report.trail import Accepting, Chats, Machines, Reach, Retold
from slawatch.statistics import wilson
from slawatch.waits import wait_for

_BEGUN = (MomentKind.QUEUED, MomentKind.READY, MomentKind.OPENED)


def is_chat(case: Case) -> bool:
    """Whether it was held in a chat, or on a way like it: on the telephone, over a bridge, whatever has steps."""
    return case.request.text.form is Form.CHAT or bool(case.request.network or case.moments)


def chats(cases: Sequence[Case]) -> Chats:
    """Return what is said of a group's chats."""
    held = [case for case in cases if is_chat(case)]
    way = _reach(held) if any(_may_be_shut(case) for case in held) else None
    return Chats(reach=way, accepting=_accepting(held), machines=_machines(held), retold=_retold(cases))


def _may_be_shut(case: Case) -> bool:
    """Whether the way is one that may be open or not; a letter-box always is."""
    reason = case.outcome.void_reason
    return case.request.text.form is Form.CHAT or (reason is not None and (reason.theirs or reason.ours))


def _reach(held: Sequence[Case]) -> Reach | None:
    """Count the tries by whether the way led to somebody.

    Neither side's count holds what came back, was refused, was withdrawn, or may have left: none of that says whether
    the advertised way was open.
    """
    reasons = [case.outcome.void_reason for case in held]
    why_not = Counter(reason for reason in reasons if reason is not None and reason.theirs)
    ours = Counter(reason for reason in reasons if reason is not None and reason.ours)
    reached = sum(_reached(case) for case in held)
    tried = reached + why_not.total()
    if not tried and not ours:
        return None
    low, high = wilson(reached / tried, tried) if tried else (None, None)
    return Reach(tried=tried, reached=reached, low=low, high=high, why_not=why_not, ours=ours)


def _reached(case: Case) -> bool:
    reason = case.outcome.void_reason
    # That we could not see what came back says nothing against the way there.
    return case.request.accepted_at is not None and reason in {None, VoidReason.NOT_OBSERVED}


def _accepting(held: Sequence[Case]) -> Accepting | None:
    begun = [case for case in held if _reached(case)]
    waits = [wait for case in begun if (wait := _until_joined(case)) is not None]
    queued = [case for case in begun if _first(case, (MomentKind.QUEUED,)) is not None]
    if not waits and not queued:
        return None
    return Accepting(
        chats=len(begun),
        joined=len(waits),
        median=_median(waits),
        queued=len(queued),
        place=max(_places(queued), default=None),
    )


def _until_joined(case: Case) -> timedelta | None:
    """Return the time until somebody joined, from what we wrote; where nobody can write before, from the beginning."""
    joined = _first(case, (MomentKind.AGENT_JOINED,))
    if joined is None:
        return None
    wrote = _first(case, (MomentKind.SUBMITTED,))
    began = wrote if wrote is not None else case.request.accepted_at
    if began is None or began > joined:
        began = _first(case, _BEGUN)
    return None if began is None or began > joined else joined - began


def _places(queued: Iterable[Case]) -> Iterable[int]:
    for case in queued:
        for moment in case.moments:
            number = re.search(r"\d{1,4}", moment.saw) if moment.kind is MomentKind.QUEUED else None
            if number is not None:
                yield int(number[0])


def _machines(held: Sequence[Case]) -> Machines | None:
    begun = [case for case in held if _reached(case) and case.outcome.void_reason is None]
    spoke = [(case, lines) for case in begun if (lines := _before_people(case))]
    if not spoke:
        return None
    return Machines(
        chats=len(begun),
        spoke=len(spoke),
        said=sum(case.greeted_as_machine or any(line.says_machine for line in lines) for case, lines in spoke),
        median=_median([wait_for(case.request, lines[0]).length for case, lines in spoke]),
    )


def _before_people(case: Case) -> list[Reply]:
    """Return what machines wrote before any person did, in order."""
    counting = sorted((one for one in case.replies if one.counts), key=lambda one: (one.stamps.at, one.message_id))
    person = next((one.stamps.at for one in counting if one.kind.by_person), None)
    return [one for one in counting if one.says_machine is not None and (person is None or one.stamps.at < person)]


def _retold(cases: Sequence[Case]) -> Retold | None:
    again = [case.told_again for case in cases if case.request.continues is not None]
    if not again:
        return None
    return Retold(again=len(again), known=sum(one is not None for one in again), told=again.count(True))


def _median(lengths: Sequence[timedelta]) -> timedelta | None:
    return timedelta(seconds=median(one.total_seconds() for one in lengths)) if lengths else None


def _first(case: Case, kinds: Sequence[MomentKind]) -> datetime | None:
    """Return when the first of these kinds of which there is any was first seen."""
    return next((one.at for kind in kinds for one in case.moments if one.kind is kind), None)
