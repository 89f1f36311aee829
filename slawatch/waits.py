"""What became of a request: verdict and waits, derived from its replies and from how long we could see.

Pure: no clock and no store. It never judges a company; objectives.py does that over many waits.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from slawatch.model import (
    ZERO,
    Delivery,
    DeliveryProof,
    MessageKind,
    Outcome,
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


def outcome(
    request: Request,
    replies: Sequence[Reply],
    *,
    standard: Standard,
    observed_until: datetime | None,
    blind_from: datetime | None = None,
    count_unknown: bool = False,
) -> Outcome:
    """Return what became of a request that has left planning: the verdict, both waits and what they rest on.

    `replies` may come in any order; weak matches and strangers' letters are ignored until a person confirms them.
    `observed_until` is the start of the last complete look, None where there was none. `blind_from` is for channels
    without history: the first instant from which an answer could have come and gone unseen. Seeing ends there, so the
    wait is a lower bound from then on; leaving such requests out instead would flatter the company, because long waits
    run into a blind spell more often. With `count_unknown` whatever waits for review counts, and what is of unknown
    kind as a person's answer: the other end of what review may bring.

    Raises:
        ValueError: the request has not been sent yet, or was sent but carries no instant of acceptance.
    """
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
    if not persons and any(reply.kind is MessageKind.BOUNCE for reply in sure):
        return Outcome(
            request_id=request.id,
            verdict=Verdict.VOID,
            void_reason=VoidReason.BOUNCED,
            proof=request.proof,
            in_review=in_review,
        )

    arrived = bool(persons) or any(reply.kind in _SHOWS_ARRIVAL for reply in sure)
    seen = _seen(request, accepted_at, observed_until, blind_from)
    counted = [
        reply
        for reply in persons
        if reply.stamps.at <= accepted_at + standard.late and (blind_from is None or reply.stamps.at < blind_from)
    ]
    first = counted[0] if counted else None
    answer = next((reply for reply in counted if _answers(reply.kind)), None)
    question = next((reply for reply in counted if reply.kind is MessageKind.QUESTION), None)
    receipt = next((reply for reply in sure if reply.kind is MessageKind.ACKNOWLEDGEMENT), None)

    first_wait = _until(request, first, seen=seen, window=standard.window)
    answer_wait = _until(request, answer, seen=seen, window=standard.window)
    if question and not answer:
        # Asked back, it is our turn: what passes until we say more is no wait of a customer for the company.
        answer_wait = _censored(_until(request, question, seen=seen, window=standard.window), standard.window)
    return Outcome(
        request_id=request.id,
        verdict=_verdict(first_wait, seen=seen, window=standard.window),
        proof=DeliveryProof.PROVEN if arrived else request.proof,
        first_response=first_wait,
        answer=answer_wait,
        acknowledged=wait_for(request, receipt).length if receipt else None,
        first_reply_id=first.message_id if first else None,
        answer_reply_id=answer.message_id if answer else None,
        late=first is not None and not first_wait.ended and seen.length >= standard.window,
        in_review=in_review,
    )


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
    submitted_at = request.submitted_at or accepted_at
    between_clocks = abs(request.copy_received_at - submitted_at) if request.copy_received_at else ZERO
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


def _accepted_at(request: Request) -> datetime:
    """Return when the far side took the request over."""
    if request.accepted_at is None:
        raise ValueError(f'request "{request.public_id}" is "{request.delivery}" but has no accepted_at')
    return request.accepted_at


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


def _until(request: Request, reply: Reply | None, *, seen: Wait, window: timedelta) -> Wait:
    """Return the wait for `reply`, censored where the window closed, or where seeing ended without one."""
    wait = wait_for(request, reply) if reply else seen
    if reply and wait.length > window > seen.length:
        # Another reply may lie in time where we have not looked yet; this one alone proves no miss.
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
