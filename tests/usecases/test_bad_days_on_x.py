"""Bad days on X, one by one: clocks apart, an index that lags, renamed fields, no credits, long outages, a crash."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from slawatch.model import Delivery, Verdict
from slawatch.practice.x.people import Post
from slawatch.usecases.outcomes import standing
from tests import x_manners as manners
from tests.x_manners import Far, judged
from tests.x_stage import Opening, XStage, company, x_stages

POSTING, SEARCH = "POST /2/tweets", "GET /2/tweets/search/recent"
EVERY = timedelta(minutes=10)
MILLISECOND = timedelta(milliseconds=1)
ONCE = 'every = "20 d"\nlate = "30 d"'
MANNERS = {
    "prompt": manners.answers(minutes=3, milliseconds=1),
    "slow": manners.answers(hours=9),
    "asks": manners.asks_back,
    "never": manners.never,
}


@pytest.fixture
def on_x(tmp_path: Path) -> Iterator[Opening]:
    with x_stages(tmp_path) as opening:
        yield opening


def town(on_x: Opening, *, silent: bool = False, **more: str) -> tuple[XStage, Far]:
    """Have four companies, each to be asked once within the next days."""
    here = on_x(*(company(key, target=ONCE) for key in MANNERS), **more)
    far = Far(here.x, here.us)
    for key, manner in MANNERS.items():
        far.add(key, manners.never if silent else manner)
    return here, far


def all_asked(here: XStage) -> None:
    """Let time pass until everybody was asked."""
    for _ in range(1000):
        if len([one for one in here.ours() if one.reply_to is None]) == len(MANNERS):
            return
        here.forward(minutes=30)
        here.tick()
    raise AssertionError("not everybody was asked")


def all_is_well(here: XStage, far: Far, *, within: timedelta = timedelta(days=5, hours=6)) -> None:
    """Let the windows pass and hold everything against the truth."""
    here.tick_until(here.clock.now() + timedelta(hours=2), every=EVERY)
    here.tick_until(here.clock.now() + within, every=timedelta(hours=3))
    requests = here.requests()
    found = judged(far.truths, requests, standing(here.world, requests))
    assert len(found) == len(MANNERS) == len([one for one in here.ours() if one.reply_to is None])
    assert [one.wrong for one in found if one.wrong] == []
    assert max(off for one in found for off in one.off) <= MILLISECOND


@pytest.mark.parametrize("minutes", [10, -10])
def test_a_clock_that_is_off_is_learned_and_spoils_no_figure(on_x: Opening, minutes: int) -> None:
    here, far = town(on_x)
    here.x.skew = timedelta(minutes=minutes)

    all_asked(here)
    all_is_well(here, far)
    refused = sum(number for (_, status), number in here.x.statuses.items() if status == 401)
    assert refused == 1  # and never again


def test_an_index_that_lags_two_minutes_hides_nothing_for_good(on_x: Opening) -> None:
    here, far = town(on_x)
    here.x.lag.update(dict.fromkeys(here.x.lag, timedelta(seconds=120)))
    here.x.faults.add("reset-after", POSTING, times=2)

    all_asked(here)
    all_is_well(here, far)


def test_renamed_fields_are_read_all_the_same(on_x: Opening) -> None:
    here, far = town(on_x)
    here.x.drift = True

    all_asked(here)
    all_is_well(here, far)


def test_without_credits_the_account_is_paused_in_words_and_goes_on_when_told_to(on_x: Opening) -> None:
    here, far = town(on_x)
    rule = here.x.faults.add("402", POSTING)
    while not rule.hits:
        here.forward(minutes=30)
        here.tick()
    assert "out of credits: buy some" in here.world.store.paused()["account:robin"]
    assert [news.words for news in here.news if news.what == "paused"] != []
    here.tick_until(here.clock.now() + timedelta(hours=4), every=EVERY)
    assert here.ours() == []

    here.world.store.resume("account:robin")
    all_asked(here)
    all_is_well(here, far)


def test_what_x_no_longer_shows_after_an_outage_is_found_in_the_conversations(on_x: Opening) -> None:
    here, far = town(on_x, silent=True, more="month_max = 0")
    all_asked(here)
    here.x.faults.add("503-html", "GET *", times=-1)
    last = max(far.truths.values(), key=lambda one: one.asked.at)
    assert isinstance(last.asked, Post)
    (theirs,) = (person for person in here.x.people.values() if person.handle == last.company)
    here.forward(minutes=5)
    reply = here.x.post(theirs, "It takes 2 days and costs 4.90 EUR. ^JK", reply_to=last.asked)
    last.first, last.answer, last.verdict = reply, reply, Verdict.ANSWERED
    crowd = [here.x.person(f"crowd_{number}") for number in range(10)]
    for number in range(900):
        here.forward(seconds=12)
        here.x.post(crowd[number % 10], f"@robin_asks number {number}, have you seen this?")
        if number % 100 == 0:
            here.tick()
    assert reply not in list(here.x.mentions(here.us, here.us))
    here.x.faults.clear()
    here.tick()

    assert here.x.calls[SEARCH]
    (request,) = (one for one in here.requests() if one.company == last.company)
    assert here.outcome(request).verdict is Verdict.ANSWERED
    all_is_well(here, far)


def test_a_process_that_dies_right_after_posting_posts_once(on_x: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    here, far = town(on_x)
    store = type(here.world.store)

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(store, "finish_attempt", die)
        with pytest.raises(KeyboardInterrupt):
            all_asked(here)
    assert len(here.ours()) == 1
    assert here.the_request().delivery is Delivery.SENDING

    again = on_x()
    all_asked(again)
    all_is_well(again, far)
