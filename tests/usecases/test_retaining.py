"""Ticks throw away what is over: gone from the file to the last byte, while figures and the chain of evidence hold."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from slawatch.model import Delivery, Facts, Verdict
from slawatch.testing import INBOX
from slawatch.usecases import retaining
from slawatch.usecases.chained import verify_chain, verify_judgements
from slawatch.usecases.recompute import recompute
from slawatch.usecases.report import Choice
from slawatch.usecases.tick import tick
from tests.stages import Opening, Stage, company

WEEKLY = 'cron = "0 9 * * Mon"'
ANSWER = "Guten Tag, wir liefern in zwei Tagen, jedes Paket lässt sich verfolgen. Ihre PLANTEDNAME"
PLANTED = b"PLANTEDNAME"


def files(here: Stage) -> bytes:
    """Return all that stands in the store's files, the write-ahead log included."""
    store = here.world.config.store
    return b"".join(path.read_bytes() for path in sorted(store.parent.glob(f"{store.name}*")))


def asked(stage: Opening, *companies: str) -> Stage:
    """Return a stage where each company was asked and answered once, and nobody is asked again."""
    here = stage(*companies)
    tick(here.world)
    here.forward(days=1, hours=7)
    tick(here.world)
    here.forward(hours=2)
    for request in here.requests():
        here.far.answer(request, ANSWER)
    here.far.deliver(
        Facts(sender="plantedstranger@else.example", subjects=("hello",), own_id="x@else.example"), folder=INBOX
    )
    tick(here.world)
    here.world.store.pause("*", "")
    return here


def rounds(here: Stage, **span: float) -> None:
    """Let that much time go by, and then a pass or two."""
    here.forward(**span)
    tick(here.world)
    tick(here.world)


def raw_kept(here: Stage) -> list[str]:
    """Return the companies of which raw evidence of a reply is still kept."""
    kept = []
    for request in here.requests():
        for reply in here.world.store.replies([request.id]).get(request.id, []):
            message = here.world.store.message(reply.message_id)
            assert message is not None
            if message.purged_at is None:
                here.world.store.raw(message.sha256)
                kept.append(request.company)
    return sorted(kept)


def every_relationship() -> tuple[str, ...]:
    names = ("own", "consented", "competitor", "public_interest")
    return tuple(company(one.replace("_", "-"), relationship=one, schedule=WEEKLY) for one in names)


def test_raw_evidence_is_kept_as_long_as_its_relationship_says(stage: Opening) -> None:
    here = asked(stage, *every_relationship())

    rounds(here, days=29)
    assert raw_kept(here) == ["competitor", "consented", "own", "public-interest"]
    rounds(here, days=2)
    assert raw_kept(here) == ["consented", "public-interest"]
    rounds(here, days=150)
    assert raw_kept(here) == ["public-interest"]
    rounds(here, days=180)
    assert raw_kept(here) == ["public-interest"]
    rounds(here, days=10)
    assert raw_kept(here) == []


def test_what_is_purged_is_gone_from_the_file_to_the_last_byte(stage: Opening) -> None:
    here = asked(stage, company(relationship="own", schedule=WEEKLY))
    (request,) = here.requests()
    number = here.world.store.replies([request.id])[request.id][0].message_id
    here.world.store.add_review(number, who="me", reason="PLANTEDNAME said so", kind=None, request_ids=None, was="{}")
    here.world.store.event("note", request.public_id, "PLANTEDNAME")
    tick(here.world)
    message = here.world.store.message(number)
    assert message is not None
    packed = here.world.store._one("raw", sha256=message.sha256)
    assert packed is not None
    planted = [PLANTED, request.text.subject.encode(), request.text.body.encode()[:60], bytes(packed["bytes"])[:60]]
    planted += [b"plantedstranger", b"service@shop.example"[:7] + b"@shop.example"]
    before = files(here)
    assert [one for one in planted if one not in before] == []

    rounds(here, days=31)
    assert bytes(packed["bytes"])[:60] not in files(here)
    assert b"plantedstranger" not in files(here)
    rounds(here, days=150)

    after = files(here)
    assert [one for one in planted[:-1] if one in after] == []


def test_figures_and_the_chain_of_evidence_outlive_what_they_rest_on(stage: Opening) -> None:
    here = asked(stage, company(relationship="own", schedule=WEEKLY))
    (request,) = here.requests()
    number = here.world.store.replies([request.id])[request.id][0].message_id
    here.world.store.add_review(number, who="me", reason="a reason", kind=None, request_ids=None, was="{}")
    tick(here.world)
    before = here.outcome()
    assert before.verdict is Verdict.ANSWERED
    head = here.world.store.chain_head()

    rounds(here, days=200)

    assert here.outcome() == before
    assert here.requests()[0].text.body == ""
    found = verify_chain(here.world, head=head)
    assert found.faults == ()
    assert len(found.sealed) == 3  # the answer, our own copy of the question, a stranger's letter
    assert verify_judgements(here.world) == ()
    again = recompute(here.world)
    assert (again.messages, again.requests, again.judged) == ((), (), 0)


def test_a_text_put_in_the_place_of_a_sealed_one_shows(stage: Opening) -> None:
    here = asked(stage, company(relationship="own", schedule=WEEKLY))
    rounds(here, days=200)
    assert verify_chain(here.world).holds

    here.world.store._connection().execute("UPDATE request SET body = 'another question'")

    (fault,) = verify_chain(here.world).faults
    assert (fault.what.value, fault.kind) == ("changed", "request")


def test_public_interest_counts_from_the_first_report_about_it(stage: Opening) -> None:
    from slawatch.cli.report import write_report  # noqa: PLC0415  loads what renders

    here = asked(stage, company(relationship="public_interest", schedule=WEEKLY))
    rounds(here, days=100)
    now = here.clock.now()
    choice = Choice(since=now - timedelta(days=120), until=now, companies=("shop",))
    write_report(here.world, choice, here.world.config.out / "1.html")
    here.forward(days=200)
    write_report(here.world, choice, here.world.config.out / "2.html")

    rounds(here, days=100)
    assert raw_kept(here) == ["shop"]
    rounds(here, days=66)
    assert raw_kept(here) == []


def test_a_company_and_the_config_may_say_otherwise(stage: Opening) -> None:
    here = asked(
        stage,
        '[retention]\nown = "none"\nconsented = "3 d"\n',
        company("kept", relationship="own", schedule=WEEKLY),
        company("short", relationship="own", schedule=WEEKLY, extra='retention = { raw = "2 d", text = "4 d" }'),
        company("brief", relationship="consented", schedule=WEEKLY),
    )

    rounds(here, days=3, hours=1)
    assert raw_kept(here) == ["kept"]
    rounds(here, days=1000)
    assert raw_kept(here) == ["kept"]


def test_a_company_that_left_the_config_keeps_its_evidence_for_half_a_year(stage: Opening) -> None:
    asked(stage, company("gone", relationship="own", schedule=WEEKLY))
    here = stage(company("other", relationship="own"))

    rounds(here, days=179)
    assert raw_kept(here) == ["gone"]
    rounds(here, days=2)
    assert raw_kept(here) == []


def test_a_pass_does_a_bounded_part_and_the_next_one_goes_on(stage: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    here = asked(stage, *(company(f"shop{n}", relationship="own", schedule=WEEKLY) for n in range(4)))
    here.forward(days=31)
    monkeypatch.setattr(retaining, "AT_ONCE", 3)

    done: list[retaining.Purged] = []
    while not done or not done[-1].finished:
        done.append(retaining.enforce(here.world, most=3))

    assert [one.raw for one in done if one] == [3, 3, 3]  # four answers, four copies of ours, a stranger's letter
    assert raw_kept(here) == []
    details = [one.detail for one in here.world.store.audit_log()]
    assert [one.partition(",")[0] for one in details] == ["raw evidence of 3 messages"] * 3
    assert {one.actor for one in here.world.store.audit_log()} == {"slawatch"}


def test_between_two_rounds_a_pass_reads_one_row(stage: Opening) -> None:
    here = asked(stage, company(relationship="own", schedule=WEEKLY))
    rounds(here, days=31)
    seen: list[str] = []
    connection = here.world.store._connection()
    connection.set_trace_callback(seen.append)

    retaining.enforce(here.world)

    connection.set_trace_callback(None)
    assert len(seen) == 1


def test_other_lengths_in_the_config_hold_at_once(stage: Opening) -> None:
    extra = 'retention = { raw = "1 h" }'
    here = asked(stage, company(relationship="own", schedule=WEEKLY))
    rounds(here, hours=2)
    assert raw_kept(here) == ["shop"]

    here = stage(company(relationship="own", schedule=WEEKLY, extra=extra))
    tick(here.world)

    assert raw_kept(here) == []


def test_what_is_still_to_be_sent_keeps_its_text(stage: Opening) -> None:
    extra = 'retention = { raw = "1 min", text = "1 min" }'
    here = stage(company(relationship="own", schedule=WEEKLY, extra=extra))
    tick(here.world)
    here.far.away = True
    here.forward(days=1, hours=7)
    tick(here.world)
    here.forward(minutes=5)

    retaining.enforce_all(here.world)

    assert here.the_request().delivery is Delivery.INTENDED
    assert here.the_request().text.body
    here.far.come_back()
    here.forward(hours=2)
    tick(here.world)
    here.forward(minutes=5)
    retaining.enforce_all(here.world)
    assert not here.the_request().text.body


def test_it_says_beforehand_what_goes_when(stage: Opening) -> None:
    here = asked(stage, *every_relationship())
    rows = {(one.company, one.what): one for one in retaining.foresee(here.world)}

    assert rows["own", "raw"].kept == 2
    assert rows["own", "raw"].next_at is not None
    assert timedelta(days=29) < rows["own", "raw"].next_at - here.clock.now() <= timedelta(days=30)
    assert (rows["own", "raw"].over, rows["", "raw"].kept, rows["public-interest", "request"].kept) == (0, 1, 1)
    here.forward(days=31)
    assert {one.company for one in retaining.foresee(here.world) if one.over} == {"", "own", "competitor"}
    assert len(raw_kept(here)) == 4


def test_all_at_once_is_possible_too(stage: Opening, tmp_path: Path) -> None:
    here = asked(stage, *every_relationship())
    here.forward(days=1000)

    done = retaining.enforce_all(here.world)

    assert (done.raw, done.texts, done.requests, done.finished) == (9, 9, 4, True)
    assert [one for one in retaining.foresee(here.world) if one.kept] == []
    assert tmp_path.exists()
