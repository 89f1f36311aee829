"""From a letter in the mailbox to what became of its promise, and what a company says publicly beside it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from slawatch.model import Facts, PledgeState, PromiseAbout
from slawatch.report import build, render
from slawatch.usecases.collect import collect
from slawatch.usecases.report import Choice, gather
from slawatch.usecases.tick import tick
from tests.stages import Opening, Stage, company

WEEKLY = 'cron = "0 9 * * Mon"'
AUTOMATIC = {"auto-submitted": ("auto-replied",)}
RECEIPT = "Ihre Nachricht ist bei uns eingegangen. Wir antworten innerhalb von 24 Stunden."
ANSWER = "Guten Tag, wir liefern in zwei Tagen, jedes Paket lässt sich verfolgen. Ihr J. Ott"
HOURS = """
hours = { Mon-Fri = "09:00-17:00" }
promise = { within = "2 business days", source = "https://shop.example/hilfe" }
"""


def asked(stage: Opening, extra: str = "") -> Stage:
    here = stage(company(schedule=WEEKLY, extra=extra))
    tick(here.world)
    here.forward(days=1, hours=7)
    tick(here.world)
    return here


def test_a_receipts_promise_is_kept_by_the_person_who_writes_in_time(stage: Opening) -> None:
    here = asked(stage)
    here.far.answer(here.the_request(), RECEIPT, headers=AUTOMATIC)
    (running,) = here.outcome().pledges
    here.forward(hours=5)
    here.far.answer(here.the_request(), ANSWER)

    (kept,) = here.outcome().pledges

    assert (running.state, running.promise.within) == (PledgeState.RUNNING, timedelta(hours=24))
    assert (running.promise.about, running.promise.quote) == (
        PromiseAbout.REPLY,
        "Wir antworten innerhalb von 24 Stunden.",
    )
    assert kept.state is PledgeState.KEPT


def test_silence_breaks_it_once_we_have_looked_again(stage: Opening) -> None:
    here = asked(stage)
    here.far.answer(here.the_request(), RECEIPT, headers=AUTOMATIC)
    collect(here.world)
    here.forward(hours=25)

    (pledge,) = here.outcome().pledges

    assert pledge.state is PledgeState.BROKEN


def test_dates_are_read_in_the_companys_zone(stage: Opening) -> None:
    here = asked(stage, 'timezone = "Pacific/Auckland"\n')
    here.forward(hours=1)
    here.far.answer(here.the_request(), "Ich frage im Lager nach und melde mich heute noch. J. Ott")

    (pledge,) = here.outcome().pledges

    assert pledge.due_at.astimezone(UTC) < here.clock.now() + timedelta(hours=24)
    assert pledge.due_at.astimezone(UTC).hour in {10, 11}  # a second before midnight in Auckland


def test_a_stranger_promises_nothing_for_the_company(stage: Opening) -> None:
    here = asked(stage)
    here.far.deliver(
        Facts(
            sender="someone@elsewhere.example",
            own_id="stranger@elsewhere.example",
            cited_ids=(here.the_request().message_id,),
            text="Wir melden uns innerhalb von 24 Stunden bei Ihnen.",
        )
    )

    assert here.outcome().pledges == ()


def test_the_report_holds_what_is_said_publicly_against_what_came(stage: Opening) -> None:
    here = asked(stage, HOURS)
    here.forward(days=1)
    here.far.answer(here.the_request(), ANSWER)
    collect(here.world)

    period = Choice(since=datetime(2026, 1, 1, tzinfo=UTC), until=datetime(2027, 1, 1, tzinfo=UTC))
    book = build.build(gather(here.world, period))

    assert "Says publicly: a reply within 2 business days" in render.text(book)
    assert "1 of 1 first responses came within it" in render.text(book)
    assert "In service hours: first response, median" in render.text(book)
