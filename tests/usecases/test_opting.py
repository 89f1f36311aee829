"""Whoever has opted out is asked nothing more: not when slots are laid out, not when one falls due, not by a reply."""

from __future__ import annotations

from datetime import timedelta

import pytest

from slawatch.errors import UsageError
from slawatch.model import Delivery, SlotState, VoidReason
from slawatch.store import Store
from slawatch.usecases import audit, opting
from slawatch.usecases.plan import lay_out
from slawatch.usecases.send import send_due
from slawatch.usecases.tick import tick
from tests.stages import Opening, Stage, company
from tests.usecases.test_follow import asked, asked_back, follow_ups

DAILY = 'every = "1 d"'


def planned(here: Stage) -> list[str]:
    return [slot.company for slot in here.world.store.slots(state=SlotState.PLANNED)]


def days(here: Stage, number: int) -> None:
    for _ in range(number * 4):
        tick(here.world)
        here.forward(hours=6)


class TestPlanning:
    def test_no_slot_is_laid_out_for_a_company_that_has_opted_out(self, stage: Opening) -> None:
        here = stage(company("one", schedule=DAILY), company("two", schedule=DAILY))
        opting.add(here.world, "company:one", "they asked us to stop")

        lay_out(here.world)

        assert set(planned(here)) == {"two"}

    @pytest.mark.parametrize("scope", ["company:one", "domain:one.example", "address:service@one.example"])
    def test_what_was_planned_is_called_off_at_once(self, stage: Opening, scope: str) -> None:
        here = stage(company("one", schedule=DAILY), company("two", schedule=DAILY))
        lay_out(here.world)
        assert set(planned(here)) == {"one", "two"}

        _, done = opting.add(here.world, scope, "by phone")

        assert set(planned(here)) == {"two"}
        assert done.slots > 0

    def test_a_domain_covers_what_lies_below_it_and_nothing_that_only_ends_alike(self, stage: Opening) -> None:
        here = stage(company("one", schedule=DAILY), company("notone", schedule=DAILY))
        opting.add(here.world, "domain:one.example", "")

        days(here, 3)

        assert {one.to for one in here.far.departures} == {"service@notone.example"}

    def test_after_removal_asking_goes_on_with_the_slots_that_lie_later(self, stage: Opening) -> None:
        here = stage(company("one", schedule=DAILY))
        opting.add(here.world, "company:one", "a misunderstanding")
        days(here, 3)
        assert here.far.departures == []

        opting.remove(here.world, "company:one", "they had meant their newsletter", actor="anna")
        days(here, 3)

        assert here.far.departures
        assert [(one.actor, one.action, one.detail) for one in here.world.store.audit_log()][-1] == (
            "anna",
            "opt-out removed",
            "they had meant their newsletter",
        )


class TestSending:
    def test_a_slot_that_falls_due_in_between_is_closed_and_says_why(self, stage: Opening) -> None:
        here = stage(company("one", schedule=DAILY))
        lay_out(here.world)
        here.world.store.opt_out("address:service@one.example", "by letter")  # as another process does
        here.forward(days=2)

        send_due(here.world)

        assert here.far.departures == []
        assert here.requests() == []
        assert len(here.world.store.slots(state=SlotState.CLOSED)) == 2

    def test_who_opts_out_between_the_look_and_the_claim_is_not_asked(
        self, stage: Opening, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        here = stage(company("one", schedule=DAILY))
        lay_out(here.world)
        here.forward(days=2)
        history = Store.history
        calls = []

        def opt_out_meanwhile(store: Store, *given: object) -> object:
            calls.append(given)
            if len(calls) == 1:
                store.opt_out("company:one", "just now")
            return history(store, *given)  # type: ignore[arg-type]  # handed on as it came

        monkeypatch.setattr(Store, "history", opt_out_meanwhile)
        send_due(here.world)

        assert calls
        assert here.requests() == []
        assert here.far.departures == []

    def test_who_opts_out_between_the_claim_and_the_first_byte_is_not_asked(
        self, stage: Opening, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        here = stage(company("one", schedule=DAILY))
        lay_out(here.world)
        here.forward(days=2)
        start = Store.start_attempt

        def opt_out_meanwhile(store: Store, *given: object, **more: object) -> object:
            store.opt_out("company:one", "just now")
            return start(store, *given, **more)  # type: ignore[arg-type]  # handed on as it came

        monkeypatch.setattr(Store, "start_attempt", opt_out_meanwhile)
        send_due(here.world)
        assert here.far.departures == []
        assert here.the_request().delivery is Delivery.INTENDED
        send_due(here.world)

        request = here.the_request()
        assert (request.delivery, request.void_reason) == (Delivery.WITHDRAWN, VoidReason.WITHDRAWN)
        assert "just now" in request.void_detail

    def test_a_question_of_theirs_is_not_replied_to(self, stage: Opening) -> None:
        here, request = asked_back(stage)
        here.world.store.opt_out("company:shop", "by phone")

        tick(here.world)

        assert len(here.far.departures) == 1
        assert follow_ups(here) == []
        assert here.world.store.replies([request.id])[request.id]  # what they wrote still counts

    def test_a_reply_of_ours_that_waits_for_the_server_is_called_off(self, stage: Opening) -> None:
        here, _ = asked_back(stage)
        here.far.fail_once()
        tick(here.world)
        assert [one.delivery for one in follow_ups(here)] == [Delivery.INTENDED]
        here.world.store.opt_out("company:shop", "by phone")
        here.forward(hours=1)

        tick(here.world)

        assert len(here.far.departures) == 1
        assert [(one.delivery, one.detail.endswith("by phone")) for one in follow_ups(here)] == [
            (Delivery.WITHDRAWN, True)
        ]

    def test_what_has_left_goes_on_being_measured(self, stage: Opening) -> None:
        here, request = asked(stage)
        opting.add(here.world, "company:shop", "by phone")
        here.forward(hours=2)
        here.far.answer(request, "Guten Tag,\n\ndas dauert zwei Werktage.\n\nMaeve Doyle")
        here.forward(hours=1)

        outcome = here.outcome(request)

        assert outcome.first_response is not None
        assert outcome.first_response.length == timedelta(hours=2)


class TestAudits:
    def test_an_audit_leaves_out_who_has_opted_out_and_says_so(self, stage: Opening) -> None:
        here = stage(company("one"), company("two"))
        opting.add(here.world, "company:one", "by phone")
        targets = [target for one in here.world.config.companies.values() for target in one.targets]

        audit.start(here.world, targets, over=timedelta(0), until=None, name="")

        assert planned(here) == ["two"]
        assert [news.what for news in here.news] == ["opted-out"]

    def test_an_audit_of_nobody_else_is_refused(self, stage: Opening) -> None:
        here = stage(company("one"))
        opting.add(here.world, "company:one", "by phone")

        with pytest.raises(UsageError, match="have opted out"):
            audit.start(here.world, here.world.config.companies["one"].targets, over=timedelta(0), until=None, name="")
