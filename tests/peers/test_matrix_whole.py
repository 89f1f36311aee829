"""Companies asked on a real homeserver, from the config to the verdict: one answers, one never, one by a bridge."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from slawatch import app
from slawatch.classify import FASTEST_PERSON_SECONDS
from slawatch.model import MessageKind, MomentKind, Outcome, Request, Verdict, VoidReason
from slawatch.testing import FakeClock
from slawatch.usecases import audit
from slawatch.usecases.outcomes import standing
from slawatch.usecases.tick import tick
from slawatch.usecases.world import World
from tests.servers.fake_bridge import Portal, portal
from tests.servers.local import eventually
from tests.servers.synapse import Homeserver, Person

CONFIG = """
timezone = "Europe/Berlin"

[account.robin]
channel = "matrix"
user = "{user}"
homeserver = "{server}"
access_token_file = "token"
per_minute = 60

[company.shop]
name = "Shop"
relationship = "own"
language = "de"
probes = ["delivery-time"]
[[company.shop.target]]
channel = "matrix"
address = "{shop}"

[company.acme]
name = "Acme"
relationship = "own"
language = "de"
probes = ["delivery-time"]
[[company.acme.target]]
channel = "matrix"
address = "{acme}"

[company.phone]
name = "Phone"
relationship = "own"
language = "de"
probes = ["delivery-time"]
[[company.phone.target]]
channel = "matrix"
address = "{phone}"
"""


@dataclass
class Scene:
    """The server with everybody on it, and the world that measures; its clock stands still, the server's does not."""

    world: World
    clock: FakeClock
    me: Person
    shop: Person
    acme: Person
    phone: Portal

    def asked(self, company: str) -> Request:
        return next(one for one in self.world.store.requests() if one.company == company)

    def outcome(self, company: str) -> Outcome:
        request = self.asked(company)
        return standing(self.world, [request])[request.id]

    def later(self, length: timedelta) -> None:
        self.clock.forward(length)
        tick(self.world)


@pytest.fixture
def scene(homeserver: Homeserver, tmp_path: Path) -> Iterator[Scene]:
    me, shop, acme = (homeserver.person(name) for name in ("robin", "shop", "acme"))
    phone = portal(homeserver, me, str(me.device.encode().hex()))
    clock = FakeClock(datetime.now(UTC))
    config = tmp_path / "config.toml"
    named = {"user": me.id, "server": homeserver.url, "shop": shop.id, "acme": acme.id, "phone": phone.room}
    config.write_text(CONFIG.format(**named), encoding="utf-8")
    token = tmp_path / "token"
    token.write_text(me.token)
    token.chmod(0o600)
    with app.world(config, clock=clock) as world:
        targets = [target for company in world.config.companies.values() for target in company.targets]
        audit.start(world, targets, over=timedelta(0), until=None, name="whole")
        tick(world)
        yield Scene(world=world, clock=clock, me=me, shop=shop, acme=acme, phone=phone)


def test_a_person_ends_the_wait_and_a_machine_does_not_and_silence_is_missed(scene: Scene) -> None:
    (room,) = scene.shop.invitations()
    scene.shop.join(room)
    scene.shop.say(room, "Danke! Ihre Anfrage ist eingegangen.", kind="m.notice")
    asked_at = scene.asked("shop").accepted_at
    assert asked_at is not None
    soonest = asked_at + timedelta(seconds=FASTEST_PERSON_SECONDS + 1)
    eventually(lambda: datetime.now(UTC) > soonest, what="time for a person to write", seconds=60)
    answer = scene.shop.say(room, "Hallo, die Lieferung dauert drei bis fünf Werktage.")
    stamp = scene.shop.call("GET", "rooms", room, "event", answer)["origin_server_ts"]
    scene.later(timedelta(minutes=5))
    scene.later(timedelta(hours=1))

    outcome = scene.outcome("shop")
    assert outcome.verdict is Verdict.ANSWERED
    assert outcome.first_response is not None
    assert outcome.first_response.length == datetime.fromtimestamp(stamp / 1000, UTC) - asked_at
    assert outcome.acknowledged is not None
    assert outcome.acknowledged < outcome.first_response.length
    replies = scene.world.store.replies([outcome.request_id])[outcome.request_id]
    assert [one.kind for one in replies if one.counts][-1] is MessageKind.ANSWER
    assert scene.outcome("acme").verdict is Verdict.MISSED


def test_over_a_bridge_the_network_is_what_figures_are_given_for(scene: Scene) -> None:
    scene.phone.ghost.say(
        scene.phone.room, "Die Lieferung nach Köln dauert drei bis fünf Werktage und kostet 6,90 Euro."
    )
    scene.later(timedelta(minutes=5))

    asked = scene.asked("phone")
    assert (asked.network, asked.way) == ("whatsapp", "whatsapp")
    assert len(scene.world.store.replies([asked.id])[asked.id]) == 1


def test_what_the_bridge_could_not_bring_is_no_silence_of_the_company(scene: Scene) -> None:
    asked = scene.asked("phone")
    scene.phone.status(asked.remote_id.removeprefix("matrix:"), "FAIL_PERMANENT", message="not on WhatsApp")

    scene.later(timedelta(minutes=5))
    scene.later(timedelta(hours=1))

    outcome = scene.outcome("phone")
    kinds = [one.kind for one in scene.world.store.moments([asked.id])[asked.id]]
    assert MomentKind.UNDELIVERED in kinds
    assert (outcome.verdict, outcome.void_reason) == (Verdict.VOID, VoidReason.BOUNCED)
