"""What use cases know of chats: which of them are still worth watching. Opens none itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from slawatch.model import Delivery, Form, MomentKind, Outcome, Request
from slawatch.usecases.outcomes import standard_of, standing
from slawatch.usecases.world import World

if TYPE_CHECKING:
    from slawatch.channels.base import Thread

AFTERWARDS = timedelta(minutes=1)  # a look that began after the window had closed is what proves the silence
SETTLING = timedelta(minutes=2)  # what is said right after the answer is part of it


def threads(world: World, account: str) -> Sequence[Thread]:
    """Return the chats of this account that are worth watching, the youngest first: open, and inside their window."""
    from slawatch.channels.base import Thread  # noqa: PLC0415  channels are loaded on use

    now = world.clock.now()
    longest = max((t.standard.window for c in world.config.companies.values() for t in c.targets), default=timedelta(0))
    asked = [
        request
        for request in world.store.requests(
            delivery=(Delivery.SENT, Delivery.UNCERTAIN), since=now - longest - timedelta(hours=1)
        )
        if request.account == account and request.text.form is Form.CHAT and request.void_reason is None
    ]
    outcomes = standing(world, asked)
    moments = world.store.moments([request.id for request in asked])
    looked_until = world.store.observed_until(account)
    found = []
    for request in asked:
        closed = any(one.kind is MomentKind.CLOSED for one in moments.get(request.id, ()))
        window = standard_of(world, request).window
        until = _until(request, outcomes.get(request.id), window, now, looked_until=looked_until, closed=closed)
        if until is not None:
            found.append(
                Thread(
                    remote_id=request.remote_id,
                    target=request.target,
                    asked_at=request.accepted_at or request.intended_at,
                    message_id=request.message_id,
                    until=until,
                )
            )
    return sorted(found, key=lambda one: one.asked_at, reverse=True)


def _until(
    request: Request,
    outcome: Outcome | None,
    window: timedelta,
    now: datetime,
    *,
    looked_until: datetime | None,
    closed: bool,
) -> datetime | None:
    """Return when the chat need not be watched any more; None where that is now. `closed`: by the company."""
    closes_at = (request.accepted_at or request.intended_at) + window + AFTERWARDS
    if outcome is not None and outcome.seen_until is not None:
        return None
    if outcome is not None and outcome.answer is not None and outcome.answer.ended and request.accepted_at is not None:
        closes_at = min(closes_at, request.accepted_at + outcome.answer.length + outcome.paused + SETTLING)
    seen = closed or (looked_until is not None and looked_until >= closes_at - AFTERWARDS)
    return closes_at if closes_at > now or not seen else None
