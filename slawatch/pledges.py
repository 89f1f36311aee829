"""What became of the promises in a company's letters: kept, broken, still running, or nothing anybody could tell.

Pure: no clock and no store. It reads no letters (promise/ does) and takes no promise for broken while the stamps'
margins, our own turn or a letter that waits for review leave that open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from slawatch import waits
from slawatch.hours import Calendar
from slawatch.model import (
    ZERO,
    FollowUp,
    MessageKind,
    Pledge,
    PledgeState,
    Promise,
    PromiseAbout,
    Reply,
    Request,
    Writer,
)
from slawatch.waits import Turn


def judge(
    request: Request,
    replies: Sequence[Reply],
    follow_ups: Sequence[FollowUp] = (),
    *,
    calendar: Calendar,
    observed_until: datetime | None,
) -> tuple[Pledge, ...]:
    """Return what was promised in the replies that count, each promise with its end and its state, in order of arrival.

    A reply is promised until a person writes, the matter until it is answered; a receipt's promise is the company's
    word as well, and kept by a person's letter that came before it. A promise in an answer, or after one, is about
    something that happens elsewhere (a parcel, money): it is not judged, and neither is a person's return. What is due
    some time after a question counts from our letter on, and the matter may come as much later as it was our turn.

    Weak matches, strangers' letters and letters of unknown kind neither promise nor keep.

    Raises:
        ValueError: the request carries no instant of acceptance.
    """
    came = sorted(replies, key=_order)
    turns = waits.our_turn(request, replies, follow_ups)
    return tuple(
        _pledge(promise, reply, came, turns, calendar=calendar, observed_until=observed_until)
        for reply in came
        if _speaks(reply)
        for promise in reply.promises
    )


def due_at(promise: Promise, since: datetime, calendar: Calendar) -> datetime | None:
    """Return the last instant of a promise that counts from `since`; None where the calendar has no business days."""
    if promise.due_at is not None:
        return promise.due_at
    if promise.within is not None:
        return since + promise.within
    try:
        if promise.business_time is not None:
            return calendar.after(since, promise.business_time)
        return calendar.end_of_business_day(since, promise.business_days or 0)
    except ValueError:  # a shop that opens on Sundays only
        return None


def _speaks(reply: Reply) -> bool:
    """Whether it holds the company's word."""
    return reply.counts and reply.written_by.writer is Writer.COMPANY and reply.kind is not MessageKind.UNKNOWN


def _pledge(
    promise: Promise,
    reply: Reply,
    came: Sequence[Reply],
    turns: Sequence[Turn],
    *,
    calendar: Calendar,
    observed_until: datetime | None,
) -> Pledge:
    made_at = reply.stamps.at
    asked = [turn for turn in turns if reply.kind is MessageKind.QUESTION and turn.since <= made_at]
    since = asked[-1].until if asked else made_at
    due = due_at(promise, since or made_at, calendar)
    if due is not None and promise.about is PromiseAbout.MATTER:
        due += _ours(turns, came, since=made_at, until=due)
    pledge = Pledge(
        promise=promise,
        message_id=reply.message_id,
        made_at=made_at,
        due_at=due or made_at,
        state=PledgeState.NOT_JUDGED,
    )
    if due is None or promise.about is PromiseAbout.RETURN or _settled_by(reply, came) or (since and since > due):
        return pledge
    decided = _decided(pledge, reply, came, observed_until)
    if decided.state is PledgeState.BROKEN and any(turn.until is None and turn.since < due for turn in turns):
        return replace(pledge, state=PledgeState.RUNNING)  # they wait for what we have not written
    return decided


def _ours(turns: Sequence[Turn], came: Sequence[Reply], *, since: datetime, until: datetime) -> timedelta:
    """Return how long it was our turn while a promise held; an answer that came without our letter needed none."""
    answer = _answer(came)
    return sum(
        (
            turn.until - turn.since
            for turn in turns
            if turn.until is not None
            and since < turn.since < until
            and (answer is None or turn.until <= answer.stamps.at)
        ),
        ZERO,
    )


def _answer(came: Sequence[Reply]) -> Reply | None:
    return next((one for one in came if one.counts and one.kind is MessageKind.ANSWER), None)


def _settled_by(reply: Reply, came: Sequence[Reply]) -> bool:
    """Whether a person's letter is the answer or follows it, so that nothing more need come by mail."""
    answer = _answer(came)
    return answer is not None and reply.kind.by_person and _order(answer) <= _order(reply)


def _decided(pledge: Pledge, reply: Reply, came: Sequence[Reply], observed_until: datetime | None) -> Pledge:
    """Return the pledge with what became of it by the letters that can keep it."""
    later = [one for one in came if _order(one) > _order(reply) or (not reply.kind.by_person and one is not reply)]
    keeping = [one for one in later if _keeps(one, pledge.promise.about)]
    first = next((one for one in keeping if one.counts), None)
    latest = pledge.due_at + (reply.stamps.later if pledge.promise.due_at is None else ZERO)
    if first is not None and first.stamps.at <= pledge.due_at:
        return replace(pledge, state=PledgeState.KEPT, decided_at=first.stamps.at)
    if any(one.in_review and one.stamps.at <= latest for one in later if one.kind.automatic is not True):
        return pledge
    if first is not None:
        in_doubt = first.stamps.at - first.stamps.earlier <= latest
        return pledge if in_doubt else replace(pledge, state=PledgeState.BROKEN, decided_at=first.stamps.at)
    over = observed_until is not None and observed_until > latest
    return replace(pledge, state=PledgeState.BROKEN if over else PledgeState.RUNNING)


def _keeps(reply: Reply, about: PromiseAbout) -> bool:
    """Whether such a letter is what was promised."""
    return reply.kind.by_person if about is PromiseAbout.REPLY else reply.kind is MessageKind.ANSWER


def _order(reply: Reply) -> tuple[datetime, int]:
    return reply.stamps.at, reply.message_id
