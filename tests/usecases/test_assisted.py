"""A person posts what slawatch has prepared: told once, found, timed from the post; or skipped, and nobody to blame."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from slawatch.errors import (
    ChannelRefusedError,
    ChannelUnavailableError,
    ChannelUncertainError,
    UsageError,
)
from slawatch.model import Delivery, DeliveryProof, Origin, SlotState, Verdict
from slawatch.usecases import assisted, audit
from slawatch.usecases.report import Choice, gather
from slawatch.usecases.status import status
from tests.usecases.public_stage import ACME, ANNA, BETA, NOTIFY, PublicStage, Street, street

HOUR = timedelta(hours=1)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Street]:
    with street(tmp_path) as made:
        yield made


@pytest.fixture
def stage(place: Street) -> PublicStage:
    return place.open(ANNA, NOTIFY, ACME)


class TestTelling:
    def test_what_is_due_is_mailed_once_in_plain_words(self, stage: PublicStage) -> None:
        request = stage.until_due()
        stage.tick()
        stage.forward(minutes=1)
        stage.tick()

        (note,) = stage.postman.notes
        assert request.origin is Origin.ADOPTED
        assert note.to == "anna@example.org"
        until = (assisted.until(request) + HOUR * 2).strftime("%H:%M")  # in Berlin's summer
        assert note.subject == f"Please post to @acme until {until}"
        assert "Please post this on town as @anna, to Acme & Sons (@acme),\n" in note.body
        assert f"    @acme {request.text.body.strip()}\n" in note.body
        assert "https://town.example/compose?text=@acme " in note.body
        assert f"    slawatch adopt {request.public_id} LINK\n" in note.body
        assert f"    slawatch skip {request.public_id}\n" in note.body
        assert "it counts nowhere, and nobody is to blame" in note.body
        assert request.token not in note.body
        assert [one.words for one in stage.told("please-post")] == ["anna@example.org was asked to post it on town"]

    def test_without_anybody_to_mail_it_is_printed_once(self, place: Street) -> None:
        stage = place.open(ANNA, ACME)
        request = stage.until_due()
        stage.tick()

        (news,) = stage.told("please-post")
        assert stage.postman.notes == []
        assert news.ref == request.public_id
        assert news.words.startswith(f"please post on town to @acme: @acme {request.text.body.split()[0]}")
        assert "https://town.example/compose?text=" in news.words

    @pytest.mark.parametrize(
        "fault",
        [
            ChannelUnavailableError("main: away"),
            ChannelUncertainError("main: cut"),
            ChannelRefusedError("main: nobody"),
        ],
    )
    def test_a_mail_that_cannot_be_sent_is_tried_again_later_with_the_same_key(
        self, stage: PublicStage, fault: Exception
    ) -> None:
        stage.postman.faults.append(fault)
        request = stage.until_due()
        assert stage.postman.notes == []
        (news,) = stage.told("not-told")
        assert news.words.startswith(f"cannot mail anna@example.org: {fault}; please post on town to @acme: @acme ")

        stage.tick()
        assert stage.postman.notes == []  # not at every pass
        stage.forward(minutes=10)
        stage.tick()
        stage.tick()

        (note,) = stage.postman.notes
        assert note.key == f"please-post.{request.message_id.partition('@')[0]}"

    def test_a_process_that_dies_while_telling_leaves_it_to_a_later_one(self, place: Street) -> None:
        first = place.open(ANNA, NOTIFY, ACME)
        first.postman.faults.append(KeyboardInterrupt())  # type: ignore[arg-type]  # ends a process as no error does
        with pytest.raises(KeyboardInterrupt):
            first.until_due()

        later = place.open()
        later.tick()
        assert later.postman.notes == []  # the first one may still be at it
        later.forward(minutes=10)
        later.tick()

        assert len(later.postman.notes) == 1

    def test_two_processes_tell_it_once(self, place: Street) -> None:
        one, two = place.open(ANNA, NOTIFY, ACME), place.open()
        one.until_due()
        assisted.invite(two.world)

        assert len(two.postman.notes) == 1

    def test_while_everything_is_paused_nobody_is_asked_to_post(self, place: Street) -> None:
        stage = place.open(ANNA, NOTIFY, ACME)
        stage.postman.faults.append(ChannelUnavailableError("main: away"))
        stage.until_due()
        stage.world.store.pause("company:acme", "they asked us to")

        stage.forward(minutes=20)
        stage.tick()
        assert stage.postman.notes == []

        stage.world.store.resume("company:acme")
        stage.tick()
        assert len(stage.postman.notes) == 1


class TestPosted:
    def test_the_post_is_found_and_the_wait_runs_from_it(self, stage: PublicStage) -> None:
        request = stage.until_due()
        stage.forward(minutes=20)
        post = stage.post(request, f"@acme Hallo! {request.text.body.strip()}")
        stage.forward(minutes=3)
        stage.tick()

        asked = stage.the_request()
        assert (asked.delivery, asked.accepted_at, asked.proof) == (Delivery.SENT, post.at, DeliveryProof.PROVEN)
        assert asked.remote_id == f"town:{post.id}"
        assert [one.words for one in stage.told("adopted")] == ["you have asked acme"]

        stage.forward(minutes=30)
        stage.town.say(
            stage.companies["acme"], "@anna Die Lieferung dauert drei Werktage. Viele Grüße, Tim", under=post
        )
        stage.forward(minutes=1)
        stage.tick()

        outcome = stage.outcome(asked)
        assert outcome.verdict is Verdict.ANSWERED
        assert outcome.first_response is not None
        assert outcome.first_response.length == timedelta(minutes=33)

    def test_an_answer_that_came_before_the_post_was_found_counts(self, stage: PublicStage) -> None:
        request = stage.until_due()
        stage.forward(minutes=1)
        post = stage.post(request, lag=timedelta(minutes=10))  # its own timeline shows it late
        stage.forward(minutes=5)
        stage.town.say(
            stage.companies["acme"], "@anna Die Lieferung dauert drei Werktage. Viele Grüße, Tim", under=post
        )
        stage.forward(minutes=1)
        stage.tick()
        assert stage.the_request().delivery is Delivery.INTENDED
        assert stage.world.store.replies() == {}

        stage.forward(minutes=10)
        stage.tick()  # finds the post
        stage.forward(minutes=1)
        stage.tick()

        outcome = stage.outcome(stage.the_request())
        assert outcome.verdict is Verdict.ANSWERED
        assert outcome.first_response is not None
        assert outcome.first_response.length == timedelta(minutes=5)

    def test_it_is_found_by_a_later_process(self, place: Street) -> None:
        first = place.open(ANNA, NOTIFY, ACME)
        request = first.until_due()
        later = place.open()
        later.forward(minutes=5)
        later.post(request)
        later.tick()

        assert later.the_request().delivery is Delivery.SENT
        assert len(later.postman.notes) == 1

    def test_what_is_posted_to_somebody_else_is_not_taken_for_it(self, stage: PublicStage) -> None:
        request = stage.until_due()
        stage.forward(minutes=5)
        stage.post(request, f"@beta {request.text.body}")
        stage.tick()

        assert stage.the_request().delivery is Delivery.INTENDED

    def test_a_direct_message_names_nobody_and_has_no_link(self, place: Street) -> None:
        stage = place.open(ANNA, NOTIFY, ACME.replace('every = "1 h"', 'every = "1 h"\nby = "direct"'))
        request = stage.until_due()

        (note,) = stage.postman.notes
        assert "Please send this as a direct message on town as @anna, to Acme & Sons (@acme),\n" in note.body
        assert f"    {request.text.body.strip()}\n" in note.body
        assert "https://" not in note.body
        assert "stays in it" not in note.body

    def test_a_reply_that_its_author_deletes_still_counts_and_breaks_no_report(self, stage: PublicStage) -> None:
        request = stage.until_due()
        stage.forward(minutes=1)
        post = stage.post(request)
        stage.tick()
        stage.forward(minutes=30)
        answer = stage.town.say(
            stage.companies["acme"], "@anna Die Lieferung dauert drei Werktage. Viele Grüße, Tim", under=post
        )
        stage.forward(minutes=1)
        stage.tick()
        before = stage.outcome(request)

        stage.town.delete(answer)
        stage.forward(days=7, hours=1)
        stage.tick()

        (message,) = stage.world.store.messages()
        assert message.purged_at is not None
        after = stage.outcome(request)
        assert (after.verdict, after.first_response) == (before.verdict, before.first_response)
        since = request.intended_at
        cases = gather(stage.world, Choice(since=since, until=since + HOUR)).cases
        assert [one.texts for one in cases] == [{}]


class TestSkipped:
    def test_what_nobody_posts_is_skipped_and_the_next_one_comes(self, stage: PublicStage) -> None:
        request = stage.until_due()
        stage.forward(hours=3, minutes=15)
        stage.tick()
        assert stage.world.store.request(request.public_id) == request  # it may have been posted in the last minute

        stage.forward(seconds=1)
        stage.tick()

        skipped = stage.world.store.request(request.public_id)
        assert skipped is not None
        assert (skipped.delivery, skipped.void_reason) == (Delivery.SKIPPED, None)
        assert [one.words for one in stage.told("skipped")] == ["skipped: nobody posted it in time"]
        following = stage.until_due()
        assert following.id != request.id
        assert [slot.state for slot in stage.world.store.slots() if slot.id == request.slot_id] == [SlotState.CLOSED]

    def test_what_was_posted_in_the_last_minute_is_found_though_it_shows_late(self, stage: PublicStage) -> None:
        request = stage.until_due()
        stage.forward(hours=2, minutes=59)
        post = stage.post(request, lag=timedelta(minutes=10))
        for _ in range(4):
            stage.forward(minutes=4)
            stage.tick()

        assert stage.the_request().accepted_at == post.at

    def test_what_nobody_could_be_told_is_skipped_as_that_and_told_no_more(self, stage: PublicStage) -> None:
        stage.postman.faults += [ChannelUnavailableError("main: away")] * 30
        request = stage.until_due()
        while stage.clock.now() <= assisted.until(request) + timedelta(minutes=20):
            stage.forward(minutes=5)
            if stage.clock.now() >= assisted.until(request):
                stage.postman.faults.clear()  # too late
            stage.tick()

        skipped = stage.world.store.request(request.public_id)
        assert skipped is not None
        assert (skipped.delivery, skipped.void_detail) == (Delivery.SKIPPED, "nobody could be told in time")
        assert stage.postman.notes == []

    def test_nothing_is_skipped_while_the_account_s_own_posts_cannot_be_seen(self, stage: PublicStage) -> None:
        request = stage.until_due()
        stage.forward(minutes=5)
        post = stage.post(request)
        stage.town.failing["own_posts"] = ChannelUnavailableError("town: try again later")
        stage.forward(hours=5)
        stage.tick()
        assert stage.the_request().delivery is Delivery.INTENDED

        stage.town.failing.clear()
        stage.tick()

        assert stage.the_request().accepted_at == post.at

    def test_it_stands_in_no_report_and_is_in_nobody_s_count(self, stage: PublicStage) -> None:
        request = stage.until_due()
        assisted.skip(stage.world, request.public_id)

        since = request.intended_at - HOUR
        material = gather(stage.world, Choice(since=since, until=stage.clock.now() + HOUR))

        assert (material.cases, material.skipped) == ((), 1)
        assert stage.world.store.history("acme", since) == []

    def test_a_person_can_skip_it_at_once_and_only_what_waits(self, stage: PublicStage) -> None:
        request = stage.until_due()

        skipped = assisted.skip(stage.world, request.public_id)

        assert (skipped.delivery, skipped.void_detail) == (
            Delivery.SKIPPED,
            "a person chose not to post it",
        )
        assert assisted.skip(stage.world, request.public_id) == skipped  # said twice, done once
        with pytest.raises(UsageError, match='there is no "R0"'):
            assisted.skip(stage.world, "R0")

    def test_what_was_posted_cannot_be_skipped(self, stage: PublicStage) -> None:
        request = stage.until_due()
        stage.forward(minutes=5)
        stage.post(request)
        stage.tick()

        with pytest.raises(UsageError, match=f"{request.public_id} does not wait for a person; it is sent"):
            assisted.skip(stage.world, request.public_id)


class TestAdopting:
    def test_a_link_alone_is_enough_where_one_request_waits(self, stage: PublicStage) -> None:
        request = stage.until_due()
        stage.forward(minutes=5)
        post = stage.post(request, "@acme Ganz andere Worte als vorgesehen, aber meine.")  # too far to be found
        stage.tick()
        assert stage.the_request().delivery is Delivery.INTENDED

        done = assisted.adopt(stage.world, f"https://town.example/anna/{post.id}")

        assert (done.id, done.delivery, done.accepted_at) == (request.id, Delivery.SENT, post.at)

    def test_what_was_posted_after_it_was_skipped_counts_when_it_is_handed_over(self, stage: PublicStage) -> None:
        request = stage.until_due()
        stage.forward(hours=4)
        stage.tick()
        post = stage.post(request)
        stage.forward(minutes=1)

        done = assisted.adopt(stage.world, f"https://town.example/anna/{post.id}")

        assert (done.id, done.delivery, done.accepted_at) == (request.id, Delivery.SENT, post.at)
        assert len(stage.world.store.history("acme", request.intended_at)) == 1
        assert stage.outcome(done).verdict is Verdict.PENDING

    def test_of_two_requests_the_one_that_it_is_put_to_is_meant(self, place: Street) -> None:
        stage = place.open(ANNA, NOTIFY, ACME, BETA)
        for _ in range(200):
            stage.tick()
            if len(stage.world.store.requests(delivery=Delivery.INTENDED)) > 1:
                break
            stage.forward(minutes=30)
        one, two = stage.world.store.requests(delivery=Delivery.INTENDED)
        stage.forward(minutes=1)
        post = stage.post(two, f"{two.target} Ganz andere Worte als vorgesehen.")

        assert assisted.adopt(stage.world, f"https://town.example/anna/{post.id}").id == two.id
        assert stage.world.store.request(one.public_id) == one

    def test_what_is_not_there_not_hers_or_not_to_them_is_refused_in_words(self, stage: PublicStage) -> None:
        request = stage.until_due()
        stage.forward(minutes=5)
        theirs = stage.town.say(stage.companies["beta"], "@acme Wann macht ihr auf?")
        elsewhere = stage.post(request, "@beta Wann macht ihr auf?")

        for post_id, words in (
            ("404", 'there is no post at "https://town.example/anna/404"'),
            (theirs.id, "is by @beta, not by @anna"),
            (elsewhere.id, 'is not addressed to "@acme"'),
        ):
            for public_id in ("", request.public_id):
                with pytest.raises(UsageError, match=words):
                    assisted.adopt(stage.world, f"https://town.example/anna/{post_id}", public_id)
        assert stage.the_request() == request

    def test_what_was_posted_before_it_was_prepared_is_another_question(self, stage: PublicStage) -> None:
        before = stage.town.say(stage.anna, "@acme Wann macht ihr auf?")
        stage.forward(minutes=10)
        request = stage.until_due()

        with pytest.raises(UsageError, match=f"was posted before {request.public_id} was prepared"):
            assisted.adopt(stage.world, f"https://town.example/anna/{before.id}", request.public_id)

    def test_what_is_settled_unknown_or_not_for_a_person_cannot_be_adopted(self, stage: PublicStage) -> None:
        with pytest.raises(UsageError, match="nothing waits for a person"):
            assisted.adopt(stage.world, "https://town.example/anna/1")
        request = stage.until_due()
        stage.forward(minutes=5)
        post = stage.post(request)
        stage.tick()

        with pytest.raises(UsageError, match=f"{request.public_id} was asked already"):
            assisted.adopt(stage.world, f"https://town.example/anna/{post.id}", request.public_id)
        with pytest.raises(UsageError, match='there is no "R0"'):
            assisted.adopt(stage.world, f"https://town.example/anna/{post.id}", "R0")

    def test_one_post_asks_one_request_only(self, stage: PublicStage) -> None:
        first = stage.until_due()
        stage.forward(minutes=5)
        post = stage.post(first)
        stage.tick()
        stage.forward(days=40)
        second = stage.until_due()
        stage.world.store._connection().execute(
            "UPDATE request SET intended_at = ? WHERE id = ?", (0, second.id)
        )  # as if it had been prepared before

        with pytest.raises(UsageError, match=f"is what {first.public_id} was asked with"):
            assisted.adopt(stage.world, f"https://town.example/anna/{post.id}", second.public_id)


class TestShown:
    def test_status_says_what_is_to_be_posted_and_forgets_what_was_skipped(self, stage: PublicStage) -> None:
        request = stage.until_due()

        (invitation,) = status(stage.world).to_post
        assert (invitation.request, invitation.until) == (request, request.intended_at + 3 * HOUR)
        assert invitation.text == f"@acme {request.text.body.strip()}"
        assert [one.id for one, _ in status(stage.world).open] == [request.id]

        assisted.skip(stage.world, request.public_id)
        assert status(stage.world).to_post == ()
        assert status(stage.world).open == ()

    def test_an_audit_waits_for_the_person_and_ends_when_it_is_skipped(self, stage: PublicStage) -> None:
        campaign = audit.start(
            stage.world,
            stage.world.config.companies["acme"].targets,
            over=timedelta(0),
            until=None,
            name="all",
        )

        last = audit.run(stage.world, campaign, show=lambda _progress: None, look_every=timedelta(minutes=10))

        ((request, outcome),) = last.requests
        assert (request.delivery, outcome) == (Delivery.SKIPPED, None)
        assert last.settled
        assert last.unmeasured
        assert len(stage.postman.notes) == 1

    def test_an_audit_that_ends_before_skips_what_was_not_posted(self, stage: PublicStage) -> None:
        campaign = audit.start(
            stage.world,
            stage.world.config.companies["acme"].targets,
            over=timedelta(0),
            until=stage.clock.now() + HOUR,
            name="all",
        )

        last = audit.run(stage.world, campaign, show=lambda _progress: None, look_every=timedelta(minutes=10))

        request = stage.the_request()
        assert last.requests == ((request, None),)
        assert (request.delivery, request.void_reason) == (Delivery.SKIPPED, None)
        assert request.void_detail == f"audit {campaign.id} ended"
