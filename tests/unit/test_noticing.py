"""What is wrong now: thresholds that do not flicker, nobody blamed for what we could not see, and when it is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from slawatch.model import Measure, Objective, ObjectiveKind
from slawatch.noticing import (
    AccountFacts,
    BudgetFacts,
    DiskFacts,
    Facts,
    Kind,
    PromiseFacts,
    RequestFacts,
    Severity,
    unjudged,
    wrong,
)
from slawatch.noticing.facts import CanaryFacts
from slawatch.noticing.telling import Quiet, Said, What, body, quiet, tell_at, time_of_day, title

NOW = datetime(2026, 3, 29, 12, tzinfo=UTC)
BERLIN = "Europe/Berlin"
GOAL = Objective(measure=Measure.ANSWER, kind=ObjectiveKind.SHARE, limit=timedelta(hours=24), at_least=0.9)
HEARD = RequestFacts(
    company="shop",
    way="email",
    account="main",
    asked_at=NOW - timedelta(days=3),
    waited=timedelta(hours=1),
    heard=True,
    receipt=timedelta(minutes=1),
    patience=timedelta(hours=24),
    kept=[(GOAL, True)],
)
UNHEARD = replace(HEARD, heard=False, receipt=None, waited=timedelta(days=3), kept=[(GOAL, False)])
MISSED = replace(HEARD, kept=[(GOAL, False)])
KEY = "objective:shop:email:answer:1 d"


def kinds(facts: Facts, *standing: str) -> list[Kind]:
    return [one.kind for one in wrong(facts, standing)]


def facts(*requests: RequestFacts, **more: object) -> Facts:
    return Facts(now=NOW, requests=requests, **more)  # type: ignore[arg-type]


def test_nothing_is_wrong_where_nothing_is_known() -> None:
    assert wrong(Facts(now=NOW)) == []


def test_an_objective_missed_three_times_of_five_is_told_and_two_are_not() -> None:
    assert kinds(facts(MISSED, HEARD, MISSED, HEARD)) == []

    (found,) = wrong(facts(MISSED, HEARD, MISSED, HEARD, MISSED))

    assert (found.key, found.ours) == (KEY, False)
    assert "missed in 3 of the last 5" in found.words


def test_one_kept_does_not_end_it_and_two_in_a_row_do() -> None:
    assert kinds(facts(MISSED, MISSED, HEARD)) == []
    assert kinds(facts(MISSED, MISSED, HEARD), KEY) == [Kind.OBJECTIVE]
    assert kinds(facts(MISSED, MISSED, MISSED, HEARD, HEARD), KEY) == []


def test_what_is_still_open_counts_on_neither_side() -> None:
    still_open = replace(HEARD, kept=[(GOAL, None)])

    assert kinds(facts(MISSED, MISSED, still_open, still_open, still_open, MISSED)) == [Kind.OBJECTIVE]


def test_nobody_is_blamed_while_the_account_cannot_be_read() -> None:
    failing = AccountFacts(name="main", failing_since=NOW - timedelta(hours=1), why="login refused")
    promise = PromiseFacts(key="r1", company="shop", way="email", account="main", due_at=NOW)
    budget = BudgetFacts(
        company="shop",
        way="email",
        account="main",
        objective=GOAL,
        used=3,
        allowed=3,
        used_up=True,
        period="2026-03-01",
    )
    all_of_it = facts(MISSED, MISSED, MISSED, promises=[promise], budgets=[budget])
    assert kinds(all_of_it) == [Kind.OBJECTIVE, Kind.PROMISE, Kind.BUDGET]

    blind = replace(all_of_it, accounts=[failing])

    assert kinds(blind) == [Kind.ACCOUNT]
    assert unjudged(blind, [KEY, "disk", "objective:other:email:answer:1 d"]) == {KEY}
    assert unjudged(all_of_it, [KEY]) == frozenset()


def test_an_account_is_given_a_quarter_of_an_hour() -> None:
    def failing(minutes: int) -> Facts:
        return facts(accounts=[AccountFacts(name="main", failing_since=NOW - timedelta(minutes=minutes), why="away")])

    assert kinds(failing(14)) == []
    assert kinds(failing(15)) == [Kind.ACCOUNT]


def test_where_nobody_at_all_is_heard_our_own_side_is_suspected_in_place_of_all_companies() -> None:
    unheard = [replace(UNHEARD, company=one) for one in ("shop", "bank", "rail")]
    two_only = [replace(UNHEARD, company=one) for one in ("shop", "bank", "bank")]
    assert Kind.SILENCE not in kinds(facts(*two_only))

    (found,) = wrong(facts(HEARD, MISSED, MISSED, MISSED, *unheard))

    assert (found.kind, found.ours, found.key) == (Kind.SILENCE, True, "silence:main")


def test_somebody_heard_after_them_shows_that_our_side_works() -> None:
    unheard = [replace(UNHEARD, company=one) for one in ("shop", "bank", "rail")]

    assert kinds(facts(*unheard, HEARD)) == []


def test_who_was_asked_just_now_is_not_silent() -> None:
    young = [replace(UNHEARD, company=one, waited=timedelta(hours=5), kept=()) for one in ("shop", "bank", "rail")]

    assert kinds(facts(*young)) == []


def test_a_receipt_that_always_came_and_now_does_not_is_our_delivery() -> None:
    lacking = replace(UNHEARD, waited=timedelta(hours=2), kept=())
    assert kinds(facts(*[HEARD] * 4, lacking, lacking)) == []
    assert kinds(facts(*[HEARD] * 5, lacking)) == []
    assert kinds(facts(*[HEARD] * 4, replace(HEARD, receipt=None), lacking, lacking)) == []

    (found,) = wrong(facts(*[HEARD] * 5, lacking, lacking))

    assert (found.kind, found.ours) == (Kind.RECEIPT, True)
    assert "not the company's fault" in found.words


def test_a_slow_receipt_is_waited_for_three_times_as_long() -> None:
    slow = replace(HEARD, receipt=timedelta(hours=2))
    lacking = replace(UNHEARD, waited=timedelta(hours=5), kept=())

    assert kinds(facts(*[slow] * 5, lacking, lacking)) == []
    late = replace(lacking, waited=timedelta(hours=6))
    assert kinds(facts(*[slow] * 5, late, late)) == [Kind.RECEIPT]


def test_a_blind_window_is_told_of_for_a_week_and_its_end_is_no_news() -> None:
    def blind(hours: float, ago: timedelta = timedelta()) -> Facts:
        until = NOW - ago
        return facts(accounts=[AccountFacts(name="main", gaps=[(until - timedelta(hours=hours), until)])])

    assert kinds(blind(1.9)) == []
    assert kinds(blind(2, timedelta(days=8))) == []
    (found,) = wrong(blind(2))
    assert (found.kind, found.passing) == (Kind.BLIND, True)


def test_the_review_queue_ends_lower_than_it_begins() -> None:
    assert kinds(facts(review=9)) == []
    assert kinds(facts(review=10)) == [Kind.REVIEW]
    assert kinds(facts(review=5), "review") == [Kind.REVIEW]
    assert kinds(facts(review=4), "review") == []


@pytest.mark.parametrize(
    ("free", "size", "severity"),
    [
        (2_000_000_000, 10**12, None),
        (900_000_000, 10**12, Severity.WARNING),
        (100_000_000, 10**12, Severity.ERROR),
        (100_000_000, 10**8 * 5, None),
    ],
)
def test_room_on_the_disk_is_judged_by_what_a_small_one_can_have(
    free: int, size: int, severity: Severity | None
) -> None:
    found = wrong(facts(disk=DiskFacts(free=free, size=size)))

    assert [one.severity for one in found] == ([severity] if severity else [])


def test_a_mailbox_that_is_nearly_full_is_told() -> None:
    assert kinds(facts(accounts=[AccountFacts(name="main", warning="95 % of the quota is used")])) == [Kind.DISK]


def test_promises_are_told_of_for_a_week() -> None:
    promise = PromiseFacts(key="r1", company="shop", way="email", account="main", due_at=NOW - timedelta(days=8))

    assert kinds(facts(promises=[promise])) == []


def test_a_letter_to_ourselves_that_stays_away_shows_that_we_are_deaf_and_blames_nobody() -> None:
    deaf = CanaryFacts(account="main", lost_since=NOW - timedelta(hours=2))
    missed = [MISSED, MISSED, MISSED]

    assert kinds(facts(*missed, canaries=[replace(deaf, lost_since=None)])) == [Kind.OBJECTIVE]
    assert kinds(facts(*missed, canaries=[deaf])) == [Kind.CANARY]
    assert KEY in unjudged(facts(*missed, canaries=[deaf]), {KEY})


def test_that_no_letter_leaves_is_told_after_a_quarter_of_an_hour() -> None:
    dumb = CanaryFacts(account="main", failing_since=NOW - timedelta(minutes=15), why="no route")

    assert kinds(facts(canaries=[dumb])) == [Kind.CANARY]
    assert kinds(facts(canaries=[replace(dumb, failing_since=NOW - timedelta(minutes=14))])) == []


# --- telling ---


@pytest.mark.parametrize("text", ["22-6", "22:00-22:00", "25:00-06:00", ""])
def test_what_is_no_time_from_one_hour_to_another_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="22:00-06:00"):
        quiet(text)


def test_what_is_no_time_of_day_is_refused() -> None:
    assert time_of_day("07:30") == time(7, 30)
    with pytest.raises(ValueError, match="07:30"):
        time_of_day("7:30")


@pytest.mark.parametrize(
    ("at", "told"),
    [
        ("2026-03-28T21:59+01:00", "2026-03-28T21:59+01:00"),
        ("2026-03-28T22:00+01:00", "2026-03-29T06:00+02:00"),  # over the change to summer time
        ("2026-03-29T05:59+02:00", "2026-03-29T06:00+02:00"),
        ("2026-03-29T06:00+02:00", "2026-03-29T06:00+02:00"),
    ],
)
def test_what_is_noticed_in_quiet_hours_is_told_after_them(at: str, told: str) -> None:
    hours = quiet("22:00-06:00")

    assert tell_at(datetime.fromisoformat(at), hours, None, BERLIN) == datetime.fromisoformat(told)


def test_quiet_hours_need_not_go_over_midnight() -> None:
    lunch = Quiet(time(12), time(13))

    assert tell_at(NOW.replace(hour=10, minute=30), lunch, None, BERLIN) == NOW.replace(hour=11)
    assert tell_at(NOW, lunch, None, BERLIN) == NOW


def test_a_digest_is_told_once_a_day_and_not_in_quiet_hours() -> None:
    assert tell_at(NOW, None, time(7, 30), BERLIN) == datetime(2026, 3, 30, 5, 30, tzinfo=UTC)
    assert tell_at(NOW, quiet("22:00-08:00"), time(7, 30), BERLIN) == datetime(2026, 3, 30, 6, tzinfo=UTC)


def said(what: What, **more: object) -> Said:
    given = {
        "words": "disk: 5 MB are left; make room",
        "since": NOW,
        "until": None,
        "error": True,
        "ours": True,
        "again": False,
    }
    return Said(what=what, **(given | more))  # type: ignore[arg-type]


def test_a_title_counts_what_is_wrong_and_what_has_ended() -> None:
    assert title([said(What.RAISED)]) == "slawatch: disk: 5 MB are left"
    assert title([said(What.RESOLVED)]) == "slawatch: resolved: disk: 5 MB are left"
    assert title([said(What.RAISED), said(What.WORSE), said(What.RESOLVED)]) == "slawatch: 2 wrong, 1 resolved"


def test_a_message_says_since_when_on_whose_side_and_whether_it_may_be_the_second() -> None:
    text = body([said(What.RAISED, again=True), said(What.RESOLVED, until=NOW, ours=False)], BERLIN)

    again = "(It may have been told before: the process that told it did not report back.)"
    assert text == (
        f"ERROR: disk: 5 MB are left\nnoticed 2026-03-29 14:00 CEST; on our side\nMake room\n{again}\n\n"
        "RESOLVED: disk: 5 MB are left\nnoticed 2026-03-29 14:00 CEST, over since 2026-03-29 14:00 CEST\n"
    )
