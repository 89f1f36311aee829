"""What a company, a passer-by, a mistake in the config or a bad day of X's must not make a figure of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from slawatch.errors import StoreError
from slawatch.model import Delivery, Request, Verdict, VoidReason, Writer
from slawatch.practice.x.people import Post
from slawatch.usecases import follow
from slawatch.usecases.recompute import recompute
from tests.x_stage import Opening, XStage, company, x_stages

ONCE = 'every = "30 d"'
POSTING = "POST /2/tweets"
ANSWER = "Yes, from 9 to 18 o'clock, and it is free. ^JK"


@pytest.fixture
def on_x(tmp_path: Path) -> Iterator[Opening]:
    with x_stages(tmp_path) as opening:
        yield opening


def asked(here: XStage) -> Post:
    """Have the company asked."""
    while not here.ours():
        here.forward(hours=1)
        here.tick()
    return here.ours()[-1]


def tried(here: XStage) -> None:
    """Let passes go by until the first request is there, whatever became of its posting."""
    while not here.requests():
        here.forward(hours=1)
        here.tick()


def ours_first(here: XStage) -> Request:
    return min(here.requests(), key=lambda one: one.id)


def look(here: XStage) -> None:
    here.forward(minutes=6)
    here.tick()


class TestWhoAsks:
    @pytest.mark.parametrize("mode", ["assisted", "observe"])
    def test_what_could_not_leave_is_not_posted_by_program_once_the_config_says_otherwise(
        self, on_x: Opening, mode: str
    ) -> None:
        here = on_x(company("acme", target=ONCE))
        here.x.person("acme")
        here.x.faults.add("429", POSTING)
        tried(here)
        assert here.the_request().delivery is Delivery.INTENDED

        later = on_x(company("acme", target=f'{ONCE}\nmode = "{mode}"' if mode == "assisted" else f'mode = "{mode}"'))
        for _ in range(6):
            later.forward(hours=1)
            later.tick()

        assert later.ours() == []
        (before, *_) = sorted(later.requests(), key=lambda one: one.id)
        assert (before.delivery, before.void_reason) == (Delivery.WITHDRAWN, VoidReason.NOT_SENT)

    def test_nothing_leaves_from_another_account_than_the_config_names(self, on_x: Opening) -> None:
        here = on_x(company("acme", target=ONCE))
        here.x.person("acme")
        here.x.rename(here.us, "somebody_else")
        for _ in range(800):
            here.forward(hours=1)
            here.tick()
            if here.world.store.paused():
                break

        assert here.ours() == []
        (why,) = here.world.store.paused().values()
        assert 'is @somebody_else, not "@robin_asks"' in why

    def test_no_program_goes_on_talking_where_the_config_has_a_person_post(self, on_x: Opening) -> None:
        here = on_x(company("acme", target=ONCE))
        acme = here.x.person("acme")
        ours = asked(here)
        here.forward(minutes=1)
        here.x.post(acme, "Which item is it about? We have 4711 of them. ^AL", reply_to=ours)

        later = on_x(company("acme", target=f'{ONCE}\nmode = "assisted"'))
        for _ in range(3):
            look(later)

        assert len(later.ours()) == 1
        (turn,) = follow.waiting(later.world, later.requests())
        assert turn.why == "no program may write to this target any more (key mode)"


class TestWhoAnswers:
    def test_a_post_that_fits_by_chance_is_no_proof_that_a_question_left(self, on_x: Opening) -> None:
        here = on_x(company("acme", target=ONCE))
        acme = here.x.person("acme")
        here.x.faults.add("503-html", POSTING)
        tried(here)
        assert here.the_request().delivery is Delivery.UNCERTAIN

        here.x.post(acme, "@robin_asks thank you for following us, we are happy to have you!")
        for _ in range(20):
            look(here)

        request = min(here.requests(), key=lambda one: one.id)
        assert request.void_reason is VoidReason.UNCERTAIN

    def test_what_a_company_says_to_somebody_who_joined_in_is_no_answer_to_us_by_itself(self, on_x: Opening) -> None:
        here = on_x(company("acme", target=ONCE))
        acme, troll = here.x.person("acme"), here.x.person("troll")
        ours = asked(here)
        here.forward(minutes=1)
        theirs = here.x.post(troll, "And where is my parcel, @acme?", reply_to=ours)
        here.forward(minutes=1)
        here.x.post(acme, "Your parcel was handed over yesterday at noon. ^JK", reply_to=theirs)
        look(here)

        found = here.outcome()
        assert (found.verdict, found.in_review) == (Verdict.PENDING, 1)

    def test_what_it_adds_to_its_own_answer_is_said_to_us(self, on_x: Opening) -> None:
        here = on_x(company("acme", extra='handles = { twitter = ["@acme_care"] }', target=ONCE))
        acme, care = here.x.person("acme"), here.x.person("acme_care")
        ours = asked(here)
        here.forward(minutes=1)
        first = here.x.post(acme, "We're looking into it. ^JK", reply_to=ours)
        here.forward(minutes=1)
        here.x.post(care, ANSWER, reply_to=first)
        look(here)

        found = here.outcome()
        assert (found.verdict, found.in_review) == (Verdict.ANSWERED, 0)
        assert found.answer is not None
        assert found.answer.ended


class TestWhatIsKept:
    def test_a_crash_between_noticing_a_deletion_and_heeding_it_is_made_good(self, on_x: Opening) -> None:
        here = on_x(company("acme", target=ONCE))
        acme = here.x.person("acme")
        here.x.post(acme, ANSWER, reply_to=asked(here))
        look(here)
        (message,) = here.world.store.messages()
        here.world.store.mark_gone([message.id])

        look(here)

        (message,) = here.world.store.messages(ids=[message.id])
        assert message.purged_at is not None

    def test_what_passers_by_and_strangers_wrote_is_forgotten_after_a_month(self, on_x: Opening) -> None:
        here = on_x(company("acme", target=ONCE, extra='retention = { raw = "180 d" }'))
        acme, troll = here.x.person("acme"), here.x.person("troll")
        ours = asked(here)
        here.forward(minutes=1)
        here.x.post(troll, "Has anybody seen the secret of Rosamund?", reply_to=ours)
        here.x.direct(troll, here.us, "Rosamund wants to know who you are")
        here.x.post(acme, ANSWER, reply_to=ours)
        look(here)
        store = here.world.store
        before = {one.sender for one in store.messages()}
        assert before == {f"twitter:{troll.id}", f"twitter:{acme.id}"}

        here.tick_until(here.clock.now() + timedelta(days=32), every=timedelta(hours=12))

        by_time = store.messages()
        assert [one.purged_at is not None for one in by_time].count(True) == len(by_time) - 1 == 2
        assert {one.sender for one in by_time} == {"", f"twitter:{acme.id}"}
        assert not any(troll.id in reply.written_by.saw for one in store.replies().values() for reply in one)
        forgotten = [one for one in by_time if one.purged_at is not None]
        for one in forgotten:
            with pytest.raises(StoreError, match="keeps no evidence"):
                store.raw(one.sha256)
        (theirs,) = (one for one in store.replies()[ours_first(here).id] if not one.sender)
        assert (theirs.written_by.writer, theirs.written_by.saw) == (Writer.BYSTANDER, "")
        recompute(here.world)
        assert here.outcome(ours_first(here)).verdict is Verdict.ANSWERED


class TestBadDays:
    def test_an_account_that_does_not_answer_is_waited_for_once_a_pass(self, on_x: Opening) -> None:
        keys = ("acme", "shop", "other")
        morning = 'cron = "0 9 * * *"'
        here = on_x(*(company(key, relationship="competitor", target=morning) for key in keys))
        for key in keys:
            here.x.person(key)
        while len(here.world.store.requests(delivery=Delivery.INTENDED)) < len(keys):
            look(here)
        broken = here.x.faults.add("503-html", "GET /2/users/:id/tweets", times=-1)
        look(here)

        assert broken.hits == 1

    def test_a_deletion_is_heeded_though_silence_cannot_be_proven(self, on_x: Opening) -> None:
        here = on_x(company("acme", target=ONCE), company("shop", target=ONCE))
        acme = here.x.person("acme")
        here.x.person("shop")
        while len(here.ours()) < 2:
            here.forward(hours=1)
            here.tick()
        (ours,) = (one for one in here.ours() if one.text.startswith("@acme "))
        reply = here.x.post(acme, ANSWER, reply_to=ours)
        look(here)
        here.x.delete(reply)
        here.x.faults.add("503-html", "GET /2/tweets/search/recent", times=-1)
        here.tick_until(here.clock.now() + timedelta(days=8), every=timedelta(hours=6))

        (message,) = here.world.store.messages()
        assert message.purged_at is not None

    def test_handles_that_cannot_be_looked_up_again_hold_up_no_reading(self, on_x: Opening) -> None:
        here = on_x(company("acme", target=ONCE))
        acme = here.x.person("acme")
        here.x.post(acme, ANSWER, reply_to=asked(here), at=here.clock.now() + timedelta(minutes=5))
        here.x.faults.add("503-html", "GET /2/users/by", times=-1)
        here.forward(days=8)
        done = here.tick()

        assert not done.collecting.failed
        assert here.outcome().verdict is Verdict.ANSWERED

    def test_while_x_cannot_be_searched_nobody_has_missed_anything(self, on_x: Opening) -> None:
        here = on_x(company("acme", target=ONCE))
        here.x.person("acme")
        asked(here)
        here.x.faults.add("503-html", "GET /2/tweets/search/recent", times=-1)
        here.tick_until(here.clock.now() + timedelta(days=5, hours=6), every=timedelta(hours=6))
        assert here.outcome().verdict is Verdict.PENDING

        here.x.faults.clear()
        look(here)
        assert here.outcome().verdict is Verdict.MISSED
