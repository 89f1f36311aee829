"""What is asked in public leaves exactly once, is found again by what it says, and is never taken for another post."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from slawatch.channels.base import Sent, Unknown
from slawatch.channels.social.own import Addressee
from slawatch.channels.social.platform import Post, named
from slawatch.channels.social.settings import SocialSettings
from slawatch.errors import (
    AccountHaltedError,
    ChannelError,
    ChannelRefusedError,
    ChannelUnavailableError,
    ChannelUncertainError,
    UsageError,
)
from slawatch.model import Attempt, Delivery, DeliveryProof, Facts, FollowUp, Form, Origin, Purpose, Request, Text
from tests.social_town import TOWN, MemoryPlatform, Notebook, Town, TownChannel

BODY = "Wie lange dauert die Lieferung nach Köln?\n"


class Scene:
    """Anna asks Acme; Beta is another company, Tom anybody."""

    def __init__(self) -> None:
        self.town = Town()
        self.clock = self.town.clock
        self.anna = self.town.person("anna")
        self.acme = self.town.person("acme")
        self.beta = self.town.person("beta")
        self.tom = self.town.person("tom")
        self.memory = Notebook()
        for one in (self.acme, self.beta):
            self.memory.know(one)
        self.platform = MemoryPlatform(self.town, self.anna)
        self.channel = TownChannel(self.platform, settings=SocialSettings(handle="@anna"), memory=self.memory)

    def ask(self, body: str = BODY, *, target: str = "@acme", number: int = 1) -> tuple[Request, Attempt]:
        now = self.clock.now()
        request = Request(
            id=1,
            public_id="R0001",
            origin=Origin.SENT,
            company="acme",
            channel=TOWN,
            target=target,
            account="main",
            text=Text(probe="delivery-time", lang="de", variant=0, subject="", body=body, form=Form.POST),
            token="t0ken",
            message_id="request-1@own.example",
            delivery=Delivery.SENDING,
            due_at=now,
            zone="Europe/Berlin",
            intended_at=now,
        )
        return request, Attempt(id=1, request_id=1, number=number, envelope_id="e1", started_at=now)

    def follow(self, body: str = "Es geht mir allgemein darum.\n", *, tried: datetime | None = None) -> FollowUp:
        return FollowUp(
            id=1,
            request_id=1,
            message_id=1,
            purpose=Purpose.REPLY,
            subject="",
            body=body,
            own_id="follow-up-1@own.example",
            envelope_id="e2",
            delivery=Delivery.SENDING,
            intended_at=self.clock.now(),
            next_attempt_at=tried,
        )

    def letter(self, post: Post) -> Facts:
        return self.channel.read(post.raw)

    def ours(self) -> list[Post]:
        return self.town.posts_by(self.anna)


@pytest.fixture
def scene() -> Scene:
    return Scene()


class TestPreparing:
    def test_a_post_is_the_text_and_before_it_whom_it_is_put_to(self, scene: Scene) -> None:
        assert scene.channel.prepare(*scene.ask()) == "@acme Wie lange dauert die Lieferung nach Köln?".encode()

    def test_it_is_put_to_the_handle_the_company_has_today(self, scene: Scene) -> None:
        scene.memory.identities["@acme"] = replace(scene.memory.identities["@acme"], handle="acme_help")

        assert scene.channel.prepare(*scene.ask()).startswith(b"@acme_help ")

    def test_where_nobody_was_looked_up_yet_the_address_stands(self, scene: Scene) -> None:
        assert scene.channel.prepare(*scene.ask(target="@gamma")).startswith(b"@gamma ")

    def test_a_direct_message_names_nobody(self, scene: Scene) -> None:
        scene.memory.directs.add("@acme")

        assert scene.channel.prepare(*scene.ask()) == BODY.strip().encode()

    def test_what_is_too_long_is_refused_with_its_length(self, scene: Scene) -> None:
        with pytest.raises(
            ChannelRefusedError, match=r"the post would be 306 long and town takes 280; shorten the probe"
        ):
            scene.channel.send(*scene.ask("x" * 300))

        assert scene.ours() == []


class TestSendingOnce:
    def test_what_was_sent_is_named_and_dated_by_the_platform(self, scene: Scene) -> None:
        sent = scene.channel.send(*scene.ask())

        (post,) = scene.ours()
        assert sent == Sent(
            remote_id=f"town:{post.id}",
            accepted_at=post.at,
            proof=DeliveryProof.PROVEN,
            evidence=f"posted: https://town.example/anna/{post.id}",
        )

    def test_a_direct_message_goes_to_the_company_alone(self, scene: Scene) -> None:
        scene.memory.directs.add("@acme")

        sent = scene.channel.send(*scene.ask())

        (post,) = scene.ours()
        assert post.direct
        assert post.mentions == (scene.acme.id,)
        assert sent.evidence == f"sent as direct message {post.id}"

    def test_nobody_of_that_handle_is_refused_before_anything_is_posted(self, scene: Scene) -> None:
        with pytest.raises(ChannelRefusedError, match='there is no "@gamma" on town; correct the address'):
            scene.channel.send(*scene.ask(target="@gamma"))

        assert "publish" not in scene.town.calls

    def test_a_company_that_was_not_looked_up_yet_is_looked_up_on_sending(self, scene: Scene) -> None:
        gamma = scene.town.person("gamma")

        scene.channel.send(*scene.ask(target="@gamma"))

        assert scene.ours()[0].mentions == (gamma.id,)

    def test_what_the_platform_says_is_there_already_is_found_and_not_posted_again(self, scene: Scene) -> None:
        scene.town.faults.append("lose")
        asked, attempt = scene.ask()
        with pytest.raises(ChannelUncertainError):
            scene.channel.send(asked, attempt)

        sent = scene.channel.send(asked, attempt)

        assert [named(TOWN, post.id) for post in scene.ours()] == [sent.remote_id]

    def test_a_text_that_is_there_for_another_request_is_not_this_one(self, scene: Scene) -> None:
        scene.memory.known.add(scene.channel.send(*scene.ask()).remote_id)

        with pytest.raises(ChannelUncertainError, match="it is not among the account's own posts"):
            scene.channel.send(*scene.ask())

        assert len(scene.ours()) == 1

    @pytest.mark.parametrize("error", [ChannelUnavailableError("away"), AccountHaltedError("no credits")])
    def test_already_there_stays_uncertain_where_nobody_can_look(self, scene: Scene, error: ChannelError) -> None:
        scene.channel.send(*scene.ask())
        scene.town.failing["own_posts"] = error

        with pytest.raises(ChannelUncertainError):
            scene.channel.send(*scene.ask())

    def test_a_further_attempt_looks_first_whether_an_earlier_one_left(self, scene: Scene) -> None:
        """Else a platform that takes the same text twice would have it twice."""
        scene.memory.directs.add("@acme")  # of direct messages the town takes any number
        asked, attempt = scene.ask()
        first = scene.channel.send(asked, attempt)

        again = scene.channel.send(asked, replace(attempt, number=2))

        assert len(scene.ours()) == 1
        assert again == first

    def test_where_that_cannot_be_seen_nothing_is_posted(self, scene: Scene) -> None:
        scene.town.failing["own_posts"] = ChannelUnavailableError("away")

        with pytest.raises(ChannelUnavailableError):
            scene.channel.send(*scene.ask(number=2))

        assert scene.ours() == []

    def test_a_halted_account_has_posted_nothing(self, scene: Scene) -> None:
        scene.town.faults.append("halt")

        with pytest.raises(AccountHaltedError):
            scene.channel.send(*scene.ask())

        assert scene.ours() == []


class TestFinding:
    def test_a_lost_post_is_found_by_exactly_what_it_says(self, scene: Scene) -> None:
        scene.town.faults.append("lose")
        asked, attempt = scene.ask()
        with pytest.raises(ChannelUncertainError):
            scene.channel.send(asked, attempt)

        found = scene.channel.find(asked)

        assert isinstance(found, Sent)
        assert found.remote_id == named(TOWN, scene.ours()[0].id)

    @pytest.mark.parametrize(
        "other",
        [
            "@acme Wie lange dauert die Lieferung nach Bonn?",
            "@beta Wie lange dauert die Lieferung nach Köln?",
            "@acme_de Wie lange dauert die Lieferung nach Köln?",
            "Wie lange dauert die Lieferung nach Köln?",
        ],
    )
    def test_another_text_or_another_company_is_not_it(self, scene: Scene, other: str) -> None:
        asked, _ = scene.ask()
        scene.town.say(scene.anna, other)

        assert scene.channel.find(asked) == Unknown()

    def test_somebody_elses_post_is_not_it(self, scene: Scene) -> None:
        asked, _ = scene.ask()
        scene.town.say(scene.tom, "@acme Wie lange dauert die Lieferung nach Köln?")

        assert scene.channel.find(asked) == Unknown()

    def test_a_post_from_before_the_intent_is_not_it(self, scene: Scene) -> None:
        scene.town.say(scene.anna, "@acme Wie lange dauert die Lieferung nach Köln?")
        scene.clock.forward(timedelta(minutes=3))

        assert scene.channel.find(scene.ask()[0]) == Unknown()

    def test_one_that_a_slow_clock_dates_a_little_before_the_intent_is_it(self, scene: Scene) -> None:
        scene.town.say(scene.anna, "@acme Wie lange dauert die Lieferung nach Köln?")
        scene.clock.forward(timedelta(minutes=1))

        assert isinstance(scene.channel.find(scene.ask()[0]), Sent)

    def test_spaces_and_other_ways_to_write_a_letter_make_no_other_text(self, scene: Scene) -> None:
        asked, _ = scene.ask()
        scene.town.say(scene.anna, "@Acme  Wie lange dauert\ndie Lieferung nach Ko\u0308ln?")

        assert isinstance(scene.channel.find(asked), Sent)

    def test_one_that_stands_for_another_request_is_not_it(self, scene: Scene) -> None:
        asked, _ = scene.ask()
        post = scene.town.say(scene.anna, "@acme Wie lange dauert die Lieferung nach Köln?")
        assert isinstance(scene.channel.find(asked), Sent)
        scene.memory.known.add(named(TOWN, post.id))

        assert scene.channel.find(asked) == Unknown()

    def test_absence_is_no_proof_however_late_it_is(self, scene: Scene) -> None:
        asked, _ = scene.ask()
        scene.clock.forward(timedelta(hours=5))
        scene.town.say(scene.anna, "etwas anderes")

        assert scene.channel.find(asked) == Unknown()

    def test_a_request_by_direct_message_is_found_there_and_only_there(self, scene: Scene) -> None:
        asked, _ = scene.ask()
        scene.memory.directs.add("@acme")
        scene.town.say(scene.anna, "@acme Wie lange dauert die Lieferung nach Köln?")
        scene.town.say(scene.anna, BODY.strip(), direct_to=scene.beta)
        assert scene.channel.find(asked) == Unknown()

        mine = scene.town.say(scene.anna, BODY.strip(), direct_to=scene.acme)

        found = scene.channel.find(asked)
        assert isinstance(found, Sent)
        assert found.remote_id == named(TOWN, mine.id)


class TestWritingBack:
    @pytest.fixture
    def question(self, scene: Scene) -> Post:
        scene.channel.send(*scene.ask())
        return scene.town.say(scene.acme, "@anna Welcher Artikel?", under=scene.ours()[0])

    def test_our_reply_stands_under_theirs_and_names_who_wrote_it(self, scene: Scene, question: Post) -> None:
        asked, _ = scene.ask()

        scene.channel.send_follow_up(asked, scene.follow(), scene.letter(question))

        ours = scene.ours()[-1]
        assert (ours.reply_to, ours.conversation) == (question.id, question.conversation)
        assert ours.text == "@acme Es geht mir allgemein darum."

    def test_a_direct_message_is_replied_to_by_direct_message(self, scene: Scene) -> None:
        question = scene.town.say(scene.beta, "Welcher Artikel?", direct_to=scene.anna)
        asked, _ = scene.ask()

        scene.channel.send_follow_up(asked, scene.follow(), scene.letter(question))

        (ours,) = scene.ours()
        assert (ours.direct, ours.mentions, ours.text) == (True, (scene.beta.id,), "Es geht mir allgemein darum.")

    def test_a_further_try_looks_first_whether_an_earlier_one_left(self, scene: Scene) -> None:
        question = scene.letter(scene.town.say(scene.acme, "Welcher Artikel?", direct_to=scene.anna))
        asked, _ = scene.ask()
        first = scene.channel.send_follow_up(asked, scene.follow(), question)

        again = scene.channel.send_follow_up(asked, scene.follow(tried=scene.clock.now()), question)

        assert again == first
        assert len(scene.ours()) == 1

    def test_the_same_words_under_another_post_are_another_reply(self, scene: Scene, question: Post) -> None:
        asked, _ = scene.ask()
        other = scene.town.say(scene.acme, "Und wohin?", under=question)
        scene.channel.send_follow_up(asked, scene.follow(), scene.letter(question))

        with pytest.raises(ChannelUncertainError):  # the town takes no text twice, and this one is not that one
            scene.channel.send_follow_up(asked, scene.follow(), scene.letter(other))

    def test_of_two_replies_of_the_same_words_neither_is_found(self, scene: Scene, question: Post) -> None:
        reply = scene.follow()
        first = scene.town.say(scene.anna, "@acme Es geht mir allgemein darum.", under=question)
        assert isinstance(scene.channel.find_follow_up(reply), Sent)
        scene.town.say(scene.anna, "@acme Es geht mir allgemein darum.", under=question)

        assert scene.channel.find_follow_up(reply) == Unknown()
        scene.memory.known.add(named(TOWN, first.id))
        assert isinstance(scene.channel.find_follow_up(reply), Sent)

    def test_the_same_words_as_a_post_of_their_own_are_no_reply(self, scene: Scene) -> None:
        reply = scene.follow()
        scene.town.say(scene.anna, "@acme Es geht mir allgemein darum.")

        assert scene.channel.find_follow_up(reply) == Unknown()

    def test_what_we_have_replied_ourselves_was_not_replied_by_hand(self, scene: Scene, question: Post) -> None:
        asked, _ = scene.ask()
        sent = scene.channel.send_follow_up(asked, scene.follow(), scene.letter(question))
        assert isinstance(scene.channel.find_by_hand(scene.letter(question)), Sent)
        scene.memory.known.add(sent.remote_id)

        assert scene.channel.find_by_hand(scene.letter(question)) == Unknown()

    def test_in_direct_messages_any_later_one_of_ours_is_a_reply(self, scene: Scene) -> None:
        scene.town.say(scene.anna, "Guten Tag", direct_to=scene.beta)
        scene.clock.forward(timedelta(minutes=1))
        question = scene.town.say(scene.beta, "Welcher Artikel?", direct_to=scene.anna)
        scene.town.say(scene.anna, "anderswo", direct_to=scene.acme)
        assert scene.channel.find_by_hand(scene.letter(question)) == Unknown()
        scene.clock.forward(timedelta(minutes=1))

        mine = scene.town.say(scene.anna, "Egal welcher", direct_to=scene.beta)

        found = scene.channel.find_by_hand(scene.letter(question))
        assert isinstance(found, Sent)
        assert found.remote_id == named(TOWN, mine.id)

    def test_a_letter_of_another_platform_is_nothing_of_ours(self, scene: Scene, question: Post) -> None:
        scene.town.say(scene.anna, "Egal welcher", under=question)
        abroad = replace(scene.letter(question), platform="elsewhere")

        assert scene.channel.find_by_hand(abroad) == Unknown()


class TestPostedByPeople:
    def test_what_a_person_posted_as_prepared_is_found(self, scene: Scene) -> None:
        asked, _ = scene.ask()
        scene.clock.forward(timedelta(minutes=20))
        post = scene.town.say(scene.anna, "@acme Wie lange dauert die Lieferung nach Köln?")

        found = scene.channel.find_posted(asked)

        assert isinstance(found, Sent)
        assert (found.remote_id, found.accepted_at) == (named(TOWN, post.id), post.at)

    @pytest.mark.parametrize(
        ("text", "is_it"),
        [
            ("@acme Hallo, wie lange dauert denn die Lieferung nach Köln?", True),
            ("Wie lange dauert die Lieferung nach Köln, @acme?", True),
            ("@acme Wie lange habt ihr heute geöffnet, und wo?", False),
            ("@beta Wie lange dauert die Lieferung nach Köln?", False),
            ("@acme", False),
        ],
    )
    def test_a_person_may_mend_the_text_but_not_ask_something_else(self, scene: Scene, text: str, is_it: bool) -> None:
        asked, _ = scene.ask()
        scene.town.say(scene.anna, text)

        assert isinstance(scene.channel.find_posted(asked), Sent) is is_it

    def test_of_several_the_nearest_is_it_and_what_is_known_is_passed_over(self, scene: Scene) -> None:
        asked, _ = scene.ask()
        exact = scene.town.say(scene.anna, "@acme Wie lange dauert die Lieferung nach Köln?")
        scene.clock.forward(timedelta(minutes=1))
        near = scene.town.say(scene.anna, "@acme Wie lange dauert die Lieferung nach Bonn?")

        first = scene.channel.find_posted(asked)
        scene.memory.known.add(named(TOWN, exact.id))
        second = scene.channel.find_posted(asked)

        assert [one.remote_id for one in (first, second) if isinstance(one, Sent)] == [
            named(TOWN, exact.id),
            named(TOWN, near.id),
        ]

    def test_a_link_names_the_post_to_adopt(self, scene: Scene) -> None:
        asked, _ = scene.ask()
        post = scene.town.say(scene.anna, "Liebe @acme, etwas ganz anderes")

        assert scene.channel.adopt(asked, f"https://town.example/anna/{post.id}").remote_id == named(TOWN, post.id)

    def test_only_an_own_post_to_that_company_can_be_adopted(self, scene: Scene) -> None:
        asked, _ = scene.ask()
        theirs = scene.town.say(scene.tom, "@acme Hallo?")
        elsewhere = scene.town.say(scene.anna, "@beta Hallo?")

        with pytest.raises(UsageError, match="is by @tom, not by @anna; name a post of your own"):
            scene.channel.adopt(asked, theirs.id)
        with pytest.raises(UsageError, match='is not addressed to "@acme"'):
            scene.channel.adopt(asked, elsewhere.id)
        for nothing in ("https://elsewhere.example/1", "12345"):
            with pytest.raises(UsageError, match=f'there is no post at "{nothing}"; copy the link of your post'):
                scene.channel.adopt(asked, nothing)

    def test_the_link_to_post_holds_the_whole_text_and_a_direct_message_has_none(self, scene: Scene) -> None:
        asked, attempt = scene.ask()
        assert scene.channel.prepare(asked, attempt).decode() in scene.channel.post_link(asked)

        scene.memory.directs.add("@acme")

        assert scene.channel.post_link(asked) == ""


class TestWhoIsWho:
    def test_addresses_are_looked_up_as_handles_and_those_of_nobody_left_out(self, scene: Scene) -> None:
        found = scene.channel.identify(["@Acme", "@nobody"])

        assert {address: (one.id, one.handle) for address, one in found.items()} == {
            "@Acme": (f"town:{scene.acme.id}", "acme")
        }

    def test_deleted_posts_are_gone_and_those_of_other_platforms_are_not_asked_for(self, scene: Scene) -> None:
        one, other = scene.town.say(scene.acme, "Ja."), scene.town.say(scene.acme, "Nein.")
        scene.town.delete(one)

        gone = scene.channel.gone([named(TOWN, one.id), named(TOWN, other.id), f"elsewhere:{one.id}"])

        assert gone == {named(TOWN, one.id)}

    def test_the_check_says_who_logs_in_and_whether_others_can_see_it(self, scene: Scene) -> None:
        assert [one.result for one in scene.channel.check()] == ["ok", "ok"]
        scene.town.rename(scene.anna, "anna_b")
        scene.town.people[scene.anna.id] = replace(scene.town.people[scene.anna.id], protected=True)

        faults = [one.what for one in scene.channel.check() if not one.ok]

        assert faults == ['main: whoever logs in is @anna_b, not "@anna"', "main: @anna_b is protected"]

    def test_a_platform_that_breaks_off_is_a_fault_and_no_error(self, scene: Scene) -> None:
        scene.town.failing["me"] = ChannelUnavailableError("town: it broke off: try again later")

        (fault,) = scene.channel.check()

        assert (fault.ok, fault.cure) == (False, "town: it broke off: try again later")


@pytest.mark.parametrize(
    ("handle", "text", "is_it"),
    [
        ("acme", "Liebe @Acme, wie lange?", True),
        ("acme", "Das geht an @acme.", True),
        ("acme", "@acme_de wie lange?", False),
        ("acme", "@acme.example wie lange?", False),
        ("acme", "@acme-help wie lange?", False),
        ("acme", "@acme@social.example wie lange?", False),
        ("acme", "post@acme wie lange?", False),
        ("acme@social.example", "@acme@social.example wie lange?", True),
        ("acme@social.example", "@acme@social.example.org wie lange?", False),
        ("acme.shop.example", "@acme.shop.example wie lange?", True),
    ],
)
def test_a_post_is_for_whom_it_names_in_full(scene: Scene, handle: str, text: str, is_it: bool) -> None:
    assert Addressee(handle=handle).is_for(scene.town.say(scene.anna, text)) is is_it


def test_how_exact_its_stamps_are_says_the_platform(scene: Scene) -> None:
    scene.channel.check()

    assert scene.channel.capabilities.resolution == scene.platform.resolution
