"""Gather everything behind one request's figures: attempts, stamps, replies, rules, outcome. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from slawatch.errors import UsageError
from slawatch.hours import Calendar, ServiceHours, Span
from slawatch.model import (
    ZERO,
    Attempt,
    FollowUp,
    Form,
    Measure,
    Message,
    Moment,
    Outcome,
    PublishedPromise,
    Reply,
    Request,
    Review,
    Standard,
    Wait,
)
from slawatch.report.model import Mark
from slawatch.stretches import answer_turns, stretches
from slawatch.usecases.calendars import calendar_of
from slawatch.usecases.outcomes import UNSENT, standard_of, standing
from slawatch.usecases.posts import Posts, Shown
from slawatch.usecases.trails import Piece, pieces
from slawatch.usecases.world import World
from slawatch.waits import Turn

OUR_TURN = "our-turn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How a wait comes to its figures, span by span from its beginning to its end.

    A span whose `why` is "our-turn" is no part of the wait. The others add up to `by_clock`, the open ones among them
    to `in_hours`, which is None where no service hours are known.
    """

    measures: tuple[Measure, ...]
    spans: tuple[Span, ...]
    by_clock: timedelta
    in_hours: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One request with all its evidence.

    `messages` maps a reply's message id to the stored message, `reviews` to what people decided about it, oldest first.
    `posts` are those of the messages that are posts, as people know them. `zone` is the company's, in which its `hours`
    are meant; `promise` is what it publicly says. `moments` are the steps of a chat, `exhibits` what was kept of its
    page, and `marks` says by message id who wrote a line by the far side's own marks. `deaf` is from when to when no
    letter to ourselves came back, where it was asked then.
    """

    request: Request
    attempts: tuple[Attempt, ...]
    replies: tuple[Reply, ...]
    messages: Mapping[int, Message]
    posts: Mapping[int, Shown]
    reviews: Mapping[int, tuple[Review, ...]]
    follow_ups: tuple[FollowUp, ...]
    outcome: Outcome | None
    standard: Standard
    zone: str
    hours: ServiceHours
    promise: PublishedPromise | None
    tallies: tuple[Tally, ...]
    observed_until: datetime | None
    moments: tuple[Moment, ...] = ()
    exhibits: tuple[Piece, ...] = ()
    marks: Mapping[int, Mark] = field(default_factory=dict)
    deaf: tuple[datetime, datetime | None] | None = None


def explain(world: World, public_id: str) -> Explanation:
    """Return what is known of the request. Raises UsageError for an unknown id."""
    request = world.store.request(public_id)
    if request is None:
        raise UsageError(f'request: there is no "{public_id}"; `slawatch status` and the report list them')
    replies = world.store.replies([request.id]).get(request.id, [])
    ids = [reply.message_id for reply in replies]
    follow_ups = world.store.follow_ups([request.id]).get(request.id, [])
    outcome = (
        None if request.delivery in UNSENT else standing(world, [request], replies={request.id: replies})[request.id]
    )
    calendar = calendar_of(world, request.company, request.channel, request.target)
    messages = {message.id: message for message in world.store.messages(ids=ids)} if ids else {}
    posts = Posts(world)
    target = world.target(request.company, request.channel, request.target)
    given = world.store.given([request.id]).get(request.id)
    return Explanation(
        request=request,
        attempts=tuple(world.store.attempts(request.id)),
        replies=tuple(sorted(replies, key=lambda reply: reply.stamps.at)),
        messages=messages,
        posts={one.id: shown for one in messages.values() if (shown := posts.shown(one))},
        reviews={one: tuple(decided) for one in ids if (decided := world.store.reviews(one))},
        follow_ups=tuple(follow_ups),
        outcome=outcome,
        standard=standard_of(world, request),
        zone=calendar.zone,
        hours=calendar.hours,
        promise=target.promise if target else None,
        tallies=tuple(_tallies(request, replies, follow_ups, outcome, calendar)) if outcome else (),
        observed_until=given.observed_until if given else world.store.observed_until(request.account),
        moments=tuple(world.store.moments([request.id]).get(request.id, ())),
        exhibits=pieces(request.public_id, world.store.exhibits([request.id]).get(request.id, [])),
        marks=_marks(world, request, messages.values()),
        deaf=_deaf(world, request),
    )


def _deaf(world: World, request: Request) -> tuple[datetime, datetime | None] | None:
    if request.accepted_at is None or not world.canaries:
        return None
    from slawatch.usecases import canary  # noqa: PLC0415  only where an account writes to itself

    return canary.lost_around(world, request.account, request.accepted_at)


def _marks(world: World, request: Request, messages: Iterable[Message]) -> dict[int, Mark]:
    """Return who wrote each line of a chat by its own marks; nothing for other channels."""
    if request.text.form is not Form.CHAT:
        return {}
    read = world.reader(request.channel)
    facts = {one.id: read(world.store.raw(one.sha256)) for one in messages if one.purged_at is None}
    return {one: Mark(said.author, said.author_by) for one, said in facts.items()}


def _tallies(
    request: Request, replies: Sequence[Reply], follow_ups: Sequence[FollowUp], outcome: Outcome, calendar: Calendar
) -> list[Tally]:
    """Return a tally for each wait, one for both where they ran alike."""
    first, answer = outcome.first_response, outcome.answer
    if first is None or answer is None:
        return []
    turns = answer_turns(request, replies, follow_ups, outcome)
    both = _tally(request, first, (), calendar, Measure.FIRST_RESPONSE)
    other = _tally(request, answer, turns, calendar, Measure.ANSWER)
    if both.spans == other.spans:
        return [Tally(measures=tuple(Measure), spans=both.spans, by_clock=both.by_clock, in_hours=both.in_hours)]
    return [both, other]


def _tally(request: Request, wait: Wait, turns: Sequence[Turn], calendar: Calendar, measure: Measure) -> Tally:
    spans: list[Span] = []
    for stretch in stretches(request, wait, turns):
        if spans and spans[-1].until < stretch.since:
            spans.append(Span(since=spans[-1].until, until=stretch.since, open=False, why=OUR_TURN))
        spans.extend(calendar.spans(*stretch))
    counted = [span for span in spans if span.why != OUR_TURN]
    return Tally(
        measures=(measure,),
        spans=tuple(spans),
        by_clock=sum((span.length for span in counted), ZERO),
        in_hours=sum((span.length for span in counted if span.open), ZERO) if calendar.hours.stated else None,
    )
