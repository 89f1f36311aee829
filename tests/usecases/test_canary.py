"""Letters to ourselves: they come back, or the account is deaf, and never is one of them counted."""

from __future__ import annotations

import html
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from slawatch.cli.explain import _told as told
from slawatch.cli.report import write_report
from slawatch.cli.status import lines_of
from slawatch.model import Facts, Report
from slawatch.noticing.floor import Trip, floor
from slawatch.report import render
from slawatch.report.build import build
from slawatch.report.words import Words
from slawatch.store import Alert
from slawatch.testing import BEFORE_SUMMER_TIME, OWN_ADDRESS
from slawatch.usecases import canary
from slawatch.usecases.explain import explain
from slawatch.usecases.plan import lay_out
from slawatch.usecases.report import Choice, gather
from slawatch.usecases.status import status
from slawatch.usecases.tick import tick
from slawatch.usecases.verify import verify_report
from tests.stages import ACCOUNT, Opening, Stage, company

NOW = BEFORE_SUMMER_TIME
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
ALERT = '\n[[alert]]\nmail = ["me@example.org"]\n'

Building = Callable[..., Stage]


@pytest.fixture
def town(stage: Opening, monkeypatch: pytest.MonkeyPatch) -> Building:
    def build(extra: str = 'canary = "6 h"\n', companies: str = company()) -> Stage:
        monkeypatch.setattr("tests.stages.ACCOUNT", ACCOUNT + extra)
        return stage(companies + ALERT)

    return build


def passes(here: Stage, **span: float) -> None:
    here.forward(**span)
    tick(here.world)


def wrong(here: Stage) -> list[Alert]:
    return [one for one in here.world.store.alerts(still_open=True) if one.kind == "canary"]


def canaries(here: Stage) -> list[tuple[bool, bool]]:
    """Whether each left, and is back."""
    return [(one.sent_at is not None, one.back_at is not None) for one in here.world.store.canaries("main")]


def test_it_leaves_as_often_as_the_config_says_and_comes_back_as_nobodys_reply(town: Building) -> None:
    here = town()
    for _ in range(13):
        passes(here, hours=1)

    assert canaries(here) == [(True, True), (True, True), (True, False)]
    assert here.world.store.requests() == []
    assert here.world.store.waiting_for_review() == []
    assert here.world.store.messages(account="main", unmatched=True) == []
    assert wrong(here) == []


def test_without_the_key_none_leaves(town: Building) -> None:
    here = town("")
    passes(here)

    assert (canaries(here), here.far.letters) == ([], [])


def test_deaf_nobody_is_asked_until_one_is_back_and_that_is_told(town: Building) -> None:
    here = town(companies=company(schedule='every = "1 d"', relationship="own"))
    here.far.deaf = True
    passes(here)
    lost_at = here.clock.now()
    passes(here, hours=1)

    (found,) = wrong(here)
    assert found.ours
    assert f"{lost_at.astimezone(ZoneInfo('Europe/Berlin')):%H:%M}" in found.words
    lay_out(here.world, here.clock.now() + timedelta(days=3))
    for _ in range(48):
        passes(here, hours=1)
    assert here.requests() == []

    here.far.deaf = False
    passes(here, hours=1)  # the next one leaves, each hour while none comes back
    assert here.requests() == []
    passes(here, minutes=5)

    assert wrong(here) == []
    assert len(here.requests()) == 1


def test_one_alone_that_was_lost_ends_with_the_next_that_is_back(town: Building) -> None:
    here = town()
    here.far.deaf = True
    passes(here)
    here.far.deaf = False
    passes(here, hours=1)
    assert len(wrong(here)) == 1
    passes(here, minutes=5)

    assert wrong(here) == []
    (found,) = canary.floors(here.world, NOW, here.clock.now() + HOUR)
    assert (found.sent, found.back, len(found.lost)) == (2, 1, 1)


def test_that_no_letter_leaves_is_told_after_the_second_try(town: Building) -> None:
    here = town()
    here.far.go_away()
    passes(here)
    passes(here, minutes=5)
    assert [one.kind for one in here.world.store.alerts(still_open=True)] == []
    passes(here, minutes=10)

    assert ["cannot send" in one.words for one in wrong(here)] == [True]
    here.far.come_back()
    passes(here, minutes=15)
    passes(here, minutes=5)

    assert wrong(here) == []


def test_an_echo_that_answers_it_counts_and_its_known_delay_does_not(town: Building) -> None:
    here = town('canary = "6 h"\ncanary_to = "echo@echo.example"\ncanary_delay = "30 s"\n')
    here.far.deaf = True  # it goes to the echo and not to us
    passes(here)
    here.far.deaf = False
    (sent,) = here.world.store.canaries("main")
    here.forward(seconds=42)
    here.far.deliver(
        Facts(sender="echo@echo.example", own_id="e1@echo.example", cited_ids=(sent.own_id,), recipients=(OWN_ADDRESS,))
    )
    passes(here, minutes=5)

    (found,) = canary.floors(here.world, NOW, here.clock.now() + HOUR)
    assert found.floor == timedelta(seconds=12)
    assert here.world.store.messages(account="main", unmatched=True) == []


def test_a_letter_that_only_claims_to_be_one_is_none(town: Building) -> None:
    here = town("")
    passes(here)
    here.far.deliver(Facts(sender="x@x.example", own_id="slawatch-canary-0@own.example", recipients=(OWN_ADDRESS,)))
    passes(here, minutes=5)

    assert len(here.world.store.messages(account="main", unmatched=True)) == 1


def test_what_we_could_not_look_for_is_not_lost(town: Building) -> None:
    here = town()
    passes(here)
    here.far.go_away()
    for _ in range(5):
        passes(here, hours=1)

    assert [one.kind for one in here.world.store.alerts(still_open=True)] == ["account"]
    here.far.come_back()
    passes(here, minutes=5)

    (found,) = canary.floors(here.world, NOW, here.clock.now() + HOUR)
    assert (found.sent, found.back, found.lost) == (1, 1, ())


def test_a_bounce_of_it_is_not_its_return(town: Building) -> None:
    here = town('canary = "6 h"\ncanary_to = "echo@echo.example"\n')
    here.far.deaf = True
    passes(here)
    here.far.deaf = False
    (sent,) = here.world.store.canaries("main")
    report = Report(type="delivery-status", action="failed", status="5.1.1", recipient="echo@echo.example")
    here.far.deliver(
        Facts(sender="mailer-daemon@own.example", own_id="b@own.example", cited_ids=(sent.own_id,), reports=(report,))
    )
    passes(here, hours=1)

    assert len(wrong(here)) == 1


def test_while_everything_is_paused_none_leaves(town: Building) -> None:
    here = town()
    here.world.store.pause("*", "holidays")
    passes(here)

    assert canaries(here) == []


def test_a_crash_while_it_leaves_keeps_the_intent_and_the_next_follows_soon(
    town: Building, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = town()
    channel = here.world.channel("main")
    monkeypatch.setattr(channel, "send_canary", lambda _reference: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        passes(here)
    monkeypatch.undo()

    assert canaries(here) == [(False, False)]
    passes(here, minutes=15)
    passes(here, minutes=5)

    assert canaries(here) == [(False, False), (True, True)]
    assert wrong(here) == []


def test_the_floor_is_the_quickest_one_and_what_is_not_yet_overdue_says_nothing() -> None:
    def trip(hours: int, seconds: int | None) -> Trip:
        at = NOW + hours * HOUR
        return Trip(sent_at=at, delay=timedelta(0), back=None if seconds is None else at + seconds * SECOND)

    found = floor(
        "main", [trip(0, 9), trip(1, None), trip(2, None), trip(3, 2), trip(4, 5), trip(6, None)], NOW + 6 * HOUR
    )

    assert (found.floor, found.median, found.longest) == (2 * SECOND, 5 * SECOND, 9 * SECOND)
    assert (found.sent, found.back) == (5, 3)
    assert found.lost == ((NOW + HOUR, NOW + 3 * HOUR),)


def test_status_and_report_say_the_floor_and_what_was_asked_while_none_came_back(town: Building) -> None:
    here = town(companies=company(schedule='every = "1 h"', relationship="own"))
    since = here.clock.now()
    lay_out(here.world, since + timedelta(days=1))
    passes(here, minutes=5)
    passes(here, minutes=5)
    here.far.deaf = True
    for _ in range(7):
        passes(here, hours=1)
    here.far.deaf = False
    passes(here, hours=1)
    passes(here, minutes=5)
    choice = Choice(since=since, until=here.clock.now())

    page = {lang: html.unescape(render.html(build(gather(here.world, choice)), lang=lang)) for lang in ("en", "de")}
    (lost,) = render.data(build(gather(here.world, choice)))["method"]["canaries"]

    assert "main: 2 of 4 letters came back, the quickest within" in page["en"]
    assert "main: 2 von 4 Nachrichten kamen zurück, die schnellste binnen" in page["de"]
    assert (lost["sent"], lost["back"], len(lost["lost"])) == (4, 2, 1)
    assert "may not have reached us either (1 request)" in page["en"].replace("\xa0", " ")
    (asked,) = [one for one in here.requests() if explain(here.world, one.public_id).deaf is not None]
    found = explain(here.world, asked.public_id)
    assert "maybe deaf" in "".join(told(found, "shop", Words("en", folder=None, space=" "), []))
    shown = [line for line, _ in lines_of(status(here.world), "UTC", {"shop": "shop"}, everything=False)]
    assert any("letters to ourselves came back in 30 days; the quickest took" in line for line in shown)


def test_a_report_says_the_same_when_it_is_made_once_more_though_a_letter_came_back_since(
    town: Building, tmp_path: Path
) -> None:
    here = town(companies=company(schedule='every = "1 d"', relationship="own"))
    since = here.clock.now()
    here.far.deaf = True
    passes(here)
    passes(here, hours=2)
    (late,) = [one.own_id for one in here.world.store.canaries("main")][:1]
    report = write_report(here.world, Choice(since=since, until=here.clock.now()), tmp_path / "r.html")
    here.far.deaf = False
    here.far.deliver(Facts(sender=OWN_ADDRESS, own_id=late, recipients=(OWN_ADDRESS,)))
    passes(here, hours=1)

    assert canary.floors(here.world, since, here.clock.now())[0].back == 1
    found = verify_report(here.world, report)
    assert [(one.channel, one.state) for one in found.groups if one.changed] == []
    assert found.words == ()
