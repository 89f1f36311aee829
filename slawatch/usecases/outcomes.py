"""What became of each request, derived afresh from replies and from how long we looked. Stores nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from slawatch import inheritance, jumps, pledges, waits
from slawatch.imported import ACCOUNT as IMPORTED
from slawatch.imported import form_of
from slawatch.model import (
    Delivery,
    Form,
    Measure,
    Moment,
    MomentKind,
    Origin,
    Outcome,
    Reply,
    Request,
    Standard,
    Verdict,
)
from slawatch.stretches import with_hours
from slawatch.usecases.calendars import calendar_of
from slawatch.usecases.world import World

UNSENT = frozenset({Delivery.INTENDED, Delivery.SENDING, Delivery.SKIPPED})
AN_INSTANT = timedelta(microseconds=1)
GAVE_UP = "gave up waiting"  # what a person's last moment of listening says where they wait no more


def standard_of(world: World, request: Request) -> Standard:
    """Return what the request is held to: its target's standard, the default where the target is gone."""
    return standard_for(world, request.company, request.channel, request.target)


def standard_for(world: World, company_key: str, channel: str, address: str) -> Standard:
    """Return what whoever is asked there is held to."""
    target = world.target(company_key, channel, address)
    if target is not None:
        return target.standard
    company = world.config.companies.get(company_key)
    same_channel = [t for t in company.targets if t.channel == channel] if company else []
    if same_channel:
        return same_channel[0].standard
    return inheritance.held_to(world.config.layer(channel), _of_channel(world, channel))


def without_answers(standard: Standard) -> Standard:
    """Return the standard without what it asks of answers: for whoever is known from files that tell of none."""
    return replace(standard, objectives=tuple(one for one in standard.objectives if one.measure is not Measure.ANSWER))


def _of_channel(world: World, channel: str) -> Standard:
    """Return what is usual on a channel."""
    form = form_of(channel)
    if form is Form.CHAT:
        return chat_standard()
    public = any(account.public and account.channel == channel for account in world.config.accounts.values())
    return public_standard() if public or form is Form.POST else inheritance.STANDARD


def chat_standard() -> Standard:
    """Return what lines in chats are held to."""
    from slawatch.channels.chat import settings  # noqa: PLC0415  channels are loaded on use

    return settings.STANDARD


def public_standard() -> Standard:
    """Return what public posts are held to: a window of letters would close when nobody can be asked any more."""
    from slawatch.channels.social import settings  # noqa: PLC0415  channels are loaded on use

    return settings.STANDARD


def standing(
    world: World,
    requests: Sequence[Request],
    *,
    replies: dict[int, list[Reply]] | None = None,
    count_unknown: bool = False,
    as_if: datetime | None = None,
) -> dict[int, Outcome]:
    """Return the outcome of every request that is past sending, by its id.

    With `as_if` it is what it would be if every account had been looked into up to then, and nothing more had come.
    """
    if replies is None:
        replies = world.store.replies([request.id for request in requests])
    follow_ups = world.store.follow_ups([request.id for request in requests])
    moments = world.store.moments(
        [request.id for request in requests if request.text.form is Form.CHAT or by_hand(request)]
    )
    given = world.store.given([request.id for request in requests if request.account == IMPORTED])
    set_at = world.store.jumps()
    looked: dict[str, datetime | None] = {}
    found = {}
    for request in requests:
        if request.delivery in UNSENT:
            continue
        if request.account not in looked:
            looked[request.account] = as_if or world.store.observed_until(request.account)
        came = jumps.widened(request, replies.get(request.id, []), set_at)
        ours = follow_ups.get(request.id, [])
        steps = moments.get(request.id, ())
        standard = standard_of(world, request)
        looked_until = given[request.id].observed_until if request.id in given else looked[request.account]
        seen_until = looked_until if request.id in given else _seen_until(request, looked_until, standard)
        by_clock = waits.outcome(
            request,
            came,
            standard=standard,
            observed_until=jumps.surely_until(request, seen_until, set_at),
            follow_ups=ours,
            moments=steps,
            count_unknown=count_unknown,
        )
        if by_hand(request) and not any(one.kind is MomentKind.LEFT and one.saw == GAVE_UP for one in steps):
            by_clock = replace(by_clock, seen_until=None)  # they may yet say what came, or that they listened on
        calendar = calendar_of(world, request.company, request.channel, request.target)
        outcome = with_hours(by_clock, request, came, ours, calendar=calendar, window=standard.window)
        if outcome.verdict is not Verdict.VOID:
            heard_until = _heard_until(steps) if by_hand(request) else looked_until
            promised = pledges.judge(request, came, ours, calendar=calendar, observed_until=heard_until)
            outcome = replace(outcome, pledges=promised)
        found[request.id] = outcome
    return found


def by_hand(request: Request) -> bool:
    """Whether a person held the watch, and so said until when."""
    return request.origin is Origin.RECORDED


def _heard_until(moments: Sequence[Moment]) -> datetime | None:
    """Return until when the person listened: nobody has broken a promise before they said so, or gave up."""
    return min((one.at for one in moments if one.kind is MomentKind.LEFT), default=None)


def _seen_until(request: Request, looked_until: datetime | None, standard: Standard) -> datetime | None:
    """Return until when silence is silence.

    Feeds of platforms lose posts. So nobody is said to have missed a public request before the far side was asked for
    the whole conversation once more, after the window had closed (in_public.verify).
    """
    if request.text.form is not Form.POST or request.made_up or request.verified_at or request.accepted_at is None:
        return looked_until
    closes_at = request.accepted_at + standard.window
    return looked_until if looked_until is None else min(looked_until, closes_at - AN_INSTANT)
