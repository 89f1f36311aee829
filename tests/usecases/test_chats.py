"""Chats: what leads to nobody is no silence, what is worth watching, and where seeing ends so does waiting."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from slawatch import config as config_room
from slawatch import probe as probe_room
from slawatch import resources
from slawatch.model import (
    Author,
    DeliveryProof,
    Form,
    MatchEvidence,
    MessageKind,
    MomentKind,
    Outcome,
    Request,
    SlotState,
    Strength,
    Verdict,
    VoidReason,
    Wait,
)
from slawatch.store import Store
from slawatch.testing import FakeClock
from slawatch.usecases import audit
from slawatch.usecases.check import check
from slawatch.usecases.collect import collect
from slawatch.usecases.follow import follow_due
from slawatch.usecases.outcomes import standing
from slawatch.usecases.send import Sending
from slawatch.usecases.tick import tick
from slawatch.usecases.world import News, World
from tests.memory_chat import Far, MemoryChat, read

REGISTRY = {"chat": "tests.memory_chat:MemoryChat", "page": "tests.memory_session:MemoryChat"}
CONFIG = """
timezone = "Europe/Berlin"

[account.visitor]
channel = "{channel}"
per_minute = 1000
per_day = 100000

[company.shop]
name = "Shop"
relationship = "own"
language = "en"
[[company.shop.target]]
channel = "{channel}"
address = "shop"
every = "30 d"
"""
MINUTE = timedelta(minutes=1)
ANSWER = "Delivery usually takes two to three working days, and you get a tracking number."


@dataclass
class Chat:
    world: World
    far: Far
    clock: FakeClock
    news: list[News] = field(default_factory=list)

    def forward(self, **span: float) -> None:
        self.clock.forward(timedelta(**span))

    def the_request(self) -> Request:
        (request,) = self.world.store.requests()
        return request

    def outcome(self) -> Outcome:
        collect(self.world)
        request = self.the_request()
        return standing(self.world, [request])[request.id]

    def ask(self) -> Request:
        """Ask by an audit that is interrupted at once."""
        targets = self.world.config.companies["shop"].targets
        campaign = audit.start(self.world, targets, over=timedelta(0), until=None, name="test")

        def interrupt(_progress: audit.Progress) -> None:
            if self.world.store.requests():
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            audit.run(self.world, campaign, show=interrupt)
        return self.the_request()


Opening = Callable[[str], Chat]


@pytest.fixture
def chats(tmp_path: Path) -> Iterator[Opening]:
    """Open a company that is asked in a chat: "chat" keeps its history, "page" ends with the process."""
    stores: list[Store] = []

    def opening(channel: str) -> Chat:
        clock = FakeClock()
        far = Far(clock)
        path = tmp_path / "config.toml"
        path.write_text(CONFIG.format(channel=channel), encoding="utf-8")
        probes = probe_room.load_all(resources.folders("probes", None), judge=False)
        config = config_room.load(path, registry=REGISTRY, probes=probes)
        store = Store(config.store, clock=clock)
        store.open()
        stores.append(store)
        news: list[News] = []
        world = World(
            config=config,
            store=store,
            clock=clock,
            probes=probes,
            channel=lambda _account: MemoryChat(far),
            reader=lambda _channel: read,
            tell=news.append,
        )
        return Chat(world=world, far=far, clock=clock, news=news)

    yield opening
    for store in stores:
        store.close()


def test_a_chat_is_asked_in_one_short_line(chats: Opening) -> None:
    request = chats("chat").ask()

    assert request.text.form is Form.CHAT
    assert request.text.subject == ""
    assert "\n" not in request.text.body
    assert request.remote_id == "memory:ours-1"


def test_an_answer_in_the_chat_is_tied_and_timed(chats: Opening) -> None:
    here = chats("chat")
    request = here.ask()
    here.forward(seconds=40)
    here.far.say(request, ANSWER)

    outcome = here.outcome()

    assert outcome.verdict is Verdict.ANSWERED
    assert outcome.first_response == Wait(length=timedelta(seconds=40), ended=True)
    assert outcome.answer == outcome.first_response
    (reply,) = here.world.store.replies([request.id])[request.id]
    assert (reply.evidence, reply.strength) == (MatchEvidence.CONVERSATION, Strength.CERTAIN)


def test_in_a_chat_that_goes_on_for_ever_the_open_request_is_meant(chats: Opening) -> None:
    here = chats("chat")
    here.far.alone = False
    request = here.ask()
    here.forward(seconds=40)
    here.far.say(request, ANSWER)

    assert here.outcome().verdict is Verdict.ANSWERED
    (reply,) = here.world.store.replies([request.id])[request.id]
    assert (reply.evidence, reply.strength) == (MatchEvidence.CONVERSATION, Strength.STRONG)


def test_what_a_machine_says_ends_nobodys_wait(chats: Opening) -> None:
    here = chats("chat")
    request = here.ask()
    here.forward(seconds=1)
    here.far.say(request, ANSWER, author=Author.BOT, by="platform-flag: m.notice")

    assert here.outcome().verdict is Verdict.PENDING
    (reply,) = here.world.store.replies([request.id])[request.id]
    assert reply.kind.automatic


@pytest.mark.parametrize("reason", [VoidReason.OFFLINE, VoidReason.CAPTCHA, VoidReason.RECIPE_BROKEN])
def test_a_way_that_leads_to_nobody_is_void_and_no_silence(chats: Opening, reason: VoidReason) -> None:
    here = chats("chat")
    here.far.shut = reason
    request = here.ask()

    here.forward(hours=2)
    outcome = here.outcome()

    assert (outcome.verdict, outcome.void_reason) == (Verdict.VOID, reason)
    assert request.void_detail == "nobody is there"
    assert [one.what for one in here.news if one.ref == request.public_id] == ["unreachable"]


@pytest.mark.parametrize(
    ("reason", "unmeasured"),
    [(VoidReason.OFFLINE, False), (VoidReason.RECIPE_BROKEN, True), (VoidReason.PROBE_ERROR, True)],
)
def test_an_audit_whose_own_means_failed_says_that_part_was_not_measured(
    chats: Opening, reason: VoidReason, *, unmeasured: bool
) -> None:
    here = chats("chat")
    here.far.shut = reason
    targets = here.world.config.companies["shop"].targets
    campaign = audit.start(here.world, targets, over=timedelta(0), until=None, name="test")

    last = audit.run(here.world, campaign, show=lambda _progress: None)

    assert last.unmeasured is unmeasured


def test_what_a_failed_try_saw_is_kept(chats: Opening) -> None:
    here = chats("chat")
    here.far.shut = VoidReason.OFFLINE
    request = here.ask()
    collect(here.world)

    assert [one.kind for one in here.world.store.moments([request.id])[request.id]] == [MomentKind.OPENED]
    (shown,) = here.world.store.exhibits([request.id])[request.id]
    assert here.world.store.raw(shown.sha256) == b"the door"


def test_the_same_step_seen_twice_is_kept_once(chats: Opening) -> None:
    here = chats("chat")
    request = here.ask()
    for _ in range(2):
        here.far.step(request, MomentKind.QUEUED, "2")
        here.far.show(request, MomentKind.QUEUED, b"a picture")
        collect(here.world)

    moments = here.world.store.moments([request.id])[request.id]
    assert [(one.kind, one.saw) for one in moments if one.kind is MomentKind.QUEUED] == [(MomentKind.QUEUED, "2")]
    assert len(here.world.store.exhibits([request.id])[request.id]) == 1


def test_somebody_who_joins_proves_that_it_arrived(chats: Opening) -> None:
    here = chats("chat")
    request = here.ask()
    assert here.outcome().proof is DeliveryProof.PRESUMED

    here.far.step(request, MomentKind.AGENT_JOINED, "Anna")

    assert here.outcome().proof is DeliveryProof.PROVEN


def test_a_chat_is_watched_until_its_window_has_closed(chats: Opening) -> None:
    here = chats("chat")
    request = here.ask()

    here.forward(minutes=29)
    collect(here.world)
    assert [one.message_id for one in here.far.watched[-1]] == [request.message_id]

    here.forward(minutes=2)
    collect(here.world)
    here.forward(minutes=2)
    assert here.outcome().verdict is Verdict.MISSED
    assert here.far.watched[-1] == []


def test_an_answered_chat_is_watched_for_a_moment_more_and_no_longer(chats: Opening) -> None:
    here = chats("chat")
    request = here.ask()
    here.forward(minutes=1)
    here.far.say(request, ANSWER)
    collect(here.world)

    here.forward(minutes=1)
    collect(here.world)
    assert len(here.far.watched[-1]) == 1

    here.forward(minutes=2)
    collect(here.world)
    collect(here.world)
    assert here.far.watched[-1] == []


def test_a_chat_that_had_to_be_left_is_watched_no_more_and_ends_the_audit(chats: Opening) -> None:
    here = chats("page")
    request = here.ask()
    here.forward(minutes=5)
    here.far.step(request, MomentKind.LEFT, "the browser crashed")

    outcome = here.outcome()
    collect(here.world)

    assert outcome.verdict is Verdict.PENDING
    assert outcome.first_response == Wait(length=5 * MINUTE, ended=False)
    assert here.far.watched[-1] == []
    assert audit.finished(request, outcome)


def test_a_question_is_replied_to_in_the_same_chat(chats: Opening) -> None:
    here = chats("chat")
    request = here.ask()
    here.forward(seconds=50)
    here.far.say(request, "Which product is this about?")
    collect(here.world)
    (reply,) = here.world.store.replies([request.id])[request.id]
    assert reply.kind is MessageKind.QUESTION

    here.forward(seconds=20)
    follow_due(here.world, Sending())

    (ours,) = here.far.replied
    assert "\n" not in ours.body.strip()
    assert ours.subject == ""


def test_what_a_machine_asks_is_replied_to_by_nobody(chats: Opening) -> None:
    here = chats("chat")
    request = here.ask()
    here.forward(seconds=1)
    here.far.say(request, "Which product is this about?", author=Author.BOT)
    collect(here.world)

    follow_due(here.world, Sending())

    assert here.far.replied == []


def due(here: Chat) -> None:
    """Go on until a planned chat is due."""
    tick(here.world)
    (slot,) = here.world.store.slots(state=SlotState.PLANNED)[:1]
    here.clock.forward(max(slot.due_at - here.clock.now(), timedelta(0)))


def test_a_chat_that_ends_with_its_process_is_not_asked_by_a_tick(chats: Opening) -> None:
    here = chats("page")
    due(here)

    done = tick(here.world)

    assert here.far.asked == []
    assert done.sending.sessions == {"visitor": 1}


@pytest.mark.parametrize(("channel", "results"), [("page", ["warning"]), ("chat", [])])
def test_a_schedule_that_no_tick_keeps_is_warned_of(channel: str, results: list[str], chats: Opening) -> None:
    found = check(chats(channel).world)

    assert [one.result for one in found if "never asked" in one.what] == results


def test_a_chat_that_keeps_its_history_is_asked_by_a_tick(chats: Opening) -> None:
    here = chats("chat")
    due(here)

    done = tick(here.world)

    assert len(here.far.asked) == 1
    assert done.sending.sessions == {}


def test_an_audit_of_a_chat_comes_to_its_end_by_itself(chats: Opening) -> None:
    here = chats("page")
    targets = here.world.config.companies["shop"].targets
    campaign = audit.start(here.world, targets, over=timedelta(0), until=None, name="test")

    last = audit.run(here.world, campaign, show=lambda _progress: None)

    assert last.settled
    assert [outcome.verdict for _, outcome in last.requests if outcome] == [Verdict.MISSED]


def test_a_company_that_asks_for_that_in_a_chat_is_left_alone(chats: Opening) -> None:
    here = chats("chat")
    request = here.ask()
    here.far.say(request, "Please don't contact us again.", author=Author.BOT, by="platform-flag: m.notice")
    collect(here.world)
    assert here.world.store.opt_outs() == []  # a machine's house rules

    here.far.say(request, "Please don't contact us again.")
    collect(here.world)

    assert [one.scope for one in here.world.store.opt_outs()] == ["company:shop"]
