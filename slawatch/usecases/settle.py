"""Settle requests of which nobody knows whether they left: by the far side's own evidence, or void. Never sends."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from slawatch.errors import ChannelError
from slawatch.model import Delivery, Form, Request, Strength, VoidReason
from slawatch.usecases.world import News, World

GRACE = timedelta(hours=1)
"""How long we look for evidence before an uncertain request becomes void.

A copy to ourselves arrives within seconds where it arrives at all; the longest greylisting seen in real mail held one
up for 528 seconds."""


@dataclass(slots=True)
class Settling:
    """What became of the uncertain ones, by public id."""

    sent: list[str] = field(default_factory=list)
    void: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)


def settle(world: World, *, grace: timedelta = GRACE) -> Settling:
    """Ask the far side about every uncertain request; void what has no evidence after `grace`, and plan its slot anew.

    A void one whose reply or copy turns up later is settled as sent after all (collect does that).
    """
    done = Settling()
    for request in world.store.requests(delivery=Delivery.UNCERTAIN, undecided=True):
        if request.account in world.config.accounts:
            _settle_one(world, request, grace, done)
    return done


def _settle_one(world: World, request: Request, grace: timedelta, done: Settling) -> None:
    from slawatch.channels.base import NotSent, Sent  # noqa: PLC0415  nearly every pass finds none that is uncertain

    try:
        found = world.channel(request.account).find(request)
    except ChannelError as error:
        world.tell(News(what="not-observed", words=f"cannot look: {error}", ref=request.public_id))
        done.open.append(request.public_id)
        return
    if isinstance(found, Sent):
        world.store.settle(
            request.id,
            delivery=Delivery.SENT,
            detail=found.evidence,
            accepted_at=found.accepted_at,
            uncertainty=found.uncertainty,
            proof=found.proof,
            remote_id=request.remote_id_of(found.remote_id),
        )
        if request.text.form is not Form.LETTER:
            # Replies that came while nobody knew what is ours were tied to it by guesswork, or to nothing.
            world.store.judge_unmatched_again(request.account, found.accepted_at - found.uncertainty)
        done.sent.append(request.public_id)
        world.tell(News(what="settled", words="it did leave", ref=request.public_id))
    elif (by := _seen_by(world, request)) is not None:
        it_left(world, request, "what it brought had come before its sender was given up", by=by)
        done.sent.append(request.public_id)
    elif isinstance(found, NotSent):
        world.store.settle(
            request.id,
            delivery=Delivery.WITHDRAWN,
            detail=found.proof,
            void_reason=VoidReason.NOT_SENT,
            replan=True,
        )
        done.void.append(request.public_id)
        world.tell(News(what="void", words=f"it never left: {found.proof}", ref=request.public_id))
    elif nothing_came(world, request.account, world.store.attempts(request.id)[-1].started_at, grace):
        world.store.settle(
            request.id,
            delivery=Delivery.UNCERTAIN,
            detail="no trace of it anywhere",
            void_reason=VoidReason.UNCERTAIN,
            replan=True,
        )
        done.void.append(request.public_id)
        world.tell(News(what="void", words="unknown whether it left; its slot is planned anew", ref=request.public_id))
    else:
        done.open.append(request.public_id)


def _seen_by(world: World, request: Request) -> datetime | None:
    """Return when the first thing had arrived that shows it left: our own copy or a reply; None where nothing has.

    While its sender may still report back, such letters settle nothing; they do once it has not.
    """
    replies = world.store.replies([request.id]).get(request.id, [])
    seen = [reply.stamps.at + reply.stamps.later for reply in replies if reply.strength is not Strength.WEAK]
    return min([*seen, *([request.copy_received_at] if request.copy_received_at else [])], default=None)


def it_left(world: World, request: Request, how: str, *, by: datetime) -> None:
    """Settle an uncertain request as sent: it left while its last attempt ran, and `by` then; the middle, give or take.

    An attempt may end minutes after that: its server is waited for, or its lease has to run out.
    """
    attempt = world.store.attempts(request.id)[-1]
    ended_at = max(attempt.started_at, min(attempt.ended_at or attempt.started_at, by))
    half = (ended_at - attempt.started_at) / 2
    world.store.settle(
        request.id, delivery=Delivery.SENT, detail=how, accepted_at=attempt.started_at + half, uncertainty=half
    )
    world.tell(News(what="settled", words=f"it did leave: {how}", ref=request.public_id))


def nothing_came(world: World, account: str, started_at: datetime, grace: timedelta) -> bool:
    """Whether we have looked through everything at least `grace` after the attempt, without finding a trace."""
    looked = world.store.observed_until(account)
    return looked is not None and looked - started_at >= grace
