"""Who asks to be forgotten is found wherever they stand, and gone to the last byte; figures and the chain hold."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from slawatch.errors import UsageError
from slawatch.model import Facts, Verdict
from slawatch.testing import INBOX
from slawatch.usecases import erasing, opting
from slawatch.usecases.chained import verify_chain, verify_judgements
from slawatch.usecases.erasing import Found, Kind
from slawatch.usecases.tick import tick
from slawatch.usecases.verify import State, verify_report
from tests.stages import Opening, Stage, company

WEEKLY = 'cron = "0 9 * * Mon"'
ANNA = "anna@agents.example"
BODY = "Guten Tag, wir liefern in zwei Tagen. Fragen gern an ANNA@agents.example. Ihr Service"


def files(here: Stage) -> bytes:
    store = here.world.config.store
    return b"".join(path.read_bytes() for path in sorted(store.parent.glob(f"{store.name}*")))


def town(stage: Opening, *, anna: str = ANNA) -> Stage:
    """The shop answers and names Anna; the bakery answers and does not; Anna herself writes as well."""
    here = stage(company("shop", relationship="own", schedule=WEEKLY), company("bakery", schedule=WEEKLY))
    tick(here.world)
    here.forward(days=1, hours=7)
    tick(here.world)
    here.forward(hours=2)
    for request in here.requests():
        here.far.answer(request, BODY if request.company == "shop" else "Wir liefern in drei Tagen. Der Bäcker")
    here.far.deliver(Facts(sender=anna, subjects=(f"from {anna}",), own_id="x@else.example", text="hi"), folder=INBOX)
    tick(here.world)
    number = here.world.store.replies([of(here, "shop")])[of(here, "shop")][0].message_id
    here.world.store.add_review(number, who="me", reason=f"{anna} said so", kind=None, request_ids=None, was="{}")
    here.world.store.event("note", "x", f"a letter of {anna}")
    here.world.store.keep_identity("email", anna, remote_id="email:1", handle=anna, name="Anna")
    tick(here.world)
    here.world.store.pause("*", "")
    return here


def of(here: Stage, key: str) -> int:
    return next(one.id for one in here.requests() if one.company == key)


def forget(here: Stage, what: str) -> Found:
    subject = erasing.subject_of(here.world, what)
    found = erasing.find(here.world, subject)
    assert erasing.erase(here.world, subject, found)
    return found


def test_an_address_is_gone_from_the_file_in_whatever_case(stage: Opening) -> None:
    here = town(stage)
    packed = here.world.store._one("raw", sha256=here.world.store.messages()[-1].sha256)
    assert packed is not None
    assert ANNA.encode() in files(here).lower()

    forget(here, "Anna@Agents.example")

    after = files(here).lower()
    assert ANNA.encode() not in after
    assert bytes(packed["bytes"])[:60] not in files(here)
    assert not erasing.find(here.world, erasing.subject_of(here.world, ANNA))


def test_only_what_mentions_it_goes_and_figures_and_the_chain_stay(stage: Opening) -> None:
    here = town(stage)
    before = {one.company: here.outcome(one) for one in here.requests()}
    assert before["shop"].verdict is Verdict.ANSWERED
    head = here.world.store.chain_head()

    found = forget(here, ANNA)

    assert len(found.messages) == 2  # the shop's answer and her own letter
    assert {one.company: here.outcome(one) for one in here.requests()} == before
    chained = verify_chain(here.world, head=head)
    assert (chained.faults, len(chained.sealed)) == ((), 2)
    assert verify_judgements(here.world) == ()
    (kept,) = here.world.store.replies([of(here, "bakery")])[of(here, "bakery")]
    message = here.world.store.message(kept.message_id)
    assert message is not None
    assert b"drei Tagen" in here.world.store.raw(message.sha256)


def test_a_report_from_before_is_sealed_and_not_wrong(stage: Opening) -> None:
    from slawatch.cli.report import write_report  # noqa: PLC0415  loads what renders
    from slawatch.usecases.report import Choice  # noqa: PLC0415  same

    here = town(stage)
    now = here.clock.now()
    path = here.world.config.out / "r.html"
    write_report(here.world, Choice(since=now.replace(year=2025), until=now), path)
    here.forward(hours=1)

    found = erasing.find(here.world, erasing.subject_of(here.world, ANNA))
    forget(here, ANNA)

    checked = verify_report(here.world, path)
    assert checked.holds
    assert {one.state for one in checked.groups if one.company == "shop"} == {State.SEALED}
    assert {one.state for one in checked.groups if one.company == "bakery"} == {State.HOLDS}
    assert [one for one in found.files if one == path] == ([path] if ANNA.encode() in path.read_bytes().lower() else [])


def test_a_target_is_erased_by_its_address_and_stays_one_target(stage: Opening) -> None:
    here = town(stage)
    head = here.world.store.chain_head()
    address = "service@bakery.example"
    assert address.encode() in files(here)

    found = forget(here, address)

    assert address.encode() not in files(here)
    assert found.counts["planned slots"] >= 1
    (asked,) = [one for one in here.requests() if one.company == "bakery"]
    assert asked.target.startswith("erased-")
    assert here.outcome(asked).verdict is Verdict.ANSWERED
    assert verify_chain(here.world, head=head).holds
    assert erasing.named_in_config(here.world, erasing.subject_of(here.world, address))


def test_a_request_or_a_company_is_erased_whole_and_no_other(stage: Opening) -> None:
    here = town(stage)
    shop, bakery = (next(one for one in here.requests() if one.company == key) for key in ("shop", "bakery"))

    found = forget(here, shop.public_id)

    assert (found.texts, len(found.messages)) == ((shop.id,), 2)  # the answer and our own copy
    assert shop.text.body.encode()[:50] not in files(here)
    assert bakery.text.body.encode()[:50] in files(here)
    assert verify_chain(here.world).holds
    forget(here, "bakery")
    assert bakery.text.body.encode()[:50] not in files(here)
    assert verify_chain(here.world).holds
    assert [one.verdict for one in map(here.outcome, here.requests())] == [Verdict.ANSWERED] * 2


def test_the_preview_counts_and_changes_nothing(stage: Opening) -> None:
    here = town(stage)
    subject = erasing.subject_of(here.world, ANNA)

    found = erasing.find(here.world, subject)

    assert subject.kind is Kind.ADDRESS
    assert found.counts["messages"] == 2
    assert {"event.detail", "identity.address", "message.sender", "review.reason"} <= set(found.places)
    assert ANNA.encode() in files(here).lower()
    assert [one.action for one in here.world.store.audit_log()] == []


def test_the_audit_log_tells_that_and_how_much_but_not_whom(stage: Opening) -> None:
    here = town(stage)

    forget(here, ANNA)

    (entry,) = here.world.store.audit_log()
    assert entry.action == "erased"
    assert entry.scope.startswith("address:erased-")
    assert "2 messages" in entry.detail
    assert ANNA not in repr(entry)
    other = erasing.scope_of(here.world, erasing.subject_of(here.world, "other@agents.example"))
    assert other != entry.scope


def test_who_is_on_the_opt_out_register_stays_there_alone(stage: Opening) -> None:
    here = town(stage)
    opting.add(here.world, opting.scope_of(here.world, ANNA), "asked")

    found = forget(here, ANNA)

    assert (found.audit, found.register) == (1, 1)
    assert files(here).lower().count(ANNA.encode()) <= 4  # the entry, its index, and the log that says who made it
    assert here.world.store.opted_out("shop", ANNA) is not None


def test_files_outside_the_store_are_named_even_inside_a_pack(stage: Opening, tmp_path: Path) -> None:
    here = town(stage)
    out = here.world.config.out
    out.mkdir(exist_ok=True)
    (out / "fine.html").write_text("nothing")
    (out / "page.html").write_text(f"mail {ANNA}")
    with zipfile.ZipFile(out / "pack.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("messages/1.eml", f"From: {ANNA}")
    here.world.store.copy_to(tmp_path / "slawatch.db.v9-copy")

    found = erasing.find(here.world, erasing.subject_of(here.world, ANNA))

    assert {path.name for path in found.files} == {"page.html", "pack.zip", "slawatch.db.v9-copy"}


def test_what_is_neither_is_said_so(stage: Opening) -> None:
    with pytest.raises(UsageError, match='erase: "nobody" is no company'):
        erasing.subject_of(town(stage).world, "nobody")
