"""Two companies asked on a Telegram that is made up, from the config to the verdict: a person answers, a bot does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from slawatch import app
from slawatch.channels.telegram.channel import TelegramChannel
from slawatch.channels.telegram.kept import keep_session
from slawatch.model import MatchEvidence, MessageKind, Request, Strength, Verdict, Writer
from slawatch.testing import FakeClock
from slawatch.usecases import audit
from slawatch.usecases.outcomes import standing
from slawatch.usecases.tick import tick
from slawatch.usecases.world import World
from tests.telegram_stage import ROBOT, ROBOT_NAME, SHOP_NAME, Client, Session, Telegram, settings

CONFIG = f"""
timezone = "Europe/Berlin"
store = "store.sqlite"

[account.main]
channel = "telegram"
api_id = 1
api_hash_env = "MADE_UP_HASH"
phone = "+491700000000"
per_minute = 60

[company.shop]
name = "Shop"
relationship = "own"
language = "en"
probes = ["delivery-time"]
[[company.shop.target]]
channel = "telegram"
address = "{SHOP_NAME}"

[company.acme]
name = "Acme"
relationship = "own"
language = "en"
probes = ["delivery-time"]
[[company.acme.target]]
channel = "telegram"
address = "{ROBOT_NAME}"
"""


@dataclass
class Scene:
    """The far side, and the world that measures; they share a clock."""

    world: World
    telegram: Telegram

    def requests(self) -> dict[str, Request]:
        return {request.company: request for request in self.world.store.requests()}

    def later(self, **length: float) -> None:
        self.telegram.clock.forward(timedelta(**length))
        tick(self.world)


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    monkeypatch.setenv("MADE_UP_HASH", "made up")
    telegram = Telegram(FakeClock())
    monkeypatch.setattr(TelegramChannel, "make_client", lambda _self, _session: Client(telegram))
    config = tmp_path / "config.toml"
    config.write_text(CONFIG, encoding="utf-8")
    keep_session(settings(), "main", tmp_path / "store.sqlite", Session().save())
    with app.world(config, clock=telegram.clock) as world:
        targets = [target for company in world.config.companies.values() for target in company.targets]
        audit.start(world, targets, over=timedelta(0), until=None, name="whole")
        tick(world)
        yield Scene(world, telegram)


def test_an_away_message_and_a_greeting_come_before_the_answer_and_each_counts_for_what_it_is(scene: Scene) -> None:
    assert {name: one.remote_id != "" for name, one in scene.requests().items()} == {"shop": True, "acme": True}
    scene.telegram.says("We are closed, back on Monday.", offline=True)
    scene.telegram.says("3 days. Anything else?", by=ROBOT)
    scene.later(minutes=2)
    scene.telegram.says("Hi")
    scene.later(minutes=3)
    scene.telegram.says("it takes 3-5 days")
    scene.later(minutes=1)
    scene.later(hours=2)

    asked = scene.requests()
    outcomes = {name: standing(scene.world, [request])[request.id] for name, request in asked.items()}
    shop, acme = outcomes["shop"], outcomes["acme"]
    assert (shop.verdict, acme.verdict) == (Verdict.ANSWERED, Verdict.MISSED)
    assert shop.first_response
    assert shop.answer
    assert (shop.first_response.length, shop.answer.length) == (timedelta(minutes=2), timedelta(minutes=5))
    replies: list[Any] = [*scene.world.store.replies([asked["shop"].id])[asked["shop"].id]]
    assert [one.kind for one in replies] == [MessageKind.OUT_OF_OFFICE, MessageKind.INTERIM, MessageKind.ANSWER]
    assert {one.written_by.writer for one in replies} == {Writer.COMPANY}
    assert {(one.evidence, one.strength) for one in replies} == {(MatchEvidence.CONVERSATION, Strength.STRONG)}
    [robot] = scene.world.store.replies([asked["acme"].id])[asked["acme"].id]
    assert (robot.kind, robot.says_machine) == (MessageKind.BOT, False)
