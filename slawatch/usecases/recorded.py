"""How contacts made by hand stand: what was heard, until when somebody listened, what came of it. Changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from slawatch.config import Target
from slawatch.model import Delivery, MessageKind, Moment, MomentKind, Origin, Outcome, Reply, Request
from slawatch.usecases.outcomes import GAVE_UP, standing
from slawatch.usecases.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A request by hand as it stands: `listened_until`, and `why` not longer ("" where that was not said)."""

    request: Request
    outcome: Outcome | None
    replies: tuple[Reply, ...]
    listened_until: datetime | None = None
    why: str = ""

    @property
    def given_up(self) -> bool:
        """Whether nobody waits for an answer any more."""
        return self.why == GAVE_UP


def shown(world: World, request: Request) -> Recorded:
    """Return the request as it stands now, with what became of it."""
    now = world.store.request(request.public_id) or request
    left = listening(world, now)
    return Recorded(
        request=now,
        outcome=standing(world, [now]).get(now.id),
        replies=tuple(sorted(heard(world, now), key=lambda reply: (reply.stamps.at, reply.message_id))),
        listened_until=left.at if left else None,
        why=left.saw if left else "",
    )


def open_at(world: World, target: Target) -> list[Request]:
    """Return what was asked there by hand, and neither answered nor given up so far."""
    found = []
    for one in world.store.requests(delivery=Delivery.SENT, company=target.company):
        if one.origin is Origin.RECORDED and one.target == target.address and not one.made_up:
            now = shown(world, one)
            answered = any(reply.kind is MessageKind.ANSWER for reply in now.replies)
            if not answered and not now.given_up:
                found.append(one)
    return found


def heard(world: World, request: Request) -> list[Reply]:
    """Return what was recorded of the other side and not taken back."""
    return world.store.replies([request.id]).get(request.id, []) if request.id else []


def listening(world: World, request: Request) -> Moment | None:
    """Return until when the person listened, with why not longer; None for what nobody asked."""
    moments = world.store.moments([request.id]).get(request.id, ())
    return next((one for one in moments if one.kind is MomentKind.LEFT), None)
