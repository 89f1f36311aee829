"""A report is held to its word: what was tampered with since is found, and named; what is right stays right."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from slawatch import rules
from slawatch.cli.report import write_report
from slawatch.errors import EvidenceError, UsageError
from slawatch.model import MessageKind, Request
from slawatch.store import Holding
from slawatch.usecases.chained import Fault, What, verify_chain, verify_judgements
from slawatch.usecases.report import Choice
from slawatch.usecases.tick import tick
from slawatch.usecases.verify import State, Verified, verify_report
from tests.stages import Stage, company, stages

WEEKLY = 'cron = "0 9 * * Mon"'
ANSWERS = (
    "Guten Tag, wir liefern in zwei Tagen, jedes Paket lässt sich verfolgen. Ihr J. Ott",
    "Hallo, der Laden hat samstags bis mittags geöffnet, sonst bis abends um sechs. Lena aus dem Laden",
    "Liebe Frau Beispiel, das Regal gibt es in Buche und Eiche, beide sind vorrätig. Viele Grüße, T. Kern",
    "Sehr geehrte Frau Beispiel, die Rechnung liegt dem Paket bei und kommt auch per Post. M. Roth",
)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Stage]:
    """Two companies, three weeks: one answers after two hours, the other every second time."""
    with stages(tmp_path) as opening:
        stage = opening(
            company("shop", schedule=WEEKLY, relationship="own"),
            company("bakery", schedule=WEEKLY, relationship="own"),
            '[retention]\nown = "none"\n',  # what is sealed when is tested elsewhere
        )
        tick(stage.world)
        stage.forward(days=1, hours=7)
        for week in range(3):
            tick(stage.world)
            stage.forward(hours=2)
            newest = stage.requests()[-2:]
            for request in newest:
                if request.company == "shop":
                    stage.far.answer(request, ANSWERS[week])
                elif week % 2:
                    stage.far.answer(request, ANSWERS[3])
            tick(stage.world)
            stage.forward(days=7, hours=-2)
        tick(stage.world)
        yield stage


@pytest.fixture
def report(here: Stage, tmp_path: Path) -> Path:
    now = here.clock.now()
    return write_report(here.world, Choice(since=now - timedelta(days=28), until=now), tmp_path / "r.html")


def tamper(here: Stage, statement: str) -> None:
    with closing(sqlite3.connect(here.world.config.store)) as other:
        other.execute(statement)
        other.commit()


def message_of(here: Stage, key: str) -> tuple[int, Request]:
    """Return a reply of that company, with its request."""
    for request in here.requests():
        for reply in here.world.store.replies([request.id]).get(request.id, ()):
            if request.company == key:
                return reply.message_id, request
    raise AssertionError


def state(found: Verified, key: str) -> State:
    (group,) = [one for one in found.groups if one.company == key]
    return group.state


def faults(found: tuple[Fault, ...]) -> list[tuple[What, str, str]]:
    return [(one.what, one.kind, one.item) for one in found]


def test_a_report_that_nobody_touched_holds_in_every_figure_and_word(here: Stage, report: Path) -> None:
    found = verify_report(here.world, report)

    assert {group.state for group in found.groups} == {State.HOLDS}
    assert (found.holds, found.known, found.linked, found.words, found.sealed) == (True, True, True, (), ())
    assert sum(group.figures for group in found.groups) > 100


def test_it_still_holds_after_weeks_in_which_more_was_asked_answered_and_decided(here: Stage, report: Path) -> None:
    number, request = message_of(here, "shop")
    here.forward(days=3)
    for one in here.requests():
        here.far.answer(one, f"Noch etwas zu {one.text.subject}: {one.public_id} ist bei uns vermerkt. S. Adam")
    tick(here.world)
    here.world.store.add_review(number, who="anna", reason="no", kind=MessageKind.INTERIM, request_ids=[request.id])
    here.forward(days=14)
    tick(here.world)

    found = verify_report(here.world, report)

    assert found.holds
    assert {group.state for group in found.groups} == {State.HOLDS}


def test_verifying_leaves_the_store_as_it_is(here: Stage, report: Path) -> None:
    here.world.store.extend_chain()
    before = here.world.store._connection().execute("PRAGMA data_version").fetchone()[0]
    head = here.world.store.chain_head()

    verify_report(here.world, report)

    assert here.world.store.chain_head() == head
    assert here.world.store._connection().execute("PRAGMA data_version").fetchone()[0] == before


def test_one_digit_changed_in_the_file_is_found_and_shown(here: Stage, report: Path) -> None:
    source = report.read_text(encoding="utf-8")
    body = source.index("<body>")
    place = source.index("2\N{NO-BREAK SPACE}h", body)
    report.write_text(source[:place] + "1 h" + source[place + 3 :], encoding="utf-8")

    found = verify_report(here.world, report)

    assert (found.intact, found.altered, found.holds) == (False, True, False)
    assert [line[0] for line in found.words] == ["-", "+"]
    assert "1 h" in found.words[0]
    assert "2 h" in found.words[1].replace("\N{NO-BREAK SPACE}", " ")


def test_a_forger_who_makes_the_digest_anew_is_told_by_the_stores_memory(here: Stage, report: Path) -> None:
    from slawatch.report import proof  # noqa: PLC0415

    opened = proof.opened(report.read_text(encoding="utf-8"))
    report.write_text(
        proof.sealed(opened.page.replace("2\N{NO-BREAK SPACE}h", "1\N{NO-BREAK SPACE}h"), opened.facts),
        encoding="utf-8",
    )

    found = verify_report(here.world, report)

    assert (found.intact, found.known, found.altered) == (True, False, True)


def test_and_without_that_memory_by_the_words_that_the_figures_do_not_give(here: Stage, report: Path) -> None:
    from slawatch.report import proof  # noqa: PLC0415

    opened = proof.opened(report.read_text(encoding="utf-8"))
    body = opened.page.index("<body>")
    forged = opened.page[:body] + opened.page[body:].replace("2\N{NO-BREAK SPACE}h", "1 h", 1)
    report.write_text(proof.sealed(forged, opened.facts), encoding="utf-8")
    tamper(here, "DELETE FROM report")

    found = verify_report(here.world, report)

    assert (found.intact, found.known, found.altered) == (True, None, True)
    assert found.words


def test_a_message_that_was_deleted_is_found_and_named(here: Stage, report: Path) -> None:
    number, _ = message_of(here, "shop")
    for table in ("promise", "learned", "reply", "derived"):
        tamper(here, f"DELETE FROM {table} WHERE message_id = {number}")  # noqa: S608
    tamper(here, f"DELETE FROM message WHERE id = {number}")  # noqa: S608

    found = verify_report(here.world, report)

    assert faults(found.chained.faults) == [(What.REMOVED, "message", str(number))]
    assert (found.holds, state(found, "shop"), state(found, "bakery")) == (False, State.CHANGED, State.HOLDS)


def test_a_stamp_that_was_changed_is_found_and_named_as_the_reason(here: Stage, report: Path) -> None:
    number, request = message_of(here, "shop")
    tamper(here, f"UPDATE message SET stamp_at = stamp_at - 3600000000 WHERE id = {number}")  # noqa: S608

    found = verify_report(here.world, report)

    assert faults(found.chained.faults) == [(What.CHANGED, "message", str(number))]
    (group,) = [one for one in found.groups if one.company == "shop"]
    assert group.state is State.CHANGED
    assert "restricted_mean" in " ".join(one.name for one in group.changed)
    assert f"{request.public_id}: message {number}: changed" in group.why


def test_evidence_that_was_altered_without_moving_a_figure_is_a_doubt_all_the_same(here: Stage, report: Path) -> None:
    number, request = message_of(here, "shop")
    tamper(here, f"UPDATE message SET stamp_earlier = stamp_earlier + 1 WHERE id = {number}")  # noqa: S608

    found = verify_report(here.world, report)

    (group,) = [one for one in found.groups if one.company == "shop"]
    assert (group.state, group.changed, found.holds) == (State.DOUBTED, (), False)
    assert group.why == (f"{request.public_id}: message {number}: changed",)


def test_a_sending_that_was_moved_is_found_though_requests_may_change(here: Stage, report: Path) -> None:
    _, request = message_of(here, "shop")
    tamper(here, f"UPDATE request SET accepted_at = accepted_at + 60000000 WHERE id = {request.id}")  # noqa: S608

    found = verify_report(here.world, report)

    assert faults(found.chained.faults) == [(What.CHANGED, "request", request.public_id)]
    assert not found.holds


def test_a_rules_result_that_was_changed_before_the_report_is_found_and_named(here: Stage, tmp_path: Path) -> None:
    number, request = message_of(here, "shop")
    tamper(here, f"UPDATE derived SET kind = 'acknowledgement' WHERE message_id = {number}")  # noqa: S608
    now = here.clock.now()
    report = write_report(here.world, Choice(since=now - timedelta(days=28), until=now), tmp_path / "r.html")

    found = verify_report(here.world, report)
    (judged,) = verify_judgements(here.world)

    (group,) = [one for one in found.groups if one.company == "shop"]
    assert group.state is State.CHANGED
    assert any(why.startswith(f"{request.public_id}: message {number}: acknowledgement -> ") for why in group.why)
    assert (judged.what, judged.item, judged.requests) == (What.NOT_AS_JUDGED, str(number), (request.public_id,))


def test_raw_evidence_that_was_overwritten_or_dropped_is_found(here: Stage) -> None:
    assert verify_chain(here.world).holds
    numbers = [message.id for message in here.world.store.messages()][:2]
    first, second = (f"(SELECT sha256 FROM message WHERE id = {number})" for number in numbers)  # noqa: S608
    tamper(here, f"UPDATE blob SET bytes = x'00' WHERE sha256 = {first}")  # noqa: S608
    tamper(here, f"DELETE FROM blob WHERE sha256 = {second}")  # noqa: S608

    found = verify_chain(here.world)

    assert faults(found.faults) == [(What.NO_EVIDENCE, "message", str(number)) for number in numbers]
    assert verify_judgements(here.world) == ()  # what cannot be judged is nobody's contradiction


def test_what_was_decided_since_and_then_sealed_is_not_called_changed(here: Stage, report: Path) -> None:
    number, request = message_of(here, "shop")
    here.forward(days=3)
    here.world.store.add_review(number, who="anna", reason="no", kind=MessageKind.INTERIM, request_ids=[request.id])
    tick(here.world)
    assert state(verify_report(here.world, report), "shop") == State.HOLDS
    message = here.world.store.message(number)
    assert message is not None
    here.world.store.seal_raw([Holding(id=number, came_at=message.seen_at, sha256=message.sha256)])
    here.world.store.extend_chain()

    found = verify_report(here.world, report)

    assert state(found, "shop") == State.SEALED
    assert request.public_id in found.sealed
    assert state(found, "bakery") == State.HOLDS


def test_what_was_thrown_away_by_right_is_sealed_and_names_its_requests(here: Stage, report: Path) -> None:
    number, request = message_of(here, "shop")
    here.world.store.mark_gone([number])
    here.world.store.purge_gone()

    found = verify_report(here.world, report)

    assert faults(found.chained.faults) == []
    assert [(one.item, one.requests) for one in found.chained.sealed] == [(str(number), (request.public_id,))]
    assert (found.holds, state(found, "shop"), state(found, "bakery")) == (True, State.SEALED, State.HOLDS)
    assert found.sealed == (request.public_id,)


def test_a_chain_that_was_made_anew_no_longer_has_the_head_that_was_printed(here: Stage, report: Path) -> None:
    tamper(here, "DELETE FROM link")
    tamper(here, "INSERT INTO unlinked (kind, key) SELECT 'message', id FROM message WHERE id > 1")
    tamper(here, "INSERT INTO unlinked (kind, key) SELECT 'request', id FROM request")

    found = verify_report(here.world, report)

    assert (found.linked, found.holds) == (False, False)
    with pytest.raises(EvidenceError, match="holds no head") as raised:
        verify_chain(here.world, head="ab" * 32)
    assert raised.value.exit_code == 1
    with pytest.raises(UsageError, match="64 digits and letters from a to f"):
        verify_chain(here.world, head="3fa9")


def test_a_link_that_was_rewritten_breaks_the_chain(here: Stage) -> None:
    here.world.store.extend_chain()
    tamper(here, "UPDATE link SET at = at + 1 WHERE number = 2")

    (fault,) = verify_chain(here.world).faults

    assert (fault.what, fault.item) == (What.BROKEN, "2")


def test_other_rules_and_another_config_are_said_to_be_the_reason(
    here: Stage, report: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "ALL", "newer")

    found = verify_report(here.world, report)

    assert [note.split(":")[0] for note in found.notes] == ["rules changed"]
    assert found.holds


def test_what_is_no_report_is_refused_in_a_line(here: Stage, tmp_path: Path) -> None:
    (tmp_path / "other.html").write_text("<p>hello</p>", encoding="utf-8")

    with pytest.raises(UsageError, match="no figures for machines"):
        verify_report(here.world, tmp_path / "other.html")
    with pytest.raises(UsageError, match="cannot be read"):
        verify_report(here.world, tmp_path / "none.html")
