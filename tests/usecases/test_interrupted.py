"""Ctrl-C may come at any instant: nothing stays taken by a process that is gone, and the store goes on."""

from __future__ import annotations

from slawatch.usecases import audit
from slawatch.usecases.collect import LEASE, collect
from tests.stages import Opening, company


def test_an_interrupted_audit_gives_back_the_mailboxes_it_holds(stage: Opening) -> None:
    here = stage(company())
    assert here.world.store.take_inbox("main", here.world.worker, LEASE)
    assert collect(stage().world).busy == ["main"], "who holds a mailbox keeps others out"

    audit.let_go(here.world)

    assert collect(stage().world).busy == []


def test_it_gives_back_nothing_that_another_process_holds(stage: Opening) -> None:
    here = stage(company())
    other = stage()
    assert other.world.store.take_inbox("main", other.world.worker, LEASE)

    audit.let_go(here.world)

    assert collect(here.world).busy == ["main"]


def test_the_store_goes_on_after_an_interruption_between_begin_and_the_work(stage: Opening) -> None:
    store = stage(company()).world.store
    store.set_meta("before", "kept")
    interrupted = store._writing()
    interrupted.__enter__()  # and Ctrl-C comes here

    store.set_meta("after", "kept as well")

    assert (store.meta("before"), store.meta("after")) == ("kept", "kept as well")
