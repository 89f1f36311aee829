"""What became of a request: verdict and waits, derived from its replies and from how long we could see.

Pure: no clock and no store. It never judges a company; objectives.py does that over many waits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from slawatch.model import (
    ZERO,
    Delivery,
    DeliveryProof,
    FollowUp,
    MessageKind,
    Moment,
    MomentKind,
    Outcome,
    Purpose,
    Reply,
    Request,
    Standard,
    Verdict,
    VoidReason,
    Wait,
)

_VOID = {
    Delivery.REFUSED: VoidReason.REFUSED,
    Delivery.UNCERTAIN: VoidReason.UNCERTAIN,
    Delivery.WITHDRAWN: VoidReason.WITHDRAWN,
}

# Steps of a chat that only happen once somebody, or something, at the other end has what we wrote.
_TAKEN = frozenset(
    {
        MomentKind.ACCEPTED,
        MomentKind.DELIVERED,
        MomentKind.READ,
        MomentKind.QUEUED,
        MomentKind.TYPING,
        MomentKind.AGENT_JOINED,
    }
)

# Each of these can only come from where the request has arrived. A delay notice comes from the way there, and an
# unknown message may turn out to be a bounce.
_SHOWS_ARRIVAL = frozenset(
    {
        MessageKind.DELIVERY_RECEIPT,
        MessageKind.READ_RECEIPT,
        MessageKind.ABUSE_REPORT,
        MessageKind.ACKNOWLEDGEMENT,
        MessageKind.OUT_OF_OFFICE,
        MessageKind.BOT,
    }
)


class Turn(NamedTuple):
    """A time in which it was ours to write: from a question until our letter left, None while it has not.

    It began between `since` - `earlier` and `since` + `later`, and ended at `until`, give or take `uncertainty`.
    """

    since: datetime
    until: datetime | None
    earlier: timedelta = ZERO
    later: timedelta = ZERO
    uncertainty: timedelta = ZERO


def outcome(
    request: Request,
    replies: Sequence[Reply],
    *,
    standard: Standard,
    observed_until: datetime | None,
    follow_ups: Sequence[FollowUp] = (),
    blind_from: datetime | None = None,
    moments: Sequence[Moment] = (),
    count_unknown: bool = False,
) -> Outcome:
    """Return what became of a request that has left planning: the verdict, both waits and what they rest on.

    `replies` may come in any order; weak matches and strangers' letters are ignored until a person confirms them.
    `observed_until` is the start of the last complete look, None where there was none. `blind_from` is for channels
    without history: the first instant from which an answer could have come and gone unseen. Seeing ends there, so the
    wait is a lower bound from then on; leaving such requests out instead would flatter the company, because long waits
    run into a blind spell more often. `moments` are the steps of a chat: one that we LEFT blinds as well, UNDELIVERED
    voids where nobody responded, and what only happens at the other end proves the delivery. With `count_unknown`
    whatever waits for review counts, and what is of unknown kind as a person's answer: the other end of what review may
    bring.

    The wait for the answer stands still while it is our turn (`our_turn`): window and lateness go by what is left. An
    answer that came before our letter needed nothing from us, so it was the company's turn after all and nothing is
    taken off; otherwise a question nobody needs to ask would buy days.

    Raises:
        ValueError: the request has not been sent yet, or was sent but carries no instant of acceptance.
    """
    left_at = min((one.at for one in moments if one.kind is MomentKind.LEFT), default=None)
    blind_from = min((one for one in (blind_from, left_at) if one is not None), default=None)
    reason = _void_reason(request, blind_from)
    if reason:
        return Outcome(request_id=request.id, verdict=Verdict.VOID, void_reason=reason, proof=request.proof)
    accepted_at = _accepted_at(request)
    sure = sorted(
        (
            reply
            for reply in replies
            if reply.counts or (count_unknown and reply.in_review and not reply.kind.automatic)
        ),
        key=lambda reply: (reply.stamps.at, reply.message_id),
    )
    in_review = sum(reply.in_review for reply in replies)
    persons = [reply for reply in sure if reply.kind.by_person or (count_unknown and reply.kind is MessageKind.UNKNOWN)]
    came_back = _came_back(moments)
    if not persons and (came_back or any(reply.kind is MessageKind.BOUNCE for reply in sure)):
        return Outcome(
            request_id=request.id,
            verdict=Verdict.VOID,
            void_reason=VoidReason.BOUNCED,
            proof=request.proof,
            in_review=in_review,
        )

    arrived = (
        bool(persons)
        or any(reply.kind in _SHOWS_ARRIVAL for reply in sure)
        or any(one.kind in _TAKEN for one in moments)
    )
    seen = _seen(request, accepted_at, observed_until, blind_from)
    visible = [reply for reply in persons if blind_from is None or reply.stamps.at < blind_from]
    counted = [reply for reply in visible if reply.stamps.at <= accepted_at + standard.late]
    first = counted[0] if counted else None
    turns = _turns(accepted_at, counted, follow_ups)
    answer = next((reply for reply in visible if _answers(reply.kind)), None)
    taken_off = _before(turns, answer.stamps.at) if answer else turns
    if answer and _paused(taken_off, answer.stamps.at) + accepted_at + standard.late < answer.stamps.at:
        answer, taken_off = None, turns
    receipt = next((reply for reply in sure if reply.kind is MessageKind.ACKNOWLEDGEMENT), None)

    first_wait = _within(wait_for(request, first) if first else None, seen=seen, window=standard.window)
    seen_until = accepted_at + seen.length
    answer_wait = _within(
        _without(request, wait_for(request, answer), taken_off, until=answer.stamps.at) if answer else None,
        seen=_without(request, seen, turns, until=seen_until),
        window=standard.window,
    )
    verdict = _verdict(first_wait, seen=seen, window=standard.window)
    return Outcome(
        request_id=request.id,
        verdict=verdict,
        seen_until=blind_from if blind_from and seen.length < standard.window else None,
        proof=DeliveryProof.PROVEN if arrived else request.proof,
        first_response=first_wait,
        answer=answer_wait,
        acknowledged=wait_for(request, receipt).length if receipt else None,
        first_reply_id=first.message_id if first else None,
        answer_reply_id=answer.message_id if answer else None,
        late=first is not None and not first_wait.ended and seen.length >= standard.window,
        in_review=in_review,
        complete=answer.complete if answer else None,
        paused=_paused(taken_off, answer.stamps.at if answer else seen_until),
    )


def our_turn(request: Request, replies: Sequence[Reply], follow_ups: Sequence[FollowUp]) -> tuple[Turn, ...]:
    """Return when it was ours to write: after each question until our next letter left; in order, none overlapping.

    Any letter of ours ends it, whichever question it replies to: then the company has something to read. Thanks do not,
    nor what may have left or not. What of it is taken off a wait is for `outcome` to say.

    Raises:
        ValueError: the request carries no instant of acceptance.
    """
    return _turns(_accepted_at(request), [reply for reply in replies if reply.counts], follow_ups)


def unanswered(request: Request, replies: Sequence[Reply], follow_ups: Sequence[FollowUp]) -> Reply | None:
    """Return the newest question while it is our turn; None where we wrote since, or an answer has settled the matter.

    What is asked after the answer (was that of help?) waits for nobody.
    """
    turns = our_turn(request, replies, follow_ups)
    sure = [reply for reply in replies if reply.counts]
    if not turns or turns[-1].until is not None or any(reply.kind is MessageKind.ANSWER for reply in sure):
        return None
    questions = (reply for reply in sure if reply.kind is MessageKind.QUESTION)
    return max(questions, key=lambda reply: (reply.stamps.at, reply.message_id))


def pauses(
    request: Request, replies: Sequence[Reply], follow_ups: Sequence[FollowUp], *, answered_at: datetime | None
) -> tuple[Turn, ...]:
    """Return those turns of ours that are taken off the wait for an answer that came then; all of them for None."""
    turns = our_turn(request, replies, follow_ups)
    return turns if answered_at is None else _before(turns, answered_at)


def wait_for(request: Request, reply: Reply) -> Wait:
    """Return the wait this reply ended, whatever its kind: the far side's taking over to our server's stamp.

    Never negative: a reply stamped before the request was accepted shows two clocks that differ, and counts as no
    wait with the difference in its margin. The margins add up what each stamp admits and, where our own copy came
    back, how far its stamp lies from the submission. That distance is the offset of the two clocks plus the copy's
    travelling time, so it bounds the offset on one side only; both sides are widened by it rather than one on trust.
    How long our server then held the request is no part of it.

    Raises:
        ValueError: the request carries no instant of acceptance.
    """
    accepted_at = _accepted_at(request)
    between_clocks = _between_clocks(request)
    length = reply.stamps.at - accepted_at
    before = max(ZERO, -length)
    return Wait(
        length=max(ZERO, length),
        ended=True,
        shorter=ZERO if before else min(length, request.accepted_uncertainty + reply.stamps.earlier + between_clocks),
        longer=max(before, request.accepted_uncertainty + reply.stamps.later + between_clocks),
    )


def _void_reason(request: Request, blind_from: datetime | None) -> VoidReason | None:
    """Return why a request stands outside the count whatever came back; None for one that counts."""
    if request.delivery in {Delivery.INTENDED, Delivery.SENDING}:
        raise ValueError(
            f'request "{request.public_id}" is "{request.delivery}"; only one that was tried has an outcome'
        )
    if request.void_reason:
        return request.void_reason
    if request.delivery is not Delivery.SENT:
        return _VOID[request.delivery]
    if blind_from is not None and blind_from <= _accepted_at(request):
        return VoidReason.NOT_OBSERVED
    return None


def _came_back(moments: Sequence[Moment]) -> bool:
    """Whether a chat's line came back for good: a bridge that says so may still get it through afterwards."""
    back = max((one.at for one in moments if one.kind is MomentKind.UNDELIVERED), default=None)
    return back is not None and not any(one.kind in _TAKEN - {MomentKind.ACCEPTED} and one.at > back for one in moments)


def _accepted_at(request: Request) -> datetime:
    """Return when the far side took the request over."""
    if request.accepted_at is None:
        raise ValueError(f'request "{request.public_id}" is "{request.delivery}" but has no accepted_at')
    return request.accepted_at


def _between_clocks(request: Request) -> timedelta:
    """Return how far our clock and our mail server's may differ, as our own copy shows; zero where none came."""
    if request.copy_received_at is None:
        return ZERO
    return abs(request.copy_received_at - (request.submitted_at or _accepted_at(request)))


def _answers(kind: MessageKind) -> bool:
    """Whether a counted reply deals with the matter; an unknown one is only counted where it is taken for an answer."""
    return kind in {MessageKind.ANSWER, MessageKind.UNKNOWN}


def _seen(
    request: Request, accepted_at: datetime, observed_until: datetime | None, blind_from: datetime | None
) -> Wait:
    """Return how long we could have seen a reply; nothing at all where we have not looked since."""
    ends = [end for end in (observed_until, blind_from) if end is not None]
    length = max(ZERO, min(ends) - accepted_at) if observed_until else ZERO
    return Wait(length=length, ended=False, shorter=min(length, request.accepted_uncertainty))


def _turns(accepted_at: datetime, counted: Sequence[Reply], follow_ups: Sequence[FollowUp]) -> tuple[Turn, ...]:
    ours = sorted(
        (one.sent_at, one.id, one)
        for one in follow_ups
        if one.purpose is Purpose.REPLY and one.delivery is Delivery.SENT and one.sent_at is not None
    )
    turns: list[Turn] = []
    for question in sorted(counted, key=lambda reply: (reply.stamps.at, reply.message_id)):
        since = max(question.stamps.at, accepted_at)
        if question.kind is not MessageKind.QUESTION or (turns and _lasts(turns[-1], since)):
            continue
        # A reply to this very question came after it, whatever two clocks say.
        end = next((one for at, _, one in ours if at >= since or one.message_id == question.message_id), None)
        turns.append(
            Turn(
                since=since,
                until=max(since, end.sent_at) if end and end.sent_at else None,
                earlier=question.stamps.earlier,
                later=question.stamps.later,
                uncertainty=end.uncertainty if end else ZERO,
            )
        )
    return tuple(turns)


def _before(turns: Sequence[Turn], answered_at: datetime) -> tuple[Turn, ...]:
    """Return the turns that had ended when the answer came: what came without our letter did not need it."""
    return tuple(turn for turn in turns if turn.until is not None and turn.until <= answered_at)


def _lasts(turn: Turn, at: datetime) -> bool:
    return turn.until is None or turn.until > at


def _paused(turns: Sequence[Turn], until: datetime) -> timedelta:
    """Return how long it was our turn up to then."""
    return sum((min(turn.until or until, until) - turn.since for turn in turns if turn.since < until), ZERO)


def _without(request: Request, wait: Wait, turns: Sequence[Turn], *, until: datetime) -> Wait:
    """Return the wait less our turns in it. Each adds the margins of both its ends, and of the two clocks they are by.

    A true pause that was longer makes the wait shorter: it began earlier than stamped, or our letter left later.
    """
    taken = [turn for turn in turns if turn.since < until]
    clocks = _between_clocks(request) * len(taken)
    length = max(ZERO, wait.length - _paused(taken, until))
    shorter = wait.shorter + sum((turn.earlier + turn.uncertainty for turn in taken), clocks)
    longer = wait.longer + sum((turn.later + turn.uncertainty for turn in taken), clocks)
    return replace(wait, length=length, shorter=min(length, shorter), longer=longer if wait.ended else ZERO)


def _within(wait: Wait | None, *, seen: Wait, window: timedelta) -> Wait:
    """Return an ended wait, or how long we could see; censored where the window closed."""
    if wait is None or wait.length > window > seen.length:
        # Another reply may lie in time where we have not looked yet; a late one alone proves no miss.
        wait = seen
    return _censored(wait, window) if wait.length > window else wait


def _censored(wait: Wait, window: timedelta) -> Wait:
    """Return the wait as a lower bound, no longer than the window; the margin shrinks by what was cut off."""
    length = min(wait.length, window)
    return Wait(length=length, ended=False, shorter=max(ZERO, wait.shorter - (wait.length - length)))


def _verdict(first: Wait, *, seen: Wait, window: timedelta) -> Verdict:
    """Return the verdict on a delivered request: missed only where the whole window could be seen."""
    if first.ended:
        return Verdict.ANSWERED
    return Verdict.MISSED if seen.length >= window else Verdict.PENDING
