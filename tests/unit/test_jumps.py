"""Clocks that are set while we look on: what counts as a jump, and what it does to waits and to looking."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from slawatch.jumps import LIMIT, Jump, Reading, between, surely_until, widened
from slawatch.model import (
    ZERO,
    Delivery,
    MatchEvidence,
    MessageKind,
    Origin,
    Reply,
    Request,
    Stamps,
    Strength,
    Text,
)

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def read(wall: datetime, up: timedelta, boot: str = "one") -> Reading:
    return Reading(boot=boot, wall=wall, up=up)


REQUEST = Request(
    id=4,
    public_id="r-4",
    origin=Origin.SENT,
    company="shop",
    channel="email",
    target="service@shop.example",
    account="main",
    text=Text(probe="delivery-time", lang="de", variant=0, subject="Frage", body="Wie lange?"),
    token="k7f3k7f3k7f3",
    message_id="a@example.org",
    delivery=Delivery.SENT,
    due_at=NOW,
    zone="Europe/Berlin",
    intended_at=NOW,
    accepted_at=NOW,
)


def reply(after: timedelta) -> Reply:
    return Reply(
        message_id=7,
        request_id=REQUEST.id,
        kind=MessageKind.ANSWER,
        evidence=MatchEvidence.DELIVERED_TO,
        strength=Strength.CERTAIN,
        stamps=Stamps(at=NOW + after, source="own-mx"),
    )


def jump(after: timedelta, size: timedelta) -> Jump:
    """Return a jump that was found at once, so long after the request."""
    at = NOW + after
    return Jump(since=min(at, at + size), until=max(at, at + size), size=size)


def test_clocks_that_go_alike_show_no_jump_however_long_the_machine_slept_meanwhile() -> None:
    assert between(read(NOW, HOUR), read(NOW + 9 * HOUR, 10 * HOUR)) is None


@pytest.mark.parametrize("size", [LIMIT, -LIMIT, timedelta(seconds=1), ZERO])
def test_what_stamps_in_whole_seconds_hide_is_no_jump(size: timedelta) -> None:
    assert between(read(NOW, HOUR), read(NOW + MINUTE + size, HOUR + MINUTE)) is None


@pytest.mark.parametrize("size", [timedelta(seconds=3), timedelta(seconds=-3), 400 * 24 * HOUR, -2 * HOUR])
def test_a_clock_that_is_set_shows_by_how_much(size: timedelta) -> None:
    found = between(read(NOW, HOUR), read(NOW + MINUTE + size, HOUR + MINUTE))

    assert found is not None
    assert found.size == size
    # Whatever either clock can have shown meanwhile lies in it.
    assert found.since <= NOW <= found.until
    assert found.since <= NOW + MINUTE <= found.until
    assert found.since <= NOW + MINUTE + size <= found.until


def test_nothing_is_said_across_a_start_of_the_machine_or_where_that_is_not_known() -> None:
    assert between(read(NOW, HOUR), read(NOW + 9 * HOUR, MINUTE, boot="two")) is None
    assert between(read(NOW, HOUR, boot=""), read(NOW + 9 * HOUR, 2 * HOUR, boot="")) is None


def test_a_clock_set_forward_may_have_made_a_wait_look_longer() -> None:
    (found,) = widened(REQUEST, [reply(HOUR)], [jump(MINUTE, 10 * MINUTE)])

    assert (found.stamps.earlier, found.stamps.later) == (10 * MINUTE, ZERO)


def test_a_clock_set_back_may_have_made_a_wait_look_shorter() -> None:
    (found,) = widened(REQUEST, [reply(HOUR)], [jump(MINUTE, -10 * MINUTE)])

    assert (found.stamps.earlier, found.stamps.later) == (ZERO, 10 * MINUTE)


def test_a_jump_after_the_answer_or_before_the_request_changes_nothing() -> None:
    jumps = [jump(-2 * HOUR, 10 * MINUTE), jump(3 * HOUR, -10 * MINUTE)]

    assert widened(REQUEST, [reply(HOUR)], jumps) == [reply(HOUR)]


def test_a_clock_set_forward_closes_no_window() -> None:
    until = NOW + 8 * 24 * HOUR
    ahead = jump(HOUR, 7 * 24 * HOUR)

    assert surely_until(REQUEST, until, [ahead]) == until - ahead.size


def test_a_clock_set_forward_and_back_again_takes_nothing_from_what_was_seen() -> None:
    until = NOW + 8 * 24 * HOUR
    there, back = jump(HOUR, 24 * HOUR), jump(26 * HOUR, -24 * HOUR)

    assert surely_until(REQUEST, until, [there, back]) == until
    assert surely_until(REQUEST, until, [back]) == until
    assert surely_until(replace(REQUEST, accepted_at=None), until, [there]) == until
