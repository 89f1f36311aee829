from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slawatch import burden
from slawatch.burden import DEFAULT, UNLIMITED, Limits, account_wait, check, limits_for, raised
from slawatch.model import Asked, Relationship

NOW = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)  # half an hour before the change to summer time in Berlin
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def asked(days_ago: float, channel: str = "email", *, unanswered: bool = False) -> Asked:
    return Asked(
        company="example-shop",
        channel=channel,
        probe="delivery-time",
        lang="de",
        variant=0,
        at=NOW - days_ago * DAY,
        open=unanswered,
    )


def only(**limits: int | timedelta) -> Limits:
    return replace(UNLIMITED, **limits)  # type: ignore[arg-type]


def rule(limits: Limits, *history: Asked, channel: str = "email") -> str | None:
    refusal = check(limits, history, channel, NOW)
    return refusal.rule if refusal else None


def test_a_company_never_asked_may_be_asked() -> None:
    assert check(DEFAULT, [], "email", NOW) is None


def test_a_company_is_not_asked_again_while_a_request_is_open() -> None:
    refusal = check(only(open=1), [asked(2, unanswered=True)], "email", NOW)

    assert refusal is not None
    assert refusal.rule == "open"
    assert refusal.detail == "1 still waiting for an answer, limit 1"
    assert refusal.retry_at == NOW + 5 * DAY  # the window of 7 days then closes


def test_an_answered_request_is_not_open() -> None:
    assert rule(only(open=1), asked(2, unanswered=True)) == "open"
    assert rule(only(open=1), asked(2, unanswered=False)) is None


def test_a_question_nobody_answers_lapses_with_its_window() -> None:
    silent = [asked(3, unanswered=True)]

    assert check(only(open=1), silent, "email", NOW, lapses_after=3 * DAY + SECOND) is not None
    assert check(only(open=1), silent, "email", NOW, lapses_after=3 * DAY) is None


def test_an_open_request_on_another_channel_stands_in_nobodys_way() -> None:
    assert rule(only(open=1), asked(2, "twitter", unanswered=True)) is None
    assert rule(only(open=1), asked(2, "twitter", unanswered=True), channel="twitter") == "open"


def test_the_fifth_request_within_30_days_is_refused_until_the_first_is_30_days_old() -> None:
    history = [asked(29), asked(20), asked(15), asked(8)]

    refusal = check(only(month=4), history, "email", NOW)

    assert refusal is not None
    assert (refusal.rule, refusal.retry_at) == ("month", NOW + DAY)
    assert refusal.detail == "4 asked within 30 days, limit 4"
    assert check(only(month=5), history, "email", NOW) is None


def test_a_request_30_days_old_to_the_second_no_longer_counts() -> None:
    assert rule(only(month=1), asked(30)) is None
    assert rule(only(month=1), replace(asked(30), at=NOW - 30 * DAY + SECOND)) == "month"


def test_a_lowered_limit_waits_until_enough_have_aged() -> None:
    # Four went out under an earlier config; with a limit of two the second last has to age as well.
    refusal = check(only(month=2), [asked(29), asked(20), asked(15), asked(8)], "email", NOW)

    assert refusal is not None
    assert refusal.retry_at == NOW - 15 * DAY + 30 * DAY


def test_the_month_of_one_channel_counts_that_channel_only() -> None:
    others = [asked(days, "twitter") for days in (1, 2, 3, 4)]

    assert rule(only(month=4), *others) is None
    assert rule(only(month=4), *others, channel="twitter") == "month"


def test_a_quarter_is_any_91_days() -> None:
    assert rule(only(quarter=2), asked(90), asked(1)) == "quarter"
    assert rule(only(quarter=2), asked(91), asked(1)) is None


def test_all_channels_together_have_a_month_of_their_own() -> None:
    history = [asked(days, channel) for days in (3, 10) for channel in ("email", "twitter", "chat", "form")]

    assert rule(only(month_all_channels=8), *history) == "month_all_channels"
    assert rule(only(month_all_channels=9), *history) is None
    assert rule(only(month_all_channels=8), *history[1:]) is None


def test_between_two_requests_lies_the_cool_down() -> None:
    refusal = check(only(cooldown=7 * DAY), [asked(20), asked(6)], "email", NOW)

    assert refusal is not None
    assert (refusal.rule, refusal.retry_at) == ("cooldown", NOW + DAY)
    assert refusal.detail == "last asked at 2026-03-23 00:30 UTC, cool-down 7 d"
    assert rule(only(cooldown=7 * DAY), asked(20), asked(7)) is None


def test_the_cool_down_of_one_channel_leaves_the_others_alone() -> None:
    assert rule(only(cooldown=7 * DAY), asked(1, "twitter")) is None


def test_history_may_come_in_any_order() -> None:
    assert rule(only(cooldown=7 * DAY), asked(1), asked(20)) == "cooldown"
    assert rule(only(cooldown=7 * DAY), asked(20), asked(1)) == "cooldown"


def test_of_several_refusals_the_one_that_ends_last_is_named() -> None:
    history = [asked(25, unanswered=True), asked(18), asked(10), asked(2, unanswered=True)]

    refusal = check(DEFAULT, history, "email", NOW)

    assert refusal is not None
    assert refusal.rule in {"month", "open", "cooldown"}
    assert refusal.retry_at == NOW + 5 * DAY
    assert check(DEFAULT, history, "email", refusal.retry_at) is None


def test_without_limits_nothing_is_refused() -> None:
    assert check(UNLIMITED, [asked(0, unanswered=True)] * 100, "email", NOW) is None


def test_the_defaults_are_the_published_ones() -> None:
    assert Limits(open=1, month=4, quarter=12, month_all_channels=8, cooldown=7 * DAY) == DEFAULT


@pytest.mark.parametrize("name", ["open", "month", "quarter", "month_all_channels"])
def test_a_limit_that_lets_nothing_through_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=f'^{name}: "0" lets nothing through; pause the company to ask nothing$'):
        only(**{name: 0})
    assert getattr(only(**{name: 1}), name) == 1


def test_a_negative_cool_down_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^cooldown: .* is negative"):
        only(cooldown=-DAY)
    assert only(cooldown=timedelta(0)).cooldown == timedelta(0)


def test_an_own_company_has_no_limits_unless_some_are_written() -> None:
    assert limits_for(Relationship.OWN, {}) == UNLIMITED
    assert limits_for(Relationship.OWN, {"month": 100}) == only(month=100)


def test_a_consented_company_is_asked_as_agreed() -> None:
    assert limits_for(Relationship.CONSENTED, {}) == DEFAULT
    assert limits_for(Relationship.CONSENTED, {"month": 60, "cooldown": None}) == replace(
        DEFAULT, month=60, cooldown=None
    )


@pytest.mark.parametrize("relationship", [Relationship.COMPETITOR, Relationship.PUBLIC_INTEREST])
def test_others_are_asked_more_only_with_a_recorded_reason(relationship: Relationship) -> None:
    more = {"month": 5, "cooldown": DAY}

    with pytest.raises(ValueError, match=f'^month, cooldown: raised for a company that is "{relationship}"; .*reason'):
        limits_for(relationship, more)
    with pytest.raises(ValueError, match="month, cooldown"):
        limits_for(relationship, more, "   ")
    assert limits_for(relationship, more, "agreed by phone with Ms Example, 2026-03-01").month == 5


def test_lowering_a_limit_needs_no_reason() -> None:
    less = {"open": 1, "month": 1, "quarter": 3, "month_all_channels": 2, "cooldown": 20 * DAY}

    assert limits_for(Relationship.COMPETITOR, less) == Limits(**less)  # type: ignore[arg-type]


def test_taking_a_limit_away_raises_it() -> None:
    assert raised(UNLIMITED) == ("open", "month", "quarter", "month_all_channels", "cooldown")
    assert raised(DEFAULT) == ()
    assert raised(replace(DEFAULT, cooldown=7 * DAY - SECOND)) == ("cooldown",)
    assert raised(replace(DEFAULT, cooldown=7 * DAY + SECOND)) == ()


def test_an_account_that_sent_nothing_may_send_now() -> None:
    assert account_wait([], 1, 60, NOW) is None


def test_an_account_sends_one_message_a_minute() -> None:
    assert account_wait([NOW - 20 * SECOND], 1, None, NOW) == NOW + 40 * SECOND
    assert account_wait([NOW - 60 * SECOND], 1, None, NOW) is None
    assert account_wait([NOW - 20 * SECOND], 2, None, NOW) is None


def test_an_account_sends_sixty_messages_a_day() -> None:
    hourly = [NOW - timedelta(minutes=20 * n) for n in range(1, 61)]

    assert account_wait(hourly, None, 60, NOW) == hourly[-1] + DAY
    assert account_wait(hourly[1:], None, 60, NOW) is None
    assert account_wait([NOW - DAY] * 60, None, 60, NOW) is None


def test_of_both_rates_the_slower_one_decides() -> None:
    sent = [NOW - timedelta(hours=1), NOW - 10 * SECOND]

    assert account_wait(sent, 1, 2, NOW) == NOW - timedelta(hours=1) + DAY
    assert account_wait(sent, 1, 3, NOW) == NOW + 50 * SECOND


def test_an_account_without_rates_never_waits() -> None:
    assert account_wait([NOW] * 1000, None, None, NOW) is None


histories = st.lists(
    st.builds(
        asked,
        st.floats(min_value=0, max_value=120, allow_nan=False),
        st.sampled_from(["email", "twitter"]),
        unanswered=st.booleans(),
    ),
    max_size=25,
)
counts = st.one_of(st.none(), st.integers(min_value=1, max_value=15))
all_limits = st.builds(
    Limits,
    open=counts,
    month=counts,
    quarter=counts,
    month_all_channels=counts,
    cooldown=st.one_of(st.none(), st.timedeltas(min_value=timedelta(0), max_value=40 * DAY)),
)


@given(all_limits, histories)
def test_from_the_named_instant_on_and_not_before_nothing_stands_in_the_way(
    limits: Limits, history: list[Asked]
) -> None:
    refusal = check(limits, history, "email", NOW)

    if refusal is not None:
        assert refusal.retry_at > NOW
        assert check(limits, history, "email", refusal.retry_at) is None
        assert check(limits, history, "email", refusal.retry_at - timedelta(microseconds=1)) is not None


@settings(max_examples=20, deadline=None)
@given(all_limits, st.integers(min_value=40, max_value=200), st.integers(min_value=0))
def test_no_limit_is_broken_in_a_year_of_asking(limits: Limits, every_hours: int, seed: int) -> None:
    """Both channels ask on schedule; what is refused is put off to the named instant; some requests stay unanswered."""
    chance, every, end = Random(seed), timedelta(hours=every_hours), NOW + 365 * DAY  # noqa: S311 - no secret
    history: list[Asked] = []
    due = [(NOW + n * every, channel) for n in range(365 * DAY // every) for channel in ("email", "twitter")]
    while due:
        now, channel = heappop(due)
        lately = [one for one in history if one.at > now - 91 * DAY]
        refusal = check(limits, lately, channel, now)
        if refusal is None:
            history.append(replace(asked(0, channel, unanswered=chance.random() < 0.5), at=now))
        elif refusal.retry_at < end and (refusal.retry_at, channel) not in due:
            heappush(due, (refusal.retry_at, channel))

    assert len(history) >= 4  # a year in which nothing is asked would keep every limit
    assert most_within(30 * DAY, history) <= (limits.month_all_channels or len(history))
    for channel in ("email", "twitter"):
        here = [one for one in history if one.channel == channel]
        assert most_within(30 * DAY, here) <= (limits.month or len(here))
        assert most_within(91 * DAY, here) <= (limits.quarter or len(here))
        if limits.open is not None:
            assert max((open_before(one, here) for one in here), default=0) < limits.open
        if limits.cooldown is not None:
            assert all(later.at - earlier.at >= limits.cooldown for earlier, later in pairwise(here))


def most_within(span: timedelta, requests: list[Asked]) -> int:
    """Return how many requests the fullest span of this length holds."""
    return max((sum(first.at <= one.at < first.at + span for one in requests) for first in requests), default=0)


def open_before(request: Asked, requests: list[Asked]) -> int:
    return sum(one.open and request.at - burden.LAPSES_AFTER < one.at < request.at for one in requests)
