"""The chats of the practice range: the same from the same seed, measured as they were, and alive over XMPP."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from slawatch import app
from slawatch.clock import Clock
from slawatch.model import MessageKind, MomentKind, Request, Verdict, VoidReason
from slawatch.practice.clock import FastClock
from slawatch.practice.companies import COMPANIES
from slawatch.practice.demo import browser_found, config_text
from slawatch.practice.instants import EACH
from slawatch.practice.lounge import MESSENGER, VISITOR, Lounge, Past
from slawatch.practice.talk import ANSWER, CHATS, ROBOTS
from slawatch.testing import FakeClock
from slawatch.usecases import audit
from slawatch.usecases.collect import collect
from slawatch.usecases.outcomes import standing
from slawatch.usecases.world import World
from tests.practice.far_side import UNTIL, letters, probes

ALL = {one.key: one for one in CHATS}
SOON = timedelta(milliseconds=50)


@dataclass(frozen=True)
class Room:
    lounge: Lounge
    world: World
    past: Past

    def asked(self, key: str) -> list[Request]:
        return [one for one in self.past.requests if one.company == key]


@contextmanager
def room(folder: Path, seed: str = "slawatch", *, browser: bool = True, clock: Clock | None = None) -> Iterator[Room]:
    """Lay out four weeks up to UNTIL."""
    clock = clock or FakeClock(UNTIL)
    with Lounge(clock, letters(), seed, folder, browser=browser) as lounge:
        path = folder / "config.toml"
        path.touch(mode=0o600)
        path.write_text(config_text(COMPANIES, 1, 2, lounge=lounge), encoding="utf-8")
        lounge.lay_recipes(folder / "recipes")
        with app.world(path, clock=clock) as world:
            yield Room(lounge, world, lounge.make(world.config, probes(), until=UNTIL))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """Four weeks, judged as the demo has them judged."""
    with room(tmp_path_factory.mktemp("lounge")) as found:
        found.lounge.lay_out(found.world.store, found.past)
        collect(found.world, list(found.lounge.accounts))
        yield found


def told(past: Past) -> list[tuple[object, ...]]:
    return [
        (account, one.stamps.at, one.facts.text)
        for account, (_, batch) in past.batches.items()
        for one in batch.messages
    ]


def test_the_same_seed_makes_the_same_chats_and_another_others(made: Room, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with room(tmp_path) as again, room(tmp_path / "other", "autumn") as other:
        assert told(again.past) == told(made.past)
        assert {at for _, at, _ in told(other.past)}.isdisjoint(at for _, at, _ in told(made.past))


def test_each_company_is_asked_as_often_as_the_others(made: Room) -> None:
    assert Counter(one.company for one in made.past.requests) == dict.fromkeys(ALL, EACH)


def test_what_is_measured_is_what_was_said(made: Room) -> None:
    kept = {one.message_id: one for one in made.world.store.requests()}
    outcomes = standing(made.world, list(kept.values()))
    lines = {
        (facts.conversation or one.folder, one.stamps.at): one
        for _, batch in made.past.batches.values()
        for one in batch.messages
        for facts in [one.facts]
    }
    assert len(lines) == len(told(made.past))
    answered = 0
    for request in made.past.requests:
        outcome = outcomes[kept[request.message_id].id]
        if outcome.verdict is Verdict.ANSWERED:
            assert outcome.first_response is not None
            at = request.intended_at + outcome.first_response.length
            assert (request.message_id, at) in lines or (request.target, at) in lines
            answered += 1
    assert answered > EACH * 3


@pytest.mark.parametrize("key", sorted(ALL))
def test_each_comes_out_as_what_it_is(made: Room, key: str) -> None:
    requests = made.world.store.requests(company=key)
    outcomes = standing(made.world, requests)
    verdicts = Counter(outcomes[one.id].verdict for one in requests)
    replies = made.world.store.replies([one.id for one in requests])
    seen = Counter(reply.kind for some in replies.values() for reply in some)
    kinds = {kind for kind, times in seen.items() if times > EACH / 5}  # a few are left to a person, as in real life
    sorts = {step.letter for step in ALL[key].steps}

    if not ALL[key].open:
        assert verdicts == {Verdict.VOID: EACH}
        assert {outcomes[one.id].void_reason for one in requests} == {VoidReason.OFFLINE}
        return
    assert (MessageKind.ANSWER in kinds) is (ANSWER in sorts)
    assert (MessageKind.HANDOFF in kinds) is ("handoff" in sorts)
    assert any(kind.automatic for kind in kinds) is bool(sorts & ROBOTS)
    if sorts <= ROBOTS:
        assert set(verdicts) <= {Verdict.MISSED, Verdict.PENDING}
    else:
        assert verdicts[Verdict.ANSWERED] > EACH * 0.8
    assert len(made.world.store.waiting_for_review()) < EACH / 4


def test_whoever_joins_on_the_website_is_a_step_of_the_chat(made: Room) -> None:
    requests = made.world.store.requests(company="morgentau-tee")
    moments = made.world.store.moments([one.id for one in requests])

    joined = [one for some in moments.values() for one in some if one.kind is MomentKind.AGENT_JOINED]
    assert len(joined) > EACH / 2
    assert all("beigetreten" in one.saw for one in joined)


def test_a_company_asked_over_xmpp_answers_there(made: Room) -> None:
    here = made.world
    (target,) = (one for one in here.config.companies["fenwick-lamps"].targets if one.channel == "xmpp")
    campaign = audit.start(here, [target], over=timedelta(0), until=None, name="test")

    last = audit.run(here, campaign, show=lambda _progress: None, look_every=timedelta(seconds=5))

    ((_, outcome),) = last.requests
    assert outcome is not None
    assert outcome.verdict is Verdict.ANSWERED


def test_a_company_asked_on_the_website_answers_there_and_one_where_nobody_is_cannot_be_asked(tmp_path: Path) -> None:
    clock = FastClock(UNTIL, 40)
    with room(tmp_path, clock=clock) as found:
        here = found.world
        targets = [
            one
            for key in ("morgentau-tee", "silent-sofa")
            for one in here.config.companies[key].targets
            if one.channel == "webchat"
        ]
        campaign = audit.start(here, targets, over=timedelta(0), until=clock.hurry(timedelta(hours=1)), name="test")

        last = audit.run(here, campaign, show=lambda _progress: None, look_every=timedelta(seconds=30))

        ended = {request.company: (request, outcome) for request, outcome in last.requests}
        replies = here.store.replies([request.id for request, _ in last.requests])
    asked, outcome = ended["morgentau-tee"]
    assert outcome is not None
    assert outcome.verdict is Verdict.ANSWERED
    kinds = [one.kind for one in replies[asked.id]]
    assert kinds[0] is MessageKind.BOT, "a robot speaks first"
    assert outcome.first_reply_id == replies[asked.id][kinds.index(MessageKind.INTERIM)].message_id
    _, nobody = ended["silent-sofa"]
    assert nobody is not None
    assert (nobody.verdict, nobody.void_reason) == (Verdict.VOID, VoidReason.OFFLINE)


def test_without_a_browser_no_website_is_asked(tmp_path: Path) -> None:
    with room(tmp_path, browser=False) as found:
        assert found.lounge.accounts == (MESSENGER,)
        assert VISITOR not in found.world.config.accounts
        assert {one.channel for one in found.past.requests} == {"xmpp"}
        assert not (tmp_path / "recipes").exists()


def test_a_browser_is_looked_for_on_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert browser_found()

    monkeypatch.setenv("PATH", str(tmp_path))

    assert not browser_found()
