"""Two companies asked on a real server, from the config to the verdict: one answers among others, one never does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from slawatch import app
from slawatch.classify import FASTEST_PERSON_SECONDS
from slawatch.model import MessageKind, Request, Verdict, Writer
from slawatch.testing import FakeClock
from slawatch.usecases import audit
from slawatch.usecases.outcomes import standing
from slawatch.usecases.tick import tick
from slawatch.usecases.world import World
from tests.servers.local import eventually
from tests.servers.mastodon import HANDLE, OURS, MastodonServer, running

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]

CONFIG = """
timezone = "Europe/Berlin"

[account.main]
channel = "mastodon"
handle = "{handle}"
server = "{server}"
access_token_file = "token"
per_minute = 60

[company.shop]
name = "Shop"
relationship = "own"
language = "de"
probes = ["delivery-time"]
[[company.shop.target]]
channel = "mastodon"
address = "@Service@shop.example"

[company.acme]
name = "Acme"
relationship = "own"
language = "de"
probes = ["delivery-time"]
[[company.acme.target]]
channel = "mastodon"
address = "@acme"
"""
ANSWER = "die Lieferung nach Köln dauert drei bis fünf Werktage und kostet 6,90 Euro."


@dataclass
class Scene:
    """The server, and the world that measures; its clock stands still, the server's does not."""

    world: World
    server: MastodonServer
    clock: FakeClock

    def requests(self) -> dict[str, Request]:
        return {request.company: request for request in self.world.store.requests()}

    def later(self, length: timedelta) -> None:
        self.clock.forward(length)
        tick(self.world)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    clock = FakeClock(datetime.now(UTC))
    with running() as server:
        config = tmp_path / "config.toml"
        config.write_text(CONFIG.format(handle=HANDLE, server=server.url), encoding="utf-8")
        token = tmp_path / "token"
        token.write_text(f"token-of-{OURS}\n")
        token.chmod(0o600)
        with app.world(config, clock=clock) as world:
            targets = [target for company in world.config.companies.values() for target in company.targets]
            audit.start(world, targets, over=timedelta(0), until=None, name="whole")
            tick(world)
            yield Scene(world=world, server=server, clock=clock)


def test_the_one_that_answers_is_timed_by_the_server_and_silence_is_proven(scene: Scene) -> None:
    asked = scene.requests()
    posts = {one["id"]: one for one in scene.server.posts(OURS)}
    shop, acme = (posts[asked[name].remote_id.removeprefix("mastodon:")] for name in ("shop", "acme"))
    assert asked["shop"].accepted_at == datetime.fromisoformat(shop["created_at"])
    assert [one["acct"] for one in acme["mentions"]] == ["acme"]

    scene.server.post("troll", f"@{OURS} Die antworten nie.", reply_to=shop["id"])
    soonest = datetime.fromisoformat(shop["created_at"]) + timedelta(seconds=FASTEST_PERSON_SECONDS + 1)
    eventually(lambda: datetime.now(UTC) > soonest, what="time for a person to write", seconds=60)
    answer = scene.server.post("service", f"@{OURS} Guten Tag, {ANSWER}", reply_to=shop["id"])
    told = scene.server.do("GET", "/api/v1/notifications", who=OURS)
    notified_at = next(one["created_at"] for one in told if one["status"]["id"] == answer["id"])
    scene.later(timedelta(minutes=5))
    scene.later(timedelta(days=8))

    outcomes = {name: standing(scene.world, [request])[request.id] for name, request in scene.requests().items()}
    assert (outcomes["shop"].verdict, outcomes["acme"].verdict) == (Verdict.ANSWERED, Verdict.MISSED)
    wait = outcomes["shop"].first_response
    assert wait
    assert wait.length == datetime.fromisoformat(notified_at) - datetime.fromisoformat(shop["created_at"])
    [reply] = [one for one in scene.world.store.replies([asked["shop"].id])[asked["shop"].id] if one.counts]
    assert (reply.kind, reply.written_by.writer) == (MessageKind.ANSWER, Writer.COMPANY)
    assert scene.requests()["acme"].verified_at
    assert len(scene.server.posts(OURS)) == 2


def test_a_silence_that_cannot_be_looked_at_is_no_missed_answer(scene: Scene) -> None:
    asked = scene.requests()["acme"].remote_id.removeprefix("mastodon:")
    scene.server.delete(OURS, asked)

    scene.later(timedelta(days=8))

    outcome = standing(scene.world, [scene.requests()["acme"]])[scene.requests()["acme"].id]
    assert outcome.verdict is Verdict.VOID
