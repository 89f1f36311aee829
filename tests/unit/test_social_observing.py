"""Other people's questions are timed, and nobody can be recognised by what is kept of that."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import pytest

from slawatch.channels.base import Batch, Observed, Thread
from slawatch.channels.social.collecting import LOOK_AT_ONCE
from slawatch.channels.social.cursor import LAG
from slawatch.channels.social.platform import Post, Sighting, named
from slawatch.channels.social.settings import SocialSettings
from slawatch.errors import AccountHaltedError, ChannelUnavailableError
from slawatch.model import Incoming
from tests.social_town import TOWN, MemoryPlatform, Notebook, Town, TownChannel


class Scene:
    """Anna observes Acme, whose helpers post as Acme_help; Tom asks them, Eve joins in."""

    def __init__(self) -> None:
        self.town = Town()
        self.clock = self.town.clock
        self.anna = self.town.person("anna")
        self.acme = self.town.person("acme")
        self.help = self.town.person("acme_help")
        self.tom = self.town.person("tom.real-name")
        self.eve = self.town.person("eve")
        self.memory = Notebook()
        self.memory.know(self.acme, observed=True)
        self.memory.know(self.help)
        self.platform = MemoryPlatform(self.town, self.anna, page_size=2)
        self.channel = TownChannel(self.platform, settings=SocialSettings(handle="@anna"), memory=self.memory)
        self.cursor = ""
        self.standing: list[Thread] = []

    def look(self) -> list[Batch]:
        """Collect to the end, and observe from then on what was found."""
        self.clock.forward(timedelta(minutes=6))
        batches: list[Batch] = []
        while not batches or batches[-1].more:
            batches.append(self.channel.collect(self.cursor, threads=lambda: self.standing))
            self.cursor = batches[-1].cursor
            self.standing += [
                Thread(remote_id=one.remote_id, target=one.target, asked_at=one.at, observed=True)
                for one in batches[-1].observed
            ]
        return batches


@pytest.fixture
def scene() -> Scene:
    return Scene()


def questions(batches: list[Batch]) -> list[Observed]:
    return [one for batch in batches for one in batch.observed]


def answers(batches: list[Batch]) -> list[Incoming]:
    return [one for batch in batches for one in batch.messages]


def asks(scene: Scene) -> Post:
    return scene.town.say(scene.tom, "@acme wo bleibt mein Paket?")


def test_a_question_is_kept_as_when_and_to_whom_and_who_asked_as_a_hash_alone(scene: Scene) -> None:
    post = asks(scene)

    (found,) = questions(scene.look())

    assert (found.remote_id, found.target, found.at, found.lang) == (named(TOWN, post.id), "@acme", post.at, "de")
    assert len(found.asked_by) == 32
    assert not {scene.tom.id, scene.tom.handle} & {found.asked_by, found.remote_id}


def test_one_person_has_one_hash_and_another_store_another(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    asks(scene)
    scene.town.say(scene.tom, "@acme hallo?")
    scene.town.say(scene.eve, "@acme und meins?")
    found = [one.asked_by for one in questions(scene.look())]
    assert len(found) == 3
    assert len(set(found)) == 2
    monkeypatch.setattr(scene.memory, "secret", lambda: b"another key")
    scene.cursor = ""

    assert not set(found) & {one.asked_by for one in questions(scene.look())}


def test_replies_companies_and_we_ourselves_ask_nothing(scene: Scene) -> None:
    post = asks(scene)
    scene.town.say(scene.eve, "@acme das frage ich mich auch", under=post)
    scene.town.say(scene.help, "@acme könnt ihr übernehmen?")
    scene.town.say(scene.anna, "@acme wie lange dauert die Lieferung?")
    scene.town.say(scene.eve, "heimlich", direct_to=scene.acme)

    assert [one.remote_id for one in questions(scene.look())] == [named(TOWN, post.id)]


def test_each_question_is_handed_over_once(scene: Scene) -> None:
    for _ in range(5):
        asks(scene)

    assert len(questions(scene.look())) == 5
    assert questions(scene.look()) == []


def test_the_companys_answer_is_collected_whichever_of_its_accounts_wrote_it(scene: Scene) -> None:
    post = asks(scene)
    scene.look()
    answer = scene.town.say(scene.help, "@tom.real-name Bitte per DM an @acme", under=post)

    (found,) = answers(scene.look())

    assert (found.remote_id, found.folder, found.stamps.at) == (named(TOWN, answer.id), "answers", answer.at)
    assert found.facts.conversation == named(TOWN, post.id)
    assert found.facts.cited_ids == (named(TOWN, post.id),)
    assert found.facts.sender == named(TOWN, scene.help.id)
    assert found.facts.text == "Bitte per DM an @acme"
    assert scene.channel.read(found.raw) == found.facts
    assert answers(scene.look()) == []


def test_what_others_say_there_is_not_even_looked_at(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    post = asks(scene)
    scene.look()
    scene.town.say(scene.eve, "@tom.real-name mein Beileid", under=post)
    honest = scene.platform.look
    # Even a platform that cannot look for certain authors only brings nothing of others' in.
    monkeypatch.setattr(scene.platform, "look", lambda given, authors=(): honest(given))

    assert answers(scene.look()) == []


def test_nothing_of_who_asked_is_in_the_evidence(scene: Scene) -> None:
    post = asks(scene)
    scene.look()
    joined = scene.town.say(scene.eve, "@acme bei mir auch", under=post)
    words = "Hallo @Tom.real-name, cc @eve und @acme_help: t.real@mail.example? https://town.example/@eve/4"
    scene.town.say(scene.acme, f"@tom.real-name @eve {words}", under=joined)

    (found,) = answers(scene.look())

    kept = found.raw.decode() + str(found)
    for private in (scene.tom.id, scene.eve.id, "real", "eve", joined.id, "Eve"):
        assert private not in kept
    assert found.facts.text == "Hallo @…, cc @… und @acme_help: @…? https://town.example/…"
    assert json.loads(found.raw)["read"]["reply_to"] == ""


def test_what_cannot_be_searched_any_more_holds_up_the_claim_and_not_what_is_said_to_us(scene: Scene) -> None:
    scene.look()
    scene.town.failing["questions"] = AccountHaltedError("town: the month's budget is used up: raise month_max")
    mention = scene.town.say(scene.acme, "@anna Guten Tag")

    batches = scene.look()

    assert [one.remote_id for one in answers(batches)] == [named(TOWN, mention.id)]
    assert batches[-1].looked_until is None
    assert batches[-1].notes == ("main: town: the month's budget is used up: raise month_max",)


def test_many_conversations_are_come_to_the_end_of_though_the_platform_stops_us_on_the_way(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    posts = [asks(scene) for _ in range(2 * LOOK_AT_ONCE + 1)]
    scene.look()
    last = max(posts, key=lambda post: post.id)
    answer = scene.town.say(scene.acme, "Morgen.", under=last)
    honest, calls = scene.platform.look, []

    def one_in_two(given: Mapping[str, datetime], *, authors: Sequence[str] = ()) -> Sighting:
        calls.append(given)
        if len(calls) % 2 == 0:
            raise ChannelUnavailableError("town: too many questions: try again later")
        return honest(given, authors=authors)

    monkeypatch.setattr(scene.platform, "look", one_in_two)
    claims = [scene.look()[-1].looked_until, scene.look()[-1].looked_until]
    assert claims == [None, None]
    began_at = scene.clock.now() - timedelta(minutes=6)

    batches = scene.look()

    assert [one.remote_id for one in answers(batches)] == [named(TOWN, answer.id)]
    assert batches[-1].looked_until == began_at - LAG


def test_who_observes_nobody_asks_nobody(scene: Scene) -> None:
    scene.memory.watched.clear()
    asks(scene)

    scene.look()

    assert not {"questions", "look"} & set(scene.town.calls)


def test_an_observed_conversation_is_verified_by_what_companies_said_in_it(scene: Scene) -> None:
    post, other = asks(scene), asks(scene)
    scene.look()
    answer = scene.town.say(scene.acme, "@tom.real-name Morgen.", under=post)
    scene.town.say(scene.eve, "@tom.real-name nie", under=post)
    scene.town.unseen[other.id] = "older than 7 days"

    verified = scene.channel.verify(scene.standing)

    assert [one.remote_id for one in verified.messages] == [named(TOWN, answer.id)]
    assert "real-name" not in verified.messages[0].raw.decode()
    assert verified.seen == {named(TOWN, post.id)}
    assert verified.unseen == {named(TOWN, other.id): "older than 7 days"}
