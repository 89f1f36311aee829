"""What people see of posts: by whom, in which words; who is of no concern to them, and whom they may trust."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from slawatch.channels.social.platform import Post, Profile
from slawatch.model import MessageKind, Request, SlotState, Verdict, Writer
from slawatch.usecases import in_public, review
from slawatch.usecases.explain import explain
from slawatch.usecases.review import Wish
from tests.usecases.public_stage import ACME, ANNA, PublicStage, street

ANSWER = "@anna Hallo, wir haben montags bis freitags von 9 bis 18 Uhr geöffnet, am Samstag bis 14 Uhr."


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[PublicStage]:
    with street(tmp_path) as made:
        yield made.open(ANNA, ACME)


@pytest.fixture
def asked(stage: PublicStage) -> Request:
    """A question that Anna has posted."""
    request = stage.until_due()
    stage.post(request)
    stage.tick()
    return request


def replied(stage: PublicStage, asked: Request, by: Profile, text: str = ANSWER) -> Post:
    """Let somebody reply to the question, and read that."""
    (post,) = [one for one in stage.town.posts_by(stage.anna) if asked.target in one.text]
    stage.forward(minutes=7)
    said = stage.town.say(by, text, under=post)
    stage.forward(minutes=10)
    stage.tick()
    return said


def verdict(stage: PublicStage, asked: Request) -> Verdict:
    return stage.outcome(asked).verdict


def test_whoever_joins_in_waits_for_nobody(stage: PublicStage, asked: Request) -> None:
    replied(stage, asked, stage.town.person("grumbler"), "@anna 👀")
    (reply,) = explain(stage.world, asked.public_id).replies

    assert (reply.written_by.writer, reply.kind) == (Writer.BYSTANDER, MessageKind.UNKNOWN)
    assert review.waiting(stage.world) == []
    assert verdict(stage, asked) is Verdict.PENDING


def test_the_host_of_a_handle_is_no_domain_of_the_company(stage: PublicStage) -> None:
    assert stage.world.config.companies["acme"].domains == ()


def test_what_strangers_say_to_us_without_need_is_not_listed(stage: PublicStage, asked: Request) -> None:
    stage.town.say(stage.town.person("chatterbox"), "@anna schönes Wetter heute")
    relative = stage.town.person("acme_jobs", affiliations=(stage.companies["acme"].id,))
    stage.town.say(relative, "@anna wir suchen Leute")
    stage.forward(minutes=10)
    stage.tick()

    kept = stage.world.store.messages(unmatched=True)
    shown = {one.post.who for one in review.waiting(stage.world, unmatched=True) if one.post}
    assert len(kept) == 2
    assert shown == {"@acme_jobs"}


def test_an_account_that_belongs_to_the_company_waits_by_its_handle_and_words(
    stage: PublicStage, asked: Request
) -> None:
    relative = stage.town.person("acme_berlin", affiliations=(stage.companies["acme"].id,))
    replied(stage, asked, relative)

    (waits,) = review.waiting(stage.world)
    assert waits.post is not None
    assert waits.post.who == "@acme_berlin"
    assert waits.post.text == ANSWER.removeprefix("@anna ")
    assert verdict(stage, asked) is Verdict.PENDING


def test_an_account_that_is_trusted_counts_now_and_later(stage: PublicStage, asked: Request) -> None:
    relative = stage.town.person("acme_berlin", affiliations=(stage.companies["acme"].id,))
    replied(stage, asked, relative)
    (waits,) = review.waiting(stage.world)

    review.decide(
        stage.world, waits.message.id, Wish(kind=MessageKind.ANSWER, trust=True), who="anna", reason="their branch"
    )

    accounts = in_public.accounts_of(stage.world, "acme", "town")
    assert f"town:{relative.id}" in accounts.ids
    assert not accounts.domains
    assert verdict(stage, asked) is Verdict.ANSWERED
    later = replied(stage, asked, relative, "@anna Und sonntags ist zu, an Feiertagen auch.")
    of_later = [one for one in stage.world.store.replies([asked.id])[asked.id] if one.stamps.at == later.at]
    assert [one.written_by.writer for one in of_later] == [Writer.COMPANY]
    assert not any(one.in_review for one in of_later)


def test_a_deleted_reply_is_explained_without_its_words_but_by_its_handle(stage: PublicStage, asked: Request) -> None:
    said = replied(stage, asked, stage.companies["acme"])
    before = explain(stage.world, asked.public_id)
    (reply,) = before.replies
    assert (before.posts[reply.message_id].who, before.posts[reply.message_id].text) == (
        "@acme",
        ANSWER.removeprefix("@anna "),
    )

    stage.town.delete(said)
    stage.forward(days=7, minutes=10)
    stage.tick()

    after = explain(stage.world, asked.public_id)
    assert after.messages[reply.message_id].purged_at is not None
    assert (after.posts[reply.message_id].who, after.posts[reply.message_id].text) == ("@acme", "")
    assert after.outcome is not None
    assert after.outcome.first_response is not None
    assert after.outcome.first_response.length == timedelta(minutes=7)
    assert [one.words for one in stage.told("deleted")] == ["@acme deleted a reply; its text is thrown away"]


@pytest.mark.parametrize("text", ["@anna Bitte schreibt uns nicht mehr an.", "@anna Please stop testing us."])
def test_a_company_that_asks_for_that_in_public_is_left_alone(stage: PublicStage, asked: Request, text: str) -> None:
    replied(stage, asked, stage.companies["acme"], text)

    assert [one.scope for one in stage.world.store.opt_outs()] == ["company:acme"]
    assert stage.world.store.slots(state=SlotState.PLANNED) == []


def test_a_passer_by_cannot_have_a_company_left_alone(stage: PublicStage, asked: Request) -> None:
    replied(stage, asked, stage.town.person("grumbler"), "@anna Please stop testing us.")

    assert stage.world.store.opt_outs() == []
