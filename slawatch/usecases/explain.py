"""Gather everything behind one request's figures: attempts, stamps, replies, rules, outcome. Changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from slawatch.errors import UsageError
from slawatch.model import Attempt, Message, Outcome, Reply, Request, Standard
from slawatch.usecases.outcomes import UNSENT, standard_of, standing
from slawatch.usecases.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One request with all its evidence; `messages` maps a reply's message id to the stored message."""

    request: Request
    attempts: tuple[Attempt, ...]
    replies: tuple[Reply, ...]
    messages: Mapping[int, Message]
    outcome: Outcome | None
    standard: Standard
    observed_until: datetime | None


def explain(world: World, public_id: str) -> Explanation:
    """Return what is known of the request. Raises UsageError for an unknown id."""
    request = world.store.request(public_id)
    if request is None:
        raise UsageError(f'request: there is no "{public_id}"; `slawatch status` and the report list them')
    replies = world.store.replies([request.id]).get(request.id, [])
    ids = [reply.message_id for reply in replies]
    messages = {message.id: message for message in world.store.messages(ids=ids)} if ids else {}
    outcome = (
        None if request.delivery in UNSENT else standing(world, [request], replies={request.id: replies})[request.id]
    )
    return Explanation(
        request=request,
        attempts=tuple(world.store.attempts(request.id)),
        replies=tuple(sorted(replies, key=lambda reply: reply.stamps.at)),
        messages=messages,
        outcome=outcome,
        standard=standard_of(world, request),
        observed_until=world.store.observed_until(request.account),
    )
