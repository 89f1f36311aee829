"""Which stretches of time a wait consists of, and how much of them lies in service hours.

Pure, over what waits.py derived; it changes no verdict: the window is by the clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from slawatch import waits
from slawatch.hours import Calendar
from slawatch.model import ZERO, FollowUp, Outcome, Reply, Request, Verdict, Wait
from slawatch.waits import Turn


class Stretch(NamedTuple):
    """A time in which the wait ran on."""

    since: datetime
    until: datetime


def stretches(request: Request, wait: Wait, turns: Sequence[Turn] = ()) -> tuple[Stretch, ...]:
    """Return when this wait ran on: from the taking over of the request on, but not in `turns`, which were ours.

    Their lengths add up to the wait's, so that an open wait ends where seeing or its window did. Empty for no wait.

    Raises:
        ValueError: the request carries no instant of acceptance.
    """
    if request.accepted_at is None:
        raise ValueError(f'request "{request.public_id}" is "{request.delivery}" but has no accepted_at')
    found: list[Stretch] = []
    at, left = request.accepted_at, wait.length
    for turn in turns:
        found.append(Stretch(at, min(turn.since, at + left)))
        left -= found[-1].until - at
        if turn.until is None:
            break  # whatever came after a question that we have not replied to is no part of the wait
        at = max(at, turn.until)
    else:
        found.append(Stretch(at, at + left))
    return tuple(stretch for stretch in found if stretch.since < stretch.until)


def answer_turns(
    request: Request, replies: Sequence[Reply], follow_ups: Sequence[FollowUp], outcome: Outcome
) -> tuple[Turn, ...]:
    """Return which turns of ours are taken off the wait for the answer."""
    answered_at = next((reply.stamps.at for reply in replies if reply.message_id == outcome.answer_reply_id), None)
    return waits.pauses(request, replies, follow_ups, answered_at=answered_at)


def with_hours(
    outcome: Outcome,
    request: Request,
    replies: Sequence[Reply],
    follow_ups: Sequence[FollowUp],
    *,
    calendar: Calendar,
    window: timedelta,
) -> Outcome:
    """Return the outcome with its waits in service hours as well; as it is where none are stated, or where it is void.

    A wait that passed while they were closed is none of their time, however long it was: its length is zero, and
    `outside_hours` says of a reply that came then that it was by their grace. What reports say of it is not "0 s".
    """
    if outcome.verdict is Verdict.VOID or request.accepted_at is None or not calendar.hours.stated:
        return outcome
    first, answer = outcome.first_response, outcome.answer
    first_reply = next((reply for reply in replies if reply.message_id == outcome.first_reply_id), None)
    turns = answer_turns(request, replies, follow_ups, outcome)
    return replace(
        outcome,
        first_response_in_hours=_in_hours(request, first, (), calendar) if first else None,
        answer_in_hours=_in_hours(request, answer, turns, calendar) if answer else None,
        outside_hours=not calendar.open_at(first_reply.stamps.at) if first_reply else None,
        window_in_hours=calendar.open_time(request.accepted_at, request.accepted_at + window),
    )


def _in_hours(request: Request, wait: Wait, turns: Sequence[Turn], calendar: Calendar) -> Wait:
    """Return the wait in service hours; its margins are as much of the clock's as may have been service time."""
    ran = stretches(request, wait, turns)
    length = sum((calendar.open_time(*stretch) for stretch in ran), ZERO)
    if turns or not ran:
        # The margins of several ends are in it: all of it is the most that they can come to.
        return Wait(length=length, ended=wait.ended, shorter=min(length, wait.shorter), longer=wait.longer)
    begin, end = ran[0].since, ran[-1].until
    earlier, later = (min(request.accepted_uncertainty, margin) for margin in (wait.longer, wait.shorter))
    shorter = calendar.open_time(begin, begin + later) + calendar.open_time(end - (wait.shorter - later), end)
    longer = calendar.open_time(begin - earlier, begin) + calendar.open_time(end, end + (wait.longer - earlier))
    return Wait(length=length, ended=wait.ended, shorter=min(length, shorter), longer=longer)
