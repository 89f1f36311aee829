"""`slawatch explain`: each wait span by span, over holidays, changed clocks and our own turn, and who said what."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from slawatch.cli.lines import width
from slawatch.model import MessageKind, Purpose
from slawatch.usecases import review
from slawatch.usecases.collect import collect
from slawatch.usecases.tick import tick
from tests.cli.conftest import Call
from tests.stages import Opening, Stage, company, stages

BERLIN = ZoneInfo("Europe/Berlin")
HOURS = """
hours = { Mon-Fri = "09:00-17:00", Sat = ["10:00-12:00", "13:00-14:00"], 2027-03-27 = "closed" }
holidays = { country = "DE", region = "BY", add = ["12-31 Inventory"] }
answer = { share = 0.9, within = "8 h", clock = "service" }
"""
# Good Friday, the night of the change to summer time and Easter Monday, all in one long weekend.
BEFORE_EASTER = datetime(2027, 3, 25, 16, 29, tzinfo=BERLIN)
AFTER_EASTER = datetime(2027, 3, 30, 9, 12, 10, tzinfo=BERLIN)
ANSWER = "Die Lieferung dauert drei bis vier Werktage. Viele Grüße, Jonas Vogt"


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Opening]:
    with stages(tmp_path) as opening:
        yield opening


def until(here: Stage, instant: datetime) -> None:
    """Let time pass until then."""
    here.clock.forward(instant.astimezone(UTC) - here.clock.now())


def asked(here: Stage, at: datetime) -> None:
    """Ask at this minute: the plan is made the day before."""
    until(here, at - timedelta(hours=20))
    tick(here.world)
    until(here, at)
    tick(here.world)


def config_of(here: Stage) -> Path:
    return here.world.config.path


def explained(here: Stage, call: Call, *words: str) -> str:
    done = call("explain", "-c", config_of(here), here.the_request().public_id, *words)
    assert (done.code, done.err) == (0, "")
    return done.out


def over_easter(here: Stage) -> None:
    asked(here, BEFORE_EASTER)
    until(here, AFTER_EASTER)
    here.far.answer(here.the_request(), ANSWER)
    here.forward(minutes=5)
    collect(here.world)


def once_at(local: datetime) -> str:
    return f'cron = "{local.minute} {local.hour} {local.day} {local.month} *"'


def test_a_wait_over_holidays_and_a_change_of_the_clocks_is_shown_span_by_span(stage: Opening, call: Call) -> None:
    here = stage(company(extra=HOURS, schedule=once_at(BEFORE_EASTER)))
    over_easter(here)

    out = explained(here, call)

    assert out[out.index("Wait for") :].splitlines()[:11] == [
        "Wait for first response and answer, span by span; times in Europe/Berlin",
        "  from                            by the clock  in hours  why",
        "  Thu 2027-03-25 16:29:00 +01:00       0:31:00   0:31:00  open",
        "  Thu 2027-03-25 17:00:00 +01:00       7:00:00            closed",
        "  Fri 2027-03-26 00:00:00 +01:00      24:00:00            Good Friday",
        "  Sat 2027-03-27 00:00:00 +01:00      47:00:00            closed, clocks on 1 h",
        "  Mon 2027-03-29 00:00:00 +02:00      24:00:00            Easter Monday",
        "  Tue 2027-03-30 00:00:00 +02:00       9:00:00            closed",
        "  Tue 2027-03-30 09:00:00 +02:00       0:12:10   0:12:10  open",
        "  Tue 2027-03-30 09:12:10 +02:00     111:43:10   0:43:10  sum",
        "",
    ]
    assert re.search(
        r"^  first response    4 d 15 h ± .*\n {20}43 min 10 s ± .* s in service hours$", out, re.MULTILINE
    )
    assert "  held to           90 % of answers within 8 h in service hours\n" in out
    assert "  service hours     Mon-Fri 09:00-17:00, Sat 10:00-12:00 and 13:00-14:00; Europe/Berlin\n" in out
    assert "                    2027-03-27 closed\n" in out
    assert "                    holidays: DE-BY, 1 of their own\n" in out


def test_explain_fits_a_terminal_of_80_columns_but_for_the_hash(
    stage: Opening, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = stage(company(extra=HOURS, schedule=once_at(BEFORE_EASTER)))
    over_easter(here)
    monkeypatch.setattr("slawatch.cli.lines._room", lambda: 80)

    out = explained(here, call)

    whole = [line for line in out.splitlines() if not re.search(r"[0-9a-f]{64}", line)]
    assert [line for line in whole if width(line) > 80] == []
    assert "  service hours     Mon-Fri 09:00-17:00, Sat 10:00-12:00 and 13:00-14:00;\n" in out


def test_the_spans_for_scripts_add_up_to_the_figures(stage: Opening, call: Call) -> None:
    here = stage(company(extra=HOURS, schedule=once_at(BEFORE_EASTER)))
    over_easter(here)

    facts = json.loads(explained(here, call, "--json"))

    (tally,) = facts["tallies"]
    assert tally["measures"] == ["first_response", "answer"]
    assert [(one["why"], one["name"]) for one in tally["spans"]] == [
        ("hours", ""),
        ("closed", ""),
        ("holiday", "Good Friday"),
        ("closed", ""),
        ("holiday", "Easter Monday"),
        ("closed", ""),
        ("hours", ""),
    ]
    lengths = {
        word: sum(
            (datetime.fromisoformat(one["until"]) - datetime.fromisoformat(one["since"])).total_seconds()
            for one in tally["spans"]
            if one["open"] or word == "clock"
        )
        for word in ("clock", "hours")
    }
    outcome = facts["outcome"]
    assert lengths["clock"] == tally["by_clock"] == outcome["first_response"]["length"] == 111 * 3600 + 43 * 60 + 10
    assert lengths["hours"] == tally["in_hours"] == outcome["first_response_in_hours"]["length"] == 43 * 60 + 10


SUNDAY = datetime(2027, 4, 11, 11, 0, tzinfo=BERLIN)


def test_a_wait_outside_their_hours_is_never_called_no_time(stage: Opening, call: Call) -> None:
    here = stage(company(extra=HOURS, schedule=once_at(SUNDAY)))
    asked(here, SUNDAY)
    waiting = explained(here, call)
    here.forward(hours=3)
    here.far.answer(here.the_request(), ANSWER)
    here.forward(minutes=1)
    collect(here.world)

    out = explained(here, call)

    assert re.search(r"^  first response    over .*\n {20}no service time has passed so far$", waiting, re.MULTILINE)
    assert re.search(
        r"^  first response    3 h ± .*\n {20}no service time passed: they were closed\n"
        r" {20}it came while they were closed$",
        out,
        re.MULTILINE,
    )
    assert "± 0.000 s in service hours" not in out
    assert re.search(r"^  Sun 2027-04-11 14:00:00 \+02:00 +3:00:00 +0:00:00  sum$", out, re.MULTILINE)


MONDAY = datetime(2027, 4, 12, 10, 0, tzinfo=BERLIN)
QUESTION = "Gerne helfen wir Ihnen. Wie lautet Ihre Kundennummer? Viele Grüße, Jonas Vogt"


def asked_back_and_answered(here: Stage) -> None:
    """Ask on Monday at ten; asked back at eleven, we reply by hand at noon; answered on Tuesday at half past nine."""
    asked(here, MONDAY)
    here.forward(hours=1)
    here.far.answer(here.the_request(), QUESTION)
    here.forward(minutes=1)
    collect(here.world)
    (question,) = here.world.store.replies()[here.the_request().id]
    if question.kind is not MessageKind.QUESTION:
        wish = review.Wish(kind=MessageKind.QUESTION)
        review.decide(here.world, question.message_id, wish, who="anna", reason="they ask for our number")
    here.world.store.record_follow_up(
        request_id=question.request_id,
        message_id=question.message_id,
        purpose=Purpose.REPLY,
        sent_at=MONDAY + timedelta(hours=2),
        uncertainty=timedelta(seconds=1),
        own_id="by-hand@own.example",
        subject="Re: Frage",
    )
    until(here, MONDAY + timedelta(hours=23, minutes=30))
    here.far.answer(here.the_request(), ANSWER)
    here.forward(minutes=1)
    collect(here.world)


def test_our_own_turn_stands_among_the_spans_and_in_no_sum(stage: Opening, call: Call) -> None:
    here = stage(company(extra=HOURS, schedule=once_at(MONDAY)))
    asked_back_and_answered(here)

    out = explained(here, call)

    assert out[out.index("Wait for answer") :].splitlines()[:8] == [
        "Wait for answer, span by span; times in Europe/Berlin",
        "  from                            by the clock  in hours  why",
        "  Mon 2027-04-12 10:00:00 +02:00       1:00:00   1:00:00  open",
        "  Mon 2027-04-12 11:00:00 +02:00                          our turn, 1:00:00",
        "  Mon 2027-04-12 12:00:00 +02:00       5:00:00   5:00:00  open",
        "  Mon 2027-04-12 17:00:00 +02:00      16:00:00            closed",
        "  Tue 2027-04-13 09:00:00 +02:00       0:30:00   0:30:00  open",
        "  Tue 2027-04-13 09:30:00 +02:00      22:30:00   6:30:00  sum",
    ]
    assert "                    without 1 h in which it was our turn to write\n" in out
    assert re.search(
        r"^  our reply         2027-04-12 10:00:00.000 ± 1.000 s: sent, by hand\n {20}Re: Frage$", out, re.MULTILINE
    )
    assert out.index("  question    ") < out.index("  our reply ") < out.index("  answer            2027-04-13")


@pytest.mark.parametrize("form", ["", "--json"])
def test_no_id_of_our_own_reply_is_shown_whole(stage: Opening, call: Call, form: str) -> None:
    here = stage(company(schedule=once_at(MONDAY)))
    asked(here, MONDAY)
    here.forward(hours=1)
    here.far.answer(here.the_request(), "Um welches Modell geht es Ihnen denn? Viele Grüße, Jonas Vogt")
    here.forward(minutes=1)
    tick(here.world)
    (ours,) = here.world.store.follow_ups()[here.the_request().id]
    ids = [ours.own_id, ours.envelope_id]
    assert all(ids)

    out = explained(here, call, *form.split())

    assert ours.subject.partition(here.the_request().token)[0] in out
    assert [one for one in ids if one in out.lower()] == []


def test_without_hours_a_wait_is_laid_out_only_where_it_was_our_turn(stage: Opening, call: Call) -> None:
    here = stage(company(schedule=once_at(MONDAY)))
    asked_back_and_answered(here)

    out = explained(here, call)

    assert "Wait for first response" not in out
    assert out[out.index("Wait for answer") :].splitlines()[:5] == [
        "Wait for answer, span by span; times in Europe/Berlin",
        "  from                            by the clock  why",
        "  Mon 2027-04-12 10:00:00 +02:00       1:00:00  waiting",
        "  Mon 2027-04-12 11:00:00 +02:00                our turn, 1:00:00",
        "  Mon 2027-04-12 12:00:00 +02:00      21:30:00  waiting",
    ]
    assert "service hours" not in out


def test_what_people_decided_is_told_with_what_it_was_before(stage: Opening, call: Call) -> None:
    here = stage(company(extra=HOURS, schedule=once_at(MONDAY)))
    asked(here, MONDAY)
    here.forward(hours=1)
    here.far.answer(here.the_request(), "siehe oben")
    here.forward(minutes=1)
    collect(here.world)
    (reply,) = here.world.store.replies()[here.the_request().id]
    assert reply.kind is MessageKind.UNKNOWN
    undecided = explained(here, call)
    review.decide(
        here.world, reply.message_id, review.Wish(kind=MessageKind.REFUSAL), who="anna", reason="they will not say"
    )

    out = explained(here, call)

    assert "counts nowhere until a person decides: `slawatch review`" in undecided
    assert "counts nowhere" not in out
    assert re.search(
        r"^  decided           2027-04-12 09:01:00.000 by anna: taken for refusal\n {20}was unknown of R.*\n"
        r" {20}because “they will not say”$",
        out,
        re.MULTILINE,
    )
    assert re.search(r"^  written by        company", out, re.MULTILINE)
    assert re.search(r"^  written by        company: shop.example, ", undecided, re.MULTILINE)
    assert re.search(r"^  tied by           delivered-to \(certain\): ....…$", undecided, re.MULTILINE)


def test_a_promise_is_told_with_its_end_and_what_became_of_it(stage: Opening, call: Call) -> None:
    here = stage(company(extra=HOURS, schedule=once_at(MONDAY)))
    asked(here, MONDAY)
    here.forward(hours=1)
    here.far.answer(
        here.the_request(),
        "Guten Tag, ich kläre das mit dem Lager und melde mich innerhalb von zwei Werktagen. Viele Grüße, Jonas Vogt",
    )
    here.forward(minutes=1)
    collect(here.world)

    out = explained(here, call)

    assert re.search(r"^  promises          “.*innerhalb von zwei Werktagen\.”$", out, re.MULTILINE)
    assert re.search(
        r"^ {20}about the reply, within 2 business days: until 2027-04-14 22:00:00.000, running$", out, re.MULTILINE
    )

    until(here, datetime(2027, 4, 15, 9, tzinfo=BERLIN))
    here.far.answer(here.the_request(), ANSWER)
    here.forward(minutes=1)
    collect(here.world)

    assert ": until 2027-04-14 22:00:00.000, broken at 2027-04-15 07:00:00.000\n" in explained(here, call)
